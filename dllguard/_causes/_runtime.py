"""The Visual C++ v14 runtime: which one is there, and which one is needed."""

from __future__ import annotations

from dataclasses import replace

from .._model import Fault, Image, Version, machine_name, version_text
from .._packages._environment import Environment
from .._paths import base_name, folder_of
from .._remedies import _cures as cures
from .._tables._redistributables import PRODUCTS, SAME_EXPORTS, SINCE, V14
from .._verdict import Remedy
from ._runtime_cures import installation
from ._scene import Scene


def is_v14(name: str) -> bool:
    """Tell whether a DLL belongs to the v14 runtime."""
    return PRODUCTS.get(base_name(name).lower()) is V14


def wanted_runtime(lowest: tuple[int, int] | None, scene: Scene) -> str:
    """Name the runtime that is needed, with its oldest version if that is known."""
    name = f"Microsoft Visual C++ runtime {machine_name(scene.host.process.machine)}"
    return f"{name}, {lowest[0]}.{lowest[1]:02} or newer" if lowest else name


def installed_runtime(scene: Scene) -> tuple[str, Version] | None:
    """Return path and version of the runtime that is there.

    The redistributable's own copy says what is installed; python.exe brings a
    vcruntime140.dll of its own, which counts where there is no other.
    """
    process = scene.host.process
    for name in ("msvcp140.dll", "vcruntime140.dll"):
        for folder in (process.system, process.application):
            path = process.disk.find(folder, name)
            version = process.disk.version(path) if path else None
            if path and version:
                return path, version
    return None


def found_runtime(scene: Scene) -> str:
    """Say which runtime is there, for the `found:` line."""
    runtime = installed_runtime(scene)
    if runtime is None:
        return "none"
    path, version = runtime
    process = scene.host.process
    text = f"{version_text(version)} ({path})"
    own = folder_of(path).lower() == process.application.lower()
    return f"{text}, only what Python brings" if own else text


def doubt_of_age(name: str, version: Version | None) -> str:
    """Say why the age of a copy does not explain that it lacks a function, or "".

    :param name: a runtime DLL.
    :param version: the version of the copy.
    """
    since = SAME_EXPORTS.get(name.lower())
    if since is None or version is None or version[:3] < since:
        return ""
    number = ".".join(map(str, since))
    return (
        f"All releases of {name} since {number} that were compared export the same "
        "names: a copy that lacks one is usually damaged, or not Microsoft's."
    )


def renewal(path: str, scene: Scene) -> tuple[Remedy, ...]:
    """Bring a newer copy of a runtime DLL, by the place of the one that wins."""
    environment, process = scene.host.environment, scene.host.process
    folder = folder_of(path).lower()
    if folder == process.system.lower():
        return installation(V14, scene)
    owner = scene.owner_of(path)
    if owner is not None:
        command = cures.upgrade(environment, owner.name)
        return (Remedy(f"update {owner.name}, which brings that copy:", (command,)),)
    if folder == process.application.lower():
        if _is_pythons(path, environment):
            return (cures.newer_runtime_of_python(environment),)
        return _without_stray(scene)
    return (Remedy("update the product that the copy belongs to"),)


def repair(path: str, scene: Scene) -> tuple[Remedy, ...]:
    """Bring a runtime DLL back as it was, by the place of the damaged one."""
    environment, process = scene.host.environment, scene.host.process
    folder = folder_of(path).lower()
    owner = scene.owner_of(path)
    if owner is not None:
        return (cures.reinstall(owner, environment),)
    if folder == process.system.lower():
        product = PRODUCTS.get(base_name(path).lower(), V14)
        return (
            *installation(product, scene),
            Remedy("if its installer says that all is there, choose Repair"),
        )
    if folder == process.application.lower():
        if _is_pythons(path, environment):
            return (cures.repaired_runtime_of_python(environment),)
        return _without_stray(scene)
    return (Remedy("install the product that the file belongs to again"),)


def _is_pythons(path: str, environment: Environment) -> bool:
    """Tell whether a DLL beside python.exe came with Python: python.org's has two."""
    name = base_name(path).lower()
    own = name in ("vcruntime140.dll", "vcruntime140_1.dll")
    return own or cures.is_conda(environment)


def _without_stray(scene: Scene) -> tuple[Remedy, ...]:
    first, *rest = installation(V14, scene)
    away = "move this copy out of the folder of python.exe; Python does not bring it"
    return (Remedy(away), replace(first, text=f"then {first.text}"), *rest)


def lowest_runtime(fault: Fault, scene: Scene) -> tuple[int, int] | None:
    """Return the oldest v14 runtime that can serve the chain of a fault.

    The missing file came with a certain runtime, and the runtime must be at least
    as new as the toolset of the importer ("C++ binary compatibility"), whose linker
    version counts by its tens: 14.51 runtime files carry linker version 14.50.
    """
    candidates = [SINCE.get(fault.culprit.lower(), (0, 0))]
    for link in fault.chain:
        image = scene.host.process.disk.image(link.path) if link.path else None
        if isinstance(image, Image) and image.linker[0] == 14 and image.linker[1]:
            candidates.append((14, image.linker[1] // 10 * 10))
    lowest = max(candidates)
    return lowest if lowest > (0, 0) else None


def has_constexpr_mutex(importer: str, scene: Scene) -> bool:
    """Tell whether a file locks a std::mutex that it never initialises.

    Before 14.40 every constructor called _Mtx_init_in_situ; since then the bytes are
    constant and only the lock is called (metaopt/optree#278).
    """
    for name, symbols in (scene.host.process.disk.imports(importer) or {}).items():
        if name.lower() == "msvcp140.dll":
            return "_Mtx_lock" in symbols and "_Mtx_init_in_situ" not in symbols
    return False
