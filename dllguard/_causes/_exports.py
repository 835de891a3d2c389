"""A symbol that the copy which wins does not export: whose fault that is."""

from __future__ import annotations

from dataclasses import replace

from .._hosts._undecorate import undecorated
from .._model import Fault, Load
from .._packages._distribution import Distribution
from .._paths import base_name, folder_of
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._redistributables import V14
from .._verdict import Diagnosis, Remedy
from ._clobbered import clobbered
from ._conflicts import loaded_before
from ._pairs import not_a_pair
from ._runtime import (
    doubt_of_age,
    is_v14,
    lowest_runtime,
    renewal,
    wanted_runtime,
)
from ._scene import Scene
from ._shadowed import alternative, described, is_before, shadowed
from ._too_old import lacking_function


def missing_export(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a function or ordinal that an imported DLL does not have."""
    provider, importer = fault.path or "", fault.importer
    who = importer.name if importer else scene.target
    first, *rest = fault.symbols
    readable = undecorated(first)
    lines = [first]
    if readable:
        lines.append(f"({readable})")
    if rest:
        lines.append(f"and {len(rest)} more: see --json")
    what = "an ordinal" if first.startswith("#") else "a function"
    owner = scene.distribution_of(importer.path if importer else None)
    whose = f"{owner.name}'s {who}" if owner else who
    diagnosis = replace(
        scene.draft("missing-export", "", fault, load),
        headline=f"{fault.culprit} lacks {what} that {whose} needs",
        summary=f"{scene.event(fault.winerror)} Every DLL was found, but one lacks "
        f"{what} that {who} was linked against:",
        chain_end="NO SUCH EXPORT",
        symbols=tuple(lines),
        missing=fault.symbols,
        found=provider,
    )
    if fault.reason:
        # It is there, as a text that names another DLL.
        diagnosis = replace(
            diagnosis,
            headline=f"a forwarder of {fault.culprit} that {whose} needs leads nowhere",
            chain_end=f"FORWARDS TO {fault.reason}, NOT FOUND",
        )
    return (
        not_a_pair(diagnosis, owner, provider, scene)
        or clobbered(diagnosis, fault, scene)
        or loaded_before(diagnosis, fault, load, scene)
        or shadowed(diagnosis, fault, load, scene)
        or lacking_function(diagnosis, fault, scene)
        or _old_runtime(diagnosis, fault, load, scene)
        or _other_copy(diagnosis, owner, provider, scene)
    )


def _old_runtime(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    if not is_v14(fault.culprit):
        return None
    path = fault.path or ""
    version = scene.host.process.disk.version(path)
    lowest = lowest_runtime(fault, scene)
    headline, note = diagnosis.headline, None
    if version and lowest and version[:2] < lowest:
        importer = fault.importer.name if fault.importer else scene.target
        headline = f"{fault.culprit} is too old (needed by {importer})"
    else:
        # Versions that differ by less than ten prove nothing by themselves.
        lowest = None
        note = "this usually means that the copy is older than the importer's compiler."
    if folder_of(path).lower() == scene.host.process.application.lower():
        note = f"{note} The" if note else "the"
        note += (
            " copy beside python.exe serves this Python, however new another one is."
        )
    doubt = doubt_of_age(fault.culprit, version)
    if doubt:
        headline = diagnosis.headline
        note = f"{note or 'its age alone is no reason.'} {doubt}"
    remedies = renewal(path, scene)
    if is_before(scene.host.process.system, folder_of(path), load):
        # What the redistributable puts into System32 comes first then.
        machine = scene.host.process.machine
        remedies = (*cures.redistributable(V14, machine), *map(alternative, remedies))
        note = f"{note or 'this copy is too old.'} It serves because System32, which "
        note += f"is searched before, has no {base_name(path)}."
    return replace(
        diagnosis,
        code="vc-runtime-too-old",
        headline=headline,
        wanted=wanted_runtime(lowest, scene),
        found=described(path, scene),
        note=note,
        help=remedies,
        links=(links.REDISTRIBUTABLES,),
    )


def _other_copy(
    diagnosis: Diagnosis, owner: Distribution | None, provider: str, scene: Scene
) -> Diagnosis:
    environment = scene.host.environment
    other = scene.distribution_of(provider)
    if owner is None:
        return replace(
            diagnosis,
            note=f"this usually means that {base_name(provider)} is older than the "
            "file that needs it, or another product's file of the same name.",
            help=(Remedy("update the product that the DLL belongs to"),),
        )
    if other is not None and other.name != owner.name:
        note = f"this usually means that {owner.name} was built for another release "
        note += f"of {other.name}."
        names = f"{owner.name} and {other.name}"
        command = cures.upgrade(environment, owner.name, other.name)
        remedy = Remedy(f"install {names} anew, with one command:", (command,))
    else:
        note = "this usually means that files of two releases are mixed, or that "
        note += "the DLL is another product's file of the same name."
        remedy = cures.reinstall(owner, environment)
        if cures.is_msys2(environment):
            remedy = cures.update_of_msys2()
    return replace(diagnosis, note=note, help=(remedy,))
