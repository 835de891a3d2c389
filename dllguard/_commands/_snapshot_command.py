"""`dllguard snapshot`: a file with which this machine is judged for anywhere."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._report import counted
from ._host_choice import choice_of, host_maker
from ._output import put, require_folder, size, write
from ._usage import UsageError, told

if TYPE_CHECKING:
    import argparse

_STDOUT = "-"


def take_snapshot(options: argparse.Namespace) -> int:
    """Write a snapshot of this Windows, or of one on disk."""
    import json

    from .._progress import progress
    from .._snapshots._snapshot import snapshot

    if options.python is None and sys.platform != "win32":
        raise UsageError(
            "snapshot: run it on the Windows machine, or give --python DIR (and "
            "--windows DIR) of one that is copied or mounted here"
        )
    if options.output != _STDOUT:
        require_folder(options.output)
    with told():
        host = host_maker(choice_of(options))(None)
        with progress() as begin:
            data = snapshot(host, tuple(options.targets), begin=begin)
    text = json.dumps(data, separators=(",", ":")) + "\n"
    if options.output == _STDOUT:
        put(text.rstrip())
        return 0
    count = write(options.output, text)
    put("\n".join(_told(options.output, count, data)))
    return 0


def _told(file: str, count: int, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was written, and what to do with it."""
    folders = data["folders"].values()
    files = sum(len(f["names"]) + len(f["files"]) for f in folders)
    packages = counted(len(data["distributions"]), "distribution")
    windows, python = data["windows"]["name"], data["python"]["version"]
    yield f"wrote {file} ({size(count)})"
    yield ""
    about = (
        f"in it: {windows}, Python {'.'.join(map(str, python))}, {packages}, and of "
        f"{counted(files, 'file')} the name, of those that matter version, imports and "
        "exports too. Names of the user, the machine and home folders are replaced. "
        "Read it before you publish it."
    )
    yield from textwrap.wrap(about, 80, break_on_hyphens=False)
    yield ""
    yield "the verdict that this machine would get, on any system:"
    name = f'"{file}"' if " " in file else file
    yield f"    dllguard check TARGET --host {name}"
