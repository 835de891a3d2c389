"""Pairs that do not fit: metadata first, then the wheel's version, then the tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dllguard._judge import judge
from dllguard._tables._conventions import ALIKE, PAIRED, PARTNER_RELEASES, WHEEL_PAGES
from dllguard._verdict import Diagnosis
from tests.pebuilder import build_pe
from tests.texts import obey
from tests.trees import Tree


def told(tree: Tree, target: str) -> Diagnosis:
    """Return the first thing that is said of a target."""
    found = tree.plain(judge(tree.live(), target)).diagnoses[0]
    obey(found)
    return found


def pair(
    tree: Tree,
    owner: tuple[str, str],
    other: tuple[str, str],
    requires: Sequence[str] = (),
) -> None:
    """Install two distributions, of which one wants what the other lacks."""
    files = {"other/lib/part.dll": build_pe(exports=["old"])}
    if other[0] == "torch":
        files = {"torch/lib/part.dll": build_pe(exports=["old"])}
    tree.install(*other, files)
    wanted = build_pe(imports={"part.dll": ["new"]})
    folder = "torch/lib" if other[0] == "torch" else "other/lib"
    tree.install(*owner, {f"{folder}/_C.pyd": wanted}, requires=requires)


def test_the_table_fills_the_gap(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    pair(tree, ("torchvision", "0.19.0"), ("torch", "2.9.0+cu128"))

    found = told(tree, "torchvision")

    assert found.code == "version-mismatch"
    assert (
        found.headline
        == "torchvision 0.19.0 was built for torch 2.4, found torch 2.9.0"
    )
    first, second = (remedy.commands[0] for remedy in found.help[:2])
    # Without metadata pip would take any release.
    assert first.endswith('"torch==2.9.0+cu128" "torchvision==0.24.*"')
    assert second.endswith('"torchvision==0.19.0" "torch==2.4.*"')


def test_metadata_goes_before_the_table(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    pair(tree, ("torchvision", "0.19.0"), ("torch", "2.9.0"), ["torch==2.4.0"])

    assert "required by torchvision 0.19.0" in (told(tree, "torchvision").wanted or "")


@pytest.mark.parametrize(
    ("owner", "other"),
    [
        pytest.param(("torchvision", "0.24.1"), ("torch", "2.9.0"), id="table"),
        pytest.param(("torchvision", "0.99"), ("torch", "2.9.0"), id="no row"),
        pytest.param(("torch-scatter", "2.1+pt29"), ("torch", "2.9.1"), id="tag"),
        pytest.param(("PyQt6", "6.2.3"), ("PyQt6-Qt6", "6.2.4"), id="alike"),
    ],
)
def test_releases_that_fit_are_no_mismatch(
    tmp_path: Path, owner: tuple[str, str], other: tuple[str, str]
) -> None:
    tree = Tree(tmp_path)
    pair(tree, owner, other)

    assert told(tree, owner[0]).code == "missing-export"


def test_what_imports_torch_is_judged_with_its_folders(tmp_path: Path) -> None:
    # torch-scatter does not require torch, and imports it.
    tree = Tree(tmp_path)
    tree.install("torch", "2.9.0", {"torch/lib/c10.dll": tree.pe()})
    tree.install("torch-scatter", "2.1.2", {"torch_scatter/_v.pyd": tree.pe("c10.dll")})

    assert judge(tree.live(), "torch-scatter").diagnoses == ()


def test_a_pair_of_msys2(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tmp_path / "var" / "lib" / "pacman" / "local").mkdir(parents=True)
    wanted = build_pe(imports={"Qt6Gui.dll": ["new"]})
    tree.install("PySide6", "6.8.1", {"PySide6/QtGui.pyd": wanted})
    tree.write(tree.python / "Qt6Gui.dll", exports=["old"])

    found = told(tree, "PySide6")

    assert found.help[0].commands == ("pacman -Syu",)


def test_the_tables_speak_of_pairs() -> None:
    assert {*PARTNER_RELEASES, *ALIKE, *WHEEL_PAGES} <= set(PAIRED)
    assert all(page.startswith("https://") for page in WHEEL_PAGES.values())
    for rows in PARTNER_RELEASES.values():
        releases = [tuple(map(int, release.split("."))) for release in rows.values()]
        assert releases == sorted(releases)
