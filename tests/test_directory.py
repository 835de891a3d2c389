"""The recorder of `os.add_dll_directory`; Wine says that it is Windows 7."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from typing import Any

import pytest

from dllguard import _directory
from tests.bench import Bench, BenchFactory


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python without packages, that no test here alters."""
    return bench_factory()


def ask(bench: Bench, code: str) -> Any:
    """Run code that leaves its answer in `told`, with two folders to add."""
    head = "import json, os, sys\nfirst, second = sys.argv[1:]\n"
    head += "from dllguard._directory import recorded, start\n"
    code = f"{head}{textwrap.dedent(code)}\nprint(json.dumps(told))"
    folders = [bench.windows_path(bench.python_dir / n) for n in ("DLLs", "Lib")]
    # Or the import of dllguard would begin to record before.
    done = bench.run_code(code, *folders, env={"DLLGUARD": "off"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.bench
def test_what_is_added_and_closed(bench: Bench) -> None:
    told = ask(
        bench,
        """
        from pathlib import Path
        from dllguard._hosts._win32 import added_folders
        told = []
        def compare():
            told.append(list(recorded()) == list(added_folders()))
            told.append([("first", "second")[f == second] for f in recorded()])
        compare()
        stop = start()
        one = os.add_dll_directory(first)
        compare()
        with os.add_dll_directory(Path(second)):
            compare()
        compare()
        two = os.add_dll_directory(path=second)
        one.close()
        compare()
        stop()
        three = os.add_dll_directory(first)  # no more
        told.append(recorded() == (second,))
        two.close()
        told.append(recorded() == ())
        """,
    )

    assert told == [
        *(True, []),
        *(True, ["first"]),
        *(True, ["second", "first"]),
        *(True, ["first"]),
        *(True, ["second"]),
        *(True, True),
    ]


@pytest.mark.bench
def test_nobody_can_tell_that_it_is_there(bench: Bench) -> None:
    told = ask(
        bench,
        """
        import inspect
        def look():
            function = os.add_dll_directory
            handle = function(first)
            told = [
                repr(type(handle)), repr(handle), handle.path == first,
                function.__name__, function.__qualname__, function.__module__,
                function.__doc__, str(inspect.signature(function)),
                handle.close(), repr(handle), handle.path,
            ]
            for wrong in ("relative", first + r"\\absent", None):
                try:
                    function(wrong)
                except Exception as error:
                    told += [type(error).__name__, str(error)]
            try:
                handle.close()
            except Exception as error:
                told += [type(error).__name__, str(error)]
            try:
                with function(first):
                    raise KeyError("inside")
            except KeyError as error:
                told.append(str(error))
            return told
        original = os.add_dll_directory
        before = look()
        stop = start()
        during = look()
        wrapped = os.add_dll_directory is not original
        nothing_left = recorded() == ()
        stop()
        told = [before, during, wrapped, nothing_left,
                os.add_dll_directory is original]
        """,
    )

    before, during, *rest = told
    assert len(before) >= 18
    assert during == before
    assert rest == [True, True, True]


@pytest.mark.bench
def test_what_others_put_in_place_afterwards_stays(bench: Bench) -> None:
    told = ask(
        bench,
        """
        stop = start()
        others = os.add_dll_directory = lambda path: None
        stop()
        told = os.add_dll_directory is others
        """,
    )

    assert told is True


@pytest.mark.bench
def test_nothing_is_recorded_where_windows_tells(bench: Bench) -> None:
    told = ask(
        bench,
        """
        original = os.add_dll_directory
        sys.getwindowsversion = lambda: (6, 2, 9200, 2, "")
        told = [start(), os.add_dll_directory is original]
        """,
    )

    assert told == [None, True]


@pytest.mark.skipif(sys.platform == "win32", reason="it may have something to do there")
def test_nothing_is_recorded_elsewhere() -> None:
    assert _directory.start() is None
    assert not hasattr(os, "add_dll_directory")
    assert _directory.recorded() == ()
