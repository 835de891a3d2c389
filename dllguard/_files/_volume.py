"""What the file system of this machine tells, asked anew each time.

`_disk` remembers the answers. What cannot be read holds nothing: broken installations
are what dllguard reads.
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from .._model import Image, Unreadable, Version
from .._paths import is_native, join
from ._known import NOT_PACKED, Known, Packing
from ._layout import Layout, MalformedError
from ._manifest import LARGEST
from ._resources import MANIFEST, VERSION, fixed_version, resource
from ._symbols import Exports, Symbol, SymbolReader

# UPX's own names of the two sections that hold the unpacked and the packed bytes.
_UPX_SECTIONS: Final = (b"UPX0", b"UPX1")
_GUARD_CF: Final = 0x4000  # IMAGE_DLLCHARACTERISTICS_GUARD_CF, "PE Format"
_BLOCK: Final = 1 << 20

Symbols = tuple[Mapping[str, tuple[Symbol, ...]] | None, Exports | None]


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

    def image(self, path: str) -> Image | Unreadable:
        """Read a file as a PE image.

        :returns: the image, or why the file is none.
        """
        from ._pe import read_image

        return read_image(path)

    def version(self, path: str) -> Version | None:
        """Return the file version, or None where the file has none."""
        from ._pe import read_version

        return read_version(path)

    def symbols(self, path: str) -> Symbols:
        """Return what a file imports and exports, None for what cannot be read."""
        from ._pe import mapped

        with contextlib.suppress(OSError, ValueError), mapped(path) as data:
            return _symbols(Layout(data))
        return None, None

    def manifest(self, path: str) -> bytes | None:
        """Return the manifest inside a DLL that is an assembly of its own (id 1)."""
        from ._pe import mapped

        with contextlib.suppress(OSError, ValueError), mapped(path) as data:
            return resource(Layout(data), MANIFEST, 1)
        return None

    def packing(self, path: str) -> Packing:
        """Return what a file shows of UPX."""
        from ._pe import mapped

        with contextlib.suppress(OSError, ValueError), mapped(path) as data:
            return _packing(Layout(data))
        return NOT_PACKED

    def known(self, path: str) -> Known:
        """Return version, symbols, size and packing of a file, opened once."""
        from ._pe import mapped

        size = self.size(path)
        with contextlib.suppress(OSError, ValueError), mapped(path) as data:
            layout = Layout(data)
            content = resource(layout, VERSION, 1)
            imports, exports = _symbols(layout)
            return Known(
                version=fixed_version(content) if content is not None else None,
                size=size,
                imports=imports,
                exports=exports,
                packing=_packing(layout),
            )
        return Known(size=size)


def _symbols(layout: Layout) -> Symbols:
    reader, imports = SymbolReader(layout), None
    # An unreadable table proves nothing about a symbol.
    with contextlib.suppress(ValueError):
        imports = reader.imports()
        return imports, reader.exports()
    return imports, None


def _packing(layout: Layout) -> Packing:
    names = {section.name.rstrip(b"\0") for section in layout.sections}
    if not names.issuperset(_UPX_SECTIONS):
        return NOT_PACKED
    try:
        (header,) = layout.unpack("<I", 0x3C)
        (characteristics,) = layout.unpack("<H", header + 24 + 70)
    except MalformedError:
        return NOT_PACKED
    return Packing(packed=True, guarded=bool(characteristics & _GUARD_CF))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link in a loop, or without access: one such name must not hide the rest.
        return False


HERE: Final = Volume()
