"""Calls of Python's own whose result hangs on nothing but their arguments."""

from __future__ import annotations

import ntpath
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PureWindowsPath
from typing import Final

from ._source_places import is_rooted
from ._source_values import UNKNOWN, filled, truth


def text(value: object) -> str:
    """Return a string, or a path as one.

    :raises TypeError: for anything else.
    """
    if isinstance(value, (str, PureWindowsPath)):
        return str(value)
    raise TypeError(value)


def text_method(
    string: str, name: str, values: Sequence[object], names: Mapping[str, object]
) -> object:
    """Return what a method of a string comes to."""
    if name == "format":
        return filled(string, values, names)
    if name == "join":
        (items,) = values
        return string.join(map(text, items)) if isinstance(items, tuple) else UNKNOWN
    if name not in _TEXT_METHODS:
        return UNKNOWN
    found = getattr(string, name)(*values, **names)
    return tuple(found) if isinstance(found, list) else found


def table_method(
    table: Mapping[object, object], name: str, values: Sequence[object]
) -> object:
    """Return what a method of a dict comes to."""
    if name == "get":
        key, *default = values
        return table.get(key, *default)
    whole = {"keys": tuple(table), "values": tuple(table.values())}
    return tuple(table.items()) if name == "items" else whole.get(name, UNKNOWN)


def _every(values: object) -> object:
    tests = list(map(truth, _list(values)))
    return False if False in tests else (UNKNOWN if None in tests else True)


def _any(values: object) -> object:
    tests = list(map(truth, _list(values)))
    return True if True in tests else (UNKNOWN if None in tests else False)


def _list(values: object = ()) -> tuple[object, ...]:
    if isinstance(values, tuple):
        return tuple(values)
    if isinstance(values, (str, dict)):
        return tuple(values)
    raise TypeError(values)


def _absolute(path: object) -> object:
    found = text(path)
    return ntpath.normpath(found) if is_rooted(found) else UNKNOWN


def _plain(path: object) -> object:
    found = text(path)
    return UNKNOWN if re.search(r"[~$%]", found) else path


def _path(*parts: object) -> PureWindowsPath:
    return PureWindowsPath(*map(text, parts))


_TEXT_METHODS: Final = {
    *("endswith", "lower", "lstrip", "partition", "removeprefix", "removesuffix"),
    *("rpartition", "rsplit", "rstrip", "split", "startswith", "strip", "upper"),
}
_BUILTINS: Final[Mapping[str, Callable[..., object]]] = {
    "all": _every,
    "any": _any,
    "bool": lambda value: UNKNOWN if truth(value) is None else truth(value),
    "enumerate": lambda values: tuple(enumerate(_list(values))),
    "frozenset": _list,
    "iter": _list,
    "len": lambda values: UNKNOWN if UNKNOWN in values else len(_list(values)),
    "list": _list,
    "reversed": lambda values: _list(values)[::-1],
    "set": _list,
    "sorted": lambda values: tuple(sorted(map(text, _list(values)))),
    "str": text,
    "tuple": _list,
    "zip": lambda *lists: tuple(zip(*map(_list, lists), strict=False)),
}
BUILTINS: Final = {"__import__", "filter", "getattr", "hasattr", "map", *_BUILTINS}
"""Names that mean something without an import."""

PURE_CALLS: Final[Mapping[str, Callable[..., object]]] = {
    **_BUILTINS,
    "os.path.join": lambda *parts: ntpath.join(*map(text, parts)),
    "os.path.dirname": lambda path: ntpath.dirname(text(path)),
    "os.path.basename": lambda path: ntpath.basename(text(path)),
    "os.path.split": lambda path: ntpath.split(text(path)),
    "os.path.splitext": lambda path: ntpath.splitext(text(path)),
    "os.path.normpath": lambda path: ntpath.normpath(text(path)),
    "os.path.normcase": text,
    "os.path.abspath": _absolute,
    # Links are not followed: the target's may point to where nothing is here.
    "os.path.realpath": _absolute,
    "os.path.isabs": lambda path: is_rooted(text(path)) or UNKNOWN,
    "os.path.expanduser": _plain,
    "os.path.expandvars": _plain,
    "os.fspath": text,
    "os.fsdecode": text,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.WindowsPath": _path,
    "pathlib.PureWindowsPath": _path,
}
PATH_METHODS: Final[Mapping[str, str]] = {
    "resolve": "realpath",
    "absolute": "abspath",
    "expanduser": "expanduser",
    "exists": "exists",
    "is_dir": "isdir",
    "is_file": "isfile",
    "is_absolute": "isabs",
}
