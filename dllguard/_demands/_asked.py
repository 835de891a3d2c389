"""What native files ask for that nobody brings along: imports, names, manifests.

What the package of a file, or what that package requires, has under the wanted name
counts as brought. Whether it is found there is a question to `check`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from .._files._disk import Disk
from .._files._layout import Layout, MalformedError
from .._files._pe import mapped
from .._files._symbols import Symbol
from .._loader._process import import_name
from .._model import ARM64, X64, X86, Assembly, Image
from .._paths import base_name

How = Literal["imports", "delay-imports", "names"]

_NAME_AT_MOST: Final = 60
# Data sections: what the linkers of Microsoft, LLVM and GNU put strings into.
_WITH_STRINGS: Final = (b".rdata", b".data")
_ENDINGS: Final = (b".dll\0", b".DLL\0")
_WIDE_ENDINGS: Final = (b".\0d\0l\0l\0\0\0", b".\0D\0L\0L\0\0\0")
_OF_NAMES: Final = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+"
)


@dataclass(frozen=True)
class Native:
    """One native file of a target.

    :param path: the file.
    :param brought: lower-case names that its package and those it requires have.
    :param optional: it loads later, if at all: nothing that loads first imports it.
    :param loads: its package loads it, be it that Python imports it.
    """

    path: str
    brought: frozenset[str]
    optional: bool = False
    loads: bool = False


@dataclass(frozen=True)
class Asked:
    """A DLL that a file asks for and that nobody brings.

    :param name: as it stands in the file.
    :param symbols: what is imported of it.
    """

    native: Native
    image: Image
    name: str
    how: How
    symbols: tuple[Symbol, ...] = ()

    @property
    def key(self) -> str:
        """The name as the loader compares it."""
        return import_name(self.name)

    @property
    def optional(self) -> bool:
        """The file loads without it, or is not loaded itself."""
        return self.how != "imports" or self.native.optional

    @property
    def text(self) -> str:
        """What the file does, as it follows its name."""
        verb = {"names": "loads by name, it seems,"}.get(self.how, self.how)
        return f"{verb} {self.name}"


def readable(
    natives: Iterable[Native], disk: Disk
) -> tuple[list[tuple[Native, Image]], list[tuple[str, str]]]:
    """Return the files that are images, and the others, each with the reason."""
    read, unread = [], []
    for native in natives:
        image = disk.image(native.path)
        if isinstance(image, Image):
            read.append((native, image))
        else:
            unread.append((native.path, image.reason))
    return read, unread


def machine_of(files: Iterable[tuple[Native, Image]]) -> int | None:
    """Return the machine type that a target is made for.

    That of most extension modules, of most DLLs where there are none: debuggers have
    a DLL for each machine type beside a module for one.
    """
    known = [(n, i.machine) for n, i in files if i.machine in (X86, X64, ARM64)]
    modules = [m for n, m in known if n.path.lower().endswith(".pyd")]
    counted = Counter(modules or [machine for _, machine in known])
    return counted.most_common(1)[0][0] if counted else None


def asked_of(files: Iterable[tuple[Native, Image]], disk: Disk) -> Iterator[Asked]:
    """Yield what files ask for and nobody brings.

    :param files: those of one machine type.
    :param disk: where their tables are read.
    """
    for native, image in files:
        if image.il_only or image.program:
            continue
        symbols = disk.imports(native.path) or {}
        known = {base_name(native.path).lower()}
        for name in image.imports:
            known.add(import_name(name))
            if import_name(name) not in native.brought:
                yield Asked(native, image, name, "imports", symbols.get(name, ()))
        for name in image.delay_imports:
            known.add(import_name(name))
            if import_name(name) not in native.brought:
                yield Asked(native, image, name, "delay-imports")
        for name in sorted(names_in(native.path)):
            if name not in known and name not in native.brought:
                yield Asked(native, image, name, "names")


def assemblies_of(
    files: Iterable[tuple[Native, Image]],
) -> Iterator[tuple[Native, Assembly]]:
    """Yield the side-by-side assemblies that files depend on."""
    for native, image in files:
        for assembly in image.assemblies or ():
            yield native, assembly


def names_in(path: str) -> frozenset[str]:
    """Return the lower-case names of DLLs that stand as strings in a file's data.

    :param path: a file; a damaged one has none.
    """
    found: set[str] = set()
    try:
        with mapped(path) as data:
            for section in Layout(data).sections:
                if section.name.rstrip(b"\0") not in _WITH_STRINGS:
                    continue
                start, end = section.raw, section.raw + section.raw_size
                for ending, width in _endings():
                    at = data.find(ending, start, end)
                    while at >= 0:
                        first = max(start, at - width * _NAME_AT_MOST)
                        stem = _stem(data[first:at], width)
                        if stem:
                            found.add(f"{stem.lower()}.dll")
                        at = data.find(ending, at + 1, end)
    except (OSError, MalformedError):
        return frozenset()
    return frozenset(found)


def _endings() -> Iterator[tuple[bytes, int]]:
    for ending in _ENDINGS:
        yield ending, 1
    for ending in _WIDE_ENDINGS:
        yield ending, 2


def _stem(before: bytes, width: int) -> str:
    """Return the name that ends where the given bytes end."""
    if width == 2:
        before = before[len(before) % 2 :]
        pairs = zip(before[0::2], before[1::2], strict=True)
        before = bytes(low if not high else 0 for low, high in pairs)
    size = 0
    while size < len(before) and before[-1 - size] in _OF_NAMES:
        size += 1
    return before[len(before) - size :].decode("ascii")
