"""What a user has to put right: one line on stderr, exit code 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class UsageError(Exception):
    """One line that names the input and what is wrong with it."""


@contextmanager
def told() -> Iterator[None]:
    """Turn the errors that bad input ends in into usage errors.

    :raises UsageError: for a target, host or wheel that cannot be judged.
    """
    try:
        yield
    except (ValueError, RuntimeError, OSError) as error:
        text = _told(error)
        if not text:
            raise
        raise UsageError(text) from None


def _told(error: Exception) -> str:
    """Return the line for what bad input ends in, "" for any other error."""
    # What fetches and what tries need not be there to know that it was neither.
    from .._fetch import FetchError
    from .._hosts._host import HostError
    from .._hosts._trial import TrialUnavailableError
    from .._judge import TargetError

    if isinstance(error, (HostError, TargetError, FetchError)):
        return str(error)
    if isinstance(error, TrialUnavailableError):
        return f"--try: {error}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return ""
