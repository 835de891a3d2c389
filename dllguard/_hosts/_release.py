"""Which Windows a host is, and which one brought a DLL, an API set or a function."""

from __future__ import annotations

from .._loader._apisets import is_api_set
from .._tables._windows_releases import (
    CORE_SETS_OF_WINDOWS_8,
    FUNCTIONS_SINCE,
    LAST_PYTHON,
    RELEASES,
    SERVERS,
    UNIVERSAL_CRT,
)
from ._host import Host

WINDOWS_10 = 10240
_CORE = "api-ms-win-core-"
_CRT = "api-ms-win-crt-"


def build_of(host: Host) -> int:
    """Return the build number of a host's Windows, 0 where it is not known."""
    if host.circumstances.build:
        return host.circumstances.build
    disk, system = host.process.disk, host.process.system
    path = disk.find(system, "kernel32.dll")
    version = disk.version(path) if path else None
    return version[2] if version else 0


def windows_of(host: Host) -> str:
    """Name a host's Windows for a sentence: `Windows 7 (build 7601)`."""
    build, server = build_of(host), _is_server(host)
    name = _last(SERVERS if server else RELEASES, build)
    if not name:
        return "this Windows"
    # The later releases of Windows 10 and 11 are told by their build.
    return f"Windows {name if server else name.partition(' ')[0]} (build {build})"


def wanted_windows(release: str | None, host: Host) -> str:
    """Name what a host of the same kind needs: `Windows 10 1607 or later`.

    :param release: as for `came_later`.
    """
    first = first_build(release)
    if not first:
        return "a later Windows"
    servers = (name for number, name in SERVERS if number >= first)
    name = next(servers, None) if _is_server(host) else release
    return f"Windows {name or release} or later"


def client_of(host: Host) -> str:
    """Return the key of a host's Windows in the tables by release: `7`, `10 1607`."""
    return _last(RELEASES, build_of(host))


def came_later(release: str | None, host: Host) -> bool:
    """Tell whether a release is known to be later than a host's Windows.

    :param release: `8.1`, `10 1607`; None where it is not known.
    """
    return 0 < build_of(host) < first_build(release)


def supporting(python: tuple[int, int]) -> str:
    """Return the first Windows that a Python supports."""
    return next(r for _, r in RELEASES if LAST_PYTHON.get(r, python) >= python)


def is_part_of_windows(name: str) -> bool:
    """Tell a DLL of a clean Windows 11, or an API set, from all others."""
    from .._tables._windows_names import CLEAN_WINDOWS_11_X64

    return is_api_set(name) or name.lower() in CLEAN_WINDOWS_11_X64


def release_of_dll(name: str) -> str | None:
    """Return the Windows that brought a DLL or an API set, None where it is not known.

    :param name: the imported name.
    """
    from .._tables._windows_names import MINIMUM_WINDOWS

    name = name.lower()
    if not is_api_set(name):
        return MINIMUM_WINDOWS.get(name)
    stem = name.removesuffix(".dll")
    if stem.startswith(_CRT):
        return "10"
    if stem.startswith(_CORE) and stem[len(_CORE) :] in CORE_SETS_OF_WINDOWS_8:
        return "8"
    return None


def release_of_function(dll: str, symbol: str) -> str | None:
    """Return the Windows that brought a function, None where it is not known."""
    return FUNCTIONS_SINCE.get((dll.lower(), symbol))


def comes_with_universal_crt(name: str) -> bool:
    """Tell whether an update brings a name to the Windows before 10."""
    stem = name.lower().removesuffix(".dll")
    core = stem[len(_CORE) :] if stem.startswith(_CORE) else ""
    return stem == "ucrtbase" or stem.startswith(_CRT) or core in UNIVERSAL_CRT


def _last(table: tuple[tuple[int, str], ...], build: int) -> str:
    return next((name for first, name in reversed(table) if 0 < first <= build), "")


def first_build(release: str | None) -> int:
    """Return the first build of a release, 0 where that is not known."""
    return next((number for number, name in RELEASES if name == release), 0)


def _is_server(host: Host) -> bool:
    return host.circumstances.installation.startswith(("Server", "Nano"))
