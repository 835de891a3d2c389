"""What a module imports and calls, read from its source without running it.

The text is divided by its indentation rather than parsed. That takes a tenth of the
time, and the syntax of a later Python does no harm. Where the two could differ, more
counts as done on import.

What is tried and may fail does not count: `except ImportError` with a way on is how a
package says that it can do without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .. import _deadline

_LARGEST: Final = 1_000_000

# A comment, a joined line, a string that may be the name of a module, which is kept, a
# string of more lines, a string of one. Where each begins with a character of its own,
# all others are passed over five times as fast.
_LEXICAL: Final = re.compile(
    r"""\#[^\n]*|\\\n|"([\w.]*)"(?!")|'([\w.]*)'(?!')"""
    r"""|""{2}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"{3}"""
    r"""|''{2}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{3}"""
    r"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'""",
    re.DOTALL,
)
_LISTED: Final = re.compile(
    r"((?:^|[:;])[ \t]*from\b[^\n(]*\bimport[ \t]*)\(([^)]*)\)", re.MULTILINE
)
_HEADER: Final = re.compile(r"(?:async\s+)?def\s+(\w+)|class\s+(\w+)")
_NEVER: Final = re.compile(
    r"(?:el)?if[\s(]+"
    r"(?:(?:\w+\.)?TYPE_CHECKING|__name__\s*==\s*['\"]__main__['\"])[\s)]*:"
)
_HANDLER: Final = re.compile(r"except\b([^:]*?)(?:\bas\s+(\w+)\s*)?:(.*)")
_CATCHES: Final = re.compile(r"\b(?:ImportError|Exception|BaseException)\b")
# What keeps the exception may raise it later.
_GIVES_UP: Final = re.compile(r"\braise\b|\bexit\s*\(|\bexc_info\b|\bformat_exc\b")
_IMPORT: Final = re.compile(
    r"(?:^|[:;])[ \t]*"
    r"(?:import\b([^\n;]+)|from\b[ \t]*(\.*)[ \t]*([\w.]*)[ \t]*import\b([^\n;]+))",
    re.MULTILINE,
)
_IMPORT_CALL: Final = re.compile(
    r"\b(?:import_module|__import__)\s*\(\s*"
    r"(?:(?:__(?:package|name)__\s*\+\s*)?['\"](\.*)([\w.]+)['\"]\s*[,)]|\S)"
)
_CALL: Final = re.compile(r"@[ \t]*(\w[\w.]*)|(?<![\w.])(\w[\w.]*)[ \t]*\(")
_BY_PATH: Final = re.compile(
    r"\bsys\.path\s*(?:\.\s*(?:append|insert|extend)|\+?=|\[)|\baddsitedir\s*\("
    r"|\bload_library\s*\(|\bload_dynamic\s*\(|\bExtensionFileLoader\b"
    r"|\bspec_from_file_location\s*\("
)
_CONSTRUCTORS: Final = frozenset({"__init__", "__new__", "__post_init__"})


class Outline:
    """The source of one module.

    :param name: full name of the module.
    :param text: what `source_text` returns.
    :param is_package: the text is that of an `__init__`.
    """

    def __init__(self, name: str, text: str, *, is_package: bool) -> None:
        self._name = name
        self._is_package = is_package
        # What runs on import, under "", and the bodies of functions by their names;
        # what constructs a class is under the name of the class as well.
        self.parts = _divided(text)
        self._bound: dict[str, tuple[str, str]] = {}
        self._stars: dict[str, None] = {}
        for part in self.parts:
            for base, name_there, alias in self._imported(part):
                if name_there == "*":
                    self._stars[base] = None
                    continue
                self._bound[alias or name_there or base] = base, name_there
                if not alias and not name_there:
                    top = base.partition(".")[0]
                    self._bound.setdefault(top, (top, ""))

    def imports(self, part: str) -> Iterator[str]:
        """Yield the full names that a part imports, each a module or a name in one."""
        for base, name, _ in self._imported(part):
            yield f"{base}.{name}" if name else base
        for dots, name in _IMPORT_CALL.findall(self.parts[part]):
            if name:
                yield self._absolute(dots, name)

    def imports_unnamed(self, part: str) -> bool:
        """Tell whether a part imports what its text does not name, as by a path."""
        text = self.parts[part]
        named = (name for _, name in _IMPORT_CALL.findall(text))
        return _BY_PATH.search(text) is not None or not all(named)

    def calls(self, part: str) -> Iterator[str]:
        """Yield the names, dotted or not, that a part calls or decorates with."""
        for decorator, called in _CALL.findall(self.parts[part]):
            yield decorator or called

    def bound_as(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield what a name may be: a module and a name in it, "" for itself."""
        if name in self._bound:
            yield self._bound[name]
        for base in self._stars:
            yield base, name

    def _imported(self, part: str) -> Iterator[tuple[str, str, str]]:
        """Yield module, name in it, and alias; "" for what a statement lacks."""
        for modules, dots, base, names in _IMPORT.findall(self.parts[part]):
            full = "" if modules else self._absolute(dots, base)
            for listed in (modules or names).split(","):
                words = listed.split()
                if words:
                    alias = words[2] if len(words) == 3 else ""
                    yield (words[0], "", alias) if modules else (full, words[0], alias)

    def _absolute(self, dots: str, name: str) -> str:
        """Return the full name of a module, "" beyond the top."""
        if not dots:
            return name
        above = self._name.split(".")
        kept = above[: len(above) - len(dots) + self._is_package]
        return ".".join([*kept, name] if name else kept) if kept else ""


def source_text(path: str) -> str:
    """Read a source file, without comments and without strings that name no module.

    :raises ValueError: when it is too large.
    :raises OSError: when it cannot be read.
    """
    _deadline.check()
    with open(path, "rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError
    text = content.decode("utf-8-sig", "replace").replace("\f", "")
    text = _LEXICAL.sub(_kept, text.replace("\r\n", "\n").replace("\r", "\n"))
    return _LISTED.sub(lambda at: f"{at[1]} {at[2]}".replace("\n", " "), text)


def _kept(found: re.Match[str]) -> str:
    return found[0] if found.lastindex else ""


def _divided(text: str) -> dict[str, str]:
    parts: dict[str, list[str]] = {"": []}
    # What encloses a line: its indentation, the parts it adds to, the class it is, and
    # whether functions in it can be called all the same.
    around: list[tuple[int, list[list[str]], str, bool]] = []
    stripped = [(len(line), line.lstrip()) for line in text.split("\n")]
    lines = [(length - len(code), code) for length, code in stripped if code]
    for number, (indent, line) in enumerate(lines):
        code = line
        # A bracket closes what a header of more lines has begun.
        while around and around[-1][0] >= indent and code[0] not in ")]}":
            around.pop()
        _, into, owner, callable_ = around[-1] if around else (0, [parts[""]], "", True)
        if _NEVER.match(code):
            around.append((indent, [], "", False))
            continue
        if code == "try:" and _is_optional(lines, number):
            around.append((indent, [], owner, callable_))
            continue
        header = _HEADER.match(code)
        if header is not None:
            code, function = code[header.end() :], header[1]
            body = into
            if function and callable_:
                named = [function, owner] if function in _CONSTRUCTORS else [function]
                body = [parts.setdefault(name, []) for name in named if name]
            around.append((indent, body, header[2] or "", callable_))
        for part in into:
            part.append(code)
    return {name: "\n".join(lines) for name, lines in parts.items()}


def _is_optional(lines: list[tuple[int, str]], start: int) -> bool:
    """Tell whether the failed imports of a `try` block are left at that.

    :param lines: indentation and code of all lines.
    :param start: number of the line `try:`.
    """
    block, handler = lines[start][0], ""
    name = None
    for number in range(start + 1, len(lines)):
        indent, code = lines[number]
        if indent > block:
            handler += f"\n{code}" if handler else ""
            continue
        clause = _HANDLER.fullmatch(code) if indent == block else None
        if handler or clause is None:
            break
        types, name, inline = clause.groups()
        if not types.strip() or _CATCHES.search(types):
            handler = f"pass\n{inline}"
    kept = name and re.search(rf"\b{name}\b", handler)
    return bool(handler) and not kept and not _GIVES_UP.search(handler)
