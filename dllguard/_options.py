"""What the options of several commands have in common."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

TARGETS = (
    "A TARGET is an import or distribution name, a .pyd or .dll file, a folder, a "
    "wheel, a requirement file (*.txt), or a requirement such as torchvision==0.29.2, "
    "whose Windows wheels are then fetched. A folder may be a site-packages, a venv, "
    "a conda environment or a frozen program."
)
HOST = (
    "built-in Windows such as win11+redist=14.44 (`dllguard host --list`), a file that "
    "`dllguard snapshot` wrote, or here: this Windows"
)


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def __init__(self, **options: Any) -> None:
        # An abbreviation in somebody's script must not break when options are added.
        formatter = partial(argparse.HelpFormatter, width=_width())
        super().__init__(allow_abbrev=False, formatter_class=formatter, **options)

    def error(self, message: str) -> NoReturn:
        """End the program with exit code 2."""
        self.exit(2, f"dllguard: {message}; see {self.prog} --help\n")


def _width() -> int:
    """Return the columns of a help text, as `argparse` has them by default.

    It asks `shutil` (CPython, Lib/argparse.py, HelpFormatter), with which three
    libraries for archives are loaded whether or not there is anything to show.
    """
    columns = 0
    with suppress(ValueError):
        columns = int(os.environ.get("COLUMNS", ""))
    if columns <= 0 and sys.__stdout__ is not None:
        with suppress(ValueError, OSError):
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns
    return (columns if columns > 0 else 80) - 2


def add_targets(parser: argparse.ArgumentParser) -> None:
    """Add what tells the targets of a command."""
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument(
        "-r",
        "--requirement",
        metavar="FILE",
        dest="requirement_files",
        action="append",
        default=[],
        help="a requirement file, of any name",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        dest="everything",
        help="everything that is installed, in place of targets",
    )


def add_host_options(parser: argparse.ArgumentParser) -> None:
    """Add what tells the host of a command, but for its name."""
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
