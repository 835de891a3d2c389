"""What the file system of this machine tells, asked anew each time.

`_disk` remembers the answers. What cannot be read holds nothing: broken installations
are what dllguard reads.
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from .. import _deadline
from .._model import Image, Unreadable, Version
from .._paths import is_native, join
from ._known import Known, Packing
from ._manifest import LARGEST
from ._symbols import Exports, Symbol

_BLOCK: Final = 1 << 20

Symbols = tuple[Mapping[str, tuple[Symbol, ...]] | None, Exports | None]


class PeContent(Protocol):
    """What is asked of one PE file, wherever it is."""

    def image(self) -> Image | Unreadable:
        """Return the image, or why the file is none."""

    def version(self) -> Version | None:
        """Return the file version, or None where the file has none."""

    def symbols(self, known: dict[str, str] | None = None) -> Symbols:
        """Return what it imports and exports, None for what cannot be read."""

    def manifest(self) -> bytes | None:
        """Return the manifest inside a DLL that is an assembly of its own (id 1)."""

    def packing(self) -> Packing:
        """Return what it shows of UPX."""

    def known(self, names: dict[str, str] | None = None) -> Known:
        """Return version, symbols and packing, read at once."""


class Volume:
    """The files of this machine."""

    def opened(self, folders: Sequence[str]) -> Volume:
        """Return a volume that has some folders of this machine as well."""
        del folders
        return self

    def full(self, path: str) -> str:
        """Return the full path of what somebody asked for on this machine."""
        return os.path.abspath(path)

    def listing(self, folder: str) -> dict[str, str]:
        """Return the names of the files in a folder, by their lower-case forms."""
        try:
            with os.scandir(folder or ".") as entries:
                return {e.name.lower(): e.name for e in entries if not _is_folder(e)}
        except OSError:
            return {}

    def is_file(self, path: str) -> bool:
        """Tell whether a file of exactly that path exists."""
        return os.path.isfile(path)

    def is_folder(self, path: str) -> bool:
        """Tell whether a folder of exactly that path exists."""
        return os.path.isdir(path)

    def subfolder(self, folder: str, name: str) -> str:
        """Return the full path of a folder in a folder, "" where there is none.

        :param name: its name, in any case.
        """
        path = join(folder, name)
        if self.is_folder(path):
            return path
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.lower() == name.lower() and entry.is_dir():
                    return join(folder, entry.name)
        return ""

    def matching(self, folder: str, pattern: str) -> tuple[str, ...]:
        """Return what fits a pattern below a folder, in no order.

        :param pattern: with slashes; `*` stands for any part of one name.
        """
        if "\\" in join(folder, "x"):
            pattern = pattern.replace("/", "\\")
        return tuple(glob.glob(join(glob.escape(folder), pattern)))

    def natives(self, folder: str) -> Iterator[str]:
        """Yield every `.pyd` and `.dll` below a folder, in path order."""
        for parent, folders, names in os.walk(folder):
            _deadline.check()
            folders.sort(key=str.lower)
            for name in sorted(names, key=str.lower):
                if is_native(name):
                    yield join(parent, name)

    def changed(self, folder: str) -> int:
        """Return when a folder was changed, 0 where that is not known."""
        try:
            return os.stat(folder).st_mtime_ns
        except (OSError, ValueError):
            return 0

    def size(self, path: str) -> int | None:
        """Return the size of a file in bytes, None where it is not known."""
        try:
            return os.path.getsize(path)
        except OSError:
            return None

    def same(self, one: str, other: str) -> bool:
        """Tell whether two files hold the same bytes, as far as can be read."""
        try:
            with open(one, "rb") as first, open(other, "rb") as second:
                while True:
                    _deadline.check()
                    block = first.read(_BLOCK)
                    if block != second.read(_BLOCK):
                        return False
                    if not block:
                        return True
        except OSError:
            return False

    def content(self, path: str) -> bytes:
        """Return the content of a small file; that of an unreadable one is empty."""
        with contextlib.suppress(OSError), open(path, "rb") as file:
            return file.read(LARGEST + 1)
        return b""

    def file(self, path: str) -> PeContent:
        """Return what is in a PE file, of which nothing is read before it is asked."""
        from ._pe import PeFile

        return PeFile(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link in a loop, or without access: one such name must not hide the rest.
        return False


HERE: Final = Volume()
