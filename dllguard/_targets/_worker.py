"""A process that judges targets for another one, which ends with it.

It is asked and answers by pickles on its standard streams, and gets the host once. At
the end of its input it ends: no matter how the other process came to its own end.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import IO, Any, Final

from .._judge import judge

_CODE: Final = "import sys; sys.path[:] = {}; from {} import serve; serve()"


def command() -> list[str]:
    """Return the command that starts such a process with the modules of this one."""
    code = _CODE.format(list(sys.path), __name__)
    return [sys.executable, "-I", "-c", code]


def serve() -> None:
    """Judge what is asked for: first host and rules, then a target at a time.

    The answer is a `TargetResult`, or None where judging has raised: the other process
    then does it itself.
    """
    asked: IO[bytes] = sys.stdin.buffer
    # What anything prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        host, rules = _read(asked)
        while True:
            target = _read(asked)
            try:
                result = judge(host, target, rules)
            except Exception:  # noqa: BLE001  it comes out where it is judged again
                result = None
            pickle.dump(result, answers)
            answers.flush()
    except (EOFError, OSError):
        # Nobody asks any more.
        return


def _read(file: IO[bytes]) -> Any:
    return pickle.load(file)  # noqa: S301  a process of our own wrote it
