"""The trees of a report: a judged file, its imports, theirs, each shown once.

The imports of a file stand where it is nearest to the file that is loaded, so that the
broken path is as short as the chain of its diagnosis. At every other place, and below
every file judged later, the file is folded: there only its name stands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .._loader._process import Process, import_name
from .._verdict import FileResult, TargetResult
from ._edges import Edge, Ends, Imports

# No real chain of imports is longer than some 20 files; a planted one may be.
_DEEPEST: Final = 60


@dataclass(frozen=True)
class Node:
    """One line of a tree."""

    edge: Edge
    children: tuple[Node, ...] = ()
    place: int = 0
    """Number of the place where its imports are shown, 0 where there are none."""
    folded: bool = False
    """Its imports are shown at that place, and not here."""
    broken: bool = False
    """Something is wrong with it, or with what it imports."""


@dataclass(frozen=True)
class _Place:
    number: int
    answers: Mapping[str, str | None]
    """Full path by name of all that stands below it."""
    broken: bool


class Forest:
    """Grows the trees of a report, one target after the other.

    :param process: the process of the host that was judged for.
    :param delayed: with the delay imports.
    """

    def __init__(self, process: Process, *, delayed: bool = False) -> None:
        self._process = process
        self._delayed = delayed
        self._places: dict[str, list[_Place]] = {}
        self._count = 0

    def trees(self, target: TargetResult) -> Iterator[tuple[FileResult, Node]]:
        """Yield each file of a target with its tree."""
        ends = Ends(target)
        for file in target.files:
            root = Edge(file.path, file.path, "file", ends.at(file))
            yield file, self._tree(file, root, ends)

    def _tree(self, file: FileResult, root: Edge, ends: Ends) -> Node:
        place = self._place(file.path, file)
        if place is None and not file.winerror and not file.resolved:
            # Loaded by a file before it, so that nothing is resolved for it.
            place = next(reversed(self._places.get(file.path, ())), None)
        if place is not None:
            return _folded(root, place)
        imports = Imports(file, ends, self._process, delayed=self._delayed)
        growth = _Growth(imports, lambda path: self._place(path, file))
        growth.grow(file.path)
        for path, rows in growth.rows.items():
            self._count += bool(rows)
            number = self._count if rows else 0
            place = _Place(number, growth.answers(path), path in growth.broken)
            growth.places[path] = place
            self._places.setdefault(path, []).append(place)
        return growth.node(root)

    def _place(self, path: str, file: FileResult) -> _Place | None:
        """Return the place where a file is shown with what its names lead to here."""
        resolved = file.resolved
        for place in self._places.get(path, ()):
            if all(resolved.get(name) == to for name, to in place.answers.items()):
                return place
        return None


class _Growth:
    """One tree while it grows.

    :param imports: those of the load.
    :param place_of: tells where a file is shown already.
    """

    def __init__(
        self, imports: Imports, place_of: Callable[[str], _Place | None]
    ) -> None:
        self._imports = imports
        self._place_of = place_of
        self._waiting: deque[str] = deque()
        self._depths: dict[str, int] = {}
        self._shown_by: dict[str, str] = {}
        self._importers: dict[str, set[str]] = {}
        self._earlier: dict[str, _Place] = {}
        self.places: dict[str, _Place] = {}
        self.rows: dict[str, list[Edge]] = {}
        """The imports of each file that is shown here."""
        self.broken: set[str] = set()

    def grow(self, root: str) -> None:
        """Follow the imports of a file, breadth first."""
        self._shown_by[root] = ""
        self._expect(root, 0)
        while self._waiting:
            path = self._waiting.popleft()
            for edge in self._imports.of(path):
                self._add(path, edge)
                for provider, forwarder in self._imports.forwarders(path, edge):
                    self._add(provider, forwarder)
        self._spread()

    def answers(self, start: str) -> dict[str, str | None]:
        """Return what the names below a file lead to."""
        answers: dict[str, str | None] = {}
        seen = {start}
        waiting = [start]
        while waiting:
            for edge in self.rows.get(waiting.pop(), ()):
                if edge.kind == "delay import":
                    continue
                answers[import_name(edge.name)] = edge.path
                if edge.path in self._earlier:
                    answers.update(self._earlier[edge.path].answers)
                elif edge.path in self.rows and edge.path not in seen:
                    seen.add(edge.path)
                    waiting.append(edge.path)
        return answers

    def node(self, edge: Edge, importer: str = "") -> Node:
        """Return an import as a line, with those below it."""
        path = edge.path
        if path is None or not _is_followed(edge):
            return Node(edge, broken=bool(edge.end))
        if path in self._earlier:
            return _folded(edge, self._earlier[path])
        place = self.places.get(path)
        broken = bool(edge.end) or path in self.broken
        if place is None or not place.number:
            return Node(edge, broken=broken)
        if self._shown_by.get(path) != importer:
            return Node(edge, (), place.number, folded=True, broken=broken)
        # One file may have two names in one table.
        del self._shown_by[path]
        children = tuple(self.node(row, path) for row in self.rows[path])
        return Node(edge, children, place.number, broken=broken)

    def _add(self, importer: str, edge: Edge) -> None:
        rows = self.rows.get(importer)
        if rows is None or edge in rows:
            return
        rows.append(edge)
        if edge.end:
            self.broken.add(importer)
        path = edge.path
        if path is None or not _is_followed(edge):
            return
        self._importers.setdefault(path, set()).add(importer)
        if path in self._depths:
            return
        self._shown_by[path] = importer
        self._expect(path, self._depths[importer] + 1)

    def _expect(self, path: str, depth: int) -> None:
        self._depths[path] = depth
        place = self._place_of(path) if depth else None
        if place is not None:
            self._earlier[path] = place
        elif depth < _DEEPEST:
            self.rows[path] = []
            self._waiting.append(path)

    def _spread(self) -> None:
        """Call broken what imports, at any depth, what is broken."""
        self.broken |= {path for path, place in self._earlier.items() if place.broken}
        waiting = [*self.broken]
        while waiting:
            importers = self._importers.get(waiting.pop(), set()) - self.broken
            self.broken |= importers
            waiting += importers


def _is_followed(edge: Edge) -> bool:
    """Tell whether the imports of what answers belong to the load, and are shown."""
    if edge.kind == "file":
        return True
    return not edge.end and not edge.windows and edge.kind != "delay import"


def _folded(edge: Edge, place: _Place) -> Node:
    broken = bool(edge.end) or place.broken
    shown = place.number > 0
    return Node(edge, (), place.number, folded=shown, broken=broken)
