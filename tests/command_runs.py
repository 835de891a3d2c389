"""Commands of `dllguard` run in this process, or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import dllguard
from dllguard._cli import main

REPOSITORY = Path(dllguard.__file__).parent.parent


class Outcome(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


class Runner:
    """Runs commands in this process.

    :param capsys: of the test.
    """

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: object) -> Outcome:
        """Run `dllguard` with arguments."""
        self._capsys.readouterr()
        try:
            code = main(list(map(str, args)))
        except SystemExit as end:
            code = int(str(end.code))
        captured = self._capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    def refused(self, *args: object) -> str:
        """Run `dllguard` with arguments it refuses; return the line that says why."""
        code, out, err = self(*args)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith("dllguard: ")
        return err.removeprefix("dllguard: ").removesuffix("\n")


def program(
    *args: object, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m dllguard` in a process of its own."""
    command = [sys.executable, "-m", "dllguard", *map(str, args)]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **env},
        stdin=subprocess.DEVNULL,
    )
