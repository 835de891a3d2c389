# ruff: noqa: RUF001  Russian words
"""`dllguard explain` on the command line: what it reads, prints, and ends with."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from dllguard._cli import main
from dllguard._logs._read_log import MOST, LogError, read_log

TEXT = "ImportError: DLL load failed while importing cv2: Не найден указанный модуль.\n"


class Piped(io.TextIOWrapper):
    def __init__(self, content: bytes, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(content))
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def written(folder: Path, content: bytes) -> str:
    path = folder / "a log.txt"
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp866"]
)
def test_encodings(
    tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, TEXT.encode(encoding))

    assert main(["explain", path]) == 0
    out = capsys.readouterr().out
    assert out.startswith("cv2 does not load: a DLL was not found (WinError 126)\n")
    assert 'the words are Russian for "The specified module could not be' in out


def test_no_failed_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", written(tmp_path, b"all is well")]) == 1
    out, err = capsys.readouterr()

    assert out.startswith("no failed load of a DLL in this text\n")
    assert err == ""


@pytest.mark.parametrize("args", [[], ["-"]], ids=["nothing", "dash"])
def test_what_is_piped(
    args: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(TEXT.encode()))

    assert main(["explain", *args, "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["version"], found["recognised"]) == (1, True)
    assert out.isascii()
    assert err == ""


def test_what_is_typed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(TEXT.encode(), terminal=True))

    assert main(["explain"]) == 0
    assert "paste the text" in capsys.readouterr().err


def test_json_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", written(tmp_path, b""), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failures"] == []


def test_no_such_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "none.txt")

    assert main(["explain", path]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"dllguard: {path}: No such file or directory\n"


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_no_file_name(path: str) -> None:
    with pytest.raises(LogError):
        read_log(path)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(LogError):
        read_log(str(tmp_path))


def test_too_large(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(MOST + 1)

    assert main(["explain", str(path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"dllguard: {path}: more than 10 MB; cut out")
    assert err.count("\n") == 1
