"""Who brought a loaded DLL into the process, and how to come first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .._loader._process import import_name
from .._model import Image
from .._paths import base_name, folder_of
from .._remedies._folder_cures import load_before
from .._verdict import Remedy
from ._owners import Owner, owners_of
from ._scene import Scene

PROGRAM: Final = "the program itself"


@dataclass(frozen=True)
class Bringer:
    """Who brought a loaded DLL into the process.

    :param title: for a sentence: `pyarrow 18.0.0`, or the folder.
    :param module: the import that loads it, "" where it is not one of Python.
    :param owner: the package whose records list it.
    """

    title: str
    module: str = ""
    owner: Owner | None = None


def bringer(path: str, scene: Scene) -> Bringer:
    """Return who brought a loaded DLL into the process.

    :param path: full path of the DLL.
    :param scene: host, target and distributions.
    """
    owner = next(iter(owners_of(path, scene)), None)
    environment = scene.host.environment
    module = environment.package_of(path)
    if not module.isidentifier():
        # A `.libs` folder, or one outside of site-packages: whose modules use it?
        modules = map(environment.package_of, users(base_name(path), scene))
        module = next((m for m in modules if m.isidentifier()), "")
    if owner is not None:
        return Bringer(owner.place, module, owner)
    application = scene.host.process.application
    inside = folder_of(path).lower() == application.lower()
    title = PROGRAM if inside and not _is_python(scene) else ""
    return Bringer(title or folder_of(path), module)


def import_first(who: Bringer, scene: Scene) -> Remedy:
    """Let the target get its own copy, by coming first."""
    before = f"before {who.module}" if who.module else "before all other packages"
    target = scene.target
    if not target.isidentifier():
        command = load_before([target]).commands
        return Remedy(f"load {target} {before}:", command)
    text = f"import {target} {before}, at the top of the program:"
    lines = [f"import {target}"]
    if who.module:
        lines.append(f"import {who.module}")
    return Remedy(text, tuple(lines))


def users(name: str, scene: Scene) -> list[str]:
    """Return the loaded modules that import a name; Windows' own are left out."""
    process = scene.host.process
    found = []
    for path in process.loaded.values():
        if folder_of(path).lower() == process.system.lower():
            continue
        image = process.disk.image(path)
        names = image.imports if isinstance(image, Image) else ()
        if any(import_name(imported) == name.lower() for imported in names):
            found.append(path)
    return found


def _is_python(scene: Scene) -> bool:
    process = scene.host.process
    return process.disk.find(process.application, "python.exe") is not None
