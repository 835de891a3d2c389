"""What a load would come to if another copy of a DLL were found first.

A cure by order is offered only where the model shows that it ends the fault.
"""

from __future__ import annotations

from dataclasses import replace

from .._model import Fault, Folder, Load, Role, SearchList
from .._paths import base_name
from .._tables._load_flags import CLASSIC
from ._loads import Call, make
from ._process import Process
from ._walk import walk

_LATER = {
    Role.PATH: (Role.PATH,),
    Role.ADDED: (Role.ADDED, Role.SET, Role.SYSTEM),
}


def helps_if_loaded(path: str, fault: Fault, load: Load, process: Process) -> bool:
    """Tell whether a fault ends when a copy is loaded by full path before.

    :param path: the copy; ctypes loads it.
    :param fault: what stops the load.
    :param load: the load it stops.
    :param process: the process of both.
    """
    # Up to Python 3.7 ctypes calls LoadLibrary without flags.
    old = any(folder.role is Role.WINDOWS for folder in load.search)
    first = make(Call(path, CLASSIC if old else None), process)
    name = base_name(path).lower()
    if first.faults or name in process.loaded:
        return False
    loaded = {name: path, **first.resolved, **process.loaded}
    return _ends(fault, load, replace(process, loaded=loaded), load.search)


def helps_if_searched(
    folder: str, role: Role, fault: Fault, load: Load, process: Process
) -> bool:
    """Tell whether a fault ends when a folder is searched first among its kind.

    :param role: PATH, or ADDED for `os.add_dll_directory`.
    """
    roles = [entry.role for entry in load.search]
    if (role is Role.ADDED) == (Role.WINDOWS in roles):
        # PATH counts for loads without search flags, added folders for the others.
        return False
    later = next((i for i, r in enumerate(roles) if r in _LATER[role]), len(roles))
    search = (*load.search[:later], Folder(folder, role), *load.search[later:])
    return _ends(fault, load, process, search)


def _ends(fault: Fault, load: Load, process: Process, search: SearchList) -> bool:
    again = walk(load.path, process, search)
    left = {(other.kind, other.culprit.lower()) for other in again.faults}
    before = {(other.kind, other.culprit.lower()) for other in load.faults}
    return (fault.kind, fault.culprit.lower()) not in left and left <= before
