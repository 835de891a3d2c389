"""An extension module that a package has compiled earlier, and kept in a cache."""

from __future__ import annotations

import re
from dataclasses import replace

from .._model import Fault, Load
from .._tables._caches import CACHES, Cache
from .._verdict import Diagnosis, Remedy
from ._abi import missing_python
from ._scene import Scene


def stale_module(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a file of a cache, one import of which is missing.

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None for a file that lies in no cache.
    """
    cache = _cache_of(load.path)
    if cache is None:
        return None
    found = missing_python(diagnosis, fault, load, scene) or diagnosis
    module = fault.chain[0].name
    return replace(
        found,
        note=f"{module} is no part of an installed package: {cache.maker} compiled it "
        "and keeps it in a cache, for use by every Python of this user. Usually that "
        "was before an update of Python, torch, the compiler or CUDA. The folder can "
        "go: what is missing in it is compiled again.",
        help=(
            Remedy("delete the cache, in a Command Prompt:", cache.emptied_by),
            Remedy("then run the program again"),
        ),
        will_not_help=(
            f"reinstalling {cache.maker}, which leaves the cache as it is",
            f"looking for {fault.culprit}: the file that wants it is the wrong one",
        ),
    )


def _cache_of(path: str) -> Cache | None:
    plain = path.replace("\\", "/")
    found = (c for c in CACHES if re.search(c.pattern, plain, re.IGNORECASE))
    return next(found, None)
