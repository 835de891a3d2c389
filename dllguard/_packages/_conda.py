"""The packages of a conda environment, as their records in conda-meta list them.

conda writes one JSON file for each package it links into a prefix ("Package metadata",
conda documentation; conda/conda, conda/models/records.py, PrefixRecord). A record that
is absent or garbled gives nothing: broken environments are what they are read for.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final

from .. import _deadline
from .._paths import join

# conda/conda, conda/models/match_spec.py: names are such, and come into commands.
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class CondaPackage:
    """One package that conda has linked into a prefix."""

    name: str
    version: str
    build: str = ""
    channel: str = ""
    """Name of the channel, `conda-forge`, or its address where it has none."""
    files: tuple[str, ...] = ()
    """What it brought, relative to the prefix and with slashes, as recorded."""
    depends: tuple[str, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Sizes in bytes as recorded, by lower-case file."""

    @property
    def title(self) -> str:
        """Name and version, as in `intel-openmp 2021.4.0`."""
        return f"{self.name} {self.version}"

    def owns(self, file: str) -> bool:
        """Tell whether the record lists a file.

        :param file: relative to the prefix, with either kind of slash, in any case.
        """
        return plain(file) in self._files

    def size_of(self, file: str) -> int | None:
        """Return the size in bytes that the record gives for a file.

        :param file: relative to the prefix, with either kind of slash, in any case.
        """
        return self.sizes.get(plain(file))

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(map(plain, self.files))


def conda_packages(prefix: str) -> tuple[CondaPackage, ...]:
    """Return the packages of a prefix, by file name; none where conda made none.

    Each prefix is read once and again only after its folder of records has changed.

    :param prefix: root of the environment.
    """
    folder = join(prefix, "conda-meta")
    try:
        changed = os.stat(folder).st_mtime_ns
    except (OSError, ValueError):
        return ()
    return _packages(folder, changed)


def conda_owners(prefix: str, path: str) -> tuple[CondaPackage, ...]:
    """Return the packages whose records list a file.

    :param prefix: root of the environment.
    :param path: full path of the file.
    """
    return owners_among(conda_packages(prefix), prefix, path)


def owners_among(
    packages: Iterable[CondaPackage], prefix: str, path: str
) -> tuple[CondaPackage, ...]:
    """Return those packages of a prefix whose records list a file."""
    inside = _inside(prefix, path)
    return tuple(found for found in packages if inside and found.owns(inside))


def plain(file: str) -> str:
    """Return a file of a record as it is compared: slashes, lower case."""
    return file.replace("\\", "/").lower()


def _inside(prefix: str, path: str) -> str:
    root = plain(prefix).rstrip("/") + "/"
    found = plain(path)
    return found[len(root) :] if found.startswith(root) else ""


@lru_cache(maxsize=8)
def _packages(folder: str, changed: int) -> tuple[CondaPackage, ...]:
    del changed
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return ()
    read = (_package(join(folder, n)) for n in names if n.endswith(".json"))
    return tuple(found for found in read if found is not None)


def _package(path: str) -> CondaPackage | None:
    _deadline.check()
    try:
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not _NAME.fullmatch(_text(record.get("name"))):
        return None
    return CondaPackage(
        name=record["name"],
        version=_text(record.get("version")),
        build=_text(record.get("build")),
        channel=_channel(record),
        files=_texts(record.get("files")),
        depends=_texts(record.get("depends")),
        sizes=_sizes(record.get("paths_data")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else ()
    return tuple(each for each in values if isinstance(each, str))


def _channel(record: Mapping[str, Any]) -> str:
    """Return the channel's name: of `https://.../conda-forge/win-64` the last but one.

    The record of an older conda has the address, of a newer one the name as well.
    """
    channel = _text(record.get("channel")).rstrip("/")
    parts = channel.split("/")
    if len(parts) > 1 and parts[-1] == _text(record.get("subdir")):
        parts.pop()
    return parts[-1]


def _sizes(data: Any) -> Mapping[str, int]:
    paths = data.get("paths") if isinstance(data, dict) else None
    found = {}
    for entry in paths if isinstance(paths, list) else ():
        if not isinstance(entry, dict):
            continue
        name, size = entry.get("_path"), entry.get("size_in_bytes")
        if isinstance(name, str) and isinstance(size, int):
            found[plain(name)] = size
    return found
