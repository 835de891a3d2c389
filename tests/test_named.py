"""DLLs that others load by name: a wrong copy is told, a right one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import build_pe
from tests.reports import RUNTIME_SET
from tests.texts import obey
from tests.trees import Tree


def checked(tree: Tree, *, own: bool = True) -> list[Diagnosis]:
    """Check a numpy that uses the MKL beside it, which is not on PATH."""
    files = {
        "numpy/_core.pyd": build_pe(imports={"mkl_rt.2.dll": ["function"]}),
        "numpy/mkl_rt.2.dll": build_pe(exports=["function"]),
    }
    if own:
        files["numpy/mkl_core.2.dll"] = build_pe(ordinal_exports=[7])
        files["numpy/mkl_intel_thread.2.dll"] = build_pe(
            imports={"mkl_core.2.dll": [7]}, exports=["function"]
        )
    tree.install("numpy", "2.0", files)
    result = tree.plain(judge(tree.live(), "numpy"))
    for found in result.diagnoses:
        obey(found)
    return list(result.diagnoses)


def test_none_is_found(tmp_path: Path) -> None:
    # With MKL's folder on PATH it would be, which is no matter of the files.
    assert checked(Tree(tmp_path)) == []


@pytest.mark.parametrize("ordinal", [7, 8], ids=["fits", "does-not"])
def test_one_in_system32(tmp_path: Path, ordinal: int) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.system / "mkl_core.2.dll", exports=(), ordinal_exports=[7])
    wanted = {"mkl_core.2.dll": [ordinal]}
    tree.write(tree.system / "mkl_intel_thread.2.dll", imports=wanted)

    found = checked(tree)

    assert [d.winerror for d in found] == [182] * (ordinal == 8)


def test_a_damaged_one_in_system32(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.system / "mkl_core.2.dll").write_bytes(b"MZ")

    (found,) = checked(tree)

    assert found.code == "unreadable-dll"
    assert [link.name for link in found.chain] == ["mkl_rt.2.dll", "mkl_core.2.dll"]


def test_who_has_none_of_its_own_does_without(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.system / "mkl_core.2.dll").write_bytes(b"MZ")

    assert checked(tree, own=False) == []


def test_it_is_told_once_and_only_of_loads_that_come_so_far(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.system / "mkl_core.2.dll").write_bytes(b"MZ")
    user = build_pe(imports={"mkl_rt.2.dll": ["function"]})
    files = {
        "scipy/one.pyd": user,
        "scipy/mkl_rt.2.dll": build_pe(exports=["function"]),
    }
    files["scipy/two.pyd"] = build_pe(imports={"mkl_rt.2.dll": [], "absent.dll": ["x"]})
    files["scipy/mkl_core.2.dll"] = build_pe()
    tree.install("scipy", "1.0", files)
    result = judge(tree.live(), "scipy")

    assert sorted(found.code for found in result.diagnoses) == [
        "missing-dll",
        "unreadable-dll",
    ]
    found = checked(tree)
    assert [d.code for d in found] == ["unreadable-dll"]


def test_the_copy_that_is_loaded_already_answers(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.system / "mkl_core.2.dll").write_bytes(b"MZ")
    wanted: dict[str, list[str | int]] = {"mkl_rt.2.dll": [], "mkl_core.2.dll": []}
    files = {
        "scipy/one.pyd": build_pe(imports=wanted),
        "scipy/mkl_rt.2.dll": build_pe(),
        "scipy/mkl_core.2.dll": build_pe(),
    }
    tree.install("scipy", "1.0", files)

    assert judge(tree.live(), "scipy").diagnoses == ()


def test_what_a_strange_one_imports_from_an_api_set_is_not_counted(
    tmp_path: Path,
) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.system / "mkl_core.2.dll", imports={RUNTIME_SET: ["unheard"]})

    assert checked(tree) == []
