"""C++ names as they were written."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from dllguard._hosts._undecorate import undecorated

DECORATED = "?toScalarType@TypeMeta@caffe2@@QEAA?AW4ScalarType@c10@@XZ"


@pytest.mark.parametrize("name", ["memcpy", "_Mtx_lock", "#7", ""])
def test_names_without_decoration_are_left_alone(name: str) -> None:
    assert undecorated(name) is None


@pytest.mark.skipif(
    sys.platform != "win32" and shutil.which("llvm-undname") is None,
    reason="llvm-undname is not installed",
)
@pytest.mark.parametrize(
    ("name", "plain"),
    [(DECORATED, "caffe2::TypeMeta::toScalarType"), ("?broken@", None)],
)
def test_what_the_tool_makes_of_a_name(name: str, plain: str | None) -> None:
    found = undecorated(name)
    # The tool of other systems keeps the arguments.
    assert (found or "").partition("(")[0] == (plain or "")


@pytest.mark.skipif(sys.platform == "win32", reason="dbghelp is always there")
@pytest.mark.parametrize("script", [None, "exit 1", "echo only-the-name", "kill -9 $$"])
def test_without_a_tool_that_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    if script is not None:
        tool = tmp_path / "llvm-undname"
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert undecorated(DECORATED) is None


@pytest.mark.skipif(sys.platform == "win32", reason="dbghelp reads up to the NUL")
@pytest.mark.parametrize("odd", ["\0", "\udc80"], ids=["NUL", "surrogate"])
def test_what_no_tool_can_be_given(odd: str) -> None:
    """A snapshot is text, in which any name may stand."""
    assert undecorated(f"?f{odd}@@YAXXZ") is None


@pytest.mark.skipif(sys.platform == "win32", reason="dbghelp is always there")
def test_answer_that_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "llvm-undname"
    tool.write_text("#!/bin/sh\nprintf 'x\\n\\377\\n'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert undecorated(DECORATED) is None
