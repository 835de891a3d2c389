"""A DLL of a product: named with its release, and got for the environment at hand."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._causes._missing_product import product_of
from dllguard._causes._scene import Scene
from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import X86
from tests.texts import obey
from tests.trees import Tree


def checked(tree: Tree, target: str = "shapes") -> Diagnosis:
    """Return the one finding on a target, with `C:` for the folder of the test."""
    (found,) = tree.plain(judge(tree.live(), target)).diagnoses
    obey(found)
    return found


def lacking(
    tree: Tree, *names: str, version: str = "1.0", installer: str = "pip"
) -> Diagnosis:
    """Return what is said of a package that needs DLLs which are not there."""
    files = {"shapes/_core.pyd": tree.pe(*names)}
    tree.install("shapes", version, files)
    info = tree.site / f"shapes-{version}.dist-info"
    (info / "INSTALLER").write_text(f"{installer}\n", "ascii")
    return checked(tree)


def commands(found: Diagnosis) -> str:
    """Return all commands of a diagnosis."""
    return "\n".join(c for remedy in found.help for c in remedy.commands)


@pytest.mark.parametrize(
    ("name", "title", "wheel"),
    [
        ("cublas64_12.dll", "CUDA 12", "nvidia-cublas-cu12"),
        ("cudart64_110.dll", "CUDA 11", "nvidia-cuda-runtime-cu11"),
        ("cufft64_11.dll", "CUDA 12", "nvidia-cufft-cu12"),
        ("cufft64_12.dll", "CUDA 13", '"nvidia-cufft==12.*"'),
        ("nvrtc64_130_0.dll", "CUDA 13", '"nvidia-cuda-nvrtc==13.*"'),
        ("cudnn64_9.dll", "cuDNN 9", '"nvidia-cudnn-cu12==9.*"'),
        ("cudnn_ops_infer64_8.dll", "cuDNN 8", '"nvidia-cudnn-cu11==8.*"'),
    ],
)
def test_cuda_by_its_wheels(tmp_path: Path, name: str, title: str, wheel: str) -> None:
    found = lacking(Tree(tmp_path), name)

    assert found.code == "missing-product"
    assert found.headline == f"{name} of {title} not found (needed by _core.pyd)"
    assert f"pip install {wheel}\n" in commands(found)
    assert r"C:\Python311\Lib\site-packages\nvidia" in commands(found)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("cublas64_100.dll", "CUDA 10.0"),
        ("cudart64_101.dll", "CUDA 10.1"),
        ("cublas64_99.dll", "CUDA"),
        ("cudnn64_7.dll", "cuDNN 7"),
    ],
)
def test_releases_without_wheels(tmp_path: Path, name: str, title: str) -> None:
    found = lacking(Tree(tmp_path), name)

    assert found.headline.startswith(f"{name} of {title} not found")
    assert "nvidia-" not in commands(found)
    texts = [remedy.text for remedy in found.help]
    assert any("developer.nvidia.com" in text for text in texts)


def test_the_version_of_the_package_says_which_cuda(tmp_path: Path) -> None:
    found = lacking(Tree(tmp_path), "cusolver64_11.dll", version="1.0+cu118")

    assert found.wanted == "CUDA 11.8, 64-bit"
    assert "nvidia-cusolver-cu11" in commands(found)
    assert "--version 11.8" in commands(found)


def test_a_python_without_folders_to_add(tmp_path: Path) -> None:
    found = lacking(Tree(tmp_path, version=(3, 7)), "cublas64_12.dll")

    assert "add_dll_directory" not in commands(found)


def test_the_architecture_is_that_of_the_importer(tmp_path: Path) -> None:
    found = lacking(Tree(tmp_path, machine=X86), "libvlc.dll")

    assert found.wanted == "VLC media player, 32-bit"
    assert "--architecture x86" in commands(found)


def test_conda_first_in_a_conda_environment(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.python / "conda-meta").mkdir()

    found = lacking(tree, "mkl_core.2.dll")

    assert found.help[0].commands == ("conda install mkl",)
    assert found.help[1].text.startswith("or ")


def test_a_package_that_brings_cuda_forgot_a_part(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("torch", "2.9.0", {"torch/lib/cudart64_12.dll": tree.pe()})
    host = tree.live(tree.site / "torch" / "lib")
    files = {"shapes/_core.pyd": tree.pe("cudart64_12.dll", "nvjpeg64_12.dll")}
    tree.install("shapes", "1.0", files)

    (found,) = tree.plain(judge(host, "shapes")).diagnoses

    assert found.help[0].commands[0].endswith("--upgrade shapes torch")
    assert "come with torch 2.9.0" in (found.note or "")


def test_a_frozen_program_takes_nothing_from_pip(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = tree.write(tree.python / "_core.pyd", imports={"cublas64_12.dll": ["f"]})
    host = tree.live()
    environment = dataclasses.replace(host.environment, kind="pyinstaller")
    host = dataclasses.replace(host, environment=environment)

    (found,) = tree.plain(judge(host, str(path))).diagnoses

    obey(found)
    assert found.code == "missing-product"
    assert "pip install" not in commands(found)
    assert "winget install --id Nvidia.CUDA" in commands(found)


@given(name=st.text(max_size=30))
def test_any_name_has_an_answer(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scene = _scene(tmp_path_factory)

    product = product_of(name, scene)

    assert product is None or product.ways


_SCENES: list[Scene] = []


def _scene(factory: pytest.TempPathFactory) -> Scene:
    if not _SCENES:
        _SCENES.append(Scene(Tree(factory.mktemp("any")).host(), "shapes"))
    return _SCENES[0]
