"""`dllguard` on the command line.

Exit codes: 0 all would load, 1 something would not, 2 wrong usage or a target that
cannot be judged; of `explain`, 1 where the text shows no failed load. What each command
needs is imported when it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from ._arguments import parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    :param argv: the arguments without the program's name; those of the process by
        default.
    :returns: the exit code.
    """
    options = parser().parse_args(argv)
    from ._commands._usage import UsageError

    try:
        return _command(options.command)(options)
    except UsageError as error:
        from ._report import printable

        # Names of files are in it, and it is one line.
        print(f"dllguard: {printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        if options.command == "run":
            raise
        print("dllguard: interrupted", file=sys.stderr)
        return 130


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    if name == "check":
        from ._commands._check_command import check as run
    elif name == "explain":
        from ._commands._explain_command import explain as run
    elif name == "help":
        from ._commands._help_command import explain_code as run
    elif name == "host":
        from ._commands._host_command import show_host as run
    elif name == "needs":
        from ._commands._needs_command import show_needs as run
    elif name == "snapshot":
        from ._commands._snapshot_command import take_snapshot as run
    elif name == "tree":
        from ._commands._tree_command import show_tree as run
    else:
        from ._commands._run_command import run
    return run
