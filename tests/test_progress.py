"""The line that a terminal shows while files are judged."""

from __future__ import annotations

import io
import sys
import time

import pytest

from dllguard import _progress
from dllguard._hosts._host import Host
from dllguard._hosts._offline import built_in_host
from dllguard._preflight import report_on
from dllguard._progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal_for(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Let stderr be a terminal, and every verdict a slow one.

    No fixture: pytest puts another stderr in place when a test begins.
    """
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(_progress, "_QUIET_SECONDS", 0)
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "TTY_INTERACTIVE", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    return terminal


def drawn(terminal: Terminal, text: str) -> bool:
    end = time.monotonic() + 10
    while text not in terminal.getvalue() and time.monotonic() < end:
        time.sleep(0.02)
    return text in terminal.getvalue()


def test_terminal_shows_what_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    terminal = terminal_for(monkeypatch)

    with progress() as begin:
        begin("torch")
        assert drawn(terminal, "judging torch")
        begin("./[red]odd")
        assert drawn(terminal, "judging ./[red]odd")
    ended = terminal.getvalue()
    time.sleep(0.3)

    # The line is erased, the cursor is back, and nothing draws any more.
    assert ended.endswith("\x1b[2K")
    assert "\x1b[?25h" in ended
    assert terminal.getvalue() == ended


def test_terminal_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_for(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich.console", None)

    with progress() as begin:
        begin("torch")
        time.sleep(0.2)

    assert terminal.getvalue() == ""


def test_quick_verdicts_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_for(monkeypatch)
    monkeypatch.setattr(_progress, "_QUIET_SECONDS", 60)
    before = time.monotonic()

    with progress() as begin:
        begin("torch")

    assert time.monotonic() - before < 5
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("stream", [io.StringIO(), None], ids=["file", "none"])
def test_no_terminal(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(_progress, "_draw", None)

    with progress() as begin:
        begin("torch")

    assert stream is None or stream.getvalue() == ""


def test_ends_with_what_it_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_for(monkeypatch)
    with pytest.raises(KeyboardInterrupt), progress():
        raise KeyboardInterrupt
    ended = terminal.getvalue()
    time.sleep(0.3)

    assert terminal.getvalue() == ended


def test_each_target_is_announced_as_its_turn_comes() -> None:
    host: Host = built_in_host((), (3, 11))
    begun: list[str] = []

    report_on(host, ("cubes", "spheres"), begin=begun.append)

    assert begun == ["cubes", "spheres"]
