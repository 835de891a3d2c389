"""A Windows process as its loader sees it: what is loaded, and where it looks.

Who builds it decides whether the judgement is live or offline (`_host`); the rules
are the same. "Dynamic-link library search order" and "LoadLibraryEx" (Microsoft)
say what is searched in which order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ._apisets import ApiSets, is_api_set
from ._disk import Disk
from ._model import ARM64, X64, Folder, Image, Role, SearchList, Unreadable
from ._paths import base_name, folder_of, join


@dataclass(frozen=True)
class Answer:
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
    contested: bool = False
    """Another folder of the search list has a file of that name too."""


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
    extension_flags: int = 0x1100
    loaded: Mapping[str, str] = field(default_factory=dict)
    api_sets: ApiSets = field(default_factory=ApiSets)
    known_dlls: frozenset[str] = frozenset()

    def search_list(self, file: str) -> SearchList:
        """Return the folders of a load with CPython's flags (0x1100), in order.

        :param file: full path of the file that is loaded. Its list serves every
            import below it.
        """
        return (
            Folder(folder_of(file), Role.FILE),
            Folder(self.application, Role.APPLICATION),
            *(Folder(path, Role.ADDED) for path in self.added),
            Folder(self.system, Role.SYSTEM),
        )

    def classic_list(self) -> SearchList:
        """Return the folders of a plain LoadLibrary call, in order.

        Without flags, the full path of a file does not add its folder.
        """
        return (
            Folder(self.application, Role.APPLICATION),
            Folder(self.system, Role.SYSTEM),
            Folder(join(self.windows, "system"), Role.WINDOWS),
            Folder(self.windows, Role.WINDOWS),
            *([Folder(self.current, Role.CURRENT)] if self.current else []),
            *(Folder(path, Role.PATH) for path in self.path),
        )

    def accepts(self, image: Image) -> bool:
        """Tell whether an image fits this process ("Arm64X PE files")."""
        if image.machine == self.machine or image.il_only:
            return True
        return self.machine == X64 and image.machine == ARM64 and image.hybrid

    def find(self, name: str, importer: str, search: SearchList) -> Answer:
        """Find the file that answers for an imported name.

        :param name: the name as it stands in the import table.
        :param importer: file name of the importing module.
        :param search: the search list of the outermost load.
        """
        name = import_name(name)
        if is_api_set(name):
            host = self.api_sets.host(name, importer)
            if host:
                path = self.disk.find(self.system, host)
                return Answer(path=path, provided=path is not None)
            if host == "":
                # A set without a host is normal for ext- sets, inside Windows.
                return Answer(provided=self.api_sets.assumed)
        loaded = self.loaded.get(name)
        if loaded is not None:
            elsewhere = self._elsewhere(loaded, name, search)
            contested = elsewhere is not None
            return Answer(path=loaded, shadowed=elsewhere, contested=contested)
        if name in self.known_dlls:
            path = self.disk.find(self.system, name)
            if path is not None:
                return Answer(path=path)
        return self._search(name, search)

    def _search(self, name: str, search: SearchList) -> Answer:
        misfits: list[str] = []
        for folder in search:
            path = self.disk.find(folder.path, name)
            if path is None:
                continue
            image = self.disk.image(path)
            if isinstance(image, Unreadable):
                return Answer(path=path, unreadable=image, misfits=tuple(misfits))
            if self.accepts(image):
                copies = {self.disk.find(f.path, name) for f in search}
                contested = len(copies - {None, *misfits}) > 1
                return Answer(path, misfits=tuple(misfits), contested=contested)
            misfits.append(path)
        return Answer(misfits=tuple(misfits))

    def _elsewhere(self, loaded: str, name: str, search: SearchList) -> str | None:
        found = self._search(name, search).path
        if found is None or found.lower() == loaded.lower():
            return None
        return found


def import_name(name: str) -> str:
    """Return a name as the loader compares it ("LoadLibraryEx", on file names)."""
    name = name.rstrip(" ").lower()
    if "." not in base_name(name):
        return name + ".dll"
    return name.removesuffix(".")
