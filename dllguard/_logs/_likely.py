# ruff: noqa: ISC004  the sentences of a row are longer than a line
"""What is likely behind a failed load, of which only the text is known. Data only.

Ranked by the cases that were read (2026-11): each row has the code of its help page,
what is wrong, how it is told from the others, and threads in which it was so. Rows of
a file go before those of its error code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ACCESS_VIOLATION: Final = 0xC0000005
ILLEGAL_INSTRUCTION: Final = 0xC000001D

STATUSES: Final[Mapping[int, int]] = {
    0xC0000135: 126,
    0xC0000139: 127,
    0xC0000138: 127,
    0xC000007B: 193,
    0xC0000142: 1114,
    0xC0000428: 577,
    ACCESS_VIOLATION: 0,
    ILLEGAL_INSTRUCTION: 0,
}
"""Ends of a process ("NTSTATUS Values", Microsoft), with the error code that says the
same; 0 for a crash."""

MEANINGS: Final[Mapping[int | str, str]] = {
    0: "it does not load",
    5: "a DLL may not be loaded",
    8: "there was not enough memory",
    14: "there was not enough memory",
    126: "a DLL was not found",
    127: "a DLL lacks a function",
    182: "a DLL lacks what is asked of it",
    193: "a file is no DLL for this Python",
    225: "a security program refused a DLL",
    226: "a security program refused a DLL",
    577: "Windows refused a DLL for its signature",
    998: "start-up code of a DLL crashed",
    1114: "start-up code of a DLL failed",
    1260: "a policy refused a DLL",
    1455: "there was not enough memory",
    4551: "a policy refused a DLL",
    14001: "a side-by-side assembly was not found",
    ACCESS_VIOLATION: "the process crashed, access violation",
    ILLEGAL_INSTRUCTION: "the processor does not know an instruction",
    "unknown": "Windows gave a code that is no usual one",
    "conflict": "an extension module is of another Python",
    "openmp": "two OpenMP runtimes are in one process",
    "operator": "a DLL was not loaded, and the package kept that to itself",
}
"""What an error code, or the kind of a text, says for certain."""

NOT_MEANT: Final[Mapping[int | str, str]] = {
    5: "that the file is damaged. It was not allowed to be loaded, or read.",
    8: "that a DLL is missing or damaged.",
    14: "that a DLL is missing or damaged.",
    126: "that {file} is missing: usually it is there, and one of the DLLs that it "
    "needs is not. Which one, the message does not say.",
    127: "that a program or a file is missing: every DLL was found, and one of them, "
    "not named here, is another copy or release than the one that is needed. "
    "Installing more DLLs does not help.",
    182: "that Windows cannot run {file}: usually one of its DLLs was found in another "
    "vendor's copy of the same name.",
    193: "that {file} is damaged: usually it, or the DLL that it needs, is for another "
    "architecture (32-bit or 64-bit) than the Python.",
    225: "that the file is damaged or missing.",
    226: "that the file is damaged or missing.",
    577: "that the file is damaged or missing.",
    998: "that a file is missing.",
    1114: "that a file is missing: every DLL was found, and start-up code of one of "
    "them, not always of {file}, said no.",
    1260: "that the file is damaged or missing.",
    1455: "that {file} is damaged: it only came when the memory was used up.",
    4551: "that the file is damaged or missing: reinstalling does not help.",
    14001: "that a file beside the program is missing: a manifest asks for an "
    "installed assembly.",
    ACCESS_VIOLATION: "that the file last loaded is damaged.",
    ILLEGAL_INSTRUCTION: "that a file is missing or damaged.",
    "conflict": "that {file} is missing or too old: it belongs to another Python, from "
    "which a module was imported.",
    "openmp": "that one of the two files is damaged.",
    "popup": "that a file is missing: every DLL was found, and one of them is another "
    "copy or release than the one that is needed. Installing more DLLs does not help.",
    "operator": "that the package was built without this function: usually its own "
    "extension module failed to load earlier, without a word.",
}

LAST: Final = "none of the above"
"""How a cause is told that is one only where the others are none."""

Row = tuple[str, str, str, str]

LIKELY: Final[Mapping[int | str, tuple[Row, ...]]] = {
    126: (
        (
            "not-on-search-path",
            "the DLL is on this machine, in a folder that this Python does not search",
            "`where NAME.dll` finds it; Python 3.8 and later leave PATH out, a conda "
            "environment that is not activated lacks Library\\bin",
            "cupy/cupy#2243, ContinuumIO/anaconda-issues#11994, ibmdb/python-ibmdb#736",
        ),
        (
            "missing-vc-runtime",
            "the Visual C++ runtime, or a part of it, is not installed",
            "System32 has no msvcp140.dll or vcruntime140_1.dll",
            "numba/numba#5600, matplotlib/matplotlib#14303, dmlc/xgboost#3571",
        ),
        (
            "missing-dll",
            "the release forgot a DLL, or a package that it needs is not installed",
            "a newer or older release of the package works",
            "h5py/h5py#2505, faiss-wheels/faiss-wheels#42, pytorch/vision#4894",
        ),
        (
            "missing-product",
            "a product that is installed by itself is not: CUDA, cuDNN, VLC, Oracle",
            "the documentation of the package names it",
            "oaubert/python-vlc#149, Softcatala/whisper-ctranslate2#41",
        ),
        (
            "missing-windows-feature",
            "this Windows comes without a part: N and KN editions without media files, "
            "Server Core, containers",
            "System32 has no mfplat.dll; `winver` shows an N",
            "opencv/opencv-python#185, docker-library/python#704",
        ),
        (
            "incomplete-installation",
            "files of the package are gone, often moved away by an antivirus program",
            "RECORD of the package lists a file that is not there",
            "dwavesystems/dwave-ocean-sdk#318",
        ),
        (
            "frozen-app-omission",
            "a frozen program (PyInstaller, cx_Freeze, Nuitka) was built without a DLL",
            "the same import works in the Python that it was built with",
            "pyinstaller/pyinstaller#6685, marcelotduarte/cx_Freeze#523",
        ),
        (
            "version-mismatch",
            "two packages that belong together were installed separately, one for "
            "another CUDA or torch",
            "`python -m pip check` and the version suffixes, +cpu or +cu",
            "open-mmlab/mmdetection#5580, pytorch/pytorch#97464",
        ),
        (
            "wrong-architecture",
            "the DLL is there for another architecture, and the first error was "
            "covered up",
            "a 32-bit product beside a 64-bit Python, or the reverse",
            "oaubert/python-vlc#140, ahupp/python-magic#35",
        ),
        (
            "shadowed-dll",
            "another copy of a DLL is found first, which needs more, or is for another "
            "architecture",
            "`where NAME.dll` shows more than one",
            "Kozea/WeasyPrint#971, radioconda/radioconda-installer#78",
        ),
        (
            "python-abi-mismatch",
            "the DLL of another Python is wanted: pythonXY.dll, python3.dll, "
            "python3t.dll",
            "the name of the .pyd file, such as cp311, is not that of the Python",
            "opencv/opencv-python#36, conda-forge/python-feedstock#934",
        ),
        (
            "windows-too-old",
            "this Windows is too old for the Python or the package",
            "Windows 7, 8, or an early build of 10; names that start with api-ms-win",
            "python/cpython#84917",
        ),
        (
            "missing-build-tools-runtime",
            "a DLL that comes with a compiler is missing, libomp140.x86_64.dll",
            "torch 2.4.0 and fbgemm.dll",
            "pytorch/pytorch#131662",
        ),
        (
            "missing-driver",
            "a DLL of the graphics driver is missing, nvcuda.dll",
            "no NVIDIA driver is installed",
            "faroit/CountNet#5",
        ),
        (
            "unloadable-path",
            "the path of the file has characters that the program cannot use",
            "letters that are not ASCII, or a very long path",
            "pyinstaller/pyinstaller#1224",
        ),
        (
            "clobbered-file",
            "a file of another environment is used, or was overwritten",
            "a cache or a copied folder is in the path",
            "woct0rdho/triton-windows#23",
        ),
        (
            "vc-runtime-damaged",
            "a runtime DLL is not whole",
            "files were copied or fetched by hand",
            "pyinstaller/pyinstaller#4943",
        ),
        (
            "debug-runtime",
            "a debug build needs DLLs that only Visual Studio brings",
            "names that end in d.dll, such as vcruntime140d.dll",
            "python/cpython#101614",
        ),
        (
            "side-by-side",
            "a Visual C++ 2005 or 2008 runtime is missing",
            "a package for Python 2.7",
            "jgoldshlag/padherder_proxy#29",
        ),
        (
            "not-determined",
            "a reason that files do not show: the state of the process, or its host",
            LAST,
            "numpy/numpy#11431, pytorch/vision#7185",
        ),
    ),
    127: (
        (
            "version-mismatch",
            "two packages that belong together are of releases that do not: torch and "
            "its extensions, PyQt6 and PyQt6-Qt6, h5py and hdf5",
            "`python -m pip check`, and which of them was installed last",
            "facebookresearch/pytorch3d#1872, rusty1s/pytorch_scatter#448, "
            "h5py/h5py#2037",
        ),
        (
            "shadowed-dll",
            "another copy of a DLL is found first: in System32, on PATH, beside "
            "python.exe",
            "`where NAME.dll` shows more than one",
            "mhammond/pywin32#1409, YaoFANGUK/video-subtitle-extractor#461, "
            "PaddlePaddle/Paddle#75939",
        ),
        (
            "conflicting-copies",
            "another package, imported before, has loaded its own copy",
            "the import works alone, in a fresh process",
            "h5py/h5py#2303, zeromq/pyzmq#1489",
        ),
        (
            "vc-runtime-too-old",
            "the Visual C++ runtime that is found is too old",
            "msvcp140.dll or vcruntime140.dll beside python.exe is older than the one "
            "in System32",
            "eeeeeeeeee-code/e0e1-wx#68",
        ),
        (
            "windows-too-old",
            "this Windows lacks a function that the package needs",
            "Windows 7 or 8, or an early build of 10",
            "pyinstaller/pyinstaller#8890, pydantic/pydantic#12976",
        ),
        (
            "python-abi-mismatch",
            "the Python is of an earlier patch release than the package needs",
            "Python X.Y.0; the newest X.Y.Z works",
            "pytorch/pytorch#9263",
        ),
        (
            "missing-export",
            "a DLL lacks a function for a reason that is not known",
            LAST,
            "msys2/MINGW-packages#22956",
        ),
        (
            "clobbered-file",
            "one package has overwritten a DLL of another",
            "two packages list the same file",
            "ContinuumIO/anaconda-issues#13146",
        ),
        (
            "not-determined",
            "a reason that files do not show: the state of the process, or its host",
            LAST,
            "conda-forge/arrow-cpp-feedstock#1176, microsoft/debugpy#356",
        ),
    ),
    182: (
        (
            "clobbered-file",
            "one package has overwritten a DLL of another, often libiomp5md.dll "
            "(llvm-openmp and intel-openmp of conda)",
            "`conda list openmp` shows both",
            "ContinuumIO/anaconda-issues#13146, robotology/robotology-superbuild#1702",
        ),
        (
            "shadowed-dll",
            "a program has put its own DLL of that name into System32 or on PATH "
            "(OpenSSL, MKL, OpenMP)",
            "`where NAME.dll` shows more than one",
            "conda/conda#9770, pyca/cryptography#4011",
        ),
        (
            "conflicting-copies",
            "another package, imported before, has loaded its own copy",
            "the import works alone, in a fresh process",
            "ilastik/ilastik#2175",
        ),
        (
            "missing-export",
            "a DLL lacks an ordinal for a reason that is not known",
            LAST,
            "pytorch/pytorch#31324",
        ),
        (
            "not-determined",
            "a reason that files do not show: the state of the process, or its host",
            LAST,
            "pytorch/pytorch#72293",
        ),
    ),
    193: (
        (
            "wrong-architecture",
            "a DLL is for another architecture than the Python",
            "a 32-bit product beside a 64-bit Python, or the reverse",
            "ahupp/python-magic#109, oaubert/python-vlc#140",
        ),
        (
            "package-wrong-architecture",
            "the package was installed for another architecture",
            "the name of its wheel: win32, win_amd64, win_arm64",
            "zeromq/pyzmq#136",
        ),
        (
            "python-wrong-architecture",
            "the Python is not of the architecture that was meant",
            '`python -c "import sysconfig; print(sysconfig.get_platform())"`',
            "aboutcode-org/scancode-toolkit#838",
        ),
        (
            "shadowed-dll",
            "a copy for another architecture is found first",
            "the traceback shows the folders of two Pythons, or `where` two copies",
            "pytorch/pytorch#27693",
        ),
        (
            "unreadable-dll",
            "the file is cut off, empty, or no DLL at all (a git-lfs pointer, a web "
            "page)",
            "its size; a DLL begins with the letters MZ",
            "pyinstaller/pyinstaller#4943",
        ),
        (
            "packed-file",
            "the file was packed, by UPX",
            "a frozen program that was built with UPX",
            "pyinstaller/pyinstaller#3254",
        ),
        (
            "clobbered-file",
            "the file was overwritten",
            "its size is not that of RECORD",
            "ContinuumIO/anaconda-issues#13146",
        ),
    ),
    998: (
        (
            "packed-file",
            "a DLL was packed or stripped when the program was frozen",
            "a frozen program that was built with UPX or strip",
            "pyinstaller/pyinstaller#4943, pyinstaller/pyinstaller#3254",
        ),
        (
            "initialization-failed",
            "start-up code of a DLL crashed",
            "the import works alone, in a fresh process",
            "System Error Codes (Microsoft)",
        ),
        (
            "vc-runtime-too-old",
            "the Visual C++ runtime that is found is too old",
            "msvcp140.dll is older than 14.40",
            "microsoft/STL#4875",
        ),
        (
            "not-determined",
            "a reason that files do not show: the state of the process, or its host",
            LAST,
            "System Error Codes (Microsoft)",
        ),
    ),
    1114: (
        (
            "vc-runtime-too-old",
            "the Visual C++ runtime is older than the package needs, by far the most "
            "frequent",
            "msvcp140.dll of System32, or beside python.exe, is older than 14.40",
            "microsoft/onnxruntime#24843, nagadomi/nunif#701, numba/llvmlite#1297",
        ),
        (
            "conflicting-copies",
            "another package, imported before, has loaded its own older runtime",
            "the import works as the first one; PyQt5, PyQt6 or PySide before torch",
            "pytorch/pytorch#166628, JiaxinWang123/StoManager1#50",
        ),
        (
            "missing-cpu-feature",
            "the package was built for instructions that this processor lacks, AVX",
            "an old or virtual processor",
            "tensorflow/tensorflow#37221",
        ),
        (
            "initialization-failed",
            "start-up code failed for a reason that files do not show",
            LAST,
            "isl-org/Open3D#4468",
        ),
        (
            "not-determined",
            "nothing that files show",
            LAST,
            "pytorch/pytorch#169429",
        ),
    ),
    1455: (
        (
            "out-of-memory",
            "the commit limit of Windows is reached: memory and page file together",
            "Task Manager, Performance, Memory, Committed; many worker processes",
            "bmaltais/kohya_ss#449, thu-ml/tianshou#297",
        ),
        (
            "not-determined",
            "a reason that files do not show: the state of the process, or its host",
            LAST,
            "krishnaik06/mlproject#24",
        ),
    ),
    14001: (
        (
            "side-by-side",
            "a Visual C++ 2005 or 2008 runtime, of the version that a manifest names, "
            "is not installed",
            "the Application event log, source SideBySide",
            "jgoldshlag/padherder_proxy#29, arvidn/libtorrent#7920",
        ),
    ),
    4551: (
        (
            "blocked-by-policy",
            "Smart App Control or an App Control policy does not know this file",
            "the CodeIntegrity event log, events 3033 and 3077",
            "AUTOMATIC1111/stable-diffusion-webui#9259, "
            "RVC-Project/Retrieval-based-Voice-Conversion-WebUI#2821",
        ),
    ),
    5: (
        (
            "blocked-by-policy",
            "a security program refuses this file",
            "its history lists the file; the same release fails elsewhere too",
            "python-zeroconf/python-zeroconf#1791",
        ),
        (
            "unreadable-dll",
            "this user may not read the file",
            '`icacls "FILE"`',
            "System Error Codes (Microsoft)",
        ),
    ),
    ACCESS_VIOLATION: (
        (
            "vc-runtime-too-old",
            "msvcp140.dll is older than 14.40, and code that was built later locks a "
            "std::mutex",
            "the crash is in msvcp140.dll, mtx_do_lock",
            "microsoft/STL#4875, pybind/pybind11#5281",
        ),
        (
            "conflicting-copies",
            "another package, imported before, has loaded its own old runtime",
            "the import works alone, in a fresh process",
            "metaopt/optree#278, zeromq/pyzmq#2012",
        ),
        (
            "initialization-failed",
            "start-up code of a DLL crashed",
            '`python -X faulthandler -c "import PACKAGE"` shows where',
            "ahupp/python-magic#195",
        ),
        (
            "missing-product",
            "a DLL that is fetched by name is not there, or not the right one",
            "python-magic without the DLLs of libmagic",
            "ahupp/python-magic#225",
        ),
        (
            "not-determined",
            "a crash that has nothing to do with loading",
            "it comes later than the imports",
            "NTSTATUS Values (Microsoft)",
        ),
    ),
    ILLEGAL_INSTRUCTION: (
        (
            "missing-cpu-feature",
            "the package was built for instructions that this processor lacks, AVX or "
            "AVX2",
            "an old or virtual processor",
            "1038lab/ComfyUI-QwenVL#86, tensorflow/tensorflow#31763, "
            "python/cpython#79435",
        ),
    ),
    "unknown": (
        (
            "not-determined",
            "a code that hardly any load ends in",
            "the event logs, and Process Monitor",
            "pytorch/pytorch#39327",
        ),
        (
            "blocked-by-policy",
            "a security program refuses a file",
            "its history lists the file",
            "python-zeroconf/python-zeroconf#1791",
        ),
    ),
    "conflict": (
        (
            "python-abi-mismatch",
            "a module of another Python is imported: PYTHONHOME, PYTHONPATH, or a new "
            "version unpacked over an old one",
            '`python -c "import sys; print(sys.path)"` shows the other one',
            "Fenixin/Minecraft-Region-Fixer#123, tensorflow/models#9380, "
            "olivierfriard/BORIS#364",
        ),
        (
            "debug-runtime",
            "a module of a debug Python, or a debug Python itself",
            "names that end in _d",
            "python/cpython#101614",
        ),
    ),
    "openmp": (
        (
            "openmp-conflict",
            "two packages bring an OpenMP runtime each, often torch and numpy with MKL",
            "two files libiomp5md.dll in the environment",
            "meta-pytorch/csprng#115, harry0703/MoneyPrinterTurbo#90",
        ),
        (
            "conflicting-copies",
            "two copies of one DLL are in one process",
            "the import works alone, in a fresh process",
            "alievk/avatarify-python#452",
        ),
    ),
    "operator": (
        (
            "version-mismatch",
            "torchvision, or torchaudio, was made for another torch",
            "`python -m pip check`",
            "vladmandic/sdnext#3531",
        ),
        (
            "missing-dll",
            "the release forgot a DLL",
            "a newer release of the package works",
            "pytorch/vision#4894",
        ),
        (
            "not-on-search-path",
            "the DLL is in Library\\bin of conda, or of a package for Python 3.7",
            "the environment was made by conda, or the Python is 3.7",
            "pytorch/vision#1916, pytorch/vision#4787",
        ),
        (
            "missing-export",
            "a DLL of torch lacks a function",
            LAST,
            "ROCm/TheRock#3134",
        ),
    ),
}
"""By error code, or by the kind of a text; the most frequent first."""

GROUPS: Final[Mapping[int | str, tuple[int | str, ...]]] = {
    8: (1455,),
    14: (1455,),
    225: (4551,),
    226: (4551,),
    577: (4551,),
    1260: (4551,),
    0: (126, 127, 1114, 193, 182),
    "operator": ("operator", 126, 127),
}
"""Whose causes are to be thought of, one after the other, where that is not the code's
own alone; 0 is a failed load without a code."""

FILES: Final[tuple[tuple[str, tuple[int | str, ...], Row], ...]] = (
    (
        r"fbgemm\.dll|libomp140.*\.dll",
        (126,),
        (
            "missing-build-tools-runtime",
            "libomp140.x86_64.dll is missing: torch 2.4.0 needs it, and it comes with "
            "Microsoft's compiler only",
            "torch 2.4.0; the redistributable is installed and does not help, torch "
            "2.4.1 does",
            "pytorch/pytorch#131662, kohya-ss/sd-scripts#1597",
        ),
    ),
    (
        r"vcruntime\d.*|msvcp\d.*|concrt\d.*|vcomp\d.*|mfc\d+u?\.dll|msvcr\d+\.dll",
        (126,),
        (
            "missing-vc-runtime",
            "this DLL of the Visual C++ runtime is not installed",
            "System32 does not have it",
            "hoffstadt/DearPyGui#298, numba/numba#5600",
        ),
    ),
    (
        r"cv2.*|opencv.*|mf\.dll|mfplat\.dll|mfreadwrite\.dll|evr\.dll|qtmultimedia.*",
        (126,),
        (
            "missing-windows-feature",
            "this Windows comes without its media files: N and KN editions, Server "
            "Core, containers",
            "System32 has no mfplat.dll",
            "opencv/opencv-python#185, docker-library/python#704",
        ),
    ),
    (
        r"nvcuda\.dll",
        (126,),
        (
            "missing-driver",
            "the display driver of NVIDIA is not installed: no other product brings "
            "this file, the CUDA toolkit neither",
            "`nvidia-smi` is not found",
            "faroit/CountNet#5, EvilPort2/Sign-Language#16",
        ),
    ),
    (
        r"cudnn_\w*infer64_8\.dll|zlibwapi\.dll",
        (126,),
        (
            "missing-product",
            "zlibwapi.dll is missing, which cuDNN 8 loads by name; the DLL that is "
            "named is there",
            "`where zlibwapi.dll` finds nothing",
            "Softcatala/whisper-ctranslate2#41, PaddlePaddle/FastDeploy#362",
        ),
    ),
    (
        r"cudnn.*64_\d+\.dll",
        (127,),
        (
            "shadowed-dll",
            "two copies of cuDNN are mixed",
            "`where cudnn64_9.dll` and site-packages\\nvidia\\cudnn\\bin",
            "PaddlePaddle/Paddle#75939",
        ),
    ),
    (
        r"(?:cudart|cublas|cublaslt|cufft|curand|cusolver|cusparse|cudnn|nvrtc|nvjpeg"
        r"|nppi?\w*|nvtoolsext)\w*\.dll|onnxruntime_providers_\w+\.dll|_pyflamegpu.*"
        r"|c10_cuda\.dll|torch_cuda.*\.dll",
        (126,),
        (
            "missing-product",
            "CUDA or cuDNN of the major version in the name is not installed, or its "
            "folder is not searched",
            "`where` finds the file, or does not",
            "cupy/cupy#2243, davisking/dlib#2039, cupy/cupy#9127",
        ),
    ),
    (
        r"(?:lib)?vlc(?:core)?\.dll",
        (126, 193),
        (
            "missing-product",
            "VLC is not installed, or for another architecture than the Python",
            "a 64-bit Python needs the 64-bit VLC",
            "oaubert/python-vlc#149, oaubert/python-vlc#140, Evilvir-us/MacAttack#15",
        ),
    ),
    (
        r"(?:lib)?magic.*|oci\.dll|libpq.*|db2cli.*|ibm_db.*|libgobject.*|gobject.*"
        r"|libpango.*|libcairo.*|cairo.*",
        (126, 193),
        (
            "missing-product",
            "the product that brings it is not installed, or for another architecture "
            "than the Python",
            "`where` finds the file, or does not",
            "ahupp/python-magic#225, oracle/python-cx_Oracle#402, Kozea/WeasyPrint#971",
        ),
    ),
    (
        r"(?:_ssl|_sqlite3|_ctypes|_hashlib|_bz2|_lzma|pyexpat|_tkinter)(?:\..*)?",
        (126,),
        (
            "not-on-search-path",
            "a module of Python's own: conda keeps its DLLs in Library\\bin, which an "
            "environment that is not activated, or a venv of it, does not search",
            "it works after `conda activate`",
            "ContinuumIO/anaconda-issues#11994, cocotb/cocotb#3166",
        ),
    ),
    (
        r"win32\w*(?:\..*)?|pywintypes\d+\.dll|pythoncom\d+\.dll",
        (126,),
        (
            "not-on-search-path",
            "pywin32's own folder, pywin32_system32, is not searched",
            "the environment was made by conda, and pywin32 installed by pip",
            "mhammond/pywin32#1865",
        ),
    ),
    (
        r"win32\w*(?:\..*)?|pywintypes\d+\.dll|pythoncom\d+\.dll",
        (127,),
        (
            "shadowed-dll",
            "an old pywintypes DLL is found first, in Anaconda or System32",
            "`where pywintypes*.dll` shows more than one",
            "mhammond/pywin32#1409",
        ),
    ),
    (
        r"(?:qt\w+|pyqt\d|pyside\d|shiboken\d)(?:\..*)?",
        (127,),
        (
            "shadowed-dll",
            "a DLL of another Qt, or of Anaconda (icuuc.dll), is found before the "
            "right one",
            "it works with Anaconda off PATH",
            "YaoFANGUK/video-subtitle-extractor#461, eeeeeeeeee-code/e0e1-wx#68",
        ),
    ),
    (
        r"c10\.dll|torch_python\.dll",
        (1114,),
        (
            "vc-runtime-too-old",
            "torch 2.9 and later need a Visual C++ runtime of 14.40 or later",
            "the version of msvcp140.dll in System32; if a Qt binding was imported "
            "before torch, the second cause",
            "nagadomi/nunif#701, pytorch/pytorch#166628",
        ),
    ),
    (
        r"onnxruntime.*|onnx_cpp2py_export.*|llvmlite.*",
        (1114,),
        (
            "vc-runtime-too-old",
            "releases since 2024 need a Visual C++ runtime of 14.40 or later",
            "the version of msvcp140.dll in System32, and of the one beside python.exe",
            "microsoft/onnxruntime#24843, onnx/onnx#6267, numba/llvmlite#1297",
        ),
    ),
    (
        r"_pywrap_tensorflow.*",
        (1114,),
        (
            "missing-cpu-feature",
            "TensorFlow 1.6 and later need a processor with AVX",
            "an old or virtual processor",
            "tensorflow/tensorflow#37221",
        ),
    ),
    (
        r"shm\.dll",
        (126,),
        (
            "not-on-search-path",
            "a DLL of MKL (torch 2.3) is in a Library\\bin that is not searched",
            "torch was installed for one user, or with --target",
            "pytorch/pytorch#125109",
        ),
    ),
    (
        r"libiomp5md\.dll|mkl_\w+(?:\.\d)?\.dll",
        (127, 182),
        (
            "shadowed-dll",
            "another vendor's DLL of that name is found first, in System32 or on PATH",
            "`where libiomp5md.dll` and `where mkl_intel_thread.dll`",
            "conda/conda#9770, ilastik/ilastik#2175",
        ),
    ),
    (
        r"mkl_\w+(?:\.\d)?\.dll",
        (126,),
        (
            "not-on-search-path",
            "the DLLs of MKL are in Library\\bin, which is not searched, or not in a "
            "frozen program",
            "`where mkl_intel_thread*.dll`",
            "conda/conda#9685, Nuitka/Nuitka#2285",
        ),
    ),
    (
        r"(?:_errors|defs|_conv|h5\w*)(?:\..*)?|hdf5.*",
        (127,),
        (
            "conflicting-copies",
            "two HDF5 in one process: h5py's and that of GDAL, QGIS, netCDF4 or "
            "PyTables",
            "the import works alone, in a fresh process",
            "h5py/h5py#2303, h5py/h5py#828",
        ),
    ),
    (
        r"api-ms-win-.*|ext-ms-.*|ucrtbase\.dll",
        (126, 127),
        (
            "windows-too-old",
            "this Windows does not have that API set: it is no file to look for",
            "Windows 7 or 8",
            "python/cpython#84917",
        ),
    ),
    (
        r"python\d*t?(?:_d)?\.dll",
        (126,),
        (
            "python-abi-mismatch",
            "the DLL of the Python that the file was built for is not there",
            "the version in the name is not that of the Python",
            "20tab/UnrealEnginePython#119, opencv/opencv-python#36",
        ),
    ),
    (
        r"libllama.*|llama.*|ggml.*",
        (126,),
        (
            "not-on-search-path",
            "CUDA, or the runtime DLLs of MinGW, are not searched or not there",
            "a build of the package for CUDA",
            "abetlen/llama-cpp-python#225, nomic-ai/gpt4all#710",
        ),
    ),
)
"""Pattern of the file or module that is named, error codes, and the cause that comes
first then."""

FROZEN: Final = r"[\\/]_MEI\w+|[\\/]_internal[\\/]|\.dist[\\/]|\.DIS[\\/]"
"""Folders of frozen programs."""

FROZEN_ROW: Final[Row] = (
    "frozen-app-omission",
    "the program was frozen without a DLL, or the machine lacks the Visual C++ runtime",
    "the same import works in the Python that it was built with",
    "pyinstaller/pyinstaller#6685, pyinstaller/pyinstaller#6924",
)

PACKAGES: Final[Mapping[str, str]] = {
    "_arpack": "scipy",
    "_cext": "kiwisolver",
    "_errors": "h5py",
    "_gdal": "osgeo",
    "_imaging": "PIL",
    "_multiarray_umath": "numpy",
    "_openssl": "cryptography",
    "_parquet": "pyarrow",
    "_path": "matplotlib",
    "_pydantic_core": "pydantic_core",
    "_pywrap_tensorflow_internal": "tensorflow",
    "_rust": "cryptography",
    "_swigfaiss": "faiss",
    "defs": "h5py",
    "libmagic": "magic",
    "libpaddle": "paddle",
    "multiarray": "numpy",
    "onnx_cpp2py_export": "onnx",
    "onnxruntime_pybind11_state": "onnxruntime",
    "pywintypes": "win32api",
}
"""Packages of extension modules whose name, all that an ImportError tells, is another.
The files of these packages (2026-11)."""

PARTS: Final = r"_.*|Qt.*|lib|core|module"
"""Names of extension modules that many packages have."""

LOOK_ALIKES: Final[tuple[tuple[str, str, str], ...]] = (
    (
        r"Could not run 'torchvision::\w+' with arguments from the 'CUDA' backend",
        "a torchvision for the processor beside a torch for CUDA: everything was "
        "loaded. Install both from the same index.",
        "Comfy-Org/ComfyUI#2747",
    ),
    (
        r"cannot import name|partially initialized module",
        "usually it follows an import that failed earlier in the same process: start "
        "Python anew, and paste the first failure.",
        "h5py/h5py#828, ContinuumIO/anaconda-issues#9523",
    ),
    (
        r"No module named",
        "a package that is not installed in this Python, which is no failed load.",
        "pytorch/pytorch#27693",
    ),
)
"""Texts that look like a failed load and are none: pattern, what it is, source."""
