"""The Python that a file was built for, against the one that loads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from . import _cures as cures
from . import _links as links
from ._environment import Environment
from ._model import Fault, Image, Link, Load
from ._paths import base_name
from ._scene import Scene
from ._verdict import Diagnosis, Remedy

_PYTHON_DLL = re.compile(r"python(\d)(\d*)(t?)\.dll", re.IGNORECASE)


def missing_python(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a missing `pythonXY.dll` or `python3.dll`.

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None where the missing file is none of these.
    """
    del load
    found = _PYTHON_DLL.fullmatch(fault.culprit)
    if found is None:
        return None
    environment = scene.host.environment
    importer = fault.importer.name if fault.importer else scene.target
    if not found[2]:
        return _without_stable_abi(diagnosis, importer, environment)
    theirs = f"{found[1]}.{found[2]}{_build(bool(found[3]))}"
    ours = _version(environment)
    if theirs == ours:
        return replace(
            diagnosis,
            note=f"{fault.culprit} is the heart of this Python itself, which the "
            "folders above should hold.",
            help=(Remedy("install this Python again; its folder is incomplete"),),
        )
    owner = scene.owner_of(fault.importer.path or "") if fault.importer else None
    remedies = [cures.reinstall(owner, environment)] if owner is not None else []
    remedies.append(Remedy(f"or use {importer} with Python {theirs}"))
    return replace(
        diagnosis,
        code="python-abi-mismatch",
        headline=f"{importer} was built for Python {theirs}, this is Python {ours}",
        wanted=f"Python {theirs}",
        found=f"Python {ours}",
        note="an extension module works with the one Python version that it was built "
        "for. Usually it was copied from another Python, or is found through "
        "PYTHONPATH. Copying the DLL of another Python does not help.",
        help=tuple(remedies),
    )


def conflicting_python(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield the extension modules that load, and that CPython refuses then.

    It looks for the first `python<digits>.dll` in the import table of a loaded module,
    where a letter after the digits, as in python313t.dll, goes unseen (CPython,
    Python/dynload_win.c, GetPythonImport).

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    environment = scene.host.environment
    own = "python" + "".join(map(str, environment.version))
    for load in loads:
        image = scene.host.process.disk.image(load.path)
        if load.faults or not load.path.lower().endswith(".pyd"):
            continue
        names = image.imports if isinstance(image, Image) else ()
        first = next((n for n in names if _is_versioned(n)), None)
        if first is not None and first.lower() != f"{own}.dll":
            yield _refused(first, load, scene)


def _refused(name: str, load: Load, scene: Scene) -> Diagnosis:
    environment = scene.host.environment
    module = base_name(load.path)
    owner = scene.owner_of(load.path)
    fresh = [cures.reinstall(owner, environment)] if owner is not None else []
    return Diagnosis(
        code="python-abi-mismatch",
        headline=f"{module} uses {name}, this is Python {_version(environment)}",
        summary=f"All DLLs of {module} are found, and Python refuses it after its "
        f'load: "Module use of {name} conflicts with this version of Python."',
        culprit=name,
        chain=(
            Link(module, load.path),
            Link(name, load.resolved.get(name.lower())),
        ),
        chain_end="OF ANOTHER PYTHON",
        wanted=name,
        found=f"Python {_version(environment)}",
        note="an extension module works with the one Python version that it was built "
        "for. Usually it was copied from another Python.",
        help=(*fresh, Remedy(f"or use {module} with the Python that it was built for")),
    )


def _without_stable_abi(
    diagnosis: Diagnosis, importer: str, environment: Environment
) -> Diagnosis:
    ours = _version(environment)
    return replace(
        diagnosis,
        note=f"{diagnosis.culprit} is part of Python and lies beside its python.exe: "
        f"{importer} was built for the stable ABI, which works with many Pythons "
        "through this file. A Python without it is incomplete, or part of another "
        "program that left it out.",
        help=(
            Remedy(
                f"install Python {ours} again, or use one from {links.PYTHON_DOWNLOADS}"
            ),
        ),
    )


def _is_versioned(name: str) -> bool:
    found = _PYTHON_DLL.fullmatch(name)
    return found is not None and bool(found[2]) and not found[3]


def _version(environment: Environment) -> str:
    number = ".".join(map(str, environment.version))
    return number + _build(environment.free_threaded)


def _build(threaded: bool) -> str:
    return "t" if threaded else ""
