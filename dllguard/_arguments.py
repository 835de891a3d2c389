"""The commands and options of `dllguard` on the command line."""

from __future__ import annotations

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        # An abbreviation in somebody's script must not break when options are added.
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"dllguard: {message}; see {self.prog} --help\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser; `command` of what it parses is the name of the command."""
    from . import __doc__ as description
    from . import __version__

    whole = _Parser(prog="dllguard", description=description)
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    _add_check(commands)
    host = commands.add_parser("host", help="show what an issue report needs")
    _add_host_options(host)
    host.add_argument("--json", action="store_true", help="as JSON")
    host.set_defaults(command="host")
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
    pages = commands.add_parser("help", help="explain a code, or list the codes")
    pages.add_argument("code", nargs="?", metavar="CODE")
    pages.set_defaults(command="help")
    script = commands.add_parser("run", help="run a script under the hook")
    script.add_argument("script", metavar="SCRIPT")
    script.add_argument("args", nargs=argparse.REMAINDER, metavar="ARG")
    script.set_defaults(command="run")
    return whole


def _add_check(commands: argparse._SubParsersAction[_Parser]) -> None:
    check = commands.add_parser(
        "check",
        help="tell whether packages or files would load",
        description="Tell whether packages or files load on Windows, and why not.",
        epilog="A TARGET is an import or distribution name, a file or folder, or a "
        "requirement such as torchvision==0.29.2, whose Windows wheels are then "
        "fetched. Without any: torch, torchvision, torchaudio, as far as they are "
        "installed.",
    )
    check.add_argument("targets", nargs="*", metavar="TARGET")
    _add_host_options(check)
    symbols = check.add_mutually_exclusive_group()
    symbols.add_argument(
        "--symbols",
        action="store_true",
        default=None,
        help="compare imported with exported functions even in Wine's own DLLs",
    )
    symbols.add_argument(
        "--no-symbols",
        action="store_false",
        dest="symbols",
        help="judge by modules alone, without their functions",
    )
    check.add_argument(
        "--no-package-directories",
        action="store_false",
        dest="package_folders",
        help="search only the folders of --dll-directory, none that packages add",
    )
    check.add_argument(
        "--try",
        action="store_true",
        dest="real",
        help="also load each file, in a process of its own: this runs their code",
    )
    check.add_argument("--json", action="store_true", help="as JSON")
    check.set_defaults(command="check")


def _add_host_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--python", metavar="DIR", help="a Windows Python: python.exe and Lib are in it"
    )
    parser.add_argument(
        "--windows", metavar="DIR", help="a Windows folder: System32 is in it"
    )
    parser.add_argument(
        "--dll-directory",
        metavar="DIR",
        action="append",
        default=[],
        help="a folder that the program adds with os.add_dll_directory; repeatable",
    )
