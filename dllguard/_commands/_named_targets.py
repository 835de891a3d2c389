"""From the targets of a command line to what is judged, and on which host."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .._judge import is_path
from .._targets._selection import Selection, is_home, selected
from ._host_choice import Asked, HostChoice, host_maker
from ._usage import UsageError

if TYPE_CHECKING:
    import argparse

    from .._packages._environment import Environment

_REQUIREMENT = re.compile(r"[=<>!~@\[;]")
# `name @ https://...` has slashes, and is no path all the same.
_DIRECT = re.compile(r"[\w.-]+\s*(\[[^]]*\])?\s*@")
_FILES = (".whl", ".txt")


def selection_of(options: argparse.Namespace, choice: HostChoice) -> Selection:
    """Return what the targets of a command come to.

    :param options: with `targets`, `requirement_files` and `everything`.
    :param choice: which host is meant.
    :raises UsageError: for targets that do not go together, or none at all.
    :raises TargetError: for what cannot be judged.
    :raises HostError: for a folder whose Python is not there.
    :raises FetchError: when wheels cannot be fetched.
    """
    files: Sequence[str] = options.requirement_files
    targets = [*map(_as_path, options.targets)]
    wanted = [t for t in targets if _is_requirement(t, choice)]
    if wanted:
        others = [t for t in (*targets, *files) if t not in wanted]
        if options.everything:
            others.append("--all")
        if others:
            listed = ", ".join(others)
            raise UsageError(f"requirements and installed targets do not mix: {listed}")
        return _fetched(wanted, choice)
    if options.everything and not (targets or files or choice.has_packages):
        place = f"--host {choice.name}" if choice.name else "this system"
        raise UsageError(f"--all: {place} has no Windows packages; --python DIR has")
    make = host_maker(choice, _kind(targets, files))
    if not (targets or files or options.everything):
        host = make(None)
        return Selection(host, _usual(host.environment))
    found = selected(
        targets,
        make,
        requirement_files=files,
        everything_of_host=options.everything,
        added=choice.added,
    )
    names, notes = _packages(found.names, found.host.environment)
    return replace(found, names=names, notes={**found.notes, **notes})


def _kind(targets: Sequence[str], files: Sequence[str]) -> Asked:
    if files or any(target.lower().endswith(_FILES) for target in targets):
        return "wheels"
    homes = (t for t in targets if os.path.isdir(t) and is_home(t))
    return "folder" if any(homes) else "installed"


def _as_path(target: str) -> str:
    """Return a folder that is meant as one with a slash in its name."""
    if is_path(target) or not os.path.isdir(target):
        return target
    folder = os.path.join(".", target)
    # Of a requirement, the name does not begin with a dot.
    return folder if target.startswith(".") or is_home(folder) else target


def _is_requirement(target: str, choice: HostChoice) -> bool:
    if _DIRECT.match(target):
        return True
    if is_path(target) or target.lower().endswith(_FILES):
        return False
    return bool(_REQUIREMENT.search(target)) or not choice.has_packages


def _fetched(wanted: Sequence[str], choice: HostChoice) -> Selection:
    """Return the host with nothing installed but the wheels of requirements."""
    from .._fetch import FetchError, fetch
    from .._targets._installed import with_site

    names = tuple(map(_name_of, wanted))
    host = host_maker(choice, "wheels")(None)
    environment = host.environment
    if environment.free_threaded:
        raise UsageError(f"{wanted[0]}: uv resolves for no free-threaded Python")
    try:
        site = str(fetch(wanted, environment.version, environment.machine))
    except FetchError as error:
        modules = [name for name in wanted if re.fullmatch(r"\w+(\.\w+)+", name)]
        tops = ", ".join(name.partition(".")[0] for name in modules)
        if not tops:
            raise
        text = f"{str(error).rstrip('.')}; of a module, name the package: {tops}"
        raise UsageError(text) from None
    return Selection(with_site(host, site), names)


def _name_of(requirement: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(requirement).name
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"{requirement}: not a requirement: {reason}") from None
    except RecursionError:
        raise UsageError(f"{requirement}: its marker is nested too deep") from None


def _usual(environment: Environment) -> tuple[str, ...]:
    from .._tables._conventions import DEFAULT_TARGETS

    names = DEFAULT_TARGETS
    found = tuple(n for n in names if environment.distribution(n) is not None)
    if not found:
        raise UsageError(f"none of {', '.join(names)} is installed; name a target")
    return found


def _packages(
    names: Sequence[str], environment: Environment
) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """Return targets with the packages of modules in their place, and notes on them."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        package = _package(name, environment)
        note = (f"{name} is a part of {package}, which was judged as a whole.",)
        found[package] = (*found.get(package, ()), *(note if package != name else ()))
    return tuple(found), {name: notes for name, notes in found.items() if notes}


def _package(name: str, environment: Environment) -> str:
    """Return the package of a module: `PyQt5` of `PyQt5.QtCore`."""
    if is_path(name) or "." not in name or environment.distribution(name) is not None:
        return name
    shorter = name
    while "." in shorter:
        shorter = shorter.rpartition(".")[0]
        if environment.distribution(shorter) is not None:
            return shorter
    return name.partition(".")[0] or name
