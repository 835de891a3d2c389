"""The symbol reader: what a file imports and exports, and that no file harms it."""

from __future__ import annotations

import contextlib
import struct
import time
import tracemalloc
from typing import TYPE_CHECKING

import hypothesis
import pefile
import pytest
from hypothesis import strategies as st

from dllguard._symbols import MalformedError, SymbolReader
from tests.pebuilder import ARM64, X64, X86, build_pe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        pytest.param(0x0F00, "lies in no section", id="between-headers-and-sections"),
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


def test_section_without_bytes() -> None:
    data = build_pe(imports={"a.dll": ["x"]})
    section = pefile.PE(data=data, fast_load=True).sections[1].get_file_offset()
    data = patched(data, section + 16, "<I", 0)
    with pytest.raises(MalformedError, match="has no bytes in the file"):
        SymbolReader(data).imports()


def test_name_without_end() -> None:
    text_at = 0x1000 + 40
    table = struct.pack("<I8xII", text_at, text_at, text_at).ljust(40, b"\0") + b"a" * 9
    with pytest.raises(MalformedError, match="does not end"):
        SymbolReader(image_around(table, 1)).import_names()


@pytest.mark.parametrize("count", [1_000, 1_000_000, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("field", [20, 24], ids=["functions", "names"])
def test_huge_counts_of_exports(count: int, field: int) -> None:
    data = build_pe(exports=["f"])
    data = patched(data, directory(data, 0) + field, "<I", count)
    assert_refused_cheaply(data, SymbolReader.exports)


def thunks_without_end() -> bytes:
    # The last descriptor's list runs to the end of the file.
    rest = struct.pack("<Q", 1 << 63 | 1) * (MEGABYTE // 8)
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


def sections_by_the_thousand() -> bytes:
    """20,000 sections, of which the one with all names is the last."""
    count, size = 20_000, 112 + 128
    rows = [(0x1000 * (i + 2), 0) for i in range(count - 1)]
    start = 64 + 24 + size + 40 * count
    thunks = struct.pack("<Q", 0x1000 + 48 + 8 * 60_001) * 60_000 + bytes(8)
    table = struct.pack("<I8xII", 0x1000 + 48, 0x1000 + 40, 0x1000 + 48)
    table = table.ljust(40, b"\0") + b"a.dll\0\0\0" + thunks + b"\0\0x\0"
    base = image_around(b"", 1)
    headers = patched(base[: 64 + 24 + size], 64 + 6, "<H", count)
    far = 0x1000_0000
    for rva, raw in rows:
        headers += struct.pack("<8s4I16x", b".z", 1, rva + far, 0, raw)
    headers += struct.pack("<8s4I16x", b".a", len(table), 0x1000, len(table), start)
    return headers + table


def assert_refused_cheaply(data: bytes, read: Read) -> None:
    tracemalloc.start()
    begun = time.process_time()
    try:
        with pytest.raises(MalformedError):
            read(SymbolReader(data))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Generous for a slow machine: without limits these take minutes and gigabytes.
    assert time.process_time() - begun < 20
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
    ],
    ids=lambda value: value.__name__,
)
def test_hostile_tables_are_refused_cheaply(
    build: Callable[[], bytes], read: Read
) -> None:
    assert_refused_cheaply(build(), read)


def test_thousands_of_sections_cost_little() -> None:
    data = sections_by_the_thousand()
    begun = time.process_time()
    (symbols,) = SymbolReader(data).imports().values()
    assert symbols == ("x",) * 60_000
    assert time.process_time() - begun < 10


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
