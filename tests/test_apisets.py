"""API set names, and schemas of all three layouts built field by field."""

from __future__ import annotations

import itertools
from struct import pack, unpack_from
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

from dllguard._files._pe import read_section
from dllguard._loader._apisets import ApiSets, is_api_set, parse_schema
from tests import derive_api_sets
from tests.limits import within
from tests.pebuilder import build_pe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.bench import BenchFactory

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
# Flags of a schema, of a set and of a host: sealed, extension, and some more.
FLAGS = 0x8000_0003
FACTOR = 31


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
        rows = b"".join(
            pack("<5I", FLAGS, *pool.text(i), *pool.text(h)) for i, h in values
        )
        array = pool.add(pack("<2I", FLAGS, len(values)) + rows)
        alias, text = pool.text(f"alias-of-{name[4:]}"), pool.text(name[4:])
        entries += pack("<6I", FLAGS, *text, *alias, array)
    size = 16 + len(entries) + len(pool.data)
    return pack("<4I", 4, size, FLAGS, len(sets)) + entries + pool.data


def schema_6(sets: Mapping[str, Values]) -> bytes:
    pool = Pool(28 + 24 * len(sets))
    entries, hashes = b"", []
    for i, (name, values) in enumerate(sets.items()):
        rows = b"".join(
            pack("<5I", FLAGS, *pool.text(i), *pool.text(h)) for i, h in values
        )
        array = pool.add(rows)
        hashed = name.rpartition("-")[0]
        fields = FLAGS, *pool.text(name), 2 * len(hashed), array, len(values)
        entries += pack("<6I", *fields)
        hashes.append((hash_of(hashed, FACTOR), i))
    table = pool.add(b"".join(pack("<2I", *row) for row in sorted(hashes)))
    size = 28 + len(entries) + len(pool.data)
    header = pack("<7I", 6, size, FLAGS, len(sets), 28, table, FACTOR)
    return header + entries + pool.data


def hash_of(name: str, factor: int) -> int:
    steps = itertools.accumulate(
        name.lower(), lambda h, c: (h * factor + ord(c)) % (1 << 32), initial=0
    )
    return list(steps)[-1]


def text_at(data: bytes, at: int, size: int) -> str:
    return data[at : at + size].decode("utf-16-le")


def looked_up(data: bytes, name: str) -> str | None:
    """Look up the default host in a schema of version 6 as the loader does."""
    count, entries, table, factor = unpack_from("<4I", data, 12)
    wanted = name.removesuffix(".dll").rpartition("-")[0]
    low, high = 0, count - 1
    while low <= high:
        middle = (low + high) // 2
        found, index = unpack_from("<2I", data, table + 8 * middle)
        if found == hash_of(wanted, factor):
            fields = unpack_from("<6I", data, entries + 24 * index)
            _, name_at, _, hashed, values_at, values = fields
            assert text_at(data, name_at, hashed).lower() == wanted.lower()
            if not values:
                return ""
            return text_at(data, *unpack_from("<2I", data, values_at + 12)).lower()
        if found < hash_of(wanted, factor):
            low = middle + 1
        else:
            high = middle - 1
    return None


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


@pytest.mark.parametrize(
    ("version", "host"), [(2, None), (4, None), (6, "kernelbase.dll")]
)
@pytest.mark.parametrize("number", [0, 9], ids=["lower", "higher"])
def test_last_number(version: int, host: str | None, number: int) -> None:
    name = f"api-ms-win-core-file-l1-2-{number}.dll"

    assert parse_schema(schema(version)).host(name, "a.dll") == host


@pytest.mark.parametrize("version", [2, 4])
def test_sets_that_differ_in_the_last_number(version: int) -> None:
    # Windows 8 and 8.1 list api-ms-win-security-lsalookup-l1-1-0 and -l1-1-1.
    sets: dict[str, Values] = {
        f"api-ms-win-a-l1-1-{i}": (("", f"{i}.dll"),) for i in range(3)
    }
    api_sets = parse_schema(schema(version, sets))

    assert [api_sets.host(name, "a.dll") for name in sets] == [
        "0.dll",
        "1.dll",
        "2.dll",
    ]


@pytest.mark.parametrize(
    ("version", "host"),
    [(2, None), (4, "uiautomationcore.dll"), (6, "uiautomationcore.dll")],
)
def test_extension(version: int, host: str | None) -> None:
    api_sets = parse_schema(schema(version))

    assert api_sets.host("ext-ms-win-uiacore-l1-1-3.dll", "a.dll") == host


@pytest.mark.parametrize("version", [2, 4])
def test_prefix_is_not_compared_where_it_is_not_kept(version: int) -> None:
    api_sets = parse_schema(schema(version))

    assert api_sets.host("api-ms-win-uiacore-l1-1-3.dll", "") == "uiautomationcore.dll"


def test_alias_is_no_name() -> None:
    api_sets = parse_schema(schema(4))

    assert api_sets.host("api-alias-of-ms-win-core-file-l1-2-1.dll", "") is None


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
    name = "api-ms-win-not-yet-l9-9-9.dll"
    assert ApiSets().assumed
    assert ApiSets().assumes(name)
    assert ApiSets().host(name, "a.dll") == ""


@pytest.mark.parametrize(
    ("complete", "host"), [(True, None), (False, "")], ids=["complete", "incomplete"]
)
def test_set_that_is_not_listed(*, complete: bool, host: str | None) -> None:
    name = "api-ms-win-not-yet-l9-9-9.dll"
    hosts = {"api-ms-win-core-file-l1-2": (("", "kernelbase.dll"),)}
    api_sets = ApiSets(hosts, complete=complete)
    assert api_sets.assumed is not complete
    assert api_sets.assumes(name) is not complete
    assert api_sets.host(name, "a.dll") == host


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "incomplete"])
@pytest.mark.parametrize("host", ["kernelbase.dll", ""], ids=["host", "empty"])
def test_set_that_is_listed_is_not_assumed(*, complete: bool, host: str) -> None:
    api_sets = ApiSets({"api-ms-win-a-l1-1": (("", host),)}, complete=complete)
    assert not api_sets.assumes("API-MS-Win-A-L1-1-9.DLL")
    assert api_sets.host("API-MS-Win-A-L1-1-9.DLL", "a.dll") == host


def test_empty_table_is_a_windows_without_sets() -> None:
    assert not ApiSets({}).assumed
    assert ApiSets({}).host("api-ms-win-a-l1-1-0.dll", "a.dll") is None


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


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "trailing", [b"\0" * 4096, b"\xff" * 999], ids=["zeros", "ones"]
)
def test_what_follows_the_schema_does_no_harm(version: int, trailing: bytes) -> None:
    # A mapped schema ends with its last page.
    api_sets = parse_schema(schema(version) + trailing)

    assert (
        api_sets.host("api-ms-win-core-io-l1-1-1", "kernel32.dll") == "kernelbase.dll"
    )
    assert api_sets.host("api-ms-win-core-l1-1-0.dll", "a.dll") is None


def test_version_7_behind_a_header_of_version_6() -> None:
    # Windows 11 takes flag 4 for it (ntdll, ApiSetResolveToHost).
    empty = bytearray(schema(6, {}))
    empty[8:12] = pack("<I", 4)
    with pytest.raises(ValueError, match="version 7 is unknown"):
        parse_schema(bytes(empty))
    both = bytearray(schema(6))
    both[8:12] = pack("<I", 4)
    host = parse_schema(bytes(both)).host("api-ms-win-core-file-l1-2-1.dll", "a.dll")
    assert host == "kernelbase.dll"


@pytest.mark.parametrize("version", [0, 1, 3, 5, 7, 0x107, 0xFFFFFFFF])
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
    with within(1), pytest.raises(ValueError, match="API set schema"):
        parse_schema(bytes(data))


@pytest.mark.parametrize("version", VERSIONS)
def test_overlapping_arrays(version: int) -> None:
    values = tuple((f"{i}.dll", "a.dll") for i in range(2_000))
    sets = {f"api-ms-win-{i}-l1-1-0": () for i in range(2_000)}
    data = bytearray(schema(version, {**sets, "api-ms-win-a-l1-1-0": values}))
    first, size, fields = {2: (8, 12, 4), 4: (16, 24, 4), 6: (28, 24, 8)}[version]
    last = first + size * len(sets)
    for i in range(len(sets)):
        at = first + size * (i + 1)
        data[at - fields : at] = data[last + size - fields : last + size]
    with within(1), pytest.raises(ValueError, match="overlap"):
        parse_schema(bytes(data))


@pytest.mark.parametrize("version", VERSIONS)
def test_endless_name(version: int) -> None:
    data = schema(version, {"api-ms-win-a-l1-1-0": (("", "a" * 300 + ".dll"),)})
    with pytest.raises(ValueError, match="name of 608 bytes"):
        parse_schema(data)


NAMES = st.from_regex(r"(api|ext)-[a-z][a-z-]{0,8}-l[1-9]-[1-9]-[0-9]", fullmatch=True)
FILES = st.from_regex(r"[A-Za-z0-9_.\u00e4]{1,12}\.dll", fullmatch=True)
TABLES = st.dictionaries(
    NAMES,
    st.tuples(
        st.just("") | FILES,
        st.dictionaries(FILES.map(str.lower), st.just("") | FILES, max_size=3),
    ),
    max_size=8,
)


@pytest.mark.parametrize("version", VERSIONS)
@hypothesis.settings(max_examples=40)
@hypothesis.given(table=TABLES, trailing=st.binary(max_size=40))
def test_round_trip(
    version: int, table: dict[str, tuple[str, dict[str, str]]], trailing: bytes
) -> None:
    # What one version cannot tell apart must not stand in one schema.
    parts = slice(0, None) if version == 6 else slice(4, None)
    table = {
        name: values
        for name, values in table.items()
        if version != 2 or name.startswith("api-")
    }
    keys = [n.rpartition("-")[0] if version == 6 else n[parts] for n in table]
    hypothesis.assume(len(set(keys)) == len(keys))
    sets = {
        name: (("", default), *others.items())
        for name, (default, others) in table.items()
    }
    data = schema(version, sets)
    api_sets = parse_schema(data + trailing)

    for name, (default, others) in table.items():
        assert api_sets.host(name.upper(), "not-listed.exe") == default.lower()
        for importer, host in others.items():
            assert api_sets.host(f"{name}.dll", importer.upper()) == host.lower()
        if version == 6:
            assert looked_up(data, name) == default.lower()


def check_schema_of_wine(path: Path) -> None:
    data = read_section(str(path), ".apiset")
    assert data is not None
    version, size, _, count, entries, table, factor = unpack_from("<7I", data)
    assert (version, factor) == (6, FACTOR)
    assert size <= len(data)
    # 504 in Wine 8.0; later ones have more.
    assert count >= 504
    api_sets = parse_schema(data)
    names = []
    for i in range(count):
        _, at, length, hashed, _, _ = unpack_from("<6I", data, entries + 24 * i)
        name = text_at(data, at, length)
        assert text_at(data, at, hashed) == name.rpartition("-")[0]
        assert is_api_set(name)
        assert api_sets.host(f"{name}.dll", "a.dll") == looked_up(data, name)
        names.append(name)
    assert len({name.rpartition("-")[0] for name in names}) == count
    hashes = [unpack_from("<2I", data, table + 8 * i) for i in range(count)]
    assert hashes == sorted(
        (hash_of(name.rpartition("-")[0], factor), i) for i, name in enumerate(names)
    )
    assert api_sets.host("api-ms-win-crt-stdio-l1-1-0.dll", "") == "ucrtbase.dll"
    assert api_sets.host("api-ms-win-not-there-l1-1-0.dll", "") is None


def test_schema_that_wine_installs() -> None:
    path = derive_api_sets.find(derive_api_sets.SCHEMA)
    if path is None:
        pytest.skip("Wine is not installed")
    check_schema_of_wine(path)


@pytest.mark.bench
def test_schema_of_the_bench(bench_factory: BenchFactory) -> None:
    check_schema_of_wine(bench_factory().system32 / "apisetschema.dll")


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
