"""The options of the command line: what excludes what, and what is described."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

import dllguard
from dllguard._arguments import parser

REPOSITORY = Path(dllguard.__file__).parent.parent


def options() -> list[str]:
    """Return every long option of every command."""
    (commands,) = (
        action
        for action in parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    found = {
        option
        for command in commands.choices.values()
        for action in command._actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }
    return sorted(found)


@pytest.mark.parametrize(
    ("given", "symbols"),
    [([], None), (["--symbols"], True), (["--no-symbols"], False)],
    ids=["by-default", "all", "none"],
)
def test_symbols(given: list[str], *, symbols: bool | None) -> None:
    assert parser().parse_args(["check", *given]).symbols is symbols


def refused(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    with pytest.raises(SystemExit) as end:
        parser().parse_args(args)
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert said.count("\n") == 1
    return said


@pytest.mark.parametrize(
    "given", [("--symbols", "--no-symbols"), ("--no-symbols", "--symbols")]
)
def test_symbols_and_no_symbols_exclude_each_other(
    capsys: pytest.CaptureFixture[str], given: tuple[str, str]
) -> None:
    said = refused(capsys, "check", *given, "torch")

    assert said.startswith(f"dllguard: argument {given[1]}: not allowed with")
    assert said.endswith("; see dllguard check --help\n")


@pytest.mark.parametrize(
    "args",
    [
        ["check", "--symbol"],
        ["check", "--no-sym"],
        ["check", "--tr"],
        ["check", "--py", "x"],
        ["host", "--js"],
    ],
    ids=" ".join,
)
def test_options_are_not_abbreviated(
    capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    assert args[1] in refused(capsys, *args)


def test_check_by_default() -> None:
    found = parser().parse_args(["check"])

    assert vars(found) == {
        "command": "check",
        "targets": [],
        "requirement_files": [],
        "everything": False,
        "hosts": [],
        "python": None,
        "windows": None,
        "dll_directory": [],
        "symbols": None,
        "package_folders": True,
        "real": False,
        "fail_on": [],
        "ignore": [],
        "config": None,
        "no_config": False,
        "format": None,
        "html": None,
    }


def test_check_in_full() -> None:
    args = "check --python P --windows W --dll-directory A --dll-directory B --try"
    found = parser().parse_args([*args.split(), "--no-package-directories", "a", "b"])

    assert (found.python, found.windows) == ("P", "W")
    assert found.dll_directory == ["A", "B"]
    assert (found.real, found.package_folders) == (True, False)
    assert found.targets == ["a", "b"]


@pytest.mark.parametrize(
    ("given", "form"),
    [([], None), (["--json"], "json"), (["--format", "github"], "github")],
    ids=["by-default", "json", "github"],
)
def test_format(given: list[str], form: str | None) -> None:
    assert parser().parse_args(["check", *given]).format == form


@pytest.mark.parametrize(
    "given",
    [
        ("--json", "--format=text"),
        ("--config=x", "--no-config"),
        ("--format", "html"),
    ],
)
def test_what_excludes_what(
    capsys: pytest.CaptureFixture[str], given: tuple[str, str]
) -> None:
    assert refused(capsys, "check", *given).startswith("dllguard: argument --")


def test_what_is_given_more_than_once() -> None:
    args = "check -r a.txt --requirement b.txt --host win11 --host win10 --ignore x:y"
    found = parser().parse_args([*args.split(), "--fail-on", "never"])

    assert found.requirement_files == ["a.txt", "b.txt"]
    assert found.hosts == ["win11", "win10"]
    assert (found.ignore, found.fail_on) == (["x:y"], ["never"])


def test_folders_of_one_command_line_are_not_those_of_the_next() -> None:
    parser().parse_args(["check", "--dll-directory", "A"])

    assert parser().parse_args(["check"]).dll_directory == []


def test_arguments_of_a_script_are_its_own() -> None:
    found = parser().parse_args(["run", "x.py", "--json", "--", "-h"])

    assert found.script == "x.py"
    assert found.args == ["--json", "--", "-h"]


@pytest.mark.parametrize("option", options())
def test_every_option_is_in_the_readme(option: str) -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")

    assert re.search(rf"(?<![\w-]){option}(?![\w-])", readme)
