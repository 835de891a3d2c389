"""Imported and exported symbols of a PE file, straight from the mapped bytes.

pefile stops at 8,192 import thunks over all DLLs and cuts names at 512 characters
without a word; torch_python.dll imports 6,790 symbols with names of up to 3,199
characters. This reader has neither limit and is many times faster. Layouts are
those of "PE Format", sections `.idata`, `.edata` and "Delay-Load Import Tables".
"""

from __future__ import annotations

import mmap
import sys
from array import array
from collections.abc import Iterator, Mapping
from typing import Final

from ._export_table import NO_HINT, Exports, Imported, Symbol
from ._layout import DELAY_IMPORTS, EXPORTS, IMPORTS, Layout, MalformedError

__all__ = ["Exports", "Symbol", "SymbolReader", "forwarded_symbol"]

_BLOCK, _LONGEST_BLOCK = 0x200, 0x10000
# Names of C++ functions have some hundred characters at most.
_APART = 0x200
_AT_ONCE = 0x100
# Real files import tens of DLLs. To look for a hundred thousand takes seconds.
_MOST_DLLS = 0x4000


class SymbolReader:
    """The import and export tables of one PE file.

    :param data: the whole file as it lies on disk, or its layout.
    :param known: names that were read before. Many files import the same, and each
        name is kept once.
    :raises MalformedError: when the headers lead outside the file.
    """

    def __init__(
        self,
        data: mmap.mmap | bytes | Layout,
        known: dict[str, str] | None = None,
    ) -> None:
        self._known: Final[dict[str, str]] = {} if known is None else known
        self._layout: Final = data if isinstance(data, Layout) else Layout(data)
        self._left = 2 * self._layout.size

    def imports(self) -> Mapping[str, tuple[Symbol, ...]]:
        """Return the imported symbols by DLL name, in the order of the table."""
        self._layout.renew_allowance()
        found: dict[str, tuple[list[Symbol], array[int]]] = {}
        for name, lookup, address in self._import_descriptors():
            symbols, hints = found.setdefault(name, ([], array("I")))
            self._read_symbols(lookup or address, symbols, hints)
        return {name: Imported.of(*rows) for name, rows in found.items()}

    def import_names(self) -> tuple[str, ...]:
        """Return the names of the imported DLLs, in the order of the table.

        A descriptor with an empty list of symbols is left out: Windows never loads
        its DLL (Wine, dlls/ntdll/loader.c, import_dll).
        """
        self._layout.renew_allowance()
        code = "<Q" if self._layout.wide else "<I"
        return tuple(
            name
            for name, lookup, address in self._import_descriptors()
            if self._layout.fields(code, lookup or address) != (0,)
        )

    def delay_imports(self) -> tuple[str, ...]:
        """Return the names of the delay-loaded DLLs."""
        self._layout.renew_allowance()
        names = []
        at = self._layout.directory(DELAY_IMPORTS)
        while at is not None:
            attributes, name = self._layout.fields("<II", at)
            if not name:
                break
            # Attribute 1 says RVAs; before Visual C++ 7 the fields held addresses,
            # which nothing built for Python uses.
            if attributes & 1:
                names.append(self._layout.text(name))
            _refuse_beyond(len(names))
            at += 32
        return tuple(names)

    def exports(self) -> Exports:
        """Return what the file exports, by name and by ordinal."""
        layout = self._layout
        layout.renew_allowance()
        start = layout.directory(EXPORTS)
        if start is None:
            return Exports()
        base, functions, named, eat, npt, ot = layout.fields("<16x6I", start)
        addresses = self._array("I", eat, functions)
        names = self._array("I", npt, named)
        indices = self._array("H", ot, named)
        directory = layout.read(start, layout.directories[EXPORTS][1])
        names_at, text = start, directory
        if named:
            # Linkers put the names in order, so that to sort their places, all at once,
            # takes a quarter of the time of `min` and `max`.
            places = sorted(names.tolist())
            low, last = places[0], places[-1]
            end = last + len(layout.text(last)) + 1
            # Most linkers put the names into the directory, which is there by now.
            if low < start or end > start + len(directory):
                names_at, text = low, layout.read(low, end - low)
        self._refuse_overlaps(text, names, names_at)
        self._refuse_overlaps(directory, addresses, start)
        return Exports(
            base, addresses, names, indices, names_at, text, start, directory
        )

    def _import_descriptors(self) -> Iterator[tuple[str, int, int]]:
        at = self._layout.directory(IMPORTS)
        rows = self._layout.rows("<I8xII", at) if at else ()
        for count, (lookup, name, address) in enumerate(rows):
            if not name or not address:
                return
            _refuse_beyond(count)
            yield self._layout.text(name), lookup, address

    def _read_symbols(self, rva: int, symbols: list[Symbol], hints: array[int]) -> None:
        ordinal = 1 << 63 if self._layout.wide else 1 << 31
        thunks = self._thunks(rva)
        first, names = self._all_names(thunks, ordinal)
        if names:
            self._read_names([thunk - first + 2 for thunk in thunks], names, symbols)
            after = [thunk - first + 1 for thunk in thunks]
            hints.extend([names[at - 1] + 256 * names[at] for at in after])
            return
        for thunk in thunks:
            name = thunk & 0xFFFF if thunk & ordinal else self._name(thunk)
            symbols.append(name)
            hints.append(NO_HINT)

    def _name(self, thunk: int) -> str:
        # The name follows a hint of two bytes.
        return self._layout.text((thunk & 0xFFFF_FFFF) + 2)

    def _all_names(self, thunks: array[int], ordinal: int) -> tuple[int, bytes]:
        """Return hints and names of a list at once, where they lie close together."""
        first, last = min(thunks, default=0), max(thunks, default=0)
        span = last - first
        if not first or last & ordinal or span > min(_APART * len(thunks), self._left):
            return 0, b""
        # Lists that share their names are read one name at a time in the end.
        self._left -= span
        try:
            names = self._layout.window(first, span + _LONGEST_BLOCK)
        except MalformedError:
            return 0, b""
        end = names.find(b"\0", span + 2)
        if end < 0 or not _has_zeros(names, _LONGEST_BLOCK // 2):
            return 0, b""
        return first, names[: end + 1]

    def _read_names(
        self, places: list[int], names: bytes, symbols: list[Symbol]
    ) -> None:
        text, spend = names.decode("latin-1"), self._layout.spend
        find = text.find
        for start in range(0, len(places), _AT_ONCE):
            found = [
                text[at : find("\0", at)] for at in places[start : start + _AT_ONCE]
            ]
            # Names that overlap can be any number of times as long as the file.
            spend(sum(map(len, found)))
            symbols += map(self._known.setdefault, found, found)

    def _thunks(self, rva: int) -> array[int]:
        thunks = array("Q" if self._layout.wide else "I")
        size = _BLOCK
        while True:
            begun = len(thunks)
            block = self._layout.read(rva, size)
            thunks.frombytes(block[: len(block) // thunks.itemsize * thunks.itemsize])
            if 0 in thunks[begun:]:
                break
            if len(block) < size:
                raise MalformedError("a list of imported symbols does not end")
            rva += size
            size = min(2 * size, _LONGEST_BLOCK)
        if sys.byteorder == "big":
            thunks.byteswap()
        return thunks[: thunks.index(0, begun)]

    def _array(self, code: str, rva: int, count: int) -> array[int]:
        values = array(code)
        if count:
            values.frombytes(self._whole(rva, count * values.itemsize))
        if sys.byteorder == "big":
            values.byteswap()
        return values

    def _whole(self, rva: int, size: int) -> bytes:
        found = self._layout.read(rva, size)
        if len(found) < size:
            raise MalformedError(f"the table at 0x{rva:x} does not end")
        return found

    def _refuse_overlaps(self, text: bytes, places: array[int], start: int) -> None:
        """Refuse so many texts in so few bytes that they cannot be read one by one."""
        longest = 4 * self._layout.size // max(len(places), 1)
        step = longest // 2 + 1
        # No text is longer than that, so that all of them can be read.
        if _has_zeros(text, step):
            return
        for place in places:
            at = place - start
            if 0 <= at < len(text):
                end = text.find(b"\0", at)
                self._layout.spend((end if end >= 0 else len(text)) - at)


def forwarded_symbol(target: str) -> Symbol:
    """Return the symbol that a forwarder names: `name` or `#ordinal`."""
    # Ordinals have 16 bits, and Python refuses to read a number of 5,000 digits.
    number = target[1:] if target.startswith("#") and len(target) < 12 else ""
    return int(number) if number.isascii() and number.isdecimal() else target


def _refuse_beyond(count: int) -> None:
    if count > _MOST_DLLS:
        raise MalformedError(f"it imports more than {_MOST_DLLS:,} DLLs")


def _has_zeros(text: bytes, step: int) -> bool:
    """Tell whether no text in it is longer than twice a number of bytes."""
    starts = range(0, len(text) - step, step)
    return all(text.find(b"\0", at, at + step) >= 0 for at in starts)
