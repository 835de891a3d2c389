"""`dllguard tree`: lines for a terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._faces._tree import tree_lines
from dllguard._judge import judge
from dllguard._preflight import report_on
from dllguard._verdict import Report
from tests.pebuilder import build_pe
from tests.reports import RUNTIME_SET, broken_torch
from tests.texts import compare
from tests.trees import Tree


@pytest.fixture
def old_runtime(tmp_path: Path) -> Tree:
    return Tree(tmp_path, redistributable=(14, 29, 30139, 0))


def lines(
    tree: Tree, *targets: str, windows: bool = False, delayed: bool = False
) -> str:
    host = tree.host()
    report = report_on(host, targets)
    found = tree_lines(report, host.process, windows=windows, delayed=delayed)
    return tree.plain("\n".join(found))


def test_a_tree(old_runtime: Tree) -> None:
    report, host = broken_torch(old_runtime)

    found = list(tree_lines(report, host.process))

    compare("tree", old_runtime.plain("\n".join(found)))


def test_each_name_of_windows_when_asked_for(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("p", "1", {"p/a.pyd": tree.pe("KERNEL32.dll", RUNTIME_SET)})

    assert lines(tree, "p").splitlines()[2:] == [
        "  `-- (Windows: KERNEL32.dll; 1 API set)"
    ]
    assert lines(tree, "p", windows=True).splitlines()[2:] == [
        r"  |-- C:\Windows\System32\kernel32.dll",
        f"  `-- {RUNTIME_SET}",
    ]


def test_many_dlls_of_windows_are_counted(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    names = [f"part{i}.dll" for i in range(7)]
    for name in names:
        tree.write(tree.system / name)
    tree.install("p", "1", {"p/a.pyd": tree.pe(*names)})

    named = ", ".join(names[:5])
    assert lines(tree, "p").endswith(f"(Windows: {named} and 2 more DLLs)")


def test_only_the_lines_that_lead_to_the_fault_are_marked(old_runtime: Tree) -> None:
    report, host = broken_torch(old_runtime)

    found = list(tree_lines(report, host.process))
    marked = [line for line in found if line.startswith("! ")]

    assert all("torch" in line or "VCRUNTIME140_THREADS" in line for line in marked)
    assert not any("c10.dll" in line for line in marked)
    (end,) = (line for line in marked if line.endswith("NOT FOUND"))
    assert end == "! |   |-- VCRUNTIME140_THREADS.dll   NOT FOUND"


def test_delay_imports_when_asked_for(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    content = build_pe(delay_imports={"late.dll": ["f"]})
    tree.install("p", "1", {"p/a.pyd": content})

    assert "late" not in lines(tree, "p")
    found = lines(tree, "p", delayed=True).splitlines()[2:]
    assert found == ["  `-- late.dll (delay import, not found)"]


def test_a_forwarder_is_called_one(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    forwards = build_pe(forwarders={"function": "c.function"})
    files = {"p/a.pyd": tree.pe("b.dll"), "p/b.dll": forwards, "p/c.dll": tree.pe()}
    tree.install("p", "1", files)

    assert lines(tree, "p").endswith(r"`-- p\c.dll (forwarder)")


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        (0, "tried: loads"),
        (126, "tried: WinError 126"),
        (-1, "tried: ended the process"),
    ],
)
def test_what_a_real_load_came_to(tmp_path: Path, tried: int, words: str) -> None:
    tree = Tree(tmp_path)
    tree.install("p", "1", {"p/a.pyd": tree.pe()})
    host = tree.host()
    judged = judge(host, "p")
    files = tuple(replace(file, tried=tried) for file in judged.files)
    report = Report((replace(judged, files=files),))

    head, line = tree_lines(report, host.process)

    assert "; tried 1, the loader agrees on " in head
    assert line == rf"  p\a.pyd   {words}"


def test_names_come_out_of_files_and_may_be_anything(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    # The folder of a name like the first one is absent, so that it is not found.
    names = ("\x1b[31m/caf\xe9\n\u202e.dll", "\x07.dll")
    wanted: dict[str, list[str]] = {name: ["f"] for name in names}
    try:
        content = build_pe(imports=wanted)
    except UnicodeEncodeError:
        content = build_pe(imports={"\x1b[31m.dll": ["f"], "\x07.dll": ["f"]})
    tree.install("p", "1", {"p/a.pyd": content})

    text = lines(tree, "p")

    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))


def test_no_windows(tmp_path: Path) -> None:
    process = Tree(tmp_path).host().process

    assert list(tree_lines(Report(applicable=False), process)) == [
        "dllguard: nothing to check, this is not Windows"
    ]
