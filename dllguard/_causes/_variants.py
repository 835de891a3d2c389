"""A bare name that callers try in several spellings, and that PATH answers for.

cffi and ctypes.util.find_library take the first file on PATH, whatever machine type it
has (CPython, Lib/ctypes/util.py; cffi, api.py, _load_backend_lib), and their callers go
from `gobject-2.0` to `libgobject-2.0-0` by themselves (Kozea/WeasyPrint#971).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .._model import Fault, Image, Link, Load, machine_name
from .._paths import folder_of
from .._remedies import _order_cures as order
from .._tables import _links as links
from .._verdict import Diagnosis, Remedy
from ._owners import owners_of
from ._scene import Scene
from ._shadowed import alternatives, described


def wrong_variant(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a bare name by a file of another machine type that comes first on PATH.

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None where nothing of the name is on PATH, or the first one fits.
    """
    del load
    importer = fault.importer
    if importer is None or importer.path is not None:
        return None
    process = scene.host.process
    hits = list(_hits(fault.culprit, scene))
    images = {path: process.disk.image(path) for path in hits}
    fitting = [
        path
        for path, image in images.items()
        if isinstance(image, Image) and process.accepts(image)
    ]
    first = images[hits[0]] if hits else None
    if not isinstance(first, Image) or hits[0] in fitting:
        return None
    wrong, theirs = hits[0], machine_name(first.machine)
    ours = machine_name(process.machine)
    name = wrong[len(folder_of(wrong)) + 1 :]
    found = replace(
        diagnosis,
        culprit=name,
        chain=(importer, Link(name, wrong)),
        chain_end=f"IS {theirs}, PYTHON IS {ours}",
        found=f"{theirs} {described(wrong, scene)}",
        searched=scene.host.process.path,
        links=(links.SEARCH_ORDER,),
    )
    summary = scene.event(fault.winerror)
    tried = f"{summary} {fault.culprit} is {name} on Windows, and of that name "
    whose = " and ".join(owner.place for owner in owners_of(wrong, scene))
    note = "who looks a name up on PATH takes the first file, whatever architecture "
    note += "it is for. WinError 126 is that of the first spelling that was tried."
    if whose:
        note += f" The first file is part of {whose}."
    if not fitting:
        return replace(
            found,
            code="wrong-architecture",
            headline=f"{name} on PATH is {theirs}, this Python is {ours}",
            summary=f"{tried}PATH has a file for {theirs} alone.",
            wanted=ours,
            note=note,
            help=(Remedy(f"install the {ours} build of what {name} belongs to"),),
        )
    ways = order.first_on_path(folder_of(fitting[0])), order.off_path(folder_of(wrong))
    return replace(
        found,
        code="shadowed-dll",
        headline=f"{name}: a copy for {theirs} is first on PATH, Python is {ours}",
        summary=f"{tried}PATH has a file for {theirs} first.",
        wanted=f"{ours} {described(fitting[0], scene)}",
        note=note,
        help=tuple(alternatives(ways)),
        will_not_help=(
            "giving a file the other name: the spellings are all tried already",
            "adding the folder with os.add_dll_directory: PATH is looked at first",
        ),
    )


def _hits(asked: str, scene: Scene) -> Iterator[str]:
    """Yield the files on PATH that a bare name may mean, in order."""
    bare = re.escape(asked.lower().removesuffix(".dll").removeprefix("lib"))
    spelling = re.compile(rf"(lib)?{bare}(-\d+)?\.dll", re.IGNORECASE)
    disk = scene.host.process.disk
    for folder in scene.host.process.path:
        for name in disk.names(folder):
            if spelling.fullmatch(name):
                path = disk.find(folder, name)
                if path is not None:
                    yield path
