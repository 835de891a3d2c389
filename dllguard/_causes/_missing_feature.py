"""A DLL of Windows that this Windows is without, and who has it."""

from __future__ import annotations

from .._hosts._release import (
    WINDOWS_10,
    build_of,
    came_later,
    comes_with_universal_crt,
    is_part_of_windows,
    release_of_dll,
)
from .._loader._apisets import is_api_set
from .._model import Fault, Load
from .._tables._windows_features import MEDIA_FOUNDATION, REDUCED
from .._verdict import Diagnosis
from ._editions import incomplete_windows, media_foundation, reduced_installation
from ._scene import Scene
from ._too_old import later_dll, universal_crt, unknown_set


def missing_feature(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL or an API set of Windows; None for all others.

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    """
    del load
    name, host = fault.culprit.lower(), scene.host
    if not is_part_of_windows(name):
        return None
    if comes_with_universal_crt(name) and 0 < build_of(host) < WINDOWS_10:
        return universal_crt(diagnosis, fault, scene)
    if came_later(release_of_dll(name), host):
        return later_dll(diagnosis, fault, scene)
    if is_api_set(name):
        return unknown_set(diagnosis, fault, scene)
    explain = incomplete_windows
    if host.circumstances.installation in REDUCED:
        explain = reduced_installation
    elif name in MEDIA_FOUNDATION:
        explain = media_foundation
    return explain(diagnosis, fault, scene)
