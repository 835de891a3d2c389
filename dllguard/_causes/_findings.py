"""What is wrong although every DLL was found: age, mixtures, doubles, RECORD."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._files._disk import Disk
from .._model import Load
from .._packages._distribution import Distribution, NativeFile
from .._paths import base_name
from .._verdict import Diagnosis
from . import _screen as screen
from ._scene import Scene


def findings(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield what the loads of a target show besides their faults.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    loads = tuple(loads)
    for found in _findings(loads, scene):
        yield scene.completed(found)
    if screen.can_be_unloadable(scene):
        from ._unloadable import unloadable_program

        for found in unloadable_program(loads, scene):
            # After its cure it lies elsewhere.
            yield scene.placed(found)


def _findings(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    for kind in _KINDS:
        yield from kind(loads, scene)
    explained = {fault.culprit.lower() for load in loads for fault in load.faults}
    for distribution in scene.distributions:
        yield from _record(distribution, explained, scene)


def _of_runtime(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    if screen.can_lack_runtime(loads, scene):
        from ._runtime_age import runtime_findings

        yield from runtime_findings(loads, scene)


def _of_packing(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    if screen.can_be_packed(loads, scene):
        from ._packed import packed_findings

        yield from packed_findings(loads, scene)


def _of_loads_by_name(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    if screen.can_load_named(loads):
        from ._named import named_findings

        yield from named_findings(loads, scene)
    if screen.can_load_by_name(loads, scene):
        from ._not_found_by_name import not_found_by_name

        yield from not_found_by_name(loads, scene)


def _of_python(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    if screen.can_refuse(loads, scene):
        from ._abi import conflicting_python
        from ._debug_python import refused_stable_abi

        yield from conflicting_python(loads, scene)
        yield from refused_stable_abi(loads, scene)


def _of_two_copies(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    if screen.can_conflict(loads):
        from ._conflicts import conflicts

        yield from conflicts(loads, scene)
    if screen.can_be_two_openmp(loads, scene):
        from ._openmp import openmp_findings

        yield from openmp_findings(loads, scene)
    if screen.can_be_foreseen(scene):
        from ._foreseen import foreseen

        yield from foreseen(loads, scene)


_KINDS = (_of_runtime, _of_packing, _of_loads_by_name, _of_python, _of_two_copies)

_WHY_MISSING = (
    "no file that was looked at needs them to load. Usually an antivirus program, an "
    "interrupted upgrade or a copied folder is the reason."
)
_WHY_CHANGED = (
    "that alone stops no import. Usually another package or program put a file of the "
    "same name there, or somebody exchanged a file on purpose."
)


def _is_of_other_size(file: NativeFile, disk: Disk) -> bool:
    # Of a file that was not asked for when a snapshot was taken, it is not known.
    size = disk.size(file.path)
    return None not in (file.size, size) and file.size != size


def _record(
    distribution: Distribution, explained: set[str], scene: Scene
) -> Iterator[Diagnosis]:
    """Compare the native files that RECORD lists with what is there.

    :param explained: names of the DLLs that are at fault already.
    """
    disk = scene.host.process.disk
    missing, changed = [], []
    for file in distribution.natives:
        if base_name(file.path).lower() in explained:
            continue
        if not disk.exists(file.path):
            missing.append(file.path)
        elif _is_of_other_size(file, disk):
            from ._clobbered import overwritten

            other = overwritten(distribution, file.path, scene)
            if other is not None:
                yield other
            else:
                changed.append(file.path)
    title = distribution.title
    lists = f"RECORD of {title} lists files that are not there"
    gives = f"RECORD of {title} gives other sizes than the disk for"
    for code, paths, what, fact, why in (
        ("incomplete-installation", missing, "missing", lists, _WHY_MISSING),
        ("changed-installation", changed, "changed in size", gives, _WHY_CHANGED),
    ):
        if not paths:
            continue
        from .._remedies import _cures as cures

        listed = ", ".join(scene.short(path) for path in paths[:3])
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        yield Diagnosis(
            code=code,
            severity="warning",
            headline=f"{title}: {len(paths)} native "
            f"file{'s' if len(paths) > 1 else ''} {what}",
            summary=f"{fact}: {listed}{more}.",
            culprit=base_name(paths[0]),
            note=why,
            help=(cures.reinstall(distribution, scene.host.environment),),
        )
