"""Many targets in several processes: the same results, and no process left behind."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import dllguard
from dllguard._hosts._offline import built_in_host
from dllguard._judge import Rules, TargetError
from dllguard._targets import _processes, _scan, _worker
from dllguard._targets._scan import scan
from dllguard._targets._selection import Selection
from dllguard._targets._survey import survey
from dllguard._targets._whole import everything
from tests.trees import Tree

REPOSITORY = Path(dllguard.__file__).parent.parent
_LINE = os.linesep.encode()
NAMES = [f"shapes{number}" for number in range(12)]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine with distributions, each other one broken."""
    tree = Tree(tmp_path / "C")
    for number, name in enumerate(NAMES):
        lacking = ["MSVCP140.dll", f"gone{number}.dll"] if number % 2 else []
        files = {f"{name}/_core.pyd": tree.pe(*lacking), f"{name}/__init__.py": b""}
        requires = [NAMES[number - 1]] if number % 3 else []
        tree.install(name, "1.0", files, requires=requires)
    return tree


@pytest.fixture
def in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no other process be started."""

    def command() -> list[str]:
        raise AssertionError("a process was started")

    monkeypatch.setattr(_processes, "command", command)


# The same, however many do it.


@pytest.mark.parametrize("processes", [2, 3])
def test_as_if_one_did_it_all(tree: Tree, processes: int) -> None:
    alone = scan(tree.host(), NAMES, processes=1)

    shared = scan(tree.host(), NAMES, processes=processes)

    assert [result.name for result in shared] == NAMES
    assert shared == alone
    assert {result.ok for result in shared} == {True, False}


def test_others_do_it(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_scan, "judge", None)

    assert len(scan(tree.host(), NAMES, processes=2)) == len(NAMES)


def test_whole_environment_as_if_one_did_it_all(tree: Tree) -> None:
    tree.write(tree.site / "left" / "_a.pyd", imports={"gone.dll": ["f"]})
    host = tree.host()
    selection = Selection(host, whole=everything(host.environment))

    alone, shared = (survey(selection, processes=count) for count in (1, 2))

    assert shared == alone
    assert shared.to_dict() == alone.to_dict()
    assert str(shared) == str(alone)


def test_rules_are_told(tree: Tree) -> None:
    folder = tree.site / "added"
    source = f"import os\nos.add_dll_directory({str(folder)!r})\n"
    files = {"cubes/__init__.py": source.encode(), "cubes/_core.pyd": tree.pe("a.dll")}
    tree.install("cubes", "1.0", files)
    tree.write(folder / "a.dll")
    targets = ["cubes", *NAMES]

    with_added = scan(tree.host(), targets, processes=2)
    without = scan(tree.host(), targets, Rules(package_folders=False), processes=2)

    assert (with_added[0].ok, without[0].ok) == (True, False)


@pytest.mark.parametrize("kind", ["offline", "built-in", "with-wheels"])
def test_host_pickles(tree: Tree, tmp_path: Path, kind: str) -> None:
    from dllguard._targets._installed import with_prefix

    host = tree.host() if kind == "offline" else built_in_host((), (3, 11))
    if kind == "with-wheels":
        (tmp_path / "P" / "Lib" / "site-packages").mkdir(parents=True)
        (tmp_path / "P" / "beside.dll").touch()
        host = with_prefix(host, str(tmp_path / "P"))

    again = pickle.loads(pickle.dumps(host))

    assert again.environment == host.environment
    assert again.process.loaded == host.process.loaded
    folder = host.process.application
    names = again.process.disk.names(folder)
    assert names == host.process.disk.names(folder)
    assert ("beside.dll" in names) == (kind == "with-wheels")


def test_each_is_announced(tree: Tree) -> None:
    for processes in (1, 2):
        begun: list[str] = []
        scan(tree.host(), NAMES, begin=begun.append, processes=processes)
        assert begun == [f"{n} ({i} of 12)" for i, n in enumerate(NAMES, 1)]


@pytest.mark.usefixtures("in_vain")
def test_few_are_judged_here(tree: Tree) -> None:
    begun: list[str] = []

    results = scan(tree.host(), NAMES[:1], begin=begun.append)

    assert [result.ok for result in results] == [True]
    assert begun == ["shapes0"]
    assert scan(tree.host(), []) == ()


@pytest.mark.usefixtures("in_vain")
def test_frozen_program_starts_no_other(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)

    assert len(scan(tree.host(), NAMES, processes=2)) == len(NAMES)


# What goes wrong.


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(3)",
        "import os; os.read(0, 1 << 20); os._exit(3)",
        "import os; os.read(0, 1 << 20); os.write(1, b'no pickle'); os.read(0, 1)",
        "import pickle; pickle.dump('no result', __import__('sys').stdout.buffer)",
    ],
    ids=["ends-at-once", "ends-when-asked", "answers-with-noise", "answers-other"],
)
def test_others_that_fail_are_made_up_for(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(_processes, "command", lambda: [sys.executable, "-c", code])

    assert scan(tree.host(), NAMES, processes=2) == scan(
        tree.host(), NAMES, processes=1
    )


def test_no_process_can_be_started(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_processes, "command", lambda: [str(tree.root / "absent")])

    results = scan(tree.host(), NAMES, processes=2)

    assert [result.name for result in results] == NAMES


def test_target_that_is_none(tree: Tree) -> None:
    (tree.root / "empty").mkdir()
    targets = [*NAMES, str(tree.root / "empty")]

    with pytest.raises(TargetError, match=r"holds no \.pyd or \.dll file"):
        scan(tree.host(), targets, processes=2)


# How it ends.


def _is_running(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"


_SCAN = """
import sys, time
from pathlib import Path
from dllguard._targets import _processes, _scan
from dllguard._hosts._offline import offline_host
started = _processes._started
def note():
    child = started()
    with open(sys.argv[1], "a") as file:
        file.write(f"{child.pid}\\n")
    return child
_processes._started = note
waiting = "import sys; sys.stdin.buffer.read()"
_processes.command = lambda: [sys.executable, "-c", waiting]
try:
    _scan.scan(offline_host(sys.argv[2]), ["a"] * 50, processes=2)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="reads /proc")
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_no_process_is_left(tree: Tree, name: str) -> None:
    how = signal.Signals[name]
    log = tree.root / "started"
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_SCAN), log, tree.python],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        children = log.read_text("ascii").split() if log.exists() else []
        if len(children) == 2:
            break
        time.sleep(0.02)
    assert all(_is_running(int(child)) for child in children)
    time.sleep(0.3)

    process.send_signal(how)
    try:
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()

    assert process.returncode == (130 if how is signal.SIGINT else -how)
    assert said == ""
    while time.monotonic() < until and any(_is_running(int(c)) for c in children):
        time.sleep(0.02)
    assert not [child for child in children if _is_running(int(child))]


def test_worker_ends_with_its_input(tree: Tree) -> None:
    start = pickle.dumps((tree.host(), Rules()))
    asked = start + pickle.dumps("shapes0") + pickle.dumps("shapes1")

    done = subprocess.run(
        _worker.command(), input=asked, capture_output=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, b"")
    first = pickle.loads(done.stdout)
    assert first.name == "shapes0"
    assert first.ok


def test_what_is_printed_is_no_answer(tree: Tree) -> None:
    code = _worker.command()[-1].replace(
        "serve()",
        "import dllguard._targets._worker as w; judge = w.judge; "
        "w.judge = lambda *args: (print('no', flush=True), judge(*args))[1]; serve()",
    )
    start = pickle.dumps((tree.host(), Rules())) + pickle.dumps("shapes0")

    done = subprocess.run(
        [sys.executable, "-c", code], input=start, capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"no" + _LINE)
    assert pickle.loads(done.stdout).name == "shapes0"
