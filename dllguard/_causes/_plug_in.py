"""A plug-in of another program that wants a Python which is not there."""

from __future__ import annotations

import re
from dataclasses import replace

from .._model import ARM64, X86, Fault, Image, Load
from .._paths import folder_of
from .._remedies import _cures as cures
from .._tables import _links as links
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

_PYTHON_DLL = re.compile(r"python(\d)(\d+)\.dll", re.IGNORECASE)


def plug_in(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL of no Python package that imports a `pythonXY.dll`.

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None for other files, and for what belongs to a package.
    """
    del load
    found = _PYTHON_DLL.fullmatch(fault.culprit)
    path = fault.importer.path if fault.importer else None
    if found is None or path is None or not path.lower().endswith(".dll"):
        return None
    if scene.owner_of(path) or scene.host.environment.package_of(path):
        return None
    version = f"{found[1]}.{found[2]}"
    on_path = _on_path(fault.culprit, scene)
    if on_path is not None:
        return _found(diagnosis, fault, on_path, scene)
    machine = scene.host.process.machine
    bits = "32" if machine == X86 else "64"
    arch = {X86: "x86", ARM64: "arm64"}.get(machine, "x64")
    return replace(
        diagnosis,
        code="missing-product",
        headline=f"{fault.culprit} of Python {version} not found"
        f"{scene.needed_by(fault)}",
        wanted=f"Python {version}, {bits}-bit",
        note=f"{diagnosis.chain[0].name} is part of no Python package: usually it is a "
        "plug-in, or a program, that starts a Python of its own. The program that "
        f"loads it finds {fault.culprit} beside itself or on PATH; dllguard looked "
        "where its own Python would.",
        help=(
            Remedy(
                f"install Python {version}, {bits}-bit:",
                (
                    (
                        f"winget install --id Python.Python.{version} -e "
                        f"--architecture {arch}"
                    ),
                ),
            ),
            Remedy(
                f"then see to it that the folder of {fault.culprit} is on PATH, and "
                "restart the program"
            ),
            Remedy(
                "or take the edition of the plug-in that brings its Python, or the one "
                f"for a Python that is installed; Pythons: {links.PYTHON_DOWNLOADS}"
            ),
        ),
        will_not_help=(
            f"installing Python {version} of the other architecture",
            "installing another version of Python",
        ),
    )


def _on_path(name: str, scene: Scene) -> str | None:
    process = scene.host.process
    for folder in process.path:
        path = process.disk.find(folder, name)
        image = process.disk.image(path) if path else None
        if path is not None and isinstance(image, Image) and process.accepts(image):
            return path
    return None


def _found(diagnosis: Diagnosis, fault: Fault, path: str, scene: Scene) -> Diagnosis:
    """Say that the program which loads the plug-in usually finds that Python."""
    target = cures.quoted(scene.target)
    command = f"python -m dllguard check --python {cures.quoted(folder_of(path))}"
    return replace(
        diagnosis,
        code="not-on-search-path",
        severity="warning",
        headline=f"{fault.culprit} is on PATH, for a program that searches it",
        found=path,
        note=f"{diagnosis.chain[0].name} is part of no Python package: usually it is a "
        "plug-in, or a program, that starts a Python of its own. This Python, with "
        "which dllguard looks, cannot load it, which says nothing of that program.",
        help=(
            Remedy(
                "look at it with the Python that it wants:", (f"{command} {target}",)
            ),
        ),
    )
