"""A host made of a snapshot, on any system: its files are known, not looked at."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from .._files._disk import Disk
from .._files._recorded import Recorded
from .._hosts._host import Host
from ._fields import Fields, SnapshotError
from ._file_text import read_files
from ._host_text import read_host
from ._package_text import read_packages
from ._snapshot import FORMAT, VERSION

__all__ = ["SnapshotError", "read_snapshot", "restored"]

# One of an environment with 2,000 native files has some megabytes.
_LARGEST: Final = 1 << 28


def read_snapshot(path: str) -> Host:
    """Return the host of a snapshot file.

    :param path: the file.
    :raises SnapshotError: when it cannot be read, is no snapshot, or a damaged one; the
        text is one line and begins with the path.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        absent = isinstance(error, FileNotFoundError)
        why = "no such file" if absent else f"cannot be read ({error.strerror})"
        raise SnapshotError(f"{path}: {why}") from None
    except ValueError as error:
        raise SnapshotError(f"{path!r}: cannot be read ({error})") from None
    if len(content) > _LARGEST:
        most = _LARGEST >> 20
        raise SnapshotError(f"{path}: is larger than {most} MB, so it is no snapshot")
    try:
        return restored(json.loads(content, parse_constant=_refuse))
    except SnapshotError as error:
        raise SnapshotError(f"{path}: {error}") from None
    except (ValueError, RecursionError) as error:
        why = " ".join(str(error).split())
        raise SnapshotError(f"{path}: is not JSON ({why})") from None


def restored(data: object) -> Host:
    """Return the host of a snapshot.

    :param data: what `snapshot` returned, or the same out of JSON.
    :raises SnapshotError: when it is no snapshot, or a damaged one.
    """
    fields = Fields(data)
    known: Any = data
    if known.get("format") != FORMAT:
        raise SnapshotError("is not a snapshot of dllguard")
    version = fields.number("version")
    if version != VERSION:
        later = "; use a newer dllguard" if version > VERSION else ""
        raise SnapshotError(f"is a snapshot of version {version}, not {VERSION}{later}")
    machine = fields.fields("process").number("machine")
    disk = Disk(volume=Recorded(read_files(fields), machine))
    inventory = read_packages(fields, fields.fields("python").texts("site"))
    return read_host(fields, disk, inventory)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
