"""Who imports what: the same as the loader's own closure has it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dllguard._faces._edges import Edge, Ends, Imports
from dllguard._judge import judge
from dllguard._loader._closure import Closure
from dllguard._model import Link
from dllguard._verdict import Diagnosis, FileResult, TargetResult
from tests.pebuilder import X86, build_pe
from tests.reports import RUNTIME_SET
from tests.trees import Tree

NAMES = ("a.dll", "b.dll", "c.dll", "d.dll", "lost.dll", "KERNEL32.dll", RUNTIME_SET)


def rows(tree: Tree, target: str, file: str, importer: str = "") -> list[Edge]:
    """Return the imports of a file of a judged target, paths in Windows' notation."""
    host = tree.host()
    judged = judge(host, target)
    (result,) = (f for f in judged.files if f.path.endswith(file))
    path = str(tree.site / importer) if importer else result.path
    found = Imports(result, Ends(judged), host.process).of(path)
    return [tree.plain(edge) for edge in found]


@settings(max_examples=30)
@given(st.lists(st.lists(st.sampled_from(NAMES), unique=True), min_size=4, max_size=4))
def test_edges_are_those_of_the_closure(imports: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder))
        for name, wanted in zip(NAMES, imports, strict=False):
            tree.write(
                tree.site / "p" / name, imports={n: ["function"] for n in wanted}
            )
        host = tree.host()
        judged = judge(host, str(tree.site / "p"))
        for file in judged.files:
            search = host.process.search_list(file.path)
            closure = Closure(file.path, host.process, search)
            ours = Imports(file, Ends(judged), host.process)
            for importer in {importer for importer, _ in closure.imports()}:
                theirs = [(i.name, i.answer.path) for i in closure.imports_of(importer)]
                found = ours.of(importer)
                assert [(edge.name, edge.path) for edge in found] == theirs
                lost = [e.end for e in found if e.path is None and not e.windows]
                assert set(lost) <= {"NOT FOUND"}


def test_windows_own_are_told_apart(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    wanted = ("KERNEL32.dll", RUNTIME_SET, "msvcp140.dll", "b.dll", "lost.dll")
    tree.install("p", "1", {"p/a.pyd": tree.pe(*wanted), "p/b.dll": tree.pe()})

    found = {edge.name: edge for edge in rows(tree, "p", "a.pyd")}

    assert [n for n in wanted if found[n].windows] == ["KERNEL32.dll", RUNTIME_SET]
    assert found["b.dll"].path == r"C:\Python311\Lib\site-packages\p\b.dll"
    assert found["lost.dll"] == Edge("lost.dll", end="NOT FOUND")


def test_a_function_that_is_lacking_marks_the_import(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    content = build_pe(imports={"b.dll": ["gone"], "c.dll": ["function"]})
    files = {"p/a.pyd": content, "p/b.dll": tree.pe(), "p/c.dll": tree.pe("b.dll")}
    tree.install("p", "1", files)

    ends = {edge.name: edge.end for edge in rows(tree, "p", "a.pyd")}

    assert ends == {"b.dll": "NO SUCH EXPORT", "c.dll": ""}
    # Another importer of the same DLL wants nothing that it lacks.
    assert [e.end for e in rows(tree, "p", "a.pyd", "p/c.dll")] == [""]


def test_the_wrong_machine_is_no_missing_file(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {"p/a.pyd": tree.pe("b.dll"), "p/b.dll": build_pe(machine=X86)}
    tree.install("p", "1", files)

    (edge,) = rows(tree, "p", "a.pyd")

    assert edge == Edge("b.dll", end="IS x86, PYTHON IS x64")


def test_a_fault_that_another_one_took_in_keeps_its_words(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {"p/b.dll": build_pe(machine=X86), "p/c.dll": build_pe(machine=X86)}
    tree.install("p", "1", {"p/a.pyd": tree.pe("b.dll", "c.dll"), **files})

    ends = {edge.end for edge in rows(tree, "p", "a.pyd")}

    assert ends == {"IS x86, PYTHON IS x64"}


@pytest.mark.parametrize("content", [b"", b"<html>", b"MZ"], ids=["empty", "web", "MZ"])
def test_what_cannot_be_read_imports_nothing(tmp_path: Path, content: bytes) -> None:
    tree = Tree(tmp_path)
    tree.install("p", "1", {"p/a.pyd": content})

    assert rows(tree, "p", "a.pyd") == []


def test_forwarders_come_with_the_dll_that_forwards(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    forwards = build_pe(forwarders={"function": "c.function"})
    files = {"p/a.pyd": tree.pe("b.dll"), "p/b.dll": forwards, "p/c.dll": tree.pe()}
    tree.install("p", "1", files)
    host = tree.host()
    judged = judge(host, "p")
    imports = Imports(judged.files[0], Ends(judged), host.process)

    (edge,) = imports.of(judged.files[0].path)
    ((provider, forwarder),) = imports.forwarders(judged.files[0].path, edge)

    assert provider == edge.path == str(tree.site / "p/b.dll")
    assert forwarder == Edge("c.dll", str(tree.site / "p/c.dll"), "forwarder")


def test_delay_imports_when_asked_for(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    delayed = {"KERNEL32.dll": ["function"], "late.dll": ["function"]}
    tree.install("p", "1", {"p/a.pyd": build_pe(delay_imports=delayed)})
    host = tree.host()
    judged = judge(host, "p")
    (file,) = judged.files

    assert Imports(file, Ends(judged), host.process).of(file.path) == ()
    found = Imports(file, Ends(judged), host.process, delayed=True).of(file.path)

    assert [(e.name, e.kind, e.windows) for e in found] == [
        ("KERNEL32.dll", "delay import", True),
        ("late.dll", "delay import", False),
    ]


def test_an_assembly_stands_in_no_import_table() -> None:
    chain = (Link("a.pyd", "/p/a.pyd"), Link("microsoft.vc90.crt 9.0.21022"))
    found = Diagnosis("c", "h", "s", chain=chain, chain_end="NOT FOUND")
    ends = Ends(TargetResult("p", (FileResult("/p/a.pyd", 14001),), (found,)))

    assert ends.below("/p/a.pyd") == {chain[1].name: (chain[1], "NOT FOUND")}


def test_forwarders_end_where_nothing_is_resolved(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {
        "p/a.pyd": build_pe(imports={"b.dll": ["one", "two", 7, "own"]}),
        "p/b.dll": build_pe(
            exports=["own"],
            forwarders={"one": "c.#7", "two": "unheard.two"},
            ordinal_exports=[7],
        ),
        "p/c.dll": build_pe(ordinal_exports=[7]),
    }
    tree.install("p", "1", files)
    host = tree.host()
    judged = judge(host, "p")
    imports = Imports(judged.files[0], Ends(judged), host.process)
    (edge,) = imports.of(judged.files[0].path)

    found = list(imports.forwarders(judged.files[0].path, edge))

    c = Edge("c.dll", str(tree.site / "p/c.dll"), "forwarder")
    assert found == [(edge.path, c)]
    assert (
        list(imports.forwarders(judged.files[0].path, replace(edge, path=None))) == []
    )


def test_forwarders_that_go_round_come_to_an_end(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {
        "p/a.pyd": tree.pe("b.dll"),
        "p/b.dll": build_pe(forwarders={"function": "c.function"}),
        "p/c.dll": build_pe(forwarders={"function": "b.function"}),
    }
    tree.install("p", "1", files)
    host = tree.host()
    (file,) = (f for f in judge(host, "p").files if f.path.endswith("a.pyd"))
    edge = Edge("b.dll", str(tree.site / "p/b.dll"))

    found = Imports(file, Ends(judge(host, "p")), host.process)

    names = {edge.name for _, edge in found.forwarders(file.path, edge)}
    assert names <= {"b.dll", "c.dll"}


def test_a_program_imports_nothing_where_it_is_loaded_as_a_dll(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {
        "p/a.pyd": tree.pe("tool.exe"),
        "p/tool.exe": build_pe(imports={"lost.dll": ["x"]}, exports=["function"]),
    }
    content = bytearray(files["p/tool.exe"])
    header = int.from_bytes(content[60:64], "little")
    # IMAGE_FILE_DLL ("PE Format", Characteristics).
    content[header + 23] &= 0xDF
    files["p/tool.exe"] = bytes(content)
    tree.install("p", "1", files)

    assert rows(tree, "p", "a.pyd", "p/tool.exe") == []


def test_a_chain_of_one_is_the_file_itself() -> None:
    path = r"C:\p\a.pyd"
    chain = (Link("a.pyd", path),)
    file = FileResult(path, 193, chain=chain)
    ends = Ends(TargetResult("p", (file,), ()))
    told = Diagnosis("c", "h", "s", chain=chain, chain_end="IS x86, PYTHON IS x64")
    others = Ends(TargetResult("p", (file,), (told,)))

    assert ends.at(file) == "DOES NOT FIT"
    assert others.at(file) == "IS x86, PYTHON IS x64"
    assert Ends(TargetResult("p", (), (told,))).at(replace(file, winerror=0)) == (
        "IS x86, PYTHON IS x64"
    )
