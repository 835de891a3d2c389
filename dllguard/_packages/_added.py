"""Folders that packages give to `os.add_dll_directory` when they are imported.

A row of `_conventions.ADDED_FOLDERS` wins; of other packages the source is read.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from .. import _deadline
from .._tables._conventions import ADDED_FOLDERS, CONFIG_FILES
from ._distribution import Distribution, import_names
from ._environment import Environment
from ._marks import is_shared, names_the_call, patched_folder
from ._source_places import Places

if TYPE_CHECKING:
    from ._source import Source

_MOST_FOLDERS: Final = 200
_MOST_FILES: Final = 2000

# distutils-precedence.pth of setuptools (49.3 to 84.2): its module adds no folder.
_HARMLESS: Final = (
    b"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; "
    b"enabled = os.environ.get(var, 'local') == 'local'; "
    b"enabled and __import__('_distutils_hack').add_shim();"
)


def added_folders(
    distribution: Distribution, environment: Environment
) -> tuple[str, ...]:
    """Return the folders that importing a distribution adds, in the order of the calls.

    Of a distribution with native files all modules beside its `__init__.py` are read,
    since any may be imported; of a pure one, `__init__.py` and what that imports.

    :param distribution: what is imported.
    :param environment: the Python that imports it.
    :returns: existing folders; the newest, which is last, is searched first.
    """
    return environment.inventory.added(
        distribution.key, distribution.site, lambda: _read(distribution, environment)
    )


def start_up_folders(environment: Environment) -> tuple[str, ...]:
    """Return the folders that are added when Python starts, in the order of the calls.

    The lines of `.pth` files that begin with `import` are code ("site" in the Python
    documentation).

    :param environment: whose `.pth` files are read.
    :returns: existing folders; the newest, which is last, is searched first.
    """
    places = Places(environment)
    program = _Program(places, packages=None)
    for line in _start_up_lines(environment.site):
        if line.strip() != _HARMLESS or _is_changed(environment.site):
            program.source.run(line, {})
    return _existing(places, program.given)


class _Program:
    """The modules of one program, read as far as they name the call.

    :param places: the Python that would run it.
    :param packages: as for `Source`.
    """

    def __init__(self, places: Places, packages: Collection[str] | None) -> None:
        self._places = places
        self._packages = packages
        self._source: Source | None = None
        self._patched: dict[str, tuple[str, str]] = {}

    @property
    def source(self) -> Source:
        """What reads them; most programs never come to need it."""
        if self._source is None:
            from ._source import Source

            self._source = Source(self._places, self._packages)
            for path, name in self._patched.values():
                self._source.read(path, name)
        return self._source

    @property
    def given(self) -> list[str]:
        """The folders that are added, in the order of the calls."""
        return [*self._patched] if self._source is None else self._source.given

    def read(self, path: str, name: str, *, whole: bool = False) -> None:
        """Import a module, as `Source.read` does."""
        # os.add_dll_directory came with Python 3.8.
        known = self._places.environment.version >= (3, 8)
        plain = known and not whole and self._source is None
        folder = patched_folder(path) if plain else None
        if folder is not None:
            self._patched.setdefault(folder, (path, name))
        elif whole or names_the_call(path):
            self.source.read(path, name, whole=whole)


def _is_changed(site: Iterable[str]) -> bool:
    paths = (os.path.join(folder, "_distutils_hack", "__init__.py") for folder in site)
    return any(map(names_the_call, paths))


def _read(distribution: Distribution, environment: Environment) -> tuple[str, ...]:
    places = Places(environment)
    rows = ADDED_FOLDERS.get(distribution.key)
    if rows is None:
        return _existing(places, _given_by(distribution, places))
    return _existing(places, _placed(rows, distribution.site, environment))


def _existing(places: Places, given: Iterable[str]) -> tuple[str, ...]:
    found = [folder for folder in map(places.folder, given) if folder]
    # A folder that is added again is searched where it was added last.
    return tuple(dict.fromkeys(reversed(found)))[::-1]


def _placed(rows: Iterable[str], site: str, environment: Environment) -> Iterator[str]:
    roots = {
        "{prefix}": environment.prefix,
        "{base_prefix}": environment.base_prefix,
        "{user}": environment.user,
    }
    for row in rows:
        first, *rest = row.split("/")
        root = roots.get(first)
        if root is None:
            yield os.path.abspath(os.path.join(site, first, *rest))
        elif root:
            yield os.path.abspath(os.path.join(root, *rest))


def _given_by(distribution: Distribution, places: Places) -> list[str]:
    names = _import_names(distribution, places.environment)
    program = _Program(places, names)
    modules = (os.path.join(distribution.site, f"{name}.py") for name in names)
    # One that a module beside it defines may be called in a package.
    whole = any(map(names_the_call, modules))
    for name in names:
        path = os.path.join(distribution.site, name)
        if name in CONFIG_FILES:
            _configured(program, path, name, places.environment.version)
        elif os.path.isdir(path):
            beside = bool(distribution.natives)
            _package(program, path, name, beside=beside, whole=whole)
        else:
            program.read(f"{path}.py", name)
    if distribution.delvewheel and not program.given:
        # A patch that was put by hand (`# delvewheel: patch`) may lie anywhere.
        for path in _files_below(distribution.site, names):
            program.read(path, path)
    return program.given


def _import_names(distribution: Distribution, environment: Environment) -> list[str]:
    name, site = distribution.name, distribution.site
    for found in environment.inventory.distributions([site], name):
        return sorted(filter(str.isidentifier, import_names(found)))
    return [distribution.name]


def _package(
    program: _Program,
    folder: str,
    name: str,
    *,
    beside: bool,
    whole: bool = False,
    depth: int = 1,
) -> None:
    files, folders = _listed(folder)
    init = os.path.join(folder, "__init__.py")
    is_package = "__init__.py" in files
    others = [f for f in files if f != "__init__.py"] if beside else []
    marked = [f for f in others if names_the_call(os.path.join(folder, f))]
    if is_package:
        program.read(init, name, whole=whole or bool(marked))
    for file in marked:
        program.read(os.path.join(folder, file), f"{name}.{file[: -len('.py')]}")
    if depth <= 2 and (not is_package or is_shared(init)):
        for below in folders[:_MOST_FOLDERS]:
            inner = os.path.join(folder, below)
            _package(program, inner, f"{name}.{below}", beside=beside, depth=depth + 1)


def _configured(
    program: _Program, folder: str, name: str, version: tuple[int, int]
) -> None:
    scope: dict[str, object] = {
        "LOADER_DIR": os.path.abspath(folder),
        "BINARIES_PATHS": (),
        "PYTHON_EXTENSIONS_PATHS": (),
    }
    for rows in CONFIG_FILES[name]:
        for row in rows:
            path = os.path.join(folder, row.format(*version))
            if os.path.isfile(path):
                program.source.execute(path, scope)
                break
    paths = scope["BINARIES_PATHS"]
    if isinstance(paths, tuple):
        program.source.given += [path for path in paths if isinstance(path, str)]


def _start_up_lines(site: Iterable[str]) -> Iterator[bytes]:
    for folder in site:
        for name in _listed(folder, ".pth")[0]:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    lines = file.read().splitlines()
            except OSError:
                continue
            yield from (n for n in lines if n.startswith((b"import ", b"import\t")))


def _listed(folder: str, ending: str = ".py") -> tuple[list[str], list[str]]:
    """Return the files of one ending in a folder, and the folders in it."""
    files, folders = [], []
    _deadline.check()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(ending):
                    files.append(entry.name)
                elif entry.name.isidentifier() and entry.is_dir():
                    folders.append(entry.name)
    except OSError:
        return [], []
    return sorted(files), sorted(folders)


def _files_below(site: str, names: Iterable[str]) -> Iterator[str]:
    left = _MOST_FILES
    for name in names:
        for parent, folders, files in os.walk(os.path.join(site, name)):
            folders.sort()
            for file in sorted(files):
                left -= 1
                if left < 0:
                    return
                if file.endswith(".py"):
                    yield os.path.join(parent, file)
