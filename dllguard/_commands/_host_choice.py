"""The host that was chosen: by name, a snapshot, a folder, or the running machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from .._hosts._host import Host, live_host
from ._usage import UsageError

if TYPE_CHECKING:
    import argparse

    from .._targets._selection import HostFor
    from .._targets._tags import Python

Asked = Literal["installed", "folder", "wheels"]

HERE = "here"
USUAL = "win11"


class HostChoice(NamedTuple):
    """What the options say of the host.

    :param name: of `--host`: a built-in name, a snapshot file, `here`; "" without.
    :param python: a folder with a Windows Python.
    :param windows: a folder with `System32`.
    :param added: folders that the program adds with `os.add_dll_directory`.
    """

    name: str = ""
    python: str | None = None
    windows: str | None = None
    added: tuple[str, ...] = ()

    @property
    def is_snapshot(self) -> bool:
        """Whether the host is a file."""
        return self.name.lower().endswith(".json") or any(c in self.name for c in "/\\")

    @property
    def has_packages(self) -> bool:
        """Whether a bare name can mean what is installed there."""
        return self.python is not None or self.is_snapshot or sys.platform == "win32"


def choice_of(options: argparse.Namespace, name: str = "") -> HostChoice:
    """Return what the options choose, with folders that are there.

    :raises UsageError: for a folder that is not there, or what excludes another.
    """
    added: Sequence[str] = options.dll_directory
    found = HostChoice(name, options.python, options.windows, tuple(added))
    given = (found.python, found.windows)
    for folder in (*given, *(() if found.is_snapshot else added)):
        if folder is not None and not os.path.isdir(folder):
            raise UsageError(f"{folder}: no such folder")
    if name and found.windows is not None:
        raise UsageError(f"--windows: --host {name} says which Windows is meant")
    if found.python is not None and (found.is_snapshot or name == HERE):
        raise UsageError(f"--python: --host {name} has a Python of its own")
    # What is wrong with the last of several is told before the first is judged.
    if found.is_snapshot and not os.path.isfile(name):
        raise UsageError(f"{name}: no such file")
    if name and name != HERE and not found.is_snapshot:
        _named(name, ())
    return found


def host_maker(choice: HostChoice, asked: Asked = "installed") -> HostFor:
    """Return what makes the host.

    :param choice: as the options have it.
    :param asked: what the targets are: packages that are installed, a folder with a
        Python of its own, or wheels, which no Python has installed.
    :raises UsageError: for a name that is not known, or a snapshot that is none.
    :raises HostError: for a folder that holds no Python or no Windows.
    """
    is_windows = sys.platform == "win32"
    if choice.is_snapshot:
        return _always(_of_snapshot(choice))
    if choice.name and choice.name != HERE:
        named = _named(choice.name, choice.added)
        ours = sys.prefix if is_windows and asked == "installed" else None
        python = choice.python or ours
        return named if python is None else _always(_moved(python, choice, named))
    if choice.python is not None:
        from .._hosts._offline import offline_host

        return _always(offline_host(choice.python, choice.windows, choice.added))
    if choice.name == HERE or (is_windows and asked != "wheels"):
        return _always(_live(choice))
    return _built_in(choice)


def _always(host: Host) -> HostFor:
    return lambda _: host


def _live(choice: HostChoice) -> Host:
    if choice.windows is not None:
        raise UsageError("--windows: needs --python, or a requirement to fetch")
    return live_host(choice.added)


def _built_in(choice: HostChoice) -> HostFor:
    """Return what makes a clean Windows, or that of a folder, with any Python."""
    if choice.windows is None:
        return _named(USUAL, choice.added)
    from .._hosts._offline import built_in_host

    def make(python: Python | None) -> Host:
        version = python.version if python is not None else sys.version_info[:2]
        return built_in_host((), version, choice.added, choice.windows)

    return make


def _named(name: str, added: Sequence[str]) -> HostFor:
    from .._targets._named_host import host_named

    make = host_named(name, added)

    def made(python: Python | None) -> Host:
        try:
            return make(python)
        except ValueError as error:
            # All the names fill a screen.
            wrong, names, _ = str(error).partition("there are win")
            hint = "`dllguard host --list` lists them" if names else ""
            raise UsageError(f"--host {wrong}{hint}") from None

    made(None)
    return made


def _moved(folder: str, choice: HostChoice, named: HostFor) -> Host:
    """Return the Python of a folder on the Windows that a name stands for."""
    from .._hosts._offline import offline_host
    from .._targets._installed import on_windows_of
    from .._targets._tags import Python

    host = offline_host(folder, None, choice.added)
    environment = host.environment
    python = Python(environment.version, environment.machine, environment.free_threaded)
    windows = named(python)
    if windows.environment.machine != python.machine:
        raise UsageError(f"{folder}: is {python}, --host {choice.name} is not")
    return on_windows_of(host, windows)


def _of_snapshot(choice: HostChoice) -> Host:
    from .._snapshots._restored import SnapshotError, read_snapshot

    try:
        return read_snapshot(choice.name).adding(*choice.added)
    except SnapshotError as error:
        raise UsageError(error) from None
