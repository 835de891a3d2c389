"""What of an environment can be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._targets._whole import everything
from tests.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a Python with two distributions, and files of none."""
    tree = Tree(tmp_path)
    files = {"shapes/_core.pyd": tree.pe(), "shapes.libs/a.dll": tree.pe()}
    tree.install("Shapes", "1.0", files, requires=["middle", "absent"])
    tree.install("middle", "1.0", {"middle.py": b""}, requires=["cubes", "Shapes"])
    tree.install("cubes", "1.0", {"cubes/_core.pyd": tree.pe()})
    return tree


def shown(paths: tuple[str, ...], root: Path) -> list[str]:
    return [Path(path).relative_to(root).as_posix() for path in paths]


def test_distributions_with_native_files(tree: Tree) -> None:
    whole = everything(tree.host().environment)

    assert [d.name for d in whole.distributions] == ["cubes", "Shapes"]
    assert whole.required == {
        "cubes": frozenset(),
        "shapes": {"middle", "cubes", "absent"},
    }
    assert whole.label == str(tree.python)


def test_pairs_count_as_required(tree: Tree) -> None:
    tree.install("torch-scatter", "1.0", {"torch_scatter/_c.pyd": tree.pe()})

    whole = everything(tree.host().environment)

    assert whole.required["torch-scatter"] == {"torch"}


def test_files_that_belong_to_none(tree: Tree) -> None:
    tree.write(tree.site / "cubes" / "stale.pyd")
    tree.write(tree.site / "left" / "deep" / "_a.pyd")
    tree.write(tree.site / "left" / "b.dll")
    tree.write(tree.site / "mixed" / "_a.pyd")
    tree.write(tree.site / "mixed" / "_a.cp39-win_amd64.pyd")
    tree.write(tree.site / "_top.pyd")
    tree.write(tree.python / "DLLs" / "_a.pyd")

    whole = everything(tree.host().environment)

    assert shown(whole.loose, tree.python) == [
        "DLLs/_a.pyd",
        "Lib/site-packages/_top.pyd",
        "Lib/site-packages/cubes/stale.pyd",
        "Lib/site-packages/left",
        "Lib/site-packages/mixed/_a.pyd",
        "python3.dll",
        "python311.dll",
        "vcruntime140.dll",
        "vcruntime140_1.dll",
    ]


def test_below_a_folder(tree: Tree) -> None:
    tree.write(tree.python / "DLLs" / "_a.pyd")

    environment = tree.host().environment
    all_packages = everything(environment, str(tree.site))
    one = everything(environment, str(tree.python / "DLLs"), "these")

    assert [d.name for d in all_packages.distributions] == ["cubes", "Shapes"]
    assert all_packages.loose == ()
    assert one.distributions == ()
    assert shown(one.loose, tree.python) == ["DLLs/_a.pyd"]
    assert one.label == "these"


def test_record_in_another_case(tree: Tree) -> None:
    record = tree.site / "cubes-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text("utf-8").replace("cubes/_core", "Cubes/_CORE"))

    whole = everything(tree.host().environment, str(tree.site))

    assert whole.loose == ()


def test_nothing(tmp_path: Path) -> None:
    tree = Tree(tmp_path)

    whole = everything(tree.host().environment, str(tree.site))

    assert (whole.distributions, whole.loose) == ((), ())


def test_garbled_metadata_hides_no_files(tree: Tree) -> None:
    (tree.site / "cubes-1.0.dist-info" / "RECORD").write_bytes(b"\xff\xfe\x00,")

    whole = everything(tree.host().environment, str(tree.site))

    assert [d.name for d in whole.distributions] == ["Shapes"]
    assert shown(whole.loose, tree.site) == ["cubes"]
