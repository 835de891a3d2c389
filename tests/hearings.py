"""What Wine's loader makes of a file by its imports alone, then by its start-up code.

Start-up code loads further modules, and may end the load or the process. So that this
cannot be mistaken for imports, a file is loaded twice in its process: first as an
import of a probe that also imports what is not there. Wine fails that load before it
runs any code, and leaves what it has loaded. A marker is loaded then, and last the file
itself: what is listed behind the marker was loaded by start-up code.

Wine names each import that it does not find; of the first load only, that is heard too.
"""

from __future__ import annotations

import dataclasses
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Final

from dllguard._loader._process import import_name
from dllguard._paths import base_name
from dllguard._tables._load_flags import EXTENSION
from tests.bench import Bench
from tests.judge import Job, Judge, JudgeError, Ruling
from tests.pebuilder import build_pe

__all__ = ["Asked", "Hearing", "Hearings", "Lost", "ends", "lost_imports"]

PYTHON_DLL: Final = "python311.dll"

_MARKER = "hearing-marker.dll"
_BEFORE, _AFTER = "hearing-before.dll", "hearing-after.dll"
_PROBE = re.compile(r"hearing-probe-\d+\.dll")

# A process often waits for Wine's server, so that more of them than cores save time.
_CHILDREN = 4

# Wine, dlls/ntdll/loader.c, import_dll; the number is that of the thread.
_SAID = re.compile(
    r"^([0-9a-f]+):err:module:import_dll (?:Library|Loading library) (.+?) "
    r'\(which is needed by L"(.*?)"\) (?:not found|failed)'
)

Lost = frozenset[tuple[str, str]]
"""Imports that were not found: name as it is compared, and path of the importer."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """A file, and the folders that its process has added, newest first."""

    file: str
    added: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Hearing:
    """What the loader did with a file; all paths are those of this machine.

    :param code: error code of the load, -1 where the process ended in it.
    :param imported: the modules that are loaded before any start-up code runs.
    :param lost: imports that were not found.
    :param started: the modules that start-up code has loaded, in load order.
    :param ended: exit code of a process that start-up code has ended.
    """

    code: int
    imported: frozenset[str]
    lost: Lost = frozenset()
    started: tuple[str, ...] = ()
    ended: int | None = None


class Hearings:
    """The loader of one bench, asked about its files."""

    def __init__(self, bench: Bench) -> None:
        parts = bench.python_dir, bench.prefix, bench.cache, bench._keepers
        self._bench = _Listening(*parts)
        self._judge = Judge(self._bench, children=_CHILDREN)
        self._marker = bench.replace(_MARKER, build_pe(name=_MARKER))

    def hear(self, asked: Sequence[Asked]) -> list[Hearing]:
        """Load files, each in a process of its own; return this order.

        :raises JudgeError: a process could not be prepared, or loaded its probe.
        """
        files = [Path(one.file) for one in asked]
        probes = [self._probe(file, number) for number, file in enumerate(files)]
        try:
            jobs = [
                _job(one, (probe, self._marker, Path(one.file)))
                for one, probe in zip(asked, probes, strict=True)
            ]
            rulings, said = self._rule(jobs)
            # Of a process that has ended the modules are unknown: now without the code.
            again = [
                n for n, ruling in enumerate(rulings) if ruling.crashed is not None
            ]
            jobs = [_job(asked[n], (probes[n], self._marker)) for n in again]
            without, _ = self._rule(jobs)
        finally:
            for probe in probes:
                probe.unlink()
        lost = _by_probe(said)
        listed = {**dict(enumerate(rulings)), **dict(zip(again, without, strict=True))}
        return [
            self._hearing(ruling, listed[number], lost.get(probe.name, frozenset()))
            for number, (ruling, probe) in enumerate(zip(rulings, probes, strict=True))
        ]

    def _rule(self, jobs: Sequence[Job]) -> tuple[list[Ruling], str]:
        self._bench.output.clear()
        rulings = self._judge.rule(jobs)
        for job, ruling in zip(jobs, rulings, strict=True):
            if any(ruling.folder_codes) or ruling.first_codes[1:2] == (0,):
                raise JudgeError(f"the probe is no probe: {ruling}, for {job}")
        return rulings, "".join(self._bench.output)

    def _hearing(self, ruling: Ruling, listed: Ruling, lost: Lost) -> Hearing:
        names = [PureWindowsPath(module).name for module in listed.modules]
        cut = names.index(_MARKER) if _MARKER in names else 0
        here = self._judge.path
        return Hearing(
            code=ruling.code,
            imported=frozenset(map(here, listed.modules[1:cut])),
            lost=frozenset((name, here(importer)) for name, importer in lost),
            started=tuple(map(here, ruling.modules[cut + 1 :])),
            ended=ruling.crashed,
        )

    def _probe(self, file: Path, number: int) -> Path:
        # What is said between the first and the last name is said of this file. The dot
        # keeps a loaded module of the same name from answering for the file.
        wanted = _BEFORE, f".\\{file.name}", _AFTER
        name = f"hearing-probe-{number}.dll"
        image = build_pe(name=name, imports={dll: ["f"] for dll in wanted})
        return self._bench.replace(file.with_name(name), image)


@dataclasses.dataclass(frozen=True)
class _Listening(Bench):
    """A bench on which the loader says what it does not find."""

    output: list[str] = dataclasses.field(default_factory=list, compare=False)

    def run_program(
        self,
        program: str,
        *args: str,
        env: Mapping[str, str] = {},
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        env = {**env, "WINEDEBUG": "-all,err+module"}
        done = super().run_program(program, *args, env=env, timeout=timeout)
        self.output.append(done.stderr)
        return done


def _job(asked: Asked, loads: Sequence[Path]) -> Job:
    # As python.exe starts, which needs its DLL before anything else.
    first: list[tuple[str | Path, int]] = [(PYTHON_DLL, 0)]
    first += [(path, EXTENSION) for path in loads[:-1]]
    # The call that is last is searched first.
    folders = tuple(map(Path, reversed(asked.added)))
    return Job(loads[-1], folders=folders, flags=EXTENSION, first=tuple(first))


def lost_imports(output: str) -> Iterator[tuple[str, str, str]]:
    """Yield thread, imported name and Windows path of the importer.

    :param output: of a program that ran with `err+module` in `WINEDEBUG`.
    """
    for line in output.splitlines():
        said = _SAID.match(line)
        if said is not None:
            thread, name, importer = said.groups()
            yield thread, import_name(name), _unescaped(importer)


def ends(lost: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the ends of the chains: what fails for its own imports is none."""
    lost = set(lost)
    importers = {base_name(importer).lower() for _, importer in lost}
    return {pair for pair in lost if base_name(pair[0]) not in importers}


def _by_probe(output: str) -> dict[str, Lost]:
    """Return what the first load of each process did not find, by its probe."""
    by_thread: dict[str, set[tuple[str, str]]] = {}
    found: dict[str, Lost] = {}
    for thread, name, importer in lost_imports(output):
        probe = base_name(importer)
        if name == _BEFORE:
            # A thread has the number of one that has ended.
            by_thread[thread] = set()
        elif name == _AFTER:
            found[probe] = frozenset(by_thread.pop(thread, ()))
        elif thread in by_thread and not _PROBE.fullmatch(probe):
            by_thread[thread].add((name, importer))
    return found


def _unescaped(text: str) -> str:
    r"""Return a text of Wine's debug output as it was: `\\` and `\1234` stand in it."""
    return re.sub(
        r"\\(\\|[0-9a-f]{4})",
        lambda found: "\\" if found[1] == "\\" else chr(int(found[1], 16)),
        text,
    )
