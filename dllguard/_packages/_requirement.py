"""Requirements of the plain forms that nearly all metadata has, read at once.

The packaging module knows all forms, and is asked for the others; its parser takes
longer to import than all metadata to read. "Dependency specifiers" and "Version
specifiers" (Python Packaging User Guide).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ._distribution import normalised

_MOST: Final = 6
_NUMBERS: Final = r"\d{1,9}(?:\.\d{1,9}){0,5}"
_RULE: Final = (
    rf"(?:[<>]=?[ \t]*{_NUMBERS}|[=!]=[ \t]*{_NUMBERS}(?:\.\*)?)(?=[ \t]*(?:[,)]|$))"
)
_PLAIN: Final = re.compile(
    r"[ \t]*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ \t]*"
    rf"(?P<open>\()?[ \t]*(?P<rules>{_RULE}(?:[ \t]*,[ \t]*{_RULE})*)?[ \t]*"
    r"(?(open)\))[ \t]*"
)
_WORD: Final = r"(?:\"[A-Za-z][A-Za-z0-9_. -]*\"|'[A-Za-z][A-Za-z0-9_. -]*')"
_EXTRA: Final = re.compile(rf"[ \t]*extra[ \t]*==[ \t]*{_WORD}[ \t]*")
# Of a Windows Python none of these is true.
_ELSEWHERE: Final = re.compile(
    r"[ \t]*(?:platform_system[ \t]*==[ \t]*[\"'](?:Linux|Darwin|Java)[\"']|"
    r"sys_platform[ \t]*==[ \t]*[\"'](?:linux|darwin|cygwin)[\"']|"
    r"os_name[ \t]*==[ \t]*[\"']posix[\"']|"
    r"(?:platform_python_implementation|implementation_name)"
    r"[ \t]*==[ \t]*[\"'](?i:pypy)[\"'])[ \t]*"
)
_PYTHON: Final = re.compile(
    rf"[ \t]*python_version[ \t]*([<>]=?|[=!]=)[ \t]*([\"'])({_NUMBERS})\2[ \t]*"
)
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_RELEASE: Final = re.compile(rf"({_NUMBERS})(?:\+[A-Za-z0-9.]+)?")
_OPERATORS: Final = re.compile(r"([<>=!]+)[ \t]*([\d.]+)(\*?)")


class PlainRequirement(NamedTuple):
    """What one line asks for.

    :param name: as it is written; "" where `rules_out` is set.
    :param rules: operators and numbers, all of which must hold.
    :param rules_out: its marker does not hold for that Python on any Windows, or asks
        for an extra.
    """

    name: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    rules_out: bool = False

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return normalised(self.name)

    def allows(self, version: str) -> bool | None:
        """Tell whether a release will do, None for one with more than numbers."""
        found = _RELEASE.fullmatch(version)
        if found is None:
            return None
        ours = _numbers(found[1])
        return all(_holds(ours, operator, wanted) for operator, wanted in self.rules)


def plain_requirement(text: str, python: tuple[int, int]) -> PlainRequirement | None:
    """Read a requirement of a plain form.

    :param text: one line of the metadata.
    :param python: major and minor version of the Python that it is for.
    :returns: None for any other form, which may be a valid one or not.
    """
    wanted, semicolon, marker = text.partition(";")
    if semicolon:
        holds = _holds_for(marker, python)
        if holds is None:
            return None
        if not holds:
            # An invalid one is passed over like one that does not hold.
            return PlainRequirement(rules_out=True)
    found = _PLAIN.fullmatch(wanted)
    if found is None:
        return None
    rules = _OPERATORS.findall(found["rules"] or "")
    return PlainRequirement(
        found["name"], tuple((sign, number + star) for sign, number, star in rules)
    )


def _holds_for(marker: str, python: tuple[int, int]) -> bool | None:
    """Tell whether a marker holds, None for one of another form."""
    # What is in brackets cannot make up for another condition that fails.
    while marker != (inner := _BRACKETS.sub(" ... ", marker)):
        marker = inner
    if any(sign in marker for sign in "()") or re.search(r"\bor\b", marker):
        return None
    known: list[bool | None] = []
    for part in re.split(r"[ \t]and[ \t]", marker):
        asked = _PYTHON.fullmatch(part)
        if asked:
            ours = _numbers(".".join(map(str, python)))
            known.append(_holds(ours, asked[1], asked[3]))
        else:
            fails = _EXTRA.fullmatch(part) or _ELSEWHERE.fullmatch(part)
            known.append(False if fails else None)
    if False in known:
        return False
    return None if None in known else True


def _numbers(release: str) -> tuple[int, ...]:
    # 1.0 is 1, and of numbers that begin alike the longer ones are later.
    found = [*map(int, release.split("."))]
    return (*found, *(0 for _ in range(_MOST - len(found))))


def _holds(ours: tuple[int, ...], operator: str, wanted: str) -> bool:
    if wanted.endswith(".*"):
        start = [*map(int, wanted.removesuffix(".*").split("."))]
        return ([*ours[: len(start)]] == start) is (operator == "==")
    theirs = _numbers(wanted)
    return {
        "<": ours < theirs,
        "<=": ours <= theirs,
        ">": ours > theirs,
        ">=": ours >= theirs,
        "==": ours == theirs,
        "!=": ours != theirs,
    }[operator]
