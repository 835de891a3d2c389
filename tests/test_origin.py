"""How a Python came to a file that is not its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._causes._origin import Origin, folders_of, is_below, listed, origin_of
from dllguard._causes._scene import Scene
from dllguard._hosts._circumstances import Circumstances
from dllguard._verdict import Remedy
from tests.trees import Tree


def found(tmp_path: Path, path: str, **variables: str) -> Origin | None:
    """Return the origin of a file, with folders on sys.path and a user site."""
    host = Tree(tmp_path).host()
    environment = host.environment
    host = replace(
        host,
        environment=replace(
            environment,
            site=("C:/other/lib", *environment.site),
            user="C:/Users/me/Python",
        ),
        circumstances=Circumstances(variables=variables),
    )
    return origin_of(path, Scene(host, "shapes"))


@pytest.mark.parametrize(
    ("path", "variables", "words"),
    [
        pytest.param(
            r"C:\SVP 4\_socket.pyd",
            {"PYTHONPATH": r"C:\x;c:/svp 4/"},
            "PYTHONPATH names c:/svp 4/",
            id="pythonpath",
        ),
        pytest.param(
            r"C:\Python36\DLLs\_ssl.pyd",
            {"PYTHONHOME": r"C:\Python36"},
            "takes its standard library from there",
            id="pythonhome",
        ),
        pytest.param(
            "C:/Users/me/Python/Python311/site-packages/a.pyd",
            {},
            "user site",
            id="user-site",
        ),
        pytest.param("C:/other/lib/a.pyd", {}, "sys.path", id="sys-path"),
    ],
)
def test_who_led_there(
    tmp_path: Path, path: str, variables: dict[str, str], words: str
) -> None:
    origin = found(tmp_path, path, **variables)

    assert origin is not None
    assert words in origin.why
    assert origin.help


def test_what_is_its_own(tmp_path: Path) -> None:
    own = str(tmp_path / "Python311" / "DLLs" / "_socket.pyd")

    assert found(tmp_path, own, PYTHONPATH="C:/elsewhere") is None


def test_what_is_nowhere_on_sys_path(tmp_path: Path) -> None:
    assert found(tmp_path, "C:/nowhere/a.pyd") is None


def test_a_frozen_program_heeds_no_variable(tmp_path: Path) -> None:
    host = Tree(tmp_path).host()
    environment = replace(host.environment, kind="pyinstaller")
    told = Circumstances(variables={"PYTHONPATH": "C:/x"})
    scene = Scene(replace(host, environment=environment, circumstances=told), "a")

    assert origin_of("C:/x/a.pyd", scene) is None


def test_what_is_meant_to_be_there_is_last_to_go() -> None:
    away, use = Remedy("take it off"), Remedy("use another Python")

    assert [r.text for r in listed(Origin("", (away,)), use)] == [
        "take it off",
        "or use another Python",
    ]
    assert [r.text for r in listed(Origin("", (away,), is_meant=True), use)] == [
        "use another Python",
        "or take it off",
    ]


@given(st.text(alphabet="aB/\\ .", max_size=12))
def test_every_folder_is_below_itself(text: str) -> None:
    assert is_below(text, text)
    assert is_below(f"{text}/x", text) or not text.strip("/\\")


def test_a_name_that_begins_alike_is_not_below() -> None:
    assert not is_below(r"C:\Python310\a.pyd", r"C:\Python31")


def test_empty_entries_are_no_folders() -> None:
    assert folders_of(" ; C:\\a;;") == ["C:\\a"]
