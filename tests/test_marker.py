"""Markers that are read here mean what the packaging module reads in them."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.markers import InvalidMarker, Marker, UndefinedComparison

from dllguard._packages._marker import marker_holds

WINDOWS = {
    "implementation_name": "cpython",
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "platform_system": "Windows",
    "python_version": "3.11",
    "python_full_version": "3.11.7",
    "sys_platform": "win32",
    "extra": "",
}
"""The variables as a Python there has them."""

CONDITIONS = st.sampled_from(
    [
        "os_name == 'nt'",
        'sys_platform != "win32"',
        "platform_machine != 'wasm32'",
        "platform_machine == 'AMD64'",
        "platform_machine=='arm64'",
        "platform_python_implementation != 'PyPy'",
        "implementation_name == 'PyPy'",
        "python_version >= '3.12'",
        "python_version == '3.*'",
        "python_version > '3.11.0'",
        "python_version <= '3'",
        "python_full_version < '3.11'",
        "python_full_version >= '3.11.0'",
        "python_full_version < '3.11.4'",
        "python_full_version == '3.11'",
        "extra == 'a'",
        "extra == ''",
        "extra != 'a'",
        "'linux' in sys_platform",
        "platform_system == '1'",
        "os_name < 'nt'",
        "of_some == 'x'",
        "os_name == 'a(b'",
        "os_name == 'nt",
        "",
    ]
)
LINKS = st.sampled_from([" and ", " or ", "and", "or", " ", ""])
MARKERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.tuples(inner, LINKS, inner).map("".join),
        inner.map("({})".format),
        inner.map("({}".format),
    ),
    max_leaves=6,
)


@given(MARKERS)
@settings(max_examples=1500)
@example("(os_name == 'nt' or extra == 'a') and sys_platform == 'win32'")
@example("os_name == 'nt' or os_name == 'posix' and extra == 'a'")
@example("extra == 'a' and 'nt' != 'x' or os_name == 'nt'")
@example("os_name == 'nt' or os_name ~= 'nt'")
@example("python_version < '4' and (extra == 'a' or os_name == 'nt')")
def test_what_is_told_is_what_packaging_reads(marker: str) -> None:
    told = marker_holds(marker, (3, 11))
    try:
        holds = Marker(marker).evaluate(WINDOWS)
    except (InvalidMarker, UndefinedComparison, KeyError):
        assert told is not True
    else:
        assert told in (None, holds)


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("sys_platform == 'win32'", True),
        ("sys_platform != 'darwin' or platform_machine != 'x86_64'", True),
        (
            "(extra == 'a') or (os_name == 'nt' and extra == 'b')",
            False,
        ),
        ("python_full_version < '3.11'", False),
        ("(python_version >= '3.9')and implementation_name != 'PyPy'", True),
        ("platform_release == '10' and extra == 'a'", False),
    ],
)
def test_common_forms_are_told(marker: str, holds: bool) -> None:
    assert marker_holds(marker, (3, 11)) is holds


@pytest.mark.parametrize(
    "marker",
    [
        "platform_machine == 'AMD64'",
        "python_full_version < '3.11.4'",
        "platform_release >= '10'",
        "os_name == 'nt' or platform_release >= '10'",
        "os_name == 'nt' and",
        "or os_name == 'nt'",
        "(os_name == 'nt'",
        "os_name == 'nt')",
        "()",
        "os_name == 'nt' os_name == 'nt'",
        "'nt' == os_name",
        "",
    ],
)
def test_what_may_or_may_not_hold_is_not_told(marker: str) -> None:
    assert marker_holds(marker, (3, 11)) is None


def test_thousands_of_brackets_are_read_without_recursion() -> None:
    deep = "(" * 5000 + "os_name == 'nt'" + ")" * 5000
    assert marker_holds(deep, (3, 11)) is True
