"""A loaded DLL that answers for another: who brought it, which order works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dllguard._hosts._host import Host
from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import build_pe
from tests.texts import obey
from tests.trees import Tree


def with_loaded(host: Host, loaded: Mapping[str, Path]) -> Host:
    """Return a host whose process has loaded files before."""
    paths = {name: str(path) for name, path in loaded.items()}
    modules = {**host.process.loaded, **paths}
    return replace(host, process=replace(host.process, loaded=modules))


def h5py(tree: Tree, *exports: str) -> None:
    """Install an h5py, whose own hdf5.dll exports what it needs and more."""
    own = build_pe(exports=["H5open", *exports])
    wanted = build_pe(imports={"hdf5.dll": ["H5open"]})
    files = {"h5py/_conv.pyd": wanted, "h5py/hdf5.dll": own}
    tree.install("h5py", "3.12", files)


def told(tree: Tree, loaded: Mapping[str, Path]) -> Diagnosis:
    """Return the first thing that is said of h5py."""
    host = with_loaded(tree.live(), loaded)
    found = tree.plain(judge(host, "h5py")).diagnoses[0]
    obey(found)
    assert found.code == "conflicting-copies"
    return found


def test_the_module_that_brought_it_is_known_by_who_uses_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    h5py(tree, "H5close")
    other = tmp_path / "GDAL"
    dll = tree.write(other / "hdf5.dll", exports=["H5close"])
    module = tree.write(
        tree.site / "osgeo" / "_gdal.pyd", imports={"hdf5.dll": ["H5close"]}
    )

    found = told(tree, {"hdf5.dll": dll, "_gdal.pyd": module})

    assert found.help[0].commands == ("import h5py", "import osgeo")
    assert r"the folder C:\GDAL" in (found.note or "")


def test_neither_order_works(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    h5py(tree)
    dll = tree.write(tmp_path / "GDAL" / "hdf5.dll", exports=["H5close"])
    user = tree.write(
        tmp_path / "GDAL" / "gdal.dll", imports={"hdf5.dll": ["H5close", 7]}
    )

    found = told(tree, {"hdf5.dll": dll, "gdal.dll": user})

    assert "gdal.dll would lack H5close" in (found.note or "")
    assert "another order of imports" in found.will_not_help
    assert not any("import" in c for remedy in found.help[:2] for c in remedy.commands)


def test_two_packages_of_which_neither_comes_first(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    h5py(tree)
    files = {
        "tables/ext.pyd": build_pe(imports={"hdf5.dll": ["H5close"]}),
        "tables/hdf5.dll": build_pe(exports=["H5close"]),
    }
    tree.install("tables", "3.8", files)
    loaded = {
        "hdf5.dll": tree.site / "tables/hdf5.dll",
        "ext.pyd": tree.site / "tables/ext.pyd",
    }

    found = told(tree, loaded)

    assert found.help[0].text.startswith("update tables")
    assert "process of its own" in found.help[1].text


def test_a_copy_that_would_not_do_either(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    h5py(tree)
    (tree.site / "h5py" / "hdf5.dll").write_bytes(build_pe(exports=["other"]))
    dll = tree.write(tmp_path / "GDAL" / "hdf5.dll", exports=["H5close"])

    host = with_loaded(tree.live(), {"hdf5.dll": dll})
    found = judge(host, "h5py").diagnoses[0]

    assert found.code == "missing-export"
