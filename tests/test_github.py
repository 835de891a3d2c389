"""Workflow commands and the summary of a GitHub Actions job."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._faces._github import (
    LARGEST_SUMMARY,
    summary_markdown,
    workflow_commands,
)
from dllguard._verdict import Diagnosis, Report, TargetResult
from tests.reports import broken_torch
from tests.texts import compare
from tests.trees import Tree

FOUND = Diagnosis(
    code="missing-dll", headline="x.dll not found", summary="s.", target="p"
)
# "Workflow commands for GitHub Actions" (GitHub).
COMMAND = re.compile(r"::(error|warning|notice) title=([^:,%]|%25|%0A|%3A|%2C)*::.*")


def report_of(*diagnoses: Diagnosis, notes: tuple[str, ...] = ()) -> Report:
    return Report((TargetResult("p", diagnoses=diagnoses, notes=notes),))


@pytest.fixture
def torch(tmp_path: Path) -> Report:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    return tree.plain(broken_torch(tree)[0])


def test_annotations(torch: Report) -> None:
    compare("github-annotations", "\n".join(workflow_commands(torch)))


def test_a_summary(torch: Report) -> None:
    compare("github-summary", summary_markdown(torch).rstrip("\n"))


def test_one_for_each_diagnosis_and_each_note() -> None:
    warning = replace(FOUND, severity="warning", headline="w")

    found = list(workflow_commands(report_of(warning, FOUND, notes=("n.",))))

    assert [line.split()[0] for line in found] == ["::error", "::warning", "::notice"]
    assert found[0].startswith("::error title=dllguard missing-dll%3A p::x.dll not")
    assert found[2] == "::notice title=dllguard%3A p::n."


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (report_of(), "::notice title=dllguard::p would load"),
        (
            Report(applicable=False),
            "::notice title=dllguard::Nothing to check: this is not Windows",
        ),
    ],
    ids=["ok", "not Windows"],
)
def test_nothing_to_say(report: Report, line: str) -> None:
    assert list(workflow_commands(report)) == [line]


@pytest.mark.parametrize(
    "name",
    [
        "x\n::error::y.dll",
        "x\r\n::set-output name=a::b",
        "100%.dll",
        "a,title=b.dll",
        "a::b.dll",
        "\x1b[2K\u202egnp.dll",
    ],
)
def test_a_name_starts_no_command(name: str) -> None:
    odd = replace(FOUND, target=name, headline=f"{name} not found", note=name)
    report = Report((TargetResult(name, diagnoses=(odd,), notes=(name,)),))

    for line in workflow_commands(report):
        assert line.isascii()
        assert line.isprintable()
        assert COMMAND.fullmatch(line)


def test_escapes_are_those_that_the_runner_takes_back() -> None:
    odd = replace(FOUND, target="50%, a:b", summary="100 % of it")

    (line,) = workflow_commands(report_of(odd))
    properties, _, message = line.removeprefix("::error ").partition("::")

    assert properties == "title=dllguard missing-dll%3A 50%25%2C a%3Ab"
    assert "%25 of it" in message
    assert message.replace("%0A", "\n").replace("%25", "%") == str(odd)


@pytest.mark.parametrize(
    "name",
    ["a|b.dll", "<img src=x>.dll", "[a](b).dll", "*_`a`_*.dll", "a\n# b.dll", "\\"],
)
def test_a_name_is_text_in_the_summary(name: str) -> None:
    odd = replace(FOUND, headline=f"{name} not found", note=f"``` {name}")
    text = summary_markdown(Report((TargetResult(name, diagnoses=(odd,)),)))
    heading = text[text.index("### ") :].splitlines()[0]
    (row,) = (line for line in text.splitlines() if line.endswith(" FAIL |"))
    fences = [line for line in text.splitlines() if re.match(r"`{3,}(text)?$", line)]

    plain = re.sub(r"\\(.)", "", heading)
    assert not re.search(r"[|<>\[\]*_`]", plain)
    assert re.sub(r"\\.", "", row).count("|") == 3
    # What the name holds ends no fence.
    assert fences == ["````text", "````"]


def test_a_summary_is_never_too_large_for_github() -> None:
    many = [replace(FOUND, headline=f"{i}.dll", note="n" * 5000) for i in range(400)]

    text = summary_markdown(report_of(*many))

    assert len(text.encode()) <= LARGEST_SUMMARY + 100
    assert "parts of this report left out" in text
    assert "### Error: 0.dll" in text
