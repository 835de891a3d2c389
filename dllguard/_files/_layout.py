"""A PE file as bytes: its headers, its sections, and what lies at an address.

Addresses are relative to the image base (RVAs). What stands at one is what the loader
finds there: the bytes of a section's part of the file, then zeros. Layouts are those
of "PE Format"; what is refused, and how a section comes to its bytes, is that of Wine
(server/mapping.c, get_image_params; dlls/ntdll/unix/virtual.c, map_image_into_view).
"""

from __future__ import annotations

import bisect
import mmap
import struct
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

EXPORTS, IMPORTS, RESOURCES = 0, 1, 2
LOAD_CONFIG, CLR, DELAY_IMPORTS = 10, 14, 13

_EXECUTE = 0x2000_0000  # IMAGE_SCN_MEM_EXECUTE
_PAGE, _SECTOR = 0x1000, 0x200
_ROWS = 16
_MOST_SECTIONS = 96  # "PE Format", COFF File Header: the Windows loader's limit
# The machine types of which it is certain which of the two headers they have.
_WIDTHS = {0x014C: False, 0x8664: True, 0xAA64: True}


class MalformedError(ValueError):
    """A table of the file points outside the file or contradicts itself."""


class Section(NamedTuple):
    """One row of the section table; the sizes are those in memory and in the file."""

    name: bytes
    size: int
    rva: int
    raw_size: int
    raw: int
    flags: int


class Layout:
    """The headers and sections of one mapped PE file.

    They serve each later time that the file is mapped.

    :param data: the whole file, as it lies on disk.
    :raises MalformedError: when the headers lead outside the file.
    """

    def __init__(self, data: mmap.mmap | bytes) -> None:
        self.data = data
        self.size: Final = len(data)
        # The last sector may be incomplete.
        self._end: Final = _aligned(len(data), _SECTOR)
        self._allowance = 0
        self.renew_allowance()
        if data[:2] != b"MZ":
            raise MalformedError("it does not begin with MZ")
        (header,) = self.unpack("<I", 0x3C)
        (signature,) = self.unpack("<4s", header)
        if signature != b"PE\0\0":
            raise MalformedError(f"no PE header at offset 0x{header:x}")
        self.machine, sections, size, self.characteristics = self.unpack(
            "<2H12x2H", header + 4
        )
        optional = header + 24
        magic, major, minor, self.code_size = self.unpack("<H2BI", optional)
        self.linker = major, minor
        if magic not in (0x10B, 0x20B):
            raise MalformedError(f"optional header magic 0x{magic:04x} is unknown")
        self.wide = magic == 0x20B
        self.entry_point, self.alignment, self.file_alignment = self.unpack(
            "<I12x2I", optional + 16
        )
        self.image_size, self.headers_size, self.dll_characteristics = self.unpack(
            "<2I6xH", optional + 56
        )
        directories = optional + (112 if self.wide else 96)
        (count,) = self.unpack("<I", directories - 4)
        self.headers_end = optional + size + 40 * sections
        rows = self._table("<2I", directories, min(count, 16))
        self.directories = [(rva, length) for rva, length in rows]
        rows = self._table("<8s4I12xI", optional + size, sections)
        self.sections = tuple(Section(*row) for row in rows)
        # Unlike what linkers write.
        self.is_odd: Final = not (
            header % 4 == 0
            and header >= 0x40
            and size == directories + 128 - optional
            and count == 16
            and 0 < sections <= _MOST_SECTIONS
            and self.headers_end <= self.headers_size
            and self.alignment >= _PAGE
            and self.file_alignment >= _SECTOR
            and all(low.rva < high.rva for low, high in pairwise(self.sections))
        )
        self._index_sections()

    def _index_sections(self) -> None:
        flat = self.alignment % _PAGE
        if flat or not self.sections:
            end = _aligned(min(self.image_size, self.size), _PAGE)
            rows = [(0, 0, self.size, end)]
        else:
            end = max(self.headers_size, self.headers_end)
            rows = [(0, 0, min(end, self.size), _aligned(end, _PAGE))]
            # Sorted they are in a sound file; a damaged one may have thousands.
            for section in sorted(self.sections, key=lambda row: row.rva):
                rows.append((section.rva, *_extent(section)))
        self._rows = rows
        self._starts = [rva for rva, *_ in rows]
        # Where the last address was found, the next one mostly is.
        self._row = (0, 0, 0, 0)

    @property
    def contains_code(self) -> bool:
        """Whether any of it may run: a DLL of resources alone has no machine type."""
        return bool(
            self.code_size
            or self.entry_point
            or self.alignment % _PAGE
            or any(section.flags & _EXECUTE for section in self.sections)
        )

    def require_mappable(self) -> None:
        """Check what Windows checks before it maps an image.

        :raises MalformedError: for an image that it refuses.
        """
        if _WIDTHS.get(self.machine, self.wide) is not self.wide:
            raise MalformedError("its header is that of another machine type")
        mapped = _aligned(self.image_size, max(self.alignment, _PAGE))
        if self.headers_end > mapped:
            raise MalformedError("its headers are larger than the image")
        if self.alignment % _PAGE:
            # Such an image is mapped as a whole, so each section must lie in place.
            if self.file_alignment != self.alignment or any(
                section.rva != section.raw for section in self.sections
            ):
                raise MalformedError("its sections are not aligned")
            return
        for section in self.sections:
            place, stored, size = _extent(section)
            if section.rva % _PAGE:
                raise MalformedError("its sections are not aligned")
            if section.rva + size > mapped:
                raise MalformedError("a section reaches beyond the image")
            if stored and (section.raw >= self.size or place + stored > self._end):
                end = section.raw + section.raw_size
                raise MalformedError(
                    f"truncated: {self.size:,} bytes of at least {end:,}"
                )

    def directory(self, index: int) -> int | None:
        """Return the address of a data directory's table; None where there is none."""
        if index >= len(self.directories):
            return None
        return self.directories[index][0] or None

    def offset(self, rva: int) -> int:
        """Return where in the file an address lies.

        :raises MalformedError: for an address without bytes in the file.
        """
        place, stored, _ = self._locate(rva)
        if not stored:
            raise MalformedError(f"address 0x{rva:x} has no bytes in the file")
        return place

    def read(self, rva: int, size: int) -> bytes:
        """Return the bytes at an address, fewer where its section ends before."""
        place, stored, room = self._locate(rva)
        size = min(size, room)
        self.spend(size)
        end = place + min(stored, size)
        if end > self._end:
            raise MalformedError(f"the file ends within the table at 0x{rva:x}")
        found = self.data[place:end]
        return found if len(found) == size else found.ljust(size, b"\0")

    def fields(self, code: str, rva: int) -> tuple[Any, ...]:
        """Unpack a structure at an address."""
        structure = _structure(code)
        found = self.read(rva, structure.size)
        if len(found) < structure.size:
            raise MalformedError(f"the table at 0x{rva:x} does not end")
        return structure.unpack(found)

    def rows(self, code: str, rva: int) -> Iterator[tuple[Any, ...]]:
        """Yield the structures of a table, without an end of its own."""
        structure = _structure(code)
        while True:
            try:
                block = self.read(rva, _ROWS * structure.size)
            except MalformedError:
                block = b""
            whole = len(block) // structure.size * structure.size
            yield from structure.iter_unpack(block[:whole])
            rva += whole
            if not whole:
                # The table may end before what cannot be read, or not.
                yield self.fields(code, rva)
                rva += structure.size

    def text(self, rva: int) -> str:
        """Return the text at an address, whole, up to its zero."""
        place, stored, room = self._locate(rva)
        end = self.data.find(b"\0", place, place + stored)
        if end < 0:
            if stored >= room or place + stored > self._end:
                raise MalformedError(f"the name at 0x{rva:x} does not end")
            end = min(place + stored, self.size)
        self.spend(end - place)
        return self.data[place:end].decode("latin-1")

    def window(self, rva: int, size: int) -> bytes:
        """Return what follows an address in the file; less where the section ends."""
        place, stored, _ = self._locate(rva)
        return self.data[place : place + min(stored, size)]

    def unpack(self, code: str, at: int) -> tuple[Any, ...]:
        """Unpack a structure at an offset in the file."""
        try:
            values = struct.unpack_from(code, self.data, at)
        # OverflowError: a 32-bit Python has no offsets above 2 GB.
        except (struct.error, OverflowError) as error:
            raise MalformedError(
                f"the file ends within the table at offset 0x{at:x}"
            ) from error
        self.spend(8 * len(values))
        return values

    def _table(self, code: str, at: int, count: int) -> Iterator[tuple[Any, ...]]:
        size = count * struct.calcsize(code)
        rows = self.data[at : at + size]
        if len(rows) < size:
            raise MalformedError(f"the file ends within the table at offset 0x{at:x}")
        return struct.iter_unpack(code, rows)

    def spend(self, size: int) -> None:
        """Take a number of bytes from the allowance.

        :raises MalformedError: where nothing is left of it.
        """
        self._allowance -= size
        if self._allowance < 0:
            raise MalformedError("its tables or names overlap")

    def renew_allowance(self) -> None:
        """Allow as many bytes as the tables of a sound file can ever need.

        They share no bytes, and none is read more than twice by one reader. Without a
        limit, lists and names that overlap let a file of one megabyte take hours and
        all memory.
        """
        self._allowance = 4 * self.size + 0x10000

    def _locate(self, rva: int) -> tuple[int, int, int]:
        """Return the offset, the bytes left in the file and those left in memory."""
        start, place, stored, size = self._row
        past = rva - start
        if not 0 <= past < size:
            i = bisect.bisect_right(self._starts, rva) - 1
            if i < 0:
                raise MalformedError(f"address 0x{rva:x} lies in no section")
            start, place, stored, size = self._rows[i]
            past = rva - start
            if i + 1 == len(self._rows) or start + size <= self._starts[i + 1]:
                self._row = self._rows[i]
        if past < size:
            inside = min(stored, past)
            return place + inside, stored - inside, size - past
        raise MalformedError(f"address 0x{rva:x} lies in no section")


def _extent(section: Section) -> tuple[int, int, int]:
    """Return the offset in the file, and the sizes there and in memory.

    Offsets are rounded to sectors whatever the file says, and a section takes whole
    pages (Wine, dlls/ntdll/unix/virtual.c, map_image_into_view).
    """
    size = _aligned(section.size or section.raw_size, _PAGE)
    if not section.raw:
        return 0, 0, size
    inset = section.raw % _SECTOR
    stored = _aligned(section.raw_size + inset, _SECTOR)
    return section.raw - inset, min(stored, size), size


@lru_cache(maxsize=32)
def _structure(code: str) -> struct.Struct:
    return struct.Struct(code)


def _aligned(size: int, to: int) -> int:
    return -(-size // to) * to
