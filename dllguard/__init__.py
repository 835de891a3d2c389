"""Name the DLL behind "DLL load failed" on Windows, and the command that cures it."""

from __future__ import annotations

import os as _os
import sys

from ._errors import (
    DllFileNotFoundError,
    DllguardError,
    DllguardWarning,
    DllImportError,
    DllOSError,
    DllPermissionError,
    DllRuntimeError,
)
from ._hook import install, uninstall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._verdict import Diagnosis, Report

__version__ = "0.1.0"

__all__ = [
    "Diagnosis",
    "DllFileNotFoundError",
    "DllImportError",
    "DllOSError",
    "DllPermissionError",
    "DllRuntimeError",
    "DllguardError",
    "DllguardWarning",
    "Report",
    "__version__",
    "explain",
    "install",
    "preflight",
    "uninstall",
]


def preflight(*targets: str, symbols: bool | None = None) -> Report:
    """Tell whether imports would fail, without importing or loading anything.

    :param targets: import or distribution names, or paths of `.pyd` and `.dll`
        files. None means torch, torchvision and torchaudio, as far as they are
        installed.
    :param symbols: compare imported with exported functions. By default everywhere
        but in Wine's own DLLs, for whose missing functions Wine puts stubs; False
        judges by modules alone.
    :returns: the verdict; one without targets where this is not Windows.
    :raises ValueError: for a path that is not there or holds no native file.
    """
    from ._preflight import preflight as judge

    return judge(targets, symbols=symbols)


def explain(error: BaseException) -> Diagnosis | None:
    """Explain an exception that was caught without the hook.

    It is called where an exception is being handled, so it raises none: what goes
    wrong in it is noted on `error`.

    :param error: the exception; its causes are looked at too.
    :returns: the diagnosis, or None where no failed DLL load stands behind it, or
        this is not Windows.
    """
    if isinstance(error, DllguardError) and error.diagnosis is not None:
        return error.diagnosis
    from ._attempt import diagnosed

    return diagnosed(error)


def __getattr__(name: str) -> object:
    # The dataclasses behind these two cost more than all the rest together.
    if name in ("Diagnosis", "Report"):
        from . import _verdict

        return getattr(_verdict, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__


if _os.environ.get("DLLGUARD", "").lower() != "off":
    install()
    if sys.platform == "win32" and sys.getwindowsversion()[:2] < (6, 2):
        # From Windows 8 on, Windows itself tells which folders were added.
        from ._directory import start as _start

        _start()
