"""What is wrong with the v14 runtime although every DLL was found: age and mixtures."""

from __future__ import annotations

from collections.abc import Iterator

from .._model import Image, Link, Load, Version, version_text
from .._paths import base_name, folder_of
from .._tables import _links as links
from .._tables._redistributables import CONSTEXPR_MUTEX
from .._verdict import Diagnosis, Remedy
from ._bringers import Bringer, bringer, import_first
from ._runtime import has_constexpr_mutex, is_v14, renewal, repair, wanted_runtime
from ._runtime_cures import (
    earlier_release,
    in_order,
    other_release,
    without_rights,
)
from ._scene import Scene

# The parts that one installation always brings in one version; vcomp and vcamp lag
# behind in some products (shiboken6 6.12 has 14.24 beside 14.44).
_CORE = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll", "msvcp140_1.dll")


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
        and has_constexpr_mutex(importer, scene)
    )
    wanted = (14, image.linker[1] // 10 * 10)
    number = version_text((*version[:3], 0))
    whose, which = "", f"{scene.short(winner)} is the copy that it gets. "
    who = _bringer(winner, scene)
    if who is not None:
        whose = f" of {who.owner.name if who.owner else who.title}"
        which = f"the copy that it gets is that of {who.title}, loaded before. "
    helped, in_vain = _ways(winner, wanted, importer, who, scene)
    return Diagnosis(
        code="vc-runtime-too-old",
        severity="error" if crashes else "warning",
        headline=f"{name} {number}{whose} is too old for {base_name(importer)}"
        if crashes or whose
        else f"{name} {number} is older than the compiler of {base_name(importer)}",
        summary=f"{base_name(importer)} was built with toolset 14.{image.linker[1]}, "
        f"and {which}"
        + (
            "It uses std::mutex in the form of toolset 14.40: with an older "
            "msvcp140.dll the first lock reads through a null pointer "
            "(microsoft/STL#4730)."
            if crashes
            else "A runtime must be at least as new as the toolset of those that "
            "use it. With an older one many programs work; where one does not, it is "
            "usually WinError 1114 or a crash."
        ),
        culprit=name,
        chain=(Link(base_name(importer), importer), Link(name, winner)),
        chain_end="TOO OLD",
        wanted=wanted_runtime(wanted, scene),
        found=f"{version_text(version)} ({winner})",
        help=helped,
        will_not_help=in_vain,
        links=(links.REDISTRIBUTABLES,),
    )


def _ways(
    winner: str,
    wanted: tuple[int, int],
    importer: str,
    who: Bringer | None,
    scene: Scene,
) -> tuple[tuple[Remedy, ...], tuple[str, ...]]:
    """Return the ways to a newer copy, or round it, and what is done in vain."""
    name, process = base_name(winner), scene.host.process
    remedies = [*renewal(winner, scene)]
    in_vain = []
    other = process.disk.find(process.system, name)
    newer = process.disk.version(other) if other and other != winner else None
    if who is not None and newer and newer[:2] >= wanted:
        remedies.insert(0, import_first(who, scene))
        in_vain.append("a newer redistributable: the copy that is loaded first wins")
    elif folder_of(winner).lower() == process.application.lower():
        in_vain.append(
            "a newer redistributable: the folder of python.exe is searched before "
            "System32"
        )
    owner = scene.owner_of(importer)
    if folder_of(winner).lower() == process.system.lower():
        remedies.append(
            Remedy(
                "if its installer says that this or a newer one is there, choose Repair"
            )
        )
        # Before System32 these are searched, by Python 3.8 and later.
        environment = scene.host.environment
        sooner = {process.application.lower()} if environment.version >= (3, 8) else ()
        own = without_rights(name.lower(), wanted, sooner, scene) if sooner else None
        remedies += [own] if own is not None else []
        if owner is not None:
            in_vain.append(f"reinstalling {owner.name}, whose files are in order")
    if owner is not None and who is None:
        known = other_release(owner, scene)
        if known is not None:
            remedies.insert(0 if known[1] else len(remedies), known[0])
        elif (earlier := earlier_release(owner, scene)) is not None:
            remedies.append(earlier)
    return in_order(remedies), tuple(in_vain)


def _bringer(path: str, scene: Scene) -> Bringer | None:
    """Return the package that has loaded a copy of its own before."""
    process = scene.host.process
    own = process.application.lower(), process.system.lower()
    if not process.has_loaded(path) or folder_of(path).lower() in own:
        return None
    return bringer(path, scene)


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
