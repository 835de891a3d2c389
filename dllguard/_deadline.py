"""How long the look for a cause may take.

An import that has failed waits while its failure is explained. Whatever opens a file,
lists a folder or starts a program asks here first whether it still may; so what can
outlast the limit is one such step alone, such as a network drive that does not answer.
"""

from __future__ import annotations

import math
import os
from _thread import _local
from time import monotonic

VARIABLE = "DLLGUARD_TIME_LIMIT"
DEFAULT = 5.0


class OutOfTimeError(Exception):
    """The look for a cause has taken longer than it may.

    :param seconds: how long it may take.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the look for the cause took longer than {seconds:g} s")
        self.seconds = seconds


class _Clock(_local):
    """What one thread may still take."""

    until = math.inf
    seconds = math.inf


_clock = _Clock()


def allowed() -> float:
    """Return the seconds that the environment allows: a number, or `off`.

    What cannot be read as either leaves the default.
    """
    text = os.environ.get(VARIABLE, "").strip().lower()
    if text == "off":
        return math.inf
    try:
        seconds = float(text)
    except ValueError:
        return DEFAULT
    return seconds if seconds >= 0 else DEFAULT


class limited:  # noqa: N801  reads as the statement that it is part of
    """Limits a block, in this thread; inside another such block that one counts.

    :param seconds: how long it may take; what the environment allows by default.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = seconds
        self._around: tuple[float, float] | None = None

    def __enter__(self) -> None:
        if _clock.until == math.inf:
            self._around = _clock.until, _clock.seconds
            seconds = allowed() if self._seconds is None else self._seconds
            _clock.until, _clock.seconds = monotonic() + seconds, seconds

    def __exit__(self, *exception: object) -> None:
        if self._around is not None:
            _clock.until, _clock.seconds = self._around


def check() -> None:
    """Go on, while there is time.

    :raises OutOfTimeError: when there is none left.
    """
    if _clock.until != math.inf and monotonic() > _clock.until:
        raise OutOfTimeError(_clock.seconds)


def left(most: float) -> float:
    """Return the seconds that are left, or `most` if that is less."""
    return max(0.0, min(most, _clock.until - monotonic()))
