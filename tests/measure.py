"""Coverage of what tests run elsewhere: under Wine, or where nothing can be counted.

`coverage run -m pytest` counts this process, and by itself each Python of this machine
that it starts. A Python of the bench counts when it finds coverage.py and is told to;
without `coverage run`, nothing here changes anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

__all__ = ["COVERAGE", "PATIENT", "UNMEASURED", "start_of", "variables"]

_SETTINGS: Final = Path(__file__).parent.parent / "pyproject.toml"

UNMEASURED: Final = {"COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""}
"""The environment of a process that coverage.py must leave alone."""

# Asked once, for a test may go to another folder before it starts its bench.
_coverage: Any = sys.modules.get("coverage")
_current: Any = _coverage and _coverage.Coverage.current()

COVERAGE: Final = f"coverage=={_coverage.__version__}" if _current else None
"""What a bench needs in order to count; None where this process is not counted."""

PATIENT: Final = {"DLLGUARD_TIME_LIMIT": "60"} if COVERAGE else {}
"""The environment of a process that counts: it is slower than the limit is made for."""

_DATA: Final = Path(_current.config.data_file).absolute() if _current else Path()


def start_of(folder: str) -> bytes:
    """Return a `sitecustomize.py` that counts; it leaves `sys.path` as it was.

    In site-packages, coverage.py would be a distribution that dllguard finds.

    :param folder: that with coverage.py, as the bench sees it.
    """
    return f"""\
import os, sys
if os.environ.get("COVERAGE_PROCESS_START"):
    sys.path.insert(0, {folder!r})
    import coverage
    coverage.process_startup()
    sys.path.remove({folder!r})
""".encode()


def variables(windows_path: Callable[[Path], str]) -> dict[str, str]:
    """Return the environment with which a Python of the bench counts.

    :param windows_path: of the bench.
    """
    if not COVERAGE:
        return {}
    return {
        "COVERAGE_PROCESS_START": windows_path(_SETTINGS),
        "COVERAGE_FILE": windows_path(_DATA),
    }
