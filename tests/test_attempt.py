"""What is raised within the attempt: an interruption goes out, a fault stays in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from dllguard import _explain, _swallowed
from dllguard._attempt import attempt, diagnosed, unloaded, warn


def of_a_module() -> None:
    exec(compile("import sys; sys.exit(3)", "odd.py", "exec"))


RAISED: dict[str, Callable[[], object]] = {
    "bug": lambda: int("x"),
    "no memory": lambda: (_ for _ in ()).throw(MemoryError),
    "sys.exit in a module": of_a_module,
}
GOES_OUT: dict[str, Callable[[], object]] = {
    "Ctrl+C": lambda: (_ for _ in ()).throw(KeyboardInterrupt),
    "sys.exit": lambda: sys.exit(3),
}
QUESTIONS: dict[str, Callable[[], object]] = {
    "attempt": lambda: attempt(failed(), "x"),
    "diagnosed": lambda: diagnosed(failed()),
    "unloaded": lambda: unloaded(pytest, "torchvision"),
    "warn": lambda: warn([], "torchvision"),
}


def failed() -> ImportError:
    return ImportError("DLL load failed while importing x: y", name="x", path="x.pyd")


def broken(monkeypatch: pytest.MonkeyPatch, raised: Callable[[], object]) -> None:
    """Let all that does the work raise."""
    for module, name in (
        (_explain, "explain"),
        (_swallowed, "unloaded_files"),
        (_swallowed, "warn_of"),
    ):
        monkeypatch.setattr(module, name, lambda *_: raised())


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("raised", GOES_OUT.values(), ids=GOES_OUT)
def test_what_ends_the_program_goes_out(
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[], object],
    raised: Callable[[], object],
) -> None:
    broken(monkeypatch, raised)

    with pytest.raises((KeyboardInterrupt, SystemExit)):
        ask()


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("raised", RAISED.values(), ids=RAISED)
def test_what_goes_wrong_stays_in(
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[], object],
    raised: Callable[[], object],
) -> None:
    broken(monkeypatch, raised)

    answer = ask()

    assert not answer or isinstance(answer, ImportError)
    if isinstance(answer, ImportError) and sys.version_info >= (3, 11):
        assert len(answer.__notes__) == 1


def test_a_package_without_a_file_hides_nothing() -> None:
    assert unloaded(ModuleType("torchvision"), "torchvision") == []
