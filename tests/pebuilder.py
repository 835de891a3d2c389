"""Minimal but real PE files for the tests: Windows and Wine can load them.

The layout is that of the PE format specification, whose sections the docstrings name:
https://learn.microsoft.com/windows/win32/debug/pe-format
"""

from __future__ import annotations

import itertools
from struct import calcsize, pack
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Concatenate, ParamSpec, TypeAlias

    _P = ParamSpec("_P")
    _Imports: TypeAlias = Mapping[str, Sequence[str | int]]
    _Range: TypeAlias = tuple[int, int]
    _Row: TypeAlias = tuple[bytes, int, "_Area"]

X86: Final = 0x014C
X64: Final = 0x8664
ARM64: Final = 0xAA64
ARM64EC: Final = 0xA641
ARM64X: Final = 0xA64E

_PAGE = 0x1000
_FILE_ALIGNMENT = 0x200
_BASES = 0x1_8000_0000, 0x1000_0000
_STUB = 24
_ABSENT = (0, 0)
_SUBDIRECTORY = 0x8000_0000
_RT_VERSION, _RT_MANIFEST = 16, 24
_US_ENGLISH, _UTF_16 = 0x0409, 1200


class _Area:
    """Bytes being laid out from an address relative to the image base (RVA)."""

    def __init__(self, rva: int) -> None:
        self.rva = rva
        self.data = bytearray()

    @property
    def end(self) -> int:
        return self.rva + len(self.data)

    def add(self, chunk: bytes | bytearray, align: int = 8) -> int:
        self.data += bytes(-len(self.data) % align)
        self.data += chunk
        return self.end - len(chunk)


def build_pe(
    *,
    machine: int = X64,
    name: str = "built.dll",
    imports: Mapping[str, Sequence[str | int]] = {},
    hints: Mapping[str, int] = {},
    delay_imports: Mapping[str, Sequence[str | int]] = {},
    exports: Sequence[str] = (),
    exports_sorted: bool = True,
    exports_without_address: Collection[str] = (),
    ordinal_exports: Sequence[int] = (),
    forwarders: Mapping[str, str] = {},
    file_version: tuple[int, int, int, int] | None = None,
    linker: tuple[int, int] = (14, 0),
    manifest: str | None = None,
    manifest_id: int = 2,
    dependent_load_flags: int = 0,
    chpe: bool = False,
    il_only: bool = False,
    dll: bool = True,
    dll_main_result: bool | None = None,
    sections: Mapping[str, bytes] = {},
    overlay: bytes = b"",
    wine: bool = False,
) -> bytes:
    """Build one image: PE32 for x86, PE32+ for every other machine.

    Named exports, forwarders among them, are sorted by name and take the lowest
    ordinals that ``ordinal_exports`` leaves free.

    :param name: the DLL's own name, in its export directory
    :param imports: DLL name to the names and ordinals wanted of it; if there are none
        its descriptor has an empty thunk list, and Windows does not load that DLL
    :param hints: imported name to its hint, 0 by default
    :param exports_sorted: False for a name table in the order of ``exports``
    :param exports_without_address: exported names, the address of which is 0
    :param ordinal_exports: ordinals of the exports without a name
    :param forwarders: export name to ``module.name`` or ``module.#ordinal``
    :param manifest_id: 2 for DLLs, 1 for executables
    :param chpe: point the load config to CHPE metadata, as in ARM64EC and ARM64X
    :param dll_main_result: what the entry point returns; None for no entry point
    :param sections: further sections of data by name
    :param overlay: what follows the last section in the file
    :param wine: mark the image as one that comes with Wine
    """
    pointer, image_base = "I" if machine == X86 else "Q", _BASES[machine == X86]
    text = _Area(_PAGE)
    ret = b"\xc3\xcc\xcc\xcc" if machine in {X86, X64} else b"\xc0\x03\x5f\xd6"
    # One more than needed, since Windows rejects a section of no bytes.
    first = text.add(ret * (len(exports) + len(ordinal_exports) + 1))
    functions = itertools.count(first, len(ret))
    entry_point = 0
    if dll_main_result is not None:
        entry_point = text.add(_entry_point(machine, result=dll_main_result), 16)

    rdata = _Area(_aligned(text.end, _PAGE))
    places = {**dict.fromkeys(exports_without_address, ""), **forwarders}
    own = [title for title in exports if title not in forwarders]
    named = [(title, places.get(title)) for title in [*own, *forwarders]]
    if exports_sorted:
        named.sort(key=lambda row: _encoded(row[0]))
    export_directory = _exports(rdata, name, named, ordinal_exports, functions)
    import_directory, iat = _imports(rdata, imports, hints, pointer)
    delay_directory = _delay_imports(rdata, delay_imports, hints, pointer)
    load_config, metadata_field = _load_config(
        rdata, pointer, image_base, dependent_load_flags, chpe=chpe
    )
    clr_header = _clr_header(rdata) if il_only else _ABSENT

    rsrc = _Area(_aligned(rdata.end, _PAGE))
    resources = {}
    if file_version:
        resources[_RT_VERSION] = 1, _version_info(file_version, dll=dll)
    if manifest is not None:
        resources[_RT_MANIFEST] = manifest_id, manifest.encode()
    resource_directory = _resources(rsrc, resources)
    reloc = _Area(_aligned(rsrc.end, _PAGE))
    relocations = _relocations(reloc, metadata_field, pointer)
    directories = [_ABSENT] * 16
    directories[:3] = export_directory, import_directory, resource_directory
    directories[5] = relocations
    directories[10] = load_config
    directories[12:15] = iat, delay_directory, clr_header
    rows = [
        (b".text", 0x6000_0020, text),
        (b".rdata", 0x4000_0040, rdata),
        (b".rsrc", 0x4000_0040, rsrc),
        (b".reloc", 0x4200_0040, reloc),
    ]
    rows += _further(sections, reloc.end)
    rows = [row for row in rows if row[-1].data]
    # Executable; large addresses or 32-bit machine; DLL.
    flags = 0x0002 | (0x0100 if machine == X86 else 0x0020) | (0x2000 if dll else 0)
    optional_header = _optional_header(
        pointer, image_base, entry_point, linker, [area for *_, area in rows]
    )
    optional_header += b"".join(pack("<2I", *directory) for directory in directories)
    stub = b"Wine builtin DLL".ljust(_STUB, b"\0") if wine else b""
    headers = pack("<2s58xI", b"MZ", 64 + len(stub)) + stub + b"PE\0\0"
    sizes = len(rows), len(optional_header)
    headers += pack("<2H12x2H", machine, *sizes, flags) + optional_header
    start = offset = _headers_size(pointer, len(rows))
    for title, characteristics, area in rows:
        size = _aligned(len(area.data), _FILE_ALIGNMENT)
        place = len(area.data), area.rva, size, offset
        headers += pack("<8s4I12xI", title, *place, characteristics)
        offset += size
    contents = (_padded(area.data, _FILE_ALIGNMENT) for *_, area in rows)
    return b"".join([_padded(headers, start), *contents, overlay])


def _saving(build: Callable[_P, bytes]) -> Callable[Concatenate[Path, _P], Path]:
    def save(path: Path, /, *args: _P.args, **kwargs: _P.kwargs) -> Path:
        kwargs.setdefault("name", path.name)
        path.write_bytes(build(*args, **kwargs))
        return path

    return save


write_pe = _saving(build_pe)


def _aligned(size: int, to: int) -> int:
    return -(-size // to) * to


def _padded(data: bytes | bytearray, to: int) -> bytes:
    return bytes(data).ljust(_aligned(len(data), to), b"\0")


def _encoded(text: str) -> bytes:
    # Surrogates let a test ask for bytes that are no text at all.
    return text.encode("utf-8", "surrogateescape") + b"\0"


def _further(sections: Mapping[str, bytes], end: int) -> Iterator[_Row]:
    for name, content in sections.items():
        area = _Area(_aligned(end, _PAGE))
        area.add(content)
        end = area.end
        yield name.encode(), 0xC000_0040, area


def _headers_size(pointer: str, sections: int) -> int:
    optional_header = 240 if pointer == "Q" else 224
    return _aligned(64 + _STUB + 24 + optional_header + 40 * sections, _FILE_ALIGNMENT)


def _optional_header(
    pointer: str,
    image_base: int,
    entry_point: int,
    linker: tuple[int, int],
    areas: Sequence[_Area],
) -> bytes:
    """Lay out the Optional Header (Image Only), up to the data directories."""
    wide = pointer == "Q"
    code, *others = (_aligned(len(area.data), _FILE_ALIGNMENT) for area in areas)
    header = pack("<H2B", 0x20B if wide else 0x10B, *linker)
    header += pack("<5I", code, sum(others), 0, entry_point, areas[0].rva)
    if not wide:
        header += pack("<I", areas[1].rva)
    header += pack(f"<{pointer}2I", image_base, _PAGE, _FILE_ALIGNMENT)
    header += pack("<6H4x", 6, 0, 0, 0, 6, 0)
    # Dynamic base and NX compatible; high entropy only where addresses are 64-bit.
    flags = 0x0160 if wide else 0x0140
    sizes = _aligned(areas[-1].end, _PAGE), _headers_size(pointer, len(areas))
    header += pack("<2I4x2H", *sizes, 3, flags)
    stack_and_heap = 1 << 20, 1 << 12, 1 << 20, 1 << 12
    return header + pack(f"<4{pointer}4xI", *stack_and_heap, 16)


def _entry_point(machine: int, *, result: bool) -> bytes:
    if machine not in {X86, X64}:
        raise ValueError(f"no machine code for an entry point on {machine:#06x}")
    # On x86 the function called takes its three arguments off the stack.
    ret = b"\xc2\x0c\0" if machine == X86 else b"\xc3"
    return pack("<BI", 0xB8, result) + ret


def _exports(
    area: _Area,
    dll_name: str,
    named: Sequence[tuple[str, str | None]],
    nameless: Sequence[int],
    functions: Iterator[int],
) -> _Range:
    """Lay out The .edata Section.

    ``named`` has each name with its forwarder, None for a function, "" for nothing.
    """
    if not named and not nameless:
        return _ABSENT
    taken = frozenset(nameless)
    free = itertools.filterfalse(taken.__contains__, range(1, 0x10000))
    ordinals = list(itertools.islice(free, len(named)))
    if len(ordinals) < len(named):
        raise ValueError(
            f"{len(named)} named exports, but {len(ordinals)} free ordinals"
        )
    base = min([*ordinals, *nameless])
    addresses = [0] * (max([*ordinals, *nameless]) - base + 1)
    for ordinal in nameless:
        addresses[ordinal - base] = next(functions)

    start = area.add(b"")
    address_table = start + 40
    name_table = address_table + 4 * len(addresses)
    ordinal_table = name_table + 4 * len(named)
    # A forwarder is known by its address, which lies inside the directory.
    strings = _Area(ordinal_table + 2 * len(named))
    dll_name_rva = strings.add(_encoded(dll_name), 1)
    names = []
    for ordinal, (name, forwarder) in zip(ordinals, named, strict=True):
        names.append(strings.add(_encoded(name), 1))
        if forwarder == "":
            continue
        addresses[ordinal - base] = (
            next(functions)
            if forwarder is None
            else strings.add(_encoded(forwarder), 1)
        )
    area.add(pack("<12x4I", dll_name_rva, base, len(addresses), len(names)))
    area.add(pack("<3I", address_table, name_table, ordinal_table), 1)
    area.add(pack(f"<{len(addresses) + len(names)}I", *addresses, *names), 1)
    area.add(pack(f"<{len(names)}H", *(ordinal - base for ordinal in ordinals)), 1)
    area.add(strings.data, 1)
    return start, area.end - start


def _imports(
    area: _Area, imports: _Imports, hints: Mapping[str, int], pointer: str
) -> tuple[_Range, _Range]:
    """Lay out The .idata Section; return its directory and the IAT's."""
    if not imports:
        return _ABSENT, _ABSENT
    rows = _thunk_tables(area, imports, hints, pointer)
    _, _, iat = rows[0]
    iat_size = area.end - iat
    descriptors = [pack("<I8x2I", lookup, name, at) for name, lookup, at in rows]
    directory = b"".join([*descriptors, bytes(20)])
    return (area.add(directory), len(directory)), (iat, iat_size)


def _delay_imports(
    area: _Area, imports: _Imports, hints: Mapping[str, int], pointer: str
) -> _Range:
    """Lay out Delay-Load Import Tables (Image Only)."""
    if not imports:
        return _ABSENT
    descriptors = [
        pack("<5I12x", 1, name, area.add(bytes(8)), at, lookup)
        for name, lookup, at in _thunk_tables(area, imports, hints, pointer)
    ]
    directory = b"".join([*descriptors, bytes(32)])
    return area.add(directory), len(directory)


def _thunk_tables(
    area: _Area, imports: _Imports, hints: Mapping[str, int], pointer: str
) -> list[tuple[int, int, int]]:
    """Return each DLL's name, import lookup table and import address table."""
    by_ordinal = 1 << (8 * calcsize(pointer) - 1)
    tables = []
    for symbols in imports.values():
        thunks = [
            by_ordinal | symbol
            if isinstance(symbol, int)
            else area.add(pack("<H", hints.get(symbol, 0)) + _encoded(symbol), 2)
            for symbol in symbols
        ]
        tables.append(pack(f"<{len(thunks)}{pointer}", *thunks) + bytes(8))
    names = [area.add(_encoded(name), 1) for name in imports]
    lookups = [area.add(table) for table in tables]
    addresses = [area.add(table) for table in tables]
    return list(zip(names, lookups, addresses, strict=True))


def _load_config(
    area: _Area, pointer: str, image_base: int, flags: int, *, chpe: bool
) -> tuple[_Range, int | None]:
    """Lay out The Load Configuration Structure, up to CHPEMetadataPointer.

    The second value is the address of that pointer, which needs a base relocation.
    """
    if not flags and not chpe:
        return _ABSENT, None
    metadata = image_base + area.add(pack("<I124x", 1)) if chpe else 0
    size, layout = (208, "<I74xH120xQ") if pointer == "Q" else (128, "<I50xH68xI")
    rva = area.add(pack(layout, size, flags, metadata))
    return (rva, size), area.end - calcsize(pointer) if chpe else None


def _clr_header(area: _Area) -> _Range:
    """ECMA-335 II.25.3.3, with a metadata root (II.24.2.1) that has no streams."""
    root = pack("<4s2H4xI12s4x", b"BSJB", 1, 1, 12, b"v4.0.30319")
    # The last field is the flag ILONLY.
    return area.add(pack("<I2H3I52x", 72, 2, 5, area.add(root), len(root), 1)), 72


def _version_info(version: tuple[int, int, int, int], *, dll: bool) -> bytes:
    """VS_VERSIONINFO: https://learn.microsoft.com/windows/win32/menurc/vs-versioninfo."""
    major, minor, build, revision = version
    fixed = pack("<2I", 0xFEEF04BD, 0x10000)
    fixed += pack("<4H", minor, major, revision, build) * 2
    fixed += pack("<4I12x", 0x3F, 0, 0x40004, 2 if dll else 1)
    translation = _version_node("Translation", pack("<2H", _US_ENGLISH, _UTF_16))
    languages = _version_node("VarFileInfo", b"", translation)
    return _version_node("VS_VERSION_INFO", fixed, languages)


def _version_node(key: str, value: bytes, child: bytes = b"") -> bytes:
    prefix = _padded(bytes(6) + f"{key}\0".encode("utf-16-le"), 4)
    node = prefix + value + child
    return pack("<3H", len(node), len(value), 0) + node[6:]


def _resources(area: _Area, resources: Mapping[int, tuple[int, bytes]]) -> _Range:
    """Lay out The .rsrc Section: type, id and language, one of each."""
    if not resources:
        return _ABSENT
    root_size = 16 + 8 * len(resources)
    contents = _Area(area.rva + root_size + 64 * len(resources))
    root = pack("<12x2H", 0, len(resources))
    branches = b""
    for kind, (identifier, content) in sorted(resources.items()):
        ids = root_size + len(branches)
        languages, leaf = ids + 24, ids + 48
        root += pack("<2I", kind, _SUBDIRECTORY | ids)
        branches += pack("<12x2H2I", 0, 1, identifier, _SUBDIRECTORY | languages)
        branches += pack("<12x2H2I", 0, 1, _US_ENGLISH, leaf)
        branches += pack("<2I8x", contents.add(content), len(content))
    rva = area.add(root + branches + contents.data)
    return rva, len(area.data)


def _relocations(area: _Area, field: int | None, pointer: str) -> _Range:
    """Lay out The .reloc Section; a block of padding if there is nothing to relocate.

    An image without any could be taken for one that must stay at its preferred base.
    """
    kind, field = (10 if pointer == "Q" else 3, field) if field else (0, _PAGE + 4)
    entry = kind << 12 | field % _PAGE
    return area.add(pack("<2I2H", field - field % _PAGE, 12, entry, 0)), 12
