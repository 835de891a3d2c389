"""Files as Windows sees them, listed and read once."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from dllguard._files._disk import Disk
from dllguard._model import Image, Unreadable
from dllguard._paths import join
from tests.pebuilder import ARM64, X64, write_pe

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = r"C:\Windows\System32"


@pytest.fixture
def catalogued() -> Disk:
    return Disk({SYSTEM: {"KERNEL32.dll": X64, "old.dll": ARM64}})


@pytest.mark.parametrize("asked", ["Mixed.DLL", "mixed.dll", "MIXED.DLL"])
def test_find_is_blind_to_case(tmp_path: Path, asked: str) -> None:
    path = write_pe(tmp_path / "Mixed.DLL")
    assert Disk().find(str(tmp_path), asked) == str(path)
    assert Disk().exists(str(tmp_path / asked))


@pytest.mark.parametrize("name", ["b.dll", "a", "", "folder.dll", "sub/b.dll"])
def test_find_nothing(tmp_path: Path, name: str) -> None:
    write_pe(tmp_path / "a.dll")
    (tmp_path / "folder.dll").mkdir()
    (tmp_path / "sub").mkdir()
    write_pe(tmp_path / "sub" / "b.dll")
    assert Disk().find(str(tmp_path), name) is None


def test_absent_folder_holds_nothing(tmp_path: Path) -> None:
    folder = str(tmp_path / "absent")
    disk = Disk()
    assert disk.find(folder, "a.dll") is None
    assert disk.names(folder) == ()
    assert not disk.exists(join(folder, "a.dll"))


def test_file_in_place_of_a_folder_holds_nothing(tmp_path: Path) -> None:
    assert Disk().names(str(write_pe(tmp_path / "a.dll"))) == ()


def test_unreadable_folder_holds_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    write_pe(folder / "a.dll")
    folder.chmod(0)
    try:
        if os.access(folder, os.R_OK):
            pytest.skip("this user may read every folder (root, or Windows' chmod)")
        assert Disk().names(str(folder)) == ()
    finally:
        folder.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_odd_link_hides_nothing(tmp_path: Path) -> None:
    path = write_pe(tmp_path / "a.dll")
    (tmp_path / "loop.dll").symlink_to("loop.dll")
    disk = Disk()
    assert disk.find(str(tmp_path), "a.dll") == str(path)
    # It exists and cannot be opened, which is what stops the loader.
    loop = disk.find(str(tmp_path), "loop.dll")
    assert loop is not None
    assert isinstance(disk.image(loop), Unreadable)


def test_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pe(tmp_path / "A.dll")
    monkeypatch.chdir(tmp_path)
    assert Disk().find("", "a.dll") == "A.dll"
    assert Disk().exists("a.dll")


def test_file_in_the_root_is_not_sought_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pe(tmp_path / "only-here.dll")
    monkeypatch.chdir(tmp_path)
    assert not Disk().exists("/only-here.dll")


def test_names_are_sorted_without_case(tmp_path: Path) -> None:
    for name in ("b.dll", "A.dll", "C.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "aa").mkdir()
    assert Disk().names(str(tmp_path)) == ("A.dll", "b.dll", "C.txt")


def test_folder_is_listed_once(tmp_path: Path) -> None:
    disk = Disk()
    path = write_pe(tmp_path / "a.dll")
    assert disk.find(str(tmp_path), "b.dll") is None
    path.unlink()
    write_pe(tmp_path / "b.dll")
    assert disk.find(str(tmp_path), "a.dll") == str(path)
    assert disk.find(str(tmp_path), "b.dll") is None
    assert disk.names(str(tmp_path)) == ("a.dll",)
    assert Disk().names(str(tmp_path)) == ("b.dll",)


def test_file_is_read_once(tmp_path: Path) -> None:
    disk = Disk()
    path = write_pe(
        tmp_path / "a.dll", imports={"b.dll": ["x"]}, file_version=(1, 2, 3, 4)
    )
    image, version = disk.image(str(path)), disk.version(str(path))
    imports, exports = disk.imports(str(path)), disk.exports(str(path))
    path.unlink()
    assert image == Image(machine=X64, imports=("b.dll",), linker=(14, 0))
    assert version == (1, 2, 3, 4)
    assert imports == {"b.dll": ("x",)}
    assert exports is not None
    assert disk.image(str(path)) is image
    assert disk.version(str(path)) is version
    assert disk.imports(str(path)) is imports
    assert disk.exports(str(path)) is exports


def test_what_cannot_be_read_is_remembered(tmp_path: Path) -> None:
    disk = Disk()
    path = tmp_path / "a.dll"
    path.write_bytes(b"")
    assert disk.image(str(path)) == Unreadable("is empty")
    assert disk.version(str(path)) is None
    assert disk.imports(str(path)) is None
    write_pe(path, file_version=(1, 2, 3, 4))
    assert disk.image(str(path)) == Unreadable("is empty")
    assert disk.version(str(path)) is None
    assert disk.exports(str(path)) is None


@pytest.mark.parametrize("data", [b"", b"MZ", b"PK\x03\x04" * 100])
def test_symbols_of_no_image(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.dll").write_bytes(data)
    assert Disk().imports(str(tmp_path / "a.dll")) is None
    assert Disk().exports(str(tmp_path / "a.dll")) is None


def test_symbols_of_no_file(tmp_path: Path) -> None:
    assert Disk().imports(str(tmp_path / "a.dll")) is None
    assert Disk().exports(str(tmp_path / "a.dll")) is None


@pytest.mark.parametrize("asked", ["KERNEL32.dll", "kernel32.DLL"])
def test_catalogue_is_found(catalogued: Disk, asked: str) -> None:
    path = catalogued.find(SYSTEM, asked)
    assert path == rf"{SYSTEM}\KERNEL32.dll"
    assert catalogued.exists(rf"{SYSTEM}\{asked}")
    assert catalogued.names(SYSTEM) == ("KERNEL32.dll", "old.dll")
    assert catalogued.find(SYSTEM, "absent.dll") is None


def test_catalogue_has_images_without_files(catalogued: Disk) -> None:
    assert catalogued.image(rf"{SYSTEM}\KERNEL32.dll") == Image(machine=X64)
    assert catalogued.image(rf"{SYSTEM}\old.dll") == Image(machine=ARM64)
    path = rf"{SYSTEM}\KERNEL32.dll"
    assert catalogued.version(path) is None
    assert catalogued.imports(path) is None
    assert catalogued.exports(path) is None


def test_catalogue_covers_its_folders_only(catalogued: Disk, tmp_path: Path) -> None:
    path = str(write_pe(tmp_path / "kernel32.dll", machine=ARM64))
    assert catalogued.is_catalogued(rf"{SYSTEM}\KERNEL32.dll")
    assert not catalogued.is_catalogued(path)
    assert catalogued.image(path) == Image(machine=ARM64, linker=(14, 0))
