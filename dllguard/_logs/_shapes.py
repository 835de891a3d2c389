# ruff: noqa: ISC004  a pattern is longer than a line
"""What the text of a failed load looks like. Data only.

Each row: kind; the words by which it is found, one of which every text of that shape
has, as they stand; a pattern; the error code, where the shape alone tells it; whether
Windows' own words follow. Groups of a pattern: `code` and `hex` are error codes,
`module` is imported, `file` was to be loaded, `culprit` is the DLL that is named as
missing. All of it is fixed English of CPython, torch, cffi and so on; read 2026-11.
"""

from __future__ import annotations

from typing import Final

Row = tuple[str, tuple[str, ...], str, int | None, bool]

_DLL: Final = r"[^\s'\"<>|:]+\.dll"

SHAPES: Final[tuple[Row, ...]] = (
    # CPython, Python/dynload_win.c.
    (
        "extension",
        ("DLL load failed",),
        r"DLL load failed(?: while importing (?P<module>[^\s:]+))?"
        r"(?: with error code (?P<code>-?\d{1,10}))?",
        None,
        True,
    ),
    # CPython, Python/dynload_win.c: after the load, from the import table.
    (
        "conflict",
        ("conflicts with this version of Python",),
        r"Module use of (?P<culprit>\S+) conflicts with this version of Python",
        None,
        False,
    ),
    # OSError of ctypes, and torch/__init__.py, which adds the file.
    (
        "winerror",
        ("[WinError ", "[Error "),
        r"\[(?:WinError|Error) (?P<code>-?\d{1,10})\]",
        None,
        False,
    ),
    (
        "torch",
        ('Error loading "',),
        r'Error loading "(?P<file>[^"]{1,600})" or one of its dependencies',
        None,
        False,
    ),
    (
        "torch_ops",
        ("Could not load this library:",),
        r"Could not load this library: (?P<file>[^\n]{1,600})",
        126,
        False,
    ),
    # CPython, Modules/_ctypes/callproc.c.
    (
        "ctypes",
        ("Could not find module '",),
        r"Could not find module '(?P<file>[^']{1,600})'",
        126,
        False,
    ),
    # cffi, c/misc_win32.h; a loader of a package around it.
    (
        "cffi",
        ("cannot load library '",),
        r"cannot load library '(?P<file>[^']{1,600})': "
        r"error 0x(?P<hex>[0-9a-fA-F]{1,8})",
        None,
        False,
    ),
    (
        "cffi",
        ('no library called "',),
        r'no library called "(?P<file>[^"\n]{1,600})" was found',
        126,
        False,
    ),
    # CTranslate2, at first use.
    (
        "by_name",
        ("is not found or cannot be loaded",),
        rf"Library (?P<file>{_DLL}) is not found or cannot be loaded",
        126,
        False,
    ),
    # cuDNN 8 and 9.
    (
        "by_name",
        ("Could not load library",),
        rf"Could not load library:? (?P<file>{_DLL})"
        r"(?:\. Error code:? (?P<code>\d{1,10}))?",
        126,
        False,
    ),
    (
        "by_name",
        ("Could not locate ",),
        rf"Could not locate (?P<culprit>{_DLL})",
        126,
        False,
    ),
    # TensorFlow.
    (
        "by_name",
        ("Could not find '", "Could not load dynamic library '"),
        rf"Could not (?:find|load dynamic library) '(?P<culprit>{_DLL})'",
        126,
        False,
    ),
    (
        "native",
        ("INITIALIZATION FAILED",),
        rf"Failed to load (?P<file>{_DLL}): INITIALIZATION FAILED",
        1114,
        False,
    ),
    (
        "native",
        ("_pywrap_tensorflow",),
        r"No module named '?(?P<file>_pywrap_tensorflow\w*)",
        None,
        False,
    ),
    # onnxruntime.
    (
        "native",
        (" which depends on ",),
        r'loading "(?P<file>[^"]{1,600})" which depends on "(?P<culprit>[^"]{1,200})"'
        r" which is missing",
        126,
        False,
    ),
    (
        "native",
        ("LoadLibrary failed with error ",),
        r"LoadLibrary failed with error (?P<code>\d{1,10})"
        r'(?:[^\n]{0,200}?when trying to load "(?P<file>[^"]{1,600})")?',
        None,
        False,
    ),
    # torch/_library and torchvision.
    (
        "operator",
        ("does not exist", "No such operator ", "'_OpNamespace' '"),
        r"(?:operator (?P<module>\w+)::\w+ does not exist|No such operator "
        r"(?P<module2>\w+)::|'_OpNamespace' '(?P<module3>\w+)')",
        None,
        False,
    ),
    (
        "operator",
        (
            "load custom C++ ops",
            "Failed to load image Python extension",
            "not built with support for",
        ),
        r"load custom C\+\+ ops|Failed to load image Python extension"
        r"|The (?P<module>\w+) installation is not built with support for",
        None,
        False,
    ),
    # Oracle.
    (
        "native",
        ("DPI-1047",),
        r"DPI-1047:[^\n]{0,200}?\"(?P<file>[^\"\n]{1,600}?oci\.dll) is not the "
        r"correct architecture",
        193,
        False,
    ),
    ("native", ("DPI-1047",), r"DPI-1047:", 126, True),
    # Frozen programs: Nuitka; PyInstaller's ctypes hook, and its bootloader.
    (
        "frozen",
        ("LoadLibraryEx",),
        r"LoadLibraryExW? ?(?:'(?P<file>[^']{1,600})' )?failed",
        None,
        True,
    ),
    (
        "frozen",
        ("Failed to load dynlib/dll",),
        r"Failed to load dynlib/dll '(?P<file>[^']{1,600})'",
        126,
        False,
    ),
    (
        "frozen",
        ("Error loading Python DLL", "Failed to load Python DLL"),
        r"(?:Error loading|Failed to load) Python DLL:?\s+'?"
        r"(?P<file>[^'\n]{1,600}?)(?:'|\s+\(error code (?P<code>\d{1,10})\))",
        None,
        True,
    ),
    # OpenMP and MKL, from Intel.
    (
        "openmp",
        ("OMP: Error #15",),
        r"OMP: Error #15: Initializing (?P<culprit>[^\s,]+\.dll)",
        None,
        False,
    ),
    (
        "native",
        ("INTEL MKL ERROR",),
        r"INTEL MKL ERROR:(?=[^\n]{0,300}?(?P<file>mkl_[\w.]+\.dll))?",
        None,
        True,
    ),
    (
        "native",
        ("MKL FATAL ERROR: Cannot load",),
        rf"MKL FATAL ERROR: Cannot load (?P<file>{_DLL})",
        None,
        False,
    ),
    # Loaders of packages that drop Windows' code.
    (
        "own_loader",
        ("could not find or load ",),
        rf"could not find or load (?P<file>{_DLL})",
        126,
        False,
    ),
    (
        "own_loader",
        ("failed to find libmagic", "libpq library not found", "no pq wrapper"),
        r"failed to find (?P<file>libmagic)|(?P<file2>libpq) library not found"
        r"|no pq wrapper available",
        None,
        False,
    ),
    (
        "own_loader",
        ("XGBoost Library (",),
        r"XGBoost Library \((?P<file>[^)\n]{1,200})\) could not be loaded",
        126,
        False,
    ),
    (
        "own_loader",
        ("There may be an operating system error",),
        r"There may be an operating system error",
        126,
        False,
    ),
    # GDAL, and other hosts.
    (
        "native",
        ("load requested DLL",),
        r"load requested DLL: (?P<file>[^\n]{1,600}?\.dll)\s+(?P<code>\d{1,10}):",
        None,
        False,
    ),
    (
        "native",
        ("'LoadLibrary",),
        r"\((?P<code>\d{1,10}), 'LoadLibrary\w*'",
        None,
        False,
    ),
    (
        "native",
        ("0x8007007E", "0x8007007F", "0x800700C1", "0x8007045A", "0x800711C7"),
        r"0x8007(?P<hex>007E|007F|00C1|045A|11C7)",
        None,
        False,
    ),
)

LOADS_ONLY: Final = (
    *(126, 127, 182, 193, 998, 1114, 14001),
    # Of whatever they are, the causes are the same.
    *(8, 14, 225, 226, 577, 1260, 1455, 4551),
)
"""Codes of an OSError that are told, unless a program was started or a file opened."""

LOADS_AT_TIMES: Final = (5,)
"""Codes that are told only where something else speaks of a load."""

LOADED_BY: Final = (
    r"\.(?:dll|pyd)\b|\b(?:_dlopen|CDLL|WinDLL|LoadLibrary|ctypes|_load_dll)\b"
)
"""What stands near a code of the second kind where it is of a load."""

STARTED_BY: Final = r"CreateProcess|subprocess\.py|popen_spawn_win32|[Ww]ebdriver"
"""What stands near a code where a program was started, and none was loaded."""

EXITS: Final = (
    r"[Ee]xit|[Cc]ode|exception|[Cc]rash|status|return|fault|terminated|ended"
)
"""What stands near the number in which a process ended."""

NOISE: Final = r"\bLdr[pl]?\w+"
"""Lines of the loader's own trace, in which codes of every search step stand."""
