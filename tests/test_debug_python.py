"""A debug Python that refuses the debug build of its own stable ABI."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._judge import judge
from tests.pebuilder import build_pe
from tests.texts import obey
from tests.trees import Tree


def codes(tree: Tree, patch: int | None, number: tuple[int, int] = (3, 11)) -> set[str]:
    """Return what is said of a module that uses python3_d.dll.

    :param patch: patch release of the debug Python; None for a release build.
    """
    name = "python{}{}_d.dll".format(*number)
    version = (*number, (patch or 0) * 1000 + 150, 1013)
    tree.write(tree.python / name, file_version=version)
    tree.write(tree.python / "python3_d.dll")
    image = build_pe(imports={"python3_d.dll": ["function"]})
    tree.install("shapes", "1.0", {"shapes/core_d.pyd": image})
    host = tree.live()
    process = host.process
    if patch is not None:
        loaded = {**process.loaded, name: str(tree.python / name)}
        process = replace(process, loaded=loaded)
    environment = replace(host.environment, version=number)
    host = replace(host, process=process, environment=environment)
    found = judge(host, "shapes").diagnoses
    for diagnosis in found:
        obey(tree.plain(diagnosis))
    return {diagnosis.code for diagnosis in found}


@pytest.mark.parametrize(
    ("number", "patch", "expected"),
    [
        ((3, 9), 13, {"debug-runtime"}),
        ((3, 10), 10, {"debug-runtime"}),
        ((3, 10), 11, set()),
        ((3, 11), 2, {"debug-runtime"}),
        ((3, 11), 3, set()),
        ((3, 12), 0, set()),
        ((3, 11), None, set()),
    ],
)
def test_releases(
    tmp_path: Path, number: tuple[int, int], patch: int | None, expected: set[str]
) -> None:
    assert codes(Tree(tmp_path), patch, number) == expected
