"""Limits on what a test may take of the processor, whatever else runs beside it."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["within"]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail where a block takes more of the processor's time.

    To collect the garbage of a whole test run takes up to a second, and is not counted:
    it falls upon whoever comes next, and looks through all that others keep alive.
    """
    gc.freeze()
    try:
        begun = time.process_time()
        yield
        taken = time.process_time() - begun
    finally:
        gc.unfreeze()
    assert taken < seconds, f"{taken:.2f} s of the processor's time"
