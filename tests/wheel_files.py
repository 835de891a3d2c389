"""Wheels made for a test: a zip archive with what an installer asks for.

`wheel(folder, "shapes", "1.0", {"shapes/_core.pyd": build_pe(...)})` writes one.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

WIN: Final = "cp311-cp311-win_amd64"


def wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, bytes] = {},
    *,
    tag: str = WIN,
    requires: Sequence[str] = (),
    file: str = "",
    compression: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """Write a wheel.

    :param files: contents by path in the archive; `{data}` is its `.data` folder.
    :param requires: as Requires-Dist has them.
    :param file: its file name, where that is not what the rest tells.
    :returns: its path.
    """
    stem = f"{name}-{version}"
    info = f"{stem}.dist-info"
    fields = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    fields += [f"Requires-Dist: {requirement}" for requirement in requires]
    everything = {
        **{path.format(data=f"{stem}.data"): body for path, body in files.items()},
        f"{info}/METADATA": "\n".join([*fields, ""]).encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nTag: {tag}\n".encode(),
        f"{info}/RECORD": b"",
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (file or f"{stem}-{tag}.whl")
    with zipfile.ZipFile(path, "w", compression) as archive:
        for entry, body in everything.items():
            # Not `writestr(entry, ...)`, which puts names right that are to be wrong.
            row = zipfile.ZipInfo("x")
            row.filename = entry
            row.compress_type = compression
            archive.writestr(row, body)
    return path
