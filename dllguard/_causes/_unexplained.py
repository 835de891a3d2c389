"""A failed load that its files do not explain: what its code proves, what is excluded.

The code of Windows is a fact, and names a class of failures; the cause within that
class is inference, save where the host tells it (`_circumstances`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .._hosts._trial import Trial
from .._model import Link, Load
from .._paths import base_name
from .._tables import _load_errors as codes
from .._verdict import Diagnosis, Remedy
from ._faults import diagnose, with_others
from ._memory import out_of_memory
from ._process_state import lost_path
from ._processor import OTHER_BUILD, illegal_instruction
from ._refusals import refused
from ._scene import Scene
from ._start_up import FIRST, blamed, start_up_failed
from ._tried import alone
from ._unloadable import unloadable_path

_SIDE_BY_SIDE: Final = (
    Remedy("read the event log, in PowerShell:", (codes.SIDE_BY_SIDE_LOG,)),
    Remedy(
        "or trace the search (as administrator): start the trace, import the package "
        "in another window, press Enter, then read sxs.txt:",
        (
            "sxstrace trace -logfile:sxs.etl",
            "sxstrace parse -logfile:sxs.etl -outfile:sxs.txt",
        ),
    ),
)


def unexplained(
    path: str | None, load: Load, code: int, scene: Scene, trial: Trial | None = None
) -> Diagnosis:
    """Report a failed load of which no file shows the reason.

    :param path: what the exception names, full path or bare name.
    :param load: what the files let expect.
    :param code: the error code, 0 where it is not known.
    :param scene: host, target and distributions.
    :param trial: the same load in a process of its own, if it was made.
    """
    name = base_name(path) if path else "a DLL"
    named = codes.BY_CODE.get(code, "not-determined")
    if load.faults and named not in codes.DECIDED:
        return _contradiction(load, code, name, scene)
    found = blamed(load, code, scene) if code in codes.OF_START_UP else None
    if found is not None:
        return found if trial is None else _with_trial(found, trial, scene)
    draft = Diagnosis(
        code=named,
        headline=codes.HEADLINES[named].format(name=name, code=code),
        summary=f"{scene.event(code)} {_excluded(load, name)}",
        winerror=code,
        culprit=name,
        chain=(Link(name, path),) if path else (),
        note=codes.NOTES.get(named),
        will_not_help=codes.IN_VAIN[named],
    )
    shown = scene.completed(_of_class(draft, path, load, scene, trial))
    # That the file itself is gone is said already.
    others = [f for f in load.faults if f.importer or shown.chain_end != codes.GONE]
    return with_others(shown, *(diagnose(f, load, scene) for f in others))


def _of_class(
    draft: Diagnosis, path: str | None, load: Load, scene: Scene, trial: Trial | None
) -> Diagnosis:
    if draft.code == "blocked-by-policy":
        return refused(draft, load, scene)
    if draft.code == "out-of-memory":
        return out_of_memory(draft, scene)
    if draft.code == "side-by-side":
        return replace(draft, help=_SIDE_BY_SIDE)
    # A load that succeeds in a fresh process fails here because of what went before.
    order = None if trial is None else trial.code == 0
    crash = (trial.crashed or 0) & 0xFFFFFFFF if trial else 0
    if codes.ILLEGAL_INSTRUCTION in (draft.winerror, crash - 2**32):
        found = illegal_instruction(draft, load, scene)
    elif draft.code == "initialization-failed":
        found = start_up_failed(draft, load, scene, order)
    else:
        found = (
            unloadable_path(draft, path, scene)
            or lost_path(draft, load, scene)
            or _not_determined(draft, order)
        )
    return found if trial is None else _with_trial(found, trial, scene)


def _not_determined(draft: Diagnosis, order: bool | None) -> Diagnosis:
    note = codes.PROVES.get(draft.winerror, draft.note)
    watch = Remedy(
        "or watch the load with Process Monitor, filters: "
        + codes.FILTERS.get(draft.winerror, codes.ANY_FILTER)
    )
    helped = [OTHER_BUILD if order is False else FIRST]
    if not order:
        helped.append(watch)
    return replace(draft, note=note, help=tuple(helped))


def _with_trial(found: Diagnosis, trial: Trial, scene: Scene) -> Diagnosis:
    """Add what a load in a fresh process proves."""
    proof = alone(trial, scene.host.process)
    if trial.code == 0:
        return replace(found, note=proof)
    rest = found.note or ""
    if trial.code == codes.NO_CODE and found.code == "not-determined":
        rest = codes.START_UP
    note = f"{proof} {rest[:1].upper()}{rest[1:]}".rstrip()
    return replace(found, note=note)


def _contradiction(load: Load, code: int, name: str, scene: Scene) -> Diagnosis:
    """Report a code and a fault of the files of which neither explains the other."""
    fault = load.faults[0]
    shown = diagnose(fault, load, scene)
    return with_others(
        replace(
            shown,
            code="not-determined",
            headline=f"WinError {code} does not fit what the files of {name} show",
            summary=f"{scene.event(code)} The files show something else: "
            f"{fault.culprit} {codes.KINDS[fault.kind]}, for which Windows gives "
            f"WinError {fault.winerror}. Which of the two stopped the load is not "
            "known.",
            winerror=code,
            note="usually the files were changed after the process had started, or the "
            "process has loaded a DLL from a folder that is not searched.",
        ),
        *(diagnose(other, load, scene) for other in load.faults[1:]),
    )


def _excluded(load: Load, name: str) -> str:
    if not load.path:
        return "The exception does not name the file."
    if load.faults:
        fault = load.faults[0]
        return (
            f"Its files show another fault besides, {fault.culprit} "
            f"{codes.KINDS[fault.kind]}, which does not end in this code."
        )
    count = len(load.resolved)
    if not count:
        return f"{name} itself is in order, as far as its bytes show."
    needed = f"the {count} DLLs that it needs" if count > 1 else "the DLL that it needs"
    return (
        f"{name} and {needed} were found and fit this Python; those that are not "
        "Windows' own export all that is asked of them."
    )
