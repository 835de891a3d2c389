"""`dllguard tree`: what each file of a target imports, and what answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._host_choice import choice_of
from ._output import put
from ._usage import told

if TYPE_CHECKING:
    import argparse


def show_tree(options: argparse.Namespace) -> int:
    """Print the tree; 1 where something would not load."""
    from .._faces._tree import tree_lines
    from .._progress import progress
    from .._targets._survey import survey
    from ._named_targets import selection_of

    with told(), progress() as begin:
        selection = selection_of(options, choice_of(options, options.host))
        report = survey(selection, begin=begin)
        process = selection.host.process
        lines = tree_lines(
            report, process, windows=options.system, delayed=options.delayed
        )
        text = "\n".join(lines)
    put(text)
    return 0 if report.ok else 1
