"""Not enough memory to load a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._hosts._circumstances import Circumstances
from dllguard._verdict import Diagnosis
from tests.pebuilder import X64, X86, build_pe
from tests.texts import obey
from tests.trees import Tree


def explained(
    root: Path,
    code: int,
    commit: tuple[int, int] | None,
    machine: int = X64,
    package: str = "shapes",
) -> Diagnosis:
    tree = Tree(root, machine=machine)
    path = f"{package}/_core.pyd"
    tree.install(package, "1.0", {path: build_pe(machine=machine)})
    host = replace(tree.live(), circumstances=Circumstances(commit=commit))
    found = explain_failure(Failure(str(tree.site / path), package, code), host)
    assert found is not None
    found = tree.plain(found)
    assert found.code == "out-of-memory"
    obey(found)
    return found


@pytest.mark.parametrize(
    ("commit", "says"),
    [
        ((15_900_000_000, 16_500_000_000), "Now 15.9 of 16.5 GB are committed."),
        ((8_000_000_000, 16_500_000_000), "committed; it was more when the load"),
        (None, "came too late."),
    ],
    ids=["full", "free-again", "unknown"],
)
def test_commit(tmp_path: Path, commit: tuple[int, int] | None, says: str) -> None:
    found = explained(tmp_path, 1455, commit)

    assert says in (found.note or "")
    asks = any("TotalVirtual" in c for r in found.help for c in r.commands)
    assert asks is (commit is None)


@pytest.mark.parametrize("code", [8, 14])
def test_other_codes_say_less(tmp_path: Path, code: int) -> None:
    note = explained(tmp_path, code, None).note or ""

    assert note.startswith(f"WinError {code} says that memory was short")
    assert "usually" in note
    assert "32-bit" not in note


def test_small_process(tmp_path: Path) -> None:
    found = explained(tmp_path, 8, None, X86)

    assert found.help[0].text.startswith("use a 64-bit Python")
    assert found.help[1].text.startswith("or start fewer")
    assert "32-bit process" in (found.note or "")


def test_workers_of_torch(tmp_path: Path) -> None:
    found = explained(tmp_path, 1455, None, package="torch")

    assert found.help[0].commands == ("DataLoader(dataset, num_workers=0)",)
