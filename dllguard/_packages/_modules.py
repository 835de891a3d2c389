"""Modules of an environment, as `import` finds them on disk without running anything.

"The import system" (The Python Language Reference) has the rules.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .. import _deadline
from ._outline import Outline, source_text


class InDoubtError(Exception):
    """What is touched cannot be told, or not in time."""


@dataclass
class Module:
    """A module as it is found on disk.

    :param source: its source file, "" without.
    :param extensions: the extension modules that it is.
    :param folders: where its submodules are.
    """

    name: str
    source: str = ""
    extensions: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    is_package: bool = False

    @property
    def is_namespace(self) -> bool:
        """It is folders alone, so that nothing runs when it is imported."""
        return not self.source and not self.extensions

    @cached_property
    def outline(self) -> Outline:
        """What its source imports and calls.

        :raises InDoubtError: when that cannot be read.
        """
        if self.source.lower().endswith(".pyc"):
            raise InDoubtError
        try:
            text = source_text(self.source) if self.source else ""
        except (OSError, ValueError):
            raise InDoubtError from None
        return Outline(self.name, text, is_package=self.is_package)

    def take(self, folder: str, names: Iterable[str]) -> None:
        """Keep those of a folder's files that Python would import."""
        for name in sorted(names, reverse=True):
            ending = os.path.splitext(name)[1].lower()
            if ending == ".pyd":
                self.extensions.append(os.path.join(folder, name))
            elif name.count(".") == 1 and ending in (".py", ".pyw", ".pyc"):
                self.source = os.path.join(folder, name)


class Modules:
    """The modules on the folders of `sys.path`.

    :param site: those folders, in order.
    :param version: major and minor number of the Python.
    """

    def __init__(self, site: Sequence[str], version: tuple[int, int]) -> None:
        self._site = site
        # They come first. Another Python has others, but on its own site folders.
        ours = version == sys.version_info[:2]
        self._standard = sys.stdlib_module_names if ours else frozenset[str]()
        self._modules: dict[str, Module | None] = {}
        self._listings: dict[str, tuple[dict[str, list[str]], set[str]]] = {}

    def find(self, name: str) -> Module | None:
        """Return a module by its full name, or None where these folders lack it."""
        if name not in self._modules:
            self._modules[name] = self._found(name)
        return self._modules[name]

    def _found(self, name: str) -> Module | None:
        """Find a module in all folders that its package may have."""
        package, _, last = name.rpartition(".")
        above = self.find(package) if package else None
        folders = above.folders if above else () if package else self._site
        if not last or name in self._standard:
            return None
        module = Module(name)
        for folder in folders:
            files, below = self.listing(folder)
            if last in below:
                inside = os.path.join(folder, last)
                module.folders.append(inside)
                if module.is_namespace:
                    module.take(inside, self.listing(inside)[0].get("__init__", ()))
                    module.is_package = not module.is_namespace
            if module.is_namespace:
                module.take(folder, files.get(last, ()))
        if not module.is_namespace and not module.is_package:
            module.folders.clear()
        return None if module.is_namespace and not module.folders else module

    def listing(self, folder: str) -> tuple[dict[str, list[str]], set[str]]:
        """Return the files of a folder by their stems, and the folders in it."""
        if folder not in self._listings:
            files: dict[str, list[str]] = {}
            below: set[str] = set()
            _deadline.check()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        stem = entry.name.partition(".")[0]
                        files.setdefault(stem, []).append(entry.name)
                        if entry.is_dir():
                            below.add(entry.name)
            except OSError:
                pass
            self._listings[folder] = files, below
        return self._listings[folder]
