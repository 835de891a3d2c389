"""One installed distribution, also one that has lost its metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._packages._distribution import Distribution
from tests.trees import Tree


def test_top_level_txt_names_the_imports(tree: Tree) -> None:
    info = tree.install("PyYAML", "6.0", {"yaml/_yaml.pyd": b""})
    (info / "top_level.txt").write_text("_yaml\nyaml\n")

    assert tree.distribution("_yaml").name == "PyYAML"


def test_record_gives_the_native_files(tree: Tree) -> None:
    info = tree.install("mkl", "2024", {})
    rows = [
        "b/b.PYD,sha256=x,12",
        '"a/with, comma.dll",sha256=x,7',
        "../../Library/bin/mkl.dll,,",
        "a/readme.dll.txt,,3",
        "a/pure.py,,3",
    ]
    (info / "RECORD").write_text("\n".join(rows))

    natives = {Path(f.path): f.size for f in tree.distribution("mkl").natives}

    assert natives == {
        tree.site / "b" / "b.PYD": 12,
        tree.site / "a" / "with, comma.dll": 7,
        tree.python / "Library" / "bin" / "mkl.dll": None,
    }


def test_metadata_that_is_lost(tree: Tree) -> None:
    # What pip leaves of an interrupted upgrade is what dllguard is to explain.
    info = tree.install("torch", "2.9.0", {"torch/_C.pyd": tree.pe()})
    (info / "METADATA").unlink()

    assert tree.distribution("torch").title == "torch 2.9.0"

    (info / "RECORD").write_text("torch/_C.pyd,,\n")

    assert tree.distribution("torch").title == "a nameless distribution"


def test_metadata_that_is_garbled(tree: Tree) -> None:
    info = tree.install("torch", "2.9.0", {"torch/_C.pyd": tree.pe()})
    (info / "RECORD").write_bytes(b"torch/_C.pyd,,\n\xff\xfe\n")
    environment = tree.host().environment

    assert tree.distribution("torch").natives == ()
    assert list(environment.recorded("_C.pyd")) == []


def test_an_egg(tree: Tree) -> None:
    egg = tree.site / "old-1.0.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1.0\n")

    assert tree.distribution("old").title == "old 1.0"


def test_who_installed_it(tree: Tree) -> None:
    tree.install("a", "1", {}, installer="conda")
    info = tree.install("b", "1", {})
    (info / "DELVEWHEEL").write_text("Version: 1.9.0\n")

    assert (tree.distribution("a").installer, tree.distribution("a").delvewheel) == (
        "conda",
        False,
    )
    assert (tree.distribution("b").installer, tree.distribution("b").delvewheel) == (
        "pip",
        True,
    )


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("PySide6_Essentials", "pyside6-essentials"),
        ("zope..interface", "zope-interface"),
    ],
)
def test_names_are_compared_normalised(name: str, key: str) -> None:
    assert Distribution(name, "1", "").key == key
