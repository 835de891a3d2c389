"""What one load brings, in order: forwarders, .NET, own lists, manifests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from dllguard._files._disk import Disk
from dllguard._loader._apisets import ApiSets
from dllguard._loader._closure import Closure
from dllguard._loader._process import Process
from dllguard._loader._walk import walk
from dllguard._model import Link, Load, Rivals
from dllguard._tables._load_flags import CLASSIC
from tests.pebuilder import X64, X86, write_pe

FOLDERS = ("file", "application", "added", "older", "system")

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
        added=(str(root / "added"), str(root / "older")),
    )


@pytest.fixture
def process(tmp_path: Path) -> Process:
    return make_process(tmp_path)


def place(root: Path, name: str) -> Path:
    return root / name if "/" in name else root / "file" / name


def load(process: Process, root: Path, tree: Tree, **options: Any) -> Load:
    """Build the files and load the first of them."""
    for name, wanted in tree.items():
        path = place(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_pe(path, **wanted)
    return walk(str(place(root, next(iter(tree)))), process, **options)


def importing(*names: str, **others: Any) -> dict[str, Any]:
    return {"imports": {name: ["f"] for name in names}, "exports": ["f"], **others}


def forwarding(to: str, **others: Any) -> dict[str, Any]:
    """Return a DLL whose one symbol is a forwarder."""
    return {"forwarders": {"f": to}, **others}


def brought(found: Load, root: Path) -> dict[str, str]:
    return {
        name: Path(path).relative_to(root).as_posix()
        for name, path in found.resolved.items()
    }


def in_order(found: Load) -> list[str]:
    return [Path(path).name for path in found.resolved.values()]


def names(chain: Sequence[Link]) -> list[str]:
    return [link.name for link in chain]


# The order in which files are loaded.


def test_imports_of_a_file_come_before_its_siblings(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": importing("a.dll", "d.dll"),
        "a.dll": importing("b.dll", "c.dll"),
        "b.dll": importing(),
        "c.dll": importing(),
        "d.dll": importing(),
    }
    found = load(process, tmp_path, tree)
    assert in_order(found) == ["a.dll", "b.dll", "c.dll", "d.dll"]


def test_first_file_of_a_name_answers_for_later_imports(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": importing("a.dll", "b.dll"),
        "a.dll": importing(r"sub\b.dll"),
        "file/sub/b.dll": importing(),
        "b.dll": importing("gone.dll"),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert brought(found, tmp_path)["b.dll"] == "file/sub/b.dll"


# Forwarders.


def test_target_of_a_forwarder_is_loaded_with_its_imports(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": importing("fwd.dll", "z.dll"),
        "added/fwd.dll": forwarding("tgt.f"),
        "tgt.dll": importing("leaf.dll"),
        "older/leaf.dll": importing(),
        "z.dll": importing(),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    # As soon as the symbol is bound, so before the next import.
    assert list(brought(found, tmp_path).items()) == [
        ("fwd.dll", "added/fwd.dll"),
        ("tgt.dll", "file/tgt.dll"),
        ("leaf.dll", "older/leaf.dll"),
        ("z.dll", "file/z.dll"),
    ]


def test_target_of_a_forwarder_answers_for_later_imports_of_its_name(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": importing("fwd.dll", "tgt.dll"),
        "fwd.dll": forwarding(r"sub\tgt.f"),
        "file/sub/tgt.dll": importing(),
        "tgt.dll": importing("gone.dll"),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert brought(found, tmp_path)["tgt.dll"] == "file/sub/tgt.dll"


def test_forwarder_that_nobody_imports_is_not_followed(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": {"imports": {"fwd.dll": ["g"]}},
        "fwd.dll": forwarding("gone.f", exports=["g"]),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert in_order(found) == ["fwd.dll"]


@pytest.mark.parametrize(
    "further",
    [
        pytest.param({}, id="target-is-not-there"),
        pytest.param({"tgt.dll": {"exports": ["g"]}}, id="target-lacks-the-symbol"),
        pytest.param({"tgt.dll": {"exports": ["F"]}}, id="target-has-another-case"),
        pytest.param({"tgt.dll": importing(machine=X86)}, id="target-does-not-fit"),
        pytest.param({"tgt.dll": importing("gone.dll")}, id="import-of-the-target"),
        pytest.param(
            {"tgt.dll": importing("leaf.dll"), "leaf.dll": importing("gone.dll")},
            id="import-below-the-target",
        ),
        pytest.param({"tgt.dll": forwarding("gone.f")}, id="target-forwards-nowhere"),
    ],
)
@pytest.mark.parametrize(
    ("wanted", "winerror", "lacking"),
    [
        pytest.param("f", 127, ("f",), id="by-name"),
        pytest.param(1, 182, ("#1",), id="by-ordinal"),
    ],
)
def test_forwarder_that_leads_nowhere(
    process: Process,
    tmp_path: Path,
    further: Tree,
    *,
    wanted: str | int,
    winerror: int,
    lacking: tuple[str, ...],
) -> None:
    tree = {
        "m.pyd": {"imports": {"fwd.dll": [wanted]}},
        "fwd.dll": forwarding("tgt.f"),
        **further,
    }
    found = load(process, tmp_path, tree)
    (fault,) = found.faults
    assert (fault.kind, fault.winerror, fault.symbols) == ("export", winerror, lacking)
    assert names(fault.chain) == ["m.pyd", "fwd.dll"]
    assert fault.reason == "tgt.f"
    assert load(process, tmp_path, tree, symbols=False).faults == ()


def test_damaged_target_of_a_forwarder(process: Process, tmp_path: Path) -> None:
    (tmp_path / "file" / "tgt.dll").write_bytes(b"<html>")
    tree = {"m.pyd": importing("fwd.dll"), "fwd.dll": forwarding("tgt.f")}
    found = load(process, tmp_path, tree)
    assert [(f.winerror, f.reason) for f in found.faults] == [(127, "tgt.f")]
    assert in_order(found) == ["fwd.dll"]


def test_failing_target_takes_back_what_it_brought(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": importing("fwd.dll", "leaf.dll"),
        "fwd.dll": forwarding("tgt.f"),
        "tgt.dll": importing(r"sub\leaf.dll", "gone.dll"),
        "file/sub/leaf.dll": importing(),
        "leaf.dll": importing(),
    }
    found = load(process, tmp_path, tree)
    # Else the leaf below `sub` would answer for the name.
    assert brought(found, tmp_path) == {
        "fwd.dll": "file/fwd.dll",
        "leaf.dll": "file/leaf.dll",
    }
    assert [fault.reason for fault in found.faults] == ["tgt.f"]


def test_target_that_is_needed_elsewhere_is_kept(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": importing("ok.dll", "fwd.dll"),
        "ok.dll": importing("leaf.dll"),
        "fwd.dll": forwarding("tgt.f"),
        "tgt.dll": importing("leaf.dll", "gone.dll"),
        "leaf.dll": importing(),
    }
    assert in_order(load(process, tmp_path, tree)) == ["ok.dll", "leaf.dll", "fwd.dll"]


def test_import_that_is_missing_besides_is_told_first(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": importing("fwd.dll", "lost.dll"),
        "fwd.dll": forwarding("gone.f"),
    }
    found = load(process, tmp_path, tree)
    # What a forwarder misses is no import, and no fault of a file.
    assert [(f.kind, f.culprit) for f in found.faults] == [("missing", "lost.dll")]


@pytest.mark.parametrize(
    ("text", "file"),
    [
        pytest.param("tgt.f", "tgt.dll", id="bare"),
        pytest.param("TGT.f", "tgt.dll", id="other-case"),
        pytest.param("tgt.dll.f", "tgt.dll", id="with-extension"),
        pytest.param("tgt.ext.f", "tgt.ext", id="other-extension"),
        pytest.param("tgt.#3", "tgt.dll", id="by-ordinal"),
        pytest.param("tgt.g2", "tgt.dll", id="name-that-ends-in-a-number"),
    ],
)
def test_texts_of_forwarders(
    process: Process, tmp_path: Path, text: str, file: str
) -> None:
    target = {"exports": ["f", "g2"], "ordinal_exports": [3]}
    tree = {
        "m.pyd": importing("fwd.dll"),
        "fwd.dll": forwarding(text),
        file: target,
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert in_order(found) == ["fwd.dll", file]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("tgt.#9", id="no-such-ordinal"),
        pytest.param("tgt.#", id="no-number"),
        pytest.param(
            "tgt.x1",
            id="no-ordinal-but-a-name",
        ),
        pytest.param("tgt.", id="no-symbol"),
        pytest.param("tgt", id="no-dot"),
        pytest.param(".f", id="no-module"),
    ],
)
def test_texts_that_lead_nowhere(process: Process, tmp_path: Path, text: str) -> None:
    tree = {
        "m.pyd": importing("fwd.dll"),
        "fwd.dll": forwarding(text),
        "tgt.dll": {"exports": ["f"]},
    }
    (fault,) = load(process, tmp_path, tree).faults
    assert (fault.winerror, fault.symbols, fault.reason) == (127, ("f",), text)


@pytest.mark.parametrize("last", [True, False], ids=["to-an-end", "to-nowhere"])
def test_chain_of_forwarders(process: Process, tmp_path: Path, *, last: bool) -> None:
    tree = {
        "m.pyd": importing("a.dll"),
        "a.dll": forwarding("b.f"),
        "b.dll": forwarding("c.#1"),
        "c.dll": forwarding("d.g"),
    }
    if last:
        tree["d.dll"] = {"exports": ["g"]}
    found = load(process, tmp_path, tree)
    assert in_order(found) == [*"a.dll b.dll c.dll".split(), *["d.dll"] * last]
    # The first forwarder is the one that the importer was bound to.
    assert [fault.reason for fault in found.faults] == ([] if last else ["b.f"])


@pytest.mark.parametrize(
    "forwarders",
    [
        pytest.param({"a": {"f": "a.f"}}, id="to-itself"),
        pytest.param({"a": {"f": "a.g", "g": "a.f"}}, id="within-itself"),
        pytest.param({"a": {"f": "b.f"}, "b": {"f": "a.f"}}, id="two"),
        pytest.param(
            {"a": {"f": "b.f"}, "b": {"f": "c.f"}, "c": {"f": "b.f"}},
            id="further-on",
        ),
    ],
)
def test_cycle_of_forwarders(
    process: Process, tmp_path: Path, forwarders: dict[str, dict[str, str]]
) -> None:
    tree = {"m.pyd": importing("a.dll")}
    for name, own in forwarders.items():
        tree[f"{name}.dll"] = {"forwarders": own}
    found = load(process, tmp_path, tree)
    assert [(f.winerror, f.symbols) for f in found.faults] == [(127, ("f",))]
    assert in_order(found) == [f"{name}.dll" for name in forwarders]


def test_forwarder_within_a_dll(process: Process, tmp_path: Path) -> None:
    tree = {
        "m.pyd": importing("fwd.dll"),
        "fwd.dll": forwarding("fwd.g", exports=["g"]),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert in_order(found) == ["fwd.dll"]


def test_forwarder_to_the_root(process: Process, tmp_path: Path) -> None:
    tree = {
        "m.dll": importing("fwd.dll"),
        "fwd.dll": forwarding("m.f"),
    }
    assert load(process, tmp_path, tree).faults == ()


def test_forwarder_of_a_loaded_module(process: Process, tmp_path: Path) -> None:
    tree = {
        "m.pyd": importing("fwd.dll"),
        "elsewhere/fwd.dll": forwarding("tgt.f"),
        "tgt.dll": importing("leaf.dll"),
        "leaf.dll": importing(),
    }
    loaded = str(tmp_path / "elsewhere" / "fwd.dll")
    found = load(replace(process, loaded={"fwd.dll": loaded}), tmp_path, tree)
    assert found.faults == ()
    assert in_order(found) == ["fwd.dll", "tgt.dll", "leaf.dll"]


def test_chain_leads_through_a_forwarder(process: Process, tmp_path: Path) -> None:
    """A forwarder's target is searched for what its own imports lack, too."""
    tree = {
        "m.pyd": importing("fwd.dll"),
        "fwd.dll": forwarding("tgt.f"),
        "tgt.dll": {"imports": {"leaf.dll": ["g"]}, "exports": ["f"]},
        "leaf.dll": importing(),
    }
    (fault,) = load(process, tmp_path, tree).faults
    assert names(fault.chain) == ["m.pyd", "fwd.dll", "tgt.dll", "leaf.dll"]
    assert (fault.winerror, fault.symbols, fault.reason) == (127, ("g",), "")


SETS = {
    "api-ms-win-a-l1-1": (("", "host.dll"),),
    "api-ms-win-empty-l1-1": (("", ""),),
    # As api-ms-win-core-processthreads-l1-1 in Windows 11.
    "api-ms-win-b-l1-1": (("", "host.dll"), ("host.dll", "base.dll")),
}


@pytest.mark.parametrize(
    ("api_sets", "name", "reasons", "loaded"),
    [
        pytest.param(SETS, "a", [], ["fwd.dll", "host.dll"], id="with-a-host"),
        pytest.param(SETS, "empty", 1, ["fwd.dll"], id="without-a-host"),
        pytest.param(SETS, "unknown", 1, ["fwd.dll"], id="not-of-this-windows"),
        pytest.param(None, "a", [], ["fwd.dll"], id="taken-for-present"),
    ],
)
def test_forwarder_into_an_api_set(
    process: Process,
    tmp_path: Path,
    api_sets: Any,
    name: str,
    *,
    reasons: Any,
    loaded: list[str],
) -> None:
    text = f"api-ms-win-{name}-l1-1-0.f"
    tree = {
        "m.pyd": importing("fwd.dll"),
        "fwd.dll": forwarding(text),
        "system/host.dll": {"exports": ["f"]},
    }
    process = replace(process, api_sets=ApiSets(api_sets))
    found = load(process, tmp_path, tree)
    assert [fault.reason for fault in found.faults] == ([text] if reasons else [])
    assert in_order(found) == loaded


def test_host_of_an_api_set_is_that_of_the_forwarding_dll(
    process: Process, tmp_path: Path
) -> None:
    """As kernel32's OpenProcessToken, which leads to api-ms-win-core-processthreads.

    The host of that set is kernel32 itself, and kernelbase for kernel32.
    """
    tree = {
        "m.pyd": importing("host.dll"),
        "system/host.dll": forwarding("api-ms-win-b-l1-1-0.f"),
        "system/base.dll": {"exports": ["f"]},
    }
    process = replace(process, api_sets=ApiSets(SETS))
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert in_order(found) == ["host.dll", "base.dll"]


@pytest.mark.parametrize("needed", [True, False], ids=["there", "not-there"])
def test_symbol_that_a_failed_target_had_bound_is_bound_again(
    process: Process, tmp_path: Path, *, needed: bool
) -> None:
    tree: Tree = {
        "m.pyd": {"imports": {"fwd.dll": ["f"], "x.dll": ["f"]}},
        "fwd.dll": forwarding("tgt.f"),
        "tgt.dll": importing("x.dll", "gone.dll"),
        "x.dll": forwarding("y.f"),
    }
    if needed:
        tree["y.dll"] = importing()
    found = load(process, tmp_path, tree)
    assert in_order(found) == ["fwd.dll", "x.dll", *["y.dll"] * needed]
    reasons = [fault.reason for fault in found.faults]
    assert reasons == ["tgt.f", *["y.f"] * (not needed)]


def test_failed_target_leaves_no_forwarder_behind(
    process: Process, tmp_path: Path
) -> None:
    tree: Tree = {
        "m.pyd": {"imports": {"fwd.dll": ["f", "g"]}},
        "fwd.dll": {"forwarders": {"f": "ok.f", "g": "tgt.f", "h": "other.f"}},
        "ok.dll": importing(),
        "tgt.dll": {
            "imports": {"fwd.dll": ["h"], "gone.dll": ["f"]},
            "exports": ["f"],
        },
        "other.dll": importing(),
    }
    load(process, tmp_path, tree)
    path = str(tmp_path / "file" / "m.pyd")
    closure = Closure(path, process, process.search_list(path))
    assert [name for name, _ in closure.brought_by(closure.resolved["fwd.dll"])] == [
        "ok.dll"
    ]


class _Counting(Closure):
    """Counts how often the target of a forwarder is looked at."""

    count = 0

    def _bring(self, *args: Any) -> bool:
        self.count += 1
        return super()._bring(*args)


def test_targets_that_all_fail_are_not_loaded_again_and_again(
    process: Process, tmp_path: Path
) -> None:
    """Each of them binds the forwarders to all others before it fails."""
    targets = [f"t{number}" for number in range(10)]
    tree: Tree = {
        "m.pyd": {"imports": {"fwd.dll": ["t0"]}},
        "fwd.dll": {"forwarders": {name: f"{name}.f" for name in targets}},
    }
    for name in targets:
        wanted = {"fwd.dll": targets, "gone.dll": ["f"]}
        tree[f"{name}.dll"] = {"imports": wanted, "exports": ["f"]}
    found = load(process, tmp_path, tree)
    assert [fault.reason for fault in found.faults] == ["t0.f"]
    path = str(tmp_path / "file" / "m.pyd")
    closure = _Counting(path, process, process.search_list(path))
    assert closure.count <= len(targets) ** 2


# Assemblies without native code, and programs.


@pytest.mark.parametrize("machine", [X64, X86], ids=["x64", "x86"])
def test_net_is_loaded_in_place_of_imports(
    process: Process, tmp_path: Path, machine: int
) -> None:
    tree = {
        "m.pyd": importing("net.dll"),
        "net.dll": importing("gone.dll", machine=machine, il_only=True),
        "system/mscoree.dll": importing("user.dll"),
        "system/user.dll": importing(),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert in_order(found) == ["net.dll", "mscoree.dll", "user.dll"]


def test_net_is_not_there(process: Process, tmp_path: Path) -> None:
    found = load(process, tmp_path, {"net.dll": importing("gone.dll", il_only=True)})
    assert [(f.winerror, names(f.chain)) for f in found.faults] == [
        (126, ["net.dll", "mscoree.dll"])
    ]


def test_imports_of_a_program_are_not_resolved(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": importing("python.exe", "a.dll"),
        "application/python.exe": importing("gone.dll", dll=False),
        "a.dll": importing(),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert in_order(found) == ["python.exe", "a.dll"]


# DependentLoadFlags.


def with_flags(flags: int) -> Tree:
    """Return a DLL in an added folder whose import has a copy in every folder."""
    return {
        "m.pyd": importing("mid.dll", "other.dll"),
        "added/mid.dll": importing("leaf.dll", dependent_load_flags=flags),
        **{f"{folder}/leaf.dll": importing("below.dll") for folder in FOLDERS},
        **{f"{folder}/below.dll": importing() for folder in FOLDERS},
        "file/other.dll": importing(),
    }


@pytest.mark.parametrize(
    ("flags", "folder"),
    [
        (0, "file"),
        (0x100, "added"),
        (0x200, "application"),
        (0x400, "added"),
        (0x800, "system"),
        (0xA00, "application"),
        (0x1000, "application"),
        (0x1100, "added"),
        (0x2000, "file"),
        (0x2800, "system"),
    ],
    ids=lambda value: hex(value) if isinstance(value, int) else value,
)
def test_own_search_list(
    process: Process, tmp_path: Path, flags: int, folder: str
) -> None:
    found = brought(load(process, tmp_path, with_flags(flags)), tmp_path)
    assert found["leaf.dll"] == f"{folder}/leaf.dll"
    # Its import has no flags, so that the list of the load serves.
    assert found["below.dll"] == "file/below.dll"
    assert found["other.dll"] == "file/other.dll"


def test_own_search_list_without_the_file(process: Process, tmp_path: Path) -> None:
    tree = {
        "m.pyd": importing("mid.dll"),
        "mid.dll": importing("leaf.dll", dependent_load_flags=0x800),
        "leaf.dll": importing(),
    }
    (fault,) = load(process, tmp_path, tree).faults
    assert names(fault.chain) == ["m.pyd", "mid.dll", "leaf.dll"]


def test_own_search_list_of_the_root(process: Process, tmp_path: Path) -> None:
    tree = {
        "m.pyd": importing("leaf.dll", dependent_load_flags=0x800),
        "leaf.dll": importing(),
        "system/leaf.dll": importing(),
    }
    assert brought(load(process, tmp_path, tree), tmp_path) == {
        "leaf.dll": "system/leaf.dll"
    }


# Side-by-side assemblies.

_ASSEMBLY = (
    '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">{}'
    "</assembly>"
)
_IDENTITY = '<assemblyIdentity type="win32" name="{}" version="1.0.0.0"/>'


def depending(*assemblies: str) -> str:
    """Return the manifest of a DLL that wants assemblies."""
    wanted = (_IDENTITY.format(name) for name in assemblies)
    return _ASSEMBLY.format(
        "".join(
            f"<dependency><dependentAssembly>{one}</dependentAssembly></dependency>"
            for one in wanted
        )
    )


def provide(folder: Path, name: str, *files: str) -> None:
    """Write a private assembly: its manifest and its DLLs."""
    folder = folder / name
    folder.mkdir(parents=True)
    listed = "".join(f'<file name="{file}"/>' for file in files)
    text = _ASSEMBLY.format(_IDENTITY.format(name) + listed)
    (folder / f"{name}.manifest").write_text(text, "utf-8")
    for file in files:
        write_pe(folder / file, exports=["f"])


def test_redirection_serves_the_imports_of_an_import(
    process: Process, tmp_path: Path
) -> None:
    provide(tmp_path / "file", "private", "helper.dll")
    tree = {
        "m.pyd": importing("a.dll", manifest=depending("private")),
        "a.dll": importing("helper.dll"),
        "helper.dll": importing("gone.dll"),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert brought(found, tmp_path)["helper.dll"] == "file/private/helper.dll"


def test_redirection_serves_the_target_of_a_forwarder(
    process: Process, tmp_path: Path
) -> None:
    provide(tmp_path / "file", "private", "helper.dll")
    tree = {
        "m.pyd": importing("fwd.dll", manifest=depending("private")),
        "fwd.dll": forwarding("tgt.f"),
        "tgt.dll": importing("helper.dll"),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert brought(found, tmp_path)["helper.dll"] == "file/private/helper.dll"


def test_manifest_of_an_import_takes_the_place_of_the_inherited_one(
    process: Process, tmp_path: Path
) -> None:
    provide(tmp_path / "file", "private", "helper.dll")
    provide(tmp_path / "file", "other", "another.dll")
    tree = {
        "m.pyd": importing("a.dll", manifest=depending("private")),
        "a.dll": importing("helper.dll", "another.dll", manifest=depending("other")),
        "helper.dll": importing(),
    }
    found = load(process, tmp_path, tree)
    assert brought(found, tmp_path) == {
        "a.dll": "file/a.dll",
        "helper.dll": "file/helper.dll",
        "another.dll": "file/other/another.dll",
    }


def test_two_files_of_one_name(process: Process, tmp_path: Path) -> None:
    provide(tmp_path / "file", "private", "helper.dll")
    tree = {
        "m.pyd": importing("helper.dll", "a.dll"),
        "helper.dll": importing(),
        "a.dll": importing("helper.dll", manifest=depending("private")),
    }
    found = load(process, tmp_path, tree)
    second = str(tmp_path / "file" / "private" / "helper.dll")
    assert found.resolved["helper.dll"] == str(tmp_path / "file" / "helper.dll")
    assert found.resolved[second] == second


def test_unmet_assembly(process: Process, tmp_path: Path) -> None:
    tree = {
        "m.pyd": importing("a.dll"),
        "a.dll": importing("b.dll", manifest=depending("nowhere")),
        "b.dll": importing(),
    }
    (fault,) = load(process, tmp_path, tree).faults
    assert (fault.kind, fault.winerror) == ("assembly", 14001)
    assert names(fault.chain) == ["m.pyd", "a.dll", "nowhere 1.0.0"]
    assert fault.path is None


def test_unmet_assembly_is_no_fault_on_wine(process: Process, tmp_path: Path) -> None:
    tree = {
        "m.pyd": importing(manifest=depending("nowhere")),
        "system/ntdll.dll": {"wine": True},
    }
    assert load(process, tmp_path, tree).faults == ()
    assert load(process, tmp_path, tree, symbols=False).winerror == 14001
    assert load(process, tmp_path, tree, symbols=True).winerror == 14001


# Loaded modules.


def test_loaded_root(process: Process, tmp_path: Path) -> None:
    path = str(tmp_path / "file" / "m.pyd")
    process = replace(process, loaded={"m.pyd": path})
    found = load(process, tmp_path, {"m.pyd": importing("gone.dll")})
    assert found == Load(path, process.search_list(path))


def test_loaded_module_brings_its_imports_and_no_faults(
    process: Process, tmp_path: Path
) -> None:
    tree = {
        "m.pyd": importing("a.dll", "c.dll"),
        "elsewhere/a.dll": importing("b.dll", "gone.dll"),
        "b.dll": importing("c.dll", "lost.dll"),
        "elsewhere/c.dll": importing(),
    }
    elsewhere = tmp_path / "elsewhere"
    loaded = {name: str(elsewhere / name) for name in ("a.dll", "c.dll")}
    loaded["b.dll"] = str(tmp_path / "file" / "b.dll")
    found = load(replace(process, loaded=loaded), tmp_path, tree)
    assert found.faults == ()
    assert found.resolved == loaded


# Delay imports, and copies in several added folders.


def test_delay_import_that_is_not_found(process: Process, tmp_path: Path) -> None:
    tree: Tree = {
        "m.pyd": importing("a.dll", delay_imports={"one.dll": ["f"]}),
        "a.dll": importing(delay_imports={"ONE.dll": ["f"], "two": ["f"]}),
    }
    found = load(process, tmp_path, tree)
    assert found.faults == ()
    assert [names(chain) for chain in found.delayed] == [
        ["m.pyd", "one.dll"],
        ["m.pyd", "a.dll", "two"],
    ]
    assert all(chain[-1].path is None for chain in found.delayed)


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("application", True),
        ("system", True),
        ("path", True),
        ("file", False),
        ("added", False),
    ],
)
def test_delay_imports_are_searched_as_by_a_plain_call(
    process: Process, tmp_path: Path, folder: str, *, found: bool
) -> None:
    process = replace(process, path=(str(tmp_path / "path"),))
    tree: Tree = {
        "m.pyd": importing(delay_imports={"late.dll": ["f"]}),
        f"{folder}/late.dll": importing(),
    }
    assert bool(load(process, tmp_path, tree).delayed) is not found


def test_delay_import_of_what_is_loaded(process: Process, tmp_path: Path) -> None:
    tree: Tree = {
        "m.pyd": importing(delay_imports={"late.dll": ["f"]}),
        "late.dll": importing(),
    }
    path = str(tmp_path / "file" / "late.dll")
    process = replace(process, loaded={"late.dll": path})
    assert load(process, tmp_path, tree).delayed == ()


def test_delay_import_of_what_the_load_brings(process: Process, tmp_path: Path) -> None:
    tree: Tree = {
        "m.pyd": importing("a.dll", "late.dll"),
        "a.dll": importing(delay_imports={"late.dll": ["f"], "m.pyd": ["f"]}),
        "late.dll": importing(),
    }
    assert load(process, tmp_path, tree).delayed == ()


@pytest.mark.parametrize(
    ("name", "told"),
    [("ext-ms-win-x-l1-1-0.dll", True), ("api-ms-win-a-l1-1-0.dll", False)],
)
def test_delay_import_of_an_api_set(
    process: Process, tmp_path: Path, name: str, *, told: bool
) -> None:
    process = replace(process, api_sets=ApiSets(SETS))
    tree: Tree = {
        "m.pyd": importing(delay_imports={name: ["f"]}),
        "system/host.dll": importing(),
    }
    assert bool(load(process, tmp_path, tree).delayed) is told


def test_delay_imports_of_windows_own_are_its_own_affair(
    process: Process, tmp_path: Path
) -> None:
    tree: Tree = {
        "m.pyd": importing("own.dll", "msvcp140.dll"),
        "system/own.dll": importing(delay_imports={"edition.dll": ["f"]}),
        "system/msvcp140.dll": importing(delay_imports={"concrt140.dll": ["f"]}),
    }
    found = load(process, tmp_path, tree)
    assert [names(chain)[-1] for chain in found.delayed] == ["concrt140.dll"]


def test_rivals(process: Process, tmp_path: Path) -> None:
    tree = {
        "m.pyd": importing("a.dll"),
        "a.dll": importing("geos.dll"),
        "added/geos.dll": importing(),
        "older/geos.dll": importing(),
        "system/geos.dll": importing(),
    }
    found = load(process, tmp_path, tree)
    paths = tuple(str(tmp_path / name / "geos.dll") for name in ("added", "older"))
    importer = Link("a.dll", str(tmp_path / "file" / "a.dll"))
    assert found.rivals == (Rivals("geos.dll", paths, importer),)


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({}, id="one-copy"),
        pytest.param({"file/geos.dll": importing()}, id="before-them"),
        pytest.param(
            {"older/geos.dll": importing(machine=X86)},
            id="does-not-fit",
        ),
    ],
)
def test_no_rivals(process: Process, tmp_path: Path, others: Tree) -> None:
    tree = {"m.pyd": importing("geos.dll"), "added/geos.dll": importing(), **others}
    assert load(process, tmp_path, tree).rivals == ()


def test_other_flags_search_no_added_folders(process: Process, tmp_path: Path) -> None:
    tree = {"m.pyd": importing("geos.dll"), "added/geos.dll": importing()}
    search = process.search_list(str(tmp_path / "file" / "m.pyd"), CLASSIC)
    assert load(process, tmp_path, tree, search=search).winerror == 126


# Random graphs.

STEMS = "abcdef"
SYMBOLS = "fg"

# For each DLL its imports, and its symbols with where they are forwarded to.
Wanted = list[tuple[str, str]]
Graph = dict[str, tuple[Wanted, dict[str, "tuple[str, str] | None"]]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    stems = STEMS[: draw(st.integers(1, len(STEMS)))]
    symbols = st.tuples(st.sampled_from(stems), st.sampled_from(SYMBOLS))
    return {
        stem: (
            draw(st.lists(symbols, max_size=4, unique=True)),
            draw(
                st.dictionaries(st.sampled_from(SYMBOLS), st.none() | symbols),
            ),
        )
        for stem in stems
    }


def plant(graph: Graph, folder: Path) -> None:
    for stem, (wanted, exported) in graph.items():
        imports: dict[str, list[str]] = {}
        for other, symbol in wanted:
            imports.setdefault(f"{other}.dll", []).append(symbol)
        leads = {s: to for s, to in exported.items() if to is not None}
        write_pe(
            folder / f"{stem}.dll",
            imports=imports,
            exports=[symbol for symbol in exported if symbol not in leads],
            forwarders={symbol: ".".join(to) for symbol, to in leads.items()},
        )


def reached(graph: Graph) -> set[str]:
    """Return what is loaded where every file is there."""
    found: set[str] = set()
    waiting = ["a"]
    while waiting:
        for target in _reached_from(waiting.pop(), graph):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def _reached_from(stem: str, graph: Graph) -> Iterator[str]:
    for provider, symbol in graph[stem][0]:
        at: tuple[str, str] | None = provider, symbol
        seen = set()
        while at is not None and at not in seen:
            seen.add(at)
            yield at[0]
            at = graph[at[0]][1].get(at[1])


@hypothesis.given(graphs(), st.randoms(use_true_random=False))
@hypothesis.settings(max_examples=150)
def test_what_is_loaded_is_what_can_be_reached(graph: Graph, random: Any) -> None:
    """Where every name has one file, the order of the imports makes no difference."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        process = make_process(root)
        expected = {
            f"{stem}.dll": str(root / "file" / f"{stem}.dll") for stem in reached(graph)
        }
        for _ in range(2):
            plant(graph, root / "file")
            found = walk(str(root / "file" / "a.dll"), replace(process, disk=Disk()))
            assert found.resolved == expected
            assert {fault.kind for fault in found.faults} <= {"export"}
            for wanted, _exported in graph.values():
                random.shuffle(wanted)


@hypothesis.given(graphs(), st.sets(st.sampled_from(STEMS[1:])))
@hypothesis.settings(max_examples=150)
def test_what_is_loaded_has_its_imports(graph: Graph, absent: set[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        process = make_process(root)
        plant(graph, root / "file")
        for stem in absent.intersection(graph):
            (root / "file" / f"{stem}.dll").unlink()
        path = str(root / "file" / "a.dll")
        found = walk(path, process)

        assert found == walk(path, replace(process, disk=Disk()))
        modules = walk(path, process, symbols=False)
        assert modules.resolved == found.resolved
        assert all(Path(p).is_file() for p in found.resolved.values())
        if not modules.faults:
            # A forwarder's target without all its imports was taken back.
            there: Mapping[str, str] = {"a.dll": path, **found.resolved}
            for p in there.values():
                image = process.disk.image(p)
                assert set(getattr(image, "imports", ())) <= set(there)
