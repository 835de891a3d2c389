"""One report on many targets: each file once, each cure once."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from dllguard._hosts._host import Host
from dllguard._hosts._offline import built_in_host
from dllguard._judge import judge
from dllguard._preflight import report_on
from dllguard._targets._selection import Selection
from dllguard._targets._survey import survey
from dllguard._targets._whole import everything
from dllguard._verdict import Report
from tests.texts import SCHEMA
from tests.trees import Tree


def surveyed(host: Host, folder: Path, processes: int = 1) -> Report:
    whole = everything(host.environment, str(folder))
    return survey(Selection(host, whole=whole), processes=processes)


def test_names_are_judged_as_ever(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("a.dll")})
    requires = ["shapes"]
    files = {"cubes/_core.pyd": tree.pe()}
    tree.install("cubes", "1.0", files, requires=requires)
    names = ("cubes", "shapes", "absent")
    notes = {"cubes": ("A note.",)}

    found = survey(Selection(tree.host(), names, notes=notes), processes=1)

    plain = report_on(tree.host(), names)
    assert found.targets[0].notes == (*plain.targets[0].notes, "A note.")
    assert found.targets[1:] == plain.targets[1:]
    assert found.host == plain.host


def test_distribution_answers_for_its_own_files(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("gone.dll")})
    files = {"cubes/_core.pyd": tree.pe()}
    tree.install("cubes", "1.0", files, requires=["shapes"])

    found = surveyed(tree.host(), tree.site)

    cubes, shapes = found.targets
    assert not judge(tree.host(), "cubes").ok
    assert cubes.ok
    assert [Path(file.path).parent.name for file in cubes.files] == ["cubes"]
    assert cubes.notes == ("it requires shapes, which would not load.",)
    assert not shapes.ok
    assert shapes.notes == ()
    assert len(found.diagnoses) == 1


def test_own_failure_of_the_same_cause_stays_one(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("MSVCP140.dll")})
    files = {"cubes/_core.pyd": tree.pe("MSVCP140.dll")}
    tree.install("cubes", "1.0", files, requires=["shapes"])

    found = surveyed(tree.host(), tree.site)

    assert [target.ok for target in found.targets] == [False, False]
    assert [target.files[0].code for target in found.targets] == [
        "missing-vc-runtime",
        "missing-vc-runtime",
    ]


def test_what_one_cure_ends_is_told_once(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    names = [f"shapes{number:02}" for number in range(30)]
    for name in names:
        tree.install(name, "1.0", {f"{name}/_{name}.pyd": tree.pe("MSVCP140.dll")})
    tree.write(tree.site / "left" / "_left.pyd", imports={"MSVCP140.dll": ["function"]})

    found = surveyed(tree.host(), tree.site)

    assert len(found.targets) == 31
    assert not any(target.ok for target in found.targets)
    (diagnosis,) = found.diagnoses
    assert diagnosis.chain[0].name == "_shapes00.pyd"
    assert diagnosis.also[0] == "_shapes01.pyd -> MSVCP140.dll   NOT FOUND"
    assert diagnosis.also[-1] == "and 10 more"
    assert str(found).count("winget install") == 1


def test_different_causes_stay_apart(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("MSVCP140.dll")})
    tree.install("cubes", "1.0", {"cubes/_core.pyd": tree.pe("one.dll")})
    tree.install("solids", "1.0", {"solids/_core.pyd": tree.pe("two.dll")})

    found = surveyed(tree.host(), tree.site)

    culprits = {d.culprit for d in found.diagnoses}
    assert culprits == {"MSVCP140.dll", "one.dll", "two.dll"}


def test_warning_of_a_pair_is_told_by_its_owner(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("torch", "2.0.0", {"torch/_C.pyd": tree.pe()})
    files = {"torchvision/_C.pyd": tree.pe()}
    tree.install("torchvision", "0.1", files, requires=["torch==1.0"])
    files = {"shapes/_core.pyd": tree.pe()}
    tree.install("shapes", "1.0", files, requires=["torchvision"])

    found = surveyed(tree.host(), tree.site)

    warned = {t.name: [d.code for d in t.diagnoses] for t in found.targets}
    assert warned == {"shapes": [], "torch": [], "torchvision": ["version-mismatch"]}


def test_two_that_require_each_other(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for name, other in (("shapes", "cubes"), ("cubes", "shapes")):
        files = {f"{name}/_{name}.pyd": tree.pe(f"{name}-gone.dll")}
        tree.install(name, "1.0", files, requires=[other])

    found = surveyed(tree.host(), tree.site)

    assert [t.ok for t in found.targets] == [False, False]
    told = {t.name: {d.culprit for d in t.diagnoses} for t in found.targets}
    assert told["cubes"] >= {"cubes-gone.dll"}
    assert told["shapes"] >= {"shapes-gone.dll"}


@pytest.mark.parametrize("loose", [False, True])
def test_files_of_no_distribution_have_one_result(
    tmp_path: Path, *, loose: bool
) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe()})
    if loose:
        tree.write(tree.site / "left" / "_a.pyd", imports={"gone.dll": ["f"]})
        tree.write(tree.site / "_b.pyd", imports={"gone.dll": ["f"]})

    found = surveyed(tree.host(), tree.site)

    names = ["shapes", str(tree.site)] if loose else ["shapes"]
    assert [target.name for target in found.targets] == names
    if loose:
        assert len(found.targets[1].files) == 2
        assert not found.targets[1].ok


def test_empty_folder(tmp_path: Path) -> None:
    found = surveyed(built_in_host((str(tmp_path),), (3, 11)), tmp_path)

    assert [(t.name, t.ok, t.files) for t in found.targets] == [
        (str(tmp_path), True, ())
    ]


def test_report_is_valid(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("MSVCP140.dll")})
    tree.write(tree.site / "left.pyd")

    found = surveyed(tree.host(), tree.site).to_dict()

    jsonschema.validate(json.loads(json.dumps(found)), SCHEMA)
