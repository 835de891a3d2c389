"""One installed distribution: its name, its requirements, its native files.

Formats: "Recording installed projects" and "Core metadata specifications" (Python
Packaging User Guide). What is lost or garbled holds nothing: broken installations are
what these files are read for.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from .._paths import base_name, below, is_full, is_native
from ._metadata import Metadata, headers

# "Names and normalization" and "Version specifiers" (Python Packaging User Guide): what
# has other characters no tool has written, and it must not come into a command.
_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,198}[A-Za-z0-9])?")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,198}")
_LONGEST_NUMBER: Final = 20
_INFO = re.compile(r"^([^/\n]+)-([^/\n-]+)\.dist-info/", re.MULTILINE)
_ENDINGS: Final = (".pyd", ".dll")
# Besides line feeds: where `str.splitlines` ends a line in ASCII text.
_BREAKS: Final = "\r\v\f\x1c\x1d\x1e"


class NativeFile(NamedTuple):
    """A native file that RECORD lists, or that was found in a package's folder."""

    path: str
    size: int | None = None
    """Size in bytes as recorded."""


@dataclass(frozen=True)
class Distribution:
    """One installed distribution, or a package folder without metadata."""

    name: str
    version: str | None
    site: str
    natives: tuple[NativeFile, ...] = ()
    requires: tuple[str, ...] = ()
    installer: str = ""
    delvewheel: bool = False
    """The wheel was repaired by delvewheel and adds its `.libs` folder."""

    @property
    def key(self) -> str:
        """The name as it is compared: PySide6_Essentials is pyside6-essentials."""
        return normalised(self.name)

    @property
    def title(self) -> str:
        """Name and version, as in `torch 2.9.0`."""
        return f"{self.name} {self.version}" if self.version else self.name

    def is_without(self, name: str) -> bool:
        """Tell whether RECORD proves that a reinstallation does not bring a file."""
        if self.version is None:
            return False
        return all(
            base_name(file.path).lower() != name.lower() for file in self.natives
        )


def read_distribution(found: Metadata) -> Distribution:
    """Read what is installed, however much of its metadata is lost."""
    site = str(found.locate_file("")).rstrip("\\/")
    record = text_of(found, "RECORD")
    name, version = _name_and_version(found, record)
    return Distribution(
        name=name,
        version=version,
        site=site,
        natives=tuple(_natives(record, site)),
        requires=_requires(found),
        installer=text_of(found, "INSTALLER").strip(),
        delvewheel=bool(text_of(found, "DELVEWHEEL")),
    )


def normalised(name: str) -> str:
    """Return a distribution's name as installers compare it.

    "Names and normalization" (Python Packaging User Guide) has the rule.
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def text_of(found: Metadata, name: str) -> str:
    """Read a file of the metadata; one that is absent or garbled holds nothing."""
    try:
        return found.read_text(name) or ""
    except (OSError, UnicodeDecodeError):
        return ""


def _name_and_version(found: Metadata, record: str) -> tuple[str, str | None]:
    """Read the headers; of a distribution that has lost them, the rows of RECORD."""
    name, version = _as_written(found, record)
    if not _NAME.fullmatch(name):
        return "a nameless distribution", None
    return name, version if version and _VERSION.fullmatch(version) else None


def _as_written(found: Metadata, record: str) -> tuple[str, str | None]:
    texts = (text_of(found, name) for name in ("METADATA", "PKG-INFO", ""))
    text = next(filter(None, texts), "")
    for name in headers(text, "Name")[:1]:
        if name:
            return name, next(iter(headers(text, "Version")), None)
    folder = _INFO.search(record)
    return (folder[1], folder[2]) if folder else ("", None)


def _requires(found: Metadata) -> tuple[str, ...]:
    try:
        return tuple(found.requires or ())
    except (OSError, UnicodeDecodeError):
        return ()


def _natives(record: str, site: str) -> Iterator[NativeFile]:
    lines = [*_lines_with_natives(record)]
    if any('"' in line for line in lines):
        rows = [*_quoted(lines)]
    else:
        rows = [line.split(",") for line in lines]
    for row in sorted(rows, key=lambda row: row[0].lower()):
        # No file has a NUL in its path, and every call of the system refuses one.
        if is_native(row[0]) and "\0" not in row[0]:
            yield NativeFile(_located(site, row[0]), recorded_size(row))


def recorded_size(row: Sequence[str]) -> int | None:
    """Return the size in a row of RECORD, None where it has none."""
    number = row[2] if len(row) > 2 and len(row[2]) <= _LONGEST_NUMBER else ""
    return int(number) if number.isdecimal() else None


def _quoted(lines: Iterable[str]) -> Iterator[list[str]]:
    import csv

    for line in lines:
        # A row that is none, or has a field of a megabyte, says nothing of the others.
        with contextlib.suppress(csv.Error):
            yield from csv.reader([line])


def _lines_with_natives(record: str) -> Iterator[str]:
    """Yield the lines that have such an ending in them; torch has 14,000 others."""
    lowered = record.lower()
    if not record.isascii() or any(end in record for end in _BREAKS):
        for line in record.splitlines():
            if any(ending in line.lower() for ending in _ENDINGS):
                yield line
        return
    nearest = {ending: lowered.find(ending) for ending in _ENDINGS}
    while True:
        at = min((place for place in nearest.values() if place >= 0), default=-1)
        if at < 0:
            return
        start, end = record.rfind("\n", 0, at) + 1, record.find("\n", at)
        end = len(record) if end < 0 else end
        yield record[start:end]
        for ending, place in nearest.items():
            if 0 <= place < end:
                nearest[ending] = lowered.find(ending, end)


def _located(site: str, recorded: str) -> str:
    if is_full(recorded) or os.path.isabs(recorded):
        return recorded
    return below(site, recorded)


def import_names(found: Metadata) -> set[str]:
    """Return the top-level names that a distribution can be imported by."""
    listed = text_of(found, "top_level.txt")
    if listed:
        return set(listed.split())
    names = set()
    for line in text_of(found, "RECORD").splitlines():
        first, slash, _ = line.partition("/")
        if slash:
            names.add(first)
        else:
            names.add(line.partition(",")[0].partition(".")[0])
    return names
