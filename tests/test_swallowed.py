"""Files whose failed load a package keeps to itself."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Literal

import pytest

from dllguard._model import Link
from dllguard._swallowed import swallowed_files, unloaded_files, warn_of
from dllguard._verdict import Diagnosis


def test_files_of_torchvision(tmp_path: Path) -> None:
    names = ("_C.pyd", "_C_stable.pyd", "Image.PYD", "jpeg8.dll", "_C.py", "other.pyd")
    (tmp_path / "torchvision").mkdir()
    for name in names:
        (tmp_path / "torchvision" / name).touch()

    found = [Path(path).name for path in swallowed_files("torchvision", str(tmp_path))]

    assert found == ["_C.pyd", "_C_stable.pyd", "Image.PYD"]


def test_other_packages_tell(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "_C.pyd").touch()

    assert list(swallowed_files("torch", str(tmp_path))) == []


def test_folder_that_is_gone(tmp_path: Path) -> None:
    assert list(swallowed_files("torchvision", str(tmp_path))) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there the loader is asked")
def test_only_windows_is_asked_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "_C.pyd").touch()

    assert list(unloaded_files("torchvision", str(tmp_path))) == []


@pytest.mark.parametrize("action", ["always", "error"])
def test_warning_with_the_chain(
    action: Literal["always", "error"], capsys: pytest.CaptureFixture[str]
) -> None:
    """Under `-W error` it is no exception, for the import was a success."""
    chain = (Link("_C.pyd"), Link("absent.dll"))
    found = Diagnosis("missing-dll", "h", "s", chain=chain, chain_end="NOT FOUND")
    plain = Diagnosis("not-determined", "h", "s", chain=chain[:1])

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        warn_of([found, plain], "torchvision")

    told = [str(one.message) for one in caught]
    told += capsys.readouterr().err.split("DllguardWarning: ")[1:]
    assert [text.splitlines()[0] for text in told] == [
        "_C.pyd -> absent.dll NOT FOUND; import torchvision went on without it",
        "_C.pyd; import torchvision went on without it",
    ]
    assert len(caught) == (2 if action == "always" else 0)
