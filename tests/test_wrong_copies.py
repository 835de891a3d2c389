"""Files for another architecture: who brought them, and where they hide."""

from __future__ import annotations

from pathlib import Path

from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._judge import judge
from tests.pebuilder import X86
from tests.texts import obey
from tests.trees import Tree


def test_one_file_of_a_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {
        "zmq/libzmq.dll": tree.pe(machine=X86),
        "zmq/_poll.pyd": tree.pe(),
    }
    tree.install("pyzmq", "2.1.9", files)

    result = judge(tree.live(), str(tree.site / "zmq" / "libzmq.dll"))
    found = tree.plain(result).diagnoses[0]

    obey(found)
    assert found.code == "package-wrong-architecture"
    assert "the rest is x64" in found.headline


def test_a_copy_on_path_that_does_not_fit(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tmp_path / "x86" / "nobody.dll", machine=X86)
    host = tree.live(path=[tmp_path / "x86"])

    found = explain_failure(Failure("nobody.dll", "shapes", 126, by="ctypes"), host)

    assert found is not None
    assert (found.code, found.winerror) == ("wrong-architecture", 126)
    assert "first" in (found.note or "")


def test_no_copy_at_all(tmp_path: Path) -> None:
    host = Tree(tmp_path).live()

    found = explain_failure(Failure("nobody.dll", "shapes", 126, by="ctypes"), host)

    assert found is not None
    assert found.code != "wrong-architecture"


def test_a_fitting_copy_elsewhere_comes_first(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tmp_path / "x86" / "nobody.dll", machine=X86)
    tree.write(tmp_path / "x64" / "nobody.dll")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("nobody.dll")})
    host = tree.live(path=[tmp_path / "x86", tmp_path / "x64"])

    assert judge(host, "shapes").diagnoses[0].code == "not-on-search-path"


def test_a_package_without_metadata_is_none_to_install_again(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.site / "bare" / "_core.pyd", machine=X86)

    (found,) = tree.plain(judge(tree.live(), "bare")).diagnoses

    obey(found)
    assert found.note is not None
    assert "no metadata" in found.note
    assert found.help[0].text == "install the x64 build in its place"
    assert not any("pip" in c for remedy in found.help for c in remedy.commands)


def test_a_file_of_nobody(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.root / "app" / "nobody.dll", machine=X86)

    (found,) = judge(tree.live(), str(tree.root / "app" / "nobody.dll")).diagnoses

    obey(found)
    assert found.code == "wrong-architecture"
    assert found.headline == "nobody.dll is x86, this Python is x64"


def test_what_the_loader_was_given_by_full_path(tmp_path: Path) -> None:
    """The message names what was tried last, and the copy that was tried before."""
    tree = Tree(tmp_path)
    tree.write(tmp_path / "x86" / "nobody.dll", machine=X86)
    host = tree.live(path=[tmp_path / "x86"])
    gone = str(tmp_path / "gone" / "nobody.dll")

    found = explain_failure(Failure(gone, "shapes", 126, by="ctypes"), host)

    assert found is not None
    assert gone in str(found)
