"""How packages load their DLLs besides importing them. Data only.

Distributions go by their normalised names. Paths are relative to the folder the
distribution is installed in, unless they start with a name in braces: {prefix},
{base_prefix}, {user} are the folders that `sys` and `sysconfig` call so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ADDED_FOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    # torch/__init__.py, _load_dll_libraries (2.15.0), in the order of its calls. 1.13.1
    # and 2.0.1 have the first three, 2.4.1 the first four. Those of NvToolsExt and of
    # the CUDA Toolkit hang on environment variables.
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
    # _mpi_dll_path.py (4.1.2): where impi.dll or msmpi.dll is.
    "mpi4py": ("{prefix}/Library/bin", "{user}/Library/bin"),
    # paddle/base/core.py and, for the wheels with CUDA 12 from the package index,
    # paddle/__init__.py (3.3.1), in the order of the calls.
    "paddlepaddle": ("paddle/libs",),
    "paddlepaddle-gpu": (
        "paddle/libs",
        "{prefix}/Library/bin",
        "{base_prefix}/Library/bin",
        "nvidia/cublas/bin",
        "nvidia/cuda_nvrtc/bin",
        "nvidia/cuda_runtime/bin",
        "nvidia/cudnn/bin",
        "nvidia/cufft/bin",
        "nvidia/curand/bin",
        "nvidia/cusolver/bin",
        "nvidia/cusparse/bin",
        "nvidia/nvjitlink/bin",
    ),
}
"""Folders that a distribution gives to os.add_dll_directory, in that order.

The source of a distribution without a row is read.
"""

CONFIG_FILES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    # cv2/__init__.py, bootstrap (5.0.0): both are run, and their BINARIES_PATHS added.
    "cv2": (("config.py",), ("config-{0}.{1}.py", "config-{0}.py")),
}
"""Files that say which folders a package adds; of each group, the first that exists.
{0} and {1} are the numbers of the Python."""

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

OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {
    # pywin32 312: the Pythonwin editor and DDE need MFC (mfc140u.dll), which only the
    # redistributable brings; axdebug.pyd imports axscript.pyd of the folder beside.
    "pywin32": ("pythonwin/*.pyd", "win32comext/axdebug/*.pyd"),
}
"""Extension modules that nothing of their distribution imports by itself."""

PAIRED: Final[Mapping[str, tuple[str, ...]]] = {
    # Each release of these is linked against one release of torch
    # (pytorch/vision README, "compatibility matrix"; pytorch/pytorch#97464).
    "torchvision": ("torch",),
    "torchaudio": ("torch",),
}
"""Distributions whose binaries fit only certain releases of another."""

DEFAULT_TARGETS: Final = ("torch", "torchvision", "torchaudio")
"""What `preflight()` looks at when it is not told."""
