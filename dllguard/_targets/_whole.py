"""All there is to load in an environment: its distributions, and files of none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .._packages._distribution import Distribution, NativeFile
from .._packages._environment import Environment
from .._paths import base_name, folder_of, join
from .._tables._conventions import PAIRED


@dataclass(frozen=True)
class Whole:
    """Everything native in an environment.

    :param label: what stands for the files of no distribution in a report.
    :param distributions: those with native files, by their names.
    :param required: all that a distribution requires, directly or not, by keys.
    :param loose: targets for the files that belong to none, each a file, or a folder
        with such files alone.
    """

    label: str
    distributions: tuple[Distribution, ...]
    required: Mapping[str, frozenset[str]] = field(repr=False)
    loose: tuple[str, ...] = ()


def everything(environment: Environment, folder: str = "", label: str = "") -> Whole:
    """List all that can be loaded in an environment.

    :param environment: of which.
    :param folder: only what is below it; by default all packages, and the files below
        the prefix.
    :param label: as in `Whole`; by default that folder.
    """
    installed = _distributions(environment)
    ours = {
        key: found
        for key, found in installed.items()
        if found.natives and (not folder or _is_below(found.site, folder))
    }
    roots = (folder,) if folder else _roots(environment)
    owned = {
        _plain(file.path) for found in installed.values() for file in found.natives
    }
    loose = _loose(roots, owned, environment)
    return Whole(
        label or roots[0],
        tuple(ours[key] for key in sorted(ours)),
        {key: _required(key, installed, environment) for key in ours},
        tuple(_targets(loose, environment)),
    )


def _distributions(environment: Environment) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for distribution in environment.distributions():
        # The first one on sys.path is the one that is imported.
        found.setdefault(distribution.key, distribution)
    return found


def _required(
    key: str, installed: Mapping[str, Distribution], environment: Environment
) -> frozenset[str]:
    found: set[str] = set()
    waiting = [key]
    while waiting:
        each = installed.get(waiting.pop())
        if each is None:
            continue
        for name in (*environment.required(each), *PAIRED.get(each.key, ())):
            required = Distribution(name, None, "").key
            if required not in found:
                found.add(required)
                waiting.append(required)
    return frozenset(found - {key})


def _roots(environment: Environment) -> tuple[str, ...]:
    """Return the prefix, and the folders of packages outside of it."""
    named = ("site-packages", "dist-packages")
    others = (f for f in environment.site if base_name(f).lower() in named)
    outside = (f for f in others if not _is_below(f, environment.prefix))
    return (environment.prefix, *dict.fromkeys(outside))


def _loose(
    roots: Iterable[str], owned: set[str], environment: Environment
) -> dict[str, None]:
    natives = environment.disk.natives
    found = {p: None for r in roots for p in natives(r) if _plain(p) not in owned}
    files = tuple(NativeFile(path) for path in found)
    ours = environment.extension_modules(Distribution("", None, "", files))
    # What another Python's name is on, this one does not import.
    theirs = {p for p in found if p.lower().endswith(".pyd")}.difference(ours)
    return {path: None for path in found if path not in theirs}


def _targets(loose: Mapping[str, None], environment: Environment) -> Iterator[str]:
    """Yield what to judge: a package at once where nothing else lies in it."""
    at_once: dict[str, bool] = {}
    natives = environment.disk.natives
    for path in sorted(loose, key=str.lower):
        package = environment.package_of(path)
        folder = next(
            (
                join(site, package)
                for site in environment.site
                if package and _is_below(folder_of(path), join(site, package))
            ),
            "",
        )
        if folder and folder not in at_once:
            at_once[folder] = all(native in loose for native in natives(folder))
            if at_once[folder]:
                yield folder
        if not at_once.get(folder):
            yield path


def _is_below(path: str, folder: str) -> bool:
    return f"{_plain(path)}/".startswith(f"{_plain(folder).rstrip('/')}/")


def _plain(path: str) -> str:
    return os.path.abspath(path).replace("\\", "/").lower()
