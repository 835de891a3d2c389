"""What `import X` may touch of an environment, as far as its source shows.

Every branch counts, but for imports whose failure the source leaves at that; and so do
functions that are called by name while a module is imported.
"""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from .._files._layout import MalformedError
from .._files._pe import mapped
from .._paths import shortened
from ._distribution import import_names
from ._environment import Environment
from ._modules import InDoubtError, Module

# scipy.stats comes to 700 in one second; torch, to more than is worth the time.
_MOST_MODULES: Final = 800
# For what hangs alone: on a slow machine the answer is to be the same.
_MOST_SECONDS: Final = 15.0

# Called when an attribute is asked for, which an import does not.
_LAZY: Final = frozenset({"__getattr__", "__getattribute__"})
_DOTTED: Final = rb"\b(?:\.[A-Za-z_]\w*){0,20}"
_WORD: Final = re.compile(rb"\w")


def touched_by(
    name: str, files: Sequence[str], environment: Environment
) -> frozenset[str]:
    """Return the extension modules that an import may touch; in doubt, it does.

    :param name: import or distribution name.
    :param files: full paths of the extension modules asked about.
    :param environment: where the import would happen.
    """
    return environment.inventory.touched(
        name, files, environment.site, lambda: _read(name, files, environment)
    )


def _read(name: str, files: Sequence[str], environment: Environment) -> frozenset[str]:
    reach = _Reach(files, environment)
    try:
        reach.follow(name)
    except (InDoubtError, RecursionError):
        return frozenset(files)
    return frozenset(file for file in files if _plain(file) not in reach.untouched)


class _Reach:
    """What was not touched yet, and what is still to be followed."""

    def __init__(self, files: Sequence[str], environment: Environment) -> None:
        self._environment = environment
        self._site = tuple(map(os.path.abspath, environment.site))
        # With the path below the site folder. Of what is below none nothing is known.
        self.untouched: dict[str, str] = {}
        for path in map(os.path.abspath, files):
            short = shortened(path, self._site)
            if short != path:
                self.untouched[_plain(path)] = short
        inventory = environment.inventory
        self._modules = inventory.modules(self._site, environment.version)
        self._loaded: set[str] = set()
        self._queued: set[tuple[str, str]] = set()
        self._todo: deque[tuple[Module, str]] = deque()
        self._imported = 0
        self._until = time.monotonic() + _MOST_SECONDS

    def follow(self, name: str) -> None:
        """Take what an import touches out of `untouched`.

        :raises InDoubtError: when it cannot be told.
        """
        names = [name]
        if self._modules.find(name) is None:
            site, inventory = self._environment.site, self._environment.inventory
            found = next(inventory.distributions(site, name), None)
            listed = sorted(import_names(found)) if found else ()
            names = [n for n in listed if n.isidentifier() and self._modules.find(n)]
        for start in names:
            module = self._modules.find(start)
            if module is None or module.is_namespace:
                raise InDoubtError
            self._touch(start)
        if not names:
            raise InDoubtError
        while self._todo and self.untouched:
            self._check_budget()
            self._run(*self._todo.popleft())

    def _run(self, module: Module, part: str) -> None:
        """Follow what runs when a module is imported, or its function is called."""
        if not part:
            self._load(module)
        outline = module.outline
        if part not in outline.parts:
            for origin, name in outline.bound_as(part):
                self._follow_function(origin, name)
            return
        for imported in outline.imports(part):
            self._touch(imported)
        if outline.imports_unnamed(part):
            self._touch_all_of(module)
        for called in outline.calls(part):
            base, _, name = called.rpartition(".")
            if not base or name in outline.parts:
                self._follow_function(module.name, name)
            for origin, original in outline.bound_as(base) if base else ():
                self._follow_function(f"{origin}.{original}".rstrip("."), name)

    def _follow_function(self, module: str, name: str) -> None:
        # What was not imported cannot be called, and a module is no function.
        if name and name not in _LAZY and (module, "") in self._queued:
            found = self._modules.find(module)
            if found is not None:
                self._queue(found, name)

    def _queue(self, module: Module, part: str) -> None:
        if (module.name, part) not in self._queued:
            self._queued.add((module.name, part))
            self._todo.append((module, part))
            self._imported += not part

    def _touch(self, name: str) -> None:
        """Import a module and the packages around it."""
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            module = self._modules.find(".".join(parts[:end]))
            if module is None:
                self._touch_elsewhere(".".join(parts[: end - 1]), parts[end - 1])
                return
            self._queue(module, "")

    def _touch_elsewhere(self, package: str, name: str) -> None:
        """Touch what a package may have put into itself by its `__path__`."""
        found = self._modules.find(package)
        if found is not None and "__path__" in found.outline.parts[""]:
            named = re.compile(rf"(?:^|\\){re.escape(name)}[.\\]", re.IGNORECASE)
            for path, short in [*self.untouched.items()]:
                if named.search(short) and not self._is_of_another(short, package):
                    del self.untouched[path]

    def _is_of_another(self, short: str, package: str) -> bool:
        """Tell whether a file is inside a regular package of another name."""
        top = short.partition("\\")[0]
        found = self._modules.find(top) if top != package.partition(".")[0] else None
        return found is not None and found.is_package

    def _touch_all_of(self, module: Module) -> None:
        """Touch all of the package that a module belongs to."""
        package = self._modules.find(module.name.partition(".")[0])
        if package is None or not package.folders:
            raise InDoubtError
        within = tuple(f"{_plain(folder)}/" for folder in package.folders)
        for path in [*self.untouched]:
            if path.startswith(within):
                del self.untouched[path]

    def _load(self, module: Module) -> None:
        """Touch extension modules, and what their code imports."""
        paths = [*module.extensions]
        if module.is_namespace:
            for folder in {*module.folders} - {*self._site}:
                for names in self._modules.listing(folder)[0].values():
                    paths += [os.path.join(folder, name) for name in names]
        paths = [path for path in paths if path.lower().endswith(".pyd")]
        while paths:
            path = paths.pop()
            if path not in self._loaded:
                self._loaded.add(path)
                self.untouched.pop(_plain(path), None)
                for name in self._named_in(path):
                    self._touch(name)
                paths += self._beside(path)

    def _beside(self, path: str) -> Iterator[str]:
        """Yield the extension modules of one folder that another one there names.

        No source shows their imports, and a relative one has no name of a package. Rust
        keeps its strings in one piece, so that a part of a word counts too. The folders
        on `sys.path` hold what is unrelated.
        """
        folder = os.path.dirname(path)
        if folder in self._site:
            return
        others = {
            stem: [os.path.join(folder, name) for name in names]
            for stem, names in self._modules.listing(folder)[0].items()
        }
        try:
            with mapped(path) as data:
                for stem, paths in others.items():
                    natives = [p for p in paths if p.lower().endswith(".pyd")]
                    if natives and data.find(stem.encode()) >= 0:
                        yield from natives
        except (OSError, MalformedError):
            return

    def _named_in(self, path: str) -> set[str]:
        """Return modules that an extension module has the names of.

        A string of its own in C is the name of a module to import. Rust and Cython 3.2
        keep their strings in one piece, where a name may as well be of a text: there
        the package alone counts, not the modules in it.
        """
        named: set[str] = set()
        tops = {re.split(r"[.\\]", short)[0] for short in self.untouched.values()}
        try:
            with mapped(path) as data:
                for top in tops:
                    self._check_budget()
                    for found in re.finditer(re.escape(top.encode()) + _DOTTED, data):
                        start, end = found.span()
                        if data[start - 1 : start] == data[end : end + 1] == b"\0":
                            named.add(found[0].decode())
                        elif not _WORD.match(data, start - 1):
                            named.add(top)
        except (OSError, MalformedError):
            pass
        return named

    def _check_budget(self) -> None:
        if self._imported > _MOST_MODULES or time.monotonic() > self._until:
            raise InDoubtError


def _plain(path: str) -> str:
    return os.path.abspath(path).replace("\\", "/").lower()
