"""The table of Windows' own DLL names."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dllguard._tables import _windows_names
from dllguard._tables._windows_names import (
    CLEAN_WINDOWS_11_X64,
    KNOWN_DLLS,
    MINIMUM_WINDOWS,
)

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).with_name("derive_windows_names.py")


@pytest.fixture(scope="module")
def derive() -> ModuleType:
    pytest.importorskip("delvewheel")
    spec = importlib.util.spec_from_file_location("derive_windows_names", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "stem",
    """
    advapi32 bcrypt bcryptprimitives cfgmgr32 combase comctl32 comdlg32 crypt32 d2d1
    d3d11 d3d12 d3d9 d3dcompiler_47 dbgcore dbghelp directml dnsapi dsound dwmapi
    dwrite dxcore dxgi dxva2 evr gdi32 gdiplus glu32 hid icu icuin icuuc imm32
    iphlpapi kernel.appcore kernel32 kernelbase mf mfc42 mfcore mfplat mfreadwrite
    mpr msimg32 msvcp60 msvcp_win msvcrt mswsock ncrypt netapi32 normaliz ntdll odbc32
    ole32 oleacc oleaut32 opengl32 pdh powrprof propsys psapi rpcrt4 rstrtmgr secur32
    setupapi shcore shell32 shlwapi ucrtbase uiautomationcore urlmon user32 userenv
    uxtheme version webservices wevtapi win32u windows.storage winhttp wininet winmm
    winscard wintrust winusb wlanapi wldap32 ws2_32 wsock32 wtsapi32 xaudio2_8
    xaudio2_9 xinput1_4 xinput9_1_0 xmllite
    """.split(),
)
def test_has_well_known(stem: str) -> None:
    assert f"{stem}.dll" in CLEAN_WINDOWS_11_X64


@pytest.mark.parametrize("name", ["bthprops.cpl", "hhctrl.ocx", "winspool.drv"])
def test_has_other_extensions(name: str) -> None:
    assert name in CLEAN_WINDOWS_11_X64


@pytest.mark.parametrize(
    "pattern",
    [
        r"(api|ext)-.*",
        r".*140.*",
        r"(atl|concrt|mfcm?|msvc[mpr]|vcomp)(7|8|9|1[0-3])\d(?!_win).*",
        r"vcomp\.dll",
        r"(msvcrt|ucrtbase)d\.dll",
        r"lib.*",
        r"(vulkan|opencl|nvcuda|nvapi|nvml|cudart|cublas|cudnn|amd).*",
        r"d3dx.*",
        r"d3dcompiler_(3\d|4[0-6])\.dll",
        r"xaudio2_[0-7]\.dll",
        r"xinput1_[1-3]\.dll",
        r"(onnxruntime|zlib1?|sqlite3|openal32|wpcap|wintab32)\.dll",
        r"python.*",
    ],
)
def test_has_nothing_foreign(pattern: str) -> None:
    found = [name for name in CLEAN_WINDOWS_11_X64 if re.fullmatch(pattern, name)]
    assert found == []


@pytest.mark.parametrize(
    "names", [CLEAN_WINDOWS_11_X64, KNOWN_DLLS, frozenset(MINIMUM_WINDOWS)]
)
def test_names_are_plain(names: frozenset[str]) -> None:
    plain = re.compile(r"[a-z0-9_][a-z0-9_.-]*\.(dll|drv|ocx|cpl|ax)")
    assert [name for name in names if not plain.fullmatch(name)] == []


def test_written_sorted_and_once() -> None:
    text = Path(_windows_names.__file__).read_text(encoding="utf-8")
    table, known = (
        block.split() for block in re.findall(r'    """\n([^"]+)""".split', text)
    )
    assert table == sorted(CLEAN_WINDOWS_11_X64)
    assert known == sorted(KNOWN_DLLS)


def test_other_tables_speak_of_the_same_names() -> None:
    assert KNOWN_DLLS <= CLEAN_WINDOWS_11_X64
    assert MINIMUM_WINDOWS.keys() <= CLEAN_WINDOWS_11_X64
    release = re.compile(r"8|8\.1|10( \d{4})?|11")
    assert all(release.fullmatch(value) for value in MINIMUM_WINDOWS.values())


def test_has_what_delvewheel_has(derive: ModuleType) -> None:
    missing = derive.delvewheel_names() - CLEAN_WINDOWS_11_X64
    assert [name for name in missing if derive.exclusion(name) is None] == []


def test_minimum_is_not_for_names_of_every_windows(derive: ModuleType) -> None:
    assert derive.delvewheel_names() & MINIMUM_WINDOWS.keys() == set()


def test_no_name_is_excluded(derive: ModuleType) -> None:
    assert [n for n in CLEAN_WINDOWS_11_X64 if derive.exclusion(n)] == []


def test_every_excluded_name_is_left_out_for_one_reason(derive: ModuleType) -> None:
    stated = derive.GONE & {f"{stem}.dll" for stem in derive.WINDOWS_11}
    assert stated == set()


def test_is_what_the_script_writes(derive: ModuleType) -> None:
    text = derive.GENERATED.read_text(encoding="utf-8")
    version = importlib.metadata.version("delvewheel")
    if f"delvewheel {version}" not in text:
        pytest.skip("derived from another delvewheel")
    assert derive.render(derive.clean_windows_11(), text) == text
