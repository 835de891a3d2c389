"""What the maker of a frozen program does so that it brings a DLL."""

from __future__ import annotations

from dataclasses import replace

from .._model import machine_name
from .._tables._freezers import FREEZERS
from .._tables._redistributables import PRODUCTS, V14
from .._verdict import Remedy
from ._scene import Scene


def takes_along(name: str, scene: Scene) -> tuple[Remedy, ...]:
    """Name a DLL to the freezer; empty where no freezer is known.

    :param name: name of the DLL.
    :param scene: whose environment says which freezer it was.
    """
    freezer = FREEZERS.get(scene.host.environment.kind)
    return _filled(freezer.collect if freezer else None, name, scene)


def takes_runtime_along(name: str, scene: Scene) -> tuple[Remedy, ...]:
    """Make a frozen program bring the Visual C++ runtime.

    :param name: the DLL of it that is missing.
    :param scene: whose environment says which freezer it was.
    """
    freezer = FREEZERS.get(scene.host.environment.kind)
    if freezer is None or freezer.runtime is None or PRODUCTS.get(name.lower()) != V14:
        return takes_along(name, scene)
    return _filled(freezer.runtime, name, scene)


def _filled(remedy: Remedy | None, name: str, scene: Scene) -> tuple[Remedy, ...]:
    if remedy is None:
        return ()
    arch = machine_name(scene.host.process.machine).lower()
    commands = (c.format(name=name, arch=arch) for c in remedy.commands)
    return (replace(remedy, commands=tuple(commands)),)
