"""What kind of Python a folder holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from dllguard._hosts._host import HostError
from dllguard._hosts._pythons import recognise, subfolder
from tests.pebuilder import write_pe

EXTENSION, ALTERED_PATH = 0x1100, 0x8


def fill(root: Path, *names: str, imports: Iterable[str] = ()) -> Path:
    """Write PE files, texts and folders (which end in `/`); return their root."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        elif name.endswith((".exe", ".dll", ".pyd")):
            write_pe(path, imports={dll: ["f"] for dll in imports})
        else:
            path.touch()
    return root


def python_org(root: Path) -> Path:
    fill(root, "python.exe", "python311.dll", "python3.dll", "DLLs/_ssl.pyd")
    return fill(root, "Lib/site-packages/", "Lib/os.py")


def shown(paths: Iterable[str], root: Path) -> list[str]:
    return [os.path.relpath(path, root).replace(os.sep, "/") for path in paths]


def conda(root: Path) -> Path:
    below = "Scripts/", "Library/bin/", "Library/mingw-w64/bin/"
    return fill(python_org(root), "conda-meta/history", *below)


def store(root: Path) -> Path:
    return fill(python_org(root), "AppxManifest.xml")


def embeddable(root: Path) -> Path:
    fill(root, "python.exe", "python311.dll", "python311.zip", "Lib/site-packages/")
    lines = "python311.zip", ".", "Lib/Site-Packages  # mine", "absent", "#import site"
    (root / "python311._pth").write_text("\n".join(lines), "utf-8")
    return root


def pyinstaller(root: Path) -> Path:
    fill(root, "app.exe", "_internal/python311.dll", "_internal/base_library.zip")
    return fill(root, "_internal/numpy/")


def pyinstaller_5(root: Path) -> Path:
    return fill(root, "app.exe", "python311.dll", "base_library.zip")


def cx_freeze(root: Path) -> Path:
    fill(root, "app.exe", imports=["python311.dll"])
    return fill(root, "python311.dll", "lib/library.zip", "lib/numpy/")


def nuitka(root: Path) -> Path:
    fill(root, "app.exe", imports=["python311.dll"])
    return fill(root, "python311.dll", "_ssl.pyd", "numpy/")


KINDS = {
    "python": (python_org, ["Lib/site-packages"], [], None),
    "conda": (
        conda,
        ["Lib/site-packages"],
        ["Library/mingw-w64/bin", "Library/bin", "Scripts"],
        None,
    ),
    "store": (store, ["Lib/site-packages"], [], None),
    "embeddable": (embeddable, [".", "Lib/site-packages"], [], None),
    "pyinstaller": (pyinstaller, ["_internal"], [], "_internal"),
    "pyinstaller-5": (pyinstaller_5, ["."], [], "."),
    "cx_freeze": (cx_freeze, ["lib"], ["lib"], None),
    "nuitka": (nuitka, ["."], [], "."),
}


@pytest.mark.parametrize("name", KINDS)
def test_kind(tmp_path: Path, name: str) -> None:
    build, site, added, set_directory = KINDS[name]
    found = recognise(str(build(tmp_path)))

    assert found.kind == name.partition("-")[0]
    assert found.version == (3, 11)
    assert shown([found.application], tmp_path) == ["."]
    assert Path(found.executable).name in ("python.exe", "app.exe")
    assert shown(found.site, tmp_path) == site
    assert shown(found.added, tmp_path) == added
    if set_directory is None:
        assert found.set_directory == ""
    else:
        assert shown([found.set_directory], tmp_path) == [set_directory]
    assert found.packaged == (name == "store")
    assert found.extension_flags == EXTENSION


@pytest.mark.parametrize("name", KINDS)
def test_without_its_python(tmp_path: Path, name: str) -> None:
    root = KINDS[name][0](tmp_path)
    (dll,) = root.rglob("python311.dll")
    dll.unlink()

    with pytest.raises(HostError) as raised:
        recognise(str(root))

    told = str(raised.value)
    what = "a conda environment without Python" if name == "conda" else "no Windows Pyt"
    assert told.startswith(f"{dll.parent}: holds no python3XX.dll, so it is {what}")
    assert "\n" not in told


@pytest.mark.parametrize(
    ("name", "version", "build", "flags"),
    [
        ("python37.dll", (3, 7), "", ALTERED_PATH),
        ("python38.dll", (3, 8), "", EXTENSION),
        ("Python314.DLL", (3, 14), "", EXTENSION),
        ("python313t.dll", (3, 13), "free-threaded", EXTENSION),
        ("python311_d.dll", (3, 11), "debug", EXTENSION),
        ("python313t_d.dll", (3, 13), "free-threaded debug", EXTENSION),
    ],
)
def test_what_the_name_of_the_dll_says(
    tmp_path: Path, name: str, version: tuple[int, int], build: str, flags: int
) -> None:
    found = recognise(str(fill(tmp_path, name, "python3.dll")))

    assert Path(found.python_dll).name == name
    assert found.version == version
    assert found.free_threaded == ("free-threaded" in build)
    assert found.debug == ("debug" in build)
    assert found.extension_flags == flags


@pytest.mark.parametrize(
    ("names", "imported", "expected"),
    [
        (["python311.dll", "python312.dll"], "python311.dll", "python311.dll"),
        (["python311.dll", "python312.dll"], "PYTHON312.dll", "python312.dll"),
        (["python39.dll", "python312.dll"], "", "python312.dll"),
        (["python313.dll", "python313t.dll"], "", "python313.dll"),
        (["python313.dll", "python313t.dll"], "python313t.dll", "python313t.dll"),
        (["python312_d.dll", "python311.dll"], "", "python311.dll"),
        (["python312.dll", "python311.dll"], "python310.dll", "python312.dll"),
    ],
    ids=[
        "left-by-a-newer",
        "left-by-an-older",
        "python-exe-says-nothing",
        "free-threaded-beside",
        "free-threaded-is-meant",
        "debug-beside",
        "python-exe-is-older-than-both",
    ],
)
def test_several_pythons_in_one_folder(
    tmp_path: Path, names: list[str], imported: str, expected: str
) -> None:
    fill(tmp_path, *names)
    fill(tmp_path, "python.exe", imports=[imported] if imported else [])
    # Its name comes first, and it belongs to another build.
    fill(tmp_path, "a.exe", imports=names[:1] if imported else [])

    assert Path(recognise(str(tmp_path)).python_dll).name == expected


def test_a_broken_program_says_nothing(tmp_path: Path) -> None:
    fill(tmp_path, "python311.dll", "python312.dll")
    (tmp_path / "python.exe").write_bytes(b"MZ, and then nothing")

    assert recognise(str(tmp_path)).version == (3, 12)


def absent(root: Path) -> Path:
    return root / "absent"


def file(root: Path) -> Path:
    (root / "file").touch()
    return root / "file"


@pytest.mark.parametrize("build", [absent, file])
def test_no_folder(tmp_path: Path, build: Callable[[Path], Path]) -> None:
    path = build(tmp_path)

    with pytest.raises(HostError) as raised:
        recognise(str(path))

    assert str(raised.value) == f"{path}: no such folder"


def test_the_store_is_known_by_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "WindowsApps" / "PythonSoftwareFoundation.Python.3.11_1_x64__q"

    found = recognise(str(python_org(folder)))

    assert (found.kind, found.packaged) == ("store", True)


@pytest.mark.parametrize(
    ("lines", "site"),
    [
        (["."], ["."]),
        (["Lib\\site-packages"], ["Lib/site-packages"]),
        ([".", "import site"], [".", "Lib/site-packages", "Lib/site-packages/win32"]),
        (["..", "import os"], [".."]),
        ([".", "./", "# .."], ["."]),
        (["C:\\elsewhere"], []),
    ],
    ids=["itself", "packages", "site", "parent", "twice", "not-here"],
)
def test_path_file(tmp_path: Path, lines: list[str], site: list[str]) -> None:
    root = embeddable(tmp_path / "app")
    packages = root / "Lib" / "site-packages"
    (packages / "win32").mkdir()
    (packages / "pywin32.pth").write_text("win32\n")
    (root / "python311._pth").write_text("\n".join(lines), "utf-8-sig")

    assert shown(recognise(str(root)).site, root) == site


def test_path_file_of_the_program(tmp_path: Path) -> None:
    embeddable(tmp_path)
    (tmp_path / "python311._pth").rename(tmp_path / "python._pth")

    assert recognise(str(tmp_path)).kind == "embeddable"


@pytest.mark.parametrize("given", ["", "contents"], ids=["program", "contents"])
def test_pyinstaller_folder_of_another_name(tmp_path: Path, given: str) -> None:
    pyinstaller(tmp_path)
    (tmp_path / "_internal").rename(tmp_path / "contents")

    found = recognise(str(tmp_path / given))

    assert shown([found.application], tmp_path) == ["."]
    assert shown([found.set_directory], tmp_path) == ["contents"]


def test_pyinstaller_with_pywin32(tmp_path: Path) -> None:
    fill(pyinstaller(tmp_path), "_internal/pywin32_system32/pywintypes311.dll")

    found = recognise(str(tmp_path))

    expected = ["_internal/pywin32_system32"]
    assert shown(found.added, tmp_path) == expected
    assert shown(found.path, tmp_path) == expected
    assert shown(found.site, tmp_path) == ["_internal", *expected]


def test_cx_freeze_puts_its_folder_on_path(tmp_path: Path) -> None:
    cx_freeze(tmp_path)
    (tmp_path / "lib" / "library.zip").rename(tmp_path / "lib" / "library.dat")

    assert shown(recognise(str(tmp_path)).path, tmp_path) == ["lib"]


def test_the_program_of_several_that_has_a_python(tmp_path: Path) -> None:
    nuitka(fill(tmp_path, "aaa.exe", imports=["KERNEL32.dll"]))

    assert Path(recognise(str(tmp_path)).executable).name == "app.exe"


def test_a_debug_build_is_no_frozen_program(tmp_path: Path) -> None:
    fill(tmp_path, "python_d.exe", imports=["python311_d.dll"])

    assert recognise(str(fill(tmp_path, "python311_d.dll"))).kind == "python"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("lib", "SITE-packages"), "Lib/site-packages"),
        ((".", "Lib", ""), "Lib"),
        (("Lib", "..", "dlls"), "DLLs"),
        (("Lib", "os.py"), None),
        (("absent", "Lib"), None),
    ],
    ids=["any-case", "itself", "parent", "a-file", "absent"],
)
def test_subfolder(
    tmp_path: Path, names: tuple[str, ...], expected: str | None
) -> None:
    found = subfolder(str(python_org(tmp_path)), *names)

    assert found == (str(tmp_path / expected) if expected else None)


def test_installation_is_a_value(tmp_path: Path) -> None:
    root = str(python_org(tmp_path))

    assert recognise(root) == recognise(root)
    assert len({recognise(root), recognise(root)}) == 1
