r"""One field case: a machine, what its user met, and what is to be said of it.

`tests/field/README.md` describes the file format. `C:` is the folder of the test.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from dllguard._failure import Failure, recognise_chain
from dllguard._hosts._circumstances import Circumstances
from dllguard._hosts._host import Host
from dllguard._hosts._offline import offline_host
from dllguard._loader._apisets import ApiSets, is_api_set
from dllguard._loader._process import import_name
from dllguard._paths import base_name, is_native
from dllguard._tables._windows_names import CLEAN_WINDOWS_11_X64
from tests.pebuilder import ARM64, X64, X86, build_pe

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER: Final = Path(__file__).parent / "field"
MACHINES: Final = {"x86": X86, "x64": X64, "arm64": ARM64}

_T = TypeVar("_T")
_Version = tuple[int, int, int, int]

_RUNTIME: Final = (
    "concrt140.dll",
    "msvcp140.dll",
    "msvcp140_1.dll",
    "msvcp140_2.dll",
    "vccorlib140.dll",
    "vcomp140.dll",
    "vcruntime140.dll",
)
_ADDED_TO_RUNTIME: Final = {
    "vcruntime140_1.dll": (14, 20),
    "msvcp140_atomic_wait.dll": (14, 28),
    "msvcp140_codecvt_ids.dll": (14, 28),
    "vcruntime140_threads.dll": (14, 38),
}
_BUILDS: Final = {"7": 7601, "8": 9200, "8.1": 9600, "10": 19045, "11": 22631}
_FROZEN: Final = ("pyinstaller", "cx_freeze", "nuitka")


@dataclasses.dataclass(frozen=True)
class Case:
    """One field case, as its file has it."""

    name: str
    content: Mapping[str, Any]

    @property
    def verdict(self) -> Mapping[str, Any]:
        """What is to be said."""
        found: Mapping[str, Any] = self.content["verdict"]
        return found

    @property
    def failure(self) -> Mapping[str, Any] | None:
        """What the user met, where that was an exception."""
        return self.content.get("failure")

    @property
    def check(self) -> Mapping[str, Any]:
        """What `dllguard check` is asked, and what it says where that differs."""
        found: Mapping[str, Any] = self.content.get("check", {})
        return found


def cases() -> list[Case]:
    """Return all field cases, by name."""
    return [
        Case(path.stem, tomllib.loads(path.read_text("utf-8")))
        for path in sorted(FOLDER.glob("*.toml"))
    ]


class Machine:
    """The machine of a case, laid out in a folder.

    :param root: an empty folder, which stands for `C:`.
    :param content: the content of the case's file.
    """

    def __init__(self, root: Path, content: Mapping[str, Any]) -> None:
        self.root = root
        self.content = content
        self.facts: Mapping[str, Any] = content.get("host", {})
        self.machine = MACHINES[self.facts.get("machine", "x64")]
        self.kind = self.facts.get("kind", "python")
        self.number = self.facts.get("python", "3.11").replace(".", "")
        self.folders = self._folders()
        self._lacks = {name.lower() for name in self.facts.get("lacks", ())}
        self._given: dict[Path, Any] = {}
        for package in content.get("package", ()):
            for name, spec in package.get("files", {}).items():
                self._given[self.path(package.get("in", "site")) / name] = spec
        for name, spec in content.get("files", {}).items():
            self._given[self.path(name)] = spec
        self._wanted = self._all_imports()
        self._lay_out()

    def path(self, name: str) -> Path:
        """Return where a file of the case lies.

        :param name: `site/...`, `python/...`, `C:/...` and so on.
        """
        name = name.replace("\\", "/")
        if name[:3] == "C:/":
            return self.root / name[3:]
        first, _, rest = name.partition("/")
        return self.folders[first] / rest

    def host(self) -> Host:
        """Return the machine as the Python that runs there sees it."""
        added = [str(self.path(name)) for name in self.facts.get("added", ())]
        host = offline_host(
            str(self.folders["prefix"]), str(self.folders["windows"]), added
        )
        environment = dataclasses.replace(
            host.environment,
            executable=str(self._executable),
            user=str(self.folders["user"]),
        )
        if "user_site" in self.facts:
            site = str(self.path(self.facts["user_site"]))
            environment = dataclasses.replace(
                environment, site=(site, *environment.site)
            )
        more = tuple(str(self.path(name)) for name in self.facts.get("sys_path", ()))
        environment = dataclasses.replace(environment, site=(*more, *environment.site))
        path = (str(self.path(name)) for name in self.facts.get("path", ()))
        before = {
            base_name(name).lower(): str(self.path(name))
            for name in self.facts.get("loaded", ())
        }
        process = dataclasses.replace(
            host.process,
            path=(*host.process.path, *path),
            # Who came first keeps the name.
            loaded={**host.process.loaded, **before},
            api_sets=self._api_sets(),
        )
        if "program" in self.facts:
            process = dataclasses.replace(
                process, application=str(self.folders["application"])
            )
        if not self.facts.get("own_folders", True):
            process = dataclasses.replace(process, added=tuple(added))
        if "extension_flags" in self.facts:
            flags = self.facts["extension_flags"]
            process = dataclasses.replace(process, extension_flags=flags)
        if "set_directory" in self.facts:
            folder = self.facts["set_directory"]
            process = dataclasses.replace(
                process, set_directory=str(self.path(folder)) if folder else ""
            )
        return dataclasses.replace(
            host,
            process=process,
            environment=environment,
            windows=self.facts.get("name", f"Windows {self._windows}"),
            live=True,
            circumstances=self._circumstances(),
        )

    def failure(self, told: Mapping[str, Any]) -> Failure | None:
        """Return what dllguard makes of the exception that the user met."""
        found = recognise_chain(self.exception(told), told.get("module"))
        if found is None:
            return None
        failure = found[1]
        if failure.winerror is None and told.get("winerror"):
            # Windows' own words, which a running Windows finds again.
            failure = dataclasses.replace(failure, winerror=told["winerror"])
        return failure

    def exception(self, told: Mapping[str, Any]) -> BaseException:
        """Raise again what the user met."""
        if "wrapped" in told:
            return self._wrapped(told)
        text = self.placed(told["text"])
        kinds: dict[str, type[BaseException]] = {
            "ImportError": ImportError,
            "OSError": OSError,
            "FileNotFoundError": FileNotFoundError,
            "RuntimeError": RuntimeError,
            "AttributeError": AttributeError,
            "UnboundLocalError": UnboundLocalError,
        }
        kind = kinds[told["type"]]
        if issubclass(kind, ImportError):
            path = str(self.path(told["path"])) if "path" in told else None
            return kind(text, name=told.get("module"), path=path)
        if not issubclass(kind, OSError):
            return kind(text)
        error = kind(22, text) if "winerror" in told else kind(text)
        if "winerror" in told:
            error.winerror = told["winerror"]  # type: ignore[attr-defined,unused-ignore]
        if "path" in told:
            asked = told["path"]
            asked = str(self.path(asked)) if "/" in asked else asked
            return _raised_by_ctypes(error, asked, told.get("mode"))
        return error

    def _wrapped(self, told: Mapping[str, Any]) -> BaseException:
        """Return what a package raised in place of the exception of the load."""
        inner = {key: value for key, value in told.items() if key != "wrapped"}
        outer = self.exception({**inner, "text": told["wrapped"]})
        if isinstance(outer, ImportError):
            outer = ImportError(str(outer))
        outer.__context__ = self.exception(inner)
        # `raise ... from None` hides the first exception, and keeps it.
        outer.__suppress_context__ = True
        return outer

    def placed(self, text: str) -> str:
        """Return a text with the paths of the case made those of this machine."""

        def here(found: re.Match[str]) -> str:
            return str(self.root / found[1].replace("\\", "/"))

        return re.sub(r"C:\\([^'\"\n]+?\.(?:dll|pyd))", here, text)

    def plain(self, value: _T) -> _T:
        r"""Return a value with `C:` for the root, and `\` in the paths below it."""
        # Folders may have blanks in their names, so that the text does not show where
        # a path ends.
        folders = [str(path) for path in self.root.rglob("*") if path.is_dir()]
        folders.sort(key=len, reverse=True)
        each = "|".join(map(re.escape, [*folders, str(self.root)]))
        pattern = re.compile(rf"({each})([/\\][^\s\"',]*)?")
        found: _T = _plain(value, pattern, str(self.root))
        return found

    @property
    def _is_wow64(self) -> bool:
        return self.machine == X86 and self.facts.get("windows_machine", "x86") != "x86"

    @property
    def _windows(self) -> str:
        return str(self.facts.get("windows", "11"))

    @property
    def _executable(self) -> Path:
        if self.kind == "venv":
            return self.folders["prefix"] / "Scripts" / "python.exe"
        name = "app.exe" if self.kind in _FROZEN else "python.exe"
        if "program" in self.facts:
            return self.folders["python"] / name
        return self.folders["application"] / name

    def _folders(self) -> dict[str, Path]:
        default = f"C:/Python{self.number}"
        if self.kind in _FROZEN:
            default = "C:/app"
        if self.kind == "store":
            default = "C:/Program Files/WindowsApps/PythonSoftwareFoundation.Python"
        python = self.root / self.facts.get("folder", default)[3:]
        application = python
        if self.kind == "pyinstaller":
            python = application / "_internal"
        if "program" in self.facts:
            application = self.path(self.facts["program"]).parent
        site = python / "Lib" / "site-packages"
        if self.kind in _FROZEN:
            site = python / "lib" if self.kind == "cx_freeze" else python
        prefix = python
        if self.kind == "venv":
            prefix = self.root / self.facts.get("venv", "C:/projects/.venv")[3:]
            site = prefix / "Lib" / "site-packages"
        windows = self.root / "Windows"
        return {
            "python": python,
            "application": application,
            "prefix": application if self.kind in _FROZEN else prefix,
            "site": site,
            "base_site": python / "Lib" / "site-packages",
            "windows": windows,
            # What a 32-bit process sees under that name ("File System Redirector").
            "system32": windows / ("SysWOW64" if self._is_wow64 else "System32"),
            "user": self.root / "Users/me/AppData/Roaming/Python",
            **self._user_site(),
        }

    def _user_site(self) -> dict[str, Path]:
        # Only a full path is known before the folders are.
        name = self.facts.get("user_site", "")
        return {"user_site": self.path(name)} if name[:3] == "C:/" else {}

    def _circumstances(self) -> Circumstances:
        commit = self.facts.get("commit")
        processor = self.facts.get("processor")
        return Circumstances(
            build=self.facts.get("build", _BUILDS.get(self._windows, 0)),
            edition=self.facts.get("edition", "Professional"),
            installation=self.facts.get("installation", "Client"),
            variables={
                name: str(self.path(value)) if value[:3] == "C:/" else value
                for name, value in self.facts.get("variables", {}).items()
            },
            processor=None if processor is None else frozenset(processor),
            app_control=self.facts.get("app_control", ""),
            commit=(commit[0], commit[1]) if commit else None,
        )

    def _all_imports(self) -> dict[str, dict[str | int, None]]:
        """Return what all files of the case want, by the DLL they want it of."""
        wanted: dict[str, dict[str | int, None]] = {}
        for path, spec in self._given.items():
            if isinstance(spec, dict) and is_native(path.name):
                for title in ("imports", "delay_imports"):
                    for name, symbols in _symbols(spec.get(title, ())).items():
                        for each in _with_host(import_name(name)):
                            of_name = wanted.setdefault(each, {})
                            of_name.update(dict.fromkeys(symbols))
        return wanted

    def _lay_out(self) -> None:
        self.folders["site"].mkdir(parents=True, exist_ok=True)
        self._write_python()
        self._write_windows()
        for path, spec in self._given.items():
            self._write(path, spec)
        for package in self.content.get("package", ()):
            self._install(package)

    def _write_python(self) -> None:
        python, application = self.folders["python"], self.folders["application"]
        dll = f"python{self.number}.dll"
        for name in (dll, "python3.dll"):
            if name not in self._lacks:
                self._write(python / name, {})
        imports = [] if self.kind == "pyinstaller" else [dll]
        program = "app.exe" if self.kind in _FROZEN else "python.exe"
        if "program" in self.facts:
            self._write(self.path(self.facts["program"]), {"imports": imports})
            application = python
        self._write(application / program, {"imports": imports})
        runtime = self.facts.get("vcruntime", "14.38.33135.0")
        number = int(self.number[0]), int(self.number[1:])
        if runtime and number >= (3, 5):
            names = ["vcruntime140.dll"]
            if self.machine != X86 and number >= (3, 9):
                names.append("vcruntime140_1.dll")
            for name in names:
                self._write(python / name, {"file_version": runtime})
        marks = {
            "conda": ["conda-meta/history"],
            "store": ["AppxManifest.xml"],
            "pyinstaller": ["base_library.zip"],
            "cx_freeze": ["lib/library.zip"],
            "embeddable": [f"python{self.number}._pth"],
        }
        for mark in marks.get(self.kind, ()):
            self._write(python / mark, "Lib/site-packages\n")
        if self.kind == "venv":
            text = f"home = {python}\ninclude-system-site-packages = false\n"
            self._write(self.folders["prefix"] / "pyvenv.cfg", text)
            base_kind = self.facts.get("base_kind", "python")
            for mark in marks.get(base_kind, ()):
                self._write(python / mark, "")

    def _write_windows(self) -> None:
        system = self.folders["system32"]
        version = f"10.0.{_BUILDS.get(self._windows, 22631)}.1"
        own = ["kernel32.dll", "ntdll.dll", "ucrtbase.dll"]
        names = {name.lower(): name for name in CLEAN_WINDOWS_11_X64}
        own += [names[name] for name in self._wanted if name in names]
        if self._is_wow64:
            ntdll = {"file_version": version, "machine": self.facts["windows_machine"]}
            self._write(self.folders["windows"] / "System32" / "ntdll.dll", ntdll)
        for name in dict.fromkeys(own):
            if name.lower() not in self._lacks:
                self._write(system / name, {"file_version": version})
        redistributable = self.facts.get("redistributable")
        if redistributable:
            minor = tuple(map(int, redistributable.split(".")[:2]))
            names_of = [*_RUNTIME]
            names_of += [n for n, since in _ADDED_TO_RUNTIME.items() if minor >= since]
            for name in names_of:
                self._write(system / name, {"file_version": redistributable})

    def _api_sets(self) -> ApiSets:
        sets = [name for name in self._wanted if is_api_set(name)]
        return ApiSets(
            {
                name.removesuffix(".dll"): (("", _with_host(name)[1]),)
                for name in sets
                if name not in self._lacks
            },
            exact=True,
        )

    def _write(self, path: Path, spec: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(spec, str):
            path.write_text(spec, "utf-8", newline="\n")
            return
        path.write_bytes(self._pe(path, dict(spec)))

    def _pe(self, path: Path, spec: dict[str, Any]) -> bytes:
        """Build a file. What it is not told to export is what others want of it."""
        wanted = self._wanted.get(path.name.lower(), {})
        without = spec.pop("without", ())
        machine = MACHINES[spec.pop("machine")] if "machine" in spec else self.machine
        # The loader starts with an export directory that names the file.
        exports = [s for s in wanted if isinstance(s, str) and s not in without]
        ordinals = [s for s in wanted if isinstance(s, int) and s not in without]
        if "exports" in spec:
            listed = spec.pop("exports")
            exports = [s for s in listed if isinstance(s, str)]
            ordinals = [s for s in listed if isinstance(s, int)]
        fields: dict[str, Any] = {
            "machine": machine,
            "name": path.name,
            "exports": exports,
            "ordinal_exports": ordinals,
            "imports": _symbols(spec.pop("imports", ())),
            "delay_imports": _symbols(spec.pop("delay_imports", ())),
        }
        if "file_version" in spec:
            fields["file_version"] = _version(spec.pop("file_version"))
        if "linker" in spec:
            major, minor = spec.pop("linker").split(".")
            fields["linker"] = int(major), int(minor)
        if "sections" in spec:
            fields["sections"] = dict.fromkeys(spec.pop("sections"), b"\0")
        truncated = spec.pop("truncated", None)
        content = build_pe(**fields, **spec)
        return content[:truncated]

    def _install(self, package: Mapping[str, Any]) -> None:
        if package.get("installer") == "conda":
            self._install_with_conda(package)
        name, version = package["name"], package.get("version", "1.0")
        site = self.path(package.get("in", "site"))
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {text}" for text in package.get("requires", ())]
        self._write(info / "METADATA", "\n".join(lines) + "\n")
        self._write(info / "INSTALLER", package.get("installer", "pip") + "\n")
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n")
        for file in package.get("files", {}):
            size = (site / file).stat().st_size
            writer.writerow([file, "sha256=", package.get("sizes", {}).get(file, size)])
        for file in package.get("gone", ()):
            writer.writerow([file, "sha256=", 1000])
        writer.writerow([f"{info.name}/METADATA", "", ""])
        writer.writerow([f"{info.name}/RECORD", "", ""])
        self._write(info / "RECORD", rows.getvalue())

    def _install_with_conda(self, package: Mapping[str, Any]) -> None:
        """Write the record of a conda package, which lists its files by prefix."""
        name, version = package["name"], package.get("version", "1.0")
        build = package.get("build", "0")
        prefix = self.folders["prefix"]
        site = self.path(package.get("in", "site"))
        files = [*package.get("files", {}), *package.get("gone", ())]
        record = {
            "name": name,
            "version": version,
            "build": build,
            "channel": package.get("channel", "conda-forge"),
            "files": [(site / f).relative_to(prefix).as_posix() for f in files]
            + list(package.get("conda_files", ())),
            "depends": list(package.get("requires", ())),
        }
        path = prefix / "conda-meta" / f"{name}-{version}-{build}.json"
        self._write(path, json.dumps(record, indent=2))


def _raised_by_ctypes(error: OSError, name: str, mode: int | None) -> OSError:
    """Raise an exception as `ctypes.CDLL` does, whose frame alone names the file."""
    source = "def load(name, mode, error):\n    raise error\n"
    ctypes: dict[str, Any] = {"__name__": "ctypes"}
    exec(compile(source, "ctypes/__init__.py", "exec"), ctypes)
    try:
        ctypes["load"](name, mode, error)
    except OSError as raised:
        return raised
    raise AssertionError


def _with_host(name: str) -> tuple[str, ...]:
    """Return an imported name, and the DLL that answers for it if it is an API set."""
    if not is_api_set(name):
        return (name,)
    return name, "ucrtbase.dll" if "-crt-" in name else "kernelbase.dll"


def _symbols(imports: Any) -> dict[str, Sequence[str | int]]:
    if isinstance(imports, Mapping):
        return {name: list(symbols) for name, symbols in imports.items()}
    names: Iterable[str] = imports
    return {name: ["function"] for name in names}


def _version(text: str) -> _Version:
    parts = [int(part) for part in text.split(".")]
    major, minor, build, revision = [*parts, 0, 0, 0][:4]
    return major, minor, build, revision


def _plain(value: Any, folders: re.Pattern[str], root: str) -> Any:
    if isinstance(value, str):
        return folders.sub(
            lambda at: at[0].replace(root, "C:").replace("/", "\\"), value
        )
    if isinstance(value, (tuple, list)):
        return type(value)(_plain(each, folders, root) for each in value)
    if isinstance(value, dict):
        return {
            _plain(k, folders, root): _plain(v, folders, root) for k, v in value.items()
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return type(value)(
            **{n: _plain(getattr(value, n), folders, root) for n in names}
        )
    return value
