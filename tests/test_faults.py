"""From faults to diagnoses, and those that one cure ends joined to one."""

from __future__ import annotations

from pathlib import Path

from dllguard._causes._faults import joined, with_others
from dllguard._judge import judge
from dllguard._model import Link
from dllguard._verdict import Diagnosis, Remedy
from tests.pebuilder import build_pe
from tests.texts import golden, obey
from tests.trees import Tree

CURE = Remedy("do it:", ("do-it",))
OTHER = Remedy("do that:", ("do-that",))
CHECK = Remedy("then check:", ("check",))


def diagnosis(
    name: str, cure: Remedy = CURE, code: str = "missing-dll", **fields: str
) -> Diagnosis:
    """Return an error, unless `severity` says otherwise."""
    return Diagnosis(
        code=code,
        headline=f"{name} not found",
        summary="",
        chain=(Link("a.pyd", r"C:\a.pyd"), Link("b.dll", r"C:\b.dll"), Link(name)),
        chain_end="NOT FOUND",
        help=(cure, CHECK),
        wanted=fields.get("wanted"),
        severity="warning" if fields.get("severity") == "warning" else "error",
    )


def test_one_cure_one_diagnosis() -> None:
    found = joined([diagnosis("x.dll"), diagnosis("y.dll"), diagnosis("z.dll", OTHER)])

    assert [d.chain[-1].name for d in found] == ["x.dll", "z.dll"]
    assert found[0].also == ("b.dll -> y.dll   NOT FOUND",)
    assert found[1].also == ()


def test_the_newest_of_the_wanted_versions_serves_all() -> None:
    first = diagnosis("x.dll", wanted="runtime x64")
    others = [
        diagnosis(n, wanted=f"runtime x64, {n} or newer") for n in ("14.20", "14.38")
    ]

    (found,) = joined([first, *others])

    assert found.wanted == "runtime x64, 14.38 or newer"


def test_another_code_is_another_diagnosis() -> None:
    found = joined([diagnosis("x.dll"), diagnosis("y.dll", code="debug-runtime")])

    assert len(found) == 2


def test_an_error_takes_in_the_warnings_that_its_cure_ends() -> None:
    warning = diagnosis("y.dll", code="vc-runtime-too-old", severity="warning")
    other = diagnosis("z.dll", OTHER, code="version-mismatch", severity="warning")

    found = joined([diagnosis("x.dll"), warning, other])

    assert [d.severity for d in found] == ["error", "warning"]
    assert found[0].also == ("b.dll -> y.dll   NOT FOUND",)


def test_a_warning_takes_in_no_error() -> None:
    warning = diagnosis("x.dll", severity="warning")

    found = joined([warning, diagnosis("y.dll")])

    (error,) = found
    assert error.severity == "error"
    assert error.chain[-1].name == "y.dll"


def test_others_are_named_once() -> None:
    found = with_others(diagnosis("x.dll"), diagnosis("y.dll"), diagnosis("y.dll"))

    assert found.also == ("b.dll -> y.dll   NOT FOUND",)


def test_what_has_no_chain_is_named_by_its_headline() -> None:
    other = Diagnosis(code="changed-installation", headline="changed", summary="")

    assert with_others(diagnosis("x.dll"), other).also == ("changed",)


def test_three_files_of_one_redistributable(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    wanted = "MSVCP140.dll", "VCOMP140.DLL", "VCRUNTIME140_THREADS.dll"
    files = {
        "shapes/_a.pyd": build_pe(
            imports={name: ["f"] for name in wanted}, linker=(14, 44)
        ),
        "shapes/_b.pyd": tree.pe("geos_c.dll"),
    }
    tree.install("shapes", "1.0", files)

    runtime, other = tree.plain(judge(tree.live(), "shapes")).diagnoses

    assert runtime.code == "missing-vc-runtime"
    assert other.code == "missing-dll"
    obey(other)
    text = golden("several-faults", runtime)
    assert "_a.pyd -> VCOMP140.DLL" in text
    assert "_a.pyd -> VCRUNTIME140_THREADS.dll" in text
    assert "geos_c" not in text


def test_a_runtime_that_is_too_old_in_two_ways(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    wanted = {"MSVCP140.dll": ["f"], "VCRUNTIME140_THREADS.dll": ["f"]}
    image = build_pe(imports=wanted, linker=(14, 44))
    tree.install("shapes", "1.0", {"shapes/_a.pyd": image})

    (found,) = tree.plain(judge(tree.live(), "shapes")).diagnoses

    obey(found)
    assert found.code == "missing-vc-runtime"
    assert found.also == ("_a.pyd -> msvcp140.dll   TOO OLD",)
