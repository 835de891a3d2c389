"""What each file imports and what answered, as a part of the page.

Everything is shown once: files with the same imports share one list, and what stands
at another place is a link to it. So the page of a whole environment stays small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .._loader._apisets import is_api_set
from .._loader._process import Process, import_name
from .._paths import base_name, shortened
from .._verdict import FileResult, Report, TargetResult
from ._edges import Edge, Ends
from ._forest import Forest, Node
from ._html_markup import details, element, file_of, text_of
from ._standing import counted, failing_first, standing
from ._tree import of_windows, outcome

_Rows = Sequence[tuple[FileResult, Node]]

_LONG = 300
"""Files in a report from which on a browser lays out a tree when it is scrolled to."""


def forest_of(report: Report, process: Process | None) -> str:
    """Return the trees of all targets as HTML.

    :param process: the process of the host that was judged for; without it, what a
        file brings along stands in one list, whichever file imports it.
    """
    forest = Forest(process) if process is not None else None
    targets = failing_first(report)
    groves = [
        list(forest.trees(target) if forest else map(_flat, _with_ends(target)))
        for target in targets
    ]
    nodes = (node for rows in groves for _, root in rows for node in _every(root))
    is_long = sum(len(target.files) for target in targets) >= _LONG
    leaves = _Leaves({n.place for n in nodes if n.folded}, is_long=is_long)
    return "".join(
        leaves.target(target, rows, is_open=not target.ok or len(groves) == 1)
        for target, rows in zip(targets, groves, strict=True)
    )


class _Leaves:
    """Writes trees.

    :param wanted: the places that something refers to.
    """

    def __init__(self, wanted: set[int], *, is_long: bool) -> None:
        self._wanted = wanted
        self._class = "tree long" if is_long else "tree"
        self._written: set[int] = set()
        self._site: tuple[str, ...] = ()

    def target(self, target: TargetResult, rows: _Rows, *, is_open: bool) -> str:
        """Return the trees of a target: what is broken, then what is in order."""
        self._site = target.site
        earlier = frozenset(self._written)
        broken = [(f, n) for f, n in rows if n.broken or f.winerror]
        sound = [(f, n) for f, n in rows if not (n.broken or f.winerror)]
        known = [n for _, n in sound if n.folded and n.place in earlier]
        sound = [(f, n) for f, n in sound if not (n.folded and n.place in earlier)]
        written = [*map(self._root, broken), *self._grouped(sound)]
        trees = element("ul", "".join(written), class_=self._class)
        if known:
            files = counted(len(known), "more file")
            trees += element("p", f"{files}: shown above, in order.", class_="soft")
        name = f"<b>{text_of(target.name)}</b>: {text_of(standing(target))}"
        return details(name, trees, is_open=is_open, bulk=target.ok)

    def _grouped(self, rows: _Rows) -> Iterator[str]:
        groups: dict[object, list[tuple[FileResult, Node]]] = {}
        for row in rows:
            children = row[1].children
            alike = not row[1].folded and row[0].tried is None
            # What is shown below a file must stay below that file.
            if any(child.children for child in children) and len(groups) > 0:
                alike = tuple(c.edge for c in children) not in groups and alike
            key = tuple(c.edge for c in children) if alike else row[0].path
            groups.setdefault(key, []).append(row)
        for group in groups.values():
            yield self._root(group[0], [node for _, node in group[1:]])

    def _root(self, row: tuple[FileResult, Node], others: Iterable[Node] = ()) -> str:
        file, node = row
        label = self._label(node)
        how = outcome(file).strip().replace("   ", ", ")
        label += ("," * bool(node.edge.end and how)) + self._end(how)
        others = list(others)
        if others:
            label += f" and {counted(len(others), 'more file')} with the same imports"
        content = self._children(node)
        if others:
            names = "".join(self._item(other, self._label(other)) for other in others)
            content += details("the other files", f"<ul>{names}</ul>", bulk=True)
        if content:
            is_open = node.broken
            label = details(label, content, is_open=is_open, bulk=not is_open)
        return self._item(node, label)

    def _below(self, node: Node) -> str:
        label, content = self._label(node), self._children(node)
        if content:
            label = details(label, content, is_open=node.broken)
        return self._item(node, label)

    def _children(self, node: Node) -> str:
        if not node.children:
            return ""
        self._written.add(node.place)
        rows = [self._below(n) for n in node.children if not n.edge.windows]
        windows = [n.edge for n in node.children if n.edge.windows]
        if windows:
            rows.append(f'<li class="w">{text_of(of_windows(windows))}</li>')
        return f"<ul>{''.join(rows)}</ul>"

    def _item(self, node: Node, content: str) -> str:
        is_wanted = node.place in self._wanted and not node.folded
        anchor = f"n{node.place}" if is_wanted else ""
        return element("li", content, class_="b" * node.broken, id=anchor)

    def _label(self, node: Node) -> str:
        edge = node.edge
        text = file_of(shortened(edge.path, self._site) if edge.path else edge.name)
        is_other = edge.path and import_name(edge.name) != base_name(edge.path).lower()
        if is_other and edge.kind != "file":
            text = f"{element('code', text_of(edge.name))} = {text}"
        if edge.kind == "forwarder":
            text += " (forwarder)"
        text += self._end(edge.end)
        if node.folded:
            where = "above" if node.place in self._written else "below"
            text += f' <a href="#n{node.place}">{where}</a>'
        return text

    def _end(self, words: str) -> str:
        return f' <span class="end">{text_of(words)}</span>' if words else ""


def _every(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _every(child)


def _with_ends(target: TargetResult) -> Iterator[tuple[FileResult, Ends]]:
    ends = Ends(target)
    for file in target.files:
        yield file, ends


def _flat(of: tuple[FileResult, Ends]) -> tuple[FileResult, Node]:
    file, ends = of
    edges = [Edge(n, p, windows=is_api_set(n)) for n, p in file.resolved.items()]
    if file.culprit and len(file.chain) > 1:
        edges.insert(0, Edge(file.culprit, end=ends.absent(file.culprit)))
    root = Edge(file.path, file.path, "file", ends.at(file))
    broken = bool(file.winerror)
    children = tuple(Node(edge, broken=bool(edge.end)) for edge in edges)
    return file, Node(root, children, broken=broken)
