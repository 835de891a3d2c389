"""A DLL that was not found: whose it is, and where it might be."""

from __future__ import annotations

import re
from dataclasses import replace

from . import _cures as cures
from . import _links as links
from ._abi import missing_python
from ._conventions import PAIRED
from ._distribution import Distribution
from ._model import Fault, Image, Load
from ._paths import base_name, folder_of
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
from ._scene import Scene, steps
from ._verdict import Diagnosis, Remedy


def missing(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a DLL that was found nowhere on the search list."""
    name = fault.culprit.lower()
    headline = f"{fault.culprit} not found{_needed_by(fault, scene)}"
    diagnosis = replace(
        scene.draft("missing-dll", headline, fault, load),
        summary=_missing_summary(fault, scene),
        chain_end="NOT FOUND",
    )
    owner = _recorded_owner(fault, load, scene)
    if owner is not None:
        return replace(
            diagnosis,
            code="incomplete-installation",
            note=f"RECORD of {owner.title} lists this file: it was installed, and is "
            "gone. Usually an antivirus program, an interrupted upgrade or a copied "
            "folder is the reason.",
            help=(cures.reinstall(owner, scene.host.environment),),
        )
    if re.fullmatch(DEBUG_RUNTIME, name):
        return _debug_runtime(diagnosis, fault, scene)
    if name in BUILD_TOOLS_ONLY:
        return _build_tools_only(diagnosis, fault, scene)
    if name in PRODUCTS:
        return _missing_runtime(diagnosis, fault, scene)
    # The DLL of another Python, wherever it is, is of no use to this one.
    python = missing_python(diagnosis, fault, scene)
    if python is not None:
        return python
    return _elsewhere(diagnosis, fault, scene) or _nowhere(diagnosis, fault, scene)


def _missing_summary(fault: Fault, scene: Scene) -> str:
    event = scene.event(fault.winerror)
    if fault.importer is None:
        return f"{event} The file itself is not there."
    if fault.importer.path is None:
        return f"{event} No folder of the search list holds a file of that name."
    if len(fault.chain) == 2:
        return f"{event} {fault.chain[0].name} is there; a DLL that it imports is not."
    return (
        f"{event} {fault.chain[0].name} is there; the missing file is "
        f"{steps(fault.chain)}."
    )


def _needed_by(fault: Fault, scene: Scene) -> str:
    importer = fault.importer
    if importer is None:
        # The file that was asked for is missing itself.
        return f" (needed by {scene.target})" if scene.target.isidentifier() else ""
    return f" ({'needed by' if importer.path else 'asked of'} {importer.name})"


def _recorded_owner(fault: Fault, load: Load, scene: Scene) -> Distribution | None:
    """Return the distribution whose RECORD lists the file that is not there.

    One that would have put it into a folder which is not searched is no help, unless
    it is the importer's own and finds its folders in a way that is not known here.
    """
    disk = scene.host.process.disk
    importer = _importer_of(fault, scene)
    folders = {folder.path.lower() for folder in load.search}
    for owner, file in scene.host.environment.recorded(fault.culprit):
        searched = folder_of(file.path).lower() in folders
        own = importer is not None and importer.name == owner.name
        if (searched or own or not load.search) and not disk.exists(file.path):
            return owner
    return None


def _importer_of(fault: Fault, scene: Scene) -> Distribution | None:
    return scene.distribution_of(fault.importer.path if fault.importer else None)


def _is_unlisted(owner: Distribution | None, name: str) -> bool:
    """Tell whether RECORD proves that a reinstallation does not bring a file."""
    if owner is None or owner.version is None:
        return False
    return all(base_name(file.path).lower() != name.lower() for file in owner.natives)


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
    owner = _importer_of(fault, scene)
    if owner is not None and _is_unlisted(owner, name):
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


def _debug_runtime(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    importer = fault.importer
    owner = _importer_of(fault, scene)
    who = importer.name if importer else scene.target
    origin = "a debug build of Python" if _is_python(fault) else "Visual Studio"
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


def _is_python(fault: Fault) -> bool:
    return fault.culprit.lower().startswith("python")


def _build_tools_only(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    environment = scene.host.environment
    remedies = []
    owner = _importer_of(fault, scene)
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


def _elsewhere(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis | None:
    """Explain a DLL that is on this machine, in a folder that is not searched."""
    process = scene.host.process
    name = fault.culprit
    places: list[tuple[str | None, Distribution | None]] = []
    places += [(process.disk.find(folder, name), None) for folder in process.path]
    for owner, file in scene.host.environment.recorded(name):
        places.append((process.disk.find(folder_of(file.path), name), owner))
    for place, brought_by in places:
        image = process.disk.image(place) if place else None
        if not place or not isinstance(image, Image) or not process.accepts(image):
            continue
        if brought_by is None:
            where = "on PATH"
            note = "since Python 3.8, PATH does not count for the DLLs of a package."
        else:
            where = "in this environment"
            note = f"{brought_by.title} brought this copy, into a folder that is "
            note += "searched only after somebody adds it."
        return replace(
            diagnosis,
            code="not-on-search-path",
            headline=f"{name} is {where} but not searched{_needed_by(fault, scene)}",
            found=place,
            note=f"{note} Usually this copy is the one that is needed.",
            help=(cures.add_folder(folder_of(place)),),
            links=(links.ADD_FOLDER, links.SEARCH_ORDER),
        )
    return None


def _nowhere(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    importer = fault.importer
    owner = _importer_of(fault, scene)
    if owner is None:
        who, verb = fault.culprit, "install"
        if importer and importer.path:
            who, verb = importer.name, "reinstall"
        return replace(
            diagnosis,
            note="dllguard does not know which product brings this file.",
            help=(Remedy(f"{verb} the product that {who} belongs to"),),
        )
    environment = scene.host.environment
    note = "usually it belongs to another product, or the release forgot it."
    if _is_unlisted(owner, fault.culprit):
        note = (
            f"RECORD of {owner.title} does not list {fault.culprit}, so reinstalling "
            f"{owner.name} does not bring it: {note}"
        )
    return replace(
        diagnosis,
        note=note,
        help=(
            Remedy(
                f"try another release of {owner.name}:",
                (cures.upgrade(environment, owner.name),),
            ),
            Remedy(
                f"or install the product that brings {fault.culprit}; usually the "
                f"documentation of {owner.name} names it"
            ),
        ),
    )
