"""The bench is what it says it is: the facts that other tests build upon."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.bench import BenchUnavailableError, make_bench

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.bench import Bench, BenchFactory

NUMPY = "numpy==1.26.4"

IMPORT_TORCHVISION = """
try:
    import torchvision
except OSError as error:
    print(type(error).__name__, error.winerror, error)
else:
    print(torchvision.extension._has_ops())
"""


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python without packages, that no test here alters."""
    return bench_factory()


@pytest.mark.bench
def test_is_a_windows_python(bench: Bench) -> None:
    done = bench.run_code("import sys; print(sys.platform, *sys.version_info[:2])")

    assert (done.stdout, done.returncode) == ("win32 3 11\n", 0)


@pytest.mark.bench
def test_extension_modules_load(bench: Bench) -> None:
    code = "import ctypes, hashlib, sqlite3, ssl, lzma, socket, winreg, pefile"

    assert bench.run_code(code).stderr == ""


@pytest.mark.bench
def test_run_reports_failure(bench: Bench) -> None:
    done = bench.run_code("import sys; print('é', file=sys.stderr); sys.exit(3)")

    assert (done.stderr, done.returncode) == ("é\n", 3)


@pytest.mark.bench
def test_run_ends_a_program_that_hangs(bench_factory: BenchFactory) -> None:
    bench = bench_factory()

    with pytest.raises(subprocess.TimeoutExpired):
        bench.run_code("import time; time.sleep(60)", timeout=3)

    assert bench.run_code("print('again')").stdout == "again\n"


@pytest.mark.bench
@pytest.mark.parametrize("overrides", [{}, {"WINEDLLOVERRIDES": "msvcp140=n"}])
def test_a_crash_is_told_by_the_exit_code(
    bench: Bench, overrides: Mapping[str, str]
) -> None:
    code = "import faulthandler; faulthandler._read_null()"

    codes = {bench.run_code(code, env=overrides).returncode for _ in range(8)}

    assert codes == {0xC0000005 & 0xFF}


@pytest.mark.bench
def test_run_has_the_environment_it_is_given(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "leaked")
    code = "import os; print(os.environ.get('PYTHONSTARTUP'), os.environ['A'])"

    assert bench.run_code(code, env={"A": "b"}).stdout == "None b\n"


@pytest.mark.bench
def test_path_is_that_of_windows(bench: Bench, tmp_path: Path) -> None:
    folder = bench.windows_path(tmp_path)
    code = "import os; print(os.environ['PATH'].split(';'))"

    shown = bench.run_code(code, env={"PATH": folder}).stdout

    assert shown.lower().startswith(repr([folder])[:-1].lower())
    assert "system32" in shown


@pytest.mark.bench
def test_run_writes_nothing(bench: Bench) -> None:
    before = sorted(bench.python_dir.rglob("*"))

    bench.run("-m", "asyncio.taskgroups")

    assert sorted(bench.python_dir.rglob("*")) == before


@pytest.mark.bench
def test_windows_path_names_the_same_file(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("seen", encoding="ascii")
    code = "import sys; print(open(sys.argv[1]).read())"

    done = bench.run_code(code, bench.windows_path(tmp_path / "a.txt"))

    assert done.stdout == "seen\n"


@pytest.mark.bench
def test_altering_a_bench_leaves_the_cache_alone(bench_factory: BenchFactory) -> None:
    altered = bench_factory()
    altered.replace("Lib/this.py", b"print('altered')")
    altered.replace("Lib/site-packages/added.py", b"print('added')")
    altered.remove("DLLs/_sqlite3.pyd")
    altered.remove(altered.system32 / "msvcp140.dll")
    altered.install_redistributable()
    fresh = bench_factory()

    assert altered.run_code("import this, added").stdout == "altered\nadded\n"
    assert "Zen" in fresh.run_code("import this").stdout
    assert not (fresh.site_packages / "added.py").exists()
    assert (fresh.python_dir / "DLLs" / "_sqlite3.pyd").exists()
    assert is_wines_own(fresh.system32 / "msvcp140.dll")
    assert not is_wines_own(altered.system32 / "msvcp140.dll")


@pytest.mark.bench
def test_overlay_leaves_nothing_of_what_it_replaces(
    bench_factory: BenchFactory,
) -> None:
    packaging = ("packaging==24.0",)

    bench = bench_factory("packaging==25.0", overlay=packaging)

    found = sorted(path.name for path in bench.site_packages.iterdir())
    assert found == ["packaging", "packaging-24.0.dist-info"]
    assert not (bench.site_packages / "packaging" / "licenses").exists()


@pytest.mark.bench
def test_torch_finds_wines_runtime_too_old(bench_factory: BenchFactory) -> None:
    bench = bench_factory("torch==2.15.0", "torchvision==0.29.2", NUMPY)

    before = bench.run_code(IMPORT_TORCHVISION).stdout
    bench.install_redistributable()
    after = bench.run_code(IMPORT_TORCHVISION).stdout

    assert before.startswith("OSError 126 ")
    assert r"\torch\lib\shm.dll" in before
    assert after == "True\n"


@pytest.mark.bench
def test_torch_24_lacks_a_dll_that_no_runtime_brings(
    bench_factory: BenchFactory,
) -> None:
    requirements = ("torch==2.4.0", "torchvision==0.19.0", NUMPY)
    bench = bench_factory(*requirements, redistributable=True)

    done = bench.run_code(IMPORT_TORCHVISION)

    assert done.stdout.startswith("OSError 126 ")
    assert r"\torch\lib\fbgemm.dll" in done.stdout


@pytest.mark.bench
def test_torch_of_an_earlier_release_is_healthy(bench_factory: BenchFactory) -> None:
    bench = bench_factory("torch==2.9.0", "torchvision==0.24.0", NUMPY)

    done = bench.run_code(IMPORT_TORCHVISION)

    assert (done.stdout, done.stderr) == ("True\n", "")


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = "Windows itself" if sys.platform == "win32" else "no wine on this machine"

    with pytest.raises(BenchUnavailableError, match=reason):
        make_bench(into=tmp_path / "bench", cache=tmp_path / "cache")


def is_wines_own(file: Path) -> bool:
    """Tell a DLL of Wine by the words that its builder puts after the DOS header."""
    return b"Wine builtin DLL" in file.read_bytes()[:0x100]
