"""Values of which some cannot be told."""

from __future__ import annotations

import operator
from collections.abc import Callable
from pathlib import PureWindowsPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._packages._source_values import (
    UNKNOWN,
    VersionInfo,
    compared,
    filled,
    formatted,
    merged,
    summed,
    truth,
)

KNOWN = st.recursive(
    st.one_of(st.text(max_size=3), st.integers(0, 3), st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=5,
)
SIGNS = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}


@given(KNOWN)
def test_truth_of_what_is_known(value: object) -> None:
    assert truth(value) is bool(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(UNKNOWN, None), ((UNKNOWN,), None), ((UNKNOWN, 1), True), (len, None)],
)
def test_truth_of_what_is_not(value: object, *, expected: bool | None) -> None:
    assert truth(value) is expected


@given(KNOWN, KNOWN, st.sampled_from(sorted(SIGNS)))
def test_comparisons_are_pythons(first: object, second: object, sign: str) -> None:
    found = compared(first, sign, second)
    try:
        order: Callable[[Any, Any], Any] = SIGNS[sign]
        wanted = order(first, second)
    except TypeError:
        assert found is UNKNOWN
        return
    assert found is UNKNOWN or found is wanted
    if isinstance(first, str) and isinstance(second, str):
        assert found is wanted


@given(st.tuples(st.integers(), st.integers()), st.sampled_from(sorted(SIGNS)))
def test_versions_are_compared_as_far_as_they_are_known(
    other: tuple[int, int], sign: str
) -> None:
    found = compared(VersionInfo(3, 11), sign, other)

    assert found is SIGNS[sign]((3, 11, 4), other)


@pytest.mark.parametrize(
    ("first", "sign", "second", "expected"),
    [
        (VersionInfo(3, 11), "GtE", (3, 11, 4), UNKNOWN),
        (UNKNOWN, "Eq", UNKNOWN, UNKNOWN),
        (UNKNOWN, "Is", None, UNKNOWN),
        (len, "IsNot", None, True),
        ("a", "In", ("a", UNKNOWN), True),
        ("b", "In", ("a", UNKNOWN), UNKNOWN),
        ("b", "NotIn", ("a",), True),
        ("win", "In", "win32", True),
        ("a", "In", UNKNOWN, UNKNOWN),
        ("a", "In", {"a": 1}, True),
        (PureWindowsPath("C:/A"), "Eq", PureWindowsPath("c:/a"), True),
    ],
)
def test_comparisons_with_what_is_not(
    first: object, sign: str, second: object, expected: object
) -> None:
    assert compared(first, sign, second) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a", "a", "a"),
        ("a", "b", UNKNOWN),
        (True, 1, UNKNOWN),
        ((), ("a",), ("a",)),
        (("a", "b"), ("a", "c"), ("a", "b", "c")),
        (UNKNOWN, "a", UNKNOWN),
    ],
)
def test_one_or_the_other(first: object, second: object, expected: object) -> None:
    assert merged(first, second) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a", "b", "ab"),
        (("a",), ("b",), ("a", "b")),
        (("a",), UNKNOWN, ("a", UNKNOWN)),
        (UNKNOWN, ("a",), (UNKNOWN, "a")),
        ("a", UNKNOWN, UNKNOWN),
        ("a" * 999, "aa", UNKNOWN),
    ],
)
def test_sums(first: object, second: object, expected: object) -> None:
    assert summed(first, second) == expected


@given(st.text(max_size=5), st.integers(-9, 99))
def test_formats_are_pythons(name: str, number: int) -> None:
    percents = formatted("%s/%d%%/%i", (name, number, number))
    braces = filled("{}-{1}-{x}", (name, number), {"x": name})

    assert percents == f"{name}/{number}%/{number}"
    assert braces == f"{name}-{number}-{name}"


@pytest.mark.parametrize("text", ["%5s", "%(a)s", "%s%s", "%q", "%r"])
def test_formats_that_are_left_alone(text: str) -> None:
    assert formatted(text, ["a"]) is UNKNOWN


@pytest.mark.parametrize("text", ["{!r}", "{:>9}", "{0.x}", "{{}}", "{x}", "{1}"])
def test_fields_that_are_left_alone(text: str) -> None:
    assert filled(text, ["a"], {}) is UNKNOWN
