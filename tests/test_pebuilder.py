"""What the builder was asked for is what pefile, and LIEF, read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pefile
import pytest

from tests.pebuilder import ARM64, ARM64EC, ARM64X, X64, X86, build_pe, write_pe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MACHINES = [
    pytest.param(X86, id="x86"),
    pytest.param(X64, id="x64"),
    pytest.param(ARM64, id="arm64"),
    pytest.param(ARM64EC, id="arm64ec"),
    pytest.param(ARM64X, id="arm64x"),
]
IMPORTS = [
    pytest.param({"a.dll": ["x"]}, id="one-name"),
    pytest.param({"a.dll": [7]}, id="one-ordinal"),
    pytest.param({"a.dll": ["x", 65535, "?f@@YAXXZ"], "B.DLL": [1]}, id="mixed"),
    pytest.param({"a.dll": ["x" * 500]}, id="long-name"),
    pytest.param({"a.dll": list(range(1, 3000))}, id="many-ordinals"),
]
HARMLESS = (
    "Byte 0x00 makes up",
    # Both are said of every image without an entry point.
    "SizeOfHeaders is smaller than AddressOfEntryPoint",
    "AddressOfEntryPoint lies outside the sections' boundaries",
)


def read(data: bytes) -> pefile.PE:
    image = pefile.PE(data=data, fast_load=True)
    image.full_load()
    odd = [text for text in image.get_warnings() if not text.startswith(HARMLESS)]
    assert not odd
    return image


def read_imports(
    descriptors: list[pefile.ImportDescData],
) -> dict[str, list[str | int]]:
    return {
        descriptor.dll.decode(): [
            symbol.name.decode() if symbol.name else symbol.ordinal
            for symbol in descriptor.imports
        ]
        for descriptor in descriptors
    }


def read_exports(image: pefile.PE) -> dict[int, tuple[str | None, str | None]]:
    return {
        symbol.ordinal: (
            symbol.name and symbol.name.decode(),
            symbol.forwarder and symbol.forwarder.decode(),
        )
        for symbol in image.DIRECTORY_ENTRY_EXPORT.symbols
    }


def read_resource(image: pefile.PE, kind: int) -> tuple[int, bytes]:
    (by_id,) = (
        entry.directory
        for entry in image.DIRECTORY_ENTRY_RESOURCE.entries
        if entry.id == kind
    )
    (by_language,) = by_id.entries
    (leaf,) = by_language.directory.entries
    place = leaf.data.struct
    return by_language.id, image.get_data(place.OffsetToData, place.Size)


@pytest.mark.parametrize("machine", MACHINES)
def test_bare_image_has_only_relocations(machine: int) -> None:
    image = read(build_pe(machine=machine))
    present = [d.name for d in image.OPTIONAL_HEADER.DATA_DIRECTORY if d.Size]
    assert image.FILE_HEADER.Machine == machine
    assert image.OPTIONAL_HEADER.Magic == (0x10B if machine == X86 else 0x20B)
    assert image.OPTIONAL_HEADER.AddressOfEntryPoint == 0
    assert image.is_dll()
    assert present == ["IMAGE_DIRECTORY_ENTRY_BASERELOC"]


def test_same_request_gives_same_bytes() -> None:
    first, second = (
        build_pe(imports={"a.dll": ["x"]}, exports=["f"], manifest="<a/>")
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("imports", IMPORTS)
def test_imports(machine: int, imports: Mapping[str, Sequence[str | int]]) -> None:
    image = read(build_pe(machine=machine, imports=imports))
    assert read_imports(image.DIRECTORY_ENTRY_IMPORT) == imports


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("imports", IMPORTS)
def test_delay_imports(
    machine: int, imports: Mapping[str, Sequence[str | int]]
) -> None:
    image = read(build_pe(machine=machine, delay_imports=imports))
    assert read_imports(image.DIRECTORY_ENTRY_DELAY_IMPORT) == imports
    assert not hasattr(image, "DIRECTORY_ENTRY_IMPORT")


def test_import_address_tables_fill_their_directory() -> None:
    image = read(build_pe(imports={"a.dll": ["x", 2], "b.dll": [3]}))
    directory = image.OPTIONAL_HEADER.DATA_DIRECTORY[12]
    first, second = image.DIRECTORY_ENTRY_IMPORT
    assert directory.VirtualAddress == first.struct.FirstThunk
    assert second.struct.FirstThunk == first.struct.FirstThunk + 3 * 8
    assert directory.Size == 5 * 8


def test_empty_thunk_list_keeps_its_descriptor() -> None:
    data = build_pe(imports={"empty.dll": [], "a.dll": ["x"]})
    # delvewheel, once imported, makes fast_load the default.
    image = pefile.PE(data=data, fast_load=False)
    assert read_imports(image.DIRECTORY_ENTRY_IMPORT) == {"a.dll": ["x"]}
    (warning,) = (text for text in image.get_warnings() if "Import Table" in text)
    assert "ILT and/or IAT appear to be broken" in warning
    rva = image.OPTIONAL_HEADER.DATA_DIRECTORY[1].VirtualAddress
    assert image.get_string_at_rva(image.get_dword_at_rva(rva + 12)) == b"empty.dll"
    assert image.get_qword_at_rva(image.get_dword_at_rva(rva + 16)) == 0


@pytest.mark.parametrize("machine", MACHINES)
def test_exports_are_sorted_and_numbered(machine: int) -> None:
    image = read(build_pe(machine=machine, name="n.dll", exports=["b", "a", "Z", "aa"]))
    assert image.DIRECTORY_ENTRY_EXPORT.name == b"n.dll"
    assert read_exports(image) == {
        1: ("Z", None),
        2: ("a", None),
        3: ("aa", None),
        4: ("b", None),
    }


def test_each_export_is_a_function_of_its_own() -> None:
    image = read(build_pe(exports=["a", "b"], ordinal_exports=[9]))
    addresses = {s.address for s in image.DIRECTORY_ENTRY_EXPORT.symbols}
    assert len(addresses) == 3
    assert {image.get_data(address, 1) for address in addresses} == {b"\xc3"}


@pytest.mark.parametrize(
    ("names", "ordinals", "base", "expected"),
    [
        pytest.param([], [300, 302], 300, {300: None, 302: None}, id="nameless-only"),
        pytest.param(["a", "b"], [2], 1, {1: "a", 2: None, 3: "b"}, id="gap-filled"),
        pytest.param(["a"], [65535], 1, {1: "a", 65535: None}, id="highest"),
    ],
)
def test_ordinal_exports(
    names: Sequence[str],
    ordinals: Sequence[int],
    base: int,
    expected: Mapping[int, str | None],
) -> None:
    image = read(build_pe(exports=names, ordinal_exports=ordinals))
    exported = {number: name for number, (name, _) in read_exports(image).items()}
    assert exported == expected
    assert image.DIRECTORY_ENTRY_EXPORT.struct.Base == base


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("other.function", id="name"),
        pytest.param("other.#42", id="ordinal"),
        pytest.param("api-ms-win-core-io-l1-1-0.f", id="api-set"),
        pytest.param("other.dll.function", id="dots"),
    ],
)
def test_forwarders(target: str) -> None:
    image = read(build_pe(exports=["a", "c"], forwarders={"b": target}))
    assert read_exports(image) == {1: ("a", None), 2: ("b", target), 3: ("c", None)}


def test_more_exports_than_ordinals() -> None:
    with pytest.raises(ValueError, match="65536 named exports, but 65535 free"):
        build_pe(exports=[f"f{number}" for number in range(65536)])


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("dll", "file_type"),
    [pytest.param(True, 2, id="dll"), pytest.param(False, 1, id="exe")],
)
def test_file_version(machine: int, *, dll: bool, file_type: int) -> None:
    image = read(build_pe(machine=machine, dll=dll, file_version=(14, 44, 35211, 1)))
    (fixed,) = image.VS_FIXEDFILEINFO
    assert (fixed.FileVersionMS, fixed.FileVersionLS) == (
        14 << 16 | 44,
        35211 << 16 | 1,
    )
    assert (fixed.Signature, fixed.FileType) == (0xFEEF04BD, file_type)
    ((languages,),) = image.FileInfo
    assert languages.Var[0].entry == {b"Translation": "0x0409 0x04b0"}
    identifier, content = read_resource(image, 16)
    assert identifier == 1
    assert len(content) == int.from_bytes(content[:2], "little")


@pytest.mark.parametrize("identifier", [1, 2, 3])
@pytest.mark.parametrize(
    "version", [pytest.param(None, id="alone"), pytest.param((1, 2, 3, 4), id="beside")]
)
def test_manifest(identifier: int, version: tuple[int, int, int, int] | None) -> None:
    text = "<assembly name='\N{LATIN SMALL LETTER E WITH ACUTE}'/>"
    image = read(
        build_pe(manifest=text, manifest_id=identifier, file_version=version),
    )
    assert read_resource(image, 24) == (identifier, text.encode())


def test_linker_version() -> None:
    header = read(build_pe(linker=(14, 42))).OPTIONAL_HEADER
    assert (header.MajorLinkerVersion, header.MinorLinkerVersion) == (14, 42)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("chpe", [False, True], ids=["plain", "chpe"])
def test_load_config(machine: int, *, chpe: bool) -> None:
    image = read(build_pe(machine=machine, dependent_load_flags=0x2000, chpe=chpe))
    config = image.DIRECTORY_ENTRY_LOAD_CONFIG.struct
    assert config.DependentLoadFlags == 0x2000
    assert bool(config.CHPEMetadataPointer) is chpe
    relocations = [
        image.get_data(entry.rva, 4)
        for block in image.DIRECTORY_ENTRY_BASERELOC
        for entry in block.entries
        if entry.type
    ]
    pointer = (config.CHPEMetadataPointer & 0xFFFF_FFFF).to_bytes(4, "little")
    assert relocations == ([pointer] if chpe else [])


@pytest.mark.parametrize("machine", MACHINES)
def test_il_only(machine: int) -> None:
    image = read(build_pe(machine=machine, il_only=True))
    rva = image.OPTIONAL_HEADER.DATA_DIRECTORY[14].VirtualAddress
    assert image.get_dword_at_rva(rva) == 72
    assert image.get_dword_at_rva(rva + 16) == 1
    assert image.get_data(image.get_dword_at_rva(rva + 8), 4) == b"BSJB"


@pytest.mark.parametrize(
    ("machine", "result", "code"),
    [
        pytest.param(X86, True, b"\xb8\1\0\0\0\xc2\x0c\0", id="x86-true"),
        pytest.param(X86, False, b"\xb8\0\0\0\0\xc2\x0c\0", id="x86-false"),
        pytest.param(X64, True, b"\xb8\1\0\0\0\xc3", id="x64-true"),
        pytest.param(X64, False, b"\xb8\0\0\0\0\xc3", id="x64-false"),
    ],
)
def test_entry_point(machine: int, *, result: bool, code: bytes) -> None:
    image = read(build_pe(machine=machine, dll_main_result=result))
    entry_point = image.OPTIONAL_HEADER.AddressOfEntryPoint
    assert image.get_data(entry_point, len(code)) == code


@pytest.mark.parametrize("machine", MACHINES[2:])
def test_entry_point_needs_x86(machine: int) -> None:
    with pytest.raises(ValueError, match=f"entry point on {machine:#x}"):
        build_pe(machine=machine, dll_main_result=True)


def test_executable() -> None:
    assert not read(build_pe(dll=False)).is_dll()


def test_write_pe_names_the_dll_after_the_file(tmp_path: Path) -> None:
    path = write_pe(tmp_path / "own.dll", exports=["f"])
    renamed = write_pe(tmp_path / "file.dll", name="own.dll", exports=["f"])
    assert path == tmp_path / "own.dll"
    assert path.read_bytes() == renamed.read_bytes()
    assert read(path.read_bytes()).DIRECTORY_ENTRY_EXPORT.name == b"own.dll"


@pytest.mark.parametrize("machine", MACHINES)
def test_hints(machine: int) -> None:
    data = build_pe(
        machine=machine,
        imports={"a.dll": ["x", "y", 7]},
        hints={"y": 513, "z": 65535},
        delay_imports={"b.dll": ["z"]},
    )
    image = read(data)
    (normal,), (delayed,) = (
        image.DIRECTORY_ENTRY_IMPORT,
        image.DIRECTORY_ENTRY_DELAY_IMPORT,
    )
    assert [symbol.hint for symbol in normal.imports] == [0, 513, None]
    assert [symbol.hint for symbol in delayed.imports] == [65535]


def test_exports_in_the_order_given() -> None:
    image = read(build_pe(exports=["c", "a", "b"], exports_sorted=False))
    assert [name for name, _ in read_exports(image).values()] == ["c", "a", "b"]


def test_exports_may_be_repeated() -> None:
    image = read(build_pe(exports=["b", "a", "b"]))
    assert [name for name, _ in read_exports(image).values()] == ["a", "b", "b"]


def test_export_without_address() -> None:
    image = read(build_pe(exports=["a", "b"], exports_without_address=["a"]))
    at = image.DIRECTORY_ENTRY_EXPORT.struct.AddressOfFunctions
    assert image.get_dword_at_rva(at) == 0
    assert image.get_dword_at_rva(at + 4) != 0


@pytest.mark.parametrize("count", [1, 2, 30])
def test_further_sections(count: int) -> None:
    sections = {f".s{i}": bytes([i]) * (i * 1000 + 1) for i in range(count)}
    image = read(build_pe(imports={"a.dll": ["x"]}, sections=sections))
    found = {
        section.Name.rstrip(b"\0").decode(): section.get_data()[
            : section.Misc_VirtualSize
        ]
        for section in image.sections
    }
    assert found.items() > sections.items()
    assert read_imports(image.DIRECTORY_ENTRY_IMPORT) == {"a.dll": ["x"]}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("count", [0, 17])
def test_mark_of_wine(machine: int, count: int) -> None:
    sections = {f".s{i}": b"a" for i in range(count)}
    data = build_pe(
        machine=machine, wine=True, imports={"a.dll": ["x"]}, sections=sections
    )
    assert data[64:].startswith(b"Wine builtin DLL\0")
    assert read_imports(read(data).DIRECTORY_ENTRY_IMPORT) == {"a.dll": ["x"]}


def test_overlay() -> None:
    data = build_pe(overlay=b"signature")
    assert data == build_pe() + b"signature"
    assert read(data).get_overlay_data_start_offset() == len(data) - 9


def test_names_may_be_bytes_that_are_no_text() -> None:
    data = build_pe(exports=[b"\xff\xfe".decode("utf-8", "surrogateescape")])
    assert b"\0\xff\xfe\0" in data


@pytest.mark.parametrize("machine", MACHINES)
def test_lief_agrees(machine: int) -> None:
    lief = pytest.importorskip("lief", reason="LIEF is the second judge")
    lief.logging.disable()
    data = build_pe(
        machine=machine,
        imports={"a.dll": ["x", 7], "empty.dll": [], "b.dll": [3]},
        delay_imports={"late.dll": ["y", 9]},
        exports=["f"],
        ordinal_exports=[5],
        forwarders={"g": "other.#2"},
        file_version=(14, 44, 35211, 1),
        linker=(14, 42),
        manifest="<assembly/>",
        dependent_load_flags=0x2000,
        chpe=True,
    )
    image = lief.PE.parse(list(data))
    assert image.header.machine.value == machine
    assert [
        (library.name, [e.ordinal if e.is_ordinal else e.name for e in library.entries])
        for library in [*image.imports, *image.delay_imports]
    ] == [
        ("a.dll", ["x", 7]),
        ("empty.dll", []),
        ("b.dll", [3]),
        ("late.dll", ["y", 9]),
    ]
    exports = {e.ordinal: (e.name, e.is_forwarded) for e in image.get_export().entries}
    assert exports == {1: ("f", False), 2: ("g", True), 5: ("", False)}
    assert image.optional_header.minor_linker_version == 42
    assert image.resources_manager.manifest == "<assembly/>"
    assert image.resources_manager.version[0].file_info.file_version_ms == 14 << 16 | 44
    assert image.load_configuration.dependent_load_flags == 0x2000
    assert image.load_configuration.chpe_metadata_pointer


def test_largest_counts_and_names() -> None:
    lief = pytest.importorskip("lief", reason="pefile stops at 8192 exports")
    names = [f"f{number:05}" for number in range(65535)]
    longest = "n" * 2**20
    data = build_pe(
        exports=names,
        imports={"a.dll": names[:50_000], "b.dll": [*names[:49_999], longest]},
    )
    image = lief.PE.parse(list(data))
    assert [entry.name for entry in image.get_export().entries] == names
    assert [len(library.entries) for library in image.imports] == [50_000, 50_000]
    assert longest.encode() in data
