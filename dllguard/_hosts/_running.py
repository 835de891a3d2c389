"""What made the Python of this process; `_pythons` tells it of one on disk."""

from __future__ import annotations

import os
import re
import sys

from .._paths import folder_of

_STORE = re.compile(r"[\\/]WindowsApps[\\/]PythonSoftwareFoundation\.", re.IGNORECASE)


def running_kind() -> str:
    """Return the kind of this Python, as `Environment.kind` has it.

    A frozen program tells by what its maker leaves in `sys` and in the main module:
    PyInstaller (bootloader/src/pyi_main.c and "Run-time Information"), cx_Freeze
    (cx_Freeze/initscripts/__startup__.py), Nuitka ("Use Case 4", `__compiled__`).
    """
    if getattr(sys, "frozen", False):
        if hasattr(sys, "_MEIPASS"):
            return "pyinstaller"
        # Other makers set it to a text: py2exe, to the kind of its window.
        return "cx_freeze" if sys.frozen is True else "frozen"  # type: ignore[attr-defined,unused-ignore]
    if "__compiled__" in vars(sys.modules.get("__main__", sys)):
        return "nuitka"
    if sys.prefix != sys.base_prefix:
        return "venv"
    return _kind_of(sys.base_prefix, sys.executable)


def _kind_of(base: str, executable: str) -> str:
    number = "".join(map(str, sys.version_info[:2]))
    stem = os.path.splitext(os.path.basename(executable))[0]
    folders = dict.fromkeys((folder_of(executable) or base, base))
    names = (f"python{number}._pth", f"{stem}._pth")
    if any(os.path.isfile(os.path.join(f, n)) for f in folders for n in names):
        return "embeddable"
    if os.path.isdir(os.path.join(base, "conda-meta")):
        return "conda"
    packaged = os.path.isfile(os.path.join(base, "AppxManifest.xml"))
    return "store" if packaged or _STORE.search(f"{base}/") else "python"
