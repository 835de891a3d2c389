"""Paths as text, in both notations."""

from __future__ import annotations

import pytest

from dllguard._paths import base_name, below, folder_of, join, plain, shortened


@pytest.mark.parametrize(
    ("folder", "name", "path"),
    [
        (r"C:\x", "y.dll", r"C:\x\y.dll"),
        ("C:\\x\\", "y.dll", r"C:\x\y.dll"),
        ("C:\\", "y.dll", r"C:\y.dll"),
        ("C:", "y.dll", r"C:\y.dll"),
        (r"\\server\share", "y.dll", r"\\server\share\y.dll"),
        ("/x", "y.dll", "/x/y.dll"),
        ("/x/", "y.dll", "/x/y.dll"),
        ("/", "y.dll", "/y.dll"),
        ("x", "y.dll", "x/y.dll"),
        ("", "y.dll", "y.dll"),
    ],
)
def test_join(folder: str, name: str, path: str) -> None:
    assert join(folder, name) == path


@pytest.mark.parametrize(
    ("path", "folder", "name"),
    [
        (r"C:\x\y.dll", r"C:\x", "y.dll"),
        ("C:/x/y.dll", "C:/x", "y.dll"),
        (r"C:\x/y.dll", r"C:\x", "y.dll"),
        (r"C:\y.dll", "C:\\", "y.dll"),
        (r"\\server\share\y.dll", r"\\server\share", "y.dll"),
        ("/x/y.dll", "/x", "y.dll"),
        ("/x//y.dll", "/x", "y.dll"),
        ("/y.dll", "/", "y.dll"),
        ("y.dll", "", "y.dll"),
        ("/x/", "/x", ""),
        ("", "", ""),
    ],
)
def test_parts_of_a_path(path: str, folder: str, name: str) -> None:
    assert (folder_of(path), base_name(path)) == (folder, name)


@pytest.mark.parametrize("path", [r"C:\x\y.dll", r"C:\y.dll", "/x/y.dll", "/y.dll"])
def test_parts_of_a_path_can_be_joined(path: str) -> None:
    assert join(folder_of(path), base_name(path)) == path


@pytest.mark.parametrize(
    ("path", "short"),
    [
        (r"C:\py\Lib\site-packages\torch\lib\c10.dll", r"torch\lib\c10.dll"),
        (r"c:\PY\lib\SITE-packages\a.pyd", "a.pyd"),
        ("C:/py/Lib/site-packages/x/a.pyd", r"x\a.pyd"),
        (r"C:\py\Lib\os.pyd", "os.pyd"),
        (r"C:\py\Libs\a.dll", r"C:\py\Libs\a.dll"),
        (r"C:\Windows\System32\a.dll", r"C:\Windows\System32\a.dll"),
    ],
)
def test_shortened_by_the_deepest_folder(path: str, short: str) -> None:
    site = [r"C:\py\Lib", r"C:\py\Lib\site-packages", "C:/py/Lib/site-packages"]
    assert shortened(path, site) == short


@pytest.mark.parametrize(
    ("folder", "row", "wanted"),
    [
        (r"C:\a\b", "c/d.dll", r"C:\a\b\c\d.dll"),
        (r"C:\a\b", "../../d.dll", r"C:\d.dll"),
        (r"C:\a\b", r".\c\..\d.dll", r"C:\a\b\d.dll"),
        ("/a/b", "../c//d.dll", "/a/c/d.dll"),
        ("/a/b", r"c\d.dll", "/a/b/c/d.dll"),
        (r"C:\a", "", r"C:\a"),
    ],
)
def test_below(folder: str, row: str, wanted: str) -> None:
    assert below(folder, row) == wanted


@pytest.mark.parametrize(
    "path", [r"C:\Windows\System32", "c:/windows/SYSTEM32", "C:\\WINDOWS\\system32\\"]
)
def test_plain(path: str) -> None:
    assert plain(path) == "c:/windows/system32"


def test_plain_root() -> None:
    assert plain("/") == "/"
    assert plain("C:\\") == "c:"
