"""A missing DLL that its package, a package of conda or Python itself should bring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .._model import Fault, Load
from .._packages._conda import CondaPackage
from .._packages._distribution import Distribution
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._bundled import OF_PYTHON, PARTS, BundledPart
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

_BUILT_OTHERWISE = (
    "taking the file from another product or from the web: it was built otherwise"
)


def missing_part(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL that comes with whoever needs it.

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None for a DLL that is not known, of an importer that conda did not bring.
    """
    del load
    part = _part_of(fault, PARTS)
    conda = _conda_owner(fault, scene)
    if conda is not None:
        part = part or _part_of(fault, OF_PYTHON)
        found = _of_conda(diagnosis, conda, part, scene)
    elif part is not None:
        found = _of_package(diagnosis, fault, part, scene)
    else:
        part = _part_of(fault, OF_PYTHON)
        owner = scene.importing(fault)
        if part is None or owner is not None:
            return None
        found = _of_python(diagnosis, part, scene)
    return replace(found, will_not_help=(_BUILT_OTHERWISE,))


def _part_of(fault: Fault, parts: tuple[BundledPart, ...]) -> BundledPart | None:
    name = fault.culprit.lower()
    return next((part for part in parts if re.fullmatch(part.files, name)), None)


def _conda_owner(fault: Fault, scene: Scene) -> CondaPackage | None:
    path = fault.importer.path if fault.importer else None
    environment = scene.host.environment
    owners = environment.conda_owners(environment.prefix, path) if path else ()
    return next(iter(owners), None)


def _of_conda(
    diagnosis: Diagnosis,
    owner: CondaPackage,
    part: BundledPart | None,
    scene: Scene,
) -> Diagnosis:
    """Explain what a conda package needs of another one."""
    environment = scene.host.environment
    prefix = environment.prefix
    place = f"conda install -p {cures.quoted(prefix)}"
    installed = {package.name for package in environment.conda_packages(prefix)}
    wanted = [name for name in map(_name_of, owner.depends) if name]
    absent = [name for name in wanted if name not in installed]
    brings = part.conda if part else ""
    if brings in installed:
        note = f"the conda package {brings} should bring it, and is installed."
        helped = [
            Remedy(f"install {brings} again:", (f"{place} --force-reinstall {brings}",))
        ]
    elif brings:
        note = f"the conda package {brings} brings it, which this environment does not "
        note += f"have; the record of {owner.title} "
        note += "requires it." if brings in wanted else "does not require it."
        helped = [Remedy(f"install {brings}:", (f"{place} {brings}",))]
    elif absent:
        names = ", ".join(absent)
        note = f"the record of {owner.title} requires packages that this environment "
        note += f"does not have: {names}. Usually one of them brings it."
        helped = [Remedy("install what is required:", (f"{place} {' '.join(absent)}",))]
    else:
        note = f"all that the record of {owner.title} requires is installed. Usually "
        note += "the package forgot to require the one that brings the file."
        helped = []
    lead = "or " if helped else ""
    update = f"conda update -p {cures.quoted(prefix)} {owner.name}"
    return replace(
        diagnosis,
        note=note,
        help=(*helped, Remedy(f"{lead}try another build of {owner.name}:", (update,))),
    )


def _name_of(requirement: str) -> str:
    """Return the package of a requirement; "" for a fact of the system (`__win`)."""
    name = requirement.partition(" ")[0]
    return "" if name.startswith("__") else name


def _of_package(
    diagnosis: Diagnosis, fault: Fault, part: BundledPart, scene: Scene
) -> Diagnosis:
    """Explain what a package forgot to bring."""
    owner = scene.importing(fault)
    note = f"{fault.culprit} is part of {part.title}. A package that needs it brings "
    note += "a copy of its own"
    if owner is not None and owner.is_without(fault.culprit):
        note += (
            f"; RECORD of {owner.title} has none: usually this release forgot it. "
            "Reinstalling the same release does not bring it."
        )
    else:
        note += ": usually this build forgot it."
    return replace(diagnosis, note=note, help=tuple(_help(owner, fault, scene)))


def _help(owner: Distribution | None, fault: Fault, scene: Scene) -> Iterator[Remedy]:
    environment = scene.host.environment
    who = fault.importer.name if fault.importer else scene.target
    if owner is None:
        yield Remedy(f"take another build of the product that {who} belongs to")
        yield Remedy(
            f"or, if you built {who} yourself, put the DLLs of your compiler and of "
            "what you linked to beside it"
        )
        return
    where = cures.index(owner)
    yield Remedy(
        f"try the newest release of {owner.name}{where}:",
        (cures.upgrade(environment, owner.name),),
    )
    if owner.version:
        python = cures.python(environment.executable)
        yield Remedy(
            f"or the release before this one{where}:",
            (f'{python} -m pip install "{owner.name}<{owner.version}"',),
        )


def _of_python(diagnosis: Diagnosis, part: BundledPart, scene: Scene) -> Diagnosis:
    environment = scene.host.environment
    note = f"it is part of {part.title}, which modules of Python itself need."
    if cures.is_conda(environment):
        command = f"conda install --force-reinstall {part.conda}"
        return replace(
            diagnosis, note=note, help=(Remedy("install it again:", (command,)),)
        )
    repair = "repair this Python: Settings, Apps, Python, Modify, Repair"
    if environment.kind == "embeddable":
        repair = f"unpack the embeddable package again: {links.PYTHON_DOWNLOADS}"
    return replace(diagnosis, note=note, help=(Remedy(repair),))
