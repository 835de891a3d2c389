"""Rows of the table of what packages bring along."""

from __future__ import annotations

import re

import pytest

from dllguard._tables._bundled import OF_PYTHON, PARTS

NAMES = {
    "libstdc++-6.dll": "MinGW-w64",
    "libgcc_s_dw2-1.dll": "MinGW-w64",
    "hdf5_hl.dll": "HDF5",
    "openblas.dll": "OpenBLAS",
    "pcre2-8.dll": "PCRE2",
    "geos_c.dll": "GEOS",
    "gdal309.dll": "GDAL",
    "proj_9_4.dll": "PROJ",
    "spatialindex_c-64.dll": "libspatialindex",
    "zlib1.dll": "zlib",
    "libpng16.dll": "libpng",
    "jpeg8.dll": "libjpeg",
    "tiff.dll": "libtiff",
    "libwebp.dll": "WebP",
    "zstd.dll": "Zstandard",
    "icuuc73.dll": "ICU",
    "libssl-3-x64.dll": "OpenSSL",
    "libcrypto-1_1.dll": "OpenSSL",
    "libffi-8.dll": "libffi",
    "ffi-8.dll": "libffi",
    "sqlite3.dll": "SQLite",
    "tcl86t.dll": "Tcl/Tk",
    "liblzma.dll": "liblzma",
    "libbz2.dll": "bzip2",
    "libexpat.dll": "Expat",
}


@pytest.mark.parametrize(("name", "title"), NAMES.items(), ids=NAMES)
def test_name(name: str, title: str) -> None:
    rows = [r for r in (*PARTS, *OF_PYTHON) if re.fullmatch(r.files, name)]

    assert [title in row.title for row in rows] == [True]


def test_every_row_is_named() -> None:
    rows = (*PARTS, *OF_PYTHON)

    assert [r for r in rows if not any(re.fullmatch(r.files, n) for n in NAMES)] == []


def test_the_icu_of_windows_is_another() -> None:
    assert not any(re.fullmatch(row.files, "icuuc.dll") for row in PARTS)
