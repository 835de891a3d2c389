"""`dllguard help`: the page of a code, or the list of the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._help import codes, page
from ._output import put
from ._usage import UsageError

if TYPE_CHECKING:
    import argparse


def explain_code(options: argparse.Namespace) -> int:
    """Show a page, or all codes."""
    if options.code is None:
        put("\n".join(codes()))
        return 0
    text = page(options.code)
    if text is None:
        raise UsageError(f"{options.code}: no such code; `dllguard help` lists them")
    put(text.rstrip())
    return 0
