"""CPython's refusal of a module, whose exception names a DLL alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._hosts._circumstances import Circumstances
from dllguard._hosts._host import Host
from dllguard._verdict import Diagnosis
from tests.texts import obey
from tests.trees import Tree

_DLL = "python36.dll"


def told(host: Host, path: str | None = None, module: str | None = None) -> Diagnosis:
    """Return what is said of a refusal."""
    found = explain_failure(Failure(path, module, text="x", python_dll=_DLL), host)
    assert found is not None
    assert found.code == "python-abi-mismatch"
    obey(found)
    return found


def test_the_module_is_looked_for_by_its_name(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.site / "_other.pyd", imports={_DLL: ["function"]})
    tree.write(tree.site / "_ours.cp311-win_amd64.pyd", imports={_DLL: ["function"]})

    found = told(tree.live(), module="pkg._ours")

    assert found.chain[0].name == "_ours.cp311-win_amd64.pyd"


def test_without_a_name_any_module_of_that_python(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.site / "_fine.pyd", imports={"python311.dll": ["function"]})
    tree.write(tree.site / "_other.pyd", imports={_DLL: ["function"]})

    assert told(tree.live()).chain[0].name == "_other.pyd"


def test_no_such_module(tmp_path: Path) -> None:
    found = told(Tree(tmp_path).live(), module="_socket")

    assert found.chain == ()
    assert "does not name the module" in found.summary


def test_a_variable_is_under_suspicion(tmp_path: Path) -> None:
    variables = Circumstances(variables={"PYTHONPATH": "C:/elsewhere"})
    host = replace(Tree(tmp_path).live(), circumstances=variables)

    assert "set PYTHONPATH=" in str(told(host, module="_socket"))


def test_files_of_an_older_release(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for name in ("_a", "_b", "_c", "_d"):
        tree.write(tree.python / f"{name}.pyd", imports={_DLL: ["function"]})

    found = told(tree.live(), path=str(tree.python / "_b.pyd"))

    assert "files of two Pythons" in (found.note or "")
    assert "and 1 more" in (found.note or "")


def test_a_package_is_reinstalled(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    module = tree.pe(_DLL)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": module})

    found = told(tree.live(), str(tree.site / "shapes" / "_core.pyd"), "shapes._core")

    assert "--force-reinstall" in str(found)
