"""One file in, one `Image` out.

The only module that imports pefile. A file is mapped, read and unmapped again:
pefile's own `close()` runs a full garbage collection (erocarrera/pefile#420), which
takes seconds in a process with a large heap.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from typing import Any

import pefile

from ._model import ARM64, Image, Unreadable, Version
from ._symbols import MalformedError, SymbolReader

_LOAD_CONFIG = pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG"]
_RESOURCES = pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"]
_CLR = pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR"]

_IL_ONLY = 1  # COMIMAGE_FLAGS_ILONLY, "ECMA-335" II.25.3.3.1

# What is found in place of a DLL when a download or a checkout went wrong.
_IMPOSTORS = (
    (b"version https://git-lfs", "is a git-lfs pointer, not the file itself"),
    (b"<!DOCTYPE", "is a web page, not a DLL"),
    (b"<html", "is a web page, not a DLL"),
    (b"PK\x03\x04", "is a zip archive, not a DLL"),
)


def read_image(path: str) -> Image | Unreadable:
    """Read what the loader needs to know of one PE file.

    :param path: the file.
    :returns: the image, or why the file is none.
    """
    try:
        with mapped(path) as data:
            return _image(data)
    except OSError as error:
        code = getattr(error, "winerror", None) or 5
        reason = f"cannot be opened ({error.strerror or error})"
        return Unreadable(reason, code)
    except (pefile.PEFormatError, MalformedError) as error:
        return Unreadable(_why(path, str(error)))


def read_version(path: str) -> Version | None:
    """Return the four numbers of the file version, or None where there are none.

    :param path: the file.
    :returns: the numbers of VS_FIXEDFILEINFO, which need no language look-up.
    """
    try:
        with mapped(path) as data:
            pe = pefile.PE(data=data, fast_load=True)
            pe.parse_data_directories(directories=[_RESOURCES])
            fixed = getattr(pe, "VS_FIXEDFILEINFO", None)
            if not fixed:
                return None
            high, low = fixed[0].FileVersionMS, fixed[0].FileVersionLS
    except (OSError, MalformedError, pefile.PEFormatError):
        return None
    return high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF


def read_section(path: str, name: str) -> bytes | None:
    """Return the bytes of one section, or None where there is no such section.

    :param path: the file.
    :param name: the section's name with its dot.
    """
    try:
        with mapped(path) as data:
            pe = pefile.PE(data=data, fast_load=True)
            for section in pe.sections:
                if section.Name.rstrip(b"\0") == name.encode():
                    return bytes(section.get_data())
    except (OSError, MalformedError, pefile.PEFormatError):
        return None
    return None


@contextlib.contextmanager
def mapped(path: str) -> Iterator[mmap.mmap]:
    """Map a file for reading; an empty one is MalformedError."""
    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise MalformedError("the file is empty")
        with contextlib.closing(
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        ) as data:
            yield data


def _image(data: mmap.mmap) -> Image:
    pe = pefile.PE(data=data, fast_load=True)
    directories = pe.OPTIONAL_HEADER.DATA_DIRECTORY
    symbols = SymbolReader(data)
    machine = pe.FILE_HEADER.Machine
    _refuse_truncated(pe, len(data))
    return Image(
        machine=machine,
        # pefile cuts long names, puts *invalid* for one with a space, and keeps
        # descriptors that Windows skips.
        imports=symbols.import_names(),
        delay_imports=symbols.delay_imports(),
        linker=(
            pe.OPTIONAL_HEADER.MajorLinkerVersion,
            pe.OPTIONAL_HEADER.MinorLinkerVersion,
        ),
        hybrid=machine == ARM64 and _has_chpe(pe),
        il_only=len(directories) > _CLR
        and directories[_CLR].VirtualAddress != 0
        and _is_il_only(pe, directories[_CLR].VirtualAddress),
    )


def _refuse_truncated(pe: Any, size: int) -> None:
    for section in pe.sections:
        end = section.PointerToRawData + section.SizeOfRawData
        if section.SizeOfRawData and end > size:
            raise MalformedError(f"truncated: {size:,} bytes of at least {end:,}")


def _has_chpe(pe: Any) -> bool:
    pe.parse_data_directories(directories=[_LOAD_CONFIG])
    config = getattr(pe, "DIRECTORY_ENTRY_LOAD_CONFIG", None)
    return bool(getattr(getattr(config, "struct", None), "CHPEMetadataPointer", 0))


def _is_il_only(pe: Any, rva: int) -> bool:
    flags = pe.get_dword_at_rva(rva + 16)
    return flags is not None and bool(flags & _IL_ONLY)


def _why(path: str, problem: str) -> str:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        start = file.read(64)
        if not start:
            return "is empty"
        # A web page may begin with a byte order mark or with empty lines.
        text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        for magic, reason in _IMPOSTORS:
            if text.startswith(magic.lower()):
                return reason
        if start.startswith(b"MZ"):
            return f"is damaged ({problem})"
    return "is not a Windows DLL"
