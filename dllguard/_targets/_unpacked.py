"""Wheels as an installer would lay them out, in a folder of the cache.

Only what a judgement reads is unpacked: native files, metadata, sources. A folder is
never changed once it is there, as those of `_fetch`.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .._fetch import cache_folder, filled, require_private
from ._archive import Entry, Wheel, WheelError
from ._scheme import LARGEST_SOURCE, SITE, needed, placed

# Another number where what is unpacked changes.
_FORM: Final = 1
# No folder of `_fetch` has such a name.
_PREFIX: Final = "wheels_"
_KEPT_DAYS: Final = 30
_DAY: Final = 24 * 60 * 60

_Parts = tuple[str, ...]


@dataclass(frozen=True)
class Unpacked:
    """Wheels on disk.

    :param prefix: what would be the folder of python.exe.
    :param infos: their `.dist-info` folders, in the order of the wheels.
    """

    prefix: str
    infos: tuple[str, ...]


def unpacked(wheels: Sequence[Wheel]) -> Unpacked:
    """Lay out wheels for one Python, or find them laid out before.

    :param wheels: open ones; of two files of one path, the later one is taken.
    :raises WheelError: when one cannot be unpacked, or the cache cannot be written.
    """
    told = repr((_FORM, [wheel.key for wheel in wheels])).encode()
    name = re.sub(r"[^a-z0-9.]+", "-", wheels[0].stem.lower())[:24].strip("-.")
    key = hashlib.sha256(told).hexdigest()[:16]
    root = cache_folder()
    target = root / f"{_PREFIX}{name}-{key}"
    try:
        require_private(root)
        if not target.is_dir():
            _sweep(root)
            filled(target, lambda fresh: _lay_out(wheels, fresh))
        # For the sweep: in use.
        os.utime(target)
    except OSError as error:
        where = error.filename or target
        raise WheelError(f"{where}: {error.strerror or error}") from None
    site = target.joinpath(*SITE)
    return Unpacked(str(target), tuple(str(site / wheel.info) for wheel in wheels))


def _lay_out(wheels: Sequence[Wheel], fresh: Path) -> None:
    names: dict[_Parts, _Parts] = {}
    for wheel in wheels:
        files = placed(wheel)
        most = needed(files)
        _check(wheel, files, most)
        # Windows knows one name, in whichever case it was written first.
        rows = {_in_one_case(parts, names): entry for parts, entry in files.items()}
        for parts, entry in files.items():
            if parts in most:
                path = fresh.joinpath(*_in_one_case(parts, names))
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    wheel.unpack(entry, file, most[parts])
        info = fresh.joinpath(*SITE, wheel.info)
        info.mkdir(parents=True, exist_ok=True)
        _record(info / "RECORD", rows)


def _check(
    wheel: Wheel, files: Mapping[_Parts, Entry], most: Mapping[_Parts, int]
) -> None:
    """Refuse a wheel that unpacks to too much; of a source the start is enough."""
    for parts, limit in most.items():
        if limit != LARGEST_SOURCE:
            wheel.refuse_larger(files[parts], limit)
    wheel.refuse_total(sum(min(files[p].size, limit) for p, limit in most.items()))


def _in_one_case(parts: _Parts, names: dict[_Parts, _Parts]) -> _Parts:
    lowered = tuple(part.lower() for part in parts)
    if lowered not in names:
        above = _in_one_case(parts[:-1], names) if len(parts) > 1 else ()
        names[lowered] = (*above, parts[-1])
    return names[lowered]


def _record(path: Path, files: Mapping[_Parts, Entry]) -> None:
    """Write what is installed, also what was left out here."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        for parts, entry in files.items():
            rows.writerow((_recorded(parts), "", entry.size))


def _recorded(parts: _Parts) -> str:
    if parts[: len(SITE)] == SITE:
        return "/".join(parts[len(SITE) :])
    return "/".join((*[".."] * len(SITE), *parts))


def _sweep(root: Path) -> None:
    """Remove wheels that nobody has asked about for a month."""
    for folder in _folders(root):
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime < time.time() - _KEPT_DAYS * _DAY:
                shutil.rmtree(folder)


def _folders(root: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from root.glob(f"{_PREFIX}*")
