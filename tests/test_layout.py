"""The layout: what lies at an address, and which files Windows does not map."""

from __future__ import annotations

import struct

import hypothesis
import pefile
import pytest
from hypothesis import strategies as st

from dllguard._files._layout import EXPORTS, IMPORTS, Layout, MalformedError
from tests.pebuilder import ARM64, X64, X86, build_pe

MACHINES = [
    pytest.param(X86, id="x86"),
    pytest.param(X64, id="x64"),
    pytest.param(ARM64, id="arm64"),
]
OPTIONAL = 64 + 24
TABLE = OPTIONAL + 240
WHOLE = build_pe(exports=["f"], file_version=(1, 2, 3, 4))
LAST = TABLE + 40 * 3


def patched(data: bytes, *fields: tuple[int, str, int]) -> bytes:
    changed = bytearray(data)
    for at, code, value in fields:
        struct.pack_into(code, changed, at, value)
    return bytes(changed)


@pytest.mark.parametrize("machine", MACHINES)
def test_headers(machine: int) -> None:
    data = build_pe(
        machine=machine,
        imports={"a.dll": ["x"]},
        linker=(14, 44),
        sections={".a": b"a"},
    )
    layout = Layout(data)
    image = pefile.PE(data=data, fast_load=True)
    assert layout.machine == machine
    assert layout.wide is (machine != X86)
    assert layout.linker == (14, 44)
    assert layout.characteristics == image.FILE_HEADER.Characteristics
    assert layout.image_size == image.OPTIONAL_HEADER.SizeOfImage
    assert layout.directories == [
        (row.VirtualAddress, row.Size) for row in image.OPTIONAL_HEADER.DATA_DIRECTORY
    ]
    assert [
        (row.name, row.rva, row.size, row.raw, row.raw_size) for row in layout.sections
    ] == [
        (
            row.Name,
            row.VirtualAddress,
            row.Misc_VirtualSize,
            row.PointerToRawData,
            row.SizeOfRawData,
        )
        for row in image.sections
    ]
    layout.require_mappable()


@pytest.mark.parametrize("machine", MACHINES)
def test_offset_is_that_of_pefile(machine: int) -> None:
    data = build_pe(
        machine=machine, exports=["f"], sections={".a": b"a" * 5000, ".b": b"b"}
    )
    layout = Layout(data)
    image = pefile.PE(data=data, fast_load=True)
    for section in image.sections:
        for rva in (0, 1, section.SizeOfRawData - 1):
            place = section.VirtualAddress + rva
            assert layout.offset(place) == image.get_offset_from_rva(place)


def test_directory() -> None:
    layout = Layout(build_pe(exports=["f"]))
    assert layout.directory(EXPORTS) == layout.directories[EXPORTS][0]
    assert layout.directory(IMPORTS) is None
    assert layout.directory(16) is None


@pytest.mark.parametrize(
    ("size", "raw_size", "read"),
    [
        pytest.param(3, 0x200, b"abc", id="to-the-end-of-the-sector"),
        pytest.param(0x1000, 3, b"abc", id="raw-size-is-rounded-up"),
        pytest.param(0x1000, 0, b"\0\0\0", id="nothing-in-the-file"),
        pytest.param(0, 0x200, b"abc", id="no-size-but-that-in-the-file"),
    ],
)
def test_what_stands_in_a_section(size: int, raw_size: int, read: bytes) -> None:
    data = build_pe(sections={".a": b"abc"})
    at = TABLE + 40 * 2
    data = patched(data, (at + 8, "<I", size), (at + 16, "<I", raw_size))
    layout = Layout(data)
    rva = layout.sections[2].rva
    assert layout.read(rva, 3) == read
    # A section takes whole pages in memory, and no more.
    assert layout.read(rva, 0x2000) == read.ljust(0x1000, b"\0")
    assert layout.text(rva) == read.rstrip(b"\0").decode()
    with pytest.raises(MalformedError, match="lies in no section"):
        layout.read(rva + 0x1000, 1)


def test_offset_in_the_file_is_rounded_down() -> None:
    data = build_pe(sections={".a": b"abc"})
    at = TABLE + 40 * 2 + 20
    (raw,) = struct.unpack_from("<I", data, at)
    layout = Layout(patched(data, (at, "<I", raw + 0x1FF)))
    assert layout.read(layout.sections[2].rva, 3) == b"abc"


def test_section_at_offset_zero_has_no_bytes() -> None:
    layout = Layout(patched(WHOLE, (LAST + 20, "<I", 0)))
    rva = layout.sections[-1].rva
    assert layout.read(rva, 4) == bytes(4)
    with pytest.raises(MalformedError, match="no bytes in the file"):
        layout.offset(rva)
    layout.require_mappable()


def test_headers_can_be_read() -> None:
    layout = Layout(WHOLE)
    assert layout.read(0, 0x200) == WHOLE[:0x200]
    assert layout.read(0x200, 4) == bytes(4)
    assert layout.offset(0x40) == 0x40


def test_table_that_does_not_end() -> None:
    layout = Layout(WHOLE)
    rva = layout.sections[-1].rva
    with pytest.raises(MalformedError, match="does not end"):
        layout.fields("<8s", rva + 0xFFC)


def test_window_ends_with_the_section() -> None:
    layout = Layout(build_pe(sections={".a": b"ab\0cd"}))
    rva = layout.sections[-1].rva
    assert layout.window(rva + 1, 3) == b"b\0c"
    assert layout.window(rva, 0x10000) == layout.read(rva, 0x200)
    with pytest.raises(MalformedError, match="lies in no section"):
        layout.window(rva + 0x1000, 1)


@pytest.mark.parametrize("size", [1, 19, 20, 33])
def test_rows_end_where_their_section_does(size: int) -> None:
    layout = Layout(build_pe(sections={".a": b"a" * 0x1000}))
    rva = layout.sections[-1].rva + 0x1000 - 20 * 17 - size
    rows = layout.rows("<20s", rva)
    assert [next(rows) for _ in range(17)] == [(b"a" * 20,)] * 17
    if size >= 20:
        assert next(rows) == (b"a" * 20,)
    with pytest.raises(MalformedError, match=r"does not end|lies in no section"):
        next(rows)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "does not begin with MZ", id="empty"),
        pytest.param(b"ZM" + WHOLE[2:], "does not begin with MZ", id="not-mz"),
        pytest.param(WHOLE[:63], "file ends", id="cut-dos-header"),
        pytest.param(WHOLE.replace(b"PE\0\0", b"NE\0\0"), "no PE header", id="16-bit"),
        pytest.param(WHOLE[:TABLE], "file ends", id="cut-before-the-sections"),
        pytest.param(WHOLE[: LAST + 39], "file ends", id="cut-in-the-last-section"),
        pytest.param(patched(WHOLE, (OPTIONAL, "<H", 0x107)), "0x0107", id="rom"),
    ],
)
def test_no_headers(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        Layout(data)


# Each was tried with the loader of Wine 8: it refuses these with 193, and loads those
# of the next test.
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(patched(WHOLE, (68, "<H", X86)), "another machine", id="wide-x86"),
        pytest.param(
            patched(build_pe(machine=X86), (68, "<H", X64)),
            "another machine",
            id="narrow-x64",
        ),
        pytest.param(
            patched(WHOLE, (OPTIONAL + 56, "<I", 0)), "larger", id="no-image-size"
        ),
        pytest.param(
            patched(WHOLE, (OPTIONAL + 56, "<I", 0x4000)), "beyond", id="image-size"
        ),
        pytest.param(
            patched(WHOLE, (OPTIONAL + 32, "<I", 0x200)), "aligned", id="alignment"
        ),
        pytest.param(patched(WHOLE, (LAST + 8, "<I", 0x1001)), "beyond", id="size"),
        pytest.param(patched(WHOLE, (LAST + 12, "<I", 0x2100)), "aligned", id="rva"),
        pytest.param(patched(WHOLE, (LAST + 12, "<I", 0x5000)), "beyond", id="far-rva"),
        pytest.param(
            patched(WHOLE, (LAST + 20, "<I", len(WHOLE))), "truncated", id="raw"
        ),
        pytest.param(
            patched(WHOLE, (LAST + 16, "<I", 0x201)), "truncated", id="raw-size"
        ),
        pytest.param(WHOLE[:-0x200], "truncated", id="cut"),
        pytest.param(WHOLE[:0x200], "truncated", id="headers-only"),
    ],
)
def test_not_mappable(data: bytes, reason: str) -> None:
    layout = Layout(data)
    with pytest.raises(MalformedError, match=reason):
        layout.require_mappable()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(WHOLE, id="whole"),
        pytest.param(WHOLE + b"x" * 1000, id="overlay"),
        pytest.param(WHOLE[:-0x1FF], id="incomplete-last-sector"),
        pytest.param(build_pe(dll=False), id="program"),
        pytest.param(patched(WHOLE, (OPTIONAL + 60, "<I", 0)), id="no-headers-size"),
        pytest.param(patched(WHOLE, (OPTIONAL + 36, "<I", 0x3000)), id="alignment"),
        pytest.param(
            patched(WHOLE, (OPTIONAL + 108, "<I", 2**32 - 1)), id="directories"
        ),
        pytest.param(patched(WHOLE, (LAST + 8, "<I", 0)), id="no-size-in-memory"),
        pytest.param(patched(WHOLE, (LAST + 20, "<I", 0)), id="no-bytes-in-the-file"),
        pytest.param(
            patched(
                WHOLE,
                (LAST + 8, "<I", 1),
                (LAST + 16, "<I", 0x200),
            ),
            id="more-in-the-file",
        ),
    ],
)
def test_mappable(data: bytes) -> None:
    Layout(data).require_mappable()


def flat(alignment: int) -> bytes:
    """Return an image that is mapped as a whole, as drivers are."""
    code, row = b"\xc3" * 16, TABLE
    data = build_pe()[:row]
    data += struct.pack("<8s4I12xI", b".text", 16, 0x400, 16, 0x400, 0x6000_0020)
    data = patched(
        data,
        (70, "<H", 1),
        (OPTIONAL + 32, "<I", alignment),
        (OPTIONAL + 36, "<I", 0x20),
        (OPTIONAL + 112 + 40, "<Q", 0),
    )
    return data.ljust(0x400, b"\0") + code


def test_flat_image() -> None:
    layout = Layout(flat(0x20))
    layout.require_mappable()
    assert layout.read(0x400, 2) == b"\xc3\xc3"
    assert layout.offset(0x410 - 1) == 0x410 - 1
    with pytest.raises(MalformedError, match="not aligned"):
        Layout(flat(0x40)).require_mappable()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param((), True, id="as-built"),
        pytest.param((4, 36), False, id="neither-size-nor-section"),
        pytest.param((4,), True, id="section"),
        pytest.param((36,), True, id="size"),
    ],
)
def test_code(change: tuple[int, ...], *, code: bool) -> None:
    places = {4: (OPTIONAL + 4, "<I", 0), 36: (TABLE + 36, "<I", 0x4000_0040)}
    data = patched(build_pe(), *(places[field] for field in change))
    assert Layout(data).contains_code is code


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=300)
def test_own_check_is_no_laxer_than_pefiles(draw: st.DataObject) -> None:
    data = bytearray(draw.draw(st.sampled_from([WHOLE, build_pe(machine=X86)])))
    edges = st.sampled_from([0, 1, 0x1000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
    values = st.integers(0, 0xFFFFFFFF) | edges
    places = st.integers(0, 0x1FF)
    for at, value in draw.draw(st.lists(st.tuples(places, values), max_size=4)):
        data[at : at + 4] = struct.pack("<I", value)
    damaged = bytes(data[: draw.draw(st.none() | st.integers(0, len(data)))])
    try:
        Layout(damaged).require_mappable()
    except MalformedError:
        return
    pefile.PE(data=damaged, fast_load=True)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((0x3C, "<I", 66), id="header-at-an-odd-place"),
        pytest.param((OPTIONAL - 4, "<H", 248), id="size-of-the-optional-header"),
        pytest.param((OPTIONAL + 108, "<I", 15), id="directories"),
        pytest.param((OPTIONAL + 60, "<I", 0x100), id="size-of-the-headers"),
        pytest.param((OPTIONAL + 32, "<I", 0x200), id="alignment"),
        pytest.param((OPTIONAL + 36, "<I", 16), id="alignment-in-the-file"),
        pytest.param((TABLE + 12, "<I", 0x9000), id="order-of-the-sections"),
    ],
)
def test_odd_headers(change: tuple[int, str, int]) -> None:
    assert not Layout(WHOLE).is_odd
    data = patched(WHOLE, change)
    if change[0] == 0x3C:
        data = data[:64] + b"\0\0" + data[64:-2]
    assert Layout(data).is_odd


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=200)
def test_address_is_found_in_any_order(draw: st.DataObject) -> None:
    """What was found last does not change what is found next."""
    data = patched(
        WHOLE, (TABLE + 12, "<I", draw.draw(st.sampled_from([0x1000, 0x2000])))
    )
    layout = Layout(data)
    for rva in draw.draw(st.lists(st.integers(0, 0x5000), max_size=8)):
        try:
            expected: object = Layout(data).read(rva, 8)
        except MalformedError as error:
            expected = str(error)
        try:
            found: object = layout.read(rva, 8)
        except MalformedError as error:
            found = str(error)
        assert found == expected
