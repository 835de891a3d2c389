"""The Python that a file was built for, against the one that loads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .._model import Fault, Load
from .._packages._environment import Environment
from .._tables import _links as links
from .._verdict import Diagnosis, Remedy
from ._refused import explained_origin, python_of, refusal, version_of
from ._scene import Scene

_FIRST_ABI3T = 3, 15
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
    theirs = f"{found[1]}.{found[2]}{found[3]}"
    ours = version_of(environment)
    if theirs == ours:
        return replace(
            diagnosis,
            note=f"{fault.culprit} is the heart of this Python itself, which the "
            "folders above should hold.",
            help=(Remedy("install this Python again; its folder is incomplete"),),
        )
    path = fault.importer.path or "" if fault.importer else ""
    return replace(
        explained_origin(diagnosis, path, f"Python {theirs}", scene),
        code="python-abi-mismatch",
        headline=f"{importer} was built for Python {theirs}, this is Python {ours}",
        wanted=f"Python {theirs}",
        found=f"Python {ours}",
    )


def conflicting_python(loads: Iterable[Load], scene: Scene) -> Iterator[Diagnosis]:
    """Yield the extension modules that load, and that CPython refuses then.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    own = "python" + "".join(map(str, scene.host.environment.version))
    for load in loads:
        if load.faults or not load.path.lower().endswith(".pyd"):
            continue
        first = python_of(load.path, scene)
        if first is not None and first.lower() != f"{own}.dll":
            yield refusal(first, load.path, scene)


def _without_stable_abi(
    diagnosis: Diagnosis, importer: str, environment: Environment
) -> Diagnosis:
    ours = version_of(environment)
    threaded = (diagnosis.culprit or "").lower() == "python3t.dll"
    if threaded and environment.version < _FIRST_ABI3T:
        # PEP 803; python/cpython#148690.
        return replace(
            diagnosis,
            code="python-abi-mismatch",
            headline=f"{importer} needs Python 3.15 or later, this is Python {ours}",
            wanted="Python 3.15 or later",
            found=f"Python {ours}",
            note=f"{importer} was built for the stable ABI of free-threaded Pythons. "
            "Since 3.15 every Python has python3t.dll for it, free-threaded or not.",
            help=(
                Remedy(f"use it with Python 3.15 or later: {links.PYTHON_DOWNLOADS}"),
            ),
        )
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
        will_not_help=(
            f"reinstalling what {importer} belongs to; it never brings this file",
        ),
    )
