"""Follow the imports of one load, and yield what stops it.

Nothing is executed, only read. The walk is breadth first, so that the chain of a
fault is the shortest one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ._load_errors import (
    ERROR_BAD_EXE_FORMAT,
    ERROR_INVALID_ORDINAL,
    ERROR_MOD_NOT_FOUND,
    ERROR_PROC_NOT_FOUND,
)
from ._model import Conflict, Fault, Link, Load, SearchList, Unreadable
from ._paths import base_name, folder_of
from ._process import Answer, Process, import_name
from ._redistributables import PRODUCTS


def walk(
    path: str,
    process: Process,
    search: SearchList | None = None,
    *,
    symbols: bool = False,
) -> Load:
    """Tell what loading a file comes to.

    :param path: full path of the file.
    :param process: the process that loads it.
    :param search: folders in order; CPython's for an extension module by default.
    :param symbols: compare all imported with exported symbols; without, only those
        of a DLL of which the search list has another copy.
    :returns: the load with every fault in its closure, the loader's first one first.
    """
    return _Walk(path, process, search or process.search_list(path)).run(symbols)


class _Walk:
    def __init__(self, path: str, process: Process, search: SearchList) -> None:
        self._root = path
        self._process = process
        self._disk = process.disk
        self._search = search
        self._resolved: dict[str, str] = {}
        self._chains: dict[str, tuple[Link, ...]] = {}
        self._conflicts: list[Conflict] = []
        self._contested: set[str] = set()

    def run(self, symbols: bool) -> Load:
        faults = list(self._files())
        if not faults:
            faults.extend(self._symbols(everywhere=symbols))
        return Load(
            path=self._root,
            search=self._search,
            faults=tuple(faults),
            resolved=self._resolved,
            conflicts=tuple(self._conflicts),
        )

    def _files(self) -> Iterator[Fault]:
        root = (Link(base_name(self._root), self._root),)
        fault = self._misfit(self._root, root)
        if fault is not None:
            yield fault
            return
        self._chains[self._root] = root
        own_name = base_name(self._root).lower()
        waiting = deque([self._root])
        failed: set[str] = set()
        while waiting:
            importer = waiting.popleft()
            image = self._disk.image(importer)
            for name in () if isinstance(image, Unreadable) else image.imports:
                key = import_name(name)
                if key in self._resolved or key in failed:
                    continue
                if key == own_name and key not in self._process.loaded:
                    # A file counts as loaded before its imports are resolved, even
                    # where no folder of the list holds it (Wine,
                    # dlls/ntdll/loader.c, build_module).
                    self._resolved[key] = self._root
                    continue
                answer = self._process.find(name, base_name(importer), self._search)
                fault = self._fault(name, importer, answer)
                if fault is not None:
                    failed.add(key)
                    yield fault
                elif answer.path is not None:
                    self._resolved[key] = answer.path
                    if answer.contested:
                        self._contested.add(key)
                    self._note_conflict(name, importer, answer)
                    if self._follow(answer.path, importer, name):
                        waiting.append(answer.path)

    def _follow(self, path: str, importer: str, name: str) -> bool:
        """Remember how a file was reached; tell whether its own imports count."""
        if path in self._chains:
            return False
        self._chains[path] = (*self._chains[importer], Link(name, path))
        return not self._is_loaded(path)

    def _fault(self, name: str, importer: str, answer: Answer) -> Fault | None:
        chain = (*self._chains[importer], Link(name, answer.path))
        if answer.unreadable is not None:
            return Fault(
                kind="unreadable",
                chain=chain,
                winerror=answer.unreadable.winerror,
                path=answer.path,
                reason=answer.unreadable.reason,
            )
        if answer.path is not None or answer.provided:
            return None
        if answer.misfits:
            return self._misfit(answer.misfits[0], chain)
        return Fault(kind="missing", chain=chain, winerror=ERROR_MOD_NOT_FOUND)

    def _misfit(self, path: str, chain: tuple[Link, ...]) -> Fault | None:
        """Return the fault of a file that cannot be loaded as such, if there is one."""
        if not self._disk.exists(path):
            lost = (*chain[:-1], Link(chain[-1].name))
            return Fault(kind="missing", chain=lost, winerror=ERROR_MOD_NOT_FOUND)
        image = self._disk.image(path)
        if isinstance(image, Unreadable):
            return Fault(
                kind="unreadable",
                chain=chain,
                winerror=image.winerror,
                path=path,
                reason=image.reason,
            )
        if self._process.accepts(image):
            return None
        return Fault(
            kind="machine",
            chain=chain,
            winerror=ERROR_BAD_EXE_FORMAT,
            path=path,
            machine=image.machine,
        )

    def _note_conflict(self, name: str, importer: str, answer: Answer) -> None:
        if answer.path is not None and answer.shadowed is not None:
            link = Link(base_name(importer), importer)
            self._conflicts.append(
                Conflict(import_name(name), answer.path, answer.shadowed, link)
            )

    def _symbols(self, *, everywhere: bool) -> Iterator[Fault]:
        for importer, chain in self._chains.items():
            if self._is_windows_own(importer) or self._is_loaded(importer):
                continue
            if not everywhere and not self._is_in_doubt(importer):
                continue
            for name, wanted in (self._disk.imports(importer) or {}).items():
                key = import_name(name)
                if not everywhere and key not in self._contested:
                    continue
                provider = self._resolved.get(key)
                if provider is None or self._is_windows_own(provider):
                    continue
                exports = self._disk.exports(provider)
                if exports is None:
                    continue
                lacking = tuple(s for s in wanted if s not in exports)
                if lacking:
                    by_name = isinstance(lacking[0], str)
                    yield Fault(
                        kind="export",
                        chain=(*chain, Link(base_name(provider), provider)),
                        winerror=ERROR_PROC_NOT_FOUND
                        if by_name
                        else ERROR_INVALID_ORDINAL,
                        path=provider,
                        symbols=tuple(
                            s if isinstance(s, str) else f"#{s}" for s in lacking
                        ),
                    )

    def _is_in_doubt(self, importer: str) -> bool:
        image = self._disk.image(importer)
        names = () if isinstance(image, Unreadable) else image.imports
        return any(import_name(name) in self._contested for name in names)

    def _is_loaded(self, path: str) -> bool:
        return self._process.loaded.get(base_name(path).lower()) == path

    def _is_windows_own(self, path: str) -> bool:
        # A redistributable's DLLs lie in System32 too, and may be too old.
        in_system = folder_of(path).lower() == self._process.system.lower()
        return in_system and base_name(path).lower() not in PRODUCTS
