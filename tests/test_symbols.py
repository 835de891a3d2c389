"""The symbol reader: what a file imports and exports, and that no file harms it."""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
import tracemalloc
from typing import TYPE_CHECKING

import hypothesis
import pefile
import pytest
from hypothesis import strategies as st

from dllguard._files._layout import MalformedError
from dllguard._files._pe import mapped
from dllguard._files._symbols import Exports, SymbolReader
from tests.limits import within
from tests.pebuilder import ARM64, X64, X86, build_pe, write_pe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.bench import BenchFactory

    Read = Callable[[SymbolReader], object]

MACHINES = [
    pytest.param(X86, id="x86"),
    pytest.param(X64, id="x64"),
    pytest.param(ARM64, id="arm64"),
]
READS: Sequence[Read] = (
    SymbolReader.imports,
    SymbolReader.import_names,
    SymbolReader.delay_imports,
    SymbolReader.exports,
)
RICH = [
    build_pe(
        machine=machine,
        imports={"a.dll": ["x", 7], "empty.dll": [], "B.DLL": ["?f@@YAXXZ"]},
        delay_imports={"late.dll": ["y", 2]},
        exports=["f", "g"],
        ordinal_exports=[9],
        forwarders={"h": "other.h"},
        file_version=(1, 2, 3, 4),
    )
    for machine in (X86, X64)
]
MEGABYTE = 1 << 20


def directory(data: bytes, index: int) -> int:
    """Return where in the file a data directory's table begins."""
    image = pefile.PE(data=data, fast_load=True)
    place = image.OPTIONAL_HEADER.DATA_DIRECTORY[index].VirtualAddress
    return int(image.get_offset_from_rva(place))


def patched(data: bytes, at: int, code: str, *values: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(code, changed, at, *values)
    return bytes(changed)


def image_around(table: bytes, index: int, *, rva: int = 0x1000) -> bytes:
    """Return an x64 image of one section, which begins with one directory's table."""
    directories = [0] * 32
    directories[2 * index : 2 * index + 2] = rva, 0x1000
    headers = struct.pack("<2s58xI", b"MZ", 64) + b"PE\0\0"
    headers += struct.pack("<2H12x2H", X64, 1, 112 + 128, 0x2022)
    headers += struct.pack("<H58xI44xI", 0x20B, 0x200, 16)
    headers += struct.pack("<32I", *directories)
    headers += struct.pack("<8s4I16x", b".a", len(table), rva, len(table), 0x200)
    return headers.ljust(0x200, b"\0") + table


def read_all(data: bytes) -> None:
    """Read all there is; MalformedError is the only way out but success."""
    try:
        reader = SymbolReader(data)
    except MalformedError:
        return
    for read in READS:
        with contextlib.suppress(MalformedError):
            read(reader)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    "imports",
    [
        pytest.param({}, id="none"),
        pytest.param({"a.dll": ("x",)}, id="name"),
        pytest.param({"a.dll": (1, 65535)}, id="ordinals"),
        pytest.param({"B.DLL": ("y", 3), "a.dll": ("x", "X")}, id="order-and-case"),
        pytest.param({"a b.dll": ("?f@@YAXXZ",)}, id="space-in-name"),
        pytest.param({"a.dll": tuple(range(1, 20_000))}, id="20000-thunks"),
    ],
)
def test_imports(machine: int, imports: Mapping[str, tuple[str | int, ...]]) -> None:
    reader = SymbolReader(build_pe(machine=machine, imports=imports))
    assert reader.imports() == imports
    assert list(reader.imports()) == list(imports)
    assert reader.import_names() == tuple(imports)


def test_same_ordinal_and_name_differ() -> None:
    reader = SymbolReader(build_pe(imports={"a.dll": ["7", 7]}))
    assert reader.imports() == {"a.dll": ("7", 7)}


@pytest.mark.parametrize("machine", MACHINES)
def test_descriptor_without_symbols_is_no_import(machine: int) -> None:
    data = build_pe(machine=machine, imports={"e.dll": [], "a.dll": ["x"], "f.dll": []})
    assert SymbolReader(data).import_names() == ("a.dll",)
    assert SymbolReader(data).imports() == {"e.dll": (), "a.dll": ("x",), "f.dll": ()}


def test_descriptor_without_first_thunk_ends_the_list() -> None:
    data = build_pe(imports={"a.dll": ["x"], "b.dll": ["y"], "c.dll": ["z"]})
    data = patched(data, directory(data, 1) + 20 + 16, "<I", 0)
    assert SymbolReader(data).import_names() == ("a.dll",)


def test_address_table_stands_in_for_the_lookup_table() -> None:
    data = build_pe(imports={"a.dll": ["x", 4]})
    data = patched(data, directory(data, 1), "<I", 0)
    assert SymbolReader(data).imports() == {"a.dll": ("x", 4)}


def test_descriptors_of_one_name_are_joined() -> None:
    data = build_pe(imports={"a.dll": ["x"], "b.dll": ["y"], "c.dll": ["z"]})
    at = directory(data, 1)
    (name,) = struct.unpack_from("<I", data, at + 12)
    data = patched(data, at + 40 + 12, "<I", name)
    assert SymbolReader(data).imports() == {"a.dll": ("x", "z"), "b.dll": ("y",)}
    assert SymbolReader(data).import_names() == ("a.dll", "b.dll", "a.dll")


@pytest.mark.parametrize("machine", MACHINES)
def test_delay_imports(machine: int) -> None:
    data = build_pe(machine=machine, delay_imports={"B.dll": ["x"], "a.dll": [1]})
    assert SymbolReader(data).delay_imports() == ("B.dll", "a.dll")
    assert SymbolReader(data).import_names() == ()


def test_delay_import_by_address_is_passed_over() -> None:
    data = build_pe(delay_imports={"a.dll": ["x"], "b.dll": ["y"]})
    data = patched(data, directory(data, 13), "<I", 0)
    assert SymbolReader(data).delay_imports() == ("b.dll",)


@pytest.mark.parametrize("machine", MACHINES)
def test_exports(machine: int) -> None:
    data = build_pe(machine=machine, exports=["b", "a", "Z"], ordinal_exports=[2, 7])
    exports = SymbolReader(data).exports()
    assert exports.names == {"a", "b", "Z"}
    # The names take the ordinals that are left: 1, 3 and 4.
    assert exports.ordinals == {1, 2, 3, 4, 7}
    assert not exports.forwarders


@pytest.mark.parametrize(
    ("symbol", "found"),
    [
        pytest.param("f", True, id="name"),
        pytest.param("F", False, id="other-case"),
        pytest.param("ff", False, id="longer"),
        pytest.param("", False, id="empty"),
        pytest.param(1, True, id="ordinal-of-a-name"),
        pytest.param(5, True, id="ordinal-without-name"),
        pytest.param(3, False, id="gap"),
        pytest.param(0, False, id="below"),
        pytest.param(6, False, id="above"),
        pytest.param("5", False, id="ordinal-as-text"),
    ],
)
def test_exports_contain(symbol: str | int, *, found: bool) -> None:
    exports = SymbolReader(build_pe(exports=["f"], ordinal_exports=[5])).exports()
    assert (symbol in exports) is found


def test_no_exports() -> None:
    exports = SymbolReader(build_pe()).exports()
    assert not exports.names
    assert not exports.ordinals
    assert "f" not in exports


def test_forwarders_keep_their_text() -> None:
    forwarders = {"f": "other.name", "g": "api-ms-win-x-l1-1-0.#12"}
    exports = SymbolReader(build_pe(exports=["a"], forwarders=forwarders)).exports()
    assert exports.names == {"a", "f", "g"}
    assert exports.forwarders == {
        "f": "other.name",
        2: "other.name",
        "g": "api-ms-win-x-l1-1-0.#12",
        3: "api-ms-win-x-l1-1-0.#12",
    }


@pytest.mark.parametrize("symbol", ["f", 1])
def test_export_without_address_is_absent(symbol: str | int) -> None:
    data = build_pe(exports=["f", "g"])
    # The table of addresses follows the 40 bytes of the directory.
    data = patched(data, directory(data, 0) + 40, "<I", 0)
    exports = SymbolReader(data).exports()
    assert symbol not in exports
    assert "g" in exports


def test_name_of_no_function_is_absent() -> None:
    data = build_pe(exports=["f", "g"])
    # Two addresses and two names precede the table of indices.
    data = patched(data, directory(data, 0) + 40 + 16, "<H", 2)
    assert SymbolReader(data).exports().names == {"g"}


@pytest.mark.parametrize("machine", MACHINES)
def test_ordinal_of_a_symbol(machine: int) -> None:
    data = build_pe(machine=machine, exports=["b", "a"], ordinal_exports=[7])
    exports = SymbolReader(data).exports()
    asked: list[str | int] = ["a", "b", "c", "", "A", 1, 2, 3, 7, 8, 0, -1]
    assert [exports.ordinal(symbol) for symbol in asked] == [
        *(1, 2, None, None, None),
        *(1, 2, None, 7, None, None, None),
    ]


@pytest.mark.parametrize("symbol", ["f", 3])
def test_forwarder(symbol: str | int) -> None:
    data = build_pe(exports=["a", "b"], forwarders={"f": "api-ms-win-x-l1-1-0.#12"})
    exports = SymbolReader(data).exports()
    assert exports.forwarder(symbol) == "api-ms-win-x-l1-1-0.#12"
    for other in ("a", "F", "", 1, 4, 0):
        assert exports.forwarder(other) is None


@pytest.mark.parametrize("text", ["é", "€", "a\0", "\0", "\ud800"])
def test_no_name_of_a_symbol(text: str) -> None:
    exports = SymbolReader(build_pe(exports=["a", "ab"])).exports()
    assert text not in exports
    assert exports.forwarder(text) is None


def test_name_in_latin_1() -> None:
    data = build_pe(exports=[b"caf\xe9".decode("utf-8", "surrogateescape"), "z"])
    exports = SymbolReader(data).exports()
    assert "caf\xe9" in exports
    assert exports.names == {"caf\xe9", "z"}


def test_every_name_of_a_table_that_is_not_sorted() -> None:
    names = ["z", "a", "y", "b", "x"]
    exports = SymbolReader(build_pe(exports=names, exports_sorted=False)).exports()
    assert [exports.ordinal(name) for name in names] == [1, 2, 3, 4, 5]
    assert exports.names == set(names)
    assert "c" not in exports


def test_repeated_name() -> None:
    exports = SymbolReader(build_pe(exports=["a", "b", "b", "c"])).exports()
    assert exports.names == {"a", "b", "c"}
    assert exports.ordinal("b") == 2
    assert exports.ordinal("c") == 4


def test_repeated_name_without_address() -> None:
    data = build_pe(exports=["a", "b"], exports_without_address=["a"])
    exports = SymbolReader(data).exports()
    assert "a" not in exports
    assert exports.names == {"b"}
    assert exports.ordinals == {2}


def test_names_outside_the_directory() -> None:
    data = build_pe(exports=["f", "g"], forwarders={"h": "other.h"})
    # The directory is said to be its 40 bytes alone, so that nothing is a forwarder.
    data = patched(data, 64 + 24 + 112 + 4, "<I", 40)
    exports = SymbolReader(data).exports()
    assert exports.names == {"f", "g", "h"}
    assert "g" in exports
    assert not exports.forwarders
    assert exports.forwarder("h") is None


def test_hints_are_left_out() -> None:
    data = build_pe(imports={"a.dll": ["x", "y"]}, hints={"x": 0xFFFF, "y": 0x4141})
    assert SymbolReader(data).imports() == {"a.dll": ("x", "y")}


@hypothesis.given(
    st.lists(st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=9)),
    st.booleans(),
)
def test_look_up_is_the_listing(names: list[str], is_sorted: bool) -> None:
    data = build_pe(exports=names, exports_sorted=is_sorted)
    exports = SymbolReader(data).exports()
    for name in names:
        assert name in exports
        assert name + "x" in exports or name + "x" not in names
    assert exports.names == set(names)
    assert exports == SymbolReader(data).exports()


def test_65535_exports() -> None:
    names = [f"name{i:05}" for i in range(65_535)]
    exports = SymbolReader(build_pe(exports=names)).exports()
    assert exports.names == set(names)
    assert exports.ordinals == set(range(1, 65_536))


@pytest.mark.parametrize("size", [511, 512, 513, 4096, MEGABYTE])
def test_long_names_are_whole(size: int) -> None:
    name = "n" * size
    data = build_pe(
        name=name,
        imports={name: [name], "a.dll": [name + "2"]},
        delay_imports={name: [1]},
        exports=[name],
        forwarders={"f": name},
    )
    reader = SymbolReader(data)
    assert reader.imports() == {name: (name,), "a.dll": (name + "2",)}
    assert reader.import_names() == (name, "a.dll")
    assert reader.delay_imports() == (name,)
    assert reader.exports().names == {name, "f"}
    assert reader.exports().forwarders["f"] == name


def test_reads_can_be_repeated() -> None:
    reader = SymbolReader(build_pe(imports={"a.dll": ["x" * 1000]}, exports=["f"]))
    first = reader.imports(), reader.exports()
    for _ in range(500):
        assert (reader.imports(), reader.exports()) == first


def test_unsorted_sections_are_found() -> None:
    data = build_pe(imports={"a.dll": ["x"]}, file_version=(1, 2, 3, 4))
    image = pefile.PE(data=data, fast_load=True)
    first, last = (image.sections[i].get_file_offset() for i in (0, -1))
    swapped = bytearray(data)
    swapped[first : first + 40] = data[last : last + 40]
    swapped[last : last + 40] = data[first : first + 40]
    assert SymbolReader(bytes(swapped)).import_names() == ("a.dll",)


@pytest.mark.parametrize("machine", MACHINES)
def test_truncation_at_every_header_byte(machine: int) -> None:
    data = build_pe(machine=machine, imports={"a.dll": ["x"]}, exports=["f"])
    image = pefile.PE(data=data, fast_load=True)
    end = image.sections[-1].get_file_offset() + 40
    for size in range(end):
        read_all(data[:size])
    # The fourth field of the section header, PointerToRawData, is the last one read.
    for size in (*range(end - 16), 0, 0x3C, 0x40):
        with pytest.raises(MalformedError):
            SymbolReader(data[:size])


@pytest.mark.parametrize("read", READS, ids=lambda read: read.__name__)
def test_truncated_tables(read: Read) -> None:
    data = RICH[1]
    reader = SymbolReader(data[:0x200])
    with pytest.raises(MalformedError):
        read(reader)


@pytest.mark.parametrize(
    ("at", "code", "value"),
    [
        pytest.param(0x3C, "<I", 0xFFFFFFFF, id="header-outside"),
        pytest.param(0x3C, "<I", 0x7FFFFFFF, id="header-far"),
        pytest.param(64 + 24, "<H", 0x107, id="rom-image"),
        pytest.param(64 + 24, "<H", 0, id="no-magic"),
        pytest.param(64 + 6, "<H", 0xFFFF, id="65535-sections"),
        pytest.param(64 + 20, "<H", 0xFFFF, id="long-optional-header"),
    ],
)
def test_bad_headers(at: int, code: str, value: int) -> None:
    with pytest.raises(MalformedError):
        SymbolReader(patched(RICH[1], at, code, value))


@pytest.mark.parametrize("index", [0, 1, 13])
@pytest.mark.parametrize(
    ("rva", "reason"),
    [
        pytest.param(0xFFFFFFFF, "lies in no section", id="last-address"),
        pytest.param(0x0FFFFFFF, "lies in no section", id="far"),
        pytest.param(0x9000, "lies in no section", id="behind-the-sections"),
    ],
)
def test_directory_in_no_section(index: int, rva: int, reason: str) -> None:
    data = patched(RICH[1], 64 + 24 + 112 + 8 * index, "<I", rva)
    read = {0: SymbolReader.exports, 1: SymbolReader.imports}.get(
        index, SymbolReader.delay_imports
    )
    with pytest.raises(MalformedError, match=reason):
        read(SymbolReader(data))


@pytest.mark.parametrize("index", [0, 1, 13])
def test_directory_not_counted_is_absent(index: int) -> None:
    data = patched(RICH[1], 64 + 24 + 108, "<I", index)
    reader = SymbolReader(data)
    absent: dict[int, tuple[Read, object]] = {
        0: (lambda r: r.exports().names, frozenset()),
        1: (SymbolReader.imports, {}),
        13: (SymbolReader.delay_imports, ()),
    }
    read, expected = absent[index]
    assert read(reader) == expected


@pytest.mark.parametrize("read", READS[:3], ids=lambda read: read.__name__)
def test_section_without_bytes_is_zeros(read: Read) -> None:
    data = build_pe(imports={"a.dll": ["x"]}, delay_imports={"b.dll": ["y"]})
    section = pefile.PE(data=data, fast_load=True).sections[1].get_file_offset()
    for field in (16, 20):
        assert not read(SymbolReader(patched(data, section + field, "<I", 0)))


def names_at_the_end(*, pages: int, size: int) -> bytes:
    """Return an import whose name fills the one section, to its last byte."""
    text_at = 0x1000 + 40
    table = struct.pack("<I8xII", text_at, text_at, text_at).ljust(40, b"\0")
    data = image_around(table.ljust(size, b"a"), 1)
    return patched(data, 64 + 24 + 112 + 128 + 8, "<I", 0x1000 * pages)


def test_name_without_end() -> None:
    with pytest.raises(MalformedError, match="does not end"):
        SymbolReader(names_at_the_end(pages=1, size=0x1000)).import_names()


@pytest.mark.parametrize("size", [49, 0x1FF, 0x200, 0x1000])
def test_name_ends_where_the_section_has_no_more_bytes(size: int) -> None:
    data = names_at_the_end(pages=2, size=size)
    (name,) = SymbolReader(data).import_names()
    assert name == "a" * (size - 40)


@pytest.mark.parametrize("count", [2_000, 1_000_000, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("field", [20, 24], ids=["functions", "names"])
def test_huge_counts_of_exports(count: int, field: int) -> None:
    data = build_pe(exports=["f"])
    data = patched(data, directory(data, 0) + field, "<I", count)
    assert_refused_cheaply(data, SymbolReader.exports)


def thunks_without_end() -> bytes:
    # The last descriptor's list runs to the end of the file.
    rest = struct.pack("<Q", 1 << 63 | 1) * (MEGABYTE // 8 - 6)
    head = struct.pack("<I8xII", 0x1000 + 48, 0x1000 + 40, 0x1000 + 48)
    return image_around(head.ljust(40, b"\0") + b"a.dll\0\0\0" + rest, 1)


def descriptors_without_end() -> bytes:
    row = struct.pack("<I8xII", 0x1000, 0x1000, 0x1000)
    return image_around(row * (MEGABYTE // 20), 1)


def delay_descriptors_without_end() -> bytes:
    return image_around(struct.pack("<2I24x", 1, 0x1000) * (MEGABYTE // 32), 13)


def lists_that_overlap() -> bytes:
    """25,000 descriptors, each with the same 60,000 ordinals."""
    count, thunks = 25_000, 60_000
    name = 0x1000 + 20 * (count + 1)
    row = struct.pack("<I8xII", name + 8, name, name + 8)
    table = row * count + bytes(20) + b"a.dll\0\0\0"
    return image_around(table + struct.pack("<Q", 1 << 63 | 1) * thunks + bytes(8), 1)


def names_that_overlap() -> bytes:
    """60,000 symbols, each named by the same half megabyte."""
    thunks = 60_000
    name, text = 0x1000 + 40, 0x1000 + 48 + 8 * (thunks + 1)
    table = struct.pack("<I8xII", name + 8, name, name + 8).ljust(40, b"\0")
    table += b"a.dll\0\0\0" + struct.pack("<Q", text) * thunks + bytes(8)
    return image_around(table + b"x" * (MEGABYTE // 2) + b"\0", 1)


def dll_names_that_overlap() -> bytes:
    """25,000 descriptors whose names end in the same half megabyte."""
    count = 25_000
    text = 0x1000 + 20 * (count + 1) + 16
    rows = [struct.pack("<I8xII", text - 16, text + i, text - 16) for i in range(count)]
    table = b"".join(rows) + bytes(20) + struct.pack("<2Q", 1 << 63 | 1, 0)
    return image_around(table + b"x" * (MEGABYTE // 2) + b"\0", 1)


def exports_that_overlap() -> bytes:
    """60,000 exports, each named by the same half megabyte."""
    count = 60_000
    eat = 0x1000 + 40
    head = struct.pack("<12x7I", 0, 1, count, count, eat, eat + 4 * count, eat)
    text = eat + 8 * count
    table = head + struct.pack("<I", 0) * count + struct.pack("<I", text) * count
    return image_around(table + b"x" * (MEGABYTE // 2) + b"\0", 0)


def forwarders_that_overlap() -> bytes:
    """60,000 ordinals, each forwarded to what the same half megabyte says."""
    count = 60_000
    text = 0x1000 + 40 + 4 * count
    head = struct.pack("<12x7I", 0, 1, count, 0, 0x1000 + 40, 0, 0)
    table = head + struct.pack("<I", text) * count + b"x" * (MEGABYTE // 2) + b"\0"
    return patched(image_around(table, 0), 64 + 24 + 112 + 4, "<I", len(table))


def sections_by_the_thousand() -> bytes:
    """20,000 sections, of which the one with all names is the last."""
    count, size = 20_000, 112 + 128
    rows = [(0x1000 * (i + 2), 0) for i in range(count - 1)]
    start = -(-(64 + 24 + size + 40 * count) // 0x200) * 0x200
    thunks = struct.pack("<Q", 0x1000 + 48 + 8 * 60_001) * 60_000 + bytes(8)
    table = struct.pack("<I8xII", 0x1000 + 48, 0x1000 + 40, 0x1000 + 48)
    table = table.ljust(40, b"\0") + b"a.dll\0\0\0" + thunks + b"\0\0x\0"
    base = image_around(b"", 1)
    headers = patched(base[: 64 + 24 + size], 64 + 6, "<H", count)
    far = 0x1000_0000
    for rva, raw in rows:
        headers += struct.pack("<8s4I16x", b".z", 1, rva + far, 0, raw)
    headers += struct.pack("<8s4I16x", b".a", len(table), 0x1000, len(table), start)
    return headers.ljust(start, b"\0") + table


def assert_refused_cheaply(data: bytes, read: Read) -> None:
    tracemalloc.start()
    try:
        # Generous for a slow machine: without limits these take minutes and gigabytes.
        with within(20), pytest.raises(MalformedError):
            read(SymbolReader(data))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * MEGABYTE


@pytest.mark.parametrize(
    ("build", "read"),
    [
        (thunks_without_end, SymbolReader.imports),
        (descriptors_without_end, SymbolReader.imports),
        (descriptors_without_end, SymbolReader.import_names),
        (delay_descriptors_without_end, SymbolReader.delay_imports),
        (lists_that_overlap, SymbolReader.imports),
        (names_that_overlap, SymbolReader.imports),
        (dll_names_that_overlap, SymbolReader.import_names),
        (exports_that_overlap, SymbolReader.exports),
        (forwarders_that_overlap, SymbolReader.exports),
    ],
    ids=lambda value: value.__name__,
)
def test_hostile_tables_are_refused_cheaply(
    build: Callable[[], bytes], read: Read
) -> None:
    assert_refused_cheaply(build(), read)


def test_look_up_in_a_huge_table_costs_little() -> None:
    names = [f"name{i:05}{'x' * 150}" for i in range(60_000)]
    data = build_pe(exports=names)
    tracemalloc.start()
    try:
        with within(5):
            exports = SymbolReader(data).exports()
            assert all(name in exports for name in names[::1_000])
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The names are kept as they lie in the file, once.
    assert kept < len(data) + MEGABYTE
    assert peak < len(data) + 3 * MEGABYTE


def test_thousands_of_sections_cost_little() -> None:
    data = sections_by_the_thousand()
    with within(10):
        (symbols,) = SymbolReader(data).imports().values()
    assert symbols == ("x",) * 60_000


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=300)
def test_no_damage_escapes(draw: st.DataObject) -> None:
    data = bytearray(draw.draw(st.sampled_from(RICH)))
    places = st.integers(0, 0x1FF) | st.integers(0, len(data) - 1)
    edges = st.sampled_from([0, 1, 0x1000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
    values = st.integers(0, 0xFFFFFFFF) | edges
    for at, value in draw.draw(st.lists(st.tuples(places, values), max_size=6)):
        data[at : at + 4] = struct.pack("<I", value)[: len(data) - at]
    cut = draw.draw(st.none() | st.integers(0, len(data)))
    read_all(bytes(data[:cut]))


@hypothesis.given(st.binary(max_size=400), st.sampled_from([0, 1, 13]))
def test_no_table_escapes(table: bytes, index: int) -> None:
    read_all(image_around(table, index))


Imported = dict[str, list[str | int]]
Exported = list[tuple[int, str, int]]


def blocks(path: Path, *options: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield what llvm-readobj prints: each block's title, and its fields."""
    program = shutil.which("llvm-readobj")
    if program is None:
        pytest.skip("llvm-readobj is not installed")
    done = subprocess.run(
        [program, *options, str(path)],
        capture_output=True,
        encoding="latin-1",
        check=True,
    )
    title, fields = "", list[tuple[str, str]]()
    for line in done.stdout.splitlines():
        if not line.startswith(" ") and line.endswith(" {"):
            title, fields = line.removesuffix(" {"), []
        elif line == "}":
            yield title, fields
        elif title:
            name, _, value = line.strip().partition(": ")
            fields.append((name, value))


def llvm_imports(path: Path, kind: str) -> Imported:
    found: Imported = {}
    for title, fields in blocks(path, "--coff-imports"):
        if title != kind:
            continue
        symbols = found.setdefault(dict(fields)["Name"], [])
        for name, value in fields:
            # A name is followed by its hint, an ordinal stands alone in brackets.
            text, _, number = value.removesuffix(")").rpartition("(")
            if name == "Symbol":
                symbols.append(text.removesuffix(" ") or int(number))
    return found


def llvm_exports(path: Path) -> Exported:
    return [
        (int(row["Ordinal"]), row.get("Name", ""), int(row["RVA"], 16))
        for title, fields in blocks(path, "--coff-exports")
        if title == "Export" and (row := dict(fields))
    ]


def own_exports(exports: Exports) -> Exported:
    names = {exports.ordinal(name): name for name in exports.names}
    return [
        (ordinal, names.get(ordinal, ""), address)
        for ordinal, address in enumerate(exports.addresses, exports.base)
    ]


def forwarders(path: Path, listed: Exported) -> dict[int, str]:
    """Return the texts at those addresses that llvm-readobj puts into the directory."""
    fields = dict(blocks(path, "--file-headers"))["ImageOptionalHeader"]
    row = dict(fields)
    start = int(row["ExportTableRVA"], 16)
    inside = range(start, start + int(row["ExportTableSize"], 16))
    with mapped(str(path)) as data:
        image = pefile.PE(data=data, fast_load=True)
        return {
            ordinal: image.get_string_at_rva(address).decode("latin-1")
            for ordinal, _, address in listed
            if address in inside
        }


def assert_llvm_agrees(path: Path) -> tuple[int, int]:
    """Compare all symbols; return the numbers of exports and of imports."""
    with mapped(str(path)) as data:
        reader = SymbolReader(data)
        imports, delayed = reader.imports(), reader.delay_imports()
        exports = reader.exports()
    theirs = llvm_imports(path, "Import")
    assert list(imports) == list(theirs)
    assert {name: list(symbols) for name, symbols in imports.items()} == theirs
    assert delayed == tuple(llvm_imports(path, "DelayImport"))
    listed = llvm_exports(path)
    forwarded = forwarders(path, listed)
    assert own_exports(exports) == listed
    for ordinal, name, address in listed:
        # It lists the gaps between ordinals too.
        symbols: list[str | int] = [name, ordinal] if name else [ordinal]
        for symbol in symbols:
            assert exports.ordinal(symbol) == (ordinal if address else None)
            assert exports.forwarder(symbol) == forwarded.get(ordinal)
    found = sum(1 for *_, address in listed if address)
    assert len(exports.ordinals) == found
    assert len(exports.forwarders) == len(forwarded) + sum(
        1 for ordinal, name, _ in listed if name and ordinal in forwarded
    )
    return found, sum(map(len, theirs.values()))


@pytest.mark.parametrize("machine", MACHINES)
def test_agrees_with_llvm_readobj(tmp_path: Path, machine: int) -> None:
    path = write_pe(
        tmp_path / "a.dll",
        machine=machine,
        imports={"a.dll": ["x", 7, "?f@@YAXH@Z", "g (5)"], "B.DLL": [1, "y" * 4000]},
        hints={"x": 12, "g (5)": 7},
        delay_imports={"late.dll": ["y", 2], "later.dll": [3]},
        exports=["f", "g", "z" * 4000],
        ordinal_exports=[3, 9],
        forwarders={"h": "other.h", "i": "x.y.#3"},
    )
    assert assert_llvm_agrees(path) == (7, 6)


@pytest.mark.bench
def test_every_symbol_of_torch(bench_factory: BenchFactory) -> None:
    bench = bench_factory("torch==2.15.0", "torchvision==0.29.2", "numpy==1.26.4")
    folder = bench.site_packages / "torch"
    files = sorted(p for p in folder.rglob("*") if p.suffix in {".dll", ".pyd"})
    counts = {path.name: assert_llvm_agrees(path) for path in files}
    assert len(counts) == len(files) == 10
    exported, imported = zip(*counts.values(), strict=True)
    assert counts["torch_cpu.dll"][0] == 59_529
    assert counts["torch_python.dll"][1] == 6_790
    assert max(exported) == 59_529
    assert max(imported) == 6_790


def test_agrees_with_lief() -> None:
    lief = pytest.importorskip("lief")
    for data in RICH:
        image = lief.PE.parse(list(data))
        reader = SymbolReader(data)
        assert reader.imports() == {
            dll.name: tuple(
                entry.ordinal if entry.is_ordinal else entry.name
                for entry in dll.entries
            )
            for dll in image.imports
        }
        assert reader.delay_imports() == tuple(d.name for d in image.delay_imports)
        names = {entry.name for entry in image.get_export().entries if entry.name}
        assert reader.exports().names == names
