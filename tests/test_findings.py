"""What is wrong although every DLL was found: doubles, RECORD."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dllguard._hosts._host import Host
from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import build_pe
from tests.texts import golden, obey
from tests.trees import Tree


def checked(tree: Tree, target: str, host: Host | None = None) -> tuple[Diagnosis, ...]:
    """Return the findings on a target, with `C:` for the folder of the test."""
    found = tree.plain(judge(host or tree.live(), target)).diagnoses
    for diagnosis in found:
        obey(diagnosis)
    return found


def two_hdf5(tree: Tree, first: bytes, second: bytes) -> Host:
    """Install two packages with an hdf5.dll each; the first has loaded its own."""
    files = {"tables/ext.pyd": tree.pe("hdf5.dll"), "tables/hdf5.dll": first}
    tree.install("tables", "3.8", files)
    files = {"h5py/_conv.pyd": tree.pe("hdf5.dll"), "h5py/hdf5.dll": second}
    tree.install("h5py", "3.12", files)
    host = tree.live()
    loaded = {**host.process.loaded, "hdf5.dll": str(tree.site / "tables/hdf5.dll")}
    return replace(host, process=replace(host.process, loaded=loaded))


def test_two_copies_of_one_name(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    first, second = ((1, 12, 2, 0), (1, 14, 4, 0))
    images = [build_pe(file_version=v, exports=["function"]) for v in (first, second)]
    host = two_hdf5(tree, *images)

    (found,) = checked(tree, "h5py", host)

    assert found.code == "conflicting-copies"
    assert found.severity == "warning"
    golden("conflicting-copies", found)


def test_two_copies_of_the_same_bytes(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    image = build_pe(exports=["function"])
    host = two_hdf5(tree, image, image)

    assert checked(tree, "h5py", host) == ()


def test_the_loaded_copy_lacks_what_is_needed(tmp_path: Path) -> None:
    # GDAL before h5py: h5py/h5py#2303.
    tree = Tree(tmp_path)
    host = two_hdf5(tree, build_pe(), build_pe(exports=["function"]))

    found = checked(tree, "h5py", host)[0]

    assert found.code == "conflicting-copies"
    assert found.winerror == 127
    text = golden("conflicting-copies-export", found)
    assert "import h5py before tables" in text


def test_alone_there_is_no_conflict(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    newer = build_pe(exports=["function"], file_version=(1, 14, 4, 0))
    two_hdf5(tree, build_pe(), newer)

    assert checked(tree, "h5py") == ()


def test_the_copy_beside_python_is_right_for_everybody(tmp_path: Path) -> None:
    # torchvision 0.24.0 ships a python311.dll, which is never used.
    tree = Tree(tmp_path)
    files = {
        "shapes/_core.pyd": tree.pe("python311.dll", "VCRUNTIME140.dll"),
        "shapes/python311.dll": build_pe(file_version=(3, 11, 0, 0)),
        "shapes/vcruntime140.dll": build_pe(file_version=(14, 20, 0, 0)),
    }
    tree.install("shapes", "1.0", files)

    assert checked(tree, "shapes") == ()


def test_a_lost_file_that_nothing_needs(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {f"shapes/{name}.dll": tree.pe() for name in "abcde"}
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe(), **files})
    for name in "abcd":
        (tree.site / f"shapes/{name}.dll").unlink()

    (found,) = checked(tree, "shapes")

    assert found.code == "incomplete-installation"
    assert found.severity == "warning"
    assert judge(tree.live(), "shapes").ok
    golden("incomplete-installation-warning", found)


def test_a_changed_file(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {"shapes/_core.pyd": tree.pe("geos.dll"), "shapes/geos.dll": tree.pe()}
    tree.install("shapes", "1.0", files, installer="conda")
    path = tree.site / "shapes/geos.dll"
    path.write_bytes(path.read_bytes() + b"UPX!")

    (found,) = checked(tree, "shapes")

    assert found.code == "changed-installation"
    assert found.severity == "warning"
    golden("changed-installation", found)


def test_what_record_says_is_there(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    info = tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe()})

    assert checked(tree, "shapes") == ()

    # RECORD need not have the case of the disk, nor a size.
    record = (info / "RECORD").read_text().replace("_core.pyd", "_CORE.pyd")
    (info / "RECORD").write_text(record)

    assert checked(tree, "shapes") == ()

    (info / "RECORD").write_text("shapes/_core.pyd,,\n")

    assert checked(tree, "shapes") == ()


def test_a_package_without_record(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.site / "shapes" / "_core.pyd")

    assert checked(tree, "shapes") == ()
