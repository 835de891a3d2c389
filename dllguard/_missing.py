"""A DLL that was not found: whose it is, and where it might be."""

from __future__ import annotations

import re
from dataclasses import replace

from . import _cures as cures
from . import _links as links
from ._conventions import PAIRED
from ._disk import folder_of
from ._environment import Distribution
from ._model import Diagnosis, Fault, Image, Load, Remedy, version_text
from ._redistributables import (
    BUILD_TOOLS_ONLY,
    DEBUG_RUNTIME,
    PRODUCTS,
    RELEASES,
    SINCE,
    V14,
)
from ._runtime import installed_runtime, lowest_runtime, wanted_runtime
from ._scene import Scene, steps


def missing(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a DLL that was found nowhere on the search list."""
    name = fault.culprit.lower()
    importer = fault.importer.name if fault.importer else scene.target
    headline = f"{fault.culprit} not found (needed by {importer})"
    diagnosis = replace(
        scene.draft("missing-dll", headline, fault, load),
        summary=_missing_summary(fault, scene),
        chain_end="NOT FOUND",
    )
    owner = _recorded_owner(fault, scene)
    if owner is not None:
        return replace(
            diagnosis,
            code="incomplete-installation",
            note=f"RECORD of {owner.title} lists this file, so the installation of "
            f"{owner.name} is incomplete.",
            help=(cures.reinstall(owner, scene.host.environment),),
        )
    if re.fullmatch(DEBUG_RUNTIME, name):
        return _debug_runtime(diagnosis, fault, scene)
    if name in BUILD_TOOLS_ONLY:
        return _build_tools_only(diagnosis, fault, scene)
    if name in PRODUCTS:
        return _missing_runtime(diagnosis, fault, scene)
    return _elsewhere(diagnosis, fault, scene) or _nowhere(diagnosis, fault, scene)


def _missing_summary(fault: Fault, scene: Scene) -> str:
    event = scene.event(fault.winerror)
    if len(fault.chain) == 1:
        return f"{event} The file itself is not there."
    if len(fault.chain) == 2:
        return f"{event} {fault.chain[0].name} is there; a DLL that it imports is not."
    return (
        f"{event} {fault.chain[0].name} is there; the missing file is "
        f"{steps(fault.chain)}."
    )


def _recorded_owner(fault: Fault, scene: Scene) -> Distribution | None:
    """Return the distribution whose RECORD lists the file that is not there.

    A file that is there in some other folder of the distribution is another matter.
    """
    disk = scene.host.process.disk
    for owner, file in scene.host.environment.recorded(fault.culprit):
        if not disk.exists(file.path):
            return owner
    return None


def _missing_runtime(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    name = fault.culprit.lower()
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
        wanted = wanted_runtime(lowest_runtime(fault, scene), scene)
        runtime = installed_runtime(scene)
        found = f"{version_text(runtime[1])} ({runtime[0]})" if runtime else "none"
        since = SINCE.get(name)
        if since is not None:
            note = (
                f"this file came with runtime {since[0]}.{since[1]} "
                f"({RELEASES[since]}), so programs built with older tools run "
                "without it."
            )
    owner = scene.distribution_of(fault.importer.path if fault.importer else None)
    if owner is not None:
        note += f" It is not part of {owner.name}: reinstalling {owner.name} "
        note += "does not bring it."
    return replace(
        diagnosis,
        code="missing-vc-runtime",
        wanted=wanted,
        found=found,
        note=note,
        help=tuple(remedies),
        links=(links.REDISTRIBUTABLES,),
    )


def _debug_runtime(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    importer = fault.importer
    owner = scene.distribution_of(importer.path if importer else None)
    who = owner.title if owner else (importer.name if importer else fault.culprit)
    remedies = []
    if owner is not None:
        remedies.append(cures.reinstall(owner, scene.host.environment))
    remedies.append(
        Remedy(f"if that brings the same file: ask for a release build of {who}")
    )
    return replace(
        diagnosis,
        code="debug-runtime",
        note=f"{fault.culprit} is the debug version of a runtime DLL. It comes with "
        f"Visual Studio alone and may not be passed on: {who} was built in debug "
        "mode. No redistributable has it.",
        help=tuple(remedies),
    )


def _build_tools_only(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    environment = scene.host.environment
    remedies = []
    owner = scene.distribution_of(fault.importer.path if fault.importer else None)
    if owner is not None and (owner.name, owner.version) == ("torch", "2.4.0"):
        # 2.4.1 no longer imports it (pytorch/pytorch#131662).
        paired = [n for n in PAIRED if environment.distribution(n) is not None]
        command = cures.upgrade(environment, "torch==2.4.1", *paired)
        remedies.append(Remedy("take torch 2.4.1, which does not need it:", (command,)))
    elif owner is not None:
        command = cures.upgrade(environment, owner.name)
        remedies.append(Remedy(f"take another release of {owner.name}:", (command,)))
    remedies.append(
        Remedy(
            "or install the build tools of Visual Studio, which bring the file:",
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


def _elsewhere(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis | None:
    """Explain a DLL that is on this machine, in a folder that is not searched."""
    process = scene.host.process
    name = fault.culprit
    places = [process.disk.find(folder, name) for folder in process.path]
    places += [file.path for _, file in scene.host.environment.recorded(name)]
    for place in places:
        image = process.disk.image(place) if place else None
        if not place or not isinstance(image, Image) or not process.accepts(image):
            continue
        on_path = folder_of(place) in process.path
        where = "on PATH" if on_path else "in this environment"
        note = f"the file is {where}, in a folder that is not searched."
        if on_path:
            note += " Since Python 3.8, PATH does not count for the DLLs of a package."
        return replace(
            diagnosis,
            code="not-on-search-path",
            headline=f"{name} is {where} but not searched "
            f"(needed by {diagnosis.chain[-2].name})",
            found=place,
            note=note,
            help=(cures.add_folder(folder_of(place)),),
            links=(links.ADD_FOLDER, links.SEARCH_ORDER),
        )
    return None


def _nowhere(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    importer = fault.importer
    owner = scene.distribution_of(importer.path if importer else None)
    if owner is None:
        who = importer.name if importer else fault.culprit
        return replace(
            diagnosis,
            note="no table of dllguard knows which product brings this file.",
            help=(Remedy(f"install the product that {who} belongs to, completely"),),
        )
    environment = scene.host.environment
    return replace(
        diagnosis,
        note=f"RECORD of {owner.title} does not list the file, so reinstalling "
        f"{owner.name} does not bring it: usually it belongs to another product, or "
        "the release forgot it.",
        help=(
            Remedy(
                f"try another release of {owner.name}:",
                (cures.upgrade(environment, owner.name),),
            ),
            Remedy(
                f"or install the product that brings {fault.culprit}; the "
                f"documentation of {owner.name} names it"
            ),
        ),
    )
