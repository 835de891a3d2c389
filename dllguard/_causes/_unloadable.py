r"""Paths that a loader cannot take: too long, or in characters it cannot pass on.

"Maximum Path Length Limitation" (Microsoft): 260 characters, with the final zero, save
for programs that say they can do more on a Windows that is set to it. A function of the
ANSI form (LoadLibraryA) takes the characters of the system's code page alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from .._model import Link, Load
from .._paths import base_name, join
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

_MAX_PATH: Final = 260
_NOT_FOUND: Final = (2, 3, 123, 126, 206)
_ANSI: Final = frozenset({"LoadLibraryA", "LoadLibraryExA"})
_PYTHON: Final = re.compile(r"python\d+t?(_d)?\.dll", re.IGNORECASE)
_WIDE: Final = frozenset({"LoadLibraryW", "LoadLibraryExW"})

_IN_VAIN: Final = (
    "installing DLLs or runtimes: the file is there",
    "reinstalling into the same folder",
)
_LONG_PATHS = Remedy(
    "or allow long paths (administrator rights, Windows 10 1607 and later), in "
    "PowerShell, then restart Python:",
    (
        (
            r"Set-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Control\FileSystem "
            "LongPathsEnabled 1"
        ),
    ),
)


def unloadable_path(
    draft: Diagnosis, path: str | None, scene: Scene
) -> Diagnosis | None:
    """Blame the path of a file that is there, and that the loader did not find.

    :param draft: the diagnosis so far.
    :param path: full path of the file, as it was asked for.
    :param scene: host, target and distributions.
    :returns: None where the path is short and plain, or the code is another one.
    """
    if path is None or draft.winerror not in _NOT_FOUND:
        return None
    length = len(path)
    if length >= _MAX_PATH:
        return replace(
            draft,
            code="unloadable-path",
            headline=f"the path of {draft.culprit} has {length} characters",
            note=f"without further measures Windows takes {_MAX_PATH - 1}; usually "
            "that is the reason, for the file itself is there.",
            help=(
                Remedy("install into a folder with a shorter path, such as C:\\env"),
                _LONG_PATHS,
            ),
            will_not_help=_IN_VAIN,
        )
    odd = _odd(path)
    # CPython, Python/dynload_win.c: LoadLibraryEx is the ANSI one up to 2.7.
    if odd and scene.host.environment.version < (3, 0):
        return replace(
            draft,
            code="unloadable-path",
            headline=f"Python 2 does not load {draft.culprit} from such a path",
            note=f"Python 2 passes the path on in the code page of the system, and "
            f"usually {odd} is not in it.",
            help=(_plain(scene),),
            will_not_help=_IN_VAIN,
        )
    return None


def unloadable_program(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield whether a frozen program finds its Python where it lies.

    PyInstaller 2.1 does not (bootloader/common/pyi_pythonlib.c, pyi_pylib_load).

    :param loads: every load of the target, of which there must be one.
    :param scene: host, target and distributions.
    """
    environment, process = scene.host.environment, scene.host.process
    odd = _odd(process.application)
    if not odd or not environment.is_frozen or not any(loads):
        return
    dlls = [path for name, path in process.loaded.items() if _PYTHON.fullmatch(name)]
    for name in process.disk.names(process.application):
        program = join(process.application, name)
        if dlls and name.lower().endswith(".exe") and _is_ansi(program, scene):
            yield _unnameable(program, dlls[0], odd, scene)


def _unnameable(program: str, dll: str, odd: str, scene: Scene) -> Diagnosis:
    name, file = base_name(program), base_name(dll)
    return Diagnosis(
        code="unloadable-path",
        severity="warning",
        headline=f"{name} does not find {file} in a folder of such a name",
        summary=f"{name} asks for its DLLs by functions that take the characters of "
        f"the system's code page alone (LoadLibraryA), and {odd} of its path is not "
        "ASCII.",
        winerror=126,
        culprit=file,
        chain=(Link(name, program), Link(file, dll)),
        chain_end="NOT FOUND UNDER ITS NAME",
        note="the file is there. Usually such a program ends with WinError 126, and "
        "its message shows the path garbled; where the code page has the characters, "
        "it may work all the same.",
        help=(_plain(scene),),
        will_not_help=_IN_VAIN,
    )


def _plain(scene: Scene) -> Remedy:
    what = "program" if scene.host.environment.is_frozen else "Python environment"
    return Remedy(
        f"put the {what} into a folder whose whole path is ASCII, such as C:\\app"
    )


def _odd(path: str) -> str:
    """Return the characters of a path that are not ASCII, for people."""
    odd = [c for c in dict.fromkeys(path) if not c.isascii()]
    return f'"{"".join(odd[:4])}"' if odd else ""


def _is_ansi(path: str, scene: Scene) -> bool:
    """Tell whether a program knows the ANSI forms of LoadLibrary alone."""
    imports = scene.host.process.disk.imports(path) or {}
    known = {symbol for symbols in imports.values() for symbol in symbols}
    return bool(known & _ANSI) and not known & _WIDE
