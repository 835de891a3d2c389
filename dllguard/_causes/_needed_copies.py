"""Copies of all that a load misses, and what stops it even with them."""

from __future__ import annotations

from dataclasses import dataclass

from .._loader._process import import_name
from .._loader._walk import walk
from .._model import Fault, Folder, Load, Role
from .._paths import folder_of
from ._copies import Copy, copies
from ._scene import Scene

_ROUNDS = 4


@dataclass(frozen=True)
class NeededCopies:
    """What lies on this machine of that which a load misses.

    :param copies: in the order in which the load asks for them.
    :param left: what stops the load even then.
    """

    copies: tuple[Copy, ...]
    left: Fault | None = None

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that are not searched."""
        return tuple(dict.fromkeys(copy.folder for copy in self.copies))


def needed_copies(load: Load, scene: Scene) -> NeededCopies:
    """Find copies of everything that a load misses, and of what these miss in turn.

    :param load: one that fails because files are missing.
    :param scene: host, target and distributions.
    """
    chosen: dict[str, Copy] = {}
    faults = load.faults
    for _ in range(_ROUNDS):
        known = len(chosen)
        for fault in faults:
            name = import_name(fault.culprit)
            if fault.kind == "missing" and name not in chosen:
                copy = _nearest(fault, load, scene, chosen)
                if copy is not None:
                    chosen[name] = copy
        if len(chosen) == known:
            break
        faults = _with_folders(tuple(chosen.values()), load, scene).faults
    return NeededCopies(tuple(chosen.values()), next(iter(faults), None))


def _nearest(
    fault: Fault, load: Load, scene: Scene, chosen: dict[str, Copy]
) -> Copy | None:
    """Return a copy out of a folder that is to be searched anyway, else the first."""
    found = copies(fault, load, scene)
    folders = {copy.folder for copy in chosen.values()}
    near = [copy for copy in found if copy.folder in folders]
    return next(iter((*near, *found)), None)


def _with_folders(found: tuple[Copy, ...], load: Load, scene: Scene) -> Load:
    """Make the load once more as it would be with the folders of the copies."""
    folders = dict.fromkeys(copy.folder for copy in found)
    more = [Folder(path, Role.ADDED) for path in folders]
    before = (Role.FILE, Role.APPLICATION)
    at = sum(folder.role in before for folder in load.search)
    search = (*load.search[:at], *more, *load.search[at:])
    path = load.path if folder_of(load.path) else found[0].path
    return walk(path, scene.host.process, search)
