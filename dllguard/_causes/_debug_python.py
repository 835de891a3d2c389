"""A debug Python, and the debug builds of the stable ABI that it refuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .._model import Image, Link, Load
from .._paths import base_name
from .._tables import _links as links
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

_STABLE: Final = "python3_d.dll"
# First patch releases whose debug builds know that name: python/cpython#101614, "What's
# New in Python 3.10.11" (2023, read 2026).
_KNOWS: Final = {(3, 10): 11, (3, 11): 3}
_FIRST_OF_ALL: Final = (3, 12)


def refused_stable_abi(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield the extension modules that load, and that a debug Python refuses then.

    A debug build looks for the first `python*_d.dll` of a module's import table, and
    took python3_d.dll for that of another Python (CPython, Python/dynload_win.c,
    GetPythonImport).

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    process, version = scene.host.process, scene.host.environment.version
    patch = _patch(scene)
    if patch is None or version >= _FIRST_OF_ALL or patch >= _KNOWS.get(version, 99):
        return
    for load in loads:
        image = process.disk.image(load.path)
        names = image.imports if isinstance(image, Image) else ()
        if load.faults or _STABLE not in map(str.lower, names):
            continue
        yield _refused(load.path, load.resolved.get(_STABLE), scene)


def refused_by_debug(path: str | None, name: str, scene: Scene) -> Diagnosis | None:
    """Explain the exception of a debug Python that refuses a module.

    :param path: full path of the module, None where it is not known.
    :param name: the DLL that the exception names.
    :param scene: host, target and distributions.
    :returns: None for any other DLL than that of the stable ABI.
    """
    if name.lower() != _STABLE:
        return None
    return scene.completed(_refused(path or scene.target, None, scene))


def _patch(scene: Scene) -> int | None:
    """Return the patch release of a debug Python, None of any other."""
    process = scene.host.process
    number = "".join(map(str, scene.host.environment.version))
    # Only a debug Python has its own DLL in the process.
    own = process.loaded.get(f"python{number}_d.dll")
    version = process.disk.version(own) if own else None
    # The third number is 1000 times the patch release (CPython, PC/python_ver_rc.h).
    return version[2] // 1000 if version else None


def _refused(path: str, dll: str | None, scene: Scene) -> Diagnosis:
    version, patch = scene.host.environment.version, _patch(scene)
    ours = ".".join(map(str, (*version, patch) if patch is not None else version))
    module = base_name(path)
    knows = _KNOWS.get(version)
    first = ".".join(map(str, (*version, knows) if knows else (*_FIRST_OF_ALL, 0)))
    return Diagnosis(
        code="debug-runtime",
        headline=f"{module} uses {_STABLE}, which a debug Python {ours} refuses",
        summary=f"All DLLs of {module} are found, and Python refuses it after its "
        f'load: "Module use of {_STABLE} conflicts with this version of Python."',
        culprit=_STABLE,
        chain=(
            Link(module, path),
            Link(_STABLE, dll or scene.host.process.loaded.get(_STABLE)),
        ),
        chain_end="REFUSED BY PYTHON",
        wanted=f"Python {first} or newer (debug build)",
        found=f"Python {ours} (debug build)",
        note=f"debug builds of Python before {first} do not know their own {_STABLE} "
        "(python/cpython#101614). Nothing is wrong with the module.",
        help=(
            Remedy(f"build, or install, the debug build of Python {first} or newer"),
            Remedy(
                "or build the module for this one Python, without the limited API "
                "(Py_LIMITED_API, PyO3's abi3)"
            ),
            Remedy("or use the release build of both, Python and module"),
        ),
        will_not_help=("installing a Visual C++ redistributable",),
        links=(links.PYTHON_DOWNLOADS,),
    )
