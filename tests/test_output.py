"""Output that cannot be written, and remarks that nobody can read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dllguard._commands._output import remark, require_folder, size, write
from dllguard._commands._usage import UsageError
from tests.bench import REPOSITORY


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is full")
@pytest.mark.parametrize("arguments", [["help"], ["check", "x.dll"]], ids=" ".join)
def test_full_disk_is_no_verdict(tmp_path: Path, arguments: list[str]) -> None:
    """Exit code 1 would say that something does not load."""
    (tmp_path / "x.dll").write_bytes(b"MZ")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dllguard", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            check=False,
        )

    assert done.stderr == "dllguard: standard output: No space left on device\n"
    assert done.returncode == 2


def test_remark_without_a_console(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a program that pythonw.exe runs."""
    monkeypatch.setattr(sys, "stderr", None)

    remark("words")


def test_remark_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    remark("words")

    assert capsys.readouterr() == ("", "dllguard: words\n")


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    file = str(tmp_path / "gone" / "x.html")

    with pytest.raises(UsageError, match="no such folder"):
        require_folder(file)
    with pytest.raises(UsageError) as caught:
        write(file, "x")
    assert str(caught.value).startswith(f"{file}: ")
    require_folder("x.html")


def test_file_is_written_whole_or_longer(tmp_path: Path) -> None:
    file = str(tmp_path / "x.txt")

    assert write(file, "\u00e9\ud800") == 8
    assert write(file, "b", append=True) == 1
    assert Path(file).read_bytes() == "\u00e9\\ud800b".encode()


@pytest.mark.parametrize(
    ("count", "text"), [(0, "1 KB"), (1536, "2 KB"), (3 << 20, "3.0 MB")]
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text
