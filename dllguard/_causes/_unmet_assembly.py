"""A side-by-side assembly that a manifest asks for, and that Windows does not have."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from .._model import Fault, Load, Version, version_text
from .._paths import join
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._redistributables import ASSEMBLIES, ASSEMBLY_UPDATES, Product
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

# Microsoft's names of manifests: architecture, name, token, version, culture, hash.
_MANIFEST: Final = re.compile(
    r"(x86|amd64|arm64)_(.+)_[0-9a-f]{16}_(\d+)\.(\d+)\.(\d+)\.(\d+)_[^_]+_[0-9a-f]+"
    r"\.manifest"
)
_ARCHITECTURES: Final = {"x86": 0x14C, "amd64": 0x8664, "arm64": 0xAA64}


def unmet_assembly(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a side-by-side assembly that a manifest names and that is not there."""
    importer = fault.importer.name if fault.importer else scene.target
    name, _, text = fault.culprit.rpartition(" ")
    version = _version(text)
    product = next((p for part, p in ASSEMBLIES.items() if part in name), None)
    others = [v for v in _builds(name, scene) if version and v[:2] == version[:2]]
    note = (
        f"the manifest inside {importer} asks for this side-by-side assembly in that "
        "build or a later one. Windows looks for it in its WinSxS folder and beside "
        "the file, and nowhere else."
    )
    update = ASSEMBLY_UPDATES.get(version[:2]) if version else None
    if version and update is not None and version[2:] == update[0]:
        note += f" It came with {update[1]}: the redistributable as it was published "
        note += "first is too old."
    return replace(
        scene.draft(
            "side-by-side",
            f"assembly {fault.culprit} not found (wanted by {importer})",
            fault,
            load,
        ),
        chain_end="NOT FOUND",
        searched=(),
        wanted=f"{fault.culprit} or a later build" if others else None,
        found=f"{version_text(max(others))} (WinSxS)" if others else None,
        note=note,
        help=_helped(fault.culprit, product, scene),
        will_not_help=(
            "copying its DLLs into a folder that is searched",
            "installing the v14 redistributable (2015 and later): it brings none",
        ),
        links=(links.REDISTRIBUTABLES,) if product is not None else (),
    )


def _helped(culprit: str, product: Product | None, scene: Scene) -> tuple[Remedy, ...]:
    host = scene.host
    if product is None:
        return (Remedy(f"install the product that brings the assembly {culprit}"),)
    machine, build = host.process.machine, host.circumstances.build
    remedies = cures.redistributable(product, machine, build)
    if not host.environment.is_frozen:
        return remedies
    program = [
        replace(r, text=r.text.replace("restart Python", "restart the program"))
        for r in remedies
    ]
    maker = Remedy(
        "or ask the maker of the program for one that was made with Python 3.5 or "
        "later, which needs no such assembly"
    )
    return (*program, maker)


def _builds(name: str, scene: Scene) -> list[Version]:
    """Return the versions of an assembly that Windows has for this process."""
    process = scene.host.process
    found = []
    for file in process.disk.names(join(join(process.windows, "WinSxS"), "Manifests")):
        parts = _MANIFEST.fullmatch(file.lower())
        if parts is None or parts[2] != name:
            continue
        if _ARCHITECTURES[parts[1]] == process.machine:
            found.append(_numbers(parts.groups()[2:]))
    return found


def _version(text: str) -> Version | None:
    parts = text.split(".")
    return _numbers((*parts, "0")[:4]) if len(parts) in (3, 4) else None


def _numbers(parts: tuple[str | None, ...]) -> Version:
    major, minor, build, revision = (int(part or 0) for part in parts)
    return major, minor, build, revision
