"""What the calls in a source file would do when it is imported."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Final

from ._source_calls import ADD, Library
from ._source_expressions import Expressions, Frame, Scope
from ._source_values import UNKNOWN, Reference, merged, summed, truth


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the file, with the scopes around it."""

    node: ast.FunctionDef
    scopes: tuple[Scope, ...]
    defaults: tuple[object, ...]
    keyword_defaults: Mapping[str, object]


_DEEPEST: Final = 10
_GROWING: Final = {"append", "add", "insert", "extend", "update"}
_CHANGING: Final = {
    *("clear", "difference_update", "discard", "intersection_update", "pop"),
    *("popitem", "remove", "setdefault", "update"),
}


class Functions(Expressions):
    """The calls of one program.

    :param library: what the standard library answers.
    """

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self.given: list[str] = []
        """What is given to `os.add_dll_directory`, in the order of the calls."""
        self._depth = 0

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> str:
        """Run statements one after the other."""
        raise NotImplementedError

    def _call(self, node: ast.Call, frame: Frame) -> object:
        owner: object = None
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value, frame)
            function = self.member(owner, node.func.attr)
        else:
            function = self.value(node.func, frame)
        values = list(self.items(node.args, frame))
        names = {k.arg or "": self.value(k.value, frame) for k in node.keywords}
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name == "AddDllDirectory":
                self._give(values)
            if isinstance(owner, tuple) and name in _GROWING:
                self._grow(node.func.value, owner, name, values, frame)
                return None
            if isinstance(owner, (tuple, dict)) and name in _CHANGING:
                rebind(node.func.value, UNKNOWN, frame)
            if not isinstance(owner, Reference):
                return self.library.method(owner, name, values, names)
        return self.called(function, values, names)

    def called(
        self,
        function: object,
        values: Sequence[object],
        names: Mapping[str, object] | None = None,
    ) -> object:
        """Call a function of the file, or one that it was given."""
        if isinstance(function, Function):
            return self._apply(function, values, names or {})
        if not isinstance(function, Reference):
            return UNKNOWN
        name = function.name
        if name == ADD and self.library.has(ADD):
            self._give(values or [*(names or {}).values()])
        elif name in {"filter", "map"} and len(values) == 2:
            return self._picked(name, *values)
        elif name in {"getattr", "hasattr"} and len(values) > 1:
            return self._asked(name, *values)
        # Of the keywords only those of `sorted` leave the values what they are.
        return (
            UNKNOWN if names and name != "sorted" else self.library.call(name, values)
        )

    def _give(self, values: Sequence[object]) -> None:
        if values and isinstance(values[0], (str, PureWindowsPath)):
            self.given.append(str(values[0]))

    def _picked(self, name: str, function: object, items: object) -> object:
        if not isinstance(items, tuple):
            return UNKNOWN
        found = [
            item if function is None else self.called(function, [item])
            for item in items
        ]
        if name == "map":
            return tuple(found)
        pairs = zip(items, found, strict=True)
        return tuple(item for item, test in pairs if truth(test) is not False)

    def _asked(
        self, name: str, owner: object, member: object, *default: object
    ) -> object:
        if not isinstance(owner, Reference) or not isinstance(member, str):
            return UNKNOWN
        there = self.library.has(f"{owner.name}.{member}")
        if there is None:
            return UNKNOWN
        if name == "hasattr":
            return there
        return self.member(owner, member) if there else (*default, UNKNOWN)[0]

    def _grow(
        self,
        node: ast.AST,
        owner: tuple[object, ...],
        name: str,
        values: Sequence[object],
        frame: Frame,
    ) -> None:
        more: object = tuple(values[-1:])
        if name in {"extend", "update"}:
            more = values[0] if values else UNKNOWN
        first = name == "insert" and list(values[:1]) == [0]
        grown = summed(more, owner) if first else summed(owner, more)
        rebind(node, grown, frame)

    def _apply(
        self, function: Function, values: Sequence[object], names: Mapping[str, object]
    ) -> object:
        if self._depth == _DEEPEST:
            return UNKNOWN
        inner = Frame((*function.scopes, _bound(function, values, names)))
        self._depth += 1
        ending = self.block(function.node.body, inner)
        self._depth -= 1
        if inner.yielded:
            return tuple(inner.yielded)
        if not ending:
            inner.returned.append(None)
        first, *others = inner.returned or [UNKNOWN]
        for other in others:
            first = merged(first, other)
        return first


def rebind(node: ast.AST, value: object, frame: Frame) -> None:
    """Give what a name stands for another value, where the name is bound."""
    if isinstance(node, ast.Name):
        for scope in reversed(frame.scopes):
            if node.id in scope:
                scope[node.id] = value
                return


def _bound(
    function: Function, values: Sequence[object], names: Mapping[str, object]
) -> Scope:
    """Return the scope that a call begins with."""
    arguments = function.node.args
    listed = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    named = [argument.arg for argument in arguments.kwonlyargs]
    scope: Scope = dict.fromkeys((*listed, *named), UNKNOWN)
    defaults = function.defaults
    scope |= dict(zip(listed[len(listed) - len(defaults) :], defaults, strict=True))
    scope |= function.keyword_defaults
    scope |= dict(zip(listed, values, strict=False))
    scope |= {name: value for name, value in names.items() if name in scope}
    if arguments.vararg:
        scope[arguments.vararg.arg] = tuple(values[len(listed) :])
    if arguments.kwarg:
        scope[arguments.kwarg.arg] = UNKNOWN
    return scope
