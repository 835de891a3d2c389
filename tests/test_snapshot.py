"""A machine and its snapshot are judged alike, wherever the snapshot is read."""

from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

import dllguard
from dllguard._causes import _exports
from dllguard._hosts._anonymous import Secrets, anonymous
from dllguard._hosts._built_in import built_in
from dllguard._hosts._facts import host_dict, host_text
from dllguard._hosts._host import Host
from dllguard._judge import TargetError, judge
from dllguard._paths import base_name
from dllguard._preflight import report_on
from dllguard._snapshots._restored import restored
from dllguard._snapshots._snapshot import snapshot
from dllguard._targets._installed import with_prefix
from dllguard._targets._selection import Selection, selected
from dllguard._targets._survey import survey
from dllguard._targets._whole import everything
from tests.field_case import Case, Machine, cases
from tests.pebuilder import X86, build_pe
from tests.snapshots import again, data_of, told
from tests.trees import Tree

SCHEMA: Final[dict[str, Any]] = json.loads(
    Path(dllguard.__file__).with_name("snapshot-schema.json").read_text("utf-8")
)
CASES: Final = [case for case in cases() if "target" in case.check]


@pytest.fixture(autouse=True)
def names_stay_decorated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do without the tools that know C++ names, which not every machine has."""
    monkeypatch.setattr(_exports, "undecorated", {}.get)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_field_case_is_judged_alike(case: Case, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "C", case.content)
    target = case.check["target"]
    paths = [str(machine.path(target))] if "/" in target else []
    target = paths[0] if paths else target
    want = told(machine.host(), target)
    data, facts = data_of(machine.host(), paths), host_dict(machine.host())
    # Nothing of the machine is at hand any more.
    (tmp_path / "C").rename(tmp_path / "gone")

    assert told(restored(data), target) == want
    assert host_dict(restored(data)) == facts
    jsonschema.validate(data, SCHEMA)

    # One call for all, so that each name has one stand-in.
    secrets = Secrets(users=("me",))
    both = {"data": data, "target": target, "want": want}
    shared: dict[str, Any] = anonymous(both, secrets)
    assert told(restored(shared["data"]), shared["target"]) == shared["want"]


@pytest.fixture
def shapes(tree: Tree) -> Tree:
    """Return a machine with a package that needs what is not there, and others."""
    files = {
        "shapes/_core.pyd": tree.pe("geos.dll"),
        "shapes/_fine.pyd": tree.pe("KERNEL32.dll"),
        "shapes/__init__.py": b"from . import _core\n",
    }
    tree.install("shapes", "1.0", files)
    tree.install("pure", "2.0", {"pure.py": b""}, requires=["shapes"])
    tree.install("wholesome", "3.0", {"wholesome/_a.pyd": tree.pe("KERNEL32.dll")})
    (tree.site / "bare").mkdir()
    (tree.site / "bare" / "_native.pyd").write_bytes(tree.pe("lost.dll"))
    (tree.site / "single.pyd").write_bytes(tree.pe("KERNEL32.dll"))
    return tree


@pytest.mark.parametrize(
    "target", ["shapes", "pure", "wholesome", "bare", "single", "absent"]
)
@pytest.mark.parametrize("live", [True, False], ids=["live", "offline"])
def test_each_kind_of_target(shapes: Tree, target: str, *, live: bool) -> None:
    host = shapes.live if live else shapes.host

    assert told(again(host()), target) == told(host(), target)


def test_what_an_import_leaves_alone_is_known(tree: Tree) -> None:
    files = {
        "shapes/_plain.pyd": tree.pe("KERNEL32.dll"),
        "shapes/extra/_plots.pyd": tree.pe("lost.dll"),
        "shapes/__init__.py": b"from . import _plain\n",
        "shapes/extra/__init__.py": b"from . import _plots\n",
    }
    tree.install("shapes-kit", "1.0", files)
    host = again(tree.host())

    for name in ("shapes-kit", "shapes"):
        want = told(tree.host(), name)
        assert [d["severity"] for d in want["diagnoses"]] == ["warning"]
        assert told(host, name) == want


def test_distribution_in_another_spelling(tree: Tree) -> None:
    files = {
        "shapes/__init__.py": b"from . import _plain\n",
        "shapes/_plain.pyd": tree.pe("KERNEL32.dll"),
        "shapes/extra/__init__.py": b"",
        "shapes/extra/_plots.pyd": tree.pe("lost.dll"),
    }
    tree.install("Shapes.Kit", "1.0", files)

    result = judge(again(tree.host()), "shapes-kit")

    assert [d.severity for d in result.diagnoses] == ["warning"]


def test_folders_that_packages_add_are_known(tree: Tree) -> None:
    adding = (
        b"import os\nos.add_dll_directory(os.path.dirname(__file__) + '/../libs')\n"
    )
    files = {
        "shapes/_core.pyd": tree.pe("geos.dll"),
        "libs/geos.dll": tree.pe("KERNEL32.dll"),
        "shapes/__init__.py": adding,
    }
    tree.install("shapes", "1.0", files)

    host = again(tree.host())

    assert judge(host, "shapes").ok
    assert told(host, "shapes") == told(tree.host(), "shapes")


@pytest.mark.parametrize(
    "name", ["win11", "win10-1809+redist=14.29", "win7+python=3.8"]
)
def test_built_in_host(name: str, shapes: Tree) -> None:
    host = built_in(name, [str(shapes.site)])

    for target in ("shapes", "wholesome"):
        assert told(again(host), target) == told(host, target)


def test_whole_environment(shapes: Tree) -> None:
    host = again(shapes.host())

    def whole(host: Any) -> Any:
        found = everything(host.environment)
        return survey(Selection(host, whole=found), processes=1).to_dict()

    assert whole(host) == whole(shapes.host())


def test_by_processes_of_its_own(shapes: Tree) -> None:
    host = pickle.loads(pickle.dumps(again(shapes.host())))

    assert told(host, "shapes") == told(shapes.host(), "shapes")


def test_path_of_the_snapshot(shapes: Tree) -> None:
    host, path = again(shapes.host()), str(shapes.site / "shapes" / "_core.pyd")
    want = told(shapes.host(), path)
    shapes.python.rename(shapes.root / "gone")

    assert told(host, path) == want
    assert told(host, str(shapes.site / "shapes"))["files"]
    with pytest.raises(TargetError, match="no such file"):
        judge(host, str(shapes.site / "shapes" / "_other.pyd"))


def test_path_of_this_machine(shapes: Tree, tmp_path: Path) -> None:
    host = again(shapes.host())
    own = tmp_path / "own" / "tool.pyd"
    shapes.write(own, imports={"helper.dll": ["function"], "vcomp140.dll": ["f"]})
    shapes.write(own.with_name("helper.dll"))

    result = judge(host, str(own))

    assert [file.culprit for file in result.files] == ["vcomp140.dll"]
    assert result.files[0].resolved["helper.dll"] == str(own.with_name("helper.dll"))


def test_folder_that_the_program_adds(shapes: Tree, tmp_path: Path) -> None:
    host = again(shapes.host())
    shapes.write(tmp_path / "own" / "geos.dll")

    assert not judge(host, "shapes").ok
    assert judge(host.adding(str(tmp_path / "own")), "shapes").ok
    assert host.adding(str(shapes.system)).process.added[0] == str(shapes.system)


def test_wheel_on_the_machine_of_a_snapshot(tree: Tree, tmp_path: Path) -> None:
    """Its packages are those of the wheel, its runtime that of the machine."""
    site = tmp_path / "wheel" / "Lib" / "site-packages"
    (site / "dots").mkdir(parents=True)
    core = tree.pe("MSVCP140.dll", "dots.dll")
    (site / "dots" / "_core.pyd").write_bytes(core)
    (site / "dots.libs").mkdir()
    (site / "dots.libs" / "dots.dll").write_bytes(tree.pe())
    adding = "import os\nos.add_dll_directory(os.path.dirname(__file__) + '.libs')\n"
    (site / "dots" / "__init__.py").write_text(adding, "utf-8")
    prefix = str(tmp_path / "wheel")
    without = again(tree.live())
    for name in ("msvcp140.dll", "vcomp140.dll"):
        tree.write(tree.system / name, file_version=(14, 44, 1, 0))
    runtime = again(tree.live())
    tree.windows.rename(tree.root / "gone")

    lacking = judge(with_prefix(without, prefix), "dots")
    found = judge(with_prefix(runtime, prefix), "dots")

    assert [d.code for d in lacking.diagnoses] == ["missing-vc-runtime"]
    assert found.ok, found.diagnoses
    assert found.files[0].resolved["dots.dll"].endswith("dots.dll")


def test_symbols_of_a_wheel_are_compared_with_the_runtime(
    tree: Tree, tmp_path: Path
) -> None:
    site = tmp_path / "wheel" / "Lib" / "site-packages"
    (site / "dots").mkdir(parents=True)
    wanted = {"msvcp140.dll": ["function", "of_a_later_release"]}
    (site / "dots" / "_core.pyd").write_bytes(build_pe(imports=wanted))
    (site / "dots" / "__init__.py").touch()
    tree.write(tree.system / "msvcp140.dll", file_version=(14, 20, 1, 0))

    result = judge(with_prefix(again(tree.host()), str(tmp_path / "wheel")), "dots")

    assert [file.winerror for file in result.files] == [127]


def test_facts_are_those_of_the_machine(shapes: Tree) -> None:
    live = dataclasses.replace(
        shapes.live(path=[shapes.root / "tools"]),
        release="3.11.9",
        registered="14.44.35211.00",
    )

    host = again(live)

    assert host_dict(host) == host_dict(live)
    assert host_text(host) == host_text(live)
    assert "PATH, 1 folders" in host_text(host)
    assert not host.live
    assert host.observed
    assert not again(shapes.host()).observed


def test_a_restored_host_is_of_the_same_machine_type(tmp_path: Path) -> None:
    tree = Tree(tmp_path, machine=X86)
    tree.install(
        "shapes", "1.0", {"shapes/_core.pyd": build_pe(imports={"a.dll": ["f"]})}
    )

    result = judge(again(tree.host()), "shapes")

    assert [d.code for d in result.diagnoses] == ["package-wrong-architecture"]


def test_report_on_a_restored_host(shapes: Tree) -> None:
    report = report_on(again(shapes.host()), ("shapes", "wholesome"))

    assert [target.ok for target in report.targets] == [False, True]


def test_progress_and_targets(shapes: Tree) -> None:
    begun: list[str] = []
    path = str(shapes.site / "single.pyd")

    snapshot(shapes.host(), [path], begin=begun.append)

    assert path in begun
    assert {"shapes", "wholesome", "bare", "single"} <= set(begun)
    with pytest.raises(TargetError, match="no such file"):
        snapshot(shapes.host(), [f"{path}x"])


def test_nothing_private(shapes: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    home = shapes.root / "Users" / "rumpelstiltskin"
    shapes.write(home / "tools" / "helper.dll")
    (home / "tools" / "diary.docx").touch()
    (home / "tools" / "unpublished").mkdir()
    monkeypatch.setenv("USERNAME", "rumpelstiltskin")
    monkeypatch.setenv("COMPUTERNAME", "SPINNINGWHEEL")
    host = shapes.live(path=[home / "tools"])
    host = dataclasses.replace(
        host,
        process=dataclasses.replace(host.process, current=str(home / "tools")),
        circumstances=dataclasses.replace(
            host.circumstances,
            variables={"CUDA_PATH": r"\\SPINNINGWHEEL\cuda", "VIRTUAL_ENV": str(home)},
        ),
    )

    text = json.dumps(snapshot(host)).lower()

    assert "helper.dll" in text
    for secret in ("rumpelstiltskin", "spinningwheel", "diary", "unpublished"):
        assert secret not in text


def test_schema_refuses_what_is_wrong(shapes: Tree) -> None:
    data = data_of(shapes.host())
    jsonschema.validate(data, SCHEMA)
    data["folders"]["C:\\x"] = {"names": [], "files": {"a.dll": {"size": "7"}}}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)


def test_environment_of_a_folder_on_the_windows_of_a_snapshot(tmp_path: Path) -> None:
    """Its packages and its Python lie here; System32 is that of the snapshot."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").mkdir()
    theirs = Tree(tmp_path / "theirs", redistributable=(14, 44, 35211, 0))
    ours = Tree(tmp_path / "ours")
    files = {"dots/_a.pyd": ours.pe("MSVCP140.dll"), "dots/_b.pyd": ours.pe("geos.dll")}
    ours.install("dots", "1.0", files)
    host = again(theirs.live())
    theirs.root.rename(tmp_path / "gone")
    ours.windows.rename(tmp_path / "away")

    selection = selected([str(ours.python)], lambda _: host)
    report = survey(selection, processes=1)

    files_of = {base_name(f.path): f for t in report.targets for f in t.files}
    first = files_of["_a.pyd"]
    assert first.winerror == 0
    assert first.resolved["msvcp140.dll"].startswith(str(theirs.system))
    assert files_of["_b.pyd"].culprit == "geos.dll"


@pytest.mark.parametrize(
    "row",
    ["shapes/long.txt,," + "9" * 5000, '"shapes/open,,', '"' + "x" * 200_000 + '",,'],
    ids=["long-number", "open-quote", "long-field"],
)
def test_a_garbled_row_of_record_spoils_no_other(shapes: Tree, row: str) -> None:
    record = shapes.site / "shapes-1.0.dist-info" / "RECORD"
    rows = record.read_text("utf-8")
    record.write_text(f"{row}\n{rows}", "utf-8")

    live = shapes.live()
    copy = again(live)

    def natives(host: Host) -> list[str]:
        distribution = host.environment.distribution("shapes")
        assert distribution is not None
        return [base_name(file.path) for file in distribution.natives]

    assert natives(live) == natives(copy) == ["_core.pyd", "_fine.pyd"]
