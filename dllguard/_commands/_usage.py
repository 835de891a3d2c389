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
    from .._fetch import FetchError
    from .._hosts._host import HostError
    from .._hosts._trial import TrialUnavailableError
    from .._judge import TargetError

    try:
        yield
    except (HostError, TargetError, FetchError) as error:
        raise UsageError(error) from None
    except TrialUnavailableError as error:
        raise UsageError(f"--try: {error}") from None
    except OSError as error:
        if not error.filename:
            raise
        raise UsageError(f"{error.filename}: {error.strerror}") from None
