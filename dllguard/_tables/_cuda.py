"""Parts of CUDA by the names of their DLLs: release and wheel of each. Data only.

The number in a name is that of the part, which is not always that of CUDA: cufft64_11
belongs to CUDA 12. Sources: NVIDIA/cuda-python, cuda_pathfinder, supported_nvidia_libs
(names of CUDA 11 to 13 and the folders of the wheels, read 2026);
tensorflow/tensorflow#40108 and tensorflow/tensorflow#13442 (CUDA 8 to 10.2, read 2026);
the package index for the names of the wheels (read 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Release:
    """Which CUDA has a part under a certain number.

    :param title: as it follows the word CUDA.
    :param majors: their first numbers.
    """

    title: str
    majors: tuple[int, ...]


_10 = Release("10.1 or 10.2", (10,))
_11 = Release("11", (11,))
_12 = Release("12", (12,))
_13 = Release("13", (13,))


@dataclass(frozen=True)
class Part:
    """One part of CUDA.

    :param title: what NVIDIA calls it.
    :param wheel: the distribution that has it, without the suffix of the CUDA release.
    :param folder: where the wheels for CUDA 11 and 12 put it, below `nvidia`.
    :param releases: by the number in the name of the DLL.
    """

    title: str
    wheel: str
    folder: str
    releases: Mapping[str, Release]


_AS_CUDA: Final = {"11": _11, "12": _12, "13": _13}
_CUBLAS = Part("cuBLAS", "nvidia-cublas", "cublas", {"10": _10, **_AS_CUDA})
_CUFFT = Part(
    "cuFFT",
    "nvidia-cufft",
    "cufft",
    {"10": Release("10.1 to 11.8", (11, 10)), "11": _12, "12": _13},
)
_CUSOLVER = Part(
    "cuSOLVER",
    "nvidia-cusolver",
    "cusolver",
    {
        "10": Release("10.1 to 11.0", (10, 11)),
        "11": Release("11 or 12", (12, 11)),
        "12": _13,
    },
)

PARTS: Final[Mapping[str, Part]] = {
    "cudart64": Part(
        "the CUDA runtime",
        "nvidia-cuda-runtime",
        "cuda_runtime",
        {"110": _11, "12": _12, "13": _13},
    ),
    "cublas64": _CUBLAS,
    "cublaslt64": _CUBLAS,
    "nvblas64": _CUBLAS,
    "cufft64": _CUFFT,
    "cufftw64": _CUFFT,
    # The number has not changed since (cuda_pathfinder).
    "curand64": Part(
        "cuRAND",
        "nvidia-curand",
        "curand",
        {"10": Release("10.1 or later", (12, 13, 11, 10))},
    ),
    "cusolver64": _CUSOLVER,
    "cusolvermg64": _CUSOLVER,
    "cusparse64": Part(
        "cuSPARSE",
        "nvidia-cusparse",
        "cusparse",
        {"10": _10, "11": _11, "12": Release("12 or 13", (12, 13))},
    ),
    "nvrtc64": Part(
        "NVRTC",
        "nvidia-cuda-nvrtc",
        "cuda_nvrtc",
        {
            "110_0": Release("11.0", (11,)),
            "111_0": Release("11.1", (11,)),
            "112_0": Release("11.2 to 11.8", (11,)),
            "120_0": _12,
            "130_0": _13,
        },
    ),
    "nvjitlink": Part(
        "nvJitLink", "nvidia-nvjitlink", "nvjitlink", {"120_0": _12, "130_0": _13}
    ),
    # nvjpeg64_10: pytorch/vision#4894, a wheel for CUDA 10.2 (read 2026).
    "nvjpeg64": Part("nvJPEG", "nvidia-nvjpeg", "nvjpeg", {"10": _10, **_AS_CUDA}),
    **dict.fromkeys(
        (f"npp{kind}64" for kind in "c ial icc idei if ig im ist isu itc s".split()),
        Part("NPP", "nvidia-npp", "npp", {"10": _10, **_AS_CUDA}),
    ),
}
"""By the lower-case name up to the last underscore and number."""

OLDER: Final[Mapping[str, Release]] = {
    "80": Release("8.0", (8,)),
    "90": Release("9.0", (9,)),
    "91": Release("9.1", (9,)),
    "92": Release("9.2", (9,)),
    "100": Release("10.0", (10,)),
    "101": Release("10.1", (10,)),
    "102": Release("10.2", (10,)),
}
"""The numbers that every part had up to CUDA 10.0, and cudart64 and nvrtc64 up to 10.2
(tensorflow/tensorflow#13442)."""

CUDNN: Final[Mapping[str, tuple[int, ...]]] = {
    "7": (),
    "8": (11, 12),
    "9": (12, 13, 11),
}
"""By the number in its names, the CUDA releases for which cuDNN is on the package
index with builds for Windows (read 2026)."""

WHEEL_SUFFIXES: Final[Mapping[int, str]] = {11: "-cu11", 12: "-cu12", 13: ""}
"""What follows the name of a part's wheel; that of cuDNN has -cu13 as well."""

WHEEL_FOLDERS: Final[Mapping[int, str]] = {13: "cu13/bin/x86_64"}
"""Where all parts of a release lie below `nvidia`, where not each has its own."""

WINGET: Final[Mapping[int, str]] = {11: "11.8", 12: "12.9", 13: "13.0"}
"""The version of Nvidia.CUDA to ask winget for (microsoft/winget-pkgs, read 2026)."""

TOOLKIT_FOLDERS: Final[Mapping[int, str]] = {13: "bin\\x64"}
"""Where the DLLs of the toolkit are, below CUDA_PATH; in bin before that
(cuda_pathfinder; the installer of CUDA 13.1, read 2026)."""

TOOLKITS: Final = "https://developer.nvidia.com/cuda-toolkit-archive"
CUDNNS: Final = "https://developer.nvidia.com/cudnn-archive"
