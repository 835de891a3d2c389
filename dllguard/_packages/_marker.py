"""Environment markers of the forms that nearly all metadata has, for Windows.

The packaging module evaluates all forms, but asks for the machine's name before each,
and for that the platform module imports socket, and on some Pythons starts a process
(`platform.uname` in Lib/platform.py). "Dependency specifiers" (Python Packaging User
Guide).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ._numbers import NUMBERS, numbers, satisfies

_QUOTES: Final = "\"'"
_OPERAND: Final = r"[A-Za-z_.]+|\"[^\"]*\"|'[^']*'"
_PART: Final = re.compile(
    r"[ \t]*(?:(?P<bracket>[()])|(?P<link>and|or)\b|(?P<condition>"
    rf"(?P<left>{_OPERAND})[ \t]*(?P<operator>[<>=!~]{{1,3}}|in\b|not[ \t]+in\b)[ \t]*"
    rf"(?P<right>{_OPERAND})))[ \t]*"
)
# Never a version, as which packaging before 24 would compare it.
_WORD: Final = re.compile(r"(?!v\d)[A-Za-z][A-Za-z0-9_]*")
_EXTRA: Final = re.compile(r"[A-Za-z][A-Za-z0-9_. -]*")
_RELEASE: Final = re.compile(NUMBERS)

_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "implementation_name": frozenset({"cpython"}),
    "os_name": frozenset({"nt"}),
    "platform_machine": frozenset({"AMD64", "ARM64", "x86"}),
    "platform_python_implementation": frozenset({"CPython"}),
    "platform_system": frozenset({"Windows"}),
    "sys_platform": frozenset({"win32"}),
}
"""What a variable may be in a CPython on Windows."""


def marker_holds(marker: str, python: tuple[int, int]) -> bool | None:
    """Tell whether a marker holds in a CPython on any Windows, without an extra.

    :param marker: what stands behind the semicolon of a requirement.
    :param python: major and minor version of the Python.
    :returns: None where it may or may not, and for a marker of another form. One that
        does not hold need not be valid as a whole.
    """
    # Of each open bracket: conditions joined by and, in groups joined by or.
    open_groups: list[list[list[bool | None]]] = [[[]]]
    position, is_complete, all_known = 0, False, True
    while position < len(marker):
        part = _PART.match(marker, position)
        if part is None:
            return None
        position = part.end()
        begins = part["bracket"] == "(" or part["condition"] is not None
        if begins is is_complete:
            return None
        if part["condition"]:
            known = _condition(part["left"], part["operator"], part["right"], python)
            open_groups[-1][-1].append(known)
            all_known = all_known and known is not None
        elif part["bracket"] == "(":
            open_groups.append([[]])
        elif part["bracket"]:
            if len(open_groups) == 1:
                return None
            known = _any(open_groups.pop())
            open_groups[-1][-1].append(known)
        elif part["link"] == "or":
            open_groups[-1].append([])
        is_complete = part["condition"] is not None or part["bracket"] == ")"
    if not is_complete or len(open_groups) > 1:
        return None
    holds = _any(open_groups[0])
    # What is not known may be invalid, and with it the whole.
    return None if holds and not all_known else holds


def _any(groups: Sequence[Sequence[bool | None]]) -> bool | None:
    known = [_all(group) for group in groups]
    if True in known:
        return True
    return None if None in known else False


def _all(group: Sequence[bool | None]) -> bool | None:
    if False in group:
        return False
    return None if None in group else True


def _condition(
    left: str, operator: str, right: str, python: tuple[int, int]
) -> bool | None:
    if left[0] in _QUOTES or right[0] not in _QUOTES:
        return None
    word = right[1:-1]
    if left in ("python_version", "python_full_version"):
        return _python_is(left, operator, word, python)
    if left == "extra":
        return False if operator == "==" and _EXTRA.fullmatch(word) else None
    return _is_one_of(_VALUES.get(left, frozenset()), operator, word)


def _is_one_of(values: frozenset[str], operator: str, word: str) -> bool | None:
    if operator not in ("==", "!=") or _WORD.fullmatch(word) is None:
        return None
    if not values or (word in values and len(values) > 1):
        return None
    return (word in values) is (operator == "==")


def _python_is(
    name: str, operator: str, word: str, python: tuple[int, int]
) -> bool | None:
    if operator not in ("<", "<=", ">", ">=", "==", "!="):
        return None
    if _RELEASE.fullmatch(word) is None:
        return None
    # The third number of ours is not known, and does not matter below 3.11 or from it.
    if name == "python_full_version" and (
        operator not in ("<", ">=") or any(numbers(word)[2:])
    ):
        return None
    return satisfies(numbers(f"{python[0]}.{python[1]}"), operator, word)
