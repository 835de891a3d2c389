"""Names of built-in hosts: which Windows, which redistributable, which Python.

`win11+redist=14.29+python=3.12` is a Windows with modifiers, in any order and case.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .._model import ARM64, X64, X86, Version, machine_name, version_text
from .._tables import _built_in_hosts as tables
from .._tables._windows_releases import LAST_PYTHON, RELEASES

MODIFIERS: Final = ("+redist=14.44", "+python=3.12", "+x86", "+arm64")

_MACHINES: Final = {"x86": X86, "x64": X64, "arm64": ARM64}
_PYTHON: Final = re.compile(r"3\.(\d{1,2})(t?)")
_REDISTRIBUTABLE: Final = re.compile(r"14\.(\d{1,2})((?:\.\d{1,5}){0,2})")
_FIRST_PYTHON: Final = (3, 5)
_FIRST_FREE_THREADED: Final = (3, 13)
_WINDOWS_10: Final = 10240


@dataclass(frozen=True)
class HostName:
    """What the name of a built-in host asks for.

    :param edition: n, core or "".
    :param machine: PE machine type of the Python.
    :param redistributable: the v14 one in System32, None without.
    """

    release: tables.Release
    edition: str
    machine: int
    python: tuple[int, int]
    free_threaded: bool
    redistributable: Version | None

    @property
    def installation(self) -> str:
        """InstallationType of the registry."""
        kind: str = self.release.kind
        return "Server Core" if self.edition == "core" else kind

    @property
    def edition_id(self) -> str:
        """EditionID of the registry, "" where it may be any."""
        if self.release.kind != "Client":
            return ""
        return "ProfessionalN" if self.edition == "n" else "Professional"

    @property
    def number(self) -> str:
        """The Python as it stands in the name of its DLL: 311, 313t."""
        return "".join(map(str, self.python)) + "t" * self.free_threaded

    @property
    def title(self) -> str:
        """The host for people, with what is only taken for granted."""
        what = {"Server Core": ", Server Core", "Nano Server": ", Nano Server"}
        edition = " N" if self.edition == "n" else ""
        runtime = "no Visual C++ redistributable"
        if self.redistributable is not None:
            number = version_text(self.redistributable)
            runtime = f"Visual C++ redistributable {number}"
        machine = machine_name(ARM64 if self.machine == ARM64 else X64)
        built_in = "built in: what is not known to be missing counts as present"
        whole = f"clean {self.release.title}{edition} {machine}"
        whole += what.get(self.installation, "")
        return f"{whole} ({built_in}; {runtime})"


def built_in_names() -> tuple[str, ...]:
    """Return all names without modifiers, in the order of their releases."""
    return tuple(_names())


def parse_host_name(name: str) -> HostName:
    """Read the name of a built-in host.

    :raises ValueError: for what is not known, or does not go together; it lists the
        names that there are, and those that are near.
    """
    named: dict[str, str] = {}
    for word in name.lower().split("+"):
        kind = _kind(word.strip(), name)
        if named.setdefault(kind, word.strip()) != word.strip():
            raise ValueError(f"{name}: {named[kind]} and {word} exclude each other")
    release, edition = _release(named.get("windows", ""), name)
    machine = _MACHINES[named.get("machine", "x64")]
    _require_machine(machine, release, name)
    python, threaded = _python(named.get("python"), release, name)
    redistributable = _redistributable(named.get("redist"), release, name)
    return HostName(release, edition, machine, python, threaded, redistributable)


def _names() -> Iterator[str]:
    for name, release in tables.RELEASES.items():
        yield name
        if release.kind == "Client":
            yield f"{name}-n"
        elif release.kind == "Server":
            yield f"{name}-core"


def _kind(word: str, name: str) -> str:
    """Tell what a word of the name is about."""
    key, equals, _ = word.partition("=")
    if equals and key in ("python", "redist"):
        return key
    if word in _MACHINES:
        return "machine"
    if word in built_in_names():
        return "windows"
    modifiers = [modifier[1:] for modifier in MODIFIERS]
    near = difflib.get_close_matches(word, (*built_in_names(), *modifiers))
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    raise _unknown(f"{name}: {word or 'nothing'} is no built-in host: {meant}")


def _release(word: str, name: str) -> tuple[tables.Release, str]:
    if not word:
        raise _unknown(f"{name}: names no Windows: ")
    if word in tables.RELEASES:
        return tables.RELEASES[word], ""
    base, _, edition = word.rpartition("-")
    return tables.RELEASES[base], edition


def _unknown(problem: str) -> ValueError:
    known, modifiers = ", ".join(built_in_names()), ", ".join(MODIFIERS)
    return ValueError(f"{problem}there are {known}; with {modifiers}")


def _require_machine(machine: int, release: tables.Release, name: str) -> None:
    if machine == ARM64:
        first = tables.FIRST_ON_ARM64.get(release.kind)
        if first is None or release.build < first:
            raise ValueError(f"{name}: there is no {release.title} for ARM64")
    if machine == X86 and release.kind == "Nano Server":
        raise ValueError(f"{name}: Nano Server runs no 32-bit programs")


def _python(
    word: str | None, release: tables.Release, name: str
) -> tuple[tuple[int, int], bool]:
    first = max(number for number, _ in RELEASES if number <= release.build)
    last = LAST_PYTHON.get(dict(RELEASES)[first])
    if word is None:
        running = sys.version_info[:2]
        return (min(running, last) if last else running), False
    found = _PYTHON.fullmatch(word.partition("=")[2])
    version = (3, int(found[1])) if found else (0, 0)
    threaded = bool(found and found[2])
    if version < (_FIRST_FREE_THREADED if threaded else _FIRST_PYTHON):
        raise ValueError(f"{name}: +{word} is no Python such as 3.12 or 3.13t")
    if last is not None and version > last:
        number = ".".join(map(str, last))
        raise ValueError(f"{name}: {number} is the last Python for {release.title}")
    return version, threaded


def _redistributable(
    word: str | None, release: tables.Release, name: str
) -> Version | None:
    if word is None:
        return None
    found = _REDISTRIBUTABLE.fullmatch(word.partition("=")[2])
    if found is None:
        raise ValueError(f"{name}: +{word} is no release such as 14.29 or 14.44.35211")
    first = 14, int(found[1])
    if first >= tables.REDISTRIBUTABLE_OF_10 and release.build < _WINDOWS_10:
        raise ValueError(f"{name}: +{word} is for Windows 10 and later")
    rest = tables.REDISTRIBUTABLES.get(first, (0, 0))
    if found[2]:
        build, _, revision = found[2][1:].partition(".")
        rest = int(build), int(revision or 0)
    return (*first, *rest)
