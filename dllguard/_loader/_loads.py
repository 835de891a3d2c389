"""The LoadLibraryEx calls behind an import, and what each comes to."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from .._model import Fault, Link, Load
from .._paths import base_name, folder_of
from .._tables._load_errors import ERROR_MOD_NOT_FOUND
from .._tables._load_flags import CLASSIC
from ._process import Process
from ._walk import walk


class Call(NamedTuple):
    """One LoadLibraryEx call.

    :param asked: full path of a file, or a bare name.
    :param flags: those of LoadLibraryEx; None stands for those of extension modules.
    :param path_fallback: on 126 the caller tries once more without flags, after it has
        put its folders before PATH (torch/__init__.py, _load_dll_libraries).
    :param by: who asks, where that is no extension module.
    """

    asked: str
    flags: int | None = None
    path_fallback: bool = False
    by: str = ""


def make(call: Call, process: Process, *, symbols: bool | None = None) -> Load:
    """Make a call, with the second attempt that its caller would make.

    :param call: what is asked for.
    :param process: the process that makes it.
    :param symbols: as for `walk`.
    """
    load = _make(call, call.flags, process, symbols)
    if not call.path_fallback or load.winerror != ERROR_MOD_NOT_FOUND:
        return load
    own = (folder_of(call.asked), *process.added)
    second = replace(process, path=(*own, *process.path))
    again = _make(call, CLASSIC, second, symbols)
    if again.winerror != ERROR_MOD_NOT_FOUND:
        return again
    return replace(load, retried_with_path=True)


def _make(
    call: Call, flags: int | None, process: Process, symbols: bool | None
) -> Load:
    asked = _completed(call.asked)
    search = process.search_list(asked, flags)
    if folder_of(asked):
        return walk(asked, process, search, symbols=symbols)
    # It completes a name by itself; twice would append what a final dot forbids.
    answer = process.find(call.asked, "", search)
    if answer.provided:
        return Load(asked, search)
    path = answer.path or next(iter(answer.misfits), None)
    if path is not None:
        return walk(path, process, search, symbols=symbols)
    chain = Link(call.by or "LoadLibrary"), Link(call.asked)
    missing = Fault("missing", chain, ERROR_MOD_NOT_FOUND)
    return Load(call.asked, search, (missing,))


def _completed(asked: str) -> str:
    """Return the name that is looked for ("LoadLibraryExW", on file names)."""
    asked = asked.rstrip(" ")
    if "." not in base_name(asked):
        return f"{asked}.dll"
    return asked.removesuffix(".")
