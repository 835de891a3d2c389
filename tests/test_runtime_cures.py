"""Ways to a runtime for the Python and the rights at hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from dllguard._causes._runtime_cures import (
    earlier_release,
    in_order,
    installation,
    other_release,
    serves_others,
    without_rights,
)
from dllguard._causes._scene import Scene
from dllguard._hosts._circumstances import Circumstances
from dllguard._hosts._host import Host
from dllguard._packages._distribution import Distribution
from dllguard._tables._redistributables import (
    NEWEST_WHEEL,
    PRODUCTS,
    SAME_EXPORTS,
    V14,
    WHEEL,
)
from dllguard._tables._runtime_releases import SETTLED
from dllguard._verdict import Remedy
from tests.pebuilder import X64, X86, build_pe
from tests.trees import Tree

NAME = "msvcp140.dll"


def scene_of(host: Host, **facts: object) -> Scene:
    """Return a scene on a host whose environment has other facts."""
    environment = replace(host.environment, **facts)  # type: ignore[arg-type]
    return Scene(replace(host, environment=environment, live=True), "shapes")


def way(scene: Scene, lowest: tuple[int, int] | None = None) -> tuple[str, ...] | None:
    """Return the commands that need no administrator rights."""
    process = scene.host.process
    searched = {process.application.lower()}
    if scene.host.environment.version < (3, 8):
        searched = {process.system.lower()}
    found = without_rights(NAME, lowest, searched, scene)
    return found.commands if found else None


class TestWithoutRights:
    def test_python_of_the_user(self, tmp_path: Path) -> None:
        scene = scene_of(Tree(tmp_path).live())

        assert way(scene) == (
            f"{scene.host.environment.executable} -m pip install msvc-runtime",
        )

    def test_python_in_program_files(self, tmp_path: Path) -> None:
        assert way(scene_of(Tree(tmp_path / "Program Files").live())) is None

    def test_python_that_pip_must_leave_alone(self, tmp_path: Path) -> None:
        tree = Tree(tmp_path)
        (tree.python / "Lib" / "EXTERNALLY-MANAGED").write_text("")

        assert way(scene_of(tree.live())) is None

    def test_venv_takes_it_from_its_base(self, tmp_path: Path) -> None:
        tree = Tree(tmp_path)
        scene = scene_of(tree.live(), prefix=str(tmp_path / ".venv"), kind="venv")

        commands = way(scene)

        assert commands is not None
        assert commands[0].startswith(str(tree.python / "python.exe"))

    def test_venv_of_a_guarded_base_adds_its_scripts(self, tmp_path: Path) -> None:
        tree = Tree(tmp_path / "Program Files")
        scene = scene_of(tree.live(), prefix=str(tmp_path / ".venv"), kind="venv")

        commands = way(scene)

        assert commands is not None
        assert "os.add_dll_directory(" in commands[1]
        assert "Scripts" in commands[1]

    def test_python_37_needs_path(self, tmp_path: Path) -> None:
        scene = scene_of(Tree(tmp_path).live(), version=(3, 7))

        commands = way(scene)

        assert commands is not None
        assert commands[1].startswith('set "PATH=')

    def test_no_wheel_is_new_enough(self, tmp_path: Path) -> None:
        scene = scene_of(Tree(tmp_path).live(), version=(3, 7))

        assert way(scene, (14, 29)) is not None
        assert way(scene, (14, 40)) is None

    @pytest.mark.parametrize("kind", ["store", "pyinstaller"])
    def test_nothing_is_installed_into_it(self, tmp_path: Path, kind: str) -> None:
        assert way(scene_of(Tree(tmp_path).live(), kind=kind)) is None

    def test_host_on_disk(self, tmp_path: Path) -> None:
        scene = scene_of(Tree(tmp_path).live())
        scene = replace(scene, host=replace(scene.host, live=False))

        assert way(scene) is None

    def test_venv_of_conda(self, tmp_path: Path) -> None:
        tree = Tree(tmp_path)
        (tree.python / "conda-meta").mkdir()
        scene = scene_of(tree.live(), prefix=str(tmp_path / ".venv"), kind="venv")

        assert way(scene) == (
            f"conda install -p {tree.python} -c conda-forge vc14_runtime",
        )


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (0, "winget install"),
        (22631, "winget install"),
        (14393, "https://aka.ms/vc14/vc_redist.x64.exe"),
        (7601, "https://aka.ms/vs/17/release/vc_redist.x64.exe"),
    ],
    ids=["unknown", "windows-11", "windows-10-1607", "windows-7"],
)
def test_the_redistributable_for_this_windows(
    tmp_path: Path, build: int, says: str
) -> None:
    host = replace(Tree(tmp_path).live(), circumstances=Circumstances(build=build))

    first = installation(V14, Scene(host, "shapes"))[0]

    assert says in " ".join((first.text, *first.commands))


def package(name: str, version: str | None, installer: str = "pip") -> Distribution:
    """Return an installed package without files."""
    return replace(
        Distribution(name, version, "C:\\site", ()),
        installer=installer,
    )


class TestOtherRelease:
    def test_later(self, tmp_path: Path) -> None:
        found = other_release(
            package("numba", "0.49.0"), scene_of(Tree(tmp_path).live())
        )

        assert found is not None
        assert found[1]
        assert found[0].commands[0].endswith('--upgrade "numba==0.49.1"')

    def test_earlier_with_conda(self, tmp_path: Path) -> None:
        owner = package("onnxruntime", "1.22.0", "conda")

        found = other_release(owner, scene_of(Tree(tmp_path).live()))

        assert found is not None
        assert not found[1]
        assert found[0].commands == ('conda install "onnxruntime<1.21"',)

    @pytest.mark.parametrize(
        ("name", "version", "python"),
        [
            ("numba", "0.50.0", (3, 8)),
            ("numba", None, (3, 8)),
            ("numba", "today", (3, 8)),
            ("shapes", "1.0", (3, 8)),
            ("onnxruntime", "1.23.0", (3, 14)),
            ("kiwisolver", "1.1.0", (3, 7)),
        ],
    )
    def test_none_is_known(
        self, tmp_path: Path, name: str, version: str | None, python: tuple[int, int]
    ) -> None:
        scene = scene_of(Tree(tmp_path).live(), version=python)

        assert other_release(package(name, version), scene) is None

    @pytest.mark.parametrize("name", SETTLED)
    def test_row(self, name: str) -> None:
        row = SETTLED[name]

        # What is offered is not itself affected.
        offered = row.other.lstrip("=<>")
        affected = SpecifierSet(row.affected)
        assert (offered in affected) == row.other.startswith("<")
        assert row.pythons[0] <= row.pythons[1]


def test_an_earlier_release(tmp_path: Path) -> None:
    scene = scene_of(Tree(tmp_path).live())

    assert earlier_release(package("shapes", None), scene) is None
    found = earlier_release(package("torch", "2.11.0+cu128"), scene)
    assert found is not None
    assert found.commands[0].endswith('"torch<2.11.0"')
    assert "--index-url" in found.text


def test_ways_out_in_order() -> None:
    texts = ["or run this", "or, without rights", "take that", "if it says so, repair"]

    found = in_order(Remedy(text) for text in texts)

    assert [remedy.text for remedy in found] == [
        "run this",
        "or without rights",
        "or take that",
        "if it says so, repair",
    ]
    assert in_order([]) == ()


def test_a_copy_for_processes_of_another_kind(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    scene = scene_of(tree.live())
    assert serves_others(NAME, scene) is None

    wow = Path(scene.host.process.windows) / "SysWOW64"
    wow.mkdir()
    (wow / NAME).write_bytes(build_pe(machine=X86))
    assert scene.host.process.machine == X64
    assert serves_others(NAME, scene_of(tree.live())) == str(wow / NAME)


def test_tables_agree() -> None:
    assert all(PRODUCTS[name] is V14 for name in (*WHEEL, *SAME_EXPORTS))
    assert sorted(NEWEST_WHEEL.values()) == list(NEWEST_WHEEL.values())
