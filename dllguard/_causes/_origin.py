"""How a Python came to a file that is not its own: a variable, the user site, sys.path.

"Command line and environment" and "site" (Python documentation) say what the variables
and the user site do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .._paths import base_name
from .._remedies import _cures as cures
from .._verdict import Remedy
from ._scene import Scene


@dataclass(frozen=True)
class Origin:
    """What led a Python to a folder, and how to end that."""

    why: str
    """A sentence, without capital letter and stop."""
    help: tuple[Remedy, ...]
    will_not_help: tuple[str, ...] = ()
    is_meant: bool = False
    """A program may have put the folder on sys.path on purpose."""


def origin_of(path: str, scene: Scene) -> Origin | None:
    """Return what led the Python to a file, None for a file of its own.

    :param path: full path of the file.
    :param scene: host and target.
    """
    return next(_origins(path, scene), None)


def _origins(path: str, scene: Scene) -> Iterator[Origin]:
    environment = scene.host.environment
    if environment.is_frozen:
        return
    variables = scene.host.circumstances.variables
    for folder in folders_of(variables.get("PYTHONPATH", "")):
        if is_below(path, folder):
            yield _variable("PYTHONPATH", folder, "looks there first")
    for folder in folders_of(variables.get("PYTHONHOME", "")):
        if is_below(path, folder):
            what = "takes its standard library from there"
            yield _variable("PYTHONHOME", folder, what)
    if environment.user and is_below(path, environment.user):
        yield _user_site(path, scene)
    own = environment.prefix, environment.base_prefix, scene.host.process.application
    if not any(is_below(path, folder) for folder in own if folder):
        for folder in environment.site:
            if is_below(path, folder):
                yield _on_sys_path(folder, scene)


def cleared(name: str) -> tuple[Remedy, ...]:
    """Take an environment variable away, for the console at hand and for good."""
    return (
        Remedy(
            f"clear {name} in this console, then try again (the first line for the "
            "command prompt, the second for PowerShell):",
            (f"set {name}=", f"Remove-Item Env:{name}"),
        ),
        Remedy(
            f'if that helps, delete {name} for good: Start, "Edit the system '
            'environment variables"; where it comes back, a program that was installed '
            "sets it"
        ),
    )


def folders_of(value: str) -> list[str]:
    """Return the folders of a variable that lists them as PATH does."""
    return [folder.strip() for folder in value.split(";") if folder.strip()]


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path is a folder or lies below it, in either notation."""
    path, folder = (p.replace("/", "\\").lower().rstrip("\\") for p in (path, folder))
    return path == folder or path.startswith(folder + "\\")


def _variable(name: str, folder: str, what: str) -> Origin:
    return Origin(
        f"the variable {name} names {folder}, so that this Python {what}",
        cleared(name),
        (f"reinstalling Python or the package, as long as {name} is set",),
    )


def _user_site(path: str, scene: Scene) -> Origin:
    environment = scene.host.environment
    python = cures.python(environment.executable)
    number = ".".join(map(str, environment.version))
    owner = scene.owner_of(path)
    name = owner.name if owner is not None else ""
    remedies = [
        Remedy(
            "look whether it works without the user site:",
            (f'{python} -s -c "import {scene.target}"',),
        )
    ]
    if not scene.target.isidentifier():
        remedies = []
    if name:
        remedies.append(
            Remedy(
                f"remove the {name} of the user site; this removes the one that is "
                "found first:",
                (f"{python} -m pip uninstall {name}",),
            )
        )
    remedies.append(
        Remedy(
            "or keep this Python from looking there, in this console (the first line "
            "for the command prompt, the second for PowerShell):",
            ("set PYTHONNOUSERSITE=1", "$env:PYTHONNOUSERSITE = 1"),
        )
    )
    what = name or base_name(path)
    why = f"this {what} lies in the user site, which every Python {number} of this "
    why += "account shares, be it of another architecture or make"
    return Origin(why, tuple(remedies))


def _on_sys_path(folder: str, scene: Scene) -> Origin:
    python = cures.python(scene.host.environment.executable)
    remedies: tuple[Remedy, ...] = (
        Remedy(
            f"see what puts {folder} on sys.path, and take it off:",
            (f"{python} -c \"import sys; print(*sys.path, sep='\\n')\"",),
        ),
        Remedy(
            "or see whether it works without what variables and the user site add:",
            (f'{python} -I -c "import {scene.target}"',),
        ),
    )
    if not scene.target.isidentifier():
        remedies = remedies[:1]
    why = f"{folder} is on sys.path, and no part of this Python"
    return Origin(why, remedies, is_meant=True)


def listed(origin: Origin, *more: Remedy) -> tuple[Remedy, ...]:
    """Return the remedies of an origin, and more to choose from.

    :param more: what fits the Python to the file; it goes first where the file is
        meant to be there.
    """
    first, then = (more, origin.help) if origin.is_meant else (origin.help, more)
    texts = (t.text.removeprefix("or ") for t in then)
    others = (replace(r, text=f"or {t}") for r, t in zip(then, texts, strict=True))
    return (*first, *others)
