"""What is left out of a verdict, and what fails a run."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._filters import Ignore, fails, parse_fail_on, parse_ignore, without
from dllguard._help import codes
from dllguard._model import Link
from dllguard._verdict import Diagnosis, FileResult, Report, TargetResult
from tests.texts import validate

ERROR = Diagnosis(
    code="missing-dll",
    headline="geos_c.dll not found (needed by lib.pyd)",
    summary="s",
    target="shapely",
    culprit="geos_c.dll",
    chain=(
        Link("lib.pyd", r"C:\site\shapely\lib.pyd"),
        Link("geos.dll", "C:/site/shapely.libs/geos.dll"),
        Link("geos_c.dll"),
    ),
    site=(r"C:\site", "C:/site"),
)
WARNING = Diagnosis(
    "openmp-conflict", "two OpenMP runtimes", "s", severity="warning", culprit="iomp5"
)
JOINED = replace(ERROR, also=("other.pyd -> gone.dll   NOT FOUND", "and 3 more"))


def report(*diagnoses: Diagnosis, name: str = "shapely") -> Report:
    files = (FileResult("lib.pyd", 126, code="missing-dll"),)
    return Report((TargetResult(name, files, diagnoses),))


def left(found: Report, *rules: str) -> tuple[Diagnosis, ...]:
    return without(found, [parse_ignore(rule) for rule in rules])[0].diagnoses


# What is left out.


@pytest.mark.parametrize(
    "rule",
    [
        "missing-dll",
        "missing-dll:geos_c.dll",
        "missing-dll:GEOS_C.dll",
        "missing-dll:geos*",
        "missing-dll:lib.pyd",
        "missing-dll:geos.dll",
        "missing-dll:shapely",
        "missing-dll:shapely/*.pyd",
        r"missing-dll:shapely\lib.pyd",
        "missing-dll:shapely.libs",
        "*:geos_c.dll",
        " missing-dll : geos_c.dll ",
    ],
)
def test_what_a_rule_is_about(rule: str) -> None:
    assert left(report(ERROR), rule) == ()


@pytest.mark.parametrize(
    "rule",
    [
        "missing-export",
        "missing-dll:geos",
        "missing-dll:geos_c",
        "missing-dll:numpy",
        "missing-export:geos_c.dll",
        "*:other.dll",
    ],
)
def test_what_a_rule_is_not_about(rule: str) -> None:
    found = report(ERROR)

    assert without(found, [parse_ignore(rule)]) == (found, frozenset())


def test_target_by_its_distribution() -> None:
    bare = replace(ERROR, target=None, chain=(), culprit=None)

    assert left(report(bare, name="Shapely"), "missing-dll:shapely") == ()
    assert left(report(bare, name="dist/x.pyd"), "missing-dll:x.pyd") == ()
    assert left(report(bare, name="numpy"), "missing-dll:shapely") == (bare,)


@pytest.mark.parametrize(
    ("rules", "is_left"),
    [
        (["missing-dll:geos_c.dll"], True),
        (["missing-dll:*.dll"], True),
        (["missing-dll"], False),
        (["missing-dll:shapely"], False),
    ],
)
def test_what_is_told_as_one_is_left_out_as_a_whole(
    rules: list[str], *, is_left: bool
) -> None:
    # What "and 3 more" are is not told, and may be something else.
    found = report(JOINED)

    assert bool(left(found, *rules)) is is_left


def test_each_chain_must_be_meant() -> None:
    two = replace(ERROR, also=("other.pyd -> gone.dll   NOT FOUND",))

    assert left(report(two), "missing-dll:geos_c.dll") == (two,)
    assert left(report(two), "missing-dll:g*.dll") == ()


def test_ignored_stays_with_its_target() -> None:
    found, matched = without(
        report(ERROR, WARNING), [Ignore("missing-dll"), Ignore("side-by-side")]
    )
    (target,) = found.targets

    assert (target.ignored, target.diagnoses) == ((ERROR,), (WARNING,))
    assert matched == {Ignore("missing-dll")}
    assert found.ok
    assert str(found).splitlines()[:2] == [
        "shapely: ok, 1 error ignored, 1 of 1 native file would not load, 1 warning",
        "  ignored: geos_c.dll not found (needed by lib.pyd) [missing-dll]",
    ]
    values = found.to_dict()
    assert values["targets"][0]["ignored"][0]["code"] == "missing-dll"  # type: ignore[index]
    validate(found)


def test_many_that_are_ignored_are_counted() -> None:
    many = [replace(ERROR, headline=f"{n}.dll not found") for n in range(8)]
    lines = str(without(report(*many), [Ignore("missing-dll")])[0]).splitlines()

    assert lines[0].startswith("shapely: ok, 8 errors ignored, ")
    assert len(lines) == 7
    assert lines[-1] == "  ignored: 3 more findings"


def test_ignored_twice() -> None:
    once = without(report(ERROR, WARNING), [Ignore("missing-dll")])[0]
    twice = without(once, [Ignore("openmp-conflict")])[0]

    assert twice.targets[0].ignored == (ERROR, WARNING)


@given(st.lists(st.sampled_from([ERROR, WARNING, JOINED])), st.sampled_from(codes()))
def test_nothing_is_lost(diagnoses: list[Diagnosis], code: str) -> None:
    (target,) = without(report(*diagnoses), [Ignore(code)])[0].targets

    found = [*target.diagnoses, *target.ignored]
    assert sorted(found, key=str) == sorted(diagnoses, key=str)
    assert all(d.code == code for d in target.ignored)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("missing-dlls", "missing-dlls: no such code; did you mean missing-dll"),
        ("", "nothing: no such code; `dllguard help` lists them"),
        ("Missing-DLL", "Missing-DLL: no such code"),
        ("missing-dll:", "missing-dll:: names nothing after the colon"),
        ("*", "*: would ignore everything"),
        ("*:*", "*:*: would ignore everything"),
    ],
)
def test_rules_that_are_none(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        parse_ignore(text)


@pytest.mark.parametrize("text", ["missing-dll", "missing-dll:a*.dll", "*:a.dll"])
def test_rule_as_text(text: str) -> None:
    assert str(parse_ignore(text)) == text


# What fails a run.


@pytest.mark.parametrize(
    ("words", "of_error", "of_warning"),
    [
        (["error"], True, False),
        (["warning"], True, True),
        (["error", "warning"], True, True),
        (["never"], False, False),
        (["missing-dll"], True, False),
        (["openmp-conflict"], False, True),
        (["openmp-conflict,missing-dll"], True, True),
        (["error", "openmp-conflict"], True, True),
        (["side-by-side"], False, False),
    ],
    ids=str,
)
def test_what_fails_a_run(
    words: list[str], *, of_error: bool, of_warning: bool
) -> None:
    parsed = parse_fail_on(words)

    assert fails(report(ERROR), parsed) is of_error
    assert fails(report(WARNING), parsed) is of_warning
    assert not fails(report(), parsed)


def test_by_default_errors_fail_a_run() -> None:
    assert fails(report(ERROR))
    assert not fails(report(WARNING))


def test_what_is_ignored_fails_no_run() -> None:
    found = without(report(ERROR), [Ignore("missing-dll")])[0]

    assert not fails(found, ("warning", "missing-dll"))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["errors"], "errors: no such code; did you mean error?"),
        (["error,"], "nothing: no such code"),
        (["never", "error"], "never: excludes error"),
    ],
)
def test_words_that_are_none(texts: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        parse_fail_on(texts)
