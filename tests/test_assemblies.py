"""Assemblies in trees of files, and what Wine makes of the same files."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dllguard._files._disk import Disk
from dllguard._loader._assemblies import read_manifest, redirections
from dllguard._loader._process import Process
from dllguard._model import ARM64, X64, X86, Assembly
from tests.pebuilder import write_pe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench import Bench, BenchFactory

TOKEN = "0123456789abcdef"
WANTED = Assembly("private.asm", (1, 0, 0, 0), "amd64")
SHARED = Assembly("shared.asm", (1, 0, 5, 2), "amd64", TOKEN)


def identity(assembly: Assembly) -> str:
    version = ".".join(map(str, assembly.version))
    token = f' publicKeyToken="{assembly.token}"' if assembly.token else ""
    language = f' language="{assembly.language}"' if assembly.language != "*" else ""
    return (
        f'<assemblyIdentity type="win32" name="{assembly.name.title()}"'
        f' version="{version}" processorArchitecture="{assembly.architecture}"'
        f"{token}{language}/>"
    )


def manifest(
    own: Assembly | None,
    files: Sequence[str] = (),
    assemblies: Sequence[Assembly] = (),
) -> str:
    body = identity(own) if own else ""
    body += "".join(f'<file name="{file}"/>' for file in files)
    for other in assemblies:
        body += "<dependency><dependentAssembly>"
        body += f"{identity(other)}</dependentAssembly></dependency>"
    return (
        '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">'
        f"{body}</assembly>"
    )


class Machine:
    """A folder with the importer, and a Windows with a WinSxS folder."""

    def __init__(self, root: Path, windows: Path | None = None) -> None:
        self.beside = root / "package"
        self.application = root / "Python"
        self.windows = windows or root / "Windows"
        self.importer = self.write("top.dll")

    def write(self, path: str | Path, content: str | bytes | None = None) -> Path:
        """Write a file beside the importer: a DLL that exports `function`, or that."""
        full = self.beside / path
        full.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            return write_pe(full, exports=["function"])
        full.write_bytes(content.encode() if isinstance(content, str) else content)
        return full

    def share(
        self,
        name: str,
        *files: str,
        manifest_name: str | None = None,
        content: str | bytes | None = None,
    ) -> Path:
        """Write an assembly into WinSxS; the folder is named as its manifest."""
        architecture, assembly, token, version, culture, _ = name.split("_")
        major, minor, build, revision = map(int, version.split("."))
        language = "*" if culture == "none" else culture
        own = Assembly(
            assembly, (major, minor, build, revision), architecture, token, language
        )
        store = self.windows / "winsxs"
        path = store / "manifests" / f"{manifest_name or name}.manifest"
        self.write(path, content or manifest(own, files))
        for file in files:
            self.write(store / name / file)
        return store / name

    def process(self, machine: int = X64) -> Process:
        return Process(
            disk=Disk(),
            machine=machine,
            application=str(self.application),
            system=str(self.windows / "system32"),
            windows=str(self.windows),
        )

    def find(
        self, *assemblies: Assembly, machine: int = X64
    ) -> tuple[dict[str, str], tuple[Assembly, ...]]:
        found, missing = redirections(
            assemblies, str(self.importer), self.process(machine)
        )
        return dict(found), missing


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_wanted(machine: Machine) -> None:
    assert machine.find() == ({}, ())


def test_absent(machine: Machine) -> None:
    machine.share(f"amd64_shared.asm_{TOKEN}_2.0.0.0_none_aa", "helper.dll")

    assert machine.find(WANTED, SHARED) == ({}, (WANTED, SHARED))


# Private assemblies.


@pytest.mark.parametrize(
    "path",
    [
        "private.asm.manifest",
        "PRIVATE.ASM.Manifest",
        "private.asm/private.asm.manifest",
        "Private.Asm/private.asm.MANIFEST",
    ],
)
def test_private(machine: Machine, path: str) -> None:
    file = machine.write(path, manifest(WANTED, ["Helper.dll"]))
    helper = machine.write(file.parent / "helper.DLL")

    paths, missing = machine.find(WANTED)
    assert missing == ()
    assert list(paths) == ["helper.dll"]
    assert paths["helper.dll"].lower() == str(helper).lower()


@pytest.mark.parametrize("folder", ["", "private.asm"])
def test_private_in_a_dll(machine: Machine, folder: str) -> None:
    files = ["private.asm.dll", "helper.dll"]
    helper = machine.write(Path(folder, "helper.dll"))
    dll = write_pe(
        machine.beside / folder / "private.asm.dll",
        manifest=manifest(WANTED, files),
        manifest_id=1,
    )

    found = {"private.asm.dll": str(dll), "helper.dll": str(helper)}
    assert machine.find(WANTED) == (found, ())


@pytest.mark.parametrize("content", [None, b"", b"text"], ids=["dll", "empty", "text"])
def test_dll_without_a_manifest_is_passed_over(
    machine: Machine, content: bytes | None
) -> None:
    machine.write("private.asm.dll", content)
    machine.write("private.asm.manifest", manifest(WANTED, ["helper.dll"]))
    helper = machine.write("helper.dll")

    assert machine.find(WANTED) == ({"helper.dll": str(helper)}, ())


def test_dll_comes_before_manifest_and_folder_before_subfolder(
    machine: Machine,
) -> None:
    first = machine.write("first.dll")
    machine.write("private.asm.manifest", manifest(WANTED, ["first.dll"]))
    machine.write("private.asm/private.asm.manifest", manifest(WANTED, ["second.dll"]))
    machine.write("private.asm/second.dll")
    assert machine.find(WANTED)[0] == {"first.dll": str(first)}

    own = write_pe(
        machine.beside / "private.asm.dll",
        manifest=manifest(WANTED, ["private.asm.dll"]),
        manifest_id=1,
    )
    assert machine.find(WANTED)[0] == {"private.asm.dll": str(own)}


def test_application_folder_has_no_assemblies_of_a_dll(machine: Machine) -> None:
    folder = machine.application / "private.asm"
    machine.write(folder / "private.asm.manifest", manifest(WANTED, ["helper.dll"]))
    machine.write(folder / "helper.dll")

    assert machine.find(WANTED) == ({}, (WANTED,))


@pytest.mark.parametrize(
    ("own", "wanted", "fits"),
    [
        pytest.param((1, 0, 0, 0), (1, 0, 0, 0), True, id="same"),
        pytest.param((1, 0, 0, 1), (1, 0, 0, 0), False, id="newer"),
        pytest.param((1, 0, 0, 0), (1, 0, 0, 1), False, id="older"),
        pytest.param((3, 2, 1, 0), (0, 0, 0, 0), True, id="any"),
    ],
)
def test_private_version(
    machine: Machine,
    own: tuple[int, int, int, int],
    wanted: tuple[int, int, int, int],
    *,
    fits: bool,
) -> None:
    there = Assembly("private.asm", own, "amd64")
    machine.write("private.asm.manifest", manifest(there))
    assembly = Assembly("private.asm", wanted, "amd64")

    assert machine.find(assembly) == ({}, () if fits else (assembly,))


@pytest.mark.parametrize(
    "there",
    [
        Assembly("other.asm", (1, 0, 0, 0), "amd64"),
        Assembly("private.asm", (1, 0, 0, 0), "amd64", TOKEN),
        Assembly("private.asm", (1, 0, 0, 0), "x86"),
        None,
    ],
    ids=["name", "token", "architecture", "no-identity"],
)
def test_first_manifest_that_is_found_decides(
    machine: Machine, there: Assembly | None
) -> None:
    machine.write("private.asm.manifest", manifest(there))
    machine.write("private.asm/private.asm.manifest", manifest(WANTED))

    assert machine.find(WANTED) == ({}, (WANTED,))


@pytest.mark.parametrize("content", [b"", b"<", b"\xff\xfe<"], ids=repr)
def test_damaged_manifest_is_no_assembly(machine: Machine, content: bytes) -> None:
    machine.write("private.asm.manifest", content)

    assert machine.find(WANTED) == ({}, (WANTED,))


def test_manifest_that_is_a_folder(machine: Machine) -> None:
    (machine.beside / "private.asm.manifest").mkdir()

    assert machine.find(WANTED) == ({}, (WANTED,))


@pytest.mark.parametrize(
    ("machine_type", "architecture"), [(X86, "x86"), (X64, "amd64"), (ARM64, "arm64")]
)
def test_any_architecture_is_that_of_the_process(
    machine: Machine, machine_type: int, architecture: str
) -> None:
    there = Assembly("private.asm", (1, 0, 0, 0), architecture)
    machine.write("private.asm.manifest", manifest(there))
    anything = Assembly("private.asm", (1, 0, 0, 0))
    others = {X86, X64, ARM64} - {machine_type}

    assert machine.find(anything, machine=machine_type) == ({}, ())
    assert machine.find(there, machine=machine_type) == ({}, ())
    for other in others:
        assert machine.find(anything, machine=other) == ({}, (anything,))


def test_utf_16(machine: Machine) -> None:
    xml = codecs.BOM_UTF16_LE + manifest(WANTED, ["helper.dll"]).encode("utf-16-le")
    machine.write("private.asm.manifest", xml)
    helper = machine.write("helper.dll")

    assert machine.find(WANTED) == ({"helper.dll": str(helper)}, ())


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("..\\helper.dll", "helper.dll"),
        ("../helper.dll", "helper.dll"),
        ("sub\\helper.dll", "private.asm/sub/helper.dll"),
        ("absent.dll", None),
        ("C:\\helper.dll", None),
        ("..\\" * 100_000 + "helper.dll", None),
    ],
    ids=["up", "slash", "down", "absent", "elsewhere", "long"],
)
def test_file_of_a_private_assembly(
    machine: Machine, file: str, path: str | None
) -> None:
    machine.write("private.asm/private.asm.manifest", manifest(WANTED, [file]))
    for there in ("helper.dll", "private.asm/sub/helper.dll"):
        machine.write(there)

    expected = {"helper.dll": str(machine.beside / path)} if path else {}
    assert machine.find(WANTED) == (expected, ())


@pytest.mark.parametrize(
    ("language", "folders", "found"),
    [
        ("fr-be", ["fr-be", "fr", "en-us", "en", "."], "fr-be"),
        ("fr-be", ["fr", "en-us", "en", "."], "fr"),
        ("fr-be", ["en-us", "en", "."], "en-us"),
        ("fr-be", ["en", "."], "en"),
        ("fr-be", ["."], "."),
        ("fr-be", ["de"], None),
        ("*", ["fr-be", "."], "."),
        ("..", ["..", "."], "."),
    ],
)
def test_culture_folders(
    machine: Machine, language: str, folders: list[str], found: str | None
) -> None:
    wanted = Assembly("private.asm", (1, 0, 0, 0), "amd64", language=language)
    for folder in folders:
        machine.write(
            f"{folder}/private.asm.manifest", manifest(wanted, ["helper.dll"])
        )
        machine.write(f"{folder}/helper.dll")

    paths, missing = machine.find(wanted)
    if found is None:
        assert missing == (wanted,)
    else:
        assert paths == {"helper.dll": str(machine.beside / found / "helper.dll")}


# Shared assemblies.


def test_newest_build_of_the_same_version(machine: Machine) -> None:
    for version in ("1.0.4.9", "1.0.5.2", "1.0.5.10", "1.1.99.0", "2.0.0.0"):
        machine.share(f"amd64_shared.asm_{TOKEN}_{version}_none_aa", "helper.dll")
    newest = machine.share(f"amd64_shared.asm_{TOKEN}_1.0.10.0_none_bb", "Helper.dll")

    assert machine.find(SHARED) == ({"helper.dll": str(newest / "Helper.dll")}, ())


@pytest.mark.parametrize("version", ["1.0.5.1", "1.0.4.9999", "1.1.5.2", "2.0.5.2"])
def test_older_or_other_version_will_not_do(machine: Machine, version: str) -> None:
    machine.share(f"amd64_shared.asm_{TOKEN}_{version}_none_aa", "helper.dll")

    assert machine.find(SHARED) == ({}, (SHARED,))


@pytest.mark.parametrize(
    "name",
    [
        f"x86_shared.asm_{TOKEN}_1.0.5.2_none_aa",
        f"amd64_other.asm_{TOKEN}_1.0.5.2_none_aa",
        "amd64_shared.asm_ffffffffffffffff_1.0.5.2_none_aa",
        f"amd64_policy.1.0.shared.asm_{TOKEN}_1.0.5.2_none_aa",
        f"amd64_shared.asm.more_{TOKEN}_1.0.5.2_none_aa",
    ],
    ids=["architecture", "name", "token", "policy", "longer-name"],
)
def test_other_assemblies_are_passed_over(machine: Machine, name: str) -> None:
    machine.share(name, "helper.dll")

    assert machine.find(SHARED) == ({}, (SHARED,))


def test_shared_comes_before_private(machine: Machine) -> None:
    folder = machine.share(f"amd64_shared.asm_{TOKEN}_1.0.5.2_none_aa", "helper.dll")
    machine.write("shared.asm.manifest", manifest(SHARED, ["helper.dll"]))
    machine.write("helper.dll")

    assert machine.find(SHARED)[0] == {"helper.dll": str(folder / "helper.dll")}


def test_shared_assembly_may_lie_beside_the_importer(machine: Machine) -> None:
    machine.write("shared.asm.manifest", manifest(SHARED, ["helper.dll"]))
    helper = machine.write("helper.dll")

    assert machine.find(SHARED) == ({"helper.dll": str(helper)}, ())


def test_assembly_without_a_token_is_not_shared(machine: Machine) -> None:
    name = "amd64_private.asm__1.0.0.0_none_aa"
    machine.share(name, "helper.dll")

    assert machine.find(WANTED) == ({}, (WANTED,))


def test_any_architecture_is_shared_too(machine: Machine) -> None:
    machine.share(f"amd64_shared.asm_{TOKEN}_1.0.9.0_none_aa", "helper.dll")
    folder = machine.share(f"x86_shared.asm_{TOKEN}_1.0.5.2_none_aa", "helper.dll")
    wanted = Assembly("shared.asm", (1, 0, 0, 0), token=TOKEN)

    found = {"helper.dll": str(folder / "helper.dll")}
    assert machine.find(wanted, machine=X86) == (found, ())
    assert machine.find(wanted, machine=ARM64) == ({}, (wanted,))


@pytest.mark.parametrize(
    ("language", "cultures", "found"),
    [
        ("*", ["none", "en-us"], "none"),
        ("*", ["en-us"], "en-us"),
        ("de-de", ["none", "de-de"], "de-de"),
        ("de-de", ["none", "de"], "de"),
        ("de-de", ["none", "en-us", "fr-fr"], "en-us"),
        ("de-de", ["none", "fr-fr"], "none"),
        ("de-de", ["fr-fr"], None),
    ],
)
def test_cultures(
    machine: Machine, language: str, cultures: list[str], found: str | None
) -> None:
    for culture in cultures:
        machine.share(f"amd64_shared.asm_{TOKEN}_1.0.5.2_{culture}_aa", "helper.dll")
    wanted = Assembly("shared.asm", (1, 0, 0, 0), "amd64", TOKEN, language)

    paths, missing = machine.find(wanted)
    assert [path.split("_")[-2] for path in paths.values()] == [found] * bool(found)
    assert missing == (() if found else (wanted,))


def test_wines_own_come_last(machine: Machine) -> None:
    start = f"amd64_shared.asm_{TOKEN}"
    machine.share(f"{start}_1.0.99.0_none_deadbeef", "helper.dll")
    folder = machine.share(f"{start}_1.0.5.2_none_0a1b", "helper.dll")

    assert machine.find(SHARED)[0] == {"helper.dll": str(folder / "helper.dll")}


def test_long_names_are_shortened(machine: Machine) -> None:
    name = "microsoft.windows.common-controls.resources"
    folder = machine.share(
        f"amd64_microsoft.windows.c..-controls.resources_{TOKEN}_6.0.1.0_en-us_aa",
        "helper.dll",
    )
    wanted = Assembly(name, (6, 0, 0, 0), "amd64", TOKEN, "en-us")

    assert machine.find(wanted)[0] == {"helper.dll": str(folder / "helper.dll")}


def test_manifest_that_windows_has_compressed(machine: Machine) -> None:
    name = f"amd64_shared.asm_{TOKEN}_1.0.5.2_none_aa"
    folder = machine.share(name, "a.dll", "b.dll", content=b"DCM\x01PA30")

    found = {"a.dll": str(folder / "a.dll"), "b.dll": str(folder / "b.dll")}
    assert machine.find(SHARED) == (found, ())


def test_manifest_without_its_folder(machine: Machine) -> None:
    machine.share(f"amd64_shared.asm_{TOKEN}_1.0.5.2_none_aa")

    assert machine.find(SHARED) == ({}, ())


# Assemblies that depend on others.


def test_assemblies_of_an_assembly(machine: Machine) -> None:
    second = Assembly("second.asm", (2, 0, 0, 0), "amd64")
    third = Assembly("third.asm", (3, 0, 0, 0), "amd64")
    machine.write(
        "private.asm.manifest", manifest(WANTED, ["helper.dll"], [second, third])
    )
    second_helper = manifest(second, ["helper.dll", "other.dll"], [WANTED])
    machine.write("second.asm.manifest", second_helper)
    helper, other = machine.write("helper.dll"), machine.write("other.dll")

    found = {"helper.dll": str(helper), "other.dll": str(other)}
    assert machine.find(WANTED) == (found, (third,))


def test_first_assembly_with_a_file_has_it(machine: Machine) -> None:
    second = Assembly("second.asm", (2, 0, 0, 0), "amd64")
    for assembly in (WANTED, second):
        folder = machine.beside / assembly.name
        content = manifest(assembly, ["helper.dll"])
        machine.write(folder / f"{assembly.name}.manifest", content)
        machine.write(folder / "helper.dll")

    for first, then in ((WANTED, second), (second, WANTED)):
        path = machine.beside / first.name / "helper.dll"
        assert machine.find(first, then) == ({"helper.dll": str(path)}, ())


# A Windows that is not at hand.


@pytest.mark.parametrize("store", [False, True], ids=["no-winsxs", "winsxs"])
def test_what_comes_with_windows(machine: Machine, *, store: bool) -> None:
    controls = Assembly(
        "microsoft.windows.common-controls", (6, 0, 0, 0), token="6595b64144ccf1df"
    )
    if store:
        machine.share(f"amd64_shared.asm_{TOKEN}_1.0.5.2_none_aa")

    assert machine.find(controls) == ({}, (controls,) if store else ())
    assert machine.find(SHARED) == ({}, () if store else (SHARED,))


def test_windows_known_by_name_is_not_looked_for_here(machine: Machine) -> None:
    machine.share(f"amd64_shared.asm_{TOKEN}_1.0.5.2_none_aa", "helper.dll")
    windows = str(machine.windows)
    process = Process(
        disk=Disk({windows: {}}),
        machine=X64,
        application="",
        system="",
        windows=windows,
    )

    assert redirections((SHARED,), "a.dll", process) == ({}, (SHARED,))


@pytest.mark.parametrize("importer", ["a.dll", r"C:\x\a.dll", "/absent/a.dll"])
def test_nowhere(importer: str) -> None:
    process = Process(disk=Disk(), machine=0, application="", system="", windows="")

    assert redirections((WANTED, SHARED), importer, process)[1] == (WANTED, SHARED)


# The same files under Wine.

PROGRAM = """
import ctypes, sys
ctypes.WinDLL(sys.argv[1], winmode=0x1100)
from dllguard._hosts._win32 import loaded_modules
print(loaded_modules()[sys.argv[2]])
"""


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    return bench_factory()


@pytest.mark.bench
@pytest.mark.skipif(sys.platform == "win32", reason="the bench is Wine's")
@pytest.mark.parametrize(
    ("assemblies", "dll"),
    [
        pytest.param([WANTED], "helper.dll", id="private"),
        pytest.param(
            [Assembly("nested.asm", (1, 2, 3, 4))], "helper.dll", id="of-an-assembly"
        ),
        pytest.param([SHARED], "helper.dll", id="newest-shared"),
        pytest.param(
            [Assembly("microsoft.vc90.crt", (9, 0, 21022, 8), "*", "1fc8b3b9a1e18e3b")],
            "msvcr90.dll",
            id="runtime",
        ),
        pytest.param(
            [
                Assembly(
                    "microsoft.windows.common-controls",
                    (6, 0, 0, 0),
                    token="6595b64144ccf1df",
                )
            ],
            "comctl32.dll",
            id="common-controls",
        ),
        pytest.param([], "helper.dll", id="none"),
    ],
)
def test_as_wine_does(
    tmp_path: Path, bench: Bench, assemblies: list[Assembly], dll: str
) -> None:
    machine = Machine(tmp_path, bench.windows_dir)
    machine.application = bench.python_dir
    for version in ("1.0.5.2", "1.0.5.10", "1.1.0.0"):
        machine.share(f"amd64_shared.asm_{TOKEN}_{version}_none_aa", "helper.dll")
    machine.write("helper.dll")
    machine.write("private.asm/private.asm.manifest", manifest(WANTED, ["helper.dll"]))
    machine.write("private.asm/helper.dll")
    nested = Assembly("nested.asm", (1, 2, 3, 4), "amd64")
    machine.write("nested.asm.manifest", manifest(nested, (), [WANTED]))
    xml = manifest(None, (), assemblies)
    top = write_pe(
        machine.importer,
        imports={"middle.dll": ["function"]},
        manifest=xml,
    )
    # It has no manifest: the importer's counts for it as well.
    write_pe(
        top.with_name("middle.dll"), imports={dll: ["function"]}, exports=["function"]
    )

    found, missing = machine.find(*read_manifest(xml.encode()))
    ours = found.get(dll, str(machine.beside / dll))
    done = bench.run_code(PROGRAM, bench.windows_path(top), dll)

    assert done.stderr == ""
    assert missing == ()
    on_c = done.stdout.strip().replace("C:\\", f"{bench.prefix}/drive_c/")
    path = on_c.removeprefix("Z:").replace("\\", "/")
    assert path.lower() == ours.lower()
