"""What the expressions of a source file come to, as far as that can be told."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PureWindowsPath
from typing import Final

from ._source_calls import Library
from ._source_pure import BUILTINS
from ._source_values import (
    UNKNOWN,
    Reference,
    VersionInfo,
    bounded,
    compared,
    formatted,
    merged,
    summed,
    truth,
)

Scope = dict[str, object]


@dataclass
class Frame:
    """One running body: the scopes it sees, innermost last, and what it gives."""

    scopes: tuple[Scope, ...]
    returned: list[object] = field(default_factory=list)
    yielded: list[object] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)
    """Names that a `global` statement lists."""


class Exhausted(Exception):  # noqa: N818
    """The file asks for more steps than a start-up should take."""


_MOST_STEPS: Final = 20_000
_LARGEST: Final = 2**64


class Expressions:
    """The expressions of one program.

    :param library: what the standard library answers.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self._steps = 0

    def value(self, node: ast.AST, frame: Frame) -> object:
        """Return what an expression comes to, and do the calls in it."""
        self.step()
        reader: Callable[..., object] | None = getattr(
            self, f"_{type(node).__name__.lower()}", None
        )
        return bounded(reader(node, frame)) if reader else UNKNOWN

    def step(self) -> None:
        """Count a step.

        :raises Exhausted: when there were too many.
        """
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise Exhausted

    def module_scope(self, name: str) -> Scope | None:
        """Return the names of a module that was read, or None."""
        raise NotImplementedError

    def assign(self, target: ast.AST, value: object, frame: Frame) -> None:
        """Bind what stands left of an equals sign."""
        raise NotImplementedError

    # One method for each class of `ast`, in lower case.

    def _constant(self, node: ast.Constant, _: Frame) -> object:
        return UNKNOWN if isinstance(node.value, (bytes, complex)) else node.value

    def _name(self, node: ast.Name, frame: Frame) -> object:
        for scope in reversed(frame.scopes):
            if node.id in scope:
                return scope[node.id]
        return Reference(node.id) if node.id in BUILTINS else UNKNOWN

    def _attribute(self, node: ast.Attribute, frame: Frame) -> object:
        return self.member(self.value(node.value, frame), node.attr)

    def member(self, owner: object, name: str) -> object:
        """Return an attribute of a value."""
        if isinstance(owner, Reference):
            scope = self.module_scope(owner.name) or {}
            if name in scope:
                return scope[name]
            return self.library.attribute(f"{owner.name}.{name}")
        if isinstance(owner, VersionInfo) and name in owner._fields:
            return getattr(owner, name)
        if isinstance(owner, PureWindowsPath):
            if name in {"parents", "parts"}:
                return tuple(getattr(owner, name))
            if name in {"parent", "name", "stem", "suffix", "drive", "anchor"}:
                return getattr(owner, name)
        return UNKNOWN

    def _tuple(self, node: ast.Tuple | ast.List | ast.Set, frame: Frame) -> object:
        return tuple(self.items(node.elts, frame))

    _list = _set = _tuple

    def _dict(self, node: ast.Dict, frame: Frame) -> object:
        found: dict[object, object] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            name = self.value(key, frame) if key else UNKNOWN
            value = self.value(item, frame)
            if not isinstance(name, (str, int)):
                return UNKNOWN
            found[name] = value
        return found

    def _joinedstr(self, node: ast.JoinedStr, frame: Frame) -> object:
        parts = [self.value(part, frame) for part in node.values]
        known = all(isinstance(part, str) for part in parts)
        return "".join(map(str, parts)) if known else UNKNOWN

    def _formattedvalue(self, node: ast.FormattedValue, frame: Frame) -> object:
        value = self.value(node.value, frame)
        # -1 is no conversion, 115 is `!s`.
        plain = node.conversion in {-1, 115} and node.format_spec is None
        return formatted("%s", [value]) if plain else UNKNOWN

    def _namedexpr(self, node: ast.NamedExpr, frame: Frame) -> object:
        value = self.value(node.value, frame)
        self.assign(node.target, value, frame)
        return value

    def _ifexp(self, node: ast.IfExp, frame: Frame) -> object:
        test = truth(self.value(node.test, frame))
        if test is not None:
            return self.value(node.body if test else node.orelse, frame)
        return merged(self.value(node.body, frame), self.value(node.orelse, frame))

    def _unaryop(self, node: ast.UnaryOp, frame: Frame) -> object:
        value = self.value(node.operand, frame)
        test = truth(value)
        if isinstance(node.op, ast.Not):
            return UNKNOWN if test is None else not test
        negative = isinstance(node.op, ast.USub) and isinstance(value, int)
        return -value if negative else UNKNOWN  # type: ignore[operator]

    def _boolop(self, node: ast.BoolOp, frame: Frame) -> object:
        stop = isinstance(node.op, ast.Or)
        value: object = UNKNOWN
        doubtful = False
        for part in node.values:
            value = self.value(part, frame)
            test = truth(value)
            if test is stop:
                # `unknown and False` is false, whatever stands before.
                return stop if doubtful else value
            doubtful = doubtful or test is None
        return UNKNOWN if doubtful else value

    def _binop(self, node: ast.BinOp, frame: Frame) -> object:
        first, second = self.value(node.left, frame), self.value(node.right, frame)
        sign = type(node.op).__name__
        if isinstance(first, int) and isinstance(second, int):
            return _reckoned(first, sign, second)
        if sign == "Add":
            return summed(first, second)
        if sign == "BitOr":
            return merged(first, second) if isinstance(first, tuple) else UNKNOWN
        if sign == "Mod" and isinstance(first, str):
            return formatted(first, second if isinstance(second, tuple) else [second])
        if sign == "Div" and isinstance(first, PureWindowsPath):
            parts = isinstance(second, (str, PureWindowsPath))
            return first / second if parts else UNKNOWN  # type: ignore[operator]
        return UNKNOWN

    def _compare(self, node: ast.Compare, frame: Frame) -> object:
        first = self.value(node.left, frame)
        found: object = True
        for sign, part in zip(node.ops, node.comparators, strict=True):
            second = self.value(part, frame)
            result = compared(first, type(sign).__name__, second)
            if result is False:
                return False
            found = result if found is True else found
            first = second
        return found

    def _subscript(self, node: ast.Subscript, frame: Frame) -> object:
        base, index = self.value(node.value, frame), self.value(node.slice, frame)
        if isinstance(base, Reference) and base.name == "sys.modules":
            return Reference(index) if isinstance(index, str) else UNKNOWN
        try:
            if isinstance(base, (str, tuple)) and isinstance(index, (int, slice)):
                return _picked(base, index)
            return base[index] if isinstance(base, dict) else UNKNOWN
        except (LookupError, TypeError, ValueError):
            return UNKNOWN

    def _slice(self, node: ast.Slice, frame: Frame) -> object:
        ends = [
            self.value(end, frame) if end else None
            for end in (node.lower, node.upper, node.step)
        ]
        known = all(end is None or isinstance(end, int) for end in ends)
        return slice(*ends) if known else UNKNOWN

    def _listcomp(self, node: ast.ListComp, frame: Frame) -> object:
        inner = Frame((*frame.scopes, {}), shared=frame.shared)
        return tuple(self._gathered(node.elt, node.generators, inner))

    _generatorexp = _setcomp = _listcomp

    def _yield(self, node: ast.Yield, frame: Frame) -> object:
        frame.yielded.append(self.value(node.value, frame) if node.value else None)
        return UNKNOWN

    def _yieldfrom(self, node: ast.YieldFrom, frame: Frame) -> object:
        found = self.value(node.value, frame)
        frame.yielded += found if isinstance(found, tuple) else (UNKNOWN,)
        return UNKNOWN

    def items(self, nodes: Sequence[ast.expr], frame: Frame) -> Iterator[object]:
        for node in nodes:
            if isinstance(node, ast.Starred):
                found = self.value(node.value, frame)
                yield from found if isinstance(found, tuple) else (UNKNOWN,)
            else:
                yield self.value(node, frame)

    def _gathered(
        self, element: ast.expr, loops: Sequence[ast.comprehension], frame: Frame
    ) -> Iterator[object]:
        if not loops:
            yield self.value(element, frame)
            return
        loop, *inner = loops
        items = self.value(loop.iter, frame)
        for item in items if isinstance(items, tuple) else (UNKNOWN,):
            self.assign(loop.target, item, frame)
            tests = [truth(self.value(test, frame)) for test in loop.ifs]
            if False not in tests:
                yield from self._gathered(element, inner, frame)


def _picked(base: str | tuple[object, ...], index: int | slice) -> object:
    """Return a part of a sequence, as far as its place is known."""
    if isinstance(base, (str, VersionInfo)) or UNKNOWN not in base:
        return base[index]
    # An unknown part stands for any number of parts: behind it, and counted from the
    # end, no place is known.
    known = base[: base.index(UNKNOWN)]
    if isinstance(index, int):
        return UNKNOWN if index < 0 else known[index]
    ends = (index.start, index.stop, index.step)
    if any(end is not None and end < 0 for end in ends):
        return UNKNOWN
    is_whole = index.stop is not None and index.stop <= len(known)
    return known[index] if is_whole else (*known[index], UNKNOWN)


def _reckoned(first: int, sign: str, second: int) -> object:
    if abs(first) > _LARGEST or abs(second) > _LARGEST:
        return UNKNOWN
    if sign == "Pow":
        return first**second if 0 <= second < 65 and abs(first) < 17 else UNKNOWN
    signs = {"Add": operator.add, "Sub": operator.sub, "Mult": operator.mul}
    return signs[sign](first, second) if sign in signs else UNKNOWN
