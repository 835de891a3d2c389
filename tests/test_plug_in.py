"""A plug-in of another program, looked at with a Python that is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import X86
from tests.texts import obey
from tests.trees import Tree


def plug_in(tree: Tree, *path: Path) -> Diagnosis:
    """Return what is said of a plug-in for Python 3.6."""
    file = tree.write(tree.root / "game" / "ue.dll", imports={"python36.dll": ["f"]})
    (found,) = tree.plain(judge(tree.live(path=list(path)), str(file))).diagnoses
    obey(found)
    return found


@pytest.mark.parametrize("machine", [None, X86], ids=["absent", "x86"])
def test_its_python_is_not_there(tmp_path: Path, machine: int | None) -> None:
    tree = Tree(tmp_path)
    if machine is not None:
        tree.write(tmp_path / "Python36" / "python36.dll", machine=machine)

    found = plug_in(tree, tmp_path / "Python36")

    assert found.code == "missing-product"
    assert "--id Python.Python.3.6" in found.help[0].commands[0]


def test_its_python_is_on_path(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tmp_path / "Python36" / "python36.dll")

    found = plug_in(tree, tmp_path / "Python36")

    assert (found.code, found.severity) == ("not-on-search-path", "warning")
    assert r"--python C:\Python36" in found.help[0].commands[0]


def test_an_extension_module_is_no_plug_in(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("python36.dll")})

    (found,) = judge(tree.live(), "shapes").diagnoses

    assert found.code == "python-abi-mismatch"
