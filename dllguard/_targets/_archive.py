"""A wheel as an archive, read without trust in what it says of itself.

"Binary distribution format" (Python Packaging User Guide) is the format. A wheel that
is damaged, or would unpack to more than any real one, ends in one line.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from .._judge import TargetError
from .._paths import base_name
from ._entry_names import UnsafeNameError, parts_of

MOST_ENTRIES: Final = 200_000
"""Files of one wheel; the largest of the package index have some 30 000."""
LARGEST_FILE: Final = 4 << 30
""""PE Format": sizes and addresses in an image have 32 bits."""
LARGEST_TEXT: Final = 16 << 20
"""A METADATA or RECORD, which is read as a whole."""
MOST_BYTES: Final = 32 << 30
"""All that is unpacked of one wheel."""
MOST_RATIO: Final = 100
"""Unpacked bytes for each byte of the wheel. DLLs of CUDA come to 10; what deflate can
do with zeros is 1 032."""
RATIO_FROM: Final = 64 << 20
"""Below that size no ratio does harm."""

_BLOCK: Final = 1 << 20
# What zipfile lets through of a damaged archive.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OverflowError,
    ValueError,
)


class WheelError(TargetError):
    """A wheel that cannot be judged; the text is one line that names it."""


@dataclass(frozen=True)
class Entry:
    """One file in a wheel: the parts of its path, and its size unpacked."""

    parts: tuple[str, ...]
    size: int
    info: zipfile.ZipInfo = field(compare=False)


@dataclass(frozen=True)
class Wheel:
    """A wheel that is open.

    :param path: the file.
    :param entries: what is in it, folders apart.
    :param info: name of its `.dist-info` folder.
    :param key: a text that no other wheel has, nor this one once it has changed.
    """

    path: str
    entries: tuple[Entry, ...]
    info: str
    key: str
    _archive: zipfile.ZipFile = field(repr=False)

    @property
    def name(self) -> str:
        """The file name."""
        return base_name(self.path)

    @property
    def stem(self) -> str:
        """Name and version, as in `torch-2.15.0`."""
        return self.info.removesuffix(".dist-info")

    def text(self, name: str) -> str:
        """Return a text of the `.dist-info` folder, "" where it is not there.

        :raises WheelError: when it cannot be read.
        """
        for entry in self.entries:
            if entry.parts == (self.info, name):
                self.refuse_larger(entry, LARGEST_TEXT)
                with self._broken_is_told():
                    return self._archive.read(entry.info).decode("utf-8", "replace")
        return ""

    def refuse_larger(self, entry: Entry, most: int) -> None:
        """Refuse an entry that unpacks to more than a real one has.

        :raises WheelError: when it does.
        """
        if entry.size > most:
            file = "/".join(entry.parts)
            raise self._error(f"{file} would unpack to {_shown(entry.size)}")

    def refuse_total(self, total: int) -> None:
        """Refuse what unpacks to more than a wheel holds, before anything is.

        :param total: bytes to be unpacked.
        :raises WheelError: when it does.
        """
        ratio = total / max(os.path.getsize(self.path), 1)
        if total > MOST_BYTES or (total > RATIO_FROM and ratio > MOST_RATIO):
            raise self._error(f"would unpack to {_shown(total)}, as no wheel does")

    def unpack(self, entry: Entry, file: IO[bytes], most: int) -> None:
        """Write an entry to a file, or its first bytes.

        :param most: how many of them.
        :raises WheelError: when the archive is damaged there.
        """
        with self._broken_is_told(), self._archive.open(entry.info) as source:
            while most > 0:
                block = source.read(min(_BLOCK, most))
                if not block:
                    return
                most -= len(block)
                file.write(block)

    def _error(self, reason: str) -> WheelError:
        return WheelError(f"{self.path}: {reason}")

    @contextlib.contextmanager
    def _broken_is_told(self) -> Iterator[None]:
        try:
            yield
        except NotImplementedError as error:
            raise self._error(f"cannot be unpacked ({error})") from None
        except RuntimeError:
            raise self._error("is encrypted") from None
        except OSError as error:
            # Where the directory leads to before the start of the file.
            if error.errno != errno.EINVAL:
                raise
            raise self._error("is damaged; download it again") from None
        except _BROKEN:
            raise self._error("is damaged; download it again") from None


@contextlib.contextmanager
def opened(path: str) -> Iterator[Wheel]:
    """Open a wheel for reading.

    :param path: a file.
    :raises WheelError: when it is no wheel, or names files outside of itself.
    """
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise WheelError(f"{path}: {error.strerror or error}") from None
    except (*_BROKEN, NotImplementedError):
        raise WheelError(f"{path}: {_why_not(path)}") from None
    with archive:
        yield _wheel(path, archive)


def _wheel(path: str, archive: zipfile.ZipFile) -> Wheel:
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        raise WheelError(f"{path}: has {len(infos)} files, as no wheel does")
    try:
        named = [(parts_of(info.filename), info) for info in infos]
    except UnsafeNameError as error:
        raise WheelError(f"{path}: {error}") from None
    entries = (Entry(p, i.file_size, i) for p, i in named if not i.is_dir())
    folders = {
        parts[0]
        for parts, _ in named
        if len(parts) == 2
        and parts[0].endswith(".dist-info")
        and parts[1] in ("METADATA", "WHEEL")
    }
    if len(folders) != 1:
        raise WheelError(f"{path}: has no .dist-info folder of its own, so is no wheel")
    return Wheel(path, tuple(entries), folders.pop(), _key(path, infos), archive)


def _key(path: str, infos: list[zipfile.ZipInfo]) -> str:
    status = os.stat(path)
    rows = [(i.filename, i.CRC, i.file_size, i.header_offset) for i in infos]
    told = (base_name(path), status.st_size, status.st_mtime_ns, rows)
    return hashlib.sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()


def _why_not(path: str) -> str:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        start = file.read(4)
        if not start:
            return "is empty"
        if start == b"PK\3\4":
            return "is damaged or cut off: download it again"
    return "is no zip archive, so it is no wheel"


def _shown(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB" if size >= 1 << 30 else f"{size >> 20} MiB"
