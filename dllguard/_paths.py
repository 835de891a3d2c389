"""Paths as text, in Windows' notation or in this system's.

`os.path` knows one notation at a time, and a Windows path stays one on Linux.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


def is_native(path: str) -> bool:
    """Tell an extension module or a DLL from other files, by its ending."""
    return path.lower().endswith((".pyd", ".dll"))


def join(folder: str, name: str) -> str:
    r"""Join a path in the folder's own notation: `C:\x\y.dll` or `/x/y.dll`."""
    if not folder:
        return name
    separator = "\\" if "\\" in folder or folder[1:2] == ":" else "/"
    return f"{folder.rstrip(separator)}{separator}{name}"


@lru_cache(maxsize=1 << 13)
def base_name(path: str) -> str:
    """Return the file name of a path in either notation."""
    return path.replace("\\", "/").rpartition("/")[2]


def plain(path: str) -> str:
    """Return a path as Windows compares it: without case, either slash the same."""
    return path.replace("\\", "/").lower().rstrip("/") or path[:1]


def below(folder: str, row: str) -> str:
    """Return what is below a folder, in the folder's own notation.

    :param row: relative, with either slash; "." and ".." are followed.
    """
    for part in row.replace("\\", "/").split("/"):
        if part == "..":
            folder = folder_of(folder)
        elif part not in ("", "."):
            folder = join(folder, part)
    return folder


def is_full(path: str) -> bool:
    r"""Tell a full path from a name or a relative path: `C:\x`, `\\host\x`, `/x`."""
    return path[1:3] in (":\\", ":/") or path.startswith(("\\\\", "/"))


@lru_cache(maxsize=1 << 13)
def folder_of(path: str) -> str:
    """Return the folder of a path in either notation, as it was written."""
    start = path[: len(path) - len(base_name(path))]
    folder = start.rstrip("\\/")
    # A root without its separator would be the current folder, or that of a drive.
    return start if not folder or folder.endswith(":") else folder


def shortened(path: str, site: Iterable[str]) -> str:
    """Return a path relative to the deepest folder of `site` that holds it."""
    for folder in sorted(site, key=len, reverse=True):
        for separator in "\\/":
            prefix = folder.rstrip("\\/") + separator
            if path.lower().startswith(prefix.lower()):
                return path[len(prefix) :].replace("/", "\\")
    return path
