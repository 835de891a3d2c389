"""One file in, one image out: or the reason why it is none."""

from __future__ import annotations

import gc
import os
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

from dllguard._files import _pe
from dllguard._files._layout import LOAD_CONFIG, Layout, MalformedError
from dllguard._files._pe import read_image, read_section, read_version
from dllguard._model import Image, Unreadable
from tests.limits import within
from tests.pebuilder import ARM64, ARM64EC, ARM64X, X64, X86, build_pe, write_pe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench import BenchFactory

MACHINES = [
    pytest.param(X86, id="x86"),
    pytest.param(X64, id="x64"),
    pytest.param(ARM64, id="arm64"),
    pytest.param(ARM64EC, id="arm64ec"),
    pytest.param(ARM64X, id="arm64x"),
    pytest.param(0x01C4, id="arm32"),
    pytest.param(0x0200, id="itanium"),
]
RICH = [
    build_pe(machine=X86, imports={"a.dll": ["x", 7]}, il_only=True),
    build_pe(
        machine=X64,
        imports={"a.dll": ["x", 7], "empty.dll": []},
        delay_imports={"late.dll": ["y"]},
        exports=["f"],
        file_version=(1, 2, 3, 4),
    ),
    build_pe(machine=ARM64, imports={"a.dll": ["x"]}, chpe=True),
]


def image_of(path: Path) -> Image:
    image = read_image(str(path))
    assert isinstance(image, Image), image
    return image


def reason_of(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    found = read_image(str(path))
    assert isinstance(found, Unreadable), found
    assert found.winerror == 193
    return found.reason


def with_dos_stub(data: bytes, text: bytes = b"mode.\r\r\n$") -> bytes:
    """Put the end of the usual DOS program before the PE header, as linkers do."""
    stub = text.ljust(24, b"\0")
    headers = data[:0x3C] + (64 + len(stub)).to_bytes(4, "little") + stub
    assert not any(data[0x200 - len(stub) : 0x200])
    return headers + data[64 : 0x200 - len(stub)] + data[0x200:]


@pytest.mark.parametrize("machine", MACHINES)
def test_machine(tmp_path: Path, machine: int) -> None:
    image = image_of(write_pe(tmp_path / "a.dll", machine=machine))
    assert image == Image(machine=machine, linker=(14, 0))


@pytest.mark.parametrize("linker", [(14, 44), (2, 41), (0, 0), (255, 255)])
def test_linker_version(tmp_path: Path, linker: tuple[int, int]) -> None:
    assert image_of(write_pe(tmp_path / "a.dll", linker=linker)).linker == linker


def test_imports(tmp_path: Path) -> None:
    path = write_pe(
        tmp_path / "a.dll",
        imports={"B.dll": ["x"], "empty.dll": [], "a b.dll": [1]},
        delay_imports={"late.dll": ["y"]},
    )
    image = image_of(path)
    assert image.imports == ("B.dll", "a b.dll")
    assert image.delay_imports == ("late.dll",)


@pytest.mark.parametrize(
    ("machine", "il_only", "portable"),
    [
        pytest.param(X86, False, False, id="x86"),
        pytest.param(X86, True, True, id="x86-il-only"),
        pytest.param(X64, False, False, id="x64"),
        pytest.param(X64, True, False, id="x64-il-only-has-its-machine-type"),
        pytest.param(ARM64, True, False, id="arm64-il-only-has-its-machine-type"),
    ],
)
def test_il_only(
    tmp_path: Path, machine: int, *, il_only: bool, portable: bool
) -> None:
    path = write_pe(tmp_path / "a.dll", machine=machine, il_only=il_only)
    image = image_of(path)
    assert (image.il_only, image.portable) == (il_only, portable)


@pytest.mark.parametrize("program", [False, True], ids=["dll", "program"])
def test_program(tmp_path: Path, *, program: bool) -> None:
    path = write_pe(tmp_path / "a.dll", dll=not program)
    assert image_of(path).program is program


def test_a_dll_of_resources_alone_is_portable(tmp_path: Path) -> None:
    data = bytearray(build_pe(machine=X86, file_version=(1, 0, 0, 0)))
    code_size, flags = 64 + 24 + 4, 64 + 24 + 224 + 36
    data[code_size : code_size + 4] = bytes(4)
    data[flags : flags + 4] = (0x4000_0040).to_bytes(4, "little")
    path = tmp_path / "a.dll"
    path.write_bytes(data)
    assert image_of(path).portable


def test_mixed_assembly_is_not_il_only(tmp_path: Path) -> None:
    data = bytearray(build_pe(machine=X86, il_only=True))
    # The flags stand 16 bytes into the CLR header, which is 72 bytes long.
    at = data.index(b"\x48\0\0\0\x02\0\x05\0") + 16
    assert data[at] == 1
    data[at] = 0
    (tmp_path / "a.dll").write_bytes(data)
    assert not image_of(tmp_path / "a.dll").il_only


@pytest.mark.parametrize(
    ("machine", "chpe", "hybrid"),
    [
        pytest.param(ARM64, True, True, id="arm64x"),
        pytest.param(ARM64, False, False, id="plain-arm64"),
        pytest.param(X64, True, True, id="arm64ec"),
        pytest.param(X64, False, False, id="plain-x64"),
        pytest.param(X86, True, True, id="chpe"),
    ],
)
def test_hybrid(tmp_path: Path, machine: int, *, chpe: bool, hybrid: bool) -> None:
    path = write_pe(tmp_path / "a.dll", machine=machine, chpe=chpe)
    assert image_of(path).hybrid is hybrid
    assert image_of(path).machine == machine


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("flags", [0x2000, 0x0800, 0xFFFF])
@pytest.mark.parametrize("chpe", [False, True])
def test_load_flags(tmp_path: Path, machine: int, flags: int, *, chpe: bool) -> None:
    path = tmp_path / "a.dll"
    write_pe(path, machine=machine, dependent_load_flags=flags, chpe=chpe)
    assert image_of(path).load_flags == flags
    assert image_of(path).hybrid is chpe


@pytest.mark.parametrize(
    ("machine", "size", "load_flags", "hybrid"),
    [
        pytest.param(X64, 0, 0, False, id="x64-empty"),
        pytest.param(X64, 0x4E, 0, False, id="x64-before-the-flags"),
        pytest.param(X64, 0x50, 0x2000, False, id="x64-to-the-flags"),
        pytest.param(X64, 0xC8, 0x2000, False, id="x64-before-the-metadata"),
        pytest.param(X64, 0xD0, 0x2000, True, id="x64-to-the-metadata"),
        pytest.param(X64, 0xFFFFFFFF, 0x2000, True, id="x64-huge"),
        pytest.param(X86, 0x36, 0, False, id="x86-before-the-flags"),
        pytest.param(X86, 0x38, 0x2000, False, id="x86-to-the-flags"),
        pytest.param(X86, 0x7C, 0x2000, False, id="x86-before-the-metadata"),
        pytest.param(X86, 0x80, 0x2000, True, id="x86-to-the-metadata"),
    ],
)
def test_size_of_the_load_config(
    tmp_path: Path, machine: int, size: int, load_flags: int, *, hybrid: bool
) -> None:
    data = bytearray(build_pe(machine=machine, dependent_load_flags=0x2000, chpe=True))
    layout = Layout(bytes(data))
    at = layout.offset(layout.directories[LOAD_CONFIG][0])
    data[at : at + 4] = size.to_bytes(4, "little")
    (tmp_path / "a.dll").write_bytes(data)
    image = image_of(tmp_path / "a.dll")
    assert (image.load_flags, image.hybrid) == (load_flags, hybrid)


@pytest.mark.parametrize(
    ("text", "wine"),
    [
        pytest.param(b"Wine builtin DLL", True, id="builtin"),
        pytest.param(b"Wine placeholder DLL", True, id="placeholder"),
        pytest.param(b"Wine builtin DLLs", False, id="other-text"),
        pytest.param(b"This program can", False, id="the-usual-stub"),
    ],
)
def test_wine(tmp_path: Path, text: bytes, *, wine: bool) -> None:
    (tmp_path / "a.dll").write_bytes(with_dos_stub(RICH[1], text))
    assert image_of(tmp_path / "a.dll").wine is wine


MANIFEST = """<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
<dependency><dependentAssembly><assemblyIdentity type="win32"
name="Microsoft.VC90.CRT" version="9.0.21022.8" processorArchitecture="amd64"
publicKeyToken="1fc8b3b9a1e18e3b"/></dependentAssembly></dependency></assembly>"""


def test_assemblies(tmp_path: Path) -> None:
    path = write_pe(tmp_path / "a.dll", manifest=MANIFEST)
    (assembly,) = image_of(path).assemblies or ()
    assert assembly.name == "microsoft.vc90.crt"
    assert assembly.version == (9, 0, 21022, 8)


@pytest.mark.parametrize(
    ("manifest", "identifier", "expected"),
    [
        pytest.param(MANIFEST, 1, None, id="of-a-program"),
        pytest.param(MANIFEST, 3, None, id="of-isolation-aware-calls"),
        pytest.param(MANIFEST[:-30], 2, None, id="damaged"),
        pytest.param("<dependentAssembly", 2, None, id="no-xml"),
        pytest.param(MANIFEST.replace("dependent", "other"), 2, (), id="without"),
        pytest.param("", 2, (), id="empty"),
    ],
)
def test_no_assemblies(
    tmp_path: Path, manifest: str, identifier: int, expected: tuple[()] | None
) -> None:
    path = tmp_path / "a.dll"
    write_pe(path, manifest=manifest, manifest_id=identifier)
    assert image_of(path).assemblies == expected


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"", "is empty"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n",
            "is a git-lfs pointer, not the file itself",
        ),
        (b"<!DOCTYPE html><html>", "is a web page, not a DLL"),
        (b"<!doctype HTML>", "is a web page, not a DLL"),
        (b"<HTML><body>404</body>", "is a web page, not a DLL"),
        (b"\r\n\n  <!DOCTYPE html>", "is a web page, not a DLL"),
        (b"\xef\xbb\xbf<html>", "is a web page, not a DLL"),
        (b"PK\x03\x04\x14\0", "is a zip archive, not a DLL"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "is not a Windows DLL"),
        (b"\xcf\xfa\xed\xfe" + bytes(200), "is not a Windows DLL"),
        (b"M", "is not a Windows DLL"),
        (bytes(4096), "is not a Windows DLL"),
    ],
    ids=[
        "empty",
        "git-lfs",
        "web-page",
        "web-page-other-case",
        "web-page-without-doctype",
        "web-page-after-empty-lines",
        "web-page-with-byte-order-mark",
        "zip",
        "elf",
        "mach-o",
        "one-byte",
        "zeros",
    ],
)
def test_impostors(tmp_path: Path, start: bytes, reason: str) -> None:
    assert reason_of(tmp_path / "a.dll", start) == reason


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"MZ", id="two-bytes"),
        pytest.param(b"MZ" + bytes(62), id="dos-header-only"),
        pytest.param(b"MZ" + b"\xff" * 200, id="header-offset-outside"),
        pytest.param(RICH[1].replace(b"PE\0\0", b"NE\0\0"), id="16-bit"),
        pytest.param(RICH[1].replace(b"\x0b\x02", b"\x07\x01", 1), id="rom-image"),
    ],
)
def test_damaged_headers(tmp_path: Path, damaged: bytes) -> None:
    assert reason_of(tmp_path / "a.dll", damaged).startswith("is damaged (")


@pytest.mark.parametrize("size", [0, 1, 63, 64, 68, 88, 200, 0x200, 0x400])
def test_no_garbage_is_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """erocarrera/pefile#420: that takes seconds in a process with a large heap."""
    path = tmp_path / "a.dll"
    collections: list[object] = []
    monkeypatch.setattr(gc, "collect", lambda *args: collections.append(args))
    for data in (RICH[1], RICH[1].replace(b"PE\0\0", b"NE\0\0")):
        path.write_bytes(data[: size or None])
        read_image(str(path))
        read_version(str(path))
        read_section(str(path), ".text")
    assert not collections


def test_dos_stub_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.dll").write_bytes(with_dos_stub(RICH[1]))
    assert image_of(tmp_path / "a.dll").imports == ("a.dll",)


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        pytest.param(b"\n", b"\r\n", id="line-feeds-became-pairs"),
        pytest.param(b"\r\n", b"\n", id="pairs-became-line-feeds"),
    ],
)
def test_text_mode_damage(tmp_path: Path, from_: bytes, to: bytes) -> None:
    data = with_dos_stub(RICH[1]).replace(from_, to)
    assert reason_of(tmp_path / "a.dll", data).startswith("is damaged (")


@pytest.mark.parametrize("lost", [0x200, 0x201, 0x400])
def test_truncated(tmp_path: Path, lost: int) -> None:
    data = RICH[1]
    reason = reason_of(tmp_path / "a.dll", data[:-lost])
    size = len(data)
    assert reason.startswith(
        f"is damaged (truncated: {size - lost:,} bytes of at least"
    )


@pytest.mark.parametrize("lost", [1, 0x1FF])
def test_last_sector_may_be_incomplete(tmp_path: Path, lost: int) -> None:
    """Wine, dlls/ntdll/unix/virtual.c, map_image_into_view."""
    (tmp_path / "a.dll").write_bytes(RICH[1][:-lost])
    assert image_of(tmp_path / "a.dll") == read_image_of(tmp_path, RICH[1])


def read_image_of(folder: Path, data: bytes) -> Image:
    (folder / "whole.dll").write_bytes(data)
    return image_of(folder / "whole.dll")


@pytest.mark.parametrize("data", RICH, ids=["x86", "x64", "arm64"])
def test_truncated_anywhere(tmp_path: Path, data: bytes) -> None:
    boundaries = 64, 64 + 4, 64 + 24, 64 + 24 + 112, 64 + 24 + 240
    for size in (2, 3, 63, *boundaries, *range(0x100, len(data) - 0x200, 61)):
        assert reason_of(tmp_path / "a.dll", data[:size]).startswith("is damaged (")


def damaged() -> Iterator[tuple[str, bytes]]:
    """Yield files that a loader maps or refuses for what their headers say."""
    whole = build_pe(exports=["f"], file_version=(1, 2, 3, 4), dll_main_result=True)
    optional, table = 64 + 24, 64 + 24 + 240
    last = table + 40 * 3
    cuts = {0, 1, 2, 63, 64, 67, 68, 87, 88, 200, optional + 112, table - 1, table}
    cuts |= {table + 39, table + 40, last, last + 39, last + 40, 0x1FF, 0x200, 0x201}
    cuts |= {len(whole) - lost for lost in (1, 0x1FF, 0x200, 0x201, 0x400, 0x401)}
    for size in sorted(cuts):
        yield f"cut-{size}", whole[:size]
    yield "overlay", whole + b"signature" * 100
    yield "program", build_pe(exports=["f"], dll=False)
    yield "16-bit", whole.replace(b"PE\0\0", b"NE\0\0")
    yield "x86", build_pe(machine=X86)
    yield "x86-of-il-only", build_pe(machine=X86, il_only=True)
    yield "x64-in-narrow-headers", patched(build_pe(machine=X86), 68, "<H", X64)
    for machine in (0, X86, 0x01C4, ARM64):
        yield f"machine-{machine}", patched(whole, 68, "<H", machine)
    fields = {
        "header": (0x3C, "<I", (0, 4, 0x3F, 0x41, 0x1000, 0xFFFFFFFF)),
        "sections": (70, "<H", (1, 2, 5, 96, 97, 0xFFFF)),
        "magic": (optional, "<H", (0, 0x107, 0x20C)),
        "section-alignment": (optional + 32, "<I", (0, 0x20, 0x200, 0x2000, 0x4000)),
        "file-alignment": (optional + 36, "<I", (0, 1, 0x1000, 0x3000)),
        "image-size": (optional + 56, "<I", (0, 0x1000, 0x4000, 0x4FFF, 0x7FFFFFFF)),
        "headers-size": (optional + 60, "<I", (0, 1, 0x40, 0x2000, 0xFFFFFFFF)),
        "directories": (optional + 108, "<I", (0, 1, 15, 17, 0xFFFFFFFF)),
        "size": (last + 8, "<I", (0, 1, 0x1000, 0x1001, 0xFFFFFFFF)),
        "rva": (last + 12, "<I", (1, 0x2100, 0x2800, 0x5000, 0xFFFFFFFF)),
        "raw-size": (last + 16, "<I", (0, 1, 0x200, 0x201, 0x1000, 0xFFFFFFFF)),
        "raw": (last + 20, "<I", (0, 0xA00, 0xE00, 0x10000, 0xFFFFFFFF)),
    }
    for name, (at, code, values) in fields.items():
        for value in values:
            yield f"{name}-{value:x}", patched(whole, at, code, value)


def patched(data: bytes, at: int, code: str, value: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(code, changed, at, value)
    return bytes(changed)


LOAD_ALL = """
import ctypes, os, sys
for name in sorted(os.listdir(sys.argv[1])):
    try:
        ctypes.WinDLL(os.path.join(sys.argv[1], name), winmode=0x1100)
        print(name, 0)
    except OSError as error:
        print(name, error.winerror)
"""


@pytest.mark.bench
def test_verdict_is_the_loaders(tmp_path: Path, bench_factory: BenchFactory) -> None:
    ours = {}
    for name, data in damaged():
        path = tmp_path / f"{name}.dll"
        path.write_bytes(data)
        image = read_image(str(path))
        fits = isinstance(image, Image) and (image.machine == X64 or image.il_only)
        ours[path.name] = 0 if fits else 193
    bench = bench_factory()
    done = bench.run_code(LOAD_ALL, bench.windows_path(tmp_path))
    rows = (line.split() for line in done.stdout.splitlines())
    assert {name: int(code) for name, code in rows} == ours
    assert len(ours) > 90


def test_what_follows_the_sections_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.dll").write_bytes(RICH[1] + b"signature" * 100)
    assert image_of(tmp_path / "a.dll").imports == ("a.dll",)


@pytest.mark.parametrize("name", ["absent.dll", "folder.dll"])
def test_unopened(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.dll").mkdir()
    found = read_image(str(tmp_path / name))
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("cannot be opened (")
    assert found.winerror == 5
    assert read_version(str(tmp_path / name)) is None
    assert read_section(str(tmp_path / name), ".text") is None


def test_without_permission(tmp_path: Path) -> None:
    path = write_pe(tmp_path / "a.dll")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file (root, or Windows' chmod)")
    found = read_image(str(path))
    assert found == Unreadable("cannot be opened (Permission denied)", 5)


def test_file_can_be_replaced_after_reading(tmp_path: Path) -> None:
    path = write_pe(tmp_path / "a.dll", file_version=(1, 2, 3, 4))
    image_of(path)
    read_version(str(path))
    read_section(str(path), ".text")
    # Windows refuses both while a mapping is open.
    path.write_bytes(b"")
    path.unlink()


@pytest.mark.parametrize(
    "version",
    [(14, 44, 35211, 0), (0, 0, 0, 0), (1, 2, 3, 4), (65535, 65535, 65535, 65535)],
    ids=str,
)
@pytest.mark.parametrize("machine", [X86, X64])
def test_version(
    tmp_path: Path, machine: int, version: tuple[int, int, int, int]
) -> None:
    path = write_pe(tmp_path / "a.dll", machine=machine, file_version=version)
    assert read_version(str(path)) == version


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(build_pe(), id="no-resources"),
        pytest.param(build_pe(manifest="<a/>"), id="other-resources"),
        pytest.param(b"", id="empty"),
        pytest.param(b"MZ" + bytes(62), id="damaged"),
        pytest.param(RICH[1][:0x400], id="truncated"),
    ],
)
def test_no_version(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.dll").write_bytes(data)
    assert read_version(str(tmp_path / "a.dll")) is None


def test_section(tmp_path: Path) -> None:
    path = str(write_pe(tmp_path / "a.dll"))
    text = read_section(path, ".text")
    assert text is not None
    assert text.startswith(b"\xc3")
    assert read_section(path, ".apiset") is None
    assert read_section(path, ".tex") is None


@pytest.mark.parametrize("data", [b"", b"MZ", b"PK\x03\x04"])
def test_no_section(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.dll").write_bytes(data)
    assert read_section(str(tmp_path / "a.dll"), ".text") is None


def test_empty_file_cannot_be_mapped(tmp_path: Path) -> None:
    (tmp_path / "a.dll").write_bytes(b"")
    with (
        pytest.raises(MalformedError, match="is empty"),
        _pe.mapped(str(tmp_path / "a.dll")),
    ):
        pass


@hypothesis.given(st.data())
@hypothesis.settings(
    max_examples=100,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
def test_no_damage_escapes(tmp_path: Path, draw: st.DataObject) -> None:
    data = bytearray(draw.draw(st.sampled_from(RICH)))
    places = st.integers(0, 0x1FF) | st.integers(0, len(data) - 1)
    edges = st.sampled_from([0, 1, 0x1000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
    values = st.integers(0, 0xFFFFFFFF) | edges
    for at, value in draw.draw(st.lists(st.tuples(places, values), max_size=6)):
        data[at : at + 4] = value.to_bytes(4, "little")[: len(data) - at]
    path = tmp_path / "a.dll"
    path.write_bytes(data[: draw.draw(st.none() | st.integers(0, len(data)))])
    with within(10):
        assert isinstance(read_image(str(path)), Image | Unreadable)
        read_version(str(path))
        read_section(str(path), ".text")


@pytest.mark.parametrize("data", RICH, ids=["x86", "x64", "arm64"])
def test_agrees_with_llvm_readobj(tmp_path: Path, data: bytes) -> None:
    program = shutil.which("llvm-readobj")
    if program is None:
        pytest.skip("llvm-readobj is not installed")
    (tmp_path / "a.dll").write_bytes(data)
    done = subprocess.run(
        [program, "--file-headers", "--coff-imports", str(tmp_path / "a.dll")],
        capture_output=True,
        text=True,
        check=True,
    )
    image = image_of(tmp_path / "a.dll")
    fields = [line.strip().split(": ", 1) for line in done.stdout.splitlines()]
    assert any(
        field[0] == "Machine" and field[1].endswith(f"(0x{image.machine:X})")
        for field in fields
    )
    major, minor = image.linker
    assert ["MajorLinkerVersion", str(major)] in fields
    assert ["MinorLinkerVersion", str(minor)] in fields
    named = [field[1] for field in fields if field[0] == "Name"]
    # The tool lists delay imports too, and descriptors that Windows skips.
    assert set(image.imports + image.delay_imports) == set(named) - {"empty.dll"}
