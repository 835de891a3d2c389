"""What need not be looked for, because what it needs is not there at all.

Most targets are healthy. To ask here is to leave the modules alone that explain what
is wrong: importing them takes longer than all else. Each answer is exact or errs on
the side of looking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .._files._disk import Disk
from .._model import Image, Load, Unreadable
from .._packages._distribution import Distribution, normalised
from .._packages._requirement import plain_requirement
from .._paths import base_name, folder_of, join
from .._tables._conventions import OPENMP, PAIRED
from .._tables._loaded_by_name import BY_DISTRIBUTION, BY_FILE
from .._tables._named_loads import NAMED_LOADS
from .._tables._redistributables import PRODUCTS, V14
from ._scene import Scene

_CORE = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll", "msvcp140_1.dll")
_MSVCP = "msvcp140.dll"
_NAME = re.compile(r"[ \t]*([A-Za-z0-9._-]+)")


def can_lack_runtime(loads: tuple[Load, ...], scene: Scene) -> bool:
    """Tell whether a v14 runtime is older than a toolset, or one of mixed releases."""
    disk = scene.host.process.disk
    folders: set[str] = set()
    asked: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {}
    for load in loads:
        folders |= {folder_of(p) for name, p in load.resolved.items() if name in _CORE}
        for importer in (load.path, *load.resolved.values()):
            if importer not in asked:
                asked[importer] = _wanted(importer, disk)
            release, names = asked[importer]
            for name in names:
                winner = load.resolved.get(name)
                version = disk.version(winner) if winner else None
                if version and version[:2] < release:
                    return True
    for folder in folders:
        paths = (disk.find(folder, name) for name in _CORE)
        versions = {disk.version(path) for path in paths if path}
        if len({version[:2] for version in versions if version}) > 1:
            return True
    return False


def _wanted(importer: str, disk: Disk) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Return the v14 DLLs that a file imports, and the release that they should have.

    Python brings a vcruntime140.dll of its own, which is mostly older and does.
    """
    image = disk.image(importer)
    if isinstance(image, Unreadable) or image.linker[0] != 14 or _is_v14(importer):
        return (0, 0), ()
    names = (name.lower() for name in image.imports if _is_v14(name))
    counted = tuple(name for name in names if not name.startswith("vcruntime140"))
    return (14, image.linker[1] // 10 * 10), counted


def can_be_packed(loads: tuple[Load, ...], scene: Scene) -> bool:
    """Tell whether a file has the sections that UPX makes."""
    disk = scene.host.process.disk
    return any(disk.packing(path).packed for path in _paths(loads))


def can_load_by_name(loads: tuple[Load, ...], scene: Scene) -> bool:
    """Tell whether something is known to load others by their names."""
    return any(d.key in BY_DISTRIBUTION for d in scene.distributions) or any(
        base_name(path).lower() in BY_FILE for path in _paths(loads)
    )


def can_load_named(loads: tuple[Load, ...]) -> bool:
    """Tell whether a DLL is known to load others that may be wrong copies."""
    return any(base_name(path).lower() in NAMED_LOADS for path in _paths(loads))


def can_refuse(loads: tuple[Load, ...], scene: Scene) -> bool:
    """Tell whether an extension module names the DLL of another Python."""
    number = "".join(map(str, scene.host.environment.version))
    if f"python{number}_d.dll" in scene.host.process.loaded:
        return True
    ours = (f"python{number}.dll", "python3.dll")
    images = (scene.host.process.disk.image(load.path) for load in loads)
    names = (n.lower() for i in images if isinstance(i, Image) for n in i.imports)
    return any(name.startswith("python") and name not in ours for name in names)


def can_conflict(loads: tuple[Load, ...]) -> bool:
    """Tell whether a loaded DLL answers for another one."""
    return any(not _is_v14(c.name) for load in loads for c in load.conflicts)


def can_be_two_openmp(loads: tuple[Load, ...], scene: Scene) -> bool:
    """Tell whether a target loads an OpenMP runtime, and there is another one."""
    ours = {path for path in _paths(loads) if base_name(path).lower() in OPENMP}
    if not ours:
        return False
    host = scene.host
    environment, disk, loaded = host.environment, host.process.disk, host.process.loaded
    folder = join(join(environment.prefix, "Library"), "bin")
    for name in OPENMP:
        others = [loaded.get(name), disk.find(folder, name)]
        if not scene.happened:
            others += [file.path for _, file in environment.recorded(name)]
        ours.update(path for path in others if path)
    return len({path.lower() for path in ours}) > 1


def can_be_foreseen(scene: Scene) -> bool:
    """Tell whether a package that is not of the target brings an msvcp140.dll."""
    target = {distribution.key for distribution in scene.distributions}
    recorded = scene.host.environment.recorded(_MSVCP)
    return any(owner.key not in target for owner, _ in recorded)


def can_be_unloadable(scene: Scene) -> bool:
    """Tell whether a frozen program lies where it may not find its Python."""
    host = scene.host
    return host.environment.is_frozen and not host.process.application.isascii()


def can_be_no_pair(scene: Scene) -> bool:
    """Tell whether a distribution asks for another release of its partner."""
    by_name = {d.key: d for d in scene.distributions}
    python = scene.host.environment.version
    return any(
        not _is_met(text, by_name[partner], python)
        for name, partners in PAIRED.items()
        if name in by_name
        for partner in partners
        if partner in by_name
        for text in by_name[name].requires
    )


def _is_met(text: str, other: Distribution, python: tuple[int, int]) -> bool:
    """Tell whether a requirement is met, or of something else."""
    name = _NAME.match(text)
    if name is not None and normalised(name[1]) != other.key:
        return True
    plain = plain_requirement(text, python)
    if plain is None or other.version is None:
        return False
    return plain.rules_out or plain.allows(other.version) is True


def _is_v14(name: str) -> bool:
    return PRODUCTS.get(base_name(name).lower()) is V14


def _paths(loads: Iterable[Load]) -> Iterator[str]:
    every = (path for load in loads for path in (load.path, *load.resolved.values()))
    yield from dict.fromkeys(every)
