"""A target on a host: which loads, in which order, with which verdict."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._judge import TargetError, is_path, judge, with_added
from dllguard._loader._loads import Call, make
from dllguard._preflight import preflight, report_on
from tests.pebuilder import build_pe
from tests.texts import golden, obey, validate
from tests.trees import Tree


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("torch", False),
        ("opencv-python", False),
        ("x.dll", True),
        ("X.PYD", True),
        ("a/b", True),
        ("a\\b", True),
    ],
)
def test_names_and_paths(target: str, *, expected: bool) -> None:
    assert is_path(target) is expected


def test_what_is_not_installed(tree: Tree) -> None:
    result = tree.plain(judge(tree.live(), "torch"))

    (found,) = result.diagnoses
    assert found.code == "package-not-installed"
    assert not result.ok
    text = golden("package-not-installed", found)
    assert "pytorch.org" in text


def test_another_name_gets_no_link_to_torch(tree: Tree) -> None:
    (found,) = tree.plain(judge(tree.live(), "absent")).diagnoses

    obey(found)
    assert found.links == ()


def test_what_is_installed_is_not_reported(tree: Tree) -> None:
    tree.install("torch", "2.9.0", {"torch/__init__.py": b""})

    result = judge(tree.live(), "torch")

    assert (result.ok, result.files, result.diagnoses) == (True, (), ())


def test_torch_loads_its_dlls_by_name_order(tree: Tree) -> None:
    names = "torch/lib/shm.dll", "torch/lib/C10.dll", "torch/_C.pyd", "torch/lib/a.txt"
    tree.install("torch", "2.9.0", {name: tree.pe() for name in names})

    files = judge(tree.live(), "torch").files

    assert [Path(file.path).name for file in files] == ["C10.dll", "shm.dll", "_C.pyd"]


def test_requirements_are_judged_before_and_stay_loaded(tree: Tree) -> None:
    files = {"torch/lib/c10.dll": tree.pe(), "torch/_C.pyd": tree.pe("c10.dll")}
    tree.install("torch", "2.9.0", files)
    extension = {"torchaudio/_torchaudio.pyd": tree.pe("c10.dll")}
    tree.install("torchaudio", "2.9.0", extension, requires=["torch==2.9.0"])

    result = judge(tree.live(), "torchaudio")

    assert result.ok
    loaded = Path(result.files[-1].resolved["c10.dll"])
    assert loaded == tree.site / "torch" / "lib" / "c10.dll"


def test_the_first_fault_of_each_file(tree: Tree) -> None:
    files = {"a/_a.pyd": tree.pe("x.dll", "y.dll"), "a/_b.pyd": tree.pe("KERNEL32.dll")}
    tree.install("a", "1.0", files)

    first, second = judge(tree.live(), "a").files

    assert (first.winerror, first.culprit, first.code) == (126, "x.dll", "missing-dll")
    assert (second.winerror, second.culprit, second.code) == (0, None, None)
    assert set(second.resolved) == {"kernel32.dll"}


def test_one_diagnosis_of_what_many_files_lack(tree: Tree) -> None:
    files = {f"a/_{name}.pyd": tree.pe("x.dll") for name in "abc"}
    tree.install("a", "1.0", files)

    assert len(judge(tree.live(), "a").diagnoses) == 1


# As delvewheel writes it.
PATCH = b"""
# start delvewheel patch
def _delvewheel_patch_1_9_0():
    import os
    if os.path.isdir(libs_dir := os.path.abspath(os.path.join(
            os.path.dirname(__file__), os.pardir, 'scipy.libs'))):
        os.add_dll_directory(libs_dir)
_delvewheel_patch_1_9_0()
# end delvewheel patch
"""


def test_folders_that_packages_add(tree: Tree) -> None:
    files = {"torch/lib/c10.dll": tree.pe()}
    tree.install("torch", "2.9.0", files)
    (tree.python / "Library" / "bin").mkdir(parents=True)
    files = {"scipy.libs/blas.dll": tree.pe(), "scipy/__init__.py": PATCH}
    info = tree.install("scipy", "1.18", files)
    (info / "DELVEWHEEL").write_text("Version: 1.9.0\n")
    host = tree.host(tree.root / "mine")
    environment = host.environment
    closure = *environment.closure("torch"), *environment.closure("scipy")

    added = with_added(host, closure).process.added

    # The newest is searched first. A patch runs before all imports of its package,
    # and what the program adds comes before that.
    assert [Path(folder).relative_to(tree.root) for folder in added] == [
        Path("Python311/Library/bin"),
        Path("Python311/Lib/site-packages/torch/lib"),
        Path("Python311/Lib/site-packages/scipy.libs"),
        Path("mine"),
    ]


@pytest.mark.parametrize(
    ("name", "module", "dll"),
    [
        ("pywin32", "win32/win32api.pyd", "pywin32_system32/pywintypes311.dll"),
        ("PySide6_Essentials", "PySide6/QtCore.pyd", "shiboken6/shiboken6.abi3.dll"),
    ],
)
def test_folders_that_a_package_adds_when_it_starts(
    tree: Tree, name: str, module: str, dll: str
) -> None:
    extension = tree.pe(dll.rpartition("/")[2])
    tree.install(name, "1", {module: extension, dll: tree.pe()})

    assert judge(tree.host(), name).ok


def test_torch_tries_again_with_path(tree: Tree) -> None:
    path = tree.write(tree.site / "torch/lib/c10.dll", imports={"x.dll": ["f"]})
    folder = tree.root / "Tools"
    process = tree.live(path=[folder]).process

    load = make(Call(str(path), path_fallback=True), process)

    assert load.retried_with_path
    assert load.winerror == 126

    tree.write(folder / "x.dll", exports=["f"])
    process = tree.live(path=[folder]).process

    assert make(Call(str(path), path_fallback=True), process).faults == ()
    assert make(Call(str(path)), process).winerror == 126


def test_a_file(tree: Tree) -> None:
    path = tree.write(tree.root / "own" / "a.dll", imports={"x.dll": ["f"]})

    result = judge(tree.live(), str(path))

    assert [file.path for file in result.files] == [str(path)]
    assert not result.ok


def test_a_folder(tree: Tree) -> None:
    for name in ("a.dll", "b.pyd", "c.txt"):
        tree.write(tree.root / "own" / name)

    assert len(judge(tree.live(), str(tree.root / "own")).files) == 2


def test_a_file_of_a_package_gets_the_folders_of_its_package(tree: Tree) -> None:
    tree.install("torch", "2.9.0", {"torch/lib/torch_cpu.dll": tree.pe()})
    extension = tree.pe(imports={"torch_cpu.dll": ["f"], "vcomp120.dll": ["g"]})
    files = {"torchvision/_C.pyd": extension}
    tree.install("torchvision", "0.24.0", files, requires=["torch"])

    result = judge(tree.live(), str(tree.site / "torchvision" / "_C.pyd"))

    (diagnosis,) = result.diagnoses
    assert diagnosis.culprit == "vcomp120.dll"
    assert "It is not part of torchvision" in (diagnosis.note or "")


def test_a_dll_of_torch_is_tried_again_with_path(tree: Tree) -> None:
    own = tree.pe(imports={"x.dll": ["f"]})
    tree.install("torch", "2.9.0", {"torch/lib/c10.dll": own})
    tree.write(tree.root / "Tools" / "x.dll", exports=["f"])
    host = tree.live(path=[tree.root / "Tools"])

    assert judge(host, str(tree.site / "torch" / "lib" / "c10.dll")).ok


@pytest.mark.parametrize(
    ("name", "message"),
    [("absent.dll", "no such file or folder"), ("own", "holds no .pyd or .dll file")],
)
def test_what_cannot_be_judged(tree: Tree, name: str, message: str) -> None:
    (tree.root / "own").mkdir()

    with pytest.raises(TargetError, match=message):
        judge(tree.live(), str(tree.root / name))


def test_record_in_another_case(tree: Tree) -> None:
    info = tree.install("a", "1.0", {"a/_Core.pyd": tree.pe("KERNEL32.dll")})
    (info / "RECORD").write_text("a/_core.PYD,,\n")

    assert judge(tree.host(), "a").ok


def test_preflight_looks_at_the_torch_family_that_is_installed(tree: Tree) -> None:
    tree.install("torchaudio", "2.9.0", {"torchaudio/_a.pyd": tree.pe()})
    tree.install("torch", "2.9.0", {"torch/_C.pyd": build_pe()})
    begun: list[str] = []

    report = report_on(tree.live(), (), begin=begun.append)

    validate(report)
    assert [target.name for target in report.targets] == ["torch", "torchaudio"]
    assert begun == ["torch", "torchaudio"]
    assert report.ok


@pytest.mark.skipif(os.name == "nt", reason="there is a Windows to judge")
def test_preflight_where_there_is_no_windows() -> None:
    report = preflight(["torch"])

    assert (report.applicable, report.ok, report.targets) == (False, True, ())


def test_the_search_list_ends_where_python_says(tree: Tree) -> None:
    host = tree.live(path=[tree.root / "Tools"])
    tree.write(tree.root / "Tools" / "x.dll")
    tree.install("a", "1.0", {"a/_a.pyd": tree.pe("x.dll")})
    loaded = replace(host.process, loaded={"x.dll": str(tree.root / "Tools/x.dll")})

    assert not judge(host, "a").ok
    # What the process holds already answers for its name, wherever it came from.
    assert judge(replace(host, process=loaded), "a").ok
