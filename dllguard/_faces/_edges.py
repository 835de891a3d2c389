"""Who imports what in a judged target, and what answered.

A report says of each file what its load resolved: full paths by imported name. The
import tables, which the judge has read, say who asked for each name. Neither is
resolved anew here, so that a tree cannot contradict the verdict above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from .._files._symbols import Symbol, forwarded_symbol
from .._loader._apisets import is_api_set
from .._loader._process import Process, import_name
from .._model import Image, Link, Unreadable
from .._paths import base_name, folder_of, is_full
from .._tables._load_errors import ERROR_BAD_EXE_FORMAT
from .._tables._load_flags import CLASSIC
from .._tables._redistributables import PRODUCTS
from .._verdict import FileResult, TargetResult

Kind = Literal["file", "import", "forwarder", "delay import"]

# `_verdict.Diagnosis.also`, as `_causes` writes a chain there.
_ALSO: Final = re.compile(r".* -> (?P<name>.+?)   (?P<end>[A-Z].*)")

# Forwarders that lead to forwarders; Windows' own go two or three deep.
_DEEPEST: Final = 32


@dataclass(frozen=True)
class Edge:
    """One import: its name in the importer's table, and what answered for it."""

    name: str
    path: str | None = None
    """None for what is not found, and for an API set that needs no file."""
    kind: Kind = "import"
    end: str = ""
    """What is wrong with it: NOT FOUND, NO SUCH EXPORT, ..."""
    windows: bool = False
    """An API set, or a DLL of Windows itself."""


class Ends:
    """Where the chains of a target end, and in which words.

    :param target: what was judged.
    """

    def __init__(self, target: TargetResult) -> None:
        self._words: dict[str, str] = {}
        self._tails: dict[str, dict[str, tuple[Link, str]]] = {}
        for found in target.diagnoses:
            if found.chain and found.chain_end:
                self._words.setdefault(_key(found.chain[-1]), found.chain_end)
                if found.severity == "error":
                    self._note(found.chain, found.chain_end)
            for line in filter(None, map(_ALSO.fullmatch, found.also)):
                self._words.setdefault(import_name(line["name"]), line["end"])
        for file in target.files:
            if file.winerror and len(file.chain) > 1:
                self._note(file.chain, self._of(file))

    def absent(self, name: str) -> str:
        """Return what is wrong with a name that nothing answered for."""
        return self._words.get(import_name(name), "NOT FOUND")

    def below(self, importer: str) -> dict[str, tuple[Link, str]]:
        """Return the ends of chains whose last importer a file is, by name."""
        return self._tails.get(importer.lower(), {})

    def at(self, file: FileResult) -> str:
        """Return what is wrong with the very file that is loaded, "" for nothing."""
        if file.winerror and len(file.chain) == 1:
            return self._of(file)
        return self.below("").get(file.path.lower(), (None, ""))[1]

    def _note(self, chain: tuple[Link, ...], words: str) -> None:
        last = chain[-1]
        if len(chain) == 1:
            path = (last.path or last.name).lower()
            self._tails.setdefault("", {})[path] = last, words
            return
        importer = (chain[-2].path or chain[-2].name).lower()
        self._tails.setdefault(importer, {}).setdefault(_key(last), (last, words))

    def _of(self, file: FileResult) -> str:
        """Return the words for the first fault of a file."""
        last = file.chain[-1]
        if _key(last) in self._words:
            return self._words[_key(last)]
        if last.path is None:
            return "NOT FOUND"
        unfit = file.winerror == ERROR_BAD_EXE_FORMAT
        return "DOES NOT FIT" if unfit else "NO SUCH EXPORT"


class Imports:
    """The imports in the load of one judged file.

    :param file: what the judge says of it.
    :param ends: those of its target.
    :param process: the process of the host that was judged for. Its disk has the
        import tables.
    :param delayed: yield the delay imports too. They are loaded at their first call.
    """

    def __init__(
        self, file: FileResult, ends: Ends, process: Process, *, delayed: bool = False
    ) -> None:
        self._file = file
        self._ends = ends
        self._process = process
        self._disk = process.disk
        self._delayed = delayed
        # Where one name has two files, the second one stands under its path.
        self._is_twofold = any(map(is_full, file.resolved))

    def of(self, importer: str) -> tuple[Edge, ...]:
        """Return the imports of a file, in the order of its table."""
        image = self._disk.image(importer)
        if isinstance(image, Unreadable) or not self._is_resolved():
            return ()
        own = self._own(importer, image)
        rows = [self._edge(name, importer, own) for name in _imported(image)]
        ends = {**self._ends.below(importer)}
        rows = [self._ended(row, ends) for row in rows]
        # An assembly stands in the manifest, in no import table.
        rows += [Edge(e.name, e.path, "import", words) for e, words in ends.values()]
        if self._delayed:
            rows += self._delay_imports(importer, image)
        return tuple(rows)

    def forwarders(self, importer: str, edge: Edge) -> Iterator[tuple[str, Edge]]:
        """Yield what comes along because a DLL forwards what is imported from it.

        :param importer: full path of the importing file.
        :param edge: one of its imports.
        :returns: the DLL that forwards, with the forwarder as an import of its own.
        """
        if edge.path is None or edge.windows or edge.kind != "import":
            return
        exports = self._disk.exports(edge.path)
        if exports is None or not exports.forwards:
            return
        for symbol in (self._disk.imports(importer) or {}).get(edge.name, ()):
            yield from self._followed(edge.path, symbol)

    def _is_resolved(self) -> bool:
        """Tell whether the load went as far as the imports of the file."""
        unfit = self._file.winerror and len(self._file.chain) == 1
        return not unfit and not self._process.has_loaded(self._file.path)

    def _followed(self, provider: str, symbol: Symbol) -> Iterator[tuple[str, Edge]]:
        for _ in range(_DEEPEST):
            exports = self._disk.exports(provider)
            text = exports.forwarder(symbol) if exports is not None else None
            module, _, target = (text or "").rpartition(".")
            path = self._file.resolved.get(import_name(module)) if module else None
            if path is None:
                return
            name = import_name(module)
            yield provider, Edge(name, path, "forwarder", "", self._is_windows(path))
            provider, symbol = path, forwarded_symbol(target)

    def _edge(self, name: str, importer: str, own: dict[str, str]) -> Edge:
        key = import_name(name)
        path = own.get(key) or self._file.resolved.get(key)
        if path is not None:
            return Edge(name, path, windows=self._is_windows(path))
        if self._process.has_loaded(importer) or not self._file.winerror:
            return Edge(name, windows=is_api_set(name))
        if is_api_set(name) and self._process.api_sets.assumes(name):
            return Edge(name, windows=True)
        return Edge(name, end=self._ends.absent(name))

    def _own(self, importer: str, image: Image) -> dict[str, str]:
        """Return what the importer's manifest leads to, where that may differ."""
        if not self._is_twofold or not image.assemblies:
            return {}
        from .._loader._assemblies import redirections

        found, _ = redirections(image.assemblies, importer, self._process)
        return {**found}

    def _ended(self, edge: Edge, ends: dict[str, tuple[Link, str]]) -> Edge:
        """Return an import with the end of a chain, which is then taken from `ends`."""
        for name in (edge.name, base_name(edge.path or edge.name)):
            end = ends.pop(import_name(name), None)
            if end is not None:
                return replace(edge, end=end[1], windows=False)
        return edge

    def _delay_imports(self, importer: str, image: Image) -> Iterator[Edge]:
        # The helper of Visual C++ calls LoadLibrary with the bare name and without
        # flags ("Linker support for delay-loaded DLLs").
        search = self._process.search_list("", CLASSIC)
        loaded = {base_name(p).lower(): p for p in self._file.resolved.values()}
        loaded.update(self._process.loaded)
        for name in image.delay_imports:
            found = self._process.find(
                name, base_name(importer), search, loaded=loaded
            ).path
            known = is_api_set(name) if found is None else self._is_windows(found)
            yield Edge(name, found, "delay import", windows=known)

    def _is_windows(self, path: str) -> bool:
        # A redistributable's DLLs lie in System32 too, and are nobody's own.
        in_system = folder_of(path).lower() == self._process.system.lower()
        return in_system and base_name(path).lower() not in PRODUCTS


def _key(link: Link) -> str:
    return import_name(link.name)


def _imported(image: Image) -> tuple[str, ...]:
    """Return the names that the loader resolves when it loads a file."""
    if image.program:
        return ()
    # Wine, dlls/ntdll/loader.c, fixup_imports_ilonly.
    return ("mscoree.dll",) if image.il_only else image.imports
