"""Which exceptions are failed loads, and what they say."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.machinery import ModuleSpec
from typing import Any

import pytest

from dllguard._failure import Failure, code_of_text, recognise, recognise_chain
from dllguard._tables._load_errors import (
    AMBIGUOUS_ERRORS,
    ERROR_MOD_NOT_FOUND,
    LOAD_ERRORS,
)
from tests.bench import Bench, BenchFactory
from tests.pebuilder import X86, build_pe

PYD = r"C:\site\pkg\_ext.pyd"
TORCH_DLL = r"C:\site\torch\lib\shm.dll"


def win_error(
    code: int, text: str = "words", filename: str | None = None, kind: Any = OSError
) -> OSError:
    """Make what ctypes.WinError and PyErr_SetFromWindowsErr do on Windows."""
    error: OSError = kind(22, text) if filename is None else kind(22, text, filename)
    error.winerror = code  # type: ignore[attr-defined,unused-ignore]
    return error


def extension_error(text: str, path: str | None = PYD) -> ImportError:
    return ImportError(text, name="_ext", path=path)


def raised_in(module: str, error: BaseException, **names: object) -> BaseException:
    """Raise an exception in a frame of some module, and catch it."""
    source = "def load(error, {}):\n    raise error\n".format(", ".join(names) or "_")
    space: dict[str, Any] = {"__name__": module}
    exec(source, space)
    caught: BaseException
    try:
        space["load"](error, *(names.values() or (None,)))
    except BaseException as raised:  # noqa: BLE001  it comes back as it went in
        caught = raised
    return caught


def test_codes_are_told_apart() -> None:
    assert not set(LOAD_ERRORS) & set(AMBIGUOUS_ERRORS)
    assert ERROR_MOD_NOT_FOUND in LOAD_ERRORS


LONG = "C:\\" + "x" * 600 + ".dll"
RECOGNISED = {
    "extension module": (
        extension_error("DLL load failed while importing _ext: The specified module…"),
        Failure(
            PYD,
            "_ext",
            None,
            "DLL load failed while importing _ext: The specified module…",
        ),
    ),
    "extension module, in Chinese": (
        extension_error("DLL load failed while importing _ext: 找不到指定的模块。"),
        Failure(
            PYD,
            "_ext",
            None,
            "DLL load failed while importing _ext: 找不到指定的模块。",
        ),
    ),
    "extension module of Python 3.7": (
        extension_error("DLL load failed: words"),
        Failure(PYD, "_ext", None, "DLL load failed: words"),
    ),
    "extension module, code without words": (
        extension_error("DLL load failed with error code 4551 while importing _ext"),
        Failure(
            PYD,
            "_ext",
            4551,
            "DLL load failed with error code 4551 while importing _ext",
        ),
    ),
    "extension module, negative code": (
        extension_error("DLL load failed with error code -1073741795"),
        Failure(
            PYD, "_ext", -1073741795, "DLL load failed with error code -1073741795"
        ),
    ),
    "extension module, the same code in the words of later Pythons": (
        extension_error("DLL load failed with error code 3221225501 while importing x"),
        Failure(
            PYD,
            "_ext",
            -1073741795,
            "DLL load failed with error code 3221225501 while importing x",
        ),
    ),
    "cffi, a code that is no Windows error": (
        OSError(r"cannot load library 'C:\a.dll': error 0xc000001d"),
        Failure(r"C:\a.dll", "pkg", -1073741795),
    ),
    "extension module named .dll, in capitals": (
        extension_error("DLL load failed while importing _ext: x", r"C:\_EXT.DLL"),
        Failure(
            r"C:\_EXT.DLL", "_ext", None, "DLL load failed while importing _ext: x"
        ),
    ),
    "torch": (
        win_error(
            126, f'words Error loading "{TORCH_DLL}" or one of its dependencies.'
        ),
        Failure(TORCH_DLL, "pkg", 126, path_fallback=True),
    ),
    "torch, another code": (
        win_error(1114, f'词 Error loading "{TORCH_DLL}" or one of its dependencies.'),
        Failure(TORCH_DLL, "pkg", 1114, path_fallback=True),
    ),
    "ctypes": (
        FileNotFoundError(
            "Could not find module 'a.dll' (or one of its dependencies). Try using "
            "the full path with constructor syntax."
        ),
        Failure("a.dll", "pkg", 126),
    ),
    "ctypes of early Python 3.8": (
        FileNotFoundError(
            "Could not find module 'a.dll'. Try using the full path with constructor "
            "syntax."
        ),
        Failure("a.dll", "pkg", 126),
    ),
    "ctypes, quote in the path": (
        FileNotFoundError(
            r"Could not find module 'C:\Users\O'Brien\a.dll' (or one of its "
            "dependencies). Try using the full path with constructor syntax."
        ),
        Failure(r"C:\Users\O'Brien\a.dll", "pkg", 126),
    ),
    "ctypes, name that CPython cut": (
        raised_in(
            "ctypes",
            FileNotFoundError(
                f"Could not find module '{LONG[:500]}' (or one of its dependencies). "
                "Try using the full path with constructor syntax."
            ),
            name=LONG,
        ),
        Failure(LONG, "pkg", 126),
    ),
    "cffi, not found": (
        OSError("cannot load library 'a.dll': error 0x7e"),
        Failure("a.dll", "pkg", 126),
    ),
    "cffi, not valid": (
        OSError(
            r"cannot load library 'C:\it's\a.dll': error 0xc1.  Additionally, "
            r"ctypes.util.find_library() did not manage to locate a library called "
            r"'C:\it's\a.dll'"
        ),
        Failure(r"C:\it's\a.dll", "pkg", 193),
    ),
    "operator": (
        RuntimeError("operator torchvision::nms does not exist"),
        Failure(None, "pkg", swallowed_by="torchvision"),
    ),
    "operator, other wording": (
        RuntimeError("No such operator torchvision::nms"),
        Failure(None, "pkg", swallowed_by="torchvision"),
    ),
    "operator of a second library": (
        RuntimeError("No such operator image::decode_png"),
        Failure(None, "pkg", swallowed_by="torchvision"),
    ),
    "operator as an attribute": (
        AttributeError("'_OpNamespace' 'torchvision' object has no attribute 'nms'"),
        Failure(None, "pkg", swallowed_by="torchvision"),
    ),
    "operators of torchvision": (
        RuntimeError("Couldn't load custom C++ ops. This can happen if your PyTorch…"),
        Failure(None, "pkg", swallowed_by="torchvision"),
    ),
}


@pytest.mark.parametrize(
    ("error", "failure"), RECOGNISED.values(), ids=RECOGNISED.keys()
)
def test_recognises(error: BaseException, failure: Failure) -> None:
    found = recognise(error, "pkg")

    assert found is not None
    assert replace(found, flags=None, by="") == failure


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        pytest.param({"winmode": 0, "mode": 0}, 0, id="winmode"),
        pytest.param({"winmode": None, "mode": 0x1000}, 0x1000, id="bare-name"),
        pytest.param({"winmode": None, "mode": 0x1100}, 0x1100, id="path"),
        pytest.param({"winmode": 0x1100, "mode": 4}, 0x1100, id="python-3.14"),
        pytest.param({}, None, id="nothing-known"),
    ],
)
def test_flags_that_ctypes_passed(values: dict[str, Any], flags: int | None) -> None:
    error = raised_in("ctypes", win_error(126), name="a.dll", **values)

    found = recognise(error)

    assert found is not None
    assert (found.path, found.flags, found.by) == ("a.dll", flags, "ctypes")


@pytest.mark.parametrize(
    ("asked", "flags"), [("a.dll", 0), (r"C:\a.dll", 0x1100), ("x/a.dll", 0x1100)]
)
def test_flags_that_cffi_passed(asked: str, flags: int) -> None:
    found = recognise(OSError(f"cannot load library '{asked}': error 0x7e"))

    assert found is not None
    assert (found.path, found.flags, found.by) == (asked, flags, "cffi")


@pytest.mark.parametrize("code", LOAD_ERRORS + AMBIGUOUS_ERRORS)
def test_recognises_a_number_that_ctypes_raised(code: int) -> None:
    error = raised_in("ctypes", win_error(code), name=r"C:\a.dll")

    assert recognise(error, "pkg") == Failure(r"C:\a.dll", "pkg", code, by="ctypes")


@pytest.mark.parametrize("code", LOAD_ERRORS)
def test_recognises_a_number_that_only_a_load_ends_in(code: int) -> None:
    assert recognise(win_error(code), "pkg") == Failure(None, "pkg", code)


@pytest.mark.parametrize("code", AMBIGUOUS_ERRORS)
def test_a_number_of_many_meanings_needs_ctypes(code: int) -> None:
    assert recognise(win_error(code, kind=PermissionError), "pkg") is None
    assert recognise(raised_in("shutil", win_error(code), name="a"), "pkg") is None


@pytest.mark.parametrize("inner", [win_error(127), FileNotFoundError("Could not…")])
@pytest.mark.parametrize("explicit", [True, False])
def test_recognises_torch_ops(inner: OSError, *, explicit: bool) -> None:
    error = OSError(r"Could not load this library: C:\site\pkg\_C.dll")
    setattr(error, "__cause__" if explicit else "__context__", inner)
    code = getattr(inner, "winerror", 126)

    assert recognise(error, "pkg") == Failure(r"C:\site\pkg\_C.dll", "pkg", code)


def test_recognises_torch_ops_without_a_cause() -> None:
    error = OSError(r"Could not load this library: C:\site\pkg\_C.dll")

    assert recognise(error) == Failure(r"C:\site\pkg\_C.dll", None, None)


REFUSED = "Module use of python36.dll conflicts with this version of Python."


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            # As CPython raises it: neither name nor path.
            ImportError(REFUSED),
            Failure(None, "_socket", text=REFUSED, python_dll="python36.dll"),
            id="as-cpython",
        ),
        pytest.param(
            extension_error(REFUSED),
            Failure(PYD, "_ext", text=REFUSED, python_dll="python36.dll"),
            id="with-a-path",
        ),
    ],
)
def test_recognises_another_pythons_module(
    error: ImportError, expected: Failure
) -> None:
    assert recognise(error, "_socket") == expected


def test_importlib_knows_which_file_was_refused() -> None:
    spec = ModuleSpec("_socket", None, origin=PYD)
    error = made("raise ImportError(text)", text=REFUSED, spec=spec)

    found = recognise(error, "_socket")

    assert found is not None
    assert found.path == PYD


def made(source: str, **variables: object) -> BaseException:
    """Run a statement that fails, for the exception that Python makes of it."""
    caught: BaseException
    try:
        exec(source, {"__name__": "pkg"}, variables)
    except Exception as error:  # noqa: BLE001  any kind is asked for
        caught = error
    return caught


LEFT_ALONE = {
    "name that an extension module lacks": extension_error(
        rf"cannot import name 'x' from 'pkg._ext' ({PYD})"
    ),
    "module without its function": extension_error(
        "dynamic module does not define module export function (PyInit__ext)"
    ),
    "words of a package": ImportError("DLL load failed while importing _ext: words"),
    "words of a package with a path": extension_error(
        "DLL load failed while importing _ext: words", r"C:\pkg\__init__.py"
    ),
    "path that is no text": extension_error("DLL load failed: x", b"a.pyd"),  # type: ignore[arg-type]
    "no words": ImportError(),
    "no module": made("import nowhere_at_all"),
    "no name": made("from json import nowhere_at_all"),
    "fallback after a failed load": ModuleNotFoundError(
        "No module named '_pywrap_tensorflow_internal'"
    ),
    "file that is not there": made("open('nowhere/at/all')"),
    "folder that may not be opened": made("open('/')"),
    "file that may not be opened": win_error(5, filename="a.txt", kind=PermissionError),
    "file with a virus": win_error(225, filename="a.exe"),
    "program to start that is none": raised_in("subprocess", win_error(193), args=[]),
    "start of a worker without memory": raised_in(
        "multiprocessing.popen_spawn_win32", win_error(1455), process=None
    ),
    "number without words": OSError(2, "No such file"),
    "words of a package's own loader": OSError(
        "could not find or load spatialindex_c.dll"
    ),
    "connection": ConnectionResetError(104, "reset"),
    "operator of a backend": RuntimeError(
        "Could not run 'torchvision::nms' with arguments from the 'CUDA' backend."
    ),
    "runtime error": RuntimeError("generator already executing"),
    "attribute": made("import sys; sys.nowhere_at_all"),
    "type": TypeError("operator torchvision::nms does not exist"),
    "exit": SystemExit("DLL load failed"),
}


@pytest.mark.parametrize("error", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_leaves_alone(error: BaseException) -> None:
    assert recognise(error, "pkg") is None
    assert recognise_chain(error, "pkg") is None


def test_chain_is_searched_for_the_first() -> None:
    innermost = extension_error("DLL load failed while importing _ext: words")
    middle = OSError("cannot load library 'a.dll': error 0x7e")
    outer = ImportError("pkg is broken")
    middle.__context__ = innermost
    outer.__cause__ = middle

    found = recognise_chain(outer, "pkg")

    assert found == (middle, Failure("a.dll", "pkg", 126, flags=0, by="cffi"))
    assert recognise(outer, "pkg") is None


def test_chain_is_searched_below_from_none() -> None:
    inner = extension_error("DLL load failed while importing _ext: words")
    outer: ImportError
    try:
        try:
            raise inner
        except ImportError:
            raise ImportError("pkg is broken") from None
    except ImportError as error:
        outer = error

    found = recognise_chain(outer)

    assert found is not None
    assert found[0] is inner


def test_chain_may_be_a_circle() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one

    assert recognise_chain(one) is None


@pytest.mark.skipif(sys.platform == "win32", reason="there is an answer there")
def test_words_have_no_code_beyond_windows() -> None:
    assert code_of_text("DLL load failed while importing a: Module not found.") is None


# On a real Windows Python.


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python with files that do not load."""
    bench = bench_factory()
    absent = {"absent.dll": ["f"]}
    extension = build_pe(name="broken.pyd", imports=absent, exports=["PyInit_broken"])
    bench.replace("Lib/site-packages/broken.pyd", extension)
    bench.replace("Lib/site-packages/foreign.pyd", build_pe(machine=X86))
    bench.replace("Lib/site-packages/text.dll", b"not a DLL\n" * 100)
    bench.replace("Lib/site-packages/it's.dll", build_pe(imports=absent))
    return bench


REPORT = """
import json, os, sys
from dataclasses import asdict
from dllguard._failure import code_of_text, recognise
site = os.path.join(sys.prefix, "Lib", "site-packages")
try:
    {statement}
except Exception as error:
    failure = recognise(error, "asked")
    facts = asdict(failure) if failure else {{}}
    words = code_of_text(failure.text) if failure else None
    print(json.dumps([type(error).__name__, facts, words, site]))
"""


def report(bench: Bench, statement: str) -> tuple[str, dict[str, Any], object, str]:
    done = bench.run_code(REPORT.format(statement=statement), env={"DLLGUARD": "off"})
    assert done.stderr == ""
    kind, facts, words, site = json.loads(done.stdout)
    return kind, facts, words, site


@pytest.mark.bench
@pytest.mark.parametrize(
    ("statement", "kind", "name", "code"),
    [
        ("import ctypes; ctypes.CDLL('absent.dll')", "FileNotFoundError",
         "absent.dll", 126),
        ("import ctypes; ctypes.CDLL(site + '/broken.pyd')", "FileNotFoundError",
         r"{site}\broken.pyd", 126),
        ('import ctypes; ctypes.CDLL(site + "/it\'s.dll")', "FileNotFoundError",
         r"{site}\it's.dll", 126),
        ("import ctypes; ctypes.CDLL(site + '/text.dll')", "OSError",
         r"{site}/text.dll", 193),
        ("import ctypes; ctypes.cdll.LoadLibrary(site + '/text.dll')", "OSError",
         r"{site}/text.dll", 193),
        ("import ctypes; ctypes.windll.absent", "FileNotFoundError", "absent", 126),
    ],
    ids=["bare name", "missing import", "quote", "text", "LoadLibrary", "attribute"],
)  # fmt: skip
def test_what_ctypes_really_raises(
    bench: Bench, statement: str, kind: str, name: str, code: int
) -> None:
    raised, facts, _, site = report(bench, statement)

    assert raised == kind
    assert facts["path"] == name.format(site=site)
    assert (facts["module"], facts["winerror"]) == ("asked", code)


@pytest.mark.bench
@pytest.mark.parametrize(
    ("module", "code"), [("broken", 126), ("foreign", 193)], ids=str
)
def test_what_an_extension_module_really_raises(
    bench: Bench, module: str, code: int
) -> None:
    raised, facts, words, site = report(bench, f"import {module}")

    assert raised == "ImportError"
    assert facts["path"] == rf"{site}\{module}.pyd"
    assert (facts["module"], facts["winerror"]) == (module, None)
    # The words are this Windows' own, and the only way back to the number.
    assert words == code


@pytest.mark.bench
@pytest.mark.parametrize(
    "statement",
    [
        "open(site)",
        "open(site + '/absent.txt')",
        "os.listdir(site + '/absent')",
        "os.add_dll_directory(site + '/absent')",
        "os.startfile(site + '/text.dll')",
        "import subprocess; subprocess.Popen([site + '/text.dll'])",
        "import subprocess; subprocess.Popen(['absent'])",
    ],
)
def test_what_no_load_raises(bench: Bench, statement: str) -> None:
    _, facts, words, _ = report(bench, statement)

    assert (facts, words) == ({}, None)
