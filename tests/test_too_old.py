"""A function that a DLL of Windows does not have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._hosts._circumstances import Circumstances
from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.texts import obey
from tests.trees import Tree


def told(tree: Tree, symbol: str, build: int) -> Diagnosis:
    """Return what is said of a package that imports a function of user32.dll."""
    tree.write(tree.system / "user32.dll", exports=["CreateWindowExW"])
    core = tree.pe(imports={"USER32.dll": [symbol]})
    tree.install("shapes", "1.0", {"shapes/_core.pyd": core})
    host = replace(tree.live(), circumstances=Circumstances(build=build))
    found = tree.plain(judge(host, "shapes")).diagnoses[0]
    obey(found)
    return found


def test_a_later_function(tmp_path: Path) -> None:
    found = told(Tree(tmp_path), "GetDpiForWindow", 10586)

    assert (found.code, found.winerror) == ("windows-too-old", 127)
    assert found.headline == "_core.pyd needs Windows 10 1607 or later"
    assert "pip index versions shapes" in str(found)


def test_a_function_that_no_table_has(tmp_path: Path) -> None:
    found = told(Tree(tmp_path), "SomethingNew", 22631)

    assert found.code == "windows-too-old"
    assert "usually" in str(found)
    assert "Minimum supported" in str(found)


def test_a_function_that_this_windows_should_have(tmp_path: Path) -> None:
    found = told(Tree(tmp_path), "GetDpiForWindow", 22631)

    assert found.code == "missing-export"
    assert "sfc /scannow" in str(found)


@pytest.mark.parametrize("name", ["msvcp140.dll", "shapes_core.dll"])
def test_what_is_not_of_windows_is_no_matter_of_its_release(
    tmp_path: Path, name: str
) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.system / name, exports=["one"])
    core = tree.pe(imports={name: ["another"]})
    tree.install("shapes", "1.0", {"shapes/_core.pyd": core})

    assert judge(tree.live(), "shapes").diagnoses[0].code != "windows-too-old"
