"""Extension modules in caches: what they lack is no reason to look for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._judge import judge
from tests.texts import obey
from tests.trees import Tree


@pytest.mark.parametrize(
    "folder",
    [
        "Users/me/.triton/cache/6a5",
        "Temp/torchinductor_me/triton/0/6a5",
        "torch_extensions/torch_extensions/Cache/fused",
    ],
    ids=["triton", "inductor", "torch-extensions"],
)
def test_a_module_of_a_cache(tmp_path: Path, folder: str) -> None:
    tree = Tree(tmp_path)
    wanted = {"gone.dll": ["function"]}
    path = tree.write(tmp_path / folder / "launcher.pyd", imports=wanted)

    (found,) = tree.plain(judge(tree.live(), str(path))).diagnoses

    obey(found)
    assert found.code == "missing-dll"
    assert found.help[0].commands[0].startswith("rmdir /s /q ")


def test_any_other_module(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    wanted = {"gone.dll": ["function"]}
    path = tree.write(tmp_path / "cache" / "launcher.pyd", imports=wanted)

    (found,) = judge(tree.live(), str(path)).diagnoses

    assert "rmdir" not in str(found)
