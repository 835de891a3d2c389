r"""Places of a Python on disk, asked for in Windows' notation.

The Python need not be that of this system: `\` separates, names have no case, and
what lies outside its folders cannot be told unless this is Windows.
"""

from __future__ import annotations

import fnmatch
import glob
import ntpath
import os
import re
from typing import Final

from ._environment import Environment

_ROOTED: Final = re.compile(r"[A-Za-z]:[\\/]|[\\/]")
_MOST_NAMES: Final = 1000
_LONGEST: Final = 1000


class Places:
    """The folders of an environment.

    :param environment: the Python, with its packages.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        folders = *environment.site, environment.prefix, environment.base_prefix
        given = sorted(filter(None, (*folders, environment.user)), key=len)
        self._roots = {os.path.abspath(root): root for root in reversed(given)}
        self._modules: dict[str, str | None] = {}

    def locate(self, path: str) -> tuple[bool, str | None]:
        """Find a path.

        :param path: a path in either notation.
        :returns: whether this can be told, and the path as it is on disk, None where
            nothing is there.
        """
        if not is_rooted(path) or len(path) > _LONGEST:
            return False, None
        here = ntpath.normpath(path)
        if os.name != "nt":
            here = here.replace("\\", "/")
        if os.path.exists(here):
            return self._is_ours(here), here
        for root in self._roots:
            if here.startswith(root + os.sep):
                return True, _in_any_case(root, here[len(root) + 1 :])
        return os.name == "nt", None

    def folder(self, path: str) -> str | None:
        """Return an existing folder in the notation of the environment, or None."""
        known, found = self.locate(path)
        if not known or found is None or not os.path.isdir(found):
            return None
        for root, given in self._roots.items():
            if f"{found}{os.sep}".startswith(root + os.sep):
                return os.path.normpath(given + found[len(root) :])
        return found

    def matching(self, pattern: str) -> tuple[str, ...] | None:
        """Return the paths that fit a pattern, or None where this cannot be told."""
        folder, name = ntpath.split(pattern)
        folders: tuple[str, ...] | None = (folder,)
        if glob.has_magic(folder):
            # One level of stars is read, not a tree.
            above = ntpath.dirname(folder)
            folders = None if glob.has_magic(above) else self.matching(folder)
        if folders is None or "**" in name:
            return None
        found: list[str] = []
        for parent in folders:
            known, here = self.locate(parent)
            if not known:
                return None
            if here is not None and os.path.isdir(here):
                names = sorted(os.listdir(here)[:_MOST_NAMES])
                fitting = (n for n in names if fnmatch.fnmatch(n.lower(), name.lower()))
                found += [os.path.join(here, n) for n in fitting]
        return tuple(found)

    def module(self, name: str) -> str | None:
        """Return the source file of a module among the packages.

        :returns: the folder of a package without `__init__.py`; None where there is
            no such module in source.
        """
        if name not in self._modules:
            self._modules[name] = self._module(name.split("."))
        return self._modules[name]

    def _module(self, parts: list[str]) -> str | None:
        if not all(part.isidentifier() for part in parts):
            return None
        folder = None
        for site in self.environment.site:
            path = os.path.join(os.path.abspath(site), *parts)
            for file in (os.path.join(path, "__init__.py"), f"{path}.py"):
                if os.path.isfile(file):
                    return file
            if folder is None and os.path.isdir(path):
                folder = path
        return folder

    def _is_ours(self, path: str) -> bool:
        # On another system C:\ is not at hand, and /usr is not the target's.
        within = f"{path}{os.sep}"
        return os.name == "nt" or any(
            within.startswith(r + os.sep) for r in self._roots
        )


def is_rooted(path: str) -> bool:
    """Tell whether a path depends on no current folder."""
    return _ROOTED.match(path) is not None


def _in_any_case(root: str, rest: str) -> str | None:
    path = root
    for part in rest.split(os.sep):
        try:
            names = os.listdir(path)
        except (OSError, ValueError):
            return None
        found = next((n for n in names if n.lower() == part.lower()), None)
        if found is None:
            return None
        path = os.path.join(path, found)
    return path
