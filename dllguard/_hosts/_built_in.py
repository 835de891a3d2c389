"""Hosts by name: a clean Windows of some release and edition with python.org's Python.

Nothing of them is on disk. `win11+redist=14.29+python=3.12` says which Windows, which
Visual C++ redistributable and which Python are meant. What is known to be missing from
that Windows is missing; all else that a Windows 11 has counts as present.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from .._files._disk import Disk
from .._files._known_exports import KnownExports
from .._files._symbols import Exports, Symbol
from .._loader._apisets import ApiSets, built_in_api_sets
from .._loader._process import Process
from .._model import ARM64, X64, X86, Version
from .._packages._added import start_up_folders
from .._packages._environment import Environment
from .._paths import join
from .._tables import _built_in_hosts as tables
from .._tables._redistributables import PRODUCTS, SINCE, V14
from .._tables._windows_names import CLEAN_WINDOWS_11_X64, MINIMUM_WINDOWS
from .._tables._windows_releases import (
    FUNCTIONS_SINCE,
    RELEASES,
    UNIVERSAL_CRT,
)
from ._circumstances import Circumstances
from ._host import Host, known_dlls
from ._host_name import HostName, parse_host_name

_WINDOWS: Final = r"C:\Windows"
_SYSTEM: Final = r"C:\Windows\System32"
_SYSTEM_OF_X86: Final = r"C:\Windows\SysWOW64"
_WINDOWS_8, _WINDOWS_10 = 9200, 10240


def built_in(name: str, site: Sequence[str] = (), added: Sequence[str] = ()) -> Host:
    """Return the host that a name stands for.

    :param name: as in `win10-1809+redist=14.29+python=3.8+x86`, in any order and case.
    :param site: folders of packages for Windows.
    :param added: folders that the program adds with `os.add_dll_directory`, newest
        first.
    :raises ValueError: for a name or a modifier that is not known, or a Windows, a
        redistributable and a Python that do not go together.
    """
    wanted = parse_host_name(name)
    build, machine = wanted.release.build, wanted.machine
    application = rf"C:\Python{wanted.number}"
    beside = _beside_python(wanted)
    disk = _disk(wanted, application, beside)
    environment = Environment(
        executable="python",
        version=wanted.python,
        machine=machine,
        prefix=application,
        base_prefix=application,
        site=tuple(site),
        free_threaded=wanted.free_threaded,
        disk=disk,
    )
    process = Process(
        disk=disk,
        machine=machine,
        application=application,
        system=_SYSTEM_OF_X86 if machine == X86 else _SYSTEM,
        windows=_WINDOWS,
        added=(*added, *reversed(start_up_folders(environment))),
        native=ARM64 if machine == ARM64 else X64,
        loaded={n: join(application, n) for n in beside if n != "python.exe"},
        api_sets=_api_sets(build),
        known_dlls=known_dlls(),
    )
    facts = Circumstances(
        build=build, edition=wanted.edition_id, installation=wanted.installation
    )
    return Host(process, environment, wanted.title, process.native, circumstances=facts)


def _beside_python(wanted: HostName) -> tuple[str, ...]:
    """Return what python.org's installer puts beside python.exe (delvewheel 1.13.2)."""
    names = ["python.exe", f"python{wanted.number}.dll", "python3.dll"]
    if wanted.python >= (3, 15):
        # CPython, PC/layout/support/constants.py.
        names.append("python3t.dll")
    names.append("vcruntime140.dll")
    if wanted.machine != X86 and wanted.python >= (3, 9):
        names.append("vcruntime140_1.dll")
    return tuple(names)


def _api_sets(build: int) -> ApiSets:
    """Return the API sets of a release; what is not known of one counts as present."""
    later = built_in_api_sets()
    if build >= _WINDOWS_8:
        # Before Windows 10 the sets of the Universal CRT are files, here in System32.
        return later
    hosts = {
        name: (("", later.host(name, "") or "kernel32.dll"),)
        for name in tables.API_SETS_OF_WINDOWS_7
    }
    return ApiSets(hosts, exact=True)


def _lacks(wanted: HostName) -> frozenset[str]:
    """Return the DLLs of a Windows 11 that this Windows is without."""
    build = wanted.release.build
    first = {release: number for number, release in RELEASES}
    later = {n for n, release in MINIMUM_WINDOWS.items() if first[release] > build}
    reduced: frozenset[str] = {
        "Client": tables.N_LACKS if wanted.edition == "n" else frozenset[str](),
        "Server": tables.N_LACKS,
        "Server Core": tables.CORE_LACKS,
        "Nano Server": tables.NANO_SERVER_LACKS,
    }[wanted.installation]
    return reduced | later


def _system32(wanted: HostName) -> Iterator[tuple[str, Version | None]]:
    """Yield the files of System32, and the version of those that have a known one."""
    old = wanted.release.build < _WINDOWS_10
    windows = CLEAN_WINDOWS_11_X64 - _lacks(wanted)
    if old:
        core = (f"api-ms-win-core-{name}.dll" for name in UNIVERSAL_CRT)
        windows |= {"ucrtbase.dll", *tables.UNIVERSAL_CRT_FILES, *core}
    for name in windows:
        yield name, None
    release = wanted.redistributable
    for name, product in PRODUCTS.items() if release is not None else ():
        since = SINCE.get(name, (14, 0))
        absent = wanted.machine == X86 and name in tables.NOT_ON_X86
        if product is V14 and release and since <= release[:2] and not absent:
            yield name, release


def _disk(wanted: HostName, application: str, beside: Sequence[str]) -> Disk:
    """Return the files of the host; all that is said of one is machine and version."""
    system = _SYSTEM_OF_X86 if wanted.machine == X86 else _SYSTEM
    files = dict(_system32(wanted))
    catalogue = {
        _WINDOWS: {},
        application: dict.fromkeys(beside, wanted.machine),
        system: dict.fromkeys(files, wanted.machine),
    }
    versions = {join(system, n): v for n, v in files.items() if v is not None}
    return _Catalogue(catalogue, versions, _lacking(wanted.release.build, system))


def _lacking(build: int, system: str) -> dict[str, Exports]:
    """Return the exports of the DLLs of which later functions are known, by path."""
    first = {release: number for number, release in RELEASES}
    absent: dict[str, set[Symbol]] = {}
    for (dll, symbol), release in FUNCTIONS_SINCE.items():
        if first[release] > build:
            absent.setdefault(join(system, dll), set()).add(symbol)
    return {path: KnownExports(absent=frozenset(s)) for path, s in absent.items()}


class _Catalogue(Disk):
    """Files that are known by name, of some of which there is more to tell."""

    def __init__(
        self,
        catalogue: Mapping[str, Mapping[str, int]],
        versions: Mapping[str, Version],
        exports: Mapping[str, Exports],
    ) -> None:
        super().__init__(catalogue)
        self._versions.update(versions)
        self._exports.update(exports)
        self._imports.update(dict.fromkeys(exports))
