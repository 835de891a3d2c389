"""The examples run, here and on Windows, and show what they promise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dllguard
from tests.trees import Tree

if TYPE_CHECKING:
    from tests.bench import Bench, BenchFactory

REPOSITORY = Path(dllguard.__file__).parent.parent
EXAMPLES = REPOSITORY / "examples"
TORCHVISION = ("torch==2.15.0", "torchvision==0.29.2", "numpy==1.26.4")
MISSING = "VCRUNTIME140_THREADS.dll not found (needed by torch_cpu.dll)"


def here(name: str, *args: object) -> subprocess.CompletedProcess[str]:
    """Run an example in the Python of the tests."""
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *map(str, args)],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine without a redistributable, and two packages."""
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("vcruntime140.dll")})
    tree.install("solids", "2.0", {"solids/_core.pyd": tree.pe("MSVCP140.dll")})
    return tree


def test_check_offline_of_what_would_load(tree: Tree) -> None:
    done = here("check_offline.py", tree.python, "shapes")

    assert (done.returncode, done.stdout, done.stderr) == (0, "shapes: ok\n", "")


def test_check_offline_of_what_would_not(tree: Tree) -> None:
    given = "--windows", tree.windows
    done = here("check_offline.py", tree.python, *given, "shapes", "solids")

    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert lines[:3] == [
        "shapes: ok",
        "solids: would not load",
        "  error missing-vc-runtime: MSVCP140.dll not found (needed by _core.pyd)",
    ]
    assert "    winget install --id Microsoft.VCRedist.2015+.x64 -e" in lines


def test_check_offline_of_what_is_not_there(tmp_path: Path) -> None:
    done = here("check_offline.py", tmp_path / "absent", "shapes")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"dllguard: {tmp_path / 'absent'}: no such folder\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there is something to check here")
def test_preflight_off_windows() -> None:
    done = here("preflight_at_startup.py")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "dllguard: nothing to check, this is not Windows\n"


def test_every_example_says_how_to_run_it() -> None:
    for file in EXAMPLES.glob("*.py"):
        assert f"    python examples/{file.name}" in file.read_text("utf-8")


@pytest.fixture(scope="module")
def broken(bench_factory: BenchFactory) -> Bench:
    """Return a Windows whose runtime is too old for this torch."""
    return bench_factory(*TORCHVISION)


@pytest.fixture(scope="module")
def cured(bench_factory: BenchFactory) -> Bench:
    """Return the same Windows with the current redistributable."""
    return bench_factory(*TORCHVISION, redistributable=True)


def on(bench: Bench, name: str, *args: str) -> subprocess.CompletedProcess[str]:
    return bench.run(bench.windows_path(EXAMPLES / name), *args)


@pytest.mark.bench
def test_guard_explains(broken: Bench) -> None:
    done = on(broken, "guard_torchvision.py")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"dllguard.DllOSError: {MISSING}\n" in done.stderr
    assert "winget install --id Microsoft.VCRedist.2015+.x64 -e" in done.stderr


@pytest.mark.bench
def test_guard_is_silent_where_all_is_well(cured: Bench) -> None:
    done = on(cured, "guard_torchvision.py")

    assert (done.returncode, done.stdout) == (0, "boxes kept: [0, 2]\n")
    assert "dllguard" not in done.stderr


@pytest.mark.bench
def test_preflight_raises(broken: Bench) -> None:
    done = on(broken, "preflight_at_startup.py")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"dllguard.DllImportError: {MISSING}\n" in done.stderr


@pytest.mark.bench
def test_preflight_writes_a_report(broken: Bench, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    done = on(broken, "preflight_at_startup.py", "--report", broken.windows_path(file))

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("images are shown without detection")
    assert f"error: {MISSING}\n" in file.read_text("utf-8")


@pytest.mark.bench
def test_preflight_lets_the_application_start(cured: Bench) -> None:
    done = on(cured, "preflight_at_startup.py")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("torchvision 0.29.2")
    assert done.stdout.endswith(" is ready\n")
