"""What makes it fast, as far as it does not hang on the machine; and the benchmark."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

import dllguard
from dllguard._files import _pe
from dllguard._files._layout import Layout
from dllguard._hosts._host import Host
from dllguard._judge import Rules, judge
from dllguard._packages import _metadata
from tests.pebuilder import build_pe
from tests.perf import _programs as programs
from tests.perf import _table
from tests.perf._clock import Sample, Task, instructions, measure, python_task
from tests.trees import Tree

REPOSITORY = Path(dllguard.__file__).parent.parent

# Of a healthy target, none of them has anything to do.
NEEDLESS = (
    "csv ctypes email importlib.metadata json logging pathlib pefile platform random "
    "socket subprocess tempfile urllib xml zipfile "
    "difflib hashlib lzma pickle shutil threading "
    "packaging.requirements packaging.specifiers "
    "dllguard._causes._missing dllguard._causes._exports dllguard._causes._pairs "
    "dllguard._causes._owners dllguard._causes._openmp dllguard._causes._runtime_age "
    "dllguard._packages._source dllguard._packages._conda dllguard._remedies._cures "
    "dllguard._fetch dllguard._help dllguard._hosts._trial dllguard._targets._archive "
    "dllguard._targets._processes dllguard._targets._unpacked dllguard._targets._whole"
).split()


@pytest.fixture
def healthy(tmp_path: Path) -> Tree:
    """Return a machine with a package of some files, as wheels are."""
    tree = Tree(tmp_path / "C", redistributable=(14, 44, 35211, 0))
    files = {f"shapes/_m{i}.pyd": tree.pe("core.dll", "KERNEL32.dll") for i in range(5)}
    files["shapes.libs/core.dll"] = tree.pe("VCRUNTIME140.dll", "MSVCP140.dll")
    files["shapes/__init__.py"] = b"""# start delvewheel patch
def _delvewheel_patch_1_11_2():
    import os
    if os.path.isdir(libs_dir := os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir, 'shapes.libs'))):
        os.add_dll_directory(libs_dir)


_delvewheel_patch_1_11_2()
del _delvewheel_patch_1_11_2
# end delvewheel patch
"""  # noqa: E501
    requires = [
        "base>=1",
        "more; extra == 'all'",
        "tools ; python_version >= '3.12'",
        "older<2 ; python_version < '3.12'",
    ]
    tree.install("shapes", "1.0", files, requires=requires)
    tree.install("base", "1.0", {"base/_b.pyd": tree.pe("KERNEL32.dll")})
    return tree


def counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Counter[str]:
    """Count the calls of a function by the text of their last argument."""
    calls: Counter[str] = Counter()
    original: Callable[..., Any] = getattr(owner, name)

    def call(*args: Any, **named: Any) -> Any:
        calls[str(args[-1])] += 1
        return original(*args, **named)

    monkeypatch.setattr(owner, name, call)
    return calls


def judged(host: Host) -> None:
    result = judge(host, "shapes")
    assert result.ok
    assert len(result.files) == 6
    assert not result.diagnoses


def test_each_image_is_parsed_once(
    healthy: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = healthy.host()
    parsed: Counter[str] = Counter()
    opened: list[str] = []
    mapped, parse = _pe.mapped, Layout.__init__

    def map_(path: str) -> AbstractContextManager[Any]:
        opened.append(path)
        return mapped(path)

    def init(layout: Layout, data: Any) -> None:
        parsed[opened[-1]] += 1
        parse(layout, data)

    monkeypatch.setattr(_pe, "mapped", map_)
    monkeypatch.setattr(Layout, "__init__", init)
    judged(host)
    assert len(parsed) >= 7
    assert set(parsed.values()) == {1}


def test_each_folder_is_listed_once(
    healthy: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = healthy.host()
    listed = counted(monkeypatch, type(host.process.disk), "_list")
    judged(host)
    assert listed
    assert set(listed.values()) == {1}


def test_metadata_is_read_once(healthy: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    host = healthy.host()
    read: Counter[str] = Counter()
    original = _metadata.Installed._read

    def call(found: _metadata.Installed, name: str) -> str | None:
        read[f"{found.path}/{name}"] += 1
        return original(found, name)

    monkeypatch.setattr(_metadata.Installed, "_read", call)
    judged(host)
    judge(host, "base")
    records = {path: n for path, n in read.items() if path.endswith("/METADATA")}
    assert len(records) == 2
    assert set(records.values()) == {1}


def test_maps_are_released(healthy: Tree) -> None:
    host = healthy.host()
    judged(host)
    opened = host.process.disk._files.values()
    files = [file for file in opened if isinstance(file, _pe.PeFile)]
    assert sum(file._layout is not None for file in files) >= 7
    assert all(file._layout.data == b"" for file in files if file._layout)
    if sys.platform == "linux":
        maps = Path("/proc/self/maps").read_text("utf-8")
        assert str(healthy.root) not in maps


def test_what_a_healthy_target_does_without(healthy: Tree) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
import dllguard._cli
code = dllguard._cli.main(["check", "shapes", *sys.argv[1:]])
assert code == 0
print(*sys.modules)
"""
    options = ["--python", str(healthy.python), "--windows", str(healthy.windows)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "shapes: ok" in done.stdout
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded.intersection(NEEDLESS)


def test_odd_file_is_read_by_pefile_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = counted(monkeypatch, _pe, "_ask_pefile")
    usual = build_pe(exports=["f"])
    # One directory fewer than linkers write.
    odd = bytearray(usual)
    odd[64 + 24 + 108] = 15
    (tmp_path / "usual.dll").write_bytes(usual)
    (tmp_path / "odd.dll").write_bytes(odd)
    assert _pe.read_image(str(tmp_path / "usual.dll")) == _pe.read_image(
        str(tmp_path / "odd.dll")
    )
    assert asked.total() == 1


def test_without_pefile_the_own_reader_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = bytearray(build_pe())
    odd[64 + 24 + 108] = 15
    (tmp_path / "odd.dll").write_bytes(odd)
    expected = _pe.read_image(str(tmp_path / "odd.dll"))
    monkeypatch.setitem(sys.modules, "pefile", None)
    assert _pe.read_image(str(tmp_path / "odd.dll")) == expected


# The benchmark itself, on tiny input.


def test_benchmark_of_a_tiny_environment(healthy: Tree, tmp_path: Path) -> None:
    places = str(healthy.python), str(healthy.windows)
    task = python_task("judged", programs.JUDGED, *places, "shapes")
    answer = subprocess.run(task.command, capture_output=True, check=True)
    files = [path for path in json.loads(answer.stdout) if os.path.isfile(path)]
    listed = tmp_path / "files.txt"
    listed.write_text("\n".join(files), "utf-8")
    host = ["--python", places[0], "--windows", places[1]]
    tasks = [
        python_task("check", programs.CHECK, "shapes", *host),
        python_task("names", programs.PREFLIGHT, "shapes", *places, "names", "1"),
        python_task("symbols", programs.PREFLIGHT, "shapes", *places, "all", "1"),
        python_task("pefile", programs.PEFILE_WALK, str(listed), "all", "1"),
        python_task("whole", programs.WHOLE, *places, "2"),
    ]

    measure(tasks, 1, str(tmp_path / "bytecode"))

    assert len(files) >= 7
    assert all(len(task.samples) == 1 and task.wall > 0 for task in tasks)
    if sys.platform == "linux":
        assert all(5 < task.memory < 80 for task in tasks)


def test_task_that_fails_is_told(tmp_path: Path) -> None:
    task = python_task("broken", "raise SystemExit('words')")
    with pytest.raises(RuntimeError, match=r"broken ended with 1: words"):
        measure([task], 1, str(tmp_path))


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed")
def test_instructions_are_counted(tmp_path: Path) -> None:
    fewer, more = (
        instructions(python_task(code, code), str(tmp_path))
        for code in ("pass", "sum(range(1_000_000))")
    )
    assert fewer + 1_000_000 < more < 10 * fewer


def test_table() -> None:
    ours, theirs = Task("ours", ["x"]), Task("theirs", ["y"])
    ours.samples.extend(Sample(wall, 1.0) for wall in (1.0, 2.0, 9.0))
    theirs.samples.extend(Sample(wall, 4.0) for wall in (4.0, 4.0, 3.0))
    rows = [
        _table.Row("(a)", "ours", "theirs", _table.ratio(ours, theirs), 1.0),
        _table.Row("", "ours", "theirs", _table.ratio(theirs, ours, "processor"), 1.0),
        _table.Row("", "peak memory", "MB", 33.4),
    ]
    assert [row.met for row in rows] == [True, False, True]
    assert _table.table(rows).splitlines()[2:] == [
        "| (a) | ours | theirs | 0.5 | <= 1 |",
        "|  | ours | theirs | 4 (missed) | <= 1 |",
        "|  | peak memory | MB | 33 |  |",
    ]


@pytest.mark.parametrize("symbols", [None, False], ids=["symbols", "names"])
def test_one_disk_for_two_targets_gives_what_two_give(
    healthy: Tree, symbols: bool | None
) -> None:
    """What a load has asked of a search list is kept for the next one."""
    rules = Rules(symbols=symbols)
    host = healthy.host()
    together = [judge(host, name, rules) for name in ("shapes", "base", "shapes")]
    alone = [judge(healthy.host(), n, rules) for n in ("shapes", "base", "shapes")]
    assert together == alone
