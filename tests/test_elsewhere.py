"""What is said of a DLL in a folder that is not searched, where no field case tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._hosts._circumstances import Circumstances
from dllguard._hosts._host import Host
from dllguard._judge import judge
from dllguard._remedies import _cures as cures
from dllguard._tables._load_flags import CLASSIC
from dllguard._verdict import Diagnosis
from tests.texts import obey
from tests.trees import Tree


def explained(tree: Tree, failure: Failure, host: Host) -> Diagnosis:
    """Return what is said of a failed load."""
    found = explain_failure(failure, host)
    assert found is not None
    told: Diagnosis = tree.plain(found)
    obey(told)
    return told


def test_the_folder_of_the_user(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    base = tmp_path / "Users/me/AppData/Roaming/Python"
    tree.write(base / "Library/bin/mkl_rt.2.dll", exports=["function"])
    tree.install("shapes", "1", {"shapes/_core.pyd": tree.pe("mkl_rt.2.dll")})
    host = tree.live()
    host = replace(host, environment=replace(host.environment, user=str(base)))

    (found,) = tree.plain(judge(host, "shapes")).diagnoses

    obey(found)
    assert found.code == "not-on-search-path"
    assert "the user's own folder" in (found.note or "")
    assert "Beware" not in (found.note or "")


def test_a_plain_load_library_searches_path_alone(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    folder = tmp_path / "Program Files/VideoLAN/VLC"
    tree.write(folder / "libvlc.dll")
    failure = Failure("libvlc.dll", "vlc", 126, flags=CLASSIC, by="cffi")

    found = explained(tree, failure, tree.live())

    assert found.help[0].commands[0].startswith('import os; os.environ["PATH"] = ')
    assert any("plain LoadLibrary" in vain for vain in found.will_not_help)


def test_a_full_path_that_leads_nowhere(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1", {"shapes/lib/geos_c.dll": tree.pe()})
    asked = str(tree.site / "shapes" / "geos_c.dll")

    found = explained(tree, Failure(asked, "shapes", 126, by="ctypes"), tree.live())

    assert found.code == "not-on-search-path"
    assert found.wanted == r"C:\Python311\Lib\site-packages\shapes\geos_c.dll"
    commands = [command for remedy in found.help for command in remedy.commands]
    assert r"\shapes\lib\geos_c.dll" in commands[0]
    assert not any("add_dll_directory" in command for command in commands)


def test_without_any_copy_nothing_is_said_of_folders(tmp_path: Path) -> None:
    tree = Tree(tmp_path)

    found = explained(tree, Failure("x.dll", "shapes", 126, by="ctypes"), tree.live())

    assert found.code == "missing-dll"


@pytest.mark.parametrize("folder", [r"C:\a b\bin", "C:\\", 'C:\\q"uote', "/opt/x'y"])
def test_folders_are_read_back_from_a_remedy(folder: str) -> None:
    remedy = cures.add_folder(folder)

    assert cures.added_by([remedy, cures.add_folder(r"D:\x"), remedy]) == (
        folder,
        r"D:\x",
    )


def test_a_variable_alone_leads_to_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    home = tmp_path / "Program Files/Vendor"
    tree.write(home / "bin/db2cli64.dll", exports=["function"])
    tree.install("shapes", "1", {"shapes/_core.pyd": tree.pe("db2cli64.dll")})
    variables = Circumstances(variables={"IBM_DB_HOME": str(home)})

    host = replace(tree.live(), circumstances=variables)
    (found,) = tree.plain(judge(host, "shapes")).diagnoses

    assert found.code == "not-on-search-path"
    assert "the variable IBM_DB_HOME leads to it" in (found.note or "")
