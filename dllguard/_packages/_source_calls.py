"""What the standard library answers in a Windows Python, without asking it.

Only what follows from the Python's place on disk: environment variables, the working
folder and the like stay unknown.
"""

from __future__ import annotations

import ntpath
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import PureWindowsPath
from typing import Final

from .._model import ARM64, X86
from ._source_places import Places
from ._source_pure import PATH_METHODS, PURE_CALLS, table_method, text, text_method
from ._source_values import UNKNOWN, Reference, VersionInfo

ADD: Final = "os.add_dll_directory"

_CONSTANTS: Final[Mapping[str, object]] = {
    "os.name": "nt",
    "os.sep": "\\",
    "os.altsep": "/",
    "os.pathsep": ";",
    "os.pardir": "..",
    "os.curdir": ".",
    "os.path.sep": "\\",
    "os.path.pathsep": ";",
    "os.path.pardir": "..",
    "os.path.curdir": ".",
    "sys.platform": "win32",
    "site.ENABLE_USER_SITE": True,
    "platform.system()": "Windows",
    "platform.python_implementation()": "CPython",
    "typing.TYPE_CHECKING": False,
}
_OF_MODULES: Final = {"__file__", "__path__", "origin", "submodule_search_locations"}
_ABSENT: Final = {"sys.frozen", "sys._MEIPASS"}


class Library:
    """The standard library of a Python on disk.

    :param places: where that Python lies.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._constants = _constants(places)
        self._calls: dict[str, Callable[..., object]] = {
            **PURE_CALLS,
            "os.path.exists": partial(self._test, os.path.exists),
            "os.path.lexists": partial(self._test, os.path.exists),
            "os.path.isdir": partial(self._test, os.path.isdir),
            "os.path.isfile": partial(self._test, os.path.isfile),
            "os.listdir": self._listdir,
            "glob.glob": self._glob,
            "glob.iglob": self._glob,
            "importlib.import_module": lambda name: Reference(text(name)),
            "__import__": lambda name: Reference(text(name).partition(".")[0]),
            "importlib.util.find_spec": self._spec,
            "importlib.resources.files": self._files,
            "pkg_resources.resource_filename": self._resource,
            "sys.modules.get": lambda name: Reference(text(name)),
            "sysconfig.get_path": self._scheme,
            "sysconfig.get_config_var": self._config_var,
        }

    def attribute(self, name: str) -> object:
        """Return the value of a dotted name, or a reference to it."""
        if name in self._constants:
            return self._constants[name]
        module, _, last = name.rpartition(".")
        if last == "__name__":
            return module
        path = self._places.module(module) if last in _OF_MODULES else None
        if path is None:
            return Reference(name)
        if os.path.isdir(path):
            return UNKNOWN if last in {"__file__", "origin"} else (path,)
        if last in {"__file__", "origin"}:
            return path
        folder, file = os.path.split(path)
        return (folder,) if file == "__init__.py" else UNKNOWN

    def has(self, name: str) -> bool | None:
        """Tell whether a dotted name exists, None where that is unknown."""
        if name == ADD:
            return self._places.environment.version >= (3, 8)
        if name in _ABSENT:
            return False
        return True if name in self._constants else None

    def call(self, name: str, values: Sequence[object]) -> object:
        """Return what a call comes to, as far as that can be told."""
        if f"{name}()" in self._constants:
            return self._constants[f"{name}()"]
        known = self._calls.get(name)
        if known is None or any(value is UNKNOWN for value in values):
            return UNKNOWN
        try:
            return known(*values)
        except (TypeError, ValueError, LookupError, OSError):
            # A call that would fail in the program too.
            return UNKNOWN

    def method(
        self,
        owner: object,
        name: str,
        values: Sequence[object],
        names: Mapping[str, object],
    ) -> object:
        """Return what a method of a value comes to, as far as that can be told."""
        if any(value is UNKNOWN for value in values):
            return UNKNOWN
        try:
            if isinstance(owner, PureWindowsPath):
                return self._path_method(owner, name, values)
            if isinstance(owner, str):
                return text_method(owner, name, values, names)
            if isinstance(owner, dict):
                return table_method(owner, name, values)
        except (TypeError, ValueError, LookupError, OSError):
            return UNKNOWN
        return UNKNOWN

    def _path_method(
        self, path: PureWindowsPath, name: str, values: Sequence[object]
    ) -> object:
        if name in {"glob", "iterdir"}:
            pattern = "*" if name == "iterdir" else text(*values)
            found = self._glob(ntpath.join(str(path), pattern))
            return tuple(map(PureWindowsPath, found))
        if name in PATH_METHODS:
            result = self.call(f"os.path.{PATH_METHODS[name]}", [str(path)])
            return PureWindowsPath(result) if isinstance(result, str) else result
        if name in {"joinpath", "with_name", "with_suffix"}:
            return getattr(path, name)(*map(text, values))
        return path.as_posix() if name == "as_posix" else UNKNOWN

    def _test(self, test: Callable[[str], bool], value: object) -> object:
        known, found = self._places.locate(text(value))
        return bool(found and test(found)) if known else UNKNOWN

    def _glob(self, pattern: object) -> tuple[str, ...]:
        found = self._places.matching(text(pattern))
        if found is None:
            raise ValueError(pattern)
        return found

    def _listdir(self, folder: object) -> tuple[str, ...]:
        return tuple(map(ntpath.basename, self._glob(ntpath.join(text(folder), "*"))))

    def _spec(self, name: object) -> object:
        # What is not there in source may be native, or Python's own.
        found = self._places.module(text(name))
        return UNKNOWN if found is None else Reference(text(name))

    def _files(self, package: object) -> object:
        name = package.name if isinstance(package, Reference) else text(package)
        paths = self.attribute(f"{name}.__path__")
        return PureWindowsPath(paths[0]) if isinstance(paths, tuple) else UNKNOWN

    def _resource(self, package: object, name: object) -> object:
        folder = self._files(package)
        # setuptools joins with a slash, and an empty name is the folder.
        return ntpath.join(text(folder), text(name)).rstrip("\\")

    def _scheme(self, name: object) -> object:
        schemes = self._constants["sysconfig.get_paths()"]
        return schemes.get(name, UNKNOWN) if isinstance(schemes, dict) else UNKNOWN

    def _config_var(self, name: object) -> object:
        known = {"userbase": "site.USER_BASE", "base": "sys.base_prefix"}
        return self._constants.get(known.get(text(name), ""), UNKNOWN)


def _constants(places: Places) -> dict[str, object]:
    environment = places.environment
    prefix = os.path.abspath(environment.prefix)
    base = os.path.abspath(environment.base_prefix)
    executable = environment.executable
    if not os.path.isabs(executable):
        scripts = () if prefix == base else ("Scripts",)
        executable = ntpath.join(prefix, *scripts, "python.exe")
    packages = ntpath.join(prefix, "Lib", "site-packages")
    machine = {X86: "x86", ARM64: "ARM64"}.get(environment.machine, "AMD64")
    size = 32 if environment.machine == X86 else 64
    user = os.path.abspath(environment.user) if environment.user else UNKNOWN
    return {
        **_CONSTANTS,
        "sys.prefix": prefix,
        "sys.exec_prefix": prefix,
        "sys.base_prefix": base,
        "sys.base_exec_prefix": base,
        "sys.executable": executable,
        "sys.version_info": VersionInfo(*environment.version),
        "sys.maxsize": 2 ** (size - 1) - 1,
        "sys.path": (UNKNOWN, *map(os.path.abspath, environment.site)),
        "site.PREFIXES": (prefix,),
        "site.USER_BASE": user,
        "site.getuserbase()": user,
        "site.getsitepackages()": (prefix, packages),
        "platform.machine()": machine,
        "platform.architecture()": (f"{size}bit", "WindowsPE"),
        "sysconfig.get_paths()": {
            "purelib": packages,
            "platlib": packages,
            "data": prefix,
            "scripts": ntpath.join(prefix, "Scripts"),
        },
        "distutils.sysconfig.get_python_lib()": packages,
    }
