"""The start-up check: the same judgement as `check`, of this very process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from ._hosts._facts import host_dict
from ._hosts._host import Host, live_host
from ._judge import AS_USUAL, Rules, judge
from ._tables._conventions import DEFAULT_TARGETS
from ._verdict import Report


def preflight(targets: Iterable[str], *, symbols: bool | None = None) -> Report:
    """Judge targets in this process (`dllguard.preflight`)."""
    if sys.platform != "win32":
        return Report(applicable=False)
    return report_on(live_host(), tuple(targets), Rules(symbols=symbols))


def report_on(
    host: Host,
    targets: tuple[str, ...],
    rules: Rules = AS_USUAL,
    *,
    begin: Callable[[str], None] = lambda _: None,
) -> Report:
    """Judge targets on any host.

    :param host: whose loader is modelled.
    :param targets: names or paths; none means the default ones that are installed.
    :param rules: how to judge.
    :param begin: called with each target as its turn comes.
    :raises TargetError: for a path that is not there or holds no native file.
    """
    if not targets:
        installed = host.environment.distribution
        targets = tuple(name for name in DEFAULT_TARGETS if installed(name) is not None)
    results = []
    for target in targets:
        begin(target)
        results.append(judge(host, target, rules))
    return Report(targets=tuple(results), host=host_dict(host))
