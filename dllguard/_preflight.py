"""The start-up check: the same judgement as `check`, of this very process."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from ._conventions import DEFAULT_TARGETS
from ._facts import host_dict
from ._host import Host, live_host
from ._judge import judge
from ._model import Report


def preflight(targets: Iterable[str], *, symbols: bool = False) -> Report:
    """Judge targets in this process (`dllguard.preflight`)."""
    if sys.platform != "win32":
        return Report(applicable=False)
    return report_on(live_host(), tuple(targets), symbols=symbols)


def report_on(host: Host, targets: tuple[str, ...], *, symbols: bool = False) -> Report:
    """Judge targets on any host.

    :param host: whose loader is modelled.
    :param targets: names or paths; none means the default ones that are installed.
    :param symbols: compare imported with exported symbols everywhere.
    :raises TargetError: for a path that is not there or holds no native file.
    """
    if not targets:
        installed = host.environment.distribution
        targets = tuple(name for name in DEFAULT_TARGETS if installed(name) is not None)
    results = tuple(judge(host, target, symbols=symbols) for target in targets)
    return Report(targets=results, host=host_dict(host))
