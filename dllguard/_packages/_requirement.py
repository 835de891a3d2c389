"""Requirements of the plain forms that nearly all metadata has, read at once.

The packaging module knows all forms, and is asked for the others; its parser takes
longer to import than all metadata to read. "Dependency specifiers" and "Version
specifiers" (Python Packaging User Guide).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ._distribution import normalised
from ._marker import marker_holds
from ._numbers import NUMBERS, numbers, satisfies

_RULE: Final = (
    rf"(?:[<>]=?[ \t]*{NUMBERS}|[=!]=[ \t]*{NUMBERS}(?:\.\*)?)(?=[ \t]*(?:[,)]|$))"
)
_PLAIN: Final = re.compile(
    r"[ \t]*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ \t]*"
    rf"(?P<open>\()?[ \t]*(?P<rules>{_RULE}(?:[ \t]*,[ \t]*{_RULE})*)?[ \t]*"
    r"(?(open)\))[ \t]*"
)
_RELEASE: Final = re.compile(rf"({NUMBERS})(?:\+[A-Za-z0-9.]+)?")
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
        ours = numbers(found[1])
        return all(satisfies(ours, operator, wanted) for operator, wanted in self.rules)


def plain_requirement(text: str, python: tuple[int, int]) -> PlainRequirement | None:
    """Read a requirement of a plain form.

    :param text: one line of the metadata.
    :param python: major and minor version of the Python that it is for.
    :returns: None for any other form, which may be a valid one or not.
    """
    wanted, semicolon, marker = text.partition(";")
    if semicolon:
        holds = marker_holds(marker, python)
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
