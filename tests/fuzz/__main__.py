"""Fuzz the parsers, each in a process of its own, guided by the lines they reach.

    python -m tests.fuzz --seconds 600 [--parser NAME ...] [--into FOLDER]

It needs `pip install atheris` (Linux), which brings libFuzzer. What raises, takes more
than five seconds or more than a gigabyte is written to the folder and told at the end;
`--replay FILE` reads such a file again with one parser.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

# What is watched runs several times slower than it does else.
_MOST_SECONDS: Final = 5
_MOST_MEGABYTES: Final = 1024
_INPUTS: Final = re.compile(r"number_of_executed_units: (\d+)")


def main() -> int:
    """Fuzz for a time; return 1 where something was found, 2 where nothing can be."""
    options = _arguments().parse_args()
    if options.child:
        _fuzz(options.child, options.into, options.rest)
    if options.replay is not None:
        return _replay(options.parser, options.replay)
    if find_spec("atheris") is None:
        print("tests.fuzz needs atheris: pip install atheris", file=sys.stderr)
        return 2
    names = options.parser or _names()
    total = found = 0
    for name in names:
        inputs, artifact = _run(name, options.into, options.seconds // len(names))
        total += inputs
        found += bool(artifact)
        print(f"{name:9} {inputs:9,} inputs  {artifact or 'nothing found'}", flush=True)
    print(f"{'all':9} {total:9,} inputs")
    return 1 if found else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--parser", action="append", default=[])
    parser.add_argument("--into", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--replay", type=Path)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    return parser


def _names() -> list[str]:
    from tests.fuzz.parsers import PARSERS

    return [*PARSERS]


def _run(name: str, into: Path, seconds: int) -> tuple[int, str]:
    """Return how many inputs were tried, and the file of the one that failed or ""."""
    corpus = into / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    log = into / f"{name}.log"
    command = [sys.executable, "-m", "tests.fuzz", "--child", name]
    command += ["--into", str(into), "--", str(corpus), f"-max_total_time={seconds}"]
    command += [f"-timeout={_MOST_SECONDS}", f"-rss_limit_mb={_MOST_MEGABYTES}"]
    command += [f"-artifact_prefix={into}/{name}-", "-print_final_stats=1"]
    with log.open("w", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(
            command, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    text = log.read_text("utf-8", "replace")
    counted = _INPUTS.search(text)
    written = re.search(r"Test unit written to (.*)", text)
    failed = f"ended with {done.returncode}, see {log}" if done.returncode else ""
    return int(counted[1]) if counted else 0, written[1] if written else failed


def _fuzz(name: str, into: Path, options: list[str]) -> None:
    """Hand this process to libFuzzer, which ends it."""
    # It has no types.
    watched: Any = import_module("atheris")
    with watched.instrument_imports(include=["dllguard"]):
        from tests.fuzz.parsers import PARSERS
    parser = PARSERS[name]
    corpus = Path(options[0])
    for number, seed in enumerate(parser.seeds()):
        (corpus / f"seed-{number:03}").write_bytes(seed[: parser.largest])
    folder = Path(tempfile.mkdtemp(dir=into))

    def once(data: bytes) -> None:
        begun = time.process_time()
        parser.read(data, folder)
        if time.process_time() - begun > _MOST_SECONDS:
            raise TimeoutError

    watched.Setup([sys.argv[0], *options, f"-max_len={parser.largest}"], once)
    watched.Fuzz()


def _replay(names: list[str], path: Path) -> int:
    from tests.fuzz.parsers import PARSERS

    with tempfile.TemporaryDirectory() as folder:
        PARSERS[names[0]].read(path.read_bytes(), Path(folder))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
