"""Limits on what a test may take of the processor, whatever else runs beside it."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["within"]

_TRACED = 4
"""How many times longer code may take whose lines are counted."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail where a block takes more of the processor's time.

    To collect the garbage of a whole test run takes up to a second, and is not counted:
    it falls upon whoever comes next, and looks through all that others keep alive.
    """
    limit = seconds if sys.gettrace() is None else seconds * _TRACED
    gc.freeze()
    try:
        begun = time.process_time()
        yield
        taken = time.process_time() - begun
    finally:
        gc.unfreeze()
    assert taken < limit, f"{taken:.2f} s of the processor's time"
