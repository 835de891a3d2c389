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
ERROR_NOACCESS: Final = 998
ERROR_DLL_INIT_FAILED: Final = 1114
OF_START_UP: Final = (ERROR_DLL_INIT_FAILED, ERROR_NOACCESS)
"""Codes for start-up code that fails: where it reads through a null pointer, Windows
gives the first and Wine the second."""
ERROR_SXS_CANT_GEN_ACTCTX: Final = 14001

# fmt: off
LOAD_ERRORS: Final = (
    126, 127, 182, 193, 225, 226, 577, 998, 1114, 1260, 1455, 4551, 14001, -1073741795,
)
# fmt: on
"""What LoadLibrary ends in, and no file operation."""

AMBIGUOUS_ERRORS: Final = (5, 6, 8, 14, 32, 206, 1359)
"""What both end in."""

ILLEGAL_INSTRUCTION: Final = -1073741795
"""0xC000001D, which Windows has no other code for: start-up code that was stopped at
an instruction, or a call of ctypes (tensorflow/tensorflow#31763,
1038lab/ComfyUI-QwenVL#86)."""

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
    ILLEGAL_INSTRUCTION: "initialization-failed",
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
_CODE_INTEGRITY = (
    "Get-WinEvent -MaxEvents 20 -LogName Microsoft-Windows-CodeIntegrity/Operational"
)
_APP_LOCKER = (
    'Get-WinEvent -MaxEvents 20 -LogName "Microsoft-Windows-AppLocker/EXE and DLL"'
)
_DEFENDER = (
    "Get-WinEvent -MaxEvents 20 "
    '-LogName "Microsoft-Windows-Windows Defender/Operational"'
)
LOGS: Final[Mapping[int, tuple[str, ...]]] = {
    5: (_DEFENDER, _CODE_INTEGRITY),
    225: (_DEFENDER,),
    226: (_DEFENDER,),
    577: (_CODE_INTEGRITY,),
    1260: (_APP_LOCKER,),
    4551: (_CODE_INTEGRITY,),
}
"""Where a refusal is written down ("Understanding App Control events", "Using Event
Viewer with AppLocker", "Review event logs and error codes to troubleshoot issues with
Microsoft Defender Antivirus")."""

LOG_SAYS: Final[Mapping[int, str]] = {
    **dict.fromkeys(
        (577, 1260, 4551),
        "the event log says which file and which rule it was, in PowerShell:",
    ),
    **dict.fromkeys(
        (225, 226),
        "see the log of Microsoft Defender, in PowerShell (others have their own):",
    ),
    5: "see whether the event log has it, in PowerShell (a product other than "
    "Microsoft's has its own log):",
}

SIDE_BY_SIDE_LOG: Final = (
    "Get-WinEvent -MaxEvents 5 -FilterHashtable "
    "@{LogName='Application'; ProviderName='SideBySide'}"
)
GONE: Final = "GONE"
"""The end of the chain where the file has been taken away."""

REFUSAL_HEADLINES: Final[Mapping[int, str]] = {
    5: "access to {name}, or to an import of it, was denied",
    225: "an antivirus program blocks {name}, or an import of it",
    226: "an antivirus program removed {name}, or an import of it",
    577: "the signature of {name}, or of an import, was rejected",
    1260: "a policy blocks {name}, or an import of it",
    4551: "an app control policy blocks {name}, or an import of it",
}
REFUSALS: Final[Mapping[int, str]] = {
    5: "Windows denied access: usually a security product, at times the rights of a "
    "file.",
    225: "the antivirus program takes the file for a virus or for unwanted software.",
    226: "the antivirus program took the file for a virus and removed it.",
    577: "Windows rejected the signature or the hash of the file: a policy wants "
    "signed files, or the file is not as it was signed.",
    1260: "a policy of this machine (AppLocker or Software Restriction Policies) does "
    "not allow it.",
    4551: "an application control policy of this Windows does not allow it.",
}
"""Who refused, by the code."""

READABLE: Final = (
    "dllguard could read the file, so it is hardly a matter of rights: security "
    "products block files when they are to be run, and often one release of a package "
    "alone (python-zeroconf/python-zeroconf#1791)."
)
"""What an access that was denied is not."""

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
IN_VAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "blocked-by-policy": (
        "reinstalling the package or Python: the same file is refused again",
        "installing the Visual C++ redistributable or a missing DLL: none is missing",
    ),
    "out-of-memory": (
        "reinstalling the package, CUDA or the driver",
        "replacing the DLL that is named",
    ),
    "initialization-failed": (
        "installing DLLs that other tools report as missing",
        "reinstalling the same release of the package",
        "importing it once more in the same process",
    ),
    "side-by-side": (
        "installing the v14 redistributable (2015 and later): it brings no assembly",
        "putting single DLLs from the net beside the file",
    ),
    "not-determined": (
        "reinstalling Python, drivers and runtimes in turn",
        "importing it once more in the same process",
    ),
}
"""What people do all the same; `Diagnosis.will_not_help`."""

IN_VAIN_GONE: Final = (
    "reinstalling before the file is allowed: it is taken away again",
    *IN_VAIN["blocked-by-policy"][1:],
)
"""The same, where the file has been taken away."""

PROVES: Final[Mapping[int, str]] = {
    6: "WinError 6, an invalid handle, is none of the codes for a file that is "
    "missing or does not fit. What remains does not show in files: start-up code, "
    "a security product, a lack of resources.",
    32: "WinError 32 says that another process held the file open at that moment, as "
    "a scanner or an installer does; usually the next attempt succeeds.",
    126: "WinError 126 says that a file was not found, and all that the import tables "
    "name are found here. Usually the process searched other folders than these (a "
    "service, another account, a folder that was taken off the list again), or the "
    "files were changed since.",
    127: "WinError 127 says that every DLL was found, and that one lacks a function "
    "which another asks of it: no DLL is missing. Usually it is a copy that another "
    "package, or the program that Python runs in, had loaded before.",
    182: "WinError 182 says that every DLL was found, and that one lacks a function "
    "which is asked of it by number: no DLL is missing. Usually it is a DLL of "
    "another vendor, under the right name, that had been loaded before.",
    193: "WinError 193 says that a file is for another architecture or damaged, and "
    "those that are found here are neither. Usually the process found another copy, "
    "or the files were changed since.",
    998: "WinError 998 is an access violation while a file was loaded: usually its "
    "start-up code fails, or a packer or a security product has altered it.",
    1359: "WinError 1359, an internal error of Windows, says nothing of the files. "
    "What remains does not show in them: the account that the process runs under, a "
    "security product, a lack of resources.",
}
"""What a code proves although no file shows the reason."""

FILTERS: Final[Mapping[int, str]] = {
    127: "Operation is Load Image, Process Name is python.exe: which copies are used",
    182: "Operation is Load Image, Process Name is python.exe: which copies are used",
}
ANY_FILTER: Final = "Path ends with .dll, Result is NAME NOT FOUND"
"""What to let Process Monitor show, by the code."""

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
