"""A Python environment as it lies on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._packages._distribution import Distribution
from dllguard._packages._environment import Environment, native_files
from tests.pebuilder import ARM64, X86
from tests.trees import Tree


@pytest.mark.parametrize("name", ["Open_CV.Python", "open-cv-python", "cv2"])
def test_by_its_own_name_or_its_import_name(tree: Tree, name: str) -> None:
    tree.install("open-cv-python", "4.1", {"cv2/cv2.pyd": b"", "cv2/__init__.py": b""})

    assert tree.distribution(name).title == "open-cv-python 4.1"


def test_a_module_of_one_file(tree: Tree) -> None:
    tree.install("kiwisolver", "1.4", {"kiwisolver.cp311-win_amd64.pyd": b""})

    assert tree.distribution("kiwisolver").natives[0].path.endswith("win_amd64.pyd")


@pytest.mark.parametrize("name", ["absent", "not-an-identifier"])
def test_what_is_not_installed(tree: Tree, name: str) -> None:
    assert tree.host().environment.distribution(name) is None


@pytest.mark.parametrize(
    ("path", "count"),
    [("bare/_core.pyd", 1), ("bare.cp311-win_amd64.pyd", 1), ("bare.py", 0)],
)
def test_a_package_without_metadata(tree: Tree, path: str, count: int) -> None:
    tree.write(tree.site / path)

    distribution = tree.distribution("bare")

    assert distribution.title == "bare"
    assert distribution.version is None
    assert len(distribution.natives) == count


def test_what_is_required_comes_first(tree: Tree) -> None:
    tree.install("top", "1", {}, requires=["mid>=1", "absent"])
    tree.install("mid", "1", {}, requires=["low", "top"])
    tree.install("low", "1", {})
    closure = tree.host().environment.closure("top")

    assert [distribution.name for distribution in closure] == ["low", "mid", "top"]


def test_nothing_of_what_is_absent(tree: Tree) -> None:
    assert tree.host().environment.closure("absent") == ()


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("sys_platform == 'win32'", True),
        ("platform_system == 'Linux'", False),
        ("os_name == 'nt'", True),
        ("python_version >= '3.12'", False),
        ("platform_machine == 'AMD64'", True),
        ("extra == 'gpu'", False),
    ],
)
def test_markers_are_those_of_the_windows_python(
    tree: Tree, marker: str, *, holds: bool
) -> None:
    tree.install("top", "1", {}, requires=[f"low; {marker}", "not a requirement"])
    environment = tree.host().environment

    required = [r.name for r in environment.requirements(tree.distribution("top"))]

    assert required == (["low"] if holds else [])


@pytest.mark.parametrize(
    "marker",
    [
        "'a' == 'b'",
        "'a' in extras",
        "os_name ~= 'nt'",
        "(" * 3000 + "platform_release == '1'" + ")" * 3000,
        "no marker",
    ],
    ids=["two words", "set", "no order", "deep", "garbled"],
)
def test_what_cannot_be_evaluated_is_passed_over(tree: Tree, marker: str) -> None:
    tree.install("top", "1", {}, requires=[f"low; {marker}", "mid"])
    tree.install("mid", "1", {})
    tree.install("low", "1", {})
    environment = tree.host().environment
    top = tree.distribution("top")

    assert [r.name for r in environment.requirements(top)] == ["mid"]
    assert [d.name for d in environment.closure("top")] == ["mid", "top"]


@pytest.mark.parametrize(("machine", "name"), [(X86, "x86"), (ARM64, "ARM64")])
def test_the_machine_in_a_marker(tmp_path: Path, machine: int, name: str) -> None:
    tree = Tree(tmp_path, machine=machine)
    tree.install("top", "1", {}, requires=[f"low; platform_machine == '{name}'"])
    environment = tree.host().environment

    assert [r.name for r in environment.requirements(tree.distribution("top"))] == [
        "low"
    ]


def test_extension_modules_of_another_python_do_not_count(tree: Tree) -> None:
    names = (
        "a.cp311-win_amd64.pyd",
        "b.cp312-win_amd64.pyd",
        "c.pyd",
        "d.cp311t-win_amd64.pyd",
        "e.dll",
    )
    tree.install("p", "1", {f"p/{name}": b"" for name in names})

    modules = tree.host().environment.extension_modules(tree.distribution("p"))

    assert [Path(path).name for path in modules] == [names[0], names[2]]


def test_a_free_threaded_python_takes_its_own(tmp_path: Path) -> None:
    environment = Environment("python", (3, 13), 0, "", "", (), free_threaded=True)
    with_tag = Distribution("p", "1", str(tmp_path))

    assert environment.extension_modules(with_tag) == ()
    assert environment._is_for_us("p.cp313t-win_amd64.pyd")
    assert not environment._is_for_us("p.cp313-win_amd64.pyd")


def test_who_recorded_a_file(tree: Tree) -> None:
    tree.install("a", "1", {"a/X.dll": b"", "a/xx.dll": b""})
    tree.install("b", "1", {"b/bin/x.DLL": b""})

    owners = [d.name for d, _ in tree.host().environment.recorded("x.dll")]

    assert sorted(owners) == ["a", "b"]


def test_native_files_below_a_folder(tmp_path: Path) -> None:
    for name in ("B/b.dll", "a/z.PYD", "a/a.pyd", "a/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    names = [Path(path).name for path in native_files(str(tmp_path))]

    assert names == ["a.pyd", "z.PYD", "b.dll"]
