"""Whose loader is modelled: the Windows, the Python and the process of a verdict."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .._files._disk import Disk
from .._loader._apisets import ApiSets, built_in_api_sets, parse_schema
from .._loader._process import Process
from .._model import ARM64, X64, X86
from .._packages._environment import Environment
from .._paths import folder_of, join
from ._circumstances import Circumstances


class HostError(ValueError):
    """A folder that was given holds no Python, or no Windows."""


@dataclass(frozen=True)
class Host:
    """The Windows, the Python and the process that a verdict is about."""

    process: Process
    environment: Environment
    windows: str
    """Name of the Windows, for people."""
    system_machine: int
    live: bool = False
    """It is the process that judges."""
    circumstances: Circumstances = field(default_factory=Circumstances)
    was_live: bool = False
    """It was the process that took a snapshot."""
    release: str = ""
    """Full version of the Python, "" where that is not known."""
    registered: str = ""
    """The v14 redistributable that the registry claims to be installed, or ""."""

    @property
    def observed(self) -> bool:
        """Whether its process was asked: PATH and the interpreter are known."""
        return self.live or self.was_live

    def opened(self, *folders: str) -> Host:
        """Return the host with folders of this machine, where it is another one.

        :param folders: what belongs to the judgement although it lies here, as an
            unpacked wheel does.
        """
        disk = self.process.disk.opened(*folders)
        if disk is self.process.disk:
            return self
        return replace(
            self,
            process=replace(self.process, disk=disk),
            environment=replace(self.environment, disk=disk),
        )

    def reaching(self, path: str) -> tuple[Host, str]:
        """Return the host that a path is looked at on, and the full path.

        :param path: of a file or folder; one that a snapshot does not know is of this
            machine.
        """
        disk = self.process.disk
        full = disk.full(path)
        if disk.is_file(full) or disk.is_folder(full):
            return self, full
        return self.opened(full if os.path.isdir(full) else folder_of(full)), full

    def adding(self, *folders: str) -> Host:
        """Return the host whose program adds folders first, with those of this machine.

        :param folders: as given to `os.add_dll_directory`, newest first.
        """
        host, added = self, []
        for folder in folders:
            host, full = host.reaching(folder)
            added.append(full)
        process = replace(host.process, added=(*added, *host.process.added))
        return replace(host, process=process)


def live_host(added: Sequence[str] = ()) -> Host:
    """Return the host that this process runs on.

    :param added: more folders to search, before those the process has added.
    :raises HostError: when this is not Windows.
    """
    if sys.platform != "win32":
        raise HostError("there is no running Windows here")
    import platform
    import site

    from .. import _directory
    from . import _machine, _ntdll, _win32
    from ._running import running_kind

    disk = Disk()
    system = _win32.system_folder()
    machine = _python_machine()
    # Where Windows does not tell, what was added since dllguard was imported.
    told = _win32.added_folders()
    process = Process(
        disk=disk,
        machine=machine,
        application=_win32.application_folder(),
        system=system,
        windows=_win32.windows_folder(),
        added=(*added, *(_directory.recorded() if told is None else told)),
        path=tuple(f for f in os.environ.get("PATH", "").split(os.pathsep) if f),
        current=_current_folder(),
        set_directory=_win32.set_directory(),
        redirection=_win32.redirection(),
        packaged=_win32.is_packaged(),
        native=_win32.native_machine(),
        loaded=_win32.loaded_modules(),
        api_sets=_parsed(_ntdll.api_set_map()) or api_sets_of(disk, system),
        known_dlls=_ntdll.known_dlls() or known_dlls(),
    )
    environment = Environment(
        executable=sys.executable,
        version=sys.version_info[:2],
        machine=machine,
        prefix=sys.exec_prefix,
        base_prefix=sys.base_exec_prefix,
        site=tuple(f for f in sys.path if f and os.path.isdir(f)),
        user=site.getuserbase(),
        free_threaded="t" in getattr(sys, "abiflags", ""),
        kind=running_kind(),
        disk=disk,
    )
    return Host(
        process=process,
        environment=environment,
        windows=_win32.windows_name(),
        system_machine=_win32.native_machine(),
        live=True,
        circumstances=_machine.circumstances(machine),
        release=platform.python_version(),
    )


def known_dlls() -> frozenset[str]:
    from .._tables._windows_names import KNOWN_DLLS

    return KNOWN_DLLS


def api_sets_of(disk: Disk, system: str) -> ApiSets:
    if disk.is_catalogued(join(system, "apisetschema.dll")):
        return built_in_api_sets()
    path = disk.find(system, "apisetschema.dll")
    if path is None:
        return ApiSets()
    from .._files._pe import read_section

    # A schema of a later Windows: better to take the sets for present.
    return _parsed(read_section(path, ".apiset")) or ApiSets()


def _parsed(schema: bytes | None) -> ApiSets | None:
    try:
        return parse_schema(schema) if schema else None
    except ValueError:
        return None


def _python_machine() -> int:
    if sys.maxsize <= 2**32:
        return X86
    return ARM64 if "ARM64" in sys.version.upper() else X64


def _current_folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""
