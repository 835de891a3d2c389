"""Targets and hosts on the command line: wheels, files, folders, names, modules."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jsonschema
import pytest

from dllguard import _fetch
from tests.bench import BenchFactory
from tests.command_runs import Runner
from tests.pebuilder import build_pe
from tests.published import torchvision_wheels
from tests.texts import SCHEMA
from tests.trees import Tree
from tests.wheel_files import wheel

ON_WINDOWS = sys.platform == "win32"
RUNTIME = "VCRUNTIME140_THREADS.dll"


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Runner:
    """Return what runs commands, in an empty folder and with an empty cache."""
    monkeypatch.setenv("DLLGUARD_CACHE", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Runner(capsys)


def pe(*imports: str) -> bytes:
    return build_pe(imports={name: ["f"] for name in imports}, exports=["f"])


@pytest.fixture
def wheels(tmp_path: Path) -> list[Path]:
    """Return two wheels, of which one wants a runtime of 14.38 or newer."""
    here = tmp_path / "dist"
    return [
        wheel(here, "shapes", "1.0", {"shapes/_core.pyd": pe("MSVCP140.dll")}),
        wheel(here, "solids", "2.0", {"solids/_core.pyd": pe(RUNTIME)}),
    ]


# Wheels and hosts.


@pytest.mark.parametrize(
    ("host", "codes"),
    [
        ("win11", [1, 1]),
        ("win11+redist=14.29", [0, 1]),
        ("win11+redist=14.44", [0, 0]),
    ],
)
def test_wheels_on_a_named_host(
    run: Runner, wheels: list[Path], host: str, codes: list[int]
) -> None:
    assert [run("check", path, "--host", host).code for path in wheels] == codes


def test_wheels_without_a_host_are_judged_for_a_clean_windows_11(
    run: Runner, wheels: list[Path]
) -> None:
    code, out, err = run("check", *wheels)

    assert (code, err) == (1, "")
    assert out.splitlines()[0] == "shapes: FAIL, 1 of 1 native file would not load"
    assert "judged for: clean Windows 11" in out


def test_pattern_that_the_shell_left(run: Runner, wheels: list[Path]) -> None:
    found = run("check", wheels[0].parent / "*.whl", "--json")

    names = [target["name"] for target in json.loads(found.out)["targets"]]
    assert names == ["shapes", "solids"]


def test_several_hosts_have_a_report_each(run: Runner, wheels: list[Path]) -> None:
    hosts = ("--host=win11", "--host=win11+redist=14.29", "--host=win11+redist=14.44")
    code, out, err = run("check", *wheels, *hosts)

    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[:6] == [
        "win11: 2 of 2 targets would not load",
        "win11+redist=14.29: 1 of 2 targets would not load",
        "win11+redist=14.44: all 2 targets would load",
        "",
        "for win11:",
        "",
    ]
    assert "for win11+redist=14.29:" in lines
    assert out.count("judged for: clean Windows 11") == 3
    assert max(map(len, lines[:6])) <= 80


def test_several_hosts_as_json_are_a_list(run: Runner, wheels: list[Path]) -> None:
    hosts = ("--host", "win11", "--host", "win11+redist=14.44")
    code, out, _ = run("check", *wheels, *hosts, "--json")
    reports = json.loads(out)

    assert code == 1
    assert [report["ok"] for report in reports] == [False, True]
    for report in reports:
        jsonschema.validate(report, SCHEMA)


def test_host_that_is_named_twice_is_judged_once(
    run: Runner, wheels: list[Path]
) -> None:
    hosts = ("--host", "win11", "--host", "win11")

    assert json.loads(run("check", *wheels, *hosts, "--json").out)["ok"] is False


def test_python_of_a_name_stays(run: Runner, wheels: list[Path]) -> None:
    said = run.refused("check", wheels[0], "--host", "win11+python=3.12")

    assert said == f"{wheels[0]}: is for cp311-cp311-win_amd64, not for Python 3.12 x64"


def test_windows_that_has_no_such_python(run: Runner, wheels: list[Path]) -> None:
    said = run.refused("check", wheels[0], "--host", "win7")

    assert "the last Python for Windows 7" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("win12", "win12 is no built-in host: did you mean win11 or "),
        ("win12", "`dllguard host --list` lists them"),
        ("win11+redist=12", "+redist=12 is no release such as 14.29 or "),
    ],
)
def test_host_that_is_not_known(run: Runner, name: str, said: str) -> None:
    for command in (["check", "x==1"], ["host"]):
        line = run.refused(*command, "--host", name)
        assert line.startswith(f"--host {name}: ")
        assert said in line
        assert len(line) < 160


@pytest.mark.parametrize("name", ["win12", "absent.json"])
def test_host_that_is_not_there_is_told_before_another_is_judged(
    run: Runner, fetched: list[object], name: str
) -> None:
    said = run.refused("check", "shapes==1.0", "--host", "win11", "--host", name)

    assert name in said
    assert fetched == []


@pytest.mark.skipif(ON_WINDOWS, reason="there is a running Windows")
def test_here_is_a_running_windows(run: Runner) -> None:
    for command in (["check", "shapes"], ["host"], ["needs", "x"], ["tree", "x"]):
        said = run.refused(*command, "--host", "here")
        assert said == "there is no running Windows here"


def test_what_says_which_windows_twice(run: Runner, tmp_path: Path) -> None:
    given = "--host", "win11", "--windows", tmp_path

    assert run.refused("check", "x==1", *given) == (
        "--windows: --host win11 says which Windows is meant"
    )
    assert run.refused("check", "x", "--host", "here", "--python", tmp_path) == (
        "--python: --host here has a Python of its own"
    )


def test_python_of_a_folder_on_a_named_windows(run: Runner, tmp_path: Path) -> None:
    tree = Tree(tmp_path / "C", redistributable=(14, 44, 35211, 0))
    tree.install("solids", "2.0", {"solids/_core.pyd": tree.pe(RUNTIME)})
    given = "check", "solids", "--python", tree.python

    assert run(*given, "--windows", tree.windows).code == 0
    assert run(*given, "--host", "win11").code == 1
    assert run(*given, "--host", "win11+redist=14.44").code == 0
    said = run.refused(*given, "--host", "win11+x86")
    assert said.startswith(f"{tree.python}: is Python 3.11 x64, --host win11+x86")


@pytest.mark.bench
def test_published_wheels_on_three_hosts(run: Runner) -> None:
    dist = torchvision_wheels() / "*.whl"
    names = ("win11", "win11+redist=14.29", "win11+redist=14.44")
    hosts = [word for name in names for word in ("--host", name)]

    code, out, _ = run("check", dist, *hosts, "--json")

    assert code == 1
    reports = json.loads(out)
    assert [report["ok"] for report in reports] == [False, False, True]
    culprits = [
        [{d["culprit"] for d in t["diagnoses"]} for t in report["targets"]]
        for report in reports
    ]
    assert culprits == [[{"MSVCP140.dll"}] * 2, [{RUNTIME}] * 2, [set()] * 2]


@pytest.mark.bench
def test_needs_of_published_wheels(run: Runner) -> None:
    found = json.loads(run("needs", torchvision_wheels() / "*.whl", "--json").out)

    (need,) = (n for n in found["needs"] if n["kind"] == "redistributable")
    assert tuple(map(int, need["lowest"].split("."))) >= (14, 38)
    told = [(proof["file"], proof["text"]) for proof in need["proofs"]]
    since = "which came with 14.38 (Visual Studio 2022 17.8)"
    assert ("torch/lib/torch_cpu.dll", f"imports {RUNTIME}, {since}") in told


# Requirement files, requirements, folders, everything.


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[object]:
    """Let every requirement be one that a site-packages fulfils."""
    tree = Tree(tmp_path / "F")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("MSVCP140.dll")})
    tree.install("cubes", "1.0", {"cubes/_core.pyd": tree.pe("vcruntime140.dll")})
    asked: list[object] = []

    def fetch(what: object, *_: object) -> Path:
        asked.append(what)
        return tree.site

    monkeypatch.setattr(_fetch, "fetch", fetch)
    monkeypatch.setattr(_fetch, "fetch_file", fetch)
    return asked


@pytest.mark.parametrize("option", [[], ["-r"], ["--requirement"]], ids=str)
def test_requirement_file(
    run: Runner, tmp_path: Path, fetched: list[object], option: list[str]
) -> None:
    file = tmp_path / "win.txt"
    file.write_text("shapes", "ascii")

    code, out, _ = run("check", *option, file, "--host", "win11")

    assert (code, fetched) == (1, [str(file)])
    assert out.splitlines()[:2] == [
        "cubes: ok, 1 native file would load",
        "shapes: FAIL, 1 of 1 native file would not load",
    ]


@pytest.mark.bench
def test_packages_of_this_python_on_a_named_windows(
    bench_factory: BenchFactory,
) -> None:
    bench = bench_factory("torch==2.15.0", "torchvision==0.29.2", "numpy==1.26.4")

    def code(*words: str) -> int:
        return bench.run("-m", "dllguard", "check", "torch", *words).returncode

    # Neither is fetched: what is installed is judged.
    assert code() == 1
    assert code("--host", "win11+redist=14.44") == 0
    assert code("--host", "win11+redist=14.29") == 1
    assert code("--host", "here") == 1


def test_requirement_on_a_named_host(run: Runner, fetched: list[object]) -> None:
    given = "check", "shapes==1.0"

    assert run(*given, "--host", "win11").code == 1
    assert run(*given, "--host", "win11+redist=14.44").code == 0
    assert fetched == [["shapes==1.0"], ["shapes==1.0"]]


@pytest.mark.skipif(ON_WINDOWS, reason="a bare name is a package here")
def test_name_on_a_named_host_is_fetched_where_nothing_is_installed(
    run: Runner, fetched: list[object]
) -> None:
    assert run("check", "shapes", "--host", "win10").code == 1
    assert fetched == [["shapes"]]


def test_address_of_a_wheel_is_a_requirement(
    run: Runner, fetched: list[object]
) -> None:
    target = "cubes @ https://example.org/cubes-1.0-cp311-cp311-win_amd64.whl"

    assert run("check", target, "--host", "win11").code == 0
    assert fetched == [[target]]


@pytest.mark.parametrize(
    "args", [["-r", "a.txt"], ["--all"], ["x.dll"], ["x.whl"]], ids=str
)
def test_requirements_stand_alone(
    run: Runner, fetched: list[object], args: list[str]
) -> None:
    said = run.refused("check", "shapes==1.0", *args)

    assert said.startswith("requirements and installed targets do not mix: ")
    assert said.endswith(args[-1])
    assert fetched == []


@pytest.mark.skipif(ON_WINDOWS, reason="a bare name is a package here")
def test_module_is_not_a_package(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(*_: object) -> Path:
        raise _fetch.FetchError("Qt.Core: there is none.")

    monkeypatch.setattr(_fetch, "fetch", fetch)

    said = run.refused("check", "Qt.Core", "--host", "win11")
    assert said == "Qt.Core: there is none; of a module, name the package: Qt"
    assert run.refused("check", "Qt", "--host=win11") == "Qt.Core: there is none."


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("shapes._core", "shapes"),
        ("shapes.deep.module", "shapes"),
        ("ruamel.yaml", "ruamel.yaml"),
        ("ruamel.yaml.cyaml", "ruamel.yaml"),
    ],
)
def test_module_means_its_package(
    run: Runner, tmp_path: Path, target: str, name: str
) -> None:
    tree = Tree(tmp_path / "C")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe()})
    tree.install("ruamel.yaml", "1.0", {"ruamel/yaml/_core.pyd": tree.pe()})

    code, out, _ = run("check", target, "--python", tree.python, "--json")
    (found,) = json.loads(out)["targets"]

    assert (code, found["name"]) == (0, name)
    told = f"{target} is a part of {name}, which was judged as a whole."
    assert found["notes"] == ([told] if target != name else [])


def test_module_of_what_is_not_installed(run: Runner, tmp_path: Path) -> None:
    tree = Tree(tmp_path / "C")
    code, out, _ = run("check", "Qt.Core", "--python", tree.python)

    assert code == 1
    assert "error: Qt is not installed in this Python" in out


@pytest.mark.parametrize("folder", ["venv", ".venv", "./venv"])
def test_folder_that_is_an_environment(run: Runner, folder: str) -> None:
    tree = Tree(Path("base"), redistributable=(14, 29, 30139, 0))
    del tree.root
    Path(folder, "Lib", "site-packages").mkdir(parents=True)
    Path(folder, "pyvenv.cfg").write_text(f"home = {os.path.abspath(tree.python)}\n")
    site = Path(folder, "Lib", "site-packages")
    (site / "solids.cp311-win_amd64.pyd").write_bytes(pe(RUNTIME))

    assert run("check", folder, "--host", "win11+redist=14.29").code == 1
    assert run("check", folder, "--host", "win11+redist=14.44").code == 0


def test_everything(run: Runner, tmp_path: Path) -> None:
    tree = Tree(tmp_path / "C")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe()})
    tree.install("solids", "2.0", {"solids/_core.pyd": tree.pe("MSVCP140.dll")})

    code, out, _ = run("check", "--all", "--python", tree.python)

    assert code == 1
    assert "shapes: ok, 1 native file would load" in out
    assert "solids: FAIL, 1 of 1 native file would not load" in out


@pytest.mark.skipif(ON_WINDOWS, reason="this Python has packages for Windows")
def test_everything_of_nothing(run: Runner) -> None:
    said = "--all: {} has no Windows packages; --python DIR has"

    assert run.refused("check", "--all") == said.format("this system")
    where = "--host win11"
    assert run.refused("check", "--all", *where.split()) == said.format(where)


def test_what_is_there_is_not_taken_apart(run: Runner, wheels: list[Path]) -> None:
    absent = wheels[0].with_name("absent.whl")

    assert run.refused("check", absent).startswith(f"{absent}: ")
    assert run.refused("check", "-r", "absent.txt") == "absent.txt: no such file"


# The other commands.


def test_needs(run: Runner, wheels: list[Path]) -> None:
    code, out, err = run("needs", *wheels)

    assert (code, err) == (0, "")
    assert out.startswith("shapes, solids need of a machine (2 native files read)")
    assert "redistributable: Microsoft Visual C++ v14 Redistributable" in out
    proof = r"solids\_core.pyd imports VCRUNTIME140_THREADS.dll, which came with 14.38"
    assert proof in out


def test_needs_as_json(run: Runner, wheels: list[Path]) -> None:
    found = json.loads(run("needs", *wheels, "--json", "--host", "win10").out)

    assert (found["version"], found["targets"]) == (1, ["shapes", "solids"])
    kinds = {need["kind"]: need for need in found["needs"]}
    assert kinds["redistributable"]["lowest"] == "14.38"


def test_needs_of_everything(run: Runner, tmp_path: Path) -> None:
    tree = Tree(tmp_path / "C")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("MSVCP140.dll")})
    tree.write(tree.site / "loose.pyd")

    code, out, _ = run("needs", "--all", "--python", tree.python, "--json")

    assert code == 0
    assert json.loads(out)["targets"][0] == "shapes"


def test_needs_of_nothing(run: Runner, tmp_path: Path) -> None:
    tree = Tree(tmp_path / "C")

    assert run.refused("needs") == (
        "needs: of what? name a TARGET; see dllguard needs --help"
    )
    assert run.refused("needs", "shapes", "--python", tree.python) == (
        "shapes: not installed"
    )


def test_tree(run: Runner, wheels: list[Path]) -> None:
    code, out, err = run("tree", wheels[1], "--host", "win11+redist=14.29")

    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[:3] == [
        "solids: FAIL, 1 of 1 native file would not load",
        r"! solids\_core.pyd   WOULD NOT LOAD (WinError 126)",
        f"! `-- {RUNTIME}   NOT FOUND",
    ]
    assert run("tree", wheels[1], "--host", "win11+redist=14.44").code == 0


def test_tree_with_the_names_of_windows(run: Runner, tmp_path: Path) -> None:
    tree = Tree(tmp_path / "C")
    body = tree.pe("KERNEL32.dll", delay_imports={"ole32.dll": ["f"]})
    tree.install("shapes", "1.0", {"shapes/_core.pyd": body})
    given = "tree", "shapes", "--python", tree.python

    assert "(Windows: KERNEL32.dll)" in run(*given).out
    assert "ole32.dll" not in run(*given).out
    assert "(Windows:" not in run(*given, "--system").out
    assert "ole32.dll" in run(*given, "--delayed").out


def test_host_by_name(run: Runner) -> None:
    code, out, _ = run("host", "--host", "server2022-core+python=3.12")

    assert code == 0
    assert out.startswith("windows:  clean Windows Server 2022 x64, Server Core")
    assert "python:   3.12 x64" in out


def test_hosts_by_name(run: Runner) -> None:
    code, out, _ = run("host", "--list")

    names = [line.split()[0] for line in out.splitlines() if line[:1].isalpha()]
    assert code == 0
    assert {"win10", "win11", "win11-n", "server2022-core", "nanoserver"} <= {*names}
    assert "+redist=14.44, +python=3.12, +x86, +arm64" in out.splitlines()[-1]
    assert max(map(len, out.splitlines())) <= 80
