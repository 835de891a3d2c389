"""LoadLibraryEx calls as callers make them: names, flags, torch's second attempt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dllguard._files._disk import Disk
from dllguard._loader._apisets import ApiSets
from dllguard._loader._loads import Call, make
from dllguard._loader._process import Process
from dllguard._model import Link, Load
from dllguard._tables._load_flags import ALTERED_PATH, BARE_NAME, CLASSIC, EXTENSION
from tests.pebuilder import X64, X86, write_pe

FOLDERS = ("file", "application", "added", "system", "path")
HOSTS = {
    "api-ms-win-a-l1-1": (("", "host.dll"),),
    "api-ms-win-empty-l1-1": (("", ""),),
}

Tree = dict[str, dict[str, Any]]


@pytest.fixture
def process(tmp_path: Path) -> Process:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    return Process(
        disk=Disk(),
        machine=X64,
        application=str(tmp_path / "application"),
        system=str(tmp_path / "system"),
        windows=str(tmp_path / "windows"),
        added=(str(tmp_path / "added"),),
        path=(str(tmp_path / "path"),),
        api_sets=ApiSets(HOSTS),
    )


def build(root: Path, tree: Tree) -> None:
    for name, fields in tree.items():
        write_pe(root / name, **fields)


def importing(*names: str, **others: Any) -> dict[str, Any]:
    return {"imports": {name: ["f"] for name in names}, "exports": ["f"], **others}


def where(found: Load, root: Path) -> str:
    return Path(found.path).relative_to(root).as_posix()


def names(found: Load) -> list[list[str]]:
    return [[link.name for link in fault.chain] for fault in found.faults]


# A full path.


@pytest.mark.parametrize(
    ("flags", "folder"),
    [
        (None, "file"),
        (EXTENSION, "file"),
        (BARE_NAME, "application"),
        (ALTERED_PATH, "file"),
        (CLASSIC, "application"),
        (0x800, "system"),
        (0x400, "added"),
    ],
    ids=lambda value: f"0x{value:x}" if isinstance(value, int) else "",
)
def test_flags_choose_the_folders(
    process: Process, tmp_path: Path, flags: int | None, folder: str
) -> None:
    build(tmp_path, {f"{name}/leaf.dll": importing() for name in FOLDERS})
    build(tmp_path, {"file/root.dll": importing("leaf.dll")})

    found = make(Call(str(tmp_path / "file/root.dll"), flags), process)

    assert found.faults == ()
    assert found.resolved == {"leaf.dll": str(tmp_path / folder / "leaf.dll")}


def test_flags_of_extension_modules_are_those_of_the_process(
    process: Process, tmp_path: Path
) -> None:
    build(tmp_path, {"file/m.pyd": importing("leaf.dll"), "path/leaf.dll": {}})
    call = Call(str(tmp_path / "file/m.pyd"))

    assert make(call, process).winerror == 126
    process = replace(process, extension_flags=ALTERED_PATH)
    assert make(call, process, symbols=False).winerror == 0


def test_full_path_is_searched_nowhere(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"application/root.dll": {}})

    found = make(Call(str(tmp_path / "file/root.dll")), process)

    assert names(found) == [["root.dll"]]
    assert found.winerror == 126


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("root", "root.dll"),
        ("root.dll ", "root.dll"),
        ("root.", "root"),
        ("root.dll.", "root.dll"),
        ("root.1.2", "root.1.2"),
    ],
)
def test_full_path_as_windows_completes_it(
    process: Process, tmp_path: Path, asked: str, there: str
) -> None:
    build(tmp_path, {f"file/{there}": {}})

    assert make(Call(str(tmp_path / "file" / asked)), process).winerror == 0


@pytest.mark.parametrize("asked", ["root.", "root.1", "root.pyd"])
def test_full_path_that_is_not_completed(
    process: Process, tmp_path: Path, asked: str
) -> None:
    build(tmp_path, {"file/root.dll": {}, f"file/{asked}.dll": {}})

    assert make(Call(str(tmp_path / "file" / asked)), process).winerror == 126


# A bare name.


@pytest.mark.parametrize("asked", ["root.dll", "root", "ROOT.dll", "root.dll "])
def test_bare_name(process: Process, tmp_path: Path, asked: str) -> None:
    build(tmp_path, {"added/root.dll": importing("leaf.dll"), "added/leaf.dll": {}})
    build(tmp_path, {"path/root.dll": {}})

    found = make(Call(asked, BARE_NAME), process, symbols=False)

    assert where(found, tmp_path) == "added/root.dll"
    assert found.faults == ()
    assert list(found.resolved) == ["leaf.dll"]


def test_folder_of_a_bare_name_is_not_searched(
    process: Process, tmp_path: Path
) -> None:
    build(tmp_path, {"path/root.dll": importing("leaf.dll"), "system/x.dll": {}})
    build(tmp_path, {"file/leaf.dll": {}})

    found = make(Call("root", CLASSIC), process)

    assert names(found) == [["root.dll", "leaf.dll"]]


@pytest.mark.parametrize(
    ("by", "asked_by"), [("", "LoadLibrary"), ("ctypes", "ctypes"), ("cffi", "cffi")]
)
def test_bare_name_that_is_not_found(process: Process, by: str, asked_by: str) -> None:
    found = make(Call("libvlc", BARE_NAME, by=by), process)

    (fault,) = found.faults
    assert (fault.kind, fault.winerror) == ("missing", 126)
    assert fault.chain == (Link(asked_by), Link("libvlc"))
    assert found.path == "libvlc"
    assert found.search == process.search_list("libvlc", BARE_NAME)


def test_bare_name_of_which_only_a_misfit_is_found(
    process: Process, tmp_path: Path
) -> None:
    build(tmp_path, {"added/root.dll": {"machine": X86}})

    (fault,) = make(Call("root", BARE_NAME), process).faults

    assert (fault.kind, fault.winerror, fault.machine) == ("machine", 193, X86)
    assert fault.path == str(tmp_path / "added/root.dll")


def test_bare_name_passes_over_a_misfit(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"added/root.dll": {"machine": X86}, "system/root.dll": {}})

    found = make(Call("root", BARE_NAME), process)

    assert (where(found, tmp_path), found.faults) == ("system/root.dll", ())


def test_damaged_file_of_that_name_comes_first(
    process: Process, tmp_path: Path
) -> None:
    (tmp_path / "added/root.dll").write_bytes(b"<html>")
    build(tmp_path, {"system/root.dll": {}})

    (fault,) = make(Call("root", BARE_NAME), process).faults

    assert (fault.kind, fault.winerror) == ("unreadable", 193)


def test_bare_name_of_a_loaded_module(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"file/root.dll": importing("gone.dll")})
    loaded = str(tmp_path / "file/root.dll")
    process = replace(process, loaded={"root.dll": loaded})

    found = make(Call("root", BARE_NAME), process)

    assert (found.path, found.faults) == (loaded, ())


@pytest.mark.parametrize(
    ("asked", "winerror"),
    [
        ("api-ms-win-a-l1-1-0.dll", 0),
        ("api-ms-win-a-l1-1-0", 0),
        ("api-ms-win-empty-l1-1-0.dll", 126),
        ("api-ms-win-nosuch-l1-1-0.dll", 126),
    ],
)
def test_api_set(process: Process, tmp_path: Path, asked: str, winerror: int) -> None:
    build(tmp_path, {"system/host.dll": {}})

    found = make(Call(asked, BARE_NAME), process)

    assert found.winerror == winerror
    if not winerror:
        assert where(found, tmp_path) == "system/host.dll"


def test_api_set_that_is_taken_for_present(process: Process) -> None:
    process = replace(process, api_sets=ApiSets())

    found = make(Call("api-ms-win-a-l1-1-0.dll", BARE_NAME), process)

    assert (found.path, found.faults) == ("api-ms-win-a-l1-1-0.dll", ())


# torch: on 126 once more, with PATH.


def torch(root: Path) -> Call:
    return Call(str(root / "file/shm.dll"), path_fallback=True)


def test_first_attempt_succeeds(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"file/shm.dll": importing("leaf.dll")})
    build(tmp_path, {"file/leaf.dll": importing(), "path/leaf.dll": {}})

    found = make(torch(tmp_path), process)

    assert (found.faults, found.retried_with_path) == ((), False)
    assert found.resolved == {"leaf.dll": str(tmp_path / "file/leaf.dll")}


def test_second_attempt_succeeds(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"file/shm.dll": importing("leaf.dll")})
    build(tmp_path, {"path/leaf.dll": importing("next.dll"), "path/next.dll": {}})

    found = make(torch(tmp_path), process, symbols=False)

    assert (found.faults, found.retried_with_path) == ((), False)
    assert found.resolved["next.dll"] == str(tmp_path / "path/next.dll")


def test_second_attempt_searches_the_added_folders_before_path(
    process: Process, tmp_path: Path
) -> None:
    build(tmp_path, {"file/shm.dll": importing("one.dll", "two.dll", "three.dll")})
    build(tmp_path, {f"{name}/one.dll": importing() for name in ("file", "added")})
    build(tmp_path, {f"{name}/two.dll": importing() for name in ("added", "path")})
    build(tmp_path, {"path/three.dll": importing()})

    found = make(torch(tmp_path), process)

    assert {name: Path(p).parent.name for name, p in found.resolved.items()} == {
        "one.dll": "file",
        "two.dll": "added",
        "three.dll": "path",
    }


def test_both_attempts_fail(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"file/shm.dll": importing("gone.dll")})

    found = make(torch(tmp_path), process)

    assert (found.winerror, found.retried_with_path) == (126, True)
    # The list that is shown is that of the first.
    assert found.search == process.search_list(found.path)


@pytest.mark.parametrize(
    ("leaf", "winerror"),
    [({"machine": X86}, 193), ({"exports": ["g"]}, 127)],
    ids=["does-not-fit", "lacks-a-symbol"],
)
def test_error_of_the_second_attempt_counts(
    process: Process, tmp_path: Path, leaf: dict[str, Any], winerror: int
) -> None:
    build(tmp_path, {"file/shm.dll": importing("leaf.dll"), "path/leaf.dll": leaf})

    found = make(torch(tmp_path), process)

    assert (found.winerror, found.retried_with_path) == (winerror, False)
    assert found.faults[0].path == str(tmp_path / "path/leaf.dll")


def test_other_errors_are_raised_at_once(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"file/shm.dll": importing("leaf.dll")})
    build(tmp_path, {"file/leaf.dll": {"machine": X86}})
    build(tmp_path, {"windows.dll": {}})

    found = make(torch(tmp_path), process)

    assert (found.winerror, found.retried_with_path) == (193, False)


def test_no_second_attempt_without_a_fallback(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"file/shm.dll": importing("leaf.dll"), "path/leaf.dll": {}})

    found = make(Call(str(tmp_path / "file/shm.dll")), process)

    assert (found.winerror, found.retried_with_path) == (126, False)


def test_symbols_serve_both_attempts(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"file/shm.dll": importing("leaf.dll"), "path/leaf.dll": {}})

    assert make(torch(tmp_path), process).winerror == 127
    assert make(torch(tmp_path), process, symbols=False).winerror == 0
