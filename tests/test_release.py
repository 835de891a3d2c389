"""Which Windows a host is, and which one brought what."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._hosts._circumstances import Circumstances
from dllguard._hosts._host import Host
from dllguard._hosts._release import (
    build_of,
    came_later,
    client_of,
    comes_with_universal_crt,
    first_build,
    is_part_of_windows,
    release_of_dll,
    release_of_function,
    supporting,
    wanted_windows,
    windows_of,
)
from dllguard._loader._apisets import is_api_set
from dllguard._tables import _windows_releases as tables
from dllguard._tables._windows_names import CLEAN_WINDOWS_11_X64, MINIMUM_WINDOWS
from tests.trees import Tree


def host(tmp_path: Path, build: int, installation: str = "Client") -> Host:
    """Return a host of a build."""
    told = Circumstances(build=build, installation=installation)
    return replace(Tree(tmp_path).host(), circumstances=told)


@pytest.mark.parametrize(
    ("build", "installation", "expected"),
    [
        pytest.param(2600, "Client", "Windows XP (build 2600)", id="xp"),
        pytest.param(7601, "Client", "Windows 7 (build 7601)", id="7-sp1"),
        pytest.param(19045, "Client", "Windows 10 (build 19045)", id="10"),
        pytest.param(26200, "Client", "Windows 11 (build 26200)", id="later-than-all"),
        pytest.param(
            20348, "Server Core", "Windows Server 2022 (build 20348)", id="server"
        ),
        pytest.param(
            14393, "Nano Server", "Windows Server 2016 (build 14393)", id="nano"
        ),
        pytest.param(100, "Client", "this Windows", id="before-all"),
    ],
)
def test_names(tmp_path: Path, build: int, installation: str, expected: str) -> None:
    assert windows_of(host(tmp_path, build, installation)) == expected


def test_a_windows_on_disk_tells_by_its_kernel32(tmp_path: Path) -> None:
    assert build_of(Tree(tmp_path).host()) == 22631


def test_nothing_is_later_than_an_unknown_windows(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.system / "kernel32.dll").unlink()

    assert build_of(tree.host()) == 0
    assert windows_of(tree.host()) == "this Windows"
    assert client_of(tree.host()) == ""
    assert not came_later("11", tree.host())


@pytest.mark.parametrize(
    ("release", "build", "later"),
    [
        pytest.param("8", 7601, True, id="next"),
        pytest.param("7", 7601, False, id="its-own-service-pack"),
        pytest.param("10 1607", 10240, True, id="update-of-10"),
        pytest.param("10 1607", 14393, False, id="that-update"),
        pytest.param(None, 7601, False, id="unknown"),
    ],
)
def test_later(tmp_path: Path, release: str | None, build: int, later: bool) -> None:
    assert came_later(release, host(tmp_path, build)) is later


def test_servers_are_told_of_servers(tmp_path: Path) -> None:
    server = host(tmp_path, 14393, "Server")

    assert wanted_windows("10 1703", server) == "Windows Server 2019 or later"
    assert wanted_windows(None, server) == "a later Windows"


@pytest.mark.parametrize(
    ("name", "release"),
    [
        pytest.param("API-MS-Win-Core-Path-L1-1-0.dll", "8", id="set"),
        pytest.param("api-ms-win-core-file-l1-1-0.dll", None, id="set-of-windows-7"),
        pytest.param("api-ms-win-crt-heap-l1-1-0.dll", "10", id="universal-crt"),
        pytest.param("combase.dll", "8", id="dll"),
        pytest.param("kernel32.dll", None, id="old-dll"),
    ],
)
def test_release_of_a_dll(name: str, release: str | None) -> None:
    assert release_of_dll(name) == release


def test_release_of_a_function() -> None:
    assert release_of_function("BCRYPTPRIMITIVES.dll", "ProcessPrng") == "10"
    assert release_of_function("kernel32.dll", "ProcessPrng") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ucrtbase.dll", True),
        ("api-ms-win-crt-math-l1-1-0.dll", True),
        ("api-ms-win-core-synch-l1-2-0.dll", True),
        ("api-ms-win-core-path-l1-1-0.dll", False),
        ("msvcp140.dll", False),
    ],
)
def test_the_update_for_older_windows(name: str, expected: bool) -> None:
    assert comes_with_universal_crt(name) is expected


def test_what_belongs_to_windows() -> None:
    assert is_part_of_windows("MF.dll")
    assert is_part_of_windows("ext-ms-win-x-l1-1-0.dll")
    assert not is_part_of_windows("msvcp140.dll")


@pytest.mark.parametrize(
    ("python", "windows"),
    [((3, 4), "XP"), ((3, 8), "7"), ((3, 9), "8.1"), ((3, 12), "8.1"), ((3, 15), "10")],
)
def test_first_windows_of_a_python(python: tuple[int, int], windows: str) -> None:
    assert supporting(python) == windows


class TestTables:
    def test_releases_are_in_order(self) -> None:
        for table in (tables.RELEASES, tables.SERVERS):
            assert list(table) == sorted(table)

    def test_every_release_is_one(self) -> None:
        named = {*tables.FUNCTIONS_SINCE.values(), *tables.LAST_PYTHON}
        named |= set(MINIMUM_WINDOWS.values())

        assert [name for name in named if not first_build(name)] == []

    def test_functions_are_of_windows(self) -> None:
        names = {dll for dll, _ in tables.FUNCTIONS_SINCE}

        assert names <= CLEAN_WINDOWS_11_X64

    def test_sets_are_sets(self) -> None:
        stems = tables.CORE_SETS_OF_WINDOWS_8 | tables.UNIVERSAL_CRT

        assert all(is_api_set(f"api-ms-win-core-{stem}") for stem in stems)
        assert tables.UNIVERSAL_CRT <= tables.CORE_SETS_OF_WINDOWS_8
        assert not any(re.search("^api-", stem) for stem in stems)
