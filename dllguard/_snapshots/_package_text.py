"""Installed packages as JSON-ready values, and back.

Of METADATA and RECORD only what a judgement reads is kept.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from .._packages._conda import CondaPackage
from .._packages._conda import plain as plain_file
from .._packages._distribution import read_distribution, recorded_size, text_of
from .._packages._metadata import Metadata
from .._packages._stored import Answers, Stored, StoredMetadata, Touched
from .._paths import base_name, is_native
from ._fields import Fields

_TAG: Final = re.compile(r"^Tag:\s*(\S+)\s*$", re.MULTILINE)


def stored(found: Metadata) -> StoredMetadata:
    """Return the metadata of a distribution, reduced to what a judgement reads."""
    distribution = read_distribution(found)
    # It is the name of the folder by which one is found.
    place = getattr(found, "path", None) or getattr(found, "_path", "")
    title = f"{distribution.name}-{distribution.version}.dist-info"
    has_name = any(text_of(found, name) for name in ("METADATA", "PKG-INFO", ""))
    texts = _texts(
        name=distribution.name if has_name else "",
        version=distribution.version if has_name else None,
        requires=distribution.requires,
        record=_kept_rows(text_of(found, "RECORD")),
        top_level=text_of(found, "top_level.txt").split(),
        installer=distribution.installer,
        delvewheel=distribution.delvewheel,
        tags=_TAG.findall(text_of(found, "WHEEL")),
    )
    folder = base_name(str(place)) or title
    return StoredMetadata(folder, distribution.site, texts)


def written_packages(
    found: Sequence[StoredMetadata], answers: Answers
) -> dict[str, Any]:
    """Return what is installed, and what was noted of it, as JSON-ready values."""
    return {
        "distributions": [_written(one) for one in found],
        "added_folders": [
            {"site": site, "distribution": key, "folders": list(folders)}
            for (site, key), folders in answers.added.items()
            if folders
        ],
        "touched": [
            {
                "name": name,
                "touched": sorted(row.touched),
                "left_alone": sorted(row.asked - row.touched),
            }
            for name, row in answers.touched.items()
        ],
        "conda": {
            prefix: [_written_conda(package) for package in packages]
            for prefix, packages in answers.conda.items()
        },
    }


def read_packages(fields: Fields, site: Sequence[str]) -> Stored:
    """Return what is installed.

    :param fields: the snapshot.
    :param site: the folders that are searched for packages.
    :raises SnapshotError: when it is damaged.
    """
    added = {
        (row.text("site"), row.text("distribution")): row.texts("folders")
        for row in fields.rows("added_folders")
    }
    touched = {row.text("name"): _touched(row) for row in fields.rows("touched")}
    conda = fields.fields("conda")
    packages = {p: tuple(map(_read_conda, conda.rows(p))) for p in conda}
    found = tuple(map(_read, fields.rows("distributions")))
    return Stored(found, site, Answers(packages, added, touched))


def _written(one: StoredMetadata) -> dict[str, Any]:
    texts = one.texts
    headers = texts.get("METADATA", "").splitlines()
    values = {
        name: [h.partition(": ")[2] for h in headers if h.startswith(f"{name}: ")]
        for name in ("Name", "Version", "Requires-Dist")
    }
    found: dict[str, Any] = {
        "folder": one.folder,
        "site": one.site,
        "name": next(iter(values["Name"]), None),
        "version": next(iter(values["Version"]), None),
        "requires": values["Requires-Dist"],
        "record": [*_rows(texts.get("RECORD", ""))],
        "installer": texts.get("INSTALLER", ""),
    }
    optional = {
        "top_level": texts.get("top_level.txt", "").split(),
        "delvewheel": "DELVEWHEEL" in texts,
        "tags": _TAG.findall(texts.get("WHEEL", "")),
    }
    found.update({name: value for name, value in optional.items() if value})
    return found


def _read(fields: Fields) -> StoredMetadata:
    record = (
        (row.text("path"), row.number("size") if "size" in row else None)
        for row in fields.rows("record")
    )
    texts = _texts(
        name=fields.text("name", ""),
        version=fields.text("version") if "version" in fields else None,
        requires=fields.texts("requires"),
        record=tuple(record),
        top_level=fields.texts("top_level") if "top_level" in fields else (),
        installer=fields.text("installer"),
        delvewheel=fields.flag("delvewheel", default=False),
        tags=fields.texts("tags") if "tags" in fields else (),
    )
    return StoredMetadata(fields.text("folder"), fields.text("site"), texts)


def _texts(
    *,
    name: str,
    version: str | None,
    requires: Iterable[str],
    record: Iterable[tuple[str, int | None]],
    top_level: Iterable[str],
    installer: str,
    delvewheel: bool,
    tags: Iterable[str],
) -> dict[str, str]:
    """Return the files of a `.dist-info` folder that say so."""
    headers = [f"Name: {_line(name)}"] if name else []
    headers += [f"Version: {_line(version)}"] if version is not None else []
    headers += [f"Requires-Dist: {_line(text)}" for text in requires]
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerows([p, "", "" if size is None else size] for p, size in record)
    found = {
        "METADATA": "\n".join(headers),
        "RECORD": rows.getvalue(),
        "top_level.txt": "\n".join(map(_line, top_level)),
        "INSTALLER": installer,
        "DELVEWHEEL": "yes" if delvewheel else "",
        "WHEEL": "".join(f"Tag: {_line(tag)}\n" for tag in tags),
    }
    return {file: text for file, text in found.items() if text}


def _kept_rows(record: str) -> Iterator[tuple[str, int | None]]:
    """Yield the rows of native files, and one for each name at the top."""
    tops: set[str] = set()
    lines = (line for line in record.splitlines() if line.strip())
    for row in _parsed(lines):
        if not row or not row[0]:
            continue
        first, slash, _ = row[0].partition("/")
        top = first + slash
        if is_native(row[0]) or top not in tops:
            yield row[0], recorded_size(row)
        tops.add(top)


def _parsed(lines: Iterable[str]) -> Iterator[list[str]]:
    for line in lines:
        # As where the package is installed: a garbled row says nothing of the others.
        with suppress(csv.Error):
            yield from csv.reader([line])


def _rows(record: str) -> Iterator[dict[str, Any]]:
    for row in _parsed(record.splitlines()):
        size = {"size": int(row[2])} if row[2] else {}
        yield {"path": row[0], **size}


def _written_conda(package: CondaPackage) -> dict[str, Any]:
    files = [file for file in package.files if is_native(file)]
    return {
        "name": package.name,
        "version": package.version,
        "build": package.build,
        "channel": package.channel,
        "depends": list(package.depends),
        "files": [_with_size(file, package.size_of) for file in files],
    }


def _with_size(file: str, size_of: Callable[[str], int | None]) -> dict[str, Any]:
    size = size_of(file)
    return {"path": file} if size is None else {"path": file, "size": size}


def _read_conda(fields: Fields) -> CondaPackage:
    files = [*fields.rows("files")]
    sizes: Mapping[str, int] = {
        plain_file(f.text("path")): f.number("size") for f in files if "size" in f
    }
    return CondaPackage(
        name=fields.text("name"),
        version=fields.text("version"),
        build=fields.text("build"),
        channel=fields.text("channel"),
        files=tuple(file.text("path") for file in files),
        depends=fields.texts("depends"),
        sizes=sizes,
    )


def _touched(row: Fields) -> Touched:
    touched = frozenset(row.texts("touched"))
    return Touched(touched | frozenset(row.texts("left_alone")), touched)


def _line(text: str) -> str:
    # A line break would begin another header.
    return " ".join(text.split())
