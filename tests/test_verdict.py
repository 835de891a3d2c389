"""Verdicts: what counts as ok, what is raised, what is shown first."""

from __future__ import annotations

import pickle

import pytest

import dllguard
from dllguard._model import version_text
from dllguard._verdict import Diagnosis, Report, TargetResult

ERROR = Diagnosis("missing-dll", "x.dll not found", "It is not there.")
WARNING = Diagnosis("changed-installation", "a changed", "A size.", severity="warning")


def test_warnings_do_not_fail() -> None:
    report = Report((TargetResult("a", diagnoses=(WARNING,)),))
    assert report.ok
    report.raise_if_failed()


def test_errors_come_first_and_each_once() -> None:
    both = TargetResult("a", diagnoses=(WARNING, ERROR))
    report = Report((both, TargetResult("b", diagnoses=(ERROR,))))
    assert not report.ok
    assert report.diagnoses == (ERROR, WARNING)


def test_the_error_is_raised_with_its_text() -> None:
    report = Report((TargetResult("a", diagnoses=(WARNING, ERROR)),))
    with pytest.raises(dllguard.DllImportError) as caught:
        report.raise_if_failed()
    assert isinstance(caught.value, ImportError)
    assert str(caught.value) == str(ERROR)
    assert caught.value.diagnosis == ERROR


def test_a_report_is_sent_to_another_process() -> None:
    report = Report((TargetResult("a", diagnoses=(ERROR,)),), {"windows": {}})
    assert pickle.loads(pickle.dumps(report)) == report


@pytest.mark.parametrize(
    ("version", "text"),
    [((14, 29, 30139, 0), "14.29.30139"), ((14, 0, 24247, 2), "14.0.24247.2")],
)
def test_version_text(version: tuple[int, int, int, int], text: str) -> None:
    assert version_text(version) == text
