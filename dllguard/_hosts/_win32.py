"""Facts that only a running Windows can tell, with `_ntdll` and `_machine`.

Everything here is asked as a plain user, and nothing loads or runs a file. A
question that this Windows cannot answer gives an empty answer, never an exception.
"""

from __future__ import annotations

import sys

if sys.platform != "win32":
    msg = "dllguard._hosts._win32 is for Windows alone"
    raise ImportError(msg)

import contextlib
import ctypes
import os
from ctypes import wintypes

from ._messages import code_of_words
from ._ntdll import search_path
from ._registry import machine_value

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)

_SEARCH_DEFAULT_AND_FILE = 0x1100
_NO_PACKAGE = 15700
_LONGEST_PATH = 259
_ROOM = 1024
_FORMAT_SYSTEM, _FORMAT_IGNORE_INSERTS = 0x1000, 0x200

_kernel32.GetModuleHandleW.argtypes = [wintypes.LPCWSTR]
_kernel32.GetModuleHandleW.restype = wintypes.HMODULE
_kernel32.GetModuleFileNameW.argtypes = [
    wintypes.HMODULE,
    wintypes.LPWSTR,
    wintypes.DWORD,
]
_kernel32.GetCurrentProcess.restype = wintypes.HANDLE
_kernel32.K32EnumProcessModules.argtypes = [
    wintypes.HANDLE,
    ctypes.POINTER(wintypes.HMODULE),
    wintypes.DWORD,
    wintypes.LPDWORD,
]
_kernel32.FormatMessageW.argtypes = [
    wintypes.DWORD,
    wintypes.LPCVOID,
    wintypes.DWORD,
    wintypes.DWORD,
    wintypes.LPWSTR,
    wintypes.DWORD,
    ctypes.c_void_p,
]


def is_loaded(path: str) -> bool:
    """Tell whether this process has loaded that very file.

    :param path: full path of a DLL or extension module.
    """
    return bool(_kernel32.GetModuleHandleW(path))


def loaded_modules() -> dict[str, str]:
    """Return the loaded modules: full path by lower-case base name, first wins.

    :returns: the modules in load order ("EnumProcessModules").
    """
    size = _ROOM
    process = _kernel32.GetCurrentProcess()
    needed = wintypes.DWORD()
    while True:
        modules = (wintypes.HMODULE * size)()
        if not _kernel32.K32EnumProcessModules(
            process, modules, ctypes.sizeof(modules), ctypes.byref(needed)
        ):
            return {}
        count = needed.value // ctypes.sizeof(wintypes.HMODULE)
        if count <= size:
            break
        size = count + 64
    loaded: dict[str, str] = {}
    for module in modules[:count]:
        path = _module_path(module)
        if path:
            loaded.setdefault(os.path.basename(path).lower(), path)
    return loaded


def application_folder() -> str:
    """Return the folder of the process executable: the base Python's in a venv."""
    return os.path.dirname(_module_path(None)) or os.path.dirname(sys.executable)


def system_folder() -> str:
    """Return System32 (GetSystemDirectory); redirection makes it right for WOW64."""
    buffer = ctypes.create_unicode_buffer(32768)
    _kernel32.GetSystemDirectoryW(buffer, len(buffer))
    return buffer.value or r"C:\Windows\System32"


def windows_folder() -> str:
    """Return the Windows folder (GetSystemWindowsDirectory)."""
    buffer = ctypes.create_unicode_buffer(32768)
    _kernel32.GetSystemWindowsDirectoryW(buffer, len(buffer))
    return buffer.value or r"C:\Windows"


def added_folders() -> tuple[str, ...] | None:
    """Return the folders added to this process's search list, newest first.

    Those that were added natively (conda's, for one) are among them; that of
    SetDllDirectory, which is searched after them, is not.

    :returns: None where this Windows does not tell.
    """
    application = application_folder()
    listed = search_path(
        os.path.join(application, "python.exe"), _SEARCH_DEFAULT_AND_FILE
    )
    if listed is None:
        return None
    folders = [_plain(folder) for folder in listed]
    # The folder of the file and that of the executable come first, System32 last;
    # the user may have added the same folders in between.
    for _ in range(2):
        if folders and _same(folders[0], application):
            del folders[0]
    for last in (system_folder(), set_directory()):
        if last and folders and _same(folders[-1], last):
            del folders[-1]
    return tuple(folders)


def set_directory() -> str:
    """Return the folder given to SetDllDirectory, "" without (GetDllDirectory)."""
    buffer = ctypes.create_unicode_buffer(32768)
    _kernel32.GetDllDirectoryW(len(buffer), buffer)
    return _plain(buffer.value) if buffer.value else ""


def redirection() -> str:
    """Return the folder that a `.local` beside the executable leads to, "" without.

    "Dynamic-link library redirection": a manifest of the executable rules it out,
    unless the machine says otherwise. CPython's own has one.
    """
    executable = _module_path(None)
    local = executable + ".local"
    if not executable or not os.path.exists(local):
        return ""
    manifest_type, manifest_id = 24, 1
    manifested = _kernel32.FindResourceW(
        None, ctypes.c_void_p(manifest_id), ctypes.c_void_p(manifest_type)
    ) or os.path.isfile(executable + ".manifest")
    options = (
        r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options"
    )
    if manifested and machine_value(options, "DevOverrideEnable") != "1":
        return ""
    return local if os.path.isdir(local) else os.path.dirname(executable)


def is_packaged() -> bool:
    """Tell whether this is a packaged app, as Store Python is ("MSIX")."""
    ask = getattr(_kernel32, "GetCurrentPackageFullName", None)
    return ask is not None and ask(ctypes.byref(wintypes.UINT()), None) != _NO_PACKAGE


def native_machine() -> int:
    """Return the machine type of the system itself, whatever this process is.

    "IsWow64Process2" tells the truth under emulation; without it (before Windows 10
    1511) the processor's name does.
    """
    ask = getattr(_kernel32, "IsWow64Process2", None)
    if ask is not None:
        process, native = wintypes.USHORT(), wintypes.USHORT()
        handle = wintypes.HANDLE(_kernel32.GetCurrentProcess())
        if ask(handle, ctypes.byref(process), ctypes.byref(native)) and native.value:
            return native.value
    name = os.environ.get("PROCESSOR_ARCHITEW6432") or os.environ.get(
        "PROCESSOR_ARCHITECTURE", ""
    )
    return {"AMD64": 0x8664, "ARM64": 0xAA64}.get(name.upper(), 0x014C)


def windows_name() -> str:
    """Return product, release and build of this Windows, as far as it says."""
    version = sys.getwindowsversion()
    build = version.platform_version[2] if version.platform_version else version.build
    # ProductName still says "Windows 10" on 11, whose builds start at 22000.
    product = (
        machine_value(r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", "ProductName")
        or f"Windows {version.major}"
    )
    if build >= 22000:
        product = product.replace("Windows 10", "Windows 11")
    release = machine_value(
        r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", "DisplayVersion"
    )
    return f"{product}{' ' + release if release else ''} (build {build})"


def registered_runtime(arch: str) -> str | None:
    """Return the v14 redistributable that the registry claims is installed.

    :param arch: x86, x64 or arm64.
    :returns: its version text ("Redistribute Visual C++ Files"); a registry entry
        may outlive the files.
    """
    key = rf"SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\{arch}"
    wow64_32key = 0x0200
    value = machine_value(key, "Version", wow64_32key) or machine_value(key, "Version")
    return value.lstrip("v") if value else None


def code_of_message(text: str, codes: tuple[int, ...]) -> int | None:
    """Return which of several error codes Windows words like the end of a text.

    :param text: a message that ends in Windows' own words, in any language.
    :param codes: the candidates.
    """
    return code_of_words(text, {code: _message(code) for code in codes})


def undecorate(name: str) -> str | None:
    """Return a C++ name as it was written (dbghelp, UnDecorateSymbolName)."""
    name_only = 0x1000
    buffer = ctypes.create_string_buffer(4096)
    # A name from a snapshot may have characters that no C++ name has.
    with contextlib.suppress(OSError, AttributeError, UnicodeError):
        dbghelp = ctypes.WinDLL("dbghelp")
        size = dbghelp.UnDecorateSymbolName(
            name.encode("latin-1"), buffer, len(buffer), name_only
        )
        if size:
            return buffer.value.decode("latin-1")
    return None


def _module_path(module: int | None) -> str:
    buffer = ctypes.create_unicode_buffer(32768)
    _kernel32.GetModuleFileNameW(module, buffer, len(buffer))
    return _plain(buffer.value) if buffer.value else ""


def _plain(path: str) -> str:
    r"""Return a folder or file as people write it, without `\\?\` and a final `\`."""
    short = path
    if path.startswith("\\\\?\\UNC\\"):
        short = "\\\\" + path[8:]
    elif path.startswith("\\\\?\\"):
        short = path[4:]
    # A longer path can be opened in that form alone.
    path = short if len(short) <= _LONGEST_PATH else path
    return path if path.endswith(":\\") else path.rstrip("\\")


def _same(one: str, other: str) -> bool:
    return os.path.normcase(_plain(one)) == os.path.normcase(_plain(other))


def _message(code: int) -> str:
    buffer = ctypes.create_unicode_buffer(4096)
    flags = _FORMAT_SYSTEM | _FORMAT_IGNORE_INSERTS
    _kernel32.FormatMessageW(flags, None, code, 0, buffer, len(buffer), None)
    return buffer.value
