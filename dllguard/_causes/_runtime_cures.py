"""Ways to a v14 runtime, or round it, for the Python and the rights at hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from .._files._disk import Disk
from .._model import ARM64, X64, X86, machine_name
from .._packages._distribution import Distribution
from .._packages._environment import Environment
from .._paths import join
from .._remedies import _cures as cures
from .._remedies._order_cures import first_on_path
from .._tables._redistributables import NEWEST_WHEEL, WHEEL, Product
from .._tables._runtime_releases import SETTLED
from .._verdict import Remedy
from ._scene import Scene

# The architecture that people take for theirs.
_OTHER = {X86: X64, X64: X86, ARM64: X64}


def installation(product: Product, scene: Scene) -> tuple[Remedy, ...]:
    """Install a redistributable for all of this Windows."""
    build = scene.host.circumstances.build
    return cures.redistributable(product, scene.host.process.machine, build)


def without_rights(
    name: str,
    lowest: tuple[int, int] | None,
    searched: Collection[str],
    scene: Scene,
) -> Remedy | None:
    """Bring a runtime DLL to where this Python finds it.

    :param name: the DLL, in lower case.
    :param lowest: the oldest runtime that serves, None where any does.
    :param searched: the folders that count, in lower case.
    :param scene: host, target and distributions.
    :returns: None where no way without administrator rights is known.
    """
    environment = scene.host.environment
    if name not in WHEEL or not scene.host.observed or environment.is_frozen:
        return None
    if cures.is_conda(environment):
        return _of_conda(environment, searched)
    newest = NEWEST_WHEEL.get(environment.version)
    too_old = newest is not None and lowest is not None and newest < lowest
    if environment.kind == "store" or environment.version < (3, 5) or too_old:
        return None
    return _wheel(scene, searched)


def _wheel(scene: Scene, searched: Collection[str]) -> Remedy | None:
    """Bring the wheel, which fills the root of an environment and its Scripts folder.

    A venv's root is never searched. Python 3.7 and earlier search the folder of
    python.exe for a DLL that ctypes asks for, and not for extension modules, but all
    folders of PATH.
    """
    environment, process = scene.host.environment, scene.host.process
    application = process.application
    wheel = cures.runtime_wheel(environment)
    is_venv = environment.prefix != environment.base_prefix
    own = join(environment.prefix, "Scripts") if is_venv else application
    guarded = _is_guarded(application, process.disk)
    if guarded and not is_venv:
        return None
    if own.lower() in searched:
        return wheel
    if not guarded and application.lower() in searched:
        base = cures.python(join(application, "python.exe"))
        return Remedy(
            "or, without administrator rights, for the Python that this venv was made "
            "of, whose folder is searched in place of the venv's:",
            (f"{base} -m pip install msvc-runtime",),
        )
    if environment.version >= (3, 8):
        return Remedy(
            "or, without administrator rights, for this venv alone; the second line "
            "goes before the import:",
            (*wheel.commands, *cures.add_folder(own).commands),
        )
    return Remedy(
        "or, without administrator rights, for this Python, which you then start from "
        "the same command prompt:",
        (*wheel.commands, *first_on_path(own).commands),
    )


def other_release(owner: Distribution, scene: Scene) -> tuple[Remedy, bool] | None:
    """Take a release of a package that is known to be content with what is there.

    :param owner: the package whose file wants the runtime.
    :param scene: host, target and distributions.
    :returns: the remedy, and whether it is a later release; None where none is known.
    """
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    row = SETTLED.get(owner.key)
    environment = scene.host.environment
    if row is None or not row.pythons[0] <= environment.version <= row.pythons[1]:
        return None
    try:
        version = Version(owner.version or "")
    except InvalidVersion:
        return None
    if version not in SpecifierSet(row.affected):
        return None
    release = row.other.lstrip("=<>")
    later = Version(release) > version
    name = f"{owner.name} {release}"
    if row.other.startswith(">"):
        name += " or newer"
    elif not later:
        name = f"a release of {owner.name} before {release}"
    wanted = f"{owner.name}{row.other}"
    command = cures.upgrade(environment, wanted)
    if not later:
        command = f'{cures.python(environment.executable)} -m pip install "{wanted}"'
    if owner.installer == "conda":
        command = f'conda install "{wanted.replace("==", "=")}"'
    return Remedy(f"take {name}, {row.why}:", (command,)), later


def earlier_release(owner: Distribution, scene: Scene) -> Remedy | None:
    """Take an earlier release of a package, which may be content with what is there."""
    if owner.version is None:
        return None
    wanted = f'"{owner.name}<{owner.version.partition("+")[0]}"'
    command = f"{cures.python(scene.host.environment.executable)} -m pip install"
    if owner.installer == "conda":
        command = "conda install"
    return Remedy(
        f"or, without administrator rights, take an earlier release of {owner.name}; "
        f"usually one that is old enough needs no newer runtime{cures.index(owner)}:",
        (f"{command} {wanted}",),
    )


def in_order(remedies: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Return ways out as a list of which the first one begins the sentence."""
    found = [replace(r, text=_bare(r.text)) for r in remedies]
    first, rest = found[:1], found[1:]
    return (*first, *(replace(r, text=_alternative(r.text)) for r in rest))


def in_vain(name: str, owner: Distribution | None, scene: Scene) -> Iterator[str]:
    """Yield what people try where a runtime DLL is missing.

    :param name: the DLL, in lower case.
    :param owner: the package whose file wants it.
    :param scene: host, target and distributions.
    """
    process = scene.host.process
    other = machine_name(_OTHER.get(process.machine, X86))
    if name == "vcruntime140_1.dll":
        yield "giving vcruntime140.dll this name: its functions are others"
    own = machine_name(process.machine)
    yield f"installing the {other} redistributable: this Python is {own}"
    if owner is not None and owner.is_without(name):
        yield f"reinstalling {owner.name} or Python, of which the file is no part"


def serves_others(name: str, scene: Scene) -> str | None:
    """Return a copy of a runtime DLL that Windows has for processes of another kind.

    :param name: the DLL.
    :param scene: host, target and distributions.
    """
    process = scene.host.process
    # A 32-bit process sees the System32 of others under the first name.
    for folder in ("Sysnative", "System32", "SysWOW64"):
        path = process.disk.find(join(process.windows, folder), name)
        image = process.disk.image(path) if path else None
        if path and getattr(image, "machine", process.machine) != process.machine:
            return path
    return None


def _of_conda(environment: Environment, searched: Collection[str]) -> Remedy:
    where = ""
    if environment.prefix != environment.base_prefix:
        where = f"-p {cures.quoted(environment.base_prefix)} "
    # Python 3.7 and earlier find its folder through PATH alone.
    is_searched = environment.base_prefix.lower() in searched
    rest = "" if is_searched else ", and run Python in the activated one"
    return Remedy(
        f"bring the runtime into this conda environment{rest}; it needs no "
        "administrator rights:",
        (f"conda install {where}-c conda-forge vc14_runtime",),
    )


def _is_guarded(folder: str, disk: Disk) -> bool:
    """Tell whether pip does not write into the folder of a Python for a plain user."""
    parts = folder.lower().replace("\\", "/").split("/")
    managed = disk.exists(join(join(folder, "Lib"), "EXTERNALLY-MANAGED"))
    return managed or any(part.startswith("program files") for part in parts)


def _alternative(text: str) -> str:
    return text if text.startswith("if ") else f"or {text}"


def _bare(text: str) -> str:
    return text.removeprefix("or, ").removeprefix("or ")
