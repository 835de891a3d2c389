"""Standard output and the files that are written: whole, or one line says why not."""

from __future__ import annotations

import errno
import os
import sys

from ._usage import UsageError

# What writing to a pipe that nobody reads ends in: on Windows it is EINVAL.
_CLOSED = (errno.EPIPE, errno.EINVAL)


def put(what: object) -> None:
    """Print a text, or JSON-ready values.

    :raises UsageError: when standard output cannot be written to.
    """
    if not isinstance(what, str):
        import json

        what = json.dumps(what, indent=2)
    # The console's code page may lack a character of a path.
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(what.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError as error:
        # Python would complain at exit of what is left to be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # `dllguard check | head`: nobody reads on.
        if error.errno not in _CLOSED:
            raise UsageError(f"standard output: {error.strerror}") from None


def remark(text: str) -> None:
    """Say on stderr what is worth knowing beside the output."""
    if sys.stderr is not None:
        encoding = sys.stderr.encoding or "utf-8"
        line = f"dllguard: {text}".encode(encoding, "backslashreplace")
        print(line.decode(encoding), file=sys.stderr)


def write(file: str, text: str, *, append: bool = False) -> int:
    """Write a text file.

    :returns: how many bytes were written.
    :raises UsageError: when it cannot be written.
    """
    content = text.encode("utf-8", "backslashreplace")
    try:
        with open(file, "ab" if append else "wb") as out:
            out.write(content)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    return len(content)


def require_folder(file: str) -> None:
    """Refuse a file to write whose folder is not there, before it takes time.

    :raises UsageError: when it is not there.
    """
    folder = os.path.dirname(file)
    if folder and not os.path.isdir(folder):
        raise UsageError(f"{file}: no such folder")


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    if count < 1024 * 1024:
        return f"{max(1, round(count / 1024))} KB"
    return f"{count / 1024 / 1024:.1f} MB"
