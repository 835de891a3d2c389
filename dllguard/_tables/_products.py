"""Products that bring DLLs which packages need, and how to get them. Data only.

CUDA and cuDNN are in `_cuda`, the runtimes of Visual C++ in `_redistributables`, what
packages bring along in `_bundled`. In the texts, {bits} is 32 or 64 and {arch} x86, x64
or arm64, after the file that needs the DLL; {python} is the interpreter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from .._verdict import Remedy

Kind = Literal["product", "driver"]


@dataclass(frozen=True)
class NativeProduct:
    """A product of its own, or a driver, that brings DLLs.

    :param files: pattern of their lower-case names.
    :param title: what people call it, as it follows "x.dll of"; "" where the name of
        the file says it.
    :param wanted: the same with its architecture.
    :param ways: how to get it, easiest first.
    :param note: what is worth knowing of it.
    :param in_vain: what people try, each beginning with a gerund.
    :param conda: the conda package that has it.
    """

    files: str
    title: str
    wanted: str
    ways: tuple[Remedy, ...]
    kind: Kind = "product"
    note: str = ""
    in_vain: tuple[str, ...] = ()
    conda: str = ""


_NVIDIA_DRIVER: Final = "https://www.nvidia.com/drivers"

PRODUCTS: Final = (
    # oaubert/python-vlc#149, Evilvir-us/MacAttack#15; winget id and folders:
    # microsoft/winget-pkgs, VideoLAN.VLC (read 2026).
    NativeProduct(
        files=r"libvlc(core)?\.dll",
        title="VLC",
        wanted="VLC media player, {bits}-bit",
        ways=(
            Remedy(
                "install VLC, {bits}-bit, then restart Python:",
                ("winget install --id VideoLAN.VLC -e --architecture {arch}",),
            ),
            Remedy(
                "or take the {bits}-bit installer from https://www.videolan.org/vlc/"
            ),
        ),
        note="Python packages for VLC are bindings: the player itself is a program "
        "of its own, and must be {bits}-bit as this Python is.",
        in_vain=("reinstalling the Python package: it never contains VLC",),
    ),
    # ahupp/python-magic#225, pidydx/libmagicwin64#2; names: loader.py of python-magic
    # (read 2026). The wheel has builds for x86 and x64 (package index, read 2026).
    NativeProduct(
        files=r"(libmagic|magic1|magic-1|cygmagic-1|libmagic-1|msys-magic-1)\.dll",
        title="",
        wanted="libmagic, {bits}-bit",
        ways=(
            Remedy(
                "take python-magic-bin, which brings it, in place of python-magic:",
                (
                    "{python} -m pip uninstall -y python-magic",
                    "{python} -m pip install python-magic-bin",
                ),
            ),
        ),
        note="python-magic has no libmagic in it, and there is no official build for "
        "Windows.",
        in_vain=("putting a libmagic of the other architecture anywhere",),
    ),
    # NVIDIA's "cuDNN Installation Guide" 8.3 to 8.9, "Installing Zlib"; cupy/cupy#6226,
    # pytorch/builder#957; conda package: conda-forge/cudnn (all read 2026).
    NativeProduct(
        files=r"zlibwapi\.dll",
        title="",
        wanted="zlibwapi.dll, {bits}-bit",
        ways=(
            Remedy(
                "follow the chapter on zlib of NVIDIA's installation guide for cuDNN "
                "8, add the folder of the file to PATH, restart Python: "
                "https://docs.nvidia.com/deeplearning/cudnn/archives/cudnn-893/pdf/cuDNN-Installation-Guide.pdf"
            ),
            Remedy(
                "or take a release of the package that was made for cuDNN 9, which "
                "does without it"
            ),
        ),
        note="it is zlib as cuDNN 8.3 and later need it; NVIDIA does not ship it, its "
        "installation guide says where to get it.",
        in_vain=(
            "reinstalling cuDNN",
            "putting another zlib DLL under this name",
        ),
        conda="libzlib-wapi",
    ),
    # From experience; the page was not looked up.
    NativeProduct(
        files=r"nv(infer|onnxparser)(_\w+)?\.dll",
        title="TensorRT",
        wanted="TensorRT of the release that the name has, {bits}-bit",
        ways=(
            Remedy(
                "install TensorRT of the release that the number in the name has, "
                "from https://developer.nvidia.com/tensorrt"
            ),
        ),
    ),
    # The client itself: microsoft/winget-pkgs, Oracle.InstantClient (read 2026), which
    # does not tell how that puts it on PATH; the thin mode from experience.
    NativeProduct(
        files=r"oci\.dll|oraociei\w*\.dll|orannzsbb\w*\.dll",
        title="the Oracle client",
        wanted="Oracle Instant Client, {bits}-bit",
        ways=(
            Remedy(
                "install Oracle Instant Client Basic, {bits}-bit, and add its folder "
                "to PATH: https://www.oracle.com/database/technologies/"
                "instant-client/downloads.html"
            ),
            Remedy(
                "or use python-oracledb in its thin mode, which needs no client:",
                ("{python} -m pip install --upgrade oracledb",),
            ),
        ),
        in_vain=("installing a client of the other architecture",),
    ),
    # psycopg/psycopg#59; winget id: microsoft/winget-pkgs (read 2026).
    NativeProduct(
        files=r"libpq\.dll",
        title="the PostgreSQL client",
        wanted="libpq, {bits}-bit",
        ways=(
            Remedy(
                "if this is psycopg, take its binary variant, which brings it:",
                ('{python} -m pip install "psycopg[binary]"',),
            ),
            Remedy(
                "or install PostgreSQL, {bits}-bit:",
                ("winget install --id PostgreSQL.PostgreSQL.17 -e",),
            ),
        ),
        conda="libpq",
    ),
    # ibmdb/python-ibmdb#736; that ibm_db brings clidriver from experience.
    NativeProduct(
        files=r"db2(cli|app)(64)?\.dll",
        title="the Db2 client",
        wanted="IBM Db2 CLI driver (clidriver), {bits}-bit",
        ways=(
            Remedy(
                "let ibm_db bring its clidriver again:",
                (
                    (
                        "{python} -m pip install --force-reinstall --no-cache-dir "
                        "--no-deps ibm_db"
                    ),
                ),
            ),
        ),
    ),
    # Kozea/WeasyPrint#971 and its workflow for Windows (pacman); winget id:
    # microsoft/winget-pkgs (read 2026).
    NativeProduct(
        files=r"(lib)?(gobject|gio|gmodule|pango(cairo|ft2|win32)?|gtk|gdk(_pixbuf)?"
        r"|cairo|fontconfig)-\d+(\.\d+)?(-\d+)?\.dll",
        title="Pango and GTK",
        wanted="GTK or Pango, {bits}-bit",
        ways=(
            Remedy(
                "install MSYS2, with Pango in it:",
                (
                    "winget install --id MSYS2.MSYS2 -e",
                    (
                        'C:\\msys64\\usr\\bin\\bash -lc "pacman -S --noconfirm '
                        'mingw-w64-x86_64-pango"'
                    ),
                ),
            ),
            Remedy(
                "then name its folder; for WeasyPrint with this variable:",
                (r"setx WEASYPRINT_DLL_DIRECTORIES C:\msys64\mingw64\bin",),
            ),
        ),
        in_vain=(
            "installing a GTK of the other architecture",
            "giving the file the name that the message has",
        ),
    ),
    # IntelPython/mkl-service#23, evalf/nutils#718; names of the wheels for Windows:
    # package index (read 2026).
    NativeProduct(
        files=r"mkl_\w+(\.\d+)?\.dll",
        title="Intel MKL",
        wanted="Intel MKL of the release that the name has",
        ways=(Remedy("install MKL:", ("{python} -m pip install mkl",)),),
        conda="mkl",
    ),
    NativeProduct(
        files=r"libiomp5md\.dll",
        title="Intel OpenMP",
        wanted="Intel OpenMP",
        ways=(Remedy("install it:", ("{python} -m pip install intel-openmp",)),),
        note="LLVM's OpenMP is another one.",
        conda="intel-openmp",
    ),
    NativeProduct(
        files=r"tbb(12|malloc)?\.dll",
        title="Intel TBB",
        wanted="Intel TBB",
        ways=(Remedy("install it:", ("{python} -m pip install tbb",)),),
        conda="tbb",
    ),
    NativeProduct(
        files=r"(libmmd|svml_dispmd|libifcoremd|libifportmd)\.dll",
        title="Intel's compilers",
        wanted="the runtime of Intel's compilers",
        ways=(Remedy("install it:", ("{python} -m pip install intel-fortran-rt",)),),
        conda="intel-fortran-rt",
    ),
    # faroit/CountNet#5, EvilPort2/Sign-Language#16 (read 2026).
    NativeProduct(
        files=r"(nvcuda|nvml|nvcuvid|nvapi64|nvencodeapi64)\.dll",
        title="the NVIDIA driver",
        wanted="the driver of an NVIDIA graphics card",
        ways=(
            Remedy(
                "install the driver of the graphics card, then restart: "
                f"{_NVIDIA_DRIVER}"
            ),
            Remedy("or, without such a card, take the CPU build of the package"),
        ),
        kind="driver",
        note="only the display driver of NVIDIA brings it, into System32.",
        in_vain=("installing the CUDA Toolkit or cuDNN: neither contains it",),
    ),
    # microsoft/winget-pkgs, KhronosGroup.VulkanRT (read 2026).
    NativeProduct(
        files=r"vulkan-1\.dll",
        title="the graphics driver",
        wanted="a graphics driver with Vulkan",
        ways=(
            Remedy("install the current driver of the graphics card"),
            Remedy(
                "or the Vulkan runtime alone:",
                ("winget install --id KhronosGroup.VulkanRT -e",),
            ),
        ),
        kind="driver",
    ),
    # KhronosGroup/OpenCL-ICD-Loader, README.md (read 2026).
    NativeProduct(
        files=r"opencl\.dll",
        title="the graphics driver",
        wanted="a driver with OpenCL",
        ways=(
            Remedy("install the current driver of the graphics card or the processor"),
        ),
        kind="driver",
    ),
)
"""The first row that fits is right."""
