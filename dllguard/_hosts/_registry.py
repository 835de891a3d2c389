"""Single values of the registry's machine part, read as a plain user."""

from __future__ import annotations

import sys

if sys.platform != "win32":
    msg = "dllguard._hosts._registry is for Windows alone"
    raise ImportError(msg)

import contextlib
import winreg


def machine_value(key: str, name: str, view: int = 0) -> str | None:
    """Return a value below HKEY_LOCAL_MACHINE as text.

    :param key: path of the key.
    :param name: name of the value.
    :param view: KEY_WOW64_32KEY or KEY_WOW64_64KEY, 0 for that of this process.
    :returns: None where there is no such value, or it may not be read.
    """
    with (
        contextlib.suppress(OSError),
        winreg.OpenKey(
            winreg.HKEY_LOCAL_MACHINE, key, 0, winreg.KEY_READ | view
        ) as handle,
    ):
        value, _ = winreg.QueryValueEx(handle, name)
        return str(value)
    return None
