"""DLLs that packages bring along, each its own copy, and Python's own. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class BundledPart:
    """What comes with whoever needs it.

    :param files: pattern of the lower-case names of its DLLs.
    :param title: what it is.
    :param conda: the conda package that has it, "" where that differs.
    """

    files: str
    title: str
    conda: str


PARTS: Final = (
    # nomic-ai/gpt4all#710, oaubert/python-vlc#8 (read 2026).
    BundledPart(
        r"lib(stdc\+\+-6|gcc_s_(seh|dw2|sjlj)-1|winpthread-1|gfortran-\d|quadmath-0"
        r"|gomp-1|ssp-0|atomic-1)\.dll",
        "the runtime of MinGW-w64, a compiler",
        "",
    ),
    # h5py/h5py#2505 (read 2026).
    BundledPart(r"hdf5(_\w+)?\.dll|libhdf5(_\w+)?-\d+\.dll", "HDF5", "hdf5"),
    # faiss-wheels/faiss-wheels#42 (read 2026).
    BundledPart(r"(lib)?openblas\w*\.dll", "OpenBLAS", "libopenblas"),
    # opencv/opencv#24743 (read 2026).
    BundledPart(r"pcre2-(8|16|32|posix)\.dll", "PCRE2", "pcre2"),
    # The conda packages below are named from experience, not looked up.
    BundledPart(r"geos(_c)?\.dll|libgeos_c-\d+\.dll", "GEOS", "geos"),
    BundledPart(r"(lib)?gdal\d*\.dll", "GDAL", "libgdal"),
    BundledPart(r"(lib)?proj(_\d+)*\.dll", "PROJ", "proj"),
    BundledPart(r"spatialindex(_c)?(-64)?\.dll", "libspatialindex", "libspatialindex"),
    BundledPart(r"zlib1?\.dll", "zlib", "libzlib"),
    BundledPart(r"libpng16\.dll", "libpng", "libpng"),
    BundledPart(r"(jpeg8|libjpeg(-\d+)?|turbojpeg)\.dll", "libjpeg", "libjpeg-turbo"),
    BundledPart(r"(lib)?tiff\d*\.dll", "libtiff", "libtiff"),
    BundledPart(r"(lib)?webp(demux|mux|decoder)?\.dll", "WebP", "libwebp-base"),
    BundledPart(r"(lib)?zstd\.dll", "Zstandard", "zstd"),
    BundledPart(r"icu(uc|in|dt)\d+\.dll", "ICU", "icu"),
)
"""What a package that needs it has in its own folders, or takes from conda's
Library\\bin."""

OF_PYTHON: Final = (
    # marcelotduarte/cx_Freeze#523, ContinuumIO/anaconda-issues#11994,
    # cocotb/cocotb#3166 (read 2026); conda's names from experience.
    BundledPart(r"lib(ssl|crypto)-[\w-]+\.dll", "OpenSSL", "openssl"),
    BundledPart(r"libffi(-\d)?\.dll|ffi(-\d)?\.dll", "libffi", "libffi"),
    BundledPart(r"sqlite3\.dll", "SQLite", "libsqlite"),
    BundledPart(r"(tcl|tk)\d+t?\.dll", "Tcl/Tk", "tk"),
    BundledPart(r"(lib)?lzma\.dll", "liblzma", "liblzma"),
    BundledPart(r"(lib)?bz2\.dll", "bzip2", "bzip2"),
    BundledPart(r"libexpat\.dll", "Expat", "libexpat"),
)
"""What Python's own modules need: python.org has it in the folder DLLs, conda in
Library\\bin."""
