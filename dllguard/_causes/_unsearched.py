"""Why the folder of a copy is not searched, and what makes a Python search it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from .._model import Fault, Load, Role
from .._paths import base_name, folder_of
from .._tables._known_folders import IN_VAIN
from ._copies import Copy, importing_owner
from ._scene import Scene

Manner = Literal["added", "path", "loaded", "place"]
"""What gets the copy found: its folder is added, or put on PATH; it is loaded before;
or nothing but another place on disk."""


def manner_of(fault: Fault, load: Load, scene: Scene) -> Manner:
    """Tell what gets a DLL found that lies in a folder not searched.

    :param fault: the DLL that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    """
    if fault.importer is None and folder_of(load.path):
        return "place"
    if scene.host.process.packaged and scene.host.environment.version < (3, 8):
        return "loaded"
    searches_path = any(folder.role is Role.WINDOWS for folder in load.search)
    return "path" if searches_path and not load.retried_with_path else "added"


def why(copy: Copy, fault: Fault, load: Load, scene: Scene) -> str:
    """Say why the folder of a copy is not searched.

    :param copy: the copy.
    :param fault: the DLL that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    """
    manner = manner_of(fault, load, scene)
    if copy.kind == "below":
        return _why_below(copy)
    if copy.kind == "conda":
        return _why_conda(copy, manner, scene)
    if manner == "loaded":
        return (
            "this Python comes from the Microsoft Store: for such a program Windows "
            "searches no folder of PATH."
        )
    if manner == "path":
        return _why_not_on_path(copy, load)
    if copy.owner is not None:
        return _why_owned(copy, copy.owner.title)
    return _why_outside(copy, scene)


def _why_not_on_path(copy: Copy, load: Load) -> str:
    if _plain(copy.folder) == _plain(folder_of(load.path)):
        return (
            f"the copy lies beside {base_name(load.path)}, where a plain LoadLibrary "
            "does not look; before Python 3.8, ctypes makes such a call. It looks on "
            "PATH."
        )
    return "its folder is not on PATH, which this load does search."


def _why_below(copy: Copy) -> str:
    last = copy.folder[len(copy.name.rstrip("\\/")) + 1 :].replace("/", "\\")
    return (
        f"{copy.name} was added to the search list, but the DLL lies in the folder "
        f"{last} in it: folders below do not count."
    )


def _why_conda(copy: Copy, manner: Manner, scene: Scene) -> str:
    environment = scene.host.environment
    if manner == "path":
        return (
            f"the conda environment {copy.name} is not activated: this Python finds "
            "its DLLs through PATH, which `conda activate` sets."
        )
    if environment.prefix != environment.base_prefix:
        return (
            "this virtual environment was made from the conda environment "
            f"{copy.name}, and does not search the folders where conda has its DLLs."
        )
    return (
        f"it belongs to the conda environment {copy.name}, whose Python does not "
        "search this folder by itself, as later builds of it do."
    )


def _why_owned(copy: Copy, title: str) -> str:
    if copy.kind == "own":
        return (
            f"{title} brought this copy itself, into a folder that is searched only "
            "after somebody adds it; nobody did."
        )
    return (
        f"{title} brought this copy, into a folder that is searched only after "
        "somebody adds it."
    )


def _why_outside(copy: Copy, scene: Scene) -> str:
    on_path = is_on_path(copy, scene)
    if on_path and scene.host.process.packaged:
        return "a Python from the Microsoft Store never searches PATH for DLLs."
    if on_path:
        return (
            "since Python 3.8, PATH does not count for the DLLs of a package; `where` "
            "and other programs do find it there."
        )
    if copy.kind == "variable":
        return f"the variable {copy.name} leads to it, which the loader does not read."
    if copy.kind == "user":
        return (
            f"it lies below the user's own folder for packages, {copy.name}, which is "
            "not searched."
        )
    return (
        f"it lies where {copy.name} installs itself, a folder that is searched only "
        "after somebody adds it."
    )


def in_vain(copy: Copy, fault: Fault, load: Load, scene: Scene) -> Iterator[str]:
    """Yield what people try in such a case without success.

    :param copy: the copy.
    :param fault: the DLL that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    """
    manner = manner_of(fault, load, scene)
    owner = importing_owner(fault, scene) or copy.owner
    version = ".".join(map(str, scene.host.environment.version))
    if scene.host.process.packaged:
        yield "adding the folder to PATH, where a Python from the Store never looks"
    elif manner == "added" and copy.kind == "conda":
        yield (
            "`conda activate` alone: it sets PATH, which this Python does not search "
            "for DLLs"
        )
    elif manner == "added":
        yield f"adding the folder to PATH, which Python {version} does not search"
    if manner == "path" and scene.host.environment.version >= (3, 8):
        yield "os.add_dll_directory, which a plain LoadLibrary does not heed"
    if scene.host.environment.version < (3, 8):
        yield f"os.add_dll_directory, which Python {version} does not have"
    if _is_ctypes(load, scene):
        yield (
            "passing the full path to ctypes, as its message suggests: it was full "
            "already"
        )
    if copy.kind == "own" and copy.owner is not None:
        yield f"reinstalling {copy.owner.title}: the file is there"
    if copy.kind in ("path", "variable", "product", "below"):
        yield f"reinstalling what {fault.culprit} belongs to: the file is there"
    if owner is not None and owner.key in IN_VAIN:
        yield IN_VAIN[owner.key]


def is_on_path(copy: Copy, scene: Scene) -> bool:
    """Tell whether the folder of a copy is on PATH."""
    return _plain(copy.folder) in map(_plain, scene.host.process.path)


def _is_ctypes(load: Load, scene: Scene) -> bool:
    """Tell whether ctypes was asked for a DLL by its path; torch asks by itself."""
    is_dll = base_name(load.path).lower().endswith(".dll")
    asked = scene.happened and is_dll and bool(folder_of(load.path))
    return asked and not load.retried_with_path


def _plain(folder: str) -> str:
    return folder.replace("\\", "/").rstrip("/").lower()
