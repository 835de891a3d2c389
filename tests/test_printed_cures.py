"""Cures that cure: what a report prints is carried out, and the import works.

Each test breaks a real environment, takes the command out of the report word by word,
carries it out, and looks again.
"""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from tests.bench import Bench, BenchFactory

pytestmark = pytest.mark.bench

TORCH = ("torch==2.9.0", "torchvision==0.24.0", "numpy==1.26.4")
NUMBA = ("numba==0.60.0", "tbb==2021.13.0", "numpy==1.26.4")
SHAPELY = ("shapely==2.1.2", "numpy==1.26.4")
OPTREE = ("optree==0.19.0", "pyarrow==17.0.0", "numpy==1.26.4")

# Wine has a msvcp140.dll of its own, which must not stand in for that of a package.
REAL_RUNTIME = {"WINEDLLOVERRIDES": "msvcp140=n"}


def first_error(
    bench: Bench, target: str, before: str = "pass", **env: str
) -> dict[str, Any] | None:
    """Return the first error of `dllguard.preflight`, asked in the bench's Python."""
    code = f"""
{before}
import dllguard, json
print(json.dumps(dllguard.preflight({target!r}).to_dict()))
"""
    done = bench.run_code(code, env=env)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    found = [d for target in report["targets"] for d in target["diagnoses"]]
    return next((d for d in found if d["severity"] == "error"), None)


def raised(bench: Bench, statement: str) -> dict[str, Any]:
    """Return the diagnosis of the exception that an import ends in."""
    code = f"""
import dllguard, json
from dllguard._report import diagnosis_dict
try:
    {statement}
except (ImportError, OSError) as error:
    print(json.dumps(diagnosis_dict(error.diagnosis)))
"""
    done = bench.run_code(code)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def works(bench: Bench, statements: str, **env: str) -> bool:
    """Tell whether Python alone does something."""
    return bench.run_code(statements, env=env).returncode == 0


def commands(diagnosis: dict[str, Any]) -> list[str]:
    return [c for remedy in diagnosis["help"] for c in remedy["commands"]]


def carry_out(bench: Bench, command: str) -> None:
    """Carry out a printed `... -m pip install ...`, which must name this Python."""
    python, _, words = command.partition(" -m pip install ")
    assert python == bench.windows_path(bench.python_dir / "python.exe")
    bench.pip_install(*shlex.split(words))


def test_a_torchvision_of_another_torch(bench_factory: BenchFactory) -> None:
    bench = bench_factory(*TORCH, overlay=("torchvision==0.19.0",))
    use = "import torchvision; assert torchvision.extension._has_ops()"
    assert not works(bench, use)
    error = first_error(bench, "torchvision")
    assert error is not None
    assert error["code"] == "version-mismatch"

    carry_out(bench, commands(error)[0])

    assert works(bench, use)
    assert first_error(bench, "torchvision") is None


def test_a_deleted_dll(bench_factory: BenchFactory) -> None:
    bench = bench_factory(*SHAPELY)
    [geos] = bench.site_packages.glob("shapely.libs/geos_c-*.dll")
    bench.remove(geos)
    error = raised(bench, "import shapely")
    assert (error["code"], error["culprit"]) == ("incomplete-installation", geos.name)

    carry_out(bench, commands(error)[0])

    assert works(bench, "import shapely; assert shapely.Point(0, 0).is_valid")
    assert first_error(bench, "shapely") is None


def test_a_dll_in_a_folder_that_is_not_searched(bench_factory: BenchFactory) -> None:
    bench = bench_factory(*NUMBA)
    use = "import numba.np.ufunc.tbbpool"
    error = raised(bench, use)
    assert (error["code"], error["culprit"]) == ("not-on-search-path", "tbb12.dll")
    [line] = [c for c in commands(error) if "os.add_dll_directory" in c]

    assert works(bench, f"{line}\n{use}")
    assert first_error(bench, "numba") is None


def test_the_line_and_the_check_that_is_printed_with_it(
    bench_factory: BenchFactory,
) -> None:
    bench = bench_factory(*NUMBA)
    path = bench.site_packages / "numba/np/ufunc/tbbpool.cp311-win_amd64.pyd"
    before = bench.run("-m", "dllguard", "check", bench.windows_path(path))
    error = raised(bench, "import numba.np.ufunc.tbbpool")
    words = commands(error)[-1].split()[1:]
    assert words[:3] == ["-m", "dllguard", "check"]

    after = bench.run(*words)

    assert (before.returncode, after.returncode) == (1, 0)


def test_an_old_runtime_that_another_package_loads_first(
    bench_factory: BenchFactory,
) -> None:
    bench = bench_factory(*OPTREE)
    bench.install_redistributable()
    use = "optree.tree_flatten({'a': [1]})"
    crash = bench.run_code(f"import pyarrow, optree; {use}", env=REAL_RUNTIME)
    assert crash.returncode != 0
    assert "page fault on read access to 0000000000000000" in crash.stderr
    error = first_error(bench, "optree", "import pyarrow", **REAL_RUNTIME)
    assert error is not None
    assert (error["code"], error["culprit"].lower()) == (
        "vc-runtime-too-old",
        "msvcp140.dll",
    )
    assert error["found"].startswith("14.28.29334")
    assert any("import optree before" in remedy["text"] for remedy in error["help"])

    assert works(bench, f"import optree, pyarrow; {use}", **REAL_RUNTIME)


def test_the_runtime_wheel_without_administrator_rights(
    bench_factory: BenchFactory,
) -> None:
    bench = bench_factory("torch==2.15.0", "numpy==1.26.4")
    use = "import torch; assert torch.ones(2).sum() == 2"
    assert not works(bench, use)
    error = raised(bench, "import torch")
    assert error["code"] == "missing-vc-runtime"
    [command] = [c for c in commands(error) if c.endswith("install msvc-runtime")]

    carry_out(bench, command)

    assert works(bench, use)
    assert first_error(bench, "torch") is None
