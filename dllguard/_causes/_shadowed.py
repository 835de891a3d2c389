"""A wrong copy that is found before the right one: both, who brought it, the way out.

The ways out are those that people confirmed: mhammond/pywin32#1409 and
Kozea/WeasyPrint#971 (order of PATH), ContinuumIO/anaconda-issues#10213 (System32),
PaddlePaddle/PaddleOCR#14904 (order of imports).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .._files._symbols import Symbol
from .._loader._order import helps_if_loaded, helps_if_searched
from .._loader._walk import walk
from .._model import Fault, Link, Load, Role, version_text
from .._paths import base_name, folder_of
from .._remedies import _cures as cures
from .._remedies import _order_cures as order
from .._remedies._folder_cures import load_before
from .._tables import _links as links
from .._verdict import Diagnosis, Remedy
from ._owners import Owner, is_foreign_to_windows, owners_of
from ._runtime import is_v14, renewal
from ._scene import Scene, fitting_copies

# conda's own python has the switch in its 3.6.8 to 3.10 (conda-forge/python-feedstock,
# recipe/patches, CondaEcosystemModifyDllSearchPath).
_SWITCH = "CONDA_DLL_SEARCH_MODIFICATION_ENABLE"
_SWITCHABLE = (3, 6), (3, 10)


@dataclass(frozen=True)
class _Pair:
    """The copy that wins, and the one that would do."""

    wrong: str
    right: str
    importer: Link
    """The file that gets the wrong one."""


def shadowed(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a missing export by a copy that comes before the right one.

    :param diagnosis: what is said of any missing export.
    :param fault: the export that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None where no copy is known that would do, or the wrong one does not come
        from the search list.
    """
    pair = _provider(fault, load, scene) or _stranger(fault, load, scene)
    if pair is None or _role(pair.wrong, load) is None:
        return None
    name = base_name(pair.wrong)
    return replace(
        diagnosis,
        code="shadowed-dll",
        headline=f"{name}: the wrong copy comes first (needed by {pair.importer.name})",
        culprit=name,
        wanted=described(pair.right, scene),
        found=described(pair.wrong, scene),
        note=_note(pair, fault, load, scene),
        help=tuple(alternatives(_ways_out(pair, fault, load, scene))),
        will_not_help=tuple(_in_vain(pair, load, scene)),
        links=(links.SEARCH_ORDER,),
    )


def described(path: str, scene: Scene) -> str:
    """Return a copy with its version: `14.29.30139 (<path>)`."""
    version = scene.host.process.disk.version(path)
    return f"{version_text(version)} ({path})" if version else path


def alternatives(remedies: Iterable[Remedy]) -> Iterator[Remedy]:
    """Yield remedies of which one is enough."""
    for count, remedy in enumerate(remedies):
        first = replace(remedy, text=remedy.text.removeprefix("or "))
        yield alternative(remedy) if count else first


def alternative(remedy: Remedy) -> Remedy:
    """Return a remedy as one that is tried in the place of another."""
    return replace(remedy, text=f"or {remedy.text.removeprefix('or ')}")


def is_before(folder: str, other: str, load: Load) -> bool:
    """Tell whether a load searches a folder before another one."""
    order = [entry.path.lower() for entry in load.search]
    if folder.lower() not in order or other.lower() not in order:
        return False
    return order.index(folder.lower()) < order.index(other.lower())


def _provider(fault: Fault, load: Load, scene: Scene) -> _Pair | None:
    """Find a copy that exports what the one that wins lacks."""
    disk = scene.host.process.disk
    importer = fault.importer or Link(scene.target)
    for copy in _copies(fault.culprit, load, scene):
        exports = disk.exports(copy) if copy != fault.path else None
        if exports is not None and all(_symbol(s) in exports for s in fault.symbols):
            return _Pair(fault.path or "", copy, importer)
    return None


def _stranger(fault: Fault, load: Load, scene: Scene) -> _Pair | None:
    """Find another copy of the importer, which fits the files that are there."""
    importer = fault.importer
    if importer is None or importer.path is None or len(fault.chain) < 3:
        return None
    asks = fault.chain[-3]
    process = scene.host.process
    for copy in fitting_copies(importer.name, load.search, scene):
        if copy == importer.path or walk(copy, process, load.search).faults:
            continue
        if importer.path == load.path or helps_if_loaded(copy, fault, load, process):
            return _Pair(importer.path, copy, asks)
    return None


def _copies(name: str, load: Load, scene: Scene) -> Iterator[str]:
    """Yield the copies of the search list, then those of the target's own packages."""
    yield from fitting_copies(name, load.search, scene)
    process = scene.host.process
    for distribution in scene.distributions:
        for file in distribution.natives:
            if base_name(file.path).lower() == name.lower():
                found = process.disk.find(folder_of(file.path), name)
                if found is not None and walk(found, process).faults == ():
                    yield found


def _symbol(text: str) -> Symbol:
    return int(text[1:]) if text.startswith("#") else text


def _role(path: str, load: Load) -> Role | None:
    """Return why a file's folder is searched; None where it is not."""
    folder = folder_of(path).lower()
    return next((f.role for f in load.search if f.path.lower() == folder), None)


def _note(pair: _Pair, fault: Fault, load: Load, scene: Scene) -> str:
    lacks = "it lacks what the importer needs."
    if pair.wrong != fault.path:
        lacks = f"it does not fit the {fault.culprit} that is there."
    if _role(pair.right, load) is None:
        note = "the right copy lies in a folder that is not searched; another one "
        note += f"wins, and {lacks}"
    else:
        note = "both copies are on the search list; the first one wins, and "
        note += lacks
    owners = owners_of(pair.wrong, scene)
    if owners:
        names = " and ".join(owner.place for owner in owners)
        note += f" The first copy is part of {names}."
    elif is_foreign_to_windows(pair.wrong, scene):
        note += " Windows does not bring a file of this name: another product has put "
        note += "it into System32."
    return note


def _ways_out(pair: _Pair, fault: Fault, load: Load, scene: Scene) -> Iterator[Remedy]:
    if is_v14(pair.wrong):
        yield from renewal(pair.wrong, scene)
        return
    yield from _by_order(pair, fault, load, scene)
    yield from _by_product(pair, scene)


def _by_order(pair: _Pair, fault: Fault, load: Load, scene: Scene) -> Iterator[Remedy]:
    """Yield the cures that let the right copy come first."""
    role = _role(pair.wrong, load)
    process = scene.host.process
    folder = folder_of(pair.right)
    if role is Role.SYSTEM and _has_switch(pair.right, scene):
        yield order.switched(_SWITCH)
    if role is Role.PATH:
        if helps_if_searched(folder, Role.PATH, fault, load, process):
            yield order.first_on_path(folder)
        else:
            yield order.off_path(folder_of(pair.wrong))
    if role is Role.ADDED and _is_on_path(folder_of(pair.wrong), scene):
        yield order.off_path(folder_of(pair.wrong))
    if role is Role.SYSTEM and helps_if_searched(
        folder, Role.ADDED, fault, load, process
    ):
        yield cures.add_folder(folder)
    if role in (Role.SYSTEM, Role.ADDED) and helps_if_loaded(
        pair.right, fault, load, process
    ):
        text = "before the import, load the right copy; it answers for the name then:"
        yield replace(load_before([pair.right]), text=text)


def _by_product(pair: _Pair, scene: Scene) -> Iterator[Remedy]:
    """Yield the cures that begin with whoever brought the wrong copy."""
    owners = owners_of(pair.wrong, scene)
    importing = scene.distribution_of(pair.importer.path)
    of_conda = bool(owners) and bool(owners[0].prefix) and owners[0].here
    if of_conda and importing is not None and importing.installer != "conda":
        # The next build of a conda package is no more like a wheel's than this one.
        yield Remedy(
            f"install {importing.name} with conda as well, so that both are made for "
            "each other, or use a Python that is not conda's"
        )
        return
    for owner in owners:
        yield _update(owner, scene)
    if owners:
        return
    if is_foreign_to_windows(pair.wrong, scene):
        yield Remedy(
            "update or remove the product that the first copy belongs to; usually its "
            "version and its signature (Properties, Digital Signatures) name it"
        )
        return
    folder = folder_of(pair.wrong)
    if _is_on_path(folder, scene):
        yield Remedy(
            f"update or remove the product that {folder} belongs to, or take that "
            "folder off PATH for good (Settings, System, About, Advanced system "
            "settings)"
        )
        return
    yield Remedy(
        "update or remove the product that brought the first copy, or take its folder "
        "off the search list"
    )


def _update(owner: Owner, scene: Scene) -> Remedy:
    command = owner.update(scene)
    return Remedy(f"update {owner.name}, which brought the first copy:", (command,))


def _has_switch(right: str, scene: Scene) -> bool:
    environment = scene.host.environment
    inside = right.lower().startswith(environment.base_prefix.lower())
    first, last = _SWITCHABLE
    in_time = first <= environment.version <= last
    is_set = _SWITCH in scene.host.circumstances.variables
    return cures.is_conda(environment) and inside and in_time and not is_set


def _is_on_path(folder: str, scene: Scene) -> bool:
    return folder.lower() in {f.rstrip("\\/").lower() for f in scene.host.process.path}


def _in_vain(pair: _Pair, load: Load, scene: Scene) -> Iterator[str]:
    owner = scene.distribution_of(pair.importer.path)
    wrong = {by.name for by in owners_of(pair.wrong, scene) if by.here}
    if owner is not None and owner.name not in wrong:
        yield f"reinstalling {owner.name}, whose own files are in order"
    roles = [folder.role for folder in load.search]
    if _role(pair.wrong, load) is Role.SYSTEM and Role.PATH in roles:
        yield "putting a folder first on PATH: System32 comes before all of PATH"
