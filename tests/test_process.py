"""Where a process looks for a DLL, and which file answers."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dllguard._files._disk import Disk
from dllguard._loader._apisets import ApiSets
from dllguard._loader._process import Answer, Process, import_name
from dllguard._model import Folder, Image, Role, Unreadable
from dllguard._tables._load_flags import CLASSIC
from tests.pebuilder import ARM64, X64, X86, write_pe

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDERS = ("file", "application", "newer", "older", "system")


@pytest.fixture
def process(tmp_path: Path) -> Process:
    for name in (*FOLDERS, "windows", "path"):
        (tmp_path / name).mkdir()
    return Process(
        disk=Disk(),
        machine=X64,
        application=str(tmp_path / "application"),
        system=str(tmp_path / "system"),
        windows=str(tmp_path / "windows"),
        added=(str(tmp_path / "newer"), str(tmp_path / "older")),
        path=(str(tmp_path / "path"), r"C:\tools"),
        current="/work",
    )


def find(process: Process, tmp_path: Path, name: str) -> Answer:
    search = process.search_list(str(tmp_path / "file" / "module.pyd"))
    return process.find(name, "module.pyd", search)


def with_sets(process: Process, hosts: Mapping[str, str]) -> Process:
    table = {
        name.rpartition("-")[0]: (("", host), ("special.dll", "other.dll"))
        for name, host in hosts.items()
    }
    return replace(process, api_sets=ApiSets(table))


def test_search_list(process: Process, tmp_path: Path) -> None:
    assert process.search_list(str(tmp_path / "file" / "module.pyd")) == (
        Folder(str(tmp_path / "file"), Role.FILE),
        Folder(str(tmp_path / "application"), Role.APPLICATION),
        Folder(str(tmp_path / "newer"), Role.ADDED),
        Folder(str(tmp_path / "older"), Role.ADDED),
        Folder(str(tmp_path / "system"), Role.SYSTEM),
    )


def test_classic_list(process: Process, tmp_path: Path) -> None:
    assert process.search_list("", CLASSIC) == (
        Folder(str(tmp_path / "application"), Role.APPLICATION),
        Folder(str(tmp_path / "system"), Role.SYSTEM),
        Folder(str(tmp_path / "windows") + os.sep + "system", Role.WINDOWS),
        Folder(str(tmp_path / "windows"), Role.WINDOWS),
        Folder("/work", Role.CURRENT),
        Folder(str(tmp_path / "path"), Role.PATH),
        Folder(r"C:\tools", Role.PATH),
    )


def test_classic_list_without_a_current_folder(process: Process) -> None:
    roles = [
        folder.role for folder in replace(process, current="").search_list("", CLASSIC)
    ]
    assert Role.CURRENT not in roles
    assert roles.count(Role.PATH) == 2


def test_lists_of_a_windows_path(process: Process) -> None:
    process = replace(process, windows=r"C:\Windows", system=r"C:\Windows\System32")
    assert process.search_list(r"D:\x\m.pyd")[0].path == r"D:\x"
    assert process.search_list("", CLASSIC)[2].path == r"C:\Windows\system"


@pytest.mark.parametrize("first", range(len(FOLDERS)), ids=FOLDERS)
def test_first_folder_wins(process: Process, tmp_path: Path, first: int) -> None:
    for folder in FOLDERS[first:]:
        write_pe(tmp_path / folder / "a.dll")
    path = str(tmp_path / FOLDERS[first] / "a.dll")
    rivals: tuple[str, ...] = ()
    if FOLDERS[first] == "newer":
        rivals = (str(tmp_path / "older" / "a.dll"),)
    assert find(process, tmp_path, "a.dll") == Answer(path=path, rivals=rivals)


def test_folder_that_is_listed_twice_holds_one_copy(
    process: Process, tmp_path: Path
) -> None:
    path = str(write_pe(tmp_path / "file" / "a.dll"))
    process = replace(process, added=(str(tmp_path / "file"),))
    assert find(process, tmp_path, "a.dll") == Answer(path=path)


@pytest.mark.parametrize("folder", ["windows", "path"])
def test_other_folders_are_not_searched(
    process: Process, tmp_path: Path, folder: str
) -> None:
    write_pe(tmp_path / folder / "a.dll")
    assert find(process, tmp_path, "a.dll") == Answer()
    found = process.find("a.dll", "m.pyd", process.search_list("", CLASSIC))
    assert found == Answer(path=str(tmp_path / folder / "a.dll"))


def test_absent_folders_are_passed_over(process: Process, tmp_path: Path) -> None:
    path = write_pe(tmp_path / "system" / "a.dll")
    process = replace(process, added=(str(tmp_path / "absent"), "Q:\\nowhere"))
    assert find(process, tmp_path, "a.dll") == Answer(path=str(path))


@pytest.mark.parametrize(
    ("machine", "image", "accepted"),
    [
        pytest.param(X64, Image(X64), True, id="x64-in-x64"),
        pytest.param(X64, Image(X86), False, id="x86-in-x64"),
        pytest.param(X64, Image(ARM64), False, id="arm64-in-x64"),
        pytest.param(X64, Image(ARM64, hybrid=True), False, id="arm64x-in-x64"),
        pytest.param(X86, Image(X86), True, id="x86-in-x86"),
        pytest.param(X86, Image(X64), False, id="x64-in-x86"),
        pytest.param(X86, Image(ARM64, hybrid=True), False, id="arm64x-in-x86"),
        pytest.param(ARM64, Image(ARM64), True, id="arm64-in-arm64"),
        pytest.param(ARM64, Image(ARM64, hybrid=True), True, id="arm64x-in-arm64"),
        pytest.param(ARM64, Image(X64), False, id="x64-in-arm64"),
        pytest.param(X64, Image(X86, portable=True), True, id="portable-in-x64"),
        pytest.param(X86, Image(X64, portable=True), False, id="portable-in-x86"),
        pytest.param(X64, Image(X86, il_only=True), False, id="il-only-in-x64"),
    ],
)
def test_accepts(
    process: Process, machine: int, image: Image, *, accepted: bool
) -> None:
    assert replace(process, machine=machine).accepts(image) is accepted


def test_other_machines_are_passed_over(process: Process, tmp_path: Path) -> None:
    misfits = (
        str(write_pe(tmp_path / "file" / "a.dll", machine=X86)),
        str(write_pe(tmp_path / "newer" / "a.dll", machine=ARM64)),
    )
    assert find(process, tmp_path, "a.dll") == Answer(misfits=misfits)


def test_right_machine_after_others(process: Process, tmp_path: Path) -> None:
    misfit = str(write_pe(tmp_path / "file" / "a.dll", machine=X86))
    path = str(write_pe(tmp_path / "system" / "a.dll"))
    found = find(process, tmp_path, "a.dll")
    assert found == Answer(path=path, misfits=(misfit,))


def test_arm64x_fits_x64_where_windows_is_for_arm64(
    process: Process, tmp_path: Path
) -> None:
    path = str(write_pe(tmp_path / "file" / "a.dll", machine=ARM64, chpe=True))
    other = str(write_pe(tmp_path / "application" / "a.dll"))
    assert find(process, tmp_path, "a.dll") == Answer(path=other, misfits=(path,))
    process = replace(process, native=ARM64)
    assert find(process, tmp_path, "a.dll") == Answer(path=path)


@pytest.mark.parametrize("machine", [ARM64, X86], ids=["plain-arm64", "x86"])
def test_what_never_fits_x64(process: Process, tmp_path: Path, machine: int) -> None:
    path = str(write_pe(tmp_path / "file" / "a.dll", machine=machine))
    process = replace(process, native=ARM64)
    assert find(process, tmp_path, "a.dll") == Answer(misfits=(path,))


@pytest.mark.parametrize("data", [b"", b"<html>", b"MZ"], ids=["empty", "html", "mz"])
def test_damaged_file_stops_the_search(
    process: Process, tmp_path: Path, data: bytes
) -> None:
    misfit = str(write_pe(tmp_path / "file" / "a.dll", machine=X86))
    damaged = tmp_path / "application" / "a.dll"
    damaged.write_bytes(data)
    write_pe(tmp_path / "system" / "a.dll")
    found = find(process, tmp_path, "a.dll")
    assert (found.path, found.misfits) == (str(damaged), (misfit,))
    assert isinstance(found.unreadable, Unreadable)
    assert found.unreadable.winerror == 193


def test_damaged_file_after_the_right_one(process: Process, tmp_path: Path) -> None:
    path = str(write_pe(tmp_path / "file" / "a.dll"))
    (tmp_path / "system" / "a.dll").write_bytes(b"")
    assert find(process, tmp_path, "a.dll") == Answer(path=path)


def test_folder_of_that_name_is_no_file(process: Process, tmp_path: Path) -> None:
    (tmp_path / "file" / "a.dll").mkdir()
    path = str(write_pe(tmp_path / "system" / "a.dll"))
    assert find(process, tmp_path, "a.dll") == Answer(path=path)


def test_loaded_module_answers_by_base_name(process: Process, tmp_path: Path) -> None:
    process = replace(process, loaded={"a.dll": r"C:\elsewhere\A.DLL"})
    found = find(process, tmp_path, "A.dll")
    assert found == Answer(path=r"C:\elsewhere\A.DLL")


def test_loaded_module_shadows_the_list(process: Process, tmp_path: Path) -> None:
    other = str(write_pe(tmp_path / "file" / "a.dll"))
    process = replace(process, loaded={"a.dll": r"C:\elsewhere\a.dll"})
    found = find(process, tmp_path, "a.dll")
    path = r"C:\elsewhere\a.dll"
    assert found == Answer(path=path, shadowed=other)


def test_loaded_module_does_not_shadow_itself(process: Process, tmp_path: Path) -> None:
    path = str(write_pe(tmp_path / "file" / "a.dll"))
    process = replace(process, loaded={"a.dll": path.upper()})
    assert find(process, tmp_path, "a.dll") == Answer(path=path.upper())


def test_loaded_module_comes_before_known_dlls(
    process: Process, tmp_path: Path
) -> None:
    write_pe(tmp_path / "system" / "a.dll")
    process = replace(
        process, loaded={"a.dll": "/x/a.dll"}, known_dlls=frozenset({"a.dll"})
    )
    assert find(process, tmp_path, "a.dll").path == "/x/a.dll"


@pytest.mark.parametrize("asked", ["known.dll", "KNOWN.DLL", "known"])
def test_known_dll_comes_before_the_list(
    process: Process, tmp_path: Path, asked: str
) -> None:
    for folder in FOLDERS:
        write_pe(tmp_path / folder / "known.dll")
    process = replace(process, known_dlls=frozenset({"known.dll"}))
    path = str(tmp_path / "system" / "known.dll")
    assert find(process, tmp_path, asked) == Answer(path=path)


def test_known_dll_that_this_windows_lacks(process: Process, tmp_path: Path) -> None:
    path = str(write_pe(tmp_path / "file" / "known.dll"))
    process = replace(process, known_dlls=frozenset({"known.dll"}))
    assert find(process, tmp_path, "known.dll") == Answer(path=path)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("api-ms-win-x-l1-1-0.dll", id="plain"),
        pytest.param("API-MS-WIN-X-L1-1-0.DLL", id="other-case"),
        pytest.param("api-ms-win-x-l1-1-0", id="no-extension"),
        pytest.param("api-ms-win-x-l1-1-0.dll  ", id="trailing-spaces"),
        pytest.param("api-ms-win-x-l1-1-7.dll", id="higher-last-number"),
    ],
)
def test_api_set_is_answered_by_its_host(
    process: Process, tmp_path: Path, name: str
) -> None:
    for folder in FOLDERS:
        write_pe(tmp_path / folder / "api-ms-win-x-l1-1-0.dll")
        write_pe(tmp_path / folder / "host.dll")
    process = with_sets(process, {"api-ms-win-x-l1-1-0": "host.dll"})
    path = str(tmp_path / "system" / "host.dll")
    assert find(process, tmp_path, name) == Answer(path=path)


def test_api_set_host_for_one_importer(process: Process, tmp_path: Path) -> None:
    path = str(write_pe(tmp_path / "system" / "other.dll"))
    write_pe(tmp_path / "system" / "host.dll")
    process = with_sets(process, {"api-ms-win-x-l1-1-0": "host.dll"})
    search = process.search_list(str(tmp_path / "file" / "m.pyd"))
    found = process.find("api-ms-win-x-l1-1-0.dll", "Special.DLL", search)
    assert found == Answer(path=path)


@pytest.mark.parametrize("host", ["", "absent.dll"], ids=["empty", "absent"])
def test_api_set_without_host_is_not_searched(
    process: Process, tmp_path: Path, host: str
) -> None:
    write_pe(tmp_path / "file" / "api-ms-win-x-l1-1-0.dll")
    process = with_sets(process, {"api-ms-win-x-l1-1-0": host})
    assert find(process, tmp_path, "api-ms-win-x-l1-1-0.dll") == Answer()


def test_unknown_api_set_is_an_ordinary_name(process: Process, tmp_path: Path) -> None:
    process = with_sets(process, {"api-ms-win-x-l1-1-0": "host.dll"})
    path = str(write_pe(tmp_path / "application" / "api-ms-win-crt-x-l1-1-0.dll"))
    assert find(process, tmp_path, "api-ms-win-new-l1-1-0.dll") == Answer()
    found = find(process, tmp_path, "api-ms-win-crt-x-l1-1-0.dll")
    assert found == Answer(path=path)


def test_api_set_without_schema_is_provided(process: Process, tmp_path: Path) -> None:
    write_pe(tmp_path / "file" / "api-ms-win-x-l1-1-0.dll")
    found = find(process, tmp_path, "api-ms-win-x-l1-1-0.dll")
    assert found == Answer(provided=True)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param("sub/a.dll", "newer/sub/a.dll", id="slash"),
        pytest.param(r"sub\a.dll", "newer/sub/a.dll", id="backslash"),
        pytest.param(r"sub\a", "newer/sub/a.dll", id="no-extension"),
        pytest.param(r".\a.dll", "file/a.dll", id="dot"),
        pytest.param("{root}/elsewhere/a.dll", "elsewhere/a.dll", id="full-path"),
    ],
)
def test_name_with_a_folder_is_searched_below_each(
    process: Process, tmp_path: Path, name: str, place: str
) -> None:
    for path in ("newer/sub/a.dll", "file/a.dll", "elsewhere/a.dll"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        write_pe(tmp_path / path)
    process = replace(process, loaded={"a.dll": "/x/a.dll"})
    found = find(process, tmp_path, name.format(root=tmp_path)).path
    assert found is not None
    assert Path(found).resolve() == tmp_path / place


def test_full_path_is_searched_nowhere_else(process: Process, tmp_path: Path) -> None:
    write_pe(tmp_path / "file" / "a.dll")
    assert find(process, tmp_path, r"C:\f\a.dll") == Answer()


@pytest.mark.parametrize(
    ("name", "compared"),
    [
        ("a.dll", "a.dll"),
        ("A.DLL", "a.dll"),
        ("a.dll ", "a.dll"),
        ("a.dll   ", "a.dll"),
        (" a.dll", " a.dll"),
        ("a b.dll", "a b.dll"),
        ("a", "a.dll"),
        ("a ", "a.dll"),
        ("a.", "a"),
        ("a. ", "a"),
        ("a.b", "a.b"),
        ("a.drv", "a.drv"),
        ("_C.cp311-win_amd64.pyd", "_c.cp311-win_amd64.pyd"),
        ("x.y/a", "x.y/a.dll"),
        (r"x.y\A", r"x.y\a.dll"),
        ("\u00c4.DLL", "\u00e4.dll"),
    ],
)
def test_import_name(name: str, compared: str) -> None:
    assert import_name(name) == compared


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("A", "a.dll"),
        ("a.dll ", "A.dll"),
        ("a.", "a"),
        ("a.drv", "a.drv"),
    ],
)
def test_names_are_found_as_compared(
    process: Process, tmp_path: Path, name: str, file: str
) -> None:
    path = str(write_pe(tmp_path / "file" / file))
    assert find(process, tmp_path, name) == Answer(path=path)
