"""Many targets at once, on all processors; what comes out is as if one did it all.

Ctrl+C reaches this process alone. The others end with it: at once where it is
interrupted, and at the end of their input where it is killed.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from .._hosts._host import Host
from .._judge import AS_USUAL, Rules, judge
from .._verdict import TargetResult
from ._worker import command

_FEWEST: Final = 16
"""Below that many targets, to start processes takes longer than it saves."""
_PAUSE: Final = 0.05
_NEW_GROUP: Final = 0x0000_0200
_NO_WINDOW: Final = 0x0800_0000

_BROKEN: Final = (OSError, EOFError, ValueError, AttributeError, pickle.PickleError)


def scan(
    host: Host,
    targets: Sequence[str],
    rules: Rules = AS_USUAL,
    *,
    begin: Callable[[str], None] = lambda _: None,
    processes: int | None = None,
) -> tuple[TargetResult, ...]:
    """Judge targets, in as many processes as there are processors.

    :param host: whose loader is modelled.
    :param targets: names or paths.
    :param rules: how to judge; real loads are made one at a time, from this process.
    :param begin: called with each target as its turn comes.
    :param processes: how many; by default it depends on the machine and the targets.
    :returns: the results in the order of the targets.
    :raises TargetError: for a path that is not there or holds no native file.
    """
    if processes is None:
        processes = min(os.cpu_count() or 1, len(targets) // _FEWEST + 1)
    found: dict[int, TargetResult] = {}
    can = bool(sys.executable) and not getattr(sys, "frozen", False) and not rules.real
    if can and processes > 1 and len(targets) > 1:
        # What this host has read by now need not be read again, but it is much.
        with suppress(*_BROKEN):
            found = _shared(pickle.dumps((host, rules)), targets, begin, processes)
    for index, target in enumerate(targets):
        if index not in found:
            begin(_turn(target, index, targets))
            found[index] = judge(host, target, rules)
    return tuple(found[index] for index in range(len(targets)))


def _shared(
    start: bytes, targets: Sequence[str], begin: Callable[[str], None], processes: int
) -> dict[int, TargetResult]:
    """Return the results that other processes came to; those of one that died lack."""
    found: dict[int, TargetResult] = {}
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
    return found


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

    def __init__(self, targets: Sequence[str], begin: Callable[[str], None]) -> None:
        self._targets, self._begin = targets, begin
        self._waiting = iter(enumerate(targets))
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while True:
            with self._lock:
                pair = next(self._waiting, None)
                if pair is None:
                    return
                self._begin(_turn(pair[1], pair[0], self._targets))
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
            result = pickle.load(answers)  # noqa: S301  as above
            if isinstance(result, TargetResult):
                found[index] = result


def _turn(target: str, index: int, targets: Sequence[str]) -> str:
    return f"{target} ({index + 1} of {len(targets)})" if len(targets) > 1 else target
