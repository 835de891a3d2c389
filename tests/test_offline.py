"""A host that does not run here."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._hosts._host import HostError
from dllguard._hosts._offline import BUILT_IN, built_in_host, offline_host
from dllguard._judge import judge
from dllguard._loader._walk import walk
from tests.pebuilder import ARM64, X64, X86, build_pe, write_pe
from tests.trees import Tree


def test_a_python_and_a_windows(tmp_path: Path) -> None:
    tree = Tree(tmp_path, version=(3, 12), redistributable=(14, 44, 35211, 0))
    host = tree.host(tmp_path / "added")

    environment, process = host.environment, host.process
    assert (environment.version, environment.machine) == ((3, 12), X64)
    assert environment.site == (str(tree.site),)
    assert not environment.free_threaded
    assert Path(process.application) == tree.python
    assert Path(process.system) == tree.system
    assert process.added == (str(tmp_path / "added"),)
    assert process.path == ()
    assert set(process.loaded) == {
        "python3.dll",
        "python312.dll",
        "vcruntime140.dll",
        "vcruntime140_1.dll",
    }
    assert host.windows == f"Windows 10.0.22631.4317 ({tree.windows})"
    assert not host.live


def test_a_free_threaded_python(tmp_path: Path) -> None:
    tree = Tree(tmp_path, version=(3, 13))
    (tree.python / "python313.dll").rename(tree.python / "python313t.dll")

    assert tree.host().environment.free_threaded


def test_without_a_windows(tmp_path: Path) -> None:
    host = offline_host(str(Tree(tmp_path).python))

    disk, process = host.process.disk, host.process
    assert host.windows == BUILT_IN
    assert disk.find(process.system, "KERNEL32.dll") is not None
    assert disk.find(process.system, "msvcp140.dll") is None


@pytest.mark.parametrize(
    ("present", "message"),
    [
        ([], "no such folder"),
        (["readme.txt"], "holds no python3XX.dll, so it is no Windows Python"),
        (["python311.dll"], "is empty"),
        (["python3.dll", "python3_d.dll"], "holds no python3XX.dll"),
    ],
)
def test_what_is_no_python(tmp_path: Path, present: list[str], message: str) -> None:
    folder = tmp_path / "Python"
    for name in present:
        folder.mkdir(exist_ok=True)
        (folder / name).touch()

    with pytest.raises(HostError, match=message):
        offline_host(str(folder))


def test_no_windows(tmp_path: Path) -> None:
    tree = Tree(tmp_path)

    with pytest.raises(HostError, match="holds no System32"):
        offline_host(str(tree.python), str(tree.python))


def test_a_windows_without_version(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.system / "kernel32.dll").unlink()

    assert "of unknown release" in tree.host().windows


@pytest.mark.parametrize(
    ("python", "system", "expected"),
    [
        (X86, X64, "SysWOW64"),
        (X86, X86, "System32"),
        (X64, X64, "System32"),
        (X64, ARM64, "System32"),
        (X86, ARM64, "SysWOW64"),
        (ARM64, ARM64, "System32"),
    ],
)
def test_a_32_bit_process_sees_another_system32(
    tmp_path: Path, python: int, system: int, expected: str
) -> None:
    tree = Tree(tmp_path, machine=python)
    write_pe(tree.system / "ntdll.dll", machine=system)
    tree.write(tree.windows / "SysWOW64" / "ntdll.dll")
    host = tree.host()

    assert Path(host.process.system).name == expected
    assert (host.environment.machine, host.system_machine) == (python, system)


def venv(tree: Tree, home: str, config: str = "") -> Path:
    """Make a venv of a Python."""
    folder = tree.root / "venv"
    (folder / "Lib" / "site-packages").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(f"home = {home}\n{config}", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ("", ["venv"]),
        ("include-system-site-packages = false\n", ["venv"]),
        ("include-system-site-packages = True\n", ["venv", "Python311"]),
    ],
)
def test_a_venv_is_followed_to_its_base(
    tmp_path: Path, config: str, names: list[str]
) -> None:
    tree = Tree(tmp_path)
    host = offline_host(str(venv(tree, str(tree.python), config)))

    assert Path(host.process.application) == tree.python
    assert Path(host.environment.base_prefix) == tree.python
    assert [Path(s).parent.parent.name for s in host.environment.site] == names


def test_a_venv_whose_base_is_elsewhere(tmp_path: Path) -> None:
    folder = venv(Tree(tmp_path), "C:\\Users\\me\\Python311")

    with pytest.raises(HostError, match=r"is a venv of C:\\Users\\me\\Python311"):
        offline_host(str(folder))


def test_plain_folders_of_pth_files(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.site / "win32" / "lib").mkdir(parents=True)
    lines = "# comment", "import os; os.abort()", "", "win32", "win32\\lib", "absent"
    (tree.site / "pywin32.pth").write_text("\n".join(lines))

    assert [Path(s) for s in tree.host().environment.site] == [
        tree.site,
        tree.site / "win32",
        tree.site / "win32" / "lib",
    ]


def test_the_built_in_host(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "_a.pyd").write_bytes(
        build_pe(imports={"KERNEL32.dll": ["f"], "VCRUNTIME140.dll": ["memcpy"]})
    )
    (tmp_path / "other.pyd").write_bytes(build_pe(imports={"MSVCP140.dll": ["f"]}))
    host = built_in_host([str(tmp_path)], (3, 12), ["/added"])

    assert host.process.application == r"C:\Python312"
    assert host.process.added == ("/added",)
    assert judge(host, "mine").ok
    assert judge(host, "other").diagnoses[0].code == "missing-vc-runtime"


def test_the_built_in_python_on_a_windows_that_is_given(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    path = tmp_path / "other.pyd"
    path.write_bytes(tree.pe("MSVCP140.dll"))

    host = built_in_host([str(tmp_path)], (3, 12), windows=str(tree.windows))

    assert not walk(str(path), host.process).faults
    assert host.process.loaded["python3.dll"] == r"C:\Python312\python3.dll"


def machine(root: Path) -> Path:
    """Make a Windows, and return its folder."""
    system = root / "Windows" / "System32"
    system.mkdir(parents=True)
    for name in ("kernel32.dll", "ntdll.dll"):
        write_pe(system / name)
    return root / "Windows"


def put(root: Path, path: str, *imports: str) -> str:
    """Write a PE file at a path below a folder; return its full path."""
    full = root / path
    full.parent.mkdir(parents=True, exist_ok=True)
    if full.suffix in (".exe", ".dll", ".pyd"):
        write_pe(full, imports={name: ["f"] for name in imports}, exports=["f"])
    else:
        full.touch()
    return str(full)


INTERPRETER = "python.exe", "Lib/site-packages/x.py"
# What is beside pythonXY.dll, the folder of the extension module, and where its DLL
# lies: each time a place that only this kind of Python searches.
FOUND = {
    "python-beside-python-exe": (INTERPRETER, "Lib/site-packages", "a.dll"),
    "conda-library-bin": (
        (*INTERPRETER, "conda-meta/history"),
        "Lib/site-packages",
        "Library/bin/a.dll",
    ),
    "conda-scripts": (
        (*INTERPRETER, "conda-meta/history"),
        "Lib/site-packages",
        "Scripts/a.dll",
    ),
    "embeddable": (("python.exe", "python311._pth"), "app", "a.dll"),
    "store": ((*INTERPRETER, "AppxManifest.xml"), "Lib/site-packages", "a.dll"),
    "pyinstaller-5": (("app.exe", "base_library.zip"), "shapes", "a.dll"),
    "cx_freeze": (("app.exe", "lib/library.zip"), "lib/shapes", "lib/a.dll"),
    "nuitka": (("app.exe",), "shapes", "a.dll"),
}


@pytest.mark.parametrize("kind", FOUND)
def test_a_dll_that_this_kind_finds(tmp_path: Path, kind: str) -> None:
    beside, package, dll = FOUND[kind]
    root = tmp_path / "Python"
    for name in beside:
        imports = ["python311.dll"] if name.endswith(".exe") else []
        put(root, name, *imports)
    put(root, "python311.dll")
    module = put(root, f"{package}/_core.pyd", "a.dll", "python311.dll")
    path = put(root, dll)
    windows = machine(tmp_path)

    host = offline_host(str(root), str(windows))

    load = walk(module, host.process)
    assert not load.faults
    assert load.resolved["a.dll"] == path
    assert load.resolved["python311.dll"] == str(root / "python311.dll")

    Path(path).unlink()
    put(root, f"elsewhere/{Path(dll).name}")
    (fault,) = walk(module, offline_host(str(root), str(windows)).process).faults
    assert (fault.kind, fault.culprit) == ("missing", "a.dll")


def test_pyinstaller_finds_what_lies_in_internal(tmp_path: Path) -> None:
    app = tmp_path / "app"
    for name in ("app.exe", "_internal/base_library.zip", "_internal/python311.dll"):
        put(app, name)
    runtime = put(app, "_internal/VCRUNTIME140.dll")
    stable = put(app, "_internal/python3.dll")
    module = put(app, "_internal/shapes/_core.pyd", "a.dll", "VCRUNTIME140.dll")
    path = put(app, "_internal/a.dll")

    host = offline_host(str(app), str(machine(tmp_path)))

    process = host.process
    assert Path(process.application) == app
    assert Path(process.set_directory) == app / "_internal"
    assert host.environment.site == (str(app / "_internal"),)
    assert process.loaded["vcruntime140.dll"] == runtime
    assert process.loaded["python3.dll"] == stable
    load = walk(module, process)
    assert not load.faults
    assert load.resolved["a.dll"] == path
    # Extension modules are loaded with search flags, and a name is all ctypes gives.
    assert [folder.path for folder in process.search_list("")] == [
        str(app),
        str(app / "_internal"),
        process.system,
    ]


def test_conda_searches_the_folder_it_added_last_first(tmp_path: Path) -> None:
    root = tmp_path / "env"
    for name in (*INTERPRETER, "conda-meta/history", "python311.dll", "bin/a.dll"):
        put(root, name)
    put(root, "Library/bin/a.dll")
    first = put(root, "Library/mingw-w64/bin/a.dll")
    module = put(root, "Lib/site-packages/_core.pyd", "a.dll")
    given = tmp_path / "given"

    host = offline_host(str(root), str(machine(tmp_path)), [str(given)])

    assert [Path(path) for path in host.process.added] == [
        given,
        root / "Library" / "mingw-w64" / "bin",
        root / "Library" / "bin",
        root / "bin",
    ]
    assert walk(module, host.process).resolved["a.dll"] == first


def test_the_store_searches_no_path(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.python / "AppxManifest.xml").touch()

    process = tree.host().process

    assert process.packaged
    assert {folder.role.value for folder in process.search_list("", 0)} == {
        "application folder",
        "System32",
    }


def test_before_3_8_an_extension_module_brings_its_folder_alone(tmp_path: Path) -> None:
    root = tmp_path / "Python37"
    for name in (*INTERPRETER, "python37.dll", "a.dll"):
        put(root, name)
    module = put(root, "Lib/site-packages/_core.pyd", "a.dll")
    windows = machine(tmp_path)

    process = offline_host(str(root), str(windows)).process

    assert process.extension_flags == 8
    (fault,) = walk(module, process).faults
    assert fault.culprit == "a.dll"
    put(root, "Lib/site-packages/a.dll")
    assert not walk(module, offline_host(str(root), str(windows)).process).faults


def test_this_systems_variables_are_not_consulted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Tree(tmp_path)
    plain = offline_host(str(tree.python), str(tree.windows))
    for name in ("PATH", "PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))

    host = offline_host(str(tree.python), str(tree.windows))

    assert host.process.search_list("") == plain.process.search_list("")
    assert host.process.path == ()
    assert host.environment == plain.environment
    assert host.environment.user == ""


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (["python3.dll", "DLLs/python3.dll"], "python3.dll"),
        (["DLLs/python3.dll"], "DLLs/python3.dll"),
        ([], None),
    ],
    ids=["beside", "in-DLLs", "nowhere"],
)
def test_the_python3_dll_that_cpython_loads(
    tmp_path: Path, places: list[str], expected: str | None
) -> None:
    root = tmp_path / "Python"
    for name in (*INTERPRETER, "python311.dll", *places):
        put(root, name)
    module = put(root, "Lib/site-packages/_core.pyd", "python3.dll")

    process = offline_host(str(root), str(machine(tmp_path))).process

    load = walk(module, process)
    assert process.loaded.get("python3.dll") == (expected and str(root / expected))
    assert [fault.culprit for fault in load.faults] == (
        [] if expected else ["python3.dll"]
    )


def test_a_python3_dll_of_another_machine_type_is_not_loaded(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tree.python / "python3.dll", machine=X86)
    good = tree.write(tree.python / "DLLs" / "python3.dll")

    assert tree.host().process.loaded["python3.dll"] == str(good)


@pytest.mark.parametrize(
    ("dll", "beside", "stable"),
    [
        ("python311_d.dll", "vcruntime140d.dll", "python3_d.dll"),
        ("python313t.dll", "vcruntime140.dll", "python3.dll"),
        ("python315t.dll", "vcruntime140_1.dll", "python3t.dll"),
    ],
    ids=["debug", "free-threaded", "free-threaded-stable-abi"],
)
def test_what_other_builds_have_loaded(
    tmp_path: Path, dll: str, beside: str, stable: str
) -> None:
    root = tmp_path / "Python"
    for name in (*INTERPRETER, dll, beside, stable, "python3.dll", "other.dll"):
        put(root, name)

    loaded = offline_host(str(root), str(machine(tmp_path))).process.loaded

    assert set(loaded) == {dll, beside, stable}


def test_what_python_itself_imports_is_loaded_at_start(tmp_path: Path) -> None:
    root, windows = tmp_path / "env", machine(tmp_path)
    for name in (*INTERPRETER, "conda-meta/history"):
        put(root, name)
    put(root, "python311.dll", "zlib.dll", "VCRUNTIME140.dll", "KERNEL32.dll")
    zlib = put(root, "zlib.dll")
    # It is not on any list yet when pythonXY.dll is loaded.
    put(root, "Library/bin/VCRUNTIME140.dll")
    runtime = put(windows, "System32/VCRUNTIME140.dll")
    put(root, "Lib/site-packages/VCRUNTIME140.dll")
    module = put(root, "Lib/site-packages/_core.pyd", "VCRUNTIME140.dll")

    process = offline_host(str(root), str(windows)).process

    assert process.loaded["zlib.dll"] == zlib
    assert process.loaded["vcruntime140.dll"] == runtime
    assert "kernel32.dll" in process.loaded
    assert walk(module, process).resolved["vcruntime140.dll"] == runtime


@pytest.mark.parametrize(
    ("kind", "manifest", "expected"),
    [
        ("file", 0, ""),
        ("folder", 0, "python.exe.local"),
        ("folder", 2, "python.exe.local"),
        ("folder", 1, None),
        ("file", 1, None),
        ("none", 0, None),
    ],
    ids=[
        "file",
        "folder",
        "manifest-for-a-dll",
        "folder-and-manifest",
        "file-and-manifest",
        "none",
    ],
)
def test_local_redirection(
    tmp_path: Path, kind: str, manifest: int, expected: str | None
) -> None:
    tree = Tree(tmp_path)
    program = tree.python / "python.exe"
    if manifest:
        tree.write(program, dll=False, manifest="<assembly/>", manifest_id=manifest)
    local = tree.python / "python.exe.LOCAL"
    if kind == "folder":
        local.mkdir()
    elif kind == "file":
        local.touch()

    redirection = tree.host().process.redirection

    if expected is None:
        assert redirection == ""
    else:
        assert Path(redirection) == (local if expected else tree.python)


def test_redirection_beside_a_program_that_cannot_be_read(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.python / "python.exe").write_bytes(b"MZ")
    (tree.python / "python.exe.local").touch()

    assert Path(tree.host().process.redirection) == tree.python


def test_x64_python_on_arm64_takes_the_hybrid_files_of_system32(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for name in ("ntdll.dll", "kernel32.dll"):
        write_pe(tree.system / name, machine=ARM64, chpe=True, exports=["f"])
    write_pe(tree.system / "pure.dll", machine=ARM64, exports=["f"])
    fits = put(tree.site, "fits.pyd", "kernel32.dll")
    fails = put(tree.site, "fails.pyd", "pure.dll")

    process = tree.host().process

    assert not walk(fits, process).faults
    (fault,) = walk(fails, process).faults
    assert (fault.kind, fault.machine) == ("machine", ARM64)


def test_a_venv_that_has_its_interpreter_in_scripts(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.python / "conda-meta").mkdir()
    (tree.python / "Library" / "bin").mkdir(parents=True)
    folder = venv(tree, str(tree.python))
    for name in ("python.exe", "python311.dll", "vcruntime140.dll"):
        put(folder, f"Scripts/{name}")

    host = offline_host(str(folder), str(tree.windows))

    process = host.process
    assert Path(process.application) == folder / "Scripts"
    assert process.added == ()
    assert process.loaded["vcruntime140.dll"] == str(
        folder / "Scripts" / "vcruntime140.dll"
    )
    assert Path(host.environment.base_prefix) == tree.python


def test_a_venv_of_conda_searches_the_folders_of_its_base(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.python / "conda-meta").mkdir()
    (tree.python / "Scripts").mkdir()
    path = put(tree.python, "Library/bin/a.dll")
    folder = venv(tree, str(tree.python))
    (folder / "Scripts").mkdir()
    module = put(folder, "Lib/site-packages/_core.pyd", "a.dll")

    process = offline_host(str(folder), str(tree.windows)).process

    assert walk(module, process).resolved["a.dll"] == path
    assert Path(process.application) == tree.python


def test_a_venv_of_a_store_python_is_packaged(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.python / "AppxManifest.xml").touch()
    folder = venv(tree, str(tree.python))

    assert offline_host(str(folder), str(tree.windows)).process.packaged


def test_a_venv_of_no_windows_python(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tmp_path / "bin").mkdir()
    folder = venv(tree, str(tmp_path / "bin"))

    with pytest.raises(HostError) as raised:
        offline_host(str(folder))

    assert str(raised.value) == (
        f"{folder}: is a venv of {tmp_path / 'bin'}: holds no python3XX.dll, so it is "
        "no Windows Python"
    )


@pytest.mark.parametrize(
    ("drive", "home", "base"),
    [
        ("mnt/c", r"C:\Python311", "mnt/c/Python311"),
        ("mnt/c", r"C:\programs\python311", "mnt/c/Programs/Python311"),
        ("mnt/d", r"C:\Python311", "mnt/c/Python311"),
        ("image", "C:/Python311/", "image/Python311"),
    ],
    ids=["same-drive", "other-case", "other-drive", "drive-of-another-name"],
)
def test_a_venv_on_a_mounted_drive(
    tmp_path: Path, drive: str, home: str, base: str
) -> None:
    put(tmp_path, f"{base}/python311.dll")
    folder = tmp_path / drive / "work" / "venv"
    folder.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(f"home = {home}\n", "utf-8")

    assert Path(offline_host(str(folder)).process.application) == tmp_path / base


@pytest.mark.parametrize(
    "home", [r"C:\Python311", "C:", r"C:\\", r"\\host\share\Python311", "Python311"]
)
def test_a_venv_whose_base_is_on_no_drive_here(tmp_path: Path, home: str) -> None:
    folder = venv(Tree(tmp_path, version=(3, 12)), home)

    with pytest.raises(HostError) as raised:
        offline_host(str(folder))

    assert str(raised.value) == (
        f"{folder}: is a venv of {home}, which is not here; give the folder of that "
        "Python"
    )


def test_a_venv_that_names_no_base(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_bytes(b"version = 3.11\n\xff")

    with pytest.raises(HostError, match="is a venv of an unknown Python"):
        offline_host(str(tmp_path))
