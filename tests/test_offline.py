"""A host that does not run here."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._host import HostError
from dllguard._judge import judge
from dllguard._offline import BUILT_IN, built_in_host, offline_host
from tests.pebuilder import ARM64, X64, X86, build_pe, write_pe
from tests.trees import Tree


def test_a_python_and_a_windows(tmp_path: Path) -> None:
    tree = Tree(tmp_path, version=(3, 12), redistributable=(14, 44, 35211, 0))
    host = tree.host(tmp_path / "added")

    environment, process = host.environment, host.process
    assert (environment.version, environment.machine) == ((3, 12), X64)
    assert environment.site == (str(tree.site),)
    assert not environment.free_threaded
    assert Path(process.application) == tree.python
    assert Path(process.system) == tree.system
    assert process.added == (str(tmp_path / "added"),)
    assert process.path == ()
    assert set(process.loaded) == {
        "python312.dll",
        "vcruntime140.dll",
        "vcruntime140_1.dll",
    }
    assert host.windows == f"Windows 10.0.22631.4317 ({tree.windows})"
    assert not host.live


def test_a_free_threaded_python(tmp_path: Path) -> None:
    tree = Tree(tmp_path, version=(3, 13))
    (tree.python / "python313.dll").rename(tree.python / "python313t.dll")

    assert tree.host().environment.free_threaded


def test_without_a_windows(tmp_path: Path) -> None:
    host = offline_host(str(Tree(tmp_path).python))

    disk, process = host.process.disk, host.process
    assert host.windows == BUILT_IN
    assert disk.find(process.system, "KERNEL32.dll") is not None
    assert disk.find(process.system, "msvcp140.dll") is None


@pytest.mark.parametrize(
    ("present", "message"),
    [
        ([], "no such folder"),
        (["readme.txt"], "holds no python3XX.dll, so it is no Windows Python"),
        (["python311.dll"], "is empty"),
        (["python3.dll", "python311_d.dll"], "holds no python3XX.dll"),
    ],
)
def test_no_python(tmp_path: Path, present: list[str], message: str) -> None:
    folder = tmp_path / "Python"
    for name in present:
        folder.mkdir(exist_ok=True)
        (folder / name).touch()

    with pytest.raises(HostError, match=message):
        offline_host(str(folder))


def test_no_windows(tmp_path: Path) -> None:
    tree = Tree(tmp_path)

    with pytest.raises(HostError, match="holds no System32"):
        offline_host(str(tree.python), str(tree.python))


def test_a_windows_without_version(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.system / "kernel32.dll").unlink()

    assert "of unknown release" in tree.host().windows


@pytest.mark.parametrize(
    ("python", "system", "expected"),
    [
        (X86, X64, "SysWOW64"),
        (X86, X86, "System32"),
        (X64, X64, "System32"),
        (ARM64, ARM64, "System32"),
    ],
)
def test_a_32_bit_process_sees_another_system32(
    tmp_path: Path, python: int, system: int, expected: str
) -> None:
    tree = Tree(tmp_path, machine=python)
    write_pe(tree.system / "ntdll.dll", machine=system)
    tree.write(tree.windows / "SysWOW64" / "ntdll.dll")

    assert Path(tree.host().process.system).name == expected


def venv(tree: Tree, home: str, config: str = "") -> Path:
    """Make a venv of a Python."""
    folder = tree.root / "venv"
    (folder / "Lib" / "site-packages").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(f"home = {home}\n{config}", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ("", ["venv"]),
        ("include-system-site-packages = false\n", ["venv"]),
        ("include-system-site-packages = True\n", ["venv", "Python311"]),
    ],
)
def test_a_venv_is_followed_to_its_base(
    tmp_path: Path, config: str, names: list[str]
) -> None:
    tree = Tree(tmp_path)
    host = offline_host(str(venv(tree, str(tree.python), config)))

    assert Path(host.process.application) == tree.python
    assert Path(host.environment.base_prefix) == tree.python
    assert [Path(s).parent.parent.name for s in host.environment.site] == names


def test_a_venv_whose_base_is_elsewhere(tmp_path: Path) -> None:
    folder = venv(Tree(tmp_path), "C:\\Users\\me\\Python311")

    with pytest.raises(HostError, match=r"is a venv of C:\\Users\\me\\Python311"):
        offline_host(str(folder))


def test_plain_folders_of_pth_files(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.site / "win32" / "lib").mkdir(parents=True)
    lines = "# comment", "import os; os.abort()", "", "win32", "win32\\lib", "absent"
    (tree.site / "pywin32.pth").write_text("\n".join(lines))

    assert [Path(s) for s in tree.host().environment.site] == [
        tree.site,
        tree.site / "win32",
        tree.site / "win32" / "lib",
    ]


def test_the_built_in_host(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "_a.pyd").write_bytes(
        build_pe(imports={"KERNEL32.dll": ["f"], "VCRUNTIME140.dll": ["memcpy"]})
    )
    (tmp_path / "other.pyd").write_bytes(build_pe(imports={"MSVCP140.dll": ["f"]}))
    host = built_in_host([str(tmp_path)], (3, 12), ["/added"])

    assert host.process.application == r"C:\Python312"
    assert host.process.added == ("/added",)
    assert judge(host, "mine").ok
    assert judge(host, "other").diagnoses[0].code == "missing-vc-runtime"


def test_the_built_in_python_on_a_windows_that_is_given(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    (tmp_path / "other.pyd").write_bytes(build_pe(imports={"MSVCP140.dll": ["f"]}))

    host = built_in_host([str(tmp_path)], (3, 12), windows=str(tree.windows))

    assert judge(host, "other").ok
