"""Places of a Python on disk, whatever the notation they are asked for in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dllguard._model import X64
from dllguard._packages._environment import Environment
from dllguard._packages._source_places import Places, is_rooted


@pytest.fixture
def places(tmp_path: Path) -> Places:
    site = tmp_path / "Py" / "Lib" / "site-packages"
    for name in ("pkg/Bin", "pkg/sub", "one", "two.data/Bin", "three.data"):
        (site / name).mkdir(parents=True)
    for name in ("pkg/__init__.py", "pkg/Bin/A.dll", "one/mod.py", "single.py"):
        (site / name).touch()
    prefix = str(tmp_path / "Py")
    return Places(Environment("python", (3, 11), X64, prefix, prefix, (str(site),)))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Lib/site-packages/pkg/Bin", "Lib/site-packages/pkg/Bin"),
        (r"lib\SITE-packages\PKG\bin\a.DLL", "Lib/site-packages/pkg/Bin/A.dll"),
        (r"Lib\nowhere\..\site-packages/pkg", "Lib/site-packages/pkg"),
        ("Lib/site-packages/absent/pkg", None),
        ("Lib/site-packages/single.py/x", None),
    ],
)
def test_paths_of_the_python(places: Places, path: str, expected: str | None) -> None:
    prefix = places.environment.prefix
    known, found = places.locate(f"{prefix}\\{path}")

    assert known
    wanted = os.path.normpath(f"{prefix}/{expected}") if expected else None
    same = [p and os.path.normcase(p) for p in (found, wanted)]
    assert same[0] == same[1]


@pytest.mark.parametrize("path", ["pkg", "", "C:pkg", "a\0b"])
def test_what_cannot_be_told(places: Places, path: str) -> None:
    assert places.locate(path) == (False, None)
    assert places.matching(f"{path}/*") is None


@pytest.mark.skipif(os.name == "nt", reason="there the disk is the target's")
@pytest.mark.parametrize("path", ["/usr", "C:/Windows", "/", "/" + "x" * 5000])
def test_what_another_systems_disk_has_no_say_in(places: Places, path: str) -> None:
    assert places.locate(path) == (False, None) or not places.locate(path)[0]
    assert places.folder(path) is None


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("pkg/bin/*.dll", ["A.dll"]),
        ("*.data/bin", ["Bin"]),
        ("pkg/absent/*", []),
        ("*/*/*", None),
        ("pkg/**", None),
    ],
)
def test_patterns(places: Places, pattern: str, expected: list[str] | None) -> None:
    (site,) = places.environment.site
    found = places.matching(f"{site}\\{pattern}")

    names = None if found is None else [os.path.basename(path) for path in found]
    assert names == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pkg", "pkg/__init__.py"),
        ("pkg.sub", "pkg/sub"),
        ("one.mod", "one/mod.py"),
        ("single", "single.py"),
        ("absent", None),
        ("pkg..sub", None),
        ("", None),
    ],
)
def test_modules(places: Places, name: str, expected: str | None) -> None:
    (site,) = places.environment.site
    wanted = expected and os.path.join(site, *expected.split("/"))

    assert places.module(name) == wanted


def test_only_folders_are_folders(places: Places) -> None:
    (site,) = places.environment.site

    assert places.folder(f"{site}/pkg/../one") == os.path.join(site, "one")
    assert places.folder(f"{site}/single.py") is None
    assert places.folder(f"{site}/absent") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("C:\\x", True),
        ("c:/x", True),
        ("\\\\server\\share", True),
        ("/x", True),
        ("C:x", False),
        ("x", False),
        ("", False),
    ],
)
def test_paths_that_hang_on_no_current_folder(path: str, *, expected: bool) -> None:
    assert is_rooted(path) is expected
