"""DLLs that others load by their bare names, without an import. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_MKL: Final = ("mkl_core{0}.dll", "mkl_intel_thread{0}.dll")

NAMED_LOADS: Final[Mapping[str, tuple[str, ...]]] = {
    # conda documentation, "Troubleshooting", "NumPy MKL library load failed" (read
    # 2026); conda/conda#9770, ContinuumIO/anaconda-issues#10213. The number came with
    # MKL 2021.
    "mkl_rt.dll": tuple(name.format("") for name in _MKL),
    "mkl_rt.1.dll": tuple(name.format(".1") for name in _MKL),
    "mkl_rt.2.dll": tuple(name.format(".2") for name in _MKL),
}
"""What a DLL asks LoadLibrary for, without flags, once it is used: names in lower case,
in the order of the calls."""
