"""Where an installer puts the files of a wheel, and which of them a judgement needs.

"Binary distribution format" (Python Packaging User Guide), "The .data directory", and
`sysconfig`, scheme `nt`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ._archive import LARGEST_FILE, LARGEST_TEXT, Entry, Wheel

SITE: Final = ("Lib", "site-packages")
"""The folder of packages, below the prefix."""

LARGEST_SOURCE: Final = 1_000_001
"""Bytes kept of a source file: one more than anybody reads, so that a larger one still
counts as too large."""

# By "Binary distribution format" each is a path of `sysconfig`.
_SCHEMES: Final[Mapping[str, tuple[str, ...]]] = {
    "purelib": SITE,
    "platlib": SITE,
    "data": (),
    "scripts": ("Scripts",),
}
_NATIVE: Final = (".pyd", ".dll", ".drv", ".ocx")
_SOURCE: Final = (".py", ".pyw", ".pyc", ".pth", ".manifest")


def placed(wheel: Wheel) -> dict[tuple[str, ...], Entry]:
    """Return the files of a wheel by the parts of their paths below the prefix.

    Headers are left out. The last of two files of one path is taken.
    """
    data = f"{wheel.stem}.data".lower()
    found = {}
    for entry in wheel.entries:
        if entry.parts[0].lower() != data:
            found[SITE + entry.parts] = entry
        elif len(entry.parts) > 2 and entry.parts[1] in _SCHEMES:
            found[_SCHEMES[entry.parts[1]] + entry.parts[2:]] = entry
    return found


def needed(files: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """Return the files that are read for a judgement, with the most bytes of each.

    :param files: the parts of their paths below the prefix.
    """
    wanted = {}
    for parts in files:
        name, in_site = parts[-1].lower(), parts[: len(SITE)] == SITE
        if name.endswith(_NATIVE):
            wanted[parts] = LARGEST_FILE
        elif in_site and parts[len(SITE)].endswith(".dist-info"):
            # RECORD is made anew: an installer writes where it has put things.
            if len(parts) == len(SITE) + 2 and name != "record":
                wanted[parts] = LARGEST_TEXT
        elif in_site and name.endswith(_SOURCE) and "__pycache__" not in parts:
            wanted[parts] = LARGEST_SOURCE
        elif in_site and name.startswith(".load-order"):
            # adang1345/delvewheel, _wheel_repair.py: that it is there decides.
            wanted[parts] = LARGEST_SOURCE
    return wanted
