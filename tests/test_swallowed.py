"""Files whose failed load a package keeps to itself."""

from __future__ import annotations

from pathlib import Path

from dllguard._swallowed import swallowed_files


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
