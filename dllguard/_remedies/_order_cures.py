"""Remedies that let another copy of a DLL come first.

`set` belongs to the Command Prompt and holds for that window alone, so that nothing has
to be undone ("set (environment variable)", "path").
"""

from __future__ import annotations

from .._shell import harmless
from .._verdict import Remedy


def first_on_path(folder: str) -> Remedy:
    """Search a folder before the others on PATH."""
    return Remedy(
        "in the Command Prompt that starts Python, put the right copy's folder first "
        "on PATH:",
        (f'set "PATH={harmless(folder)};%PATH%"',),
    )


def off_path(folder: str) -> Remedy:
    """Take a folder off PATH."""
    # An equals sign would end what is sought: so, nothing is found.
    sought = harmless(folder).replace("=", "?")
    return Remedy(
        "in the Command Prompt that starts Python, take the wrong copy's folder off "
        "PATH:",
        ('set "PATH=;%PATH%;"', f'set "PATH=%PATH:;{sought};=;%"'),
    )


def switched(variable: str) -> Remedy:
    """Let conda's Python search its own folders before System32."""
    return Remedy(
        "in the Command Prompt that starts Python, let the folders of conda come "
        "before System32:",
        (f"set {variable}=1",),
    )
