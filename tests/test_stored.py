"""Packages of another machine: in-memory metadata, and answers of its sources."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from dllguard._packages._conda import CondaPackage
from dllguard._packages._distribution import import_names, read_distribution
from dllguard._packages._environment import Environment
from dllguard._packages._inventory import INSTALLED, Inventory
from dllguard._packages._stored import Answers, Noting, Stored, Touched
from dllguard._snapshots._package_text import stored
from tests.trees import Tree

SITE = r"C:\Python\Lib\site-packages"


def never() -> Any:
    raise AssertionError("read from the disk")


def test_inventories_of_this_machine_are_alike() -> None:
    assert Inventory() == INSTALLED == pickle.loads(pickle.dumps(INSTALLED))
    assert hash(Inventory()) == hash(INSTALLED)
    assert Stored((), (), Answers()) != Stored((), (), Answers())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: None, id="whole"),
        pytest.param(lambda info: (info / "METADATA").unlink(), id="no-metadata"),
        pytest.param(lambda info: (info / "RECORD").unlink(), id="no-record"),
        pytest.param(
            lambda info: (info / "top_level.txt").write_text("cv2\n"), id="top-level"
        ),
        pytest.param(
            lambda info: (info / "DELVEWHEEL").write_text("Version: 1"), id="delvewheel"
        ),
        pytest.param(
            lambda info: (info / "RECORD").write_bytes(b"\xff\0garbage"), id="garbled"
        ),
    ],
)
def test_distribution_is_the_same_in_memory(
    tree: Tree, change: Callable[[Path], object]
) -> None:
    files = {
        "Open_CV/a.pyd": b"12",
        "Open_CV/b.py": b"",
        "other.py": b"",
        "Open_CV/deep/c.dll": b"1",
    }
    requires = ["numpy>=2; python_version < '3.13'", "torch==2.*"]
    info = tree.install("Open.CV", "1.0", files, requires=requires)
    change(info)
    [found] = metadata.distributions(path=[str(tree.site)])

    kept = stored(found)

    assert read_distribution(kept) == read_distribution(found)
    assert import_names(kept) == import_names(found)
    assert (kept.requires or []) == (found.requires or [])
    assert kept.folder == info.name


@pytest.mark.parametrize("name", ["open.cv", "Open_CV", "OPEN-CV"])
def test_found_by_any_spelling(tree: Tree, name: str) -> None:
    tree.install("Open.CV", "1.0", {})
    found = [stored(one) for one in metadata.distributions(path=[str(tree.site)])]
    inventory = Stored(found, (str(tree.site),), Answers())

    found_by_name = inventory.distributions([str(tree.site)], name)
    assert [read_distribution(one).version for one in found_by_name] == ["1.0"]
    assert not [*inventory.distributions([str(tree.site)], "cv")]


def test_folder_of_none_of_its_own_is_read_from_the_disk(tree: Tree) -> None:
    tree.install("shapes", "1.0", {})
    inventory = Stored((), (SITE,), Answers(added={(SITE, "shapes"): (r"C:\a",)}))

    assert len([*inventory.distributions([str(tree.site), SITE])]) == 1
    assert inventory.added("shapes", SITE.lower(), never) == (r"C:\a",)
    assert inventory.added("other", SITE, never) == ()
    assert inventory.added("shapes", str(tree.site), lambda: ("x",)) == ("x",)
    assert inventory.touched("a", ["f"], [str(tree.site)], frozenset) == frozenset()


def test_in_doubt_an_import_touches_everything() -> None:
    files = {f"{SITE}\\{name}.pyd" for name in "abc"}
    a, b, c = sorted(files)
    known = {"shapes": Touched(frozenset([a, b]), frozenset([a]))}
    inventory = Stored((), (SITE,), Answers(touched=known))

    assert inventory.touched("shapes", [a, b, c], [SITE], never) == {a, c}
    assert inventory.touched("other", [a, b], [SITE], never) == {a, b}


def test_packages_of_conda() -> None:
    package = CondaPackage("geos", "3", files=("Library/bin/geos.dll",))
    inventory = Stored((), (SITE,), Answers(conda={r"C:\Conda": (package,)}))
    environment = Environment(
        "python",
        (3, 11),
        0x8664,
        r"C:\Conda",
        r"C:\Conda",
        (SITE,),
        inventory=inventory,
    )

    assert environment.conda_packages("c:/conda") == (package,)
    owners = environment.conda_owners(r"C:\Conda", r"c:\conda\library\bin\GEOS.dll")
    assert owners == (package,)
    assert environment.conda_packages(r"C:\Other") == ()


def test_answers_are_noted_once(tree: Tree) -> None:
    noting = Noting((), (str(tree.site),))
    package = CondaPackage("geos", "3")

    noting.added("shapes", SITE, lambda: ("x",))
    assert noting.added("shapes", SITE, never) == ("x",)
    noting.conda_packages("p", lambda: (package,))
    assert noting.conda_packages("p", never) == (package,)
    noting.conda_packages("none", tuple)
    noting.touched("shapes", ["a", "b"], [], lambda: frozenset("a"))
    noting.touched("shapes", ["c"], [], frozenset)

    assert noting.answers == Answers(
        {"p": (package,)},
        {(SITE, "shapes"): ("x",)},
        {"shapes": Touched(frozenset("abc"), frozenset("a"))},
    )
