r"""A Windows Python with packages, on disk, for a loader that only reads.

    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    tree.install("shapes", "1.0", {"shapes/_core.pyd": build_pe(imports=...)})
    report = report_on(tree.host(), ("shapes",))
    text = str(tree.plain(report))      # the folder of the test reads `C:`

`C:\Python311` holds the Python, `C:\Windows\System32` the system. What is to be wrong
is made so afterwards: delete a file, or write other bytes into it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from dllguard._hosts._host import Host
from dllguard._hosts._offline import offline_host
from dllguard._packages._distribution import Distribution
from tests.pebuilder import X64, X86, build_pe

_T = TypeVar("_T")
_Version = tuple[int, int, int, int]

WINDOWS: Final = (10, 0, 22631, 4317)
VCRUNTIME: Final = (14, 38, 33135, 0)

_REDISTRIBUTABLE: Final = (
    "msvcp140.dll",
    "msvcp140_1.dll",
    "vcruntime140.dll",
    "vcruntime140_1.dll",
    "vcomp140.dll",
)
_THREADS_SINCE: Final = (14, 38)
# What the runtime DLLs export here; `function` is what `Tree.pe` imports.
_EXPORTS: Final = (
    "function",
    "memcpy",
    "_Cnd_wait",
    "_Mtx_init_in_situ",
    "_Mtx_lock",
    "_Mtx_unlock",
)


class Tree:
    """One machine: a Python, its site-packages, a Windows.

    :param root: an empty folder, which stands for `C:`.
    :param version: of the Python.
    :param machine: machine type of the Python and of System32.
    :param vcruntime: version of the vcruntime140.dll beside python.exe.
    :param redistributable: version of the Visual C++ redistributable in System32;
        None for a machine without one.
    """

    def __init__(
        self,
        root: Path,
        *,
        version: tuple[int, int] = (3, 11),
        machine: int = X64,
        vcruntime: _Version = VCRUNTIME,
        redistributable: _Version | None = None,
    ) -> None:
        number = "".join(map(str, version))
        self.root = root
        self.machine = machine
        self.python = root / f"Python{number}"
        self.site = self.python / "Lib" / "site-packages"
        self.windows = root / "Windows"
        self.system = self.windows / "System32"
        self.site.mkdir(parents=True)
        for name in (f"python{number}.dll", "python3.dll", "python.exe"):
            self.write(self.python / name)
        runtime = ["vcruntime140.dll"]
        if machine != X86 and version >= (3, 9):
            runtime.append("vcruntime140_1.dll")
        for name in runtime:
            path = self.python / name
            self.write(path, file_version=vcruntime)
        for name in ("kernel32.dll", "ntdll.dll", "ucrtbase.dll"):
            self.write(self.system / name, file_version=WINDOWS)
        if redistributable is not None:
            names = [*_REDISTRIBUTABLE]
            if redistributable[:2] >= _THREADS_SINCE:
                names.append("vcruntime140_threads.dll")
            for name in names:
                path = self.system / name
                self.write(path, file_version=redistributable)

    def write(self, path: Path, **fields: Any) -> Path:
        """Write a PE file of this machine type; `fields` are those of `build_pe`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fields = {
            "machine": self.machine,
            "name": path.name,
            "exports": _EXPORTS,
            **fields,
        }
        path.write_bytes(build_pe(**fields))
        return path

    def pe(self, *imports: str, **fields: Any) -> bytes:
        """Build a PE file of this machine type that imports from DLLs by name."""
        wanted = {name: ["function"] for name in imports}
        fields = {
            "machine": self.machine,
            "imports": wanted,
            "exports": _EXPORTS,
            **fields,
        }
        return build_pe(**fields)

    def install(
        self,
        name: str,
        version: str,
        files: Mapping[str, bytes],
        *,
        requires: Sequence[str] = (),
        installer: str = "pip",
    ) -> Path:
        """Install a distribution: its files, METADATA, RECORD and INSTALLER.

        :param files: contents by path, relative to site-packages.
        :param requires: requirements, as Requires-Dist has them.
        :returns: the `.dist-info` folder.
        """
        for path, content in files.items():
            (self.site / path).parent.mkdir(parents=True, exist_ok=True)
            (self.site / path).write_bytes(content)
        info = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        fields = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        fields += [f"Requires-Dist: {requirement}" for requirement in requires]
        (info / "METADATA").write_text("\n".join(fields) + "\n", "utf-8")
        (info / "INSTALLER").write_text(f"{installer}\n", "utf-8")
        rows = [f"{path},sha256=,{len(content)}" for path, content in files.items()]
        rows += [f"{info.name}/{path},," for path in ("METADATA", "RECORD")]
        (info / "RECORD").write_text("\n".join(rows) + "\n", "utf-8")
        return info

    def distribution(self, name: str) -> Distribution:
        """Return an installed distribution, which must be there."""
        found = self.host().environment.distribution(name)
        assert found is not None
        return found

    def host(self, *added: Path) -> Host:
        """Return the machine as `check --python --windows` sees it."""
        folders = [str(folder) for folder in added]
        return offline_host(str(self.python), str(self.windows), folders)

    def live(self, *added: Path, path: Sequence[Path] = ()) -> Host:
        """Return the machine as a Python that runs there sees it.

        :param added: folders given to os.add_dll_directory.
        :param path: folders on PATH.
        """
        host = self.host(*added)
        process, environment = host.process, host.environment
        executable = str(self.python / "python.exe")
        return dataclasses.replace(
            host,
            process=dataclasses.replace(process, path=tuple(map(str, path))),
            environment=dataclasses.replace(environment, executable=executable),
            live=True,
        )

    def plain(self, value: _T) -> _T:
        r"""Return a value with `C:` for the root, and `\` in the paths below it."""
        found: _T = self._plain(value)
        return found

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            below = re.escape(str(self.root)) + r"([^\s\"',]*)"
            return re.sub(below, lambda at: "C:" + at[1].replace("/", "\\"), value)
        if isinstance(value, tuple):
            return tuple(map(self._plain, value))
        if isinstance(value, list):
            return list(map(self._plain, value))
        if isinstance(value, dict):
            return {self._plain(k): self._plain(v) for k, v in value.items()}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in dataclasses.fields(value)]
            return type(value)(**{n: self._plain(getattr(value, n)) for n in names})
        return value
