"""The metadata of installed distributions, as `importlib.metadata` finds and reads it.

That module imports email, csv, zipfile and random, which takes longer than all that is
read here. It is asked where there is more to find: in zip files, and in `requires.txt`.
Formats: "Recording installed projects" and "Core metadata specifications" (Python
Packaging User Guide); order and names are those of importlib/metadata/__init__.py
(CPython 3.11, Lookup and Prepared).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

_FOLDERS: Final = (".dist-info", ".egg-info")
# CPython, Lib/email/feedparser.py, headerRE.
_HEADER: Final = re.compile(r"From |([!-9;-~]*):[ \t]*")
_PLAIN: Final = re.compile(r"(?:[!-9;-~]+:.*\n)+")
_ANY_CASE: Final = re.IGNORECASE | re.MULTILINE
# What `read_text` of `importlib.metadata` passes over.
_NOTHING: Final = (
    FileNotFoundError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
)


class Metadata(Protocol):
    """What is asked of a distribution's metadata; `importlib.metadata` has it too."""

    @property
    def requires(self) -> list[str] | None:
        """The requirements, as they are written."""

    def read_text(self, filename: str, /) -> str | None:
        """Return the text of one file of the metadata."""

    def locate_file(self, path: str, /) -> Any:
        """Return where a file that RECORD lists is."""


class Installed:
    """The metadata of one distribution in a folder of packages.

    :param site: that folder.
    :param name: of the folder or file with the metadata in it.
    """

    def __init__(self, site: str, name: str) -> None:
        self._site = site
        self.path = os.path.join(site, name)
        self._texts: dict[str, str | None] = {}

    def read_text(self, filename: str, /) -> str | None:
        """Return the text of one file of the metadata, None where there is none.

        :raises OSError: when it cannot be read.
        :raises UnicodeDecodeError: when it is not UTF-8.
        """
        if filename not in self._texts:
            self._texts[filename] = self._read(filename)
        return self._texts[filename]

    def _read(self, filename: str) -> str | None:
        path = os.path.join(self.path, filename) if filename else self.path
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except _NOTHING:
            return None

    def locate_file(self, path: str, /) -> str:
        """Return where a file that RECORD lists is."""
        return os.path.join(self._site, path)

    @property
    def requires(self) -> list[str] | None:
        """The requirements, as they are written."""
        texts = (self.read_text(name) for name in ("METADATA", "PKG-INFO", ""))
        found = headers(next(filter(None, texts), ""), "Requires-Dist")
        if found or self.read_text("requires.txt") is None:
            return found or None
        from importlib import metadata

        return metadata.Distribution.at(self.path).requires


def installed(site: Iterable[str], name: str | None = None) -> Iterator[Metadata]:
    """Yield what is installed, folder by folder.

    :param site: the folders that are searched for packages, in order.
    :param name: only distributions of that name.
    """
    wanted = None if name is None else _compared(name)
    for folder in site:
        try:
            names = os.listdir(folder or ".")
        except NotADirectoryError:
            from importlib import metadata

            # A zip file, perhaps.
            yield from metadata.distributions(name=name, path=[folder])
            continue
        except (OSError, ValueError):
            continue
        groups: dict[str, list[str]] = {}
        for child in names:
            key = _key(folder, child)
            if key is not None and wanted in (None, key):
                groups.setdefault(key, []).append(child)
        for group in groups.values():
            for child in group:
                yield Installed(folder, child)


def headers(text: str, name: str) -> list[str]:
    """Return the values of a header, as the email package of Python reads them.

    :param text: headers, then a blank line and a body.
    :param name: of the header, in any case.
    """
    # Where all of the headers are plain lines, most of them are passed over at once.
    end = text.find("\n\n") + 1
    if end and _PLAIN.fullmatch(text, 0, end):
        wanted = re.compile(rf"^{re.escape(name)}:[ \t]*(.*)", _ANY_CASE)
        return wanted.findall(text, 0, end)
    found: list[str] = []
    ours = False
    for line in _head(text):
        if line.startswith((" ", "\t")):
            if ours:
                found[-1] += f"\n{line}"
            continue
        match = _HEADER.match(line)
        if match is None:
            break
        ours = (match[1] or "").lower() == name.lower()
        if ours:
            found.append(line[match.end() :])
    return found


def _head(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if at == end:
            return
        yield text[at:end]
        at = end + 1


def _key(folder: str, child: str) -> str | None:
    """Return the name of a distribution as it is compared, None for other files."""
    low = child.lower()
    if low.endswith(_FOLDERS):
        return _compared(low.rpartition(".")[0].partition("-")[0])
    base = os.path.basename(folder).lower()
    if low == "egg-info" and base.endswith(".egg"):
        return base.rpartition(".")[0].partition("-")[0].replace("-", "_")
    return None


def _compared(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()
