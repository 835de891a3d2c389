"""Files of another Python: which one, how they came here, what to do about it.

CPython looks for the first `python<digits>.dll` in the import table of a loaded module,
where a letter after the digits, as in python313t.dll, goes unseen, and refuses the
module if that is not its own (Python/dynload_win.c, GetPythonImport).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .._model import Image, Link
from .._packages._environment import Environment
from .._paths import base_name, folder_of, join
from .._remedies import _cures as cures
from .._verdict import Diagnosis, Remedy
from ._origin import cleared, listed, origin_of
from ._scene import Scene

_VERSIONED = re.compile(r"python(\d)(\d+)(_d)?\.dll", re.IGNORECASE)
_SHOWN = 3


def refusal(name: str, path: str, scene: Scene) -> Diagnosis:
    """Explain a module that is loaded, and that CPython refuses then.

    :param name: the DLL of another Python that it imports.
    :param path: full path of the module.
    :param scene: host, target and distributions.
    """
    module, theirs = base_name(path), _python(name)
    disk = scene.host.process.disk
    beside = disk.find(folder_of(path), name)
    beside = beside or disk.find(scene.host.process.application, name)
    ours = version_of(scene.host.environment)
    summary = f"{scene.event(0)} All DLLs of {module} are found, and Python refuses it "
    summary += f"after its load, because it was made for {theirs}"
    if not scene.happened:
        summary += f': "Module use of {name} conflicts with this version of Python'
    drafted = Diagnosis(
        code="python-abi-mismatch",
        headline=f"{module} uses {name}, this is Python {ours}",
        summary=summary + ('."' if not scene.happened else "."),
        culprit=name,
        chain=(Link(module, path), Link(name, beside)),
        chain_end="OF ANOTHER PYTHON",
        wanted=name,
        found=f"Python {ours}",
    )
    return explained_origin(drafted, path, theirs, scene)


def refused_module(path: str | None, module: str, name: str, scene: Scene) -> Diagnosis:
    """Explain CPython's refusal of a module, whose exception names a DLL alone.

    :param path: full path of the module, None where it is not known.
    :param module: its name, or "".
    :param name: the DLL of another Python that the module imports.
    :param scene: host, target and distributions.
    """
    path = path or next(_candidates(module, name, scene), None)
    if path is not None:
        # A module of the standard library belongs to no distribution.
        looked_at = scene if scene.distributions else replace(scene, target=path)
        return looked_at.completed(refusal(name, path, scene))
    theirs, ours = _python(name), version_of(scene.host.environment)
    found = Diagnosis(
        code="python-abi-mismatch",
        headline=f"a module uses {name}, this is Python {ours}",
        summary=f"Python refused a module after it had loaded it, because it was made "
        f"for {theirs}. The message does not name the module.",
        culprit=name,
        wanted=name,
        found=f"Python {ours}",
    )
    return scene.placed(explained_origin(found, "", theirs, scene))


def explained_origin(
    diagnosis: Diagnosis, path: str, theirs: str, scene: Scene
) -> Diagnosis:
    """Add to a diagnosis how a file of another Python came to this one.

    :param path: full path of the file, "" where it is not known.
    :param theirs: the Python that it was made for.
    """
    environment = scene.host.environment
    module = base_name(path) or "the module"
    owner = scene.owner_of(path) if path else None
    if owner is not None and owner.version is None:
        # A name without metadata is none that pip may be asked for.
        owner = None
    fresh = (cures.reinstall(owner, environment),) if owner is not None else ()
    use = Remedy(f"use {module} with {theirs}")
    note = "an extension module works with the one Python version that it was built "
    note += "for."
    in_vain = (
        f"a copy of the DLL of {theirs}: two Pythons in one process do not get along",
        "installing a Visual C++ redistributable, which has no part of Python",
    )
    origin = origin_of(path, scene) if path else None
    if origin is not None:
        whose = f"That folder is one of {theirs}." if not origin.is_meant else ""
        return replace(
            diagnosis,
            note=f"{origin.why[:1].upper()}{origin.why[1:]}. {whose}".rstrip(),
            help=listed(origin, use) if owner or origin.is_meant else origin.help,
            will_not_help=(*origin.will_not_help, *in_vain),
        )
    stale = _stale(path, scene) if owner is None and path else []
    if stale:
        return _of_older_release(diagnosis, path, stale, theirs, scene)
    set_here = [n for n in ("PYTHONHOME", "PYTHONPATH") if _is_set(n, scene)]
    if set_here and not fresh:
        return replace(
            diagnosis,
            note=f"{note} Usually a variable leads to another Python: "
            f"{' and '.join(set_here)} {'is' if len(set_here) == 1 else 'are'} set.",
            help=(*cleared(set_here[0]), replace(use, text=f"or {use.text}")),
            will_not_help=in_vain,
        )
    others = replace(use, text=f"or {use.text}") if fresh else use
    return replace(
        diagnosis,
        note=f"{note} Usually it was copied from another Python.",
        help=(*fresh, others),
        will_not_help=in_vain,
    )


def python_of(path: str, scene: Scene) -> str | None:
    """Return the name of the Python DLL that CPython finds in a module."""
    image = scene.host.process.disk.image(path)
    names = image.imports if isinstance(image, Image) else ()
    return next((name for name in names if _VERSIONED.fullmatch(name)), None)


def version_of(environment: Environment) -> str:
    """Write the version of a Python: `3.13`, `3.13t`."""
    number = ".".join(map(str, environment.version))
    return f"{number}t" if environment.free_threaded else number


def _of_older_release(
    diagnosis: Diagnosis, path: str, stale: list[str], theirs: str, scene: Scene
) -> Diagnosis:
    folder = folder_of(path)
    shown = ", ".join(stale[:_SHOWN])
    more = f" and {len(stale) - _SHOWN} more" if len(stale) > _SHOWN else ""
    ours = version_of(scene.host.environment)
    root = scene.host.environment.base_prefix
    return replace(
        diagnosis,
        note=f"{folder} holds files of two Pythons; those of {theirs} are {shown}"
        f"{more}. Usually a new release, with Python {ours}, was unpacked over an "
        "older one, of which it replaces only the files that it has itself.",
        help=(
            Remedy(
                f"save your own data, delete {root}, then unpack or install the new "
                "release into an empty folder"
            ),
        ),
        will_not_help=(
            "unpacking the new release once more over the old one",
            "installing a Visual C++ redistributable, which has no part of Python",
        ),
    )


def _stale(path: str, scene: Scene) -> list[str]:
    """Return the modules beside a file that were made for the same Python as it."""
    disk, folder = scene.host.process.disk, folder_of(path)
    name = python_of(path, scene)
    modules = (n for n in disk.names(folder) if n.lower().endswith(".pyd"))
    return [n for n in modules if name and python_of(join(folder, n), scene) == name]


def _candidates(module: str, name: str, scene: Scene) -> Iterator[str]:
    """Yield the modules that a refusal may be of, in the order of sys.path.

    :param module: "" for any: on sys.path, each one that uses that DLL is refused.
    """
    environment, disk = scene.host.environment, scene.host.process.disk
    last = module.rpartition(".")[2]
    stem = re.escape(last) if last else r"[^.]+"
    own = re.compile(rf"{stem}(\.[\w-]+)?\.pyd", re.IGNORECASE)
    folders = [folder_of(f.path) for d in scene.distributions for f in d.natives]
    folders += [*environment.site, scene.host.process.application]
    folders += [join(environment.base_prefix, "DLLs"), environment.base_prefix]
    for folder in dict.fromkeys(folders):
        for file in disk.names(folder):
            path = join(folder, file)
            if own.fullmatch(file) and _uses(path, name, scene):
                yield path


def _uses(path: str, name: str, scene: Scene) -> bool:
    found = python_of(path, scene)
    return found is not None and found.lower() == name.lower()


def _is_set(name: str, scene: Scene) -> bool:
    frozen = scene.host.environment.is_frozen
    return bool(scene.host.circumstances.variables.get(name)) and not frozen


def _python(name: str) -> str:
    found = _VERSIONED.fullmatch(name)
    return f"Python {found[1]}.{found[2]}" if found else "another Python"
