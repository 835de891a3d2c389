"""Two OpenMP runtimes: which pairs end a process, and which are left alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import X86, build_pe
from tests.texts import obey
from tests.trees import Tree

NAME = "libiomp5md.dll"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine with a torch that brings an OpenMP runtime."""
    tree = Tree(tmp_path)
    files = {
        "torch/_C.pyd": tree.pe("torch_cpu.dll"),
        "torch/lib/torch_cpu.dll": tree.pe(NAME),
        f"torch/lib/{NAME}": tree.pe(file_version=(5, 0, 2020, 609)),
    }
    tree.install("torch", "1.8.0", files)
    return tree


def warned(tree: Tree, target: str = "torch") -> list[Diagnosis]:
    """Return what is said of OpenMP in a target."""
    found = tree.plain(judge(tree.live(), target)).diagnoses
    for diagnosis in found:
        obey(diagnosis)
    return [d for d in found if d.code == "openmp-conflict"]


def conda_has(tree: Tree, name: str, content: bytes) -> None:
    """Put a DLL where conda puts its own."""
    path = tree.python / "Library" / "bin" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    (tree.python / "conda-meta").mkdir(exist_ok=True)


def test_alone_there_is_no_conflict(tree: Tree) -> None:
    assert warned(tree) == []


def test_a_second_one_in_the_environment(tree: Tree) -> None:
    conda_has(tree, NAME, tree.pe(file_version=(5, 0, 2021, 304)))

    (found,) = warned(tree)

    assert found.severity == "warning"
    assert judge(tree.live(), "torch").ok
    # Who asks for the name alone gets what torch has loaded.
    assert found.help[0].commands == ("import torch",)
    assert not any("nomkl" in c for remedy in found.help for c in remedy.commands)


def test_openblas_where_mkl_is_used(tree: Tree) -> None:
    conda_has(tree, NAME, tree.pe())
    record = {"name": "mkl", "version": "2021.2.0", "files": []}
    path = tree.python / "conda-meta" / "mkl-2021.2.0-0.json"
    path.write_text(json.dumps(record), "utf-8")

    (found,) = warned(tree)

    assert any("nomkl" in c for remedy in found.help for c in remedy.commands)


def test_the_same_name_is_taken_once_where_nobody_gives_a_path(tree: Tree) -> None:
    files = {"shapes/_core.pyd": tree.pe(NAME), f"shapes/{NAME}": tree.pe()}
    tree.install("shapes", "1.0", files)
    tree.install("other", "1.0", {f"other/{NAME}": tree.pe()})
    for file in (tree.site / "torch" / "lib").iterdir():
        file.unlink()

    assert warned(tree, "shapes") == []


def test_two_names_are_two_runtimes(tree: Tree) -> None:
    files = {"shapes/_core.pyd": tree.pe("libomp.dll"), "shapes/libomp.dll": tree.pe()}
    tree.install("shapes", "1.0", files)

    (found,) = warned(tree, "shapes")

    assert found.headline == f"two OpenMP runtimes: libomp.dll and {NAME}"


def test_a_forwarder_is_what_it_forwards_to(tree: Tree) -> None:
    # joblib/threadpoolctl#203: llvm-openmp of conda.
    forwarder = build_pe(name=NAME, forwarders={"function": "libomp.function"})
    path = tree.site / "shapes"
    files = {
        "shapes/_core.pyd": tree.pe(NAME, "libomp.dll"),
        f"shapes/{NAME}": forwarder,
        "shapes/libomp.dll": tree.pe(),
    }
    tree.install("shapes", "1.0", files)
    for file in (tree.site / "torch" / "lib").iterdir():
        file.unlink()

    assert path.is_dir()
    assert warned(tree, "shapes") == []


def test_what_the_target_requires_comes_by_its_name(tree: Tree) -> None:
    # torch 2.1 to 2.3 required mkl, and with it intel-openmp.
    conda_has(tree, NAME, tree.pe())
    info = tree.install("intel-openmp", "2021.4.0", {})
    row = f"../../Library/bin/{NAME},,\n"
    (info / "RECORD").write_text(row, "utf-8")
    metadata = tree.site / "torch-1.8.0.dist-info" / "METADATA"
    text = metadata.read_text("utf-8") + "Requires-Dist: intel-openmp\n"
    metadata.write_text(text, "utf-8")

    assert warned(tree) == []


def test_one_for_another_machine_is_not_loaded(tree: Tree) -> None:
    conda_has(tree, NAME, build_pe(machine=X86))

    assert warned(tree) == []


def test_one_that_another_package_has_loaded(tree: Tree) -> None:
    other = tree.python / "Library" / "bin" / NAME
    conda_has(tree, NAME, tree.pe())
    host = tree.live()
    loaded = {**host.process.loaded, NAME: str(other)}
    host = replace(host, process=replace(host.process, loaded=loaded))

    found = [d.code for d in judge(host, "torch").diagnoses]

    assert "openmp-conflict" in found


def test_what_does_not_load_holds_none(tree: Tree) -> None:
    conda_has(tree, "libomp.dll", tree.pe())
    files = {"p/a.pyd": tree.pe("absent.dll", NAME), f"p/{NAME}": tree.pe()}
    tree.install("p", "1.0", files)

    assert warned(tree, "p") == []
    tree.write(tree.site / "p" / "absent.dll")
    assert len(warned(tree, "p")) == 1


def test_a_forwarder_to_what_is_not_there_is_itself(tree: Tree) -> None:
    conda_has(tree, NAME, build_pe(forwarders={"function": "libomp.function"}))

    (found,) = warned(tree)

    assert [link.name for link in found.chain] == [NAME, NAME]


def test_where_names_differ_the_order_of_imports_decides_nothing(tree: Tree) -> None:
    conda_has(tree, "libomp.dll", tree.pe())

    (found,) = warned(tree)

    assert found.note is None
    assert not any("before all that uses" in remedy.text for remedy in found.help)
