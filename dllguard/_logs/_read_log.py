"""Reading the text that `dllguard explain` is given: a file, or what is piped to it."""

from __future__ import annotations

import sys
from typing import Final

from ._log_text import decoded

MOST: Final = 10_000_000
"""More bytes than any part of a log that shows one failure."""

_HINT = "dllguard: paste the text, then end it with Ctrl+Z and Enter (Linux: Ctrl+D)"


class LogError(ValueError):
    """A file that cannot be read, or is too large."""


def read_log(path: str) -> str:
    """Return the text of a file, or of the standard input.

    :param path: the file; `-` for the standard input.
    :raises LogError: where there is none to read, or too much.
    """
    try:
        if path == "-":
            content = _piped()
        else:
            with open(path, "rb") as file:
                content = file.read(MOST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LogError(f"{path}: {reason}") from None
    if len(content) > MOST:
        raise LogError(
            f"{path}: more than {MOST // 1_000_000} MB; cut out the part around the "
            "first failure"
        )
    return decoded(content)


def _piped() -> bytes:
    if sys.stdin.isatty():
        print(_HINT, file=sys.stderr)
    return sys.stdin.buffer.read(MOST + 1)
