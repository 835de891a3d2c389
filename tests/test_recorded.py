"""Files of another machine: what a snapshot knows, and nothing of this one."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dllguard._files._disk import Disk
from dllguard._files._known import Known, Memory
from dllguard._files._recorded import Recorded
from dllguard._loader._loads import Call, make
from dllguard._loader._process import Process
from dllguard._model import Image, Load, Unreadable
from dllguard._snapshots._fields import Fields
from dllguard._snapshots._file_text import read_files, written_files
from dllguard._snapshots._kept import kept
from tests.pebuilder import ARM64, X64, build_pe, write_pe
from tests.planted_trees import TREES
from tests.planting import Planted, _after
from tests.trees import Tree
from tests.wine_differences import DIFFERENCES

SYSTEM = r"C:\Windows\System32"
SITE = r"C:\Python\Lib\site-packages"
PLANTINGS = {**TREES, **{title: d.planting for title, d in DIFFERENCES.items()}}


def disk_of(memory: Memory, machine: int = X64) -> Disk:
    return Disk(volume=Recorded(memory, machine))


@pytest.fixture
def known() -> Disk:
    """Return a disk that knows two folders."""
    kernel = Known(Image(machine=ARM64), (10, 0, 1, 2), 7)
    files = {
        SYSTEM: {"KERNEL32.dll": kernel, "late.dll": Known()},
        rf"{SITE}\a\b": {"c.pyd": Known(Image(machine=X64))},
    }
    same = {(rf"{SYSTEM}\late.dll", rf"{SITE}\late.dll"): False}
    return disk_of(Memory(files, frozenset([rf"{SITE}\pure"]), {}, same))


def read_again(disk: Disk, host: Any) -> Disk:
    """Return what a snapshot knows of a disk, through its text."""
    data = written_files(kept(disk.memory(), host))
    return disk_of(read_files(Fields(json.loads(json.dumps(data)))))


@pytest.mark.parametrize(
    "folder", [SYSTEM, SYSTEM.lower(), SYSTEM.replace("\\", "/"), f"{SYSTEM}\\"]
)
def test_folder_is_found_however_it_is_written(known: Disk, folder: str) -> None:
    found = known.find(folder, "kernel32.DLL")

    assert found is not None
    assert known.version(found) == (10, 0, 1, 2)
    assert known.size(found) == 7
    assert known.image(found) == Image(machine=ARM64)


def test_of_a_mere_name_the_machine_is_taken_for_granted(known: Disk) -> None:
    assert known.image(rf"{SYSTEM}\late.dll") == Image(machine=X64)
    assert known.version(rf"{SYSTEM}\late.dll") is None
    assert known.exports(rf"{SYSTEM}\late.dll") is None


def test_folders_above_exist_too(known: Disk) -> None:
    assert known.is_folder(rf"{SITE}\A")
    assert known.is_folder(rf"{SITE}\pure")
    assert not known.is_folder(rf"{SITE}\other")
    assert known.subfolder(SITE, "PURE") == rf"{SITE}\PURE"
    assert known.subfolder(SITE, "other") == ""
    assert list(known.natives(r"C:\Python")) == [rf"{SITE}\a\b\c.pyd"]


def test_nothing_of_this_machine_is_looked_at(known: Disk, tmp_path: Path) -> None:
    path = str(write_pe(tmp_path / "a.dll"))

    assert known.find(str(tmp_path), "a.dll") is None
    assert known.names(str(tmp_path)) == ()
    assert not known.is_folder(str(tmp_path))
    assert list(known.natives(str(tmp_path))) == []
    assert known.matching(str(tmp_path), "*") == ()
    assert isinstance(known.image(path), Unreadable)


def test_what_was_opened_is_of_this_machine(known: Disk, tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    path = str(write_pe(tmp_path / "in" / "deep" / "a.dll", machine=ARM64))
    beside = str(write_pe(tmp_path / "inner.dll"))

    opened = known.opened(str(tmp_path / "in"))

    assert opened.exists(path)
    assert opened.image(path) == Disk().image(path)
    assert list(opened.natives(str(tmp_path / "in"))) == [path]
    assert opened.find(SYSTEM, "kernel32.dll")
    assert not opened.exists(beside)
    assert opened.opened(str(tmp_path / "in" / "deep")) is opened
    assert opened.subfolder(str(tmp_path / "in"), "deep") == str(tmp_path / "in/deep")
    assert opened.matching(str(tmp_path / "in"), "d*") == (str(tmp_path / "in/deep"),)
    copy = str(write_pe(tmp_path / "in" / "b.dll", machine=ARM64))
    other = str(write_pe(tmp_path / "in" / "c.dll", machine=ARM64, exports=["x"]))
    assert opened.same(path, copy)
    assert not opened.same(path, other)
    assert not known.exists(path)


def test_disk_of_this_machine_needs_no_opening(tmp_path: Path) -> None:
    disk = Disk()

    assert disk.opened(str(tmp_path)) is disk


def test_in_doubt_two_files_are_the_same(known: Disk, tmp_path: Path) -> None:
    late, own = rf"{SYSTEM}\late.dll", str(write_pe(tmp_path / "late.dll"))

    assert not known.same(rf"{SITE}\LATE.dll", late)
    assert known.same(late, rf"{SYSTEM}\kernel32.dll")
    assert not known.opened(str(tmp_path)).same(own, rf"{SYSTEM}\kernel32.dll")


def test_all_that_is_known_may_be_asked_for(known: Disk) -> None:
    path = rf"{SYSTEM}\KERNEL32.dll"

    known.read(path)

    assert known.version(path) == (10, 0, 1, 2)
    assert known.imports(path) is None


def test_full_path_is_that_of_the_snapshot_if_it_has_one(known: Disk) -> None:
    asked = "c:/windows/system32/KERNEL32.DLL"

    assert known.full(asked) == r"c:\windows\system32\KERNEL32.dll"
    assert known.full("x.dll") == str(Path("x.dll").absolute())


def test_pickles(known: Disk) -> None:
    again = pickle.loads(pickle.dumps(known))

    assert again.names(SYSTEM) == ("KERNEL32.dll", "late.dll")


def test_file_that_is_gone_is_not_made_up(tree: Tree) -> None:
    host = tree.host()
    disk, gone = host.process.disk, str(tree.system / "gone.dll")
    disk.size(gone)
    disk.image(gone)
    disk.version(str(tree.root / "nowhere" / "gone.dll"))

    again = read_again(disk, host)

    assert not again.exists(gone)
    assert not again.is_folder(str(tree.root / "nowhere"))


def test_names_that_no_loader_looks_for_are_left_out(tree: Tree) -> None:
    for name in ("diary.docx", "tax.py", "tool.dll", "Odd.Name"):
        tree.write(tree.root / "mine" / name)
    tree.write(tree.root / "secret" / "notes.txt")
    importer = tree.write(tree.site / "x.pyd", imports={"odd.name": ["f"]})
    host = tree.host()
    disk = host.process.disk
    for folder in ("mine", "secret"):
        disk.names(str(tree.root / folder))
    disk.image(str(importer))
    disk.names(str(tree.site))

    text = json.dumps(written_files(kept(disk.memory(), host)))

    assert "tool.dll" in text
    assert "Odd.Name" in text
    for private in ("diary", "tax.py", "notes", "secret"):
        assert private not in text


def test_exports_are_those_that_somebody_asks_for(tree: Tree) -> None:
    exports = [f"unused{n}" for n in range(2000)]
    provider = tree.site / "big.dll"
    provider.write_bytes(build_pe(exports=[*exports, "f"], forwarders={"g": "to.h"}))
    (tree.site / "to.dll").write_bytes(build_pe(exports=["other"]))
    importer = tree.site / "a.pyd"
    importer.write_bytes(build_pe(imports={"BIG.dll": ["f", "g", "lacking", 9000]}))
    disk = tree.host().process.disk
    for path in (provider, importer, tree.site / "to.dll"):
        assert disk.exists(str(path))
        disk.exports(str(path))

    data = written_files(kept(disk.memory(), tree.host()))
    again = disk_of(read_files(Fields(data)))

    assert "unused1" not in json.dumps(data)
    found = again.exports(str(provider))
    assert found is not None
    assert "f" in found
    assert "g" in found
    assert "lacking" not in found
    assert 9000 not in found
    assert found.forwarder("g") == "to.h"
    # What nobody asked for is not known to be absent.
    assert "nobody" in found
    led_to = again.exports(str(tree.site / "to.dll"))
    assert led_to is not None
    assert "h" not in led_to
    assert again.imports(str(importer)) == disk.imports(str(importer))


def test_exports_of_a_runtime_are_whole(tree: Tree) -> None:
    path = tree.write(
        tree.system / "msvcp140.dll",
        exports=["first", "second"],
        ordinal_exports=[40, 41],
        forwarders={"third": "other.third"},
    )
    host = tree.host()
    host.process.disk.exports(str(path))
    host.process.disk.find(str(tree.system), "msvcp140.dll")

    again = read_again(host.process.disk, host).exports(str(path))

    before = host.process.disk.exports(str(path))
    assert again is not None
    assert before is not None
    assert again.names == before.names
    assert again.ordinals == before.ordinals
    assert again.forwarders == before.forwarders
    assert "fourth" not in again
    assert 42 not in again


@pytest.mark.parametrize("title", list(PLANTINGS))
def test_same_loads_out_of_a_snapshot(title: str, tmp_path: Path) -> None:
    """Each tree that both loaders judge comes to the same without its files."""
    tree = Tree(tmp_path)
    bench = SimpleNamespace(
        python_dir=tree.python, system32=tree.system, windows_dir=tree.windows
    )
    judge: Any = SimpleNamespace(bench=bench)
    planted = Planted(PLANTINGS[title], judge, tmp_path / "plant", "w-")
    process = planted.process()
    want = list(loads(planted, process))
    host = dataclasses.replace(tree.host(), process=process)
    disk = read_again(process.disk, host)
    (tmp_path / "plant").rename(tmp_path / "gone")
    (tree.windows).rename(tmp_path / "away")

    got = list(loads(planted, dataclasses.replace(process, disk=disk)))

    assert got == want


def loads(planted: Planted, process: Process) -> Iterator[Load]:
    calls = (*planted.planting.first, (planted.planting.asked, planted.planting.flags))
    for file, flags in calls:
        load = make(Call(str(planted.asked(file)), flags), process, symbols=True)
        yield load
        process = _after(load, process)
