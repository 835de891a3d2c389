"""On a real Windows Python: a file that is examined does not run.

A DLL whose start-up code leaves a file behind is looked at by every route.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.bench import (
    _NO_RUNTIME,
    Bench,
    BenchFactory,
    BenchUnavailableError,
    _compile,
    _windows_headers,
)
from tests.pebuilder import build_pe
from tests.wheel_files import wheel

pytestmark = pytest.mark.bench

SITE = "Lib/site-packages"
MARKING = Path(__file__).with_name("marker.c")


@pytest.fixture(scope="module")
def bench(
    bench_factory: BenchFactory, tmp_path_factory: pytest.TempPathFactory
) -> Bench:
    """Return a Python with two packages: one that would load, and one that fails."""
    bench = bench_factory()
    path = tmp_path_factory.mktemp("marker") / "marker.dll"
    try:
        options = ("-shared", *_NO_RUNTIME, *_windows_headers())
        _compile(bench.cache, MARKING, path, *options)
    except BenchUnavailableError as unavailable:
        pytest.skip(f"no compiler: {unavailable}")
    marking = path.read_bytes()
    bench.replace(f"{SITE}/loads/__init__.py", b"from . import _core\n")
    bench.replace(f"{SITE}/loads/_core.pyd", marking)
    # What comes before the fault has start-up code too, which the loader would run
    # once all is there.
    failing = build_pe(
        name="_core.pyd",
        imports={"marker.dll": ["mark"], "absent.dll": ["f"]},
        exports=["PyInit__core"],
    )
    bench.replace(f"{SITE}/fails/__init__.py", b"from . import _core\n")
    bench.replace(f"{SITE}/fails/_core.pyd", failing)
    bench.replace(f"{SITE}/fails/marker.dll", marking)
    for name in ("loads", "fails"):
        files = [f"{name}/__init__.py", f"{name}/_core.pyd"]
        info = f"{SITE}/{name}-1.0.dist-info"
        bench.replace(f"{info}/METADATA", f"Name: {name}\nVersion: 1.0\n".encode())
        record = "".join(f"{file},,\n" for file in files).encode()
        bench.replace(f"{info}/RECORD", record)
    return bench


@pytest.fixture(autouse=True)
def marker(bench: Bench) -> Path:
    path = bench.prefix / "drive_c" / "marker"
    path.unlink(missing_ok=True)
    return path


def ran(bench: Bench, code: str, *argv: str) -> str:
    done = bench.run_code(textwrap.dedent(code), *argv, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("target", ["loads", "fails"])
@pytest.mark.parametrize("option", ["--json", "--symbols", "--no-package-directories"])
def test_check(bench: Bench, marker: Path, target: str, option: str) -> None:
    done = bench.run("-m", "dllguard", "check", option, target)

    assert done.returncode == (target == "fails"), done.stderr
    assert not marker.exists()


def test_check_of_paths(bench: Bench, marker: Path) -> None:
    root = bench.windows_path(bench.site_packages)
    for path in (rf"{root}\loads", rf"{root}\loads\_core.pyd", rf"{root}\fails"):
        done = bench.run("-m", "dllguard", "check", path)

        assert "native file" in done.stdout, done.stderr
    assert not marker.exists()


def test_preflight(bench: Bench, marker: Path) -> None:
    code = "import dllguard; print(dllguard.preflight('loads', 'fails'))"

    assert "absent.dll not found" in ran(bench, code)
    assert not marker.exists()


def test_the_hook_and_explain(bench: Bench, marker: Path) -> None:
    for first in ("import dllguard", "import importlib"):
        said = ran(
            bench,
            f"""
            {first}
            try:
                import fails
            except ImportError as error:
                import dllguard
                print(getattr(error, "diagnosis", None) or dllguard.explain(error))
            """,
        )

        assert "absent.dll" in said
        assert not marker.exists()


def test_everything_of_the_environment(bench: Bench, marker: Path) -> None:
    code = """
        from dllguard._hosts._host import live_host
        from dllguard._targets._selection import selected
        from dllguard._targets._survey import survey
        chosen = selected((), lambda python: live_host(), everything_of_host=True)
        print(survey(chosen, processes=1))
    """
    said = ran(bench, code)

    assert "loads: ok" in said
    assert "fails: FAIL" in said
    assert not marker.exists()


def test_a_wheel(bench: Bench, marker: Path, tmp_path: Path) -> None:
    content = (bench.site_packages / "loads" / "_core.pyd").read_bytes()
    path = wheel(tmp_path, "marks", "1", {"marks/_core.pyd": content})
    code = """
        import os, sys
        os.environ["DLLGUARD_CACHE"] = sys.argv[2]
        from dllguard._hosts._host import live_host
        from dllguard._targets._selection import selected
        from dllguard._targets._survey import survey
        chosen = selected(sys.argv[1:2], lambda python: live_host())
        print(survey(chosen, processes=1))
    """
    cache = bench.windows_path(tmp_path / "cache")

    assert "marks: ok" in ran(bench, code, bench.windows_path(path), cache)
    assert not marker.exists()


def test_trying_is_another_matter(bench: Bench, marker: Path) -> None:
    """That the marker tells is what all the others rest on."""
    done = bench.run("-m", "dllguard", "check", "--try", "loads")

    assert "the loader agrees on 1" in done.stdout, done.stderr
    assert marker.exists()
