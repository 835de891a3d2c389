"""Programs frozen with PyInstaller, as a folder and as one file, on a real Windows."""

from __future__ import annotations

import json
import re
from typing import Final

import pytest

from tests.bench import Bench, BenchFactory
from tests.command_runs import program
from tests.pebuilder import build_pe

pytestmark = pytest.mark.bench
PYINSTALLER: Final = "pyinstaller==6.22.3"
HEADLINE: Final = "absent.dll not found (needed by broken.pyd)"

MAIN: Final = b"""
import sys
import dllguard

if "off" in sys.argv:
    dllguard.uninstall()
if "before" in sys.argv:
    print(dllguard.preflight("one").diagnoses[0].headline)
import one
"""

# One analysis for both programs.
SPEC: Final = b"""
found = Analysis(["main.py"], pathex=["."])
archive = PYZ(found.pure)
COLLECT(
    EXE(archive, found.scripts, exclude_binaries=True, name="folder"),
    found.binaries,
    found.datas,
    name="folder",
)
EXE(archive, found.scripts, found.binaries, found.datas, name="single")
"""

FOLDER: Final = "app/dist/folder/folder.exe"
SINGLE: Final = "app/dist/single.exe"


@pytest.fixture(scope="module")
def frozen(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python with a frozen program that lacks a DLL."""
    bench = bench_factory(PYINSTALLER)
    broken = build_pe(
        name="broken.pyd", imports={"absent.dll": ["f"]}, exports=["PyInit_broken"]
    )
    bench.replace("app/one/broken.pyd", broken)
    bench.replace("app/one/__init__.py", b"from . import broken\n")
    bench.replace("app/main.py", MAIN)
    spec = bench.windows_path(bench.replace("app/main.spec", SPEC))
    app = bench.windows_path(bench.python_dir / "app")
    places = [f"--{name}path={app}\\{name}" for name in ("dist", "work")]
    done = bench.run("-m", "PyInstaller", "--log-level=ERROR", *places, spec)
    assert done.returncode == 0, done.stderr
    return bench


@pytest.mark.parametrize("path", [FOLDER, SINGLE], ids=["folder", "one file"])
def test_a_frozen_program_is_explained(frozen: Bench, path: str) -> None:
    plain = frozen.run_program(path, "off")
    guarded = frozen.run_program(path)

    assert "\nImportError: DLL load failed while importing broken" in plain.stderr
    assert f"\ndllguard.DllImportError: {HEADLINE}\n" in guarded.stderr
    assert "frozen with PyInstaller, which left absent.dll out" in guarded.stderr
    assert guarded.returncode == plain.returncode == 1
    # What is unpacked for one run is not there to be checked after it.
    assert "_MEI" not in guarded.stderr.partition("help:")[2]
    # Its own lines, and PyInstaller's last word, are those of Python alone.
    assert _own(guarded.stderr) == _own(plain.stderr) != []


def _own(trace: str) -> list[str]:
    lines = (re.sub(r"PYI-\d+", "PYI", line) for line in trace.splitlines())
    return [line for line in lines if line.startswith(('  File "one', "[PYI"))]


@pytest.mark.parametrize("path", [FOLDER, SINGLE], ids=["folder", "one file"])
def test_a_frozen_program_is_told_before(frozen: Bench, path: str) -> None:
    done = frozen.run_program(path, "before")

    assert done.stdout == f"{HEADLINE}\n"


def test_the_folder_is_judged_from_elsewhere(frozen: Bench) -> None:
    folder = (frozen.python_dir / FOLDER).parent
    windows = str(frozen.windows_dir)
    done = program(
        "check", "--python", str(folder), "--windows", windows, "--json", "one"
    )
    (target,) = json.loads(done.stdout)["targets"]

    assert target["diagnoses"][0]["culprit"] == "absent.dll"
    assert target["diagnoses"][0]["code"] == "frozen-app-omission"
