"""Metadata is found and read as `importlib.metadata` does it, without its imports."""

from __future__ import annotations

import zipfile
from email import message_from_string
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dllguard._packages._distribution import _lines_with_natives
from dllguard._packages._metadata import Installed, headers, installed

LINES = st.sampled_from(
    (
        "Name: x",
        "name:y",
        "Requires-Dist: a",
        "Requires-Dist : b",
        "Requires-Dist:",
        "  folded",
        " ",
        "\tq",
        "no header",
        ":x",
        "From a",
        "From: b",
        "Requires-Dist: c  ",
        "Requires-Dist:\t d",
        "\x0bx: y",
        "",
        "a b: c",
        "Requires-Dist:: k",
        "N\u00e4me: \u00fc",
        "Requires-Dist: \u00e9",
    )
)


@given(st.lists(LINES, max_size=7), st.booleans())
@settings(max_examples=500)
def test_headers_are_those_of_the_email_package(lines: list[str], ends: bool) -> None:
    text = "\n".join(lines) + "\n" * ends
    message = message_from_string(text)
    for name in ("Name", "requires-dist"):
        assert headers(text, name) == (message.get_all(name) or [])


def put(site: Path, folder: str, **files: str) -> None:
    (site / folder).mkdir(parents=True)
    for name, text in files.items():
        (site / folder / name).write_text(text, "utf-8", newline="")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    put(tmp_path, "A_b.c-1.0.dist-info", METADATA="Name: a\r\nRequires-Dist: x\r\n\r\n")
    put(tmp_path, "old-1.egg-info", **{"PKG-INFO": "Name: old\n\n"})
    (tmp_path / "old-1.egg-info" / "requires.txt").write_text("y>1\n[extra]\nz\n")
    (tmp_path / "file-1.egg-info").write_text("Name: file\nRequires-Dist: q\n\n")
    put(tmp_path, "none-1.dist-info")
    put(tmp_path, "plain.egg/EGG-INFO", **{"PKG-INFO": "Name: plain\n\n"})
    return tmp_path


@pytest.mark.parametrize("name", [None, "a-b-c", "A.B_C", "old", "file", "absent"])
def test_what_is_installed(site: Path, name: str | None) -> None:
    path = [str(site), str(site / "plain.egg"), str(site / "absent")]
    ours = [*installed(path, name)]
    theirs = [*metadata.distributions(name=name, path=path)] if name else []
    theirs = theirs or [] if name else [*metadata.distributions(path=path)]
    assert [str(one.locate_file("x")) for one in ours] == [
        str(one.locate_file("x")) for one in theirs
    ]
    for one, other in zip(ours, theirs, strict=True):
        assert one.requires == other.requires
        for file in ("METADATA", "PKG-INFO", "RECORD", ""):
            assert one.read_text(file) == other.read_text(file)


def test_zip_file_on_the_path(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a-1.dist-info/METADATA", "Name: a\n\n")
    (found,) = installed([str(tmp_path / "a.zip")])
    assert found.read_text("METADATA") == "Name: a\n\n"
    assert [*installed([str(tmp_path / "a.zip")], "b")] == []


def test_file_is_read_once(site: Path) -> None:
    found = Installed(str(site), "A_b.c-1.0.dist-info")
    text = found.read_text("METADATA")
    (site / "A_b.c-1.0.dist-info" / "METADATA").unlink()
    assert found.read_text("METADATA") == text


@given(
    st.lists(st.sampled_from(["a.PYD,h,1", "b.dll", "c", "\u0130.dll", "d\x0c.dll"]))
)
def test_lines_with_natives(lines: list[str]) -> None:
    record = "\n".join(lines)
    expected = [
        line
        for line in record.splitlines()
        if ".pyd" in line.lower() or ".dll" in line.lower()
    ]
    assert [*_lines_with_natives(record)] == expected
