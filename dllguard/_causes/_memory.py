"""Not enough memory to load a file: how much there is, who takes it."""

from __future__ import annotations

from dataclasses import replace

from .._model import X86
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

_COMMIT_LIMIT = 1455
_NEARLY = 0.9
_GB = 10**9

_SEE = Remedy(
    "see how much is committed, in PowerShell, in KB (or in Task Manager, Performance, "
    "Memory):",
    (
        (
            "Get-CimInstance Win32_OperatingSystem | "
            "Select-Object FreeVirtualMemory, TotalVirtualMemorySize"
        ),
    ),
)
_FEWER = "start fewer worker processes: each takes the memory of large DLLs anew"
_OTHERS = Remedy(
    "or end other processes; Pythons of earlier tries may still run (Task Manager, "
    "Details)"
)
_PAGE_FILE = Remedy(
    "or enlarge the page file (administrator rights): Advanced, Virtual memory, "
    "Change, in the window that this opens:",
    ("SystemPropertiesPerformance.exe",),
)
_64_BIT = Remedy("use a 64-bit Python: a 32-bit process has 2 to 4 GB for everything")


def out_of_memory(draft: Diagnosis, scene: Scene) -> Diagnosis:
    """Say what is known of the memory of this Windows.

    :param draft: the diagnosis so far.
    :param scene: host, target and distributions.
    """
    limit = draft.winerror == _COMMIT_LIMIT
    known = scene.host.circumstances.commit
    small = scene.host.environment.machine == X86
    note = (
        "WinError 1455 is the commit limit: memory and page files of all processes "
        "together. The file that is named is only the one that came too late."
        if limit
        else f"WinError {draft.winerror} says that memory was short at that moment, "
        "and not of which kind: usually the commit limit (memory and page files of all "
        "processes together)"
        + (" or the 2 to 4 GB of a 32-bit process." if small else ".")
    )
    if known:
        note = f"{note} {_committed(*known)}"
    helped = [_64_BIT] if small else []
    helped += [_fewer(scene, "or " if small else ""), _OTHERS, _PAGE_FILE]
    if not known:
        helped.append(replace(_SEE, text=f"to {_SEE.text}"))
    return replace(draft, note=note, help=tuple(helped))


def _fewer(scene: Scene, either: str) -> Remedy:
    if any(distribution.key == "torch" for distribution in scene.distributions):
        none = ("DataLoader(dataset, num_workers=0)",)
        return Remedy(f"{either}{_FEWER}; for a first test, none:", none)
    return Remedy(f"{either}{_FEWER}")


def _committed(used: int, limit: int) -> str:
    now = f"Now {used / _GB:.1f} of {limit / _GB:.1f} GB are committed"
    if used >= _NEARLY * limit:
        return f"{now}."
    return f"{now}; it was more when the load failed, or it was another shortage."
