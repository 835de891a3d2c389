"""One file in, one image out: or the reason why it is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

from dllguard import _pe
from dllguard._model import Image, Unreadable
from dllguard._pe import read_image, read_section, read_version
from dllguard._symbols import MalformedError
from tests.pebuilder import ARM64, ARM64EC, ARM64X, X64, X86, build_pe, write_pe

if TYPE_CHECKING:
    from pathlib import Path

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


def with_dos_stub(data: bytes) -> bytes:
    """Put the end of the usual DOS program before the PE header, as linkers do."""
    stub = b"mode.\r\r\n$".ljust(16, b"\0")
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


@pytest.mark.parametrize("machine", [X86, X64])
@pytest.mark.parametrize("il_only", [False, True])
def test_il_only(tmp_path: Path, machine: int, *, il_only: bool) -> None:
    path = write_pe(tmp_path / "a.dll", machine=machine, il_only=il_only)
    assert image_of(path).il_only is il_only


def test_mixed_assembly_is_not_il_only(tmp_path: Path) -> None:
    data = bytearray(build_pe(il_only=True))
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
        pytest.param(X64, True, False, id="arm64ec-fits-x64-by-its-header"),
    ],
)
def test_hybrid(tmp_path: Path, machine: int, *, chpe: bool, hybrid: bool) -> None:
    path = write_pe(tmp_path / "a.dll", machine=machine, chpe=chpe)
    assert image_of(path).hybrid is hybrid


def test_load_config_without_chpe_is_not_hybrid(tmp_path: Path) -> None:
    path = write_pe(tmp_path / "a.dll", machine=ARM64, dependent_load_flags=0x2000)
    assert not image_of(path).hybrid


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


def test_truncated(tmp_path: Path) -> None:
    data = RICH[1]
    reason = reason_of(tmp_path / "a.dll", data[:-1])
    size = len(data)
    assert reason == f"is damaged (truncated: {size - 1:,} bytes of at least {size:,})"


@pytest.mark.parametrize("data", RICH, ids=["x86", "x64", "arm64"])
def test_truncated_anywhere(tmp_path: Path, data: bytes) -> None:
    boundaries = 64, 64 + 4, 64 + 24, 64 + 24 + 112, 64 + 24 + 240
    for size in (2, 3, 63, *boundaries, *range(0x100, len(data), 61)):
        assert reason_of(tmp_path / "a.dll", data[:size]).startswith("is damaged (")


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
    begun = time.process_time()
    assert isinstance(read_image(str(path)), Image | Unreadable)
    read_version(str(path))
    read_section(str(path), ".text")
    assert time.process_time() - begun < 10


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
