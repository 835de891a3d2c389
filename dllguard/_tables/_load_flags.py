"""The flags of LoadLibraryEx that callers pass, and what asks with which. Data only.

"LoadLibraryExW function" (Microsoft) has the numbers.
"""

from __future__ import annotations

from typing import Final

CLASSIC: Final = 0
"""A plain LoadLibrary call: torch's second attempt, the helper of delay loads, cffi
with a bare name (cffi 1.17, c/misc_win32.h)."""

ALTERED_PATH: Final = 0x8
OF_FILE: Final = 0x100
OF_APPLICATION: Final = 0x200
OF_USER: Final = 0x400
OF_SYSTEM: Final = 0x800
DEFAULT_FOLDERS: Final = 0x1000

EXTENSION: Final = DEFAULT_FOLDERS | OF_FILE
"""CPython for an extension module, ctypes and cffi for a path
(CPython, Python/dynload_win.c and Lib/ctypes/__init__.py)."""

BARE_NAME: Final = DEFAULT_FOLDERS
"""ctypes for a name without a folder."""
