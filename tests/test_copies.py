"""Copies of a missing DLL, and which of them is the likeliest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._causes._copies import Copy, copies
from dllguard._causes._scene import Scene
from dllguard._hosts._circumstances import Circumstances
from dllguard._hosts._host import Host
from dllguard._judge import judge
from dllguard._loader._walk import walk
from tests.pebuilder import X86
from tests.trees import Tree

CUDA = "Program Files/NVIDIA GPU Computing Toolkit/CUDA"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine with a package that lacks cudart64_12.dll."""
    tree = Tree(tmp_path)
    tree.install("cupy", "13.4", {"cupy/_core.pyd": tree.pe("cudart64_12.dll")})
    return tree


def found(tree: Tree, host: Host) -> list[Copy]:
    """Return the copies of what the package lacks."""
    distributions = host.environment.closure("cupy")
    scene = Scene(host, "cupy", distributions=distributions)
    load = walk(str(tree.site / "cupy/_core.pyd"), host.process)
    return copies(load.faults[0], load, scene)


def with_variables(host: Host, **variables: str) -> Host:
    """Return a host with environment variables."""
    return replace(host, circumstances=Circumstances(variables=variables))


def put(tree: Tree, folder: str, **fields: object) -> str:
    """Write a copy into a folder of the machine, and return the folder."""
    path = tree.root / folder / "cudart64_12.dll"
    return str(tree.write(path, **{"exports": ["function"], **fields}).parent)


def test_nowhere(tree: Tree) -> None:
    assert found(tree, tree.live()) == []


@pytest.mark.parametrize(
    ("folder", "variables", "expected"),
    [
        ("CUDA/bin", {"CUDA_PATH": "CUDA"}, ("variable", "CUDA_PATH")),
        ("CUDA/bin/x64", {"CUDA_PATH": "CUDA"}, ("variable", "CUDA_PATH")),
        ("CUDA/bin", {"CUDA_PATH_V12_4": "CUDA/"}, ("variable", "CUDA_PATH_V12_4")),
        ("env/Library/bin", {"CONDA_PREFIX": "env"}, ("variable", "CONDA_PREFIX")),
        (f"{CUDA}/v12.4/bin", {}, ("product", "the CUDA Toolkit")),
        ("Python311/Library/bin", {}, None),
        ("CUDA/lib", {"CUDA_PATH": "CUDA"}, None),
        ("CUDA/bin", {"CUDA_PATH": ""}, None),
    ],
)
def test_by_variables_and_products(
    tree: Tree,
    folder: str,
    variables: dict[str, str],
    expected: tuple[str, str] | None,
) -> None:
    put(tree, folder)
    given = {n: str(tree.root / v) if v else "" for n, v in variables.items()}

    host = with_variables(tree.live(), **given)
    kinds = [(copy.kind, copy.name) for copy in found(tree, host)]

    assert kinds == ([expected] if expected else [])


def test_conda_has_its_dlls_below_the_prefix(tree: Tree) -> None:
    folder = put(tree, "Python311/Library/bin")
    (tree.python / "conda-meta").mkdir()
    # An early build, which does not search it.
    host = tree.live()
    host = replace(host, process=replace(host.process, added=()))

    (copy,) = found(tree, host)

    assert (copy.kind, copy.folder, copy.proven) == ("conda", folder, True)


def test_below_a_folder_that_was_added(tree: Tree) -> None:
    put(tree, "CUDA/bin")

    (copy,) = found(tree, tree.live(tree.root / "CUDA"))

    assert (copy.kind, copy.name) == ("below", str(tree.root / "CUDA"))


def test_the_newest_release_of_a_product(tree: Tree) -> None:
    for number in ("v12.4", "v12.10", "v11.8"):
        put(tree, f"{CUDA}/{number}/bin")

    names = [Path(copy.folder).parent.name for copy in found(tree, tree.live())]

    assert names == ["v12.10", "v12.4", "v11.8"]


def test_the_package_itself_comes_first_and_an_open_folder_last(tree: Tree) -> None:
    put(tree, "tools")
    put(tree, f"{CUDA}/v12.4/bin")
    dll = tree.pe(exports=["function"])
    tree.install("nvidia-cuda", "12", {"nvidia/bin/cudart64_12.dll": dll})
    info = next(tree.site.glob("cupy-*.dist-info"))
    with (info / "RECORD").open("a") as record:
        record.write("cupy/.data/cudart64_12.dll,,\n")
    put(tree, "Python311/Lib/site-packages/cupy/.data")

    kinds = [copy.kind for copy in found(tree, tree.live(path=[tree.root / "tools"]))]

    # What everybody may write into goes last.
    assert kinds == ["own", "package", "product", "path"]


def test_one_folder_is_told_once(tree: Tree) -> None:
    folder = put(tree, "CUDA/bin")
    host = with_variables(
        tree.live(path=[Path(folder), Path(folder.upper())]),
        CUDA_PATH=str(tree.root / "CUDA"),
    )

    assert [copy.kind for copy in found(tree, host)] == ["variable"]


@pytest.mark.parametrize("fields", [{"machine": X86}, {"exports": ["other"]}])
def test_what_does_not_fit_is_no_cure(tree: Tree, fields: dict[str, object]) -> None:
    folder = put(tree, "tools", **fields)

    assert found(tree, tree.live(path=[Path(folder)])) == []


def test_a_file_that_is_no_image_is_no_cure(tree: Tree) -> None:
    folder = put(tree, "tools")
    (Path(folder) / "cudart64_12.dll").write_bytes(b"MZ")

    assert found(tree, tree.live(path=[Path(folder)])) == []


def test_two_folders_are_added_in_one_line(tree: Tree) -> None:
    one, other = tree.root / "a", tree.root / "b"
    tree.write(one / "x.dll", imports={"y.dll": ["f"]}, exports=["function"])
    tree.write(other / "y.dll", exports=["f"])
    tree.install("shapes", "1", {"shapes/_core.pyd": tree.pe("x.dll")})

    host = tree.live(path=[one, other])
    (diagnosis,) = judge(host, "shapes").diagnoses

    (command,) = diagnosis.help[0].commands
    assert command.count("os.add_dll_directory") == 2
    (again,) = diagnosis.help[-1].commands
    assert again.count("--dll-directory") == 2
    assert judge(tree.live(one, other), "shapes").ok


def test_what_would_be_missing_next(tree: Tree) -> None:
    folder = tree.root / "a"
    tree.write(folder / "x.dll", imports={"y.dll": ["f"]}, exports=["function"])
    tree.install("shapes", "1", {"shapes/_core.pyd": tree.pe("x.dll")})

    (diagnosis,) = judge(tree.live(path=[folder]), "shapes").diagnoses

    assert "Even with it, y.dll stops the load." in (diagnosis.note or "")
