"""What targets demand of a machine, each with the file that proves it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

import dllguard
from dllguard._demands._asked import names_in
from dllguard._demands._container import dockerfile
from dllguard._demands._need import Need
from dllguard._hosts._built_in import built_in
from dllguard._judge import TargetError
from dllguard._needs import Needs, needs
from tests.command_lines import parse
from tests.pebuilder import ARM64, X64, X86, build_pe
from tests.texts import compare
from tests.trees import Tree

SCHEMA: Final[dict[str, Any]] = json.loads(
    Path(dllguard.__file__).with_name("needs-schema.json").read_text("utf-8")
)
STRINGS = "nvcuda.dll\0cudart64_12.dll\0mkl_avx2.1.dll\0kernel32.dll\0"


def installed(tree: Tree, files: Mapping[str, bytes], **fields: Any) -> Needs:
    """Return the needs of a distribution with the given files."""
    tree.install("shapes", "1.0", files, **fields)
    return valid(needs(built_in("win11+python=3.11", [str(tree.site)]), ["shapes"]))


def valid(found: Needs) -> Needs:
    """Hold needs to the rules of their text and to the schema of their JSON."""
    text = str(found)
    assert text.isascii()
    assert not any(line != line.rstrip() for line in text.splitlines())
    jsonschema.validate(json.loads(json.dumps(found.to_dict())), SCHEMA)
    for need in found.needs:
        for command in (c for way in need.ways for c in way.commands):
            parse(command.replace("redist.x86", "redist.x64").replace(".arm64", ".x64"))
    return found


def of(found: Needs, kind: str, *, optional: bool = False) -> list[Need]:
    return [n for n in found.needs if n.kind == kind and n.optional is optional]


def module(imports: Mapping[str, list[str | int]], **fields: Any) -> bytes:
    return build_pe(imports={"python311.dll": ["PyInit"], **imports}, **fields)


@pytest.mark.parametrize(
    ("imports", "linker", "lowest", "proof"),
    [
        pytest.param(
            {"VCRUNTIME140_THREADS.dll": ["thrd_create"]},
            (14, 36),
            "14.38",
            "imports VCRUNTIME140_THREADS.dll, which came with 14.38",
            id="name",
        ),
        pytest.param(
            {"MSVCP140.dll": ["_Mtx_lock", "_Mtx_init_in_situ"]},
            (14, 36),
            "14.30",
            "was built with toolset 14.36, and uses MSVCP140.dll",
            id="linker-by-its-tens",
        ),
        pytest.param(
            {"MSVCP140.dll": ["_Mtx_lock"]},
            (14, 36),
            "14.40",
            "locks std::mutex in the form of toolset 14.40",
            id="mutex",
        ),
        pytest.param(
            {"msvcp140_atomic_wait.dll": ["x"]}, (2, 46), "14.20", "14.20", id="gnu"
        ),
        pytest.param({"MSVCP140.dll": ["x"]}, (14, 0), "", "imports", id="any"),
    ],
)
def test_lowest_redistributable_and_why(
    imports: dict[str, list[str | int]],
    linker: tuple[int, int],
    lowest: str,
    proof: str,
    tree: Tree,
) -> None:
    found = installed(tree, {"shapes/_c.pyd": module(imports, linker=linker)})

    (need,) = of(found, "redistributable")
    assert need.lowest == lowest
    assert need.proofs[0].path.endswith("_c.pyd")
    assert proof in need.proofs[0].text
    commands = [c for way in need.ways for c in way.commands]
    assert "winget install --id Microsoft.VCRedist.2015+.x64 -e" in commands
    assert "vc_redist.x64.exe /install /quiet /norestart" in commands
    assert any("https://aka.ms/vc14/vc_redist.x64.exe" in w.text for w in need.ways)


@pytest.mark.parametrize(
    ("dll", "product"),
    [
        ("MSVCR120.dll", "Microsoft Visual C++ 2013 Redistributable"),
        ("msvcp100.dll", "Microsoft Visual C++ 2010 Redistributable"),
        ("MSVCR90.dll", "Microsoft Visual C++ 2008 Redistributable"),
    ],
)
def test_older_redistributables(dll: str, product: str, tree: Tree) -> None:
    found = installed(tree, {"shapes/_c.pyd": module({dll: ["x"]})})

    (need,) = of(found, "redistributable")
    assert need.name == f"{product}, x64"
    assert need.proofs[0].text == f"imports {dll}"


def test_assembly_of_a_manifest_is_a_redistributable(tree: Tree) -> None:
    manifest = (
        '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">'
        "<dependency><dependentAssembly><assemblyIdentity type='win32' "
        "name='Microsoft.VC90.CRT' version='9.0.21022.8' "
        "processorArchitecture='amd64' publicKeyToken='1fc8b3b9a1e18e3b'/>"
        "</dependentAssembly></dependency></assembly>"
    )
    found = installed(tree, {"shapes/_c.pyd": module({}, manifest=manifest)})

    (need,) = of(found, "redistributable")
    assert need.name.startswith("Microsoft Visual C++ 2008")
    assert "microsoft.vc90.crt 9.0.21022.8" in need.proofs[0].text


@pytest.mark.parametrize(
    "name", ["msvcp140.dll", "vcruntime140_threads.dll", "nvcuda.dll", "shapes.dll"]
)
def test_what_is_brought_is_no_need(name: str, tree: Tree) -> None:
    files = {"shapes/_c.pyd": module({name: ["x"]})}
    alone = installed(tree, files)
    tree.install("forms", "1.0", {f"forms/{name}": build_pe(name=name)})
    tree.install("both", "1.0", files, requires=["forms"])

    host = built_in("win11+python=3.11", [str(tree.site)])
    found = needs(host, ["both"])

    kinds = {"redistributable", "driver", "other"}
    assert [n for n in alone.needs if n.kind in kinds]
    assert not [n for n in found.needs if n.kind in kinds]


@pytest.mark.parametrize("name", ["vcruntime140.dll", "VCRUNTIME140_1.dll"])
def test_what_python_brings_is_no_need(name: str, tree: Tree) -> None:
    found = installed(tree, {"shapes/_c.pyd": module({name: ["x"]}, linker=(14, 44))})

    assert not of(found, "redistributable")


@pytest.mark.parametrize(
    ("imports", "lowest", "proof"),
    [
        ({"kernel32.dll": ["Sleep"]}, "8.1", "runs on Windows 8.1 or later"),
        ({"d3d12.dll": ["x"]}, "10", "imports d3d12.dll, which came with Windows 10"),
        (
            {"KERNEL32.dll": ["SetThreadDescription"]},
            "10 1703",
            "calls SetThreadDescription of KERNEL32.dll, which came with Windows 10",
        ),
        ({"icu.dll": ["x"], "d3d12.dll": ["x"]}, "10 1903", "imports icu.dll"),
    ],
)
def test_oldest_windows(
    imports: dict[str, list[str | int]], lowest: str, proof: str, tree: Tree
) -> None:
    found = installed(tree, {"shapes/_c.pyd": module(imports)})

    (need,) = of(found, "windows")
    assert need.lowest == lowest
    assert need.name == f"Windows {lowest} or later"
    assert proof in need.proofs[0].text


def test_api_sets_and_the_universal_crt(tree: Tree) -> None:
    imports = {
        "api-ms-win-crt-heap-l1-1-0.dll": ["malloc"],
        "api-ms-win-core-synch-l1-2-0.dll": ["x"],
        "api-ms-win-core-path-l1-1-0.dll": ["x"],
        "api-ms-win-core-file-l1-1-0.dll": ["x"],
        "api-ms-win-core-winrt-error-l1-1-1.dll": ["x"],
    }
    files = {"shapes/c.dll": build_pe(imports=imports)}

    found = installed(tree, files)

    (windows,) = of(found, "windows")
    assert windows.lowest == "8"
    assert [p.text for p in windows.proofs] == [
        "imports api-ms-win-core-path-l1-1-0.dll, which came with Windows 8"
    ]
    assert "does not have api-ms-win-core-winrt-error-l1-1-1.dll;" in windows.note
    (crt,) = of(found, "runtime")
    assert crt.name.startswith("Universal C Runtime")
    assert "KB2999226" in crt.note


@pytest.mark.parametrize(
    ("dll", "name", "image"),
    [
        ("MFPlat.DLL", "Media Foundation", "windows/server:"),
        (
            "OPENGL32.dll",
            "Windows with a desktop (no Server Core, no Nano Server)",
            "windows/server:",
        ),
        ("USER32.dll", "Windows other than Nano Server", "windows/servercore:"),
    ],
)
def test_features(dll: str, name: str, image: str, tree: Tree) -> None:
    found = installed(tree, {"shapes/_c.pyd": module({dll: ["x"]})})

    (need,) = of(found, "feature")
    assert need.name == name
    assert need.proofs[0].text == f"imports {dll}"
    assert need.image in dockerfile(found.needs)[0]
    assert image in need.image


@pytest.mark.parametrize(
    ("dll", "kind", "name"),
    [
        ("nvcuda.dll", "driver", "the driver of an NVIDIA graphics card"),
        ("cudart64_12.dll", "product", "CUDA 12, 64-bit"),
        ("libvlc.dll", "product", "VLC media player, 64-bit"),
        ("unheard_of.dll", "other", "unheard_of.dll"),
        ("libomp140.x86_64.dll", "runtime", "the C++ build tools of Visual Studio"),
        ("msvcp140d.dll", "runtime", "a debug runtime, which may not be passed on"),
    ],
)
def test_products_and_drivers(dll: str, kind: str, name: str, tree: Tree) -> None:
    found = installed(tree, {"shapes/_c.pyd": module({dll: ["x"]})})

    (need,) = of(found, kind)
    assert need.name == name
    assert need.proofs[0].text == f"imports {dll}"


def test_delay_imports_and_names_are_optional(tree: Tree) -> None:
    content = module(
        {},
        delay_imports={"vulkan-1.dll": ["x"]},
        sections={".rdata": STRINGS.encode()},
    )
    found = installed(tree, {"shapes/_c.pyd": content})

    assert not of(found, "driver")
    vulkan, nvidia = of(found, "driver", optional=True)
    assert vulkan.proofs[0].text == "delay-imports vulkan-1.dll"
    assert nvidia.proofs[0].text == "loads by name, it seems, nvcuda.dll"
    (cuda,) = of(found, "product", optional=True)
    assert cuda.name == "CUDA 12, 64-bit"


def test_what_is_required_is_not_told_again_as_optional(tree: Tree) -> None:
    content = module(
        {"nvcuda.dll": ["x"], "MSVCP140.dll": ["x"]},
        delay_imports={"msvcp140_1.dll": ["x"], "nvml.dll": ["x"]},
        linker=(14, 44),
    )
    found = installed(tree, {"shapes/_c.pyd": content})

    assert not [need for need in found.needs if need.optional]


def test_plug_ins_that_nothing_imports_are_optional(tree: Tree) -> None:
    files = {
        "shapes/_c.pyd": module({"core.dll": ["x"]}),
        "shapes/core.dll": build_pe(imports={"libvlc.dll": ["x"]}),
        "shapes/plugins/sql.dll": build_pe(imports={"libpq.dll": ["x"]}),
    }
    found = installed(tree, files)

    assert [n.name for n in of(found, "product")] == ["VLC media player, 64-bit"]
    (libpq,) = of(found, "product", optional=True)
    assert libpq.proofs[0].path.endswith("sql.dll")


@pytest.mark.parametrize(
    ("files", "name", "lowest"),
    [
        (("_c.cp312-win_amd64.pyd", {}), "CPython 3.12", "3.12"),
        (("_c.cp313t-win_amd64.pyd", {}), "CPython 3.13t", "3.13"),
        (("_c.pyd", {"python39.dll": ["x"]}), "CPython 3.9", "3.9"),
        (("_c.pyd", {"python3.dll": ["x"]}), "CPython with the stable ABI", ""),
        (("_c.pyd", {"python3t.dll": ["x"]}), "CPython 3.15 or later", "3.15"),
    ],
)
def test_python(
    files: tuple[str, dict[str, list[str | int]]], name: str, lowest: str, tree: Tree
) -> None:
    file, imports = files
    found = installed(tree, {f"shapes/{file}": build_pe(imports=imports)})

    (need,) = of(found, "python")
    assert (need.name, need.lowest) == (name, lowest)


def test_wheel_tag_tells_the_first_python_of_the_stable_abi(tree: Tree) -> None:
    content = build_pe(imports={"python3.dll": ["x"], "d3d12.dll": ["x"]})
    info = tree.install("shapes", "1.0", {"shapes/_c.pyd": content})
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: cp38-abi3-win_amd64\n")

    found = needs(built_in("win11+python=3.11", [str(tree.site)]), ["shapes"])

    (need,) = of(found, "python")
    assert need.name == "CPython 3.8 or later"


@pytest.mark.parametrize(
    ("machine", "name", "winget"),
    [(X86, "32-bit (x86) Python", ".x86"), (ARM64, "ARM64 Python", ".arm64")],
)
def test_architecture_is_that_of_the_files(
    machine: int, name: str, winget: str, tree: Tree
) -> None:
    files = {
        "shapes/_c.pyd": module({"MSVCP140.dll": ["x"]}, machine=machine),
        "shapes/attach.dll": build_pe(imports={"unheard_of.dll": ["x"]}),
    }
    found = installed(tree, files)

    (need,) = of(found, "architecture")
    assert need.name == name
    assert not of(found, "other")
    (runtime,) = of(found, "redistributable")
    assert winget in runtime.ways[0].commands[0]


def test_a_distribution_may_load_by_name_what_no_file_shows(tree: Tree) -> None:
    tree.install("python-vlc", "3.0", {})
    host = built_in("win11", [str(tree.site)])

    (need,) = needs(host, ["python-vlc"]).needs

    assert need.name == "VLC media player, 64-bit"
    assert need.proofs[0].path == "python-vlc 3.0"


@pytest.mark.parametrize(
    ("name", "version", "other", "expected"),
    [
        pytest.param("python-magic", "0.4", "", ["libmagic,"], id="alone"),
        pytest.param("python-magic", "0.4", "python-magic-bin", [], id="served"),
        pytest.param("tensorflow-gpu", "2.0.4", "", ["the"], id="before"),
        pytest.param("tensorflow-gpu", "2.1", "", [], id="past"),
        pytest.param("tensorflow-gpu", "1.0-custom", "", [], id="odd"),
    ],
)
def test_by_name_unless_it_is_served(
    name: str, version: str, other: str, expected: list[str], tree: Tree
) -> None:
    tree.install(name, version, {})
    if other:
        tree.install(other, "1.0", {})
    host = built_in("win11", [str(tree.site)])

    found = [need.name for need in needs(host, [name]).needs]

    assert [n.partition(" ")[0] for n in found] == expected


def test_parts_that_a_dll_loads_once_it_is_used(tree: Tree) -> None:
    files = {
        "shapes/cudnn64_8.dll": build_pe(),
        "shapes/cudnn_ops_infer64_8.dll": build_pe(),
    }
    found = installed(tree, files)

    proofs = [(proof.path, proof.text) for need in found.needs for proof in need.proofs]
    (text,) = (text for _, text in proofs if "by name" in text)
    assert text == "loads cudnn_cnn_infer64_8.dll by name once it is used"


def test_paths_are_targets_too(tree: Tree) -> None:
    core = build_pe(imports={"nvcuda.dll": ["x"], "beside.dll": ["x"]})
    tree.write(tree.root / "app" / "beside.dll")
    (tree.root / "app" / "core.dll").write_bytes(core)
    host = built_in("win11")

    for target in ("app", "app/core.dll"):
        found = needs(host, [str(tree.root / target)])
        assert [n.kind for n in found.needs if n.kind in ("driver", "other")] == [
            "driver"
        ]


@pytest.mark.parametrize("target", ["nothing", "./nothing", "./empty"])
def test_target_that_is_none(target: str, tree: Tree) -> None:
    (tree.root / "empty").mkdir()
    if target.startswith("."):
        target = str(tree.root / target)

    with pytest.raises(TargetError):
        needs(built_in("win11", [str(tree.site)]), [target])


@pytest.mark.parametrize("content", [b"", b"MZ", b"no DLL", build_pe()[:700]], ids=len)
def test_damaged_files_demand_nothing(content: bytes, tree: Tree) -> None:
    found = installed(tree, {"shapes/_c.pyd": content})

    assert found.files == 0
    assert [reason for _, reason in found.unread]
    assert str(found).startswith("shapes needs nothing that is known (0 native files")
    assert "not known is what these need:\n    shapes\\_c.pyd is " in str(found)
    assert names_in(str(tree.site / "shapes" / "_c.pyd")) == frozenset()
    assert found.needs == ()


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le"])
def test_names_in_the_data_of_a_file(encoding: str, tree: Tree) -> None:
    text = "\0\x01nvcuda.dll\0 libvlc.DLL\0.dll\0x.dll.mui\0C:\\a\\b.dll\0"
    content = build_pe(sections={".rdata": text.encode(encoding)})
    path = tree.root / "a.dll"
    path.write_bytes(content)

    assert names_in(str(path)) == {"nvcuda.dll", "libvlc.dll", "b.dll"}


def test_a_damaged_file_beside_others_is_named(tree: Tree) -> None:
    files = {
        "shapes/_c.pyd": module({"nvcuda.dll": ["x"]}),
        **{f"shapes/{name}.pyd": b"no DLL" for name in "defgh"},
    }
    found = installed(tree, files)

    assert found.files == 1
    assert of(found, "driver")
    assert [row["file"] for row in found.to_dict()["unread"]] == [  # type: ignore[attr-defined]
        f"shapes/{name}.pyd" for name in "defgh"
    ]
    assert str(found).count("is not a Windows DLL") == 4
    assert "and 1 more" in str(found)


@pytest.mark.parametrize(
    ("machine", "imports", "told"),
    [
        (X64, {}, "https://aka.ms/vs/17/release/vc_redist.x64.exe"),
        (X86, {}, "https://aka.ms/vs/17/release/vc_redist.x86.exe"),
        (X64, {"d3d12.dll": ["x"]}, ""),
        (ARM64, {}, ""),
    ],
)
def test_last_redistributable_for_older_windows(
    machine: int, imports: dict[str, list[str | int]], told: str, tree: Tree
) -> None:
    content = module({"MSVCP140.dll": ["x"], **imports}, machine=machine)
    found = installed(tree, {"shapes/_c.pyd": content})

    (need,) = of(found, "redistributable")
    assert need.note.endswith(told) if told else not need.note


def test_files_of_another_machine_are_told(tree: Tree) -> None:
    files = {
        "shapes/_c.pyd": module({}),
        "shapes/attach_x86.dll": build_pe(machine=X86),
        "shapes/attach_arm64.dll": build_pe(machine=ARM64),
    }
    found = installed(tree, files)

    (need,) = of(found, "architecture")
    assert need.name == "64-bit (x64) Python"
    assert need.note.endswith("2 files for ARM64 and x86 are not counted.")


def test_universal_crt_is_no_need_where_windows_has_it(tree: Tree) -> None:
    crt: dict[str, list[str | int]] = {"ucrtbase.dll": ["malloc"]}

    later = installed(tree, {"shapes/c.dll": build_pe(imports=crt)})
    tree.install(
        "tens", "1.0", {"tens/c.dll": build_pe(imports={**crt, "d3d12.dll": ["x"]})}
    )
    ten = valid(needs(built_in("win11", [str(tree.site)]), ["tens"]))

    assert len(of(later, "runtime")) == 1
    assert not of(ten, "runtime")


def test_a_desktop_is_no_nano_server_either(tree: Tree) -> None:
    imports: dict[str, list[str | int]] = {"OPENGL32.dll": ["x"], "USER32.dll": ["x"]}
    found = installed(tree, {"shapes/_c.pyd": module(imports)})

    (need,) = of(found, "feature")
    assert "desktop" in need.name


@pytest.mark.parametrize(
    ("imports", "machine", "first", "others"),
    [
        pytest.param(
            {"MSVCP140.dll": ["x"], "libvlc.dll": ["x"], "ucrtbase.dll": ["x"]},
            X64,
            "FROM mcr.microsoft.com/windows/servercore:ltsc2022",
            ["CPython 3.11", "VLC media player, 64-bit"],
            id="redistributable",
        ),
        pytest.param(
            {"MSVCP140.dll": ["x"], "MFPlat.dll": ["x"]},
            X86,
            "FROM mcr.microsoft.com/windows/server:ltsc2022",
            ["CPython 3.11"],
            id="media-foundation",
        ),
        pytest.param({"libvlc.dll": ["x"]}, X64, "", [], id="nothing-for-a-container"),
        pytest.param({"MSVCP140.dll": ["x"]}, ARM64, "", [], id="arm64"),
    ],
)
def test_dockerfile(
    imports: dict[str, list[str | int]],
    machine: int,
    first: str,
    others: list[str],
    tree: Tree,
) -> None:
    found = installed(tree, {"shapes/_c.pyd": module(imports, machine=machine)})

    lines = dockerfile(found.needs)

    assert lines[:1] == ((first,) if first else ())
    arch = "x86" if machine == X86 else "x64"
    assert [line for line in lines if line.startswith("ADD ")] == [
        f"ADD https://aka.ms/vc14/vc_redist.{arch}.exe C:/vc_redist.{arch}.exe"
    ] * bool(first)
    left = [line.partition(": ")[2] for line in lines if line.startswith("#")]
    assert left == others
    assert ("for a Dockerfile:" in str(found)) is bool(first)


def test_readme_has_an_item_for_each_need(tree: Tree) -> None:
    found = _everything(tree)

    items = found.to_dict()["readme"]
    assert isinstance(items, list)
    kinds = {"architecture"}
    assert len(items) == len([n for n in found.needs if n.kind not in kinds])
    wrapped = " ".join(str(found).split())
    assert all(f"- {item}" in wrapped for item in items)


def _everything(tree: Tree) -> Needs:
    files = {
        "shapes/_c.cp311-win_amd64.pyd": module(
            {
                "core.dll": ["x"],
                "MSVCP140.dll": ["x"],
                "api-ms-win-crt-heap-l1-1-0.dll": ["malloc"],
            },
            linker=(14, 29),
        ),
        "shapes/core.dll": build_pe(
            imports={
                "VCRUNTIME140_THREADS.dll": ["thrd_create"],
                "MSVCR120.dll": ["x"],
                "MFPlat.DLL": ["x"],
                "KERNEL32.dll": ["SetThreadDescription"],
                "nvcuda.dll": ["x"],
                "shapes_extra.dll": ["x"],
            },
            delay_imports={"cublas64_12.dll": ["x"]},
            linker=(14, 38),
        ),
    }
    return installed(tree, files)


def test_text(tree: Tree) -> None:
    text = str(_everything(tree))

    assert str(tree.root) not in text
    compare("needs", text)


def test_json(tree: Tree) -> None:
    found = _everything(tree).to_dict()

    assert next(iter(found)) == "version"
    text = json.dumps(found, indent=2)
    assert str(tree.root) not in text
    compare("needs-json", text)


def test_text_where_nothing_is_needed(tree: Tree) -> None:
    found = installed(tree, {"shapes/c.dll": build_pe(imports={"kernel32.dll": ["x"]})})

    compare("needs-nothing", str(found))
