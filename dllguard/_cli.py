"""`dllguard` on the command line.

Exit codes: 0 all would load, 1 something would not, 2 wrong usage or an unreadable
target; of `explain`, 1 where the text shows no failed load. What each command needs is
imported when it runs.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Sequence

from ._arguments import parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import TracebackType

    from ._hosts._host import Host

_REQUIREMENT = re.compile(r"[=<>!~@\[;]")
# `name @ https://...` has slashes, and is no path all the same.
_DIRECT = re.compile(r"[\w.-]+\s*(\[[^]]*\])?\s*@")

# What writing to a pipe that nobody reads ends in: on Windows it is EINVAL.
_CLOSED = (errno.EPIPE, errno.EINVAL)


class UsageError(Exception):
    """One line that names the input and what is wrong with it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    :param argv: the arguments without the program's name; those of the process by
        default.
    :returns: the exit code.
    """
    options = parser().parse_args(argv)
    run = _COMMANDS[options.command]
    try:
        code = run(options)
    except UsageError as error:
        print(f"dllguard: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        if run is _run:
            raise
        print("dllguard: interrupted", file=sys.stderr)
        return 130
    return code


def _check(options: argparse.Namespace) -> int:
    from ._hosts._host import HostError
    from ._hosts._trial import TrialUnavailableError
    from ._judge import Rules, TargetError
    from ._preflight import report_on
    from ._progress import progress
    from ._tables._conventions import DEFAULT_TARGETS

    targets = tuple(options.targets)
    if options.real and sys.platform != "win32":
        raise UsageError("--try: only Windows can load the files")
    wheels = tuple(t for t in targets if _is_requirement(t, options))
    if wheels and len(wheels) < len(targets):
        others = ", ".join(t for t in targets if t not in wheels)
        raise UsageError(f"requirements and installed targets do not mix: {others}")
    names = tuple(map(_name_of, wheels)) or targets
    try:
        host = _chosen_host(options, fetched=bool(wheels))
        if wheels:
            host = _with_fetched(wheels, host)
        with progress() as begin:
            rules = Rules(options.symbols, options.package_folders, options.real)
            report = report_on(host, names, rules, begin=begin)
    except (HostError, TargetError) as error:
        raise UsageError(error) from None
    except TrialUnavailableError as error:
        raise UsageError(f"--try: {error}") from None
    except OSError as error:
        if not error.filename:
            raise
        raise UsageError(f"{error.filename}: {error.strerror}") from None
    if not report.targets:
        defaults = ", ".join(DEFAULT_TARGETS)
        raise UsageError(f"none of {defaults} is installed; name a target")
    _print(report.to_dict() if options.json else str(report))
    return 0 if report.ok else 1


def _host(options: argparse.Namespace) -> int:
    from ._hosts._facts import host_dict, host_text
    from ._hosts._host import HostError

    try:
        host = _chosen_host(options)
    except HostError as error:
        raise UsageError(error) from None
    _print(host_dict(host) if options.json else host_text(host))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from ._logs._pasted import explain_text
    from ._logs._pasted_report import pasted_dict, pasted_text
    from ._logs._read_log import LogError, read_log

    try:
        found = explain_text(read_log(options.file))
    except LogError as error:
        raise UsageError(error) from None
    _print(pasted_dict(found) if options.json else pasted_text(found))
    return 0 if found.recognised else 1


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
    script = os.path.abspath(options.script)
    show = sys.excepthook

    def show_without_us(
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType | None,
    ) -> None:
        # A traceback starts in the script, as if Python itself ran it.
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename.startswith(script):
                break
            traceback = traceback.tb_next
        show(kind, error.with_traceback(traceback), traceback)

    install()
    sys.excepthook = show_without_us
    sys.argv = [script, *options.args]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(script)
    runpy.run_path(script, run_name="__main__")
    return 0


def _is_requirement(target: str, options: argparse.Namespace) -> bool:
    from ._judge import is_path

    if _DIRECT.match(target):
        return True
    if is_path(target):
        return False
    if _REQUIREMENT.search(target):
        return True
    # Off Windows and without --python, nothing is installed that could be meant.
    return sys.platform != "win32" and options.python is None


def _chosen_host(options: argparse.Namespace, *, fetched: bool = False) -> Host:
    from ._hosts._host import live_host
    from ._hosts._offline import built_in_host, offline_host

    added = tuple(options.dll_directory)
    for folder in (options.python, options.windows, *added):
        if folder is not None and not os.path.isdir(folder):
            raise UsageError(f"{folder}: no such folder")
    if options.python is not None:
        return offline_host(options.python, options.windows, added)
    if sys.platform == "win32" and not fetched:
        if options.windows is not None:
            raise UsageError("--windows: needs --python, or a requirement to fetch")
        return live_host(added)
    return built_in_host((), sys.version_info[:2], added, options.windows)


def _with_fetched(wheels: tuple[str, ...], host: Host) -> Host:
    """Return the host with nothing installed but the wheels of requirements."""
    from dataclasses import replace

    from ._fetch import FetchError, fetch

    environment = host.environment
    if environment.free_threaded:
        raise UsageError(f"{wheels[0]}: uv resolves for no free-threaded Python")
    try:
        site = str(fetch(wheels, environment.version, environment.machine))
    except FetchError as error:
        raise UsageError(error) from None
    return replace(host, environment=replace(environment, site=(site,)))


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
    # The console's code page may lack a character of a path.
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(what.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError as error:
        if error.errno not in _CLOSED:
            raise
        # `dllguard check | head`: nobody reads on. Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_COMMANDS = {
    "check": _check,
    "host": _host,
    "explain": _explain,
    "help": _help,
    "run": _run,
}
