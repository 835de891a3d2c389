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


def test_size_in_any_case_of_the_name(tmp_path: Path) -> None:
    path = write_pe(tmp_path / "Mixed.DLL")

    assert Disk().size(str(tmp_path / "mixed.dll")) == path.stat().st_size
    assert Disk().size(str(tmp_path / "gone.dll")) is None


def test_size_of_a_mere_name_is_not_known(catalogued: Disk) -> None:
    assert catalogued.size(join(SYSTEM, "old.dll")) is None


def test_folders(tmp_path: Path) -> None:
    (tmp_path / "Library" / "bin").mkdir(parents=True)
    write_pe(tmp_path / "Library" / "bin" / "b.dll")
    write_pe(tmp_path / "a.pyd")
    disk = Disk()

    assert disk.is_folder(str(tmp_path / "Library"))
    assert not disk.is_folder(str(tmp_path / "a.pyd"))
    assert disk.is_file(str(tmp_path / "a.pyd"))
    assert disk.subfolder(str(tmp_path), "library") in (
        str(tmp_path / "Library"),
        str(tmp_path / "library"),
    )
    assert disk.subfolder(str(tmp_path), "other") == ""
    assert disk.subfolder("", "Library") == ""
    assert disk.matching(str(tmp_path), "L*/bin") == (str(tmp_path / "Library/bin"),)
    assert list(disk.natives(str(tmp_path))) == [
        str(tmp_path / "a.pyd"),
        str(tmp_path / "Library" / "bin" / "b.dll"),
    ]
    assert disk.changed(str(tmp_path)) == tmp_path.stat().st_mtime_ns
    assert disk.changed(str(tmp_path / "absent")) == 0


def test_answers_are_remembered(tmp_path: Path) -> None:
    path = write_pe(tmp_path / "a.dll", file_version=(1, 2, 3, 4))
    (tmp_path / "a.manifest").write_bytes(b"<assembly/>")
    disk = Disk()
    ask = (
        lambda: disk.size(str(path)),
        lambda: disk.version(str(path)),
        lambda: disk.packing(str(path)),
        lambda: disk.manifest(str(path)),
        lambda: disk.content(str(tmp_path / "a.manifest")),
        lambda: disk.is_folder(str(tmp_path)),
        lambda: disk.matching(str(tmp_path), "*.dll"),
        lambda: disk.same(str(path), str(path)),
    )
    before = [each() for each in ask]
    path.unlink()
    (tmp_path / "a.manifest").unlink()
    tmp_path.rename(tmp_path.with_name("gone"))

    assert [each() for each in ask] == before
    assert all(answer is not None for answer in (before[0], before[1]))


def test_all_at_once_is_what_is_asked_one_by_one(tmp_path: Path) -> None:
    path = str(
        write_pe(
            tmp_path / "a.dll",
            file_version=(1, 2, 3, 4),
            imports={"b.dll": ["f", 7]},
            exports=["g"],
        )
    )
    disk, at_once = Disk(), Disk()

    at_once.read(path)

    assert at_once.version(path) == disk.version(path) == (1, 2, 3, 4)
    assert at_once.imports(path) == disk.imports(path)
    assert at_once.exports(path) == disk.exports(path)
    assert at_once.size(path) == disk.size(path)
    assert at_once.packing(path) == disk.packing(path)
    assert at_once.image(path) == disk.image(path)


def test_damaged_file_is_read_at_once_too(tmp_path: Path) -> None:
    path = tmp_path / "a.dll"
    path.write_bytes(b"MZ")
    disk = Disk()

    disk.read(str(path))

    assert disk.version(str(path)) is None
    assert disk.exports(str(path)) is None
    assert disk.size(str(path)) == 2
