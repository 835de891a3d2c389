"""Files for another architecture: who brought them, and where they hide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .._model import Fault, Image, Link, Load, machine_name
from .._packages._distribution import Distribution
from .._paths import base_name, folder_of
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._known_folders import PRODUCT_FOLDERS
from .._verdict import Diagnosis, Remedy
from ._missing_product import own_ways, product_of
from ._origin import listed, origin_of
from ._scene import Scene

_STAYS = "adding its folder to the search list, or its full path: the type of a file "
_STAYS += "stays the same"


def wrong_copy_alone(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL of which this machine has a copy for another architecture only.

    A package that loads a DLL by ctypes may try again in another way when the first
    one ends in 193, and then shows the 126 of the second (oaubert/python-vlc#140).

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None where there is no such copy.
    """
    process = scene.host.process
    name = base_name(fault.culprit)
    found = (process.disk.find(folder, name) for folder in _folders(load, scene))
    for path in filter(None, found):
        image = process.disk.image(path)
        if isinstance(image, Image) and not process.accepts(image):
            break
    else:
        return None
    theirs, ours = machine_name(image.machine), machine_name(process.machine)
    summary = f"{scene.event(fault.winerror)} A copy for {theirs} is on this machine, "
    summary += f"which a process for {ours} cannot load."
    told = replace(
        diagnosis,
        code="wrong-architecture",
        headline=f"{name} is {theirs}, this Python is {ours}{scene.needed_by(fault)}",
        summary=summary,
        chain=(*fault.chain[:-1], Link(fault.culprit, path)),
        chain_end=f"IS {theirs}, PYTHON IS {ours}",
        wanted=ours,
        found=f"{theirs} ({path})",
        searched=(),
    )
    note = ""
    if fault.importer is None or fault.importer.path is None:
        note = "usually the package tried this copy first, which ends in WinError 193, "
        note += "and then by another way; the message is of that last attempt."
        if folder_of(load.path):
            note = note[:-1] + f", {load.path}, where no file is."
    return with_build(told, fault, scene, note=note)


def with_build(
    diagnosis: Diagnosis, fault: Fault, scene: Scene, note: str = ""
) -> Diagnosis:
    """Add where a file comes from in the architecture of this Python.

    :param note: what is to be said before.
    """
    ours = machine_name(scene.host.process.machine)
    product = product_of(base_name(fault.culprit), scene)
    if product is None:
        ways: tuple[Remedy, ...] = (
            Remedy(f"install the {ours} build of what {fault.culprit} belongs to"),
        )
        in_vain: tuple[str, ...] = (_STAYS,)
    else:
        ways, in_vain = own_ways(product, scene), (_STAYS, *product.in_vain)
    return replace(diagnosis, note=note or None, help=ways, will_not_help=in_vain)


def foreign(base: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis | None:
    """Explain a loaded file for another architecture by whose it is.

    :param base: what is said of any such file.
    :param fault: the file, without an importer.
    :param scene: host, target and distributions.
    :returns: None for a DLL of no package and no folder of Python.
    """
    path = fault.path or ""
    owner, origin = scene.owner_of(path), origin_of(path, scene)
    theirs = machine_name(fault.machine or 0)
    ours = machine_name(scene.host.process.machine)
    if owner is None and not path.lower().endswith(".pyd"):
        return None
    name = owner.title if owner is not None else fault.culprit
    told = replace(
        base,
        code="package-wrong-architecture" if owner is not None else base.code,
        headline=f"{name} is for {theirs}, this Python is {ours}",
        searched=(),
    )
    with_theirs = Remedy(f"use a Python for {theirs}: {links.PYTHON_DOWNLOADS}")
    if origin is None:
        if owner is None:
            return None
        return _of_package(told, fault, owner, with_theirs, scene)
    # What only strayed here is not to be served.
    helped = listed(origin, with_theirs) if origin.is_meant else origin.help
    in_vain = origin.will_not_help
    if cures.is_conda(scene.host.environment):
        in_vain += ("conda install: what conda brings is looked at later",)
    return replace(
        told,
        summary=f"{scene.event(fault.winerror)} {fault.culprit} was built for another "
        "architecture.",
        note=f"{origin.why}.",
        help=helped,
        will_not_help=in_vain,
    )


def _of_package(
    told: Diagnosis, fault: Fault, owner: Distribution, theirs: Remedy, scene: Scene
) -> Diagnosis:
    environment = scene.host.environment
    ours = machine_name(scene.host.process.machine)
    if owner.version is None:
        # A name without metadata is none that pip may be asked for.
        return replace(
            told,
            summary=f"{scene.event(fault.winerror)} {fault.culprit} was built for "
            "another architecture.",
            note="no metadata tell where it comes from: usually it was copied here.",
            help=(Remedy(f"install the {ours} build in its place"), _or(theirs)),
        )
    if _others_fit(fault, owner, scene):
        other = machine_name(fault.machine or 0)
        return replace(
            told,
            headline=f"{fault.culprit} of {owner.title} is {other}, the rest is {ours}",
            summary=f"{scene.event(fault.winerror)} One file of the package was built "
            "for another architecture than the others.",
            note=f"this release of {owner.name} was put together wrongly, or another "
            "program has exchanged the file. A reinstallation that ends in the same "
            "error proves the first.",
            help=(
                cures.reinstall(owner, environment),
                Remedy(
                    f"or take another release of {owner.name}:",
                    (cures.upgrade(environment, owner.name),),
                ),
            ),
            will_not_help=(
                f"another Python: then the other files of {owner.name} do not fit",
            ),
        )
    return replace(
        told,
        summary=f"{scene.event(fault.winerror)} The package was built for another "
        "architecture.",
        note="pip chooses the right build by itself. Usually the folder was copied "
        "from another Python, or is shared with one through PYTHONPATH.",
        help=(
            cures.reinstall(owner, environment),
            replace(theirs, text=f"if pip finds no release for {ours}: {theirs.text}"),
        ),
    )


def _or(remedy: Remedy) -> Remedy:
    return replace(remedy, text=f"or {remedy.text}")


def _others_fit(fault: Fault, owner: Distribution, scene: Scene) -> bool:
    process = scene.host.process
    images = [
        process.disk.image(file.path)
        for file in owner.natives
        if file.path != fault.path and process.disk.exists(file.path)
    ]
    known = [image for image in images if isinstance(image, Image)]
    return bool(known) and all(map(process.accepts, known))


def _folders(load: Load, scene: Scene) -> Iterator[str]:
    """Yield where a copy of a product is expected, those that are searched first."""
    process = scene.host.process
    yield from (folder.path for folder in load.search)
    yield from process.path
    if process.current:
        yield process.current
    drive = folder_of(process.windows)
    for pattern in PRODUCT_FOLDERS:
        yield from sorted(process.disk.matching(drive, pattern), reverse=True)
