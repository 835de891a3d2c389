"""The Visual C++ v14 runtime: too old for those that use it, or of mixed parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._hosts._host import Host
from dllguard._judge import judge
from dllguard._verdict import Diagnosis
from tests.pebuilder import build_pe
from tests.texts import golden, obey
from tests.trees import Tree

CONSTEXPR_MUTEX = ["_Mtx_lock", "_Mtx_unlock"]
RUNTIME_MUTEX = ["_Mtx_init_in_situ", *CONSTEXPR_MUTEX]


def checked(tree: Tree, host: Host | None = None) -> tuple[Diagnosis, ...]:
    """Return the findings on `shapes`, with `C:` for the folder of the test."""
    found = tree.plain(judge(host or tree.live(), "shapes")).diagnoses
    for diagnosis in found:
        obey(diagnosis)
    return found


def shapes(
    tree: Tree, linker: tuple[int, int], symbols: list[str], name: str = "core"
) -> dict[str, bytes]:
    """Return an extension module that uses msvcp140.dll."""
    image = build_pe(
        machine=tree.machine, imports={"MSVCP140.dll": symbols}, linker=linker
    )
    return {f"shapes/{name}.pyd": image}


def test_the_mutex_of_toolset_14_40(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    tree.install("shapes", "1.0", shapes(tree, (14, 42), CONSTEXPR_MUTEX))

    (found,) = checked(tree)

    assert found.code == "vc-runtime-too-old"
    assert found.severity == "error"
    golden("vc-runtime-too-old", found)


def test_one_that_crashes_outweighs_others_that_may_not(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    first = shapes(tree, (14, 42), ["_Cnd_wait"], "a")
    second = shapes(tree, (14, 42), CONSTEXPR_MUTEX, "b")
    tree.install("shapes", "1.0", first | second)

    (found,) = checked(tree)

    assert found.severity == "error"
    assert found.chain[0].name == "b.pyd"


@pytest.mark.parametrize(
    ("linker", "symbols"),
    [((14, 42), RUNTIME_MUTEX), ((14, 42), ["_Cnd_wait"]), ((14, 38), CONSTEXPR_MUTEX)],
)
def test_an_older_tens_digit_alone_is_a_warning(
    tmp_path: Path, linker: tuple[int, int], symbols: list[str]
) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    tree.install("shapes", "1.0", shapes(tree, linker, symbols))

    (found,) = checked(tree)

    if linker == (14, 38):
        assert found.severity == "error"  # the mutex decides, whatever the linker says
    else:
        assert found.code == "vc-runtime-too-old"
        assert found.severity == "warning"
        assert judge(tree.live(), "shapes").ok
    if symbols == RUNTIME_MUTEX:
        golden("vc-runtime-too-old-warning", found)


@pytest.mark.parametrize(
    ("linker", "runtime"),
    [
        ((2, 46), (14, 0, 23026, 0)),  # GNU ld counts for itself
        ((14, 0), (14, 0, 23026, 0)),  # LLD
        ((14, 44), (14, 40, 33810, 0)),  # the units are not compared
        ((14, 38), (14, 44, 35211, 0)),
    ],
)
def test_linker_versions_that_prove_nothing(
    tmp_path: Path, linker: tuple[int, int], runtime: tuple[int, int, int, int]
) -> None:
    tree = Tree(tmp_path, redistributable=runtime)
    tree.install("shapes", "1.0", shapes(tree, linker, CONSTEXPR_MUTEX))

    assert checked(tree) == ()


def test_an_old_vcruntime_is_what_python_mostly_has(tmp_path: Path) -> None:
    tree = Tree(tmp_path, vcruntime=(14, 16, 27033, 0))
    image = build_pe(imports={"VCRUNTIME140.dll": ["memcpy"]}, linker=(14, 44))
    tree.install("shapes", "1.0", {"shapes/core.pyd": image})

    assert checked(tree) == ()


def test_the_mutex_is_in_msvcp140_alone(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    version = 14, 29, 30139, 0
    tree.write(tree.system / "concrt140.dll", file_version=version)
    wanted = {"MSVCP140.dll": CONSTEXPR_MUTEX, "CONCRT140.dll": ["function"]}
    image = build_pe(imports=wanted, linker=(14, 44))
    tree.install("shapes", "1.0", {"shapes/core.pyd": image})

    (found,) = checked(tree)

    assert found.culprit == "concrt140.dll"
    assert found.severity == "warning"


def loaded(tree: Tree, name: str, path: Path) -> Host:
    """Return a process that holds a DLL already."""
    host = tree.live()
    modules = {**host.process.loaded, name: str(path)}
    return replace(host, process=replace(host.process, loaded=modules))


def test_another_package_has_loaded_an_older_copy(tmp_path: Path) -> None:
    # PyQt5-Qt5 5.15.2 before torch: explosion/spaCy#13894.
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    tree.install("shapes", "1.0", shapes(tree, (14, 42), CONSTEXPR_MUTEX))
    old = tree.pe(file_version=(14, 26, 28720, 3), exports=RUNTIME_MUTEX)
    tree.install("PyQt5-Qt5", "5.15.2", {"PyQt5/Qt5/bin/msvcp140.dll": old})
    host = loaded(tree, "msvcp140.dll", tree.site / "PyQt5/Qt5/bin/msvcp140.dll")

    (found,) = checked(tree, host)

    assert found.code == "vc-runtime-too-old"
    text = golden("vc-runtime-too-old-in-a-package", found)
    # The redistributable is new enough, and changes nothing.
    assert "winget" not in text
    assert "update PyQt5-Qt5" in text
    assert "import shapes before PyQt5" in text


def test_an_old_copy_beside_python(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.python / "msvcp140.dll", file_version=(14, 29, 0, 0))
    tree.install("shapes", "1.0", shapes(tree, (14, 42), CONSTEXPR_MUTEX))

    found = next(d for d in checked(tree) if d.code == "vc-runtime-too-old")

    assert "move this copy out of the folder of python.exe" in str(found)

    (tree.python / "conda-meta").mkdir()

    found = next(d for d in checked(tree) if d.code == "vc-runtime-too-old")

    assert found.help[0].commands == ("conda install -c conda-forge vc14_runtime",)


def test_parts_of_two_runtimes(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    tree.write(tree.system / "msvcp140_1.dll", file_version=(14, 29, 30139, 0))
    tree.install("shapes", "1.0", shapes(tree, (14, 29), ["_Cnd_wait"]))

    (found,) = checked(tree)

    assert found.code == "vc-runtime-damaged"
    assert found.severity == "warning"
    golden("vc-runtime-damaged-mixture", found)


def test_parts_that_lag_behind_and_serve(tmp_path: Path) -> None:
    # The builds of one minor version differ, and vcomp is of another in shiboken6.
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    tree.write(tree.system / "msvcp140_1.dll", file_version=(14, 44, 35112, 0))
    tree.write(tree.system / "vcomp140.dll", file_version=(14, 24, 0, 0))
    tree.install("shapes", "1.0", shapes(tree, (14, 29), ["_Cnd_wait"]))

    assert checked(tree) == ()


def test_an_old_copy_in_a_folder_of_nobody(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tmp_path / "added" / "msvcp140.dll", file_version=(14, 29, 0, 0))
    tree.install("shapes", "1.0", shapes(tree, (14, 42), CONSTEXPR_MUTEX))

    (found,) = checked(tree, tree.live(tmp_path / "added"))

    assert found.help[0].text == "update the product that the copy belongs to"
