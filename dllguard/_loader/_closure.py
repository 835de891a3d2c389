"""Everything that one load brings into the process, in the loader's own order.

A file's imports are loaded before its next sibling, and the target of a forwarder as
soon as a symbol that leads to it is bound (Wine, dlls/ntdll/loader.c, import_dll and
find_forwarded_export). The order decides where two files of one name compete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from typing import NamedTuple

from .._files._symbols import Symbol, forwarded_symbol
from .._model import Assembly, Image, SearchList, Unreadable
from .._paths import base_name
from ._apisets import is_api_set
from ._process import Answer, Process, import_name
from ._search import own_list

# What a load that fails leaves as it was.
_STATE = (
    "_loaded",
    "_imports",
    "_unmet",
    "_dangling",
    "_bound",
    "_failures",
    "resolved",
)

# What is loaded for an assembly without native code in place of its imports (Wine,
# dlls/ntdll/loader.c, fixup_imports_ilonly).
_NET_LOADER = ("mscoree.dll",)

# Forwarders that lead to forwarders; Windows' own go two or three deep.
_DEEPEST = 32


class Import(NamedTuple):
    """One imported DLL: its name in the import table, and what answers for it."""

    name: str
    answer: Answer


class _Importer(NamedTuple):
    """A file whose imports are resolved, and what decides how."""

    path: str
    search: SearchList
    redirected: Mapping[str, str]
    depth: int


class Closure:
    """The files of one load.

    :param root: full path of the file that is loaded.
    :param process: the process that loads it.
    :param search: the search list of the load.
    """

    def __init__(self, root: str, process: Process, search: SearchList) -> None:
        self._process = process
        self._disk = process.disk
        self._search = search
        self._answers = process.answers(search)
        self._loaded = {**process.loaded}
        # A file counts as loaded before its imports are resolved, even where no
        # folder of the list holds it (Wine, dlls/ntdll/loader.c, build_module).
        self._loaded.setdefault(base_name(root).lower(), root)
        self._imports: dict[str, list[Import]] = {}
        self._forwarded: dict[str, dict[str, str]] = {}
        self._redirected: dict[str, Mapping[str, str]] = {}
        self._unmet: dict[str, tuple[Assembly, ...]] = {}
        self._dangling: dict[tuple[str, Symbol], str] = {}
        self._bound: set[tuple[str, Symbol]] = set()
        self._failures = 0
        # Kept for good: a file that does not load now does not load later either.
        self._failed: set[str] = set()
        self.resolved: dict[str, str] = {}
        """Full path by imported name. Where one name has two files, as side-by-side
        assemblies make possible, the second stands under its path."""
        self._descend(root, 0)

    @property
    def loaded(self) -> Mapping[str, str]:
        """All that is loaded in the end: full path by lower-case base name."""
        return self._loaded

    def imports_of(self, importer: str) -> list[Import]:
        """Return the imports of a file that was not loaded before, in order."""
        return self._imports.get(importer, [])

    def imports(self) -> Iterator[tuple[str, Import]]:
        """Yield every import with its importer, in load order."""
        for importer, found in self._imports.items():
            for one in found:
                yield importer, one

    def brought_by(self, importer: str) -> Iterator[tuple[str, str]]:
        """Yield name and path of the files that come with a file."""
        for found in self.imports_of(importer):
            if found.answer.path is not None and found.answer.unreadable is None:
                yield found.name, found.answer.path
        yield from self._forwarded.get(importer, {}).items()

    def unmet_assemblies(self, importer: str) -> tuple[Assembly, ...]:
        """Return the assemblies of a file's manifest that are not there."""
        return self._unmet.get(importer, ())

    def lacking(self, importer: str, found: Import) -> tuple[Symbol, ...]:
        """Return the imported symbols that the DLL does not export."""
        provider = found.answer.path
        exports = self._disk.exports(provider) if provider else None
        if provider is None or exports is None:
            return ()
        wanted = self._wanted(importer, found.name)
        lacking = {*exports.lacking(wanted)}
        dangling = {symbol for by, symbol in self._dangling if by == provider}
        lost = lacking | dangling
        return tuple(symbol for symbol in wanted if symbol in lost) if lost else ()

    def why_lacking(self, provider: str, symbol: Symbol) -> str:
        """Return the forwarder of a symbol that leads nowhere, "" without one."""
        return self._dangling.get((provider, symbol), "")

    def _descend(self, start: str, depth: int) -> None:
        stack = [self._follow(start, depth)]
        while stack:
            new = next(stack[-1], None)
            if new is None:
                stack.pop()
            else:
                stack.append(self._follow(new, depth))

    def _follow(self, path: str, depth: int) -> Iterator[str]:
        """Resolve the imports of a file, and yield the files that are new."""
        rows = self._imports[path] = []
        image = self._disk.image(path)
        if isinstance(image, Unreadable):
            return
        importer = self._importer(path, image, depth)
        bound = self._process.has_loaded(path)
        # Of what was loaded before, nothing is asked but what comes with it, which
        # mostly was loaded too.
        plain = bound and not importer.redirected and not self._process.redirection
        for name in _imported(image):
            # Whose host an API set has may depend on the importer.
            at_once = plain and not is_api_set(name)
            loaded = self._loaded.get(import_name(name)) if at_once else None
            if loaded is not None:
                if self._add(name, loaded):
                    self._redirected[loaded] = importer.redirected
                    yield loaded
                continue
            answer = self._find(name, importer, rivalry=not bound)
            if not bound:
                rows.append(Import(name, answer))
            if answer.path is None or answer.unreadable is not None:
                self._failures += not (answer.provided or bound)
                continue
            if self._add(name, answer.path):
                self._redirected[answer.path] = importer.redirected
                yield answer.path
            if not bound:
                self._bind(name, answer.path, importer)

    def _importer(self, path: str, image: Image, depth: int) -> _Importer:
        search = own_list(self._process, path, image.load_flags) or self._search
        # What has no manifest is under that of its importer (Wine,
        # dlls/ntdll/loader.c, fixup_imports).
        redirected = self._redirected.get(path, {})
        if image.assemblies is not None and not image.assemblies:
            redirected = {}
        if image.assemblies:
            from ._assemblies import redirections

            found, unmet = redirections(image.assemblies, path, self._process)
            self._unmet[path] = unmet
            redirected = redirected if unmet else found
        return _Importer(path, search, redirected, depth)

    def _find(
        self, name: str, importer: _Importer, by: str = "", *, rivalry: bool = True
    ) -> Answer:
        return self._process.find(
            name,
            base_name(by or importer.path),
            importer.search,
            loaded=self._loaded,
            redirected=importer.redirected,
            answers=self._answers if importer.search is self._search else None,
            rivalry=rivalry,
        )

    def _add(self, name: str, path: str) -> bool:
        """Note a file as loaded; tell whether its own imports are still to come."""
        if self.resolved.setdefault(import_name(name), path) != path:
            self.resolved[path] = path
        self._loaded.setdefault(base_name(path).lower(), path)
        return path not in self._imports

    def _wanted(self, importer: str, name: str) -> tuple[Symbol, ...]:
        return (self._disk.imports(importer) or {}).get(name, ())

    def _bind(self, name: str, provider: str, importer: _Importer) -> None:
        exports = self._disk.exports(provider)
        if exports is None or not exports.forwards:
            return
        for symbol in self._wanted(importer.path, name):
            forwarded = symbol in exports.forwarders
            if forwarded and (provider, symbol) not in self._bound:
                self._bound.add((provider, symbol))
                self._forward(provider, symbol, importer)

    def _forward(self, provider: str, symbol: Symbol, importer: _Importer) -> None:
        """Follow the forwarder of a symbol, if it is one, to where it ends."""
        at, wanted, leads = provider, symbol, ""
        for _ in range(_DEEPEST):
            exports = self._disk.exports(at)
            text = exports.forwarder(wanted) if exports is not None else None
            if exports is None or (text is None and wanted in exports):
                return
            if text is None:
                break
            module, _, target = text.rpartition(".")
            leads = leads or text
            # The host of an API set is that for the DLL that forwards: kernel32's own
            # forwarders lead to sets of which kernel32 is the host for others.
            answer = self._find(module, importer, at)
            if answer.provided:
                return
            if answer.path is None or not self._bring(module, answer, at, importer):
                break
            at = answer.path
            wanted = forwarded_symbol(target)
        if leads:
            self._dangling[provider, symbol] = leads

    def _bring(self, module: str, answer: Answer, by: str, importer: _Importer) -> bool:
        """Load the module that a forwarder names, with its imports, or nothing."""
        path = answer.path
        if path is None or answer.unreadable is not None or path in self._failed:
            return False
        if importer.depth > _DEEPEST:
            return False
        if path in self._imports:
            self._add(module, path)
        elif not self._load(module, path, importer):
            return False
        self._forwarded.setdefault(by, {})[import_name(module)] = path
        return True

    def _load(self, module: str, path: str, importer: _Importer) -> bool:
        """Load a file with its imports, or nothing."""
        before = {name: copy(getattr(self, name)) for name in _STATE}
        before["_forwarded"] = {at: {**to} for at, to in self._forwarded.items()}
        self._add(module, path)
        self._redirected[path] = importer.redirected
        self._descend(path, importer.depth + 1)
        if self._failures > before["_failures"]:
            # The loader takes back what it has loaded for a load that fails.
            vars(self).update(before)
            self._failed.add(path)
            return False
        return True


def _imported(image: Image) -> tuple[str, ...]:
    """Return the names that the loader resolves when it loads a file."""
    if image.program:
        return ()
    return _NET_LOADER if image.il_only else image.imports
