"""A Windows process as its loader sees it: what is loaded, and where it looks.

Who builds it decides whether the judgement is live or offline (`_host`); the rules
are the same. "Dynamic-link library search order" and "LoadLibraryEx" (Microsoft)
say what is searched in which order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

from .._files._disk import Disk
from .._model import ARM64, X64, X86, Image, Role, SearchList, Unreadable
from .._paths import base_name, folder_of, is_full, join
from .._tables._load_flags import EXTENSION
from ._apisets import ApiSets, is_api_set
from ._search import search_list

_NOWHERE: Mapping[str, str] = {}

_Key = tuple[int, int, SearchList]


class Answer(NamedTuple):
    """What the loader makes of one imported name."""

    path: str | None = None
    provided: bool = False
    """An API set whose host needs no file here."""
    unreadable: Unreadable | None = None
    """`path` stopped the search: it exists, but is no PE image."""
    misfits: tuple[str, ...] = ()
    """Copies for another machine type, which the search passed over."""
    shadowed: str | None = None
    """The file the search list leads to, where a loaded DLL of that name answers."""
    rivals: tuple[str, ...] = ()
    """Copies in other added folders, whose order is not documented."""


@dataclass(frozen=True)
class Process:
    """One process: its machine type, its folders, its loaded modules.

    :param machine: PE machine type of the process.
    :param application: folder of the process executable.
    :param system: the System32 that a process of this machine type sees.
    :param windows: the Windows folder.
    :param added: folders given to `os.add_dll_directory`, newest first.
    :param path: folders on PATH.
    :param set_directory: the folder given to SetDllDirectory, "" without.
    :param redirection: the folder that a `.local` file or folder beside the executable
        redirects to, "" without.
    :param packaged: a packaged app (Store Python): PATH and the current folder are
        never searched.
    :param extension_flags: with which LoadLibraryEx flags extension modules are loaded.
    :param native: machine type of Windows itself, where it is not that of the process.
    :param loaded: full path by lower-case base name.
    """

    disk: Disk
    machine: int
    application: str
    system: str
    windows: str
    added: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    current: str = ""
    set_directory: str = ""
    redirection: str = ""
    packaged: bool = False
    extension_flags: int = EXTENSION
    native: int = 0
    loaded: Mapping[str, str] = field(default_factory=dict)
    api_sets: ApiSets = field(default_factory=ApiSets)
    known_dlls: frozenset[str] = frozenset()

    def search_list(self, file: str, flags: int | None = None) -> SearchList:
        """Return the folders of a load, in order. They serve every import below it.

        :param file: full path of the file that is loaded, or a bare name.
        :param flags: those of LoadLibraryEx; by default an extension module's.
        """
        return search_list(self, file, self.extension_flags if flags is None else flags)

    def accepts(self, image: Image) -> bool:
        """Tell whether an image fits this process.

        A 64-bit process takes what holds no code (Wine, dlls/ntdll/loader.c,
        is_valid_binary); an x64 process takes ARM64X files where Windows itself is for
        ARM64 ("Arm64X PE files").
        """
        if image.machine == self.machine or (image.portable and self.machine != X86):
            return True
        emulated = self.machine == X64 and self.native == ARM64
        return emulated and image.machine == ARM64 and image.hybrid

    @property
    def is_wine(self) -> bool:
        """Whether the loader is Wine's, which never fails for a missing function."""
        path = self.disk.find(self.system, "ntdll.dll")
        image = self.disk.image(path) if path is not None else None
        return isinstance(image, Image) and image.wine

    def has_loaded(self, path: str) -> bool:
        """Tell whether that very file is among the loaded modules."""
        loaded = self.loaded.get(base_name(path).lower())
        return loaded is not None and loaded.lower() == path.lower()

    def answers(self, search: SearchList) -> dict[str, Answer]:
        """Return what this search list was asked for before, by any load, by name."""
        key = self.machine, self.native, search
        return _ANSWERS.setdefault(self.disk, {}).setdefault(key, {})

    def find(
        self,
        name: str,
        importer: str,
        search: SearchList,
        *,
        loaded: Mapping[str, str] | None = None,
        redirected: Mapping[str, str] = _NOWHERE,
        answers: dict[str, Answer] | None = None,
        rivalry: bool = True,
    ) -> Answer:
        """Find the file that answers for an imported name.

        :param name: the name as it stands in the import table.
        :param importer: file name of the importing module.
        :param search: the search list of the outermost load.
        :param loaded: what is loaded by now, where that is more than at the start.
        :param redirected: full path by name for the files of the side-by-side
            assemblies that the importer's manifest names.
        :param answers: those of this search list.
        :param rivalry: tell also what a loaded DLL is taken in the place of.
        """
        answers = self.answers(search) if answers is None else answers
        loaded = self.loaded if loaded is None else loaded
        name = import_name(name)
        if base_name(name) != name:
            # Neither API sets nor loaded modules have a folder in their name.
            return self._searched(name, search, answers)
        answer = self._redirection(name, importer, loaded)
        if answer is not None:
            return answer
        if name in redirected:
            return Answer(redirected[name])
        if name in loaded:
            path, shadowed = loaded[name], None
            # What this very load has loaded is what the list leads to.
            if rivalry and name in self.loaded:
                shadowed = self._searched(name, search, answers).path
            same = shadowed is None or shadowed.lower() == path.lower()
            return Answer(path, shadowed=None if same else shadowed)
        known = self.disk.find(self.system, name) if name in self.known_dlls else None
        if known is not None:
            return Answer(known)
        return self._searched(name, search, answers)

    def _redirection(
        self, name: str, importer: str, loaded: Mapping[str, str]
    ) -> Answer | None:
        """Answer for a name that a `.local` file or the API sets redirect."""
        if self.redirection:
            path = self.disk.find(self.redirection, name)
            if path is not None:
                return Answer(path)
        if not is_api_set(name):
            return None
        host = self.api_sets.host(name, importer)
        if host:
            return Answer(loaded.get(host) or self.disk.find(self.system, host))
        # A set without a host is normal for ext- sets, inside Windows.
        return None if host is None else Answer(provided=self.api_sets.assumes(name))

    def _searched(
        self, name: str, search: SearchList, answers: dict[str, Answer]
    ) -> Answer:
        answer = answers.get(name)
        if answer is None:
            answer = answers[name] = self._search(name, search)
        return answer

    def _search(self, name: str, search: SearchList) -> Answer:
        misfits: list[str] = []
        for i, folder in enumerate(search):
            path = self.disk.find(*_split(folder.path, name))
            if path is None:
                continue
            image = self.disk.image(path)
            if isinstance(image, Unreadable):
                return Answer(path, unreadable=image, misfits=tuple(misfits))
            if self.accepts(image):
                rivals = self._rivals(path, name, search[i + 1 :])
                return Answer(
                    path,
                    misfits=tuple(misfits),
                    rivals=rivals if folder.role is Role.ADDED else (),
                )
            misfits.append(path)
        return Answer(misfits=tuple(misfits))

    def _rivals(self, path: str, name: str, search: SearchList) -> tuple[str, ...]:
        added = (folder.path for folder in search if folder.role is Role.ADDED)
        found = (self.disk.find(folder, name) for folder in added)
        others = [other for other in found if other and other != path]
        images = [self.disk.image(other) for other in others]
        return tuple(
            other
            for other, image in zip(others, images, strict=True)
            if isinstance(image, Image) and self.accepts(image)
        )


# Nothing of it can change: a disk lists each folder once, and reads each image once.
_ANSWERS: WeakKeyDictionary[Disk, dict[_Key, dict[str, Answer]]] = WeakKeyDictionary()


@lru_cache(maxsize=1 << 13)
def import_name(name: str) -> str:
    """Return a name as the loader compares it ("LoadLibraryEx", on file names)."""
    name = name.rstrip(" ").lower()
    if "." not in base_name(name):
        return name + ".dll"
    return name.removesuffix(".")


def _split(folder: str, name: str) -> tuple[str, str]:
    """Return folder and file name of a name that may have folders of its own."""
    own = folder_of(name)
    if own and not is_full(name):
        own = join(folder, own if "\\" in folder else own.replace("\\", "/"))
    return own or folder, base_name(name)
