"""Remedies as commands that can be pasted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._packages._distribution import Distribution
from dllguard._packages._environment import Environment
from dllguard._remedies import _cures as cures
from dllguard._tables._redistributables import PRODUCTS, V14
from tests.pebuilder import ARM64, X64, X86

PYTHON = r"C:\app\.venv\Scripts\python.exe"
ENVIRONMENT = Environment(PYTHON, (3, 12), X64, "", "", ())


def distribution(version: str | None = "2.9.0", installer: str = "pip") -> Distribution:
    """Return a torch."""
    return Distribution("torch", version, r"C:\site", installer=installer)


def test_an_interpreter_as_it_is_typed() -> None:
    assert cures.python(PYTHON) == PYTHON
    assert cures.python(r"C:\Program Files\python.exe") == (
        r'"C:\Program Files\python.exe"'
    )


@pytest.mark.parametrize(
    ("machine", "arch"), [(X86, "x86"), (X64, "x64"), (ARM64, "arm64")]
)
def test_the_v14_redistributable(machine: int, arch: str) -> None:
    winget, url = cures.redistributable(V14, machine)

    assert winget.commands == (
        f"winget install --id Microsoft.VCRedist.2015+.{arch} -e",
    )
    assert url.text == f"or run https://aka.ms/vc14/vc_redist.{arch}.exe"


def test_an_older_redistributable() -> None:
    winget, url = cures.redistributable(PRODUCTS["msvcr120.dll"], X86)

    assert winget.text == (
        "install the Microsoft Visual C++ 2013 Redistributable, x86, then restart "
        "Python:"
    )
    assert url.text.startswith("or take it from https://learn.microsoft.com/")


def test_reinstall_with_what_installed_it() -> None:
    pip = cures.reinstall(distribution(), ENVIRONMENT)
    conda = cures.reinstall(distribution(installer="conda"), ENVIRONMENT)
    unknown = cures.reinstall(distribution(None), ENVIRONMENT)

    (command,) = pip.commands
    assert command == (
        f"{PYTHON} -m pip install --force-reinstall --no-cache-dir --no-deps "
        '"torch==2.9.0"'
    )
    assert conda.commands == ("conda install --force-reinstall torch=2.9.0",)
    assert unknown.commands[0].endswith("--no-deps torch")


def test_a_local_version_came_from_an_index_of_its_own() -> None:
    local = cures.reinstall(distribution("2.9.0+cu128"), ENVIRONMENT)
    plain = cures.reinstall(distribution("2.9.0"), ENVIRONMENT)

    assert local.text == (
        "reinstall torch 2.9.0+cu128 (repeat the --index-url that it was installed "
        "with):"
    )
    assert "--index-url" not in plain.text


def test_keep_one_and_let_pip_choose_the_others() -> None:
    others = ["torchvision", "torchaudio"]
    remedy = cures.together(ENVIRONMENT, distribution(), others, "")

    assert remedy.text == (
        "keep torch 2.9.0, install the torchvision and torchaudio made for it:"
    )
    assert remedy.commands == (
        f'{PYTHON} -m pip install --upgrade "torch==2.9.0" torchvision torchaudio',
    )


@pytest.mark.parametrize(
    ("folder", "literal"),
    [
        (r"C:\CUDA\bin", r'r"C:\CUDA\bin"'),
        ("C:\\", r"'C:\\'"),  # no raw string ends in a backslash
    ],
)
def test_a_folder_as_a_literal_of_python(folder: str, literal: str) -> None:
    (command,) = cures.add_folder(folder).commands

    assert command == f"import os; os.add_dll_directory({literal})"
    compile(command, "pasted", "exec")


def test_check_again() -> None:
    plain = cures.check(ENVIRONMENT, "torch")
    added = cures.check(ENVIRONMENT, r"C:\a b\x.dll", r"C:\a b")

    assert plain.commands == (f"{PYTHON} -m dllguard check torch",)
    assert added.commands == (
        rf'{PYTHON} -m dllguard check --dll-directory "C:\a b" "C:\a b\x.dll"',
    )


@pytest.mark.parametrize(
    ("kind", "folder", "shown"),
    [
        ("pyinstaller", "_MEI23922", r"check --python dist\app\_internal torch"),
        ("pyinstaller", "_internal", r"check --python C:\x\_internal torch"),
        ("nuitka", "onefile_812_133_ab", "check --python app.dist torch"),
        ("nuitka", "app.dist", r"check --python C:\x\app.dist torch"),
        ("cx_freeze", "_MEI23922", r"check --python C:\x\_MEI23922 torch"),
    ],
)
def test_a_program_that_unpacks_itself(kind: str, folder: str, shown: str) -> None:
    """Its files are gone when the command is typed."""
    environment = replace(ENVIRONMENT, kind=kind, prefix=rf"C:\x\{folder}")

    assert cures.check(environment, "torch").commands[-1].endswith(shown)


def test_the_runtime_beside_python(tmp_path: Path) -> None:
    environment = Environment(PYTHON, (3, 12), X64, "", str(tmp_path), ())

    newer = cures.newer_runtime_of_python(environment)
    repaired = cures.repaired_runtime_of_python(environment)

    assert "install the newest Python 3.12" in newer.text
    assert repaired.text.startswith("repair this Python")

    (tmp_path / "conda-meta").mkdir()
    # An environment remembers what it has asked for.
    environment = Environment(PYTHON, (3, 12), X64, "", str(tmp_path), ())

    newer = cures.newer_runtime_of_python(environment)
    repaired = cures.repaired_runtime_of_python(environment)

    assert newer.commands == ("conda install -c conda-forge vc14_runtime",)
    assert repaired.commands == ("conda install --force-reinstall vc14_runtime",)


def test_the_wheel_with_the_runtime() -> None:
    remedy = cures.runtime_wheel(ENVIRONMENT)

    assert remedy.commands == (f"{PYTHON} -m pip install msvc-runtime",)
