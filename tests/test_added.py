"""Folders that a package adds, from a row, from a patch, or from its source."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace

import pytest

from dllguard._packages._added import added_folders, start_up_folders
from dllguard._packages._distribution import Distribution
from dllguard._packages._environment import Environment
from dllguard._tables._conventions import ADDED_FOLDERS
from tests.trees import Tree


def relative(tree: Tree, folders: Iterable[str]) -> list[str]:
    below = [os.path.relpath(folder, tree.python) for folder in folders]
    return [folder.replace("\\", "/") for folder in below]


def added(tree: Tree, name: str, where: Environment | None = None) -> list[str]:
    where = where or tree.host().environment
    return relative(tree, added_folders(tree.distribution(name), where))


def text(*lines: str) -> bytes:
    return "\n".join(lines).encode()


SITE = "Lib/site-packages"
CALL = "os.add_dll_directory(os.path.join(os.path.dirname(__file__), {}))".format

# delvewheel, in words of our own; each keeps what the reader has to cope with.
OLDEST = """\
'''Doc.'''

\"\"\"\"\"\"  # start delvewheel patch
def _delvewheel_init_patch_2471():
    import os
    import sys
    libs_dir = os.path.abspath(os.path.join(os.path.dirname(__file__), '.libs'))
    if sys.version_info[:2] >= (3, 8):
        os.add_dll_directory(libs_dir)
    else:
        load_them_all(libs_dir)


_delvewheel_init_patch_2471()
del _delvewheel_init_patch_2471
# end delvewheel patch
"""
BESIDE = """\
from __future__ import annotations


# start delvewheel patch
def _delvewheel_init_patch_0_0_22():
    import os
    import sys
    up = os.path.join(os.path.dirname(__file__), os.pardir, 'Other_name.libs')
    libs_dir = os.path.abspath(up)
    if sys.version_info[:2] >= (3, 8):
        conda = os.path.exists(os.path.join(sys.base_prefix, 'conda-meta'))
        workaround = conda and (sys.version_info[:3] < (3, 8, 13))
        if workaround:
            before = os.environ.get('CONDA_DLL_SEARCH_MODIFICATION_ENABLE')
            os.environ['CONDA_DLL_SEARCH_MODIFICATION_ENABLE'] = '1'
        os.add_dll_directory(libs_dir)
        if workaround:
            os.environ.pop('CONDA_DLL_SEARCH_MODIFICATION_ENABLE', None)
    else:
        with open(os.path.join(libs_dir, '.load-order-a-1.0')) as file:
            preload(file.read().split())


_delvewheel_init_patch_0_0_22()
del _delvewheel_init_patch_0_0_22
# end delvewheel patch
"""
CONDA = """\
# start delvewheel patch
def _delvewheel_init_patch_1_0_0():
    import os
    import sys
    up = os.path.join(os.path.dirname(__file__), os.pardir, 'Other_name.libs')
    libs_dir = os.path.abspath(up)
    conda = os.path.exists(os.path.join(sys.base_prefix, 'conda-meta'))
    if sys.version_info[:2] >= (3, 8) and not conda or sys.version_info[:2] >= (3, 10):
        os.add_dll_directory(libs_dir)
    else:
        preload(os.path.join(libs_dir, '.load-order-a-1.0'))


_delvewheel_init_patch_1_0_0()
del _delvewheel_init_patch_1_0_0
# end delvewheel patch
"""
FROZEN = """\
# start delvewheel patch
def _delvewheel_init_patch_1_3_6():
    import ctypes
    import os
    import platform
    import sys
    up = os.path.join(os.path.dirname(__file__), os.pardir, 'Other_name.libs')
    libs_dir = os.path.abspath(up)
    is_pyinstaller = getattr(sys, 'frozen', False) and hasattr(sys, '_MEIPASS')
    is_conda = hasattr(ctypes.pythonapi, 'Anaconda_GetVersion') or 'x' in sys.version
    is_conda = platform.python_implementation() == 'CPython' and is_conda
    version = sys.version_info[:2]
    if version >= (3, 8) and not is_conda or version >= (3, 10):
        if not is_pyinstaller or os.path.isdir(libs_dir):
            os.add_dll_directory(libs_dir)
    else:
        preload(libs_dir)


_delvewheel_init_patch_1_3_6()
del _delvewheel_init_patch_1_3_6
# end delvewheel patch
"""
SHORT = """\
# start delvewheel patch
def _delvewheel_patch_1_12_0():
    import os
    up = os.path.join(os.path.dirname(__file__), os.pardir, 'Other_name.libs')
    if os.path.isdir(libs_dir := os.path.abspath(up)):
        os.add_dll_directory(libs_dir)


_delvewheel_patch_1_12_0()
del _delvewheel_patch_1_12_0
# end delvewheel patch
"""


@pytest.mark.parametrize(
    ("patch", "folder"),
    [
        (OLDEST, "a/.libs"),
        (BESIDE, "Other_name.libs"),
        (CONDA, "Other_name.libs"),
        (FROZEN, "Other_name.libs"),
        (SHORT, "Other_name.libs"),
    ],
    ids=["0.0.1", "0.0.22", "1.0.0", "1.3.6", "1.12.0"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("is_there", [True, False], ids=["there", "lost"])
def test_patches_of_delvewheel(
    tree: Tree, patch: str, folder: str, newline: str, *, is_there: bool
) -> None:
    # What stands around the patch is not even parsed.
    init = f"{patch}\nfrom . import (not python\n".replace("\n", newline)
    tree.install("a", "1.0", {"a/__init__.py": init.encode(), "a/a.pyd": tree.pe()})
    if is_there:
        (tree.site / folder).mkdir()

    assert added(tree, "a") == ([f"{SITE}/{folder}"] if is_there else [])


@pytest.mark.parametrize(
    ("version", "conda", "expected"),
    [
        ((3, 7), False, False),
        ((3, 9), False, True),
        ((3, 9), True, False),
        ((3, 10), True, True),
    ],
)
def test_branches_that_load_instead_of_adding(
    tree: Tree, version: tuple[int, int], *, conda: bool, expected: bool
) -> None:
    tree.install("a", "1.0", {"a/__init__.py": CONDA.encode()})
    (tree.site / "Other_name.libs").mkdir()
    if conda:
        (tree.python / "conda-meta").mkdir()
    where = replace(tree.host().environment, version=version)

    assert bool(added(tree, "a", where)) is expected


@pytest.mark.parametrize("name", ["_patch_py_template", "_patch_py_template_v2"])
def test_patch_that_delvewheel_writes_today(tree: Tree, name: str) -> None:
    repair = pytest.importorskip("delvewheel._wheel_repair")
    values = '"""""" ', "1_2_3", "os.pardir, os.pardir, ", "a_b.libs", ".load-order-a"
    patch = getattr(repair, name).format(*values)
    tree.install("a-b", "1.0", {"a/b/__init__.py": patch.encode()})
    (tree.site / "a_b.libs").mkdir()

    assert added(tree, "a-b") == [f"{SITE}/a_b.libs"]


def test_patch_that_was_put_by_hand(tree: Tree) -> None:
    indented = "".join(f"    {line}\n" for line in SHORT.splitlines())
    indented = indented.replace("os.pardir", "os.pardir, os.pardir, os.pardir")
    files = {
        "a/__init__.py": b"",
        "a/b/__init__.py": b"",
        "a/b/c/d.py": f"def load():\n    pass\n{indented}".encode(),
    }
    info = tree.install("a", "1.0", files)
    (tree.site / "Other_name.libs").mkdir()

    assert added(tree, "a") == []

    (info / "DELVEWHEEL").write_text("Version: 1.9.0\n")

    assert added(tree, "a") == [f"{SITE}/Other_name.libs"]


def test_calls_around_a_patch_are_read_too(tree: Tree) -> None:
    init = f"{SHORT}\n{CALL(repr('bin'))}\n".encode()
    files = {"a/__init__.py": b"import os\n" + init, "a/bin/x.dll": tree.pe()}
    tree.install("a", "1.0", files)
    (tree.site / "Other_name.libs").mkdir()

    assert added(tree, "a") == [f"{SITE}/Other_name.libs", f"{SITE}/a/bin"]


@pytest.mark.parametrize("name", sorted(ADDED_FOLDERS))
def test_a_row_wins(tree: Tree, name: str) -> None:
    rows = [row for row in ADDED_FOLDERS[name] if not row.startswith("{")]
    content = text("import os", CALL("'other'"))
    tree.install(name, "1.0", {f"{name}/__init__.py": content})
    for folder in (f"{name}/other", *rows):
        (tree.site / folder).mkdir(parents=True, exist_ok=True)

    assert added(tree, name) == [f"{SITE}/{row}" for row in rows]


def test_rows_below_the_prefixes(tree: Tree) -> None:
    tree.install("torch", "2.9.0", {"torch/lib/c10.dll": tree.pe()})
    user = tree.root / "user"
    for folder in (tree.python / "Library" / "bin", user / "Library" / "bin"):
        folder.mkdir(parents=True)
    where = replace(tree.host().environment, user=str(user))

    assert added(tree, "torch", where) == [
        f"{SITE}/torch/lib",
        "Library/bin",
        "../user/Library/bin",
    ]
    assert added(tree, "torch") == [f"{SITE}/torch/lib", "Library/bin"]


def test_a_folder_added_again_counts_where_it_was_added_last(tree: Tree) -> None:
    calls = [CALL("'x'"), CALL("'y'"), CALL("'x'")]
    tree.install("a", "1.0", {"a/__init__.py": text("import os", *calls)})
    for name in "xy":
        (tree.site / "a" / name).mkdir()

    assert added(tree, "a") == [f"{SITE}/a/y", f"{SITE}/a/x"]


def test_modules_beside_a_native_one(tree: Tree) -> None:
    files = {
        "a/__init__.py": b"def late():\n    from . import _load\n",
        "a/_load.py": text("import os", CALL("'bin'")),
        "a/b/_deep.py": text("import os", CALL("'../lib'")),
        "a/bin/x.dll": tree.pe(),
        "a/lib/x.dll": tree.pe(),
    }
    tree.install("a", "1.0", files)

    assert added(tree, "a") == [f"{SITE}/a/bin"]
    # In a pure package nothing speaks for that module being imported.
    pure = replace(tree.distribution("a"), natives=())
    assert added_folders(pure, tree.host().environment) == ()


@pytest.mark.parametrize(
    ("init", "path", "folder"),
    [
        ("from a import _load\n_load.setup()", "a/_load.py", "a/bin"),
        ("__import__('_a_load').setup()", "_a_load.py", "bin"),
    ],
    ids=["of a module in it", "of a module beside it"],
)
def test_a_setup_that_the_package_calls(
    tree: Tree, init: str, path: str, folder: str
) -> None:
    files = {
        "a/__init__.py": init.encode(),
        path: text("import os", "def setup():", f"    {CALL(repr('bin'))}"),
        f"{folder}/x.dll": tree.pe(),
    }
    tree.install("a", "1.0", files)

    assert added(tree, "a") == [f"{SITE}/{folder}"]


def test_a_module_of_its_own(tree: Tree) -> None:
    content = text("import os", CALL("'a_bin'"))
    tree.install("a", "1.0", {"a.py": content, "a_bin/x.dll": tree.pe()})

    assert added(tree, "a") == [f"{SITE}/a_bin"]


@pytest.mark.parametrize(
    "shared",
    [
        None,
        b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
        b"__import__('pkg_resources').declare_namespace(__name__)\n",
    ],
    ids=["without file", "pkgutil", "pkg_resources"],
)
def test_a_package_in_a_namespace(tree: Tree, shared: bytes | None) -> None:
    content = [
        "import os, site, sys",
        "for d in [sys.prefix, site.USER_BASE]:",
        "    p = os.path.join(d, 'share', 'sdl', 'bin')",
        "    if os.path.isdir(p):",
        "        os.environ['PATH'] = p + os.pathsep + os.environ['PATH']",
        "        if hasattr(os, 'add_dll_directory'):",
        "            os.add_dll_directory(p)",
    ]
    files = {"deps/sdl/__init__.py": text(*content)}
    if shared is not None:
        files["deps/__init__.py"] = shared
    tree.install("deps.sdl", "1.0", files)
    (tree.python / "share" / "sdl" / "bin").mkdir(parents=True)

    assert added(tree, "deps.sdl") == ["share/sdl/bin"]


def test_config_files_of_opencv(tree: Tree) -> None:
    up = "os.path.join(os.path.join(LOADER_DIR, '../../'), '{}')".format
    files = {
        "cv2/__init__.py": text("import os", "os.add_dll_directory(unheard_of)"),
        "cv2/config.py": text("import os", f"BINARIES_PATHS = [{up('x64/bin')}]"),
        "cv2/config-3.py": text(
            "import os",
            "PYTHON_EXTENSIONS_PATHS = [LOADER_DIR] + PYTHON_EXTENSIONS_PATHS",
            f"BINARIES_PATHS = [{up('x64/more')}, os.environ['X']] + BINARIES_PATHS",
        ),
    }
    tree.install("opencv-python", "4.1", files)
    for name in ("bin", "more", "exact"):
        (tree.site.parent / "x64" / name).mkdir(parents=True)

    assert added(tree, "cv2") == ["Lib/x64/more", "Lib/x64/bin"]

    exact = text("import os", f"BINARIES_PATHS = [{up('x64/exact')}]")
    (tree.site / "cv2" / "config-3.11.py").write_bytes(exact)

    assert added(tree, "cv2") == ["Lib/x64/exact"]


PYQT = """\
def find_qt():
    import os, sys

    core = '\\\\Qt5Core.dll'
    folder = os.path.dirname(sys.executable)
    if not os.path.isfile(folder + core):
        path = os.environ['PATH']
        folder = os.path.dirname(__file__) + '\\\\Qt5\\\\bin'
        if os.path.isfile(folder + core):
            os.environ['PATH'] = folder + ';' + path
        else:
            for folder in path.split(';'):
                if os.path.isfile(folder + core):
                    break
            else:
                return
    try:
        os.add_dll_directory(folder)
    except AttributeError:
        pass


find_qt()
del find_qt
"""


def test_pyqt(tree: Tree) -> None:
    tree.install("PyQt5", "5.15", {"PyQt5/__init__.py": PYQT.encode()})

    assert added(tree, "PyQt5") == []

    tree.install("PyQt5-Qt5", "5.15", {"PyQt5/Qt5/bin/Qt5Core.dll": tree.pe()})

    assert added(tree, "PyQt5") == [f"{SITE}/PyQt5/Qt5/bin"]

    tree.write(tree.python / "Qt5Core.dll")

    assert added(tree, "PyQt5") == ["."]


def test_a_package_without_metadata(tree: Tree) -> None:
    (tree.site / "a" / "bin").mkdir(parents=True)
    (tree.site / "a" / "__init__.py").write_bytes(text("import os", CALL("'bin'")))

    assert added(tree, "a") == [f"{SITE}/a/bin"]


def test_a_venv_has_its_own_prefix(tree: Tree) -> None:
    tests = [
        "import os, sys",
        "is_venv = sys.base_exec_prefix != sys.exec_prefix and os.path.isfile(",
        "    os.path.join(sys.exec_prefix, 'pyvenv.cfg'))",
        "if is_venv:",
        "    os.add_dll_directory(os.path.join(sys.exec_prefix, 'Library', 'bin'))",
    ]
    tree.install("mkl-service", "2", {"mkl/__init__.py": text(*tests)})
    venv = tree.root / "venv"
    (venv / "Library" / "bin").mkdir(parents=True)
    (tree.python / "Library" / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text(f"home = {tree.python}\n")
    where = replace(tree.host().environment, prefix=str(venv))

    assert added(tree, "mkl", where) == ["../venv/Library/bin"]
    assert added(tree, "mkl") == []


def test_folders_come_in_the_notation_of_the_environment(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"a/__init__.py": text("import os", CALL("'bin'")), "a/bin/x": b""}
    tree.install("a", "1.0", files)
    monkeypatch.chdir(tree.root)
    python, site = "Python311", "Python311/Lib/site-packages"
    where = Environment("python", (3, 11), tree.machine, python, python, (site,))

    found = added_folders(Distribution("a", "1.0", site), where)

    assert found == (os.path.normpath(f"{site}/a/bin"),)


def test_a_lost_site_holds_nothing(tree: Tree) -> None:
    tree.install("a", "1.0", {"a/__init__.py": SHORT.encode()})
    distribution = tree.distribution("a")
    where = tree.host().environment
    shutil.rmtree(tree.site)

    assert added_folders(distribution, where) == ()
    assert start_up_folders(where) == ()


PYWIN32 = {
    "pywin32.pth": b"# For PyWin32\nwin32\nwin32\\lib\nimport pywin32_bootstrap\n",
    "win32/lib/pywin32_bootstrap.py": b"""\
try:
    import pywin32_system32
except ImportError:
    pass
else:
    import os
    for path in pywin32_system32.__path__:
        if os.path.isdir(path):
            os.add_dll_directory(path)
            break
""",
    "pywin32_system32/pywintypes311.dll": b"MZ",
}


def test_pywin32_adds_its_folder_when_python_starts(tree: Tree) -> None:
    tree.install("pywin32", "312", PYWIN32)

    folders = start_up_folders(tree.host().environment)

    assert relative(tree, folders) == [f"{SITE}/pywin32_system32"]


def test_lines_of_pth_files(tree: Tree) -> None:
    for name in "abc":
        (tree.python / name).mkdir()
    lines = "import sys, os; os.add_dll_directory(os.path.join(sys.prefix, '{}'))\n"
    files = {
        "b.pth": f"{lines.format('a')}import nowhere; (\nimport os".encode(),
        "a.pth": f"\xff\n{lines.format('b')}".encode("latin-1"),
        "c.pth": f"#{lines.format('c')} {lines.format('c')}".encode(),
    }
    tree.install("pths", "1", files)
    # Python passes over one that it cannot open.
    (tree.site / "d.pth").mkdir()

    folders = start_up_folders(tree.host().environment)

    assert relative(tree, folders) == ["b", "a"]


def test_pth_files_do_not_make_us_read_the_standard_library(tree: Tree) -> None:
    folder = os.path.dirname(os.__file__)
    tree.install("pths", "1", {"a.pth": b"import os, ctypes, site; os.x()\n"})
    where = tree.host().environment
    opened: list[str] = []
    sys.addaudithook(lambda event, args: _note(opened, event, args))

    start_up_folders(replace(where, site=(*where.site, folder)))
    heard, opened[:] = list(opened), ["no more"]

    assert not [name for name in heard if name.endswith(".py")]
    assert [name for name in heard if name.endswith("a.pth")]


def _note(opened: list[str], event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and opened != ["no more"]:
        opened.append(str(arguments[0]))
