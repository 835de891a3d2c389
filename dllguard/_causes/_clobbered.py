r"""A file that two packages bring: the one installed last has overwritten the other's.

pip and conda both let that happen (ContinuumIO/anaconda-issues#13146: intel-openmp and
llvm-openmp, each with a Library\bin\libiomp5md.dll).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .._model import Fault, Link
from .._packages._distribution import Distribution
from .._paths import base_name
from .._verdict import Diagnosis, Remedy
from ._owners import Owner, owners_of, required
from ._scene import Scene

_IN_VAIN = "setting KMP_DUPLICATE_LIB_OK, which only silences another message"


def clobbered(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis | None:
    """Explain a missing export by another package's file in the place of the right one.

    :param diagnosis: what is said of any missing export.
    :param fault: the export that is missing.
    :param scene: host, target and distributions.
    :returns: None where not two packages list the file.
    """
    path, importer = fault.path or "", fault.importer
    owners = tuple(owner for owner in owners_of(path, scene) if owner.here)
    if len(owners) < 2:
        return None
    right = _right(path, importer, owners, scene)
    names = " and ".join(owner.title for owner in owners)
    note = f"{names} both list this file; the one that was installed last has "
    note += "overwritten the other's."
    if right is None:
        first, *others = owners
        headline = f"{fault.culprit} belongs to {first.name} and to "
        headline += " and ".join(owner.name for owner in others)
        remedies = [_again(owner, scene) for owner in owners]
        remedies = [remedies[0], *(_or(remedy) for remedy in remedies[1:])]
    else:
        others = [owner for owner in owners if owner != right]
        headline = f"{fault.culprit} of {right.name} was overwritten by "
        headline += " and ".join(owner.name for owner in others)
        who = importer.name if importer else scene.target
        note += f" {who} needs that of {right.name}."
        remedies = list(_restored(right, others, scene))
    return replace(
        diagnosis,
        code="clobbered-file",
        headline=headline,
        wanted=f"the file of {right.title}" if right else None,
        found=path,
        note=note,
        help=tuple(remedies),
        will_not_help=tuple(_in_vain(fault, importer, owners, scene)),
    )


def overwritten(
    distribution: Distribution, path: str, scene: Scene
) -> Diagnosis | None:
    """Warn of a changed file that another package lists as well.

    :param distribution: whose RECORD gives another size.
    :param path: the file.
    :param scene: host, target and distributions.
    :returns: None where no other package lists it.
    """
    owners = tuple(owner for owner in owners_of(path, scene) if owner.here)
    others = [owner for owner in owners if owner.name != distribution.name]
    own = [owner for owner in owners if owner.name == distribution.name]
    if not others or not own:
        return None
    name = base_name(path)
    theirs = " and ".join(owner.title for owner in others)
    return Diagnosis(
        code="clobbered-file",
        severity="warning",
        headline=f"{name} of {distribution.name} was overwritten by "
        + " and ".join(owner.name for owner in others),
        summary=f"RECORD of {distribution.title} gives another size for "
        f"{scene.short(path)} than the disk, and {theirs} lists that file too.",
        culprit=name,
        chain=(Link(name, path),),
        note="the package that was installed last has overwritten the file of the "
        "other. It does harm where the two files differ in what they export.",
        help=tuple(_restored(own[0], others, scene)),
    )


def _right(
    path: str, importer: Link | None, owners: tuple[Owner, ...], scene: Scene
) -> Owner | None:
    """Return the package whose file the importer wants, where that is certain.

    It is the one that the importer's package requires; failing that, of two the one
    whose size is not that of the file that is there.
    """
    asked = required(importer.path, scene) if importer and importer.path else ()
    wanted = [owner for owner in owners if owner.name.lower() in asked]
    if len(wanted) == 1:
        return wanted[0]
    size = scene.host.process.disk.size(path)
    away = [owner for owner in owners if owner.size is not None and owner.size != size]
    return away[0] if len(away) == 1 and len(owners) == 2 else None


def _restored(right: Owner, others: list[Owner], scene: Scene) -> Iterator[Remedy]:
    if right.prefix:
        yield _again(right, scene)
        # Its removal takes the shared file along, so that it must come first.
        removals = [other.removal(scene) for other in others]
        names = " and ".join(other.name for other in others)
        yield Remedy(
            f"or, if nothing else needs {names}, remove it first; its next update "
            "would overwrite the file again:",
            (*removals, right.reinstallation(scene)),
        )
        return
    # pip removes the shared file together with the package that is not wanted.
    for other in others:
        command = other.removal(scene)
        yield Remedy(f"keep one of the two: remove {other.name},", (command,))
    yield replace(_again(right, scene), text=f"then reinstall {right.title}:")


def _again(owner: Owner, scene: Scene) -> Remedy:
    command = owner.reinstallation(scene)
    return Remedy(f"bring the file of {owner.name} back:", (command,))


def _or(remedy: Remedy) -> Remedy:
    return replace(remedy, text=f"or {remedy.text}")


def _in_vain(
    fault: Fault, importer: Link | None, owners: tuple[Owner, ...], scene: Scene
) -> Iterator[str]:
    names = {owner.name for owner in owners}
    whose = owners_of(importer.path, scene) if importer and importer.path else ()
    if whose and whose[0].name not in names:
        yield f"reinstalling {whose[0].name}, whose own files are in order"
    if fault.culprit.lower() == "libiomp5md.dll":
        yield _IN_VAIN
