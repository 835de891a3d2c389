"""Which Python a wheel is for."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.tags import Tag, parse_tag

from dllguard._model import ARM64, X64, X86
from dllguard._targets._archive import WheelError, opened
from dllguard._targets._tags import Python, check, fits, fitting, tags_of
from tests.wheel_files import WIN, wheel

V311 = Python((3, 11), X64)


def read(path: Path) -> frozenset[Tag]:
    with opened(str(path)) as found:
        return tags_of(found)


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        (
            "cp311-cp311-manylinux_2_28_x86_64",
            "is a wheel for Linux (manylinux_2_28_x86_64), not for Windows",
        ),
        (
            "cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64",
            "is a wheel for Linux (manylinux2014_x86_64, manylinux_2_17_x86_64), not",
        ),
        ("cp311-abi3-linux_x86_64", "is a wheel for Linux (linux_x86_64), not for "),
        ("py3-none-musllinux_1_2_x86_64", "is a wheel for Linux (musllinux_1_2_x86"),
        ("cp312-cp312-macosx_11_0_arm64", "is a wheel for macOS (macosx_11_0_arm64),"),
        ("cp312-cp312-pyodide_2024_0_wasm32", "is a wheel for Emscripten (pyodide_2"),
    ],
)
def test_other_system(tmp_path: Path, tag: str, said: str) -> None:
    path = wheel(tmp_path, "a", "1", tag=tag)

    with pytest.raises(WheelError) as caught:
        read(path)

    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)


def test_name_that_a_browser_made(tmp_path: Path) -> None:
    path = wheel(tmp_path, "a", "1", file="a-1-cp311-cp311-win_amd64 (1).whl")

    assert read(path) == parse_tag(WIN)


def test_name_that_says_nothing(tmp_path: Path) -> None:
    assert read(wheel(tmp_path, "a", "1", file="a.whl")) == parse_tag(WIN)


def test_no_tags_at_all(tmp_path: Path) -> None:
    path = wheel(tmp_path, "a", "1", tag="x", file="a.whl")

    with pytest.raises(WheelError, match="does not say which Python it is for"):
        read(path)


@pytest.mark.parametrize(
    ("tag", "python", "does"),
    [
        (WIN, V311, True),
        (WIN, Python((3, 12), X64), False),
        (WIN, Python((3, 11), X86), False),
        ("cp39-abi3-win_amd64", V311, True),
        ("cp312-abi3-win_amd64", V311, False),
        ("py3-none-win_amd64", V311, True),
        ("py3-none-any", Python((3, 8), ARM64), True),
        ("py2-none-any", V311, False),
        ("cp311-none-win_amd64", V311, True),
        ("cp313-cp313t-win_amd64", Python((3, 13), X64), False),
        ("cp313-cp313t-win_amd64", Python((3, 13), X64, free_threaded=True), True),
        ("pp310-pypy310_pp73-win_amd64", V311, False),
    ],
)
def test_fits(tag: str, python: Python, *, does: bool) -> None:
    assert fits(parse_tag(tag), python) == does


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ([WIN], V311),
        (["py3-none-any"], V311),
        (["cp312-cp312-win_amd64", "py3-none-win_amd64"], Python((3, 12), X64)),
        (["cp313-abi3-win_amd64"], Python((3, 13), X64)),
        (["cp310-cp310-win32"], Python((3, 10), X86)),
        (["py3-none-win_arm64"], Python((3, 11), ARM64)),
        (["cp313-cp313t-win_amd64"], Python((3, 13), X64, free_threaded=True)),
        (["cp312-cp312-win_amd64.win_arm64"], Python((3, 12), X64)),
    ],
    ids=str,
)
def test_python_that_takes_all(tags: list[str], wanted: Python) -> None:
    wheels = {f"{n}.whl": parse_tag(tag) for n, tag in enumerate(tags)}

    assert fitting(wheels, V311) == wanted


def test_none_takes_all() -> None:
    wheels = {
        "a.whl": parse_tag("cp311-cp311-win_amd64"),
        "b.whl": parse_tag("cp312-cp312-win_amd64"),
    }

    with pytest.raises(WheelError) as caught:
        fitting(wheels, V311)

    assert str(caught.value) == (
        "no Python takes all, so ask one by one: a.whl (cp311-cp311-win_amd64), "
        "b.whl (cp312-cp312-win_amd64)"
    )


def test_no_cpython() -> None:
    with pytest.raises(WheelError, match="no CPython 3 takes it"):
        fitting({"a.whl": parse_tag("pp310-pypy310_pp73-win_amd64")}, V311)


def test_python_that_was_chosen_does_not() -> None:
    wheels = {"a.whl": parse_tag("cp312-cp312-win_amd64")}

    with pytest.raises(WheelError) as caught:
        check(wheels, V311)

    said = "a.whl: is for cp312-cp312-win_amd64, not for Python 3.11 x64"
    assert str(caught.value) == said
