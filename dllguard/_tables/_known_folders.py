"""Folders that hold DLLs and stand on no search list by themselves. Data only.

Paths have slashes and are relative to a folder that the table names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CONDA_FOLDERS: Final = ("Library/mingw-w64/bin", "Library/usr/bin", "Library/bin")
"""Where conda packages have their DLLs, below the prefix (conda/conda,
conda/shell/condabin/conda.bat, read in 2026)."""

FOLDERS_BELOW: Final = ("bin", "bin/x64", "lib", "DLLs")
"""What is forgotten at the end of a folder that is added: cupy/cupy#9127 (bin),
abetlen/llama-cpp-python#2083 (bin/x64); the others by analogy. Read in 2026."""

VARIABLE_FOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    # cupy/cupy#2243; bin/x64 abetlen/llama-cpp-python#2083 (2025). Read in 2026.
    "CUDA_PATH": ("bin", "bin/x64"),
    # pytorch/pytorch, torch/__init__.py (2.15.0), read in 2026.
    "CUDA_PATH_V*": ("bin", "bin/x64"),
    # pytorch/pytorch, torch/utils/cpp_extension.py, read in 2026.
    "CUDA_HOME": ("bin", "bin/x64"),
    # ibmdb/python-ibmdb#736, #872, read in 2026.
    "IBM_DB_HOME": ("bin", "clidriver/bin"),
    # conda/conda, conda/shell/condabin/conda.bat, read in 2026.
    "CONDA_PREFIX": CONDA_FOLDERS,
}
"""Environment variables that name the folder of a product, and where its DLLs are.

Names are patterns as of `fnmatch`.
"""

PRODUCT_FOLDERS: Final[Mapping[str, str]] = {
    # cupy/cupy#9127; bin/x64 abetlen/llama-cpp-python#2083 (2025). Read in 2026.
    "Program Files/NVIDIA GPU Computing Toolkit/CUDA/v*/bin": "the CUDA Toolkit",
    "Program Files/NVIDIA GPU Computing Toolkit/CUDA/v*/bin/x64": "the CUDA Toolkit",
    # davisking/dlib#2810 (8.9); SYSTRAN/faster-whisper#1230 (9.7). Read in 2026.
    "Program Files/NVIDIA/CUDNN/v*/bin": "cuDNN",
    "Program Files/NVIDIA/CUDNN/v*/bin/*": "cuDNN",
    "Program Files/NVIDIA/CUDNN/v*/bin/*/x64": "cuDNN",
    # oaubert/python-vlc#118, read in 2026; the other by analogy, of a 32-bit VLC.
    "Program Files/VideoLAN/VLC": "VLC",
    "Program Files (x86)/VideoLAN/VLC": "VLC",
    # ibmdb/python-ibmdb#885, read in 2026.
    "Program Files/IBM/SQLLIB/bin": "the Db2 client",
    "Program Files/IBM/SQLLIB/clidriver/bin": "the Db2 client",
}
"""Where products install themselves, on the drive of Windows."""

FROM_CONDA: Final[Mapping[str, str]] = {
    # Normalised name of the distribution: name of the conda package.
    # mhammond/pywin32#1865, read in 2026.
    "pywin32": "pywin32",
    # shapely/shapely#1032, #943, read in 2026.
    "shapely": "shapely",
}
"""Distributions that work in a conda environment where conda has installed them, and
for which pip's wheel is the trouble."""

IN_VAIN: Final[Mapping[str, str]] = {
    # mhammond/pywin32#2026, #2019, read in 2026: it fails of the same DLL, or leaves
    # copies in System32 that outlive the next release.
    "pywin32": "running pywin32_postinstall again: at best it leaves copies behind "
    "that get into the way of the next release",
}
"""What users of a distribution try in vain, by its normalised name."""

PRIVATE_FOLDERS: Final = ("program files", "program files (x86)", "windows")
"""Folders at the root of the Windows drive where only administrators put files."""

OPEN_FOLDERS: Final = ("users/public", "windows/temp")
"""Folders inside of protected ones that every user may write into."""
