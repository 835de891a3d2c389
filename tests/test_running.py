"""What made the Python of this process, by what its maker leaves in it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dllguard._hosts._offline import offline_host
from dllguard._hosts._running import running_kind
from tests.trees import Tree


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Return a Python on disk, of which this process is made to be one."""
    made = Tree(tmp_path, version=sys.version_info[:2])
    monkeypatch.setattr(sys, "prefix", str(made.python))
    monkeypatch.setattr(sys, "base_prefix", str(made.python))
    monkeypatch.setattr(sys, "executable", str(made.python / "python.exe"))
    return made


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        ("", "python"),
        ("conda-meta/history", "conda"),
        ("AppxManifest.xml", "store"),
        ("python{}._pth", "embeddable"),
        ("python._pth", "embeddable"),
    ],
    ids=["installed", "conda", "store", "embeddable", "own-pth"],
)
def test_marks_on_disk_say_the_same_live_and_offline(
    tree: Tree, mark: str, kind: str
) -> None:
    if mark:
        path = tree.python / mark.format("".join(map(str, sys.version_info[:2])))
        path.parent.mkdir(exist_ok=True)
        path.write_text("", "ascii")

    assert running_kind() == kind
    assert offline_host(str(tree.python)).environment.kind == kind


@pytest.mark.usefixtures("tree")
def test_store(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.11_x64"
    monkeypatch.setattr(sys, "prefix", folder)
    monkeypatch.setattr(sys, "base_prefix", folder)

    assert running_kind() == "store"


def test_venv(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree.python / "conda-meta").mkdir()
    monkeypatch.setattr(sys, "prefix", str(tree.root / "venv"))

    assert running_kind() == "venv"


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("frozen", "kind"),
    [(True, "cx_freeze"), ("console_exe", "frozen")],
    ids=["cx_Freeze", "py2exe"],
)
def test_frozen(monkeypatch: pytest.MonkeyPatch, frozen: object, kind: str) -> None:
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)

    assert running_kind() == kind


def test_pyinstaller(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tree.root), raising=False)

    assert running_kind() == "pyinstaller"


@pytest.mark.usefixtures("tree")
def test_nuitka(monkeypatch: pytest.MonkeyPatch) -> None:
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "__compiled__", object(), raising=False)

    assert running_kind() == "nuitka"
