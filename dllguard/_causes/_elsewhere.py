"""A missing DLL that is on this machine, in a folder that is not searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .._model import Fault, Image, Load, machine_name, version_text
from .._packages._distribution import Distribution
from .._paths import folder_of
from .._remedies import _folder_cures as cures
from .._tables import _links as links
from .._tables._known_folders import CONDA_FOLDERS
from .._verdict import Diagnosis, Remedy
from ._copies import Copy, copies
from ._needed_copies import NeededCopies, needed_copies
from ._scene import Scene
from ._unsearched import in_vain, is_on_path, manner_of, why


def elsewhere(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL that is on this machine, in a folder that is not searched."""
    copy = next(iter(copies(fault, load, scene)), None)
    if copy is None:
        return None
    manner = manner_of(fault, load, scene)
    if manner == "place":
        return _asked_by_path(diagnosis, load.path, copy, scene)
    found = needed_copies(load, scene)
    pages = (links.ADD_FOLDER,) if manner == "added" else ()
    return replace(
        diagnosis,
        code="not-on-search-path",
        headline=f"{fault.culprit} is {_where(copy, scene)} but not searched"
        f"{scene.needed_by(fault)}",
        found=_described(copy, scene),
        note=" ".join(_note(copy, found, fault, load, scene)),
        help=tuple(_first_without_or(_remedies(copy, found, fault, load, scene))),
        will_not_help=tuple(in_vain(copy, fault, load, scene)),
        links=(*pages, links.SEARCH_ORDER),
    )


def _where(copy: Copy, scene: Scene) -> str:
    if copy.kind in ("own", "package", "conda"):
        return "in this environment"
    return "on PATH" if is_on_path(copy, scene) else "on this machine"


def _described(copy: Copy, scene: Scene) -> str:
    """Return path, version and machine type of a copy."""
    disk = scene.host.process.disk
    image, version = disk.image(copy.path), disk.version(copy.path)
    facts = [version_text(version)] if version else []
    facts += [machine_name(image.machine)] if isinstance(image, Image) else []
    return f"{copy.path} ({', '.join(facts)})"


def _note(
    copy: Copy, found: NeededCopies, fault: Fault, load: Load, scene: Scene
) -> Iterator[str]:
    yield why(copy, fault, load, scene)
    if found.left is not None:
        yield f"Even with it, {found.left.culprit} stops the load."
    elif copy.proven and fault.importer is not None:
        yield (
            f"The copy exports all that {fault.importer.name} asks of it; with it, the "
            "files show no further fault."
        )
    else:
        yield "Usually this copy is the one that is needed."


def _first_without_or(remedies: Iterable[Remedy]) -> Iterator[Remedy]:
    for i, remedy in enumerate(remedies):
        text = remedy.text if i else remedy.text.removeprefix("or ")
        yield replace(remedy, text=text)


def _remedies(
    copy: Copy, found: NeededCopies, fault: Fault, load: Load, scene: Scene
) -> Iterator[Remedy]:
    manner = manner_of(fault, load, scene)
    environment = scene.host.environment
    if copy.kind == "own" and environment.is_conda(environment.prefix):
        yield from cures.taken_from_conda(copy.owner, environment)
    if manner == "loaded":
        yield cures.load_before(c.path for c in found.copies)
    elif manner == "added":
        yield cures.add_folders(found.folders)
    else:
        if copy.kind == "conda":
            yield cures.activate(copy.name)
        yield cures.extend_path(found.folders)
    if fault.importer is not None and fault.importer.name == "ctypes":
        yield cures.load_by_full_path(copy.path)
    if copy.kind == "conda" and manner == "added":
        is_venv = environment.prefix != environment.base_prefix
        yield (
            cures.environment_of_conda(environment)
            if is_venv
            else cures.newer_python_of_conda(copy.name)
        )
    if copy.kind == "own" and copy.owner is not None:
        yield cures.another_release(copy.owner, environment)


def _asked_by_path(
    diagnosis: Diagnosis, asked: str, copy: Copy, scene: Scene
) -> Diagnosis:
    """Explain a file that was asked for by its full path, and lies elsewhere."""
    environment = scene.host.environment
    owner = copy.owner
    tried = ["adding folders to the search list or to PATH: the path was full"]
    if owner is not None and _is_of_conda(asked, owner, scene):
        note = (
            f"in a conda environment {owner.name} asks for the place where conda's own "
            f"package puts this file. {owner.title} was installed with "
            f"{owner.installer or 'pip'} and has its copy elsewhere."
        )
        remedies = [
            *cures.taken_from_conda(owner, environment),
            cures.another_release(owner, environment),
        ]
        tried.append(f"reinstalling {owner.title} with pip")
    else:
        note = (
            "it was asked for by its full path, so that no other folder was looked at."
        )
        remedies = [cures.load_by_full_path(copy.path)]
        if owner is not None:
            remedies.append(cures.another_release(owner, environment))
    return replace(
        diagnosis,
        code="not-on-search-path",
        headline=f"{diagnosis.culprit} is not where it was asked for, but elsewhere",
        wanted=asked,
        found=_described(copy, scene),
        searched=(),
        note=note,
        help=tuple(_first_without_or(remedies)),
        will_not_help=tuple(tried),
        links=(links.SEARCH_ORDER,),
    )


def _is_of_conda(asked: str, owner: Distribution, scene: Scene) -> bool:
    """Tell whether a wheel asks for a file of conda's, which conda did not bring."""
    environment = scene.host.environment
    prefix = environment.prefix
    if not environment.is_conda(prefix) or owner.installer == "conda":
        return False
    folders = (f"{prefix}/{row}" for row in CONDA_FOLDERS)
    plain = [f.replace("\\", "/").lower() for f in (folder_of(asked), *folders)]
    return plain[0] in plain[1:]
