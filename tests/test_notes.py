"""What is worth knowing of loads that succeed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dllguard._causes._notes import notes
from dllguard._causes._scene import Scene
from dllguard._judge import judge
from dllguard._model import Link, Load, Rivals
from tests.trees import Tree

LATE = "not found, but loaded only when a function of theirs is called: "


def told(tree: Tree, *loads: Load) -> list[str]:
    return [tree.plain(note) for note in notes(loads, Scene(tree.live(), "shapes"))]


def delaying(*chains: Sequence[str]) -> Load:
    return Load("m.pyd", (), delayed=tuple(tuple(map(Link, c)) for c in chains))


def test_nothing_to_tell(tree: Tree) -> None:
    assert told(tree, Load("m.pyd", ()), Load("n.pyd", ())) == []


def test_delay_imports(tree: Tree) -> None:
    first = delaying(["m.pyd", "cuda.dll"], ["m.pyd", "a.dll", "nvml.dll"])
    second = delaying(["n.pyd", "cuda.dll"])

    assert told(tree, first, second) == [f"{LATE}cuda.dll (m.pyd), nvml.dll (a.dll)."]


@pytest.mark.parametrize(
    ("count", "end"),
    [(6, "5.dll (m.pyd)."), (7, " and 1 more."), (40, " and 34 more.")],
)
def test_many_delay_imports(tree: Tree, count: int, end: str) -> None:
    (note,) = told(tree, delaying(*(["m.pyd", f"{i}.dll"] for i in range(count))))

    assert note.endswith(end)
    assert note.count("(m.pyd)") == 6


def test_delay_import_in_another_case(tree: Tree) -> None:
    loads = delaying(["m.pyd", "cuda.dll"]), delaying(["n.pyd", "CUDA.dll"])

    assert told(tree, *loads) == [f"{LATE}cuda.dll (m.pyd)."]


@pytest.fixture
def rivals(tree: Tree) -> Rivals:
    """Return three copies of a DLL, the second of which is like the first."""
    paths = [tree.root / name / "geos.dll" for name in ("newest", "newer", "older")]
    for path, version in zip(paths, [(2, 0, 0, 0)] * 2 + [(1, 0, 0, 0)], strict=True):
        tree.write(path, file_version=version)
    return Rivals("geos.dll", tuple(map(str, paths)), Link("m.pyd"))


def test_order_of_added_folders(tree: Tree, rivals: Rivals) -> None:
    load = Load("m.pyd", (), rivals=(rivals,))

    (note,) = told(tree, load)
    assert note == (
        r"geos.dll is in several folders that were added: C:\newest and C:\older. "
        "Windows documents no order among them; usually the one that was added last "
        "is taken, here the first."
    )


def test_order_is_told_once_for_many_loads(tree: Tree, rivals: Rivals) -> None:
    loads = [Load(name, (), rivals=(rivals, rivals)) for name in ("a", "b")]

    assert len(told(tree, *loads)) == 1


def test_copies_of_the_same_bytes_compete_for_nothing(
    tree: Tree, rivals: Rivals
) -> None:
    same = Rivals(rivals.name, rivals.paths[:2], rivals.importer)

    assert told(tree, Load("m.pyd", (), rivals=(same,))) == []


def test_copy_that_is_gone_is_no_copy_of_the_same_bytes(
    tree: Tree, rivals: Rivals
) -> None:
    Path(rivals.paths[1]).unlink()
    two = Rivals(rivals.name, rivals.paths[:2], rivals.importer)

    assert len(told(tree, Load("m.pyd", (), rivals=(two,)))) == 1


def test_delay_imports_come_before_orders(tree: Tree, rivals: Rivals) -> None:
    loads = Load("m.pyd", (), rivals=(rivals,)), delaying(["m.pyd", "cuda.dll"])

    first, second = told(tree, *loads)
    assert first.startswith(LATE)
    assert second.startswith("geos.dll")


def test_notes_of_a_target(tree: Tree) -> None:
    core = tree.pe("geos.dll", delay_imports={"cuda.dll": ["f"]})
    tree.install("shapes", "1.0", {"shapes/_core.pyd": core})
    for name in ("newer", "older"):
        tree.write(tree.root / name / "geos.dll", exports=["function", name])

    found = judge(tree.live(tree.root / "newer", tree.root / "older"), "shapes")

    assert found.ok
    assert [note.partition(" ")[0] for note in found.notes] == ["not", "geos.dll"]
