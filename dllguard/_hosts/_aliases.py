"""Stand-ins for private names: one for each, and for nothing else."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal
from urllib.parse import unquote

Kind = Literal["user", "host", "domain", "login"]

KINDS: Final[tuple[Kind, ...]] = ("user", "host", "domain", "login")

# A name that is not ASCII gets a stand-in that is not: programs of the ANSI functions
# fail in such a folder, and must fail in the judgement.
_STEMS: Final = {"user": "üser", "host": "höst", "domain": "dömain", "login": "lögin"}
# An account whose number is larger, as students' are, is taken for a real one.
_ALIAS: Final = r"(?:{0}|{1})0*([1-9]\d{{0,2}})(?:~\d)?"
_SHORT: Final = re.compile(r"([^.~]{1,6})~(\d)(\.[^.~]{1,3})?")
_LOST_IN_SHORT: Final = re.compile(r"[ .]")


class Aliases:
    """Stand-ins such as user01, which keep the length of a name where they can.

    Length counts because Windows takes paths of 259 characters. Each spelling gets a
    spelling: `alice` and `ALICE` are user1 and USER1, so that nothing falls together.

    :param texts: all texts that stand-ins will be put into; what looks like one there
        is none of ours.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._patterns = {
            kind: re.compile(_ALIAS.format(kind, _STEMS[kind]), re.IGNORECASE)
            for kind in KINDS
        }
        self._taken: dict[Kind, set[int]] = {kind: set() for kind in KINDS}
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._spelled: dict[tuple[Kind, str], str] = {}
        self._given: set[str] = set()
        for text in texts:
            self._reserve(text)

    def is_alias(self, text: str) -> bool:
        """Tell whether a name reads like a stand-in already."""
        return any(pattern.fullmatch(text) for pattern in self._patterns.values())

    def knows(self, kind: Kind, text: str) -> bool:
        """Tell whether a name has a stand-in, or is one."""
        return self.is_alias(text) or (kind, _key(text)) in self._numbers

    def of(self, kind: Kind, text: str) -> str:
        """Return the stand-in of a name; of a stand-in, itself."""
        if self.is_alias(text):
            return text
        spelled = self._spelled.get((kind, text))
        if spelled is None:
            spelled = self._spelled[kind, text] = self._new(kind, text)
            self._given.add(spelled)
        return spelled

    def _reserve(self, text: str) -> None:
        lowered = text.lower()
        for kind in KINDS:
            if kind in lowered or _STEMS[kind] in lowered:
                found = self._patterns[kind].finditer(lowered)
                self._taken[kind].update(int(match[1]) for match in found)

    def _new(self, kind: Kind, text: str) -> str:
        key = kind, _key(text)
        if key not in self._numbers:
            long = self._long_name(kind, text)
            self._numbers[key] = self._number(kind) if long is None else long
        for _ in range(2):
            for candidate in _spellings(kind, self._numbers[key], text):
                if candidate not in self._given:
                    return candidate
            # More spellings than letters allow: a second number costs a likeness only.
            self._numbers[key] = self._number(kind)
        raise AssertionError(text)

    def _number(self, kind: Kind) -> int:
        taken = self._taken[kind]
        number = next(n for n in itertools.count(1) if n not in taken)
        taken.add(number)
        return number

    def _long_name(self, kind: Kind, text: str) -> int | None:
        """Return the number of the one name that an 8.3 name stands for."""
        short = _SHORT.fullmatch(text)
        if short is None:
            return None
        wanted = short[1].lower(), (short[3] or "").lower()
        found = {
            number
            for (of, name), number in self._numbers.items()
            if of == kind and "~" not in name and _shortened(name) == wanted
        }
        return found.pop() if len(found) == 1 else None


def _key(text: str) -> str:
    # `lower` and not `casefold`: Windows tells \u00df from ss.
    return unquote(text).lower()


def _shortened(name: str) -> tuple[str, str]:
    """Return stem and ending of an 8.3 name ("Naming Files, Paths", Microsoft)."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    return _LOST_IN_SHORT.sub("", stem)[:6], f".{ending[:3]}" if ending else ""


def _spellings(kind: Kind, number: int, text: str) -> Iterator[str]:
    """Yield the ways to write a stand-in, the plainest and the likest first."""
    stem = kind if text.isascii() else _STEMS[kind]
    short = _SHORT.fullmatch(text)
    tail = f"~{short[2]}" if short else ""
    # A length is all that may be learnt of a password, and nothing needs it.
    width = 0 if kind == "login" else len(text) - len(stem) - len(tail)
    digits = str(number).zfill(width)
    like = stem.upper() if text.isupper() else stem.title()
    shapes = ((c, c.upper()) for c in stem)
    every = map("".join, itertools.product(*shapes))
    first = (like, stem) if short else (stem, like)
    for written in dict.fromkeys((*first, *every)):
        yield f"{written}{digits}{tail}"
