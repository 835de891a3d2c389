"""A symbol that the copy which wins does not export: whose fault that is."""

from __future__ import annotations

import os
from dataclasses import replace

from . import _cures as cures
from . import _links as links
from ._conventions import PAIRED
from ._distribution import Distribution, normalised
from ._model import Fault, Load, version_text
from ._paths import base_name, folder_of, join
from ._runtime import is_v14, lowest_runtime, renewal, wanted_runtime
from ._scene import Scene, fitting_copies
from ._symbols import Symbol
from ._undecorate import undecorated
from ._verdict import Diagnosis, Remedy


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
        _not_a_pair(diagnosis, owner, provider, scene)
        or _shadowed(diagnosis, fault, load, scene)
        or _old_runtime(diagnosis, fault, scene)
        or _other_copy(diagnosis, owner, provider, scene)
    )


def _not_a_pair(
    diagnosis: Diagnosis, owner: Distribution | None, provider: str, scene: Scene
) -> Diagnosis | None:
    other = scene.distribution_of(provider)
    if owner is None or other is None or owner.name == other.name:
        return None
    return mismatch(diagnosis, owner, other, scene)


def mismatch(
    diagnosis: Diagnosis, owner: Distribution, other: Distribution, scene: Scene
) -> Diagnosis | None:
    """Turn a diagnosis into that of a pair which the metadata says does not fit."""
    environment = scene.host.environment
    for requirement in environment.requirements(owner):
        if normalised(requirement.name) != other.key or other.version is None:
            continue
        if requirement.specifier.contains(other.version, prereleases=True):
            continue
        wanted = str(requirement.specifier).removeprefix("==")
        others = [n for n in PAIRED if environment.distribution(n) is not None]
        rest = [n for n in others if n != owner.key]
        compiled = other.key in PAIRED.get(owner.key, ())
        # torchvision 0.29 asks for torch>=2.14: its functions no longer change.
        exact = compiled and wanted != str(requirement.specifier)
        source = cures.index(owner) or cures.index(other)
        first = others if compiled else [owner.name]
        second = [other.name, *(rest if compiled else ())]
        keep_owner = cures.together(environment, owner, second, source)
        return replace(
            diagnosis,
            code="version-mismatch",
            headline=f"{owner.title} needs {other.name} {wanted}, found {other.title}",
            wanted=f"{other.name} {wanted} (required by {owner.title}, its METADATA)",
            found=f"{other.title} ({_place(other)})",
            note=_why_not_a_pair(owner, other, exact=exact),
            help=(
                cures.together(environment, other, first, source),
                replace(keep_owner, text=f"or {keep_owner.text}"),
            ),
            links=(links.TORCH_RELEASES,) if other.name == "torch" else (),
        )
    return None


def _why_not_a_pair(owner: Distribution, other: Distribution, *, exact: bool) -> str:
    why = f"its metadata says which releases of {other.name} {owner.name} fits."
    if exact:
        why = f"this release of {owner.name} is compiled against one release of "
        why += f"{other.name}, whose functions change between releases."
    return f"{why} Installing the Visual C++ runtime does not help."


def _place(distribution: Distribution) -> str:
    folder = join(distribution.site, distribution.name)
    return folder if os.path.isdir(folder) else distribution.site


def _shadowed(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    disk = scene.host.process.disk
    for copy in fitting_copies(fault.culprit, load.search, scene):
        exports = disk.exports(copy) if copy != fault.path else None
        if exports is None:
            continue
        if all(_symbol(text) in exports for text in fault.symbols):
            importer = fault.importer
            remedies: tuple[Remedy, ...]
            if is_v14(fault.culprit):
                remedies = renewal(fault.path or "", scene)
            else:
                remedies = (_removal(fault.path or "", scene),)
            note = "both copies are on the search list; the first one wins, and it "
            note += "lacks what the importer needs."
            if not _is_searched(fault.path or "", load):
                first = f"import {scene.target} before all other packages"
                remedies = (
                    Remedy(f"{first}, so that it gets {copy}"),
                    replace(remedies[0], text=f"or {remedies[0].text}"),
                    *remedies[1:],
                )
                note = "a process holds one DLL of a name: the copy that another "
                note += "package has loaded wins, and it lacks what the importer needs."
            return replace(
                diagnosis,
                code="shadowed-dll",
                headline=f"{fault.culprit}: the wrong copy comes first "
                f"(needed by {importer.name if importer else scene.target})",
                wanted=_described(copy, scene),
                found=_described(fault.path or "", scene),
                note=note,
                help=remedies,
                links=(links.SEARCH_ORDER,),
            )
    return None


def _is_searched(path: str, load: Load) -> bool:
    return folder_of(path).lower() in {f.path.lower() for f in load.search}


def _symbol(text: str) -> Symbol:
    return int(text[1:]) if text.startswith("#") else text


def _removal(path: str, scene: Scene) -> Remedy:
    owner = scene.owner_of(path)
    if owner is not None:
        command = cures.upgrade(scene.host.environment, owner.name)
        return Remedy(f"update {owner.name}, which brought the first copy:", (command,))
    return Remedy(
        "update or remove the product that brought the first copy, or take its folder "
        "off the search list"
    )


def _old_runtime(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis | None:
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
    return replace(
        diagnosis,
        code="vc-runtime-too-old",
        headline=headline,
        wanted=wanted_runtime(lowest, scene),
        found=_described(path, scene),
        note=note,
        help=renewal(fault.path or "", scene),
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
    return replace(diagnosis, note=note, help=(remedy,))


def _described(path: str, scene: Scene) -> str:
    version = scene.host.process.disk.version(path)
    return f"{version_text(version)} ({path})" if version else path
