"""What other code has changed in the process, as far as Windows tells.

SetDllDirectory and SetDefaultDllDirectories hold for a whole process. The first can be
asked for (GetDllDirectory), the second cannot ("Dynamic-link library search order").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .._model import Fault, Image, Load, Role
from .._paths import folder_of
from .._remedies import _cures as cures
from .._remedies._folder_cures import load_before
from .._tables import _links as links
from .._tables._conventions import SETS_DEFAULT_FOLDERS
from .._verdict import Diagnosis, Remedy
from ._scene import Scene


def unset_directory(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL beside the program that Python 3.7 and earlier do not look at.

    They load extension modules with their own folder in place of the program's, which
    is searched then only while it is the one given to SetDllDirectory.

    :param diagnosis: what is said of any missing DLL.
    :param fault: the DLL that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None where the program's folder was searched, or has no such file.
    """
    process = scene.host.process
    roles = {folder.role for folder in load.search}
    if not roles or Role.APPLICATION in roles or process.set_directory:
        return None
    found = process.disk.find(process.application, fault.culprit)
    image = process.disk.image(found) if found else None
    if not isinstance(image, Image) or not process.accepts(image):
        return None
    number = ".".join(map(str, scene.host.environment.version))
    note = f"Python {number} searches the folder of an extension module, and not that "
    note += "of the program, unless the program has given it to SetDllDirectory. The "
    note += "process has no such directory set (GetDllDirectory). Usually it was set "
    note += "at the start and another package has reset it since: MKL 2020 does, with "
    note += "the first call of numpy.linalg (numpy/numpy#15431)."
    path = cures.literal(process.application)
    return replace(
        diagnosis,
        code="not-on-search-path",
        headline=f"{fault.culprit} is beside the program but not searched"
        f"{scene.needed_by(fault)}",
        found=found,
        note=note,
        help=(
            Remedy(
                f"import {scene.target} at the top of the program, before numpy is "
                "used:",
                (f"import {scene.target}",),
            ),
            Remedy(
                "or, before that import, set the directory again:",
                (f"import ctypes; ctypes.windll.kernel32.SetDllDirectoryW({path})",),
            ),
            Remedy("or update numpy and MKL; a later MKL leaves the directory alone"),
        ),
        links=(links.SEARCH_ORDER,),
    )


def lost_path(draft: Diagnosis, load: Load, scene: Scene) -> Diagnosis | None:
    """Suspect that PATH is no longer searched, where only PATH leads to a file.

    :param draft: what is said of any failed load whose files are in order.
    :param load: the load, as the files let expect it.
    :param scene: host, target and distributions.
    :returns: None for another code, or where nothing of the load lies on PATH.
    """
    on_path = list(_on_path(load))
    if draft.winerror != 126 or not on_path:
        return None
    folders = " and ".join(dict.fromkeys(map(folder_of, on_path)))
    known = [
        distribution.title
        for name, releases in SETS_DEFAULT_FOLDERS.items()
        if (distribution := scene.host.environment.distribution(name)) is not None
        and distribution.version in releases
    ]
    note = f"{draft.culprit} is found only because {folders} is on PATH. Once any code "
    note += "in a process has called SetDefaultDllDirectories, PATH is no longer "
    note += "searched there; Windows does not tell whether that was done. "
    if known:
        note += f"{' and '.join(known)}, which is installed here, does it when it is "
        note += "imported (numpy/numpy#11431)."
    else:
        note += "Usually a package did it when it was imported."
    if scene.host.environment.version >= (3, 8):
        remedy = cures.add_folder(folder_of(on_path[0]))
    else:
        remedy = load_before(on_path)
    first = "to settle it, restart Python and load it before all other imports; if "
    first += "that works, another package is in the way"
    second = replace(remedy, text=f"or {remedy.text.removeprefix('or ')}")
    updates = [
        Remedy(f"or update {name}:", (cures.upgrade(scene.host.environment, name),))
        for name in (title.partition(" ")[0] for title in known)
    ]
    return replace(draft, note=note, help=(Remedy(first), second, *updates))


def _on_path(load: Load) -> Iterator[str]:
    """Yield the files that PATH alone leads to, what is imported before who imports."""
    by_path = {f.path.lower() for f in load.search if f.role is Role.PATH}
    by_path -= {f.path.lower() for f in load.search if f.role is not Role.PATH}
    for path in (*reversed(list(load.resolved.values())), load.path):
        if folder_of(path).lower() in by_path:
            yield path
