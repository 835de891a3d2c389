"""How packages load their DLLs besides importing them. Data only.

Distributions go by their normalised names. Paths are relative to the folder the
distribution is installed in, unless they start with a name in braces: {prefix},
{base_prefix}, {user} are the folders that `sys` and `sysconfig` call so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ADDED_FOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    # torch/__init__.py, _load_dll_libraries (2.15.0), in the order of its calls.
    "torch": (
        "torch/lib",
        "{prefix}/Library/bin",
        "{base_prefix}/Library/bin",
        "{user}/Library/bin",
        "{prefix}/bin",
    ),
    # torchvision/_internally_replaced_utils.py, _get_extension_path (0.29.2).
    "torchvision": ("torchvision",),
    # pywin32.pth runs win32/lib/pywin32_bootstrap.py (312) when Python starts.
    "pywin32": ("pywin32_system32",),
    # PySide6/__init__.py, _additional_dll_directories (6.12.0).
    "pyside6-essentials": ("shiboken6",),
}
"""Folders that a distribution gives to os.add_dll_directory, in that order."""

PRELOADED: Final[Mapping[str, tuple[str, ...]]] = {
    # torch/__init__.py: each file by full path with 0x1100; on 126 once more with
    # a plain LoadLibrary and its folders put before PATH.
    "torch": ("torch/lib/*.dll",),
}
"""DLLs that a distribution loads itself before its first extension module."""

SWALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    # torchvision/extension.py and io/image.py (0.19.0, 0.24.0, 0.29.2).
    "torchvision": ("torchvision/_C*.pyd", "torchvision/image*.pyd"),
}
"""Files whose failed load a distribution keeps to itself; it shows as a missing
operator later."""

PAIRED: Final[Mapping[str, tuple[str, ...]]] = {
    # Each release of these is linked against one release of torch
    # (pytorch/vision README, "compatibility matrix"; pytorch/pytorch#97464).
    "torchvision": ("torch",),
    "torchaudio": ("torch",),
}
"""Distributions whose binaries fit only certain releases of another."""

DEFAULT_TARGETS: Final = ("torch", "torchvision", "torchaudio")
"""What `preflight()` looks at when it is not told."""
