"""Fetching wheels: what uv is asked for, what is kept, what is said when it fails."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import pytest

import dllguard
from dllguard import _fetch
from dllguard._fetch import FetchError, cache_folder, fetch, fetch_file
from dllguard._model import ARM64, X64, X86

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY: Final = Path(dllguard.__file__).parent.parent
V311: Final = (3, 11)

# Stands for uv: notes what it was asked, then does what the test wants of it.
_UV: Final = """
import json, os, pathlib, signal, sys, time

here = pathlib.Path(__file__).parent
wanted = json.loads((here / "wanted.json").read_text("utf-8"))
args = sys.argv[1:]
given = sys.stdin.read()
with open(here / "asked.jsonl", "a", encoding="utf-8") as log:
    log.write(json.dumps({"args": args, "given": given}) + "\\n")
sys.stderr.buffer.write(wanted["stderr"].encode("utf-8"))
if wanted["code"]:
    sys.exit(wanted["code"])
if args[1] == "compile":
    print(wanted["resolved"])
    sys.exit()
target = pathlib.Path(args[args.index("--target") + 1])
target.mkdir(parents=True)
(target / ".lock").touch()
if wanted["interrupt"]:
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(30)
time.sleep(wanted["seconds"])
if wanted["installs"]:
    (target / "cubes-1.0.dist-info").mkdir()
"""


class FakeUv:
    """A program in uv's place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "fake.py").write_text(_UV, "utf-8")
        if sys.platform == "win32":
            self.program = folder / "uv.cmd"
            lines = ["@echo off", f'"{sys.executable}" "{folder / "fake.py"}" %*']
            self.program.write_text("\r\n".join(lines), "utf-8")
        else:
            self.program = folder / "uv"
            self.program.write_text(f"#!{sys.executable}\n{_UV}", "utf-8")
            self.program.chmod(0o755)
        # For a process of its own: a package `uv` that knows where its program is.
        (folder / "packages" / "uv").mkdir(parents=True)
        (folder / "packages" / "uv" / "__init__.py").write_text(
            f"def find_uv_bin():\n    return {str(self.program)!r}\n", "utf-8"
        )
        self.does()

    def does(self, **wanted: Any) -> None:
        """Say what it is to do from now on."""
        usual = {
            "code": 0,
            "stderr": "",
            "resolved": "",
            "installs": True,
            "interrupt": False,
            "seconds": 0,
        }
        (self.folder / "wanted.json").write_text(json.dumps({**usual, **wanted}))

    @property
    def asked(self) -> list[dict[str, Any]]:
        log = self.folder / "asked.jsonl"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a cache folder that is not there yet."""
    monkeypatch.setenv("DLLGUARD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def uv(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    """Put a program of ours in uv's place."""
    assert cache
    (tmp_path / "uv").mkdir()
    fake = FakeUv(tmp_path / "uv")
    module: Any = ModuleType("uv")
    module.find_uv_bin = lambda: str(fake.program)
    monkeypatch.setitem(sys.modules, "uv", module)
    return fake


@pytest.fixture
def no_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take uv away, the module and the program."""
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))


def alone(*code: str, **streams: Any) -> subprocess.Popen[str]:
    """Start a process that fetches cubes==1.0."""
    program = "from dllguard._fetch import fetch; print(fetch(['cubes==1.0'], (3, 11)))"
    fake = Path(os.environ["DLLGUARD_CACHE"]).parent / "uv" / "packages"
    path = os.pathsep.join([str(fake), str(REPOSITORY)])
    return subprocess.Popen(
        [sys.executable, "-c", program, *code],
        env={**os.environ, "PYTHONPATH": path},
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )


# What uv is asked for.


def test_pinned_requirements_are_installed_with_what_they_require(
    uv: FakeUv, cache: Path
) -> None:
    folder = fetch(["spheres==2", "Cubes[fast] == 1.0"], V311)

    (asked,) = uv.asked
    command = asked["args"]
    target = Path(command[3])
    assert command == [
        *["pip", "install", "--target", str(target)],
        *["--python-platform", "x86_64-pc-windows-msvc"],
        *["--only-binary", ":all:", "--python-version", "3.11"],
        *["Cubes[fast]==1.0", "spheres==2", "--python", sys.executable],
    ]
    assert target.parent.parent == folder.parent == cache
    assert [path.name for path in folder.iterdir()] == ["cubes-1.0.dist-info"]
    assert list(cache.iterdir()) == [folder]


@pytest.mark.parametrize(
    ("machine", "platform"),
    [
        (X86, "i686-pc-windows-msvc"),
        (X64, "x86_64-pc-windows-msvc"),
        (ARM64, "aarch64-pc-windows-msvc"),
    ],
)
def test_wheels_are_those_of_the_pythons_machine(
    uv: FakeUv, machine: int, platform: str
) -> None:
    fetch(["cubes==1.0"], V311, machine)

    assert platform in uv.asked[0]["args"]


def test_no_wheels_for_a_machine_that_uv_does_not_know(uv: FakeUv) -> None:
    with pytest.raises(FetchError, match="uv resolves for no Python on ARM32"):
        fetch(["cubes==1.0"], V311, 0x01C4)
    assert uv.asked == []


def test_uv_is_found_on_path_without_its_module(
    uv: FakeUv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(uv.folder), prepend=os.pathsep)

    fetch(["cubes==1.0"], V311)

    assert len(uv.asked) == 1


@pytest.mark.usefixtures("no_uv", "cache")
@pytest.mark.parametrize("requirement", ["cubes==1.0", "cubes"])
def test_without_uv(requirement: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch([requirement], V311)

    assert str(caught.value) == (
        'fetching wheels needs uv: pip install "dllguard[cli]"'
    )


# What is kept.


def test_pinned_requirements_come_from_the_cache_without_uv(
    uv: FakeUv, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fetch(["cubes==1.0", "spheres===2"], V311)
    monkeypatch.setattr(_fetch, "_uv", None)

    assert fetch(["spheres === 2", "cubes == 1.0"], V311) == first
    assert len(uv.asked) == 1


def test_each_python_has_wheels_of_its_own(uv: FakeUv) -> None:
    asked: list[tuple[tuple[int, int], int]] = [
        ((3, 11), X64),
        ((3, 12), X64),
        ((3, 11), X86),
    ]

    folders = {fetch(["cubes==1.0"], version, machine) for version, machine in asked}

    assert (len(folders), len(uv.asked)) == (3, 3)


@pytest.mark.parametrize(
    "requirement",
    [
        "cubes",
        "cubes>=1",
        "cubes==1.*",
        "cubes~=1.0",
        'cubes; python_version == "3.11"',
        "cubes @ https://example.org/cubes-1.0-py3-none-any.whl",
    ],
)
def test_other_requirements_are_resolved_each_time(
    uv: FakeUv, requirement: str
) -> None:
    uv.does(resolved="# by uv\n--index-url x\ncubes==1.0\nspheres==2  # via cubes\n")
    first = fetch([requirement], V311)
    again = fetch([requirement], V311)
    uv.does(resolved="cubes==1.1\nspheres==2\n")
    newer = fetch([requirement], V311)

    assert first == again != newer
    kinds = [asked["args"][1] for asked in uv.asked]
    assert kinds == ["compile", "install", "compile", "compile", "install"]
    resolve, install = uv.asked[0], uv.asked[1]
    assert resolve["given"].replace(" ", "") == requirement.replace(" ", "")
    assert resolve["args"][1:3] == ["compile", "-"]
    assert install["args"][-5:] == [
        *["--no-deps", "cubes==1.0", "spheres==2"],
        *["--python", sys.executable],
    ]


def test_cache_folder_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DLLGUARD_CACHE", raising=False)
    root = str(Path("users").absolute())
    name = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    monkeypatch.setenv(name, root)

    assert cache_folder() == Path(root, "dllguard")

    monkeypatch.setenv("DLLGUARD_CACHE", "here")
    assert cache_folder() == Path("here").absolute()


def test_names_of_folders_are_short(uv: FakeUv) -> None:
    uv.does(resolved="cubes==1.0")
    address = "cubes @ https://example.org/" + 80 * "a" + "/cubes-1.0.whl?b=c"

    name = fetch([address], V311).name

    assert name.startswith("cubes-https-example.org-")
    assert len(name) <= 52


def test_two_processes_at_once(uv: FakeUv, cache: Path) -> None:
    uv.does(seconds=1)

    both = [alone(), alone()]
    said = [process.communicate() for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert said[0] == said[1]
    assert len(uv.asked) == 2, "one was over before the other began"
    assert [str(path) for path in cache.iterdir()] == [said[0][0].strip()]


# What a failure leaves, and says.


def test_failure_leaves_nothing(uv: FakeUv, cache: Path) -> None:
    uv.does(code=2, stderr="error: no\n")

    with pytest.raises(FetchError):
        fetch(["cubes==1.0"], V311)

    assert list(cache.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there, a signal ends a process")
def test_interrupted_fetch_leaves_nothing(uv: FakeUv, cache: Path) -> None:
    uv.does(interrupt=True)

    process = alone()
    _, stderr = process.communicate()

    assert process.returncode != 0
    assert "KeyboardInterrupt" in stderr
    assert list(cache.iterdir()) == []


def test_what_a_killed_fetch_left_is_swept_a_day_later(uv: FakeUv, cache: Path) -> None:
    old, recent = cache / "fetching-old", cache / "fetching-recent"
    for folder in (old, recent):
        (folder / "site").mkdir(parents=True)
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(old, (two_days_ago, two_days_ago))

    fetched = fetch(["cubes==1.0"], V311)

    assert sorted(cache.iterdir()) == sorted([fetched, recent])
    assert uv.asked


# The forms that uv 0.13, 0.8 and 0.5 give to their complaints, and others.
_COMPLAINTS = {
    """
    Using CPython 3.11.7 interpreter at: /usr/bin/python3
    error: No solution found when resolving dependencies
      cause: Because there is no version of cubes==1.0 and you require
        cubes==1.0, we can conclude that it is so.

    hint: Wheels are required for `cubes` because building is disabled
    """: (
        "No solution found when resolving dependencies: Because there is no version "
        "of cubes==1.0 and you require cubes==1.0, we can conclude that it is so."
    ),
    """
    \u00d7 No solution found when resolving dependencies:
    \u2570\u2500\u25b6 Because cubes was not found and you require
        cubes==1.0, we can conclude that it is so.
        hint: Packages were unavailable because the network was disabled.
    """: (
        "No solution found when resolving dependencies: Because cubes was not found "
        "and you require cubes==1.0, we can conclude that it is so."
    ),
    """
    error: Request failed after 3 retries
      Caused by: Failed to fetch: https://example.org/cubes/
      Caused by: error sending request for url (https://example.org/cubes/)
      Caused by: client error (Connect)
      Caused by: Connection refused (os error 111)
    """: (
        "Request failed after 3 retries: Failed to fetch: https://example.org/cubes/: "
        "Connection refused (os error 111)"
    ),
    "thread 'main' panicked\nat \u2018x\u2019\n": "thread 'main' panicked at ?x?",
    "": "it gave no reason",
}


@pytest.mark.parametrize(
    ("stderr", "reason"),
    _COMPLAINTS.items(),
    ids=["uv-0.13", "uv-0.5", "uv-0.8-no-network", "unknown", "silent"],
)
@pytest.mark.parametrize("requirement", ["cubes==1.0", "cubes>=1"])
def test_failure_is_one_line(
    uv: FakeUv, requirement: str, stderr: str, reason: str
) -> None:
    uv.does(code=1, stderr=textwrap.dedent(stderr))

    with pytest.raises(FetchError) as caught:
        fetch([requirement, "spheres==2"], V311)

    assert str(caught.value) == (
        f"{requirement}, spheres==2: no Windows wheels fetched: {reason}"
    )


@pytest.mark.parametrize("resolved", ["", "cubes==1.0"])
def test_nothing_required_on_windows(uv: FakeUv, cache: Path, resolved: str) -> None:
    uv.does(resolved=resolved, installs=False)
    requirement = "cubes; sys_platform == 'linux'"

    with pytest.raises(FetchError) as caught:
        fetch([requirement], V311)

    assert str(caught.value) == (
        f"{requirement}: no Windows wheels fetched: nothing is required on Windows"
    )
    assert list(cache.iterdir()) == []


def test_cache_that_cannot_be_made(uv: FakeUv, cache: Path) -> None:
    cache.write_text("a file", "ascii")

    with pytest.raises(FetchError) as caught:
        fetch(["cubes==1.0"], V311)

    assert str(caught.value).startswith(f"{cache}: ")
    assert "\n" not in str(caught.value)
    assert uv.asked == []


def test_uv_draws_on_a_terminal(uv: FakeUv) -> None:
    if sys.platform == "win32":
        pytest.skip("Python makes no pseudo-terminals here")
    uv.does(code=1, stderr="error: drawn by uv\n")
    ours, theirs = os.openpty()

    process = alone(stderr=theirs)
    process.communicate()
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        said = b"".join(_until_hangup(terminal)).decode()

    assert said.startswith("error: drawn by uv")
    assert "cubes==1.0: no Windows wheels fetched: uv says why above" in said


def _until_hangup(terminal: Any) -> Iterator[bytes]:
    while True:
        try:
            block: bytes = terminal.read1(4096)
        except OSError:
            # Linux' way to say that nobody writes to it any more.
            return
        if not block:
            return
        yield block


# The real thing.


@pytest.mark.usefixtures("cache")
@pytest.mark.skipif(not importlib.util.find_spec("uv"), reason="uv is not installed")
@pytest.mark.parametrize(
    ("requirement", "machine", "file"),
    [
        ("markupsafe==3.0.2", X64, "_speedups.cp311-win_amd64.pyd"),
        ("markupsafe>=3,<3.0.3", X86, "_speedups.cp311-win32.pyd"),
    ],
    ids=["pinned-x64", "range-x86"],
)
def test_real_uv_fetches_windows_wheels(
    requirement: str, machine: int, file: str
) -> None:
    try:
        folder = fetch([requirement], V311, machine)
    except FetchError as error:
        if "Failed to fetch" in str(error):
            pytest.skip(f"the package index cannot be reached: {error}")
        raise

    assert (folder / "markupsafe" / file).is_file()
    assert (folder / "MarkupSafe-3.0.2.dist-info" / "RECORD").is_file()
    assert not (folder / ".lock").exists()


@pytest.mark.usefixtures("cache")
@pytest.mark.skipif(not importlib.util.find_spec("uv"), reason="uv is not installed")
def test_real_uv_fails_in_words_that_are_understood() -> None:
    with pytest.raises(FetchError) as caught:
        fetch(["markupsafe==0.0.99"], V311)

    said = str(caught.value)
    if "Failed to fetch" in said:
        pytest.skip(f"the package index cannot be reached: {said}")
    assert said.startswith("markupsafe==0.0.99: no Windows wheels fetched: No solution")
    assert "\n" not in said


# Requirement files.


def test_file_is_resolved_and_installed_with_its_options(
    uv: FakeUv, cache: Path, tmp_path: Path
) -> None:
    file = tmp_path / "My requirements.txt"
    resolved = "--index-url https://example.org/simple\n\ncubes==1.0\nspheres==2\n"
    uv.does(resolved=resolved)

    folder = fetch_file(str(file), V311, X86)

    resolve, install = uv.asked
    platform = ["--python-platform", "i686-pc-windows-msvc"]
    options = [*platform, "--only-binary", ":all:", "--python-version", "3.11"]
    assert resolve["args"] == [
        *["pip", "compile", str(file), "--no-header", "--no-annotate"],
        *["--emit-index-url", "--emit-find-links", *options],
        *["--python", sys.executable],
    ]
    assert install["args"][:3] == ["pip", "install", "--target"]
    assert install["args"][4:] == [
        *[*options, "--no-deps", "-r", "-", "--python", sys.executable],
    ]
    assert install["given"] == resolved.strip()
    assert folder.name.startswith("my-requirements-cp311-")
    assert list(cache.iterdir()) == [folder]


def test_file_is_resolved_each_time_and_installed_once(
    uv: FakeUv, tmp_path: Path
) -> None:
    file = str(tmp_path / "requirements.txt")
    uv.does(resolved="cubes==1.0")
    first, again = fetch_file(file, V311), fetch_file(file, V311)
    uv.does(resolved="cubes==1.1")
    newer = fetch_file(file, V311)

    assert first == again != newer
    kinds = [asked["args"][1] for asked in uv.asked]
    assert kinds == ["compile", "install", "compile", "compile", "install"]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"code": 2, "stderr": "error: File not found: `x.txt`\n"}, "File not found: "),
        ({"resolved": ""}, "nothing is required on Windows"),
    ],
    ids=["absent", "nothing-in-it"],
)
def test_file_that_cannot_be_fetched(
    uv: FakeUv, cache: Path, wanted: dict[str, Any], reason: str
) -> None:
    uv.does(**wanted)

    with pytest.raises(FetchError) as caught:
        fetch_file("x.txt", V311)

    said = str(caught.value)
    assert said.startswith(f"x.txt: no Windows wheels fetched: {reason}")
    assert "\n" not in said
    assert not cache.exists() or list(cache.iterdir()) == []
