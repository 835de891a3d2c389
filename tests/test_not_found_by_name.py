"""What is asked for by name and is nowhere: a warning, and only where it is of use."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._judge import judge
from dllguard._tables._loaded_by_name import BY_FILE
from dllguard._verdict import Diagnosis
from tests.pebuilder import X86
from tests.texts import obey
from tests.trees import Tree


def found_in(tree: Tree, target: str, *path: Path) -> tuple[Diagnosis, ...]:
    """Return what is found, with `C:` for the folder of the test."""
    result = tree.plain(judge(tree.live(path=list(path)), target))
    for diagnosis in result.diagnoses:
        obey(diagnosis)
        assert diagnosis.severity == "warning"
    assert result.ok
    return result.diagnoses


def with_cudnn(tree: Tree, *others: str, driver: bool = True) -> None:
    """Install a package that brings cuDNN 9, with some of its parts."""
    files = {
        "shapes/_core.pyd": tree.pe("cudnn64_9.dll"),
        "shapes/cudnn64_9.dll": tree.pe(),
        **{f"shapes/{name}": tree.pe() for name in others},
    }
    tree.install("shapes", "1.0", files)
    if driver:
        tree.write(tree.system / "nvcuda.dll")


def test_a_part_of_cudnn(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    names = BY_FILE["cudnn64_9.dll"]
    with_cudnn(tree, *names[1:])

    (found,) = found_in(tree, "shapes")

    assert (found.code, found.culprit) == ("missing-product", names[0])
    assert [link.name for link in found.chain] == ["cudnn64_9.dll", names[0]]
    assert "once it is used" in found.summary


def test_all_of_cudnn(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    with_cudnn(tree, *BY_FILE["cudnn64_9.dll"])

    assert found_in(tree, "shapes") == ()


def test_nobody_uses_it_without_a_driver(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    with_cudnn(tree, driver=False)

    assert found_in(tree, "shapes") == ()


def test_path_counts(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    with_cudnn(tree)
    for name in BY_FILE["cudnn64_9.dll"]:
        tree.write(tmp_path / "CUDNN" / name)

    assert found_in(tree, "shapes", tmp_path / "CUDNN") == ()


def test_one_of_several_names_is_enough(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("python-magic", "0.4.27", {"magic.py": b""})

    (found,) = found_in(tree, "magic")
    tree.write(tmp_path / "Git" / "msys-magic-1.dll")

    assert found.culprit == "libmagic.dll"
    assert found_in(tree, "magic", tmp_path / "Git") == ()


def test_another_distribution_brings_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("psycopg", "3.2.3", {"psycopg/__init__.py": b""})

    (found,) = found_in(tree, "psycopg")
    tree.install("psycopg-binary", "3.2.3", {"psycopg_binary/__init__.py": b""})

    assert found.culprit == "libpq.dll"
    assert found_in(tree, "psycopg") == ()


def test_a_copy_for_another_architecture(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("python-vlc", "3.0.20123", {"vlc.py": b""})
    tree.write(tmp_path / "VLC" / "libvlc.dll", machine=X86)

    (found,) = found_in(tree, "vlc", tmp_path / "VLC")

    assert found.code == "wrong-architecture"
    assert found.chain[0].name == "python-vlc"


@pytest.mark.parametrize(("version", "count"), [("1.15.0", 1), ("2.1.0", 0)])
def test_only_releases_that_do_so(tmp_path: Path, version: str, count: int) -> None:
    tree = Tree(tmp_path)
    files = {"tensorflow/__init__.py": b""}
    tree.install("tensorflow-gpu", version, files)

    assert len(found_in(tree, "tensorflow")) == count


def test_a_folder_that_the_package_knows(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("weasyprint", "68.1", {"weasyprint/__init__.py": b""})
    folder = tmp_path / "msys64" / "mingw64" / "bin"
    tree.write(folder / "libgobject-2.0-0.dll")

    assert found_in(tree, "weasyprint") == ()
