"""From an exception to its diagnosis, in the process where it happened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace

from ._causes._debug_python import refused_by_debug
from ._causes._faults import MOST_EXPLAINED, diagnose, with_others
from ._causes._refused import refused_module
from ._causes._scene import Scene
from ._causes._tried import try_again
from ._causes._unexplained import unexplained
from ._deadline import VARIABLE, OutOfTimeError, limited
from ._failure import Failure, code_of_text, recognise_chain
from ._hosts._host import Host, live_host
from ._judge import with_added
from ._loader._loads import Call, make
from ._loader._walk import walk
from ._model import Link, Load
from ._paths import base_name, folder_of
from ._swallowed import swallowed_files
from ._tables import _load_errors as codes
from ._tables._load_flags import CLASSIC
from ._verdict import Diagnosis, Remedy


def explain(error: BaseException, module: str | None = None) -> Diagnosis | None:
    """Explain a DLL load failure, within the time that `_deadline.allowed` tells.

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
    with limited():
        return explain_failure(failure, live_host())


def explain_failure(failure: Failure, host: Host) -> Diagnosis | None:
    """Explain a failed load on a host.

    :param failure: what the exception said.
    :param host: where it happened.
    :returns: None where a swallowed load turns out to be in order. Where the time of
        `_deadline.limited` runs out, what was known until then.
    """
    known: list[tuple[Load, Scene]] = []
    try:
        return _explained(failure, host, known)
    except OutOfTimeError as late:
        if not known:
            known.append((Load("", ()), _without_reading(failure, host)))
        return _cut_short(failure, *known[-1], late)


def _explained(
    failure: Failure, host: Host, known: list[tuple[Load, Scene]]
) -> Diagnosis | None:
    scene, host = _scene(failure, host)
    if failure.swallowed_by is not None:
        for load in _swallowed_loads(failure.swallowed_by, host, scene):
            if load.faults:
                subject = f"loading {scene.short(load.path)}"
                known.append((load, replace(scene, subject=subject)))
                return _first_of(*known[-1])
        return None
    if failure.python_dll:
        module, name = failure.module or "", failure.python_dll
        debug = refused_by_debug(failure.path, name, scene)
        return debug or refused_module(failure.path, module, name, scene)
    load = _load(failure, host)
    known.append((load, scene))
    code = failure.winerror or code_of_text(failure.text)
    trial = None
    if not load.faults:
        trial = try_again(load.path, failure.flags, code or 0, host)
        if trial is not None and trial.code > 0:
            code = code or trial.code
    fitting = [
        diagnose(replace(fault, winerror=code or fault.winerror), load, scene)
        for fault in load.faults[:MOST_EXPLAINED]
        if code is None or fault.kind in codes.EXPLAINED_BY.get(code, ())
    ]
    if fitting:
        return with_others(*fitting)
    return unexplained(failure.path, load, code or 0, scene, trial)


def _without_reading(failure: Failure, host: Host) -> Scene:
    """Return a scene that takes no time."""
    module = failure.swallowed_by or failure.module or ""
    path = failure.path if failure.path and folder_of(failure.path) else None
    asked = module.partition(".")[0] or failure.path or "a DLL"
    subject = "" if module else f"loading {failure.path or 'a DLL'}"
    return Scene(host, asked, subject, checkable=bool(path or module), happened=True)


def _cut_short(
    failure: Failure, load: Load, scene: Scene, late: OutOfTimeError
) -> Diagnosis:
    """Say that the time ran out, and what the files had shown until then."""
    path = load.path or failure.path
    name = base_name(path) if path else "a DLL"
    code = failure.winerror or code_of_text(failure.text) or 0
    limit = f"{late.seconds:g} s"
    draft = Diagnosis(
        code="not-determined",
        headline=f"{name} does not load; why was not determined in {limit}",
        summary=f"{scene.event(code)} Not determined: the look for the cause took "
        f"longer than {limit}, and was ended.",
        winerror=code,
        culprit=name,
        chain=(Link(name, path),) if path else (),
        note="usually the disk is slow, or there is very much to look at.",
        help=(
            *(replace(c, text="look without a limit:") for c in scene.check()),
            Remedy(
                f"or set {VARIABLE} in the environment to a number of seconds, or "
                "to off, and import again"
            ),
        ),
    )
    for fault in load.faults[:1]:
        if not code or fault.kind in codes.EXPLAINED_BY.get(code, ()):
            proven = f"{fault.culprit} {codes.KINDS[fault.kind]}"
            draft = replace(
                draft,
                headline=f"{proven}{scene.needed_by(fault)}",
                summary=f"{draft.summary} What the files had shown until then is that "
                f"{proven}.",
                culprit=fault.culprit,
                chain=fault.chain,
            )
    return scene.placed(draft)


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
    faults = load.faults[:MOST_EXPLAINED]
    return with_others(*(diagnose(fault, load, scene) for fault in faults))


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
    subject = scene.subject
    if failure.winerror == codes.ILLEGAL_INSTRUCTION and not path:
        # Of a call as well as of a load: nothing says which.
        subject = f"native code of {target}" if target else "native code"
    elif not module:
        subject = f"loading {scene.short(failure.path) if failure.path else 'a DLL'}"
    return replace(scene, subject=subject), host


def _load(failure: Failure, host: Host) -> Load:
    path = failure.path
    if path is None:
        return Load("", ())
    if folder_of(path):
        path = os.path.abspath(path)
    flags = failure.flags
    if flags is None and failure.by == "ctypes":
        flags = _ctypes_flags(host)
    call = Call(path, flags, failure.path_fallback, failure.by)
    return make(call, host.process)


def _swallowed_loads(package: str, host: Host, scene: Scene) -> Iterator[Load]:
    for distribution in scene.distributions:
        if distribution.key == package.lower():
            for path in swallowed_files(package, distribution.site):
                # torch.ops.load_library passes the path to ctypes.
                yield make(Call(path, _ctypes_flags(host)), host.process)


def _ctypes_flags(host: Host) -> int | None:
    """Return what ctypes passes for a path (CPython, Lib/ctypes/__init__.py).

    :returns: None where it is what CPython passes for an extension module.
    """
    return None if host.environment.version >= (3, 8) else CLASSIC
