"""One installed distribution: its name, its requirements, its native files.

Formats: "Recording installed projects" and "Core metadata specifications" (Python
Packaging User Guide). What is lost or garbled holds nothing: broken installations are
what these files are read for.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from importlib import metadata

from .._paths import base_name, below, is_full, is_native

_INFO = re.compile(r"^([^/\n]+)-([^/\n-]+)\.dist-info/", re.MULTILINE)


@dataclass(frozen=True)
class NativeFile:
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


def read_distribution(found: metadata.Distribution) -> Distribution:
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


def text_of(found: metadata.Distribution, name: str) -> str:
    """Read a file of the metadata; one that is absent or garbled holds nothing."""
    try:
        return found.read_text(name) or ""
    except (OSError, UnicodeDecodeError):
        return ""


def _name_and_version(
    found: metadata.Distribution, record: str
) -> tuple[str, str | None]:
    """Read the headers; of a distribution that has lost them, the rows of RECORD."""
    texts = (text_of(found, name) for name in ("METADATA", "PKG-INFO", ""))
    headers = message_from_string(next(filter(None, texts), ""))
    if headers["Name"]:
        return headers["Name"], headers["Version"]
    folder = _INFO.search(record)
    return (folder[1], folder[2]) if folder else ("a nameless distribution", None)


def _requires(found: metadata.Distribution) -> tuple[str, ...]:
    try:
        return tuple(found.requires or ())
    except UnicodeDecodeError:
        return ()


def _natives(record: str, site: str) -> Iterator[NativeFile]:
    lines = [line for line in record.splitlines() if _mentions_native(line)]
    for row in sorted(csv.reader(lines), key=lambda row: row[0].lower()):
        if is_native(row[0]):
            size = int(row[2]) if len(row) > 2 and row[2].isdecimal() else None
            yield NativeFile(_located(site, row[0]), size)


def _mentions_native(line: str) -> bool:
    lowered = line.lower()
    return ".pyd" in lowered or ".dll" in lowered


def _located(site: str, recorded: str) -> str:
    if is_full(recorded) or os.path.isabs(recorded):
        return recorded
    return below(site, recorded)


def import_names(found: metadata.Distribution) -> set[str]:
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
