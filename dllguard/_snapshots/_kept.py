"""What a snapshot keeps of all that a disk was asked: what may decide a load.

Of the 60,000 names that torch exports, a comparison looks for those that somebody
imports. The names of files that no loader looks for are nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from .._files._known import Known, Memory
from .._files._known_exports import KnownExports, is_whole
from .._files._manifest import Manifest, parse_manifest
from .._files._symbols import Exports, Symbol, forwarded_symbol
from .._hosts._host import Host
from .._loader._apisets import is_api_set
from .._loader._process import import_name
from .._model import Assembly, Image
from .._paths import base_name, plain
from .._tables._conventions import OPENMP
from .._tables._known_folders import PRODUCT_FOLDERS
from .._tables._redistributables import PRODUCTS
from .._tables._windows_releases import FUNCTIONS_SINCE

Asked = dict[str, set[Symbol]]

_ENDINGS: Final = (
    *(".dll", ".pyd", ".exe", ".drv", ".ocx", ".cpl", ".ax", ".acm", ".sys"),
    *(".manifest", ".local", "._pth"),
)
_OTHERS: Final = frozenset({"externally-managed"})
# Of Windows' components: nothing that is built for Windows asks for one of these.
_OF_WINDOWS: Final = "_31bf3856ad364e35_"
_WHOLE: Final = frozenset(
    (*PRODUCTS, *OPENMP, "ucrtbase.dll", *(dll for dll, _ in FUNCTIONS_SINCE))
)
_NOTHING: Final = Known()


def kept(memory: Memory, host: Host) -> Memory:
    """Return what of a memory belongs into a snapshot.

    :param memory: what the host's disk knows.
    :param host: the host.
    """
    names, asked = _imported(memory), _asked(memory, host)
    whole = _Whole(host)
    files: dict[str, Mapping[str, Known]] = {}
    for folder, known in memory.files.items():
        rows = {
            name: _kept_file(name, row, asked, whole=whole.holds(folder, name))
            for name, row in known.items()
            if row != _NOTHING or whole.lists(folder, name, names)
        }
        if rows:
            files[folder] = rows
    _without_symbols_of_windows(files, host)
    return replace(
        memory,
        files=files,
        matches={
            key: found
            for key, found in memory.matches.items()
            if key[1] in PRODUCT_FOLDERS
        },
    )


class _Whole:
    """What of a host is kept although nothing asked for it."""

    def __init__(self, host: Host) -> None:
        process, environment = host.process, host.environment
        self._system = plain(process.system)
        self._manifests = f"{plain(process.windows)}/winsxs/manifests"
        named = (f for f in environment.site if _is_site(f))
        self._site = frozenset(map(plain, named))

    def lists(self, folder: str, name: str, imported: frozenset[str]) -> bool:
        """Tell whether the name of a file is kept."""
        folder, name = plain(folder), name.lower()
        if folder == self._manifests:
            return _OF_WINDOWS not in name
        if folder == self._system or name in imported or name in _OTHERS:
            return True
        ending = name.endswith(".py") and folder in self._site
        return ending or name.endswith(_ENDINGS)

    def holds(self, folder: str, name: str) -> bool:
        """Tell whether all exports of a file are kept."""
        del folder
        name = name.lower()
        is_python = name.startswith("python") and name.endswith(".dll")
        return name in _WHOLE or is_python


def _is_site(folder: str) -> bool:
    return base_name(folder).lower() in ("site-packages", "dist-packages")


def _kept_file(name: str, known: Known, asked: Asked, *, whole: bool) -> Known:
    exports = known.exports
    if exports is not None and not (whole and is_whole(exports)):
        exports = _part(exports, asked.get(import_name(name), set()))
    manifest = known.manifest
    return replace(
        known,
        exports=exports,
        content=_kept_manifest(known.content),
        manifest=None if manifest is None else _kept_manifest(manifest),
    )


def _part(exports: Exports, asked: Iterable[Symbol]) -> Exports:
    """Return exports of which only what somebody asks for is told."""
    led = exports.forwarders if exports.forwards else {}
    absent = exports.absent if isinstance(exports, KnownExports) else frozenset()
    return KnownExports(
        absent=frozenset(s for s in asked if s not in exports) | absent,
        led={s: led[s] for s in asked if s in led},
    )


def _imported(memory: Memory) -> frozenset[str]:
    """Return the names that somebody imports, in lower case."""
    return frozenset(
        base_name(import_name(name))
        for known in memory.files.values()
        for row in known.values()
        if isinstance(row.image, Image)
        for name in (*row.image.imports, *row.image.delay_imports)
    )


def _asked(memory: Memory, host: Host) -> Asked:
    """Return the symbols that somebody asks of a file of each name."""
    asked: Asked = {}
    sets = host.process.api_sets

    def ask(dll: str, importer: str, symbols: Iterable[Symbol]) -> None:
        name = import_name(dll)
        host_of_set = sets.host(name, importer) if is_api_set(name) else ""
        asked.setdefault(base_name(host_of_set or name), set()).update(symbols)

    by_name: dict[str, list[Exports]] = {}
    for known in memory.files.values():
        for file, row in known.items():
            for dll, symbols in (row.imports or {}).items():
                ask(dll, file, symbols)
            if row.exports is not None and row.exports.forwards:
                by_name.setdefault(import_name(file), []).append(row.exports)
    # A forwarder asks for a symbol as well, which may be one itself.
    done: set[tuple[str, Symbol]] = set()
    while True:
        new = [
            (name, symbol, text)
            for name, rows in by_name.items()
            for exports in rows
            for symbol in asked.get(name, ())
            if (name, symbol) not in done
            and (text := exports.forwarders.get(symbol)) is not None
        ]
        if not new:
            return asked
        for name, symbol, text in new:
            done.add((name, symbol))
            module, _, target = text.rpartition(".")
            ask(module, name, (forwarded_symbol(target),))


def _without_symbols_of_windows(
    files: dict[str, Mapping[str, Known]], host: Host
) -> None:
    """Forget what Windows' own files import, but for what is forwarded.

    What they lack is never looked for; a forwarder brings another file along.
    """
    led: set[Symbol] = set()
    for known in files.values():
        for row in known.values():
            if row.exports is not None and row.exports.forwards:
                led.update(row.exports.forwarders)
    from .._tables._windows_names import CLEAN_WINDOWS_11_X64

    own = {name.lower() for name in CLEAN_WINDOWS_11_X64}.difference(PRODUCTS)
    system = plain(host.process.system)
    for folder, known in files.items():
        if plain(folder) == system:
            files[folder] = {
                name: _with(row, led) if name.lower() in own else row
                for name, row in known.items()
            }


def _with(known: Known, symbols: set[Symbol]) -> Known:
    if known.imports is None:
        return known
    found = {
        dll: tuple(symbol for symbol in wanted if symbol in symbols)
        for dll, wanted in known.imports.items()
    }
    return replace(known, imports={dll: row for dll, row in found.items() if row})


def _kept_manifest(content: bytes) -> bytes:
    """Return a manifest of which all is gone that no loader reads.

    One that cannot be read, as those that Windows compresses, comes out empty, which
    cannot be read either.
    """
    try:
        return _xml(parse_manifest(content)) if content else b""
    except ValueError:
        return b""


def _xml(manifest: Manifest) -> bytes:
    identity = manifest.identity
    parts = [
        '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">',
        *((_identity(identity),) if identity else ()),
        *(f"<file name={_quoted(file)}/>" for file in manifest.files),
        *(
            f"<dependency><dependentAssembly>{_identity(assembly)}"
            "</dependentAssembly></dependency>"
            for assembly in manifest.assemblies
        ),
        "</assembly>",
    ]
    return "".join(parts).encode("utf-8", "xmlcharrefreplace")


def _identity(assembly: Assembly) -> str:
    given = {
        "name": assembly.name,
        "version": ".".join(map(str, assembly.version)),
        "processorArchitecture": assembly.architecture,
        "publicKeyToken": assembly.token,
        "language": assembly.language,
    }
    attributes = " ".join(f"{name}={_quoted(value)}" for name, value in given.items())
    return f"<assemblyIdentity {attributes}/>"


def _quoted(text: str) -> str:
    from xml.sax.saxutils import quoteattr

    return quoteattr(text)
