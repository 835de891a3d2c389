# ruff: noqa: E501, ISC004, RUF001  texts as they were met
"""What is told of a pasted text: golden texts, JSON, and causes in the right order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dllguard
from dllguard._logs._likely import (
    FILES,
    FROZEN_ROW,
    GROUPS,
    LIKELY,
    LOOK_ALIKES,
    MEANINGS,
    NOT_MEANT,
)
from dllguard._logs._log import failures
from dllguard._logs._pasted import Pasted, explain_text
from dllguard._logs._pasted_report import pasted_dict, pasted_text
from dllguard._tables._load_errors import LOAD_ERRORS
from tests.field_case import cases
from tests.test_log import MET
from tests.texts import compare

SCHEMA: Final[dict[str, Any]] = json.loads(
    Path(dllguard.__file__).with_name("explain-schema.json").read_text("utf-8")
)
_RUDE: Final = re.compile(r"\b(please|sorry|oops|simply|just)\b|!", re.IGNORECASE)

TEXTS: Final = {
    "torch-126-in-chinese": r"""Traceback (most recent call last):
  File "C:\projects\main.py", line 1, in <module>
    import torch
  File "C:\projects\.venv\Lib\site-packages\torch\__init__.py", line 148, in <module>
    raise err
OSError: [WinError 126] 找不到指定的模块。 Error loading "C:\projects\.venv\Lib\site-packages\torch\lib\fbgemm.dll" or one of its dependencies.
""",
    "torch-1114-after-qt": r"""Traceback (most recent call last):
  File "C:\Program Files\Python311\Lib\site-packages\torch\__init__.py", line 264, in _load_dll_libraries
    raise err
OSError: [WinError 1114] Eine DLL-Initialisierungsroutine ist fehlgeschlagen. Error loading "C:\Program Files\Python311\Lib\site-packages\torch\lib\c10.dll" or one of its dependencies.
""",
    "extension-127-in-korean": r"""Traceback (most recent call last):
  File "app.py", line 3, in <module>
    from PyQt6.QtWidgets import QApplication
ImportError: DLL load failed while importing QtWidgets: 지정된 프로시저를 찾을 수 없습니다.
""",
    "extension-in-an-unknown-language": (
        "ImportError: DLL load failed while importing _core: Ezt senki sem ismeri."
    ),
    "mojibake-182": (
        "INTEL MKL ERROR: "
        + "Операционная система не может запустить %1".encode("cp866").decode("cp1251")
        + ". mkl_intel_thread.dll.\n"
        "Intel MKL FATAL ERROR: Cannot load mkl_intel_thread.dll.\n"
    ),
    "pop-up-missing-dll": (
        "The code execution cannot proceed because MSVCP140.dll was not found. "
        "Reinstalling the program may fix this problem."
    ),
    "pop-up-entry-point": (
        "The procedure entry point "
        "?get_warnAlways@Warning@c10@@YA_NXZ could not be located in the dynamic link "
        "library C:\\venv\\Lib\\site-packages\\torchvision\\_C.pyd."
    ),
    "pop-up-ordinal": (
        "The ordinal 191 could not be located in the dynamic link library "
        "libiomp5md.dll"
    ),
    "missing-operator": r"""  File "C:\ComfyUI\python_embeded\Lib\site-packages\torchvision\_meta_registrations.py", line 163, in <module>
    @torch.library.register_fake("torchvision::nms")
RuntimeError: operator torchvision::nms does not exist
""",
    "python-of-another-version": (
        "ImportError: Module use of python36.dll conflicts with this version of Python."
    ),
    "openmp": (
        "OMP: Error #15: Initializing libiomp5md.dll, but found libiomp5md.dll already "
        "initialized.\nOMP: Hint This means that multiple copies of the OpenMP runtime "
        "have been linked into the program.\n"
    ),
    "frozen-program": (
        "Failed to load Python DLL\n"
        "'C:\\Users\\me\\AppData\\Local\\Temp\\_MEI193002\\python312.dll'\n"
        "LoadLibrary: The specified module could not be found"
    ),
    "module-of-python": r"""  File "C:\Users\me\my miniconda3\lib\ssl.py", line 98, in <module>
    import _ssl             # if we can't import it, let the error propagate
  File "C:\Users\me\my miniconda3\lib\site-packages\pip\_vendor\x.py", line 1
ImportError: DLL load failed while importing _ssl: The specified module could not be found.
""",
    "policy": (
        "ImportError: DLL load failed while importing _pydantic_core: Une stratégie de "
        "contrôle d'application a bloqué ce fichier."
    ),
    "memory": r"""OSError: [WinError 1455] 页面文件太小，无法完成操作。 Error loading "D:\Anaconda3\envs\wssam\lib\site-packages\torch\lib\cudnn_cnn_infer64_8.dll" or one of its dependencies.""",
    "exit-access-violation": "Process finished with exit code -1073741819 (0xC0000005)",
    "exit-illegal-instruction": (
        "OSError: [WinError -1073741795] Windows Error 0xc000001d"
    ),
    "several": r"""ImportError: DLL load failed while importing _errors: The specified procedure could not be found.
OSError: [WinError 126] The specified module could not be found. Error loading "C:\x\site-packages\torch\lib\shm.dll" or one of its dependencies.
RuntimeError: operator torchvision::nms does not exist
Process finished with exit code -1073741515 (0xC0000135)
""",
    "none": "Traceback (most recent call last):\nValueError: no",
    "look-alike-cuda": (
        "NotImplementedError: Could not run 'torchvision::nms' with arguments from the "
        "'CUDA' backend. This could be because the operator doesn't exist"
    ),
    "look-alike-second-import": "ImportError: cannot import name _errors",
}


def obey(pasted: Pasted) -> str:
    """Hold an explanation to the rules of its text and to the schema of its JSON."""
    text = pasted_text(pasted)
    lines = text.splitlines()
    assert text.isascii()
    assert not any(line != line.rstrip() for line in lines)
    wide = [line for line in lines[1:] if len(line) > 80]
    assert [line for line in wide if " " in line.strip() and line[:10].strip()] == []
    assert not _RUDE.search(text)
    jsonschema.validate(json.loads(json.dumps(pasted_dict(pasted))), SCHEMA)
    return text


@pytest.mark.parametrize("name", TEXTS)
def test_golden(name: str) -> None:
    text = obey(explain_text(TEXTS[name]))

    assert len(text.splitlines()[0]) <= 80
    compare(f"explain/{name}", text)


@pytest.mark.parametrize("met", MET, ids=[met.source for met in MET])
def test_every_text_that_was_met(met: Any) -> None:
    pasted = explain_text(met.text)

    assert pasted.recognised
    assert pasted.causes
    assert pasted.help
    obey(pasted)


@given(st.text(max_size=200), st.sampled_from(MET))
def test_any_text(text: str, met: Any) -> None:
    for given_text in (text, text + met.text, met.text + text):
        pasted_text(explain_text(given_text))
        pasted_dict(explain_text(given_text))


# Field cases in which Python raised nothing.

ENDS: Final = {
    "cudnn-zlibwapi": "Could not load library cudnn_cnn_infer64_8.dll. Error code 126",
    "ilastik-mkl-ordinal": "The ordinal 191 could not be located in the dynamic link "
    "library libiomp5md.dll.",
    "mkl-syntronic": "INTEL MKL ERROR: \u042e\u0417\u0425\u0410 mkl_intel_thread.dll.\n"
    "Intel MKL FATAL ERROR: Cannot load mkl_intel_thread.dll.",
    "omp15-duplicate": "OMP: Error #15: Initializing libiomp5md.dll, but found "
    "libiomp5md.dll already initialized.",
    "optree-pyarrow": "Windows fatal exception: access violation",
    "padherder-vc90": "Error loading Python DLL: C:\\x\\python27.dll (error code 14001)",
    "py39-win7": "The program can't start because api-ms-win-core-path-l1-1-0.dll is "
    "missing from your computer.",
    "pybind-mutex-1740": "Process finished with exit code -1073741819 (0xC0000005)",
    "pyi-nonascii": "Error loading Python DLL: C:\\x\\python27.dll (error code 126)",
    "pyi-upx-vcr": "Error loading Python DLL 'C:\\x\\python38.dll'.\nLoadLibrary: Invalid "
    "access to memory location.",
    "python-magic-nodll": "Process finished with exit code -1073741819 (0xC0000005)",
    "pyzmq-261-msvcp": "Windows fatal exception: access violation",
}


@pytest.mark.parametrize("name", ENDS)
def test_what_ends_without_an_exception(name: str) -> None:
    (case,) = (case for case in cases() if case.name == name)
    pasted = explain_text(ENDS[name])

    assert pasted.recognised
    assert case.verdict["code"] in {cause.code for cause in pasted.causes}


# Which cause comes first.


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ('[WinError 126] x Error loading "C:\\a\\fbgemm.dll" or', "missing-build-tools-runtime"),
        ('[WinError 182] x Error loading "C:\\a\\fbgemm.dll" or', "clobbered-file"),
        ('[WinError 1114] x Error loading "C:\\a\\c10.dll" or', "vc-runtime-too-old"),
        ('[WinError 1455] x Error loading "C:\\a\\c10.dll" or', "out-of-memory"),
        ("Could not load library cudnn_cnn_infer64_8.dll. Error code 126", "missing-product"),
        ("Could not find 'nvcuda.dll'", "missing-driver"),
        ("because VCRUNTIME140_1.dll was not found", "missing-vc-runtime"),
        (
            "DLL load failed while importing cv2: The specified module could not be found",
            "missing-windows-feature",
        ),
        (
            "DLL load failed while importing win32api: The specified procedure could not "
            "be found",
            "shadowed-dll",
        ),
        (
            "DLL load failed while importing _C: The specified procedure could not be found",
            "version-mismatch",
        ),
        ("ImportError: LoadLibraryExW 'C:\\a\\x.pyd' failed: ", "frozen-app-omission"),
        ("OMP: Error #15: Initializing libiomp5md.dll, but found", "openmp-conflict"),
        ("exit code -1073741795", "missing-cpu-feature"),
        ("exit code 3221225595", "wrong-architecture"),
    ],
)  # fmt: skip
def test_first_cause(text: str, first: str) -> None:
    assert explain_text(text).causes[0].code == first


def test_look_alikes_of_one_file_are_told_apart() -> None:
    """126 and 182 both blame fbgemm.dll, for reasons of their own."""
    texts = [
        f'[WinError {code}] x Error loading "C:\\x\\fbgemm.dll" or one of its'
        for code in (126, 182)
    ]
    missing, clobbered = ({c.code for c in explain_text(t).causes} for t in texts)

    assert "missing-build-tools-runtime" not in clobbered
    assert "libomp140" not in pasted_text(explain_text(texts[1]))
    assert missing > {"missing-build-tools-runtime", "missing-vc-runtime"}


# The command for that machine.


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("C:\\projects\\.venv\\", "C:\\projects\\.venv\\Scripts\\python.exe"),
        ("C:\\Python311\\", "C:\\Python311\\python.exe"),
        ("C:\\a b\\Python311\\", '"C:\\a b\\Python311\\python.exe"'),
        ("D:\\miniconda3\\envs\\x\\", "D:\\miniconda3\\envs\\x\\python.exe"),
        ("D:\\Anaconda3\\", "D:\\Anaconda3\\python.exe"),
        ("E:\\tool\\runtime\\", "python"),
        ("C:\\...\\Python311\\", "python"),
        ("", "python"),
    ],
)
def test_interpreter(path: str, command: str) -> None:
    file = f"{path}Lib\\site-packages\\torch\\lib\\shm.dll"
    pasted = explain_text(f'OSError: [WinError 126] x Error loading "{file}" or one of')

    assert pasted.help[0].commands == (f"{command} -m dllguard check torch",)


def test_module_of_python_itself_is_checked_by_its_path() -> None:
    pasted = explain_text(TEXTS["module-of-python"])

    assert pasted.help[0].commands == (
        '"C:\\Users\\me\\my miniconda3\\python.exe" -m dllguard check '
        '"C:\\Users\\me\\my miniconda3\\DLLs\\_ssl.pyd"',
    )


# The table.


def rows() -> list[tuple[str, str, str, str]]:
    found = [row for group in LIKELY.values() for row in group]
    return [*found, *(row for _, _, row in FILES), FROZEN_ROW]


@pytest.mark.parametrize("code", LOAD_ERRORS)
def test_every_code_of_a_load_has_causes(code: int) -> None:
    # An NTSTATUS goes by its unsigned number.
    code %= 2**32
    groups = GROUPS.get(code, (code,))

    assert all(LIKELY[group] for group in groups)
    assert MEANINGS[code]
    assert NOT_MEANT[code]


def test_rows() -> None:
    keys = {key for keys in GROUPS.values() for key in keys} | set(LIKELY)
    assert keys <= set(LIKELY)
    for pattern, of, _ in FILES:
        re.compile(pattern)
        assert set(of) <= set(LIKELY)
    for code, what, told_by, sources in rows():
        assert re.fullmatch("[a-z]+(-[a-z]+)+", code)
        assert what[0] == what[0].lower() or what.startswith(
            ("C", "V", "Smart", "Tensor")
        )
        assert not what.endswith(".")
        assert told_by
        for source in sources.split(", "):
            assert re.fullmatch(r"[\w.-]+/[\w.-]+#\d+|.* \(Microsoft\)", source), source


def test_no_group_names_a_code_twice() -> None:
    for group in LIKELY.values():
        codes = [row[0] for row in group]
        assert len(codes) == len(set(codes))


def test_look_alikes_are_no_failed_loads() -> None:
    for pattern, what, source in LOOK_ALIKES:
        re.compile(pattern)
        assert what.endswith(".")
        assert "#" in source


def test_the_first_failure_is_explained() -> None:
    pasted = explain_text(TEXTS["several"])

    assert pasted.failures == failures(TEXTS["several"])
    assert pasted.headline.startswith("_errors")
    assert [f.line for f in pasted.failures] == [1, 2, 3, 4]
