"""The commands and options of `dllguard` on the command line."""

from __future__ import annotations

import argparse

from ._check_options import add_check
from ._options import HOST, TARGETS, Parser, add_host_options, add_targets


def parser() -> argparse.ArgumentParser:
    """Return the parser; `command` of what it parses is the name of the command."""
    from . import __doc__ as description
    from . import __version__

    whole = Parser(
        prog="dllguard",
        description=description,
        epilog="Exit codes: 0 all would load, 1 something would not, 2 wrong usage or "
        "a target that cannot be judged, 130 interrupted.",
    )
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    add_check(commands)
    _add_tree(commands)
    _add_needs(commands)
    _add_host(commands)
    _add_snapshot(commands)
    _add_explain(commands)
    pages = commands.add_parser("help", help="explain a code, or list the codes")
    pages.add_argument("code", nargs="?", metavar="CODE")
    pages.set_defaults(command="help")
    script = commands.add_parser("run", help="run a script under the hook")
    script.add_argument("script", metavar="SCRIPT")
    script.add_argument("args", nargs=argparse.REMAINDER, metavar="ARG")
    script.set_defaults(command="run")
    return whole


def _add_tree(commands: argparse._SubParsersAction[Parser]) -> None:
    tree = commands.add_parser(
        "tree",
        help="show what each file imports, and what answered",
        description="Show what each file of a target imports and what answered. Lines "
        "that begin with ! lead to what is broken.",
        epilog=f"{TARGETS} Exit codes as those of check.",
    )
    add_targets(tree)
    add_host_options(tree)
    tree.add_argument("--host", metavar="HOST", default="", help=HOST)
    tree.add_argument(
        "--system",
        action="store_true",
        help="with a line for each API set and each DLL of Windows",
    )
    tree.add_argument(
        "--delayed",
        action="store_true",
        help="with the delay imports, which are loaded at their first call",
    )
    tree.set_defaults(command="tree")


def _add_needs(commands: argparse._SubParsersAction[Parser]) -> None:
    needs = commands.add_parser(
        "needs",
        help="tell what packages demand of a machine",
        description="Tell what targets demand of Windows, redistributables, drivers "
        "and Python, and which file proves it: for installers, Dockerfiles and "
        "READMEs.",
        epilog=TARGETS,
    )
    add_targets(needs)
    add_host_options(needs)
    needs.add_argument("--host", metavar="HOST", default="", help=HOST)
    needs.add_argument("--json", action="store_true", help="as JSON")
    needs.set_defaults(command="needs")


def _add_host(commands: argparse._SubParsersAction[Parser]) -> None:
    host = commands.add_parser("host", help="show what an issue report needs")
    add_host_options(host)
    host.add_argument("--host", metavar="HOST", default="", help=HOST)
    host.add_argument(
        "--list", action="store_true", help="list the names of the built-in ones"
    )
    host.add_argument("--json", action="store_true", help="as JSON")
    host.set_defaults(command="host")


def _add_snapshot(commands: argparse._SubParsersAction[Parser]) -> None:
    snapshot = commands.add_parser(
        "snapshot",
        help="write a file with which this machine is judged for anywhere",
        description="Write what a judgement needs to know of this Windows and its "
        "Python into a file, for `check --host FILE` on any system. Names of the user "
        "and of the machine are replaced. Read it before you publish it.",
        epilog="A TARGET is a package, file or folder to look at beside those that are "
        "installed.",
    )
    snapshot.add_argument("targets", nargs="*", metavar="TARGET")
    snapshot.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="host.json",
        help="where to; - for standard output (default: host.json)",
    )
    add_host_options(snapshot)
    snapshot.set_defaults(command="snapshot")


def _add_explain(commands: argparse._SubParsersAction[Parser]) -> None:
    pasted = commands.add_parser(
        "explain",
        help="explain a pasted traceback or log, of any machine",
        description="Explain a traceback or log with a failed DLL load, of any machine "
        "and in any language of Windows: what it says, what it does not mean, and the "
        "likely causes. Exit codes: 0 explained, 1 no failed load in it, 2 unreadable.",
    )
    pasted.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        help="a text file; - or nothing: what is piped or pasted",
    )
    pasted.add_argument("--json", action="store_true", help="as JSON")
    pasted.set_defaults(command="explain")
