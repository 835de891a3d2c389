"""What decides a load besides files: the Windows edition, variables, the processor.

A running Python can be asked for all of it. Of a host on disk most is unknown, and
what is unknown excludes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

VARIABLES: Final = (
    "CONDA_DLL_SEARCH_MODIFICATION_ENABLE",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONNOUSERSITE",
    "VIRTUAL_ENV",
)
"""Environment variables that decide which Python or package is taken."""


@dataclass(frozen=True)
class Circumstances:
    """Facts of a machine and a process that no file holds.

    :param build: build number of Windows (7601, 10240, 22631), 0 where unknown.
    :param edition: `EditionID` of the registry (Professional, ProfessionalN), "".
    :param installation: `InstallationType` of the registry (Client, Server,
        Server Core, Nano Server), "".
    :param variables: those of `VARIABLES` that are set, and those that name the
        folder of a product.
    :param processor: which of sse4.1, avx, avx2, avx512f this processor has; a later
        one brings those before it, and where AVX is missing, sse4.1 is at times left
        out. None where unknown.
    :param app_control: what Smart App Control does: on, evaluation, off, or "".
    :param commit: bytes committed and the limit of them; None where unknown.
    """

    build: int = 0
    edition: str = ""
    installation: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    processor: frozenset[str] | None = None
    app_control: str = ""
    commit: tuple[int, int] | None = None
