"""Wine's loader as the judge of what dllguard says of a load.

A :class:`Job` is one load with all that decides it; ``judge.c`` does each in a process
of its own, beside ``python.exe``, so that the application folder is the same.

Where Wine 8 differs from Windows it is no judge. It loads where Windows fails: a
symbol or the target of a forwarder that is missing, an assembly that a manifest names
in vain. It calls every failed import 126, and leaves loaded what came before it. A
file for ARM ends the search, where one for x86 is passed over. An imported API set is
searched for by the name of its host. It knows no KnownDLLs, no `.local` redirection
and no DependentLoadFlags, and ``SetDllDirectory("")`` leaves the current folder in.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Final

from tests.bench import Bench

__all__ = ["HUNG", "Job", "Judge", "JudgeError", "Ruling"]

HUNG: Final = 0x102
"""STATUS_TIMEOUT, the exit code of a process that was ended for taking too long."""

_SOURCE = Path(__file__).with_name("judge.c")

# On a machine under load Windows now and then does not start a process.
_ROUNDS = 3


class JudgeError(Exception):
    """The judge did not rule: the text says why."""


@dataclasses.dataclass(frozen=True)
class Job:
    """One call of LoadLibraryEx, and what is done in its process before.

    A path of this machine is a :class:`~pathlib.Path`; text is handed on as it is.

    :param file: full path, or a bare name.
    :param folders: given to AddDllDirectory, in the order of the calls: the last one
        is searched first.
    :param flags: of LoadLibraryEx; the default is what CPython loads extensions with.
    :param first: files loaded before, each with the flags of its own call.
    :param set_directory: given to SetDllDirectory; None for no call.
    :param path: folders that PATH then consists of; None leaves it as it is.
    :param current: the current folder; None for the application folder.
    """

    file: str | Path
    folders: tuple[str | Path, ...] = ()
    flags: int = 0x1100
    first: tuple[tuple[str | Path, int], ...] = ()
    set_directory: str | Path | None = None
    path: tuple[str | Path, ...] | None = None
    current: str | Path | None = None


@dataclasses.dataclass(frozen=True)
class Ruling:
    """What a job came to.

    :param code: error code of the load, 0 where it succeeded; -1 where the process
        ended in it.
    :param modules: Windows paths of all modules then loaded, in load order; the first
        is that of the program. None are known of a process that ended before.
    :param crashed: exit code of a process that ended before it had told all, or `HUNG`.
        The code is 0 where the stack was exhausted.
    :param first_codes: error codes of the loads before.
    :param folder_codes: error codes of the calls of AddDllDirectory.
    :param paths: paths on this machine by lower-case base name. Where two modules
        share one, it is the path of the one that was loaded first.
    """

    code: int
    modules: tuple[str, ...] = ()
    crashed: int | None = None
    first_codes: tuple[int, ...] = ()
    folder_codes: tuple[int, ...] = ()
    paths: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False)


class Judge:
    """The loader of one bench.

    :param children: how many jobs are done at a time, at most 8.
    :param limit: seconds after which a process is ended.
    """

    def __init__(self, bench: Bench, *, children: int = 2, limit: float = 60) -> None:
        self.bench = bench
        self.children = children
        self.limit = limit
        self._program = bench.add_program(_SOURCE)
        self._listings: dict[str, Mapping[str, str]] = {}
        # Left alone, Wine puts a DLL of its own in the place of any file of that name.
        names = sorted(dll.stem for dll in bench.system32.glob("*.dll"))
        self._overrides = ",".join(f"*{name}" for name in names) + "=n,b"

    def rule(self, jobs: Sequence[Job]) -> list[Ruling]:
        """Do the jobs, each in a fresh process; return their rulings in this order.

        A job whose process did not start is done again, in three rounds at most.

        :raises JudgeError: the program failed, or a call of a job did that only
            prepares the load.
        :raises ValueError: a name that no plan can hold.
        """
        blocks = ["\n".join([*self._calls(job), ""]) for job in jobs]
        answers: dict[int, Mapping[str, Sequence[str]]] = {}
        waiting = list(range(len(jobs)))
        for _ in range(_ROUNDS):
            said = self._run([blocks[index] for index in waiting])
            answers.update((waiting[number], lines) for number, lines in said)
            waiting = [index for index in waiting if "refused" in answers[index]]
            if not waiting:
                break
        self._listings.clear()
        return [self._ruling(job, answers[index]) for index, job in enumerate(jobs)]

    def path(self, module: str) -> str:
        """Return the path on this machine of a module, with the case it has on disk.

        What folders hold is remembered until the next jobs are ruled on.

        :param module: its Windows path, as a ruling has it.
        """
        windows = PureWindowsPath(module)
        drive_c = str(self.bench.prefix / "drive_c")
        here = drive_c if windows.drive.upper() == "C:" else "/"
        for part in windows.parts[1:]:
            names = self._listings.get(here)
            if names is None:
                names = self._listings[here] = _names(here)
            here = os.path.join(here, names.get(part, names.get(part.lower(), part)))
        return here

    def windows_path(self, path: str | Path) -> str:
        """Return the name of a file as Windows programs have it; text as it is."""
        if isinstance(path, str):
            return path
        drive_c = self.bench.prefix / "drive_c"
        if path.is_relative_to(drive_c):
            return "C:\\" + str(PureWindowsPath(path.relative_to(drive_c)))
        return self.bench.windows_path(path)

    def _run(
        self, blocks: Sequence[str]
    ) -> Iterator[tuple[int, Mapping[str, Sequence[str]]]]:
        """Have jobs done; return what was said of each, by its number."""
        head = f"children {self.children}\nlimit {int(self.limit * 1000)}\n"
        with tempfile.TemporaryDirectory() as folder:
            plan = Path(folder, "plan.txt")
            plan.write_bytes("\n".join([head, *blocks]).encode())
            done = self.bench.run_program(
                self._program,
                "plan",
                self.bench.windows_path(plan),
                env={"WINEDLLOVERRIDES": self._overrides},
                timeout=60 + self.limit * len(blocks),
            )
        if done.returncode:
            raise JudgeError(f"judge.exe ended with {done.returncode}: {done.stderr}")
        return _answers(done.stdout)

    def _calls(self, job: Job) -> Iterator[str]:
        for folder in job.folders:
            yield f"folder {self._text(folder)}"
        if job.set_directory is not None:
            yield f"directory {self._text(job.set_directory)}"
        if job.current is not None:
            yield f"current {self._text(job.current)}"
        if job.path is not None:
            yield f"path {';'.join(map(self._text, job.path))}"
        for file, flags in (*job.first, (job.file, job.flags)):
            yield f"load {flags:x} {self._text(file)}"

    def _text(self, path: str | Path) -> str:
        text = self.windows_path(path)
        if "\n" in text:
            raise ValueError(f"no plan can hold the name {text!r}")
        return text

    def _ruling(self, job: Job, said: Mapping[str, Sequence[str]]) -> Ruling:
        for word in ("refused", "directory", "current", "path"):
            if any(code != "0" for code in said.get(word, ())):
                raise JudgeError(f"{word} {said[word][0]}, for {job}")
        ended = None
        if "done" not in said:
            ended = HUNG if "hung" in said else int(said["exit"][0])
        codes = tuple(map(int, said.get("load", ())))
        before = len(job.first)
        modules = tuple(said.get("module", ()))
        paths: dict[str, str] = {}
        for module in modules:
            name = PureWindowsPath(module).name.lower()
            paths.setdefault(name, self.path(module))
        return Ruling(
            code=codes[before] if len(codes) > before else -1,
            modules=modules,
            crashed=ended,
            first_codes=codes[:before],
            folder_codes=tuple(map(int, said.get("folder", ()))),
            paths=paths,
        )


def _names(folder: str) -> Mapping[str, str]:
    """Map the names in a folder to themselves, and their lower case to one of them."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return {}
    return {**{name.lower(): name for name in names}, **{name: name for name in names}}


def _answers(output: str) -> Iterator[tuple[int, Mapping[str, Sequence[str]]]]:
    """Yield the number of each job with what was said of it, by first word."""
    said: dict[str, list[str]] = {}
    # Not splitlines: a file name may hold what that takes for the end of a line.
    for line in output.split("\n")[:-1]:
        word, _, value = line.partition(" ")
        if word == "job":
            said = {}
        said.setdefault(word, []).append(value)
        if word in {"exit", "hung", "refused"}:
            yield int(said["job"][0]), said
