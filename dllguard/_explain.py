"""From an exception to its diagnosis, in the process where it happened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace

from . import _load_errors as codes
from ._causes import diagnose, with_others
from ._failure import Failure, code_of_text, recognise_chain
from ._findings import findings
from ._host import Host, live_host
from ._judge import with_added
from ._loads import Call, make
from ._model import Link, Load
from ._paths import base_name, folder_of
from ._scene import Scene
from ._swallowed import swallowed_files
from ._trial import Trial
from ._tried import alone, try_again
from ._verdict import Diagnosis, Remedy
from ._walk import walk

_ALONE = Remedy(
    "restart Python and import this package before all others; if that works, another "
    "package is in the way"
)

_OTHER = Remedy("try another release of the package, or its build for older processors")


def explain(error: BaseException, module: str | None = None) -> Diagnosis | None:
    """Explain a DLL load failure.

    :param error: the exception; its causes are looked at too.
    :param module: name of the module that was being imported, if it is known.
    :returns: None where no failed load stands behind the exception, or this is not
        Windows.
    """
    found = recognise_chain(error, module)
    if found is None or sys.platform != "win32":
        return None
    failure = found[1]
    # CPython's exception names the last part of a module name alone.
    if module and module.rpartition(".")[2] == failure.module:
        failure = replace(failure, module=module)
    return explain_failure(failure, live_host())


def explain_failure(failure: Failure, host: Host) -> Diagnosis | None:
    """Explain a failed load on a host.

    :param failure: what the exception said.
    :param host: where it happened.
    :returns: None where a swallowed load turns out to be in order.
    """
    scene, host = _scene(failure, host)
    if failure.swallowed_by is not None:
        for load in _swallowed_loads(failure.swallowed_by, host, scene):
            if load.faults:
                subject = f"loading {scene.short(load.path)}"
                return _first_of(load, replace(scene, subject=subject))
        return None
    load = _load(failure, host)
    code = failure.winerror or code_of_text(failure.text)
    trial = None
    if not load.faults:
        trial = try_again(load.path, failure.flags, code or 0, host)
        if trial is not None and trial.code > 0:
            code = code or trial.code
    fitting = [
        diagnose(replace(fault, winerror=code or fault.winerror), load, scene)
        for fault in load.faults
        if code is None or fault.kind in codes.EXPLAINED_BY.get(code, ())
    ]
    if fitting:
        return with_others(*fitting)
    found = _without_fault(failure, load, code or 0, scene)
    return found if trial is None else _with_trial(found, trial, scene)


def explain_unloaded(package: str, path: str) -> Diagnosis | None:
    """Explain why a file that a package loads by ctypes is not in the process.

    :param package: import name of the package that kept the failure to itself.
    :param path: full path of the file.
    :returns: None where nothing is wrong with the file.
    """
    failure = Failure(path=path, module=package)
    scene, host = _scene(failure, live_host())
    scene = replace(scene, subject=f"loading {scene.short(path)}")
    load = walk(path, host.process)
    return _first_of(load, scene) if load.faults else None


def _first_of(load: Load, scene: Scene) -> Diagnosis:
    return with_others(*(diagnose(fault, load, scene) for fault in load.faults))


def _scene(failure: Failure, host: Host) -> tuple[Scene, Host]:
    module = failure.swallowed_by or failure.module or ""
    target = module.partition(".")[0]
    path = failure.path if failure.path and os.path.dirname(failure.path) else None
    if path is not None and "." not in module:
        # The name may be the last part alone; the folder says whose it is.
        target = host.environment.package_of(path) or target
    distributions = host.environment.closure(target) if target else ()
    if not host.process.added:
        host = with_added(host, distributions)
    asked = target or failure.path or "a DLL"
    scene = Scene(
        host,
        asked,
        checkable=path is not None or bool(target and not failure.path),
        happened=True,
        distributions=distributions,
    )
    if not module and failure.path:
        scene = replace(scene, subject=f"loading {scene.short(failure.path)}")
    return scene, host


def _load(failure: Failure, host: Host) -> Load:
    path = failure.path
    if path is None:
        return Load("", ())
    if folder_of(path):
        path = os.path.abspath(path)
    call = Call(path, failure.flags, failure.path_fallback, failure.by)
    return make(call, host.process)


def _swallowed_loads(package: str, host: Host, scene: Scene) -> Iterator[Load]:
    for distribution in scene.distributions:
        if distribution.key == package.lower():
            for path in swallowed_files(package, distribution.site):
                yield walk(path, host.process)


def _without_fault(failure: Failure, load: Load, code: int, scene: Scene) -> Diagnosis:
    name = base_name(failure.path) if failure.path else "the file"
    named = codes.BY_CODE.get(code, "not-determined")
    if load.faults and named not in codes.DECIDED:
        return _contradiction(load, code, name, scene)
    if named == "initialization-failed":
        for found in findings([load], scene):
            if found.code in ("vc-runtime-too-old", "conflicting-copies"):
                return replace(
                    found,
                    severity="error",
                    winerror=code,
                    summary=f"{scene.event(code)} {found.summary}",
                )
    runtime = ""
    if named == "initialization-failed" and load.resolved:
        runtime = " No outdated Visual C++ runtime is among them."
    found = Diagnosis(
        code=named,
        headline=codes.HEADLINES[named].format(name=name, code=code),
        summary=f"{scene.event(code)} {_excluded(load, name)}{runtime}",
        winerror=code,
        culprit=name,
        chain=(Link(name, failure.path),) if failure.path else (),
        note=codes.NOTES[named],
        help=_way_on(named),
    )
    shown = scene.completed(found)
    return with_others(shown, *(diagnose(f, load, scene) for f in load.faults))


def _with_trial(found: Diagnosis, trial: Trial, scene: Scene) -> Diagnosis:
    """Add what a load in a fresh process proves."""
    proof = alone(trial, scene.host.process)
    if trial.code == 0:
        return replace(found, note=proof)
    rest = codes.START_UP if trial.code in (codes.NO_CODE, 1114) else found.note or ""
    note = f"{proof} {rest[:1].upper()}{rest[1:]}".rstrip()
    helped = (_OTHER, *(remedy for remedy in found.help if remedy != _ALONE))
    return replace(found, note=note, help=helped)


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


def _way_on(code: str) -> tuple[Remedy, ...]:
    if code in codes.EVENT_LOGS:
        return (Remedy("read the event log, in PowerShell:", codes.EVENT_LOGS[code]),)
    if code == "out-of-memory":
        return (Remedy("end other processes, start fewer, or enlarge the page file"),)
    if code == "initialization-failed":
        return (_ALONE,)
    return (
        _ALONE,
        Remedy(
            "or watch the load with Process Monitor, filters: Path ends with .dll, "
            "Result is NAME NOT FOUND"
        ),
    )
