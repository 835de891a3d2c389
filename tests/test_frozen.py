"""What a freezer left out, for each freezer."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from dllguard._judge import judge
from dllguard._tables._freezers import FREEZERS
from dllguard._verdict import Diagnosis
from tests.texts import obey
from tests.trees import Tree


def frozen(tree: Tree, kind: str, *names: str) -> tuple[Diagnosis, ...]:
    """Return what is said of a frozen program that needs DLLs which are not there."""
    path = tree.write(
        tree.python / "_core.pyd", imports={name: ["f"] for name in names}
    )
    host = tree.live()
    environment = dataclasses.replace(host.environment, kind=kind)
    host = dataclasses.replace(host, environment=environment)
    found = tree.plain(judge(host, str(path))).diagnoses
    for diagnosis in found:
        obey(diagnosis)
    return found


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("pyinstaller", "--add-binary"),
        ("cx_freeze", "include_files"),
        ("nuitka", "--user-package-configuration-file"),
        ("frozen", None),
    ],
)
def test_a_dll_that_nobody_knows(tmp_path: Path, kind: str, option: str | None) -> None:
    (found,) = frozen(Tree(tmp_path), kind, "areas.dll")

    assert found.code == "frozen-app-omission"
    assert FREEZERS[kind].title in (found.note or "")
    shown = "\n".join(c for remedy in found.help for c in remedy.commands)
    assert (option or "python -m dllguard check") in shown
    assert "pip install" not in shown


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("pyinstaller", "--add-binary"),
        ("cx_freeze", "include_msvcr"),
        ("nuitka", "--include-windows-runtime-dlls=yes"),
        ("embeddable", "vc_redist.x64.exe /install"),
    ],
)
def test_the_runtime_of_visual_c(tmp_path: Path, kind: str, option: str) -> None:
    (found,) = frozen(Tree(tmp_path), kind, "MSVCP140.dll", "MSVCP140_1.dll")

    assert found.code == "frozen-app-omission"
    assert found.help[0].commands == (
        "winget install --id Microsoft.VCRedist.2015+.x64 -e",
    )
    assert any(option in c for remedy in found.help for c in remedy.commands)
    assert "msvc-runtime" not in str(found)


def test_an_older_runtime_is_named_to_the_freezer(tmp_path: Path) -> None:
    (found,) = frozen(Tree(tmp_path), "nuitka", "MSVCR100.dll")

    assert "2010" in found.help[0].text
    shown = [c for remedy in found.help for c in remedy.commands]
    assert not any("runtime-dlls" in command for command in shown)


@pytest.mark.parametrize("name", ["MF.dll", "api-ms-win-core-path-l1-1-0.dll"])
def test_no_freezer_collects_windows(tmp_path: Path, name: str) -> None:
    found = frozen(Tree(tmp_path), "pyinstaller", name)

    assert "frozen-app-omission" not in {d.code for d in found}


def test_what_only_pip_brings_was_left_out(tmp_path: Path) -> None:
    (found,) = frozen(Tree(tmp_path), "pyinstaller", "mkl_core.2.dll")

    assert found.code == "frozen-app-omission"


def test_packages_of_an_embeddable_python_are_packages(tmp_path: Path) -> None:
    (found,) = frozen(Tree(tmp_path), "embeddable", "hdf5.dll")

    assert found.code == "missing-dll"
