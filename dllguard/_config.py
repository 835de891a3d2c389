"""The table `[tool.dllguard]` of a pyproject.toml: what `check` is to do in a project.

"Writing your pyproject.toml" (Python Packaging User Guide): a tool's own settings are
in a table of its name below `tool`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

FILE: Final = "pyproject.toml"
TABLE: Final = "[tool.dllguard]"
FORMATS: Final = ("text", "json", "github")

_TEXTS: Final = "a list of texts"
_TEXT: Final = "a text"
# What each key holds, and the option that it stands for.
_KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "targets": (_TEXTS, "targets"),
    "requirement-files": (_TEXTS, "requirement_files"),
    "hosts": (_TEXTS, "hosts"),
    "dll-directories": (_TEXTS, "dll_directory"),
    "python": (_TEXT, "python"),
    "windows": (_TEXT, "windows"),
    "ignore": (_TEXTS, "ignore"),
    "fail-on": (_TEXTS, "fail_on"),
    "format": (_TEXT, "format"),
    "html": (_TEXT, "html"),
}
# "Keys" and "Table" (TOML 1.0): a dotted key, or one in the table `tool`.
_SPEAKS_OF_TABLE: Final = rb"\btool[\s\"']*(?:\.[\s\"']*dllguard\b|\]|=)"
_PATHS: Final = ("requirement-files", "dll-directories", "python", "windows", "html")


class ConfigError(ValueError):
    """A table that cannot be read: file, key and what is wrong, in one line."""


class Config(NamedTuple):
    """What a project has settled.

    :param file: where it stands.
    :param values: by the names of the options; paths are those of the file's folder.
    """

    file: str
    values: Mapping[str, Any]


def find_config(folder: str) -> Config | None:
    """Return the table of a folder, or of the nearest folder above that has one.

    :raises ConfigError: for a table that cannot be read.
    """
    for each in _and_above(folder):
        file = os.path.join(each, FILE)
        try:
            with open(file, "rb") as opened:
                content = opened.read()
        except OSError:
            continue
        # What does not speak of the table need not be TOML for our sake, and a project
        # that merely requires dllguard need not have tomli.
        if b"dllguard" in content and re.search(_SPEAKS_OF_TABLE, content):
            found = _read(file, content)
            if found is not None:
                return found
    return None


def read_config(file: str) -> Config:
    """Return the table of a file.

    :raises ConfigError: for a file that cannot be read or has no such table.
    """
    try:
        with open(file, "rb") as opened:
            content = opened.read()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}") from None
    found = _read(file, content)
    if found is None:
        raise ConfigError(f"{file}: has no table {TABLE}")
    return found


def _and_above(folder: str) -> Iterator[str]:
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def _read(file: str, content: bytes) -> Config | None:
    tool = _parsed(file, content).get("tool")
    table = tool.get("dllguard") if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: dllguard in [tool] is no table")
    folder = os.path.dirname(os.path.abspath(file))
    values = {}
    for key, value in table.items():
        option = _option(key, file)
        values[option] = _checked(key, value, file, folder)
    return Config(file, values)


def _parsed(file: str, content: bytes) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib
        except ImportError:
            raise ConfigError(
                f"{file}: to read {TABLE}, Python 3.10 needs tomli: python -m pip "
                "install tomli; or give --no-config"
            ) from None
    try:
        found: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: is no TOML: {error}") from None
    return found


def _option(key: str, file: str) -> str:
    if key in _KEYS:
        return _KEYS[key][1]
    import difflib

    near = difflib.get_close_matches(key.replace("_", "-"), _KEYS, cutoff=0.5)
    meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(_KEYS)}"
    raise ConfigError(f"{file}: {TABLE} {key}: no such key; {meant}")


def _checked(key: str, value: object, file: str, folder: str) -> object:
    wanted = _KEYS[key][0]
    if key == "fail-on" and isinstance(value, str):
        value = [value]
    is_texts = isinstance(value, list) and all(isinstance(v, str) for v in value)
    if not (is_texts if wanted == _TEXTS else isinstance(value, str)):
        raise ConfigError(f"{file}: {TABLE} {key}: {wanted} is wanted, not {value!r}")
    if key == "format" and value not in FORMATS:
        listed = ", ".join(FORMATS)
        raise ConfigError(f"{file}: {TABLE} format: {value!r} is none of {listed}")
    if isinstance(value, list):
        return [_placed(key, text, folder) for text in value]
    return _placed(key, str(value), folder)


def _placed(key: str, text: str, folder: str) -> str:
    """Return a path as it is meant: from the folder of the file."""
    is_path = key in _PATHS
    if key == "targets":
        files = (".whl", ".txt", ".dll", ".pyd")
        direct = "@" in text or "://" in text
        is_path = not direct and (
            any(c in text for c in "/\\") or text.lower().endswith(files)
        )
    elif key == "hosts":
        is_path = text.lower().endswith(".json")
    if not is_path or folder == os.path.abspath(os.curdir):
        return text
    return os.path.normpath(os.path.join(folder, text))
