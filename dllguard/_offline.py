"""A host that does not run here: a Windows Python on disk, or a built-in one."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from ._disk import Disk
from ._environment import Environment
from ._host import Host, HostError, api_sets_of, known_dlls
from ._model import X64, X86, Unreadable
from ._paths import base_name, folder_of, join
from ._process import Process

BUILT_IN = "clean Windows 11 x64 (built in, no Visual C++ redistributable)"

_SYSTEM_SITE = re.compile(
    r"^include-system-site-packages\s*=\s*true\s*$", re.MULTILINE | re.IGNORECASE
)
_SYSTEM = r"C:\Windows\System32"
_WINDOWS = r"C:\Windows"


def offline_host(
    python: str, windows: str | None = None, added: Sequence[str] = ()
) -> Host:
    """Return the host made of a Windows Python, and maybe a Windows, on disk.

    :param python: the folder with `python.exe` and `Lib`; a venv is followed to
        its base.
    :param windows: a folder that holds `System32`; the built-in one without.
    :param added: folders that the program adds with `os.add_dll_directory`.
    :raises HostError: when a folder does not hold what it should.
    """
    if not os.path.isdir(python):
        raise HostError(f"{python}: no such folder")
    base = _base_of(python)
    version, free_threaded, dll = _python_dll(base)
    image = Disk().image(dll)
    if isinstance(image, Unreadable):
        raise HostError(f"{dll}: {image.reason}")
    environment = Environment(
        executable="python",
        version=version,
        machine=image.machine,
        prefix=python,
        base_prefix=base,
        site=_site_folders(python, base),
        free_threaded=free_threaded,
    )
    return _host(environment, dll, windows, added, {})


def built_in_host(
    site: Sequence[str],
    version: tuple[int, int],
    added: Sequence[str] = (),
    windows: str | None = None,
) -> Host:
    """Return python.org's x64 Python, by default on a clean Windows 11.

    :param site: folders of packages for Windows.
    :param version: major and minor number of the Python.
    :param added: folders that the program adds with `os.add_dll_directory`.
    :param windows: a folder that holds `System32`; the built-in one without.
    :raises HostError: when that folder holds no System32.
    """
    number = "".join(map(str, version))
    application = rf"C:\Python{number}"
    # What python.org's installer puts beside python.exe, 3.9 to 3.14.
    beside = "python.exe", "python3.dll", "vcruntime140.dll", "vcruntime140_1.dll"
    dll = f"python{number}.dll"
    environment = Environment(
        executable="python",
        version=version,
        machine=X64,
        prefix=application,
        base_prefix=application,
        site=tuple(site),
    )
    catalogue = {application: dict.fromkeys((*beside, dll), X64)}
    python_dll = join(application, dll)
    return _host(environment, python_dll, windows, added, catalogue)


def _host(
    environment: Environment,
    python_dll: str,
    windows: str | None,
    added: Sequence[str],
    catalogue: dict[str, dict[str, int]],
) -> Host:
    machine, application = environment.machine, folder_of(python_dll)
    if windows is None:
        system = _SYSTEM
        catalogue |= {_SYSTEM: _clean_system32(machine), _WINDOWS: {}}
    else:
        system = _system_folder(windows, machine)
    disk = Disk(catalogue)
    process = Process(
        disk=disk,
        machine=machine,
        application=application,
        system=system,
        windows=windows or _WINDOWS,
        added=tuple(added),
        loaded=_at_start(disk, application, python_dll),
        api_sets=api_sets_of(disk, system),
        known_dlls=known_dlls(),
    )
    name = BUILT_IN if windows is None else _windows_name(disk, system, windows)
    return Host(process, environment, name, machine)


def _system_folder(windows: str, machine: int) -> str:
    system = _subfolder(windows, "System32")
    if system is None:
        raise HostError(f"{windows}: holds no System32 folder")
    disk = Disk()
    ntdll = disk.find(system, "ntdll.dll")
    image = disk.image(ntdll) if ntdll else Unreadable("is not there")
    if isinstance(image, Unreadable) or image.machine == machine or machine != X86:
        return system
    # "File System Redirector": a 32-bit process sees SysWOW64.
    return _subfolder(windows, "SysWOW64") or system


def _windows_name(disk: Disk, system: str, windows: str) -> str:
    # kernel32.dll has the build number in Wine too, whose ntdll.dll has that of 7.
    path = disk.find(system, "kernel32.dll")
    version = disk.version(path) if path else None
    number = ".".join(map(str, version)) if version else "of unknown release"
    return f"Windows {number} ({windows})"


def _clean_system32(machine: int) -> dict[str, int]:
    from ._windows_names import CLEAN_WINDOWS_11_X64

    # The names are those of x64; the other architectures have nearly the same.
    return dict.fromkeys(CLEAN_WINDOWS_11_X64, machine)


def _at_start(disk: Disk, application: str, python_dll: str) -> dict[str, str]:
    """Return what CPython has loaded before the first import of a program."""
    loaded = {base_name(python_dll).lower(): python_dll}
    for name in ("vcruntime140.dll", "vcruntime140_1.dll"):
        path = disk.find(application, name)
        if path is not None:
            loaded[name] = path
    return loaded


def _base_of(python: str) -> str:
    """Follow `home` in a venv's pyvenv.cfg, where that folder is here too."""
    try:
        with open(os.path.join(python, "pyvenv.cfg"), encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return python
    home = re.search(r"^home\s*=\s*(.+?)\s*$", text, re.MULTILINE)
    if home is not None and os.path.isdir(home[1]):
        return home[1]
    raise HostError(
        f"{python}: is a venv of {home[1] if home else 'an unknown Python'}, "
        "which is not here; give the folder of that Python"
    )


def _python_dll(folder: str) -> tuple[tuple[int, int], bool, str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise HostError(f"{folder}: cannot be read ({error.strerror})") from None
    for name in names:
        found = re.fullmatch(r"python(\d)(\d+)(t?)\.dll", name, re.IGNORECASE)
        if found:
            version = int(found[1]), int(found[2])
            return version, bool(found[3]), os.path.join(folder, name)
    raise HostError(f"{folder}: holds no python3XX.dll, so it is no Windows Python")


def _site_folders(python: str, base: str) -> tuple[str, ...]:
    roots = [python]
    if python != base and _sees_base(python):
        roots.append(base)
    found = []
    for root in roots:
        lib = _subfolder(root, "Lib")
        packages = _subfolder(lib, "site-packages") if lib else None
        if packages:
            found.append(packages)
            # pywin32.pth and the like: plain folders, read without running a line.
            found.extend(_pth_folders(packages))
    return tuple(found)


def _sees_base(venv: str) -> bool:
    with open(os.path.join(venv, "pyvenv.cfg"), encoding="utf-8") as file:
        return _SYSTEM_SITE.search(file.read()) is not None


def _pth_folders(packages: str) -> list[str]:
    found = []
    for name in sorted(os.listdir(packages)):
        if not name.endswith(".pth"):
            continue
        with open(
            os.path.join(packages, name), encoding="utf-8", errors="replace"
        ) as f:
            for line in f.read().splitlines():
                if line.startswith(("#", "import ", "import\t")) or not line.strip():
                    continue
                folder = os.path.join(packages, *line.strip().split("\\"))
                if os.path.isdir(folder):
                    found.append(os.path.normpath(folder))
    return found


def _subfolder(folder: str, name: str) -> str | None:
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    for found in names:
        if found.lower() == name.lower() and os.path.isdir(os.path.join(folder, found)):
            return os.path.join(folder, found)
    return None
