"""A symbol that the copy which wins does not export."""

from __future__ import annotations

from pathlib import Path

import pytest

import dllguard._causes._exports
from dllguard._judge import Rules, judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import X86, build_pe
from tests.snapshots import again, told
from tests.texts import golden, obey
from tests.trees import Tree

DECORATED = "?get_warnAlways@Warning@c10@@YA_NXZ"


@pytest.fixture(autouse=True)
def _one_reader_of_decorated_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether one is installed differs from machine to machine."""
    readable = {DECORATED: "c10::Warning::get_warnAlways"}
    monkeypatch.setattr(dllguard._causes._exports, "undecorated", readable.get)


def checked(tree: Tree, target: str, *added: Path) -> Diagnosis:
    """Return the one finding on a target, with `C:` for the folder of the test."""
    result = tree.plain(judge(tree.live(*added), target))
    (found,) = result.diagnoses
    obey(found)
    return found


def test_by_name(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    wanted = {"hdf5.dll": ["H5open", "H5Pset_dxpl_mpio", "H5Zfilter"]}
    files = {
        "h5py/_conv.pyd": build_pe(imports=wanted),
        "h5py/hdf5.dll": build_pe(exports=["H5open"]),
    }
    tree.install("h5py", "3.12.0", files)

    found = checked(tree, "h5py")

    assert found.code == "missing-export"
    assert found.winerror == 127
    assert found.missing == ("H5Pset_dxpl_mpio", "H5Zfilter")
    golden("missing-export", found)


def test_by_ordinal(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {
        "np/_mkl.pyd": build_pe(imports={"libiomp5md.dll": [7, 8]}),
        "np/libiomp5md.dll": build_pe(ordinal_exports=[8]),
    }
    tree.install("np", "1.0", files)

    found = checked(tree, "np")

    assert found.code == "missing-export"
    assert found.winerror == 182
    assert found.missing == ("#7",)
    golden("missing-export-by-ordinal", found)


def test_everything_is_exported(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {
        "np/_a.pyd": build_pe(imports={"b.dll": ["f", "g", 8]}),
        "np/b.dll": build_pe(
            exports=["f"], ordinal_exports=[8], forwarders={"g": "KERNEL32.function"}
        ),
    }
    tree.install("np", "1.0", files)

    assert judge(tree.live(), "np").diagnoses == ()


def test_symbols_are_compared_unless_they_shall_not(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {
        "np/_a.pyd": build_pe(imports={"b.dll": ["f"]}),
        "np/b.dll": build_pe(exports=["g"]),
    }
    tree.install("np", "1.0", files)

    assert not judge(tree.live(), "np").ok
    assert judge(tree.live(), "np", Rules(symbols=False)).ok


def test_a_file_of_no_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    own = tmp_path / "own"
    tree.write(own / "b.dll", exports=["g"])
    path = tree.write(own / "a.dll", imports={"b.dll": ["f"]})

    (found,) = tree.plain(judge(tree.live(), str(path))).diagnoses

    obey(found)
    assert found.code == "missing-export"
    assert "usually means" in (found.note or "")


def vision(
    tree: Tree, *exports: str, torch: str = "2.9.0", wants: str = "2.4.0"
) -> None:
    """Install torch, and a torchvision whose metadata wants some other."""
    files = {"torch/lib/c10.dll": build_pe(exports=exports)}
    tree.install("torch", torch, files)
    extension = build_pe(imports={"c10.dll": [DECORATED, "?other@c10@@YAXXZ"]})
    tree.install(
        "torchvision",
        "0.19.0",
        {"torchvision/_C.pyd": extension},
        requires=[f"torch (=={wants})", "numpy; extra == 'io'"],
    )


def test_metadata_and_symbols(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    vision(tree, "?something@c10@@YAXXZ", torch="2.9.0+cu128")
    tree.install("torchaudio", "2.4.0", {"torchaudio/__init__.py": b""})

    # Without `symbols`: the metadata gives reason enough to compare them.
    (found,) = tree.plain(judge(tree.live(), "torchvision")).diagnoses

    assert found.code == "version-mismatch"
    assert found.severity == "error"
    assert found.winerror == 127
    text = golden("version-mismatch", found)
    assert text.startswith("torchvision 0.19.0 needs torch 2.4.0, found torch 2.9.0")
    assert '"torch==2.9.0+cu128" torchvision torchaudio\n' in text
    assert '"torchvision==0.19.0" torch torchaudio\n' in text


def test_metadata_alone_is_a_warning(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    vision(tree, DECORATED, "?other@c10@@YAXXZ")

    found = checked(tree, "torchvision")

    assert found.code == "version-mismatch"
    assert found.severity == "warning"
    assert found.chain == ()
    golden("version-mismatch-warning", found)


def test_a_pair_that_fits(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    vision(tree, DECORATED, "?other@c10@@YAXXZ", torch="2.4.0+cpu")

    assert judge(tree.live(), "torchvision").diagnoses == ()


def test_a_pair_that_the_metadata_allows_is_no_proven_mismatch(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    vision(tree, "?something@c10@@YAXXZ", torch="2.4.0")

    found = checked(tree, "torchvision")

    assert found.code == "missing-export"
    assert "usually means that torchvision was built for another release" in (
        found.note or ""
    )


def test_a_pair_without_a_known_bond(tmp_path: Path) -> None:
    # That one is compiled against one release of the other is known of few.
    tree = Tree(tmp_path)
    tree.install("qt6", "6.9.0", {"qt6/Qt6Core.dll": build_pe(exports=["a"])})
    tree.install(
        "binding",
        "6.5.0",
        {"qt6/QtCore.pyd": build_pe(imports={"Qt6Core.dll": ["b"]})},
        requires=["qt6<6.6"],
    )

    found = checked(tree, "binding")

    assert found.code == "version-mismatch"
    assert "compiled against" not in str(found)
    assert r"(C:\Python311\Lib\site-packages\qt6)" in (found.found or "")


def test_the_wrong_copy_comes_first(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {"win32/win32api.pyd": build_pe(imports={"pywintypes311.dll": ["new"]})}
    tree.install("pywin32", "311", files)
    tree.write(tree.python / "pywintypes311.dll", exports=["old"])
    good = tmp_path / "pywin32_system32"
    tree.write(
        good / "pywintypes311.dll", exports=["new"], file_version=(3, 11, 311, 0)
    )

    found = checked(tree, "pywin32", good)

    assert found.code == "shadowed-dll"
    golden("shadowed-dll-export", found)


@pytest.mark.parametrize("later", ["other machine", "lacks it too", "none"])
def test_no_later_copy_is_right(tmp_path: Path, later: str) -> None:
    tree = Tree(tmp_path)
    files = {"win32/win32api.pyd": build_pe(imports={"pywintypes311.dll": ["new"]})}
    tree.install("pywin32", "311", files)
    tree.write(tree.python / "pywintypes311.dll", exports=["old"])
    folder = tmp_path / "later"
    folder.mkdir()
    if later != "none":
        machine = X86 if later == "other machine" else tree.machine
        exports = ["new"] if later == "other machine" else ["old"]
        tree.write(folder / "pywintypes311.dll", machine=machine, exports=exports)

    assert checked(tree, "pywin32", folder).code == "missing-export"


def test_an_ordinal_is_looked_for_in_later_copies(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("np", "1.0", {"np/_a.pyd": build_pe(imports={"mkl.dll": [7]})})
    tree.write(tree.python / "mkl.dll", exports=(), ordinal_exports=[1])
    later = tmp_path / "later"
    tree.write(later / "mkl.dll", exports=(), ordinal_exports=[2])

    assert checked(tree, "np", later).code == "missing-export"

    tree.write(later / "mkl.dll", exports=(), ordinal_exports=[7])

    assert checked(tree, "np", later).code == "shadowed-dll"


def old_vcruntime(tree: Tree) -> None:
    """Give Python a vcruntime140.dll that lacks what an extension imports."""
    tree.write(
        tree.python / "vcruntime140.dll",
        exports=["memcpy"],
        file_version=(14, 16, 27033, 0),
    )
    wanted = {"VCRUNTIME140.dll": ["memcpy", "__std_type_info_hash"]}
    extension = build_pe(imports=wanted, linker=(14, 44))
    tree.install("shapes", "1.0", {"shapes/_core.pyd": extension})


def test_python_has_an_old_vcruntime(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    old_vcruntime(tree)

    found = checked(tree, "shapes")

    assert found.code == "vc-runtime-too-old"
    assert found.winerror == 127
    text = golden("vc-runtime-too-old-export", found)
    # Python's own copy wins, so that one in System32 would change nothing.
    assert "winget" not in text
    assert "install the newest Python 3.11" in text


def test_conda_renews_its_own_vcruntime(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.python / "conda-meta").mkdir()
    old_vcruntime(tree)

    found = checked(tree, "shapes")

    assert found.help[0].commands == ("conda install -c conda-forge vc14_runtime",)


def test_a_newer_vcruntime_in_system32_comes_too_late(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    old_vcruntime(tree)
    tree.write(
        tree.system / "vcruntime140.dll",
        exports=["memcpy", "__std_type_info_hash"],
        file_version=(14, 44, 35211, 0),
    )

    found = checked(tree, "shapes")

    assert found.code == "shadowed-dll"
    assert "install the newest Python 3.11" in str(found)


def test_the_first_copy_belongs_to_a_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {"win32/win32api.pyd": build_pe(imports={"pywintypes311.dll": ["new"]})}
    tree.install("pywin32", "311", files)
    tree.install("old", "1.0", {"old/pywintypes311.dll": build_pe(exports=["old"])})
    tree.write(tree.python / "later" / "pywintypes311.dll", exports=["new"])

    found = checked(tree, "pywin32", tree.site / "old", tree.python / "later")

    assert found.code == "shadowed-dll"
    assert "update old, which brought the first copy" in str(found)


def test_a_runtime_that_lacks_a_function_though_its_version_would_do(
    tmp_path: Path,
) -> None:
    tree = Tree(tmp_path, vcruntime=(14, 41, 0, 0))
    image = build_pe(imports={"VCRUNTIME140.dll": ["newest"]}, linker=(14, 44))
    tree.install("shapes", "1.0", {"shapes/_core.pyd": image})
    tree.write(
        tree.python / "vcruntime140.dll", exports=["f"], file_version=(14, 41, 0, 0)
    )

    found = checked(tree, "shapes")

    assert found.code == "vc-runtime-too-old"
    # Nothing but the function tells: 14.41 serves toolset 14.44 mostly.
    assert "too old" not in found.headline
    assert "or newer" not in (found.wanted or "")
    assert "usually" in (found.note or "")


def test_the_redistributable_lacks_a_function(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    wanted = {"MSVCP140.dll": ["newest"], "KERNEL32.dll": ["function"]}
    image = build_pe(imports=wanted, linker=(14, 44))
    tree.install("shapes", "1.0", {"shapes/_core.pyd": image})

    found = checked(tree, "shapes")

    assert found.code == "vc-runtime-too-old"
    assert found.winerror == 127
    assert "VCRedist.2015+.x64" in str(found)


@pytest.mark.parametrize(
    "target", ["#" + "9" * 5000, "#", "#-7"], ids=["long", "none", "sign"]
)
def test_an_ordinal_that_is_none_leads_nowhere(tmp_path: Path, target: str) -> None:
    tree = Tree(tmp_path)
    files = {
        "p/a.pyd": tree.pe("b.dll"),
        "p/b.dll": build_pe(forwarders={"function": f"c.{target}"}),
        "p/c.dll": build_pe(ordinal_exports=[7]),
    }
    tree.install("p", "1", files)

    found = checked(tree, "p")

    assert found.headline == "a forwarder of b.dll that p's a.pyd needs leads nowhere"
    assert told(again(tree.live()), "p") == told(tree.live(), "p")
