"""What is asked about, and on which host: wheels, requirement files, folders, names.

Each kind brings the Python that it is judged by. A wheel and a requirement file are for
a Python that takes them; a folder may be one itself, or a program that was frozen.
"""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .._files._disk import Disk
from .._hosts._host import Host, HostError
from .._hosts._offline import offline_host
from .._hosts._pythons import recognise, site_packages
from .._judge import TargetError
from .._packages._distribution import Distribution, normalised, read_distribution
from .._packages._environment import Environment, native_files
from .._paths import base_name

if TYPE_CHECKING:
    from packaging.tags import Tag

    from ._tags import Python
    from ._whole import Whole

HostFor = Callable[["Python | None"], Host]
"""Makes the host that was chosen; given a Python, with that one as far as it is free
to choose."""

_MOST_SHOWN: Final = 8
_TAG: Final = re.compile(r"\.cp3(\d+)(t?)-(win32|win_amd64|win_arm64)\.pyd$")


@dataclass(frozen=True)
class Selection:
    """What is to be judged.

    :param host: whose loader is modelled.
    :param names: targets that are judged for themselves, with all they require.
    :param whole: an environment of which everything is judged; None for names alone.
    :param notes: sentences for the result of a target, by its name.
    """

    host: Host
    names: tuple[str, ...] = ()
    whole: Whole | None = None
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def selected(
    targets: Sequence[str],
    host_for: HostFor,
    *,
    requirement_files: Sequence[str] = (),
    everything_of_host: bool = False,
    added: Sequence[str] = (),
) -> Selection:
    """Tell what targets come to.

    :param targets: what was named: wheels (`*.whl`), requirement files (`*.txt`), one
        folder that is an environment, a program or a site-packages; or names, files
        and folders to be judged on the host as it is.
    :param host_for: makes the host.
    :param requirement_files: more of them, of any name.
    :param everything_of_host: judge all that the host has; without targets.
    :param added: folders that the program adds, for a folder that is an environment.
    :raises TargetError: for what cannot be judged, or not together.
    :raises HostError: for a folder whose Python is not there.
    :raises FetchError: when wheels cannot be fetched.
    """
    targets = [found for target in targets for found in _expanded(target)]
    wheels = [t for t in targets if t.lower().endswith(".whl")]
    files = [*(t for t in targets if t.lower().endswith(".txt")), *requirement_files]
    homes = [t for t in targets if os.path.isdir(t) and is_home(t)]
    known = {*wheels, *files, *homes}
    others = [t for t in targets if t not in known]
    kinds = [kind for kind in (wheels, files, homes, others) if kind]
    if len(kinds) > 1 or len(homes) > 1 or len(files) > 1:
        listed = ", ".join(dict.fromkeys(t for kind in kinds for t in kind))
        raise TargetError(f"not judged by one Python, so ask one by one: {listed}")
    if everything_of_host and (others or not kinds):
        if others:
            raise TargetError(f"--all: leaves nothing to name: {', '.join(others)}")
        from ._whole import everything

        host = host_for(None)
        return Selection(host, whole=everything(host.environment))
    if wheels:
        return _of_wheels(wheels, host_for)
    if files:
        return _of_file(files[0], host_for)
    if homes:
        return _of_folder(homes[0], host_for, added)
    return Selection(host_for(None), tuple(others))


def is_home(folder: str) -> bool:
    """Tell whether a folder is an environment, a frozen program or a site-packages."""
    return _is_site(folder) or _is_python(folder)


def _expanded(target: str) -> list[str]:
    """Return the wheels that a pattern means, which the shells of Windows leave."""
    if not target.lower().endswith(".whl") or os.path.exists(target):
        return [target]
    return sorted(glob.glob(target)) or [target]


def _of_wheels(paths: Sequence[str], host_for: HostFor) -> Selection:
    from importlib.metadata import Distribution as Metadata

    from ._archive import WheelError, opened
    from ._installed import with_prefix
    from ._tags import tags_of
    from ._unpacked import unpacked

    with ExitStack() as stack:
        wheels = [stack.enter_context(opened(path)) for path in paths]
        tags = {wheel.path: tags_of(wheel) for wheel in wheels}
        by_name: dict[str, str] = {}
        for wheel in wheels:
            name = normalised(wheel.stem.rpartition("-")[0])
            if by_name.setdefault(name, wheel.path) != wheel.path:
                both = f"{by_name[name]}, {wheel.path}"
                raise WheelError(f"both bring {name}, so ask one by one: {both}")
        host = _suited(host_for, tags)
        laid_out = unpacked(wheels)
    host = with_prefix(host, laid_out.prefix)
    found = [read_distribution(Metadata.at(info)) for info in laid_out.infos]
    notes = {d.name: tuple(_not_given(d, host.environment)) for d in found}
    return Selection(host, tuple(dict.fromkeys(notes)), notes=notes)


def _suited(host_for: HostFor, tags: Mapping[str, frozenset[Tag]]) -> Host:
    """Return a host with a Python that takes all wheels.

    :raises WheelError: when the Python that was chosen does not.
    """
    from ._tags import check, fitting

    host = host_for(None)
    wanted = fitting(tags, _python(host))
    if wanted != _python(host):
        host = host_for(wanted)
        check(tags, _python(host))
    return host


def _python(host: Host) -> Python:
    from ._tags import Python

    environment = host.environment
    return Python(environment.version, environment.machine, environment.free_threaded)


def _not_given(distribution: Distribution, environment: Environment) -> list[str]:
    absent, other = [], []
    for requirement in environment.requirements(distribution):
        given = environment.distribution(requirement.name)
        text = f"{requirement.name}{requirement.specifier}"
        if given is None:
            absent.append(text)
        elif given.version is not None and not requirement.specifier.contains(
            given.version, prereleases=True
        ):
            other.append(f"{text} where {given.title} was given")
    found = []
    if absent:
        what = _listed(absent)
        were = "was" if len(absent) == 1 else "were"
        found.append(f"{distribution.title} requires {what}, which {were} not given.")
    if other:
        found.append(f"{distribution.title} requires {_listed(other)}.")
    return found


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - _MOST_SHOWN
    return ", ".join(texts[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _of_file(file: str, host_for: HostFor) -> Selection:
    from .._fetch import fetch_file
    from ._installed import with_site
    from ._whole import everything

    if not os.path.isfile(file):
        raise TargetError(f"{file}: no such file")
    host = host_for(None)
    environment = host.environment
    if environment.free_threaded:
        raise TargetError(f"{file}: uv resolves for no free-threaded Python")
    site = str(fetch_file(file, environment.version, environment.machine))
    host = with_site(host, site)
    return Selection(host, whole=everything(host.environment, site, file))


def _of_folder(folder: str, host_for: HostFor, added: Sequence[str]) -> Selection:
    from ._installed import with_site
    from ._whole import everything

    root = folder if _is_python(folder) else _python_around(folder)
    notes: dict[str, tuple[str, ...]] = {}
    if root is None:
        usual = _python(host_for(None))
        host = with_site(host_for(_built_for(folder, usual)), folder)
    else:
        try:
            host = _on_chosen(root, host_for, added)
        except HostError as error:
            site = site_packages(root)
            if not site or not _is_venv(root):
                raise
            usual = _python(host_for(None))
            host = with_site(host_for(_built_for(site[0], usual)), *site)
            number = ".".join(map(str, host.environment.version))
            text = f"judged with a clean Python {number} of python.org, since {error}"
            notes[folder] = (text,)
    return Selection(host, whole=everything(host.environment, folder), notes=notes)


def _on_chosen(root: str, host_for: HostFor, added: Sequence[str]) -> Host:
    """Return the Python of a folder on the Windows that was chosen.

    :raises TargetError: where that has no place for it.
    """
    from ._installed import on_windows_of

    host = offline_host(root, None, added)
    python = _python(host)
    windows = host_for(python)
    if windows.environment.machine == python.machine:
        return on_windows_of(host, windows)
    if windows.live:
        # Of this very Windows, seen as that Python sees it.
        return offline_host(root, windows.process.windows, added)
    raise TargetError(f"{root}: is {python}, the host has {_python(windows)}")


def _is_python(folder: str) -> bool:
    """Tell whether a folder is a Python, a venv or a frozen program."""
    if _is_venv(folder):
        return True
    try:
        recognise(folder)
    except HostError:
        return False
    return True


def _is_venv(folder: str) -> bool:
    return Disk().find(folder, "pyvenv.cfg") is not None


def _python_around(site: str) -> str | None:
    """Return the Python of which a folder is the site-packages, or None."""
    lib = os.path.dirname(os.path.abspath(site))
    root = os.path.dirname(lib)
    return root if base_name(lib).lower() == "lib" and _is_python(root) else None


def _is_site(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(".dist-info") for entry in entries)
    except OSError:
        return False


def _built_for(site: str, usual: Python) -> Python:
    """Return the Python that most extension modules of a folder are for."""
    from ._tags import PLATFORMS, Python

    found: Counter[Python] = Counter()
    machines = {name: machine for machine, name in PLATFORMS.items()}
    for path in native_files(site):
        tag = _TAG.search(path)
        if tag is not None:
            version = 3, int(tag[1])
            found[Python(version, machines[tag[3]], bool(tag[2]))] += 1
    return max(found, key=lambda python: found[python], default=usual)
