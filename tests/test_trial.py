"""Loads repeated in child processes: the loader under Wine says how they end."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dllguard._hosts import _trial
from dllguard._hosts._trial import TrialUnavailableError, try_load
from tests.bench import Bench, BenchFactory
from tests.pebuilder import X86, build_pe, write_pe

RETURN_TRUE = b"\xb8\1\0\0\0\xc3"
READ_ADDRESS_0 = b"\x31\xc0\x8b\0\xc3"
JUMP_TO_ITSELF = b"\xeb\xfe"
# "__fastfail": no handler of exceptions sees it.
FAST_FAIL = b"\xcd\x29"

TRY = """
    import json, sys, time
    from dataclasses import asdict
    from dllguard._hosts._trial import own_python, try_load
    paths, options = json.loads(sys.argv[1])
    began = time.monotonic()
    trials = try_load(paths, python=own_python(), **options)
    took = time.monotonic() - began
    print(json.dumps([took, [asdict(trial) for trial in trials]]))
"""


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python without packages, that no test here alters."""
    return bench_factory()


def tried(
    bench: Bench, *files: Path | str, **options: Any
) -> tuple[float, list[dict[str, Any]]]:
    paths = [f if isinstance(f, str) else bench.windows_path(f) for f in files]
    code = textwrap.dedent(TRY)
    done = bench.run_code(code, json.dumps([paths, options]), timeout=120)
    assert done.returncode == 0, done.stderr
    took, trials = json.loads(done.stdout)
    assert [trial["path"] for trial in trials] == paths
    return took, trials


def names(paths: list[str]) -> list[str]:
    return [path.rpartition("\\")[2].lower() for path in paths]


def with_start_up(path: Path, machine_code: bytes) -> Path:
    """Write a DLL whose entry point is this code, of six bytes or fewer."""
    image = build_pe(name=path.name, exports=["f"], dll_main_result=True)
    assert image.count(RETURN_TRUE) == 1
    assert len(machine_code) <= len(RETURN_TRUE)
    machine_code = machine_code.ljust(len(RETURN_TRUE), b"\xcc")
    path.write_bytes(image.replace(RETURN_TRUE, machine_code))
    return path


@pytest.mark.bench
@pytest.mark.parametrize(
    ("build", "expected"),
    [
        pytest.param({"exports": ["f"]}, {"code": 0}, id="healthy"),
        pytest.param({"imports": {"gone.dll": ["f"]}}, {"code": 126}, id="missing"),
        pytest.param({"dll_main_result": False}, {"code": 1114}, id="refuses"),
        pytest.param({"machine": X86}, {"code": 193}, id="other-machine"),
    ],
)
def test_code_is_that_of_the_loader(
    bench: Bench, tmp_path: Path, build: Mapping[str, Any], expected: dict[str, int]
) -> None:
    file = write_pe(tmp_path / "one.dll", **build)

    _, [trial] = tried(bench, file)

    assert trial["code"] == expected["code"]
    assert (trial["crashed"], trial["timed_out"]) == (None, False)
    brought = ["one.dll"] if expected["code"] == 0 else []
    assert names(trial["modules"]) == brought


@pytest.mark.bench
def test_crash_and_hang_end_the_child_alone(bench: Bench, tmp_path: Path) -> None:
    files = [
        with_start_up(tmp_path / "violation.dll", READ_ADDRESS_0),
        with_start_up(tmp_path / "crash.dll", FAST_FAIL),
        with_start_up(tmp_path / "hang.dll", JUMP_TO_ITSELF),
        with_start_up(tmp_path / "fine.dll", RETURN_TRUE),
    ]

    took, trials = tried(bench, *files, timeout=5.0)

    assert [(t["code"], t["crashed"], t["timed_out"]) for t in trials] == [
        (998, None, False),
        (-1, 0xC0000409, False),
        (-1, None, True),
        (0, None, False),
    ]
    assert 5 <= took < 60


@pytest.mark.bench
def test_crash_of_an_earlier_file_is_told(bench: Bench, tmp_path: Path) -> None:
    crash = with_start_up(tmp_path / "crash.dll", FAST_FAIL)
    fine = write_pe(tmp_path / "fine.dll", exports=["f"])

    _, [trial] = tried(bench, fine, first=[bench.windows_path(crash)])

    assert (trial["code"], trial["crashed"]) == (-1, 0xC0000409)


@pytest.mark.bench
def test_long_path_with_spaces_and_letters(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "Program Files (x86)" / "Größe 漢字 é"
    folder /= "x" * (200 - len(str(folder)))
    folder.mkdir(parents=True)
    write_pe(folder / "plain.dll", exports=["f"])
    file = write_pe(folder / "mit Leerzeichen ä.dll", imports={"plain.dll": ["f"]})

    _, [trial] = tried(bench, file)

    assert trial["code"] == 0
    assert sorted(trial["modules"]) == [
        bench.windows_path(file),
        bench.windows_path(folder / "plain.dll"),
    ]


@pytest.mark.bench
def test_folders_are_searched_in_the_order_given(bench: Bench, tmp_path: Path) -> None:
    needs = write_pe(tmp_path / "needs.dll", imports={"two.dll": ["f"]})
    newest, oldest, set_directory = (tmp_path / n for n in ("new", "old", "set"))
    folders = [bench.windows_path(f) for f in (newest, oldest, set_directory)]

    for folder, where in [
        (None, None),
        (set_directory, 2),
        (oldest, 1),
        (newest, 0),
    ]:
        if folder is not None:
            folder.mkdir()
            write_pe(folder / "two.dll", exports=["f"])
        # A folder that is not there is no obstacle.
        _, [trial] = tried(bench, needs, added=folders[:2], set_directory=folders[2])
        if where is None:
            assert trial["code"] == 126
        else:
            assert trial["code"] == 0
            assert folders[where] + r"\two.dll" in trial["modules"]


@pytest.mark.bench
def test_path_is_searched_without_flags_alone(bench: Bench, tmp_path: Path) -> None:
    needs = write_pe(tmp_path / "needs.dll", imports={"two.dll": ["f"]})
    (tmp_path / "on_path").mkdir()
    write_pe(tmp_path / "on_path" / "two.dll", exports=["f"])
    path = [bench.windows_path(tmp_path / "on_path")]

    codes = [tried(bench, needs, path=path, flags=f)[1][0]["code"] for f in (0x1100, 0)]

    assert codes == [126, 0]


@pytest.mark.bench
def test_what_is_loaded_first_answers_for_its_name(
    bench: Bench, tmp_path: Path
) -> None:
    needs = write_pe(tmp_path / "needs.dll", imports={"two.dll": ["f"]})
    (tmp_path / "apart").mkdir()
    two = write_pe(tmp_path / "apart" / "two.dll", exports=["f"])

    _, [trial] = tried(bench, needs, first=[bench.windows_path(two)])

    assert trial["code"] == 0
    assert names(trial["modules"]) == ["needs.dll"]


@pytest.mark.bench
def test_each_file_has_a_child_of_its_own(bench: Bench, tmp_path: Path) -> None:
    """Else the second would find the first loaded."""
    files = []
    for number in range(7):
        (tmp_path / str(number)).mkdir()
        write_pe(tmp_path / str(number) / "one.dll", exports=["f"])
        file = tmp_path / str(number) / "needs.dll"
        files.append(write_pe(file, imports={"one.dll": ["f"]}))

    _, trials = tried(bench, *files)

    for file, trial in zip(files, trials, strict=True):
        folder = bench.windows_path(file.parent)
        assert sorted(trial["modules"]) == [
            rf"{folder}\needs.dll",
            rf"{folder}\one.dll",
        ]


@pytest.mark.bench
def test_interruption_ends_the_children(bench: Bench, tmp_path: Path) -> None:
    hang = bench.windows_path(with_start_up(tmp_path / "hang.dll", JUMP_TO_ITSELF))
    code = """
        import _thread, json, subprocess, sys, threading
        from dllguard._hosts import _trial
        started = []
        class Popen(subprocess.Popen):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                started.append(self)
        subprocess.Popen = Popen
        threading.Timer(1.0, _thread.interrupt_main).start()
        try:
            _trial.try_load([sys.argv[1]] * 3, python=_trial.own_python())
        except KeyboardInterrupt:
            print(json.dumps([child.poll() is None for child in started]))
    """

    done = bench.run_code(textwrap.dedent(code), hang, timeout=60)

    assert done.returncode == 0, done.stderr
    running = json.loads(done.stdout)
    assert running
    assert not any(running)


def test_no_python_is_refused() -> None:
    with pytest.raises(TrialUnavailableError, match=r"^game\.exe is no Python"):
        try_load([r"C:\x.dll"], python=r"C:\Games\game.exe")


def test_absent_python_is_refused(tmp_path: Path) -> None:
    python = str(tmp_path / "python.exe")

    with pytest.raises(TrialUnavailableError, match="could not be started"):
        try_load([r"C:\x.dll"], python=python)


@pytest.mark.skipif(sys.platform == "win32", reason="a trial is possible there")
def test_python_of_another_system_is_refused() -> None:
    with pytest.raises(TrialUnavailableError, match=r"before the load \(exit code 1\)"):
        try_load([r"C:\x.dll"], python=sys.executable)


def test_nothing_is_tried_without_files(tmp_path: Path) -> None:
    assert try_load([], python=str(tmp_path / "python.exe")) == ()


def test_frozen_program_has_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", r"C:\Games\game.exe")

    with pytest.raises(TrialUnavailableError, match=r"^game\.exe is a frozen program"):
        _trial.own_python()
