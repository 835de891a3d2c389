"""From an exception to its diagnosis, in the process where it happened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace

from . import _cures as cures
from ._causes import diagnose, with_others
from ._disk import base_name
from ._failure import Failure, code_of_text, recognise_chain
from ._findings import findings
from ._host import Host, live_host
from ._judge import Step, run, with_added
from ._model import Diagnosis, Fault, Link, Load, Remedy
from ._scene import Scene
from ._swallowed import swallowed_files
from ._walk import walk

# Codes that no file can explain, with the diagnosis they stand for.
_BY_CODE = {
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
_EXPLAINED_BY = {
    126: ("missing", "machine", "unreadable"),
    193: ("machine", "unreadable"),
    127: ("export",),
    182: ("export",),
    5: ("unreadable",),
}
_HEADLINES = {
    "blocked-by-policy": "Windows blocked {name} (WinError {code})",
    "out-of-memory": "not enough memory to load {name} (WinError {code})",
    "initialization-failed": "start-up code of {name}, or of an import, refused",
    "side-by-side": "{name} wants an assembly that is not installed",
    "not-determined": "{name} does not load; its files do not show why",
}
_EVENT_LOGS = {
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
_NOTES = {
    "blocked-by-policy": "a policy or a security product decided this, not the file: "
    "no reinstallation helps. The event log names the file and the policy.",
    "out-of-memory": "nothing is missing: the commit limit (memory and page file) is "
    "reached, usually by many processes that load large DLLs.",
    "initialization-failed": "nothing is missing. Usually a Visual C++ runtime is "
    "older than the package needs, or another package loaded its own copy first; "
    "then importing the failing package first helps.",
    "side-by-side": "the event log names the assembly, usually a Visual C++ 2005 or "
    "2008 runtime of an exact version.",
}


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
    return explain_failure(found[1], live_host())


def explain_failure(failure: Failure, host: Host) -> Diagnosis | None:
    """Explain a failed load on a host.

    :param failure: what the exception said.
    :param host: where it happened.
    :returns: None where a swallowed load turns out to be in order.
    """
    scene, host = _scene(failure, host)
    if failure.swallowed_by is not None:
        loads = _swallowed_loads(failure.swallowed_by, host, scene)
        for load in loads:
            if load.faults:
                return diagnose(load.faults[0], load, scene)
        return None
    load = _load(failure, host)
    code = failure.winerror or code_of_text(failure.text)
    fitting = [
        diagnose(replace(fault, winerror=code or fault.winerror), load, scene)
        for fault in load.faults
        if code is None or fault.kind in _EXPLAINED_BY.get(code, ())
    ]
    if fitting:
        return with_others(*fitting)
    return _without_fault(failure, load, code or 0, scene)


def explain_unloaded(package: str, path: str) -> Diagnosis | None:
    """Explain why a file that a package loads by ctypes is not in the process.

    :param package: import name of the package that kept the failure to itself.
    :param path: full path of the file.
    :returns: None where nothing is wrong with the file.
    """
    failure = Failure(path=path, module=package)
    scene, host = _scene(failure, live_host())
    scene = replace(scene, subject=f"loading {scene.short(path)}")
    load = walk(path, host.process, symbols=True)
    return diagnose(load.faults[0], load, scene) if load.faults else None


def _scene(failure: Failure, host: Host) -> tuple[Scene, Host]:
    module = failure.swallowed_by or failure.module or ""
    target = module.partition(".")[0]
    distributions = host.environment.closure(target) if target else ()
    if not host.process.added:
        host = with_added(host, distributions)
    asked = target or failure.path or "a DLL"
    return Scene(host, asked, happened=True, distributions=distributions), host


def _load(failure: Failure, host: Host) -> Load:
    path, process = failure.path, host.process
    if path is None:
        return Load("", ())
    if "\\" in path or "/" in path:
        step = Step(os.path.abspath(path), path_fallback=failure.path_fallback)
        return run(step, process, symbols=True)
    # ctypes with a bare name: 0x1000, so no folder of a file.
    search = process.search_list("")[1:]
    answer = process.find(path, "python.exe", search)
    if answer.path is not None and answer.unreadable is None:
        return walk(answer.path, process, search, symbols=True)
    missing = Fault("missing", (Link("ctypes"), Link(path)), winerror=126)
    return Load(path, search, (missing,))


def _swallowed_loads(package: str, host: Host, scene: Scene) -> Iterator[Load]:
    for distribution in scene.distributions:
        if distribution.name.lower() == package.lower():
            for path in swallowed_files(package, distribution.site):
                yield walk(path, host.process, symbols=True)


def _without_fault(failure: Failure, load: Load, code: int, scene: Scene) -> Diagnosis:
    name = base_name(failure.path) if failure.path else "the file"
    named = _BY_CODE.get(code, "not-determined")
    if named == "initialization-failed":
        for found in findings([load], scene):
            if found.code in ("vc-runtime-too-old", "conflicting-copies"):
                return replace(
                    found,
                    severity="error",
                    winerror=code,
                    summary=f"{scene.event(code)} {found.summary}",
                )
    environment = scene.host.environment
    return Diagnosis(
        code=named,
        headline=_HEADLINES[named].format(name=name, code=code),
        summary=f"{scene.event(code)} {_excluded(load)}",
        target=scene.target,
        winerror=code,
        culprit=name,
        chain=(Link(name, failure.path),) if failure.path else (),
        note=_NOTES.get(named),
        help=(*_way_on(named), cures.check(environment, scene.target)),
        interpreter=cures.python(environment.executable),
        site=scene.site,
    )


def _excluded(load: Load) -> str:
    if not load.path:
        return "The exception does not name the file."
    if load.faults:
        fault = load.faults[0]
        return (
            f"{fault.culprit} is at fault too ({fault.kind}), but not with this code."
        )
    return (
        f"Its {len(load.resolved)} imported DLLs were all found, fit this Python and "
        "export what is asked of them."
    )


def _way_on(code: str) -> tuple[Remedy, ...]:
    if code in _EVENT_LOGS:
        return (Remedy("read the event log, in PowerShell:", _EVENT_LOGS[code]),)
    if code == "out-of-memory":
        return (Remedy("start fewer processes, or enlarge the page file"),)
    if code == "initialization-failed":
        return (Remedy("import the failing package before all others, then try again"),)
    return (
        Remedy(
            "run Process Monitor with the filters Path ends with .dll and Result is "
            "NAME NOT FOUND"
        ),
    )
