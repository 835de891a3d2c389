"""What an exception says of a failed load.

Windows' words are localised, so nothing here reads them; only the fixed English
literals of CPython, ctypes, torch and cffi are, beside numbers and attributes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from ._paths import folder_of, is_native
from ._tables._load_errors import AMBIGUOUS_ERRORS, ERROR_MOD_NOT_FOUND, LOAD_ERRORS
from ._tables._load_flags import CLASSIC, EXTENSION

# CPython, Python/dynload_win.c.
_EXTENSION = "DLL load failed"
_EXTENSION_CODE = re.compile(r"DLL load failed with error code (-?\d+)")
# The same file: after the load, and without a path.
_REFUSED = re.compile(
    r"Module use of (python\w+\.dll) conflicts with this version of Python"
)
# torch/__init__.py and torch/_ops.py.
_TORCH = re.compile(r'Error loading "(.+?)" or one of its dependencies\.')
_TORCH_OPS = re.compile(r"Could not load this library: (.+)")
# CPython, Lib/ctypes/__init__.py and Modules/_ctypes/callproc.c.
_CTYPES = re.compile(
    r"Could not find module '(.+)'(?: \(or one of its dependencies\))?\. Try using"
)
_CTYPES_CUT = 500
# cffi, c/misc_win32.h.
_CFFI = re.compile(r"cannot load library '(.+?)': error 0x([0-9a-f]+)")
# torch/_library and torchvision/extension.py.
_OPERATOR = re.compile(
    r"operator (\w+)::\w+ does not exist|No such operator (\w+)::|"
    r"'_OpNamespace' '(\w+)' object has no attribute"
)
_CUSTOM_OPS = "Couldn't load custom C++ ops"
# torchvision/csrc/io/image: its operators are not called after the package.
_OWNERS = {"image": "torchvision"}
# CreateProcess ends in the codes of LoadLibrary, and names no file either.
_STARTERS = ("subprocess", "multiprocessing.popen_spawn_win32")


@dataclass(frozen=True)
class Failure:
    """One failed load, as far as its exception tells."""

    path: str | None
    """The file or bare name that was asked for; None where nothing names it."""
    module: str | None = None
    winerror: int | None = None
    text: str = ""
    """The message that ends in Windows' own words, where there is no number."""
    swallowed_by: str | None = None
    """The package that kept the failed load to itself."""
    path_fallback: bool = False
    flags: int | None = None
    """What was passed to LoadLibraryEx, where that was not CPython's import."""
    by: str = ""
    """What made the call, where that was not CPython's import."""
    python_dll: str = ""
    """The DLL of another Python, for which CPython refused the loaded module."""


def recognise(error: BaseException, module: str | None = None) -> Failure | None:
    """Return the failed load behind an exception.

    :param error: any exception.
    :param module: name of the module that was being imported, if that is known.
    :returns: None where the exception is of another kind.
    """
    if isinstance(error, ImportError):
        return _of_refused(error, module) or _of_extension(error)
    if isinstance(error, OSError):
        return _of_ctypes(error, module)
    if isinstance(error, (RuntimeError, AttributeError)):
        return _of_operator(error, module)
    return None


def recognise_chain(
    error: BaseException, module: str | None = None
) -> tuple[BaseException, Failure] | None:
    """Return the first recognised exception among an exception and its causes."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        failure = recognise(current, module)
        if failure is not None:
            return current, failure
        current = current.__cause__ or current.__context__
    return None


def _of_refused(error: ImportError, module: str | None) -> Failure | None:
    text = str(error.msg or "")
    found = _REFUSED.match(text)
    if found is None:
        return None
    path = error.path if isinstance(error.path, str) else None
    path = path or _origin_of_spec(error.__traceback__)
    return Failure(path, error.name or module, text=text, python_dll=found[1])


def _origin_of_spec(traceback: TracebackType | None) -> str | None:
    """Return the file that importlib, in the traceback, was to load last."""
    found = None
    for _, frame_locals in _frames(traceback):
        origin = getattr(frame_locals.get("spec"), "origin", None)
        if isinstance(origin, str) and is_native(origin):
            found = origin
    return found


def _of_extension(error: ImportError) -> Failure | None:
    text = str(error.msg or "")
    path = error.path
    if not isinstance(path, str) or not is_native(path):
        return None
    if not text.startswith(_EXTENSION):
        # "cannot import name" carries a path as well, but every DLL was loaded.
        return None
    code = _EXTENSION_CODE.match(text)
    return Failure(
        path=path,
        module=error.name,
        winerror=_signed(int(code[1])) if code else None,
        text=text,
    )


def _signed(code: int) -> int:
    """Return a code as `winerror` has it; CPython's words have had either form."""
    return code - 2**32 if code >= 2**31 else code


def _of_ctypes(error: OSError, module: str | None) -> Failure | None:
    text = str(error)
    code = getattr(error, "winerror", None)
    if found := _TORCH.search(text):
        return Failure(found[1], module, code, path_fallback=True)
    asked, flags = _asked_of_ctypes(error.__traceback__)
    if found := _CTYPES.search(text):
        name = found[1]
        if len(name) >= _CTYPES_CUT:
            name = asked or name
        return Failure(name, module, ERROR_MOD_NOT_FOUND, flags=flags, by="ctypes")
    if found := _CFFI.search(text):
        flags = EXTENSION if folder_of(found[1]) else CLASSIC
        code = _signed(int(found[2], 16))
        return Failure(found[1], module, code, flags=flags, by="cffi")
    if found := _TORCH_OPS.search(text):
        inner = error.__cause__ or error.__context__
        code = getattr(inner, "winerror", None)
        if code is None and isinstance(inner, FileNotFoundError):
            code = ERROR_MOD_NOT_FOUND
        return Failure(found[1], module, code)
    # What has a filename was a file operation.
    if code in LOAD_ERRORS + AMBIGUOUS_ERRORS and error.filename is None:
        is_load = code in LOAD_ERRORS and not _starts_process(error.__traceback__)
        if asked is not None or is_load:
            by = "ctypes" if asked is not None else ""
            return Failure(asked, module, code, flags=flags, by=by)
    return None


def _of_operator(error: BaseException, module: str | None) -> Failure | None:
    text = str(error)
    found = _OPERATOR.search(text)
    if found is not None:
        namespace = next(filter(None, found.groups()))
        return Failure(None, module, swallowed_by=_OWNERS.get(namespace, namespace))
    if text.startswith(_CUSTOM_OPS):
        return Failure(None, module, swallowed_by="torchvision")
    return None


def _asked_of_ctypes(
    traceback: TracebackType | None,
) -> tuple[str | None, int | None]:
    """Return what ctypes was asked to load, and its flags: its exception has neither.

    The flags are in `mode`, from Python 3.14 on in `winmode`.
    """
    asked, flags = None, None
    for frame_globals, frame_locals in _frames(traceback):
        if frame_globals.get("__name__") == "ctypes":
            name = frame_locals.get("name")
            if isinstance(name, str):
                asked = name
                modes = frame_locals.get("winmode"), frame_locals.get("mode")
                flags = next((m for m in modes if isinstance(m, int)), None)
    return asked, flags


def _starts_process(traceback: TracebackType | None) -> bool:
    raised_by = None
    for frame_globals, _ in _frames(traceback):
        raised_by = frame_globals.get("__name__")
    return raised_by in _STARTERS


def _frames(
    traceback: TracebackType | None,
) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    while traceback is not None:
        frame = traceback.tb_frame
        yield frame.f_globals, frame.f_locals
        traceback = traceback.tb_next


def code_of_text(text: str) -> int | None:
    """Return the code behind a message in Windows' own words, in any language.

    :param text: the message of an extension module's ImportError.
    """
    if sys.platform != "win32":
        return None
    from ._hosts._win32 import code_of_message

    return code_of_message(text, LOAD_ERRORS + AMBIGUOUS_ERRORS)
