"""Trees of which Wine 8 is no judge: what Windows does, and what Wine does."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

from tests.pebuilder import ARM64, X86
from tests.planted_trees import CRT, VC90, assembly, dll, forwarding, wanting
from tests.planting import Content, Planting


@dataclasses.dataclass(frozen=True)
class Difference:
    """One tree on which the model and Wine are to differ.

    :param why: what Windows does, with the document that says so, and what Wine does.
    :param windows: what the model is to say: the code, or the new modules of a load
        that succeeds.
    :param wine: what Wine's loader is to do.
    """

    why: str
    planting: Planting
    windows: int | str
    wine: int | str


_HOSTS = '"Windows API sets": the host is in System32. Wine searches for its name.'
_ARM = "a file for another machine is passed over. Wine stops at one for ARM."
_OWN_LIST = '"/DEPENDENTLOADFLAG": the list of this file. Wine does not read the field.'
_LOCAL = '"Dynamic-link library redirection". Wine has nothing of the kind.'
_KNOWN = '"Dynamic-link library search order": System32 has it. Wine knows none.'
_UNMET = '"Using Side-by-Side Assemblies as a Resource". Wine goes on without them.'
_SYMBOL = "a function that is missing fails the load. Wine puts a stub in its place."
_LEFT = "a load that fails leaves nothing. Wine leaves what came before the failure."
_FOLDER = "only files are found. Wine takes a folder for the file, and cannot open it."
_DOT = "a trailing dot is not compared. Wine compares loaded names with it."

_PLAIN: Final[Mapping[str, Content]] = {
    "own/root.dll": dll("leaf.dll"),
    "own/leaf.dll": dll(),
    "newer/leaf.dll": dll(),
}
_ABORT: Final = f"{CRT}.dll!abort"
_BY_NAME: Final = {"own/root.dll": dll(_ABORT), "own/ucrtbase.dll": dll()}
_WANTS_PRIVATE: Final = wanting("My.Private", "1.0.0.0")


def _vc90(version: str, **attributes: str) -> Planting:
    wanted = wanting("Microsoft.VC90.CRT", version, **{**VC90, **attributes})
    return Planting({**_PLAIN, "own/root.dll": dll("leaf.dll", manifest=wanted)})


def _private(files: Mapping[str, Content]) -> Planting:
    root = dll("leaf.dll", manifest=_WANTS_PRIVATE)
    return Planting({**_PLAIN, "own/root.dll": root, **files})


def _unmet(planting: Planting) -> Difference:
    return Difference(_UNMET, planting, 14001, "own/root.dll own/leaf.dll")


def _lacking(symbol: str, code: int) -> Difference:
    planting = Planting({**_PLAIN, "own/root.dll": dll(f"leaf.dll!{symbol}")})
    wine = "own/root.dll own/leaf.dll"
    return Difference(_SYMBOL, planting, code, wine)


def _forwarded(symbol: str, tgt: Mapping[str, Content], wine: str) -> Difference:
    files = {"own/root.dll": dll("fwd.dll"), "own/fwd.dll": forwarding(symbol), **tgt}
    wine = f"own/root.dll {wine}"
    return Difference(_SYMBOL, Planting(files), 127, wine)


DIFFERENCES: Final[Mapping[str, Difference]] = {
    "the host of an API set, and a file of its name": Difference(
        _HOSTS,
        Planting(_BY_NAME),
        "own/root.dll system/ucrtbase.dll",
        "own/root.dll own/ucrtbase.dll",
    ),
    "the host of an API set, and a list without System32": Difference(
        _HOSTS,
        Planting({"own/root.dll": dll(_ABORT)}, flags=0x100),
        "own/root.dll system/ucrtbase.dll",
        126,
    ),
    "a file for ARM64, then one that fits": Difference(
        _ARM,
        Planting({**_PLAIN, "own/leaf.dll": dll(machine=ARM64)}),
        "own/root.dll newer/leaf.dll",
        126,
    ),
    "a file for ARM64X, then one that fits": Difference(
        _ARM,
        Planting({**_PLAIN, "own/leaf.dll": dll(machine=ARM64, chpe=True)}),
        "own/root.dll newer/leaf.dll",
        126,
    ),
    "a file for ARM32, then one that fits": Difference(
        _ARM,
        Planting({**_PLAIN, "own/leaf.dll": dll(machine=0x1C4)}),
        "own/root.dll newer/leaf.dll",
        126,
    ),
    "a known DLL, and a file of its name": Difference(
        _KNOWN,
        Planting(
            {
                "own/root.dll": dll("%known.dll"),
                "own/%known.dll": dll(),
                "system/%known.dll": dll(),
            },
            known="%known.dll",
        ),
        "own/root.dll system/%known.dll",
        "own/root.dll own/%known.dll",
    ),
    "a known DLL, and a list without System32": Difference(
        _KNOWN,
        Planting(
            {"own/root.dll": dll("%known.dll"), "system/%known.dll": dll()},
            flags=0x100,
            known="%known.dll",
        ),
        "own/root.dll system/%known.dll",
        126,
    ),
    "a root that wants System32 for its imports": Difference(
        _OWN_LIST,
        Planting(
            {
                "own/root.dll": dll("%leaf.dll", dependent_load_flags=0x800),
                "own/%leaf.dll": dll(),
                "system/%leaf.dll": dll(),
            }
        ),
        "own/root.dll system/%leaf.dll",
        "own/root.dll own/%leaf.dll",
    ),
    "a root that wants its folder for its imports": Difference(
        _OWN_LIST,
        Planting(
            {
                "own/root.dll": dll("leaf.dll", dependent_load_flags=0x100),
                "own/leaf.dll": dll(),
            },
            flags=0,
        ),
        "own/root.dll own/leaf.dll",
        126,
    ),
    "an import that wants its folder for its imports": Difference(
        _OWN_LIST,
        Planting(
            {
                "own/root.dll": dll("mid.dll"),
                "newer/mid.dll": dll("leaf.dll", dependent_load_flags=0x100),
                "newer/leaf.dll": dll(),
                "own/leaf.dll": dll(),
            }
        ),
        "own/root.dll newer/mid.dll newer/leaf.dll",
        "own/root.dll newer/mid.dll own/leaf.dll",
    ),
    "a .local folder": Difference(
        _LOCAL,
        Planting({**_PLAIN, "elsewhere/leaf.dll": dll()}, redirection="elsewhere"),
        "own/root.dll elsewhere/leaf.dll",
        "own/root.dll own/leaf.dll",
    ),
    "a .local folder, and a loaded base name": Difference(
        _LOCAL,
        Planting(
            {**_PLAIN, "elsewhere/leaf.dll": dll()},
            first=(("newer/leaf.dll", 0x1100),),
            redirection="elsewhere",
        ),
        "own/root.dll newer/leaf.dll elsewhere/leaf.dll",
        "own/root.dll newer/leaf.dll",
    ),
    "an assembly that is absent": _unmet(
        Planting(
            {
                **_PLAIN,
                "own/root.dll": dll("leaf.dll", manifest=wanting("No.Such", "1.0.0.0")),
            }
        )
    ),
    "an import's assembly that is absent": Difference(
        _UNMET,
        Planting(
            {
                **_PLAIN,
                "own/leaf.dll": dll(manifest=wanting("No.Such", "1.0.0.0")),
            }
        ),
        14001,
        "own/root.dll own/leaf.dll",
    ),
    "a newer shared assembly than there is": _unmet(_vc90("9.0.30729.9999")),
    "a shared assembly with another second number": _unmet(_vc90("9.1.0.0")),
    "a shared assembly of another token": _unmet(
        _vc90("9.0.21022.8", publicKeyToken="0" * 16)
    ),
    "a shared assembly for x86": _unmet(
        _vc90("9.0.21022.8", processorArchitecture="x86")
    ),
    "a private assembly of a newer version": _unmet(
        _private(
            {"own/My.Private/My.Private.manifest": assembly("1.0.0.5", "leaf.dll")}
        )
    ),
    "a private assembly in a folder of a language": _unmet(
        _private(
            {
                "own/en-us/My.Private/My.Private.manifest": assembly(
                    "1.0.0.0", "leaf.dll"
                )
            }
        )
    ),
    "a symbol that is missing": _lacking("absent", 127),
    "a symbol in other case": _lacking("F", 127),
    "an ordinal that is missing": _lacking("#77", 182),
    "a symbol without an address": Difference(
        _SYMBOL,
        Planting(
            {
                "own/root.dll": dll("leaf.dll"),
                "own/leaf.dll": dll(exports_without_address=["f"]),
            }
        ),
        127,
        "own/root.dll own/leaf.dll",
    ),
    "a forwarder to nothing": _forwarded("tgt.f", {}, "own/fwd.dll"),
    "a forwarder to a symbol that is missing": _forwarded(
        "tgt.g", {"own/tgt.dll": dll()}, "own/fwd.dll own/tgt.dll"
    ),
    "a forwarder to a file for x86": _forwarded(
        "tgt.f", {"own/tgt.dll": dll(machine=X86)}, "own/fwd.dll"
    ),
    "a forwarder to a file that lacks an import": _forwarded(
        "tgt.f", {"own/tgt.dll": dll("absent.dll")}, "own/fwd.dll"
    ),
    "a forwarder to a file that lacks its second import": _forwarded(
        "tgt.f",
        {"own/tgt.dll": dll("leaf.dll", "absent.dll"), "own/leaf.dll": dll()},
        "own/fwd.dll own/leaf.dll",
    ),
    "a load after one that failed": Difference(
        _LEFT,
        Planting(
            {
                "own/root.dll": dll("leaf.dll"),
                "own/leaf.dll": dll(),
                "elsewhere/failing.dll": dll("leaf.dll", "absent.dll"),
                "elsewhere/leaf.dll": dll(),
            },
            first=(("elsewhere/failing.dll", 0x1100),),
        ),
        "own/root.dll own/leaf.dll",
        "own/root.dll elsewhere/leaf.dll",
    ),
    "a folder with the name of an import": Difference(
        _FOLDER,
        Planting(
            {
                "own/root.dll": dll("leaf.dll"),
                "own/leaf.dll/": b"",
                "newer/leaf.dll": dll(),
            }
        ),
        "own/root.dll newer/leaf.dll",
        126,
    ),
    "a loaded name with a trailing dot": Difference(
        _DOT,
        Planting(
            {"own/root.dll": dll("leaf.dll."), "elsewhere/leaf.dll": dll()},
            first=(("elsewhere/leaf.dll", 0x1100),),
        ),
        "own/root.dll elsewhere/leaf.dll",
        126,
    ),
}
"""By what each is about."""
