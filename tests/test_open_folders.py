"""Which folders others than the user may write into."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._causes._open_folders import is_open
from tests.trees import Tree


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("CUDA/bin", True),
        ("Temp", True),
        ("ProgramData/Vendor/bin", True),
        ("Users/Public", True),
        ("Users/Public/Documents/x", True),
        ("Users", True),
        ("Windows/Temp/x", True),
        ("Users/me/x", False),
        ("Users/Publicus/x", False),
        ("Program Files/NVIDIA GPU Computing Toolkit/CUDA/v12.4/bin", False),
        ("program files (x86)/VideoLAN/VLC", False),
        ("Windows/System32", False),
        ("Python311/Library/bin", False),
        ("Python3110/bin", True),
    ],
)
def test_by_where_it_lies(tmp_path: Path, folder: str, expected: bool) -> None:
    host = Tree(tmp_path).live()

    assert is_open(str(tmp_path / folder), host) is expected
    assert is_open(str(tmp_path / folder) + "/", host) is expected


def test_another_drive_is_open(tmp_path: Path) -> None:
    assert is_open(r"D:\tools\bin", Tree(tmp_path).live())


def test_what_lies_nowhere_is_not_known(tmp_path: Path) -> None:
    assert not is_open("bin", Tree(tmp_path).live())
