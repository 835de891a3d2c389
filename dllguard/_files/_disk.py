"""What lies on disk: each folder listed once, each image read once.

The one door to the file system for all that judges. A built-in system without files (a
clean Windows 11, say) is a catalogue: folders that hold names only. Of another machine,
a snapshot answers (`_recorded`). Nothing above this module knows the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import _deadline
from .._model import Image, Unreadable, Version
from .._paths import base_name, folder_of, join, plain
from ._known import Known, Memory, Packing
from ._symbols import Exports, Symbol
from ._volume import HERE, PeContent, Volume


class Disk:
    """Files as Windows sees them: names without case.

    :param catalogue: folders known by name only, each with its file names and
        their machine type.
    :param volume: what answers for all other folders; this machine by default.
    """

    def __init__(
        self,
        catalogue: Mapping[str, Mapping[str, int]] | None = None,
        volume: Volume = HERE,
    ) -> None:
        self._catalogue = dict(catalogue or {})
        self._volume = volume
        self._listings: dict[str, dict[str, str]] = {}
        self._folders: dict[str, bool] = {}
        self._matches: dict[tuple[str, str], tuple[str, ...]] = {}
        self._same: dict[tuple[str, str], bool] = {}
        self._files: dict[str, PeContent] = {}
        self._names: dict[str, str] = {}
        self._images: dict[str, Image | Unreadable] = {}
        self._versions: dict[str, Version | None] = {}
        self._sizes: dict[str, int | None] = {}
        self._imports: dict[str, Mapping[str, tuple[Symbol, ...]] | None] = {}
        self._exports: dict[str, Exports | None] = {}
        self._contents: dict[str, bytes] = {}
        self._manifests: dict[str, bytes | None] = {}
        self._packings: dict[str, Packing] = {}

    def opened(self, *folders: str) -> Disk:
        """Return a disk that has some folders of this machine, with all below them.

        :param folders: what belongs to the judgement although it lies here, as an
            unpacked wheel does; a disk of this machine has it anyway.
        """
        volume = self._volume.opened(folders)
        return self if volume is self._volume else Disk(self._catalogue, volume)

    def full(self, path: str) -> str:
        """Return the full path of what somebody asked for: of that machine, or here."""
        return self._volume.full(path)

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

    def is_file(self, path: str) -> bool:
        """Tell whether a file of exactly that path exists."""
        return self._volume.is_file(path)

    def is_folder(self, path: str) -> bool:
        """Tell whether a folder of exactly that path exists."""
        known = self._folders.get(path)
        if known is None:
            known = self._folders[path] = self._volume.is_folder(path)
        return known

    def subfolder(self, folder: str, name: str) -> str:
        """Return the full path of a folder in a folder, "" where there is none.

        :param folder: "" has none.
        :param name: its name, in any case.
        """
        if not folder or folder in self._catalogue:
            return ""
        found = self._volume.subfolder(folder, name)
        if found:
            self._folders[found] = True
        return found

    def matching(self, folder: str, pattern: str) -> tuple[str, ...]:
        """Return what fits a pattern below a folder, in no order.

        :param pattern: with slashes; `*` stands for any part of one name.
        """
        key = folder, pattern
        if key not in self._matches:
            self._matches[key] = self._volume.matching(folder, pattern)
        return self._matches[key]

    def natives(self, folder: str) -> Iterator[str]:
        """Yield every `.pyd` and `.dll` below a folder, in path order."""
        return self._volume.natives(folder)

    def changed(self, folder: str) -> int:
        """Return when a folder was changed, 0 where that is not known."""
        return self._volume.changed(folder)

    def image(self, path: str) -> Image | Unreadable:
        """Read a file as a PE image, once.

        :returns: the image, or why the file is none.
        """
        image = self._images.get(path)
        if image is None:
            _deadline.check()
            machine = self._catalogue.get(folder_of(path), {}).get(base_name(path))
            if machine is not None:
                image = Image(machine=machine)
            else:
                image = self._file(path).image()
            self._images[path] = image
        return image

    def version(self, path: str) -> Version | None:
        """Return the file version, or None where the file has none."""
        if path not in self._versions:
            _deadline.check()
            known = self.is_catalogued(path)
            self._versions[path] = None if known else self._file(path).version()
        return self._versions[path]

    def size(self, path: str) -> int | None:
        """Return the size of a file in bytes, None where it is not known.

        :param path: a full path; a record may have another case than the disk.
        """
        if path not in self._sizes:
            _deadline.check()
            found = self.find(folder_of(path), base_name(path))
            known = found is not None and not self.is_catalogued(path)
            self._sizes[path] = self._volume.size(found) if found and known else None
        return self._sizes[path]

    def same(self, one: str, other: str) -> bool:
        """Tell whether two files hold the same bytes, as far as that is known."""
        pair = one, other
        if pair not in self._same:
            self._same[pair] = self._volume.same(one, other)
        return self._same[pair]

    def content(self, path: str) -> bytes:
        """Return the content of a manifest; that of an unreadable file is empty."""
        if path not in self._contents:
            _deadline.check()
            self._contents[path] = self._volume.content(path)
        return self._contents[path]

    def manifest(self, path: str) -> bytes | None:
        """Return the manifest inside a DLL that is an assembly of its own (id 1)."""
        if path not in self._manifests:
            _deadline.check()
            known = self.is_catalogued(path)
            self._manifests[path] = None if known else self._file(path).manifest()
        return self._manifests[path]

    def packing(self, path: str) -> Packing:
        """Return what a file shows of UPX."""
        if path not in self._packings:
            _deadline.check()
            known = self.is_catalogued(path)
            self._packings[path] = Packing() if known else self._file(path).packing()
        return self._packings[path]

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

    def read(self, path: str) -> None:
        """Ask for all that may be asked of a PE file."""
        self.image(path)
        asked = path in self._imports and path in self._exports
        if asked or self.is_catalogued(path):
            return
        known = self._file(path).known(self._names)
        self._versions[path] = known.version
        self._sizes[path] = self._volume.size(path)
        self._imports[path], self._exports[path] = known.imports, known.exports
        self._packings[path] = known.packing

    def memory(self) -> Memory:
        """Return all that was asked so far, with the answers."""
        files: dict[str, dict[str, dict[str, Any]]] = {}
        spelled: dict[str, str] = {}
        for folder, listing in self._listings.items():
            known = files.setdefault(spelled.setdefault(plain(folder), folder), {})
            for name in listing.values():
                known.setdefault(name, {})
        names = {f: {n.lower(): n for n in known} for f, known in files.items()}
        for title, table in self._tables().items():
            for path, answer in table.items():
                # Asked for by a path in any case, or by that of a file that is gone.
                folder = spelled.get(plain(folder_of(path)), "")
                name = names.get(folder, {}).get(base_name(path).lower(), "")
                row = files.get(folder, {}).get(name, {})
                if row.get(title) is None:
                    row[title] = answer
        return Memory(
            {f: {n: Known(**row) for n, row in k.items()} for f, k in files.items()},
            frozenset(folder for folder, exists in self._folders.items() if exists),
            self._matches,
            self._same,
        )

    def _tables(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            "image": self._images,
            "version": self._versions,
            "size": self._sizes,
            "imports": self._imports,
            "exports": self._exports,
            "content": self._contents,
            "manifest": self._manifests,
            "packing": self._packings,
        }

    def _read_symbols(self, path: str) -> None:
        _deadline.check()
        known = self.is_catalogued(path)
        found = (None, None) if known else self._file(path).symbols(self._names)
        self._imports[path], self._exports[path] = found

    def _file(self, path: str) -> PeContent:
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = self._volume.file(path)
        return file

    def _list(self, folder: str) -> dict[str, str]:
        _deadline.check()
        if folder in self._catalogue:
            return {name.lower(): name for name in self._catalogue[folder]}
        return self._volume.listing(folder)
