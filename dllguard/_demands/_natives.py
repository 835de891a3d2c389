"""The native files of a target, what comes with each, and which load first."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from .._hosts._host import Host
from .._judge import TargetError, is_path
from .._loader._process import import_name
from .._model import Image
from .._packages._distribution import Distribution
from .._packages._environment import native_files
from .._paths import base_name, folder_of, shortened
from .._tables._conventions import OPENED, OPTIONAL, PRELOADED
from ._asked import Native


def natives_of(
    target: str, host: Host
) -> tuple[tuple[Distribution, ...], list[Native]]:
    """Return the distributions of a target, and its native files.

    :param target: a distribution or import name, a file, a folder.
    :param host: in whose environment names are looked up.
    :raises TargetError: for what is not there or holds no native file.
    """
    environment = host.environment
    if not is_path(target):
        distributions = environment.closure(target)
        if not distributions:
            raise TargetError(f"{target}: not installed")
        return distributions, [n for d in distributions for n in _of(d, host)]
    path = os.path.abspath(target)
    if os.path.isdir(path):
        paths, root = list(native_files(path)), path
    elif os.path.isfile(path):
        paths, root = [path], folder_of(path)
    else:
        raise TargetError(f"{target}: no such file or folder")
    if not paths:
        raise TargetError(f"{target}: holds no .pyd or .dll file")
    beside = frozenset(map(_key, native_files(root)))
    packages = dict.fromkeys(filter(None, map(environment.package_of, paths)))
    found = {name: environment.closure(name) for name in packages}
    natives = []
    for path in paths:
        own = found.get(environment.package_of(path), ())
        optional, loads = _loaded(path, own)
        alone = len(paths) == 1
        brought = beside | _names(own)
        natives.append(Native(path, brought, optional and not alone, loads or alone))
    flat = dict.fromkeys(d for closure in found.values() for d in closure)
    return tuple(flat), natives


def _of(distribution: Distribution, host: Host) -> Iterator[Native]:
    brought = _names(host.environment.closure(distribution.name))
    for file in distribution.natives:
        yield Native(file.path, brought, *_loaded(file.path, (distribution,)))


def _names(distributions: Sequence[Distribution]) -> frozenset[str]:
    return frozenset(_key(f.path) for d in distributions for f in d.natives)


def _key(path: str) -> str:
    return base_name(path).lower()


def _loaded(path: str, distributions: Sequence[Distribution]) -> tuple[bool, bool]:
    """Tell whether nothing of a package imports a module; whether it loads a DLL."""
    optional = _is_in((OPTIONAL,), path, distributions)
    if path.lower().endswith(".pyd"):
        return optional, not optional
    return optional, _is_in((PRELOADED, OPENED), path, distributions)


def _is_in(
    tables: Sequence[Mapping[str, Sequence[str]]],
    path: str,
    distributions: Sequence[Distribution],
) -> bool:
    return any(
        fnmatch.fnmatch(shortened(path, (d.site,)).replace("\\", "/").lower(), pattern)
        for d in distributions
        for table in tables
        for pattern in table.get(d.key, ())
    )


def with_optional(
    files: Collection[tuple[Native, Image]],
) -> list[tuple[Native, Image]]:
    """Mark the files that no load of another brings: plug-ins, and what they import.

    Where nothing is known to load by itself, as among DLLs alone, everything counts.
    """
    by_name: dict[str, list[tuple[Native, Image]]] = {}
    for native, image in files:
        by_name.setdefault(_key(native.path), []).append((native, image))
    waiting = [(native, image) for native, image in files if native.loads]
    if not waiting:
        return list(files)
    reached = {native.path for native, _ in waiting}
    while waiting:
        _, image = waiting.pop()
        for name in image.imports:
            for native, other in by_name.get(import_name(name), ()):
                if native.path not in reached:
                    reached.add(native.path)
                    waiting.append((native, other))
    return [(replace(n, optional=n.path not in reached), i) for n, i in files]
