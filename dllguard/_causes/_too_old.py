"""A Windows that is older than what it is to run, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import replace

from .._hosts._release import (
    WINDOWS_10,
    build_of,
    came_later,
    client_of,
    first_build,
    is_part_of_windows,
    release_of_dll,
    release_of_function,
    supporting,
    wanted_windows,
    windows_of,
)
from .._loader._apisets import is_api_set
from .._model import Fault
from .._paths import base_name, folder_of
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._windows_releases import LAST_PYTHON
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

NOT_THE_RUNTIME = "installing a Visual C++ redistributable, which has no part of it"
NOT_FROM_ELSEWHERE = (
    "taking a DLL of another Windows or from a DLL site, which ends in the next "
    "missing one or in one for another architecture"
)

REPAIR = (
    Remedy(
        "let Windows repair its own files (as administrator):",
        ("DISM /Online /Cleanup-Image /RestoreHealth", "sfc /scannow"),
    ),
)


def too_old(
    diagnosis: Diagnosis, fault: Fault, since: str | None, scene: Scene
) -> Diagnosis:
    """Turn a diagnosis into that of a Windows which lacks what its successors have.

    :param diagnosis: what is said of any such fault.
    :param fault: the missing DLL, API set or function.
    :param since: the release that brought it, None where that is not known.
    :param scene: host, target and distributions.
    """
    is_frozen = scene.host.environment.is_frozen
    frozen = ("freezing the program again",) if is_frozen else ()
    return replace(
        diagnosis,
        code="windows-too-old",
        wanted=wanted_windows(since, scene.host),
        found=windows_of(scene.host),
        help=_ways_out(fault, since, scene),
        will_not_help=(NOT_THE_RUNTIME, NOT_FROM_ELSEWHERE, *frozen),
        links=(),
    )


def later_dll(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    """Explain a DLL or API set of which it is known that a later Windows brought it."""
    since = release_of_dll(fault.culprit)
    who = fault.importer.name if fault.importer else scene.target
    python = _python_of(fault)
    needed = supporting(python) if python else since
    note = f"{fault.culprit} is a part of Windows that came with Windows {since}."
    if is_api_set(fault.culprit):
        note = f"{_set(fault)} It came with Windows {since}."
    if python:
        who = f"Python {'.'.join(map(str, python))}"
        note += f" {who} supports {wanted_windows(needed, scene.host)}."
    return replace(
        too_old(diagnosis, fault, needed, scene),
        headline=f"{who} needs {wanted_windows(needed, scene.host)}",
        note=note,
    )


def lacking_function(
    diagnosis: Diagnosis, fault: Fault, scene: Scene
) -> Diagnosis | None:
    """Explain a function that a DLL of Windows does not have; None for other DLLs."""
    path, system = fault.path or "", scene.host.process.system
    in_system = folder_of(path).lower() == system.lower()
    if not in_system or fault.reason or not is_part_of_windows(base_name(path)):
        return None
    dll, who = base_name(path), fault.importer.name if fault.importer else scene.target
    named = [s for s in fault.symbols if release_of_function(dll, s)]
    # The latest of several is what decides.
    named.sort(key=lambda s: first_build(release_of_function(dll, s)), reverse=True)
    since = release_of_function(dll, named[0]) if named else None
    wanted = wanted_windows(since, scene.host)
    if since is None:
        return replace(
            too_old(diagnosis, fault, None, scene),
            headline=f"{dll} of this Windows lacks a function that {who} needs",
            note=f"usually {who} was built for a later Windows. The function's page at "
            f"{links.FUNCTIONS} tells since when it exists (Requirements, Minimum "
            "supported client).",
        )
    if came_later(since, scene.host):
        return replace(
            too_old(diagnosis, fault, since, scene),
            headline=f"{who} needs {wanted}",
            note=f"{named[0]} came with Windows {since}, and {dll} is a part of "
            "Windows: no package and no redistributable brings another one.",
        )
    return replace(
        diagnosis,
        headline=f"{dll} of this Windows lacks a function that it should have",
        note=f"{named[0]} came with Windows {since}: usually another program has put a "
        f"file of its own in the place of {dll}.",
        help=REPAIR,
        will_not_help=(NOT_FROM_ELSEWHERE,),
    )


def unknown_set(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    """Explain an API set of which no table says when it came.

    "Windows API sets": `api-` sets exist on every edition of the Windows that has
    them, `ext-` sets do not.
    """
    who = fault.importer.name if fault.importer else scene.target
    old = too_old(diagnosis, fault, None, scene)
    if fault.culprit.lower().startswith("ext-"):
        return replace(
            old,
            code="missing-windows-feature",
            wanted=None,
            note=f"{_set(fault)} Sets that begin with ext- are there only on the "
            "editions and releases that have the part they stand for.",
        )
    return replace(
        old,
        note=f"{_set(fault)} A Windows that lacks one is usually older than {who} "
        "allows.",
    )


def universal_crt(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    """Explain a part of the Universal C Runtime on a Windows before 10."""
    return replace(
        diagnosis,
        code="missing-windows-feature",
        headline=f"{fault.culprit}: the Universal C Runtime is missing",
        found=windows_of(scene.host),
        note=f"{fault.culprit} is part of the Universal C Runtime, which came with "
        "Windows 10. An update brings it to Windows 7, 8 and 8.1.",
        help=(
            Remedy(
                "install all updates of Windows; the one that is needed is KB2999226: "
                f"{links.UNIVERSAL_CRT}"
            ),
        ),
        will_not_help=(NOT_FROM_ELSEWHERE,),
    )


def _set(fault: Fault) -> str:
    return (
        f"{fault.culprit} is an API set: a name for functions of Windows itself, and "
        "no file to look for."
    )


def _ways_out(fault: Fault, since: str | None, scene: Scene) -> tuple[Remedy, ...]:
    host, owner = scene.host, scene.importing(fault)
    who = fault.importer.name if fault.importer else scene.target
    run = f"run it on {wanted_windows(since, host)}"
    if build_of(host) >= WINDOWS_10:
        run = f"update Windows (Settings, Windows Update), or {run}"
    last = LAST_PYTHON.get(client_of(host))
    python = _python_of(fault) or host.environment.version
    if last is not None and python > last:
        number = ".".join(map(str, last))
        text = f"use Python {number}, the last one for Windows {client_of(host)}, with "
        text += f"packages of its time: {links.PYTHON_DOWNLOADS}"
        return Remedy(text), Remedy(f"or {run}")
    if owner is None or not owner.version or host.environment.is_frozen:
        made = f"or take an older release of what {who} belongs to"
        return Remedy(run), Remedy(made)
    executable = cures.python(host.environment.executable)
    older = Remedy(
        f"or install an older release of {owner.name}, of the time of this Windows; "
        "its releases are:",
        (f"{executable} -m pip index versions {owner.name}",),
    )
    return Remedy(run), older


def _python_of(fault: Fault) -> tuple[int, int] | None:
    """Return the version of the Python whose own DLL has the fault."""
    name = fault.importer.name if fault.importer else ""
    found = re.fullmatch(r"python(\d)(\d+)t?\.dll", name, re.IGNORECASE)
    return (int(found[1]), int(found[2])) if found else None
