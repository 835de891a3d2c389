"""Imported and exported symbols as JSON-ready values, and back.

Each name stands once, in one list; elsewhere a symbol is a number: the place of its
name in that list, or minus one minus an ordinal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._files._known_exports import KnownExports, ListedExports, is_whole
from .._files._symbols import Exports, Symbol
from ._fields import Fields, SnapshotError

_LAST_ORDINAL = 0xFFFF


class SymbolWriter:
    """Writes symbols, and notes the names and exports that they come to."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._exports: dict[str, int] = {}
        self._rows: list[dict[str, Any]] = []

    @property
    def names(self) -> list[str]:
        """All names that were written."""
        return list(self._places)

    @property
    def exports(self) -> list[dict[str, Any]]:
        """All exports that were written, those that are alike once."""
        return self._rows

    def imports(self, found: Mapping[str, tuple[Symbol, ...]]) -> dict[str, list[int]]:
        """Return imported symbols by DLL."""
        return {dll: self._all(symbols) for dll, symbols in found.items()}

    def exported(self, found: Exports) -> int:
        """Return the number of exports among those that were written."""
        row: dict[str, Any] = {}
        if is_whole(found):
            row["names"] = self._all(sorted(found.names))
            ordinals = sorted(n for n in found.ordinals if n <= _LAST_ORDINAL)
            row["ordinals"] = [list(run) for run in _runs(ordinals)]
        elif isinstance(found, KnownExports) and found.absent:
            row["absent"] = self._all(sorted(found.absent, key=str))
        led = found.forwarders if found.forwards else {}
        pairs = [[self._place(s), led[s]] for s in led if _can_be_asked(s)]
        if pairs:
            row["forwarders"] = pairs
        key = repr(row)
        if key not in self._exports:
            self._exports[key] = len(self._rows)
            self._rows.append(row)
        return self._exports[key]

    def _all(self, symbols: Iterable[Symbol]) -> list[int]:
        return [self._place(symbol) for symbol in symbols]

    def _place(self, symbol: Symbol) -> int:
        if isinstance(symbol, int):
            return -1 - symbol
        return self._places.setdefault(symbol, len(self._places))


class SymbolReader:
    """Reads symbols.

    :param fields: the snapshot.
    :raises SnapshotError: when it is damaged.
    """

    def __init__(self, fields: Fields) -> None:
        self._names = fields.texts("symbols")
        self._exports = [self._read(row) for row in fields.rows("exports")]

    def imports(self, fields: Fields) -> dict[str, tuple[Symbol, ...]]:
        """Return imported symbols by DLL."""
        return {
            dll: self._all(fields.numbers(dll), fields.place(dll)) for dll in fields
        }

    def exported(self, fields: Fields, name: str) -> Exports:
        """Return the exports that a number stands for."""
        number = fields.number(name)
        if not 0 <= number < len(self._exports):
            raise SnapshotError(f"{fields.place(name)} is no number of exports")
        return self._exports[number]

    def _read(self, row: Fields) -> Exports:
        led: dict[Symbol, str] = {}
        for pair in row.lists("forwarders") if "forwarders" in row else ():
            number, text = pair if len(pair) == 2 else (None, None)
            if not isinstance(number, int) or not isinstance(text, str):
                raise SnapshotError(f"{row.place('forwarders')} has a wrong pair")
            led.update(
                dict.fromkeys(self._all([number], row.place("forwarders")), text)
            )
        if "names" not in row:
            absent = row.numbers("absent") if "absent" in row else ()
            return KnownExports(
                absent=frozenset(self._all(absent, row.place("absent"))), led=led
            )
        names = self._all(row.numbers("names"), row.place("names"))
        ordinals = _unrolled(row.lists("ordinals"), row.place("ordinals"))
        return ListedExports(led=led, present=frozenset((*names, *ordinals)))

    def _all(self, numbers: Sequence[int], place: str) -> tuple[Symbol, ...]:
        names, count = self._names, len(self._names)
        if numbers and not -1 - _LAST_ORDINAL <= min(numbers) <= max(numbers) < count:
            raise SnapshotError(f"{place} has a number without a symbol")
        return tuple(names[n] if n >= 0 else -1 - n for n in numbers)


def _can_be_asked(symbol: Symbol) -> bool:
    # An import table has 16 bits for an ordinal.
    return isinstance(symbol, str) or symbol <= _LAST_ORDINAL


def _runs(ordinals: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of numbers that follow each other."""
    first = last = None
    for ordinal in ordinals:
        if last is not None and ordinal == last + 1:
            last = ordinal
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = ordinal
    if first is not None and last is not None:
        yield first, last


def _unrolled(runs: Iterable[list[Any]], place: str) -> Iterator[int]:
    before = -1
    for run in runs:
        first, last = run if len(run) == 2 else (None, None)
        if not isinstance(first, int) or not isinstance(last, int):
            raise SnapshotError(f"{place} has a wrong pair")
        # They rise, so that a few bytes do not become gigabytes.
        if not before < first <= last <= _LAST_ORDINAL:
            raise SnapshotError(f"{place} has a wrong pair")
        yield from range(first, last + 1)
        before = last
