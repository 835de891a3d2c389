"""`dllguard` on the command line.

Exit codes: 0 all would load, 1 something would not, 2 wrong usage or an unreadable
target. What each command needs is imported when it runs.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._host import Host

_REQUIREMENT = re.compile(r"[=<>!~@\[;]")


class UsageError(Exception):
    """One line that names the input and what is wrong with it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    :param argv: the arguments without the program's name; those of the process by
        default.
    :returns: the exit code.
    """
    options = _parser().parse_args(argv)
    try:
        code: int = options.run(options)
    except UsageError as error:
        print(f"dllguard: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # `dllguard check | head`: nobody reads on. Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dllguard", description=sys.modules["dllguard"].__doc__
    )
    from . import __version__

    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_check(commands)
    host = commands.add_parser("host", help="show what an issue report needs")
    _add_host_options(host)
    host.add_argument("--json", action="store_true", help="as JSON")
    host.set_defaults(run=_host)
    pages = commands.add_parser("help", help="explain a code, or list the codes")
    pages.add_argument("code", nargs="?", metavar="CODE")
    pages.set_defaults(run=_help)
    script = commands.add_parser("run", help="run a script under the hook")
    script.add_argument("script", metavar="SCRIPT")
    script.add_argument("args", nargs=argparse.REMAINDER, metavar="ARG")
    script.set_defaults(run=_run)
    return parser


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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
    check.add_argument(
        "--symbols",
        action="store_true",
        help="compare imported with exported functions everywhere",
    )
    check.add_argument("--json", action="store_true", help="as JSON")
    check.set_defaults(run=_check)


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


def _check(options: argparse.Namespace) -> int:
    from ._host import HostError
    from ._judge import TargetError
    from ._model import Report
    from ._preflight import report_on

    targets = tuple(options.targets)
    wheels = tuple(t for t in targets if _is_requirement(t, options))
    if wheels and len(wheels) < len(targets):
        others = ", ".join(t for t in targets if t not in wheels)
        raise UsageError(f"requirements and installed targets do not mix: {others}")
    try:
        names = tuple(map(_name_of, wheels)) or targets
        host = _fetched_host(wheels, options) if wheels else _chosen_host(options)
        report: Report = report_on(host, names, symbols=options.symbols)
    except (HostError, TargetError) as error:
        raise UsageError(error) from None
    _print(report.to_dict() if options.json else str(report))
    return 0 if report.ok else 1


def _host(options: argparse.Namespace) -> int:
    from ._facts import host_dict, host_text
    from ._host import HostError

    try:
        host = _chosen_host(options)
    except HostError as error:
        raise UsageError(error) from None
    _print(host_dict(host) if options.json else host_text(host))
    return 0


def _help(options: argparse.Namespace) -> int:
    from ._help import codes, page

    if options.code is None:
        _print("\n".join(codes()))
        return 0
    text = page(options.code)
    if text is None:
        raise UsageError(f"{options.code}: no such code; `dllguard help` lists them")
    _print(text.rstrip())
    return 0


def _run(options: argparse.Namespace) -> int:
    import runpy

    from ._hook import install

    if not os.path.isfile(options.script):
        raise UsageError(f"{options.script}: no such script")
    install()
    sys.argv = [options.script, *options.args]
    sys.path[0] = os.path.dirname(os.path.abspath(options.script))
    runpy.run_path(options.script, run_name="__main__")
    return 0


def _is_requirement(target: str, options: argparse.Namespace) -> bool:
    from ._judge import is_path

    if is_path(target) or os.path.exists(target):
        return False
    if _REQUIREMENT.search(target):
        return True
    # Off Windows and without --python, nothing is installed that could be meant.
    return sys.platform != "win32" and options.python is None


def _chosen_host(options: argparse.Namespace) -> Host:
    from ._host import live_host
    from ._offline import built_in_host, offline_host

    added = tuple(options.dll_directory)
    for folder in added:
        if not os.path.isdir(folder):
            raise UsageError(f"{folder}: no such folder")
    if options.python is not None:
        return offline_host(options.python, options.windows, added)
    if sys.platform == "win32":
        return live_host(added)
    return built_in_host((), sys.version_info[:2], added, options.windows)


def _fetched_host(wheels: tuple[str, ...], options: argparse.Namespace) -> Host:
    from dataclasses import replace

    from ._fetch import FetchError, fetch
    from ._offline import built_in_host

    host = _chosen_host(options) if options.python else None
    version = host.environment.version if host else sys.version_info[:2]
    try:
        site = str(fetch(wheels, version))
    except FetchError as error:
        raise UsageError(error) from None
    if host is not None:
        return replace(host, environment=replace(host.environment, site=(site,)))
    return built_in_host(
        (site,), version, tuple(options.dll_directory), options.windows
    )


def _name_of(requirement: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(requirement).name
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"{requirement}: not a requirement: {reason}") from None


def _print(what: object) -> None:
    if not isinstance(what, str):
        import json

        what = json.dumps(what, indent=2)
    print(what)
