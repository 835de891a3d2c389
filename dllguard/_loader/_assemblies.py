"""Side-by-side assemblies: DLLs that a manifest leads to, past the search list.

"Assembly Searching Sequence" (Microsoft) says where one is searched. The folders of
WinSxS are named `<architecture>_<name>_<token>_<version>_<culture>_<hash>`, and its
manifests after them (Wine, dlls/ntdll/actctx.c, lookup_manifest_file).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from .._files._manifest import Manifest, parse_manifest, read_manifest
from .._model import ARM64, X64, X86, Assembly
from .._paths import base_name, folder_of, join

if TYPE_CHECKING:
    from ._process import Process

__all__ = ["read_manifest", "redirections"]

_ARCHITECTURES: Final = {X86: "x86", X64: "amd64", ARM64: "arm64"}
_ANY_LANGUAGE: Final = ("", "*", "neutral")
_LANGUAGE: Final = re.compile(r"[a-z]+(-[a-z0-9]+)*")
_LONGEST_PATH: Final = 260

# The token of Microsoft.Windows.Common-Controls and others that are part of Windows.
_SIGNED_WITH_WINDOWS: Final = "6595b64144ccf1df"

# What follows the first two numbers of the version in the name of a manifest.
_REST: Final = re.compile(r"(\d+)\.(\d+)_([^_]+)_([0-9a-f]+)\.manifest")
_WINE_HASH: Final = "deadbeef"


def redirections(
    assemblies: tuple[Assembly, ...], importer: str, process: Process
) -> tuple[Mapping[str, str], tuple[Assembly, ...]]:
    """Find the DLLs of side-by-side assemblies.

    :param assemblies: what the importer's manifest depends on.
    :param importer: full path of the importing file; private assemblies lie beside it.
    :param process: whose machine type `*` means, and whose Windows has the shared ones.
    :returns: full path by lower-case name of the DLLs, and the assemblies that are not
        there, those that an assembly depends on among them. One is enough for the
        load to fail with 14001.
    """
    search = _Search(importer, process)
    paths: dict[str, str] = {}
    missing = []
    waiting = list(assemblies)
    seen = set(assemblies)
    for assembly in waiting:
        found = search.find(assembly)
        if found is None:
            missing.append(assembly)
            continue
        for name, path in found.files.items():
            paths.setdefault(name, path)
        new = [other for other in found.assemblies if other not in seen]
        seen.update(new)
        waiting.extend(new)
    return paths, tuple(missing)


class _Found(NamedTuple):
    """An assembly that is there: its DLLs, full path by name, and what it needs."""

    files: Mapping[str, str]
    assemblies: tuple[Assembly, ...] = ()


class _Search:
    def __init__(self, importer: str, process: Process) -> None:
        self._beside = folder_of(importer)
        self._disk = process.disk
        self._architecture = _ARCHITECTURES.get(process.machine, "*")
        self._store = self._disk.subfolder(process.windows, "WinSxS")
        self._manifests = self._disk.subfolder(self._store, "Manifests")

    def find(self, wanted: Assembly) -> _Found | None:
        """Find an assembly: a shared one first, then one beside the importer."""
        for language in _languages(wanted):
            found = self._shared(wanted, language) or self._private(wanted, language)
            if found is not None:
                return found
        # A Windows of which only System32 is at hand has its own assemblies too.
        if not self._manifests and wanted.token == _SIGNED_WITH_WINDOWS:
            return _Found({})
        return None

    def _shared(self, wanted: Assembly, language: str) -> _Found | None:
        name = self._newest(wanted, language)
        if name is None:
            return None
        folder = self._disk.subfolder(self._store, name[: -len(".manifest")])
        if not folder:
            return _Found({})
        manifest = _parsed(self._disk.content(join(self._manifests, name)))
        # Windows keeps some manifests in a compressed form of its own.
        return self._found(folder, manifest or Manifest(files=self._disk.names(folder)))

    def _newest(self, wanted: Assembly, language: str) -> str | None:
        """Return the name of the manifest of the newest build that will do.

        Publisher policies lead to it, and never to an older one.
        """
        if not wanted.token:
            return None
        architecture = self._architecture_of(wanted)
        major, minor, *least = wanted.version
        start = f"{architecture}_{_short(wanted.name)}_{wanted.token}_{major}.{minor}."
        any_culture = wanted.language in _ANY_LANGUAGE
        found = []
        for name in self._disk.names(self._manifests) if self._manifests else ():
            lower = name.lower()
            rest = (
                _REST.fullmatch(lower, len(start)) if lower.startswith(start) else None
            )
            if rest is None:
                continue
            build, revision, culture = int(rest[1]), int(rest[2]), rest[3]
            alike = culture == (language or "none")
            if [build, revision] >= least and (alike or any_culture):
                # Wine's own come last, whatever their build.
                found.append((alike, rest[4] != _WINE_HASH, build, revision, name))
        return max(found)[-1] if found else None

    def _private(self, wanted: Assembly, language: str) -> _Found | None:
        root, subfolder = self._beside, self._disk.subfolder
        if language:
            root = subfolder(root, language)
        for folder in (root, subfolder(root, wanted.name)):
            for path, content in self._manifests_in(folder, wanted.name):
                manifest = _parsed(content)
                if manifest is None or not self._fits(manifest.identity, wanted):
                    # The first one decides.
                    return None
                return self._found(folder_of(path), manifest)
        return None

    def _manifests_in(self, folder: str, name: str) -> Iterator[tuple[str, bytes]]:
        if not folder:
            return
        dll = self._disk.find(folder, f"{name}.dll")
        content = self._disk.manifest(dll) if dll else None
        # Since Windows 7, a DLL without a manifest does not end the search.
        if dll and content is not None:
            yield dll, content
        manifest = self._disk.find(folder, f"{name}.manifest")
        if manifest:
            yield manifest, self._disk.content(manifest)

    def _fits(self, identity: Assembly | None, wanted: Assembly) -> bool:
        return (
            identity is not None
            and identity.name == wanted.name
            and identity.token == wanted.token
            and identity.architecture in ("*", self._architecture_of(wanted))
            and wanted.version in (identity.version, (0, 0, 0, 0))
        )

    def _found(self, folder: str, manifest: Manifest) -> _Found:
        files: dict[str, str] = {}
        for name in manifest.files:
            path = self._file(folder, name)
            if path is not None:
                files.setdefault(base_name(path).lower(), path)
        return _Found(files, manifest.assemblies)

    def _file(self, folder: str, name: str) -> str | None:
        if len(name) > _LONGEST_PATH:
            return None
        *parts, last = name.replace("\\", "/").split("/")
        for part in parts:
            folder = folder_of(folder) if part == ".." else join(folder, part)
        return self._disk.find(folder, last)

    def _architecture_of(self, wanted: Assembly) -> str:
        own = wanted.architecture
        return self._architecture if own == "*" else own


def _languages(wanted: Assembly) -> Iterator[str]:
    """Yield the languages in which an assembly is searched, "" for none."""
    if _LANGUAGE.fullmatch(wanted.language) and wanted.language not in _ANY_LANGUAGE:
        language = wanted.language.partition("-")[0]
        yield from dict.fromkeys((wanted.language, language, "en-us", "en"))
    yield ""


def _short(name: str) -> str:
    # As the names of folders have them: amd64_microsoft.windows.c..-controls.resources_
    return name if len(name) <= 40 else f"{name[:19]}..{name[-19:]}"


def _parsed(content: bytes) -> Manifest | None:
    with contextlib.suppress(ValueError):
        return parse_manifest(content)
    return None
