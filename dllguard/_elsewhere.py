"""A missing DLL that is on this machine, in a folder that is not searched."""

from __future__ import annotations

from dataclasses import replace

from . import _cures as cures
from . import _links as links
from ._distribution import Distribution
from ._model import Fault, Image, Load
from ._paths import folder_of
from ._scene import Scene
from ._verdict import Diagnosis


def elsewhere(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL that is on this machine, in a folder that is not searched."""
    del load
    process = scene.host.process
    name = fault.culprit
    places: list[tuple[str | None, Distribution | None]] = []
    places += [(process.disk.find(folder, name), None) for folder in process.path]
    for owner, file in scene.host.environment.recorded(name):
        places.append((process.disk.find(folder_of(file.path), name), owner))
    for place, brought_by in places:
        image = process.disk.image(place) if place else None
        if not place or not isinstance(image, Image) or not process.accepts(image):
            continue
        if brought_by is None:
            where = "on PATH"
            note = "since Python 3.8, PATH does not count for the DLLs of a package."
        else:
            where = "in this environment"
            note = f"{brought_by.title} brought this copy, into a folder that is "
            note += "searched only after somebody adds it."
        return replace(
            diagnosis,
            code="not-on-search-path",
            headline=f"{name} is {where} but not searched{scene.needed_by(fault)}",
            found=place,
            note=f"{note} Usually this copy is the one that is needed.",
            help=(cures.add_folder(folder_of(place)),),
            links=(links.ADD_FOLDER, links.SEARCH_ORDER),
        )
    return None
