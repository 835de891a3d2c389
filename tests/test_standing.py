"""The verdict in one line."""

from __future__ import annotations

import pytest

from dllguard._faces._standing import judged_for, standing, summed_up
from dllguard._verdict import Diagnosis, FileResult, Report, TargetResult

ERROR = Diagnosis("missing-dll", "h", "s")
WARNING = Diagnosis("missing-dll", "w", "s", severity="warning")
GOOD, BAD = FileResult("a.pyd", 0), FileResult("b.pyd", 126)


@pytest.mark.parametrize(
    ("target", "line"),
    [
        (TargetResult("p", (GOOD,)), "ok, 1 native file would load"),
        (TargetResult("p", (GOOD,) * 1200), "ok, 1,200 native files would load"),
        (
            TargetResult("p", (GOOD,), (WARNING,)),
            "ok, 1 native file would load, 1 warning",
        ),
        (
            TargetResult("p", (GOOD, BAD), (WARNING,)),
            "ok, 1 of 2 native files would not load, 1 warning",
        ),
        (
            TargetResult("p", (GOOD, BAD), (ERROR,)),
            "FAIL, 1 of 2 native files would not load",
        ),
        (TargetResult("p", (), (ERROR,)), "FAIL"),
        (
            TargetResult("p", (GOOD, BAD), ignored=(ERROR,)),
            "ok, 1 error ignored, 1 of 2 native files would not load",
        ),
        (
            TargetResult("p", (GOOD,), (WARNING,), ignored=(WARNING, WARNING)),
            "ok, 2 warnings ignored, 1 native file would load, 1 warning",
        ),
        (
            TargetResult("p", (), (ERROR,), ignored=(ERROR, WARNING)),
            "FAIL, 1 error ignored, 1 warning ignored",
        ),
        (
            TargetResult("p", (FileResult("a.pyd", 0, tried=5), GOOD)),
            "ok, 2 native files would load; tried 1, the loader agrees on 0",
        ),
    ],
)
def test_a_target(target: TargetResult, line: str) -> None:
    assert standing(target) == line


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (Report(), "Nothing was checked"),
        (Report(applicable=False), "Nothing to check: this is not Windows"),
        (Report((TargetResult("p"),)), "p would load"),
        (Report((TargetResult("p"), TargetResult("q"))), "All 2 targets would load"),
        (Report((TargetResult("p", (), (ERROR,)),)), "p would not load"),
        (
            Report((TargetResult("p", ignored=(ERROR,)),)),
            "p: no error but those that are ignored",
        ),
        (
            Report((TargetResult("p", ignored=(ERROR,)), TargetResult("q"))),
            "2 targets: no error but those that are ignored",
        ),
        (Report((TargetResult("p", ignored=(WARNING,)),)), "p would load"),
        (
            Report((TargetResult("p", (), (ERROR,)), TargetResult("q"))),
            "1 of 2 targets would not load",
        ),
    ],
)
def test_a_report(report: Report, sentence: str) -> None:
    assert summed_up(report) == sentence


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ({}, ""),
        ({"windows": {"name": "Windows 11"}}, "Windows 11"),
        (
            {
                "windows": {"name": "Windows 11", "machine": "x64"},
                "python": {"version": "3.12", "machine": "x64", "kind": "venv"},
            },
            "Windows 11, x64; Python 3.12 x64 (venv)",
        ),
        ({"windows": "?", "python": None}, ""),
    ],
)
def test_what_it_was_judged_for(host: dict[str, object], text: str) -> None:
    assert judged_for(Report(host=host)) == text
