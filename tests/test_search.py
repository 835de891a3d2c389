"""The folders of one load, by the flags of its LoadLibraryEx call."""

from __future__ import annotations

from dataclasses import replace

import hypothesis
import pytest
from hypothesis import strategies as st

from dllguard._files._disk import Disk
from dllguard._loader._process import Process
from dllguard._loader._search import own_list, search_list
from dllguard._model import X64, Folder, Role
from dllguard._tables._load_flags import (
    ALTERED_PATH,
    BARE_NAME,
    CLASSIC,
    DEFAULT_FOLDERS,
    EXTENSION,
    OF_APPLICATION,
    OF_FILE,
    OF_SYSTEM,
    OF_USER,
)

FILE = r"C:\site\a\_core.pyd"
NAMES = {
    r"C:\site\a": "file",
    r"C:\Python311": "application",
    r"C:\newer": "newer",
    r"C:\older": "older",
    r"C:\set": "set",
    r"C:\Windows\System32": "system",
    r"C:\Windows\system": "16-bit",
    r"C:\Windows": "windows",
    r"C:\work": "current",
    r"C:\tools": "path",
    r"C:\bin": "path",
}


@pytest.fixture
def process() -> Process:
    """Return a process that has something for every place of a list."""
    return Process(
        disk=Disk(),
        machine=X64,
        application=r"C:\Python311",
        system=r"C:\Windows\System32",
        windows=r"C:\Windows",
        added=(r"C:\newer", r"C:\older"),
        path=(r"C:\tools", r"C:\bin"),
        current=r"C:\work",
        set_directory=r"C:\set",
    )


def listed(process: Process, flags: int, file: str = FILE) -> str:
    return " ".join(NAMES[f.path] for f in search_list(process, file, flags))


# What LdrGetDllPath of Wine 8.0 lists, and where its loader finds a DLL.
@pytest.mark.parametrize(
    ("flags", "folders"),
    [
        (EXTENSION, "file application newer older set system"),
        (BARE_NAME, "application newer older set system"),
        (OF_FILE, "file"),
        (OF_APPLICATION, "application"),
        (OF_USER, "newer older set"),
        (OF_SYSTEM, "system"),
        (OF_FILE | OF_SYSTEM, "file system"),
        (OF_FILE | OF_USER, "file newer older set"),
        (OF_APPLICATION | OF_SYSTEM, "application system"),
        (OF_SYSTEM | DEFAULT_FOLDERS, "application newer older set system"),
        (CLASSIC, "application set system 16-bit windows path path"),
        (ALTERED_PATH, "file set system 16-bit windows path path"),
        # Safe current folders, and what has nothing to do with searching.
        (0x2000, "application set system 16-bit windows path path"),
        (0x10, "application set system 16-bit windows path path"),
        (0x2000 | OF_FILE, "file"),
    ],
    ids=lambda value: f"0x{value:04x}" if isinstance(value, int) else "",
)
def test_flags(process: Process, flags: int, folders: str) -> None:
    assert listed(process, flags) == folders


@pytest.mark.parametrize(
    ("flags", "folders"),
    [
        (EXTENSION, "file application newer older system"),
        (OF_USER, "newer older"),
        (CLASSIC, "application system 16-bit windows current path path"),
        (ALTERED_PATH, "file system 16-bit windows current path path"),
    ],
    ids=["extension", "user", "classic", "altered"],
)
def test_without_set_dll_directory(process: Process, flags: int, folders: str) -> None:
    assert listed(replace(process, set_directory=""), flags) == folders


@pytest.mark.parametrize(
    ("flags", "folders"),
    [
        (EXTENSION, "application newer older set system"),
        (BARE_NAME, "application newer older set system"),
        (CLASSIC, "application set system 16-bit windows path path"),
        (ALTERED_PATH, "application set system 16-bit windows path path"),
    ],
    ids=["extension", "bare-name", "classic", "altered"],
)
def test_bare_name_has_no_folder(process: Process, flags: int, folders: str) -> None:
    assert listed(process, flags, "x.dll") == folders


@pytest.mark.parametrize("flags", [CLASSIC, ALTERED_PATH], ids=["classic", "altered"])
def test_packaged_app_searches_neither_path_nor_current_folder(
    process: Process, flags: int
) -> None:
    process = replace(process, packaged=True, set_directory="")
    first = "file" if flags else "application"
    assert listed(process, flags) == f"{first} system"


def test_packaged_app_searches_as_usual_with_flags(process: Process) -> None:
    packaged = replace(process, packaged=True)
    assert search_list(packaged, FILE, EXTENSION) == search_list(
        process, FILE, EXTENSION
    )


def test_roles(process: Process) -> None:
    assert [f.role for f in search_list(process, FILE, EXTENSION)] == [
        Role.FILE,
        Role.APPLICATION,
        Role.ADDED,
        Role.ADDED,
        Role.SET,
        Role.SYSTEM,
    ]
    process = replace(process, set_directory="")
    assert [f.role for f in search_list(process, FILE, CLASSIC)] == [
        Role.APPLICATION,
        Role.SYSTEM,
        Role.WINDOWS,
        Role.WINDOWS,
        Role.CURRENT,
        Role.PATH,
        Role.PATH,
    ]


def test_nothing_to_add() -> None:
    process = Process(Disk(), X64, r"C:\Python311", r"C:\System32", r"C:\Windows")
    assert search_list(process, FILE, OF_USER) == ()
    assert Folder("", Role.CURRENT) not in search_list(process, FILE, CLASSIC)


@pytest.mark.parametrize(
    ("flags", "folders"),
    [
        (0, None),
        # libiomp5md.dll of torch has this.
        (0x2000, None),
        (ALTERED_PATH, None),
        (OF_FILE, "file"),
        (OF_SYSTEM, "system"),
        (EXTENSION, "file application newer older set system"),
        (OF_SYSTEM | 0x2000, "system"),
    ],
    ids=lambda value: f"0x{value:04x}" if isinstance(value, int) else "",
)
def test_own_list(process: Process, flags: int, folders: str | None) -> None:
    found = own_list(process, FILE, flags)
    shown = None if found is None else " ".join(NAMES[f.path] for f in found)
    assert shown == folders


_FLAGS = (OF_FILE, OF_APPLICATION, OF_USER, OF_SYSTEM, DEFAULT_FOLDERS)
_FOLDERS = st.sampled_from(["", r"C:\one", r"C:\two"])


@hypothesis.given(
    st.sets(st.sampled_from(_FLAGS), min_size=1),
    st.lists(_FOLDERS.filter(bool), unique=True),
    _FOLDERS,
)
def test_list_of_some_flags_is_part_of_the_whole_in_its_order(
    flags: set[int], added: list[str], set_directory: str
) -> None:
    process = Process(
        Disk(),
        X64,
        r"C:\Python311",
        r"C:\System32",
        r"C:\Windows",
        added=tuple(added),
        path=(r"C:\tools",),
        current=r"C:\work",
        set_directory=set_directory,
    )
    whole = search_list(process, FILE, EXTENSION)
    some = search_list(process, FILE, sum(flags))
    assert some == tuple(folder for folder in whole if folder in some)
    assert all(folder.path for folder in some)
