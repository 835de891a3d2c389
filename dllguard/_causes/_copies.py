"""Copies of a missing DLL that lie on this machine, in folders not searched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from typing import Literal

from .._loader._process import import_name
from .._model import Fault, Image, Load, Role
from .._packages._distribution import Distribution, NativeFile
from .._packages._environment import Environment
from .._paths import base_name, folder_of, join
from .._tables._known_folders import (
    CONDA_FOLDERS,
    FOLDERS_BELOW,
    PRODUCT_FOLDERS,
    VARIABLE_FOLDERS,
)
from ._open_folders import is_open
from ._scene import Scene

Kind = Literal[
    "below", "own", "conda", "package", "user", "variable", "path", "product"
]


@dataclass(frozen=True)
class Copy:
    """One copy, and how it was come by.

    :param name: the folder above it, the conda environment, the variable or the
        product that its folder is known by.
    :param owner: the distribution that brought it.
    :param proven: it exports all that the importer imports from it; where False, that
        could not be read.
    """

    path: str
    kind: Kind
    name: str = ""
    owner: Distribution | None = None
    proven: bool = False

    @property
    def folder(self) -> str:
        """The folder that is not searched."""
        return folder_of(self.path)


def copies(fault: Fault, load: Load, scene: Scene) -> list[Copy]:
    """Return the copies that fit the process and the importer, the likeliest first.

    Those in folders that everybody may write into come last.

    :param fault: the DLL that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    """
    found = _fitting(fault, load, scene)
    return sorted(found, key=lambda copy: is_open(copy.folder, scene.host))


def _fitting(fault: Fault, load: Load, scene: Scene) -> Iterator[Copy]:
    process = scene.host.process
    seen = {_key(folder.path) for folder in load.search}
    for folder, kind, name, owner in _places(fault, load, scene):
        if _key(folder) in seen or "\0" in folder:
            continue
        seen.add(_key(folder))
        path = process.disk.find(folder, base_name(fault.culprit))
        image = process.disk.image(path) if path else None
        if path is None or not isinstance(image, Image) or not process.accepts(image):
            continue
        lacking = _lacking(path, fault, scene)
        if not lacking:
            yield Copy(path, kind, name, owner, proven=lacking is False)


def importing_owner(fault: Fault, scene: Scene) -> Distribution | None:
    """Return the distribution of the file whose import fails.

    A module that a `.pth` file makes a top-level one, as win32api, is known by its own
    name and without metadata too; its RECORD says more.
    """
    importer = fault.importer.path if fault.importer else None
    if importer is None:
        return None
    for owner, file in _recorded(scene, base_name(importer)):
        if file.path.lower() == importer.lower():
            return owner
    return scene.importing(fault)


_Place = tuple[str, Kind, str, Distribution | None]
_Recorded = tuple[tuple[Distribution, NativeFile], ...]


def _places(fault: Fault, load: Load, scene: Scene) -> Iterator[_Place]:
    for folder in load.search:
        if folder.role is Role.ADDED:
            for below in _below(folder.path, *FOLDERS_BELOW):
                yield below, "below", folder.path, None
    brought = list(_brought(fault, scene))
    importing = importing_owner(fault, scene)
    own = [(o, path) for o, path in brought if importing and o.key == importing.key]
    for owner, path in own:
        yield folder_of(path), "own", "", owner
    yield from _of_conda(scene)
    for owner, path in brought:
        yield folder_of(path), "package", "", owner
    user = scene.host.environment.user
    for folder_below in _below(user, *CONDA_FOLDERS) if user else ():
        yield folder_below, "user", user, None
    yield from _of_variables(scene)
    for path in scene.host.process.path:
        yield path, "path", "", None
    yield from _of_products(scene)


def _of_conda(scene: Scene) -> Iterator[_Place]:
    environment = scene.host.environment
    for prefix in dict.fromkeys((environment.prefix, environment.base_prefix)):
        if environment.is_conda(prefix):
            for folder in _below(prefix, *CONDA_FOLDERS):
                yield folder, "conda", prefix, None


def _of_variables(scene: Scene) -> Iterator[_Place]:
    for name, value in sorted(scene.host.circumstances.variables.items()):
        for pattern, rows in VARIABLE_FOLDERS.items():
            if value and fnmatch(name.upper(), pattern):
                for folder in _below(value, *rows):
                    yield folder, "variable", name, None


def _brought(fault: Fault, scene: Scene) -> Iterator[tuple[Distribution, str]]:
    """Yield what distributions of this Python list under that name."""
    wanted = base_name(fault.culprit).lower()
    for owner, file in _recorded(scene, wanted):
        yield owner, file.path
    for owner in scene.distributions:
        for file in owner.natives:
            # One without metadata has no RECORD to be found by.
            if owner.version is None and base_name(file.path).lower() == wanted:
                yield owner, file.path


def _recorded(scene: Scene, name: str) -> _Recorded:
    environment = scene.host.environment
    changed = tuple(map(scene.host.process.disk.changed, environment.site))
    return _recorded_then(environment, changed, name.lower())


@lru_cache(maxsize=256)
def _recorded_then(
    environment: Environment, changed: tuple[int, ...], name: str
) -> _Recorded:
    """Return what RECORDs list, read again only after a folder has changed."""
    del changed
    return tuple(environment.recorded(name))


def _of_products(scene: Scene) -> Iterator[_Place]:
    drive = folder_of(scene.host.process.windows)
    for pattern, product in PRODUCT_FOLDERS.items():
        found = scene.host.process.disk.matching(drive, pattern)
        # Of several releases side by side, the newest.
        for folder in sorted(found, key=_natural, reverse=True):
            yield folder, "product", product, None


def _below(folder: str, *rows: str) -> Iterator[str]:
    root = folder.rstrip("\\/")
    for row in rows:
        yield join(root, _here(row, root))


def _here(row: str, near: str) -> str:
    return row.replace("/", "\\") if "\\" in near or near[1:2] == ":" else row


def _natural(path: str) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", path)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]


def _lacking(path: str, fault: Fault, scene: Scene) -> bool | None:
    """Tell whether a copy lacks what the importer wants; None where unknown."""
    disk = scene.host.process.disk
    importer = fault.importer.path if fault.importer else None
    imports = disk.imports(importer) if importer else None
    exports = disk.exports(path)
    if imports is None or exports is None:
        return None
    name = import_name(fault.culprit)
    wanted = (s for dll, s in imports.items() if import_name(dll) == name)
    return any(symbol not in exports for symbols in wanted for symbol in symbols)


def _key(folder: str) -> str:
    return folder.replace("\\", "/").rstrip("/").lower()
