"""A file that was found and does not fit: another machine, or no DLL at all."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._causes._misfits import unreadable
from dllguard._causes._scene import Scene
from dllguard._hosts._host import Host
from dllguard._judge import judge
from dllguard._model import Fault, Link, Load
from dllguard._verdict import Diagnosis
from tests.pebuilder import ARM64, X64, X86, build_pe
from tests.texts import golden, obey
from tests.trees import Tree


def first(tree: Tree, target: str, host: Host | None = None) -> Diagnosis:
    """Return the first error on a target, with `C:` for the folder of the test."""
    found = tree.plain(judge(host or tree.live(), target)).diagnoses[0]
    obey(found)
    return found


def test_a_dll_for_another_machine(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("vlc", "3.0", {"vlc/_core.pyd": tree.pe("libvlc.dll")})
    tree.write(tree.python / "libvlc.dll", machine=X86)

    found = first(tree, "vlc")

    assert found.code == "wrong-architecture"
    assert found.winerror == 193
    golden("wrong-architecture", found)


def test_a_fitting_copy_further_on_is_taken(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("vlc", "3.0", {"vlc/_core.pyd": tree.pe("libvlc.dll")})
    tree.write(tree.python / "libvlc.dll", machine=X86)
    tree.write(tmp_path / "VLC" / "libvlc.dll")

    assert judge(tree.live(tmp_path / "VLC"), "vlc").ok


def test_the_runtime_of_the_python_decides(tmp_path: Path) -> None:
    tree = Tree(tmp_path, machine=X86)
    tree.install("zmq", "15.3", {"zmq/libzmq.pyd": tree.pe("MSVCP140.dll")})
    tree.write(tree.system / "msvcp140.dll", machine=X64)

    found = first(tree, "zmq")

    assert found.code == "wrong-architecture"
    (command,) = found.help[0].commands
    assert command == "winget install --id Microsoft.VCRedist.2015+.x86 -e"


def test_a_part_of_the_package_itself(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    files = {
        "vlc/_core.pyd": tree.pe("libvlc.dll"),
        "vlc/libvlc.dll": build_pe(machine=ARM64),
    }
    tree.install("vlc", "3.0", files)

    found = first(tree, "vlc")

    assert found.code == "wrong-architecture"
    assert "reinstall vlc 3.0" in str(found)


def test_the_whole_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path, machine=X86)
    tree.install("torch", "2.9.0", {"torch/_C.pyd": build_pe(machine=X64)})

    found = first(tree, "torch")

    assert found.code == "package-wrong-architecture"
    golden("package-wrong-architecture", found)


def test_arm64x_fits_an_x64_process(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("vlc", "3.0", {"vlc/_core.pyd": build_pe(machine=ARM64, chpe=True)})

    host = tree.live()
    assert not judge(host, "vlc").ok
    host = replace(host, process=replace(host.process, native=ARM64))
    assert judge(host, "vlc").ok


def test_a_file_of_no_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = tree.write(tmp_path / "own" / "mine.dll", machine=X86)

    found = first(tree, str(path))

    assert found.code == "wrong-architecture"
    assert "The file was built for another architecture." in found.summary


def test_an_x86_python_under_a_wider_windows(tmp_path: Path) -> None:
    tree = Tree(tmp_path, machine=X86)
    host = replace(tree.live(), system_machine=X64)

    missing, python = tree.plain(judge(host, "torch")).diagnoses

    assert missing.code == "package-not-installed"
    assert python.code == "python-wrong-architecture"
    assert python.severity == "warning"
    golden("python-wrong-architecture", python)


@pytest.mark.parametrize(("python", "windows"), [(X86, X86), (X64, X64), (X64, ARM64)])
def test_a_python_that_suits_windows(tmp_path: Path, python: int, windows: int) -> None:
    tree = Tree(tmp_path, machine=python)
    host = replace(tree.live(), system_machine=windows)

    (found,) = judge(host, "torch").diagnoses

    assert found.code == "package-not-installed"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("html", b"<!DOCTYPE html><html>", "is a web page, not a DLL"),
        ("lfs", b"version https://git-lfs.github.com/spec/v1\n", "git-lfs pointer"),
        ("empty", b"", "is empty"),
        ("text", b"\x7fELF", "is not a Windows DLL"),
    ],
)
def test_no_dll_at_all(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    tree = Tree(tmp_path)
    files = {"shapes/_core.pyd": tree.pe("geos.dll"), "shapes/geos.dll": tree.pe()}
    tree.install("shapes", "1.0", files)
    (tree.site / "shapes/geos.dll").write_bytes(content)

    found = first(tree, "shapes")

    assert found.code == "unreadable-dll"
    assert found.winerror == 193
    assert reason in found.headline
    assert "reinstall shapes 1.0" in str(found)
    if name != "text":
        golden(f"unreadable-dll-{name}", found)


def test_an_extension_module_that_is_cut_off(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    whole = tree.pe("KERNEL32.dll")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": whole})
    (tree.site / "shapes/_core.pyd").write_bytes(whole[:1000])

    found = first(tree, "shapes")

    assert found.code == "unreadable-dll"
    assert len(found.chain) == 1
    golden("unreadable-dll", found)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe()})
    (tree.site / "shapes/_core.pyd").chmod(0)

    found = first(tree, "shapes")

    assert found.code == "unreadable-dll"
    assert found.winerror == 5
    assert "icacls" in str(found)


def test_a_damaged_copy_comes_first(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("MSVCP140.dll")})
    (tree.python / "msvcp140.dll").write_bytes(b"<html>")

    found = first(tree, "shapes")

    assert found.code == "shadowed-dll"
    assert found.wanted == r"C:\Windows\System32\msvcp140.dll"
    text = golden("shadowed-dll", found)
    # The good one is in System32 already.
    assert "move this copy out of the folder of python.exe" in text


def test_a_later_copy_for_another_machine_is_not_good(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("geos.dll")})
    (tree.python / "geos.dll").write_bytes(b"<html>")
    tree.write(tree.system / "geos.dll", machine=X86)

    assert first(tree, "shapes").code == "unreadable-dll"


@pytest.mark.parametrize("content", [b"<html>", build_pe()[:700]])
def test_a_damaged_runtime(tmp_path: Path, content: bytes) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("MSVCP140.dll")})
    (tree.system / "msvcp140.dll").write_bytes(content)

    found = first(tree, "shapes")

    assert found.code == "vc-runtime-damaged"
    assert found.severity == "error"
    assert "VCRedist.2015+.x64" in str(found)
    assert "choose Repair" in str(found)
    if content != b"<html>":
        golden("vc-runtime-damaged", found)


def test_a_damaged_runtime_in_a_package(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    files = {"qt/Core.pyd": tree.pe("MSVCP140.dll"), "qt/msvcp140.dll": tree.pe()}
    tree.install("qt", "5.15", files)
    (tree.site / "qt/msvcp140.dll").write_bytes(b"")

    found = first(tree, "qt")

    assert found.code == "shadowed-dll"
    assert "reinstall qt 5.15" in str(found)
    assert "VCRedist" not in str(found)


@pytest.mark.parametrize("code", [5, 32])
def test_a_file_that_could_not_be_opened(tmp_path: Path, code: int) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe()})
    path = str(tree.site / "shapes" / "_core.pyd")
    reason = "cannot be opened (Permission denied)"
    link = Link("_core.pyd", path)
    fault = Fault("unreadable", (link,), winerror=code, path=path, reason=reason)

    found = unreadable(fault, Load(path, ()), Scene(tree.live(), "shapes"))

    assert found.code == "unreadable-dll"
    assert found.headline == "_core.pyd cannot be opened"
    assert found.help[0].commands == (f'icacls "{path}"',)


def test_a_damaged_runtime_in_a_folder_of_nobody(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("MSVCP140.dll")})
    (tmp_path / "added").mkdir()
    (tmp_path / "added" / "msvcp140.dll").write_bytes(b"")

    found = first(tree, "shapes", tree.live(tmp_path / "added"))

    assert found.code == "vc-runtime-damaged"
    assert "install the product that the file belongs to again" in str(found)


def wanting(name: str, version: str, token: str) -> str:
    """Return the manifest of a DLL that depends on a side-by-side assembly."""
    return (
        '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">'
        "<dependency><dependentAssembly>"
        f'<assemblyIdentity type="win32" name="{name}" version="{version}" '
        f'processorArchitecture="amd64" publicKeyToken="{token}"/>'
        "</dependentAssembly></dependency></assembly>"
    )


@pytest.mark.parametrize(
    ("name", "assembly", "product"),
    [
        ("vc90", "Microsoft.VC90.CRT", "VCRedist.2008.x64"),
        ("vc80", "Microsoft.VC80.MFC", "VCRedist.2005.x64"),
        ("unknown", "Acme.Shapes", ""),
    ],
)
def test_an_assembly_that_is_not_there(
    tmp_path: Path, name: str, assembly: str, product: str
) -> None:
    tree = Tree(tmp_path)
    manifest = wanting(assembly, "9.0.21022.8", "1fc8b3b9a1e18e3b")
    files = {
        "shapes/_core.pyd": tree.pe("geos.dll"),
        "shapes/geos.dll": tree.pe(manifest=manifest),
    }
    tree.install("shapes", "1.0", files)

    found = first(tree, "shapes")

    assert (found.code, found.winerror) == ("side-by-side", 14001)
    assert re.findall(r"VCRedist\S+", str(found)) == ([product] if product else [])
    if name != "vc80":
        golden(f"side-by-side-{name}", found)


def test_an_assembly_for_an_arm64_python(tmp_path: Path) -> None:
    tree = Tree(tmp_path, machine=ARM64)
    manifest = wanting("Microsoft.VC90.CRT", "9.0.21022.8", "1fc8b3b9a1e18e3b")
    core = tree.pe(manifest=manifest)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": core})

    found = first(tree, "shapes")

    assert found.code == "side-by-side"
    assert "there is no ARM64 build" in found.help[0].text
