"""Extension modules that an import leaves alone: a fault of theirs is a warning."""

from __future__ import annotations

import pytest

from dllguard._judge import judge
from dllguard._verdict import TargetResult
from tests.texts import golden, obey
from tests.trees import Tree


def judged(tree: Tree, target: str) -> TargetResult:
    return tree.plain(judge(tree.live(), target))


def test_a_file_that_the_import_does_not_touch(tree: Tree) -> None:
    files = {
        "shapes/__init__.py": b"from . import core\n",
        "shapes/core/__init__.py": b"from . import _core\n",
        "shapes/core/_core.pyd": tree.pe(),
        "shapes/extra/__init__.py": b"from . import _extra\n",
        "shapes/extra/_extra.pyd": tree.pe("gone.dll"),
    }
    tree.install("shapes", "1.0", files)

    result = judged(tree, "shapes")

    assert result.ok
    (found,) = result.diagnoses
    assert (found.severity, found.culprit) == ("warning", "gone.dll")
    assert [file.winerror for file in result.files] == [0, 126]
    golden("missing-dll-of-an-idle-file", found)


def test_a_file_that_the_import_touches(tree: Tree) -> None:
    files = {
        "shapes/__init__.py": b"from .core import area\n",
        "shapes/core.py": b"from . import _core\n",
        "shapes/_core.pyd": tree.pe("gone.dll"),
    }
    tree.install("shapes", "1.0", files)

    result = judged(tree, "shapes")

    assert not result.ok
    assert [found.severity for found in result.diagnoses] == ["error"]


def test_one_fault_of_both_is_an_error(tree: Tree) -> None:
    files = {
        # The idle file comes first.
        "shapes/__init__.py": b"from .works import _work\n",
        "shapes/idle/_idle.pyd": tree.pe("gone.dll"),
        "shapes/works/__init__.py": b"",
        "shapes/works/_work.pyd": tree.pe("gone.dll"),
    }
    tree.install("shapes", "1.0", files)

    (found,) = judged(tree, "shapes").diagnoses

    assert found.severity == "error"
    assert found.chain[0].name == "_work.pyd"


def test_a_requirement_that_is_not_imported(tree: Tree) -> None:
    files = {"solids/__init__.py": b"", "solids/_core.pyd": tree.pe("gone.dll")}
    tree.install("solids", "1.0", files)
    files = {"shapes/__init__.py": b"def f():\n    import solids\n"}
    tree.install("shapes", "1.0", files, requires=["solids"])

    assert judged(tree, "shapes").ok
    tree.install("cubes", "1.0", {"cubes.py": b"import shapes, solids._core\n"})
    info = tree.site / "cubes-1.0.dist-info" / "METADATA"
    info.write_text(info.read_text("utf-8") + "Requires-Dist: shapes\n", "utf-8")
    assert not judged(tree, "cubes").ok


@pytest.mark.parametrize(
    ("target", "severities"), [("pywin32", {"warning"}), ("win32api", set())]
)
def test_parts_that_only_some_need(
    tree: Tree, target: str, severities: set[str]
) -> None:
    files = {
        "win32/win32api.pyd": tree.pe(),
        "pythonwin/dde.pyd": tree.pe("mfc140u.dll"),
        "win32comext/axdebug/axdebug.pyd": tree.pe("axscript.pyd"),
    }
    tree.install("pywin32", "312", files)
    (tree.site / "pywin32.pth").write_text("win32\npythonwin\n", "ascii")

    result = judged(tree, target)

    assert result.ok
    assert {d.severity for d in result.diagnoses} == severities
    for found in result.diagnoses:
        obey(found)


def test_such_a_part_that_is_asked_for(tree: Tree) -> None:
    files = {"win32/a.pyd": tree.pe(), "pythonwin/dde.pyd": tree.pe("mfc140u.dll")}
    tree.install("pywin32", "312", files)
    (tree.site / "pywin32.pth").write_text("win32\npythonwin\n", "ascii")

    assert not judged(tree, "dde").ok


def test_what_a_package_loads_by_path_is_never_idle(tree: Tree) -> None:
    files = {"torchvision/__init__.py": b"", "torchvision/_C.pyd": tree.pe("gone.dll")}
    tree.install("torchvision", "0.24.0", files)

    assert not judged(tree, "torchvision").ok


def test_a_package_whose_import_touches_none_of_its_native_parts(tree: Tree) -> None:
    files = {"qt/__init__.py": b"", "qt/QtCore.pyd": tree.pe("gone.dll")}
    tree.install("qt", "5.15", files)

    assert not judged(tree, "qt").ok
