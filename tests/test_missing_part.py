"""What a package, conda or Python itself should have brought."""

from __future__ import annotations

import json
from pathlib import Path

from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.texts import obey
from tests.trees import Tree


def checked(tree: Tree, target: str) -> Diagnosis:
    """Return the one finding on a target, with `C:` for the folder of the test."""
    (found,) = tree.plain(judge(tree.live(), target)).diagnoses
    obey(found)
    return found


def record(tree: Tree, name: str, *files: str, depends: tuple[str, ...] = ()) -> None:
    """Write what conda notes of a package."""
    folder = tree.python / "conda-meta"
    folder.mkdir(exist_ok=True)
    content = {"name": name, "version": "1.0", "build": "0", "channel": "conda-forge"}
    row = {**content, "files": list(files), "depends": list(depends)}
    (folder / f"{name}-1.0-0.json").write_text(json.dumps(row), "utf-8")


def module(tree: Tree, *names: str) -> str:
    """Write an extension module that needs DLLs; return it as conda records it."""
    (tree.site / "shapes").mkdir()
    tree.write(
        tree.site / "shapes" / "_core.pyd", imports={name: ["f"] for name in names}
    )
    return "Lib/site-packages/shapes/_core.pyd"


def test_a_release_that_forgot_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("geos_c.dll")})

    found = checked(tree, "shapes")

    assert found.code == "missing-dll"
    assert "part of GEOS" in (found.note or "")
    assert [remedy.commands[0] for remedy in found.help[:2]] == [
        r"C:\Python311\python.exe -m pip install --upgrade shapes",
        r'C:\Python311\python.exe -m pip install "shapes<1.0"',
    ]


def test_a_file_of_no_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = tree.write(tmp_path / "own" / "x.dll", imports={"libstdc++-6.dll": ["f"]})

    found = checked(tree, str(path))

    assert "put the DLLs of your compiler" in found.help[1].text
    assert "RECORD" not in str(found)


def test_conda_has_it_and_it_is_gone(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    record(tree, "shapes", module(tree, "geos_c.dll"), depends=("geos >=3.12",))
    record(tree, "geos")

    found = checked(tree, "shapes")

    assert found.help[0].commands == (
        r"conda install -p C:\Python311 --force-reinstall geos",
    )


def test_conda_requires_it_and_it_is_not_installed(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    record(tree, "shapes", module(tree, "geos_c.dll"), depends=("geos >=3.12",))

    found = checked(tree, "shapes")

    assert found.help[0].commands == (r"conda install -p C:\Python311 geos",)
    assert "requires it" in (found.note or "")


def test_conda_lacks_something_that_is_required(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    depends = ("__win", "areas 1.*", "numpy >=1.20")
    record(tree, "shapes", module(tree, "areas.dll"), depends=depends)
    record(tree, "numpy")

    found = checked(tree, "shapes")

    assert found.help[0].commands == (r"conda install -p C:\Python311 areas",)


def test_conda_has_all_that_is_required(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    record(tree, "shapes", module(tree, "areas.dll"))

    found = checked(tree, "shapes")

    assert found.help[0].commands == (r"conda update -p C:\Python311 shapes",)
    assert not found.help[0].text.startswith("or ")


def test_a_part_of_python_itself(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = tree.write(
        tree.python / "DLLs" / "_sqlite3.pyd", imports={"sqlite3.dll": ["f"]}
    )

    found = checked(tree, str(path))

    assert "part of SQLite" in (found.note or "")
    assert "repair this Python" in found.help[0].text
