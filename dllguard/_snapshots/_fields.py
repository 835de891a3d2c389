"""Values of a JSON file, of which each is what it should be, or said to be not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._model import Version


class SnapshotError(ValueError):
    """A file that is no snapshot, or a damaged one; the text is one line."""


class Fields:
    """One object of a JSON file.

    :param value: what should be one.
    :param place: where it stands, for messages.
    :raises SnapshotError: when it is none.
    """

    def __init__(self, value: object, place: str = "") -> None:
        if not isinstance(value, dict):
            raise _wrong(place or "it", "an object")
        self._values: Mapping[str, Any] = value
        self._place = place

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; `default` where it is not there."""
        found = self._get(name, default)
        if not isinstance(found, str):
            raise _wrong(self.place(name), "a text")
        return found

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number; `default` where it is not there."""
        found = self._get(name, default)
        if not _is_number(found):
            raise _wrong(self.place(name), "a whole number")
        return int(found)

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """Return true or false; `default` where it is not there."""
        found = self._get(name, default)
        if not isinstance(found, bool):
            raise _wrong(self.place(name), "true or false")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = self._list(name)
        if not all(isinstance(each, str) for each in found):
            raise _wrong(self.place(name), "a list of texts")
        return tuple(found)

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        found = self._list(name)
        if not all(map(_is_number, found)):
            raise _wrong(self.place(name), "a list of whole numbers")
        return tuple(found)

    def version(self, name: str) -> Version:
        """Return the four numbers of a file version."""
        parts = self.text(name).split(".")
        if len(parts) != 4 or not all(p.isascii() and p.isdecimal() for p in parts):
            raise _wrong(self.place(name), "a version of four numbers")
        first, second, third, fourth = (int(part[:9]) for part in parts)
        return first, second, third, fourth

    def pair(self, name: str) -> tuple[int, int]:
        """Return two whole numbers."""
        found = self.numbers(name)
        if len(found) != 2:
            raise _wrong(self.place(name), "a list of two numbers")
        return found[0], found[1]

    def fields(self, name: str) -> Fields:
        """Return an object."""
        return Fields(self._get(name), self.place(name))

    def objects(self) -> Iterator[tuple[str, Fields]]:
        """Yield all values, which are objects, with their names."""
        for name, value in self._values.items():
            yield name, Fields(value, self.place(name))

    def rows(self, name: str) -> Iterator[Fields]:
        """Yield the objects of a list."""
        for number, row in enumerate(self._list(name)):
            yield Fields(row, f"{self.place(name)}[{number}]")

    def lists(self, name: str) -> list[list[Any]]:
        """Return a list of lists."""
        found = self._list(name)
        if not all(isinstance(each, list) for each in found):
            raise _wrong(self.place(name), "a list of lists")
        return found

    def mapped(self, name: str) -> dict[str, str]:
        """Return an object of texts."""
        inner = self.fields(name)
        return {each: inner.text(each) for each in inner}

    def listed(self, name: str) -> dict[str, tuple[str, ...]]:
        """Return an object of lists of texts."""
        inner = self.fields(name)
        return {each: inner.texts(each) for each in inner}

    def place(self, name: str) -> str:
        """Return where a value stands, as for a message."""
        # A path may be the name of one.
        name = name if name.isprintable() else ascii(name)
        name = name if len(name) <= 60 else f"{name[:28]}...{name[-28:]}"
        return f"{self._place}.{name}" if self._place else name

    def _list(self, name: str) -> list[Any]:
        found = self._get(name)
        if not isinstance(found, list):
            raise _wrong(self.place(name), "a list")
        return found

    def _get(self, name: str, default: object = None) -> Any:
        found = self._values.get(name)
        if found is None and default is None:
            raise SnapshotError(f"{self.place(name)} is missing")
        return default if found is None else found


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(place: str, what: str) -> SnapshotError:
    return SnapshotError(f"{place} is not {what}")
