"""From what an exception said to a diagnosis, on a machine that is laid out here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard import _explain
from dllguard._explain import explain, explain_failure
from dllguard._failure import Failure
from dllguard._hosts._host import Host
from dllguard._hosts._trial import Trial
from dllguard._verdict import Diagnosis
from tests.pebuilder import X86, build_pe
from tests.texts import golden, obey
from tests.trees import Tree

C10 = "torch/lib/c10.dll"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine with a torch that is in order."""
    made = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    c10 = build_pe(imports={"MSVCP140.dll": ["_Mtx_lock"]}, linker=(14, 42))
    files = {
        "torch/_C.cp311-win_amd64.pyd": made.pe("c10.dll", "python311.dll"),
        C10: c10,
    }
    made.install("torch", "2.9.0", files)
    return made


def explained(tree: Tree, failure: Failure, host: Host | None = None) -> Diagnosis:
    """Return the diagnosis, with `C:` for the folder of the test."""
    found = explain_failure(failure, host or tree.live())
    assert found is not None
    found = tree.plain(found)
    obey(found)
    return found


def of_torch(tree: Tree, code: int) -> Failure:
    """Return what torch's OSError says."""
    path = str(tree.site / C10)
    return Failure(path, "torch", code, path_fallback=code == 126)


def test_start_up_code_refused(tree: Tree) -> None:
    found = explained(tree, of_torch(tree, 1114))

    assert found.code == "initialization-failed"
    text = golden("initialization-failed", found)
    assert "import torch failed with WinError 1114." in text


def test_start_up_code_refused_and_the_runtime_is_too_old(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    c10 = build_pe(imports={"MSVCP140.dll": ["_Cnd_wait"]}, linker=(14, 42))
    tree.install("torch", "2.9.0", {C10: c10})

    found = explained(tree, of_torch(tree, 1114))

    assert found.code == "vc-runtime-too-old"
    assert found.severity == "error"
    assert found.summary.startswith("import torch failed with WinError 1114.")
    golden("vc-runtime-too-old-1114", found)


def test_start_up_code_refused_and_another_copy_is_loaded(tree: Tree) -> None:
    tree.write(tree.site / "torch/lib/uv.dll", file_version=(1, 50, 0, 0))
    uv = tree.pe(exports=["function"])
    tree.install("uvloop", "1.0", {"uvloop/uv.dll": uv})
    (tree.site / C10).write_bytes(tree.pe("uv.dll"))
    host = tree.live()
    loaded = {**host.process.loaded, "uv.dll": str(tree.site / "uvloop/uv.dll")}
    host = replace(host, process=replace(host.process, loaded=loaded))

    found = explained(tree, of_torch(tree, 1114), host)

    assert found.code == "conflicting-copies"
    assert found.severity == "error"


@pytest.mark.parametrize("code", [5, 225, 226, 577, 1260, 4551])
def test_somebody_does_not_allow_it(tree: Tree, code: int) -> None:
    found = explained(tree, of_torch(tree, code))

    assert found.code == "blocked-by-policy"
    assert f"(WinError {code})" in found.headline
    if code == 4551:
        golden("blocked-by-policy", found)


def test_a_refusal_stands_whatever_the_files_show_besides(tree: Tree) -> None:
    (tree.site / C10).write_bytes(tree.pe("gone.dll"))

    found = explained(tree, of_torch(tree, 4551))

    assert found.code == "blocked-by-policy"
    assert "gone.dll is missing" in found.summary
    assert found.also == ("c10.dll -> gone.dll   NOT FOUND",)


def test_a_side_by_side_assembly(tree: Tree) -> None:
    found = explained(tree, of_torch(tree, 14001))

    assert found.code == "side-by-side"
    golden("side-by-side", found)


@pytest.mark.parametrize("code", [8, 14, 1455])
def test_memory(tree: Tree, code: int) -> None:
    found = explained(tree, of_torch(tree, code))

    assert found.code == "out-of-memory"
    if code == 1455:
        golden("out-of-memory", found)


@pytest.mark.parametrize("code", [126, 127, 182, 193, 998, 206, 32, None])
def test_the_honest_answer(tree: Tree, code: int | None) -> None:
    failure = replace(of_torch(tree, 998), winerror=code)

    found = explained(tree, failure)

    assert found.code == "not-determined"
    if code == 127:
        golden("not-determined", found)


def test_the_code_contradicts_the_files(tree: Tree) -> None:
    (tree.site / C10).write_bytes(tree.pe("gone.dll"))

    found = explained(tree, of_torch(tree, 1114))

    assert found.code == "not-determined"
    assert found.winerror == 1114
    text = golden("not-determined-contradiction", found)
    assert "gone.dll is missing" in text.replace("\n", " ")
    assert "Which of the two stopped the load is not known" in text.replace("\n", " ")
    assert "nothing is missing" not in text


@pytest.mark.parametrize(("code", "kind"), [(127, "missing"), (126, "export")])
def test_other_contradictions(tree: Tree, code: int, kind: str) -> None:
    tree.write(tree.site / "torch/lib/x.dll", exports=["other"])
    name = "gone.dll" if kind == "missing" else "x.dll"
    (tree.site / C10).write_bytes(tree.pe(name))

    assert explained(tree, of_torch(tree, code)).code == "not-determined"


@pytest.mark.parametrize(
    ("code", "content", "expected"),
    [
        (126, "missing", "missing-dll"),
        (193, "machine", "package-wrong-architecture"),
        (193, "text", "unreadable-dll"),
        (126, "text", "unreadable-dll"),  # what Wine says of a bad import
        (None, "missing", "missing-dll"),
    ],
)
def test_the_code_fits_the_files(
    tree: Tree, code: int | None, content: str, expected: str
) -> None:
    contents = {
        "missing": tree.pe("gone.dll"),
        "machine": build_pe(machine=X86),
        "text": b"<html>",
    }
    (tree.site / C10).write_bytes(contents[content])

    found = explained(tree, replace(of_torch(tree, 998), winerror=code))

    assert found.code == expected
    assert found.summary.startswith("import torch failed")
    if code is not None:
        assert found.winerror == code


def test_the_exception_names_no_file(tree: Tree) -> None:
    found = explained(tree, Failure(None, "torch", 1114))

    assert found.code == "initialization-failed"
    assert "The exception does not name the file." in found.summary


def test_several_faults_are_all_named(tree: Tree) -> None:
    (tree.site / C10).write_bytes(tree.pe("one.dll", "two.dll"))

    found = explained(tree, of_torch(tree, 126))

    assert found.culprit == "one.dll"
    assert found.also == ("c10.dll -> two.dll   NOT FOUND",)
    assert "PATH, 0 folders (torch tries again with it)" in found.searched


def test_an_extension_module_knows_the_last_part_of_its_name(tree: Tree) -> None:
    # CPython's ImportError has name='_C' for torch._C.
    (tree.site / C10).write_bytes(tree.pe("gone.dll"))
    path = tree.site / "torch/_C.cp311-win_amd64.pyd"

    found = explained(tree, Failure(str(path), "_C", 126), tree.live())

    assert found.target == "torch"
    assert found.summary.startswith("import torch failed with WinError 126.")
    # Owned by torch, so RECORD can be asked, and torch's own folder is searched.
    assert "RECORD of torch 2.9.0 does not list gone.dll" in str(found)


def test_an_extension_module_at_the_top(tree: Tree) -> None:
    path = tree.write(tree.site / "_cffi.pyd", imports={"ffi.dll": ["f"]})

    found = explained(tree, Failure(str(path), "_cffi", 126))

    assert found.target == "_cffi"


def test_ctypes_with_a_full_path(tree: Tree) -> None:
    path = tree.write(tree.root / "own" / "areas.dll", imports={"lengths.dll": ["f"]})

    found = explained(tree, Failure(str(path), None, 126))

    assert found.code == "missing-dll"
    assert found.summary.startswith(r"loading C:\own\areas.dll failed")


def test_ctypes_with_a_bare_name(tree: Tree) -> None:
    found = explained(tree, Failure("areas.dll", None, 126, by="ctypes"))

    assert found.code == "missing-dll"
    text = golden("missing-dll-ctypes", found)
    # `dllguard check` looks at packages and files, not at bare names.
    assert "dllguard check" not in text


def test_ctypes_with_a_bare_name_on_path(tree: Tree) -> None:
    folder = tree.root / "VLC"
    tree.write(folder / "libvlc.dll")

    found = explained(tree, Failure("libvlc.dll", None, 126), tree.live(path=[folder]))

    assert found.code == "not-on-search-path"
    assert found.found == r"C:\VLC\libvlc.dll (x64)"


def test_ctypes_with_a_bare_name_that_is_found(tree: Tree) -> None:
    tree.write(tree.python / "libvlc.dll", imports={"libvlccore.dll": ["f"]})

    found = explained(tree, Failure("libvlc", None, 126))

    assert found.culprit == "libvlccore.dll"


def test_ctypes_with_the_path_of_a_file_that_is_not_there(tree: Tree) -> None:
    path = tree.root / "VLC" / "libvlc.dll"
    tree.write(tree.root / "other" / "libvlc.dll")

    found = explained(tree, Failure(str(path), None, 126))

    assert found.code == "missing-product"
    assert "The file itself is not there." in found.summary

    host = tree.live(path=[tree.root / "other"])

    assert explained(tree, Failure(str(path), None, 126), host).code == (
        "not-on-search-path"
    )


def vision(tree: Tree, imports: bytes) -> Failure:
    """Install a torchvision, which keeps a failed load to itself."""
    files = {"torchvision/_C.pyd": imports}
    tree.install("torchvision", "0.24.0", files, requires=["torch"])
    return Failure(None, "torchvision._meta", swallowed_by="torchvision")


def test_a_swallowed_load(tree: Tree) -> None:
    found = explained(tree, vision(tree, tree.pe("gone.dll", "lost.dll")))

    assert found.code == "missing-dll"
    assert found.summary.startswith(r"loading torchvision\_C.pyd failed with WinError")
    assert found.also == ("_C.pyd -> lost.dll   NOT FOUND",)


def test_a_swallowed_load_that_is_in_order(tree: Tree) -> None:
    assert explain_failure(vision(tree, tree.pe("c10.dll")), tree.live()) is not None

    (tree.site / "torch/lib/c10.dll").write_bytes(build_pe(exports=["function"]))

    failure = Failure(None, "torchvision._meta", swallowed_by="torchvision")
    assert explain_failure(failure, tree.live()) is None


def test_no_load_stands_behind_the_exception() -> None:
    assert explain(ValueError("nothing to do with it")) is None


def fresh(monkeypatch: pytest.MonkeyPatch, trial: Trial) -> None:
    """Let a repeated load in a process of its own end like this."""
    monkeypatch.setattr(_explain, "try_again", lambda *_: trial)


def test_start_up_code_refuses_in_a_fresh_process_as_well(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(monkeypatch, Trial("c10.dll", 1114))

    found = explained(tree, of_torch(tree, 1114))

    assert found.code == "initialization-failed"
    text = golden("initialization-failed-in-a-fresh-process", found)
    assert "in a fresh process it fails with WinError 1114 as well" in text


def test_start_up_code_runs_in_a_fresh_process(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(monkeypatch, Trial("c10.dll", 0, modules=(str(tree.site / C10),)))

    found = explained(tree, of_torch(tree, 1114))

    text = golden("initialization-failed-here-alone", found)
    assert "in a fresh process the same file loads" in text
    assert "import this package before all others" in text.replace("\n", " ")


@pytest.mark.parametrize("what", ["note", "help"])
def test_what_a_trial_rules_out_is_not_said(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    fresh(monkeypatch, Trial("c10.dll", 1114))

    found = explained(tree, of_torch(tree, 1114))

    if what == "note":
        assert "another package has loaded" not in (found.note or "")
    else:
        assert not found.help[0].text.startswith("then ")


@pytest.mark.parametrize("ended", [Trial("c10.dll", 0), Trial("c10.dll", crashed=3)])
def test_a_trial_leaves_the_code_of_the_exception(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, ended: Trial
) -> None:
    fresh(monkeypatch, ended)

    assert explained(tree, of_torch(tree, 998)).winerror == 998


def test_a_trial_tells_a_code_that_is_not_known(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(monkeypatch, Trial("c10.dll", 1114))

    found = explained(tree, replace(of_torch(tree, 998), winerror=None))

    assert (found.code, found.winerror) == ("initialization-failed", 1114)


def test_files_that_show_the_reason_are_not_tried(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree.site / C10).write_bytes(tree.pe("gone.dll"))
    fresh(monkeypatch, Trial("c10.dll", 1114))

    found = explained(tree, replace(of_torch(tree, 126), winerror=None))

    assert found.code == "missing-dll"
    assert "fresh process" not in str(found)


def test_a_forwarder_that_leads_nowhere_is_named(tree: Tree) -> None:
    c10 = build_pe(imports={"fwd.dll": ["f"]})
    (tree.site / C10).write_bytes(c10)
    tree.write(tree.site / "torch/lib/fwd.dll", exports=[], forwarders={"f": "tgt.f"})

    found = explained(tree, of_torch(tree, 127))

    assert "tgt.f" in str(found)
