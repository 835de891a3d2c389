"""Which errors are one line for the user, and which are bugs of ours."""

from __future__ import annotations

import pytest

from dllguard._commands._usage import UsageError, told
from dllguard._fetch import FetchError
from dllguard._hosts._host import HostError
from dllguard._hosts._trial import TrialUnavailableError
from dllguard._judge import TargetError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (HostError("no such host"), "no such host"),
        (TargetError("no such target"), "no such target"),
        (FetchError("no such wheel"), "no such wheel"),
        (TrialUnavailableError("only on Windows"), "--try: only on Windows"),
        (PermissionError(13, "Permission denied", "x.whl"), "x.whl: Permission denied"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_bad_input_is_one_line(error: Exception, line: str) -> None:
    with pytest.raises(UsageError) as caught, told():
        raise error

    assert str(caught.value) == line
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "error",
    [ValueError("a bug"), RuntimeError("a bug"), OSError(5, "no file"), KeyError("x")],
    ids=lambda error: type(error).__name__,
)
def test_a_bug_keeps_its_traceback(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, told():
        raise error

    assert caught.value is error
