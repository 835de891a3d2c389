"""README and changelog say what is so, and each command does what the README says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import dllguard
from dllguard._arguments import parser
from dllguard._cli import main
from dllguard._config import _KEYS, read_config
from dllguard._help import codes
from tests.published import torchvision_wheels
from tests.trees import Tree
from tests.wheel_files import wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench import Bench, BenchFactory

REPOSITORY = Path(dllguard.__file__).parent.parent
README = (REPOSITORY / "README.md").read_text("utf-8")
HOOKS = (REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8")

ON_WINDOWS = sys.platform == "win32"
NEEDS_BASH = pytest.mark.skipif(
    ON_WINDOWS or not shutil.which("bash"), reason="pasted into a shell of POSIX"
)
TORCHVISION = ("torch==2.15.0", "torchvision==0.29.2", "numpy==1.26.4")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_code_has_its_line() -> None:
    section = README.partition("## What it finds")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \| \S", section, re.MULTILINE)

    assert sorted(listed) == list(codes())


def test_changelog_counts_the_codes() -> None:
    changelog = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")

    assert f"each of {len(codes())} codes" in changelog


def test_python_blocks_are_python() -> None:
    found = blocks("python")

    assert found
    for number, block in enumerate(found):
        compile(block, f"block {number}", "exec")


def usage(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    return capsys.readouterr().out


def test_commands_and_options_exist(capsys: pytest.CaptureFixture[str]) -> None:
    section = README.partition("## On the command line")[2].partition("**Targets**")[0]
    named = re.findall(r"^\| `(\w+)", section, re.MULTILINE)
    texts = usage(capsys)
    commands = re.findall(r"^    (\w+) ", texts, re.MULTILINE)

    assert sorted(named) == sorted(commands)
    texts += "".join(usage(capsys, name) for name in commands if name != "run")
    for word in {*named, *re.findall(r"`(--[a-z-]+)", README)} - {"--onedir"}:
        assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", texts), word


def commands_within_sentences() -> list[str]:
    return re.findall(r"`(dllguard [^`]+)`", README)


def test_commands_within_sentences() -> None:
    found = commands_within_sentences()

    assert len(found) > 10
    for line in found:
        # What is left out says so, and a path of Windows has no escapes.
        command, *words = shlex.split(line.replace("\\", "/"))
        assert command == "dllguard"
        try:
            parser().parse_args([word for word in words if word != "..."])
        except SystemExit:
            pytest.fail(line, pytrace=False)


def test_names_of_the_module_exist() -> None:
    for name in re.findall(r"\bdllguard\.(\w+)\(", README):
        assert hasattr(dllguard, name), name


def test_shell_blocks_are_one_line_each() -> None:
    for block in blocks("sh"):
        assert block.count("\n") == 1
        assert shlex.split(block)


def test_links_lead_to_files() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (REPOSITORY / link).exists(), link


def test_table_of_settings_is_read(tmp_path: Path) -> None:
    if sys.version_info < (3, 11):
        pytest.importorskip("tomli", reason="Python 3.10 reads TOML by tomli")
    (block,) = blocks("toml")
    file = tmp_path / "pyproject.toml"
    file.write_text(block, "utf-8")

    found = read_config(str(file)).values

    others = README.partition("Other keys: ")[2].partition(". ")[0]
    keys = {*re.findall(r"`([a-z-]+)`", others)}
    assert keys | {key for key, (_, name) in _KEYS.items() if name in found} == {*_KEYS}
    rules = [word for rule in found["ignore"] for word in ("--ignore", rule)]
    fails = [word for what in found["fail_on"] for word in ("--fail-on", what)]
    assert main(["check", *_small(tmp_path), *rules, *fails, "--no-config"]) == 0


def _small(folder: Path) -> list[str]:
    return [
        str(wheel(folder, "shapes", "1.0", {"shapes/_core.pyd": Tree(folder).pe()}))
    ]


def test_jobs_and_hooks_run_commands_that_exist() -> None:
    runs = re.findall(r"- run: (dllguard .*)", README)
    entries = re.findall(r"entry: (.*)", HOOKS)

    assert (len(runs), len(entries)) == (1, 2)
    for line in (*runs, *entries):
        assert parser().parse_args(shlex.split(line)[1:]).command == "check"


def test_hooks_are_those_of_the_repository() -> None:
    offered = re.findall(r"^- id: (.*)", HOOKS, re.MULTILINE)

    assert re.findall(r"- id: (.*)", README) == offered
    for field in ("name", "description", "entry", "language"):
        assert len(re.findall(rf"^  {field}: \S", HOOKS, re.MULTILINE)) == 2


# Commands, pasted. What each comes to here, in a folder like that of a reader.

PASTED: Final = {
    "dllguard check dist/*.whl --host win11+redist=14.29 --host win11+redist=14.44": (
        1,
        [
            "win11+redist=14.29: 1 of 2 targets would not load",
            "win11+redist=14.44: all 2 targets would load",
            "error: VCRUNTIME140_THREADS.dll not found (needed by _core.pyd)",
        ],
    ),
    "dllguard check dist/app --host win11 --html report.html": (
        1,
        ["dist/app: FAIL, 1 of 3 native files would not load"],
    ),
    "dllguard tree dist/*.whl --host win11": (
        1,
        [r"! solids\_core.pyd   WOULD NOT LOAD (WinError 126)"],
    ),
    "dllguard check torchvision --python /mnt/c/Python312 --windows /mnt/c/Windows": (
        0,
        ["torchvision: ok, 1 native file would load"],
    ),
    "dllguard explain error.txt": (0, ["WinError 126"]),
}
# Those that want a network, a Windows, or the whole of the tests.
ELSEWHERE: Final = {
    'pip install ".[cli]" && dllguard check "torchvision==0.29.2"': "bench",
    'pip install ".[cli,test]" && python -m pytest': "all tests",
    "dllguard snapshot -o host.json": "bench",
    "dllguard check torchvision --host host.json": "bench",
    "coverage run -m pytest -n 2 --dist loadfile; coverage combine && coverage "
    "report": "all tests, counted",
    "ruff check . && ruff format --check . && mypy --platform linux && mypy "
    "--platform win32": "static checks",
}


def test_every_command_is_tried() -> None:
    found = [block.strip() for block in blocks("sh")]

    assert sorted(found) == sorted((*PASTED, *ELSEWHERE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return what a reader has: wheels, a frozen program, a traceback."""
    here, tree = tmp_path / "project", Tree(tmp_path / "tree")
    files = {"shapes/_core.pyd": tree.pe("vcruntime140.dll", "MSVCP140.dll")}
    wheel(here / "dist", "shapes", "1.0", files)
    files = {"solids/_core.pyd": tree.pe("VCRUNTIME140_THREADS.dll")}
    wheel(here / "dist", "solids", "2.0", files)
    inside = here / "dist" / "app" / "_internal"
    (inside / "shapes").mkdir(parents=True)
    for name in ("python311.dll", "vcruntime140.dll"):
        shutil.copy(tree.python / name, inside)
    (inside.parent / "app.exe").write_bytes(tree.pe())
    (inside / "base_library.zip").touch()
    (inside / "shapes" / "_core.pyd").write_bytes(tree.pe("needed.dll"))
    (here / "error.txt").write_text(
        "Traceback (most recent call last):\n"
        '  File "C:\\app\\x.py", line 1, in <module>\n'
        "    import torch\n"
        "OSError: [WinError 126] The specified module could not be found. Error "
        'loading "C:\\app\\torch\\lib\\shm.dll" or one of its dependencies.\n',
        "ascii",
    )
    return here


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """Return what is mounted as /mnt/c: a Python with a torchvision, a Windows."""
    tree = Tree(tmp_path / "c", version=(3, 12), redistributable=(14, 44, 35211, 0))
    body = tree.pe("MSVCP140.dll", "python312.dll")
    tree.install("torchvision", "0.29.2", {"torchvision/_C.pyd": body})
    return tmp_path / "c"


def pasted(
    line: str, cwd: Path, *, programs: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell that has a program `dllguard`.

    :param programs: its folder; by default one with the dllguard of the tests.
    """
    if programs is None:
        programs = cwd / ".programs"
        programs.mkdir(exist_ok=True)
        start = programs / "dllguard"
        python = shlex.quote(sys.executable)
        start.write_text(f'#!/bin/sh\nexec {python} -m dllguard "$@"\n', "utf-8")
        start.chmod(0o755)
        env["PYTHONPATH"] = str(REPOSITORY)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-c", line],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PATH": path, **env},
        stdin=subprocess.DEVNULL,
    )


@NEEDS_BASH
@pytest.mark.parametrize("line", PASTED)
def test_command(line: str, folder: Path, drive: Path, tmp_path: Path) -> None:
    code, expected = PASTED[line]
    here = line.replace("/mnt/c", str(drive))

    done = pasted(here, folder, DLLGUARD_CACHE=str(tmp_path / "cache"))

    assert done.returncode == code, done.stderr
    for text in expected:
        assert text in done.stdout
    if "--html" in line:
        assert done.stderr.startswith("dllguard: wrote report.html (")
        assert "needed.dll" in (folder / "report.html").read_text("utf-8")
    else:
        assert done.stderr == ""


@NEEDS_BASH
def test_commands_of_the_jobs(folder: Path, tmp_path: Path) -> None:
    (line,) = re.findall(r"- run: (dllguard .*)", README)
    summary = tmp_path / "summary.md"

    cache = str(tmp_path / "cache")
    done = pasted(line, folder, GITHUB_STEP_SUMMARY=str(summary), DLLGUARD_CACHE=cache)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("::error title=dllguard (win10) missing-vc-runtime")
    assert summary.read_text("utf-8").startswith("## dllguard: 2 of 2 targets")


# With the published wheels, in a fresh Python, on Windows.


def sessions() -> list[tuple[str, list[str]]]:
    """Return the commands of the README that stand with their output."""
    found = (block.splitlines() for block in blocks("console"))
    return [(asked.removeprefix("$ "), shown) for asked, *shown in found]


@NEEDS_BASH
@pytest.mark.bench
@pytest.mark.parametrize(
    ("line", "shown"), sessions(), ids=[line.split()[1] for line, _ in sessions()]
)
def test_output_is_real(line: str, shown: list[str], tmp_path: Path) -> None:
    folder = shlex.quote(str(torchvision_wheels()))
    done = pasted(f"cd {folder} && {line}", tmp_path)

    assert done.stderr == ""
    assert list(missing(shown, done.stdout.splitlines())) == []


@NEEDS_BASH
@pytest.mark.bench
def test_first_command_in_a_fresh_python(tmp_path: Path) -> None:
    (line,) = (
        line for line, place in ELSEWHERE.items() if place == "bench" and "pip" in line
    )
    venv.create(tmp_path / "fresh", with_pip=True)
    quiet = {"PIP_QUIET": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONPATH": ""}

    done = pasted(line, REPOSITORY, programs=tmp_path / "fresh" / "bin", **quiet)

    assert done.returncode == 1, done.stderr
    assert "MSVCP140.dll not found (needed by c10.dll)" in done.stdout


@pytest.fixture(scope="module")
def broken(bench_factory: BenchFactory) -> Bench:
    """Return a Windows whose runtime is too old for this torch."""
    return bench_factory(*TORCHVISION)


@pytest.mark.bench
def test_snapshot_gives_the_verdict_of_its_machine(
    broken: Bench, tmp_path: Path
) -> None:
    take, use = (line for line in ELSEWHERE if "host.json" in line)
    file = tmp_path / "host.json"
    words = [w.replace(file.name, broken.windows_path(file)) for w in take.split()]
    (asked,) = {w for w in use.split() if w.startswith("torch")}

    taken = broken.run("-m", *words)
    there = broken.run("-m", "dllguard", "check", asked)
    here = pasted(use, tmp_path)

    assert (taken.returncode, taken.stderr) == (0, "")
    assert file.name in taken.stdout
    assert (here.returncode, here.stderr) == (there.returncode, "")
    assert here.stdout.splitlines()[0] == there.stdout.splitlines()[0]
    error = re.compile(r"^(error|warning): .*", re.MULTILINE)
    assert error.findall(here.stdout) == error.findall(there.stdout)


@pytest.mark.bench
def test_before_and_after_are_real(broken: Bench) -> None:
    folder = broken.windows_path(broken.python_dir)

    for block in blocks("text"):
        (asked, *shown) = block.splitlines()
        code = asked.removeprefix(">>> ")
        said = broken.run_code(code).stderr.replace(folder, r"C:\app\python")

        assert list(missing(shown, said.splitlines())) == []


def missing(shown: list[str], said: list[str]) -> Iterator[str]:
    """Yield the lines of an excerpt that are not there, or not in that order."""
    rest = iter(said)
    for line in shown:
        if line != "..." and line not in rest:
            yield line
