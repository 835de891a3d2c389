"""A missing DLL of a package whose requirements are not all installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from dllguard._judge import judge
from tests.texts import golden, obey

if TYPE_CHECKING:
    from dllguard._verdict import Diagnosis
    from tests.trees import Tree


def checked(tree: Tree, target: str) -> Diagnosis:
    """Return the first finding on a target, with `C:` for the folder of the test."""
    found = tree.plain(judge(tree.live(), target)).diagnoses[0]
    obey(found)
    return found


def vision(
    tree: Tree, *requires: str, needs: str = "torch_cpu.dll", installer: str = "pip"
) -> None:
    """Install a package whose module imports a DLL that is not there."""
    files = {"vision/_C.pyd": tree.pe(needs)}
    tree.install("vision", "0.29", files, requires=requires, installer=installer)


def test_what_is_required_and_absent_is_named(tree: Tree) -> None:
    tree.install("numpy", "2.0", {})
    vision(tree, "numpy", "torch>=2.14", "pillow<12,>=5.3", "jax; extra == 'x'")

    found = checked(tree, "vision")

    assert found.code == "missing-dll"
    text = golden("missing-dll-of-a-requirement", found)
    assert '-m pip install "torch>=2.14" "pillow<12,>=5.3"\n' in text
    assert "numpy" not in text
    assert "jax" not in text


@pytest.mark.parametrize(
    "requires", [(), ("torch",), ("torch; os_name == 'posix'",)], ids=repr
)
def test_all_that_is_required_is_there(tree: Tree, requires: tuple[str, ...]) -> None:
    if "torch" in requires:
        tree.install("torch", "2.14", {})
    vision(tree, *requires)

    assert "requires" not in str(checked(tree, "vision"))


def test_of_many_a_few_are_named_and_all_are_installed(tree: Tree) -> None:
    vision(tree, *(f"part{number}" for number in range(7)))

    found = checked(tree, "vision")

    assert found.note is not None
    assert "part3, part4 and 2 more, not installed here" in found.note
    assert found.help[0].commands[0].endswith("part4 part5 part6")


def test_of_two_rules_for_a_name_both_hold(tree: Tree) -> None:
    older, newer = "python_version >= '3.10'", "python_version >= '3.11'"
    vision(tree, f"numpy>=1.21; {older}", f"numpy>=1.23; {newer}")

    found = checked(tree, "vision")

    assert found.help[0].commands[0].endswith('install "numpy>=1.21,>=1.23"')
    assert found.note is not None
    assert "vision requires numpy, not installed here, which may bring it" in found.note


@pytest.mark.parametrize("needs", ["mkl_rt.2.dll", "MSVCP140.dll"])
def test_a_product_that_is_known_goes_first(tree: Tree, needs: str) -> None:
    vision(tree, "torch", needs=needs)

    assert checked(tree, "vision").code != "missing-dll"


def test_a_part_that_a_release_forgot_goes_first(tree: Tree) -> None:
    vision(tree, "numpy", needs="libgcc_s_seh-1.dll")

    found = checked(tree, "vision")

    assert "this release forgot it" in str(found).replace("\n      ", " ")
    assert "numpy" not in str(found)


def test_whether_they_bring_it_is_left_open(tree: Tree) -> None:
    vision(tree, "numpy", needs="areas.dll")

    found = checked(tree, "vision")

    assert found.note is not None
    assert "Usually" not in found.note
    assert found.note.endswith("another product, or the release forgot it.")
    ways = [way.text.partition(" of ")[0] for way in found.help]
    assert ways[0] == "install what vision requires:"
    assert ways[1] == "or try another release"


def test_a_copy_that_is_not_searched_goes_first(tree: Tree) -> None:
    tree.install("other", "1", {"other/torch_cpu.dll": tree.pe(exports=["function"])})
    vision(tree, "torch")

    assert checked(tree, "vision").code == "not-on-search-path"


def test_where_all_is_there_packaging_is_not_asked(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.install("torch", "2.14", {})
    vision(tree, "torch>=2.14")
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)

    assert checked(tree, "vision").code == "missing-dll"


@pytest.mark.parametrize(
    ("installer", "command"),
    [
        ("pip", r"C:\Python311\python.exe -m pip install torch"),
        ("uv", r"uv pip install --python C:\Python311\python.exe torch"),
    ],
)
def test_with_what_installed_it(tree: Tree, installer: str, command: str) -> None:
    vision(tree, "torch", installer=installer)

    assert checked(tree, "vision").help[0].commands == (command,)


def test_conda_names_its_packages_otherwise(tree: Tree) -> None:
    vision(tree, "torch", installer="conda")

    assert "requires torch" not in str(checked(tree, "vision"))


def test_a_name_that_a_shell_would_heed_is_quoted(tree: Tree) -> None:
    vision(tree, "torch @ https://example.com/a&b/torch.whl")

    found = checked(tree, "vision")

    assert (
        found.help[0]
        .commands[0]
        .endswith('"torch @ https://example.com/a&b/torch.whl"')
    )
