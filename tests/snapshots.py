"""A host and the snapshot of it, side by side: what each is said of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dllguard._hosts._host import Host
from dllguard._judge import Rules, judge
from dllguard._snapshots._restored import restored
from dllguard._snapshots._snapshot import taken
from dllguard._verdict import TargetResult


def data_of(host: Host, targets: Sequence[str] = ()) -> dict[str, Any]:
    """Return a snapshot with all names in it, as it comes out of JSON."""
    data = taken(host, targets, begin=lambda _: None)
    found: dict[str, Any] = json.loads(json.dumps(data))
    return found


def again(host: Host, targets: Sequence[str] = ()) -> Host:
    """Return what a snapshot makes of a host."""
    return restored(data_of(host, targets))


def told(host: Host, target: str) -> dict[str, Any]:
    """Return all that is said of a target on a host, as JSON has it."""
    return in_json(judge(host, target, Rules()))


def in_json(result: TargetResult) -> dict[str, Any]:
    """Return a result as JSON has it."""
    found = {
        "files": [
            {
                "path": file.path,
                "winerror": file.winerror,
                "culprit": file.culprit,
                "code": file.code,
                "chain": [[link.name, link.path] for link in file.chain],
                "resolved": dict(file.resolved),
            }
            for file in result.files
        ],
        "diagnoses": [
            {
                "code": d.code,
                "severity": d.severity,
                "culprit": d.culprit,
                "chain": [[link.name, link.path] for link in d.chain],
                # Lines break elsewhere where a name is shorter.
                "text": " ".join(str(d).split()),
            }
            for d in result.diagnoses
        ],
        "notes": list(result.notes),
    }
    again: dict[str, Any] = json.loads(json.dumps(found))
    return again
