"""The public face: its names, and what importing it costs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

import dllguard
from dllguard import _verdict
from tests.bench import REPOSITORY, Bench, BenchFactory
from tests.measure import UNMEASURED

# The statement at their top imports the first, which almost every program holds.
COST_OF_ALL = ["__future__", "dllguard", "dllguard._errors", "dllguard._hook"]

COST = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
before, opened = set(sys.modules), []
def note(event, details):
    if event in ("open", "subprocess.Popen", "socket.connect", "ctypes.dlopen"):
        opened.append(os.fspath(details[0]))
sys.addaudithook(note)
path = list(sys.meta_path)
import dllguard
print(json.dumps([sorted(set(sys.modules) - before), opened, sys.meta_path == path]))
"""


def fresh(
    code: str, *options: str, argument: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if k != "DLLGUARD"}
    return subprocess.run(
        [sys.executable, *options, "-c", code, argument],
        env={**inherited, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def test_names_are_sorted_and_all() -> None:
    assert dir(dllguard) == dllguard.__all__ == sorted(dllguard.__all__)


def test_every_name_is_there() -> None:
    for name in dllguard.__all__:
        assert getattr(dllguard, name) is not None


def test_classes_say_where_they_are_found() -> None:
    for name in dllguard.__all__:
        if name.startswith("Dll"):
            assert getattr(dllguard, name).__module__ == "dllguard"
            assert getattr(dllguard, name).__name__ == name


def test_star_brings_every_name() -> None:
    space: dict[str, object] = {}
    exec("from dllguard import *", space)

    assert set(space) - {"__builtins__"} == set(dllguard.__all__)


def test_dataclasses_are_fetched_late() -> None:
    assert dllguard.Diagnosis is _verdict.Diagnosis
    assert dllguard.Report is _verdict.Report
    code = """
import sys, dllguard
print("dllguard._verdict" in sys.modules, dllguard.Diagnosis.__name__)
print("dllguard._verdict" in sys.modules)
"""

    assert fresh(code).stdout == "False Diagnosis\nTrue\n"


def test_unknown_name() -> None:
    with pytest.raises(
        AttributeError, match=r"^module 'dllguard' has no attribute 'nowhere'$"
    ):
        dllguard.nowhere  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'nowhere'"):
        exec("from dllguard import nowhere")


def test_version_is_that_of_the_package() -> None:
    assert dllguard.__version__.count(".") == 2


def files(opened: list[str]) -> set[str]:
    return {re.split(r"[/\\]", path)[-1].partition(".")[0] for path in opened}


def test_import_costs_three_modules() -> None:
    """No pefile, ctypes, dataclasses, inspect or typing; no file but its own."""
    done = fresh(COST, "-I", "-B", argument=str(REPOSITORY), **UNMEASURED)
    imported, opened, untouched = json.loads(done.stdout)

    assert imported == COST_OF_ALL
    assert files(opened) == {"__future__", "__init__", "_errors", "_hook"}
    package = str(REPOSITORY / "dllguard")
    assert sum(path.startswith(package) for path in opened) == len(opened) - 1
    assert untouched or sys.platform == "win32"


@pytest.mark.skipif(sys.platform == "win32", reason="it has work to do there")
def test_beyond_windows_nothing_is_installed() -> None:
    code = """
import sys
before = list(sys.meta_path)
import dllguard
assert sys.meta_path == before
assert dllguard.explain(ImportError("DLL load failed: x", path="x.pyd")) is None
report = dllguard.preflight("torch")
print(report.applicable, report.ok, report.diagnoses)
"""

    assert fresh(code).stdout == "False True ()\n"


def test_explain_returns_what_an_error_carries() -> None:
    diagnosis = dllguard.Diagnosis(code="missing-dll", headline="h", summary="s")
    error = dllguard.DllImportError("words")
    assert dllguard.explain(error) is None

    error.explain("text", diagnosis)
    assert dllguard.explain(error) is diagnosis


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python that no test here alters."""
    return bench_factory()


FINDERS = """
import sys, dllguard
print(sum(type(f).__name__ == "Finder" for f in sys.meta_path))
handle = dllguard.install()
print(sum(type(f).__name__ == "Finder" for f in sys.meta_path))
dllguard.uninstall()
print(sum(type(f).__name__ == "Finder" for f in sys.meta_path))
"""


@pytest.mark.bench
@pytest.mark.parametrize(
    ("value", "counts"),
    [
        ("", "1 1 0"),
        ("on", "1 1 0"),
        ("off", "0 1 0"),
        ("OFF", "0 1 0"),
    ],
)
def test_switch(bench: Bench, value: str, counts: str) -> None:
    done = bench.run_code(FINDERS, env={"DLLGUARD": value})

    assert done.stderr == ""
    assert done.stdout.split() == counts.split()


@pytest.mark.bench
def test_import_costs_no_more_on_windows(bench: Bench) -> None:
    code = COST.replace("sys.path.insert(0, sys.argv[1])", "")
    imported, opened, untouched = json.loads(
        bench.run_code(code, env=UNMEASURED).stdout
    )

    # Wine gives itself out as Windows 7, where added folders must be recorded.
    assert imported == sorted([*COST_OF_ALL, "dllguard._directory"])
    recorded = {"_directory"}
    assert files(opened) == {"__future__", "__init__", "_errors", "_hook"} | recorded
    assert not untouched
