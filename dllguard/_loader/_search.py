"""The folders that one LoadLibraryEx call searches, in order.

"Dynamic-link library search order" and "LoadLibraryEx" (Microsoft) say what each
flag adds; Wine's `LdrGetDllPath` lists the same folders in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from .._model import Folder, Role, SearchList
from .._paths import folder_of, join
from .._tables._load_flags import (
    ALTERED_PATH,
    DEFAULT_FOLDERS,
    OF_APPLICATION,
    OF_FILE,
    OF_SYSTEM,
    OF_USER,
)

if TYPE_CHECKING:
    from ._process import Process

_SEARCH_FLAGS: Final = OF_FILE | OF_APPLICATION | OF_USER | OF_SYSTEM | DEFAULT_FOLDERS


def search_list(process: Process, file: str, flags: int) -> SearchList:
    """Return the folders of one load. They serve every import below it.

    :param process: the process that makes the call.
    :param file: full path of the file, or a bare name.
    :param flags: those of LoadLibraryEx.
    """
    if flags & _SEARCH_FLAGS:
        return tuple(_flagged(process, file, flags))
    return tuple(_classic(process, file, altered=bool(flags & ALTERED_PATH)))


def own_list(process: Process, file: str, load_flags: int) -> SearchList | None:
    """Return the folders for the imports of a file that asks for a list of its own.

    :param load_flags: DependentLoadFlags of the file ("/DEPENDENTLOADFLAG"). Those
        that are no search flags, as 0x2000 in libiomp5md.dll, change nothing.
    """
    if not load_flags & _SEARCH_FLAGS:
        return None
    return search_list(process, file, load_flags)


def _flagged(process: Process, file: str, flags: int) -> Iterator[Folder]:
    if flags & DEFAULT_FOLDERS:
        flags |= OF_APPLICATION | OF_USER | OF_SYSTEM
    folder = folder_of(file)
    if flags & OF_FILE and folder:
        yield Folder(folder, Role.FILE)
    if flags & OF_APPLICATION:
        yield Folder(process.application, Role.APPLICATION)
    if flags & OF_USER:
        for added in process.added:
            yield Folder(added, Role.ADDED)
        if process.set_directory:
            yield Folder(process.set_directory, Role.SET)
    if flags & OF_SYSTEM:
        yield Folder(process.system, Role.SYSTEM)


def _classic(process: Process, file: str, *, altered: bool) -> Iterator[Folder]:
    folder = folder_of(file)
    if altered and folder:
        yield Folder(folder, Role.FILE)
    else:
        yield Folder(process.application, Role.APPLICATION)
    if process.set_directory:
        yield Folder(process.set_directory, Role.SET)
    yield Folder(process.system, Role.SYSTEM)
    if process.packaged:
        return
    yield Folder(join(process.windows, "system"), Role.WINDOWS)
    yield Folder(process.windows, Role.WINDOWS)
    # SetDllDirectory takes the current folder off the list.
    if process.current and not process.set_directory:
        yield Folder(process.current, Role.CURRENT)
    for path in process.path:
        yield Folder(path, Role.PATH)
