"""A DLL that UPX has packed although it cannot be.

UPX moves what a DLL's load configuration points to. With Control Flow Guard in it the
loader refuses the file (upx/upx#107, upx/upx#230); the Visual C++ runtime has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._files._disk import Disk
from .._model import Link, Load
from .._paths import base_name, folder_of
from .._tables._redistributables import PRODUCTS
from .._verdict import Diagnosis, Remedy
from ._scene import Scene


def packed_findings(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield the packed files among those that the loads come to.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    disk, system = scene.host.process.disk, scene.host.process.system.lower()
    paths = (path for load in loads for path in (load.path, *load.resolved.values()))
    for path in dict.fromkeys(paths):
        if folder_of(path).lower() != system and _is_spoilt(path, disk):
            yield _diagnosis(path, scene)


def _is_spoilt(path: str, disk: Disk) -> bool:
    packed, guarded = disk.packing(path)
    name = base_name(path).lower()
    return packed and (name in PRODUCTS or name == "ucrtbase.dll" or guarded)


def _diagnosis(path: str, scene: Scene) -> Diagnosis:
    name = base_name(path)
    product = PRODUCTS.get(name.lower())
    which = f"It is part of the {product.name}. " if product else ""
    frozen = scene.host.environment.is_frozen
    remedies = [
        Remedy(
            "build the program without UPX:",
            ("pyinstaller --noupx YOUR_OPTIONS YOUR_SCRIPT.py",),
        ),
        Remedy(
            "or leave this file out of the packing:",
            (f"pyinstaller --upx-exclude {name} YOUR_OPTIONS YOUR_SCRIPT.py",),
        ),
        Remedy(
            "or, in a program that is there already, take the unpacked file of the "
            "Python that it was built with, in the place of this one"
        ),
    ]
    if not frozen:
        remedies = [Remedy("install the product that this file belongs to again")]
    return Diagnosis(
        code="packed-file",
        headline=f"{name} is packed with UPX and does not load",
        summary=f"{which}Its sections are those of UPX, which spoils DLLs with Control "
        "Flow Guard: Windows says that the file is not designed to run on it, that a "
        "parameter is incorrect, or WinError 193.",
        culprit=name,
        chain=(Link(name, path),),
        chain_end="PACKED",
        found=path,
        note="usually the program was built while upx.exe was on PATH; PyInstaller "
        "packs with it whenever it finds it.",
        help=tuple(remedies),
        will_not_help=(
            "installing the Visual C++ redistributable: the program takes its own copy",
        )
        if product
        else (),
    )
