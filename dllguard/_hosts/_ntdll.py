"""What ntdll alone tells of the running process: undocumented, so guarded throughout.

The answer is None where this Windows does not give one.
"""

from __future__ import annotations

import sys

if sys.platform != "win32":
    msg = "dllguard._hosts._ntdll is for Windows alone"
    raise ImportError(msg)

import contextlib
import ctypes
import struct
from collections.abc import Iterable, Iterator
from ctypes import wintypes

_ntdll = ctypes.WinDLL("ntdll")
_kernel32 = ctypes.WinDLL("kernel32")

# ajkhoury/ApiSet, "PEB", and Wine, include/winternl.h: by the size of a pointer.
_API_SET_MAP = {4: 0x38, 8: 0x68}
_LARGEST_MAP, _MOST_OBJECTS = 1 << 24, 4096
_QUERY, _CASE_INSENSITIVE = 0x0001, 0x0040

_kernel32.GetCurrentProcess.restype = wintypes.HANDLE
_kernel32.ReadProcessMemory.argtypes = [
    wintypes.HANDLE,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.POINTER(ctypes.c_size_t),
]


class _UnicodeString(ctypes.Structure):
    """UNICODE_STRING; the lengths are those in bytes."""

    _fields_ = (
        ("length", wintypes.USHORT),
        ("room", wintypes.USHORT),
        ("buffer", ctypes.c_void_p),
    )


# ctypes forgets the types it has made when another interpreter imports it.
_PointerToString = ctypes.POINTER(_UnicodeString)


class _ObjectAttributes(ctypes.Structure):
    """OBJECT_ATTRIBUTES."""

    _fields_ = (
        ("length", wintypes.ULONG),
        ("root", wintypes.HANDLE),
        ("name", _PointerToString),
        ("attributes", wintypes.ULONG),
        ("descriptor", ctypes.c_void_p),
        ("quality", ctypes.c_void_p),
    )


def search_path(file: str, flags: int) -> tuple[str, ...] | None:
    """Return the folders of a load, in order (LdrGetDllPath, since Windows 8).

    :param file: full path of the file that is loaded.
    :param flags: those of LoadLibraryEx.
    """
    get = getattr(_ntdll, "LdrGetDllPath", None)
    release = getattr(_ntdll, "RtlReleasePath", None)
    if get is None or release is None:
        return None
    path, unused = ctypes.c_void_p(), ctypes.c_void_p()
    status = get(
        ctypes.c_wchar_p(file),
        wintypes.DWORD(flags),
        ctypes.byref(path),
        ctypes.byref(unused),
    )
    if status != 0 or not path.value:
        return None
    try:
        folders = ctypes.wstring_at(path.value).split(";")
    finally:
        release(path)
    return tuple(folder for folder in folders if folder)


def api_set_map() -> bytes | None:
    """Return the API set schema that this process was given, as `.apiset` holds it.

    It is read as another process would read it, so that a wrong address is a refusal
    and no access violation. Version 2 (Windows 7) does not tell its size.
    """
    get = getattr(_ntdll, "RtlGetCurrentPeb", None)
    if get is None:
        return None
    get.restype = ctypes.c_void_p
    width = ctypes.sizeof(ctypes.c_void_p)
    pointer = _memory((get() or 0) + _API_SET_MAP[width], width)
    address = int.from_bytes(pointer or b"", "little")
    header = _memory(address, 28) if address else None
    if header is None:
        return None
    version, size, _, count = struct.unpack_from("<4I", header)
    if version not in (4, 6) or not 24 * count < size <= _LARGEST_MAP:
        return None
    return _memory(address, size)


def known_dlls() -> frozenset[str] | None:
    """Return the KnownDLLs in lower case, those that they import among them.

    :returns: what the object manager has, else the registry, which lists no imports;
        None where neither tells.
    """
    # A 32-bit process has its own set, save on a 32-bit Windows.
    narrow = ctypes.sizeof(ctypes.c_void_p) == 4
    directories = [r"\KnownDlls32", r"\KnownDlls"] if narrow else [r"\KnownDlls"]
    for directory in directories:
        found = _dlls(_object_names(directory))
        if found:
            return found
    return _dlls(_registered()) or None


def _dlls(names: Iterable[str]) -> frozenset[str]:
    return frozenset(n.lower() for n in names if n.lower().endswith(".dll"))


def _registered() -> Iterator[str]:
    import winreg

    key = r"SYSTEM\CurrentControlSet\Control\Session Manager\KnownDLLs"
    with (
        contextlib.suppress(OSError),
        winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as handle,
    ):
        for index in range(winreg.QueryInfoKey(handle)[1]):
            yield str(winreg.EnumValue(handle, index)[1])


def _object_names(directory: str) -> Iterator[str]:
    """Yield the names in a directory of the object manager, if it may be read."""
    text = ctypes.create_unicode_buffer(directory)
    size = 2 * len(directory)
    name = _UnicodeString(size, size + 2, ctypes.addressof(text))
    attributes = _ObjectAttributes(
        length=ctypes.sizeof(_ObjectAttributes),
        name=_PointerToString(name),
        attributes=_CASE_INSENSITIVE,
    )
    handle = wintypes.HANDLE()
    try:
        status = _ntdll.NtOpenDirectoryObject(
            ctypes.byref(handle), wintypes.DWORD(_QUERY), ctypes.byref(attributes)
        )
    except AttributeError:
        return
    if status != 0:
        return
    try:
        yield from _entries(handle)
    finally:
        _ntdll.NtClose(handle)


def _entries(handle: wintypes.HANDLE) -> Iterator[str]:
    buffer = ctypes.create_string_buffer(4096)
    context = wintypes.ULONG()
    for index in range(_MOST_OBJECTS):
        # One by one: Wine 8 knows no other way.
        status = _ntdll.NtQueryDirectoryObject(
            handle,
            buffer,
            wintypes.ULONG(len(buffer)),
            wintypes.BOOLEAN(True),
            wintypes.BOOLEAN(index == 0),
            ctypes.byref(context),
            None,
        )
        entry = _UnicodeString.from_buffer(buffer)
        if status < 0 or not entry.buffer:
            return
        yield ctypes.wstring_at(entry.buffer, entry.length // 2)


def _memory(address: int, size: int) -> bytes | None:
    buffer = ctypes.create_string_buffer(size)
    read = ctypes.c_size_t()
    done = _kernel32.ReadProcessMemory(
        _kernel32.GetCurrentProcess(), address, buffer, size, ctypes.byref(read)
    )
    return buffer.raw if done and read.value == size else None
