"""What is wrong although every DLL was found: age, mixtures, doubles, RECORD."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from . import _cures as cures
from ._abi import conflicting_python
from ._conventions import PAIRED
from ._disk import Disk
from ._distribution import Distribution
from ._exports import mismatch
from ._model import Link, Load, version_text
from ._paths import base_name, folder_of
from ._runtime import is_v14, runtime_findings
from ._scene import Scene
from ._verdict import Diagnosis, Remedy


def findings(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield what the loads of a target show besides their faults.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    loads = tuple(loads)
    for found in _findings(loads, scene):
        yield scene.completed(found)


def _findings(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    yield from runtime_findings(loads, scene)
    yield from conflicting_python(loads, scene)
    yield from _conflicts(loads, scene)
    explained = {fault.culprit.lower() for load in loads for fault in load.faults}
    for distribution in scene.distributions:
        yield from _record(distribution, explained, scene)


def unmet_pairs(scene: Scene) -> Iterator[Diagnosis]:
    """Yield what the metadata says of distributions that are not made for each other.

    :param scene: host, target and distributions.
    :returns: the warnings to give where the symbols do not prove more.
    """
    by_name = {d.key: d for d in scene.distributions}
    for name, partners in PAIRED.items():
        owner = by_name.get(name)
        for partner in partners if owner else ():
            other = by_name.get(partner)
            if owner is None or other is None:
                continue
            blank = Diagnosis(
                code="version-mismatch",
                severity="warning",
                headline="",
                summary=f"The metadata of {owner.title} rules out {other.title}. Their "
                "files show no proof of it; it may work all the same.",
                culprit=other.name,
            )
            found = mismatch(blank, owner, other, scene)
            if found is not None:
                yield scene.completed(found)


def _conflicts(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    """Report a loaded DLL that answers for a different file of its name.

    The v14 runtime is judged by its version alone: Python's own vcruntime140.dll
    answers for that of System32 in every process. And Python's own DLL is the
    right one for everybody: torchvision 0.24.0 ships another, which is never used.
    """
    application = scene.host.process.application.lower()
    disk = scene.host.process.disk
    seen: set[tuple[str, str]] = set()
    for conflict in (c for load in loads for c in load.conflicts):
        pair = conflict.loaded, conflict.other
        if is_v14(conflict.name) or pair in seen or disk.same(*pair):
            continue
        if folder_of(conflict.loaded).lower() == application:
            continue
        seen.add(pair)
        versions = [disk.version(path) for path in pair]
        first, second = (
            f"{version_text(v)} ({path})" if v else path
            for v, path in zip(versions, pair, strict=True)
        )
        importer = conflict.importer
        yield Diagnosis(
            code="conflicting-copies",
            severity="warning",
            headline=f"two copies of {conflict.name}: {importer.name} gets the one "
            "loaded first",
            summary="A process holds one DLL of a name. The copy that is loaded first "
            f"answers for both; alone, {importer.name} would get the second. Usually "
            "that does harm only where the first is older or built otherwise.",
            culprit=conflict.name,
            chain=(importer, Link(conflict.name, conflict.loaded)),
            chain_end="ANOTHER COPY",
            wanted=second,
            found=first,
            help=(
                Remedy("import the package that brings the newer copy first"),
                Remedy("or take both packages from one source, all pip or all conda"),
            ),
        )


_WHY_MISSING = (
    "no file that was looked at needs them to load. Usually an antivirus program, an "
    "interrupted upgrade or a copied folder is the reason."
)
_WHY_CHANGED = (
    "that alone stops no import. Usually another package or program put a file of the "
    "same name there, or somebody exchanged a file on purpose."
)


def _size(path: str, disk: Disk) -> int | None:
    # RECORD may write the name in another case than the disk.
    found = disk.find(folder_of(path), base_name(path))
    return os.path.getsize(found) if found else None


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
        elif file.size is not None and _size(file.path, disk) != file.size:
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
