"""The options of `dllguard check`."""

from __future__ import annotations

import argparse

from ._options import HOST, TARGETS, Parser, add_host_options, add_targets


def add_check(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the command and its options."""
    check = commands.add_parser(
        "check",
        help="tell whether packages, wheels or files would load",
        description="Tell whether packages, wheels or files load on Windows, and why "
        "not.",
        epilog=f"{TARGETS} Without any: torch, torchvision, torchaudio, as far as "
        "they are installed. Exit codes: 0 all would load, or nothing of --fail-on was "
        "found; 1 something would not; 2 wrong usage or a target that cannot be "
        "judged; 130 interrupted.",
    )
    add_targets(check)
    add_host_options(check)
    check.add_argument(
        "--host",
        dest="hosts",
        metavar="HOST",
        action="append",
        default=[],
        help=f"{HOST}; repeatable: a report for each",
    )
    _add_rules(check)
    _add_outputs(check)
    check.set_defaults(command="check")


def _add_rules(check: argparse.ArgumentParser) -> None:
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
    check.add_argument(
        "--fail-on",
        metavar="WHAT",
        action="append",
        default=[],
        help="end with exit code 1 on: error (as without it), warning, a CODE, or "
        "never; repeatable",
    )
    check.add_argument(
        "--ignore",
        metavar="CODE[:NAME]",
        action="append",
        default=[],
        help="leave findings out of the verdict: all of a code, or those about a DLL, "
        "file, package or target of that name, which may have wildcards; repeatable",
    )
    config = check.add_mutually_exclusive_group()
    config.add_argument(
        "--config",
        metavar="FILE",
        help="take [tool.dllguard] of this file, not of the nearest pyproject.toml",
    )
    config.add_argument(
        "--no-config", action="store_true", help="take it of no pyproject.toml"
    )


def _add_outputs(check: argparse.ArgumentParser) -> None:
    form = check.add_mutually_exclusive_group()
    form.add_argument(
        "--format",
        choices=("text", "json", "github"),
        help="text; JSON; or annotations and a summary for GitHub Actions",
    )
    form.add_argument(
        "--json",
        action="store_const",
        const="json",
        dest="format",
        help="as --format json",
    )
    check.add_argument(
        "--html", metavar="FILE", help="also write the report as one HTML page"
    )
