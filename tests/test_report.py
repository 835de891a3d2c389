"""Diagnoses and reports as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dllguard import DllImportError
from dllguard._model import Link
from dllguard._preflight import report_on
from dllguard._report import ascii_only, diagnosis_text
from dllguard._verdict import Diagnosis, Remedy, Report, TargetResult
from tests.pebuilder import build_pe
from tests.texts import compare, validate
from tests.trees import Tree

SMALL = Diagnosis(
    code="missing-dll",
    headline="x.dll not found (needed by a.pyd)",
    summary="import a would fail with WinError 126.",
    chain=(
        Link("a.pyd", r"C:\site\a\a.pyd"),
        Link("b.dll", "C:/site/a/lib/b.dll"),
        Link("x.dll"),
    ),
    chain_end="NOT FOUND",
    help=(Remedy("install it"),),
    site=(r"C:\site", "C:/site"),
)


def report(tree: Tree) -> Report:
    """Return a report on a target that is well, one with a warning, one that fails."""
    tree.install("fine", "1.0", {"fine/_a.pyd": tree.pe(), "fine/_b.pyd": tree.pe()})
    files = {"lost/_a.pyd": tree.pe("KERNEL32.dll"), "lost/x.dll": tree.pe()}
    tree.install("lost", "1.0", files)
    (tree.site / "lost/x.dll").unlink()
    files = {"broken/_a.pyd": tree.pe("geos_c.dll"), "broken/_b.pyd": tree.pe()}
    tree.install("broken", "1.0", files)
    return report_on(tree.live(), ("fine", "lost", "broken"))


def test_a_report_as_text(tmp_path: Path) -> None:
    tree = Tree(tmp_path)

    compare("report", str(tree.plain(report(tree))))


def test_a_report_as_json(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    made = report(tree)

    validate(made)
    values = tree.plain(made.to_dict())
    assert list(values) == ["version", "ok", "host", "targets"]
    assert (values["version"], values["ok"]) == (1, False)
    json_text = json.dumps({"targets": values["targets"]}, indent=2)
    compare("report-json", json_text)


def test_errors_come_first_and_once() -> None:
    warning = replace(SMALL, severity="warning", headline="w")
    targets = (
        TargetResult("a", diagnoses=(warning, SMALL)),
        TargetResult("b", diagnoses=(SMALL,)),
    )
    found = Report(targets)

    assert [d.severity for d in found.diagnoses] == ["error", "warning"]
    validate(found)


def test_a_report_that_fails_can_be_raised() -> None:
    found = Report((TargetResult("a", diagnoses=(SMALL,)),))

    with pytest.raises(DllImportError) as caught:
        found.raise_if_failed()

    assert caught.value.diagnosis is SMALL
    assert str(caught.value) == diagnosis_text(SMALL)


def test_a_warning_is_not_raised() -> None:
    warning = replace(SMALL, severity="warning")

    Report((TargetResult("a", diagnoses=(warning,)),)).raise_if_failed()


def test_no_windows() -> None:
    found = Report(applicable=False)

    assert str(found) == "dllguard: nothing to check, this is not Windows"
    validate(found)


@pytest.mark.parametrize(
    ("winerror", "count", "line"),
    [
        (0, 1, "a: ok, 1 native file would load"),
        (0, 0, "a: ok, 0 native files would load"),
        (0, 1200, "a: ok, 1,200 native files would load"),
        (126, 2, "a: ok, 2 of 2 native files would not load"),
    ],
)
def test_the_line_of_a_target(winerror: int, count: int, line: str) -> None:
    from dllguard._verdict import FileResult

    files = tuple(FileResult("x.pyd", winerror) for _ in range(count))

    assert str(Report((TargetResult("a", files),))) == line


def test_paths_are_shortened_in_either_notation() -> None:
    lines = str(SMALL).splitlines()

    assert lines[4:7] == [
        r"    a\a.pyd",
        r"    -> a\lib\b.dll",
        "       -> x.dll   NOT FOUND",
    ]


def test_names_come_out_of_files_and_may_be_anything() -> None:
    # An import table may hold what a terminal would act on.
    name = "caf\xe9\x1b[31m\n.dll"
    odd = replace(
        SMALL,
        headline=f"{name} not found",
        summary=f"{name} is gone.",
        chain=(Link(name),),
        symbols=(name,),
        also=(f"a -> {name}",),
    )

    text = str(odd)

    assert text.isascii()
    assert "\x1b" not in text
    assert r"caf\xe9\x1b[31m\x0a.dll" in text
    assert ascii_only("plain") == "plain"


def test_lines_are_80_columns_wide_but_for_commands() -> None:
    long = replace(
        SMALL,
        summary="word " * 60,
        note="word " * 60,
        help=(Remedy("word " * 60, ("command " * 30,)), Remedy("or word " * 60)),
    )

    lines = str(long).splitlines()
    commands = [line for line in lines if line.startswith(" " * 10 + "command")]

    assert len(commands) == 1
    assert max(len(line) for line in lines if line not in commands) <= 80


def test_a_target_that_fails_without_a_file() -> None:
    found = Report((TargetResult("a", diagnoses=(SMALL,)),))

    assert str(found).startswith("a: FAIL\n\nerror: x.dll not found")


def test_the_built_image_is_what_the_json_calls_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("a", "1", {"a/_a.pyd": build_pe(imports={"b.dll": ["?f@@YAXXZ", 3]})})
    tree.write(tree.python / "b.dll", exports=["g"])

    made = report_on(tree.live(), ("a",))

    validate(made)
    values: Any = made.to_dict()
    (found,) = values["targets"][0]["diagnoses"]
    assert found["symbols"] == ["?f@@YAXXZ", "#3"]
