"""Requirements of plain forms mean what the packaging module reads in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement

from dllguard._packages._requirement import plain_requirement
from tests.test_marker import WINDOWS

NAMES = st.sampled_from(["torch", "a.b_c", "x1", "-a", "a-", ""])
RULES = st.sampled_from(
    [
        "",
        ">=1",
        "(>=2.14.0)",
        "(<2",
        "==1.0.*",
        "!=8.3.*,>=5.3",
        "~=1.2",
        ">=1.*",
        "<01",
    ]
)
MARKERS = st.sampled_from(
    [
        "",
        "; extra == 'dev'",
        "; python_version < '4' and extra == 'a'",
        "; os_name == 'posix'",
        '; python_version<"3.12"',
        "; python_version >= '3.9\"",
    ]
)
VERSIONS = st.sampled_from(
    ["1", "1.0", "1.0.1", "2.14.0", "2.15.0+cpu", "5.3", "8.3.1"]
)


@given(NAMES, RULES, MARKERS, VERSIONS)
@settings(max_examples=600)
def test_plain_is_what_packaging_reads(
    name: str, rules: str, marker: str, version: str
) -> None:
    text = f"{name} {rules}{marker}"
    plain = plain_requirement(text, (3, 11))
    if plain is None:
        return
    try:
        found = Requirement(text)
    except InvalidRequirement:
        # Passed over in both ways.
        assert plain.rules_out
        return
    if found.marker is not None:
        assert plain.rules_out is not found.marker.evaluate(WINDOWS)
    if not plain.rules_out:
        assert plain.name == found.name
        allowed = found.specifier.contains(version, prereleases=True)
        assert plain.allows(version) is allowed


@pytest.mark.parametrize("version", ["1.0rc1", "1!1.0", "1.0.post1", "x"])
def test_other_releases_are_not_judged(version: str) -> None:
    plain = plain_requirement("a>=1", (3, 11))
    assert plain is not None
    assert plain.allows(version) is None
