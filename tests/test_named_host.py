"""Built-in hosts with the Python that a target asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._judge import TargetError
from dllguard._model import ARM64, X64, X86
from dllguard._targets._named_host import host_named
from dllguard._targets._selection import selected
from dllguard._targets._survey import survey
from dllguard._targets._tags import Python
from tests.pebuilder import build_pe
from tests.wheel_files import wheel


@pytest.mark.parametrize(
    ("name", "python", "got"),
    [
        ("win11", Python((3, 12), X64), Python((3, 12), X64)),
        ("win11", Python((3, 10), X86), Python((3, 10), X86)),
        ("win11", Python((3, 12), ARM64), Python((3, 12), ARM64)),
        (
            "win11",
            Python((3, 13), X64, free_threaded=True),
            Python((3, 13), X64, free_threaded=True),
        ),
        ("WIN11+Python=3.9", Python((3, 12), X64), Python((3, 9), X64)),
        ("win11+x86+python=3.9", Python((3, 12), X64), Python((3, 9), X86)),
    ],
)
def test_python_that_is_left_open(name: str, python: Python, got: Python) -> None:
    environment = host_named(name)(python).environment

    assert environment.version == got.version
    assert environment.machine == got.machine
    assert environment.free_threaded == got.free_threaded


def test_none_is_asked_for() -> None:
    assert host_named("win11+python=3.9", ["/x"])(None).process.added == ("/x",)


@pytest.mark.parametrize(
    ("name", "ok"),
    [("win11", False), ("win11+redist=14.29", False), ("win11+redist=14.44", True)],
)
def test_wheel_on_named_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, ok: bool
) -> None:
    monkeypatch.setenv("DLLGUARD_CACHE", str(tmp_path / "cache"))
    body = build_pe(imports={"VCRUNTIME140_THREADS.dll": ["f"]}, linker=(14, 38))
    path = wheel(tmp_path, "shapes", "1.0", {"shapes/_core.pyd": body})

    found = survey(selected([str(path)], host_named(name)))

    assert found.ok == ok
    assert {d.culprit for d in found.diagnoses} <= {"VCRUNTIME140_THREADS.dll"}


def test_wheel_for_another_python_than_the_name_has(tmp_path: Path) -> None:
    path = wheel(tmp_path, "shapes", "1.0")

    with pytest.raises(TargetError, match=r"not for Python 3\.9 x64"):
        selected([str(path)], host_named("win11+python=3.9"))
