"""Where in a text the fixed words of a failed load stand, and the pattern for it.

Every text is searched for a handful of fixed words; a pattern is tried around a hit
alone, so that the time grows with the length of a log and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from ._likely import STATUSES
from ._shapes import SHAPES
from ._words import ENTRY_POINT, MISSING

MANY: Final = 100
"""Hits of one word that are looked at."""

_BEFORE, _BEHIND = 400, 1600

_NAME: Final = r"[\"']?(?P<culprit>[^\s\"'<>|:\\/]{1,200}\.\w{3})[\"']?"
_FILE: Final = r"[\"']?(?P<file>[^\"'\n<>|]{1,300}?\.(?:dll|pyd|exe|drv|node))\b[\"']?"
_SYMBOL: Final = r"[\"']?(?P<symbol>[^\s\"']{1,500}?)[\"']?"


@dataclass(frozen=True)
class Shape:
    """One shape, ready to be looked for."""

    kind: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[str]
    code: int | None = None
    tail: bool = False
    """Whether Windows' own words follow."""
    language: str = ""
    status: int | None = None

    def match(self, text: str, at: int) -> re.Match[str] | None:
        """Return what the pattern matches around a hit.

        :param text: the whole text.
        :param at: where one of the triggers stands in it.
        """
        start = max(0, at - _BEFORE)
        for found in self.pattern.finditer(text, start, at + _BEHIND):
            if found.start() <= at < found.end():
                return found
        return None


def hits(text: str) -> list[tuple[int, Shape]]:
    """Return where the fixed words of a shape stand, in the order of the text."""
    return sorted(_hits(text), key=lambda hit: hit[0])


def _hits(text: str) -> Iterator[tuple[int, Shape]]:
    for shape in _shapes():
        for trigger in shape.triggers:
            at = text.find(trigger)
            for _ in range(MANY):
                if at < 0:
                    break
                yield at, shape
                at = text.find(trigger, at + len(trigger))


@cache
def _shapes() -> tuple[Shape, ...]:
    return (*map(_fixed, SHAPES), *_popups(), *_exits())


def _fixed(row: tuple[str, tuple[str, ...], str, int | None, bool]) -> Shape:
    kind, triggers, pattern, code, tail = row
    return Shape(kind, triggers, re.compile(pattern), code, tail)


def _popups() -> Iterator[Shape]:
    for code, rows, file in ((126, MISSING, _NAME), (127, ENTRY_POINT, _FILE)):
        for language, trigger, pattern, _ in rows:
            # A pop-up that was typed off has its line breaks anywhere.
            spaced = re.sub(r" (\??)", lambda m: r"\s*" if m[1] else r"\s+", pattern)
            whole = spaced.replace("{file}", file).replace("{symbol}", _SYMBOL)
            yield Shape("popup", (trigger,), re.compile(whole), code, language=language)


def _exits() -> Iterator[Shape]:
    for status, code in STATUSES.items():
        numbers = (
            *(f"0x{status:08X}", f"0x{status:08x}"),
            *(str(status), str(status - 2**32)),
        )
        pattern = re.compile(rf"(?<![\w])(?:{'|'.join(numbers)})(?!\w)")
        yield Shape("exit", numbers, pattern, code or None, status=status)
    crash = "Windows fatal exception: access violation"
    status = min(STATUSES)
    yield Shape("exit", (crash,), re.compile(re.escape(crash)), status=status)
