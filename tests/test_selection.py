"""From targets to the host they are judged on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dllguard import _fetch
from dllguard._hosts._host import Host, HostError
from dllguard._hosts._offline import built_in_host, offline_host
from dllguard._judge import TargetError
from dllguard._model import ARM64, X64, X86
from dllguard._targets._selection import is_home, selected
from dllguard._targets._survey import survey
from dllguard._targets._tags import Python
from dllguard._verdict import Report
from tests.pebuilder import build_pe, write_pe
from tests.trees import Tree
from tests.wheel_files import wheel

V311 = Python((3, 11), X64)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DLLGUARD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def host_for(python: Python | None) -> Host:
    """Make the built-in host, for any Python."""
    python = python or V311
    host = built_in_host((), python.version)
    environment = replace(
        host.environment, machine=python.machine, free_threaded=python.free_threaded
    )
    process = replace(host.process, machine=python.machine)
    return replace(host, environment=environment, process=process)


def fixed(python: Python | None) -> Host:
    """Return a host whose Python is not to be chosen."""
    del python
    return built_in_host((), (3, 11))


def pe(*imports: str, machine: int = X64) -> bytes:
    wanted = {name: ["f"] for name in imports}
    return build_pe(machine=machine, imports=wanted, exports=["f"])


def report(*targets: Path, make: Callable[[Python | None], Host] = host_for) -> Report:
    return survey(selected([*map(str, targets)], make), processes=1)


def culprits(found: Report) -> set[tuple[str, str | None]]:
    return {(d.code, d.culprit) for d in found.diagnoses}


# Wheels.


def test_wheel_that_loads(tmp_path: Path) -> None:
    files = {"shapes/__init__.py": b"", "shapes/_core.pyd": pe("VCRUNTIME140.dll")}
    path = wheel(tmp_path, "Shapes", "1.0", files)

    found = report(path)

    assert found.ok
    (target,) = found.targets
    assert target.name == "Shapes"
    assert target.notes == ()
    assert [Path(file.path).name for file in target.files] == ["_core.pyd"]


def test_wheel_that_lacks_a_dll(tmp_path: Path) -> None:
    files = {
        "shapes/_core.pyd": pe("a.dll"),
        "shapes/a.dll": pe("MSVCP140.dll"),
    }
    found = report(wheel(tmp_path, "shapes", "1.0", files))

    assert culprits(found) == {("missing-vc-runtime", "MSVCP140.dll")}
    (diagnosis,) = found.diagnoses
    assert [link.name for link in diagnosis.chain] == [
        *["_core.pyd", "a.dll", "MSVCP140.dll"],
    ]


def test_folder_that_a_source_adds(tmp_path: Path) -> None:
    source = b"import os\nhere = os.path.dirname(__file__)\n"
    source += b"os.add_dll_directory(os.path.join(here, 'deep'))\n"
    files = {
        "shapes/__init__.py": source,
        "shapes/_core.pyd": pe("a.dll"),
        "shapes/deep/a.dll": pe(),
    }

    assert report(wheel(tmp_path, "shapes", "1.0", files)).ok


def test_wheels_make_one_environment(tmp_path: Path) -> None:
    one = wheel(
        tmp_path,
        "solids",
        "2.0",
        {"solids/_core.pyd": pe("a.dll")},
        requires=["shapes", "numpy>=2", "pip; sys_platform == 'linux'"],
    )
    add = b"import os\nos.add_dll_directory(os.path.dirname(__file__))\n"
    files = {"shapes/__init__.py": add, "shapes/a.dll": pe()}
    two = wheel(tmp_path, "shapes", "1.0", files, tag="py3-none-win_amd64")

    alone, together = report(one), report(one, two)

    assert culprits(alone) == {("missing-dll", "a.dll")}
    assert together.ok
    assert [target.name for target in together.targets] == ["solids", "shapes"]
    assert alone.targets[0].notes == (
        "solids 2.0 requires shapes, numpy>=2, which were not given.",
    )
    assert together.targets[0].notes == (
        "solids 2.0 requires numpy>=2, which was not given.",
    )


def test_wheels_that_do_not_fit_each_other(tmp_path: Path) -> None:
    one = wheel(tmp_path, "solids", "2.0", requires=["shapes<1"])
    two = wheel(tmp_path, "shapes", "1.0")

    assert report(one, two).targets[0].notes == (
        "solids 2.0 requires shapes<1 where shapes 1.0 was given.",
    )


def test_data_lies_below_the_prefix(tmp_path: Path) -> None:
    """Library/bin of the prefix, which torch adds; and what lies beside python.exe."""
    files = {"{data}/data/Library/bin/deep.dll": pe("beside.dll")}
    mkl = wheel(tmp_path, "mkl", "1", files, tag="py3-none-win_amd64")
    files = {"{data}/data/beside.dll": pe(), "{data}/data/vcruntime140.dll": pe()}
    runtime = wheel(tmp_path, "runtime", "1", files, tag="py3-none-win_amd64")
    files = {
        "torch/__init__.py": b"",
        "torch/_C.pyd": pe("deep.dll", "VCRUNTIME140.dll", "python311.dll"),
    }
    torch = wheel(tmp_path, "torch", "2", files)

    found = report(torch, mkl, runtime)

    assert found.ok
    (file,) = found.targets[0].files
    places = {name: path.replace("\\", "/") for name, path in file.resolved.items()}
    assert places["deep.dll"].endswith("/Library/bin/deep.dll")
    assert "/wheels_torch-2" in places["beside.dll"]
    assert "/wheels_torch-2" in places["vcruntime140.dll"]
    assert places["python311.dll"] == "C:/Python311/python311.dll"
    assert culprits(report(torch, mkl)) == {("missing-dll", "beside.dll")}


def test_pth_file_of_a_wheel(tmp_path: Path) -> None:
    files = {
        "shapes.pth": b"below\n",
        "below/cubes/__init__.py": b"",
        "below/cubes/_core.pyd": pe("x.dll"),
    }
    path = wheel(tmp_path, "shapes", "1.0", files)

    host = selected([str(path)], host_for).host

    assert [Path(f).name for f in host.environment.site] == ["site-packages", "below"]


@pytest.mark.parametrize(
    ("tag", "python"),
    [
        ("cp312-cp312-win_amd64", Python((3, 12), X64)),
        ("cp310-cp310-win32", Python((3, 10), X86)),
        ("cp313-cp313t-win_arm64", Python((3, 13), ARM64, free_threaded=True)),
        ("py3-none-any", V311),
    ],
)
def test_python_is_the_wheels(tmp_path: Path, tag: str, python: Python) -> None:
    path = wheel(tmp_path, "shapes", "1.0", tag=tag)

    environment = selected([str(path)], host_for).host.environment

    assert environment.version == python.version
    assert environment.machine == python.machine
    assert environment.free_threaded == python.free_threaded


def test_wheel_for_another_python_than_the_one_chosen(tmp_path: Path) -> None:
    path = wheel(tmp_path, "shapes", "1.0", tag="cp312-cp312-win_amd64")

    with pytest.raises(TargetError) as caught:
        selected([str(path)], fixed)

    assert str(caught.value) == (
        f"{path}: is for cp312-cp312-win_amd64, not for Python 3.11 x64"
    )


def test_two_wheels_of_one_distribution(tmp_path: Path) -> None:
    one, two = wheel(tmp_path, "My.Shapes", "1"), wheel(tmp_path, "my_shapes", "2")

    with pytest.raises(TargetError) as caught:
        selected([str(one), str(two)], host_for)

    said = f"both bring my-shapes, so ask one by one: {one}, {two}"
    assert str(caught.value) == said


def test_pattern_that_no_shell_has_expanded(tmp_path: Path) -> None:
    for name in ("shapes", "cubes"):
        wheel(tmp_path, name, "1")

    selection = selected([str(tmp_path / "*.whl")], host_for)

    assert selection.names == ("cubes", "shapes")
    with pytest.raises(TargetError, match="No such file"):
        selected([str(tmp_path / "x*.whl")], host_for)


# Requirement files.


@pytest.mark.parametrize("by_option", [False, True])
def test_requirement_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, by_option: bool
) -> None:
    tree = Tree(tmp_path / "C")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("a.dll")})
    tree.install("cubes", "1.0", {"cubes/_core.pyd": tree.pe()})
    tree.install("pure", "1.0", {"pure.py": b""})
    asked = []

    def fetch_file(*args: object) -> Path:
        asked.append(args)
        return tree.site

    monkeypatch.setattr(_fetch, "fetch_file", fetch_file)
    file = tmp_path / "requirements.txt"
    file.touch()
    targets, files = ([], [str(file)]) if by_option else ([str(file)], [])

    found = survey(selected(targets, host_for, requirement_files=files), processes=1)

    assert asked == [(str(file), (3, 11), X64)]
    assert [target.name for target in found.targets] == ["cubes", "shapes"]
    assert culprits(found) == {("missing-dll", "a.dll")}


def test_requirement_file_that_is_not_there() -> None:
    with pytest.raises(TargetError, match=r"^absent\.txt: no such file$"):
        selected(["absent.txt"], host_for)


# Folders.


def machine(root: Path, **folders: list[str]) -> Path:
    for name, files in folders.items():
        for file in files:
            path = root / name.replace("_", os.sep) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            write_pe(path)
    return root


def conda(tmp_path: Path) -> tuple[Path, Path]:
    """Lay out an environment of conda; return it, and a DLL that it needs."""
    tree = Tree(tmp_path / "env")
    files = {"shapes/_core.pyd": tree.pe("needed.dll")}
    tree.install("shapes", "1.0", files, installer="conda")
    root = tree.python
    (root / "conda-meta").mkdir()
    (root / "conda-meta" / "history").touch()
    needed = tree.write(root / "Library" / "bin" / "needed.dll")
    needed.write_bytes(tree.pe("deeper.dll", exports=["function"]))
    return root, tree.write(root / "Library" / "mingw-w64" / "bin" / "deeper.dll")


def venv(tmp_path: Path) -> tuple[Path, Path]:
    """Lay out a venv, of which a DLL beside the python.exe of its base is needed."""
    tree = Tree(tmp_path / "base")
    root = tmp_path / "venv"
    package = root / "Lib" / "site-packages" / "shapes"
    package.mkdir(parents=True)
    (package / "_core.pyd").write_bytes(tree.pe("deeper.dll"))
    (root / "pyvenv.cfg").write_text(f"home = {tree.python}\n", "utf-8")
    return root, tree.write(tree.python / "deeper.dll")


def pyinstaller(tmp_path: Path) -> tuple[Path, Path]:
    """Lay out a one-folder program of PyInstaller."""
    tree = Tree(tmp_path / "tree")
    root = tmp_path / "app"
    inside = root / "_internal"
    (inside / "shapes").mkdir(parents=True)
    for name in ("python311.dll", "vcruntime140.dll"):
        shutil.copy(tree.python / name, inside)
    write_pe(root / "app.exe")
    (inside / "base_library.zip").touch()
    (inside / "shapes" / "_core.pyd").write_bytes(tree.pe("needed.dll"))
    needed = inside / "needed.dll"
    needed.write_bytes(tree.pe("deeper.dll"))
    return root, tree.write(inside / "deeper.dll")


def cx_freeze(tmp_path: Path) -> tuple[Path, Path]:
    tree = Tree(tmp_path / "tree")
    root = tmp_path / "app"
    (root / "lib" / "shapes").mkdir(parents=True)
    for name in ("python311.dll", "vcruntime140.dll"):
        shutil.copy(tree.python / name, root)
    write_pe(root / "app.exe", imports={"python311.dll": ["f"]})
    (root / "lib" / "library.zip").touch()
    (root / "lib" / "shapes" / "_core.pyd").write_bytes(tree.pe("deeper.dll"))
    return root, tree.write(root / "lib" / "deeper.dll")


def nuitka(tmp_path: Path) -> tuple[Path, Path]:
    tree = Tree(tmp_path / "tree")
    root = tmp_path / "app"
    (root / "shapes").mkdir(parents=True)
    for name in ("python311.dll", "vcruntime140.dll"):
        shutil.copy(tree.python / name, root)
    write_pe(root / "app.exe", imports={"python311.dll": ["f"]})
    (root / "shapes" / "_core.pyd").write_bytes(tree.pe("deeper.dll"))
    return root, tree.write(root / "deeper.dll")


@pytest.mark.parametrize("lay_out", [conda, venv, pyinstaller, cx_freeze, nuitka])
def test_folder_by_its_own_rules(
    tmp_path: Path, lay_out: Callable[[Path], tuple[Path, Path]]
) -> None:
    """All is well, until the DLL is gone that only this kind of folder finds there."""
    root, needed = lay_out(tmp_path)

    found = report(root)
    assert is_home(str(root))
    assert found.ok, str(found)
    assert any(f.path.endswith("_core.pyd") for t in found.targets for f in t.files)
    needed.unlink()

    found = report(root)
    assert {d.culprit for d in found.diagnoses} == {"deeper.dll"}
    assert not found.ok
    name = "shapes" if lay_out is conda else str(root)
    failing = {target.name for target in found.targets if not target.ok}
    # Of conda, the DLL in Library\bin belongs to no distribution, and lacks it as well.
    assert failing == {name, str(root)}


def test_kind_of_the_host(tmp_path: Path) -> None:
    kinds = {
        lay_out.__name__: selected(
            [str(lay_out(tmp_path / lay_out.__name__)[0])], host_for
        ).host.environment.kind
        for lay_out in (conda, venv, pyinstaller, cx_freeze, nuitka)
    }

    assert kinds == {name: name for name in kinds}


def test_folder_on_the_windows_that_was_chosen(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "other", redistributable=(14, 44, 35211, 0))
    root, needed = pyinstaller(tmp_path)
    needed.write_bytes(tree.pe("MSVCP140.dll"))

    def chosen(python: Python | None) -> Host:
        del python
        return tree.host()

    clean, with_runtime = report(root), report(root, make=chosen)

    assert culprits(clean) == {("frozen-app-omission", "MSVCP140.dll")}
    assert with_runtime.ok
    host = selected([str(root)], chosen).host
    assert host.process.system == str(tree.system)
    assert host.process.loaded["vcruntime140.dll"] == str(
        root / "_internal" / "vcruntime140.dll"
    )
    assert host.windows == tree.host().windows


def test_folder_of_another_machine_type_than_the_host(tmp_path: Path) -> None:
    root, _ = pyinstaller(tmp_path)
    other = Tree(tmp_path / "other", machine=X86)

    with pytest.raises(TargetError) as caught:
        selected([str(root)], lambda _: other.host())
    live = selected([str(root)], lambda _: other.live()).host

    assert str(caught.value) == (
        f"{root}: is Python 3.11 x64, the host has Python 3.11 x86"
    )
    assert live.environment.machine == X64
    assert live.process.windows == str(other.windows)


def test_folders_that_the_program_adds(tmp_path: Path) -> None:
    root, needed = pyinstaller(tmp_path)
    (tmp_path / "added").mkdir()
    needed.rename(tmp_path / "added" / needed.name)

    selection = selected([str(root)], host_for, added=[str(tmp_path / "added")])

    assert survey(selection, processes=1).ok


def test_site_packages_on_the_built_in_host(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "C", version=(3, 12))
    files = {"shapes/_core.cp312-win_amd64.pyd": tree.pe("python312.dll")}
    tree.install("shapes", "1.0", files)
    tree.install("cubes", "1.0", {"cubes/_core.pyd": tree.pe("MSVCP140.dll")})
    (tree.site / "left").mkdir()
    (tree.site / "left" / "_core.pyd").write_bytes(tree.pe("gone.dll"))
    site = tmp_path / "site"
    tree.site.rename(site)

    selection = selected([str(site)], host_for)
    found = survey(selection, processes=1)

    assert selection.host.environment.version == (3, 12)
    assert selection.host.environment.site == (str(site),)
    assert [t.name for t in found.targets] == ["cubes", "shapes", str(site)]
    assert [t.ok for t in found.targets] == [False, True, False]
    assert {d.culprit for d in found.diagnoses} == {"MSVCP140.dll", "gone.dll"}


def test_site_packages_of_a_python_here(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "C")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("a.dll")})
    tree.write(tree.python / "a.dll")

    selection = selected([str(tree.site)], host_for)

    assert selection.host.environment.prefix == str(tree.python)
    assert survey(selection, processes=1).ok


def test_venv_whose_python_is_elsewhere(tmp_path: Path) -> None:
    root, _ = venv(tmp_path)
    (root / "pyvenv.cfg").write_text("home = D:\\Python\n", "utf-8")
    package = root / "Lib" / "site-packages" / "shapes"
    (package / "_core.pyd").rename(package / "_core.cp310-win_amd64.pyd")

    found = report(root)

    (target,) = found.targets
    assert {d.culprit for d in found.diagnoses} == {"deeper.dll"}
    assert target.notes[0].startswith(
        f"judged with a clean Python 3.10 of python.org, since {root}: is a venv of "
        "D:\\Python, which is not here"
    )


def test_venv_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = D:\\Python\n", "utf-8")

    with pytest.raises(HostError, match="is a venv of"):
        selected([str(tmp_path)], host_for)


def test_other_folders_and_names_as_they_are(tmp_path: Path) -> None:
    write_pe(tmp_path / "a.dll")

    selection = selected([str(tmp_path), "torch", "b.dll"], host_for)

    assert not is_home(str(tmp_path))
    assert selection.names == (str(tmp_path), "torch", "b.dll")
    assert selection.whole is None


# All at once.


def test_everything_of_a_host(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("a.dll")})
    tree.install("cubes", "1.0", {"cubes/_core.pyd": tree.pe()})
    left = tree.write(tree.python / "DLLs" / "_left.pyd")
    foreign = tree.write(tree.site / "x" / "_x.cp38-win_amd64.pyd")
    host = offline_host(str(tree.python), str(tree.windows))

    selection = selected([], lambda _: host, everything_of_host=True)
    found = survey(selection, processes=1)

    names = ["cubes", "shapes", str(tree.python)]
    assert [target.name for target in found.targets] == names
    files = {file.path for file in found.targets[-1].files}
    assert str(left) in files
    assert str(foreign) not in files
    assert str(tree.python / "python311.dll") in files
    assert not any("shapes" in file for file in files)


@pytest.mark.parametrize(
    "targets",
    [["a.whl", "torch"], ["a.whl", "r.txt"], ["r.txt", "s.txt"]],
    ids=" ".join,
)
def test_what_does_not_go_together(targets: list[str]) -> None:
    with pytest.raises(TargetError) as caught:
        selected(targets, host_for)

    said = "not judged by one Python, so ask one by one: "
    assert str(caught.value) == said + ", ".join(targets)


def test_everything_and_a_name() -> None:
    with pytest.raises(TargetError, match=r"^--all: leaves nothing to name: torch$"):
        selected(["torch"], host_for, everything_of_host=True)
