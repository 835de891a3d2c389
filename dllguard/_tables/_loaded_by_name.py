"""DLLs that are asked for by name, so that no import table shows them. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_SUB_9: Final = (
    "ops graph cnn adv heuristic engines_precompiled engines_runtime_compiled"
)

BY_FILE: Final[Mapping[str, tuple[str, ...]]] = {
    # cuDNN 8, "API Reference", Overview: the first DLL is a shim over the others.
    # Softcatala/whisper-ctranslate2#41 (read 2026).
    "cudnn64_8.dll": ("cudnn_ops_infer64_8.dll", "cudnn_cnn_infer64_8.dll"),
    # cuDNN 9, "Backend API Overview" (read 2026).
    "cudnn64_9.dll": tuple(f"cudnn_{name}64_9.dll" for name in _SUB_9.split()),
}
"""What a DLL loads once it is used, by its lower-case name. Its own imports are those
of the files: cudnn_cnn_infer64_8.dll imports zlibwapi.dll (pytorch/builder#955)."""

GPU_DRIVER: Final = "nvcuda.dll"
"""Without it none of these is used."""


@dataclass(frozen=True)
class Wanted:
    """What a distribution of Python code loads when it is imported.

    :param names: DLLs of which it needs one, the likeliest first.
    :param below: first release that does so no longer.
    :param unless: distributions that bring it, or make it needless.
    :param folders: where else it looks, below the drive of Windows.
    """

    names: tuple[str, ...]
    below: str = ""
    unless: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


BY_DISTRIBUTION: Final[Mapping[str, Wanted]] = {
    # vlc.py, find_lib (3.0.4105, read 2026).
    "python-vlc": Wanted(("libvlc.dll",)),
    # magic/loader.py of python-magic (read 2026).
    "python-magic": Wanted(
        (
            "libmagic.dll",
            "magic1.dll",
            "magic-1.dll",
            "cygmagic-1.dll",
            "libmagic-1.dll",
            "msys-magic-1.dll",
        ),
        unless=("python-magic-bin",),
    ),
    # tensorflow/python/platform/self_check.py, preload_check, of the releases that have
    # nvcuda_dll_name; keras-team/keras-tuner#48 (read 2026). Which release was the last
    # is from experience.
    "tensorflow-gpu": Wanted(("nvcuda.dll",), below="2.1"),
    # psycopg/pq/_pq_ctypes.py (3.1, read 2026).
    "psycopg": Wanted(("libpq.dll",), unless=("psycopg-binary", "psycopg-c")),
    # weasyprint/text/ffi.py (names); WEASYPRINT_DLL_DIRECTORIES and the folder of GTK:
    # pyinstaller-hooks-contrib, the hook for WeasyPrint (read 2026).
    "weasyprint": Wanted(
        ("libgobject-2.0-0.dll", "gobject-2.0-0.dll"),
        folders=("msys64/mingw64/bin", "Program Files/GTK3-Runtime Win64/bin"),
    ),
}
"""By the normalised name of the distribution."""
