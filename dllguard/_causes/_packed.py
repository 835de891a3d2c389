"""A DLL that UPX has packed although it cannot be.

UPX moves what a DLL's load configuration points to. With Control Flow Guard in it the
loader refuses the file (upx/upx#107, upx/upx#230); the Visual C++ runtime has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._files._layout import Layout, MalformedError
from .._model import Link, Load
from .._paths import base_name, folder_of
from .._tables._redistributables import PRODUCTS
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

# UPX's own names of the two sections that hold the unpacked and the packed bytes.
_SECTIONS = (b"UPX0", b"UPX1")
_GUARD_CF = 0x4000  # IMAGE_DLLCHARACTERISTICS_GUARD_CF, "PE Format"


def packed_findings(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield the packed files among those that the loads come to.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    system = scene.host.process.system.lower()
    paths = (path for load in loads for path in (load.path, *load.resolved.values()))
    for path in dict.fromkeys(paths):
        if folder_of(path).lower() != system and _is_spoilt(path):
            yield _diagnosis(path, scene)


def _is_spoilt(path: str) -> bool:
    from .._files._pe import mapped

    try:
        with mapped(path) as data:
            layout = Layout(data)
            names = {section.name.rstrip(b"\0") for section in layout.sections}
            if not names.issuperset(_SECTIONS):
                return False
            (header,) = layout.unpack("<I", 0x3C)
            (characteristics,) = layout.unpack("<H", header + 24 + 70)
    except (OSError, MalformedError):
        return False
    name = base_name(path).lower()
    return (
        name in PRODUCTS or name == "ucrtbase.dll" or bool(characteristics & _GUARD_CF)
    )


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
