"""Snapshots on the command line: taken on one machine, asked on another."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command_runs import Runner
from tests.trees import Tree
from tests.wheel_files import wheel


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Runner:
    """Return what runs commands, in an empty folder and with an empty cache."""
    monkeypatch.setenv("DLLGUARD_CACHE", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Runner(capsys)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine with an old redistributable, and two packages."""
    tree = Tree(tmp_path / "C", redistributable=(14, 29, 30139, 0))
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("MSVCP140.dll")})
    body = tree.pe("VCRUNTIME140_THREADS.dll")
    tree.install("solids", "2.0", {"solids/_core.pyd": body})
    return tree


def given(tree: Tree) -> tuple[object, ...]:
    return "--python", tree.python, "--windows", tree.windows


def findings(text: str) -> list[tuple[str, str, int]]:
    """Return code, headline and WinError of each diagnosis of a report."""
    report: dict[str, Any] = json.loads(text)
    return [
        (d["code"], d["headline"], d["winerror"])
        for target in report["targets"]
        for d in target["diagnoses"]
    ]


def test_snapshot_of_a_folder(run: Runner, tree: Tree) -> None:
    code, out, err = run("snapshot", *given(tree))

    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert re.fullmatch(r"wrote host\.json \(\d+ KB\)", lines[0])
    assert lines[-1] == "    dllguard check TARGET --host host.json"
    assert "Python 3.11, 2 distributions, and of" in " ".join(lines)
    assert max(map(len, lines)) <= 80
    assert json.loads(Path("host.json").read_text("utf-8"))["version"] == 1


def test_verdict_of_the_machine(run: Runner, tree: Tree) -> None:
    names = ("shapes", "solids")
    there = run("check", *names, *given(tree), "--json")
    run("snapshot", *given(tree), "-o", "it.json")
    shutil.rmtree(tree.root)

    here = run("check", *names, "--host", "it.json", "--json")

    assert (here.code, here.err) == (there.code, there.err) == (1, "")
    assert findings(here.out) == findings(there.out)
    assert run("check", "shapes", "--host", "it.json").code == 0
    assert run("check", "--all", "--host", "it.json").code == 1
    assert run("tree", "solids", "--host", "it.json").code == 1
    assert "14.29.30139" in run("host", "--host", "it.json").out
    # Beside a named host, each has its report.
    hosts = ("--host", "win11+redist=14.44", "--host", "it.json")
    path = wheel(Path("dist"), "cubes", "1", {"cubes/_c.pyd": Tree(Path("x")).pe()})
    sums = run("check", path, *hosts).out.splitlines()[:2]
    assert sums == ["win11+redist=14.44: cubes would load", "it.json: cubes would load"]


def test_wheel_on_a_machine_that_is_not_here(run: Runner, tree: Tree) -> None:
    bodies = {"a": tree.pe("MSVCP140.dll"), "b": tree.pe("VCRUNTIME140_THREADS.dll")}
    wheels = [
        wheel(Path("dist"), name, "1.0", {f"{name}/_core.pyd": body})
        for name, body in bodies.items()
    ]
    run("snapshot", *given(tree))

    codes = [run("check", path, "--host", "host.json").code for path in wheels]

    assert codes == [0, 1]


def test_standard_output(run: Runner, tree: Tree) -> None:
    code, out, err = run("snapshot", "-o", "-", *given(tree))

    assert (code, err) == (0, "")
    assert json.loads(out)["format"] == "dllguard snapshot"
    assert os.listdir() == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is a running Windows")
def test_snapshot_of_nothing(run: Runner) -> None:
    said = run.refused("snapshot")

    assert said.startswith("snapshot: run it on the Windows machine, or give --python")


def test_what_is_no_snapshot(run: Runner) -> None:
    Path("list.json").write_text("[]", "utf-8")
    Path("text.json").write_text("{", "utf-8")
    for name in ("absent.json", "list.json", "text.json"):
        for command in (["check", "x"], ["host"], ["needs", "x"], ["tree", "x"]):
            assert run.refused(*command, "--host", name).startswith(f"{name}: ")


def test_folder_that_is_not_there(run: Runner, tree: Tree) -> None:
    file = os.path.join("absent", "host.json")

    said = run.refused("snapshot", *given(tree), "-o", file)
    assert said == f"{file}: no such folder"


def test_snapshot_has_a_python_of_its_own(run: Runner, tree: Tree) -> None:
    for option, folder in (("--python", tree.python), ("--windows", tree.windows)):
        said = run.refused("check", "x", "--host", "a.json", option, folder)
        assert said.startswith(f"{option}: --host a.json ")
