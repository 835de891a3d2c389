"""How a target stands, in one line that every face of a report begins with."""

from __future__ import annotations

from .._report import counted, standing
from .._verdict import Report, TargetResult

__all__ = ["counted", "failing_first", "judged_for", "part", "standing", "summed_up"]


def summed_up(report: Report) -> str:
    """Return the verdict on a whole report as one sentence without a full stop."""
    if not report.applicable:
        return "Nothing to check: this is not Windows"
    count = len(report.targets)
    failing = [target for target in report.targets if not target.ok]
    if not count:
        return "Nothing was checked"
    if not failing:
        if any(d.severity == "error" for t in report.targets for d in t.ignored):
            what = report.targets[0].name if count == 1 else f"{count} targets"
            return f"{what}: no error but those that are ignored"
        name = report.targets[0].name if count == 1 else f"All {count} targets"
        return f"{name} would load"
    if count == 1:
        return f"{failing[0].name} would not load"
    return f"{len(failing)} of {count} targets would not load"


def failing_first(report: Report) -> list[TargetResult]:
    """Return the targets, those that fail first: of many, most are in order."""
    return sorted(report.targets, key=lambda target: target.ok)


def judged_for(report: Report) -> str:
    """Return which Windows and which Python a report is about, as far as it says."""
    windows, python = (part(report, name) for name in ("windows", "python"))
    system = ", ".join(str(v) for v in map(windows.get, ("name", "machine")) if v)
    version = " ".join(str(v) for v in map(python.get, ("version", "machine")) if v)
    kind = f" ({python['kind']})" if python.get("kind") else ""
    parts = (system, f"Python {version}{kind}" if version else "")
    return "; ".join(filter(None, parts))


def part(report: Report, name: str) -> dict[str, object]:
    """Return a part of the host by its name, empty where it holds no such part."""
    value = report.host.get(name)
    return dict(value) if isinstance(value, dict) else {}
