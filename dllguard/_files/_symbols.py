"""Imported and exported symbols of a PE file, straight from the mapped bytes.

pefile stops at 8,192 import thunks over all DLLs and cuts names at 512 characters
without a word; torch_python.dll imports 6,790 symbols with names of up to 3,199
characters. This reader has neither limit and is many times faster. Layouts are
those of "PE Format", sections `.idata`, `.edata` and "Delay-Load Import Tables".
"""

from __future__ import annotations

import bisect
import mmap
import sys
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from ._layout import DELAY_IMPORTS, EXPORTS, IMPORTS, Layout, MalformedError

# An import by ordinal is kept in the same list as names, as dumpbin's readers know it.
Symbol = str | int

_BLOCK, _LONGEST_BLOCK = 0x200, 0x10000


@dataclass(frozen=True)
class Exports:
    """What a DLL exports, as it stands in the file: names are read when asked for.

    torch_cpu.dll exports 59,529 symbols with 10 MB of names, of which one importer
    wants a few hundred.
    """

    base: int = 1
    addresses: array[int] = field(default_factory=lambda: array("I"))
    _names: array[int] = field(default_factory=lambda: array("I"))
    _indices: array[int] = field(default_factory=lambda: array("H"))
    _names_at: int = 0
    _text: bytes = b""
    _directory_at: int = 0
    _directory: bytes = b""

    def __contains__(self, symbol: Symbol) -> bool:
        return self.ordinal(symbol) is not None

    def ordinal(self, symbol: Symbol) -> int | None:
        """Return the ordinal of an exported symbol, or None where it is not exported.

        :param symbol: a name, whole and in the same case, or an ordinal.
        """
        index = symbol - self.base if isinstance(symbol, int) else self._index(symbol)
        # What has no address is absent (Wine, dlls/ntdll/loader.c,
        # find_ordinal_export).
        if index is None or not self._address(index):
            return None
        return self.base + index

    def forwarder(self, symbol: Symbol) -> str | None:
        """Return the `module.name` text to which a symbol is forwarded, if it is."""
        ordinal = self.ordinal(symbol)
        if ordinal is None:
            return None
        at = self._address(ordinal - self.base) - self._directory_at
        # A forwarder is known by its address, which lies inside the directory.
        if not 0 <= at < len(self._directory):
            return None
        return _text_at(self._directory, at).decode("latin-1")

    @cached_property
    def forwards(self) -> bool:
        """Whether any symbol is forwarded."""
        low = self._directory_at
        high = low + len(self._directory)
        return any(low <= at < high for at in self.addresses)

    @cached_property
    def names(self) -> frozenset[str]:
        """All exported names."""
        names = (n for n, i in self._listed.items() if self._address(i))
        return frozenset(name.decode("latin-1") for name in names)

    @cached_property
    def ordinals(self) -> frozenset[int]:
        """All ordinals, those of names among them."""
        return frozenset(self.base + i for i, at in enumerate(self.addresses) if at)

    @cached_property
    def forwarders(self) -> Mapping[Symbol, str]:
        """The text of each forwarder, by ordinal and by name."""
        low = self._directory_at
        high = low + len(self._directory)
        places = {i: at for i, at in enumerate(self.addresses) if low <= at < high}
        texts = {
            i: _text_at(self._directory, at - low).decode("latin-1")
            for i, at in places.items()
        }
        found: dict[Symbol, str] = {self.base + i: text for i, text in texts.items()}
        if texts:
            for position, index in enumerate(self._indices):
                if index in texts:
                    found[self._name(position).decode("latin-1")] = texts[index]
        return found

    @cached_property
    def _listed(self) -> dict[bytes, int]:
        names = (self._name(i) for i in range(len(self._names)))
        # Of names that are repeated, the first counts.
        listed: dict[bytes, int] = {}
        for name, index in zip(names, self._indices, strict=True):
            listed.setdefault(name, index)
        return listed

    def _index(self, name: str) -> int | None:
        try:
            wanted = name.encode("latin-1")
        except UnicodeEncodeError:
            return None
        if b"\0" in wanted:
            return None
        if "_listed" not in vars(self):
            # As the loader does it, in the table that is sorted by name.
            key, size = wanted + b"\0", len(wanted) + 1
            text, low, places = self._text, self._names_at, self._names
            at = bisect.bisect_left(
                places, key, key=lambda rva: text[rva - low : rva - low + size]
            )
            if at < len(places) and text.startswith(key, places[at] - low):
                return self._indices[at]
        # In a table that is not sorted the loader finds what the importer's hint
        # leads to, so every name counts.
        return self._listed.get(wanted)

    def _name(self, position: int) -> bytes:
        return _text_at(self._text, self._names[position] - self._names_at)

    def _address(self, index: int) -> int:
        return self.addresses[index] if 0 <= index < len(self.addresses) else 0


class SymbolReader:
    """The import and export tables of one PE file.

    :param data: the whole file as it lies on disk, or its layout.
    :raises MalformedError: when the headers lead outside the file.
    """

    def __init__(self, data: mmap.mmap | bytes | Layout) -> None:
        self._layout: Final = data if isinstance(data, Layout) else Layout(data)

    def imports(self) -> dict[str, tuple[Symbol, ...]]:
        """Return the imported symbols by DLL name, in the order of the table."""
        self._layout.renew_allowance()
        found: dict[str, list[Symbol]] = {}
        for name, lookup, address in self._import_descriptors():
            found.setdefault(name, []).extend(self._symbols(lookup or address))
        return {name: tuple(symbols) for name, symbols in found.items()}

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
            low, last = min(names), max(names)
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
        while at is not None:
            lookup, name, address = self._layout.fields("<I8xII", at)
            if not name or not address:
                return
            yield self._layout.text(name), lookup, address
            at += 20

    def _symbols(self, rva: int) -> list[Symbol]:
        thunks = self._thunks(rva)
        ordinal = 1 << 63 if self._layout.wide else 1 << 31
        # The name follows a hint of two bytes.
        places = ((t & 0xFFFF_FFFF) + 2 for t in thunks if not t & ordinal)
        names = self._layout.texts(places)
        return [t & 0xFFFF if t & ordinal else next(names) for t in thunks]

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
        longest = 4 * len(self._layout.data) // max(len(places), 1)
        step = longest // 2 + 1
        # No text is longer than that, so that all of them can be read.
        if all(
            text.find(b"\0", at, at + step) >= 0
            for at in range(0, len(text) - step, step)
        ):
            return
        for place in places:
            at = place - start
            if 0 <= at < len(text):
                end = text.find(b"\0", at)
                self._layout.spend((end if end >= 0 else len(text)) - at)


def _text_at(data: bytes, at: int) -> bytes:
    end = data.find(b"\0", at)
    return data[at : end if end >= 0 else len(data)]
