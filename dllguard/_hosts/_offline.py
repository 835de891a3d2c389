"""A host that does not run here: a Windows Python on disk, or a built-in one.

What the process of such a host has in its environment is not known, so that PATH is
empty and no variable of this system is consulted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .._files._disk import Disk
from .._loader._process import Process
from .._loader._walk import walk
from .._model import X64, X86, Unreadable
from .._packages._added import start_up_folders
from .._packages._environment import Environment
from .._paths import base_name, folder_of, join
from .._tables._load_flags import ALTERED_PATH
from ._host import Host, HostError, api_sets_of, known_dlls
from ._pythons import (
    Installation,
    beside_python_dll,
    python_dlls,
    recognise,
    site_packages,
    subfolder,
    text_of,
)

BUILT_IN = "clean Windows 11 x64 (built in, no Visual C++ redistributable)"

_HOME = re.compile(r"^home\s*=\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_SEES_BASE = re.compile(
    r"^include-system-site-packages\s*=\s*true\s*$", re.MULTILINE | re.IGNORECASE
)
_SYSTEM = r"C:\Windows\System32"
_WINDOWS = r"C:\Windows"


def offline_host(
    python: str, windows: str | None = None, added: Sequence[str] = ()
) -> Host:
    """Return the host made of a Windows Python, and maybe a Windows, on disk.

    :param python: a folder that `recognise` knows, or a venv, which is followed to its
        base.
    :param windows: a folder that holds `System32`; the built-in one without.
    :param added: folders that the program adds with `os.add_dll_directory`, newest
        first.
    :raises HostError: when a folder does not hold what it should.
    """
    installation = _followed(python)
    dll = installation.python_dll
    image = Disk().image(dll)
    if isinstance(image, Unreadable):
        raise HostError(f"{dll}: {image.reason}")
    return _host(installation, image.machine, windows, added, {})


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
    installation = Installation(
        kind="python",
        prefix=application,
        base_prefix=application,
        application=application,
        executable=join(application, "python.exe"),
        python_dll=join(application, dll),
        version=version,
        site=tuple(site),
    )
    catalogue = {application: dict.fromkeys((*beside, dll), X64)}
    return _host(installation, X64, windows, added, catalogue)


def _host(
    installation: Installation,
    machine: int,
    windows: str | None,
    added: Sequence[str],
    catalogue: dict[str, dict[str, int]],
) -> Host:
    if windows is None:
        system, system_machine = _SYSTEM, machine
        catalogue |= {_SYSTEM: _clean_system32(machine), _WINDOWS: {}}
    else:
        system, system_machine = _system_folder(windows, machine)
    disk = Disk(catalogue)
    environment = Environment(
        executable="python",
        version=installation.version,
        machine=machine,
        prefix=installation.prefix,
        base_prefix=installation.base_prefix,
        site=installation.site,
        free_threaded=installation.free_threaded,
        kind=installation.kind,
        disk=disk,
    )
    started = start_up_folders(environment)
    process = Process(
        disk=disk,
        machine=machine,
        application=installation.application,
        system=system,
        windows=windows or _WINDOWS,
        # The program adds its folders when Python, or what froze it, is at work, and
        # `.pth` files theirs in between.
        added=(*added, *reversed(started), *installation.added),
        path=installation.path,
        set_directory=installation.set_directory,
        redirection=_redirection(installation.executable, disk),
        packaged=installation.packaged,
        extension_flags=installation.extension_flags,
        native=system_machine,
        api_sets=api_sets_of(disk, system),
        known_dlls=known_dlls(),
    )
    loaded = dict(_at_start(process, installation))
    name = BUILT_IN if windows is None else _windows_name(disk, system, windows)
    return Host(replace(process, loaded=loaded), environment, name, system_machine)


def _system_folder(windows: str, machine: int) -> tuple[str, int]:
    """Return the System32 that a process sees, and the machine type of Windows."""
    system = subfolder(windows, "System32")
    if system is None:
        raise HostError(f"{windows}: holds no System32 folder")
    disk = Disk()
    ntdll = disk.find(system, "ntdll.dll")
    image = disk.image(ntdll) if ntdll else Unreadable("is not there")
    if isinstance(image, Unreadable):
        return system, machine
    if image.machine != machine == X86:
        # "File System Redirector": a 32-bit process sees SysWOW64.
        return subfolder(windows, "SysWOW64") or system, image.machine
    # "Arm64X PE files": an x64 process on ARM64 shares System32 with the others.
    return system, image.machine


def _windows_name(disk: Disk, system: str, windows: str) -> str:
    # kernel32.dll has the build number in Wine too, whose ntdll.dll has that of 7.
    path = disk.find(system, "kernel32.dll")
    version = disk.version(path) if path else None
    number = ".".join(map(str, version)) if version else "of unknown release"
    return f"Windows {number} ({windows})"


def _clean_system32(machine: int) -> dict[str, int]:
    from .._tables._windows_names import CLEAN_WINDOWS_11_X64

    # The names are those of x64; the other architectures have nearly the same.
    return dict.fromkeys(CLEAN_WINDOWS_11_X64, machine)


def _at_start(
    process: Process, installation: Installation
) -> Iterator[tuple[str, str]]:
    """Yield what is loaded before the first extension module: name and full path."""
    dll, disk = installation.python_dll, process.disk
    # The folders that Python adds by itself come later than its own imports. Flag 8 is
    # that of PyInstaller (bootloader/src/pyi_dylib_python.c); everywhere else the
    # folder of pythonXY.dll is the application folder, so that the list is the same.
    search = replace(process, added=()).search_list(dll, ALTERED_PATH)
    for path in walk(dll, process, search, symbols=False).resolved.values():
        yield base_name(path).lower(), path
    suffix = "d" if installation.debug else ""
    for name in (f"vcruntime140{suffix}.dll", f"vcruntime140_1{suffix}.dll"):
        # Whatever of the two pythonXY.dll leaves out, the standard library imports.
        found = disk.find(folder_of(dll), name)
        if found is not None:
            yield name, found
    yield base_name(dll).lower(), dll
    yield from _stable(process, installation)


def _stable(process: Process, installation: Installation) -> Iterator[tuple[str, str]]:
    """Yield the python3.dll (CPython, Python/dynload_win.c, _Py_CheckPython3)."""
    suffix = "_d" if installation.debug else ""
    names = [f"python3{suffix}.dll"]
    if installation.free_threaded:
        # CPython, PC/layout/support/constants.py, since 3.15.
        names.insert(0, f"python3t{suffix}.dll")
    folders = [folder_of(installation.python_dll), process.application]
    old = join(installation.base_prefix, "DLLs")
    for name in names:
        for folder in dict.fromkeys((*folders, old)):
            path = process.disk.find(folder, name)
            image = process.disk.image(path) if path else Unreadable("is not there")
            if path and not isinstance(image, Unreadable) and process.accepts(image):
                yield name, path
                return


def _redirection(executable: str, disk: Disk) -> str:
    """Return the folder that a `.local` beside the executable leads to, "" without.

    "Dynamic-link library redirection": a manifest of the executable rules it out.
    """
    folder, name = folder_of(executable), base_name(executable)
    local = subfolder(folder, f"{name}.local")
    if local is None and disk.find(folder, f"{name}.local"):
        local = folder
    if local is None or disk.find(folder, f"{name}.manifest"):
        return ""
    return "" if _has_manifest(executable) else local


def _has_manifest(executable: str) -> bool:
    from .._files._layout import Layout, MalformedError
    from .._files._pe import mapped
    from .._files._resources import MANIFEST, resource

    try:
        with mapped(executable) as data:
            # "Using Side-by-Side Assemblies as a Resource": 1 is the executable's own.
            return resource(Layout(data), MANIFEST, 1) is not None
    except (OSError, MalformedError):
        return False


def _followed(folder: str) -> Installation:
    """Recognise a Python, or a venv by the Python in its `pyvenv.cfg`."""
    disk = Disk()
    config = disk.find(folder, "pyvenv.cfg")
    if config is None:
        return recognise(folder)
    text = text_of(config)
    home = _HOME.search(text)
    base_folder = _here(home[1], folder) if home else None
    if base_folder is None:
        raise HostError(
            f"{folder}: is a venv of {home[1] if home else 'an unknown Python'}, "
            "which is not here; give the folder of that Python"
        )
    try:
        base = recognise(base_folder)
    except HostError as error:
        raise HostError(f"{folder}: is a venv of {error}") from None
    inherited = base.site if _SEES_BASE.search(text) else ()
    site = (*site_packages(folder), *inherited)
    venv = replace(base, kind="venv", prefix=folder, site=site)
    scripts = subfolder(folder, "Scripts")
    if scripts is None or not python_dlls(scripts, disk):
        # python.exe there starts the base's (CPython, PC/venvlauncher.c).
        return venv
    # Made with --symlinks, or by a Python without that launcher: the interpreter is in
    # Scripts. conda's five folders would have to lie below it.
    own = beside_python_dll(scripts, scripts, disk)
    executable, dll = own.executable, own.python_dll
    own = replace(venv, application=scripts, executable=executable, python_dll=dll)
    return replace(own, added=())


def _here(path: str, near: str) -> str | None:
    r"""Return where a folder of the machine that `near` belongs to is found here.

    A drive is mounted as a folder of its letter, or of another name: seen from
    `/mnt/c/app`, `C:\Python312` is `/mnt/c/Python312`.
    """
    if os.path.isdir(path):
        return path
    drive, *parts = re.split(r"[\\/]", path)
    if not re.fullmatch("[A-Za-z]:", drive) or not any(parts):
        return None
    root = os.path.abspath(near)
    while root != os.path.dirname(root):
        root = os.path.dirname(root)
        for start in (root, subfolder(root, drive[0]), subfolder(root, drive)):
            found = subfolder(start, *parts) if start else None
            if found is not None:
                return found
    return None
