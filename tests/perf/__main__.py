"""Measure, and print the table. `--help` has the options."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench import BenchUnavailableError, cache_root

from . import _programs as programs
from ._clock import REPOSITORY, Task, instructions, measure, python_task
from ._places import (
    MORE,
    TORCHVISION,
    for_this_system,
    lay_out,
    native_files,
    part_of,
    popular,
    wheels,
)
from ._table import Row, ratio, table


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m tests.perf", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="of each task (7)")
    parser.add_argument(
        "--only", default="abcd", metavar="LETTERS", help="parts of the table (abcd)"
    )
    options = parser.parse_args(argv)
    cache = cache_root()
    cache.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        for letter, part in _PARTS.items():
            if letter in options.only:
                try:
                    rows += part(Path(folder), options.rounds)
                except BenchUnavailableError as error:
                    print(f"({letter}) not measured: {error}", file=sys.stderr)
    print(f"{platform.system()}, CPython {platform.python_version()}, ", end="")
    print(f"{os.cpu_count()} processors, {options.rounds} rounds\n")
    print(table(rows))
    return 0 if all(row.met for row in rows) else 1


def _imports(folder: Path, rounds: int) -> list[Row]:
    """Measure (a): what `import dllguard` costs where nothing is wrong."""
    empty = python_task("python -c pass", programs.PASS, repeats=5)
    json_ = python_task("import json", programs.IMPORT_JSON, repeats=5)
    ours = python_task("import dllguard", programs.IMPORT_DLLGUARD, repeats=5)
    measure((empty, json_, ours), rounds, str(folder / "bytecode"))
    spent = ours.processor - empty.processor
    theirs = json_.processor - empty.processor
    return [Row("(a)", "import dllguard", "import json", spent / theirs, 1.0)]


def _start_up(folder: Path, rounds: int) -> list[Row]:
    """Measure (b): a start-up of several hundred modules, with the hook and without."""
    site = for_this_system()
    bare = python_task("without", programs.START_UP, "bare", site)
    hooked = python_task("with", programs.START_UP, "hook", site)
    measure((bare, hooked), 3 * rounds, str(folder / "bytecode"))
    name = "scipy.stats and pandas with the hook"
    timed = ratio(hooked, bare, "processor")
    if not shutil.which("valgrind"):
        print("(b) valgrind is not installed: timed alone", file=sys.stderr)
        return [Row("(b)", name, "without", timed, 1.01)]
    # A hash is another number each time, and with it the work of a dictionary.
    more, fewer = [
        statistics.median(instructions(task, str(folder / "bytecode")) for _ in "123")
        for task in (hooked, bare)
    ]
    return [
        Row("(b)", f"{name}, instructions", "without", more / fewer, 1.01),
        Row("", "processor time", "without", timed),
    ]


def _torchvision(folder: Path, rounds: int) -> list[Row]:
    """Measure (c): the start-up check of torchvision."""
    place = lay_out(folder / "torchvision", TORCHVISION)
    python, windows = str(place / "python"), str(place / "windows")
    host = ["--python", python, "--windows", windows]
    files = _judged(python, windows, folder)
    made = wheels(place, ("torch", "torchvision", "numpy", "pillow"), folder / "wheels")
    search = os.pathsep.join(
        (f"{python}/Lib/site-packages/torch/lib", f"{windows}/System32", python)
    )
    readobj = shutil.which("llvm-readobj")
    bare = python_task("import pefile, packaging.version", programs.IMPORT_BARE)
    check = python_task("dllguard check", programs.CHECK, "torchvision", *host)
    quick = python_task(
        "dllguard check --no-symbols",
        programs.CHECK,
        "torchvision",
        "--no-symbols",
        *host,
    )
    arguments = "torchvision", python, windows
    names = python_task("names", programs.PREFLIGHT, *arguments, "names", "5")
    symbols = python_task("symbols", programs.PREFLIGHT, *arguments, "all", "5")
    pefile = python_task("pefile, names", programs.PEFILE_WALK, files, "names", "3")
    pefile_all = python_task("pefile", programs.PEFILE_WALK, files, "all", "1")
    lief = python_task("LIEF, names", programs.LIEF_WALK, files, "names", "3")
    lief_all = python_task("LIEF", programs.LIEF_WALK, files, "all", "3")
    show = [sys.executable, "-I", "-m", "delvewheel", "show", *made]
    delvewheel = Task("delvewheel show", [*show, "--add-path", search])
    command = [readobj or "", "--coff-imports", "--coff-exports"]
    llvm = Task("llvm-readobj", [*command, *Path(files).read_text("utf-8").split("\n")])
    peers = [pefile_all, lief_all, *([llvm] if readobj else [])]
    tasks = [bare, check, quick, names, symbols, pefile, lief, delvewheel, *peers]
    measure(tasks, rounds, str(folder / "bytecode"))
    if not readobj:
        print("(c) llvm-readobj is not installed: left out", file=sys.stderr)
    fastest = min(peers, key=lambda task: task.wall)
    peak = max(check.memory, symbols.memory)
    return [
        Row("(c)", "names, warm", "delvewheel show", ratio(names, delvewheel), 0.1),
        Row("", "names, warm", pefile.name, ratio(names, pefile), 1.0),
        Row("", "names, warm", lief.name, ratio(names, lief)),
        Row("", "with symbols, warm", fastest.name, ratio(symbols, fastest), 0.2),
        *(
            Row("", "with symbols, warm", peer.name, ratio(symbols, peer))
            for peer in peers
            if peer is not fastest
        ),
        Row("", "dllguard check", bare.name, ratio(check, bare, "processor"), 3.0),
        Row("", "with --no-symbols", bare.name, ratio(quick, bare, "processor")),
        Row("", "peak memory", "MB", peak, 80.0),
    ]


def _whole(folder: Path, rounds: int) -> list[Row]:
    """Measure (d): a whole environment, with symbols, on two processors."""
    place = lay_out(folder / "whole", (*popular(), *MORE))
    count = len(native_files(place / "python"))
    small = part_of(place, folder / "part", 100)
    fewer = len(native_files(small / "python"))
    listed = folder / "whole.txt"
    listed.write_text("\n".join(native_files(place / "python")), "utf-8")
    tasks = [
        python_task(f"{n} files", programs.WHOLE, f"{p}/python", f"{p}/windows", "2")
        for n, p in ((count, place), (fewer, small))
    ]
    pefile = python_task(
        "a pefile loop, names", programs.PEFILE_WALK, str(listed), "names", "1"
    )
    measure((*tasks, pefile), max(1, rounds // 2), str(folder / "bytecode"))
    every, part = tasks
    growth = every.wall / part.wall / (count / fewer)
    memory = every.memory / part.memory / (count / fewer)
    return [
        Row("(d)", f"{count} files, symbols", pefile.name, ratio(every, pefile), 1.0),
        Row("", "peak memory", "MB", every.memory, 250.0),
        Row("", f"time a file, against {fewer} files", "", growth, 1.2),
        Row("", f"memory a file, against {fewer} files", "", memory, 1.0),
    ]


def _judged(python: str, windows: str, folder: Path) -> str:
    """Return a file that lists what a judgement of torchvision reads."""
    task = python_task("judged", programs.JUDGED, python, windows, "torchvision")
    answer = subprocess.run(
        task.command, capture_output=True, check=True, cwd=REPOSITORY
    )
    listed = folder / "judged.txt"
    found = [path for path in json.loads(answer.stdout) if os.path.isfile(path)]
    listed.write_text("\n".join(found), "utf-8")
    return str(listed)


_PARTS = {"a": _imports, "b": _start_up, "c": _torchvision, "d": _whole}

if __name__ == "__main__":
    sys.exit(main())
