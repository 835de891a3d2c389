"""The resource reader: one resource and the version, whatever the directory says."""

from __future__ import annotations

import struct

import hypothesis
import pefile
import pytest
from hypothesis import strategies as st

from dllguard._files._layout import RESOURCES, Layout
from dllguard._files._resources import MANIFEST, VERSION, fixed_version, resource
from tests.pebuilder import X64, X86, build_pe

BOTH = build_pe(file_version=(1, 2, 3, 4), manifest="<a/>")
DEEP = 0x8000_0000


def image_with(tree: bytes) -> bytes:
    """Return an image whose resource directory is this."""
    data = build_pe(sections={".rsrc": tree})
    rva = Layout(data).sections[-1].rva
    changed = bytearray(data)
    struct.pack_into("<II", changed, 64 + 24 + 112 + 16, rva, len(tree))
    return bytes(changed)


def directory(*rows: tuple[int, int], named: int = 0) -> bytes:
    head = struct.pack("<12x2H", named, len(rows) - named)
    return head + b"".join(struct.pack("<2I", *row) for row in rows)


def leaf(at: int, size: int) -> bytes:
    """Return where the bytes are: in the section that image_with adds."""
    section = Layout(image_with(b"x")).sections[-1]
    return struct.pack("<2I8x", section.rva + at, size)


@pytest.mark.parametrize("machine", [X86, X64])
@pytest.mark.parametrize("manifest", ["<a/>", "é" * 5000, "x" * 100_000])
def test_manifest(machine: int, manifest: str) -> None:
    layout = Layout(
        build_pe(machine=machine, manifest=manifest, file_version=(1, 2, 3, 4))
    )
    assert resource(layout, MANIFEST, 2) == manifest.encode()
    assert resource(layout, MANIFEST, None) == manifest.encode()
    assert resource(layout, MANIFEST, 1) is None


def test_other_resources_are_passed_over() -> None:
    layout = Layout(BOTH)
    assert resource(layout, MANIFEST, 2) == b"<a/>"
    assert resource(layout, VERSION, 1) is not None
    assert resource(layout, VERSION, 2) is None
    assert resource(layout, 3, None) is None


def test_no_resources() -> None:
    assert resource(Layout(build_pe()), MANIFEST, None) is None


@pytest.mark.parametrize(
    "version",
    [(14, 44, 35211, 0), (0, 0, 0, 0), (1, 2, 3, 4), (65535, 65535, 65535, 65535)],
    ids=str,
)
def test_version(version: tuple[int, int, int, int]) -> None:
    content = resource(Layout(build_pe(file_version=version)), VERSION, 1)
    assert content is not None
    assert fixed_version(content) == version


@pytest.mark.parametrize("size", [0, 1, 37, 38, 40, 91])
def test_version_that_is_cut(size: int) -> None:
    content = resource(Layout(BOTH), VERSION, 1)
    assert content is not None
    assert fixed_version(content[:size]) is None
    assert fixed_version(content[:92]) == (1, 2, 3, 4)


@pytest.mark.parametrize("at", [6, 40, 43])
def test_no_version_out_of_place(at: int) -> None:
    content = bytearray(resource(Layout(BOTH), VERSION, 1) or b"")
    content[at] ^= 1
    assert fixed_version(bytes(content)) is None
    assert fixed_version(b"\0\0" + content) is None


def test_first_language_counts() -> None:
    tree = directory((24, DEEP | 24)) + directory((2, DEEP | 48))
    tree += directory((0x407, 80), (0x409, 96)) + leaf(112, 2) + leaf(114, 2) + b"deen"
    assert resource(Layout(image_with(tree)), 24, 2) == b"de"


def test_names_are_not_numbers() -> None:
    tree = directory((24, 0), (24, DEEP | 32), named=1)
    tree += directory((2, 0), (2, DEEP | 64), named=1)
    tree += directory((0x409, 88)) + leaf(104, 1) + b"x"
    assert resource(Layout(image_with(tree)), 24, 2) == b"x"


LIES = [
    pytest.param(b"", id="empty"),
    pytest.param(directory(), id="no-entries"),
    pytest.param(struct.pack("<12x2H", 0xFFFF, 0xFFFF), id="131070-entries"),
    pytest.param(directory((24, DEEP)), id="itself"),
    pytest.param(directory((24, DEEP | 24)) + directory((2, DEEP)), id="root-again"),
    pytest.param(
        directory((24, DEEP | 24)) + directory((2, DEEP | 48)) + directory((2, DEEP)),
        id="four-levels",
    ),
    pytest.param(directory((24, 24)) + leaf(0, 1), id="one-level"),
    pytest.param(
        directory((24, DEEP | 24)) + directory((2, 48)) + leaf(0, 1), id="two-levels"
    ),
    pytest.param(directory((24, DEEP | 0x7FFFFFFF)), id="directory-outside"),
]


@pytest.mark.parametrize("tree", LIES)
def test_lies(tree: bytes) -> None:
    layout = Layout(image_with(tree))
    assert resource(layout, 24, 2) is None
    assert resource(layout, 24, None) is None


@pytest.mark.parametrize(
    ("rva", "size"),
    [
        pytest.param(0xFFFFFFFF, 1, id="outside"),
        pytest.param(0, 0xFFFFFFFF, id="all-of-memory"),
        pytest.param(0x1000, 0x1001, id="more-than-the-section"),
    ],
)
def test_content_in_no_section(rva: int, size: int) -> None:
    tree = directory((24, DEEP | 24)) + directory((2, DEEP | 48)) + directory((1, 72))
    layout = Layout(image_with(tree + struct.pack("<2I8x", rva, size)))
    assert resource(layout, 24, 2) is None


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=300)
def test_no_damage_escapes(draw: st.DataObject) -> None:
    place = Layout(BOTH).offset(Layout(BOTH).directories[RESOURCES][0])
    data = bytearray(BOTH)
    places = st.integers(place, len(data) - 4)
    edges = st.sampled_from([0, 1, DEEP, 0x7FFFFFFF, DEEP | 16, 0xFFFFFFFF])
    values = st.integers(0, 0xFFFFFFFF) | edges
    for at, value in draw.draw(st.lists(st.tuples(places, values), max_size=6)):
        struct.pack_into("<I", data, at, value)
    layout = Layout(bytes(data))
    for kind in (MANIFEST, VERSION):
        found = resource(layout, kind, None)
        assert found is None or len(found) <= len(data) * 4
        fixed_version(found or b"")


@pytest.mark.parametrize("machine", [X86, X64])
def test_version_is_that_of_pefile(machine: int) -> None:
    data = build_pe(machine=machine, file_version=(7, 600, 5, 1), manifest="<a/>")
    # delvewheel, once imported, makes fast_load the default.
    image = pefile.PE(data=data, fast_load=False)
    (fixed,) = image.VS_FIXEDFILEINFO
    content = resource(Layout(data), VERSION, 1)
    assert fixed_version(content or b"") == (
        fixed.FileVersionMS >> 16,
        fixed.FileVersionMS & 0xFFFF,
        fixed.FileVersionLS >> 16,
        fixed.FileVersionLS & 0xFFFF,
    )
