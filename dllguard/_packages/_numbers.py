"""Releases of numbers alone, compared as "Version specifiers" has it."""

from __future__ import annotations

from typing import Final

NUMBERS: Final = r"\d{1,9}(?:\.\d{1,9}){0,5}"
_MOST: Final = 6


def numbers(release: str) -> tuple[int, ...]:
    """Return the numbers of a release, six of them: 1.0 is 1."""
    found = [*map(int, release.split("."))]
    return (*found, *(0 for _ in range(_MOST - len(found))))


def satisfies(ours: tuple[int, ...], operator: str, wanted: str) -> bool:
    """Tell whether a release is what a rule asks for.

    :param ours: its numbers.
    :param operator: `<`, `<=`, `>`, `>=`, `==` or `!=`.
    :param wanted: numbers; after the last two operators also with `.*` at the end.
    """
    if wanted.endswith(".*"):
        start = [*map(int, wanted.removesuffix(".*").split("."))]
        return ([*ours[: len(start)]] == start) is (operator == "==")
    theirs = numbers(wanted)
    return {
        "<": ours < theirs,
        "<=": ours <= theirs,
        ">": ours > theirs,
        ">=": ours >= theirs,
        "==": ours == theirs,
        "!=": ours != theirs,
    }[operator]
