"""Paths that a loader cannot take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import build_pe
from tests.texts import obey
from tests.trees import Tree

NARROW = ("LoadLibraryExA", "GetProcAddress")
BOTH = ("LoadLibraryA", "LoadLibraryW")


def explained(tree: Tree, path: Path, code: int) -> Diagnosis:
    found = explain_failure(Failure(str(path), "shapes", code), tree.live())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (126, "unloadable-path"),
        (206, "unloadable-path"),
        (127, "not-determined"),
        (1114, "initialization-failed"),
    ],
)
def test_long_path(tmp_path: Path, code: int, expected: str) -> None:
    tree = Tree(tmp_path)
    folder = "/".join(["shapes", *["x" * 100] * 3])
    tree.install("shapes", "1.0", {f"{folder}/_core.pyd": build_pe()})
    path = tree.site / folder / "_core.pyd"

    found = explained(tree, path, code)

    assert found.code == expected
    if expected == "unloadable-path":
        assert f"{len(str(path))} characters" in found.headline
        assert any("LongPathsEnabled" in c for r in found.help for c in r.commands)
        obey(replace(found, chain=()))


@pytest.mark.parametrize(
    ("version", "folder", "expected"),
    [
        ((2, 7), "\N{GREEK SMALL LETTER ALPHA}", "unloadable-path"),
        ((2, 7), "alpha", "not-determined"),
        ((3, 11), "\N{GREEK SMALL LETTER ALPHA}", "not-determined"),
    ],
    ids=["python-2", "ascii", "python-3"],
)
def test_python_2_passes_on_the_code_page(
    tmp_path: Path, version: tuple[int, int], folder: str, expected: str
) -> None:
    tree = Tree(tmp_path, version=version)
    tree.install("shapes", "1.0", {f"shapes/{folder}/_core.pyd": build_pe()})

    found = explained(tree, tree.site / "shapes" / folder / "_core.pyd", 126)

    assert found.code == expected


@pytest.mark.parametrize(
    ("folder", "imports", "kind", "warned"),
    [
        ("\N{GREEK SMALL LETTER ALPHA}", NARROW, "pyinstaller", True),
        ("alpha", NARROW, "pyinstaller", False),
        ("\N{GREEK SMALL LETTER ALPHA}", BOTH, "pyinstaller", False),
        ("\N{GREEK SMALL LETTER ALPHA}", (), "pyinstaller", False),
        ("\N{GREEK SMALL LETTER ALPHA}", NARROW, "python", False),
    ],
    ids=["narrow", "ascii", "wide-too", "no-loads", "not-frozen"],
)
def test_program_that_names_its_python(
    tmp_path: Path, folder: str, imports: Sequence[str], kind: str, *, warned: bool
) -> None:
    tree = Tree(tmp_path / folder)
    tree.write(tree.python / "app.exe", imports={"KERNEL32.dll": list(imports)})
    tree.install("shapes", "1.0", {"shapes/_core.pyd": build_pe()})
    host = tree.live()
    host = replace(host, environment=replace(host.environment, kind=kind))

    found = judge(host, "shapes").diagnoses

    assert [d.code for d in found] == (["unloadable-path"] if warned else [])
    for diagnosis in found:
        assert diagnosis.severity == "warning"
        assert [link.name for link in diagnosis.chain] == ["app.exe", "python311.dll"]
        obey(diagnosis)
