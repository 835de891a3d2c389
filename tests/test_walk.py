"""What stops a load, found by following imports through real files."""

from __future__ import annotations

import tempfile
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import strategies as st

from dllguard._files._disk import Disk
from dllguard._loader._apisets import ApiSets
from dllguard._loader._process import Process
from dllguard._loader._walk import walk
from dllguard._model import Conflict, Fault, Link, Load
from dllguard._tables._load_flags import CLASSIC
from tests.pebuilder import ARM64, X64, X86, write_pe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDERS = ("file", "application", "added", "system")

# A DLL is known by its folder, where that is not the file's own: "system/b.dll".
Tree = dict[str, dict[str, Any]]


def make_process(root: Path) -> Process:
    for name in FOLDERS:
        (root / name).mkdir(exist_ok=True)
    return Process(
        disk=Disk(),
        machine=X64,
        application=str(root / "application"),
        system=str(root / "system"),
        windows=str(root / "windows"),
        added=(str(root / "added"),),
    )


@pytest.fixture
def process(tmp_path: Path) -> Process:
    return make_process(tmp_path)


def place(root: Path, name: str) -> Path:
    return root / name if "/" in name else root / "file" / name


def build(root: Path, tree: Tree) -> None:
    for name, wanted in tree.items():
        path = place(root, name)
        path.parent.mkdir(exist_ok=True)
        write_pe(path, **wanted)


def importing(*names: str, **others: Any) -> dict[str, Any]:
    return {"imports": {name: ["x"] for name in names}, "exports": ["x"], **others}


def load(
    process: Process, root: Path, tree: Tree, *, symbols: bool | None = None
) -> Load:
    """Build the files and load the first of them."""
    build(root, tree)
    return walk(str(place(root, next(iter(tree)))), process, symbols=symbols)


def names(fault: Fault) -> list[str]:
    return [link.name for link in fault.chain]


def resolved(found: Load, root: Path) -> dict[str, str]:
    return {
        name: Path(path).relative_to(root).as_posix()
        for name, path in found.resolved.items()
    }


def test_nothing_imported(process: Process, tmp_path: Path) -> None:
    found = load(process, tmp_path, {"m.pyd": {}})
    path = str(tmp_path / "file" / "m.pyd")
    assert found == Load(path=path, search=process.search_list(path))
    assert found.winerror == 0


def test_everything_found(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("A.dll", "b", "c.dll", "d.dll"),
            "a.dll": importing("d.dll"),
            "application/B.dll": {"exports": ["x"]},
            "added/c.dll": {"exports": ["x"]},
            "system/d.dll": {"exports": ["x"]},
        },
    )
    assert found.faults == ()
    assert found.winerror == 0
    assert resolved(found, tmp_path) == {
        "a.dll": "file/a.dll",
        "b.dll": "application/B.dll",
        "c.dll": "added/c.dll",
        "d.dll": "system/d.dll",
    }


def test_missing(process: Process, tmp_path: Path) -> None:
    found = load(process, tmp_path, {"m.pyd": importing("Gone.dll")})
    path = str(tmp_path / "file" / "m.pyd")
    (fault,) = found.faults
    assert fault == Fault("missing", (Link("m.pyd", path), Link("Gone.dll")), 126)
    assert fault.culprit == "Gone.dll"
    assert fault.importer == Link("m.pyd", path)
    assert found.winerror == 126
    assert not found.resolved


def test_missing_at_depth(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("a.dll"),
            "a.dll": importing("b.dll"),
            "added/b.dll": importing("c.dll"),
            "system/c.dll": importing("gone.dll"),
        },
    )
    (fault,) = found.faults
    assert fault.chain == (
        Link("m.pyd", str(tmp_path / "file" / "m.pyd")),
        Link("a.dll", str(tmp_path / "file" / "a.dll")),
        Link("b.dll", str(tmp_path / "added" / "b.dll")),
        Link("c.dll", str(tmp_path / "system" / "c.dll")),
        Link("gone.dll"),
    )


def test_chain_is_the_shortest(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("a.dll", "c.dll"),
            "a.dll": importing("b.dll"),
            "b.dll": importing("gone.dll"),
            "c.dll": importing("gone.dll"),
        },
    )
    (fault,) = found.faults
    assert names(fault) == ["m.pyd", "c.dll", "gone.dll"]


def test_first_of_equal_chains(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("b.dll", "a.dll"),
            "a.dll": importing("gone.dll"),
            "b.dll": importing("gone.dll"),
        },
    )
    (fault,) = found.faults
    assert names(fault) == ["m.pyd", "b.dll", "gone.dll"]


def test_diamond(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("a.dll", "b.dll"),
            "a.dll": importing("c.dll"),
            "b.dll": importing("C.DLL"),
            "c.dll": importing("gone.dll"),
        },
    )
    (fault,) = found.faults
    assert names(fault) == ["m.pyd", "a.dll", "c.dll", "gone.dll"]
    assert set(found.resolved) == {"a.dll", "b.dll", "c.dll"}


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param({"a.dll": importing("a.dll")}, id="self"),
        pytest.param({"a.dll": importing("A.DLL")}, id="self-in-other-case"),
        pytest.param(
            {"a.dll": importing("b.dll"), "b.dll": importing("a.dll")}, id="two"
        ),
        pytest.param(
            {
                "m.pyd": importing("a.dll"),
                "a.dll": importing("b.dll"),
                "b.dll": importing("c.dll"),
                "c.dll": importing("a.dll", "b.dll"),
            },
            id="below-the-root",
        ),
    ],
)
def test_cycle(process: Process, tmp_path: Path, tree: Tree) -> None:
    assert load(process, tmp_path, tree).faults == ()


@pytest.mark.parametrize("copy", [False, True], ids=["no-copy", "copy-on-the-list"])
def test_root_answers_where_no_folder_holds_it(
    process: Process, tmp_path: Path, *, copy: bool
) -> None:
    build(
        tmp_path,
        {
            "A.dll": importing("b.dll"),
            "application/b.dll": importing("a.dll"),
        },
    )
    if copy:
        build(tmp_path, {"application/a.dll": importing("gone.dll")})
    path = str(tmp_path / "file" / "A.dll")
    found = walk(path, process, process.search_list(path, CLASSIC))
    assert found.faults == ()
    assert found.resolved["a.dll"] == path


def test_module_of_the_roots_name_was_there_before(
    process: Process, tmp_path: Path
) -> None:
    build(tmp_path, {"a.dll": importing("a.dll"), "added/a.dll": {"exports": ["x"]}})
    loaded = str(tmp_path / "added" / "a.dll")
    process = replace(process, loaded={"a.dll": loaded})
    found = walk(str(tmp_path / "file" / "a.dll"), process)
    assert found.resolved == {"a.dll": loaded}


def test_wrong_machine(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("a.dll"),
            "added/a.dll": importing(machine=X86),
            "system/a.dll": importing(machine=ARM64),
        },
    )
    path = str(tmp_path / "file" / "m.pyd")
    misfit = str(tmp_path / "added" / "a.dll")
    assert found.faults == (
        Fault(
            "machine",
            (Link("m.pyd", path), Link("a.dll")),
            193,
            path=misfit,
            machine=X86,
        ),
    )


def test_right_machine_further_on(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("a.dll"),
            "a.dll": importing("gone.dll", machine=X86),
            "system/a.dll": importing(),
        },
    )
    assert found.faults == ()
    assert resolved(found, tmp_path) == {"a.dll": "system/a.dll"}


def test_imports_of_a_misfit_do_not_count(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {"m.pyd": importing("a.dll"), "a.dll": importing("gone.dll", machine=X86)},
    )
    assert [fault.culprit for fault in found.faults] == ["a.dll"]


def test_damaged(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"m.pyd": importing("a.dll"), "system/a.dll": importing()})
    damaged = tmp_path / "file" / "a.dll"
    damaged.write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    path = str(tmp_path / "file" / "m.pyd")
    assert walk(path, process).faults == (
        Fault(
            "unreadable",
            (Link("m.pyd", path), Link("a.dll", str(damaged))),
            193,
            path=str(damaged),
            reason="is a git-lfs pointer, not the file itself",
        ),
    )


def test_every_fault_is_reported_once(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"file/bad.dll": {}})
    (tmp_path / "file" / "bad.dll").write_bytes(b"")
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("a.dll", "gone1.dll", "b.dll", "GONE1.DLL"),
            "a.dll": importing("x86.dll", "gone1.dll", "gone2"),
            "b.dll": importing("bad.dll", "gone2.dll", "BAD.dll"),
            "x86.dll": {"machine": X86},
        },
    )
    assert [(f.kind, *names(f)) for f in found.faults] == [
        ("missing", "m.pyd", "gone1.dll"),
        ("machine", "m.pyd", "a.dll", "x86.dll"),
        ("missing", "m.pyd", "a.dll", "gone2"),
        ("unreadable", "m.pyd", "b.dll", "bad.dll"),
    ]
    assert found.winerror == 126


def test_root_is_missing(process: Process, tmp_path: Path) -> None:
    found = walk(str(tmp_path / "file" / "m.pyd"), process)
    (fault,) = found.faults
    assert fault == Fault("missing", (Link("m.pyd"),), 126)
    assert fault.importer is None


def test_root_for_another_machine(process: Process, tmp_path: Path) -> None:
    # By full path, the copy further on the list is of no help.
    found = load(
        process,
        tmp_path,
        {"m.pyd": importing("gone.dll", machine=X86), "system/m.pyd": {}},
    )
    path = str(tmp_path / "file" / "m.pyd")
    expected = Fault("machine", (Link("m.pyd", path),), 193, path=path, machine=X86)
    assert found.faults == (expected,)


def test_root_is_damaged(process: Process, tmp_path: Path) -> None:
    path = tmp_path / "file" / "m.pyd"
    path.write_bytes(b"<html>")
    (fault,) = walk(str(path), process).faults
    assert (fault.kind, fault.winerror) == ("unreadable", 193)
    assert fault.reason == "is a web page, not a DLL"
    assert fault.chain == (Link("m.pyd", str(path)),)


def test_outermost_list_serves_the_tree(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("b.dll"),
            "added/b.dll": importing("c.dll", "d.dll"),
            # Beside the importer, and yet not the first on the list.
            "added/c.dll": importing(),
            "application/c.dll": importing(),
            "elsewhere/d.dll": importing(),
        },
    )
    assert resolved(found, tmp_path)["c.dll"] == "application/c.dll"
    assert [fault.culprit for fault in found.faults] == ["d.dll"]


def test_folder_of_an_import_is_not_added(process: Process, tmp_path: Path) -> None:
    build(
        tmp_path,
        {
            "m.pyd": importing("b.dll"),
            "elsewhere/b.dll": importing("c.dll"),
            "elsewhere/c.dll": importing(),
        },
    )
    path = str(tmp_path / "elsewhere" / "b.dll")
    # Loaded by its full path before, and now found by its base name.
    search = process.search_list(str(tmp_path / "file" / "m.pyd"))
    assert walk(str(tmp_path / "file" / "m.pyd"), process).winerror == 126
    assert walk(path, process).faults == ()
    assert walk(path, process, search).winerror == 126


def test_loaded_modules_are_not_walked_again(process: Process, tmp_path: Path) -> None:
    tree = {
        "m.pyd": importing("a.dll", "b.dll"),
        "added/a.dll": importing("gone.dll", "b.dll"),
        # What a.dll was bound to is not what the list leads to now.
        "b.dll": {"exports": ["x"]},
    }
    tree["added/a.dll"]["imports"]["b.dll"] = ["other"]
    path = str(tmp_path / "added" / "a.dll")
    process = replace(process, loaded={"a.dll": path})
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert found.resolved["a.dll"] == path


def test_conflict(process: Process, tmp_path: Path) -> None:
    loaded = str(tmp_path / "added" / "a.dll")
    process = replace(process, loaded={"a.dll": loaded})
    found = load(
        process,
        tmp_path,
        {
            "m.pyd": importing("b.dll"),
            "b.dll": importing("A.dll"),
            "a.dll": importing(),
            "added/a.dll": importing(),
        },
    )
    importer = Link("b.dll", str(tmp_path / "file" / "b.dll"))
    other = str(tmp_path / "file" / "a.dll")
    assert found.conflicts == (Conflict("a.dll", loaded, other, importer),)
    assert found.faults == ()


def test_loaded_module_on_the_list_is_no_conflict(
    process: Process, tmp_path: Path
) -> None:
    loaded = str(tmp_path / "file" / "a.dll")
    process = replace(process, loaded={"a.dll": loaded})
    tree = {"m.pyd": importing("a.dll"), "a.dll": {}, "system/a.dll": {}}
    assert load(process, tmp_path, tree).conflicts == ()


@pytest.mark.parametrize(
    "root",
    [
        pytest.param({"delay_imports": {"gone.dll": ["x"]}}, id="delay-import"),
        pytest.param({"imports": {"gone.dll": []}}, id="no-symbols"),
    ],
)
def test_not_loaded_and_so_not_missing(
    process: Process, tmp_path: Path, root: dict[str, Any]
) -> None:
    assert load(process, tmp_path, {"m.pyd": root}).faults == ()


@pytest.mark.parametrize("name", [r"sub\a.dll", "sub/a.dll"])
def test_name_with_a_folder(process: Process, tmp_path: Path, name: str) -> None:
    (tmp_path / "file" / "sub").mkdir()
    write_pe(tmp_path / "file" / "sub" / "a.dll", exports=["x"])
    tree = {"m.pyd": importing(name, "a.dll"), "a.dll": importing("gone.dll")}
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    # The base name then stands for what is loaded.
    path = "file/sub/a.dll"
    assert resolved(found, tmp_path) == {name.lower(): path, "a.dll": path}


def test_api_sets(process: Process, tmp_path: Path) -> None:
    hosts = {
        "api-ms-win-a-l1-1": (("", "host.dll"),),
        "api-ms-win-empty-l1-1": (("", ""),),
    }
    found = load(
        replace(process, api_sets=ApiSets(hosts)),
        tmp_path,
        {
            "m.pyd": importing(
                "api-ms-win-a-l1-1-0.dll",
                "api-ms-win-empty-l1-1-0.dll",
                "api-ms-win-unknown-l1-1-0.dll",
                "api-ms-win-file-l1-1-0.dll",
            ),
            "system/host.dll": {},
            "api-ms-win-empty-l1-1-0.dll": {},
            "application/api-ms-win-file-l1-1-0.dll": importing(),
        },
    )
    assert [(f.winerror, f.culprit) for f in found.faults] == [
        (126, "api-ms-win-empty-l1-1-0.dll"),
        (126, "api-ms-win-unknown-l1-1-0.dll"),
    ]
    assert resolved(found, tmp_path) == {
        "api-ms-win-a-l1-1-0.dll": "system/host.dll",
        "api-ms-win-file-l1-1-0.dll": "application/api-ms-win-file-l1-1-0.dll",
    }


def test_api_sets_without_schema(process: Process, tmp_path: Path) -> None:
    tree = {"m.pyd": importing("api-ms-win-a-l1-1-0.dll")}
    found = load(process, tmp_path, tree)
    assert (found.faults, found.resolved) == ((), {})


LONG = "n" * 512


@pytest.mark.parametrize(
    ("wanted", "there", "lacking", "winerror"),
    [
        pytest.param(["f"], {"exports": ["f"]}, (), 0, id="name"),
        pytest.param(["g"], {"exports": ["f"]}, ("g",), 127, id="no-such-name"),
        pytest.param(["F"], {"exports": ["f"]}, ("F",), 127, id="other-case"),
        pytest.param(["f"], {"exports": ["ff"]}, ("f",), 127, id="longer-name"),
        pytest.param(["ff"], {"exports": ["f"]}, ("ff",), 127, id="shorter-name"),
        pytest.param([LONG], {"exports": [LONG]}, (), 0, id="512-characters"),
        pytest.param(
            [LONG + "a"],
            {"exports": [LONG + "b"]},
            (LONG + "a",),
            127,
            id="other-513th-character",
        ),
        pytest.param([LONG + "a"], {"exports": [LONG + "a"]}, (), 0, id="513"),
        pytest.param([7], {"ordinal_exports": [7]}, (), 0, id="ordinal"),
        pytest.param([1], {"exports": ["f"]}, (), 0, id="ordinal-of-a-name"),
        pytest.param([8], {"ordinal_exports": [7]}, ("#8",), 182, id="no-ordinal"),
        pytest.param([8], {}, ("#8",), 182, id="ordinal-of-no-exports"),
        pytest.param(["f"], {}, ("f",), 127, id="name-of-no-exports"),
        pytest.param(
            ["f", "g", 3, "h"],
            {"exports": ["g"]},
            ("f", "#3", "h"),
            127,
            id="several",
        ),
        pytest.param([3, "f"], {}, ("#3", "f"), 182, id="ordinal-first"),
    ],
)
def test_symbols(
    process: Process,
    tmp_path: Path,
    *,
    wanted: Sequence[str | int],
    there: dict[str, Any],
    lacking: tuple[str, ...],
    winerror: int,
) -> None:
    tree: Tree = {"m.pyd": {"imports": {"A.DLL": wanted}}, "added/a.dll": there}
    found = load(process, tmp_path, tree)
    path, provider = (str(place(tmp_path, name)) for name in tree)
    assert found.winerror == winerror
    if not lacking:
        assert found.faults == ()
        return
    chain = Link("m.pyd", path), Link("a.dll", provider)
    assert found.faults == (
        Fault("export", chain, winerror, path=provider, symbols=lacking),
    )


def test_symbols_are_compared_unless_they_shall_not(
    process: Process, tmp_path: Path
) -> None:
    tree: Tree = {"m.pyd": importing("a.dll"), "a.dll": {}}
    assert load(process, tmp_path, tree).winerror == 127
    assert load(process, tmp_path, tree, symbols=True).winerror == 127
    assert load(process, tmp_path, tree, symbols=False).faults == ()


def test_symbols_at_depth(process: Process, tmp_path: Path) -> None:
    found = load(
        process,
        tmp_path,
        {"m.pyd": importing("a.dll"), "a.dll": importing("b.dll"), "b.dll": {}},
    )
    (fault,) = found.faults
    assert names(fault) == ["m.pyd", "a.dll", "b.dll"]
    assert fault.importer == Link("a.dll", str(tmp_path / "file" / "a.dll"))


def test_missing_files_come_before_missing_symbols(
    process: Process, tmp_path: Path
) -> None:
    found = load(
        process,
        tmp_path,
        {"m.pyd": importing("a.dll", "gone.dll"), "a.dll": {}},
    )
    assert [fault.kind for fault in found.faults] == ["missing"]


def test_loaded_module_lacks_a_symbol(process: Process, tmp_path: Path) -> None:
    loaded = str(tmp_path / "elsewhere" / "a.dll")
    process = replace(process, loaded={"a.dll": loaded})
    tree: Tree = {
        "m.pyd": importing("a.dll"),
        "a.dll": {"exports": ["x"]},
        "elsewhere/a.dll": {},
    }
    found = load(process, tmp_path, tree)
    (fault,) = found.faults
    assert (fault.winerror, fault.path) == (127, loaded)
    assert len(found.conflicts) == 1


def test_imports_of_windows_own_are_not_compared(
    process: Process, tmp_path: Path
) -> None:
    tree: Tree = {
        "m.pyd": importing("a.dll"),
        "system/a.dll": importing("b.dll"),
        "system/b.dll": {},
    }
    assert load(process, tmp_path, tree).faults == ()


def test_exports_of_windows_own_are_compared(process: Process, tmp_path: Path) -> None:
    tree: Tree = {"m.pyd": importing("a.dll"), "system/a.dll": {"exports": ["f"]}}
    (fault,) = load(process, tmp_path, tree).faults
    assert (fault.winerror, fault.symbols) == (127, ("x",))


def test_what_wine_lacks_is_a_fault_only_when_asked(
    process: Process, tmp_path: Path
) -> None:
    tree: Tree = {
        "m.pyd": importing("a.dll"),
        "system/ntdll.dll": {"wine": True},
        "system/a.dll": {"wine": True},
    }
    assert load(process, tmp_path, tree).faults == ()
    assert load(process, tmp_path, tree, symbols=True).winerror == 127
    tree["system/a.dll"] = {}
    assert load(replace(process, disk=Disk()), tmp_path, tree).winerror == 127


def test_redistributable_in_system32_is_compared(
    process: Process, tmp_path: Path
) -> None:
    tree: Tree = {
        "m.pyd": {"imports": {"MSVCP140.dll": ["_Mtx_lock", "?new@std@@YAXXZ"]}},
        "system/msvcp140.dll": {"exports": ["_Mtx_lock"]},
    }
    (fault,) = load(process, tmp_path, tree).faults
    assert (fault.winerror, fault.symbols) == (127, ("?new@std@@YAXXZ",))


def test_unreadable_symbols_prove_nothing(process: Process, tmp_path: Path) -> None:
    build(tmp_path, {"m.pyd": importing("a.dll"), "a.dll": {"exports": ["f"]}})
    path = tmp_path / "file" / "a.dll"
    data = bytearray(path.read_bytes())
    # The export directory's address is the first of the data directories.
    data[64 + 24 + 112 : 64 + 24 + 116] = b"\xff\xff\xff\x7f"
    path.write_bytes(data)
    found = walk(str(tmp_path / "file" / "m.pyd"), process)
    assert found.faults == ()


def test_catalogued_files_prove_nothing(process: Process, tmp_path: Path) -> None:
    disk = Disk({process.application: {"a.dll": X64}})
    tree: Tree = {"m.pyd": importing("a.dll")}
    found = load(replace(process, disk=disk), tmp_path, tree)
    assert found.faults == ()
    assert resolved(found, tmp_path) == {"a.dll": "application/a.dll"}


STEMS = [f"d{i}" for i in range(8)]

# For each DLL, what its copy in either folder imports; None where there is no copy.
Graph = dict[str, list["list[str] | None"]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    stems = STEMS[: draw(st.integers(2, 8))]
    imports = st.lists(st.sampled_from(stems), max_size=4)
    graph = {
        stem: [draw(st.none() | imports), draw(st.none() | imports)] for stem in stems
    }
    graph[stems[0]][0] = draw(imports)
    return graph


def reach(graph: Graph) -> tuple[dict[str, int], dict[str, int | None]]:
    """Return how far each name is from the first, and which folder's copy answers."""
    start = next(iter(graph))
    distance, answers = {start: 0}, dict[str, int | None]()
    queue = deque([start])
    while queue:
        stem = queue.popleft()
        copies = [i for i, imports in enumerate(graph[stem]) if imports is not None]
        answers[stem] = copies[0] if copies else None
        for name in (graph[stem][copies[0]] or []) if copies else []:
            if name not in distance:
                distance[name] = distance[stem] + 1
                queue.append(name)
    return distance, answers


def assert_chain_holds(fault: Fault, graph: Mapping[str, object], root: Path) -> None:
    *found, missing = fault.chain
    assert missing.path is None
    for importer, imported in zip(found, fault.chain[1:], strict=True):
        assert importer.path is not None
        image = Disk().image(importer.path)
        assert imported.name in getattr(image, "imports", ())
        assert Path(importer.path).is_relative_to(root)
        assert importer.name.removesuffix(".dll") in graph


@hypothesis.given(graphs())
@hypothesis.settings(max_examples=100)
def test_agrees_with_reachability(graph: Graph) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        process = make_process(root)
        for stem, copies in graph.items():
            for where, imports in zip(("file", "added"), copies, strict=True):
                if imports is not None:
                    wanted = importing(*(f"{name}.dll" for name in imports))
                    write_pe(root / where / f"{stem}.dll", **wanted)
        first = next(iter(graph))
        found = walk(str(root / "file" / f"{first}.dll"), process)

        distance, answers = reach(graph)
        imported = {
            name
            for stem, answer in answers.items()
            if answer is not None
            for name in graph[stem][answer] or []
        }
        missing = {stem for stem, answer in answers.items() if answer is None}
        assert {f.culprit for f in found.faults} == {f"{stem}.dll" for stem in missing}
        assert len(found.faults) == len(missing)
        for fault in found.faults:
            assert len(fault.chain) == distance[fault.culprit.removesuffix(".dll")] + 1
            assert_chain_holds(fault, graph, root)
        assert resolved(found, root) == {
            f"{stem}.dll": f"{('file', 'added')[answer]}/{stem}.dll"
            for stem, answer in answers.items()
            if answer is not None and stem in imported
        }
