"""What kind of Python a folder holds, and what that kind does to the DLL search.

Interpreters: python.org's, NuGet's and any copy; the embeddable package; conda; the
Microsoft Store's. Frozen programs: PyInstaller, cx_Freeze, Nuitka. Only files are
read, so that the folder may be a mounted or copied one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from .._files._disk import Disk
from .._model import Unreadable
from .._tables._load_flags import ALTERED_PATH, EXTENSION
from ._host import HostError

Interpreter = Literal["python", "embeddable", "conda", "store", "venv"]
Kind = Literal[Interpreter, "pyinstaller", "cx_freeze", "nuitka"]

_PYTHON_DLL = re.compile(r"python(\d)(\d+)(t?)(_d)?\.dll", re.IGNORECASE)
_INTERPRETER = re.compile(r"pythonw?[\d.]*t?(_d)?\.exe", re.IGNORECASE)
_STORE = re.compile(r"[\\/]WindowsApps[\\/]PythonSoftwareFoundation\.", re.IGNORECASE)
_SEPARATOR = re.compile(r"[\\/]")

# conda's Python adds these under the folder of its pythonXY.dll, the first one last
# (conda-forge/python-feedstock, "Add CondaEcosystemModifyDllSearchPath()").
_CONDA = "Library/mingw-w64/bin", "Library/usr/bin", "Library/bin", "Scripts", "bin"


@dataclass(frozen=True)
class Installation:
    """One Python on disk, as the process that it starts is seen by the loader.

    :param prefix: the folder that was given.
    :param base_prefix: the folder of the interpreter, another one for a venv.
    :param application: the folder of the process executable.
    :param executable: full path of the program, "" where there is none.
    :param python_dll: full path of the pythonXY.dll.
    :param site: folders that are searched for packages, in order.
    :param added: folders it adds by itself, newest first.
    :param path: folders that it puts on PATH by itself.
    :param set_directory: what it gives to SetDllDirectory, "" without.
    :param packaged: a packaged app, which never searches PATH.
    """

    kind: Kind
    prefix: str
    base_prefix: str
    application: str
    executable: str
    python_dll: str
    version: tuple[int, int]
    free_threaded: bool = False
    debug: bool = False
    site: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    set_directory: str = ""
    packaged: bool = False

    @property
    def extension_flags(self) -> int:
        """The LoadLibraryEx flags of an extension module.

        Those of CPython, Python/dynload_win.c. Nuitka has a loader of its own, with
        the same flags (nuitka/build/static_src/MetaPathBasedLoader.c).
        """
        return EXTENSION if self.version >= (3, 8) else ALTERED_PATH


def recognise(folder: str) -> Installation:
    """Tell what kind of Python a folder holds.

    :param folder: the one of python.exe, or of a frozen program.
    :raises HostError: when it holds no Python for Windows.
    """
    try:
        os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        raise HostError(f"{folder}: no such folder") from None
    except OSError as error:
        raise HostError(f"{folder}: cannot be read ({error.strerror})") from None
    disk = Disk()
    contents = _pyinstaller_contents(folder, disk)
    if contents is not None:
        return _pyinstaller(folder, contents, disk)
    return _interpreter(folder, disk)


def subfolder(folder: str, *names: str) -> str | None:
    """Return a folder below another one as it is written there, or None.

    :param names: one for each level, in any case; "." and ".." are followed.
    """
    for name in names:
        if name in ("", "."):
            continue
        if name == "..":
            folder = os.path.dirname(os.path.abspath(folder))
            continue
        below = [n for n in _folders(folder) if n.lower() == name.lower()]
        if not below:
            return None
        # A disk that heeds case may hold both: as it was asked for, then any.
        folder = os.path.join(folder, name if name in below else below[0])
    return folder


def _interpreter(folder: str, disk: Disk) -> Installation:
    plain = beside_python_dll(folder, folder, disk)
    paths = _path_file(plain, disk)
    if paths is not None:
        site = tuple(dict.fromkeys(_listed_folders(folder, text_of(paths))))
        return replace(plain, kind="embeddable", site=site)
    plain = replace(plain, site=site_packages(folder))
    if subfolder(folder, "conda-meta"):
        added = (subfolder(folder, *row.split("/")) for row in _CONDA)
        return replace(plain, kind="conda", added=tuple(filter(None, added)))
    if disk.find(folder, "AppxManifest.xml") or _STORE.search(f"{folder}/"):
        return replace(plain, kind="store", packaged=True)
    has_interpreter = any(map(_INTERPRETER.fullmatch, disk.names(folder)))
    return plain if plain.site or has_interpreter else _frozen(plain, disk)


def _frozen(plain: Installation, disk: Disk) -> Installation:
    """Recognise a program that has its pythonXY.dll beside it."""
    folder = plain.prefix
    lib = subfolder(folder, "lib")
    if lib and (disk.find(lib, "library.zip") or disk.find(lib, "library.dat")):
        # cx_Freeze, source/bases/_common.c and cx_Freeze/initscripts/__startup__.py.
        row = (lib,)
        return replace(plain, kind="cx_freeze", site=row, added=row, path=row)
    name = os.path.basename(plain.python_dll).lower()
    for program in _programs(folder, disk):
        if name in _imports(program, disk):
            # Nuitka, nuitka/build/static_src/MainProgram.c,
            # prepareStandaloneEnvironment. A program of another make that has its
            # Python beside it differs in SetDllDirectory alone, which then names the
            # application folder, and that is searched anyway.
            found = replace(plain, kind="nuitka", executable=program)
            return replace(found, site=(folder,), set_directory=folder)
    return plain


def _pyinstaller_contents(folder: str, disk: Disk) -> str | None:
    folders = [folder]
    if not python_dlls(folder, disk):
        # That is _internal since 6.0, unless --contents-directory named it otherwise.
        folders += [os.path.join(folder, name) for name in _folders(folder)]
    return next((f for f in folders if disk.find(f, "base_library.zip")), None)


def _pyinstaller(folder: str, contents: str, disk: Disk) -> Installation:
    # Given is the folder of the program, or the _internal below it.
    beside = contents != folder or _programs(folder, disk)
    application = folder if beside else os.path.dirname(os.path.abspath(folder))
    found = beside_python_dll(contents, application, disk)
    # PyInstaller/loader/pyimod04_pywin32.py.
    pywin32 = subfolder(contents, "pywin32_system32")
    added = (pywin32,) if pywin32 else ()
    return replace(
        found,
        kind="pyinstaller",
        prefix=contents,
        base_prefix=contents,
        site=(contents, *added),
        added=added,
        path=added,
        # PyInstaller, bootloader/src/pyi_main.c, pyi_main.
        set_directory=contents,
    )


def beside_python_dll(folder: str, application: str, disk: Disk) -> Installation:
    """Describe the Python of a folder as far as its pythonXY.dll tells."""
    dll = _python_dll(folder, application, disk)
    return Installation(
        kind="python",
        prefix=folder,
        base_prefix=folder,
        application=application,
        executable=next(iter(_programs(application, disk)), ""),
        python_dll=os.path.join(folder, dll[0]),
        version=(int(dll[1]), int(dll[2])),
        free_threaded=bool(dll[3]),
        debug=bool(dll[4]),
    )


def _python_dll(folder: str, application: str, disk: Disk) -> re.Match[str]:
    found = python_dlls(folder, disk)
    if not found:
        conda = subfolder(folder, "conda-meta")
        what = "a conda environment without Python" if conda else "no Windows Python"
        raise HostError(f"{folder}: holds no python3XX.dll, so it is {what}")
    if len(found) > 1:
        # Leftovers of an upgrade; the debug and free-threaded builds, which
        # python.org's installer puts beside the ordinary one.
        for program in _programs(application, disk):
            wanted = _imports(program, disk)
            for dll in found:
                if dll[0].lower() in wanted:
                    return dll
    return max(found, key=lambda dll: (not dll[4], not dll[3], int(dll[2])))


def python_dlls(folder: str, disk: Disk) -> list[re.Match[str]]:
    """Return the names of the form pythonXY.dll in a folder."""
    return [m for n in disk.names(folder) if (m := _PYTHON_DLL.fullmatch(n))]


def _programs(folder: str, disk: Disk) -> list[str]:
    """Return the executables in a folder, python.exe first."""
    names = [name for name in disk.names(folder) if name.lower().endswith(".exe")]
    names.sort(key=lambda name: name.lower() != "python.exe")
    return [os.path.join(folder, name) for name in names]


def _imports(program: str, disk: Disk) -> frozenset[str]:
    image = disk.image(program)
    names = () if isinstance(image, Unreadable) else image.imports
    return frozenset(name.lower() for name in names)


def _path_file(plain: Installation, disk: Disk) -> str | None:
    """Return the `._pth` file of a Python (CPython, Modules/getpath.py)."""
    for path in (plain.python_dll, plain.executable):
        stem = os.path.splitext(os.path.basename(path))[0]
        found = disk.find(plain.prefix, f"{stem}._pth") if stem else None
        if found is not None:
            return found
    return None


def _listed_folders(folder: str, text: str) -> Iterator[str]:
    """Yield the folders of a `._pth` file; the archives it names hold no DLLs."""
    imports_site = False
    for line in text.splitlines():
        entry = line.partition("#")[0].strip()
        if entry == "import site":
            imports_site = True
        elif entry and not entry.startswith("import "):
            found = _entry(folder, entry)
            if found:
                yield found
    if imports_site:
        yield from site_packages(folder)


def site_packages(root: str) -> tuple[str, ...]:
    """Return Lib/site-packages and the folders that its `.pth` files name."""
    packages = subfolder(root, "Lib", "site-packages")
    if packages is None:
        return ()
    return tuple(dict.fromkeys([packages, *_pth_folders(packages)]))


def _pth_folders(packages: str) -> Iterator[str]:
    # Plain folders, as of pywin32.pth. Lines of code are not run.
    for name in sorted(os.listdir(packages)):
        if name.lower().endswith(".pth"):
            for line in text_of(os.path.join(packages, name)).splitlines():
                entry = "" if line.startswith(("#", "import ", "import\t")) else line
                found = _entry(packages, entry.strip()) if entry.strip() else None
                if found:
                    yield found


def _entry(folder: str, entry: str) -> str | None:
    if os.path.isabs(entry):
        return entry if os.path.isdir(entry) else None
    return subfolder(folder, *_SEPARATOR.split(entry))


def _folders(folder: str) -> list[str]:
    try:
        names = sorted(os.listdir(folder), key=str.lower)
    except OSError:
        return []
    return [name for name in names if os.path.isdir(os.path.join(folder, name))]


def text_of(path: str) -> str:
    """Return the text of a configuration file; that of an unreadable one is empty."""
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
