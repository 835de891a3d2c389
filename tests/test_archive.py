"""Wheels as archives: real ones, damaged ones, and those made to do harm."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dllguard._targets import _archive
from dllguard._targets._archive import WheelError, opened
from dllguard._targets._unpacked import unpacked
from tests.pebuilder import build_pe
from tests.wheel_files import wheel


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DLLGUARD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def refused(path: Path) -> str:
    """Return why a wheel is refused, without its path; nothing is left of it."""
    with pytest.raises(WheelError) as caught, opened(str(path)) as found:
        unpacked([found])
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    cache = path.parent / "cache"
    assert not cache.is_dir() or not list(cache.iterdir())
    return said.removeprefix(f"{path}: ")


def test_what_is_in_it(tmp_path: Path) -> None:
    path = wheel(tmp_path, "shapes", "1.0", {"shapes/a.pyd": b"12345"})

    with opened(str(path)) as found:
        assert found.name == "shapes-1.0-cp311-cp311-win_amd64.whl"
        assert found.info == "shapes-1.0.dist-info"
        assert found.entries[0].parts == ("shapes", "a.pyd")
        assert found.entries[0].size == 5
        assert "Name: shapes" in found.text("METADATA")
        assert found.text("absent") == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html>", "is no zip archive, so it is no wheel"),
        (b"PK\3\4 and no more", "is damaged or cut off: download it again"),
    ],
    ids=["empty", "html", "start-of-a-zip"],
)
def test_no_archive(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a-1.0-py3-none-win_amd64.whl"
    path.write_bytes(content)

    assert refused(path) == said


def test_cut_off(tmp_path: Path) -> None:
    path = wheel(tmp_path, "shapes", "1.0", {"shapes/a.pyd": build_pe()})
    path.write_bytes(path.read_bytes()[:-300])

    assert refused(path) == "is damaged or cut off: download it again"


def test_absent(tmp_path: Path) -> None:
    assert refused(tmp_path / "a.whl") == "No such file or directory"


def test_zip_that_is_no_wheel(tmp_path: Path) -> None:
    path = tmp_path / "a-1.0-py3-none-win_amd64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.dll", b"")

    assert refused(path) == "has no .dist-info folder of its own, so is no wheel"


def test_damaged_inside(tmp_path: Path) -> None:
    body = b"-".join(str(n).encode() for n in range(1000))
    path = wheel(tmp_path, "a", "1", {"a.pyd": body}, compression=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"-500-", b"-5x0-"))

    assert refused(path) == "is damaged; download it again"


def test_encrypted(tmp_path: Path) -> None:
    path = wheel(tmp_path, "shapes", "1.0", {"shapes/a.pyd": build_pe()})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.find(mark)
        data[place + at] |= 1
    path.write_bytes(data)

    assert refused(path) == "is encrypted"


def test_unknown_compression(tmp_path: Path) -> None:
    path = wheel(tmp_path, "shapes", "1.0", {"shapes/a.pyd": build_pe()})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        struct.pack_into("<H", data, data.find(mark) + at, 97)
    path.write_bytes(data)

    assert refused(path).startswith("cannot be unpacked (")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../evil.dll", "has a file outside of its folder, ../../evil.dll"),
        ("/tmp/evil.dll", "has a file with a full path, /tmp/evil.dll"),
        ("C:/evil.dll", "has a file with a full path, C:/evil.dll"),
        ("{data}/data/../../evil.dll", "has a file outside of its folder, "),
        ("shapes/COM1.dll", "has a file with the name of a device, shapes/COM1.dll"),
    ],
)
def test_name_that_escapes(tmp_path: Path, name: str, said: str) -> None:
    path = wheel(tmp_path, "shapes", "1.0", {name: b"x", "shapes/a.pyd": b"x"})

    assert refused(path).startswith(said)
    assert not list(tmp_path.rglob("evil.dll"))


def test_bomb(tmp_path: Path) -> None:
    path = wheel(tmp_path, "a", "1", {"a.dll": bytes(_archive.RATIO_FROM + 1)})

    assert path.stat().st_size < 200_000
    assert refused(path) == "would unpack to 64 MiB, as no wheel does"


def test_bomb_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_archive, "RATIO_FROM", 1 << 20)
    files = {f"a/m{n}.py": bytes(1 << 20) for n in range(4)}
    path = wheel(tmp_path, "a", "1", files)

    assert refused(path) == "would unpack to 3 MiB, as no wheel does"


def test_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_archive, "MOST_BYTES", 5000)
    path = wheel(tmp_path, "a", "1", {f"a/{n}.dll": bytes(999) for n in range(6)})

    assert refused(path) == "would unpack to 0 MiB, as no wheel does"


def test_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_archive, "MOST_ENTRIES", 5)
    path = wheel(tmp_path, "a", "1", {f"a/{n}.dll": b"" for n in range(6)})

    assert refused(path) == "has 9 files, as no wheel does"


def test_size_that_is_a_lie(tmp_path: Path) -> None:
    """What the directory says is all that is written, however much there is."""
    path = wheel(tmp_path, "a", "1", {"a.dll": bytes(5 << 20)})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.find(b"PK\1\2") + 24, 100)
    path.write_bytes(data)

    assert refused(path) == "is damaged; download it again"


def test_metadata_too_large_to_read(tmp_path: Path) -> None:
    files = {"a-1.dist-info/notes.txt": bytes(_archive.LARGEST_TEXT + 1)}
    path = wheel(tmp_path, "a", "1", files)

    assert refused(path) == "a-1.dist-info/notes.txt would unpack to 16 MiB"


def _bytes_of_a_wheel() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/__init__.py", b"import os\n" * 9)
        archive.writestr("a/b.pyd", build_pe(imports={"c.dll": ["f"]}))
        archive.writestr("a-1.dist-info/METADATA", b"Name: a\nVersion: 1\n")
        archive.writestr("a-1.dist-info/WHEEL", b"Tag: py3-none-any\n")
    return stream.getvalue()


_SOUND = _bytes_of_a_wheel()


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(_SOUND) - 1), st.integers(0, 255)), max_size=6
    ),
    cut=st.integers(0, 400),
)
def test_no_other_error_whatever_the_bytes(
    tmp_path: Path, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(_SOUND)
    # The directory is where one byte does most.
    for place, value in changes:
        data[-1 - place] = value
    path = tmp_path / "a-1-py3-none-any.whl"
    path.write_bytes(data[: len(data) - cut] if cut < 300 else data)

    with contextlib.suppress(WheelError), opened(str(path)) as found:
        unpacked([found])
