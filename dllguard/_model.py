"""The facts dllguard works with, as frozen values.

Nothing in here reads a file or asks Windows. What follows from them is in `_verdict`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Version = tuple[int, int, int, int]

X86 = 0x014C
X64 = 0x8664
ARM64 = 0xAA64

# "PE Format", Machine Types.
MACHINES: Mapping[int, str] = {
    X86: "x86",
    0x01C4: "ARM32",
    X64: "x64",
    ARM64: "ARM64",
    0xA641: "ARM64EC",
    0xA64E: "ARM64X",
}


def machine_name(machine: int) -> str:
    """Name a PE machine type as people do: x86, x64, ARM64."""
    return MACHINES.get(machine, f"machine 0x{machine:04x}")


def version_text(version: Version) -> str:
    """Write a file version as Microsoft does: the fourth number only if it is not 0."""
    return ".".join(str(part) for part in (version if version[3] else version[:3]))


class Assembly(NamedTuple):
    """A side-by-side assembly that a manifest depends on, names in lower case."""

    name: str
    version: Version
    architecture: str = "*"
    token: str = ""
    language: str = "*"


@dataclass(frozen=True)
class Image:
    """What one PE file says of itself."""

    machine: int
    imports: tuple[str, ...] = ()
    delay_imports: tuple[str, ...] = ()
    linker: tuple[int, int] = (0, 0)
    hybrid: bool = False
    """CHPE metadata is present: ARM64EC, and ARM64X in an ARM64 image."""
    il_only: bool = False
    """A .NET assembly without native code: in place of its imports, .NET is loaded."""
    portable: bool = False
    """Without code of its machine type, so that every 64-bit process accepts it."""
    program: bool = False
    """No DLL but a program: it can be loaded, but its imports are not resolved."""
    load_flags: int = 0
    """DependentLoadFlags of the load configuration."""
    assemblies: tuple[Assembly, ...] | None = None
    """What the manifest that governs the imports (id 2) depends on; None without."""
    wine: bool = False
    """One of Wine's own: it may lack functions that Windows has."""


class Unreadable(NamedTuple):
    """Why a file is no PE image, as a phrase that follows its name."""

    reason: str
    winerror: int = 193


class Role(enum.Enum):
    """Why a folder stands on a search list."""

    FILE = "folder of the file that is loaded"
    APPLICATION = "application folder"
    ADDED = "added with os.add_dll_directory"
    SET = "set with SetDllDirectory"
    REDIRECTED = "redirected by a .local file"
    SYSTEM = "System32"
    WINDOWS = "Windows folder"
    CURRENT = "current folder"
    PATH = "PATH"


class Folder(NamedTuple):
    """One entry of a search list."""

    path: str
    role: Role


SearchList = tuple[Folder, ...]


@dataclass(frozen=True)
class Link:
    """One file in a chain of imports; `path` is None for a file that was not found."""

    name: str
    path: str | None = None


FaultKind = Literal["missing", "machine", "unreadable", "export", "assembly"]


@dataclass(frozen=True)
class Fault:
    """One reason why a load fails: the chain from the loaded file to the culprit."""

    kind: FaultKind
    chain: tuple[Link, ...]
    winerror: int
    path: str | None = None
    """The copy that does not fit: other machine, unreadable, or lacking symbols."""
    machine: int | None = None
    reason: str = ""
    symbols: tuple[str, ...] = ()

    @property
    def culprit(self) -> str:
        """Name of the DLL at the end of the chain."""
        return self.chain[-1].name

    @property
    def importer(self) -> Link | None:
        """The file that imports the culprit; None where the loaded file is at fault."""
        return self.chain[-2] if len(self.chain) > 1 else None


class Rivals(NamedTuple):
    """Files of one name in several added folders, the one that is taken first."""

    name: str
    paths: tuple[str, ...]
    importer: Link


class Conflict(NamedTuple):
    """A loaded DLL that answers for a different file of the same name."""

    name: str
    loaded: str
    other: str
    importer: Link


@dataclass(frozen=True)
class Load:
    """What one LoadLibrary call comes to."""

    path: str
    search: SearchList
    faults: tuple[Fault, ...] = ()
    resolved: Mapping[str, str] = field(default_factory=dict)
    """Full path by imported name, of every module that comes with the file."""
    conflicts: tuple[Conflict, ...] = ()
    rivals: tuple[Rivals, ...] = ()
    delayed: tuple[tuple[Link, ...], ...] = ()
    """Chains to delay imports that are not found, which stops no load."""
    retried_with_path: bool = False
    """The caller tried again with PATH (torch does) and that failed as well."""

    @property
    def winerror(self) -> int:
        """Code that Windows gives for this load; 0 where it succeeds."""
        return self.faults[0].winerror if self.faults else 0
