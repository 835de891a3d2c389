"""What `check` writes and how it ends: formats, pages, filters, settings."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.command_runs import Runner, program
from tests.texts import SCHEMA
from tests.trees import Tree


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Runner:
    """Return what runs commands, in an empty folder."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Runner(capsys)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine without a redistributable, and two packages."""
    tree = Tree(tmp_path / "C")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("vcruntime140.dll")})
    tree.install("solids", "2.0", {"solids/_core.pyd": tree.pe("MSVCP140.dll")})
    return tree


def settings(text: str, folder: str = ".") -> Path:
    if sys.version_info < (3, 11):
        pytest.importorskip("tomli", reason="Python 3.10 reads TOML by tomli")
    file = Path(folder, "pyproject.toml")
    file.write_text(f"[tool.dllguard]\n{text}\n", "utf-8")
    return file.absolute()


# Formats and files.


def test_formats(run: Runner, tree: Tree) -> None:
    given = "check", "solids", "--python", tree.python

    assert run(*given, "--format", "text") == run(*given)
    assert run(*given, "--format", "json") == run(*given, "--json")
    jsonschema.validate(json.loads(run(*given, "--json").out), SCHEMA)


def test_github(
    run: Runner, tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    given = "--python", tree.python, "--format", "github"
    code, out, err = run("check", "shapes", "solids", *given)

    assert (code, err) == (1, "")
    (line,) = out.splitlines()
    title = "::error title=dllguard missing-vc-runtime%3A solids::"
    assert line.startswith(f"{title}MSVCP140.dll not found")
    written = summary.read_text("utf-8")
    assert written.startswith("# before\n## dllguard: 1 of 2 targets would not load\n")


def test_github_outside_of_a_job(run: Runner, tree: Tree) -> None:
    given = "--python", tree.python, "--format", "github"
    code, out, err = run("check", "shapes", *given)

    assert (code, err) == (0, "")
    assert out == "::notice title=dllguard::shapes would load\n"


def test_github_with_several_hosts(
    run: Runner, tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    hosts = ("--host", "win11", "--host", "win11+redist=14.44")

    given = "--python", tree.python, "--format=github"
    code, out, _ = run("check", "solids", *given, *hosts)

    assert code == 1
    starts = [line.partition("::M")[0].partition("::s")[0] for line in out.splitlines()]
    assert starts == [
        "::error title=dllguard (win11) missing-vc-runtime%3A solids",
        "::notice title=dllguard (win11+redist=14.44)",
    ]
    assert summary.read_text("utf-8").count("## dllguard: solids would") == 2


def test_summary_that_cannot_be_written(
    run: Runner, tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))

    code, _, err = run("check", "shapes", "--python", tree.python, "--format=github")

    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith(f"dllguard: {tmp_path}: ")


def test_page(run: Runner, tree: Tree) -> None:
    given = "check", "solids", "--python", tree.python, "--html", "report.html"
    code, out, err = run(*given)

    page = Path("report.html").read_text("utf-8")
    assert code == 1
    assert out.startswith("solids: FAIL")
    assert err.startswith("dllguard: wrote report.html (")
    assert page.startswith("<!DOCTYPE html>")
    assert "solids would not load" in page
    assert "MSVCP140.dll" in page


def test_pages_of_several_hosts(run: Runner, tree: Tree) -> None:
    hosts = ("--host", "win11", "--host", "win11+redist=14.44")
    given = "--python", tree.python, "--html", "report.html"
    err = run("check", "solids", *given, *hosts).err

    names = ["report-win11+redist=14.44.html", "report-win11.html"]
    assert sorted(os.listdir()) == names
    assert err.count("dllguard: wrote report-win11") == 2
    assert "solids would load" in Path(names[0]).read_text("utf-8")


def test_page_in_no_folder_is_refused_at_once(run: Runner) -> None:
    said = run.refused("check", "x==1", "--html", os.path.join("absent", "r.html"))

    assert said == f"{os.path.join('absent', 'r.html')}: no such folder"


# What counts.


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], 1),
        (["--fail-on", "never"], 0),
        (["--fail-on", "warning"], 1),
        (["--fail-on", "side-by-side"], 0),
        (["--fail-on", "side-by-side,missing-vc-runtime"], 1),
        (["--fail-on", "side-by-side", "--fail-on", "error"], 1),
        (["--ignore", "missing-vc-runtime"], 0),
        (["--ignore", "missing-vc-runtime:msvcp140*"], 0),
        (["--ignore", "missing-vc-runtime:solids"], 0),
        (["--ignore", "missing-vc-runtime:shapes"], 1),
        (["--ignore", "missing-dll"], 1),
    ],
    ids=str,
)
def test_exit_code(run: Runner, tree: Tree, args: list[str], expected: int) -> None:
    found = run("check", "shapes", "solids", "--python", tree.python, *args)

    assert found.code == expected


def test_ignored_is_told(run: Runner, tree: Tree) -> None:
    given = "--python", tree.python, "--ignore", "missing-vc-runtime"
    code, out, err = run("check", "solids", *given)

    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == [
        "solids: ok, 1 error ignored, 1 of 1 native file would not load",
        "  ignored: MSVCP140.dll not found (needed by _core.pyd) [missing-vc-runtime]",
    ]
    report = json.loads(run("check", "solids", *given, "--json").out)
    jsonschema.validate(report, SCHEMA)
    (target,) = report["targets"]
    assert (report["ok"], target["diagnoses"]) == (True, [])
    assert target["ignored"][0]["code"] == "missing-vc-runtime"
    notice = run("check", "solids", *given, "--format", "github").out
    told = "solids: no error but those that are ignored"
    assert notice == f"::notice title=dllguard::{told}\n"


def test_rule_that_matched_nothing_is_told(run: Runner, tree: Tree) -> None:
    given = "check", "shapes", "--python", tree.python
    rules = ("--ignore", "missing-dll:x.dll", "--ignore", "missing-dll:x.dll")

    code, out, err = run(*given, *rules)

    assert (code, out) == (0, run(*given).out)
    assert err == "dllguard: note: --ignore missing-dll:x.dll: matched nothing\n"


def test_rule_that_matched_on_one_host_is_not_told(run: Runner, tree: Tree) -> None:
    hosts = ("--host", "win11", "--host", "win11+redist=14.44")
    rule = ("--ignore", "missing-vc-runtime")
    found = run("check", "solids", "--python", tree.python, *hosts, *rule)

    assert (found.code, found.err) == (0, "")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--ignore", "missing"], "--ignore missing: no such code"),
        (["--fail-on", "err"], "--fail-on err: no such code; did you mean error?"),
        (["--fail-on", "never,error"], "--fail-on never: excludes error"),
        (["--config", "absent.toml"], "absent.toml: "),
        (["--try", "--host", "win11"], "--try: "),
    ],
)
def test_wrong_usage(run: Runner, args: list[str], said: str) -> None:
    assert run.refused("check", "x==1", *args).startswith(said)


# Settings.


def test_settings_of_the_project(
    run: Runner, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings(
        f"targets = ['shapes', 'solids']\npython = '{tree.python}'\n"
        "format = 'json'\nignore = ['missing-vc-runtime:solids']\n"
    )
    Path("deep").mkdir()
    monkeypatch.chdir("deep")

    code, out, err = run("check")

    assert code == 0
    assert err == f"dllguard: note: with [tool.dllguard] of {file}\n"
    assert [t["name"] for t in json.loads(out)["targets"]] == ["shapes", "solids"]


def test_command_line_wins(run: Runner, tree: Tree) -> None:
    settings(
        f"targets = ['solids']\npython = '{tree.python}'\nformat = 'json'\n"
        "fail-on = 'never'\nrequirement-files = ['absent.txt']\n"
    )

    given = ["--format", "text", "--fail-on", "error"]
    assert run("check", "shapes", *given).out.startswith("shapes: ok")
    assert run("check", "solids", *given).code == 1
    assert run("check", "solids").code == 0


def test_command_line_says_which_machine(run: Runner, tree: Tree) -> None:
    settings(f"python = '{tree.python}'\nhosts = ['win11+redist=14.44']")

    # A Python of its own: that of the settings is not meant.
    assert run.refused("check", "solids", "--host", "absent.json") == (
        "absent.json: no such file"
    )
    assert run("check", "solids").code == 0
    assert run("check", "solids", "--python", tree.python).code == 1


def test_settings_that_play_no_part_are_not_told(run: Runner, tree: Tree) -> None:
    settings("targets = ['solids']")

    assert run("check", "shapes", "--python", tree.python).err == ""


def test_no_settings(run: Runner, tree: Tree) -> None:
    settings("ignored = 3")
    given = "check", "shapes", "--python", tree.python

    assert "ignored: no such key; did you mean ignore?" in run.refused(*given)
    assert run(*given, "--no-config").code == 0


def test_settings_of_another_file(run: Runner, tree: Tree, tmp_path: Path) -> None:
    settings("fail-on = 'error'")
    other = settings("fail-on = 'never'", str(tmp_path))
    given = "check", "solids", "--python", tree.python

    code, _, err = run(*given, "--config", other)

    assert (code, err) == (0, f"dllguard: note: with [tool.dllguard] of {other}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ignore = ['missing']", "--ignore missing: no such code"),
        ("hosts = ['win12']", "--host win12: "),
        ("dll-directories = ['absent']", "absent: no such folder"),
    ],
)
def test_wrong_values_are_told_with_their_file(
    run: Runner, text: str, said: str
) -> None:
    file = settings(text)
    code, out, err = run("check", "x==1")

    assert (code, out) == (2, "")
    assert str(file.parent) in err
    assert said in err


def test_settings_are_read_by_check_alone(run: Runner, tree: Tree) -> None:
    settings("zzz = 1")

    assert run("host", "--python", tree.python).code == 0
    assert run("tree", "shapes", "--python", tree.python).code == 0


def test_program_without_settings(tree: Tree) -> None:
    done = program("check", "solids", "--python", tree.python, "--no-config")

    assert (done.returncode, done.stderr) == (1, "")
