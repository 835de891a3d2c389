"""The Visual C++ v14 runtime: which one is there, and which one is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from . import _cures as cures
from . import _links as links
from ._environment import Environment
from ._model import Fault, Image, Link, Load, Version, machine_name, version_text
from ._paths import base_name, folder_of
from ._redistributables import CONSTEXPR_MUTEX, PRODUCTS, SINCE, V14
from ._scene import Scene
from ._verdict import Diagnosis, Remedy

# The parts that one installation always brings in one version; vcomp and vcamp lag
# behind in some products (shiboken6 6.12 has 14.24 beside 14.44).
_CORE = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll", "msvcp140_1.dll")


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


def renewal(path: str, scene: Scene) -> tuple[Remedy, ...]:
    """Bring a newer copy of a runtime DLL, by the place of the one that wins."""
    environment, process = scene.host.environment, scene.host.process
    folder = folder_of(path).lower()
    if folder == process.system.lower():
        return cures.redistributable(V14, process.machine)
    owner = scene.owner_of(path)
    if owner is not None:
        command = cures.upgrade(environment, owner.name)
        return (Remedy(f"update {owner.name}, which brings that copy:", (command,)),)
    if folder == process.application.lower():
        if _is_pythons(path, environment):
            return (cures.newer_runtime_of_python(environment),)
        return _without_stray(process.machine)
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
            *cures.redistributable(product, process.machine),
            Remedy("if its installer says that all is there, choose Repair"),
        )
    if folder == process.application.lower():
        if _is_pythons(path, environment):
            return (cures.repaired_runtime_of_python(environment),)
        return _without_stray(process.machine)
    return (Remedy("install the product that the file belongs to again"),)


def _is_pythons(path: str, environment: Environment) -> bool:
    """Tell whether a DLL beside python.exe came with Python: python.org's has two."""
    name = base_name(path).lower()
    own = name in ("vcruntime140.dll", "vcruntime140_1.dll")
    return own or cures.is_conda(environment)


def _without_stray(machine: int) -> tuple[Remedy, ...]:
    first, *rest = cures.redistributable(V14, machine)
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


def runtime_findings(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    """Yield what is wrong with the runtime although every DLL was found.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    yield from _old_runtime(loads, scene)
    yield from _mixed_runtime(loads, scene)


def _old_runtime(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    """Compare the runtime DLL that wins with the toolset of those that use it.

    vcruntime140.dll is left out: every process gets Python's own, mostly an older
    one, and only a missing export of it does harm.
    """
    disk = scene.host.process.disk
    found: dict[str, Diagnosis] = {}
    for load in loads:
        for importer in (load.path, *load.resolved.values()):
            image = disk.image(importer)
            if not isinstance(image, Image) or image.linker[0] != 14:
                continue
            for name in () if is_v14(importer) else image.imports:
                winner = load.resolved.get(name.lower())
                if winner is None or not _counts(name):
                    continue
                version = disk.version(winner)
                if not version or version[:2] >= (14, image.linker[1] // 10 * 10):
                    continue
                known = found.get(winner)
                if known is None or known.severity == "warning":
                    one = _too_old(winner, version, importer, image, scene)
                    # One importer that crashes outweighs others that may not.
                    if known is None or one.severity == "error":
                        found[winner] = one
    yield from found.values()


def _counts(name: str) -> bool:
    return is_v14(name) and not name.lower().startswith("vcruntime140")


def _too_old(
    winner: str, version: Version, importer: str, image: Image, scene: Scene
) -> Diagnosis:
    name = base_name(winner)
    crashes = (
        name.lower() == "msvcp140.dll"
        and version[:2] < CONSTEXPR_MUTEX
        and _has_constexpr_mutex(importer, scene)
    )
    wanted = (14, image.linker[1] // 10 * 10)
    remedies = renewal(winner, scene)
    process = scene.host.process
    other = process.disk.find(process.system, name)
    newer = process.disk.version(other) if other and other != winner else None
    loaded = process.loaded.get(name.lower()) == winner
    if loaded and newer and newer[:2] >= wanted:
        first = f"or import {scene.target} before all other packages, so that it gets "
        remedies = (*remedies, Remedy(f"{first}{other}"))
    return Diagnosis(
        code="vc-runtime-too-old",
        severity="error" if crashes else "warning",
        headline=f"{name} is older than the compiler of {base_name(importer)}",
        summary=f"{base_name(importer)} was built with toolset 14.{image.linker[1]}, "
        f"and {scene.short(winner)} is the copy that it gets. "
        + (
            "It uses std::mutex in the form of toolset 14.40: with an older "
            "msvcp140.dll the first lock reads through a null pointer "
            "(microsoft/STL#4730)."
            if crashes
            else "A runtime must be at least as new as the toolset of those that "
            "use it. With an older one many programs work; where one does not, it is "
            "usually WinError 1114, 127 or a crash."
        ),
        culprit=name,
        chain=(Link(base_name(importer), importer), Link(name, winner)),
        chain_end="TOO OLD",
        wanted=wanted_runtime(wanted, scene),
        found=f"{version_text(version)} ({winner})",
        help=remedies,
        links=(links.REDISTRIBUTABLES,),
    )


def _has_constexpr_mutex(importer: str, scene: Scene) -> bool:
    """Tell whether a file locks a std::mutex that it never initialises.

    Before 14.40 every constructor called _Mtx_init_in_situ; since then the bytes are
    constant and only the lock is called (metaopt/optree#278).
    """
    for name, symbols in (scene.host.process.disk.imports(importer) or {}).items():
        if name.lower() == "msvcp140.dll":
            return "_Mtx_lock" in symbols and "_Mtx_init_in_situ" not in symbols
    return False


def _mixed_runtime(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    """Find parts of different versions in one folder."""
    disk = scene.host.process.disk
    folders = {
        folder_of(path)
        for load in loads
        for name, path in load.resolved.items()
        if name in _CORE
    }
    for folder in sorted(folders):
        paths = [p for p in (disk.find(folder, name) for name in _CORE) if p]
        versions = {p: v for p in paths if (v := disk.version(p)) is not None}
        if len({v[:2] for v in versions.values()}) < 2:
            continue
        oldest = min(versions, key=lambda p: versions[p])
        listed = ", ".join(
            f"{base_name(p)} {version_text(v)}" for p, v in versions.items()
        )
        yield Diagnosis(
            code="vc-runtime-damaged",
            severity="warning",
            headline="parts of different Visual C++ runtimes in one folder",
            summary=f"One installation brings these files in one version. In {folder} "
            f"there are {listed}.",
            culprit=base_name(oldest),
            note="usually single files were copied here, or an update met a file in "
            "use. A mixture may work: some products ship one.",
            help=repair(oldest, scene),
            links=(links.REDISTRIBUTABLES,),
        )
