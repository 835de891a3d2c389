"""Which Microsoft product brings which runtime DLL. Data only.

Sources: "Redistribute Visual C++ Files" and "CRT library features" (Microsoft,
C++ documentation); the file lists of conda-forge/vc-feedstock (recipe, read
2026-11) for what each toolset added; "Microsoft Visual C++ Redistributable latest
supported downloads" for the product names. winget ids: microsoft/winget-pkgs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Product:
    """One redistributable: its name, and its winget id without the architecture."""

    name: str
    winget: str
    url: str
    url_before_10: str = ""
    """Of the last one for Windows 7 to 8.1, where the current one is for later ones."""


_OLDER = "https://learn.microsoft.com/en-us/cpp/windows/latest-supported-vc-redist"

V14: Final = Product(
    "Microsoft Visual C++ v14 Redistributable (2015-2022 and later)",
    "Microsoft.VCRedist.2015+",
    "https://aka.ms/vc14/vc_redist.{arch}.exe",
    # That of Visual Studio 2022; that of 2026 is for Windows 10 and later.
    "https://aka.ms/vs/17/release/vc_redist.{arch}.exe",
)
_2013 = Product(
    "Microsoft Visual C++ 2013 Redistributable", "Microsoft.VCRedist.2013", _OLDER
)
_2012 = Product(
    "Microsoft Visual C++ 2012 Redistributable", "Microsoft.VCRedist.2012", _OLDER
)
_2010 = Product(
    "Microsoft Visual C++ 2010 Redistributable", "Microsoft.VCRedist.2010", _OLDER
)
_2008 = Product(
    "Microsoft Visual C++ 2008 Redistributable", "Microsoft.VCRedist.2008", _OLDER
)
_2005 = Product(
    "Microsoft Visual C++ 2005 Redistributable", "Microsoft.VCRedist.2005", _OLDER
)

SIDE_BY_SIDE: Final = (_2005, _2008)
"""Installed into WinSxS, where a manifest leads to them and no search list does."""

ASSEMBLIES: Final[Mapping[str, Product]] = {"vc80.": _2005, "vc90.": _2008}
"""Their assemblies, by what is part of each name (microsoft.vc90.crt)."""

_MFC_LANGUAGES: Final = "chs cht deu enu esn fra ita jpn kor rus".split()


def _with_mfc(number: str, names: str) -> list[str]:
    mfc = [f"mfc{number}", f"mfc{number}u", f"mfcm{number}", f"mfcm{number}u"]
    mfc += [f"mfc{number}{language}" for language in _MFC_LANGUAGES]
    return [f"{name}.dll" for name in names.split() + mfc]


PRODUCTS: Final[Mapping[str, Product]] = {
    **dict.fromkeys(_with_mfc("80", "msvcr80 msvcp80 msvcm80 atl80 vcomp"), _2005),
    **dict.fromkeys(_with_mfc("90", "msvcr90 msvcp90 msvcm90 atl90 vcomp90"), _2008),
    **dict.fromkeys(_with_mfc("100", "msvcr100 msvcp100 atl100 vcomp100"), _2010),
    **dict.fromkeys(
        _with_mfc("110", "msvcr110 msvcp110 atl110 vcomp110 vccorlib110 vcamp110"),
        _2012,
    ),
    **dict.fromkeys(
        _with_mfc("120", "msvcr120 msvcp120 vcomp120 vccorlib120 vcamp120"), _2013
    ),
    **dict.fromkeys(
        _with_mfc(
            "140",
            "vcruntime140 vcruntime140_1 vcruntime140_threads msvcp140 msvcp140_1"
            " msvcp140_2 msvcp140_atomic_wait msvcp140_codecvt_ids concrt140"
            " vccorlib140 vcamp140 vcomp140",
        ),
        V14,
    ),
}
"""The redistributable of each runtime DLL, by lower-case name."""

SINCE: Final[Mapping[str, tuple[int, int]]] = {
    "msvcp140_1.dll": (14, 13),  # Visual Studio 2017 15.6, "CRT library features"
    "vcruntime140_1.dll": (14, 20),  # Visual Studio 2019, vc-feedstock
    "msvcp140_atomic_wait.dll": (14, 20),  # in its 2019 list; the minor is not known
    "msvcp140_codecvt_ids.dll": (14, 20),  # likewise
    "vcruntime140_threads.dll": (14, 38),  # Visual Studio 2022 17.8, baresip/re#1004
}
"""First v14 runtime that has the file, where it is not the first of all."""

RELEASES: Final[Mapping[tuple[int, int], str]] = {
    (14, 13): "Visual Studio 2017 15.6",
    (14, 20): "Visual Studio 2019",
    (14, 38): "Visual Studio 2022 17.8",
}
"""Where that runtime came from."""

BUILD_TOOLS_ONLY: Final = frozenset(
    {"libomp140.x86_64.dll", "libomp140.i386.dll", "libomp140.aarch64.dll"}
)
"""/openmp:llvm runtimes: in the Visual Studio build tools, in no redistributable
(pytorch/pytorch#131662)."""

DEBUG_RUNTIME: Final = (
    r"(msvc[rpm]|mfcm?|atl|vcomp|vcamp|concrt|vccorlib)\d+(_\w+?)?u?d\.dll"
    r"|vcruntime140(_\w+?)?d\.dll|ucrtbased\.dll|python\d+t?_d\.dll"
)
"""Debug runtimes by name: not redistributable ("Redistribute Visual C++ Files")."""

CONSTEXPR_MUTEX: Final = (14, 40)
"""First toolset whose std::mutex needs a msvcp140.dll as new (microsoft/STL#4730)."""

SAME_EXPORTS: Final[Mapping[str, tuple[int, int, int]]] = {
    # The files of Python 3.6 (14.0), PyQt5 (14.26), pyarrow (14.28), PySide6 6.5
    # (14.29), the redistributable (14.44), msvc-runtime (14.29 to 14.51), 2026.
    "vcruntime140.dll": (14, 0, 24247),
    "msvcp140.dll": (14, 0, 24247),
    "concrt140.dll": (14, 29, 30037),
    "msvcp140_1.dll": (14, 29, 30037),
    "msvcp140_2.dll": (14, 29, 30037),
    "msvcp140_atomic_wait.dll": (14, 29, 30037),
    "vcomp140.dll": (14, 29, 30037),
    "vcruntime140_1.dll": (14, 29, 30037),
}
"""From which release on a DLL exports the same names, up to 14.51."""

WHEEL: Final = frozenset(
    f"{name}.dll"
    for name in (
        "concrt140 msvcp140 msvcp140_1 msvcp140_2 msvcp140_atomic_wait"
        " msvcp140_codecvt_ids vcamp140 vccorlib140 vcomp140 vcruntime140_1"
        " vcruntime140_threads"
    ).split()
)
"""What the msvc-runtime wheel puts into the root of an environment, for x86, x64 and
ARM64; vcruntime140_1 only where Python brings none (its RECORD, 2026)."""

NEWEST_WHEEL: Final[Mapping[tuple[int, int], tuple[int, int]]] = {
    (3, 5): (14, 29),
    (3, 6): (14, 29),
    (3, 7): (14, 29),
    (3, 8): (14, 34),
    (3, 9): (14, 42),
    (3, 10): (14, 42),
}
"""The last msvc-runtime for a Python that later ones leave out (its index, 2026)."""

ASSEMBLY_UPDATES: Final[Mapping[tuple[int, int], tuple[tuple[int, int], str]]] = {
    # MS11-025 (2011, read 2026): KB2538242 and KB2538243.
    (8, 0): ((50727, 6195), "the security update of 2011 (KB2538242)"),
    (9, 0): ((30729, 6161), "the security update of 2011 (KB2538243)"),
}
"""The last update of the side-by-side runtimes: build and revision, and its name."""

WINGET_SINCE: Final = 17763
"""First build of Windows with winget, 10 1809 ("Use WinGet to install and manage
applications", Microsoft, 2026)."""
