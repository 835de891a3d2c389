"""What the statements of a source file would do when it is imported.

A condition that cannot be told leaves both ways open: what differs afterwards is
unknown, and a folder that either way adds counts as added. One that is added in vain
seldom hides a fault; one that is missed makes a fault of a load that works.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from ._source_expressions import Frame, Scope
from ._source_functions import Function, Functions, rebind
from ._source_values import UNKNOWN, merged, truth


class Statements(Functions):
    """The statements of one program."""

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> str:
        """Run statements one after the other.

        :returns: what ends them early: `return`, `raise`, `break`, `continue`.
        """
        for node in body:
            self.step()
            reader: Callable[..., str | None] | None = getattr(
                self, f"_{type(node).__name__.lower()}", None
            )
            ending = (reader or self._forget)(node, frame)
            if ending:
                return ending
        return ""

    def assign(self, target: ast.AST, value: object, frame: Frame) -> None:
        """Bind what stands left of an equals sign; a part of a value is forgotten."""
        if isinstance(target, ast.Name):
            shared = target.id in frame.shared
            frame.scopes[0 if shared else -1][target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = value if isinstance(value, tuple) else ()
            if len(parts) != len(target.elts):
                parts = (UNKNOWN,) * len(target.elts)
            for part, item in zip(target.elts, parts, strict=True):
                self.assign(part, item, frame)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, UNKNOWN, frame)
        elif isinstance(target, ast.Subscript):
            changed = self.value(target.value, frame)
            if isinstance(changed, (tuple, dict)):
                rebind(target.value, UNKNOWN, frame)

    # One method for each class of `ast`, in lower case.

    def _expr(self, node: ast.Expr, frame: Frame) -> None:
        self.value(node.value, frame)

    def _assign(self, node: ast.Assign, frame: Frame) -> None:
        value = self.value(node.value, frame)
        for target in node.targets:
            self.assign(target, value, frame)

    def _annassign(self, node: ast.AnnAssign, frame: Frame) -> None:
        if node.value:
            self.assign(node.target, self.value(node.value, frame), frame)

    def _augassign(self, node: ast.AugAssign, frame: Frame) -> None:
        target = node.target
        left = (
            ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target
        )
        value = self.value(ast.BinOp(left, node.op, node.value), frame)
        self.assign(target, value, frame)

    def _delete(self, node: ast.Delete, frame: Frame) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                frame.scopes[-1].pop(target.id, None)

    def _global(self, node: ast.Global, frame: Frame) -> None:
        frame.shared.update(node.names)

    def _functiondef(self, node: ast.FunctionDef, frame: Frame) -> None:
        defaults = tuple(self.value(value, frame) for value in node.args.defaults)
        pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        named = {a.arg: self.value(v, frame) for a, v in pairs if v is not None}
        function = Function(node, frame.scopes, defaults, named)
        self.assign(ast.Name(node.name), function, frame)

    def _return(self, node: ast.Return, frame: Frame) -> str:
        frame.returned.append(self.value(node.value, frame) if node.value else None)
        return "return"

    def _raise(self, _: ast.Raise, __: Frame) -> str:
        return "raise"

    def _break(self, _: ast.Break, __: Frame) -> str:
        return "break"

    def _continue(self, _: ast.Continue, __: Frame) -> str:
        return "continue"

    def _pass(self, _: ast.Pass, __: Frame) -> None:
        return

    def _if(self, node: ast.If, frame: Frame) -> str:
        test = truth(self.value(node.test, frame))
        if test is None:
            return self._either([node.body, node.orelse], frame)
        return self.block(node.body if test else node.orelse, frame)

    def _for(self, node: ast.For, frame: Frame) -> str:
        items = self.value(node.iter, frame)
        if not isinstance(items, tuple):
            self.assign(node.target, UNKNOWN, frame)
            return self._doubtful(node, frame)
        for item in items:
            self.assign(node.target, item, frame)
            ending = self.block(node.body, frame)
            if ending == "break":
                return ""
            if ending in {"return", "raise"}:
                return ending
        return self.block(node.orelse, frame)

    def _while(self, node: ast.While, frame: Frame) -> str:
        test = truth(self.value(node.test, frame))
        return "" if test is False else self._doubtful(node, frame)

    def _doubtful(self, node: ast.For | ast.While, frame: Frame) -> str:
        """Run a loop once, for its calls, and forget what it changes."""
        self._either([node.body, []], frame)
        self._forget(node, frame)
        self._either([node.orelse, []], frame)
        return ""

    def _with(self, node: ast.With, frame: Frame) -> str:
        for item in node.items:
            self.value(item.context_expr, frame)
            if item.optional_vars:
                self.assign(item.optional_vars, UNKNOWN, frame)
        return self.block(node.body, frame)

    def _try(self, node: ast.Try, frame: Frame) -> str:
        ending = self.block(node.body, frame)
        handlers = [handler.body for handler in node.handlers]
        if ending == "raise" and handlers:
            ending = self._either(handlers, frame)
        else:
            # An import of what is native may fail, and its handler may mend it.
            self._either([[], *handlers], frame)
            ending = ending or self.block(node.orelse, frame)
        return self.block(node.finalbody, frame) or ending

    def _forget(self, node: ast.AST, frame: Frame) -> None:
        """Take the names that a statement may bind for unknown."""
        if isinstance(node, (ast.ClassDef, ast.AsyncFunctionDef)):
            self.assign(ast.Name(node.name), UNKNOWN, frame)
            return
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                self.assign(part, UNKNOWN, frame)

    def _either(self, bodies: Sequence[Sequence[ast.stmt]], frame: Frame) -> str:
        """Run bodies of which one is run, but which one is unknown."""
        before = [dict(scope) for scope in frame.scopes]
        after: list[list[Scope]] = []
        endings: list[str] = []
        for body in bodies:
            _restore(frame, before)
            ending = self.block(body, frame)
            endings.append(ending)
            if ending not in {"return", "raise"}:
                after.append([dict(scope) for scope in frame.scopes])
        if not after:
            return endings[0]
        first, *others = after
        for other in others:
            first = [_joined(*pair) for pair in zip(first, other, strict=True)]
        _restore(frame, first)
        return endings[0] if len(set(endings)) == 1 else ""


def _joined(first: Scope, second: Scope) -> Scope:
    names = {**first, **second}
    return {n: merged(first.get(n, UNKNOWN), second.get(n, UNKNOWN)) for n in names}


def _restore(frame: Frame, scopes: Sequence[Scope]) -> None:
    # Functions hold on to the scopes themselves.
    for scope, saved in zip(frame.scopes, scopes, strict=True):
        scope.clear()
        scope.update(saved)
