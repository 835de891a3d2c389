"""The Visual C++ v14 runtime: which one is there, and which one is needed."""

from __future__ import annotations

from collections.abc import Iterator

from . import _cures as cures
from . import _links as links
from ._disk import base_name, folder_of
from ._model import (
    Diagnosis,
    Fault,
    Image,
    Link,
    Load,
    Version,
    machine_name,
    version_text,
)
from ._redistributables import CONSTEXPR_MUTEX, PRODUCTS, SINCE, V14
from ._scene import Scene

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
    seen: set[str] = set()
    for load in loads:
        for importer in (load.path, *load.resolved.values()):
            image = disk.image(importer)
            if not isinstance(image, Image) or image.linker[0] != 14:
                continue
            for name in () if is_v14(importer) else image.imports:
                winner = load.resolved.get(name.lower())
                if winner is None or winner in seen or not _counts(name):
                    continue
                version = disk.version(winner)
                if version and version[:2] < (14, image.linker[1] // 10 * 10):
                    seen.add(winner)
                    yield _too_old(winner, importer, image, scene)


def _counts(name: str) -> bool:
    return is_v14(name) and not name.lower().startswith("vcruntime140")


def _too_old(winner: str, importer: str, image: Image, scene: Scene) -> Diagnosis:
    disk = scene.host.process.disk
    version = disk.version(winner) or (0, 0, 0, 0)
    crashes = version[:2] < CONSTEXPR_MUTEX and _has_constexpr_mutex(importer, scene)
    machine = scene.host.process.machine
    name = base_name(winner)
    return Diagnosis(
        code="vc-runtime-too-old",
        severity="error" if crashes else "warning",
        headline=f"{name} is older than {base_name(importer)} was built for",
        summary=f"{base_name(importer)} was built with toolset 14.{image.linker[1]}, "
        f"and {scene.short(winner)} is the copy that it gets. "
        + (
            "It uses std::mutex in the form of toolset 14.40, which reads through a "
            "null pointer with an older msvcp140.dll (microsoft/STL#4730)."
            if crashes
            else "A runtime must be at least as new as the toolset of those that "
            "use it; usually an older one ends in WinError 1114, 127 or a crash."
        ),
        target=scene.target,
        culprit=name,
        chain=(Link(base_name(importer), importer), Link(name, winner)),
        chain_end="TOO OLD",
        wanted=wanted_runtime((14, image.linker[1] // 10 * 10), scene),
        found=f"{version_text(version)} ({winner})",
        help=cures.redistributable(V14, machine),
        links=(links.REDISTRIBUTABLES,),
        interpreter=cures.python(scene.host.environment.executable),
        site=scene.site,
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
        listed = ", ".join(
            f"{base_name(p)} {version_text(v)}" for p, v in versions.items()
        )
        yield Diagnosis(
            code="vc-runtime-damaged",
            severity="warning",
            headline=f"parts of different Visual C++ runtimes in {folder}",
            summary=f"One installation brings these files in one version: {listed}.",
            target=scene.target,
            culprit=base_name(min(versions, key=lambda p: versions[p])),
            found=listed,
            help=cures.redistributable(V14, scene.host.process.machine),
            links=(links.REDISTRIBUTABLES,),
            interpreter=cures.python(scene.host.environment.executable),
            site=scene.site,
        )
