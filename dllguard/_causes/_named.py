"""What DLLs load by name once they are used: a wrong copy of it ends the program.

Such a call has the search list of a plain LoadLibrary, on which System32 and PATH come
before the folder of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .._files._disk import Disk
from .._loader._loads import Call, make
from .._loader._process import import_name
from .._model import Fault, Link, Load
from .._paths import base_name, folder_of
from .._tables._load_errors import ERROR_INVALID_ORDINAL, ERROR_PROC_NOT_FOUND
from .._tables._load_flags import CLASSIC
from .._tables._named_loads import NAMED_LOADS
from .._verdict import Diagnosis
from ._exports import missing_export
from ._misfits import unreadable
from ._owners import is_foreign_to_windows
from ._scene import Scene


def named_findings(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield what stops the loads by name of the files that a target comes to.

    A name that is found nowhere is passed over: the caller may never ask for it, or
    have added a folder before.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    told: set[tuple[str, str]] = set()
    for load in loads:
        if load.faults:
            continue
        for path in dict.fromkeys((load.path, *load.resolved.values())):
            for fault, inner in _faults(path, load, scene):
                key = base_name(path).lower(), fault.culprit.lower()
                if key not in told:
                    told.add(key)
                    yield _explained(path, fault, inner, scene)


def _faults(path: str, load: Load, scene: Scene) -> Iterator[tuple[Fault, Load]]:
    process = scene.host.process
    loaded = {base_name(load.path).lower(): load.path, **load.resolved}
    loaded |= process.loaded
    for name in NAMED_LOADS.get(base_name(path).lower(), ()):
        if name in loaded:
            continue
        if process.disk.find(folder_of(path), name) is None:
            # The caller does without it.
            continue
        call = Call(name, CLASSIC, by=base_name(path))
        inner = make(call, replace(process, loaded=loaded))
        faults = inner.faults
        if not faults and is_foreign_to_windows(inner.path, scene):
            faults = tuple(_lacking(inner, process.disk))
        for fault in faults:
            if fault.kind in ("export", "unreadable"):
                chain = (Link(base_name(path), path), *fault.chain)
                yield replace(fault, chain=chain), inner
        loaded = {**inner.resolved, name: inner.path, **loaded}


def _lacking(load: Load, disk: Disk) -> Iterator[Fault]:
    """Yield what a file in System32 wants in vain: the walk takes it for Windows'."""
    for name, symbols in (disk.imports(load.path) or {}).items():
        provider = load.resolved.get(import_name(name))
        exports = disk.exports(provider) if provider else None
        if provider is None or exports is None:
            continue
        lacking = [symbol for symbol in symbols if symbol not in exports]
        if lacking:
            by_name = isinstance(lacking[0], str)
            yield Fault(
                kind="export",
                chain=(
                    Link(base_name(load.path), load.path),
                    Link(base_name(provider), provider),
                ),
                winerror=ERROR_PROC_NOT_FOUND if by_name else ERROR_INVALID_ORDINAL,
                path=provider,
                symbols=tuple(s if isinstance(s, str) else f"#{s}" for s in lacking),
            )


def _explained(path: str, fault: Fault, inner: Load, scene: Scene) -> Diagnosis:
    name = base_name(path)
    asked = base_name(inner.path)
    place = replace(scene, subject=f"loading {asked}, which {name} does by name,")
    explain = missing_export if fault.kind == "export" else unreadable
    return explain(fault, inner, place)
