"""The table of the benchmark, as the README shows it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ._clock import Task


@dataclass(frozen=True)
class Row:
    """One comparison.

    :param part: letter of the part of the benchmark, in its first row.
    :param ours: what was measured.
    :param theirs: what it is compared with.
    :param value: the ratio, or what stands in its place.
    :param target: what it should not exceed, None where it is shown for its own sake.
    """

    part: str
    ours: str
    theirs: str
    value: float
    target: float | None = None

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.target is None or self.value <= self.target


def ratio(ours: Task, theirs: Task, of: Literal["wall", "processor"] = "wall") -> float:
    """Return how two tasks compare: the median of the ratios of all rounds.

    What they do in one round they do side by side, on a machine equally busy.
    """
    pairs = zip(ours.samples, theirs.samples, strict=True)
    return float(statistics.median(getattr(a, of) / getattr(b, of) for a, b in pairs))


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| | measured | against | ratio | target |", "|---|---|---|---|---|"]
    for row in rows:
        target = "" if row.target is None else f"<= {row.target:g}"
        value = _number(row.value) + ("" if row.met else " (missed)")
        lines.append(f"| {row.part} | {row.ours} | {row.theirs} | {value} | {target} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    if value >= 10:
        return f"{value:.0f}"
    return f"{value:.3f}" if 0.9 < value < 1.1 else f"{value:.3g}"
