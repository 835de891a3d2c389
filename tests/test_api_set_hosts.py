"""The table of the API sets' hosts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dllguard._files._pe import read_section
from dllguard._loader._apisets import built_in_api_sets, is_api_set, parse_schema
from dllguard._tables import _api_set_hosts
from dllguard._tables._api_set_hosts import HOSTS_FOR_IMPORTERS, SETS_BY_HOST
from dllguard._tables._windows_names import CLEAN_WINDOWS_11_X64
from tests import derive_api_sets as derive

SETS = sorted(name for names in SETS_BY_HOST.values() for name in names)


@pytest.fixture(scope="module")
def wine_schema() -> Path:
    schema = derive.find(derive.SCHEMA)
    if schema is None:
        pytest.skip("Wine is not installed")
    return schema


def test_hosts_are_in_system32() -> None:
    others = {host for rows in HOSTS_FOR_IMPORTERS.values() for _, host in rows}

    assert SETS_BY_HOST.keys() | others <= CLEAN_WINDOWS_11_X64 | {""}


def test_importers_are_in_system32() -> None:
    importers = {name for rows in HOSTS_FOR_IMPORTERS.values() for name, _ in rows}

    assert importers <= CLEAN_WINDOWS_11_X64


def test_names_are_those_of_api_sets_without_their_last_number() -> None:
    assert [name for name in SETS if not is_api_set(f"{name}-0")] == []
    assert [name for name in SETS if is_api_set(name)] == []


def test_every_set_has_one_host() -> None:
    assert len(SETS) == len(set(SETS))
    assert HOSTS_FOR_IMPORTERS.keys() <= set(SETS)


def test_no_set_has_the_same_host_for_one_importer() -> None:
    for name, rows in HOSTS_FOR_IMPORTERS.items():
        for _, host in rows:
            assert name not in SETS_BY_HOST.get(host, ())


@pytest.mark.parametrize(
    ("name", "importer", "host"),
    [
        ("api-ms-win-crt-runtime-l1-1-0.dll", "_core.pyd", "ucrtbase.dll"),
        ("API-MS-WIN-CRT-MATH-L1-1-0.DLL", "_core.pyd", "ucrtbase.dll"),
        ("api-ms-win-core-synch-l1-2-0.dll", "_core.pyd", "kernelbase.dll"),
        ("api-ms-win-core-path-l1-1-0.dll", "_core.pyd", "kernelbase.dll"),
        ("api-ms-win-core-winrt-string-l1-1-0.dll", "_core.pyd", "combase.dll"),
        ("api-ms-win-core-io-l1-1-1.dll", "_core.pyd", "kernel32.dll"),
        ("api-ms-win-core-io-l1-1-1.dll", "KERNEL32.DLL", "kernelbase.dll"),
        ("api-ms-win-core-processthreads-l1-1-9.dll", "a.dll", "kernel32.dll"),
        ("ext-ms-win-ntuser-window-l1-1-4.dll", "a.dll", "user32.dll"),
        ("ext-ms-win-gdi-draw-l1-1-1.dll", "a.dll", "gdi32full.dll"),
        ("api-ms-win-rtcore-session-l1-1-0.dll", "a.dll", ""),
    ],
)
def test_host(name: str, importer: str, host: str) -> None:
    assert built_in_api_sets().host(name, importer) == host
    assert not built_in_api_sets().assumes(name)


@pytest.mark.parametrize(
    "name", ["api-ms-win-not-yet-l9-9-9.dll", "ext-ms-win-other-l1-1-0.dll"]
)
def test_set_that_is_not_known_is_taken_for_present(name: str) -> None:
    assert built_in_api_sets().host(name, "a.dll") == ""
    assert built_in_api_sets().assumes(name)
    assert built_in_api_sets().assumed


def test_has_every_set_of_the_c_runtime() -> None:
    # "Universal CRT deployment" (Microsoft) has the list.
    names = """
        conio convert environment filesystem heap locale math multibyte private process
        runtime stdio string time utility
    """
    crt = {f"api-ms-win-crt-{name}-l1-1" for name in names.split()}

    assert {n for n in SETS if "-crt-" in n and "-core-" not in n} == crt
    assert crt <= SETS_BY_HOST["ucrtbase.dll"]


def test_written_sorted() -> None:
    assert list(SETS_BY_HOST) == sorted(SETS_BY_HOST)
    assert list(HOSTS_FOR_IMPORTERS) == sorted(HOSTS_FOR_IMPORTERS)
    text = Path(_api_set_hosts.__file__).read_text(encoding="utf-8")
    for block in re.findall(r'"""\n([^"]+)"""\.split', text):
        assert block.split() == sorted(block.split())


def test_is_what_the_script_writes(wine_schema: Path) -> None:
    hosts = derive.windows_11_hosts(derive.wine_hosts(wine_schema))
    text = derive.GENERATED.read_text(encoding="utf-8")

    if hosts.keys() != set(SETS):
        pytest.skip("derived from another Wine")
    assert derive.render(hosts, text) == text


def test_reader_of_the_script_agrees_with_ours(wine_schema: Path) -> None:
    section = read_section(str(wine_schema), ".apiset")
    assert section
    api_sets = parse_schema(section)
    hosts = derive.wine_hosts(wine_schema)

    assert len(hosts) > 500
    assert {name: api_sets.host(f"{name}-0.dll", "a.dll") for name in hosts} == hosts


def test_corrections_correct_something(wine_schema: Path) -> None:
    wine = derive.wine_hosts(wine_schema)
    rows = {n: host for host, names in derive.WINDOWS_11.items() for n in names.split()}

    assert [name for name, host in rows.items() if wine.get(name) == host] == []
    assert wine.keys() >= derive.NOT_IN_WINDOWS_11
    assert not rows.keys() & derive.NOT_IN_WINDOWS_11


@pytest.mark.parametrize(
    "file",
    ["libapi-ms-win-core-path-l1-1-0.a", "libwindowsapp.a", "api-ms-win-x-l1-1-0.def"],
)
def test_sets_of_import_libraries(tmp_path: Path, file: str) -> None:
    content = b"!<arch>\n\0API-MS-Win-Core-Path-L1-1-0.dll\0kernel32.dll\0"
    (tmp_path / file).write_bytes(content)
    expected = {"api-ms-win-core-path-l1-1"}
    if file.endswith(".def"):
        expected = {"api-ms-win-x-l1-1"}

    assert derive.mingw_sets(tmp_path) == expected
