# ruff: noqa: E501, ISC004, RUF001, W291  texts as they were met
"""Failed loads are found in what people paste; each text is one that somebody met."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._logs._log import Logged, failures
from dllguard._logs._log_origin import origin_of
from dllguard._logs._log_text import cleaned, decoded
from dllguard._logs._shapes import SHAPES
from tests.limits import within


class Met(NamedTuple):
    """A text, where it was met, and what is to be read in it."""

    source: str
    text: str
    kind: str
    code: int | None
    named: str | None = None
    """File, culprit or module."""
    package: str | None = None
    language: str = ""


MET = [
    Met(
        "pytorch/pytorch#131662",
        r"""
{"name": "OSError",
	"message": "[WinError 126] The specified module could not be found. Error loading \"c:\\Users\\Noor\\anaconda3\\envs\\DL\\Lib\\site-packages\\torch\\lib\\fbgemm.dll\" or one of its dependencies.",
	"stack": "---------------------------------------------------------------------------""",
        "winerror",
        126,
        r"c:\Users\Noor\anaconda3\envs\DL\Lib\site-packages\torch\lib\fbgemm.dll",
        "torch",
        "en",
    ),
    Met(
        "chn-lee-yumi/MaterialSearch#105",
        r"""
  File "E:\MaterialSearch_tmp\MaterialSearchWindows\lib\site-packages\torch\__init__.py", line 148, in <module>
    raise err
OSError: [WinError 126] 找不到指定的模块。 Error loading "E:\MaterialSearch_tmp\MaterialSearchWindows\lib\site-packages\torch\lib\fbgemm.dll" or one of its dependencies.""",
        "winerror",
        126,
        r"E:\MaterialSearch_tmp\MaterialSearchWindows\lib\site-packages\torch\lib\fbgemm.dll",
        "torch",
        "zh-CN",
    ),
    Met(
        "ggml-org/whisper.cpp#2320",
        r"""
  File "C:\Users\Фвьшт\AppData\Local\Programs\Python\Python312\Lib\site-packages\torch\__init__.py", line 148, in <module>
    raise err
OSError: [WinError 126] Не найден указанный модуль. Error loading "C:\Users\Фвьшт\AppData\Local\Programs\Python\Python312\Lib\site-packages\torch\lib\fbgemm.dll" or one of its dependencies.""",
        "winerror",
        126,
        r"C:\Users\Фвьшт\AppData\Local\Programs\Python\Python312\Lib\site-packages\torch\lib\fbgemm.dll",
        "torch",
        "ru",
    ),
    Met(
        "tin2tin/Pallaidium#40",
        r"""
  File "C:\Users\jo\AppData\Roaming\Python\Python310\site-packages\torch\__init__.py", line 133, in <module>
    raise err
OSError: [WinError 126] 지정된 모듈을 찾을 수 없습니다. Error loading "C:\Users\jo\AppData\Roaming\Python\Python310\site-packages\torch\lib\cudnn_cnn_infer64_8.dll" or one of its dependencies.""",
        "winerror",
        126,
        r"C:\Users\jo\AppData\Roaming\Python\Python310\site-packages\torch\lib\cudnn_cnn_infer64_8.dll",
        "torch",
        "ko",
    ),
    Met(
        "XiaoGu-G2020/DeltaForceMarketBot#46",
        "OSError: [WinError 1114] 动态链接库(DLL)初始化例程失败。 \n"
        r'Error loading "E:\python\py_jsq\Python310\lib\site-packages\torch\lib\c10.dll" or one of its dependencies.',
        "winerror",
        1114,
        r"E:\python\py_jsq\Python310\lib\site-packages\torch\lib\c10.dll",
        "torch",
        "zh-CN",
    ),
    Met(
        "zbf1991/WeCLIP#5",
        r"""
  File "D:\Anaconda3\envs\wssam\lib\multiprocessing\spawn.py", line 287, in _fixup_main_from_path
    main_content = runpy.run_path(main_path,
OSError: [WinError 1455] 页面文件太小，无法完成操作。 Error loading "D:\Anaconda3\envs\wssam\lib\site-packages\torch\lib\cudnn_cnn_infer64_8.dll" or one of its dependencies.""",
        "winerror",
        1455,
        r"D:\Anaconda3\envs\wssam\lib\site-packages\torch\lib\cudnn_cnn_infer64_8.dll",
        "torch",
        "zh-CN",
    ),
    Met(
        "ContinuumIO/anaconda-issues#13146",
        r"""OSError: [WinError 182] The operating system cannot run %1. Error loading "C:\Users\Name\.conda\envs\x\lib\site-packages\torch\lib\fbgemm.dll" or one of its dependencies.""",
        "winerror",
        182,
        r"C:\Users\Name\.conda\envs\x\lib\site-packages\torch\lib\fbgemm.dll",
        "torch",
        "en",
    ),
    Met(
        "thunlp/OpenKE#290",
        r"""
  File "D:\Anaconda3\lib\ctypes\__init__.py", line 364, in __init__
    self._handle = _dlopen(self._name, mode)
OSError: [WinError 1114] 动态链接库(DLL)初始化例程失败。""",
        "winerror",
        1114,
        language="zh-CN",
    ),
    Met(
        "BestBurning/kmclassdll#12",
        r"""
  File "C:/Users/Delevin/PycharmProjects/Python-Projects/screen_click/test.py", line 210, in load_driver
    driver = CDLL(dll_path)
  File "C:\Users\Delevin\AppData\Local\Programs\Python\Python37\lib\ctypes\__init__.py", line 356, in __init__
    self._handle = _dlopen(self._name, mode)
OSError: [WinError 126] 找不到指定的模块。""",
        "winerror",
        126,
        language="zh-CN",
    ),
    Met(
        "ahupp/python-magic#109",
        "WindowsError: [Error 193] %1 is not a valid Win32 application",
        "winerror",
        193,
        language="en",
    ),
    Met(
        "1038lab/ComfyUI-QwenVL#86",
        "OSError: [WinError -1073741795] Windows Error 0xc000001d",
        "winerror",
        None,
    ),
    Met(
        "RVC-Project/Retrieval-based-Voice-Conversion-WebUI#2821",
        r"""
  File "D:\RVC\runtime\lib\site-packages\torch\__init__.py", line 133, in <module>
    raise err
OSError: [WinError 4551] An Application Control policy has blocked this file. Error loading "D:\RVC\runtime\lib\site-packages\torch\lib\c10.dll" or one of its dependencies.""",
        "winerror",
        4551,
        r"D:\RVC\runtime\lib\site-packages\torch\lib\c10.dll",
        "torch",
        "en",
    ),
    Met(
        "opencv/opencv-python#185",
        "ImportError: DLL load failed while importing cv2: The specified module could not be found.",
        "extension",
        126,
        "cv2",
        "cv2",
        "en",
    ),
    Met(
        "studio-ousia/mojimoji#17",
        """import mojimoji
Traceback (most recent call last):
  File "<stdin>", line 1, in <module>
ImportError: DLL load failed: 指定されたモジュールが見つかりません。""",
        "extension",
        126,
        package="mojimoji",
        language="ja",
    ),
    Met(
        "numpy/numpy#17648",
        "Original error was: DLL load failed:找不到指定的模块。",
        "extension",
        126,
        language="zh-CN",
    ),
    Met(
        "h5py/h5py#2303",
        "ImportError: DLL load failed while importing _errors: 找不到指定的程序。",
        "extension",
        127,
        "_errors",
        "h5py",
        "zh-CN",
    ),
    Met(
        "Comfy-Org/ComfyUI#14158",
        "ImportError: DLL load failed while importing _C: Не найдена указанная процедура.",
        "extension",
        127,
        "_C",
        language="ru",
    ),
    Met(
        "PFCCLab/PPOCRLabel#24",
        "ImportError: DLL load failed while importing libpaddle: Belirtilen modül bulunamadı.",
        "extension",
        126,
        "libpaddle",
        "paddle",
        "tr",
    ),
    Met(
        "priyankshah7/hypers#85",
        "`ImportError: DLL load failed: Impossibile trovare il modulo specificato.`",
        "extension",
        126,
        language="it",
    ),
    Met(
        "mvdctop/Movie_Data_Capture#542",
        "ImportError: DLL load failed: 找不到指定的模組。 [7556] Failed to execute script AV_Data_Capture",
        "extension",
        126,
        language="zh-TW",
    ),
    Met(
        "pytorch/pytorch#20408",
        r"""
  File "c:\python36\lib\site-packages\torch\__init__.py", line 79, in <module>
    from torch._C import *
ImportError: DLL load failed: Une routine d\u2019initialisation d\u2019une biblioth\xe8que de liens dynamiques (DLL) a \xe9chou\xe9.""",
        "extension",
        1114,
        package="torch",
        language="fr",
    ),
    Met(
        "AUTOMATIC1111/stable-diffusion-webui#16402",
        r"""
      File "C:\Users\ZeroCool22\Desktop\AutoSDXL\stable-diffusion-webui\venv\lib\site-packages\onnx\__init__.py", line 77, in <module>
        from onnx.onnx_cpp2py_export import ONNX_ML
    ImportError: DLL load failed while importing onnx_cpp2py_export: Error en una rutina de inicialización de biblioteca de vínculos dinámicos (DLL).""",
        "extension",
        1114,
        "onnx_cpp2py_export",
        "onnx",
        "es",
    ),
    Met(
        "mattyamonaca/layerdivider#52",
        r"""
  File "D:\LayerDivider\layerdivider\venv\lib\site-packages\onnxruntime\capi\_pybind_state.py", line 32, in <module>
    from .onnxruntime_pybind11_state import *  # noqa
ImportError: DLL load failed while importing onnxruntime_pybind11_state: ダイナミック リンク ライブラリ (DLL) 初期化ルーチンの実行に失敗しました。""",
        "extension",
        1114,
        "onnxruntime_pybind11_state",
        "onnxruntime",
        "ja",
    ),
    Met(
        "vladmandic/sdnext#4121",
        """01:19:02-223383 WARNING  Torch onnxruntime: DLL load failed while importing onnxruntime_pybind11_state: A dynamic link
                         library (DLL) initialization routine failed.
01:19:05-035329 INFO     Torch: torch==2.7.1+xpu torchvision==0.22.1+xpu""",
        "extension",
        1114,
        "onnxruntime_pybind11_state",
        "onnxruntime",
        "en",
    ),
    Met(
        "Akegarasu/lora-scripts#545",
        r"""
    |   File "C:\Users\Admin\Downloads\SD-Trainer\python\lib\site-packages\onnxruntime\capi\_pybind_state.py", line 32, in <module>
    |     from .onnxruntime_pybind11_state import *  # noqa
    | ImportError: DLL load failed while importing onnxruntime_pybind11_state: 动态链接库(DLL)初始化例程失败。
    +------------------------------------""",
        "extension",
        1114,
        "onnxruntime_pybind11_state",
        "onnxruntime",
        "zh-CN",
    ),
    Met(
        "LmeSzinc/AzurLaneAutoScript#2720",
        r"""
│ │                'C:\\Users\\Administrator\\Downloads\\AzurLaneAutoScript\\toolkit\\lib\\os.py'>                  │ │
└─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
ImportError: DLL load failed: 找不到指定的模块。                                                                       
2023-06-05 20:16:18""",
        "extension",
        126,
        language="zh-CN",
    ),
    Met(
        "tensorflow/tensorflow#31763",
        "ImportError: DLL load failed with error code -1073741795",
        "extension",
        None,
    ),
    Met(
        "python-zeroconf/python-zeroconf#1791",
        "ImportError: DLL load failed while importing _cache: Access is denied.",
        "extension",
        5,
        "_cache",
        language="en",
    ),
    Met(
        "pyca/cryptography#4011",
        "ImportError: DLL load failed: The operating system cannot run %1.",
        "extension",
        182,
        language="en",
    ),
    Met(
        "apache/arrow#43126",
        "ImportError: The pyarrow installation is not built with support for the Parquet file format (DLL load failed while importing _parquet: The specified procedure could not be found.)",
        "operator",
        None,
        "pyarrow",
        "pyarrow",
    ),
    Met(
        "Fenixin/Minecraft-Region-Fixer#123",
        "ImportError: Module use of python36.dll conflicts with this version of Python.",
        "conflict",
        None,
        "python36.dll",
    ),
    Met(
        "abetlen/llama-cpp-python#225",
        r"FileNotFoundError: Could not find module 'C:\Users\x\llama_cpp\llama.dll' (or one of its dependencies). Try using the full path with constructor syntax.",
        "ctypes",
        126,
        r"C:\Users\x\llama_cpp\llama.dll",
    ),
    Met(
        "oaubert/python-vlc#118",
        "FileNotFoundError: Could not find module 'libvlc.dll'. Try using the full path with constructor syntax.",
        "ctypes",
        126,
        "libvlc.dll",
    ),
    Met(
        "Kozea/WeasyPrint#971",
        "OSError: cannot load library 'gobject-2.0': error 0x7e",
        "cffi",
        126,
        "gobject-2.0",
    ),
    Met(
        "Softcatala/whisper-ctranslate2#41",
        "Could not load library cudnn_ops_infer64_8.dll. Error code 126\n"
        "Please make sure cudnn_ops_infer64_8.dll is in your library path!",
        "by_name",
        126,
        "cudnn_ops_infer64_8.dll",
    ),
    Met(
        "SYSTRAN/faster-whisper",
        "RuntimeError: Library cublas64_12.dll is not found or cannot be loaded",
        "by_name",
        126,
        "cublas64_12.dll",
    ),
    Met(
        "faroit/CountNet#5",
        "ImportError: Could not find 'nvcuda.dll'. TensorFlow requires that this DLL be installed in a directory that is named in your %PATH% environment variable.",
        "by_name",
        126,
        "nvcuda.dll",
    ),
    Met(
        "tensorflow/tensorflow#119165",
        "Failed to load _pywrap_tensorflow_common.dll: INITIALIZATION FAILED (0x45A)",
        "native",
        1114,
        "_pywrap_tensorflow_common.dll",
    ),
    Met(
        "tensorflow/tensorflow#22512",
        "ModuleNotFoundError: No module named '_pywrap_tensorflow_internal'",
        "native",
        None,
        "_pywrap_tensorflow_internal",
        "tensorflow",
    ),
    Met(
        "lazydog28/mc_auto_boss#205",
        r'[ONNXRuntimeError] : 1 : FAIL : LoadLibrary failed with error 126 "" when trying to load "D:\MingChao\envs\mc\lib\site-packages\onnxruntime\capi\onnxruntime_providers_cuda.dll"',
        "native",
        126,
        r"D:\MingChao\envs\mc\lib\site-packages\onnxruntime\capi\onnxruntime_providers_cuda.dll",
        "onnxruntime",
    ),
    Met(
        "vladmandic/sdnext#3531",
        "RuntimeError: operator torchvision::nms does not exist",
        "operator",
        None,
        "torchvision",
        "torchvision",
    ),
    Met(
        "pytorch/vision#4894",
        "RuntimeError: No such operator image::decode_png",
        "operator",
        None,
        "image",
        "torchvision",
    ),
    Met(
        "oracle/python-cx_Oracle#402",
        r'DPI-1047: 64-bit Oracle Client library cannot be loaded: "C:\Users\CNO3\Desktop\My Folder\instantclient_12_2\oci.dll is not the correct architecture".',
        "native",
        193,
        r"C:\Users\CNO3\Desktop\My Folder\instantclient_12_2\oci.dll",
    ),
    Met(
        "oracle/python-cx_Oracle#362",
        'cx_Oracle.DatabaseError: DPI-1047: Cannot locate a 64-bit Oracle Client library: "The specified module could not be found". See https://oracle.github.io/odpi/doc/installation.html#windows for help',
        "native",
        126,
        language="en",
    ),
    Met(
        "Nuitka/Nuitka#2612",
        r"ImportError: LoadLibraryExW 'C:\Users\ZAHIDW~1\Desktop\a\VOICEA~1.DIS\_tkinter.pyd' failed: The specified module could not be found. ",
        "frozen",
        126,
        r"C:\Users\ZAHIDW~1\Desktop\a\VOICEA~1.DIS\_tkinter.pyd",
        language="en",
    ),
    Met(
        "Evilvir-us/MacAttack#15",
        r"PyInstallerImportError: Failed to load dynlib/dll '.\\libvlc.dll'. Most likely this dynlib/dll was not found when the application was frozen.",
        "frozen",
        126,
        r".\libvlc.dll",
    ),
    Met(
        "lasselian/prism-desktop#8",
        "Failed to load Python DLL\n"
        "'C:\\Users\\Xxx\\AppData\\Local\\Temp\\_MEI193002\\python312.dll'\n"
        "LoadLibrary: The specified module could not be found",
        "frozen",
        126,
        r"C:\Users\Xxx\AppData\Local\Temp\_MEI193002\python312.dll",
        language="en",
    ),
    Met(
        "pyinstaller/pyinstaller#4394",
        "Error loading Python DLL 'C:\\Users\\ADMINI~1\\AppData\\Local\\Temp\\_MEI91562\\'.\n"
        "LoadLibrary: 找不到指定的模块。",
        "frozen",
        126,
        "C:\\Users\\ADMINI~1\\AppData\\Local\\Temp\\_MEI91562\\",
        language="zh-CN",
    ),
    Met(
        "pyinstaller/pyinstaller#1224",
        r"Error loading Python DLL: C:\DOCUME~1\x\_MEI1\python27.dll (error code 126)",
        "frozen",
        126,
        r"C:\DOCUME~1\x\_MEI1\python27.dll",
    ),
    Met(
        "meta-pytorch/csprng#115",
        "OMP: Error #15: Initializing libiomp5md.dll, but found libiomp5md.dll already initialized.",
        "openmp",
        None,
        "libiomp5md.dll",
    ),
    Met(
        "conda/conda#9685",
        "> INTEL MKL ERROR: The specified module could not be found. mkl_intel_thread.dll.\n"
        "> Intel MKL FATAL ERROR: Cannot load mkl_intel_thread.dll.",
        "native",
        126,
        "mkl_intel_thread.dll",
        language="en",
    ),
    Met(
        "Nuitka/Nuitka#2285",
        "INTEL MKL ERROR: 找不到指定的模块。 mkl_intel_thread.2.dll.",
        "native",
        126,
        "mkl_intel_thread.2.dll",
        language="zh-CN",
    ),
    Met(
        "Toblerity/rtree#115",
        "OSError: could not find or load spatialindex_c.dll",
        "own_loader",
        126,
        "spatialindex_c.dll",
    ),
    Met(
        "ahupp/python-magic#225",
        "ImportError: failed to find libmagic.  Check your installation",
        "own_loader",
        None,
        "libmagic",
        "magic",
    ),
    Met(
        "20tab/UnrealEnginePython#119",
        "Plugin 'UnrealEnginePython' failed to load because module 'UnrealEnginePython' could not be loaded. There may be an operating system error or the module may not be properly set up.",
        "own_loader",
        126,
    ),
    Met(
        "zaivanza/all-in-one-v2#10",
        "pywintypes.error: (126, 'LoadLibraryEx', 'cannot find module.')",
        "native",
        126,
    ),
    Met(
        "eriklindernoren/PyTorch-YOLOv3#514",
        "the procedure entry point ?tls_local_tensor_type_set could not be located in the dynamic link library \n"
        r"C:\Users\x\lib\site-packages\torchvision\_C.pyd.",
        "popup",
        127,
        r"C:\Users\x\lib\site-packages\torchvision\_C.pyd",
        "torchvision",
        "en",
    ),
    Met(
        "ilastik/ilastik#2175",
        "The ordinal 191 could not be located in the dynamic link library libiomp5md.dll",
        "popup",
        127,
        "libiomp5md.dll",
        language="en",
    ),
    Met(
        "python/cpython#84917",
        "The program can't start because api-ms-win-core-path-l1-1-0.dll is missing from your computer. Try reinstalling the program to fix this problem.",
        "popup",
        126,
        "api-ms-win-core-path-l1-1-0.dll",
        language="en",
    ),
    Met(
        "a pop-up of Windows 10, in German",
        "Die Ausführung des Codes kann nicht fortgesetzt werden, da MSVCP140.dll nicht gefunden wurde.",
        "popup",
        126,
        "MSVCP140.dll",
        language="de",
    ),
    Met(
        "a pop-up of Windows 10, in Spanish, typed off",
        "La ejecución de código no puede continuar porque no se \nencontró VCRUNTIME140.dll.",
        "popup",
        126,
        "VCRUNTIME140.dll",
        language="es",
    ),
    Met(
        "a pop-up of Windows 10, in Chinese",
        "由于找不到 VCRUNTIME140.dll，无法继续执行代码。重新安装程序可能会解决此问题。",
        "popup",
        126,
        "VCRUNTIME140.dll",
        language="zh-CN",
    ),
    Met(
        "a pop-up of Windows 7, in Chinese",
        "无法定位程序输入点 GetSystemTimePreciseAsFileTime 于动态链接库\nKERNEL32.dll 上",
        "popup",
        127,
        "KERNEL32.dll",
        language="zh-CN",
    ),
    Met(
        "a pop-up of Windows 7, in Russian",
        "Запуск программы невозможен, так как на компьютере отсутствует vcruntime140.dll.",
        "popup",
        126,
        "vcruntime140.dll",
        language="ru",
    ),
    Met(
        "pybind/cmake_example#23",
        "Process finished with exit code -1073741515 (0xC0000135)",
        "exit",
        126,
    ),
    Met(
        "mesonbuild/meson#5613",
        "the program returned 3221225785",
        "exit",
        127,
    ),
    Met(
        "ahupp/python-magic#195",
        "Process finished with exit code -1073741819 (0xC0000005)",
        "exit",
        None,
    ),
    Met(
        "YanWenKun/ComfyUI-Windows-Portable#123",
        "Windows fatal exception: access violation\n\nStack (most recent call first):\n"
        r'  File "D:\AI\Lib\site-packages\torch\__init__.py", line 261 in _load_dll_libraries',
        "exit",
        None,
    ),
    Met(
        "gfjiangly/cvtools#4",
        "OSError: [WinError 126] Le module spécifié est introuvable",
        "winerror",
        126,
        language="fr",
    ),
    Met(
        "bitsandbytes-foundation/bitsandbytes#320",
        "File “C:\\Users\\Moiz Contractor\\Desktop\\AI\\oobabooga-windows\\installer_files\\env\\lib\\site-packages\\llama_cpp\\llama_cpp.py”, line 54, in _load_shared_library\n"
        "return ctypes.CDLL(str(lib_path))\n"
        "OSError: [WinError 1114] A dynamic link library (DLL) initialization routine failed",
        "winerror",
        1114,
        package="llama_cpp",
        language="en",
    ),
]


def named(failure: Logged) -> str | None:
    return failure.culprit or failure.file or failure.module


@pytest.mark.parametrize("met", MET, ids=[met.source for met in MET])
class TestMet:
    def test_is_read(self, met: Met) -> None:
        first = failures(met.text)[0]

        assert (first.kind, first.code) == (met.kind, met.code)
        assert named(first) == met.named
        assert first.language == met.language

    def test_belongs_to(self, met: Met) -> None:
        plain = cleaned(met.text)

        assert origin_of(failures(met.text)[0], plain).package == met.package


AROUND = ["\x1b[31m{}\x1b[0m", "> {}", ">>> > {}", "│ {} │", "    | {}", "E   {}"]
# A message of several lines has its time before the first one alone.
TIMED = [
    (met, "2026-11-23 01:02:03,004 ERROR worker: {}")
    for met in MET
    if "\n" not in met.text
]


@pytest.mark.parametrize(
    ("met", "around"),
    [*((met, around) for met in MET for around in AROUND), *TIMED],
    ids=lambda value: value.source if isinstance(value, Met) else repr(value),
)
def test_is_read_whatever_stands_around_it(met: Met, around: str) -> None:
    lines = [around.replace("{}", line) for line in met.text.split("\n")]

    first = failures("first\r\n" + "\r\n".join(lines))[0]

    assert (first.kind, first.code, named(first)) == (met.kind, met.code, met.named)
    assert first.language == met.language


def test_there_is_a_text_for_every_shape() -> None:
    assert {row[0] for row in SHAPES} <= {met.kind for met in MET} | {
        "torch",
        "torch_ops",
    }
    assert len(MET) >= 60


# Code pages.


@pytest.mark.parametrize(
    ("words", "was", "shown", "code"),
    [
        ("Не найден указанный модуль", "cp866", "cp1251", 126),
        ("Операционная система не может запустить %1", "cp866", "cp1251", 182),
        ("Не найдена указанная процедура", "cp1251", "cp866", 127),
        ("Не найден указанный модуль", "cp1251", "cp1252", 126),
        ("找不到指定的模块", "cp936", "cp1252", 126),
        ("找不到指定的程序", "utf-8", "cp936", 127),
        ("Le module spécifié est introuvable", "cp850", "cp1252", 126),
        ("Das Betriebssystem kann %1 nicht ausführen", "cp1252", "cp850", 182),
        ("La procédure spécifiée est introuvable", "utf-8", "cp1252", 127),
    ],
)
def test_wrong_code_pages_are_undone(
    words: str, was: str, shown: str, code: int
) -> None:
    garbled = words.encode(was).decode(shown, "replace")
    assert words not in garbled

    first = failures(f"ImportError: DLL load failed while importing _x: {garbled}.")[0]

    assert first.code == code
    assert first.wording is not None
    assert first.wording.garbled
    assert first.wording.words == words


def test_words_with_question_marks() -> None:
    text = "ImportError: DLL load failed: N?o foi poss?vel encontrar o m?dulo especificado."
    first = failures(text)[0]

    assert (first.code, first.language) == (126, "pt")


def test_words_that_nobody_knows() -> None:
    first = failures(
        "ImportError: DLL load failed while importing _x: Ceci n'est rien."
    )

    assert [(f.kind, f.code, f.key) for f in first] == [("extension", None, 0)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"]
)
def test_encodings_of_a_log(encoding: str) -> None:
    text = "Traceback\r\nImportError: DLL load failed: Не найден указанный модуль.\r\n"

    first = failures(decoded(text.encode(encoding)))[0]

    assert (first.code, first.language, first.line) == (126, "ru", 2)


def test_a_line_in_another_encoding_than_the_rest() -> None:
    content = "début\n".encode() + "DLL load failed: 找不到指定的模块".encode("gbk")

    assert decoded(content).startswith("début\n")
    assert failures(decoded(content))[0].code == 126


# Several failures.


def test_the_first_one_decides() -> None:
    text = r"""
ImportError: DLL load failed while importing _errors: The specified module could not be found.

During handling of the above exception, another exception occurred:

ImportError: cannot import name _errors
OSError: [WinError 127] The specified procedure could not be found. Error loading "C:\x\c10.dll" or one of its dependencies.
ImportError: DLL load failed while importing _errors: The specified module could not be found.
Process finished with exit code -1073741819 (0xC0000005)
"""
    found = failures(text)

    assert [(f.line, f.code, f.times) for f in found] == [
        *((2, 126, 2), (7, 127, 1)),
        (9, None, 1),
    ]


def test_words_do_not_come_from_the_next_failure() -> None:
    text = "DLL load failed while importing a: Unbekannt.\nOSError: [WinError 127] The specified procedure could not be found"

    assert [f.code for f in failures(text)] == [None, 127]


# What is none.


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Traceback (most recent call last):\nValueError: 126",
        "ModuleNotFoundError: No module named 'torch'",
        "PermissionError: [WinError 5] Access is denied: 'C:\\\\x\\\\numpy\\\\core\\\\_multiarray.pyd'",
        "PermissionError: [WinError 5] Access is denied",
        "OSError: [WinError 4551] An Application Control policy has blocked this file: 'C:\\x\\pytest.exe'",
        "FileNotFoundError: [WinError 2] The system cannot find the file specified",
        '  File "C:\\Python311\\Lib\\subprocess.py", line 1440, in _execute_child\n'
        "    hp, ht, pid, tid = _winapi.CreateProcess(executable, args,\n"
        "OSError: [WinError 193] %1 is not a valid Win32 application",
        "OSError: exception: access violation reading 0x0000000000000000",
        "LdrpFindKnownDll - RETURN: Status: 0xc0000135",
        "Could not run 'torchvision::nms' with arguments from the 'CUDA' backend.",
        "color 0xC0000005FF, id 13221225781",
        "Intel MKL FATAL ERROR: Cannot load libmkl_avx.so or libmkl_def.so.",
        'psycopg2.errors.UndefinedTable: relation "x" does not exist',
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_failed_load(text: str) -> None:
    assert failures(text) == ()


# Any text at all.

_PIECES = st.sampled_from(
    [met.text for met in MET]
    + [t for row in SHAPES for t in row[1]]
    + ["\n", " ", "\\"]
)


@given(st.lists(st.one_of(st.text(max_size=40), _PIECES), max_size=8))
def test_no_text_makes_it_raise(pieces: list[str]) -> None:
    text = "".join(pieces)

    for failure in failures(text):
        origin_of(failure, cleaned(text))
        assert failure.line >= 1


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    failures(decoded(content))


@pytest.mark.parametrize(
    "piece",
    [
        "x" * 79 + "\n",
        "DLL load failed while importing ",
        "[WinError 126] " + "?" * 40,
        'Error loading "',
        "Could not find module '",
        "C:\\a b\\lib\\site-packages\\c ",
        "procedure entry point a could not be located in the dynamic link library ",
        "exit code 3221225781 ",
        "\x1b[31m\x1b]",
        "        |",
        'x\\\\y\\"',
        "import a\nfrom b import ",
        "because a.dll was not found",
        "DLL load failed: \xcd\xe5 \xed\xe0\xe9\xe4\xe5\xed\n",
    ],
    ids=repr,
)
def test_time_grows_with_the_length(piece: str) -> None:
    text = piece * (5_000_000 // len(piece))

    # Usually 0.2; 2 where words are garbled.
    with within(8):
        for failure in failures(text)[:1]:
            origin_of(failure, cleaned(text))
