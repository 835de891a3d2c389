"""What is asked for by name once a package is used, and is found nowhere.

Who asks may know a folder that is not known here, so that all of it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from .._loader._loads import Call, make
from .._loader._walk import walk
from .._model import Fault, Folder, Link, Load, Role
from .._packages._distribution import Distribution
from .._paths import base_name, folder_of, join
from .._tables._load_errors import ERROR_MOD_NOT_FOUND
from .._tables._load_flags import CLASSIC
from .._tables._loaded_by_name import BY_DISTRIBUTION, BY_FILE, GPU_DRIVER
from .._verdict import Diagnosis
from ._copies import copies
from ._misfits import wrong_machine
from ._missing import missing
from ._scene import Scene

_EXPLAIN: Final = {"missing": missing, "machine": wrong_machine}


def not_found_by_name(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield what the loads by name of a target would not find.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    process = scene.host.process
    told: set[str] = set()
    for distribution in scene.distributions:
        for fault, load in _of_distribution(distribution, scene):
            told.add(fault.culprit.lower())
            yield _warning(fault, load, scene)
    if process.disk.find(process.system, GPU_DRIVER) is None:
        return
    for load in loads:
        if load.faults:
            continue
        for path in dict.fromkeys((load.path, *load.resolved.values())):
            for fault, inner in _of_file(path, load, scene):
                if fault.culprit.lower() not in told:
                    told.add(fault.culprit.lower())
                    yield _warning(fault, inner, scene)


def _of_distribution(
    distribution: Distribution, scene: Scene
) -> Iterator[tuple[Fault, Load]]:
    """Yield what a distribution would not find when it is imported."""
    wanted = BY_DISTRIBUTION.get(distribution.key)
    environment, process = scene.host.environment, scene.host.process
    if wanted is None or not _is_before(distribution, wanted.below):
        return
    if any(environment.distribution(name) is not None for name in wanted.unless):
        return
    by = distribution.name
    loads = [make(Call(name, CLASSIC, by=by), process) for name in wanted.names]
    lacking = [(fault, load) for load in loads for fault in load.faults[:1]]
    lacking = [at for at in lacking if at[0].kind in _EXPLAIN]
    drive = folder_of(process.windows)
    if any(
        process.disk.find(join(drive, folder.replace("/", _separator(drive))), name)
        for folder in wanted.folders
        for name in wanted.names
    ):
        return
    if len(lacking) < len(loads) or any(any(copies(*at, scene)) for at in lacking):
        return
    fault, load = lacking[0]
    if fault.importer is None:
        fault = replace(fault, chain=(Link(by), *fault.chain))
    yield fault, load


def _of_file(path: str, load: Load, scene: Scene) -> Iterator[tuple[Fault, Load]]:
    """Yield what a DLL would not find once it is used."""
    process = scene.host.process
    caller = Link(base_name(path), path)
    search = (
        Folder(folder_of(path), Role.FILE),
        *load.search,
        *process.search_list("", CLASSIC),
    )
    loaded = {**load.resolved, **process.loaded}
    for name in BY_FILE.get(caller.name.lower(), ()):
        answer = process.find(name, caller.name, search, loaded=loaded)
        if answer.path is None:
            chain = caller, Link(name)
            missing = Fault("missing", chain, ERROR_MOD_NOT_FOUND)
            yield missing, Load(name, search, (missing,))
            continue
        inner = walk(
            answer.path, replace(process, loaded=loaded), search, symbols=False
        )
        for fault in inner.faults:
            if fault.kind in _EXPLAIN:
                yield replace(fault, chain=(caller, *fault.chain)), inner
        loaded = {name: answer.path, **inner.resolved, **loaded}


def _warning(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    caller, asked = fault.chain[:2]
    found = _EXPLAIN[fault.kind](fault, load, scene)
    when = "is used" if caller.path else "is imported"
    summary = f"{caller.name} loads {asked.name} by name once it {when}."
    if len(fault.chain) > 2:
        needed = " -> ".join(link.name for link in fault.chain[1:])
        summary += f" That would fail with WinError {fault.winerror}: {needed}."
    else:
        summary += " No folder that was looked at holds it."
    return replace(
        found,
        severity="warning",
        headline=found.headline.replace("(asked of ", "(asked for by "),
        summary=summary,
    )


def _separator(folder: str) -> str:
    return "\\" if "\\" in folder or folder[1:2] == ":" else "/"


def _is_before(distribution: Distribution, release: str) -> bool:
    if not release:
        return True
    from packaging.version import InvalidVersion, Version

    try:
        return Version(distribution.version or "0") < Version(release)
    except InvalidVersion:
        return False
