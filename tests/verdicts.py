r"""dllguard's verdict on every native file of an environment beside the loader's own.

    python -m tests.verdicts REQUIREMENT...

installs the requirements on a bench, loads each of their `.pyd` and `.dll` files with
Wine's loader in a process of its own, and compares: the error code, and the path of
every module that came with the file. Once with no folder added, once with those that
the packages add. A difference is printed with both sides; the exit code is 1 then.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dllguard._environment import native_files
from dllguard._host import Host
from dllguard._judge import with_added
from dllguard._model import Load
from dllguard._offline import offline_host
from dllguard._paths import base_name
from dllguard._walk import walk
from tests.bench import Bench, make_bench
from tests.judge import Job, Judge, Ruling

PYTHON_DLL: Final = "python311.dll"

ERROR_MOD_NOT_FOUND: Final = 126
_NOT_FROM_FILES: Final = (998, 1114)


@dataclass(frozen=True)
class Verdict:
    """One file: what dllguard says, and what the loader did.

    :param package_folders: whether the folders that packages add were searched.
    """

    load: Load
    ruling: Ruling
    package_folders: bool
    ours: frozenset[str] = frozenset()
    theirs: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """The code that Wine gives for what was found: 126 for every bad import."""
        faults = self.load.faults
        if not faults:
            return 0
        at_root = len(faults[0].chain) == 1
        return faults[0].winerror if at_root else ERROR_MOD_NOT_FOUND

    @property
    def difference(self) -> str:
        """What the two disagree about, "" where they agree."""
        if self.ruling.crashed is not None:
            return f"start-up code ends the process ({self.ruling.crashed:#x})"
        if self.ruling.code != self.code:
            found = [" -> ".join(x.name for x in f.chain) for f in self.load.faults]
            return f"code {self.code}, the loader's {self.ruling.code}; {found}"
        if self.code:
            return ""
        missed = [path for path in self.theirs if path not in self.ours]
        # What start-up code loads comes after all that was imported.
        if missed and list(self.theirs[-len(missed) :]) != missed:
            return f"not resolved: {missed}"
        invented = sorted(self.ours.difference(self.theirs))
        return f"not loaded: {invented}" if invented else ""

    @property
    def is_start_up_code(self) -> bool:
        """Whether the loader got as far as running code, which no file shows."""
        if self.code:
            return False
        return self.ruling.crashed is not None or self.ruling.code in _NOT_FROM_FILES


def verdicts(
    bench: Bench, files: Sequence[str], *, package_folders: bool
) -> Iterator[Verdict]:
    """Judge files both ways.

    :param bench: where they are installed.
    :param files: full paths on this machine.
    :param package_folders: search the folders that the packages add when imported.
    """
    judge = Judge(bench)
    host = offline_host(str(bench.python_dir), str(bench.windows_dir))
    hosts = {"": host}
    for package in dict.fromkeys(map(host.environment.package_of, files)):
        closure = host.environment.closure(package) if package else ()
        hosts[package] = with_added(host, closure) if package_folders else host
    chosen = [hosts[host.environment.package_of(file)] for file in files]
    jobs = [_job(file, host) for file, host in zip(files, chosen, strict=True)]
    rulings = judge.rule(jobs)
    for file, found, ruling in zip(files, chosen, rulings, strict=True):
        process = found.process
        load = walk(file, process, symbols=False)
        yield Verdict(
            load,
            ruling,
            package_folders,
            frozenset({file, *load.resolved.values(), *process.loaded.values()}),
            tuple(
                judge.path(module)
                for module in ruling.modules
                if base_name(module).lower() != "judge.exe"
            ),
        )


def _job(file: str, host: Host) -> Job:
    folders = tuple(Path(folder) for folder in reversed(host.process.added))
    # As python.exe starts, which needs its DLL before anything else.
    return Job(Path(file), folders=folders, first=((PYTHON_DLL, 0),))


def all_verdicts(bench: Bench, files: Sequence[str]) -> Iterator[Verdict]:
    """Judge files without and with the folders of their packages."""
    for package_folders in (False, True):
        yield from verdicts(bench, files, package_folders=package_folders)


def _print(found: Iterable[Verdict]) -> bool:
    count, agreed, start_up = 0, 0, 0
    for verdict in found:
        count += 1
        difference = verdict.difference
        agreed += not difference
        start_up += bool(difference) and verdict.is_start_up_code
        if difference:
            folders = "with" if verdict.package_folders else "without"
            print(f"{verdict.load.path} ({folders} package folders): {difference}")
    print(f"{count} verdicts, {agreed} agree, {start_up} end in start-up code")
    return agreed + start_up == count


def main(requirements: Sequence[str]) -> int:
    """Compare for one environment; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(*requirements, into=Path(folder, "bench"))
        try:
            files = list(native_files(str(bench.site_packages)))
            return 0 if _print(all_verdicts(bench, files)) else 1
        finally:
            bench.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
