r"""dllguard's verdict on every native file of an environment beside the loader's own.

    python -m tests.verdicts numpy==1.26.4 pywin32
    python -m tests.verdicts -r tests/popular_wheels.txt
    python -m tests.verdicts --site DIR

installs the requirements on a bench, or takes over what lies in an existing folder of
packages for CPython 3.11 on x64, and has Wine's loader load each of the `.pyd` and
`.dll` files in a process of its own. Once no folder is added but those that Python adds
when it starts, once those of the file's package as well. Compared are

- the error code;
- of a load that succeeds, the full path of every module that comes with the file;
- of a load that fails, every DLL that is not found, and that the file which imports it
  in dllguard's chain does so in vain.

Start-up code decides nothing of that: see `tests.hearings`. Where it fails, that is
told, and is no difference. A summary and every difference are printed. The exit code
is 0 where there is none, 1 where there is one, 2 for a wrong command line.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dllguard._hosts._host import Host
from dllguard._hosts._offline import offline_host
from dllguard._judge import with_added
from dllguard._loader._process import import_name
from dllguard._loader._walk import walk
from dllguard._model import Load
from dllguard._packages._environment import native_files
from tests.bench import Bench, _copy_tree, make_bench
from tests.hearings import Asked, Hearing, Hearings, ends

__all__ = ["Comparison", "Verdict", "requirements"]

ERROR_MOD_NOT_FOUND: Final = 126


@dataclass(frozen=True)
class Verdict:
    """One file: what dllguard says, and what the loader did.

    :param ours: paths of all modules that dllguard says are loaded then.
    :param package_folders: whether the folders that packages add were searched.
    """

    load: Load
    ours: frozenset[str]
    heard: Hearing
    package_folders: bool

    @property
    def expected(self) -> int:
        """The code that Wine gives for what dllguard found: 126 for every import."""
        return self.load.winerror if self._at_root else ERROR_MOD_NOT_FOUND

    @property
    def difference(self) -> str:
        """What the two disagree about, "" where they agree."""
        if self.expected:
            return self._difference_of_failures()
        if self.load.path not in self.heard.imported:
            lost = sorted(self.heard.lost)
            return f"code 0, the loader's {self.heard.code}; not found: {lost}"
        missed = sorted(self.heard.imported - self.ours)
        invented = sorted(self.ours - self.heard.imported)
        if missed or invented:
            return f"not resolved: {missed}; resolved, but not loaded: {invented}"
        return ""

    @property
    def start_up(self) -> str:
        """How start-up code fails when all imports are found, "" where it does not."""
        if self.difference or self.expected:
            return ""
        if self.heard.ended is not None:
            return f"ends the process with {self.heard.ended:#x}"
        return f"fails with {self.heard.code}" if self.heard.code else ""

    @property
    def _at_root(self) -> bool:
        """Whether nothing is wrong, or the file itself and none of its imports."""
        return not self.load.faults or len(self.load.faults[0].chain) == 1

    def _difference_of_failures(self) -> str:
        faults = self.load.faults
        if self.heard.code != self.expected:
            chains = [" -> ".join(link.name for link in f.chain) for f in faults]
            return f"code {self.expected}, the loader's {self.heard.code}; {chains}"
        if self._at_root:
            return ""
        ours = {
            (import_name(fault.culprit), fault.importer.path)
            for fault in faults
            if fault.importer is not None
        }
        theirs = ends(self.heard.lost)
        # dllguard tells each name once, with the importer that is nearest to the file.
        names = {name for name, _ in theirs} ^ {name for name, _ in ours}
        wrong = sorted(f"{name} by {path}" for name, path in ours - theirs)
        if names or wrong:
            return f"only one does not find: {sorted(names)}; not as told: {wrong}"
        return ""


class Comparison:
    """Native files of a bench, judged both ways.

    :param bench: where they are installed.
    :param files: full paths on this machine.
    """

    def __init__(self, bench: Bench, files: Sequence[str]) -> None:
        self._hearings = Hearings(bench)
        self._host = offline_host(str(bench.python_dir), str(bench.windows_dir))
        self._files = tuple(files)
        self._heard: dict[Asked, Hearing] = {}

    def verdicts(self, *, package_folders: bool) -> list[Verdict]:
        """Judge the files both ways.

        The loader is not asked again about a file whose package adds no folder: the
        same process, the same search list, the same verdict.

        :param package_folders: search the folders that the packages add when imported.
        """
        hosts = self._hosts(package_folders=package_folders)
        asked = {file: Asked(file, host.process.added) for file, host in hosts.items()}
        new = [one for one in asked.values() if one not in self._heard]
        self._heard.update(zip(new, self._hearings.hear(new), strict=True))
        return [
            _verdict(host, self._heard[asked[file]], file, package_folders)
            for file, host in hosts.items()
        ]

    def _hosts(self, *, package_folders: bool) -> dict[str, Host]:
        environment = self._host.environment
        packages = {file: environment.package_of(file) for file in self._files}
        hosts = dict.fromkeys(packages.values(), self._host)
        for package in filter(None, hosts) if package_folders else ():
            hosts[package] = with_added(self._host, environment.closure(package))
        return {file: hosts[package] for file, package in packages.items()}


def _verdict(host: Host, heard: Hearing, file: str, package_folders: bool) -> Verdict:
    load = walk(file, host.process, symbols=False)
    ours = {file, *load.resolved.values(), *host.process.loaded.values()}
    return Verdict(load, frozenset(ours), heard, package_folders)


def told(verdicts: Collection[Verdict]) -> Iterator[str]:
    """Yield lines for people: what differs, what start-up code does, the sums."""
    for verdict in verdicts:
        said = verdict.difference
        if verdict.start_up:
            said = f"start-up code {verdict.start_up}; the imports agree"
        if said:
            folders = "with" if verdict.package_folders else "without"
            yield f"{verdict.load.path} ({folders} package folders): {said}"
    for package_folders in (False, True):
        some = [v for v in verdicts if v.package_folders == package_folders]
        loads = [v for v in some if not v.expected]
        counts = {
            "load": len(loads),
            "of these get more from start-up code": sum(
                bool(v.heard.started) for v in loads
            ),
            "of these fail in start-up code": sum(bool(v.start_up) for v in loads),
            "differ": sum(bool(v.difference) for v in some),
        }
        folders = "with" if package_folders else "without"
        said = ", ".join(f"{count} {what}" for what, count in counts.items())
        yield f"{folders} package folders, of {len(some)} files: {said}"


def requirements(file: Path) -> tuple[str, ...]:
    """Return the requirements in a file, one to a line."""
    lines = map(str.strip, file.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare for one environment; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.verdicts")
    parser.add_argument("requirements", nargs="*", metavar="REQUIREMENT")
    parser.add_argument("-r", type=Path, metavar="FILE", help="a file of requirements")
    parser.add_argument("--site", type=Path, metavar="DIR", help="a folder of packages")
    asked = parser.parse_args(arguments)
    wanted = [*asked.requirements, *(requirements(asked.r) if asked.r else ())]
    if bool(wanted) == bool(asked.site):
        parser.error("give either requirements or a folder of packages")
    if asked.site and not asked.site.is_dir():
        parser.error(f"{asked.site} is no folder")
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(*wanted, into=Path(folder, "bench"))
        try:
            if asked.site:
                _copy_tree(asked.site, bench.site_packages)
            files = list(native_files(str(bench.site_packages)))
            comparison = Comparison(bench, files)
            both = [
                verdict
                for package_folders in (False, True)
                for verdict in comparison.verdicts(package_folders=package_folders)
            ]
        finally:
            bench.kill()
    for line in told(both):
        print(line)
    return int(any(verdict.difference for verdict in both))


if __name__ == "__main__":
    sys.exit(main())
