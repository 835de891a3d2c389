"""Every field case, told as its file says it must be.

A case is one file in `tests/field/`; its README describes the format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dllguard._causes import _exports
from dllguard._explain import explain_failure
from dllguard._judge import Rules, judge
from dllguard._logs._pasted import explain_text
from dllguard._verdict import Diagnosis, TargetResult
from tests.field_case import Case, Machine, cases
from tests.texts import compare, obey

CASES = cases()
_KEYS = {
    "source",
    "about",
    "static",
    "caution",
    "host",
    "package",
    "files",
    "failure",
    "check",
    "log",
    "verdict",
}


@pytest.fixture(autouse=True)
def names_stay_decorated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do without the tools that know C++ names, which not every machine has."""
    monkeypatch.setattr(_exports, "undecorated", {}.get)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
class TestCase:
    def test_file(self, case: Case) -> None:
        assert set(case.content) <= _KEYS
        assert case.content["source"], "no source"
        assert case.content["static"] in ("yes", "partly", "no")
        assert case.failure or case.check, "nobody asks"

    def test_exception_is_explained(self, case: Case, tmp_path: Path) -> None:
        if case.failure is None:
            # What ends a process without an exception is foreseen or not at all.
            assert "target" in case.check
            return
        machine = Machine(tmp_path, case.content)
        failure = machine.failure(case.failure)
        if case.verdict.get("recognised") is False:
            assert failure is None
            return
        assert failure is not None, "not recognised as a failed load"

        found = explain_failure(failure, machine.host())

        assert found is not None, "nothing is said of it"
        told = machine.plain(found)
        obey(told)
        hold(told, case.verdict)
        compare(f"field/{case.name}", str(told))

    def test_check_foresees_it(self, case: Case, tmp_path: Path) -> None:
        if "target" not in case.check:
            return
        machine = Machine(tmp_path, case.content)
        target = case.check["target"]
        if "/" in target:
            target = str(machine.path(target))

        result = machine.plain(judge(machine.host(), target, Rules()))

        expected = {**case.verdict, **case.check}
        for diagnosis in result.diagnoses:
            obey(diagnosis)
        if expected.get("code") == "ok":
            assert result.ok, result.diagnoses[0]
            return
        found = first(result, expected)
        hold(found, expected)
        if case.failure is None or case.verdict.get("recognised") is False:
            compare(f"field/{case.name}", str(found))

    def test_pasted_traceback_is_understood(self, case: Case) -> None:
        log = case.content.get("log", {})
        text = log.get("text") or traceback(case)
        if text is None:
            return

        pasted = explain_text(text)

        assert pasted.recognised, text
        allowed = log.get("codes", [case.verdict["code"]])
        assert {cause.code for cause in pasted.causes} & set(allowed)


def traceback(case: Case) -> str | None:
    """Return the last lines of what Python printed of a failed load, if it did."""
    told = case.failure
    if told is None or case.verdict.get("recognised") is False:
        return None
    text = told["text"]
    if "winerror" in told and told["type"] in ("OSError", "PermissionError"):
        text = f"[WinError {told['winerror']}] {text}"
    return f"Traceback (most recent call last):\n{told['type']}: {text}\n"


def first(result: TargetResult, expected: Mapping[str, Any]) -> Diagnosis:
    """Return the finding that must be on top."""
    assert result.diagnoses, "nothing was found"
    codes = [d.code for d in result.diagnoses]
    for code in expected.get("besides", ()):
        assert code in codes[1:]
    return result.diagnoses[0]


def hold(found: Diagnosis, expected: Mapping[str, Any]) -> None:
    """Hold a diagnosis to what the case's file says."""
    text = str(found)
    print(text)
    assert found.code == expected["code"]
    assert found.severity == expected.get("severity", "error")
    if "winerror" in expected:
        assert found.winerror == expected["winerror"]
    if "culprit" in expected:
        assert (found.culprit or "").lower() == expected["culprit"].lower()
    if "chain" in expected:
        assert [link.name for link in found.chain] == expected["chain"]
    for words in expected.get("says", ()):
        assert words in unwrapped(text)
    helped = "\n".join(help_lines(found))
    for words in expected.get("offers", ()):
        assert words in helped
    for words in expected.get("never", ()):
        assert words not in helped


def help_lines(found: Diagnosis) -> Iterator[str]:
    """Yield what a diagnosis tells people to do."""
    for remedy in found.help:
        yield remedy.text
        yield from remedy.commands


def unwrapped(text: str) -> str:
    """Return a report without its line breaks."""
    return " ".join(text.split())
