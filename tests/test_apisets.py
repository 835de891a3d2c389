"""API set names, and schemas of all three layouts built field by field."""

from __future__ import annotations

import itertools
import time
from struct import pack
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

from dllguard._apisets import ApiSets, is_api_set, parse_schema
from dllguard._pe import read_section
from tests.pebuilder import build_pe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Importer and host, the default with an empty importer first.
Values = tuple[tuple[str, str], ...]

SETS: Mapping[str, Values] = {
    "api-ms-win-core-file-l1-2-1": (("", "kernelbase.dll"),),
    "api-ms-win-core-io-l1-1-1": (
        ("", "KERNEL32.dll"),
        ("Kernel32.dll", "kernelbase.dll"),
    ),
    "api-ms-win-gone-l1-1-0": (("", ""),),
    "api-ms-win-none-l1-1-0": (),
    "ext-ms-win-uiacore-l1-1-3": (("", "uiautomationcore.dll"),),
}
VERSIONS = [2, 4, 6]


class Pool:
    """Texts and arrays behind the entries, at offsets from the section's start."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.data = b""

    def add(self, chunk: bytes) -> int:
        self.data += chunk
        return self.start + len(self.data) - len(chunk)

    def text(self, text: str) -> tuple[int, int]:
        encoded = text.encode("utf-16-le")
        return (self.add(encoded), len(encoded)) if encoded else (0, 0)


def schema_2(sets: Mapping[str, Values]) -> bytes:
    pool = Pool(8 + 12 * len(sets))
    entries = b""
    for name, values in sets.items():
        rows = b"".join(pack("<4I", *pool.text(i), *pool.text(h)) for i, h in values)
        array = pool.add(pack("<I", len(values)) + rows)
        entries += pack("<3I", *pool.text(name[4:]), array)
    return pack("<2I", 2, len(sets)) + entries + pool.data


def schema_4(sets: Mapping[str, Values]) -> bytes:
    pool = Pool(16 + 24 * len(sets))
    entries = b""
    for name, values in sets.items():
        rows = b"".join(pack("<5I", 0, *pool.text(i), *pool.text(h)) for i, h in values)
        array = pool.add(pack("<2I", 0, len(values)) + rows)
        text = pool.text(name[4:])
        entries += pack("<6I", 0, *text, *text, array)
    size = 16 + len(entries) + len(pool.data)
    return pack("<4I", 4, size, 0, len(sets)) + entries + pool.data


def schema_6(sets: Mapping[str, Values]) -> bytes:
    pool = Pool(28 + 24 * len(sets))
    entries, hashes = b"", []
    for i, (name, values) in enumerate(sets.items()):
        rows = b"".join(pack("<5I", 0, *pool.text(i), *pool.text(h)) for i, h in values)
        array = pool.add(rows)
        hashed = name.rpartition("-")[0]
        entries += pack("<6I", 0, *pool.text(name), 2 * len(hashed), array, len(values))
        factor = itertools.accumulate(
            hashed, lambda h, c: (h * 31 + ord(c)) % (1 << 32), initial=0
        )
        hashes.append((list(factor)[-1], i))
    table = pool.add(b"".join(pack("<2I", *row) for row in sorted(hashes)))
    size = 28 + len(entries) + len(pool.data)
    header = pack("<7I", 6, size, 0, len(sets), 28, table, 31)
    return header + entries + pool.data


def schema(version: int, sets: Mapping[str, Values] = SETS) -> bytes:
    return {2: schema_2, 4: schema_4, 6: schema_6}[version](sets)


@pytest.fixture(params=VERSIONS, ids="v{}".format)
def api_sets(request: pytest.FixtureRequest) -> ApiSets:
    return parse_schema(schema(request.param))


@pytest.mark.parametrize(
    ("name", "importer", "host"),
    [
        pytest.param(
            "api-ms-win-core-file-l1-2-1.dll", "a.dll", "kernelbase.dll", id="default"
        ),
        pytest.param(
            "api-ms-win-core-file-l1-2-1", "a.dll", "kernelbase.dll", id="no-extension"
        ),
        pytest.param(
            "API-MS-Win-Core-File-L1-2-1.DLL", "", "kernelbase.dll", id="other-case"
        ),
        pytest.param(
            "api-ms-win-core-io-l1-1-1.dll", "a.dll", "kernel32.dll", id="not-the-one"
        ),
        pytest.param(
            "api-ms-win-core-io-l1-1-1.dll",
            "KERNEL32.DLL",
            "kernelbase.dll",
            id="for-one-importer",
        ),
        pytest.param("api-ms-win-gone-l1-1-0.dll", "a.dll", "", id="empty-host"),
        pytest.param("api-ms-win-none-l1-1-0.dll", "a.dll", "", id="no-value"),
        pytest.param(
            "ext-ms-win-uiacore-l1-1-3.dll",
            "a.dll",
            "uiautomationcore.dll",
            id="extension",
        ),
        pytest.param(
            "api-ms-win-core-file-l1-2-9.dll",
            "a.dll",
            "kernelbase.dll",
            id="higher-last-number",
        ),
        pytest.param(
            "api-ms-win-core-file-l1-2-0.dll",
            "a.dll",
            "kernelbase.dll",
            id="lower-last-number",
        ),
        pytest.param(
            "api-ms-win-core-file-l1-1-1.dll", "a.dll", None, id="other-middle-number"
        ),
        pytest.param(
            "api-ms-win-core-file-l2-2-1.dll", "a.dll", None, id="other-first-number"
        ),
        pytest.param("api-ms-win-core-l1-1-0.dll", "a.dll", None, id="unknown"),
    ],
)
def test_host(api_sets: ApiSets, name: str, importer: str, host: str | None) -> None:
    assert not api_sets.assumed
    assert api_sets.host(name, importer) == host


def test_api_and_ext_of_one_name_differ() -> None:
    sets: dict[str, Values] = {
        "api-ms-win-devmgmt-dm-l1-1-0": (("", "dmcfgutils.dll"),),
        "ext-ms-win-devmgmt-dm-l1-1-0": (("", ""),),
    }
    api_sets = parse_schema(schema(6, sets))
    assert api_sets.host("api-ms-win-devmgmt-dm-l1-1-0.dll", "") == "dmcfgutils.dll"
    assert api_sets.host("ext-ms-win-devmgmt-dm-l1-1-0.dll", "") == ""


@pytest.mark.parametrize("version", VERSIONS)
def test_schema_without_sets(version: int) -> None:
    api_sets = parse_schema(schema(version, {}))
    assert not api_sets.assumed
    assert api_sets.host("api-ms-win-core-file-l1-2-1.dll", "a.dll") is None


def test_sets_are_taken_for_present_without_a_schema() -> None:
    assert ApiSets().assumed
    assert ApiSets().host("api-ms-win-not-yet-l9-9-9.dll", "a.dll") == ""


@pytest.mark.parametrize("version", VERSIONS)
def test_schema_in_its_section(tmp_path: Path, version: int) -> None:
    data = build_pe(file_version=(10, 0, 22621, 1))
    content = schema(version)
    assert len(content) > 0x200
    # The resources give up their section, which is the last but one.
    image = bytearray(data.replace(b".rsrc\0\0\0", b".apiset\0"))
    header = image.index(b".apiset")
    image[header + 8 : header + 24] = pack(
        "<4I", len(content), 0x3000, len(content), len(image)
    )
    (tmp_path / "apisetschema.dll").write_bytes(image + content)
    section = read_section(str(tmp_path / "apisetschema.dll"), ".apiset")
    assert section is not None
    host = parse_schema(section).host("api-ms-win-core-file-l1-2-1.dll", "a.dll")
    assert host == "kernelbase.dll"


@pytest.mark.parametrize("version", [0, 1, 3, 5, 7, 0xFFFFFFFF])
def test_unknown_version(version: int) -> None:
    with pytest.raises(ValueError, match=f"version {version} is unknown"):
        parse_schema(pack("<I", version) + schema(6)[4:])


@pytest.mark.parametrize("data", [b"", b"\x06", b"\x06\0\0"])
def test_no_version(data: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        parse_schema(data)


@pytest.mark.parametrize("version", VERSIONS)
def test_cut_off_schema(version: int) -> None:
    data = schema(version, {"api-ms-win-a-l1-1-0": (("x.dll", "a.dll"),)})
    # The hash table stands last in version 6, and is not read.
    end = len(data) - (8 if version == 6 else 0)
    for size in range(4, end):
        with pytest.raises(ValueError, match="API set schema"):
            parse_schema(data[:size])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("count", [10_000_000, 0xFFFFFFFF])
@pytest.mark.parametrize("of", ["sets", "hosts"])
def test_huge_counts(version: int, count: int, of: str) -> None:
    data = bytearray(schema(version, {"api-ms-win-a-l1-1-0": (("", "a.dll"),)}))
    at = {2: 4, 4: 12, 6: 12}[version]
    if of == "hosts":
        # Version 6 counts in the entry, the others at the head of the array.
        array = {2: 8 + 8, 4: 16 + 20, 6: 28 + 20}[version]
        at = int.from_bytes(data[array : array + 4], "little")
        at = {2: at, 4: at + 4, 6: array}[version]
    data[at : at + 4] = pack("<I", count)
    begun = time.process_time()
    with pytest.raises(ValueError, match="API set schema"):
        parse_schema(bytes(data))
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("version", VERSIONS)
@hypothesis.given(draw=st.data())
def test_no_damage_escapes(version: int, draw: st.DataObject) -> None:
    data = bytearray(schema(version))
    places = st.integers(0, 60) | st.integers(0, len(data) - 4)
    values = st.integers(0, 0xFFFFFFFF) | st.integers(0, 600)
    for at, value in draw.draw(st.lists(st.tuples(places, values), max_size=6)):
        data[at : at + 4] = pack("<I", value)
    try:
        api_sets = parse_schema(bytes(data))
    except ValueError:
        return
    api_sets.host("api-ms-win-core-io-l1-1-1.dll", "kernel32.dll")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("api-ms-win-crt-runtime-l1-1-0.dll", True),
        ("API-MS-WIN-CRT-RUNTIME-L1-1-0.DLL", True),
        ("api-ms-win-core-synch-l1-2-0", True),
        ("ext-ms-win-gdi-draw-l1-1-10.dll", True),
        ("ext-ms-onecore-dcomp-l1-1-0.dll", True),
        ("api-ms-win-crt-runtime-l1-1.dll", False),
        ("api-ms-win-crt-runtime.dll", False),
        ("api-ms-win-crt-runtime-l1-1-0.exe", False),
        ("api-ms-win-crt-runtime-l1-1-0.dll.dll", False),
        ("api-ms-win-crt-runtime-lx-1-0.dll", False),
        ("xapi-ms-win-crt-runtime-l1-1-0.dll", False),
        ("api-l1-1-0.dll", False),
        (r"C:\api-ms-win-crt-runtime-l1-1-0.dll", False),
        ("kernel32.dll", False),
        ("api.dll", False),
        ("ucrtbase.dll", False),
        ("", False),
    ],
)
def test_is_api_set(name: str, *, expected: bool) -> None:
    assert is_api_set(name) is expected
