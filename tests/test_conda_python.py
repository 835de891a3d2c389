"""A conda Python that was built without its stable ABI."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._judge import judge
from tests.texts import obey
from tests.trees import Tree


@pytest.mark.parametrize(("conda", "command"), [(True, "conda update"), (False, "")])
def test_the_build_is_updated(tmp_path: Path, conda: bool, command: str) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("python3.dll")})
    if conda:
        (tree.python / "conda-meta").mkdir()
    (tree.python / "python3.dll").unlink(missing_ok=True)

    (found,) = tree.plain(judge(tree.live(), "shapes")).diagnoses

    obey(found)
    assert found.code == "missing-dll"
    assert bool(found.help[0].commands) == conda
    assert not command or found.help[0].commands[0].startswith(command)


def test_what_this_python_never_had_is_not_put_down_to_its_build(
    tmp_path: Path,
) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("python3t.dll")})
    (tree.python / "conda-meta").mkdir()

    (found,) = judge(tree.live(), "shapes").diagnoses

    assert "conda update" not in str(found)
