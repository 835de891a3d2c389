"""A conda environment whose Python was built without `python3.dll`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .._model import Fault, Load
from .._remedies import _cures as cures
from .._tables import _links as links
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

# CPython, PC/layout/support/constants.py: the second one since 3.15.
_SINCE: Final = {"python3.dll": (3, 2), "python3t.dll": (3, 15)}
_NEVER: Final = (9, 9)


def conda_python(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a missing `python3.dll` by the build of a conda Python.

    Anaconda's Pythons of 2016 had none (opencv/opencv-python#36), nor had a build of
    conda-forge a python3t.dll (conda-forge/python-feedstock#934).

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None for other files and other Pythons.
    """
    del load
    environment = scene.host.environment
    name = fault.culprit.lower()
    if environment.version < _SINCE.get(name, _NEVER):
        return None
    if not cures.is_conda(environment):
        return None
    importer = fault.importer.name if fault.importer else scene.target
    number = ".".join(map(str, environment.version))
    prefix = cures.quoted(environment.base_prefix)
    return replace(
        diagnosis,
        note=f"{name} is part of Python {number} and lies beside its python.exe. The "
        f"build of Python in this conda environment came without it, and {importer} "
        "asks for it.",
        help=(
            Remedy(
                "update the Python of this environment; usually a later build has it:",
                (f"conda update -p {prefix} python",),
            ),
            Remedy(
                f"or take {name} out of the embeddable package of exactly the same "
                f"Python, and put it beside python.exe: {links.PYTHON_DOWNLOADS}"
            ),
            Remedy(f"or use {scene.target} with a Python of python.org"),
        ),
        will_not_help=(
            "installing the Visual C++ redistributable",
            f"taking {name} of another Python",
        ),
    )
