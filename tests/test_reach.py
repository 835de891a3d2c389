"""Which extension modules an import touches: in trees, and on a real Windows Python."""

from __future__ import annotations

import ast
import json
import os
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._hosts._offline import offline_host
from dllguard._packages import _reach
from dllguard._packages._reach import touched_by
from tests.trees import Tree

if TYPE_CHECKING:
    from tests.bench import BenchFactory

TORCH = ("torch==2.9.0", "torchvision==0.24.0", "numpy==1.26.4")
NUMBA = ("numba==0.60.0", "tbb==2021.13.0", "numpy==1.26.4")
AREA = "shapes/plane/_area.cp311-win_amd64.pyd"


def extension_modules(site: Path) -> list[str]:
    return sorted(map(str, site.rglob("*.[pP][yY][dD]")))


def touched(tree: Tree, name: str) -> set[str]:
    """Return what an import touches of all that is installed, below site-packages."""
    files = extension_modules(tree.site)
    found = touched_by(name, files, tree.host().environment)
    assert found <= {*files}
    return {os.path.relpath(path, tree.site).replace("\\", "/") for path in found}


def install(tree: Tree, source: str | bytes) -> None:
    """Install a package that does not import its one extension module by itself."""
    text = source.encode() if isinstance(source, str) else source
    files = {"shapes/__init__.py": text, "shapes/plane/__init__.py": b"", AREA: b""}
    tree.install("shapes", "1", files)


RUN_ON_IMPORT = {
    "absolute": "import shapes.plane._area",
    "second of a list": "import os, shapes.plane._area as area",
    "from its package": "from shapes.plane import _area",
    "relative": "from .plane import _area",
    "relative without spaces": "from.plane._area import(size)",
    "a name in it": "from .plane._area import size",
    "all names in it": "from .plane._area import *",
    "in brackets": "from .plane import (\n    lines,  # not :) this\n    _area,\n)",
    "joined lines": "from .plane \\\n    import lines, \\\n    _area",
    "Windows line ends": "import os\r\nfrom .plane import _area\r\n",
    "old Mac line ends": "import os\rfrom .plane import _area\r",
    "byte order mark": "\ufefffrom .plane import _area",
    "one branch": "if sys.platform == 'linux':\n    from .plane import _area",
    "other branch": "if linux:\n    pass\nelse:\n\tfrom .plane import _area",
    "tried in vain": "try:\n    from .plane import _area\n"
    "except ImportError:\n    log()\n    raise",
    "failure kept": "try:\n    from .plane import _area\n"
    "except ImportError as e:\n    error = e\nif error:\n    raise error",
    "failure kept by another name": "try:\n    from .plane import _area\n"
    "except ImportError:\n    error = sys.exc_info()",
    "another failure": "try:\n    from .plane import _area\nexcept KeyError:\n    pass",
    "tried and cleaned up": "try:\n    from .plane import _area\nfinally:\n    pass",
    "after what was tried": "try:\n    import x\n"
    "except ImportError:\n    x = None\nelse:\n    from .plane import _area",
    "way on": "try:\n    import x\nexcept ImportError:\n    from .plane import _area",
    "function that was tried": "try:\n    def load():\n"
    "        from .plane import _area\nexcept ImportError:\n    pass\nload()",
    "tried further in": "if x:\n    try:\n        a()\n    except ImportError:\n"
    "        pass\nfrom .plane import _area",
    "after a failure": "try:\n    a()\nexcept OSError:\n    from .plane import _area",
    "with": "with warnings():\n    from .plane import _area",
    "loop": "for _ in '12':\n    while x:\n        from .plane import _area",
    "class": "class Plane:\n    size = 1\n    from .plane import _area",
    "on the line of its branch": "if windows: from .plane import _area",
    "in brackets there": "if windows: from .plane import (lines,\n  _area)",
    "after a semicolon": "size = 1; from .plane import _area",
    "after a function": "def size():\n    return 1\nfrom .plane import _area",
    "after a string with code": 'x = """\ndef size():\n"""\nfrom .plane import _area',
    "after quotes in quotes": 'x = \'"""\'\nfrom .plane import _area\ny = \'"""\'',
    "not for type checkers": "if not TYPE_CHECKING:\n    from .plane import _area",
    "else than for type checkers": "if typing.TYPE_CHECKING:\n    import os\nelse:\n"
    "    from .plane import _area",
    "if the program or": "if __name__ == '__main__' or x:\n"
    "    from .plane import _area",
    "call": "importlib.import_module('shapes.plane._area')",
    "relative call": "import_module('.plane._area', __package__)",
    "built-in call": "__import__('shapes.plane._area')",
    "added to its name": "__import__(__name__ + '.plane._area')",
    "unknown name": "importlib.import_module(name)",
    "changed path": "sys.path.insert(0, here)\nimport _area",
    "operators of torch": "torch.ops.load_library(path)",
    "called function": "def load():\n    from .plane import _area\nload()",
    "function with a long head": "def load(\n    a,\n    b,\n) -> None:\n"
    "    from .plane import _area\nif windows:\n    load(1, 2)",
    "called by a called one": "def b():\n    from .plane import _area\ndef a():\n"
    "    b()\na()",
    "decorator": "def mark(f):\n    from .plane import _area\n@mark\ndef f():\n  pass",
    "constructor": "class Plane:\n    def __init__(self):\n"
    "        from .plane import _area\nPLANE = Plane()",
    "method": "class Plane:\n    def load(self):\n"
    "        from .plane import _area\nPLANE = Plane()\nPLANE.load()",
    "syntax of another Python": "print 'shapes'\ntype X[T] = 1\n"
    "from .plane import _area",
    "another encoding": b"# coding: cp1252\nx = '\xe9'\nfrom .plane import _area",
}


@pytest.mark.parametrize("source", RUN_ON_IMPORT.values(), ids=RUN_ON_IMPORT)
def test_statement_that_runs_on_import(tree: Tree, source: str | bytes) -> None:
    install(tree, source)

    assert touched(tree, "shapes") == {AREA}


NOT_RUN_ON_IMPORT = {
    "nothing": "",
    "others": "import os, numpy\nfrom absent.plane import _area",
    "package around it": "from . import plane",
    "beyond the top": "from ...plane import _area",
    "function": "def load():\n    from .plane import _area",
    "function with a long head": "def load(\n    a,\n    b,\n):\n"
    "    from .plane import _area",
    "coroutine": "async def load():\n    if x:\n        from .plane import _area",
    "method": "class Plane:\n    def load(self):\n        from .plane import _area",
    "constructor": "class Plane:\n    def __init__(self):\n"
    "        from .plane import _area\nclass Disc(Plane):\n    pass",
    "listed function": "def load():\n    from .plane import _area\n__all__ = ['load']",
    "attribute": "def __getattr__(name):\n    return import_module(name)",
    "attribute asked for at once": "def attach():\n    def __getattr__(name):\n"
    "        return import_module(name)\n    if eager:\n        __getattr__('a')\n"
    "attach()",
    "other modules by calls": "import_module('shapes.absent')\n"
    "import_module('.absent', __name__)\n__import__(__package__ + '.absent')",
    "tried": "try:\n    from .plane import _area\nexcept ImportError:\n    pass",
    "tried on one line": "try:\n    from .plane import _area\nexcept ImportError: pass",
    "tried, two failures": "try:\n    from .plane import _area\n"
    "except KeyError:\n    raise\nexcept (AttributeError, ImportError) as error:\n"
    "    _area = None",
    "tried, any failure": "if x:\n    try:\n        from .plane import _area\n"
    "    except:\n        _area = None\n    finally:\n        done()",
    "called and tried": "def load():\n    from .plane import _area\n"
    "try:\n    load()\nexcept Exception:\n    pass",
    "tried around a try": "try:\n    try:\n        from .plane import _area\n"
    "    except OSError:\n        raise\nexcept ImportError:\n    pass",
    "type checkers": "if TYPE_CHECKING:\n    from .plane import _area",
    "type checkers on one line": "if t.TYPE_CHECKING: from .plane import _area",
    "program": 'if __name__ == "__main__":\n    from .plane import _area',
    "comment": "x = 1  # first; import shapes.plane._area",
    "documentation": '"""Doc.\n\nfrom .plane import _area\nload()\n"""',
    "string": "X = 'import os; import shapes.plane._area'",
    "long string": "X = '''\nimport shapes.plane._area\n'''",
}


@pytest.mark.parametrize("source", NOT_RUN_ON_IMPORT.values(), ids=NOT_RUN_ON_IMPORT)
def test_statement_that_does_not_run(tree: Tree, source: str) -> None:
    install(tree, source)

    assert touched(tree, "shapes") == set()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shapes.plane._area", {AREA}),
        ("flat-shapes", {AREA}),
        ("Flat_Shapes", {AREA}),
        ("shapes.plane.absent", {AREA, "points.pyd"}),
        ("absent", {AREA, "points.pyd"}),
    ],
)
def test_names_to_start_from(tree: Tree, name: str, expected: set[str]) -> None:
    files = {"shapes/__init__.py": b"from .plane import _area", AREA: b""}
    tree.install("flat-shapes", "1", {**files, "shapes.libs/x.dll": b""})
    tree.install("points", "1", {"points.pyd": b""})

    assert touched(tree, name) == expected


def test_what_an_import_of_an_import_touches(tree: Tree) -> None:
    tree.install("shapes", "1", {"shapes.py": b"from solids import cube"})
    tree.install(
        "solids",
        "1",
        {
            "solids/__init__.py": b"",
            "solids/cube.py": b"from . import __name__\nimport points._core",
            "solids/ball.py": b"import points._other",
            "points/__init__.py": b"import shapes",
            "points/_core/__init__.cp311-win_amd64.pyd": b"",
            "points/_core/_inner/__init__.py": b"",
            "points/_core/_inner/x.pyd": b"",
            "points/_other.pyd": b"",
        },
    )

    assert touched(tree, "shapes") == {"points/_core/__init__.cp311-win_amd64.pyd"}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("from plane import load as start\nstart()", {"plane/_area.pyd"}),
        ("import plane as p\np.load()", {"plane/_area.pyd"}),
        ("import plane.loader\nplane.loader.load()", {"plane/_area.pyd"}),
        ("from plane import Loader\nLOADER = Loader()", {"plane/_area.pyd"}),
        ("import plane.loader\nplane.load()", {"plane/_area.pyd"}),
        ("import plane\nplane.rest()", set()),
        ("from plane import *\nX.load()", set()),
        ("def f():\n    from plane import load\nload()", set()),
        ("from plane import load", set()),
        ("def load():\n    pass\nimport plane\nload()", set()),
    ],
    ids=[
        *("renamed", "module", "submodule", "class", "package of a submodule"),
        *("another", "method of something", "never imported", "no call", "own"),
    ],
)
def test_function_of_another_package(tree: Tree, call: str, expected: set[str]) -> None:
    loader = b"""\
def load():
    from . import _area

class Loader:
    def __init__(self):
        load()

def rest():
    pass
"""
    files = {
        "shapes.py": call.encode(),
        "plane/__init__.py": b"from .loader import *",
        "plane/loader.py": loader,
        "plane/_area.pyd": b"",
    }
    tree.install("shapes", "1", files)

    assert touched(tree, "shapes") == expected


# Extension modules: what they import themselves.


def test_extension_modules_of_one_folder_import_what_they_name(tree: Tree) -> None:
    names = ["core.pyd", "base.CP311-win_amd64.PYD", "more/extra.pyd", "tbbpool.pyd"]
    files = {f"shapes/{name}": b"" for name in names}
    files["shapes/core.pyd"] = b"\0base\0extra\0"
    files["shapes/__init__.py"] = b"from . import core"
    files["shapes/unused.py"] = b"import solids"
    tree.install("shapes", "1", {**files, "solids.pyd": b""})

    assert touched(tree, "shapes") == {f"shapes/{name}" for name in names[:2]}


def test_those_directly_in_a_site_folder_do_not(tree: Tree) -> None:
    """Half of pywin32, whose folders a `.pth` file puts on `sys.path`."""
    files = {
        "pywin32.pth": b"win32\nwin32\\lib\npythonwin\n",
        "win32/win32api.pyd": b"",
        "win32/win32gui.pyd": b"",
        "win32/lib/win32con.py": b"",
        "win32/lib/win32timezone.py": b"import win32gui, win32api",
        "pythonwin/dde.pyd": b"",
        "win32comext/axdebug/__init__.py": b"",
        "win32comext/axdebug/axdebug.pyd": b"",
    }
    tree.install("pywin32", "312", files)
    both = {"win32/win32api.pyd", "win32/win32gui.pyd"}

    assert touched(tree, "win32api") == {"win32/win32api.pyd"}
    assert touched(tree, "win32timezone") == both
    assert len(touched(tree, "pywin32")) == 4


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\0plane._area\0", {"plane/_area.pyd"}),
        (b"\0_backend\0", {"_backend.pyd"}),
        (b"tame(_backend)", {"_backend.pyd"}),
        (b"x_backend \0_backends\0", set()),
        (b"\0See plane._area for more.\0", set()),
        (b"\0solids\0", {"solids/core.pyd"}),
        (b"Alas, solids.core fell", {"solids/core.pyd"}),
        (b"\0" + b".a" * 5000 + b"plane" + b".a" * 5000 + b"\0", set()),
    ],
    ids=[
        *("module", "top-level module", "in one piece with others", "longer words"),
        *("text", "package", "package in one piece with others", "no name"),
    ],
)
def test_modules_that_an_extension_module_names(
    tree: Tree, content: bytes, expected: set[str]
) -> None:
    files = {
        "shapes.pyd": content,
        "_backend.pyd": b"",
        "plane/__init__.py": b"",
        "plane/_area.pyd": b"",
        "solids/__init__.py": b"from . import core",
        "solids/core.pyd": b"",
    }
    tree.install("shapes", "1", files)

    assert touched(tree, "shapes") == {"shapes.pyd", *expected}


def test_optional_requirement_stays_untouched(tree: Tree) -> None:
    """As onnxruntime requires protobuf, and does not import it."""
    core = b"\0google.protobuf.Any\0 google/protobuf/any.proto \0numpy\0"
    files = {
        "runtime/__init__.py": b"from runtime.capi import session",
        "runtime/capi/session.py": b"from . import _state",
        "runtime/capi/_state.pyd": core,
    }
    tree.install("runtime", "1", files, requires=["protobuf", "numpy"])
    init = b"from google._upb import _message"
    files = {
        "google/protobuf/__init__.py": b"__version__ = '7'",
        "google/protobuf/message.py": init,
        "google/_upb/_message.pyd": b"",
    }
    tree.install("protobuf", "7", files)
    tree.install(
        "numpy", "2", {"numpy/__init__.py": b"import numpy.c", "numpy/c.pyd": b""}
    )

    assert touched(tree, "runtime") == {"runtime/capi/_state.pyd", "numpy/c.pyd"}
    assert touched(tree, "google.protobuf.message") == {"google/_upb/_message.pyd"}


# Where modules are.


def test_a_namespace_package_in_two_folders(tree: Tree) -> None:
    files = {
        "more.pth": b"more\n",
        "shapes.py": b"import points.left, points.right",
        "points/left.py": b"from ._left import x",
        "points/_left/__init__.py": b"",
        "more/points/right.py": b"from .near import _right",
        "more/points/near/_right.pyd": b"",
        "more/points/far/_wrong.pyd": b"",
    }
    tree.install("shapes", "1", files)

    assert touched(tree, "shapes") == {"more/points/near/_right.pyd"}


def test_a_folder_without_source_is_as_good_as_one_extension_module(tree: Tree) -> None:
    """Programs that are frozen keep their sources elsewhere."""
    files = {"shapes.py": b"import points", "points/a.pyd": b"", "points/b/c.pyd": b""}
    tree.install("shapes", "1", files)

    assert touched(tree, "shapes") == {"points/a.pyd"}


def test_the_first_folder_and_the_source_come_first(tree: Tree) -> None:
    files = {
        "more.pth": b"more\n",
        "shapes/__init__.py": b"",
        "shapes/__init__.pyc": b"",
        "more/shapes/__init__.py": b"from . import core",
        "more/shapes/core.pyd": b"",
    }
    tree.install("shapes", "1", files)

    assert touched(tree, "shapes") == set()


def test_a_package_that_extends_its_path(tree: Tree) -> None:
    files = {
        "shapes.py": b"from com.shell import shell\nfrom com import area",
        "com/__init__.py": b"__path__.append(elsewhere)",
        "comext/shell/shell.pyd": b"",
        "comext/area.pyd": b"",
        "comext/other.pyd": b"",
        "solids/__init__.py": b"",
        "solids/area/solid.pyd": b"",
    }
    tree.install("shapes", "1", files)

    assert touched(tree, "shapes") == {"comext/shell/shell.pyd", "comext/area.pyd"}


@pytest.mark.parametrize(
    ("version", "expected"),
    [(sys.version_info[:2], False), ((2, 7), True)],
    ids=["of this Python", "of another"],
)
def test_the_standard_library_comes_first(
    tree: Tree, version: tuple[int, int], *, expected: bool
) -> None:
    files = {"json/__init__.py": b"from . import core", "json/core.pyd": b""}
    tree.install("shapes", "1", {"shapes.py": b"import json", **files})
    environment = replace(tree.host().environment, version=version)
    path = str(tree.site / "json" / "core.pyd")

    assert touched_by("shapes", [path], environment) == ({path} if expected else set())


def test_paths_are_compared_without_case(tree: Tree) -> None:
    tree.install("shapes", "1", {"shapes.py": b"from Plane import Area, rest"})
    tree.install("plane", "1", {"Plane/Area.pyd": b"", "Plane/x/rest.pyd": b""})
    site = str(tree.site)
    files = [os.path.join(site, "PLANE", "area.PYD"), os.path.join(site, "Area.pyd")]

    found = touched_by("shapes", files, tree.host().environment)

    assert found == {files[0]}


# In doubt everything is touched.

DOUBTS = {
    "compiled source": {"shapes/__init__.pyc": b""},
    "no source": {"shapes/core.pyd": b""},
    "folder for a file": {"shapes/__init__.py/x": b""},
    "compiled source below": {"shapes.py": b"import more", "more.pyc": b""},
    "large source": {"shapes.py": b"x = 1\n" * 200_000},
    "module that loads by path": {"shapes.py": b"sys.path.append(here)"},
}


@pytest.mark.parametrize("files", DOUBTS.values(), ids=DOUBTS)
def test_in_doubt_everything_is_touched(tree: Tree, files: dict[str, bytes]) -> None:
    tree.install("shapes", "1", {**files, AREA: b"", "points.pyd": b""})

    assert {AREA, "points.pyd"} <= touched(tree, "shapes")


def test_what_lies_elsewhere_counts_as_touched(tree: Tree) -> None:
    install(tree, "")
    files = [str(tree.root / "elsewhere" / "x.pyd"), str(tree.site / AREA)]

    assert touched_by("shapes", files, tree.host().environment) == {files[0]}


@pytest.mark.parametrize(("limit", "expected"), [(3, set()), (2, {AREA})])
def test_number_of_modules_is_limited(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, limit: int, expected: set[str]
) -> None:
    install(tree, "from . import one, two")
    (tree.site / "shapes" / "one.py").touch()
    (tree.site / "shapes" / "two.py").touch()
    monkeypatch.setattr(_reach, "_MOST_MODULES", limit)

    assert touched(tree, "shapes") == expected


def test_time_is_limited(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tree, "")
    monkeypatch.setattr(_reach, "_MOST_SECONDS", -1.0)

    assert touched(tree, "shapes") == {AREA}


# Any source, against the parser of Python.

NAMES = [f"_{letter}" for letter in "abcdef"]
STATEMENTS = (
    "import shapes.{0}.{0}",
    "from .{0} import {0}",
    "from .{0} import (x,  # )\n  {0}\n)",
    "x = 1; import shapes.{0}.{0}",
    'x = """\'\nimport shapes.{0}.{0}\n"""',
    "# import shapes.{0}.{0}",
    "x = '; import shapes.{0}.{0}'",
)
NOT_CHECKED = "not TYPE_CHECKING"
HEADERS = (
    *("if x:", "try:", "while x:", "with x as y:", "class C:", "class C(\n  x,\n):"),
    *("def f(x): # :", "def f(\n  x,\n):", "async def f():"),
    *("if TYPE_CHECKING:", "if not TYPE_CHECKING:", 'if __name__ == "__main__":'),
)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> str:
    """Draw statements with imports in them, of one extension module each."""
    lines = ["pass"]
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)):
        if depth == 3 or draw(st.booleans()):
            lines.append(draw(st.sampled_from(STATEMENTS)).format(name))
            continue
        width = draw(st.sampled_from([" ", "    ", "\t"]))
        header = draw(st.sampled_from(HEADERS))
        lines += [header, textwrap.indent(draw(blocks(depth + 1)), width)]
        if header == "try:":
            lines += ["finally:", f"{width}from .{name} import {name}"]
        elif header.startswith("if"):
            lines += ["else:", f"{width}from .{name} import {name}"]
    return "\n".join(lines)


def imported(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names imported outside of functions, as the parser sees it."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.Import):
            yield node.names[0].name.rpartition(".")[2]
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        branches = ["body", "orelse", "finalbody"]
        if isinstance(node, ast.If) and ast.unparse(node.test) not in (
            "x",
            NOT_CHECKED,
        ):
            branches.remove("body")
        for branch in branches:
            yield from imported(getattr(node, branch, ()))


@given(blocks())
def test_imports_are_those_of_the_parser(source: str) -> None:
    wanted = {name for name in imported(ast.parse(source).body) if name in NAMES}
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder))
        files = {f"shapes/{name}/{name}.pyd": b"" for name in NAMES}
        tree.install("shapes", "1", {"shapes/__init__.py": source.encode(), **files})
        found = {path.split("/")[1] for path in touched(tree, "shapes")}

    assert found == wanted


@given(st.text() | st.binary() | st.text("\"'\\\n #()[]:;.@ adefimnoprt_x"))
def test_any_content_is_survived(source: str | bytes) -> None:
    text = source.encode(errors="replace") if isinstance(source, str) else source
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder))
        files = {"shapes/__init__.py": text, "solids.pyd": text, AREA: b""}
        tree.install("shapes", "1", files)

        touched(tree, "shapes")
        assert touched(tree, "solids") >= {"solids.pyd"}


# A real Python.

LOADED = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
files = [getattr(module, "__file__", None) or "" for module in [*sys.modules.values()]]
print(json.dumps([file for file in files if file.lower().endswith(".pyd")]))
"""


@pytest.mark.bench
@pytest.mark.parametrize(
    ("name", "least", "packages", "tolerated"),
    [
        ("numpy", 10, {"numpy"}, 0),
        ("PIL.Image", 1, {"PIL"}, 0),
        ("jinja2", 1, set(), 1),
        ("networkx", 0, set(), 0),
        ("numba", 20, {"numba", "numpy"}, 0),
    ],
)
def test_what_a_real_import_needs_is_touched(
    bench_factory: BenchFactory,
    name: str,
    least: int,
    packages: set[str],
    tolerated: int,
) -> None:
    """What it loads and does without as well is tolerated: the same import shows it."""
    bench = bench_factory(*(NUMBA if name == "numba" else TORCH))
    environment = offline_host(str(bench.python_dir)).environment
    files = extension_modules(bench.site_packages)
    done = bench.run_code(LOADED, name)
    below = {bench.windows_path(Path(file)): Path(file) for file in files}
    loaded = {below[file] for file in json.loads(done.stdout) if file in below}

    found = {Path(path) for path in touched_by(name, files, environment)}

    for path in loaded - found:
        # Text: the loader refuses it, as it would if a DLL of it were missing.
        bench.replace(path, b"no PE image")
    again = bench.run_code(LOADED, name)
    assert len(loaded) >= least
    assert len(loaded - found) == tolerated
    assert again.returncode == 0, again.stderr
    assert {p.relative_to(bench.site_packages).parts[0] for p in found} == packages
