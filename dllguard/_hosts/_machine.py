"""What no file holds of the machine that this process runs on, and of its memory.

A question that this Windows cannot answer gives an empty answer, never an exception.
"""

from __future__ import annotations

import sys

if sys.platform != "win32":
    msg = "dllguard._hosts._machine is for Windows alone"
    raise ImportError(msg)

import ctypes
import fnmatch
import os
from ctypes import wintypes

from .._model import X64, X86
from .._tables._known_folders import VARIABLE_FOLDERS
from ._circumstances import VARIABLES, Circumstances
from ._registry import machine_value

_kernel32 = ctypes.WinDLL("kernel32")

_WINDOWS = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
_POLICY = r"SYSTEM\CurrentControlSet\Control\CI\Policy"
_64_BIT_VIEW = 0x0100

# "Test your app's signature with Smart App Control" (Microsoft).
_APP_CONTROL = {"0": "off", "1": "on", "2": "evaluation"}
# "IsProcessorFeaturePresent": PF_SSE4_1_INSTRUCTIONS_AVAILABLE and so on.
_FEATURES = {"sse4.1": 37, "avx": 39, "avx2": 40, "avx512f": 41}
# Before Windows 10 2004 the answer is 0 for these, whatever the processor can do
# (Geoff Chappell, "ExIsProcessorFeaturePresent").
_FEATURES_SINCE = 19041
# The bit of the YMM registers in XCR0 ("GetEnabledXStateFeatures").
_YMM = 1 << 2


class _PerformanceInformation(ctypes.Structure):
    """PERFORMANCE_INFORMATION; memory is counted in pages."""

    _fields_ = (
        ("size", wintypes.DWORD),
        ("commit_total", ctypes.c_size_t),
        ("commit_limit", ctypes.c_size_t),
        ("commit_peak", ctypes.c_size_t),
        ("others", ctypes.c_size_t * 6),
        ("page_size", ctypes.c_size_t),
        ("counts", wintypes.DWORD * 3),
    )


def circumstances(machine: int) -> Circumstances:
    """Return what decides a load here besides files.

    :param machine: machine type of this process.
    """
    number = build()
    return Circumstances(
        build=number,
        edition=machine_value(_WINDOWS, "EditionID", _64_BIT_VIEW) or "",
        installation=machine_value(_WINDOWS, "InstallationType", _64_BIT_VIEW) or "",
        variables={n: v for n, v in os.environ.items() if v and _decides(n)},
        processor=processor(number, machine),
        app_control=_APP_CONTROL.get(
            machine_value(_POLICY, "VerifiedAndReputablePolicyState") or "", ""
        ),
        commit=commit(),
    )


def _decides(variable: str) -> bool:
    patterns = (*VARIABLES, *VARIABLE_FOLDERS)
    return any(fnmatch.fnmatchcase(variable, pattern) for pattern in patterns)


def build() -> int:
    """Return the build number of this Windows.

    GetVersionEx tells a program without a manifest that it runs on Windows 8;
    kernel32.dll, whose version is the other number, is at times a little older.
    """
    version = sys.getwindowsversion()
    of_file = version.platform_version[2] if version.platform_version else 0
    return max(version.build, of_file)


def processor(windows: int, machine: int) -> frozenset[str] | None:
    """Return which instruction sets of `Circumstances.processor` are there.

    :param windows: build number of Windows.
    :param machine: machine type of this process.
    :returns: None where Windows does not tell.
    """
    if machine not in (X86, X64):
        return None
    has = _kernel32.IsProcessorFeaturePresent
    if windows >= _FEATURES_SINCE or has(_FEATURES["avx2"]):
        return frozenset(name for name, number in _FEATURES.items() if has(number))
    enabled = getattr(_kernel32, "GetEnabledXStateFeatures", None)
    if enabled is None:
        return None
    enabled.restype = ctypes.c_uint64
    # Without those registers there is no AVX; with them, which one is not told.
    return None if enabled() & _YMM else frozenset()


def commit() -> tuple[int, int] | None:
    """Return the bytes that all processes have committed, and their limit."""
    ask = getattr(_kernel32, "K32GetPerformanceInfo", None)
    told = _PerformanceInformation()
    told.size = ctypes.sizeof(told)
    if ask is None or not ask(ctypes.byref(told), told.size):
        return None
    return told.commit_total * told.page_size, told.commit_limit * told.page_size
