"""Releases of packages that are content with an older runtime, or none. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Settled:
    """One package: which of its releases ask for more of a runtime, and which do not.

    :param affected: version specifier of those that do.
    :param other: version specifier of those that do not.
    :param why: what is different in these.
    :param pythons: oldest and newest Python that these are for.
    """

    affected: str
    other: str
    why: str
    pythons: tuple[tuple[int, int], tuple[int, int]] = ((3, 5), (3, 99))


SETTLED: Final[Mapping[str, Settled]] = {
    # numba/numba#5600 (2020). The wheels: 0.49.0 imports VCRUNTIME140_1.dll, 0.49.1
    # does not (2026).
    "numba": Settled("==0.49.0", "==0.49.1", "which was built with an older compiler"),
    # hoffstadt/DearPyGui#563 (2021, read 2026).
    "dearpygui": Settled("<0.6.292", ">=0.6.292", "which brings the file itself"),
    # matplotlib/matplotlib#24704 (2022). The wheel 3.7.0 has it, 3.6.3 does not (2026).
    "matplotlib": Settled(
        "<3.7", ">=3.7", "which brings msvcp140.dll itself", ((3, 8), (3, 99))
    ),
    # nucleic/kiwi#187 (2024). The wheel 1.4.8 no longer imports MSVCP140.dll (2026).
    "kiwisolver": Settled(
        "<1.4.8", ">=1.4.8", "which does not need msvcp140.dll", ((3, 10), (3, 99))
    ),
    # numba/llvmlite#1297 (2025). The wheel 0.45.1 has msvcp140.dll under a name of its
    # own (2026).
    "llvmlite": Settled("==0.45.0", ">=0.45.1", "which brings msvcp140.dll itself"),
    # google/magika#1092 (2025). The wheel 1.21.0 no longer calls _Mtx_init_in_situ,
    # 1.20.1 does; that is for Python 3.10 to 3.13 (2026).
    "onnxruntime": Settled(
        ">=1.21", "<1.21", "which is content with an older runtime", ((3, 5), (3, 13))
    ),
}
"""By distribution."""
