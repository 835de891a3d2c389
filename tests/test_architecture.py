"""What may import what: facts flow one way, and only two modules touch the outside."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import dllguard
from dllguard import _hook
from dllguard._tables._conventions import SWALLOWED

PACKAGE = Path(dllguard.__file__).parent
PATHS = {
    path.stem: path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.stem != "__init__" or path.parent == PACKAGE
}
MODULES = sorted(PATHS)

# Each package of ours, and each module beside them, with those it imports from. From
# the bottom up: facts, files, the loader, packages, hosts, causes, verdicts, faces.
ARROWS = {
    "_model": "",
    "_deadline": "",
    "_shell": "",
    "_paths": "",
    "_errors": "",
    "_verdict": "_model",
    "_report": "_model _paths _verdict",
    "_tables": "_verdict",
    "_files": "_deadline _model _paths",
    "_loader": "_files _model _paths _tables",
    "_packages": "_deadline _files _model _paths _tables",
    "_directory": "",
    "_hosts": "_directory _files _loader _model _packages _paths _tables",
    "_remedies": "_model _packages _paths _shell _tables _verdict",
    "_causes": "_deadline _files _hosts _loader _model _packages _paths _remedies "
    "_shell _tables _verdict",
    "_logs": "_paths _report _shell _verdict",
    "_failure": "_hosts _paths _tables",
    "_swallowed": "_errors _hosts _tables",
    "_judge": "_causes _hosts _loader _model _packages _paths _tables _verdict",
    "_explain": "_causes _deadline _failure _hosts _judge _loader _model _paths "
    "_swallowed _tables _verdict",
    "_attempt": "_deadline _errors _explain _failure _swallowed",
    "_hook": "_attempt _errors",
    "_preflight": "_hosts _judge _tables _verdict",
    "__init__": "_attempt _directory _errors _hook _preflight _verdict",
    "_fetch": "_model",
    "_help": "",
    "_progress": "",
    "_targets": "_causes _fetch _files _hosts _judge _model _packages _paths "
    "_remedies _tables _verdict",
    "_demands": "_causes _files _hosts _judge _loader _model _packages _paths "
    "_report _tables _verdict",
    "_needs": "_causes _demands _hosts _packages _tables",
    "_faces": "_files _help _loader _model _paths _report _tables _verdict",
    "_snapshots": "_files _hosts _judge _loader _model _packages _paths _tables "
    "_verdict",
    "_options": "",
    "_check_options": "_options",
    "_arguments": "__init__ _check_options _options",
    "_config": "",
    "_filters": "_help _paths _verdict",
    "_commands": "_config _faces _fetch _filters _help _hook _hosts _judge _loader "
    "_logs _needs _progress _report _snapshots _tables _targets _verdict",
    "_cli": "_arguments _commands _report",
    "__main__": "_cli",
}

# `str()` of a diagnosis and of a report is their text, and a failed report raises;
# nothing else may point back.
BACK = {("_verdict", "_report"), ("_verdict", "_errors")}

# What is not of the standard library, or is of Windows' alone.
OUTSIDE = {
    "_pe": {"pefile"},
    "_machine": {"ctypes"},
    "_ntdll": {"ctypes", "winreg"},
    "_registry": {"winreg"},
    "_win32": {"ctypes"},
    "_config": {"tomli"},
    "_environment": {"packaging"},
    "_external": {"packaging"},
    "_fetch": {"packaging", "uv"},
    "_named_targets": {"packaging"},
    "_not_found_by_name": {"packaging"},
    "_runtime_cures": {"packaging"},
    "_progress": {"rich"},
    "_tags": {"packaging"},
}
# On 3.10, tomllib is not yet there.
STANDARD = sys.stdlib_module_names | {"tomllib"}
WATCHED = {"ctypes", "winreg", "_winapi", "msvcrt", "nt"}

TABLES = [path.stem for path in PATHS.values() if path.parent.name == "_tables"]
TABLES += ["_likely", "_shapes", "_wine_words", "_words"]


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(PATHS[module].read_text("utf-8"))


def home(module: str) -> str:
    """Return the package of ours that a module is in, or itself."""
    folder = PATHS[module].parent
    return module if folder == PACKAGE else folder.name


def nodes(node: ast.AST, *, late: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Yield what runs, and whether that is in a function; nothing for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child, late
        inside = late or isinstance(child, (ast.FunctionDef, ast.Lambda))
        yield from nodes(child, late=inside)


def imports(module: str, *, late: bool) -> tuple[set[str], set[str]]:
    """Return the modules imported, ours and others."""
    ours, others = set(), set()
    for node, is_late in nodes(tree(module)):
        if is_late is not late:
            continue
        if isinstance(node, ast.Import):
            others |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module
            others.add(node.module.partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            last = (node.module or "").rpartition(".")[2]
            names = [last] if last in PATHS else [a.name for a in node.names]
            ours |= {name if name in PATHS else "__init__" for name in names}
    assert "dllguard" not in others
    return ours, others


def table(rows: dict[str, str]) -> dict[str, set[str]]:
    return {module: set(row.split()) for module, row in rows.items()}


def arrows() -> dict[str, set[str]]:
    """Return what each module imports of ours, at once or later."""
    every = {}
    for module in MODULES:
        at_once, late = (imports(module, late=late)[0] for late in (False, True))
        # Late and at once is late for nothing.
        assert not at_once & late, module
        every[module] = {
            other for other in at_once | late if (module, other) not in BACK
        }
    return every


def test_arrows_are_those_of_the_table() -> None:
    drawn: dict[str, set[str]] = {}
    for module, others in arrows().items():
        drawn.setdefault(home(module), set()).update(home(o) for o in others)

    assert {place: row - {place} for place, row in drawn.items()} == table(ARROWS)


def test_table_reads_from_the_bottom_up() -> None:
    seen: set[str] = set()
    for place, row in table(ARROWS).items():
        assert row <= seen, place
        seen.add(place)


def test_modules_go_round_in_no_circle() -> None:
    assert set(TopologicalSorter(arrows()).static_order()) == set(MODULES)


def test_what_the_hook_needs_before_a_failure_is_itself() -> None:
    outside = {module: imports(module, late=False)[1] for module in MODULES}

    assert outside["__init__"] == {"__future__", "os", "sys"}
    assert outside["_hook"] == {"__future__", "_thread", "sys"}
    assert outside["_errors"] == {"__future__", "sys"}


def test_outside_is_touched_where_the_table_says() -> None:
    touched = {}
    for module in MODULES:
        others = imports(module, late=False)[1] | imports(module, late=True)[1]
        foreign = others - STANDARD
        touched[module] = foreign | (others & WATCHED)

    assert {module: row for module, row in touched.items() if row} == OUTSIDE


def test_pefile_is_imported_at_once_and_packaging_late() -> None:
    for module in MODULES:
        at_once = imports(module, late=False)[1]

        assert not at_once & {"packaging", "rich", "uv"}


@pytest.mark.parametrize("module", MODULES)
def test_module_says_what_it_is(module: str) -> None:
    docstring = ast.get_docstring(tree(module))

    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("module", MODULES)
def test_module_is_one_noun_and_short(module: str) -> None:
    lines = PATHS[module].read_text("utf-8").count("\n")

    assert lines <= 300 or module in TABLES


@pytest.mark.parametrize("module", TABLES)
def test_tables_hold_data(module: str) -> None:
    body = tree(module).body
    allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    # What would else be written out ten times.
    builders = (ast.FunctionDef,) if module == "_redistributables" else ()
    for node in body:
        # A class is the type of the rows.
        assert isinstance(node, (*allowed, ast.ClassDef, *builders)), ast.unparse(node)
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant)
        if isinstance(node, ast.FunctionDef):
            assert node.name.startswith("_")
        if isinstance(node, ast.ClassDef):
            assert ast.unparse(node.decorator_list[0]) == "dataclass(frozen=True)"
            assert not any(isinstance(part, ast.FunctionDef) for part in node.body)
    decisions = (ast.If, ast.IfExp, ast.While, ast.For, ast.Try, ast.Lambda, ast.Match)
    assert not any(isinstance(node, decisions) for node, _ in nodes(tree(module)))


@pytest.mark.parametrize("module", TABLES)
def test_constants_of_tables_cannot_change(module: str) -> None:
    for name, value in vars(
        import_module(f"dllguard.{PATHS[module].parent.name}.{module}")
    ).items():
        if name.isupper() and not name.startswith("_"):
            assert not isinstance(value, (list, set, bytearray)), name


def test_hook_knows_the_packages_that_swallow() -> None:
    assert frozenset(SWALLOWED) == _hook._SWALLOWING
