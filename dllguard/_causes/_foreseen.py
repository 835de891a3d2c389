"""An old msvcp140.dll of another package, which would be loaded if that came first.

The crash leaves no Python exception behind (0xC0000005), so that a check beforehand is
the only one to tell of it: metaopt/optree#278, zeromq/pyzmq#2012.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .._loader._walk import walk
from .._model import Link, Load, version_text
from .._packages._added import added_folders
from .._packages._distribution import Distribution
from .._paths import base_name, folder_of
from .._tables._redistributables import CONSTEXPR_MUTEX
from .._verdict import Diagnosis, Remedy
from ._bringers import Bringer, bringer, import_first
from ._runtime import has_constexpr_mutex
from ._scene import Scene

_NAME = "msvcp140.dll"
_MOST_MODULES = 40


def foreseen(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    """Warn of the orders of imports in which a target crashes.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    if scene.happened or _NAME in scene.host.process.loaded:
        return
    victim = _victim(loads, scene)
    if victim is None:
        return
    importer, own = victim
    disk = scene.host.process.disk
    target = {distribution.key for distribution in scene.distributions}
    for owner, file in scene.host.environment.recorded(_NAME):
        version = disk.version(file.path) if disk.exists(file.path) else None
        if not version or version[:2] >= CONSTEXPR_MUTEX or owner.key in target:
            continue
        if not _would_load(owner, file.path, scene):
            continue
        who = bringer(file.path, scene)
        module = who.module or owner.name
        yield Diagnosis(
            code="conflicting-copies",
            severity="warning",
            headline=f"if {module} is imported first, {base_name(importer)} gets its "
            f"old {_NAME}",
            summary=f"import {scene.target} works alone. {owner.title} brings an "
            f"{_NAME} of its own, {version_text(version)}, and a process holds one DLL "
            f"of a name. {base_name(importer)} uses std::mutex in the form of toolset "
            "14.40: with an older copy the first lock reads through a null pointer, "
            "and the process ends with 0xC0000005, or WinError 1114, without a word "
            "about the cause (microsoft/STL#4730).",
            culprit=_NAME,
            chain=(Link(base_name(importer), importer), Link(_NAME, file.path)),
            chain_end=f"IF {module} IS IMPORTED FIRST",
            wanted=f"14.40 or newer ({own})",
            found=f"{version_text(version)} ({file.path})",
            help=tuple(_ways_out(replace(who, module=module), scene)),
            will_not_help=(
                f"a newer redistributable, while the copy of {owner.name} comes first",
            ),
        )


def _ways_out(who: Bringer, scene: Scene) -> Iterator[Remedy]:
    yield import_first(who, scene)
    if who.owner is not None:
        yield Remedy(
            f"or update {who.owner.name}; usually a newer release has a newer copy, or "
            "none:",
            (who.owner.update(scene),),
        )


def _victim(loads: tuple[Load, ...], scene: Scene) -> tuple[str, str] | None:
    """Return a file that locks a mutex of toolset 14.40, and the copy it gets now."""
    disk = scene.host.process.disk
    for load in loads:
        winner = load.resolved.get(_NAME)
        version = disk.version(winner) if winner and not load.faults else None
        if not winner or not version or version[:2] < CONSTEXPR_MUTEX:
            continue
        for path in (load.path, *load.resolved.values()):
            if has_constexpr_mutex(path, scene):
                return path, winner
    return None


def _would_load(owner: Distribution, path: str, scene: Scene) -> bool:
    """Tell whether importing a copy's package loads it under that name."""
    environment, process = scene.host.environment, scene.host.process
    if folder_of(path).lower() in (process.application.lower(), process.system.lower()):
        return False
    package = environment.package_of(path)
    name = package if package.isidentifier() else owner.name
    distributions = environment.closure(name) or (owner,)
    folders = [f for d in distributions for f in added_folders(d, environment)]
    added = (*reversed(folders), *process.added)
    alone = replace(process, added=tuple(dict.fromkeys(added)))
    modules = [m for d in distributions for m in environment.extension_modules(d)]
    for module in modules[:_MOST_MODULES]:
        found = walk(module, alone, symbols=False).resolved.get(_NAME)
        if found is not None and found.lower() == path.lower():
            return True
    return False
