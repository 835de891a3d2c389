"""Processes that judge targets for this one.

Ctrl+C reaches this process alone. The others end with it: at once where it is
interrupted, and at the end of their input where it is killed.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from .._hosts._host import Host
from .._judge import Rules
from .._verdict import TargetResult
from ._worker import command

_PAUSE: Final = 0.05
_NEW_GROUP: Final = 0x0000_0200
_NO_WINDOW: Final = 0x0800_0000

_BROKEN: Final = (OSError, EOFError, ValueError, AttributeError, pickle.PickleError)


def shared(
    host: Host,
    rules: Rules,
    targets: Sequence[tuple[int, str]],
    begin: Callable[[int], None],
    processes: int,
) -> dict[int, TargetResult]:
    """Return the results that other processes came to; those of one that died lack.

    :param host: whose loader is modelled.
    :param rules: how to judge.
    :param targets: names or paths, each with its number, in the order of their turns.
    :param begin: called with the number of each target as its turn comes.
    :param processes: how many.
    """
    found: dict[int, TargetResult] = {}
    # What this host has read by now need not be read again, but it is much.
    with suppress(*_BROKEN):
        _run(pickle.dumps((host, rules)), targets, begin, processes, found)
    return found


def _run(
    start: bytes,
    targets: Sequence[tuple[int, str]],
    begin: Callable[[int], None],
    processes: int,
    found: dict[int, TargetResult],
) -> None:
    queue = _Queue(targets, begin)
    running: list[tuple[threading.Thread, subprocess.Popen[bytes]]] = []
    try:
        for _ in range(min(processes, len(targets))):
            child = _started()
            args = (child, start, queue, found)
            thread = threading.Thread(target=_feed, args=args, daemon=True)
            running.append((thread, child))
            thread.start()
        for thread, _ in running:
            # Without a time limit, Windows tells of Ctrl+C when it is over.
            while thread.is_alive():
                thread.join(_PAUSE)
    finally:
        for _, child in running:
            child.kill()
        for thread, child in running:
            thread.join()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()


def _started() -> subprocess.Popen[bytes]:
    windows = sys.platform == "win32"
    return subprocess.Popen(
        command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=_NEW_GROUP | _NO_WINDOW if windows else 0,
        start_new_session=not windows,
    )


class _Queue:
    """Targets that wait for a process, each with its number."""

    def __init__(
        self, targets: Sequence[tuple[int, str]], begin: Callable[[int], None]
    ) -> None:
        self._begin = begin
        self._waiting = iter(targets)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while True:
            with self._lock:
                pair = next(self._waiting, None)
                if pair is None:
                    return
                self._begin(pair[0])
            yield pair


def _feed(
    child: subprocess.Popen[bytes],
    start: bytes,
    queue: _Queue,
    found: dict[int, TargetResult],
) -> None:
    asked: Any = child.stdin
    answers: Any = child.stdout
    with suppress(*_BROKEN):
        asked.write(start)
        for index, target in queue:
            pickle.dump(target, asked)
            asked.flush()
            result = pickle.load(answers)  # noqa: S301  a process of our own wrote it
            if isinstance(result, TargetResult):
                found[index] = result
