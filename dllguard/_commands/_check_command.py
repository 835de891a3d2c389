"""`dllguard check`: would the targets load, on each of the hosts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from .._filters import Ignore, fails, parse_fail_on, parse_ignore, without
from .._judge import Rules
from .._loader._process import Process
from .._verdict import Report
from ._host_choice import HERE, choice_of
from ._output import put, remark, require_folder, size, write
from ._usage import UsageError, told

if TYPE_CHECKING:
    import argparse


_KINDS: Final = (
    ("targets", "requirement_files", "everything"),
    ("hosts", "python", "windows"),
)


class Verdict(NamedTuple):
    """The report for one host.

    :param host: as `--host` has it, "" without.
    """

    host: str
    report: Report
    process: Process


def check(options: argparse.Namespace) -> int:
    """Judge the targets, and show the report; 1 where it fails."""
    _settle(options)
    if options.real:
        _require_this_windows(options)
    if options.html:
        require_folder(options.html)
    words = _parsed_fail_on(options)
    ignores = [_parsed_ignore(text) for text in options.ignore]
    matched: set[Ignore] = set()
    verdicts = []
    for verdict in _verdicts(options):
        report, found = without(verdict.report, ignores)
        matched |= found
        verdicts.append(Verdict(verdict.host, report, verdict.process))
    _show(verdicts, options.format or "text")
    if options.html:
        _write_pages(verdicts, options.html)
    for rule in dict.fromkeys(ignores):
        if rule not in matched:
            remark(f"note: --ignore {rule}: matched nothing")
    return 1 if any(fails(verdict.report, words) for verdict in verdicts) else 0


def _settle(options: argparse.Namespace) -> None:
    """Fill in what the project says and the command line leaves open."""
    from .._config import ConfigError, find_config, read_config

    if options.no_config:
        return
    try:
        found = (
            read_config(options.config)
            if options.config
            else find_config(os.path.abspath(os.curdir))
        )
    except ConfigError as error:
        raise UsageError(error) from None
    if found is None:
        return
    # What the command line says of one of a kind, it says of that kind.
    kind_of = {name: kind for kind in _KINDS for name in kind}
    left = {
        name: value
        for name, value in found.values.items()
        if not any(getattr(options, other) for other in kind_of.get(name, (name,)))
    }
    vars(options).update(left)
    if left:
        remark(f"note: with [tool.dllguard] of {found.file}")


def _require_this_windows(options: argparse.Namespace) -> None:
    if sys.platform != "win32":
        raise UsageError("--try: only Windows can load the files")
    others = [name for name in options.hosts if name != HERE]
    if others:
        raise UsageError(f"--try: loads on this Windows, not on {', '.join(others)}")


def _parsed_fail_on(options: argparse.Namespace) -> Sequence[str]:
    try:
        return parse_fail_on(options.fail_on or ["error"])
    except ValueError as error:
        raise UsageError(f"--fail-on {error}") from None


def _parsed_ignore(text: str) -> Ignore:
    try:
        return parse_ignore(text)
    except ValueError as error:
        raise UsageError(f"--ignore {error}") from None


def _verdicts(options: argparse.Namespace) -> Iterator[Verdict]:
    from .._progress import progress
    from .._targets._survey import survey
    from ._named_targets import selection_of

    rules = Rules(options.symbols, options.package_folders, options.real)
    names = tuple(dict.fromkeys(options.hosts)) or ("",)
    # What is wrong with the last one is told before the first one is judged.
    choices = [choice_of(options, name) for name in names]
    for choice in choices:
        with told():
            selection = selection_of(options, choice)
            with progress() as begin:
                report = survey(selection, rules, begin=begin)
        yield Verdict(choice.name, report, selection.host.process)


def _show(verdicts: Sequence[Verdict], form: str) -> None:
    if form == "json":
        reports = [verdict.report.to_dict() for verdict in verdicts]
        put(reports if len(reports) > 1 else reports[0])
    elif form == "github":
        _annotate(verdicts)
    elif len(verdicts) == 1:
        put(str(verdicts[0].report))
    else:
        from .._faces._standing import summed_up

        sums = {v.host: summed_up(v.report) for v in verdicts}
        lines = [f"{host}: {_in_line(text)}" for host, text in sums.items()]
        parts = [f"for {v.host}:\n\n{v.report}" for v in verdicts]
        put("\n\n".join(["\n".join(lines), *parts]))


def _in_line(sentence: str) -> str:
    """Return a sentence as it stands behind a colon; a name stays as it is."""
    first, _, rest = sentence.partition(" ")
    return f"{first.lower()} {rest}" if first in ("All", "Nothing") else sentence


def _annotate(verdicts: Sequence[Verdict]) -> None:
    from .._faces._github import summary_markdown, workflow_commands

    several = len(verdicts) > 1
    for verdict in verdicts:
        label = verdict.host if several else ""
        put("\n".join(workflow_commands(verdict.report, label)))
    # "Adding a job summary": a file that each step may add to.
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if file:
        summaries = (summary_markdown(verdict.report) for verdict in verdicts)
        write(file, "\n".join(summaries), append=True)


def _write_pages(verdicts: Sequence[Verdict], file: str) -> None:
    from .._faces._html import html_page

    stem, suffix = os.path.splitext(file)
    for verdict in verdicts:
        host = os.path.basename(verdict.host.replace("\\", "/"))
        name = f"{stem}-{host}{suffix}" if len(verdicts) > 1 else file
        count = write(name, html_page(verdict.report, verdict.process))
        remark(f"wrote {name} ({size(count)})")
