"""The long explanations: one text file a code, read offline."""

from __future__ import annotations

from importlib import resources


def codes() -> tuple[str, ...]:
    """Return every code that has a page, sorted."""
    pages = resources.files(__package__).joinpath("help").iterdir()
    return tuple(sorted(p.name.removesuffix(".txt") for p in pages))


def page(code: str) -> str | None:
    """Return the page of a code, or None where there is none.

    :param code: a kebab-case code, as an explanation ends with it.
    """
    if code not in codes():
        return None
    pages = resources.files(__package__).joinpath("help")
    return pages.joinpath(f"{code}.txt").read_text("ascii")
