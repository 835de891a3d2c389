"""A report in a GitHub Actions job: annotations, and a summary in Markdown.

"Workflow commands for GitHub Actions" (GitHub) says what a command looks like;
actions/toolkit, packages/core/src/command.ts, which characters are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from .._report import ascii_only
from .._verdict import Diagnosis, Report, Severity
from ._standing import counted, failing_first, judged_for, standing, summed_up

_IN_TEXT: Final = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTY: Final = (*_IN_TEXT, (":", "%3A"), (",", "%2C"))

# A step's summary of more than 1 MiB is not shown at all ("Adding a job summary").
LARGEST_SUMMARY: Final = 1024 * 1024 - 1024

_HEADINGS: Final[Mapping[Severity, str]] = {"error": "Error", "warning": "Warning"}


def workflow_commands(report: Report, host: str = "") -> Iterator[str]:
    """Yield the workflow commands that annotate a run, one a line.

    :param report: the verdict on the targets.
    :param host: what to call the host in the titles, where there are several.
    :returns: `::error` and `::warning` for each diagnosis, `::notice` for the notes
        on a target, or else for a report without anything to say.
    """
    dllguard = f"dllguard ({host})" if host else "dllguard"
    for found in report.diagnoses:
        where = f": {found.target}" if found.target else ""
        yield _command(found.severity, f"{dllguard} {found.code}{where}", str(found))
    notes = [(t.name, note) for t in report.targets for note in t.notes]
    for name, note in notes:
        yield _command("notice", f"{dllguard}: {name}", note)
    if not report.diagnoses and not notes:
        yield _command("notice", dllguard, summed_up(report))


def summary_markdown(report: Report) -> str:
    """Write a report as Markdown, for the file that GITHUB_STEP_SUMMARY names.

    :param report: the verdict on the targets.
    :returns: a table of the targets, then each diagnosis, less than GitHub's 1 MiB:
        of more than that the rest is counted.
    """
    lines = [f"## dllguard: {_escaped(summed_up(report))}", ""]
    host = judged_for(report)
    if host:
        lines += [f"Judged for {_escaped(host)}.", ""]
    if report.targets:
        lines += ["| target | verdict |", "| --- | --- |"]
        targets = failing_first(report)
        rows = ((_escaped(t.name), _escaped(standing(t))) for t in targets)
        lines += [f"| {name} | {verdict} |" for name, verdict in rows]
        lines += [""]
    notes = [f"- {_escaped(n)}" for t in report.targets for n in t.notes]
    chapters = ["\n".join(lines), *map(_chapter, report.diagnoses)]
    chapters += ["\n".join(["### Notes", "", *notes, ""])] if notes else []
    return "\n".join(_fitting(chapters))


def _fitting(chapters: list[str]) -> Iterator[str]:
    room = LARGEST_SUMMARY
    for i, chapter in enumerate(chapters):
        room -= len(chapter) + 1
        if room < 0:
            left = counted(len(chapters) - i, "part")
            yield f"{left} of this report left out: it is too large for a summary.\n"
            return
        yield chapter


def _chapter(found: Diagnosis) -> str:
    headline, _, rest = str(found).partition("\n\n")
    # Longer than any fence that a file name may hold.
    runs = re.findall(r"`+", rest)
    fence = "`" * max(3, *(len(run) + 1 for run in runs), 0)
    title = f"### {_HEADINGS[found.severity]}: {_escaped(headline)}"
    return "\n".join([title, "", f"{fence}text", rest, fence, ""])


def _command(name: str, title: str, text: str) -> str:
    title = _replaced(ascii_only(title), _IN_PROPERTY)
    lines = (ascii_only(line) for line in text.split("\n"))
    return f"::{name} title={title}::{_replaced(chr(10).join(lines), _IN_TEXT)}"


def _replaced(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for character, escape in table:
        text = text.replace(character, escape)
    return text


def _escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is: `_` as `\_`, and no line breaks."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$&!])", r"\\\1", ascii_only(text))
