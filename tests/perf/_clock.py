"""Tasks that are run in turn, and what each took: wall time, processor time, memory."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

from tests.measure import UNMEASURED

REPOSITORY: Final = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))

# The mark before what a task reports of itself.
MARK: Final = "perf:"


@dataclass(frozen=True)
class Sample:
    """One run of a task.

    :param wall: seconds until it ended.
    :param processor: seconds that its processes computed.
    :param memory: highest resident memory of its largest process, in megabytes; 0
        where it does not tell.
    """

    wall: float
    processor: float
    memory: float = 0.0


@dataclass(frozen=True)
class Task:
    """A command that is measured, in a process of its own.

    :param name: as it stands in the table.
    :param command: what is run.
    :param repeats: how often in each round, for what takes a moment.
    """

    name: str
    command: Sequence[str]
    repeats: int = 1
    samples: list[Sample] = field(default_factory=list, compare=False)

    @property
    def wall(self) -> float:
        """Median of its wall times."""
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def processor(self) -> float:
        """Median of its processor times."""
        return statistics.median(sample.processor for sample in self.samples)

    @property
    def memory(self) -> float:
        """Highest memory of all its runs."""
        return max(sample.memory for sample in self.samples)


def python_task(name: str, code: str, *args: str, repeats: int = 1) -> Task:
    """Return a task that runs Python code with this repository on its path.

    :param code: it may print `MARK` and a JSON object with what it measured itself.
    """
    start = f"import sys; sys.path.insert(0, {REPOSITORY!r})\n"
    return Task(name, [sys.executable, "-I", "-c", start + code, *args], repeats)


def measure(tasks: Sequence[Task], rounds: int, folder: str) -> None:
    """Run every task in each round, after one round that does not count.

    :param folder: for the bytecode of what is imported, as an installation has it.
    """
    for count in range(rounds + 1):
        for task in tasks:
            for _ in range(task.repeats):
                sample = run(task, folder)
                if count:
                    task.samples.append(sample)


def instructions(task: Task, folder: str) -> int:
    """Return how many instructions a task comes to, as valgrind counts them.

    Two programs that differ by less than a hundredth cannot be told apart by their
    times on a machine that has other work.

    :raises OSError: where valgrind is not installed.
    """
    options = ("--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
    command, environment = _prepared(task, folder)
    done = subprocess.run(
        ["valgrind", *options, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    (counted,) = re.findall(r"I +refs: +([\d,]+)", done.stderr)
    return int(counted.replace(",", ""))


def _prepared(task: Task, folder: str) -> tuple[list[str], dict[str, str]]:
    environment = {**os.environ, **UNMEASURED, "PYTHONPYCACHEPREFIX": folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # `-I` does not read the environment.
    command = [*task.command]
    if command[0] == sys.executable:
        command[1:1] = ["-X", f"pycache_prefix={folder}"]
    return command, environment


def run(task: Task, folder: str) -> Sample:
    """Run a task once.

    :raises RuntimeError: when it fails.
    """
    command, environment = _prepared(task, folder)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        before, start = _children(), time.perf_counter()
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            env=environment,
            check=False,
        )
        wall, processor = time.perf_counter() - start, _children() - before
        if done.returncode:
            errors.seek(0)
            reason = errors.read().decode(errors="replace").strip()[-800:]
            raise RuntimeError(f"{task.name} ended with {done.returncode}: {reason}")
        facts = _facts(out)
    return Sample(
        facts.get("wall", wall),
        facts.get("processor", processor),
        facts.get("memory", 0.0),
    )


def _children() -> float:
    """Return the processor time of all processes that have ended by now."""
    if sys.platform == "win32":
        return 0.0
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _facts(out: IO[bytes]) -> Mapping[str, float]:
    out.seek(0)
    for line in out.read().decode(errors="replace").splitlines():
        if line.startswith(MARK):
            found: Mapping[str, float] = json.loads(line.removeprefix(MARK))
            return found
    return {}
