"""What ntdll alone tells, asked of the one under Wine."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from dllguard._files._pe import read_section
from dllguard._loader._apisets import parse_schema
from tests.bench import Bench, BenchFactory

pytestmark = pytest.mark.bench

# Wine has no KnownDLLs until somebody makes some.
MAKE_KNOWN_DLLS = r"""
    handle, size = ctypes.c_void_p(), ctypes.c_longlong(4096)
    kept = []
    def named(name):
        text = ctypes.create_unicode_buffer(name)
        length = 2 * len(name)
        us = _ntdll._UnicodeString(length, length + 2, ctypes.addressof(text))
        oa = _ntdll._ObjectAttributes(ctypes.sizeof(_ntdll._ObjectAttributes),
            None, ctypes.pointer(us), 0x40)
        kept.append((text, us, oa))
        return ctypes.byref(oa)
    nt = ctypes.WinDLL("ntdll")
    def make(directory, *names):
        folder = ctypes.c_void_p()
        status = nt.NtCreateDirectoryObject(ctypes.byref(folder), 0xF, named(directory))
        assert status == 0, status
        for name in names:
            section = ctypes.c_void_p()
            status = nt.NtCreateSection(ctypes.byref(section), 0xF001F,
                named(directory + "\\" + name), ctypes.byref(size), 4, 0x8000000, None)
            assert status == 0, status
"""


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python without packages, that no test here alters."""
    return bench_factory()


def ask(bench: Bench, code: str, *args: str) -> Any:
    """Run code that leaves its answer in `told`."""
    head = "import ctypes, json, sys\nfrom dllguard._hosts import _ntdll\n"
    code = f"{head}{textwrap.dedent(code)}\nprint(json.dumps(told))"
    done = bench.run_code(code, *args)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_api_set_map_is_that_of_system32(bench: Bench) -> None:
    schema = bytes.fromhex(ask(bench, "told = _ntdll.api_set_map().hex()"))

    section = read_section(str(bench.system32 / "apisetschema.dll"), ".apiset")
    assert section
    assert section.rstrip(b"\0") == schema.rstrip(b"\0")
    sets = parse_schema(schema)
    assert sets.host("api-ms-win-crt-heap-l1-1-0.dll", "x.pyd") == "ucrtbase.dll"


HEADERS = {
    "plausible": ((6, 100, 0, 4), True),
    "of Windows 8.1": ((4, 100, 0, 4), True),
    "of Windows 7": ((2, 100, 0, 4), False),
    "unknown version": ((7, 100, 0, 4), False),
    "smaller than its entries": ((6, 96, 0, 4), False),
    "too large": ((6, 1 << 25, 0, 4), False),
}


def test_api_set_map_is_looked_at_before_it_is_read(bench: Bench) -> None:
    told = ask(
        bench,
        r"""
        block, schema = (ctypes.c_size_t * 32)(), (ctypes.c_uint32 * 32)()
        class Peb:
            def __call__(self):
                return ctypes.addressof(block)
        class Nowhere:
            def __call__(self):
                return None
        class Ntdll:
            RtlGetCurrentPeb = Peb()
        _ntdll._ntdll = Ntdll

        told = {}
        for name, header in json.loads(sys.argv[1]).items():
            schema[:4] = header
            block[0x68 // 8] = ctypes.addressof(schema)
            told[name] = _ntdll.api_set_map() is not None
        for name, address in {"none": 0, "wrong address": 16}.items():
            block[0x68 // 8] = address
            told[name] = _ntdll.api_set_map() is not None
        Ntdll.RtlGetCurrentPeb = Nowhere()
        told["no block"] = _ntdll.api_set_map() is not None
        """,
        json.dumps({name: header for name, (header, _) in HEADERS.items()}),
    )

    assert told == {
        **{name: found for name, (_, found) in HEADERS.items()},
        "none": False,
        "wrong address": False,
        "no block": False,
    }


def test_no_known_dlls_in_wine(bench: Bench) -> None:
    assert ask(bench, "told = _ntdll.known_dlls()") is None


def test_known_dlls_of_the_object_manager(bench_factory: BenchFactory) -> None:
    bench = bench_factory()
    names = [f"Made{n}.DLL" for n in range(50)]
    code = (
        MAKE_KNOWN_DLLS
        + rf"""
    make(r"\KnownDlls", "KnownDllPath", *{names!r})
    told = sorted(_ntdll.known_dlls())
    """
    )

    assert ask(bench, code) == sorted(n.lower() for n in names)


def test_32_bit_process_has_known_dlls_of_its_own(
    bench_factory: BenchFactory,
) -> None:
    bench = bench_factory()
    code = (
        MAKE_KNOWN_DLLS
        + r"""
    class Narrow:
        def sizeof(self, kind):
            return 4 if kind is ctypes.c_void_p else ctypes.sizeof(kind)
        def __getattr__(self, name):
            return getattr(ctypes, name)
    _ntdll.ctypes = Narrow()
    make(r"\KnownDlls", "wide.dll")
    told = [sorted(_ntdll.known_dlls())]
    make(r"\KnownDlls32", "narrow.dll")
    told.append(sorted(_ntdll.known_dlls()))
    """
    )

    assert ask(bench, code) == [["wide.dll"], ["narrow.dll"]]


def test_known_dlls_of_the_registry(bench_factory: BenchFactory) -> None:
    bench = bench_factory()
    told = ask(
        bench,
        r"""
        import winreg
        place = r"SYSTEM\CurrentControlSet\Control\Session Manager\KnownDLLs"
        with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            for name, value in {
                "DllDirectory": r"%SystemRoot%\system32",
                "advapi32": "ADVAPI32.dll",
                "*kernel32": "kernel32.dll",
            }.items():
                winreg.SetValueEx(key, name, 0, winreg.REG_EXPAND_SZ, value)
            winreg.SetValueEx(key, "number", 0, winreg.REG_DWORD, 1)
        told = sorted(_ntdll.known_dlls())
        """,
    )

    assert told == ["advapi32.dll", "kernel32.dll"]


def test_search_path(bench: Bench) -> None:
    told = ask(
        bench,
        r"""
        told = [_ntdll.search_path(r"C:\windows\x.dll", f) for f in (0x1100, 0x800, 0)]
        """,
    )

    first, system, classic = told
    home = bench.windows_path(bench.python_dir)
    assert [f.rstrip("\\") for f in first] == [
        r"C:\windows",
        home,
        r"C:\windows\system32",
    ]
    assert [f.rstrip("\\") for f in system] == [r"C:\windows\system32"]
    assert classic[0].rstrip("\\") == home
