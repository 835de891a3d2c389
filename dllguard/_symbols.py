"""Imported and exported symbols of a PE file, straight from the mapped bytes.

pefile stops at 8,192 import thunks over all DLLs and cuts names at 512 characters
without a word; torch_python.dll imports 6,791 symbols with names of up to 3,199
characters. This reader has neither limit and is many times faster. Layouts are
those of "PE Format", sections `.idata`, `.edata` and "Delay-Load Import Tables".
"""

from __future__ import annotations

import bisect
import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_EXPORTS, _IMPORTS, _DELAY_IMPORTS = 0, 1, 13

# An import by ordinal is kept in the same list as names, as dumpbin's readers know it.
Symbol = str | int


class MalformedError(ValueError):
    """A table of the file points outside the file or contradicts itself."""


@dataclass(frozen=True)
class Exports:
    """What a DLL exports; a forwarder is kept as its `module.name` text."""

    names: frozenset[str]
    ordinals: frozenset[int]
    forwarders: Mapping[Symbol, str]

    def __contains__(self, symbol: Symbol) -> bool:
        if isinstance(symbol, int):
            return symbol in self.ordinals
        return symbol in self.names


class SymbolReader:
    """The import and export tables of one mapped PE file.

    :param data: the whole file, as it lies on disk.
    :raises MalformedError: when the headers lead outside the file.
    """

    def __init__(self, data: mmap.mmap | bytes) -> None:
        self._data: Final = data
        self._allowance = 0
        self._renew_allowance()
        (header,) = self._unpack("<I", 0x3C)
        (sections, size) = self._unpack("<H12xH", header + 6)
        optional = header + 24
        (magic,) = self._unpack("<H", optional)
        if magic not in (0x10B, 0x20B):
            raise MalformedError(f"optional header magic 0x{magic:04x} is unknown")
        self._wide = magic == 0x20B
        (self._headers_size,) = self._unpack("<I", optional + 60)
        directories = optional + (112 if self._wide else 96)
        (count,) = self._unpack("<I", directories - 4)
        room = max(0, optional + size - directories) // 8
        self._directories = [
            self._unpack("<II", directories + 8 * i)
            for i in range(min(count, room, 16))
        ]
        self._sections = []
        for i in range(sections):
            virtual_size, rva, raw_size, raw = self._unpack(
                "<4I", optional + size + 40 * i + 8
            )
            size_in_memory = max(virtual_size, raw_size)
            if size_in_memory:
                self._sections.append((rva, size_in_memory, raw, raw_size))
        # Sorted they are in a sound file; a damaged one may have thousands.
        self._sections.sort()
        self._starts = [rva for rva, *_ in self._sections]

    def imports(self) -> dict[str, tuple[Symbol, ...]]:
        """Return the imported symbols by DLL name, in the order of the table."""
        self._renew_allowance()
        found: dict[str, list[Symbol]] = {}
        for name, lookup, address in self._import_descriptors():
            found.setdefault(name, []).extend(self._thunks(lookup or address))
        return {name: tuple(symbols) for name, symbols in found.items()}

    def import_names(self) -> tuple[str, ...]:
        """Return the names of the imported DLLs, in the order of the table.

        A descriptor with an empty list of symbols is left out: Windows never loads
        its DLL (Wine, dlls/ntdll/loader.c, import_dll).
        """
        self._renew_allowance()
        return tuple(
            name
            for name, lookup, address in self._import_descriptors()
            if next(self._thunks(lookup or address), None) is not None
        )

    def delay_imports(self) -> tuple[str, ...]:
        """Return the names of the delay-loaded DLLs."""
        self._renew_allowance()
        names = []
        at = self._directory(_DELAY_IMPORTS)
        while at is not None:
            attributes, name = self._unpack("<II", at)
            if not name:
                break
            # Attribute 1 says RVAs; before Visual C++ 7 the fields held addresses,
            # which nothing built for Python uses.
            if attributes & 1:
                names.append(self._text(name))
            at += 32
        return tuple(names)

    def exports(self) -> Exports:
        """Return all names and ordinals that the file exports."""
        self._renew_allowance()
        at = self._directory(_EXPORTS)
        if at is None:
            return Exports(frozenset(), frozenset(), {})
        base, functions, named, eat, npt, ot = self._unpack("<6I", at + 16)
        start, size = self._directories[_EXPORTS]
        addresses = self._array("I", eat, functions)
        name_rvas = self._array("I", npt, named)
        indices = self._array("H", ot, named)
        names = []
        forwarders: dict[Symbol, str] = {}
        for rva, index in zip(name_rvas, indices, strict=True):
            name = self._text(rva)
            # A name whose address is zero is absent, as an ordinal is (Wine,
            # dlls/ntdll/loader.c, find_ordinal_export).
            if index >= functions or not addresses[index]:
                continue
            names.append(name)
            if start <= addresses[index] < start + size:
                forwarders[name] = self._text(addresses[index])
        ordinals = [base + i for i, rva in enumerate(addresses) if rva]
        for i, rva in enumerate(addresses):
            if start <= rva < start + size:
                forwarders[base + i] = self._text(rva)
        return Exports(frozenset(names), frozenset(ordinals), forwarders)

    def _import_descriptors(self) -> Iterator[tuple[str, int, int]]:
        at = self._directory(_IMPORTS)
        while at is not None:
            lookup, name, address = self._unpack("<I8xII", at)
            if not name or not address:
                return
            yield self._text(name), lookup, address
            at += 20

    def _thunks(self, rva: int) -> Iterator[Symbol]:
        at = self._offset(rva)
        width, ordinal = (8, 1 << 63) if self._wide else (4, 1 << 31)
        code = "<Q" if self._wide else "<I"
        while True:
            (thunk,) = self._unpack(code, at)
            if not thunk:
                return
            if thunk & ordinal:
                yield thunk & 0xFFFF
            else:
                yield self._text((thunk & 0x7FFFFFFF) + 2)
            at += width

    def _directory(self, index: int) -> int | None:
        if index >= len(self._directories):
            return None
        rva, _ = self._directories[index]
        return self._offset(rva) if rva else None

    def _offset(self, rva: int) -> int:
        i = bisect.bisect_right(self._starts, rva) - 1
        start, size, raw, raw_size = self._sections[i] if i >= 0 else (0, 0, 0, 0)
        if start <= rva < start + size:
            if rva - start >= raw_size:
                raise MalformedError(f"address 0x{rva:x} has no bytes in the file")
            return raw + rva - start
        if rva < self._headers_size:
            return rva
        raise MalformedError(f"address 0x{rva:x} lies in no section")

    def _text(self, rva: int) -> str:
        start = self._offset(rva)
        end = self._data.find(b"\0", start)
        if end < 0:
            raise MalformedError(f"the name at 0x{rva:x} does not end")
        self._spend(end - start)
        return self._data[start:end].decode("latin-1")

    def _array(self, code: str, rva: int, count: int) -> tuple[int, ...]:
        return self._unpack(f"<{count}{code}", self._offset(rva)) if count else ()

    def _unpack(self, code: str, at: int) -> tuple[int, ...]:
        try:
            values = struct.unpack_from(code, self._data, at)
        # OverflowError: a 32-bit Python has no offsets above 2 GB.
        except (struct.error, OverflowError) as error:
            raise MalformedError(
                f"the file ends within the table at offset 0x{at:x}"
            ) from error
        self._spend(8 * len(values))
        return values

    def _spend(self, size: int) -> None:
        self._allowance -= size
        if self._allowance < 0:
            raise MalformedError("its tables or names overlap")

    def _renew_allowance(self) -> None:
        # The tables of a sound file share no bytes, and none is read more than twice
        # by one method. Without a limit, lists and names that overlap let a file of
        # one megabyte take hours and all memory.
        self._allowance = 4 * len(self._data) + 0x10000
