"""Files for another Python: not found, or found and refused by CPython."""

from __future__ import annotations

import pytest

from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.texts import golden, obey
from tests.trees import Tree


def first(tree: Tree, module: bytes) -> Diagnosis:
    tree.install("shapes", "1.0", {"shapes/_core.pyd": module})
    found = tree.plain(judge(tree.live(), "shapes")).diagnoses
    return found[0]


def test_built_for_another_python(tree: Tree) -> None:
    found = first(tree, tree.pe("python310.dll"))

    assert (found.code, found.winerror) == ("python-abi-mismatch", 126)
    assert (found.wanted, found.found) == ("Python 3.10", "Python 3.11")
    golden("python-abi-mismatch", found)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        pytest.param("python313t.dll", "Python 3.13t", id="free-threaded"),
        pytest.param("PYTHON39.DLL", "Python 3.9", id="upper-case"),
        pytest.param("python27.dll", "Python 2.7", id="python-2"),
    ],
)
def test_versions_are_read_from_the_name(tree: Tree, name: str, wanted: str) -> None:
    found = first(tree, tree.pe(name))

    obey(found)
    assert (found.code, found.wanted) == ("python-abi-mismatch", wanted)


def test_debug_build_of_python_is_a_debug_runtime(tree: Tree) -> None:
    assert first(tree, tree.pe("python311_d.dll")).code == "debug-runtime"


def test_stable_abi(tree: Tree) -> None:
    (tree.python / "python3.dll").unlink()

    found = first(tree, tree.pe("python3.dll"))

    assert (found.code, found.culprit) == ("missing-dll", "python3.dll")
    assert "stable ABI" in str(found)
    golden("missing-dll-stable-abi", found)


def test_stable_abi_of_free_threaded_pythons(tree: Tree) -> None:
    # 3.11: only from 3.15 on do the others have it.
    found = first(tree, tree.pe("python3t.dll"))

    obey(found)
    assert (found.code, found.wanted) == ("python-abi-mismatch", "Python 3.15 or later")


def test_stable_abi_that_is_there(tree: Tree) -> None:
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("python3.dll")})

    assert judge(tree.live(), "shapes").ok


def test_cpython_refuses_what_windows_loads(tree: Tree) -> None:
    # Left over from an upgrade, or brought by another package.
    tree.write(tree.python / "python310.dll")

    found = first(tree, tree.pe("python310.dll"))

    assert (found.code, found.winerror) == ("python-abi-mismatch", 0)
    assert found.severity == "error"
    golden("python-abi-mismatch-refused", found)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["python311.dll", "python310.dll"], id="own-comes-first"),
        pytest.param(["PYTHON311.dll"], id="upper-case"),
        pytest.param(["python313t.dll"], id="letter-after-the-digits"),
        pytest.param(["python3.dll"], id="stable-abi"),
        pytest.param(["pythoncom311.dll"], id="no-python-at-all"),
    ],
)
def test_cpython_looks_at_the_first_alone(tree: Tree, names: list[str]) -> None:
    for name in names:
        if not (tree.python / name.lower()).exists():
            tree.write(tree.python / name)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe(*names)})

    assert judge(tree.live(), "shapes").ok


def test_only_extension_modules_are_refused(tree: Tree) -> None:
    tree.write(tree.python / "python310.dll")
    wanted = {"python310.dll": ["function"]}
    path = tree.write(tree.root / "own" / "a.dll", imports=wanted)

    assert judge(tree.live(), str(path)).ok
