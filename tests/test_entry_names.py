"""Names in archives: what leaves the folder, and what Windows takes otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._targets._entry_names import UnsafeNameError, parts_of


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../a.dll", "has a file outside of its folder, ../a.dll"),
        ("x/../../a.dll", "has a file outside of its folder, x/../../a.dll"),
        ("..", "has a file outside of its folder, .."),
        ("x\\..\\a.dll", "has a file outside of its folder, x\\\\..\\\\a.dll"),
        ("/a.dll", "has a file with a full path, /a.dll"),
        ("\\\\host\\x\\a.dll", "has a file with a full path, "),
        ("C:/a.dll", "has a file with a full path, C:/a.dll"),
        ("C:a.dll", "has a file with a full path, C:a.dll"),
        ("x/a.dll:hidden", "has a file that Windows cannot name, x/a.dll:hidden"),
        ("x//a.dll", "has a file that Windows cannot name, x//a.dll"),
        ("./a.dll", "has a file that Windows cannot name, ./a.dll"),
        ("x./a.dll", "has a file that Windows cannot name, x./a.dll"),
        ("x/a.dll ", "has a file that Windows cannot name, x/a.dll "),
        ("x/a?.dll", "has a file that Windows cannot name, x/a?.dll"),
        ("x/a\n.dll", "has a file that Windows cannot name, x/a\\n.dll"),
        ("", "has a file that Windows cannot name, "),
        ("x/NUL", "has a file with the name of a device, x/NUL"),
        ("con.dll", "has a file with the name of a device, con.dll"),
        ("x/Com1.tar.gz", "has a file with the name of a device, x/Com1.tar.gz"),
        ("LPT\u00b3/a.dll", "has a file with the name of a device, LPT\\xb3/a.dll"),
        ("aux .dll", "has a file with the name of a device, aux .dll"),
    ],
)
def test_refused(name: str, said: str) -> None:
    with pytest.raises(UnsafeNameError) as caught:
        parts_of(name)

    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.dll", ("a.dll",)),
        ("x/y/", ("x", "y")),
        (".libs/a.dll", (".libs", "a.dll")),
        ("console/com10.dll", ("console", "com10.dll")),
        ("x/..a/...b", ("x", "..a", "...b")),
        ("f\u00fcr/a b.dll", ("f\u00fcr", "a b.dll")),
    ],
)
def test_taken(name: str, parts: tuple[str, ...]) -> None:
    assert parts_of(name) == parts


@given(st.text(alphabet="ab./\\:~CONnul\0 *", max_size=14))
def test_what_is_taken_stays_below(name: str) -> None:
    try:
        parts = parts_of(name)
    except UnsafeNameError:
        return
    root = Path(os.sep, "cache")
    path = os.path.normpath(root.joinpath(*parts))
    assert path.startswith(f"{root}{os.sep}")
    assert Path(path) == root.joinpath(*parts)
