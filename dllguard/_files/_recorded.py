r"""The files of another machine, as far as a snapshot knows them.

A folder that it does not know holds nothing: `C:\Windows\System32` of this machine is
another folder. Of this machine only what was opened is looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from .._model import Image, Unreadable, Version
from .._paths import base_name, folder_of, is_full, is_native, join, plain
from ._known import Known, Memory, Packing
from ._volume import HERE, PeContent, Symbols, Volume

_NOTHING: Final = Known()


class RecordedFile:
    """One file of a snapshot.

    :param known: what is known of it.
    :param machine: its machine type, where only its name is known.
    """

    def __init__(self, known: Known, machine: int) -> None:
        self._known = known
        self._machine = machine

    def image(self) -> Image | Unreadable:
        """Return the image, or why the file is none."""
        return self._known.image or Image(machine=self._machine)

    def version(self) -> Version | None:
        """Return the file version, or None where it is not known."""
        return self._known.version

    def symbols(self, known: dict[str, str] | None = None) -> Symbols:
        """Return what it imports and exports, None for what is not known."""
        del known
        return self._known.imports, self._known.exports

    def manifest(self) -> bytes | None:
        """Return the manifest inside a DLL that is an assembly of its own (id 1)."""
        return self._known.manifest

    def packing(self) -> Packing:
        """Return what it shows of UPX."""
        return self._known.packing

    def known(self, names: dict[str, str] | None = None) -> Known:
        """Return all that is known."""
        del names
        return self._known


_NOT_KNOWN: Final = RecordedFile(
    Known(image=Unreadable("is not part of the snapshot", 2)), 0
)


class Recorded(Volume):
    """The files of a snapshot.

    :param memory: what is known of them.
    :param machine: what a file is taken for of which only the name is known, as of most
        in System32.
    :param here: folders of this machine that are looked at besides.
    """

    def __init__(self, memory: Memory, machine: int, here: Sequence[str] = ()) -> None:
        self._memory = memory
        self._machine = machine
        self._here = tuple(dict.fromkeys(map(_absolute, here)))
        self._files = {
            plain(folder): {name.lower(): (name, row) for name, row in known.items()}
            for folder, known in memory.files.items()
        }
        self._below: dict[str, dict[str, str]] = {}
        for folder in (*memory.files, *memory.folders):
            self._note(folder)
        self._matches = {
            (plain(folder), pattern): found
            for (folder, pattern), found in memory.matches.items()
        }
        self._pairs = {
            frozenset(map(plain, pair)): same for pair, same in memory.same.items()
        }

    def opened(self, folders: Sequence[str]) -> Volume:
        """Return a volume that has some folders of this machine as well."""
        new = [folder for folder in folders if not self._is_here(folder)]
        if not new:
            return self
        return Recorded(self._memory, self._machine, (*self._here, *new))

    def is_recorded(self, path: str) -> bool:
        """Tell whether a path is that of a file or folder of the snapshot."""
        return plain(path) in self._below or self._row(path) is not None

    def full(self, path: str) -> str:
        """Return the full path of what somebody asked for: of that machine, or here."""
        if is_full(path) and self.is_recorded(path):
            # On Windows, `abspath` has the same effect.
            path = path.replace("/", "\\") if path[1:2] == ":" else path
            row = self._row(path)
            return join(folder_of(path), row[0]) if row else path
        return os.path.abspath(path)

    def listing(self, folder: str) -> dict[str, str]:
        """Return the names of the files in a folder, by their lower-case forms."""
        if self._is_here(folder):
            return HERE.listing(folder)
        return {key: row[0] for key, row in self._files.get(plain(folder), {}).items()}

    def is_file(self, path: str) -> bool:
        """Tell whether a file of that path exists."""
        if self._is_here(path):
            return HERE.is_file(path)
        return self._row(path) is not None

    def is_folder(self, path: str) -> bool:
        """Tell whether a folder of that path exists."""
        return HERE.is_folder(path) if self._is_here(path) else self._is_known(path)

    def subfolder(self, folder: str, name: str) -> str:
        """Return the full path of a folder in a folder, "" where there is none."""
        if self._is_here(folder):
            return HERE.subfolder(folder, name)
        written = self._below.get(plain(folder), {}).get(name.lower(), "")
        # Windows takes the name as it is asked for.
        return join(folder, name if "\\" in folder else written) if written else ""

    def matching(self, folder: str, pattern: str) -> tuple[str, ...]:
        """Return what fits a pattern below a folder, in no order."""
        if self._is_here(folder):
            return HERE.matching(folder, pattern)
        return self._matches.get((plain(folder), pattern), ())

    def natives(self, folder: str) -> Iterator[str]:
        """Yield every `.pyd` and `.dll` below a folder, in path order."""
        if self._is_here(folder):
            yield from HERE.natives(folder)
            return
        waiting = [folder]
        while waiting:
            folder = waiting.pop()
            for name in sorted(self.listing(folder).values(), key=str.lower):
                if is_native(name):
                    yield join(folder, name)
            below = self._below.get(plain(folder), {})
            waiting += (join(folder, below[key]) for key in sorted(below, reverse=True))

    def changed(self, folder: str) -> int:
        """Return when a folder was changed, 0 where that is not known."""
        return HERE.changed(folder) if self._is_here(folder) else 0

    def size(self, path: str) -> int | None:
        """Return the size of a file in bytes, None where it is not known."""
        return HERE.size(path) if self._is_here(path) else self._known(path).size

    def same(self, one: str, other: str) -> bool:
        """Tell whether two files hold the same bytes; in doubt they do."""
        if self._is_here(one) and self._is_here(other):
            return HERE.same(one, other)
        known = self._pairs.get(frozenset((plain(one), plain(other))))
        sizes = {self.size(one), self.size(other)} - {None}
        return len(sizes) < 2 if known is None else known

    def content(self, path: str) -> bytes:
        """Return the content of a manifest; that of an unknown file is empty."""
        return HERE.content(path) if self._is_here(path) else self._known(path).content

    def file(self, path: str) -> PeContent:
        """Return what is known of a PE file."""
        if self._is_here(path):
            return HERE.file(path)
        row = self._row(path)
        return _NOT_KNOWN if row is None else RecordedFile(row[1], self._machine)

    def _known(self, path: str) -> Known:
        row = self._row(path)
        return row[1] if row else _NOTHING

    def _row(self, path: str) -> tuple[str, Known] | None:
        return self._files.get(plain(folder_of(path)), {}).get(base_name(path).lower())

    def _is_known(self, folder: str) -> bool:
        return plain(folder) in self._below

    def _is_here(self, path: str) -> bool:
        """Tell whether a path is in a folder of this machine that was opened."""
        if not self._here:
            return False
        return any(_absolute(path).startswith(root) for root in self._here)

    def _note(self, folder: str) -> None:
        """Keep a folder, and those above it."""
        name, key = "", plain(folder)
        while True:
            known = self._below.setdefault(key, {})
            if name:
                known.setdefault(name.lower(), name)
            above = folder_of(folder)
            if above == folder or not above:
                return
            folder, name, key = above, base_name(folder), plain(above)


def _absolute(path: str) -> str:
    return os.path.normcase(os.path.join(os.path.abspath(path), ""))
