"""A DLL that is found nowhere: which product, which package, which folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from dllguard._judge import judge
from dllguard._tables._redistributables import PRODUCTS
from dllguard._verdict import Diagnosis
from tests.pebuilder import ARM64, X64, X86
from tests.texts import golden, obey
from tests.trees import Tree


def checked(tree: Tree, target: str) -> Diagnosis:
    """Return the one finding on a target, with `C:` for the folder of the test."""
    (found,) = tree.plain(judge(tree.live(path=[tree.windows]), target)).diagnoses
    obey(found)
    return found


def torch(tree: Tree, *imports: str, version: str = "2.9.0") -> None:
    """Install a torch whose torch_cpu.dll imports what is given."""
    files = {
        "torch/_C.cp311-win_amd64.pyd": tree.pe("shm.dll", "python311.dll"),
        "torch/lib/shm.dll": tree.pe("torch_cpu.dll"),
        "torch/lib/torch_cpu.dll": tree.pe(*imports, linker=(14, 38)),
    }
    tree.install("torch", version, files)


def test_a_dll_that_nobody_knows(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("areas.dll")})

    found = checked(tree, "shapes")

    assert found.code == "missing-dll"
    text = golden("missing-dll", found)
    assert "RECORD of shapes 1.0 does not list areas.dll" in text


def test_a_package_without_metadata_has_no_record_to_quote(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.site / "shapes").mkdir()
    tree.write(tree.site / "shapes/_core.pyd", imports={"geos_c.dll": ["area"]})

    found = checked(tree, "shapes")

    assert found.code == "missing-dll"
    assert "RECORD" not in str(found)
    assert "reinstalling" not in str(found)


def test_a_file_outside_every_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = tree.write(tmp_path / "own" / "mine.dll", imports={"x.dll": ["f"]})

    (found,) = tree.plain(judge(tree.live(), str(path))).diagnoses

    obey(found)
    assert found.code == "missing-dll"
    assert found.summary.startswith(r"loading C:\own\mine.dll would fail")
    assert "reinstall the product that mine.dll belongs to" in str(found)


def test_nothing_is_missing(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    torch(tree, "MSVCP140.dll", "VCRUNTIME140_THREADS.dll", "KERNEL32.dll")

    assert judge(tree.live(), "torch").diagnoses == ()


def test_two_imports_further_down(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    torch(tree, "VCRUNTIME140_THREADS.dll", "KERNEL32.dll")

    found = checked(tree, "torch")

    assert found.code == "missing-vc-runtime"
    text = golden("missing-vc-runtime", found)
    assert "shm.dll is there" in text
    assert "two imports further down" in text
    assert "14.29.30139" in text


def test_without_any_redistributable_python_brings_only_a_part(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    torch(tree, "MSVCP140.dll")

    found = checked(tree, "torch")

    assert found.code == "missing-vc-runtime"
    assert found.found == (
        r"14.38.33135 (C:\Python311\vcruntime140.dll), only what Python brings"
    )


def test_a_part_of_a_runtime_that_is_new_enough_has_gone(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    (tree.system / "vcruntime140_threads.dll").unlink()
    torch(tree, "VCRUNTIME140_THREADS.dll")

    found = checked(tree, "torch")

    assert found.code == "missing-vc-runtime"
    assert "choose Repair" in (found.note or "")


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("MSVCR80.dll", "2005"),
        ("msvcp90.dll", "2008"),
        ("MFC100u.dll", "2010"),
        ("vccorlib110.dll", "2012"),
        ("MSVCR120.dll", "2013"),
        ("msvcp140.dll", "2015+"),
        ("vcomp140.dll", "2015+"),
        ("mfc140chs.dll", "2015+"),
    ],
)
@pytest.mark.parametrize(("machine", "arch"), [(X86, "x86"), (X64, "x64")])
def test_each_name_belongs_to_its_product(
    tmp_path: Path, name: str, product: str, machine: int, arch: str
) -> None:
    tree = Tree(tmp_path, machine=machine)
    tree.install("old", "1.0", {"old/_core.pyd": tree.pe(name)})

    found = checked(tree, "old")

    assert found.code == "missing-vc-runtime"
    command = f"winget install --id Microsoft.VCRedist.{product}.{arch} -e"
    assert found.help[0].commands == (command,)
    year = product if product != "2015+" else "v14"
    assert f"Visual C++ {year} Redistributable" in found.help[0].text


def test_an_arm64_python_needs_the_arm64_runtime(tmp_path: Path) -> None:
    tree = Tree(tmp_path, machine=ARM64)
    tree.install("new", "1.0", {"new/_core.pyd": tree.pe("MSVCP140.dll")})

    found = checked(tree, "new")

    (command,) = found.help[0].commands
    assert command == "winget install --id Microsoft.VCRedist.2015+.arm64 -e"
    assert found.help[1].text == "or run https://aka.ms/vc14/vc_redist.arm64.exe"


def test_older_products_have_no_arm64_build(tmp_path: Path) -> None:
    tree = Tree(tmp_path, machine=ARM64)
    tree.install("old", "1.0", {"old/_core.pyd": tree.pe("MSVCR120.dll")})

    found = checked(tree, "old")

    assert found.code == "missing-vc-runtime"
    assert "winget" not in str(found)
    assert "there is no ARM64 build" in str(found)


def test_the_side_by_side_store_is_not_looked_into(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("old", "1.0", {"old/_core.pyd": tree.pe("MSVCR90.dll")})

    assert "side-by-side store" in str(checked(tree, "old"))


@pytest.mark.parametrize("name", ["MSVCRT.dll", "mfc42.dll", "msvcp60.dll"])
def test_dlls_of_windows_itself_belong_to_no_redistributable(
    tmp_path: Path, name: str
) -> None:
    tree = Tree(tmp_path)
    tree.install("old", "1.0", {"old/_core.pyd": tree.pe(name)})

    assert checked(tree, "old").code == "missing-windows-feature"
    assert name.lower() not in PRODUCTS


def test_a_package_that_brings_the_runtime_itself(tmp_path: Path) -> None:
    # matplotlib.libs holds it, for __init__ to add: reinstalling is not ruled out.
    tree = Tree(tmp_path)
    files = {
        "plot/_path.pyd": tree.pe("msvcp140.dll"),
        "plot.libs/msvcp140.dll": tree.pe(file_version=(14, 40, 0, 0)),
    }
    tree.install("plot", "3.9", files)

    found = checked(tree, "plot")

    assert found.code == "missing-vc-runtime"
    assert "reinstalling" not in str(found)


def test_the_wheel_without_administrator_rights_is_for_no_venv(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    torch(tree, "MSVCP140.dll")

    offline = tree.plain(judge(tree.host(), "torch")).diagnoses[0]

    assert "msvc-runtime" in str(checked(tree, "torch"))
    assert "msvc-runtime" not in str(offline)


def test_build_tools_only(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    torch(tree, "libomp140.x86_64.dll", version="2.4.0+cu121")
    tree.install("torchvision", "0.19.0", {"torchvision/__init__.py": b""})

    found = checked(tree, "torch")

    assert found.code == "missing-build-tools-runtime"
    text = golden("missing-build-tools-runtime", found)
    assert "VCRedist" not in text
    assert "vc_redist" not in text
    assert '"torch==2.4.1" torchvision\n' in text
    assert "--index-url" in text


def test_build_tools_only_of_an_unknown_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = tree.write(
        tmp_path / "x" / "own.dll", imports={"libomp140.x86_64.dll": ["f"]}
    )

    (found,) = tree.plain(judge(tree.live(), str(path))).diagnoses

    assert found.code == "missing-build-tools-runtime"
    assert found.help[0].text.startswith("install the build tools")


def test_another_openmp_is_no_build_tools_matter(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    torch(tree, "libiomp5md.dll")

    assert checked(tree, "torch").code == "missing-product"


@pytest.mark.parametrize(
    "name",
    ["VCRUNTIME140D.dll", "MSVCP140D.dll", "ucrtbased.dll", "MSVCR100D.dll"],
)
def test_debug_runtime(tmp_path: Path, name: str) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe(name)})

    found = checked(tree, "shapes")

    assert found.code == "debug-runtime"
    assert "VCRedist" not in str(found)
    if name == "VCRUNTIME140D.dll":
        golden("debug-runtime", found)


def test_a_debug_python_does_not_come_with_visual_studio(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("python311_d.dll")})

    found = checked(tree, "shapes")

    assert found.code == "debug-runtime"
    assert "a debug build of Python" in (found.note or "")


def test_a_name_that_ends_in_d_is_no_debug_runtime(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("hdf5d.dll")})

    assert checked(tree, "shapes").code == "missing-dll"


def test_on_path(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    cuda = tmp_path / "CUDA" / "bin"
    tree.write(cuda / "cudart64_12.dll", exports=["function"])
    tree.install("cupy", "13.4", {"cupy/_core.pyd": tree.pe("cudart64_12.dll")})

    # Entries of PATH often end in a separator.
    host = tree.live(path=[tmp_path / "Tools", cuda])
    (found,) = tree.plain(judge(host, "cupy")).diagnoses

    assert found.code == "not-on-search-path"
    text = golden("not-on-search-path", found)
    assert r'os.add_dll_directory(r"C:\CUDA\bin")' in text
    assert r"check --dll-directory C:\CUDA\bin cupy" in text


def test_a_folder_that_is_added_is_searched(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    cuda = tmp_path / "CUDA" / "bin"
    tree.write(cuda / "cudart64_12.dll", exports=["function"])
    tree.install("cupy", "13.4", {"cupy/_core.pyd": tree.pe("cudart64_12.dll")})

    assert judge(tree.live(cuda), "cupy").ok


def test_a_copy_on_path_for_another_machine_is_no_cure(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tmp_path / "x86" / "cudart64_12.dll", machine=X86)
    tree.install("cupy", "13.4", {"cupy/_core.pyd": tree.pe("cudart64_12.dll")})

    host = tree.live(path=[tmp_path / "x86"])

    assert judge(host, "cupy").diagnoses[0].code == "wrong-architecture"


def test_in_the_folder_of_another_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    dll = {"nvidia/cublas/bin/cublas64_12.dll": tree.pe(exports=["function"])}
    tree.install("nvidia-cublas-cu12", "12.4.5", dll)
    tree.install(
        "ctranslate2", "4.5", {"ctranslate2/_ext.pyd": tree.pe("cublas64_12.dll")}
    )

    found = checked(tree, "ctranslate2")

    assert found.code == "not-on-search-path"
    text = golden("not-on-search-path-package", found)
    assert "nvidia-cublas-cu12 12.4.5 brought this copy" in text.replace(
        "\n      ", " "
    )


def test_record_lists_the_missing_dll(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    torch(tree, "c10.dll")
    info = tree.site / "torch-2.9.0.dist-info" / "RECORD"
    info.write_text(info.read_text() + "torch/lib/c10.dll,sha256=,4096\n")

    found = checked(tree, "torch")

    assert found.code == "incomplete-installation"
    assert found.severity == "error"
    text = golden("incomplete-installation", found)
    assert '--force-reinstall --no-cache-dir --no-deps "torch==2.9.0"' in text


def test_conda_reinstalls_what_conda_installed(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {"h5py/_h5.pyd": tree.pe("hdf5.dll"), "h5py/hdf5.dll": tree.pe()}
    tree.install("h5py", "3.12.0", files, installer="conda")
    (tree.site / "h5py/hdf5.dll").unlink()

    found = checked(tree, "h5py")

    assert found.code == "incomplete-installation"
    assert found.help[0].commands == ("conda install --force-reinstall h5py=3.12.0",)


def test_a_lost_file_of_a_stranger_is_not_what_is_missing(tmp_path: Path) -> None:
    # shiboken6 lost a msvcp140.dll that nobody else would have got anyway.
    tree = Tree(tmp_path)
    tree.install("shiboken6", "6.9", {"shiboken6/msvcp140.dll": tree.pe()})
    (tree.site / "shiboken6/msvcp140.dll").unlink()
    torch(tree, "MSVCP140.dll")

    assert checked(tree, "torch").code == "missing-vc-runtime"


def test_build_tools_only_of_another_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("vino", "1.0", {"vino/_a.pyd": tree.pe("libomp140.x86_64.dll")})

    found = checked(tree, "vino")

    assert found.code == "missing-build-tools-runtime"
    assert found.help[0].text == "try another release of vino:"
    assert found.help[1].text.startswith("or install the build tools")
