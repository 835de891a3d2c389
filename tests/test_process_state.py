"""What other code changed in the process: a directory that is not set, a lost PATH."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._hosts._host import Host
from dllguard._tables._load_flags import CLASSIC, EXTENSION
from dllguard._verdict import Diagnosis
from tests.texts import obey
from tests.trees import Tree


def told(tree: Tree, host: Host, failure: Failure) -> Diagnosis:
    """Return what is said of a failure, with `C:` for the folder of the test."""
    found = explain_failure(failure, host)
    assert found is not None
    found = tree.plain(found)
    obey(found)
    return found


def test_only_path_leads_to_the_file(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    folder = tmp_path / "IVI"
    tree.write(folder / "nidmm.dll")
    host = tree.live(path=[folder])

    found = told(tree, host, Failure("nidmm.dll", "nidmm", 126, flags=CLASSIC))

    assert found.code == "not-determined"
    assert "SetDefaultDllDirectories" in (found.note or "")
    assert "os.add_dll_directory" in found.help[1].commands[0]
    assert "numpy" not in str(found)


@pytest.mark.parametrize(
    ("code", "flags"), [(127, CLASSIC), (126, EXTENSION)], ids=["127", "no PATH"]
)
def test_path_is_not_suspected(tmp_path: Path, code: int, flags: int) -> None:
    tree = Tree(tmp_path)
    folder = tmp_path / "IVI"
    tree.write(folder / "nidmm.dll")
    host = tree.live(path=[folder])

    found = told(tree, host, Failure("nidmm.dll", "nidmm", code, flags=flags))

    assert "SetDefaultDllDirectories" not in str(found)


def extension(tree: Tree) -> Failure:
    """Install an extension whose DLL lies beside python.exe."""
    tree.write(tree.python / "OpenMM.dll")
    files = {"simtk/_openmm.pyd": tree.pe("OpenMM.dll")}
    tree.install("simtk", "1.0", files)
    path = str(tree.site / "simtk" / "_openmm.pyd")
    return Failure(path, "simtk", 126)


def test_a_directory_that_is_set_no_more(tmp_path: Path) -> None:
    tree = Tree(tmp_path, version=(3, 7))
    failure = extension(tree)

    found = told(tree, tree.live(), failure)

    assert found.code == "not-on-search-path"
    assert "is beside the program but not searched" in found.headline


def test_a_directory_that_is_set(tmp_path: Path) -> None:
    tree = Tree(tmp_path, version=(3, 7))
    failure = extension(tree)
    host = tree.live()
    process = replace(host.process, set_directory=str(tmp_path / "other"))

    found = told(tree, replace(host, process=process), failure)

    assert "GetDllDirectory" not in str(found)
