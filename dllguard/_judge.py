"""Judge a target on a host: plan its loads, walk each, explain what stops them."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ._causes._faults import MOST_EXPLAINED, diagnose, joined
from ._causes._findings import findings
from ._causes._idle import idle_fault, idle_files
from ._causes._notes import notes
from ._causes._scene import Scene
from ._causes._screen import can_be_no_pair
from ._hosts._host import Host
from ._loader._loads import Call, make
from ._loader._process import Process
from ._model import Fault, Load
from ._packages._added import added_folders
from ._packages._distribution import Distribution
from ._paths import base_name, below, folder_of, is_native, join
from ._tables._conventions import OPENED, PRELOADED
from ._tables._load_flags import CLASSIC
from ._verdict import Diagnosis, FileResult, TargetResult

if TYPE_CHECKING:
    from ._hosts._trial import Trial


class TargetError(ValueError):
    """A target that cannot be judged: an unreadable path, or nothing native in it."""


class Rules(NamedTuple):
    """How to judge.

    :param symbols: compare imported with exported symbols; False judges by modules
        alone, None leaves out Wine's own DLLs, for whose missing functions Wine puts
        stubs.
    :param package_folders: search the folders that packages add when imported.
    :param real: also load each file, in a process of its own. This runs their code.
    """

    symbols: bool | None = None
    package_folders: bool = True
    real: bool = False


AS_USUAL: Final = Rules()


def judge(host: Host, target: str, rules: Rules = AS_USUAL) -> TargetResult:
    """Tell whether a target would load on a host, and why not.

    :param host: whose loader is modelled.
    :param target: import or distribution name, or path of a file or folder.
    :param rules: how to judge.
    :raises TargetError: for a path that is not there or holds no native file.
    """
    if is_path(target):
        return _judge_path(host, target, rules)
    distributions = host.environment.closure(target)
    scene = Scene(host, target, distributions=distributions)
    if not distributions:
        from ._causes._absent import not_installed

        missing = not_installed(scene)
        return TargetResult(target, diagnoses=tuple(missing), site=scene.site)
    if rules.package_folders:
        host = with_added(host, distributions)
        scene = replace(scene, host=host)
    process = host.process
    loads: list[Load] = []
    for distribution in distributions:
        for call in _plan(distribution, scene):
            load = make(call, process, symbols=rules.symbols)
            loads.append(load)
            if not load.faults:
                process = _with_loaded(process, load)
    idle = idle_files(loads, scene)
    return _result(scene, loads, rules, _unproven(scene), idle)


def _unproven(scene: Scene) -> tuple[Diagnosis, ...]:
    """Return what metadata alone says of releases that do not fit."""
    if not can_be_no_pair(scene):
        return ()
    from ._causes._pairs import unmet_pairs

    return tuple(unmet_pairs(scene))


def is_path(target: str) -> bool:
    """Tell whether a target names a file or folder rather than a package."""
    return is_native(target) or any(c in target for c in "/\\")


def _judge_path(host: Host, target: str, rules: Rules) -> TargetResult:
    host, path = host.reaching(target)
    disk = host.process.disk
    if disk.is_folder(path):
        paths = list(disk.natives(path))
        if not paths:
            raise TargetError(f"{target}: holds no .pyd or .dll file")
    elif disk.is_file(path):
        paths = [path]
    else:
        raise TargetError(f"{target}: no such file or folder")
    package_of = host.environment.package_of
    scenes = {
        package: _scene_of(host, target, package, rules)
        for package in dict.fromkeys(map(package_of, paths))
    }
    planned = {c.asked: c for scene in scenes.values() for c in _calls(scene)}
    loads = [
        make(
            planned.get(path, Call(path)),
            scenes[package_of(path)].host.process,
            symbols=rules.symbols,
        )
        for path in paths
    ]
    known = (d for scene in scenes.values() for d in scene.distributions)
    scene = Scene(host, target, distributions=tuple(dict.fromkeys(known)))
    return _result(scene, loads, rules)


def _scene_of(host: Host, target: str, package: str, rules: Rules) -> Scene:
    """Return the scene of a file: its package adds folders before it loads it."""
    distributions = host.environment.closure(package) if package else ()
    if rules.package_folders:
        host = with_added(host, distributions)
    return Scene(host, target, distributions=distributions)


def _calls(scene: Scene) -> Iterator[Call]:
    for distribution in scene.distributions:
        yield from _plan(distribution, scene)


def _plan(distribution: Distribution, scene: Scene) -> Iterator[Call]:
    """Yield the loads that importing a distribution comes to, in order."""
    for path in _matching(PRELOADED, distribution, scene):
        yield Call(path, path_fallback=True)
    # CPython, Lib/ctypes/__init__.py: until 3.7 a plain LoadLibrary.
    is_old = scene.host.environment.version < (3, 8)
    for path in _matching(OPENED, distribution, scene):
        yield Call(path, CLASSIC if is_old else None, by="ctypes")
    disk = scene.host.process.disk
    for path in scene.host.environment.extension_modules(distribution):
        # RECORD may write the name in another case than the disk.
        yield Call(disk.find(folder_of(path), base_name(path)) or path)


def _matching(
    table: Mapping[str, tuple[str, ...]], distribution: Distribution, scene: Scene
) -> Iterator[str]:
    for pattern in table.get(distribution.key, ()):
        folder, _, glob = pattern.rpartition("/")
        folder = below(distribution.site, folder)
        for name in scene.host.process.disk.names(folder):
            if fnmatch.fnmatch(name.lower(), glob):
                yield join(folder, name)


def with_added(host: Host, distributions: Sequence[Distribution]) -> Host:
    """Return the host after packages have added their folders, newest first.

    :param host: the host before.
    :param distributions: the packages in the order of their import.
    """
    # A wheel that delvewheel has patched adds its folder before it imports anything.
    patched = [d for d in distributions if d.delvewheel]
    others = [d for d in distributions if not d.delvewheel]
    environment = host.environment
    found: dict[str, None] = {}
    for distribution in (*reversed(patched), *others):
        for folder in added_folders(distribution, environment):
            # What is added again is the newest.
            found.pop(folder, None)
            found[folder] = None
    added = tuple(dict.fromkeys((*reversed(found), *host.process.added)))
    return replace(host, process=replace(host.process, added=added))


def _with_loaded(process: Process, load: Load) -> Process:
    loaded = {base_name(load.path).lower(): load.path, **load.resolved}
    # The first DLL of a name stays.
    return replace(process, loaded={**loaded, **process.loaded})


def _result(
    scene: Scene,
    loads: list[Load],
    rules: Rules,
    unproven: tuple[Diagnosis, ...] = (),
    idle: frozenset[str] = frozenset(),
) -> TargetResult:
    diagnoses: dict[tuple[str, str, str], Diagnosis] = {}
    left = 0
    # What stops the import itself goes before what stops another.
    for load in sorted(loads, key=lambda load: load.path in idle):
        for fault in load.faults:
            explain = idle_fault if load.path in idle else diagnose
            key = _key(fault)
            if key in diagnoses:
                continue
            if len(diagnoses) >= MOST_EXPLAINED and fault is not load.faults[0]:
                left += 1
                continue
            diagnoses[key] = explain(fault, load, scene)
    files = [_file(load, diagnoses) for load in loads]
    disagreeing: tuple[Diagnosis, ...] = ()
    if rules.real:
        from ._causes._tried import disagreements, try_all

        trials = try_all(loads, scene.host)
        files = [_tried(file, trials.get(file.path)) for file in files]
        disagreeing = tuple(disagreements(loads, trials, scene))
    found = list(diagnoses.values())
    proven = {d.code for d in found}
    found += [d for d in unproven if d.code not in proven]
    known = {d.culprit for d in found}
    found += [d for d in findings(loads, scene) if d.culprit not in known]
    ordered = sorted(
        (*joined(found), *disagreeing), key=lambda d: d.severity != "error"
    )
    return TargetResult(
        scene.target,
        tuple(files),
        tuple(ordered),
        (*_more(left), *notes(loads, scene)),
        scene.site,
    )


def _more(left: int) -> Iterator[str]:
    if left:
        yield f"further faults were found and not explained: {left:,}."


def _file(
    load: Load, diagnoses: Mapping[tuple[str, str, str], Diagnosis]
) -> FileResult:
    if not load.faults:
        return FileResult(load.path, 0, resolved=load.resolved)
    fault = load.faults[0]
    return FileResult(
        path=load.path,
        winerror=fault.winerror,
        culprit=fault.culprit,
        code=diagnoses[_key(fault)].code,
        chain=fault.chain,
        resolved=load.resolved,
    )


def _tried(file: FileResult, trial: Trial | None) -> FileResult:
    return file if trial is None else replace(file, tried=trial.code)


def _key(fault: Fault) -> tuple[str, str, str]:
    importer = fault.importer.name if fault.kind == "export" and fault.importer else ""
    return fault.kind, fault.culprit.lower(), importer
