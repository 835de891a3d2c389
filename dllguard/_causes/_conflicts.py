"""A loaded DLL that answers for another of its name: who brought it, what order works.

A process holds one DLL of a name, whoever asks for it ("Dynamic-link library search
order", loaded-module list).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .._files._symbols import Symbol
from .._loader._process import import_name
from .._model import Conflict, Fault, Link, Load
from .._paths import base_name, folder_of
from .._remedies import _cures as cures
from .._tables import _links as links
from .._verdict import Diagnosis, Remedy
from ._bringers import PROGRAM, Bringer, bringer, import_first, users
from ._runtime import is_v14
from ._scene import Scene, fitting_copies
from ._shadowed import described

_TWO_PROCESSES = (
    "use each of them in a process of its own (subprocess, or multiprocessing with the "
    'method "spawn")'
)


def conflicts(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    """Report a loaded DLL that answers for a different file of its name.

    The v14 runtime is judged by its version alone: Python's own vcruntime140.dll
    answers for that of System32 in every process. And Python's own DLL is the
    right one for everybody: torchvision 0.24.0 ships another, which is never used.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
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
        importer = conflict.importer
        who = bringer(conflict.loaded, scene)
        yield Diagnosis(
            code="conflicting-copies",
            severity="warning",
            headline=f"two copies of {conflict.name}: {importer.name} gets the one "
            "loaded first",
            summary="A process holds one DLL of a name. The copy that is loaded first, "
            f"that of {who.title}, answers for both; alone, {importer.name} would get "
            "the second. Usually that does harm only where the first is older or built "
            "otherwise.",
            culprit=conflict.name,
            chain=(importer, Link(conflict.name, conflict.loaded)),
            chain_end="ANOTHER COPY",
            wanted=described(conflict.other, scene),
            found=described(conflict.loaded, scene),
            help=(
                _order(conflict, who, scene),
                Remedy("or take both packages from one source, all pip or all conda"),
            ),
        )


def _order(conflict: Conflict, who: Bringer, scene: Scene) -> Remedy:
    disk = scene.host.process.disk
    first, second = disk.version(conflict.loaded), disk.version(conflict.other)
    if first and second and first < second:
        return import_first(who, scene)
    return Remedy("import the package that brings the newer copy first")


def loaded_before(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a missing export by a copy that was loaded before this load.

    :param diagnosis: what is said of any missing export.
    :param fault: the export that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None where the load alone would get the same copy, or no better one.
    """
    wrong, right = fault.path or "", _alone(fault, load, scene)
    if right is None:
        return None
    name = base_name(wrong)
    who = bringer(wrong, scene)
    importer = fault.importer.name if fault.importer else scene.target
    note = f"a process holds one DLL of a name. {_came(who, name, scene)}; it answers "
    note += f"for {importer} too. Alone, {importer} would get {right}."
    user = _other_user(wrong, right, scene)
    if user is not None:
        path, symbol = user
        note += f" But neither order works: with that of {scene.target} loaded first, "
        note += f"{base_name(path)} would lack {symbol}."
    return replace(
        diagnosis,
        code="conflicting-copies",
        headline=f"{name}: a copy without what {importer} needs was loaded before",
        culprit=name if fault.culprit.lower() != name.lower() else fault.culprit,
        chain_end=f"{diagnosis.chain_end} IN THIS COPY",
        wanted=described(right, scene),
        found=described(wrong, scene),
        note=note,
        help=tuple(_apart(who, scene) if user else _in_order(who, scene)),
        will_not_help=tuple(_in_vain(fault, who, scene, order=user is None)),
        links=(links.SEARCH_ORDER,),
    )


def _alone(fault: Fault, load: Load, scene: Scene) -> str | None:
    """Return the copy that the load alone would get, where that one would do."""
    wrong = fault.path or ""
    process = scene.host.process
    copies = fitting_copies(fault.culprit, load.search, scene)
    if not copies or copies[0].lower() == wrong.lower():
        return None
    searched = {folder.path.lower() for folder in load.search}
    if folder_of(wrong).lower() in searched and not process.has_loaded(wrong):
        return None
    exports = process.disk.exports(copies[0])
    if exports is None or not all(_symbol(s) in exports for s in fault.symbols):
        return None
    return copies[0]


def _came(who: Bringer, name: str, scene: Scene) -> str:
    if who.title == PROGRAM:
        return f"The program loaded its own {name} before Python came to {scene.target}"
    whose = who.title if who.owner else f"the folder {who.title}"
    if who.owner and who.owner.name.lower() == who.module.lower():
        return f"{whose} was imported before and has loaded its {name}"
    if who.module:
        return f"{who.module} was imported before and has loaded the {name} of {whose}"
    return f"The {name} of {whose} was loaded before"


def _other_user(wrong: str, right: str, scene: Scene) -> tuple[str, str] | None:
    """Return a loaded module that the other copy would not serve, and what it lacks."""
    disk = scene.host.process.disk
    exports = disk.exports(right)
    if exports is None:
        return None
    name = base_name(wrong).lower()
    for path in users(name, scene):
        for imported, symbols in (disk.imports(path) or {}).items():
            if import_name(imported) != name:
                continue
            for symbol in symbols:
                if symbol not in exports:
                    return path, f"#{symbol}" if isinstance(symbol, int) else symbol
    return None


def _in_order(who: Bringer, scene: Scene) -> Iterator[Remedy]:
    yield import_first(who, scene)
    if who.owner is not None:
        command = who.owner.update(scene)
        yield Remedy(f"or update {who.owner.name}, which brings that copy:", (command,))


def _apart(who: Bringer, scene: Scene) -> Iterator[Remedy]:
    """Yield what is left where neither order works."""
    environment = scene.host.environment
    target = environment.distribution(scene.target)
    of_conda = who.owner is not None and bool(who.owner.prefix)
    if of_conda and target is not None and target.installer != "conda":
        python = cures.python(environment.executable)
        place = f"-p {cures.quoted(environment.prefix)}"
        yield Remedy(
            f"take {target.name} from conda too, so that both use one DLL:",
            (
                f"{python} -m pip uninstall -y {target.name}",
                f"conda install {place} -c conda-forge {target.name}",
            ),
        )
        yield Remedy(f"or {_TWO_PROCESSES}")
        return
    if who.owner is not None and target is not None:
        command = who.owner.update(scene)
        yield Remedy(f"update {who.owner.name}, which brings that copy:", (command,))
        yield Remedy(f"or {_TWO_PROCESSES}")
        return
    yield Remedy(
        f"use {scene.target} in a process of its own, with a Python outside of this "
        "program (subprocess)"
    )
    yield Remedy(f"or take a {scene.target} that was built with this program's DLL")


def _in_vain(fault: Fault, who: Bringer, scene: Scene, *, order: bool) -> Iterator[str]:
    owner = scene.distribution_of(fault.importer.path if fault.importer else None)
    if owner is not None and (who.owner is None or who.owner.name != owner.name):
        yield f"reinstalling {owner.name}, whose own files are in order"
    if not order:
        yield "another order of imports"
    yield f"renaming or deleting one of the two {base_name(fault.path or '')}"


def _symbol(text: str) -> Symbol:
    return int(text[1:]) if text.startswith("#") else text
