"""A missing runtime of Microsoft's compilers: which product brings it, for whom."""

from __future__ import annotations

import re
from dataclasses import replace

from . import _cures as cures
from . import _links as links
from ._conventions import PAIRED
from ._model import Fault, Load
from ._redistributables import (
    BUILD_TOOLS_ONLY,
    DEBUG_RUNTIME,
    PRODUCTS,
    RELEASES,
    SIDE_BY_SIDE,
    SINCE,
    V14,
)
from ._runtime import (
    found_runtime,
    installed_runtime,
    lowest_runtime,
    wanted_runtime,
)
from ._scene import Scene
from ._verdict import Diagnosis, Remedy


def debug_runtime(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a debug DLL, which no redistributable contains; None for others."""
    del load
    if not re.fullmatch(DEBUG_RUNTIME, fault.culprit.lower()):
        return None
    importer = fault.importer
    owner = scene.importing(fault)
    who = importer.name if importer else scene.target
    origin = (
        "a debug build of Python"
        if fault.culprit.lower().startswith("python")
        else "Visual Studio"
    )
    ask = f"ask those who built {who} for a release build"
    remedies = [Remedy(ask)]
    if owner is not None:
        command = cures.upgrade(scene.host.environment, owner.name)
        remedies = [
            Remedy(f"try another release of {owner.name}:", (command,)),
            Remedy(f"or {ask}"),
        ]
    return replace(
        diagnosis,
        code="debug-runtime",
        note=f"{fault.culprit} is a debug DLL, which comes with {origin} alone: {who} "
        "was built in debug mode. No Visual C++ redistributable contains it.",
        help=tuple(remedies),
    )


def build_tools_runtime(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL that comes with the build tools alone; None for others."""
    del load
    if fault.culprit.lower() not in BUILD_TOOLS_ONLY:
        return None
    environment = scene.host.environment
    remedies = []
    owner = scene.importing(fault)
    release = (owner.version or "").partition("+")[0] if owner else ""
    if owner is not None and (owner.name, release) == ("torch", "2.4.0"):
        # 2.4.1 no longer imports it (pytorch/pytorch#131662).
        paired = [n for n in PAIRED if environment.distribution(n) is not None]
        command = cures.upgrade(environment, "torch==2.4.1", *paired)
        text = f"take torch 2.4.1, which does not need it{cures.index(owner)}:"
        remedies.append(Remedy(text, (command,)))
    elif owner is not None:
        command = cures.upgrade(environment, owner.name)
        remedies.append(
            Remedy(
                f"try another release of {owner.name}{cures.index(owner)}:", (command,)
            )
        )
    remedies.append(
        Remedy(
            f"{'or ' if remedies else ''}install the build tools of Visual Studio, "
            "which bring the file (a large download; needs administrator rights):",
            (
                (
                    "winget install --id Microsoft.VisualStudio.2022.BuildTools -e "
                    '--override "--passive --wait '
                    '--add Microsoft.VisualStudio.Component.VC.Tools.x86.x64"'
                ),
            ),
        )
    )
    return replace(
        diagnosis,
        code="missing-build-tools-runtime",
        note=f"{fault.culprit} comes with the C++ build tools of Visual Studio. No "
        "Visual C++ redistributable contains it, so installing one does not help; "
        "nor does another vendor's OpenMP DLL under this name.",
        help=tuple(remedies),
    )


def redistributable_runtime(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL that a Visual C++ redistributable brings; None for others."""
    del load
    name = fault.culprit.lower()
    if name not in PRODUCTS:
        return None
    product = PRODUCTS[name]
    machine = scene.host.process.machine
    remedies = [*cures.redistributable(product, machine)]
    note = f"{fault.culprit} is part of the {product.name}."
    wanted = product.name.removeprefix("the ")
    found = None
    if product is V14:
        environment = scene.host.environment
        if scene.host.live and environment.prefix == environment.base_prefix:
            remedies.append(cures.runtime_wheel(environment))
        lowest = lowest_runtime(fault, scene)
        wanted = wanted_runtime(lowest, scene)
        found = found_runtime(scene)
        since = SINCE.get(name)
        if since is not None:
            note = (
                f"this file came with runtime {since[0]}.{since[1]} "
                f"({RELEASES[since]}), so programs built with older tools run "
                "without it."
            )
        installed = installed_runtime(scene)
        if installed is not None and installed[1][:2] >= (lowest or (14, 0)):
            note += (
                " The runtime that is installed should have it: if its installer "
                "says that all is there, choose Repair."
            )
    elif product in SIDE_BY_SIDE:
        note += (
            " Windows keeps it in its side-by-side store, where dllguard does not "
            "look: if that product is installed, the cause is another."
        )
    owner = scene.importing(fault)
    if owner is not None and owner.is_without(name):
        note += f" It is not part of {owner.name}: reinstalling {owner.name} does not "
        note += "bring it."
    return replace(
        diagnosis,
        code="missing-vc-runtime",
        wanted=wanted,
        found=found,
        note=note,
        help=tuple(remedies),
        links=(links.REDISTRIBUTABLES,),
    )
