"""What is asked of a machine in any case, whatever its packages want of it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from typing import Final

from .._files._disk import Disk
from .._hosts._host import Host
from .._packages._distribution import Distribution, import_names, read_distribution
from .._packages._environment import Environment
from .._packages._stored import StoredMetadata
from .._paths import base_name, below, folder_of, is_native, join, plain
from .._tables._known_folders import (
    CONDA_FOLDERS,
    FOLDERS_BELOW,
    PRODUCT_FOLDERS,
    VARIABLE_FOLDERS,
)
from .._tables._loaded_by_name import BY_DISTRIBUTION
from .._tables._redistributables import ASSEMBLIES, PRODUCTS
from .._tables._windows_releases import FUNCTIONS_SINCE

_MOST_IMAGES: Final = 2000
"""Of native files that lie on PATH and in folders of products."""
_CORE: Final = ("ntdll.dll", "kernel32.dll", "ucrtbase.dll")
# Library\mingw-w64\bin, the deepest folder of DLLs, is three below its prefix.
_DEPTH: Final = 4


def prime(host: Host, distributions: Iterable[Distribution]) -> None:
    """Ask for all that a judgement of the machine may need.

    :param host: its disk keeps the answers.
    :param distributions: those with native files.
    """
    disk = host.process.disk
    _of_windows(host)
    _of_python(host)
    near = dict.fromkeys(_near(host))
    far = dict.fromkeys((*host.process.path, *_far(host)))
    natives = [file.path for one in distributions for file in one.natives]
    for folder in (*near, *far, *map(folder_of, natives)):
        disk.names(folder)
    if host.environment.is_frozen:
        natives += disk.natives(host.environment.prefix)
    for path in (*natives, *host.process.loaded.values()):
        _read(path, disk)
    _images_in(near, disk)
    system = {plain(host.process.system), plain(host.process.windows)}
    _images_in((f for f in far if plain(f) not in system), disk, _MOST_IMAGES)
    for folder in (*near, *far):
        _conda_around(folder, host.environment)


def bare_packages(
    environment: Environment, found: Iterable[StoredMetadata]
) -> Iterator[Distribution]:
    """Yield the packages and modules with native files that have no metadata.

    :param environment: where they are.
    :param found: all metadata of it.
    """
    disk = environment.disk
    known = {name for one in found for name in import_names(one)}
    known |= {plain(read_distribution(one).name) for one in found}
    base = environment.base_prefix
    standard = {plain(folder) for folder in (base, *_below(base, "Lib", "DLLs"))}
    for site in environment.site:
        if plain(site) in standard:
            continue
        names = {base_name(path).partition(".")[0] for path in _entries(site, disk)}
        for name in sorted(names.difference(known), key=str.lower):
            bare = environment.distribution(name) if name.isidentifier() else None
            if bare is not None and bare.version is None and bare.natives:
                yield bare


def _below(folder: str, *rows: str) -> Iterator[str]:
    return (below(folder, row) for row in rows)


def _entries(site: str, disk: Disk) -> Iterator[str]:
    """Yield what may be a native module or package in a folder of `sys.path`."""
    for name in disk.names(site):
        if is_native(name):
            yield join(site, name)
    if base_name(site).lower() in ("site-packages", "dist-packages"):
        yield from disk.matching(site, "*")
        return
    for path in disk.matching(site, "*"):
        # Others may hold anything: the current folder is among them.
        inside = disk.names(path)
        if any(n.lower() == "__init__.py" or is_native(n) for n in inside):
            yield path


def _of_windows(host: Host) -> None:
    process, disk = host.process, host.process.disk
    disk.names(process.windows)
    for name in (*_CORE, *PRODUCTS):
        path = disk.find(process.system, name)
        if path is not None:
            disk.read(path)
    for name in {dll for dll, _ in FUNCTIONS_SINCE}:
        path = disk.find(process.system, name)
        if path is not None:
            disk.exports(path)
    # A 32-bit process sees the System32 of others under the first name.
    for name in ("Sysnative", "System32", "SysWOW64"):
        folder = join(process.windows, name)
        if plain(folder) != plain(process.system):
            for dll in PRODUCTS:
                path = disk.find(folder, dll)
                if path is not None:
                    disk.image(path)
    _assemblies(process.windows, disk)


def _assemblies(windows: str, disk: Disk) -> None:
    """Ask for the side-by-side assemblies that products bring."""
    store = disk.subfolder(windows, "WinSxS")
    manifests = disk.subfolder(store, "Manifests")
    for name in disk.names(manifests) if manifests else ():
        if any(part in name.lower() for part in ASSEMBLIES):
            disk.content(join(manifests, name))
            folder = disk.subfolder(store, name[: -len(".manifest")])
            if folder:
                disk.names(folder)


def _of_python(host: Host) -> None:
    process, environment, disk = host.process, host.environment, host.process.disk
    library = join(process.application, "Lib")
    disk.find(library, "EXTERNALLY-MANAGED")
    for prefix in (environment.prefix, environment.base_prefix):
        environment.is_conda(prefix)
        disk.is_folder(prefix)
    _ = environment.is_of_msys2
    for found in environment.installed():
        for name in import_names(found):
            if name.isidentifier():
                disk.is_folder(join(str(found.locate_file("")), name))


def _near(host: Host) -> Iterator[str]:
    """Yield the folders of the Python, and those that are searched."""
    process, environment = host.process, host.environment
    yield process.application
    yield from process.added
    yield from filter(None, (process.set_directory, process.redirection))
    for prefix in dict.fromkeys((environment.prefix, environment.base_prefix)):
        yield prefix
        yield from (join(prefix, name) for name in ("DLLs", "Scripts"))
        yield from _below(prefix, *CONDA_FOLDERS)
    yield from environment.site


def _far(host: Host) -> Iterator[str]:
    """Yield the folders in which DLLs are found that are not searched."""
    process, environment = host.process, host.environment
    disk, drive = process.disk, folder_of(process.windows)
    yield join(process.windows, "system")
    if process.current:
        yield process.current
    for folder in process.added:
        yield from _below(folder, *FOLDERS_BELOW)
    if environment.user:
        yield from _below(environment.user, *CONDA_FOLDERS)
    for name, value in host.circumstances.variables.items():
        for pattern, rows in VARIABLE_FOLDERS.items():
            if value and fnmatch.fnmatch(name.upper(), pattern):
                yield from _below(value, *rows)
    for pattern in PRODUCT_FOLDERS:
        yield from disk.matching(drive, pattern)
    for wanted in BY_DISTRIBUTION.values():
        yield from _below(drive, *wanted.folders)


def _read(path: str, disk: Disk) -> None:
    found = disk.find(folder_of(path), base_name(path))
    if found is not None:
        disk.read(found)
        disk.size(path)


def _images_in(folders: Iterable[str], disk: Disk, most: int | None = None) -> None:
    paths = (join(folder, name) for folder in folders for name in disk.names(folder))
    for count, path in enumerate(filter(is_native, paths)):
        if most is not None and count >= most:
            return
        disk.image(path)
        if base_name(path).lower() in PRODUCTS:
            disk.version(path)
            disk.exports(path)


def _conda_around(folder: str, environment: Environment) -> None:
    """Ask for the packages of the conda environment that a folder is part of."""
    for _ in range(_DEPTH):
        if not folder or environment.conda_packages(folder):
            return
        folder = folder_of(folder)
