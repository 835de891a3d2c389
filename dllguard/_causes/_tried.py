"""What a real load says beside the verdict of the files, agreeing or not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .._deadline import left
from .._hosts._host import Host
from .._hosts._trial import Trial, TrialUnavailableError, own_python, try_load
from .._loader._process import Process
from .._model import Link, Load, Role
from .._paths import base_name, folder_of, join
from .._remedies import _cures as cures
from .._tables import _load_errors as codes
from .._tables._load_flags import CLASSIC
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

_OFF: Final = "DLLGUARD_TRIAL"


def try_all(loads: Iterable[Load], host: Host) -> dict[str, Trial]:
    """Load every file in a process of its own, with the flags and folders of its load.

    :param loads: what was judged.
    :param host: whose Python is to load them.
    :returns: the trials by the path of their files.
    :raises TrialUnavailableError: when this process is no Python on its own.
    """
    python = own_python() if host.live else join(host.process.application, "python.exe")
    groups: dict[_Manner, list[str]] = {}
    for load in loads:
        if os.path.isfile(load.path):
            groups.setdefault(_manner(load, host.process), []).append(load.path)
    trials = {}
    for manner, paths in groups.items():
        made = try_load(
            paths,
            python=python,
            added=manner.added,
            set_directory=host.process.set_directory,
            path=manner.path,
            flags=manner.flags,
            first=manner.first,
        )
        trials.update({trial.path: trial for trial in made})
    return trials


def disagreements(
    loads: Iterable[Load], trials: Mapping[str, Trial], scene: Scene
) -> Iterator[Diagnosis]:
    """Yield where a real load and the verdict of the files are not the same.

    :param loads: what was judged.
    :param trials: what `try_all` returned.
    :param scene: host, target and distributions.
    """
    for load in loads:
        trial = trials.get(load.path)
        if trial is not None and trial.code != load.winerror:
            yield scene.completed(_disagreement(load, trial, scene))


def try_again(path: str, flags: int | None, code: int, host: Host) -> Trial | None:
    """Repeat a load that failed for a reason that no file shows.

    Its start-up code has run before in this process, and runs once more in another.

    :param path: full path of the file.
    :param flags: those of the call that failed; None for an extension module's.
    :param code: its error code, 0 where that is not known.
    :param host: where it failed.
    :returns: None where a trial could tell nothing, or the environment variable
        `DLLGUARD_TRIAL` is `off`.
    """
    process = host.process
    wanted = code in codes.TRIED and host.live and os.path.isfile(path)
    if not wanted or os.environ.get(_OFF, "").lower() == "off":
        return None
    try:
        (trial,) = try_load(
            [path],
            python=own_python(),
            added=process.added,
            set_directory=process.set_directory,
            flags=process.extension_flags if flags is None else flags,
            timeout=left(5.0),
        )
    except (TrialUnavailableError, OSError, ValueError):
        return None
    return None if trial.timed_out else trial


def alone(trial: Trial, process: Process) -> str:
    """Say what a repeated load proves of the order of imports.

    :param trial: what became of the load in a process of its own.
    :param process: the one in which it failed.
    """
    if trial.code > 0:
        return (
            f"in a fresh process it fails with WinError {trial.code} as well: what "
            "this process had loaded before is not the reason."
        )
    if trial.crashed is not None:
        code = trial.crashed & 0xFFFFFFFF
        return f"in a fresh process its start-up code ends the process (0x{code:08X})."
    other = [
        base_name(path)
        for path in trial.modules
        if process.loaded.get(base_name(path).lower(), path).lower() != path.lower()
    ]
    taken = f" Other copies of {', '.join(other)} were loaded here." if other else ""
    return (
        "in a fresh process the same file loads: the reason is what this process had "
        f"loaded before.{taken}"
    )


@dataclass(frozen=True)
class _Manner:
    """How a file is loaded, and after what."""

    added: tuple[str, ...]
    path: tuple[str, ...]
    flags: int
    first: tuple[str, ...]


def _manner(load: Load, process: Process) -> _Manner:
    roles = {folder.role for folder in load.search}
    searched = {folder.path.lower() for folder in load.search}
    searched |= {process.application.lower(), process.system.lower()}
    # What lies elsewhere was found because it had been loaded before.
    first = (p for p in load.resolved.values() if folder_of(p).lower() not in searched)
    return _Manner(
        added=_folders(load, Role.ADDED),
        path=_folders(load, Role.PATH),
        # Only the second attempt of torch searches the Windows folder.
        flags=CLASSIC if Role.WINDOWS in roles else process.extension_flags,
        first=tuple(dict.fromkeys(first)),
    )


def _folders(load: Load, role: Role) -> tuple[str, ...]:
    return tuple(folder.path for folder in load.search if folder.role is role)


def _disagreement(load: Load, trial: Trial, scene: Scene) -> Diagnosis:
    name = base_name(load.path)
    # A failure that is explained otherwise is an error already.
    unexplained = trial.code != 0 and not load.winerror
    notes = {1114: codes.START_UP, codes.NO_CODE: codes.START_UP}
    other = codes.NOTES[codes.BY_CODE.get(trial.code, "not-determined")]
    note = notes.get(trial.code, other)
    if not unexplained:
        note = codes.STUBS if scene.host.process.is_wine else codes.ONE_KNOWS_MORE
    return Diagnosis(
        code="loader-disagrees",
        severity="error" if unexplained else "warning",
        headline=f"{name} {_result(load, trial)}",
        summary="A real load in a process of its own, with the flags and folders of "
        "an import, came to another end than the files let expect.",
        winerror=max(trial.code, 0),
        culprit=name,
        chain=(Link(name, load.path),),
        note=note,
        help=(
            Remedy(
                "load it yourself, under the same rules:",
                (_own_load(load, scene),),
            ),
        ),
    )


def _result(load: Load, trial: Trial) -> str:
    if trial.timed_out:
        return "does not load within 30 seconds"
    if trial.crashed is not None:
        return f"ends the process that loads it (0x{trial.crashed & 0xFFFFFFFF:08X})"
    if not trial.code:
        return f"loads, though its files show a fault (WinError {load.winerror})"
    if not load.winerror:
        return f"does not load, its files look sound (WinError {trial.code})"
    return f"ends in WinError {trial.code}, its files show WinError {load.winerror}"


def _own_load(load: Load, scene: Scene) -> str:
    folders = reversed(_folders(load, Role.ADDED))
    added = "".join(f"os.add_dll_directory({_literal(f)}); " for f in folders)
    flags = scene.host.process.extension_flags
    python = cures.python(scene.host.environment.executable)
    return (
        f'{python} -c "import ctypes, os; {added}'
        f'ctypes.WinDLL({_literal(load.path)}, winmode={flags:#x})"'
    )


def _literal(path: str) -> str:
    # In single quotes, since the command stands in double ones.
    escaped = path.replace("\\", "\\\\").replace("'", "\\'")
    return f"r'{path}'" if "'" not in path else f"'{escaped}'"
