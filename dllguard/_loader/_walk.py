"""Follow the imports of one load, and tell what stops it.

Nothing is executed, only read. Files are resolved in the loader's own order, a file's
imports before its next sibling. Faults are then told breadth first, so that the chain
to each is the shortest one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from .._model import (
    Assembly,
    Conflict,
    Fault,
    Link,
    Load,
    Rivals,
    SearchList,
    Unreadable,
    version_text,
)
from .._paths import base_name, folder_of
from .._tables._load_errors import (
    ERROR_BAD_EXE_FORMAT,
    ERROR_INVALID_ORDINAL,
    ERROR_MOD_NOT_FOUND,
    ERROR_PROC_NOT_FOUND,
    ERROR_SXS_CANT_GEN_ACTCTX,
)
from .._tables._load_flags import CLASSIC
from .._tables._redistributables import PRODUCTS
from ._closure import Closure, Import
from ._process import Answer, Process, import_name


def walk(
    path: str,
    process: Process,
    search: SearchList | None = None,
    *,
    symbols: bool | None = None,
) -> Load:
    """Tell what loading a file comes to.

    :param path: full path of the file.
    :param process: the process that loads it.
    :param search: folders in order; CPython's for an extension module by default.
    :param symbols: compare imported with exported symbols. By default all of them but
        those of Wine's own DLLs: Wine puts a stub where a function is missing.
    :returns: the load with every fault in its closure, the nearest one first.
    """
    return _Walk(path, process, search or process.search_list(path)).run(symbols)


class _Walk:
    def __init__(self, path: str, process: Process, search: SearchList) -> None:
        self._root = path
        self._process = process
        self._disk = process.disk
        self._search = search

    def run(self, symbols: bool | None) -> Load:
        if self._process.has_loaded(self._root):
            return Load(self._root, self._search)
        root = (Link(base_name(self._root), self._root),)
        fault = self._misfit(self._root, root)
        if fault is not None:
            return Load(self._root, self._search, (fault,))
        closure = Closure(self._root, self._process, self._search)
        chains = self._chains(root, closure)
        on_wine = symbols is None and self._process.is_wine
        faults = list(self._file_faults(chains, closure, assemblies=not on_wine))
        if not faults and symbols is not False:
            faults = list(self._symbol_faults(chains, closure, on_wine=on_wine))
        return Load(
            path=self._root,
            search=self._search,
            faults=tuple(faults),
            resolved=closure.resolved,
            conflicts=tuple(_conflicts(chains, closure)),
            rivals=tuple(_rivals(chains, closure)),
            delayed=tuple(self._delayed(chains, closure.loaded)),
        )

    def _chains(
        self, root: tuple[Link, ...], closure: Closure
    ) -> dict[str, tuple[Link, ...]]:
        """Return the shortest chain to every new file, the shorter ones first."""
        chains = {self._root: root}
        waiting = deque(chains)
        while waiting:
            importer = waiting.popleft()
            for name, path in closure.brought_by(importer):
                if path not in chains and not self._process.has_loaded(path):
                    chains[path] = (*chains[importer], Link(name, path))
                    waiting.append(path)
        return chains

    def _file_faults(
        self,
        chains: dict[str, tuple[Link, ...]],
        closure: Closure,
        *,
        assemblies: bool,
    ) -> Iterator[Fault]:
        told: set[str] = set()
        for importer, chain in chains.items():
            if assemblies:
                for assembly in closure.unmet_assemblies(importer):
                    yield _assembly_fault(assembly, chain)
            for found in closure.imports_of(importer):
                fault = self._fault(found, chain)
                key = import_name(found.name)
                if fault is not None and key not in told:
                    told.add(key)
                    yield fault

    def _fault(self, found: Import, chain: tuple[Link, ...]) -> Fault | None:
        answer = found.answer
        chain = (*chain, Link(found.name, answer.path))
        if answer.unreadable is not None and answer.path is not None:
            return _unreadable(answer.path, answer.unreadable, chain)
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
            return _unreadable(path, image, chain)
        if self._process.accepts(image):
            return None
        return Fault(
            kind="machine",
            chain=chain,
            winerror=ERROR_BAD_EXE_FORMAT,
            path=path,
            machine=image.machine,
        )

    def _symbol_faults(
        self,
        chains: dict[str, tuple[Link, ...]],
        closure: Closure,
        *,
        on_wine: bool,
    ) -> Iterator[Fault]:
        for importer, chain in chains.items():
            if self._is_windows_own(importer):
                continue
            for found in closure.imports_of(importer):
                provider = found.answer.path
                if provider is None or (on_wine and self._is_wines_own(provider)):
                    continue
                lacking = closure.lacking(importer, found)
                if lacking:
                    yield _export_fault(provider, chain, lacking, closure)

    def _delayed(
        self, chains: dict[str, tuple[Link, ...]], loaded: Mapping[str, str]
    ) -> Iterator[tuple[Link, ...]]:
        """Yield the delay imports that a call of theirs would not find.

        The helper of Visual C++ calls LoadLibrary with the bare name and without
        flags ("Linker support for delay-loaded DLLs").
        """
        search = self._process.search_list("", CLASSIC)
        told: set[str] = set()
        for importer, chain in chains.items():
            image = self._disk.image(importer)
            if isinstance(image, Unreadable) or self._is_windows_own(importer):
                continue
            for name in image.delay_imports:
                key = import_name(name)
                answer = self._process.find(
                    name, base_name(importer), search, loaded=loaded
                )
                if answer.path is None and not answer.provided and key not in told:
                    told.add(key)
                    yield (*chain, Link(name))

    def _is_windows_own(self, path: str) -> bool:
        # A redistributable's DLLs lie in System32 too, and may be too old.
        in_system = folder_of(path).lower() == self._process.system.lower()
        return in_system and base_name(path).lower() not in PRODUCTS

    def _is_wines_own(self, path: str) -> bool:
        image = self._disk.image(path)
        return not isinstance(image, Unreadable) and image.wine


def _unreadable(path: str, why: Unreadable, chain: tuple[Link, ...]) -> Fault:
    return Fault(
        kind="unreadable",
        chain=chain,
        winerror=why.winerror,
        path=path,
        reason=why.reason,
    )


def _assembly_fault(assembly: Assembly, chain: tuple[Link, ...]) -> Fault:
    name = f"{assembly.name} {version_text(assembly.version)}"
    return Fault(
        kind="assembly",
        chain=(*chain, Link(name)),
        winerror=ERROR_SXS_CANT_GEN_ACTCTX,
    )


def _export_fault(
    provider: str,
    chain: tuple[Link, ...],
    lacking: tuple[str | int, ...],
    closure: Closure,
) -> Fault:
    by_name = isinstance(lacking[0], str)
    return Fault(
        kind="export",
        chain=(*chain, Link(base_name(provider), provider)),
        winerror=ERROR_PROC_NOT_FOUND if by_name else ERROR_INVALID_ORDINAL,
        path=provider,
        reason=closure.why_lacking(provider, lacking[0]),
        symbols=tuple(s if isinstance(s, str) else f"#{s}" for s in lacking),
    )


def _conflicts(
    chains: Mapping[str, tuple[Link, ...]], closure: Closure
) -> Iterator[Conflict]:
    for name, answer, importer in _first_of_each(chains, closure):
        if answer.path is not None and answer.shadowed is not None:
            yield Conflict(name, answer.path, answer.shadowed, importer)


def _rivals(
    chains: Mapping[str, tuple[Link, ...]], closure: Closure
) -> Iterator[Rivals]:
    for name, answer, importer in _first_of_each(chains, closure):
        if answer.path is not None and answer.rivals:
            yield Rivals(name, (answer.path, *answer.rivals), importer)


def _first_of_each(
    chains: Mapping[str, tuple[Link, ...]], closure: Closure
) -> Iterator[tuple[str, Answer, Link]]:
    told: set[str] = set()
    for importer, chain in chains.items():
        for found in closure.imports_of(importer):
            name = import_name(found.name)
            if name not in told:
                told.add(name)
                yield name, found.answer, Link(chain[-1].name, importer)
