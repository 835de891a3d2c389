"""What a running Windows tells, asked of the one under Wine."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dllguard._tables._load_errors import AMBIGUOUS_ERRORS, LOAD_ERRORS
from tests.bench import Bench, BenchFactory
from tests.pebuilder import write_pe

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python without packages, that no test here alters."""
    return bench_factory()


def ask(bench: Bench, code: str, *args: str) -> Any:
    """Run code that leaves its answer in `told`."""
    head = "import ctypes, json, os, sys\nfrom dllguard._hosts import _win32\n"
    code = f"{head}{textwrap.dedent(code)}\nprint(json.dumps(told))"
    # Else the hook would explain the failures that are wanted here.
    done = bench.run_code(code, *args, env={"DLLGUARD": "off"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_places_and_names(bench: Bench) -> None:
    told = ask(
        bench,
        """
        loaded = _win32.loaded_modules()
        told = {
            "application": _win32.application_folder().lower(),
            "system": _win32.system_folder().lower(),
            "windows": _win32.windows_folder().lower(),
            "python": loaded["python311.dll"].lower(),
            "lower": [name for name in loaded if name != name.lower()],
            "is_loaded": _win32.is_loaded(loaded["python311.dll"]),
            "is_not": _win32.is_loaded(sys.argv[1]),
            "machine": _win32.native_machine(),
            "registered": _win32.registered_runtime("x64"),
            "plain": _win32.undecorate("?f@A@@YAXXZ"),
            "packaged": _win32.is_packaged(),
        }
        """,
        bench.windows_path(bench.python_dir / "Lib" / "python311.dll"),
    )

    home = bench.windows_path(bench.python_dir).lower()
    assert told == {
        "application": home,
        "system": r"c:\windows\system32",
        "windows": r"c:\windows",
        "python": home + r"\python311.dll",
        "lower": [],
        "is_loaded": True,
        "is_not": False,
        "machine": 0x8664,
        "registered": None,
        "plain": "A::f",
        "packaged": False,
    }


def test_name_of_the_windows(bench: Bench) -> None:
    name = ask(bench, "told = _win32.windows_name()")

    assert "Windows" in name
    assert "build" in name


def test_added_folders_are_told_newest_first(bench: Bench) -> None:
    folders = [bench.windows_path(bench.python_dir / name) for name in ("DLLs", "Lib")]

    told = ask(
        bench,
        """
        told = [_win32.added_folders()]
        os.add_dll_directory(sys.argv[1])
        handle = os.add_dll_directory(sys.argv[2])
        told.append(_win32.added_folders())
        handle.close()
        told.append(_win32.added_folders())
        """,
        *folders,
    )

    assert told == [[], folders[::-1], folders[:1]]


def test_folder_of_set_dll_directory_is_told_apart(bench: Bench) -> None:
    folders = [bench.windows_path(bench.python_dir / name) for name in ("DLLs", "Lib")]

    told = ask(
        bench,
        """
        kernel32 = ctypes.WinDLL("kernel32")
        first, second = sys.argv[1:]
        def told_now():
            return _win32.added_folders(), _win32.set_directory()
        told = [told_now()]
        kernel32.SetDllDirectoryW(first + "\\\\")
        told.append(told_now())
        os.add_dll_directory(first)
        os.add_dll_directory(second)
        told.append(told_now())
        kernel32.SetDllDirectoryW("")
        told.append(told_now())
        """,
        *folders,
    )

    first, second = folders
    assert told == [
        [[], ""],
        [[], first],
        [[second, first], first],
        [[second, first], ""],
    ]


def test_application_folder_and_system32_may_be_added_too(bench: Bench) -> None:
    told = ask(
        bench,
        r"""
        folders = _win32.application_folder(), _win32.system_folder(), r"C:\windows"
        for folder in folders:
            os.add_dll_directory(folder)
        told = [folders[::-1], _win32.added_folders()]
        """,
    )

    assert told[0] == told[1]


def test_folders_that_are_not_told(bench: Bench) -> None:
    told = ask(
        bench,
        """
        from dllguard._hosts import _ntdll
        class Old:
            pass
        _ntdll._ntdll = Old()
        told = [_win32.added_folders(), _ntdll.api_set_map(), _ntdll.known_dlls()]
        """,
    )

    assert told == [None, None, None]


def test_what_an_older_windows_does_not_tell(bench: Bench) -> None:
    told = ask(
        bench,
        """
        class Old:
            def __getattr__(self, name):
                if name in ("IsWow64Process2", "GetCurrentPackageFullName"):
                    raise AttributeError(name)
                return lambda *_: 0
        _win32._kernel32 = Old()
        os.environ["PROCESSOR_ARCHITEW6432"] = "ARM64"
        machines = [_win32.native_machine()]
        os.environ["PROCESSOR_ARCHITEW6432"] = "x86"
        machines.append(_win32.native_machine())
        del os.environ["PROCESSOR_ARCHITEW6432"]
        os.environ["PROCESSOR_ARCHITECTURE"] = "AMD64"
        machines.append(_win32.native_machine())
        told = {
            "machines": machines,
            "packaged": _win32.is_packaged(),
            "loaded": _win32.loaded_modules(),
            "folders": [_win32.system_folder(), _win32.windows_folder()],
            "application": _win32.application_folder(),
            "others": [_win32.set_directory(), _win32.redirection()],
        }
        """,
    )

    assert told == {
        "machines": [0xAA64, 0x014C, 0x8664],
        "packaged": False,
        "loaded": {},
        "folders": [r"C:\Windows\System32", r"C:\Windows"],
        "application": bench.windows_path(bench.python_dir),
        "others": ["", ""],
    }


def test_refusals_of_ntdll(bench: Bench) -> None:
    told = ask(
        bench,
        """
        from dllguard._hosts import _ntdll
        class Refuses:
            def __getattr__(self, name):
                def call(*_):
                    return -1
                return call
        _ntdll._ntdll = Refuses()
        told = [_win32.added_folders(), [*_ntdll._object_names("KnownDlls")]]
        """,
    )

    assert told == [None, []]


@pytest.mark.parametrize("name", ["plain", "?", "?\u0394@@", "?f@@YAXXZ\0"])
def test_names_that_cannot_be_undecorated(bench: Bench, name: str) -> None:
    told = ask(bench, f"told = _win32.undecorate({name!a})")

    assert told in (None, name, "f")


@pytest.mark.parametrize(
    ("prefix", "length"),
    [
        pytest.param("", 100, id="short"),
        pytest.param("\\\\?\\", 100, id="short-prefixed"),
        pytest.param("\\\\?\\", 400, id="long-prefixed"),
        pytest.param("", 400, id="long"),
    ],
)
def test_path_of_a_loaded_module(
    bench: Bench, tmp_path: Path, prefix: str, length: int
) -> None:
    folder = tmp_path
    while len(str(folder)) < length:
        folder /= "x" * 90
    folder.mkdir(parents=True, exist_ok=True)
    file = bench.windows_path(write_pe(folder / "Mixed.DLL", exports=["f"]))

    told = ask(
        bench,
        """
        ctypes.WinDLL("kernel32").LoadLibraryW(sys.argv[1] + sys.argv[2])
        told = [_win32.loaded_modules().get("mixed.dll"), _win32.is_loaded(sys.argv[2])]
        """,
        prefix,
        file,
    )

    assert told[0] is not None
    assert told[0].removeprefix("\\\\?\\") == file
    assert told[1]


def test_paths_are_written_as_people_do(bench: Bench) -> None:
    long = "C:\\" + 300 * "x"
    plain = {
        r"C:\a.dll": r"C:\a.dll",
        "\\\\?\\C:\\a.dll": r"C:\a.dll",
        "\\\\?\\UNC\\host\\a": r"\\host\a",
        "C:\\a\\": r"C:\a",
        "C:\\": "C:\\",
        long: long,
        # It can be opened in this form alone.
        "\\\\?\\" + long: "\\\\?\\" + long,
    }

    told = ask(
        bench,
        "told = [_win32._plain(p) for p in json.loads(sys.argv[1])]",
        json.dumps(list(plain)),
    )

    assert told == list(plain.values())


def test_more_modules_than_there_is_room_for_at_first(bench: Bench) -> None:
    told = ask(
        bench,
        """
        full = _win32.loaded_modules()
        _win32._ROOM = 1
        told = [len(full), _win32.loaded_modules() == full]
        """,
    )

    assert told[0] > 20
    assert told[1]


def test_first_module_of_a_name_answers_for_it(bench: Bench, tmp_path: Path) -> None:
    files = []
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        write_pe(tmp_path / folder / "twice.dll", exports=["f"])
        files.append(bench.windows_path(tmp_path / folder / "twice.dll"))

    told = ask(
        bench,
        """
        load = ctypes.WinDLL("kernel32").LoadLibraryW
        for file in sys.argv[1:]:
            load(file)
        told = _win32.loaded_modules()["twice.dll"]
        """,
        *files,
    )

    assert told == files[0]


def test_redirection_by_dot_local(bench_factory: BenchFactory) -> None:
    bench = bench_factory()
    question = "told = _win32.redirection()"
    home = bench.windows_path(bench.python_dir)
    assert ask(bench, question) == ""

    bench.replace("python.exe.local", b"")
    assert ask(bench, question) == home

    bench.remove("python.exe.local")
    bench.replace("python.exe.local/a.txt", b"")
    assert ask(bench, question).lower() == home.lower() + r"\python.exe.local"

    bench.replace("python.exe.manifest", b"<assembly/>")
    assert ask(bench, question) == ""

    key = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options"
    code = f"""
        import winreg
        key = winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, {key!r})
        winreg.SetValueEx(key, "DevOverrideEnable", 0, winreg.REG_DWORD, 1)
        {question}
    """
    assert ask(bench, code).lower() == home.lower() + r"\python.exe.local"


def test_code_is_found_back_in_the_words_of_windows(bench: Bench) -> None:
    codes = LOAD_ERRORS + AMBIGUOUS_ERRORS

    told = ask(
        bench,
        f"""
        codes = {codes!r}
        told = []
        for code in codes:
            said = _win32._message(code)
            for text in (said, said.rstrip(), said.rstrip(". \\r\\n")):
                found = _win32.code_of_message("DLL load failed: " + text, codes)
                told.append([code, bool(said), found])
        """,
    )

    # Wine has no words for some.
    assert all(found == (code if said else None) for code, said, found in told)
    assert sum(said for _, said, _ in told) >= 30


def test_code_of_a_failed_import_and_of_an_exception(
    bench: Bench, tmp_path: Path
) -> None:
    write_pe(tmp_path / "needs.pyd", imports={"gone.dll": ["f"]})
    write_pe(tmp_path / "refuses.pyd", dll_main_result=False)
    (tmp_path / "text.pyd").write_text("no PE image", encoding="ascii")

    told = ask(
        bench,
        f"""
        codes = {LOAD_ERRORS + AMBIGUOUS_ERRORS!r}
        sys.path.insert(0, sys.argv[1])
        told = []
        for name in ("needs", "refuses", "text"):
            try:
                __import__(name)
            except ImportError as error:
                told.append(_win32.code_of_message(str(error), codes))
            try:
                ctypes.WinDLL(os.path.join(sys.argv[1], name + ".pyd"), winmode=0)
            except OSError as error:
                told.append(_win32.code_of_message(error.strerror or "", codes))
        """,
        bench.windows_path(tmp_path),
    )

    # ctypes has words of its own for 126.
    assert told == [126, None, 1114, 1114, 193, 193]


@pytest.mark.skipif(sys.platform == "win32", reason="it can be imported there")
@pytest.mark.parametrize("module", ["_win32", "_ntdll", "_machine", "_registry"])
def test_it_is_for_windows_alone(module: str) -> None:
    name = f"dllguard._hosts.{module}"
    with pytest.raises(ImportError, match=f"^{re.escape(name)} is for Windows alone"):
        import_module(name)
