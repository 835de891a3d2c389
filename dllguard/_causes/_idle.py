"""Extension modules of a target that its import leaves alone.

A package may bring some that only a part of its users imports, and need DLLs for them
that the others do not have. Their faults stop no import of the package itself.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import replace

from .._model import Fault, Load
from .._paths import base_name, shortened
from .._tables._conventions import OPTIONAL, SWALLOWED
from .._verdict import Diagnosis
from ._faults import diagnose
from ._scene import Scene


def idle_files(loads: Iterable[Load], scene: Scene) -> frozenset[str]:
    """Return the failing extension modules that the import of a target leaves alone.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    failing = [
        load.path
        for load in loads
        if load.faults
        and load.path.lower().endswith(".pyd")
        and not _is_in(SWALLOWED, load.path, scene)
    ]
    if not failing:
        return frozenset()
    from .._packages._reach import touched_by

    optional = frozenset(
        path
        for path in failing
        if _is_in(OPTIONAL, path, scene)
        # Unless it is what was asked for.
        and base_name(path).partition(".")[0] != scene.target
    )
    # Where the import touches no native part of the package at all, as with PyQt5, who
    # asks for it is after just that part.
    own = _own_modules(scene)
    touched = touched_by(scene.target, [*failing, *own], scene.host.environment)
    if own.isdisjoint(touched):
        touched |= own
    return frozenset(failing) - touched | optional


def idle_fault(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a fault that stops no import of the target itself.

    :param fault: what stops the load.
    :param load: the load of an idle file.
    :param scene: host, target and distributions.
    :returns: a warning.
    """
    path = scene.short(load.path)
    found = diagnose(fault, load, replace(scene, subject=f"loading {path}"))
    idle = f"`import {scene.target}` leaves {path} alone, as far as the source shows."
    note = f"{idle} {found.note[:1].upper()}{found.note[1:]}" if found.note else idle
    return replace(found, severity="warning", note=note)


def _own_modules(scene: Scene) -> frozenset[str]:
    environment = scene.host.environment
    found = environment.distribution(scene.target)
    return frozenset(environment.extension_modules(found) if found else ())


def _is_in(table: Mapping[str, tuple[str, ...]], path: str, scene: Scene) -> bool:
    for distribution in scene.distributions:
        # Not `scene.short`: a folder inside may stand on sys.path as well.
        short = shortened(path, (distribution.site,)).replace("\\", "/").lower()
        patterns = table.get(distribution.key, ())
        if any(fnmatch.fnmatch(short, pattern.lower()) for pattern in patterns):
            return True
    return False
