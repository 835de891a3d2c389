"""The error codes of LoadLibrary, and what is said of them. Data only.

Meanings: "System Error Codes" (Microsoft). What stands behind them in the field:
microsoft/onnxruntime#24843 (1114), bmaltais/kohya_ss#449 (1455),
AUTOMATIC1111/stable-diffusion-webui#9259 (4551), jgoldshlag/padherder_proxy#29 (14001).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ERROR_MOD_NOT_FOUND: Final = 126
ERROR_PROC_NOT_FOUND: Final = 127
ERROR_INVALID_ORDINAL: Final = 182
ERROR_BAD_EXE_FORMAT: Final = 193
ERROR_SXS_CANT_GEN_ACTCTX: Final = 14001

# fmt: off
LOAD_ERRORS: Final = (
    126, 127, 182, 193, 225, 226, 577, 998, 1114, 1260, 1455, 4551, 14001,
)
# fmt: on
"""What LoadLibrary ends in, and no file operation."""

AMBIGUOUS_ERRORS: Final = (5, 8, 14, 32, 206)
"""What both end in."""

# Codes that no file can explain, with the diagnosis they stand for.
BY_CODE: Final[Mapping[int, str]] = {
    5: "blocked-by-policy",
    225: "blocked-by-policy",
    226: "blocked-by-policy",
    577: "blocked-by-policy",
    1260: "blocked-by-policy",
    4551: "blocked-by-policy",
    8: "out-of-memory",
    14: "out-of-memory",
    1455: "out-of-memory",
    1114: "initialization-failed",
    14001: "side-by-side",
}
# Which faults of the files a code can come from. Windows gives 193 for a file that
# does not fit; Wine gives 126 when an import of the file does not.
EXPLAINED_BY: Final[Mapping[int, tuple[str, ...]]] = {
    126: ("missing", "machine", "unreadable"),
    193: ("machine", "unreadable"),
    127: ("export",),
    182: ("export",),
    14001: ("assembly",),
    5: ("unreadable",),
    32: ("unreadable",),
}
# Codes in which Windows itself says who refused, whatever the files show besides.
DECIDED: Final = ("blocked-by-policy", "out-of-memory", "side-by-side")
KINDS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "machine": "is for another architecture",
    "unreadable": "cannot be read",
    "export": "lacks a function",
    "assembly": "is missing",
}
TRIED: Final = (0, 998, 1114)
"""Codes that a repeated load tells more of, 0 for one that is not known."""

HEADLINES: Final[Mapping[str, str]] = {
    "blocked-by-policy": "{name}, or an import of it, was refused (WinError {code})",
    "out-of-memory": "not enough memory to load {name} (WinError {code})",
    "initialization-failed": "start-up code of {name}, or of an import, failed",
    "side-by-side": "{name}, or an import of it, wants an assembly that is absent",
    "not-determined": "{name} does not load; its files do not show why",
}
EVENT_LOGS: Final[Mapping[str, tuple[str, ...]]] = {
    "blocked-by-policy": (
        (
            "Get-WinEvent -MaxEvents 20 -LogName "
            "Microsoft-Windows-CodeIntegrity/Operational"
        ),
        'Get-WinEvent -MaxEvents 20 -LogName "Microsoft-Windows-AppLocker/EXE and DLL"',
    ),
    "side-by-side": (
        (
            "Get-WinEvent -MaxEvents 5 -FilterHashtable "
            "@{LogName='Application'; ProviderName='SideBySide'}"
        ),
    ),
}
NOTES: Final[Mapping[str, str]] = {
    "blocked-by-policy": "usually a policy or a security product decided this, with "
    "WinError 5 at times the rights of a file. It refuses a reinstalled file as well. "
    "The event log names the file and the policy.",
    "out-of-memory": "the commit limit (memory and page files of all processes "
    "together) is reached, usually by many processes that load large DLLs.",
    "initialization-failed": "usually another package has loaded its own, older copy "
    "of a DLL before, or this processor lacks instructions (AVX) that the package "
    "was built for. Reinstalling the package does not help.",
    "side-by-side": "the event log names the assembly; usually it is a Visual C++ 2005 "
    "or 2008 runtime of an exact version.",
    "not-determined": "what remains does not show in files: a DLL that start-up code "
    "loads by name, one that another package loaded before, a lock, a security "
    "product.",
}
STUBS: Final = (
    "Windows stops at the first fault it meets and gives its code; Wine gives 126 for "
    "every import that fails, and puts a stub where a function is missing."
)
"""Why a code may differ from that of the files."""

NO_CODE: Final = -1
"""Of a real load that ended its process."""

START_UP: Final = (
    "its start-up code did not succeed: usually this processor lacks instructions "
    "(AVX), or a DLL that the code loads by name is missing."
)
ONE_KNOWS_MORE: Final = (
    "Windows stops at the first fault that it meets and gives its code; where it found "
    "none, it knows of a file or folder that dllguard does not."
)
"""What a real load shows beside the files."""
