"""`dllguard tree`: what each file imports and what answered, on a terminal.

Lines that begin with `!` lead to what is broken. Text is ASCII, as that of a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._loader._apisets import is_api_set
from .._loader._process import Process, import_name
from .._paths import base_name, shortened
from .._report import ascii_only
from .._verdict import FileResult, Report
from ._edges import Edge
from ._forest import Forest, Node
from ._standing import counted, standing

_MARK, _NO_MARK = "! ", "  "

# More names of Windows' own DLLs than that say nothing to anybody.
_MOST = 5


def tree_lines(
    report: Report, process: Process, *, windows: bool = False, delayed: bool = False
) -> Iterator[str]:
    """Yield the lines of a report's tree.

    :param report: the verdict on the targets.
    :param process: the process of the host that was judged for.
    :param windows: name each API set and each DLL of Windows in a line of its own.
    :param delayed: with the delay imports, which are loaded at their first call.
    """
    if not report.applicable:
        yield "dllguard: nothing to check, this is not Windows"
    forest = Forest(process, delayed=delayed)
    printed: set[int] = set()
    for i, target in enumerate(report.targets):
        if i:
            yield ""
        yield f"{ascii_only(target.name)}: {standing(target)}"
        lines = _Lines(target.site, printed, windows=windows)
        for file, root in forest.trees(target):
            yield from lines.of(root, outcome(file))


class _Lines:
    """Writes the trees of one target.

    :param site: folders that paths are shortened against.
    :param printed: the places that stand above already.
    :param windows: each name of Windows in a line of its own.
    """

    def __init__(
        self, site: tuple[str, ...], printed: set[int], *, windows: bool
    ) -> None:
        self._site = site
        self._printed = printed
        self._windows = windows

    def of(self, root: Node, outcome: str) -> Iterator[str]:
        """Yield the lines of one file."""
        yield _line(root, "", self._label(root) + outcome)
        yield from self._below(root, "")

    def _below(self, node: Node, indent: str) -> Iterator[str]:
        if node.folded:
            return
        self._printed.add(node.place)
        rows = [n for n in node.children if self._windows or not n.edge.windows]
        folded = [n.edge for n in node.children if n not in rows]
        for i, row in enumerate(rows):
            is_last = i == len(rows) - 1 and not folded
            branch = indent + ("`-- " if is_last else "|-- ")
            yield _line(row, branch, self._label(row))
            yield from self._below(row, indent + ("    " if is_last else "|   "))
        if folded:
            names = ascii_only(of_windows(folded, most=_MOST))
            yield f"{_NO_MARK}{indent}`-- ({names})"

    def _label(self, node: Node) -> str:
        edge = node.edge
        text = ascii_only(shown_as(edge, self._site))
        if edge.end:
            text += f"   {ascii_only(edge.end)}"
        if node.folded:
            text += " (above)" if node.place in self._printed else " (below)"
        return text


def shown_as(edge: Edge, site: Iterable[str]) -> str:
    """Return an import as people read it: the file that answers, else the name."""
    if edge.path is None:
        text = edge.name
    else:
        text = shortened(edge.path, site)
        if edge.kind != "file" and import_name(edge.name) != base_name(text).lower():
            text = f"{edge.name} = {text}"
    if edge.kind == "forwarder":
        text += " (forwarder)"
    if edge.kind == "delay import":
        lost = edge.path is None and not edge.windows
        text += " (delay import, not found)" if lost else " (delay import)"
    return text


def of_windows(edges: Iterable[Edge], most: int | None = None) -> str:
    """Return what Windows itself answers for, as one phrase.

    :param most: how many DLLs are named; the others are counted.
    """
    names = list(dict.fromkeys(edge.name for edge in edges))
    files = [name for name in names if not is_api_set(name)]
    sets = len(names) - len(files)
    parts = [", ".join(files[:most])] if files else []
    if files[:most] != files:
        parts[0] += f" and {counted(len(files) - len(files[:most]), 'more DLL')}"
    parts += [counted(sets, "API set")] if sets else []
    return f"Windows: {'; '.join(parts)}"


def outcome(file: FileResult) -> str:
    """Return how the load of a file ends, "" where all is well and none was tried."""
    text = f"   WOULD NOT LOAD (WinError {file.winerror})" if file.winerror else ""
    if file.tried is None:
        return text
    if file.tried < 0:
        return f"{text}   tried: ended the process"
    return f"{text}   tried: {f'WinError {file.tried}' if file.tried else 'loads'}"


def _line(node: Node, branch: str, label: str) -> str:
    return f"{_MARK if node.broken else _NO_MARK}{branch}{label}"
