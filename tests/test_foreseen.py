"""An old msvcp140.dll that another package would load first: told, and not cried."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._judge import judge
from dllguard._model import Version
from tests.texts import obey
from tests.trees import Tree

NEW_MUTEX = {"msvcp140.dll": ["_Mtx_lock", "_Mtx_unlock"]}
OLD_MUTEX = {"msvcp140.dll": ["_Mtx_init_in_situ", "_Mtx_lock"]}
OLD: Version = (14, 29, 30133, 0)


def machine(
    tmp_path: Path,
    *,
    copy: Version = OLD,
    wants: dict[str, list[str]] | None = None,
    name: str = "msvcp140.dll",
    uses: bool = True,
) -> Tree:
    """Return a machine with a package that crashes on an old copy, and with a copy.

    :param copy: version of the other package's copy.
    :param wants: what the package imports.
    :param name: name of the other package's copy.
    :param uses: whether a module of the other package imports it.
    """
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    core = tree.pe(imports=wants or NEW_MUTEX, linker=(14, 44))
    tree.install("shapes", "1.0", {"shapes/_core.pyd": core})
    other = tree.pe(imports=OLD_MUTEX) if uses else tree.pe()
    files = {"zmq/_zmq.pyd": other, f"zmq/{name}": tree.pe(file_version=copy)}
    tree.install("pyzmq", "26.1.0", files)
    return tree


def test_it_is_foreseen(tmp_path: Path) -> None:
    tree = machine(tmp_path)

    result = tree.plain(judge(tree.live(), "shapes"))

    (found,) = result.diagnoses
    obey(found)
    assert result.ok
    assert found.code == "conflicting-copies"
    assert found.help[0].commands == ("import shapes", "import zmq")


@pytest.mark.parametrize(
    ("copy", "wants", "name", "uses"),
    [
        pytest.param((14, 40, 1, 0), NEW_MUTEX, "msvcp140.dll", True, id="new enough"),
        pytest.param(OLD, OLD_MUTEX, "msvcp140.dll", True, id="the older mutex"),
        pytest.param(OLD, NEW_MUTEX, "msvcp140-1a2b.dll", True, id="another name"),
        pytest.param(OLD, NEW_MUTEX, "msvcp140.dll", False, id="nobody loads it"),
    ],
)
def test_it_is_not_cried(
    tmp_path: Path, copy: Version, wants: dict[str, list[str]], name: str, uses: bool
) -> None:
    tree = machine(tmp_path, copy=copy, wants=wants, name=name, uses=uses)

    assert judge(tree.live(), "shapes").diagnoses == ()


def test_a_copy_of_the_target_itself_is_judged_as_what_is_loaded(
    tmp_path: Path,
) -> None:
    tree = machine(tmp_path)

    found = judge(tree.live(), "pyzmq").diagnoses

    assert "conflicting-copies" not in [d.code for d in found]
