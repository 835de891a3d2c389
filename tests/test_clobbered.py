"""A file that two packages list: whose it is, and what tells it from a missing one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dllguard._explain import explain_failure
from dllguard._failure import recognise
from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import build_pe
from tests.texts import obey
from tests.trees import Tree


def torch(tree: Tree, *exports: int, openmp: str = "libiomp5md.dll") -> None:
    """Install a torch whose fbgemm.dll wants an OpenMP runtime by ordinal."""
    files = {
        "torch/__init__.py": b"",
        "torch/lib/fbgemm.dll": build_pe(imports={openmp: [7]}),
    }
    tree.install("torch", "2.4.1", files)
    path = tree.python / "Library" / "bin" / "libiomp5md.dll"
    tree.write(path, exports=(), ordinal_exports=exports)


def conda(tree: Tree, name: str, version: str, *depends: str, size: int = 0) -> None:
    """Let conda list the runtime as a file of a package."""
    file = "Library/bin/libiomp5md.dll"
    record = {
        "name": name,
        "version": version,
        "files": [] if depends else [file],
        "depends": depends,
        "paths_data": {"paths": [{"_path": file, "size_in_bytes": size}]},
    }
    path = tree.python / "conda-meta" / f"{name}-{version}-0.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record))


def explained(tree: Tree, code: int) -> Diagnosis:
    """Explain what torch says of its fbgemm.dll."""
    path = tree.site / "torch" / "lib" / "fbgemm.dll"
    error = OSError(f'Error loading "{path}" or one of its dependencies.')
    error.winerror = code  # type: ignore[attr-defined,unused-ignore]
    failure = recognise(error, "torch")
    assert failure is not None
    host = tree.live(tree.python / "Library" / "bin")
    found = explain_failure(failure, host)
    assert found is not None
    found = tree.plain(found)
    obey(found)
    return found


def test_two_faults_of_one_exception_text_are_told_apart(tmp_path: Path) -> None:
    missing, clobbered = Tree(tmp_path / "a"), Tree(tmp_path / "b")
    torch(missing, 1, openmp="libomp140.x86_64.dll")
    torch(clobbered, 1)
    conda(clobbered, "intel-openmp", "2024.2.1")
    conda(clobbered, "llvm-openmp", "18.1.8")
    conda(clobbered, "torch", "2.4.1", "intel-openmp")

    first, second = explained(missing, 126), explained(clobbered, 182)

    assert first.code == "missing-build-tools-runtime"
    assert first.culprit == "libomp140.x86_64.dll"
    assert second.code == "clobbered-file"
    assert "of intel-openmp was overwritten by llvm-openmp" in second.headline
    assert "BuildTools" not in str(second)


def test_sizes_decide_where_requirements_do_not(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    torch(tree, 1)
    path = tree.python / "Library" / "bin" / "libiomp5md.dll"
    conda(tree, "intel-openmp", "2024.2.1", size=1)
    conda(tree, "llvm-openmp", "18.1.8", size=path.stat().st_size)

    found = explained(tree, 182)

    assert "of intel-openmp was overwritten by llvm-openmp" in found.headline


def test_nothing_decides(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    torch(tree, 1)
    conda(tree, "intel-openmp", "2024.2.1")
    conda(tree, "llvm-openmp", "18.1.8")

    found = explained(tree, 182)

    assert found.headline == "libiomp5md.dll belongs to intel-openmp and to llvm-openmp"
    assert [r.text.startswith("or ") for r in found.help[:2]] == [False, True]


def test_one_owner_is_no_clobbered_file(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    torch(tree, 1)
    conda(tree, "intel-openmp", "2024.2.1")

    assert explained(tree, 182).code != "clobbered-file"


@pytest.mark.parametrize("fits", [True, False], ids=["warning", "error"])
def test_pip_has_two_owners(tmp_path: Path, fits: bool) -> None:
    tree = Tree(tmp_path)
    image = build_pe(imports={"cv2core.dll": ["f"]})
    ours = build_pe(exports=["f", "g"])
    theirs = build_pe(exports=["f"] if fits else ["h"], sections={".more": b"\0" * 999})
    files = {"cv2/cv2.pyd": image, "cv2/cv2core.dll": ours}
    tree.install("opencv-python", "4.10", {"cv2/__init__.py": b"", **files})
    tree.install("opencv-python-headless", "4.10", {"cv2/cv2core.dll": theirs})

    found = tree.plain(judge(tree.live(), "opencv-python")).diagnoses[0]

    obey(found)
    assert found.code == "clobbered-file"
    assert found.severity == ("warning" if fits else "error")
    assert (
        "of opencv-python was overwritten by opencv-python-headless" in found.headline
    )
    commands = [command for remedy in found.help for command in remedy.commands]
    assert commands[0].endswith("pip uninstall opencv-python-headless")
    assert "--force-reinstall" in commands[1]
