"""A file that was found and does not fit: other machine type, or no DLL at all."""

from __future__ import annotations

from dataclasses import replace

from . import _cures as cures
from . import _links as links
from ._model import Diagnosis, Fault, Image, Load, Remedy, machine_name
from ._redistributables import PRODUCTS
from ._scene import Scene, later_copies


def wrong_machine(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a file for another machine type, where no fitting one was found."""
    process = scene.host.process
    theirs, ours = machine_name(fault.machine or 0), machine_name(process.machine)
    environment = scene.host.environment
    owner = scene.distribution_of(fault.path)
    summary = scene.event(fault.winerror)
    base = replace(
        scene.draft("wrong-architecture", "", fault, load),
        chain_end=f"IS {theirs}, PYTHON IS {ours}",
        wanted=ours,
        found=f"{theirs} ({fault.path})",
    )
    if len(fault.chain) == 1 and owner is not None:
        return replace(
            base,
            code="package-wrong-architecture",
            headline=f"{owner.title} is for {theirs}, this Python is {ours}",
            summary=f"{summary} The package was built for another architecture.",
            note="pip installs the right one by itself; a folder that was copied, "
            "or shared through PYTHONPATH, may hold the other.",
            help=(cures.reinstall(owner, environment),),
        )
    importer = fault.importer
    needed = f" (needed by {importer.name})" if importer else ""
    remedies: list[Remedy] = []
    product = PRODUCTS.get(fault.culprit.lower())
    if product is not None:
        remedies.extend(cures.redistributable(product, process.machine))
    elif owner is not None:
        remedies.append(cures.reinstall(owner, environment))
    else:
        remedies.append(
            Remedy(f"install the {ours} build of the product it belongs to")
        )
    return replace(
        base,
        headline=f"{fault.culprit} is {theirs}, this Python is {ours}{needed}",
        summary=f"{summary} Only a copy for another architecture was found.",
        note="the loader passes over a file of another architecture and goes on; no "
        "fitting copy came after it."
        if importer
        else None,
        help=tuple(remedies),
    )


def unreadable(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a file that is there, and is no PE image or may not be read."""
    path = fault.path or ""
    importer = fault.importer
    needed = f" (needed by {importer.name})" if importer else ""
    owner = scene.distribution_of(path)
    environment = scene.host.environment
    product = PRODUCTS.get(fault.culprit.lower())
    diagnosis = replace(
        scene.draft("unreadable-dll", "", fault, load),
        headline=f"{fault.culprit} {fault.reason}{needed}",
        chain_end="UNREADABLE",
        found=path,
    )
    good = [
        copy
        for copy in later_copies(fault.culprit, load.search, scene)
        if isinstance(scene.host.process.disk.image(copy), Image)
    ]
    if owner is not None:
        remedies = [cures.reinstall(owner, environment)]
    elif product is not None:
        remedies = [*cures.redistributable(product, scene.host.process.machine)]
    else:
        remedies = [Remedy("install the product that this file belongs to again")]
    if good:
        return replace(
            diagnosis,
            code="shadowed-dll",
            headline=f"{fault.culprit}: a damaged copy comes before a good one{needed}",
            summary=f"{diagnosis.summary} The first copy on the search list "
            f"{fault.reason}, and the loader stops there.",
            wanted=good[0],
            help=tuple(remedies),
            links=(links.SEARCH_ORDER,),
        )
    if product is not None:
        return replace(
            diagnosis,
            code="vc-runtime-damaged",
            note=f"this file belongs to the {product.name}.",
            help=tuple(remedies),
            links=(links.REDISTRIBUTABLES,),
        )
    return replace(diagnosis, help=tuple(remedies))
