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

OPENED: Final[Mapping[str, tuple[str, ...]]] = {
    # xgboost/core.py, _load_lib (0.80); its errors are swallowed (dmlc/xgboost#3616).
    "xgboost": ("xgboost/lib/xgboost.dll", "xgboost/xgboost.dll"),
    # rtree/core.py (0.8) and rtree/finder.py (0.9.7), likewise (Toblerity/rtree#115).
    "rtree": ("rtree/spatialindex_c*.dll", "rtree/lib/spatialindex_c*.dll"),
    # llvmlite/binding/ffi.py (0.45.0).
    "llvmlite": ("llvmlite/binding/llvmlite.dll",),
}
"""DLLs that a distribution opens with ctypes when it is imported, by full path."""

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
    # Each release of these is linked against one release of torch (pytorch/vision
    # README, "compatibility matrix"; pytorch/pytorch#97464; read 2026).
    "torchvision": ("torch",),
    "torchaudio": ("torch",),
    # facebookresearch/pytorch3d#1872 (2024); rusty1s/pytorch_scatter#448 (2024);
    # open-mmlab/mmdetection#5580 (2022).
    "pytorch3d": ("torch",),
    "torch-scatter": ("torch",),
    "torch-sparse": ("torch",),
    "torch-cluster": ("torch",),
    "torch-spline-conv": ("torch",),
    "mmcv": ("torch",),
    "mmcv-full": ("torch",),
    # altendky/pyqt-tools#105 (2023), da-rth/yasb#19 (2022).
    "pyqt6": ("pyqt6-qt6",),
    "pyqt5": ("pyqt5-qt5",),
    "pyside6": ("pyside6-essentials", "shiboken6"),
    "pyside6-essentials": ("shiboken6",),
    "pyside2": ("shiboken2",),
}
"""Distributions whose binaries fit only certain releases of others."""

PAIRED_IN_CONDA: Final[Mapping[str, tuple[str, ...]]] = {
    # h5py/h5py#2037 (2022), apache/arrow#43126 (2024).
    "h5py": ("hdf5",),
    "pyarrow": ("libparquet", "libarrow"),
    "pyarrow-core": ("libparquet", "libarrow"),
}
"""Packages of conda whose binaries fit only certain builds of others."""

PARTNER_RELEASES: Final[Mapping[str, Mapping[str, str]]] = {
    # pytorch/vision README (2026).
    "torchvision": {
        "0.10": "1.9",
        "0.11": "1.10",
        "0.12": "1.11",
        "0.13": "1.12",
        "0.14": "1.13",
        "0.15": "2.0",
        "0.16": "2.1",
        "0.17": "2.2",
        "0.18": "2.3",
        "0.19": "2.4",
        "0.20": "2.5",
        "0.21": "2.6",
        "0.22": "2.7",
        "0.23": "2.8",
        "0.24": "2.9",
        "0.25": "2.10",
        "0.26": "2.11",
    },
    # "Installing pre-built binaries" (torchaudio 2.11, read 2026). That release is
    # content with torch 2.11 and any later one.
    "torchaudio": {
        "0.9": "1.9",
        "0.10": "1.10",
        "0.11": "1.11",
        "0.12": "1.12",
        "0.13": "1.13",
        "2.0": "2.0",
        "2.1": "2.1",
        "2.2": "2.2",
        "2.3": "2.3",
        "2.4": "2.4",
        "2.5": "2.5",
        "2.6": "2.6",
        "2.7": "2.7",
        "2.8": "2.8",
        "2.9": "2.9",
        "2.10": "2.10",
    },
}
"""Which torch a release was built for, where its metadata does not say."""

ALIKE: Final[Mapping[str, int]] = {
    # PyQt6 6.9.0 asks for PyQt6-Qt6<6.10.0,>=6.9.0; 6.2.3 asked for >=6.2.3 alone, and
    # pip gave it a later Qt (da-rth/yasb#19, read 2026).
    "pyqt6": 2,
    "pyqt5": 2,
    # Their metadata asks for exactly their own release (6.12.0, read 2026).
    "pyside6": 3,
    "pyside6-essentials": 3,
    "pyside2": 3,
}
"""How many numbers of its release a distribution shares with its partner's."""

WHEEL_PAGES: Final[Mapping[str, str]] = {
    # rusty1s/pytorch_scatter README, and the page for torch 2.2.1 itself (2026).
    **dict.fromkeys(
        ("torch-scatter", "torch-sparse", "torch-cluster", "torch-spline-conv"),
        "https://data.pyg.org/whl/torch-{version}+{build}.html",
    ),
    # open-mmlab/mmcv, docs/get_started/installation.md: what was built for 1.8.0 serves
    # 1.8.1 (1.3.17, read 2026).
    **dict.fromkeys(
        ("mmcv", "mmcv-full"),
        "https://download.openmmlab.com/mmcv/dist/{build}/torch{minor}.0/index.html",
    ),
}
"""Pages with the wheels for one torch: {version} 2.2.2, {minor} 2.2, {build} cu118."""

TORCH_INDEX: Final = "https://download.pytorch.org/whl/{build}"
"""The index of one build of torch, torchvision and torchaudio: cpu, cu118 ("Start
Locally", PyTorch, read 2026)."""

SETS_DEFAULT_FOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    # numpy/numpy#11431, taken back by numpy/numpy#11449 (2018).
    "numpy": ("1.15.0rc1",),
}
"""Releases that call SetDefaultDllDirectories when they are imported."""

OPENMP: Final = (
    "libiomp5md.dll",
    "libomp.dll",
    "libomp140.x86_64.dll",
    "libomp140.i386.dll",
    "libomp140.aarch64.dll",
)
"""OpenMP runtimes of one family, LLVM's and Intel's: the second one that starts in a
process ends it with "OMP: Error #15" (llvm/llvm-project, openmp/runtime/src/
kmp_runtime.cpp, __kmp_register_library_startup, 2026). vcomp140.dll is of another."""

OPENMP_BY_PATH: Final[Mapping[str, str]] = {
    # Both load each of their DLLs by full path, so that one of the same name which is
    # loaded already does not answer: torch/__init__.py, _load_dll_libraries;
    # ctranslate2/__init__.py (3.x, 4.x). harry0703/MoneyPrinterTurbo#90 (2024).
    "torch": "torch/lib",
    "ctranslate2": "ctranslate2",
}
"""Folders whose OpenMP runtime a distribution loads by full path."""

DEFAULT_TARGETS: Final = ("torch", "torchvision", "torchaudio")
"""What `preflight()` looks at when it is not told."""
