"""Values of Python expressions of which some cannot be told."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any, Final, NamedTuple


class Unknown:
    """A value that cannot be told without running the program."""


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Reference:
    """A dotted name that belongs to another module: `os.path.join`."""

    name: str


class VersionInfo(NamedTuple):
    """What is known of `sys.version_info`."""

    major: int
    minor: int
    micro: object = UNKNOWN


_LONGEST: Final = 1000

_ORDERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}
_PLAIN = (str, int, float, bool, type(None), PureWindowsPath)


def truth(value: object) -> bool | None:
    """Tell whether a value counts as true, None where that is unknown."""
    if isinstance(value, tuple):
        # A list may hold more than is known of it, but not less.
        certain = any(item is not UNKNOWN for item in value)
        return certain or (None if value else False)
    return bool(value) if isinstance(value, (*_PLAIN, dict)) else None


def merged(first: object, second: object) -> object:
    """Return what is known of a value that is one or the other.

    A list is what either may hold: a folder that is added in vain seldom hides one.
    """
    if first is second or (type(first) is type(second) and first == second):
        return first
    if isinstance(first, tuple) and isinstance(second, tuple):
        more = tuple(item for item in second if item not in first)
        return bounded(first + more)
    return UNKNOWN


def bounded(value: object) -> object:
    """Return a value, or UNKNOWN for one too long to be a path or a list of them."""
    too_long = isinstance(value, (str, tuple)) and len(value) > _LONGEST
    return UNKNOWN if too_long else value


def summed(first: object, second: object) -> object:
    """Return `first + second`."""
    if isinstance(first, tuple):
        rest = second if isinstance(second, tuple) else (UNKNOWN,)
        return bounded((*first, *rest))
    if isinstance(second, tuple):
        return bounded((UNKNOWN, *second))
    if isinstance(first, str) and isinstance(second, str):
        return bounded(first + second)
    return UNKNOWN


def compared(first: object, sign: str, second: object) -> object:
    """Return the result of a comparison.

    :param sign: name of the operator's class in `ast`.
    """
    if sign in {"Is", "IsNot", "Eq", "NotEq"}:
        same = _same(first, second)
        if same is None:
            return UNKNOWN
        return same if sign in {"Is", "Eq"} else not same
    if sign in {"In", "NotIn"}:
        found = _holds(second, first)
        if found is None:
            return UNKNOWN
        return found if sign == "In" else not found
    return _ordered(first, _ORDERED[sign], second)


def formatted(text: str, values: Sequence[object]) -> object:
    """Return `text % values`, for texts that ask for no more than `%s` and `%d`."""
    parts = re.split(r"%(.)", text)
    given = iter(values)
    for number, sign in enumerate(parts[1::2]):
        value = next(given, UNKNOWN) if sign in "sdi" else "%"
        if sign not in "sdi%" or not isinstance(value, _PLAIN):
            return UNKNOWN
        parts[2 * number + 1] = str(value)
    return bounded("".join(parts))


def filled(text: str, values: Sequence[object], names: Mapping[str, object]) -> object:
    """Return `text.format(*values, **names)`, for fields without more than a name."""
    number = -1
    parts = re.split(r"\{(\w*)\}", text)
    if any(sign in part for part in parts[::2] for sign in "{}"):
        return UNKNOWN
    for index in range(1, len(parts), 2):
        number += 1
        field = parts[index] or str(number)
        known = names.get(field, UNKNOWN)
        if field.isdecimal() and int(field) < len(values):
            known = values[int(field)]
        if not isinstance(known, _PLAIN):
            return UNKNOWN
        parts[index] = str(known)
    return bounded("".join(parts))


def _same(first: object, second: object) -> bool | None:
    if isinstance(first, tuple) and isinstance(second, tuple):
        pairs = [_same(*pair) for pair in zip(first, second, strict=False)]
        if False in pairs:
            return False
        return None if None in pairs else len(first) == len(second)
    if second is None or first is None:
        other = first if second is None else second
        return None if other is UNKNOWN else other is None
    known = isinstance(first, _PLAIN) and isinstance(second, _PLAIN)
    return first == second if known else None


def _holds(whole: object, part: object) -> bool | None:
    if isinstance(whole, str) and isinstance(part, str):
        return part in whole
    if isinstance(whole, (tuple, dict)):
        found = [_same(item, part) for item in whole]
        return True if True in found else (None if None in found else False)
    return None


def _ordered(
    first: object, order: Callable[[Any, Any], bool], second: object
) -> object:
    if isinstance(first, tuple) and isinstance(second, tuple):
        for one, other in zip(first, second, strict=False):
            same = _same(one, other)
            if not same:
                return UNKNOWN if same is None else _ordered(one, order, other)
        return order(len(first), len(second))
    for kind in (str, (int, float)):
        if isinstance(first, kind) and isinstance(second, kind):
            return order(first, second)
    return UNKNOWN
