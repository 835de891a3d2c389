"""No harmful advice anywhere, a page for every code, and commands that can be run.

Read are the help pages, the remedies of every golden text, and every text and command
in the source of the package.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import dllguard
from dllguard._help import codes, page
from dllguard._logs import _likely
from dllguard._tables import _load_errors
from tests.command_lines import parse, words_of
from tests.texts import GOLDEN

PACKAGE: Final = Path(dllguard.__file__).parent
PATHS: Final = {path.stem: path for path in sorted(PACKAGE.rglob("_[a-z]*.py"))}
MODULES: Final = sorted(PATHS)

# Modules that hold commands. A new one is read like these; it is named here so that
# nobody adds commands without this test having been thought of.
WITH_COMMANDS: Final = frozenset(
    """
    _absent _caches _conda_pairs _conda_python _conflicts _container _cuda_cures _cures
    _editions _folder_cures _freezers _load_errors _memory _misfits _missing_part
    _missing_product _missing_runtime _openmp _order_cures _origin _owners _packed
    _pasted _plug_in _process_state _processor _products _refusals _runtime_cures
    _runtimes
    _too_old _tried _unexplained _unloadable _windows
    """.split()
)

_COMMAND: Final = re.compile(
    r"(?:\"?(?:\S*[\\/])?python(?:\.exe)?\"?|X) -[mcXIs] \S"
    r"|(?:winget|conda|git|uv|sxstrace|icacls|rmdir|py|reg|sfc|pacman|pyinstaller"
    r"|DISM|cmake) (?:-|/|\"|install |upgrade |update |create |remove |search |lfs "
    r"|activate |pip |trace |parse |query )"
    r"|set \"?[A-Z_]+=|FROM X|import os; |import ctypes; "
    r"|\(?(?:Get|Set|Install|Remove)-[A-Z]\w+ "
)

_BANNED: Final = (
    r"KMP_DUPLICATE_LIB_OK",
    r"regsvr32",
    r"dll-?(?:files|me|dump|downloader)\b|\bDLL (?:download )?(?:web ?)?sites?\b",
    (
        r"\b(?:copy|put|move|place|drop)(?:t?ing)?\s+(?:it|them|the|this|that|an?|single"
        r"|DLLs?|files?)\b[^.:;]{0,60}\b(?:in|into|to)\s+(?:C:\\Windows\\)?System32"
    ),
    r"\brenam(?:e|ing)\b",
    r"^\s*(?:ren|rename|copy|xcopy|robocopy|move|del|erase)\s.*\.(?:dll|pyd)\b",
    r"\bdisable\b[^.]{0,40}\b(?:antivirus|defender|security)",
    r"[Tt]urn off the antivirus",
)


def banned(text: str) -> list[str]:
    return [word for word in _BANNED if re.search(word, text, re.IGNORECASE)]


# Pages.


def sections(code: str) -> dict[str, str]:
    """Return what stands below each heading of a page."""
    text = page(code)
    assert text is not None
    found: dict[str, str] = {}
    heading = ""
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            heading = line
        found[heading] = found.get(heading, "") + line + "\n"
    return found


def page_commands(code: str) -> Iterator[str]:
    """Yield the commands of a page: what stands eleven columns in."""
    for line in (page(code) or "").splitlines():
        if re.match(r" {11}\S", line):
            # A table of imports, each with its command, or of links with their use.
            yield from re.split(r"\s{2,}", line.strip())


@pytest.mark.parametrize("code", codes())
class TestPage:
    def test_advice(self, code: str) -> None:
        assert banned(sections(code)["what to do:"]) == []

    def test_commands(self, code: str) -> None:
        links = [c for c in page_commands(code) if c.startswith("https://")]
        for line in page_commands(code):
            # What stands beside a link says what it is for.
            if not links or _COMMAND.match(line):
                parse(line)


# Golden texts.


def goldens() -> list[Path]:
    return sorted(GOLDEN.rglob("*.txt"))


def helped(text: str) -> Iterator[str]:
    """Yield the lines of a text that tell what to do."""
    inside = False
    for line in text.splitlines():
        inside = line.startswith("help: ") or (inside and bool(line.strip()))
        if inside:
            yield line


@pytest.mark.parametrize(
    "path", goldens(), ids=[p.relative_to(GOLDEN).as_posix() for p in goldens()]
)
def test_golden(path: Path) -> None:
    lines = list(helped(path.read_text("ascii")))

    assert banned("\n".join(lines)) == []
    for line in lines:
        if re.match(r" {10}\S", line):
            parse(line)


def test_goldens_have_commands() -> None:
    """The test above reads something."""
    found = [
        line
        for path in goldens()
        for line in helped(path.read_text("ascii"))
        if re.match(r" {10}\S", line)
    ]
    assert len(found) > 100


# Source.


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(PATHS[module].read_text("utf-8"))


def texts(node: ast.AST) -> Iterator[str]:
    """Yield texts of a piece of source, without docstrings and what will not help.

    What is filled in stands as X.
    """
    if isinstance(node, ast.keyword) and node.arg == "will_not_help":
        return
    if isinstance(node, (ast.AnnAssign, ast.Assign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(re.search("VAIN|NOT_HELP|NEVER", ast.unparse(t)) for t in targets):
            return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "X"
            for part in node.values
        )
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def commands(module: str) -> list[str]:
    """Return what looks like a command; a golden text shows what is put together."""
    found = (t for t in texts(tree(module)) if _COMMAND.match(t) and "\n" not in t)
    return [
        t
        for t in found
        if not re.search(r" $|^X -m pip install$|^conda install -p X$", t)
    ]


def test_modules_with_commands_are_named() -> None:
    assert {module for module in MODULES if commands(module)} == WITH_COMMANDS


@pytest.mark.parametrize("module", MODULES)
def test_source(module: str) -> None:
    for text in texts(tree(module)):
        # What people try in vain begins with a gerund (`Diagnosis.will_not_help`).
        assert banned(text) == [] or re.match(r"[a-z]+ing\b", text), text
    for line in commands(module):
        parse(re.sub(r"^X -", "python -", line))


@pytest.mark.parametrize("module", MODULES)
def test_commands_within_sentences(module: str) -> None:
    """What stands between backquotes is typed in as well."""
    for text in texts(tree(module)):
        for line in re.findall(r"`([^`]+)`", text):
            if _COMMAND.match(line):
                parse(line)


# Codes.


def given_codes(module: str) -> Iterator[str]:
    """Yield the codes that a module gives to a diagnosis."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call):
            given = [k.value for k in node.keywords if k.arg == "code"]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "draft":
                given += node.args[:1]
            for value in given:
                yield from texts(value)
        elif isinstance(node, ast.Compare) and "code" in ast.unparse(node.left):
            yield from texts(node)


@pytest.mark.parametrize("module", MODULES)
def test_every_code_has_a_page(module: str) -> None:
    given = {
        code for code in given_codes(module) if re.fullmatch("[a-z]+(-[a-z]+)+", code)
    }

    assert given <= set(codes())


def test_every_code_of_a_table_has_a_page() -> None:
    rows = [row for group in _likely.LIKELY.values() for row in group]
    rows += [row for _, _, row in _likely.FILES]
    likely = {row[0] for row in (*rows, _likely.FROZEN_ROW)}

    assert likely <= set(codes())
    assert set(_load_errors.BY_CODE.values()) <= set(codes())


def test_every_page_is_likely_or_of_a_check() -> None:
    """Of what a log can be about, `explain` knows every cause."""
    rows = [row for group in _likely.LIKELY.values() for row in group]
    likely = {row[0] for row in (*rows, _likely.FROZEN_ROW)}
    of_a_check = {"changed-installation", "loader-disagrees", "package-not-installed"}

    assert set(codes()) - likely == of_a_check


# The parsers themselves.


@pytest.mark.parametrize(
    "line",
    [
        'python -m pip install "torch<2"',
        r'"C:\Program Files\Python311\python.exe" -m pip install --upgrade torch',
        'conda install -c conda-forge "vc14_runtime>=14.40"',
        "winget install --id Microsoft.VCRedist.2015+.x64 -e",
        "DISM /Online /Cleanup-Image /RestoreHealth",
        "python -c \"import sys; print(*sys.path, sep='\\n')\"",
        r'import os; os.add_dll_directory(r"C:\x")',
        r'set "PATH=C:\a b;%PATH%"',
        "(Get-CimInstance Win32_Processor).Name",
        "Get-WinEvent -MaxEvents 5 -FilterHashtable @{LogName='Application'}",
    ],
)
def test_what_is_taken(line: str) -> None:
    parse(line)


@pytest.mark.parametrize(
    "line",
    [
        "python -m pip install torch<2",
        'python -m pip install "torch',
        "python -m pip install --upgrad torch",
        "python -m pip install",
        'python -m pip install "torch=>2"',
        r"C:\Program Files\Python311\python.exe -m pip install torch",
        "python -m dllguard chek torch",
        "python -m dllguard help no-such-code",
        "python -m nosuchmodule",
        'python -c "import ("',
        "python -c import sys",
        "conda install --upgrade torch",
        "conda install",
        "winget install Microsoft.VCRedist",
        "winget install --id Microsoft",
        "DISM /Online /RestoreHealth",
        "Get-Nothing -MaxEvents 5",
        "Get-WinEvent -Many 5",
        'Get-FileHash "x',
        'import os; os.add_dll_directory(r"C:\\x"',
        "set PATH",
        "format c:",
    ],
)
def test_what_is_not_taken(line: str) -> None:
    with pytest.raises(AssertionError):
        parse(line)


@pytest.mark.parametrize(
    "text",
    [
        "set KMP_DUPLICATE_LIB_OK=TRUE",
        "download it from dll-files.com",
        "get it from a DLL download site",
        "copy the file into C:\\Windows\\System32",
        "rename the file",
        "copy a.dll b.dll",
        "regsvr32 a.dll",
    ],
)
def test_what_is_banned(text: str) -> None:
    assert banned(text)


def test_words_of_a_line() -> None:
    assert words_of(r'"C:\a b\python.exe" -m pip install "torch<2" x') == [
        *(r"C:\a b\python.exe", "-m", "pip", "install", "torch<2", "x")
    ]
