"""The trees of a report: imports stand once, and what is broken is marked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dllguard._faces._forest import Forest, Node
from dllguard._judge import judge
from dllguard._verdict import TargetResult
from tests.trees import Tree

NAMES = ("a.dll", "b.dll", "c.dll", "d.dll", "e.dll", "lost.dll")


def every(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from every(child)


def grown(tree: Tree, *targets: str) -> list[Node]:
    host = tree.host()
    forest = Forest(host.process)
    judged = [judge(host, target) for target in targets]
    return [tree.plain(node) for t in judged for _, node in forest.trees(t)]


def outline(node: Node) -> str:
    """Return a tree as text: `a(b(c!) c^)`; `!` is broken, `^` folded."""
    name = node.edge.name.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    below = f"({' '.join(map(outline, node.children))})" if node.children else ""
    return f"{name}{'!' * node.broken}{'^' * node.folded}{below}"


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from(NAMES), unique=True), min_size=5, max_size=5))
def test_each_file_is_shown_once_and_the_way_to_a_fault_is_marked(
    imports: list[list[str]],
) -> None:
    wanted = dict(zip(NAMES, imports, strict=False))
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder))
        for name, names in wanted.items():
            tree.write(tree.site / "p" / name, imports={n: ["function"] for n in names})
        roots = grown(tree, str(tree.site / "p"))
    nodes = [node for root in roots for node in every(root)]
    shown = [node.place for node in nodes if node.children]

    assert sorted(shown) == sorted(set(shown))
    assert {node.place for node in nodes if node.folded} <= set(shown)
    for node in nodes:
        name = node.edge.name.replace("\\", "/").rpartition("/")[2]
        assert node.broken == ("lost.dll" in reached(name, wanted))
        if node.children:
            assert [child.edge.name for child in node.children] == wanted[name]


def reached(name: str, wanted: dict[str, list[str]]) -> set[str]:
    """Return what stands below a file, and the file."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += wanted.get(one, [])
    return seen


def test_imports_stand_where_a_file_is_nearest(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {
        "p/a.pyd": tree.pe("b.dll", "c.dll"),
        "p/b.dll": tree.pe("c.dll"),
        "p/c.dll": tree.pe("lost.dll"),
    }
    tree.install("p", "1", files)

    assert list(map(outline, grown(tree, "p"))) == ["a!(b!(c!^) c!(lost!))"]


def test_one_file_with_other_answers_is_shown_again(tmp_path: Path) -> None:
    # Each file is loaded in a process of its own: one takes y from beside it.
    tree = Tree(tmp_path)
    tree.write(tree.python / "x.dll", imports={"y.dll": ["function"]})
    tree.write(tree.python / "y.dll")
    for folder in "pq":
        tree.write(tree.site / folder / "a.pyd", imports={"x.dll": ["function"]})
    tree.write(tree.site / "q" / "y.dll")
    (tree.site / "q" / "y.dll").rename(tree.site / "q" / "Y.DLL")

    roots = grown(tree, str(tree.site))

    assert list(map(outline, roots)) == ["a(x(y))", "a(x(y))", "Y"]
    below = [root.children[0].children[0].edge.path for root in roots[:2]]
    assert below == [r"C:\Python311\y.dll", r"C:\Python311\Lib\site-packages\q\Y.DLL"]


def test_what_an_earlier_file_has_loaded_is_folded(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for name in ("p", "q"):
        files = {f"{name}/a.pyd": tree.pe("x.dll")}
        tree.install(name, "1", files, requires=["p"] if name == "q" else [])
    tree.write(tree.python / "x.dll", imports={"y.dll": ["function"]})
    tree.write(tree.python / "y.dll")

    roots = grown(tree, "q")

    assert list(map(outline, roots)) == ["a(x(y))", "a(x^)"]


def test_a_file_of_an_earlier_target_is_folded(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("p", "1", {"p/a.pyd": tree.pe("b.dll"), "p/b.dll": tree.pe()})

    assert list(map(outline, grown(tree, "p", "p"))) == ["a(b)", "a^"]


def test_a_planted_chain_of_any_length_ends(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    count = 400
    for i in range(count):
        path = tree.site / "p" / f"n{i}.dll"
        tree.write(path, imports={f"n{i + 1}.dll": ["function"]})

    root = grown(tree, str(tree.site / "p" / "n0.dll"))[0]

    assert len(list(every(root))) < count
    assert root.place


def test_a_target_without_files_grows_nothing(tmp_path: Path) -> None:
    process = Tree(tmp_path).host().process

    assert list(Forest(process).trees(TargetResult("p"))) == []
