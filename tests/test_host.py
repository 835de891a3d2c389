"""The host of a running process, asked of a Python under Wine."""

from __future__ import annotations

import json
import sys
import textwrap
from typing import Any

import pytest

from dllguard._files._disk import Disk
from dllguard._hosts import _host
from dllguard._hosts._host import HostError
from dllguard._tables._windows_names import KNOWN_DLLS
from tests.bench import Bench, BenchFactory


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python without packages, that no test here alters."""
    return bench_factory()


def ask(bench: Bench, code: str, *args: str, **env: str) -> Any:
    """Run code that leaves its answer in `told`."""
    head = "import ctypes, json, os, sys\n"
    head += "from dllguard._hosts import _host, _ntdll, _win32\n"
    code = f"{head}{textwrap.dedent(code)}\nprint(json.dumps(told))"
    done = bench.run_code(code, *args, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.bench
def test_process_is_this_one(bench: Bench) -> None:
    folders = [bench.windows_path(bench.python_dir / n) for n in ("DLLs", "Lib")]

    told = ask(
        bench,
        """
        first, second = sys.argv[1:]
        os.add_dll_directory(first)
        ctypes.WinDLL("kernel32").SetDllDirectoryW(second)
        host = _host.live_host(["C:\\\\more"])
        process = host.process
        told = {
            "live": host.live,
            "machine": [process.machine, host.system_machine],
            "application": process.application,
            "system": process.system.lower(),
            "windows": process.windows.lower(),
            "added": process.added,
            "set_directory": process.set_directory,
            "redirection": process.redirection,
            "packaged": process.packaged,
            "current": process.current,
            "path": process.path[0],
            "loaded": process.loaded["python311.dll"],
            "executable": host.environment.executable,
        }
        """,
        *folders,
        PATH=r"C:\windows\temp",
    )

    home = bench.windows_path(bench.python_dir)
    assert told == {
        "live": True,
        "machine": [0x8664, 0x8664],
        "application": home,
        "system": r"c:\windows\system32",
        "windows": r"c:\windows",
        "added": [r"C:\more", folders[0]],
        "set_directory": folders[1],
        "redirection": "",
        "packaged": False,
        "current": home,
        "path": r"C:\windows\temp",
        "loaded": home + r"\python311.dll",
        "executable": home + r"\python.exe",
    }


@pytest.mark.bench
def test_api_sets_are_those_of_the_process(bench_factory: BenchFactory) -> None:
    bench = bench_factory()
    name = "api-ms-win-crt-heap-l1-1-0.dll"
    code = f"""
        def host():
            sets = _host.live_host().process.api_sets
            return [sets.assumed, sets.host({name!r}, "x.pyd"),
                    sets.host("api-ms-win-none-l1-1-0.dll", "x.pyd")]
        told = [host()]
        _ntdll.api_set_map = lambda: None
        told.append(host())
        _ntdll.api_set_map = lambda: b"damaged"
        told.append(host())
    """
    known = [False, "ucrtbase.dll", None]
    assert ask(bench, code) == [known, known, known]

    bench.remove(bench.system32 / "apisetschema.dll")

    unknown = [True, "", ""]
    assert ask(bench, code) == [known, unknown, unknown]


@pytest.mark.bench
def test_known_dlls_are_told_or_from_the_table(bench: Bench) -> None:
    told = ask(
        bench,
        """
        told = [sorted(_host.live_host().process.known_dlls)]
        _ntdll.known_dlls = lambda: frozenset({"a.dll"})
        told.append(sorted(_host.live_host().process.known_dlls))
        """,
    )

    assert told == [sorted(KNOWN_DLLS), ["a.dll"]]


@pytest.mark.bench
def test_added_folders_are_recorded_where_windows_does_not_tell(bench: Bench) -> None:
    folders = [bench.windows_path(bench.python_dir / n) for n in ("DLLs", "Lib")]

    told = ask(
        bench,
        """
        from dllguard import _directory  # records since the import
        handle = os.add_dll_directory(sys.argv[1])
        os.add_dll_directory(sys.argv[2])
        told = [_host.live_host().process.added]
        _win32.added_folders = lambda: None
        told.append(_host.live_host().process.added)
        handle.close()
        told.append(_host.live_host().process.added)
        """,
        *folders,
    )

    assert told == [folders[::-1], folders[::-1], folders[1:]]


@pytest.mark.bench
def test_redirected_and_packaged(bench_factory: BenchFactory) -> None:
    bench = bench_factory()
    bench.replace("python.exe.local", b"")

    told = ask(
        bench,
        """
        _win32.is_packaged = lambda: True
        process = _host.live_host().process
        told = [process.redirection, process.packaged]
        """,
    )

    assert told == [bench.windows_path(bench.python_dir), True]


@pytest.mark.skipif(sys.platform == "win32", reason="there is one")
def test_no_running_windows() -> None:
    with pytest.raises(HostError, match="no running Windows"):
        _host.live_host()


def test_api_sets_without_a_schema(tmp_path: Any) -> None:
    (tmp_path / "apisetschema.dll").write_bytes(b"MZ")

    assert _host.api_sets_of(Disk(), str(tmp_path)).assumed
    assert _host.api_sets_of(Disk(), str(tmp_path / "none")).assumed
