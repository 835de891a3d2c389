"""Builds of torch: what a version tells, and where the wheels for one are."""

from __future__ import annotations

import pytest

from dllguard._causes._builds import built_for, wheel_page
from dllguard._packages._distribution import Distribution, NativeFile


def distribution(name: str, version: str | None, *files: str) -> Distribution:
    """Return an installed distribution with native files."""
    return Distribution(name, version, "site", tuple(map(NativeFile, files)))


@pytest.mark.parametrize(
    ("version", "torch"),
    [
        ("2.1.2+pt21cu118", "2.1"),
        ("2.1.2+pt113cpu", "1.13"),
        ("0.7.5+pt2.0.0cu117", "2.0.0"),
        ("0.4.0+pt22", "2.2"),
        ("2.9.0+cu128", ""),
        ("2.1.2", ""),
        (None, ""),
    ],
)
def test_a_version_tells_the_torch(version: str | None, torch: str) -> None:
    assert built_for(distribution("torch-scatter", version)) == torch


@pytest.mark.parametrize(
    ("name", "torch", "page"),
    [
        ("torch-scatter", "2.2.2+cu118", "https://data.pyg.org/whl/torch-2.2.2+cu118"),
        ("torch_scatter", "2.2.2", "https://data.pyg.org/whl/torch-2.2.2+cpu"),
        ("mmcv-full", "1.8.1+cpu", "https://download.openmmlab.com/mmcv/dist/cpu/"),
        ("pytorch3d", "2.2.2+cu118", ""),
        ("mmcv-full", "1.8", ""),
    ],
)
def test_the_page_for_a_torch(name: str, torch: str, page: str) -> None:
    owner = distribution(name, "1.0")
    found = wheel_page(owner, distribution("torch", torch, "torch/lib/c10.dll"))

    assert found.startswith(page)
    assert bool(found) == bool(page)


def test_a_cuda_build_without_its_name() -> None:
    torch = distribution("torch", "2.2.2", "torch/lib/c10_cuda.dll")

    assert wheel_page(distribution("torch-scatter", "2.1.2"), torch) == ""
