"""What lies on disk: each folder listed once, each image read once.

A built-in system without files (a clean Windows 11, say) is a catalogue: folders
that hold names only. Nothing above this module knows the difference.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from .._model import Image, Unreadable, Version
from .._paths import base_name, folder_of, join
from ._symbols import Exports, Symbol, SymbolReader


class Disk:
    """Files as Windows sees them: names without case.

    :param catalogue: folders known by name only, each with its file names and
        their machine type.
    """

    def __init__(
        self, catalogue: Mapping[str, Mapping[str, int]] | None = None
    ) -> None:
        self._catalogue = dict(catalogue or {})
        self._listings: dict[str, dict[str, str]] = {}
        self._images: dict[str, Image | Unreadable] = {}
        self._versions: dict[str, Version | None] = {}
        self._imports: dict[str, Mapping[str, tuple[Symbol, ...]] | None] = {}
        self._exports: dict[str, Exports | None] = {}

    def find(self, folder: str, name: str) -> str | None:
        """Return the full path of `name` in `folder`, or None.

        :param folder: a folder; one that is absent or unreadable holds nothing.
        :param name: a file name, in any case.
        """
        listing = self._listings.get(folder)
        if listing is None:
            listing = self._listings[folder] = self._list(folder)
        found = listing.get(name.lower())
        return join(folder, found) if found is not None else None

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the file names in a folder, sorted without regard to case."""
        self.find(folder, "")
        listing = self._listings[folder]
        return tuple(listing[key] for key in sorted(listing))

    def exists(self, path: str) -> bool:
        """Tell whether a file of that path exists, in any case of its name."""
        return self.find(folder_of(path), base_name(path)) is not None

    def is_catalogued(self, path: str) -> bool:
        """Tell whether only the name of the file is known."""
        return folder_of(path) in self._catalogue

    def image(self, path: str) -> Image | Unreadable:
        """Read a file as a PE image, once.

        :returns: the image, or why the file is none.
        """
        image = self._images.get(path)
        if image is None:
            machine = self._catalogue.get(folder_of(path), {}).get(base_name(path))
            if machine is not None:
                image = Image(machine=machine)
            else:
                from ._pe import read_image

                image = read_image(path)
            self._images[path] = image
        return image

    def version(self, path: str) -> Version | None:
        """Return the file version, or None where the file has none."""
        if path not in self._versions:
            from ._pe import read_version

            known = self.is_catalogued(path)
            self._versions[path] = None if known else read_version(path)
        return self._versions[path]

    def same(self, one: str, other: str) -> bool:
        """Tell whether two files hold the same bytes, as far as can be read."""
        try:
            with open(one, "rb") as first, open(other, "rb") as second:
                while True:
                    block = first.read(1 << 20)
                    if block != second.read(1 << 20):
                        return False
                    if not block:
                        return True
        except OSError:
            return False

    def imports(self, path: str) -> Mapping[str, tuple[Symbol, ...]] | None:
        """Return the imported symbols by DLL, or None where they cannot be read."""
        if path not in self._imports:
            self._read_symbols(path)
        return self._imports[path]

    def exports(self, path: str) -> Exports | None:
        """Return the exported symbols, or None where they cannot be read."""
        if path not in self._exports:
            self._read_symbols(path)
        return self._exports[path]

    def _read_symbols(self, path: str) -> None:
        self._imports[path] = self._exports[path] = None
        if self.is_catalogued(path):
            return
        from ._pe import mapped

        try:
            with mapped(path) as data:
                reader = SymbolReader(data)
                self._imports[path] = reader.imports()
                self._exports[path] = reader.exports()
        except (OSError, ValueError):
            # An unreadable table proves nothing about a symbol.
            return

    def _list(self, folder: str) -> dict[str, str]:
        if folder in self._catalogue:
            return {name.lower(): name for name in self._catalogue[folder]}
        try:
            with os.scandir(folder or ".") as entries:
                return {e.name.lower(): e.name for e in entries if not _is_folder(e)}
        except OSError:
            return {}


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link in a loop, or without access: one such name must not hide the rest.
        return False
