"""A bare name in other spellings, and the files of PATH that answer for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._explain import explain_failure
from dllguard._failure import recognise
from dllguard._verdict import Diagnosis
from tests.pebuilder import X64, X86
from tests.texts import obey
from tests.trees import Tree

NAME = "libgobject-2.0-0.dll"


def explained(tree: Tree, asked: str, **machines: int) -> Diagnosis:
    """Explain a name that cffi did not find, with files for machines on PATH."""
    folders = []
    for folder, machine in machines.items():
        folders.append(tree.root / folder)
        tree.write(tree.root / folder / NAME, machine=machine)
    failure = recognise(OSError(f"cannot load library '{asked}': error 0x7e"))
    assert failure is not None
    found = explain_failure(failure, tree.live(path=folders))
    assert found is not None
    found = tree.plain(found)
    obey(found)
    return found


@pytest.mark.parametrize("asked", ["gobject-2.0", "gobject-2.0-0", "libgobject-2.0-0"])
def test_the_wrong_one_comes_first(tmp_path: Path, asked: str) -> None:
    found = explained(Tree(tmp_path), asked, old=X86, new=X64)

    assert found.code == "shadowed-dll"
    assert found.culprit == NAME
    assert found.help[0].commands == (r'set "PATH=C:\new;%PATH%"',)


def test_none_fits(tmp_path: Path) -> None:
    found = explained(Tree(tmp_path), "gobject-2.0", old=X86)

    assert found.code == "wrong-architecture"
    assert "x64" in found.help[0].text


@pytest.mark.parametrize(
    ("asked", "machines"),
    [("gobject-2.0", {"new": X64, "old": X86}), ("gobject", {"old": X86}), ("x", {})],
    ids=["right-first", "other-name", "nothing"],
)
def test_nothing_is_wrong_with_the_first(
    tmp_path: Path, asked: str, machines: dict[str, int]
) -> None:
    found = explained(Tree(tmp_path), asked, **machines)

    assert found.code not in ("shadowed-dll", "wrong-architecture")
