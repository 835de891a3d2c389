"""Files that somebody did not allow to be loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._hosts._circumstances import Circumstances
from dllguard._verdict import Diagnosis
from tests.pebuilder import build_pe
from tests.texts import obey
from tests.trees import Tree

PATH = "shapes/_core.pyd"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine with a package that is in order."""
    return Tree(tmp_path)


def refused(tree: Tree, code: int, state: str = "", *, path: bool = True) -> Diagnosis:
    """Return what is said of a refused file."""
    failure = Failure(str(tree.site / PATH) if path else None, "shapes", code)
    host = replace(tree.live(), circumstances=Circumstances(app_control=state))
    found = explain_failure(failure, host)
    assert found is not None
    found = tree.plain(found)
    assert found.code == "blocked-by-policy"
    obey(found)
    return found


def advice(found: Diagnosis) -> str:
    return "\n".join(
        line for remedy in found.help for line in (remedy.text, *remedy.commands)
    )


@pytest.mark.parametrize(
    ("code", "first", "log"),
    [
        (5, "access to _core.pyd", "Windows Defender/Operational"),
        (225, "an antivirus program blocks _core.pyd", "Windows Defender/Operational"),
        (226, "an antivirus program removed", "Windows Defender/Operational"),
        (577, "the signature of _core.pyd", "CodeIntegrity/Operational"),
        (1260, "a policy blocks _core.pyd", "AppLocker/EXE and DLL"),
        (4551, "an app control policy blocks", "CodeIntegrity/Operational"),
    ],
)
def test_code_says_who(tree: Tree, code: int, first: str, log: str) -> None:
    tree.install("shapes", "1.0", {PATH: build_pe()})

    found = refused(tree, code)

    assert found.headline.startswith(first)
    assert log in advice(found)
    assert '"shapes<1.0"' in advice(found)
    assert "reinstalling the package" in found.will_not_help[0]


@pytest.mark.parametrize(
    ("state", "says", "offers"),
    [
        ("on", "Smart App Control is on here", True),
        ("evaluation", "refuses nothing", False),
        ("off", "Smart App Control is off here", False),
        ("", "Smart App Control (Windows 11)", True),
    ],
    ids=["on", "evaluation", "off", "unknown"],
)
def test_smart_app_control(tree: Tree, state: str, says: str, *, offers: bool) -> None:
    tree.install("shapes", "1.0", {PATH: build_pe()})

    found = refused(tree, 4551, state)

    assert says in (found.note or "")
    assert ("turn Smart App Control off" in advice(found)) is offers


def test_nobody_could_read_what_is_not_named(tree: Tree) -> None:
    tree.install("shapes", "1.0", {PATH: build_pe()})

    assert "could read the file" in (refused(tree, 5).note or "")
    assert "could read the file" not in (refused(tree, 5, path=False).note or "")
    assert "icacls" not in advice(refused(tree, 5, path=False))


def test_file_is_gone_since(tree: Tree) -> None:
    tree.install("shapes", "1.0", {PATH: build_pe()})
    (tree.site / PATH).unlink()

    found = refused(tree, 225)

    assert found.chain_end == "GONE"
    assert found.also == ()
    assert "quarantine" in (found.note or "")
    assert "--force-reinstall" in advice(found)
    assert "before the file is allowed" in found.will_not_help[0]


@pytest.mark.parametrize(
    ("installer", "command"),
    [
        ("pip", r'C:\Python311\python.exe -m pip install "shapes<1.0"'),
        ("conda", 'conda install "shapes<1.0"'),
        (
            "uv",
            r'uv pip install --python C:\Python311\python.exe "shapes<1.0"',
        ),
    ],
)
def test_earlier_release(tree: Tree, installer: str, command: str) -> None:
    tree.install("shapes", "1.0", {PATH: build_pe()}, installer=installer)

    assert command in advice(refused(tree, 4551)).splitlines()
