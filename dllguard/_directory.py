"""The folders given to `os.add_dll_directory`, for a Windows that does not tell them.

That is one before 8: its ntdll has no LdrGetDllPath. CPython ended its support of those
with 3.9, but ports to them exist. An audit hook would see the same calls, but
slow down every event, and stay for as long as the process.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# What `os.add_dll_directory` returned, oldest first. Windows searches a folder also
# when nobody keeps these.
_handles: list[Any] = []


def start() -> Callable[[], None] | None:
    """Record from now on, where this Windows is one before 8.

    :returns: what ends it; None where there is nothing to end.
    """
    if sys.platform != "win32" or sys.getwindowsversion()[:2] >= (6, 2):
        return None
    original = os.add_dll_directory

    def add_dll_directory(path: Any) -> Any:
        handle = original(path)
        _handles[:] = filter(_is_open, _handles)
        _handles.append(handle)
        return handle

    # What functools.wraps does, without its import at each start of a program.
    for name in ("__module__", "__qualname__", "__doc__", "__annotations__"):
        setattr(add_dll_directory, name, getattr(original, name))
    vars(add_dll_directory)["__wrapped__"] = original

    def stop() -> None:
        if os.add_dll_directory is add_dll_directory:
            os.add_dll_directory = original

    os.add_dll_directory = add_dll_directory
    return stop


def recorded() -> tuple[str, ...]:
    """Return the recorded folders that are still searched, newest first."""
    newest_first = filter(_is_open, reversed(_handles))
    return tuple(os.fsdecode(handle.path) for handle in newest_first)


def _is_open(handle: Any) -> bool:
    # CPython, Lib/os.py: `close` clears it once Windows has removed the folder.
    return handle.path is not None
