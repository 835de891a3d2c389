"""What may import what: facts flow one way, and only two modules touch the outside."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import dllguard
from dllguard import _help, _hook
from dllguard._conventions import SWALLOWED

PACKAGE = Path(dllguard.__file__).parent
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py"))

# Each module with what it imports of ours, when it is imported itself. From the
# bottom up: facts, files, hosts, causes, verdicts, faces.
ARROWS = {
    "_model": "",
    "_verdict": "_model",
    "_paths": "",
    "_load_errors": "",
    "_load_flags": "",
    "_errors": "",
    "_conventions": "",
    "_distribution": "_paths",
    "_links": "",
    "_redistributables": "",
    "_windows_names": "",
    "_api_set_hosts": "",
    "_apisets": "",
    "_help": "",
    "_messages": "",
    "_directory": "",
    "_ntdll": "",
    "_progress": "",
    "_layout": "",
    "_resources": "_layout _model",
    "_symbols": "_layout",
    "_undecorate": "",
    "_win32": "_messages _ntdll",
    "_trial": "_paths",
    "_failure": "_load_errors _load_flags _paths",
    "_fetch": "_model",
    "_pe": "_layout _model _resources _symbols",
    "_disk": "_model _paths _symbols",
    "_environment": "_distribution _model _paths",
    "_source_values": "",
    "_source_places": "_environment",
    "_source_pure": "_source_places _source_values",
    "_source_calls": "_model _source_places _source_pure _source_values",
    "_source_expressions": "_source_calls _source_pure _source_values",
    "_source_functions": "_source_calls _source_expressions _source_values",
    "_source_statements": "_source_expressions _source_functions _source_values",
    "_source": "_source_calls _source_expressions _source_places "
    "_source_statements _source_values",
    "_added": "_conventions _distribution _environment _source _source_places",
    "_outline": "",
    "_reach": "_distribution _environment _layout _outline _paths _pe",
    "_search": "_load_flags _model _paths",
    "_process": "_apisets _disk _load_flags _model _paths _search",
    "_manifest": "_model _paths",
    "_assemblies": "_layout _manifest _model _paths _resources",
    "_closure": "_model _paths _process _search _symbols",
    "_walk": "_closure _load_errors _load_flags _model _paths _process "
    "_redistributables",
    "_loads": "_load_errors _load_flags _model _paths _process _walk",
    "_cures": "_distribution _environment _links _model _redistributables _verdict",
    "_swallowed": "_conventions _errors",
    "_report": "_model _paths _verdict",
    "_hook": "_errors",
    "__init__": "_directory _errors _hook",
    "_arguments": "",
    "_cli": "_arguments",
    "__main__": "_cli",
    "_circumstances": "",
    "_host": "_apisets _circumstances _disk _environment _model _paths _process",
    "_pythons": "_disk _host _load_flags _model",
    "_offline": "_added _disk _environment _host _load_flags _model _paths _process "
    "_pythons _walk",
    "_facts": "_host _model _redistributables",
    "_scene": "_cures _distribution _host _model _paths _verdict",
    "_runtime": "_cures _environment _links _model _paths _redistributables _scene "
    "_verdict",
    "_misfits": "_cures _links _model _redistributables _runtime _scene _verdict",
    "_exports": "_conventions _cures _distribution _links _model _paths _runtime "
    "_scene _symbols _undecorate _verdict",
    "_notes": "_model _paths _scene",
    "_tried": "_cures _host _load_errors _load_flags _model _paths _process "
    "_scene _trial _verdict",
    "_abi": "_cures _environment _links _model _paths _scene _verdict",
    "_findings": "_abi _conventions _cures _disk _distribution _exports _model "
    "_paths _runtime _scene _verdict",
    "_absent": "_conventions _cures _links _model _scene _verdict",
    "_elsewhere": "_cures _distribution _links _model _paths _scene _verdict",
    "_missing_runtime": "_conventions _cures _links _model _redistributables _runtime "
    "_scene _verdict",
    "_missing": "_abi _cures _distribution _elsewhere _missing_runtime _model "
    "_paths _scene _verdict",
    "_faults": "_exports _misfits _missing _model _paths _scene _verdict",
    "_idle": "_faults _conventions _model _paths _reach _scene _verdict",
    "_judge": "_absent _added _faults _conventions _distribution _environment "
    "_findings _host _idle _loads _model _notes _paths _process _scene "
    "_verdict",
    "_preflight": "_conventions _facts _host _judge _verdict",
    "_explain": "_faults _failure _findings _host _judge _load_errors _loads _model "
    "_paths _scene _swallowed _trial _tried _verdict _walk",
}

# And what it imports only when it is asked for something.
LATE = {
    "_verdict": "_errors _report",
    "_apisets": "_api_set_hosts",
    "_undecorate": "_win32",
    "_trial": "_win32",
    "_failure": "_win32",
    "_pe": "_assemblies",
    "_disk": "_pe",
    "_closure": "_assemblies",
    "_swallowed": "_win32",
    "_hook": "_explain _failure _swallowed",
    "__init__": "_explain _preflight _verdict",
    "_arguments": "__init__",
    "_cli": "_conventions _facts _fetch _help _hook _host _judge _offline "
    "_preflight _progress _trial",
    "_host": "_directory _ntdll _pe _win32 _windows_names",
    "_offline": "_layout _pe _resources _windows_names",
    "_facts": "_win32",
    "_judge": "_tried",
}

# `str()` of a diagnosis and of a report is their text; nothing else may point back.
BACK = {("_verdict", "_report")}

# What is not of the standard library, or is of Windows' alone.
OUTSIDE = {
    "_pe": {"pefile"},
    "_win32": {"ctypes", "winreg"},
    "_ntdll": {"ctypes", "winreg"},
    "_environment": {"packaging"},
    "_cli": {"packaging"},
    "_fetch": {"packaging", "uv"},
    "_progress": {"rich"},
}
WATCHED = {"ctypes", "winreg", "_winapi", "msvcrt", "nt"}

TABLES = [
    "_api_set_hosts",
    "_conventions",
    "_links",
    "_load_errors",
    "_load_flags",
    "_redistributables",
    "_windows_names",
]

# Literals of the same look.
NO_CODES = {
    "conda-meta",
    "en-us",
    "paddlepaddle-gpu",
    "git-lfs",
    "llvm-undname",
    "site-packages",
}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{module}.py").read_text("utf-8"))


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
            assert node.level == 1
            names = [node.module] if node.module else [a.name for a in node.names]
            ours |= {name if name in MODULES else "__init__" for name in names}
    assert "dllguard" not in others
    return ours, others


def table(rows: dict[str, str]) -> dict[str, set[str]]:
    return {module: set(row.split()) for module, row in rows.items()}


def test_arrows_are_those_of_the_table() -> None:
    drawn = {module: imports(module, late=False)[0] for module in MODULES}

    assert drawn == table(ARROWS)


def test_late_arrows_are_those_of_the_table() -> None:
    drawn = {module: imports(module, late=True)[0] for module in MODULES}
    # Late and at once is late for nothing.
    assert not any(drawn[m] & imports(m, late=False)[0] for m in MODULES)

    assert {module: row for module, row in drawn.items() if row} == table(LATE)


def test_arrows_go_round_in_no_circle() -> None:
    arrows = table(ARROWS)
    for module, row in table(LATE).items():
        arrows[module] |= {other for other in row if (module, other) not in BACK}
    order = list(TopologicalSorter(arrows).static_order())

    assert set(order) == set(MODULES)


def test_table_reads_from_the_bottom_up() -> None:
    seen: set[str] = set()
    for module, row in table(ARROWS).items():
        assert row <= seen, module
        seen.add(module)


def test_what_the_hook_needs_before_a_failure_is_itself() -> None:
    outside = {module: imports(module, late=False)[1] for module in MODULES}

    assert outside["__init__"] == {"__future__", "os", "sys"}
    assert outside["_hook"] == {"__future__", "_thread", "sys"}
    assert outside["_errors"] == {"__future__", "sys"}


def test_outside_is_touched_where_the_table_says() -> None:
    touched = {}
    for module in MODULES:
        others = imports(module, late=False)[1] | imports(module, late=True)[1]
        foreign = {name for name in others if name not in sys.stdlib_module_names}
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
    lines = (PACKAGE / f"{module}.py").read_text("utf-8").count("\n")

    assert lines <= 300 or module in TABLES


@pytest.mark.parametrize("module", TABLES)
def test_tables_hold_data(module: str) -> None:
    body = tree(module).body
    allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    # A type for the rows, and what would else be written out ten times.
    builders = (ast.ClassDef, ast.FunctionDef) if module == "_redistributables" else ()
    for node in body:
        assert isinstance(node, allowed + builders), ast.unparse(node)
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
    for name, value in vars(import_module(f"dllguard.{module}")).items():
        if name.isupper() and not name.startswith("_"):
            assert not isinstance(value, (list, set, bytearray)), name


# Codes.


def literals(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def given_codes() -> set[str]:
    """Return the literals that are passed as the code of a diagnosis."""
    found = set()
    for module in MODULES:
        for node, _ in nodes(tree(module)):
            if not isinstance(node, ast.Call):
                continue
            for keyword in node.keywords:
                if keyword.arg == "code":
                    found |= set(literals(keyword.value))
            if isinstance(node.func, ast.Attribute) and node.func.attr == "draft":
                found |= set(literals(node.args[0]))
    return found


def kebab_literals() -> set[str]:
    every = {text for module in MODULES for text in literals(tree(module))}
    return {text for text in every if re.fullmatch("[a-z]+(-[a-z]+)+", text)}


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    """Some codes come from a row of a table, so any literal of that look counts."""
    codes = kebab_literals() - NO_CODES

    assert codes == set(_help.codes())
    assert given_codes() <= codes
    assert len(given_codes()) > 10


def test_hook_knows_the_packages_that_swallow() -> None:
    assert frozenset(SWALLOWED) == _hook._SWALLOWING
