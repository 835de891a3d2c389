"""What a failed load in a text belongs to: a package, a Python, a frozen program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .._paths import base_name, folder_of
from .._shell import word
from ._likely import FROZEN, PACKAGES, PARTS
from ._log import Logged

_NEAR = 8000

_SITE: Final = re.compile(r"(?i)\bsite-packages[\\/]+([\w.+-]+)")
_PYTHON: Final = re.compile(
    r"(?i)((?:\b[a-z]:|~)[\\/][^\"'\n:*?<>|]{0,300}?)[\\/]+lib[\\/]+"
    r"(?:site-packages|ctypes|importlib)\b"
)
_IMPORT: Final = re.compile(
    r"(?m)^[^\w\n]{0,12}(?:\d{1,6}[^\w\n]{1,4})?"
    r"(?:from (\.*[\w.]*) import|import (\w[\w.]*))"
)
_PART: Final = re.compile(r"\w+")
_OPERATORS: Final = {"image": "torchvision"}
_STANDARD: Final = (
    "_asyncio _bz2 _ctypes _decimal _elementtree _hashlib _lzma _msi _multiprocessing "
    "_overlapped _queue _socket _sqlite3 _ssl _tkinter _uuid _zoneinfo pyexpat select "
    "unicodedata winsound"
).split()
"""Extension modules of Python's own ("Python Standard Library", for Windows)."""

# What a folder is called that holds python.exe, and what holds Scripts\python.exe.
_INSTALLED: Final = re.compile(r"(?i)python\d+(?:-32|-arm64)?|.*conda\d*")
_VIRTUAL: Final = re.compile(r"(?i)\.?v?env|.*[._-]?venv")


@dataclass(frozen=True)
class Origin:
    """What a failed load belongs to."""

    package: str | None = None
    """Name of the import, or None where the text does not tell."""
    file: str | None = None
    """The extension module of Python's own that was to be loaded."""
    interpreter: str = "python"
    frozen: bool = False


def origin_of(logged: Logged, plain: str) -> Origin:
    """Return what a failure belongs to.

    :param logged: the failure.
    :param plain: the text it was found in.
    """
    before = plain[max(0, logged.at - _NEAR) : logged.at]
    here = logged.file or ""
    root = _root(here) or _root(before)
    interpreter = "python" if root is None else _interpreter(root)
    frozen = logged.kind == "frozen" or bool(re.search(FROZEN, here or before[-2000:]))
    module = logged.module or ""
    if module in _STANDARD:
        folder = root or "C:\\path\\to\\Python"
        file = f"{folder}\\DLLs\\{module}.pyd"
        return Origin(file=file, interpreter=interpreter, frozen=frozen)
    package = _package(logged, before)
    return Origin(package, interpreter=interpreter, frozen=frozen)


def _package(logged: Logged, before: str) -> str | None:
    module = logged.module or ""
    if logged.kind == "operator":
        return _OPERATORS.get(module, module) or "torchvision"
    if logged.file and (found := _SITE.search(logged.file)):
        return _name(found[1])
    return _imported(before) or PACKAGES.get(logged.file or module) or _top(module)


def _imported(before: str) -> str | None:
    """Return what a traceback shows to be imported last, by a statement or a frame."""
    frames = [f for f in _SITE.finditer(before) if f[1].lower() != "ctypes"]
    last = frames[-1].start() if frames else -1
    imports = list(_IMPORT.finditer(before))
    if imports and imports[-1].start() > last:
        # A relative import is one of the package that the frame is of.
        asked = _PART.match(imports[-1][1] or imports[-1][2] or "")
        if asked is not None:
            return asked[0]
    return _name(frames[-1][1]) if frames else None


def _top(module: str) -> str | None:
    """Return the package that a module's name alone tells, None for a usual name."""
    found = _PART.match(module)
    return found[0] if found and not re.fullmatch(PARTS, module) else None


def _name(part: str) -> str | None:
    """Return the import name of what lies in site-packages under this name."""
    part = re.sub(r"(?i)\.libs$|-[\d.]+\.dist-info$", "", part)
    found = _PART.match(part)
    return found[0] if found else None


def _root(text: str) -> str | None:
    """Return the folder of the Python whose files a text shows last."""
    found: str | None = None
    for match in _PYTHON.finditer(text):
        found = match[1]
    if found is None or re.search(r"\.\.|[\u2026%]", found):
        return None
    return re.sub(r"[\\/]+", r"\\", found)


def _interpreter(root: str) -> str:
    name, above = base_name(root), base_name(folder_of(root))
    if _VIRTUAL.fullmatch(name):
        path = f"{root}\\Scripts\\python.exe"
    elif _INSTALLED.fullmatch(name) or above.lower() == "envs":
        path = f"{root}\\python.exe"
    else:
        return "python"
    return word(path)
