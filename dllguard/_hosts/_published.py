"""What a snapshot must keep as it was published: names of DLLs and distributions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .._packages._distribution import normalised
from .._tables._common_names import COMMON

_SHORTEST: Final = 3
_FILES: Final = (".dll", ".pyd", ".exe", ".drv", ".ocx", ".cpl", ".sys")
_API_SETS: Final = ("api-ms-", "ext-ms-")
_TOKEN: Final = re.compile(r"""[^\s\\/:*?"<>|;,='()\[\]{}!~]+""")
_INFO: Final = re.compile(r"([^-]+)-[^-]+(?:-.+)?\.(?:dist-info|egg-info|egg|data)")
_FIELD: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# "Core metadata specifications", and a requirement: a name, then extras or releases.
_HEADER: Final = re.compile(r"^(?:Name|Requires-Dist): *([\w.-]+)", re.MULTILINE)
_REQUIREMENT: Final = re.compile(
    r"([\w.-]+) *(?:\[[^]]*\])? *"
    r"(?:\(? *(?:[<>=!~]=|[<>] *\d)|; *\w+ *(?:[<>=!]=|[<>]|in\b))"
)
_PACKAGED: Final = re.compile(
    r"(?!\.)[^\\/:\s]+(?:/[^\\/:]+)*/[^\\/:]+\.(?:py|pyd|dll)"
)
_SITE: Final = re.compile(r"(?:site|dist)-packages[\\/]", re.IGNORECASE)
# What no path goes on with: the next one in a list or a sentence.
_NEXT_PATH: Final = re.compile(r'[;:"<>|\r\n]|\s[\\/]')
_OF_WINDOWS: Final = re.compile(
    r"[\\/]windows[\\/](?=system32|syswow64|winsxs)", re.IGNORECASE
)


def is_below_site(text: str, at: int) -> bool:
    """Tell whether a place in a text is part of a path below a site folder."""
    before = text[:at]
    found = [match.end() for match in _SITE.finditer(before)]
    return bool(found) and not _NEXT_PATH.search(before[found[-1] :])


class Published:
    """The names in a snapshot that are of packages and files, and not of people.

    :param data: the snapshot.
    :param texts: all of its texts.
    """

    def __init__(self, data: object, texts: Iterable[str]) -> None:
        self._words = set(COMMON)
        self._names: set[str] = set()
        for text in texts:
            self._read(text)
        self._words.update(_fields(data))
        self._names.update(map(normalised, _named(data)))

    def is_word(self, name: str) -> bool:
        """Tell whether a name is too common to be replaced wherever it stands."""
        lowered = name.lower()
        return (
            (len(name) < _SHORTEST and name.isascii())
            or not any(map(str.isalpha, name))
            or lowered in self._words
            or normalised(name) in self._names
        )

    def keeps(self, text: str, start: int, end: int) -> bool:
        """Tell whether a name is part of a public one where it stands in a text."""
        # Decorated names of C++, which files export.
        if text.startswith("?") or is_below_site(text, start) or _is_packaged(text):
            return True
        for match in _TOKEN.finditer(text):
            if match.start() <= start and end <= match.end():
                return self._is_public(match[0].lower())
        return False

    def _is_public(self, token: str) -> bool:
        if token.endswith(_FILES) or token.startswith(_API_SETS):
            return True
        module = token.partition(".")[0]
        return _name(token) in self._names or normalised(module) in self._names

    def _read(self, text: str) -> None:
        lowered = text.lower()
        if "\n" in text:
            self._names.update(map(normalised, _HEADER.findall(text)))
        elif requirement := _REQUIREMENT.match(text):
            self._names.add(normalised(requirement[1]))
        if _is_packaged(text):
            self._names.add(_name(lowered.partition("/")[0]))
        elif "-packages" in lowered:
            for match in _SITE.finditer(lowered):
                self._names.update(map(_name, _parts(lowered[match.end() :])[:1]))
        elif system := _OF_WINDOWS.search(lowered):
            self._words.update(_parts(lowered[system.end() :]))


def _name(part: str) -> str:
    """Return the normalised name of a distribution or a module."""
    info = _INFO.fullmatch(part)
    return normalised(info[1] if info else part)


def _is_packaged(text: str) -> bool:
    """Tell the path of a file within a package, as RECORD has it."""
    return bool(_PACKAGED.fullmatch(text))


def _parts(path: str) -> list[str]:
    path = _NEXT_PATH.split(path)[0]
    return [part for part in re.split(r"[\\/]+", path) if part]


def _fields(data: object) -> Iterator[str]:
    """Yield the words of keys that are fields of ours."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if isinstance(key, str) and _FIELD.fullmatch(key):
                yield key
                yield from key.split("_")
            yield from _fields(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _fields(value)


def _named(data: object) -> Iterator[str]:
    """Yield the names of distributions: what has a name and a version."""
    if isinstance(data, Mapping):
        name = data.get("name")
        if isinstance(name, str) and isinstance(data.get("version"), str):
            yield name
        for value in data.values():
            yield from _named(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _named(value)
