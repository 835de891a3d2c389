"""Read Python source for the folders it gives to `os.add_dll_directory`.

Nothing is run and nothing is guessed: what cannot be told from the text and from the
disk is left out. Files that do not name the call are not parsed, and of a file that
delvewheel has patched only the patch is, if that is the only place.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import warnings
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from ._marks import content_of, excerpt
from ._source_calls import Library
from ._source_expressions import Exhausted, Frame, Scope
from ._source_places import Places
from ._source_statements import Statements
from ._source_values import UNKNOWN, Reference

_LARGEST: Final = 200_000
_NOWHERE: Final = "<read by dllguard>"
_QUIET: Final = re.compile(re.escape(_NOWHERE))
_IMPORTERS: Final = {"__import__", "importlib.import_module"}


class Source(Statements):
    """One program: modules that are imported one after the other.

    :param places: the Python that would run it.
    :param packages: top-level names of the modules that belong to the program; None
        for all but Python's own.
    """

    def __init__(self, places: Places, packages: Collection[str] | None) -> None:
        super().__init__(Library(places))
        self._places = places
        self._packages = packages
        self._modules: dict[str, Scope | None] = {}

    def read(self, path: str, name: str, *, whole: bool = False) -> None:
        """Import a module.

        :param path: its file.
        :param name: its full name.
        :param whole: also if it does not itself name the call.
        """
        if name in self._modules:
            return
        self._modules[name] = None
        content = content_of(path)
        text = content if whole else excerpt(content)
        if not text or len(text) > _LARGEST:
            return
        folder, file = os.path.split(os.path.abspath(path))
        is_package = file.lower() == "__init__.py"
        scope: Scope = {
            "__file__": os.path.join(folder, file),
            "__name__": name,
            "__package__": name if is_package else name.rpartition(".")[0],
            "__path__": (folder,) if is_package else UNKNOWN,
        }
        self._modules[name] = scope
        self.run(text, scope)

    def execute(self, path: str, scope: Scope) -> None:
        """Run a file with names that are given to it, as `exec` does."""
        text = content_of(path)
        self.run(text if len(text) <= _LARGEST else b"", scope)

    def run(self, text: bytes, scope: Scope) -> None:
        """Run the text of a module.

        :param scope: the module's names, which are bound in it.
        """
        depth = self._depth
        try:
            self.block(_parsed(text), Frame((scope,)))
        except (Exhausted, RecursionError):
            # What was found up to there stands.
            return
        finally:
            self._depth = depth

    def module_scope(self, name: str) -> Scope | None:
        """Return the names of a module that was read, or None."""
        return self._modules.get(name)

    def called(
        self,
        function: object,
        values: Sequence[object],
        names: Mapping[str, object] | None = None,
    ) -> object:
        """Call a function; one that imports reads the module first."""
        is_import = isinstance(function, Reference) and function.name in _IMPORTERS
        if is_import and values and isinstance(values[0], str):
            self._load(values[0])
        return super().called(function, values, names)

    def _import(self, node: ast.Import, frame: Frame) -> None:
        for alias in node.names:
            self._load(alias.name)
            bound = alias.name if alias.asname else alias.name.partition(".")[0]
            target = ast.Name(alias.asname or bound)
            self.assign(target, Reference(bound), frame)

    def _importfrom(self, node: ast.ImportFrom, frame: Frame) -> None:
        base = self._base(node, frame)
        if base:
            self._load(base)
        for alias in node.names:
            value: object = UNKNOWN
            if alias.name == "*":
                for name, item in (self.module_scope(base) or {}).items():
                    if not name.startswith("_"):
                        self.assign(ast.Name(name), item, frame)
                continue
            if base:
                self._load(f"{base}.{alias.name}")
                value = self.member(Reference(base), alias.name)
            self.assign(ast.Name(alias.asname or alias.name), value, frame)

    def _base(self, node: ast.ImportFrom, frame: Frame) -> str:
        if not node.level:
            return node.module or ""
        package = frame.scopes[0].get("__package__")
        if not isinstance(package, str):
            return ""
        parts = package.split(".")
        kept = parts[: len(parts) - node.level + 1]
        return ".".join([*kept, node.module] if node.module else kept)

    def _load(self, name: str) -> None:
        """Read a module and the packages around it, if they are the program's."""
        parts = name.split(".")
        ours = self._packages is None or parts[0] in self._packages
        if not ours or parts[0] in sys.stdlib_module_names:
            return
        for end in range(1, len(parts) + 1):
            self.step()
            path = self._places.module(".".join(parts[:end]))
            if path is not None and path.endswith(".py"):
                self.read(path, ".".join(parts[:end]))


def _parsed(text: bytes) -> list[ast.stmt]:
    # An invalid escape in a package is no matter of this process. `catch_warnings`
    # puts aside the filters of all threads; this one is for a file of that name alone.
    if not any(row[3] == _QUIET for row in warnings.filters):
        warnings.filterwarnings("ignore", module=_QUIET.pattern)
    try:
        return ast.parse(text, _NOWHERE).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
