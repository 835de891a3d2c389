"""A missing runtime of Microsoft's compilers: which product brings it, for whom."""

from __future__ import annotations

import re
from dataclasses import replace

from .._model import Fault, Load, machine_name
from .._packages._distribution import Distribution
from .._paths import folder_of
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._conventions import PARTNER_RELEASES
from .._tables._redistributables import (
    BUILD_TOOLS_ONLY,
    DEBUG_RUNTIME,
    PRODUCTS,
    RELEASES,
    SIDE_BY_SIDE,
    SINCE,
    V14,
)
from .._verdict import Diagnosis, Remedy
from ._runtime import (
    found_runtime,
    installed_runtime,
    lowest_runtime,
    wanted_runtime,
)
from ._runtime_cures import (
    in_order,
    in_vain,
    installation,
    other_release,
    serves_others,
    without_rights,
)
from ._scene import Scene


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
        will_not_help=(
            "installing a Visual C++ redistributable",
            "giving the release DLL the name of the debug one",
        ),
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
        paired = [n for n in PARTNER_RELEASES if environment.distribution(n)]
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
        "Visual C++ redistributable contains it.",
        help=tuple(remedies),
        will_not_help=(
            "installing a Visual C++ redistributable",
            "giving another vendor's OpenMP DLL (libiomp5md.dll, libomp.dll) this name",
            "taking the file from a DLL site",
        ),
    )


def redistributable_runtime(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL that a Visual C++ redistributable brings; None for others."""
    name = fault.culprit.lower()
    if name not in PRODUCTS:
        return None
    product = PRODUCTS[name]
    note = f"{fault.culprit} is part of the {product.name}."
    wanted = product.name.removeprefix("the ")
    owner = scene.importing(fault)
    found = None
    helped = installation(product, scene)
    if product is V14:
        lowest = lowest_runtime(fault, scene)
        wanted = wanted_runtime(lowest, scene)
        found = found_runtime(scene)
        helped = _ways(name, owner, lowest, load, scene)
        since = SINCE.get(name)
        if since is not None:
            note = (
                f"this file came with runtime {since[0]}.{since[1]} "
                f"({RELEASES[since]}), so programs built with older tools run "
                "without it."
            )
        installed = installed_runtime(scene)
        system = scene.host.process.system.lower()
        if (
            installed is not None
            and folder_of(installed[0]).lower() == system
            and installed[1][:2] >= (lowest or (14, 0))
        ):
            note += (
                " The runtime that is installed should have it: if its installer "
                "says that all is there, choose Repair."
            )
    elif product in SIDE_BY_SIDE:
        note += (
            " Windows keeps it in its side-by-side store, where dllguard does not "
            "look: if that product is installed, the cause is another."
        )
    if owner is not None and owner.is_without(name):
        note += f" It is not part of {owner.name}."
    other = serves_others(fault.culprit, scene)
    if other is not None:
        machine = machine_name(scene.host.process.machine)
        note += f" The copy in {folder_of(other)} is for another architecture: a "
        note += f"process that is {machine} does not get it."
    return replace(
        diagnosis,
        code="missing-vc-runtime",
        wanted=wanted,
        found=found,
        note=note,
        help=helped,
        will_not_help=tuple(in_vain(name, owner, scene)),
        links=(links.REDISTRIBUTABLES,),
    )


def _ways(
    name: str,
    owner: Distribution | None,
    lowest: tuple[int, int] | None,
    load: Load,
    scene: Scene,
) -> tuple[Remedy, ...]:
    """Return the ways to a part of the v14 runtime, or round it, easiest first."""
    remedies = [*installation(V14, scene)]
    searched = {folder.path.lower() for folder in load.search}
    own = without_rights(name, lowest, searched, scene)
    if own is not None:
        # Within conda it is one command, without a download by hand.
        remedies.insert(0 if cures.is_conda(scene.host.environment) else 2, own)
    other = other_release(owner, scene) if owner is not None else None
    if other is not None:
        remedies.insert(0 if other[1] else len(remedies), other[0])
    return in_order(remedies)
