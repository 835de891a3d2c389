"""README and changelog say what is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dllguard
from dllguard._cli import main
from dllguard._help import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench import BenchFactory

REPOSITORY = Path(dllguard.__file__).parent.parent
README = (REPOSITORY / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_code_has_its_line() -> None:
    section = README.partition("## What it finds")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \| \S", section, re.MULTILINE)

    assert sorted(listed) == list(codes())


def test_changelog_counts_the_codes() -> None:
    changelog = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")

    assert f"each of {len(codes())} codes" in changelog


def test_python_blocks_are_python() -> None:
    found = blocks("python")

    assert found
    for number, block in enumerate(found):
        compile(block, f"block {number}", "exec")


def test_commands_and_options_exist(capsys: pytest.CaptureFixture[str]) -> None:
    named = re.findall(r"^\| `(\w+)", README, re.MULTILINE)[:6]
    with pytest.raises(SystemExit):
        main(["--help"])
    usage = capsys.readouterr().out
    for command in ("check", "host"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        usage += capsys.readouterr().out

    assert sorted(set(named)) == ["check", "explain", "help", "host", "run"]
    for word in {*named, *re.findall(r"`(--[a-z-]+)", README)}:
        assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", usage), word


def test_names_of_the_module_exist() -> None:
    for name in re.findall(r"\bdllguard\.(\w+)\(", README):
        assert hasattr(dllguard, name), name


def test_shell_blocks_are_one_line_each() -> None:
    for block in blocks("sh"):
        assert block.count("\n") == 1
        assert shlex.split(block)


def test_links_lead_to_files() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (REPOSITORY / link).exists(), link


@pytest.mark.bench
def test_before_and_after_are_real(bench_factory: BenchFactory) -> None:
    bench = bench_factory("torch==2.15.0", "torchvision==0.29.2", "numpy==1.26.4")
    folder = bench.windows_path(bench.python_dir)

    for block in blocks("text"):
        (asked, *shown) = block.splitlines()
        code = asked.removeprefix(">>> ")
        said = bench.run_code(code).stderr.replace(folder, r"C:\app\python")

        assert list(missing(shown, said.splitlines())) == []


def missing(shown: list[str], said: list[str]) -> Iterator[str]:
    """Yield the lines of an excerpt that are not there, or not in that order."""
    rest = iter(said)
    for line in shown:
        if line != "..." and line not in rest:
            yield line
