"""`dllguard explain`: a pasted traceback or log, of any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._output import put
from ._usage import UsageError

if TYPE_CHECKING:
    import argparse


def explain(options: argparse.Namespace) -> int:
    """Explain a text; 1 where no failed load is in it."""
    from .._logs._pasted import explain_text
    from .._logs._pasted_report import pasted_dict, pasted_text
    from .._logs._read_log import LogError, read_log

    try:
        found = explain_text(read_log(options.file))
    except LogError as error:
        raise UsageError(error) from None
    put(pasted_dict(found) if options.json else pasted_text(found))
    return 0 if found.recognised else 1
