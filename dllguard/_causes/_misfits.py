"""A file that was found and does not fit: other machine type, or no DLL at all."""

from __future__ import annotations

from dataclasses import replace

from .._model import Fault, Load, machine_name
from .._remedies import _cures as cures
from .._shell import harmless
from .._tables import _links as links
from .._tables._redistributables import PRODUCTS
from .._verdict import Diagnosis, Remedy
from ._runtime import repair
from ._scene import Scene, fitting_copies
from ._unmet_assembly import unmet_assembly
from ._wrong_copies import foreign, with_build

__all__ = ["unmet_assembly", "unreadable", "wrong_machine"]

# Access denied, sharing violation: the file was not even opened.
_REFUSED = (5, 32)


def wrong_machine(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a file for another machine type, where no fitting one was found."""
    process = scene.host.process
    theirs, ours = machine_name(fault.machine or 0), machine_name(process.machine)
    environment = scene.host.environment
    owner = scene.owner_of(fault.path) if fault.path else None
    summary = scene.event(fault.winerror)
    base = replace(
        scene.draft("wrong-architecture", "", fault, load),
        chain_end=f"IS {theirs}, PYTHON IS {ours}",
        wanted=ours,
        found=f"{theirs} ({fault.path})",
    )
    if len(fault.chain) == 1:
        found = foreign(base, fault, scene)
        if found is not None:
            return found
        base = replace(base, searched=())
    importer = fault.importer
    needed = f" (needed by {importer.name})" if importer else ""
    product = PRODUCTS.get(fault.culprit.lower())
    note = None
    if importer is not None:
        note = "the loader passes over a file of another architecture and goes on; no "
        note += "fitting copy came after it."
    base = with_build(base, fault, scene, note=note or "")
    if product is not None:
        remedies = cures.redistributable(product, process.machine)
        base = replace(base, help=remedies)
    elif owner is not None:
        base = replace(base, help=(cures.reinstall(owner, environment),))
    return replace(
        base,
        headline=f"{fault.culprit} is {theirs}, this Python is {ours}{needed}",
        summary=f"{summary} Only a copy for another architecture was found."
        if importer
        else f"{summary} The file was built for another architecture.",
    )


def unreadable(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a file that is there, and is no PE image or may not be read."""
    path = fault.path or ""
    importer = fault.importer
    needed = f" (needed by {importer.name})" if importer else ""
    owner = scene.owner_of(path)
    product = PRODUCTS.get(fault.culprit.lower())
    reason, between, detail = fault.reason.partition(" (")
    diagnosis = replace(
        scene.draft("unreadable-dll", "", fault, load),
        headline=f"{fault.culprit} {reason}{needed}",
        summary=f"{scene.event(fault.winerror)} The file is there, but Windows cannot "
        f"load it{between}{detail}.",
        chain_end="UNREADABLE",
        found=path,
    )
    good = fitting_copies(fault.culprit, load.search, scene)
    if fault.winerror in _REFUSED:
        remedies: tuple[Remedy, ...] = (
            Remedy("look at the rights of the file:", (f'icacls "{harmless(path)}"',)),
        )
    elif product is not None:
        remedies = repair(path, scene)
    elif owner is not None:
        remedies = (cures.reinstall(owner, scene.host.environment),)
    else:
        remedies = (Remedy("install the product that this file belongs to again"),)
    if "git-lfs" in reason:
        fetch = Remedy(
            "or, where it comes from a git repository, fetch its large files:",
            ("git lfs pull",),
        )
        remedies = (*remedies, fetch)
    if good and importer is not None:
        return replace(
            diagnosis,
            code="shadowed-dll",
            headline=f"{fault.culprit}: a damaged copy comes before a good one{needed}",
            summary=f"{scene.event(fault.winerror)} The first copy on the search list "
            f"{fault.reason}; the loader stops there.",
            wanted=good[0],
            help=remedies,
            links=(links.SEARCH_ORDER,),
        )
    if product is not None and fault.winerror not in _REFUSED:
        return replace(
            diagnosis,
            code="vc-runtime-damaged",
            note=f"a file of this name belongs to the {product.name}.",
            help=remedies,
            links=(links.REDISTRIBUTABLES,),
        )
    return replace(diagnosis, help=remedies)
