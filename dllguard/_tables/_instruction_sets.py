"""Instruction sets that packages are built for, and builds without. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, str]] = {"avx": "AVX", "avx2": "AVX2", "avx512f": "AVX-512"}
"""By the names in `Circumstances.processor`."""

DECISIVE: Final = ("avx", "avx2")
"""Those that builds of packages need; who needs AVX-512 asks for it first."""

WITHOUT: Final[Mapping[str, tuple[str, tuple[int, int], str, str]]] = {
    # Its own binaries need AVX since 1.6: tensorflow/tensorflow#39092, read in 2026;
    # 1.5 was the one that ran: tensorflow/tensorflow#28765, read in 2026.
    "tensorflow": (
        "avx",
        (3, 6),
        "take the last release that does without AVX:",
        "tensorflow==1.5",
    ),
    "tensorflow-gpu": (
        "avx",
        (3, 6),
        "take the last release that does without AVX:",
        "tensorflow-gpu==1.5",
    ),
    # 1038lab/ComfyUI-QwenVL#86, read in 2026.
    "llama-cpp-python": (
        "avx2",
        (3, 99),
        (
            "take the wheel with Basic in its name in place of AVX2, from where this "
            "one came (JamePeng/llama-cpp-python, releases)"
        ),
        "",
    ),
}
"""Builds for older processors, by distribution: what they do without, the last Python
they are for, what to say, what to install."""

IN_VAIN: Final = (
    "looking for a missing DLL",
    "installing the Visual C++ redistributable, CUDA or a driver",
    "reinstalling the same build",
)
