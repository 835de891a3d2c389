"""Many targets at once, on all processors; what comes out is as if one did it all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from .._hosts._host import Host
from .._judge import AS_USUAL, Rules, judge
from .._verdict import TargetResult

_FEWEST: Final = 16
"""Below that many targets, to start processes takes longer than it saves."""


def scan(
    host: Host,
    targets: Sequence[str],
    rules: Rules = AS_USUAL,
    sizes: Sequence[int] = (),
    *,
    begin: Callable[[str], None] = lambda _: None,
    processes: int | None = None,
) -> tuple[TargetResult, ...]:
    """Judge targets, in as many processes as there are processors.

    :param host: whose loader is modelled.
    :param targets: names or paths.
    :param rules: how to judge; real loads are made one at a time, from this process.
    :param sizes: how many native files each has, as far as that is known: the largest
        are begun first, so that no process waits long for another in the end.
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
        from ._processes import shared

        known = dict(enumerate(sizes))
        order = sorted(range(len(targets)), key=lambda i: -known.get(i, 0))
        queue = [(index, targets[index]) for index in order]
        turns = {index: _turn(turn, targets, index) for turn, index in enumerate(order)}
        found = shared(host, rules, queue, lambda i: begin(turns[i]), processes)
    for index, target in enumerate(targets):
        if index not in found:
            begin(_turn(index, targets, index))
            found[index] = judge(host, target, rules)
    return tuple(found[index] for index in range(len(targets)))


def _turn(turn: int, targets: Sequence[str], index: int) -> str:
    more = f" ({turn + 1} of {len(targets)})" if len(targets) > 1 else ""
    return f"{targets[index]}{more}"
