"""Odd files in the place of a DLL: legal but strange, damaged, hostile, or no DLL.

Each is made by the builder and changed by as little as it takes. `ODD` has them by
name; `TREES` has sets of files that lead to one another. What is read of them must be
an `Image` or `Unreadable`, soon and with little memory.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tests.pebuilder import X64, X86, build_pe

MEGABYTE: Final = 1 << 20
LONG: Final = "n" * MEGABYTE

# The builder puts the PE header at 64; the rest follows from "PE Format".
HEADER, FILE_HEADER, OPTIONAL = 64, 68, 88
DIRECTORIES: Final = OPTIONAL + 112
SECTIONS: Final = OPTIONAL + 240
_E_LFANEW = 0x3C

BOMB: Final = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    + ']><assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">'
    "<dependency><dependentAssembly><assemblyIdentity name='&a11;' version='1.0.0.0'/>"
    "</dependentAssembly></dependency></assembly>"
)
DEEP: Final = (
    '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">'
    + "<dependency>" * 20_000
    + "<dependentAssembly/>"
)


def patched(data: bytes, *fields: tuple[int, str, int]) -> bytes:
    """Return a copy with other values at some offsets, each with its `struct` code."""
    changed = bytearray(data)
    for at, code, value in fields:
        struct.pack_into(code, changed, at, value)
    return bytes(changed)


def with_table(table: bytes, index: int) -> bytes:
    """Return an image of one section, at 0x1000, that a data directory points to."""
    data = build_pe(sections={}, machine=X64)
    headers = patched(
        data[:0x200],
        (FILE_HEADER + 2, "<H", 1),
        (OPTIONAL + 56, "<I", 0x1000 + -(-max(len(table), 1) // 0x1000) * 0x1000),
        (OPTIONAL + 60, "<I", 0x200),
        *((DIRECTORIES + 8 * i, "<Q", 0) for i in range(16)),
        (DIRECTORIES + 8 * index, "<I", 0x1000),
        (DIRECTORIES + 8 * index + 4, "<I", len(table)),
    )
    row = struct.pack(
        "<8s4I12xI", b".odd", len(table), 0x1000, len(table), 0x200, 0x4000_0040
    )
    headers = headers[:SECTIONS] + row
    padding = bytes(-len(table) % 0x200)
    return headers.ljust(0x200, b"\0") + table + padding


def rich(machine: int = X64) -> bytes:
    """Return a sound image with everything that is read."""
    return build_pe(
        machine=machine,
        name="rich.dll",
        imports={"kernel32.dll": ["a", 7, "b"], "other.dll": ["?f@@YAXXZ"]},
        delay_imports={"late.dll": ["c"]},
        exports=["f", "g", "PyInit_rich"],
        forwarders={"h": "other.h", "i": "other.#3"},
        ordinal_exports=[9],
        file_version=(1, 2, 3, 4),
        manifest=(
            '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">'
            "<dependency><dependentAssembly><assemblyIdentity type='win32' name='odd' "
            "version='1.0.0.0' processorArchitecture='*'/></dependentAssembly>"
            "</dependency></assembly>"
        ),
        dependent_load_flags=0x800,
        chpe=True,
        overlay=b"line\r\nline\n\x1a",
    )


def headers_that_overlap() -> bytes:
    """Let the PE header begin at offset 4, inside the DOS header.

    e_lfanew is then the section alignment of the optional header as well: both are 4.
    """
    file_header = struct.pack("<4s2H12x2H", b"PE\0\0", X64, 0, 0, 0x2022)
    optional = bytearray(build_pe()[OPTIONAL:SECTIONS])
    struct.pack_into("<2I", optional, 32, 4, 4)
    struct.pack_into("<2I", optional, 56, 0x1000, 0x200)
    for i in range(16):
        struct.pack_into("<Q", optional, 112 + 8 * i, 0)
    return (b"MZ\0\0" + file_header + optional).ljust(0x400, b"\0")


def section_table_in_the_optional_header() -> bytes:
    return patched(rich(), (FILE_HEADER + 16, "<H", 0))


def sections_that_overlap() -> bytes:
    data = rich()
    (count,) = struct.unpack_from("<H", data, FILE_HEADER + 2)
    rows = range(SECTIONS, SECTIONS + 40 * count, 40)
    return patched(data, *((at + 12, "<I", 0x1000) for at in rows))


def sections_of_one_place() -> bytes:
    data = rich()
    (count,) = struct.unpack_from("<H", data, FILE_HEADER + 2)
    rows = range(SECTIONS, SECTIONS + 40 * count, 40)
    return patched(data, *((at + 20, "<I", 0x200) for at in rows))


def no_sections() -> bytes:
    return patched(rich(), (FILE_HEADER + 2, "<H", 0))


def no_sections_flat() -> bytes:
    data = patched(rich(), (FILE_HEADER + 2, "<H", 0), (OPTIONAL + 32, "<Q", 0x4_0004))
    return patched(data, (OPTIONAL + 32, "<I", 4), (OPTIONAL + 36, "<I", 4))


def exports_100_000() -> bytes:
    """Export 100,000 functions; an ordinal table tells 65,536 of them apart."""
    count = 100_000
    eat = 0x1000 + 40
    npt, ot = eat + 4 * count, eat + 8 * count
    text = ot + 2 * count
    names = [f"n{i:06}\0".encode() for i in range(count)]
    head = struct.pack("<12x7I", text, 1, count, count, eat, npt, ot)
    places = (text + 8 * i for i in range(count))
    table = head + struct.pack(f"<{count}I", *range(16, count + 16))
    table += struct.pack(f"<{count}I", *places)
    table += struct.pack(f"<{count}H", *(i & 0xFFFF for i in range(count)))
    return with_table(table + b"".join(names), 0)


def imports_100_000() -> bytes:
    """100,000 descriptors, each of another DLL."""
    count = 100_000
    text = 0x1000 + 20 * (count + 1) + 16
    rows = [
        struct.pack("<I8xII", text - 16, text + 12 * i, text - 16) for i in range(count)
    ]
    names = b"".join(f"d{i:06}.dll\0".encode() for i in range(count))
    thunks = struct.pack("<2Q", 1 << 63 | 1, 0)
    return with_table(b"".join(rows) + bytes(20) + thunks + names, 1)


def descriptors_without_end() -> bytes:
    row = struct.pack("<I8xII", 0x1000, 0x1000, 0x1000)
    return with_table(row * (MEGABYTE // 20), 1)


def thunks_without_end() -> bytes:
    head = struct.pack("<I8xII", 0x1030, 0x1028, 0x1030).ljust(40, b"\0")
    return with_table(
        head + b"a.dll\0\0\0" + struct.pack("<Q", 1 << 63 | 1) * 100_000, 1
    )


def delay_descriptors_without_end() -> bytes:
    return with_table(struct.pack("<2I24x", 1, 0x1000) * (MEGABYTE // 32), 13)


def delay_imports_that_lead_nowhere() -> bytes:
    rows = [
        struct.pack("<8I", 1, at, at, at, at, at, at, at)
        for at in (0xFFFF_FFFF, 0x7FFF_FFFF, 0x1000, 0x10_0000, 1)
    ]
    return with_table(b"".join(rows), 13)


def directories_that_lead_nowhere() -> bytes:
    return patched(
        rich(), *((DIRECTORIES + 8 * i, "<I", 0xFFFF_FFF0) for i in range(16))
    )


def directories_without_end() -> bytes:
    return patched(
        rich(), *((DIRECTORIES + 8 * i + 4, "<I", 0xFFFF_FFFF) for i in range(16))
    )


def resources_in_a_loop() -> bytes:
    """Each directory has one entry, which leads back to the root."""
    rows = b"".join(
        struct.pack("<12x2H2I", 0, 1, kind, 0x8000_0000) for kind in (24, 16, 2)
    )
    return with_table(rows, 2)


def resources_of_one_leaf() -> bytes:
    """65,535 entries, all of which lead to a leaf of four gigabytes."""
    root = struct.pack("<12x2H", 0, 0xFFFF)
    rows = struct.pack("<2I", 24, 0x10) * 0xFFFF
    return with_table(root + rows, 2)


def forwarders_that_lead_nowhere() -> bytes:
    texts = ["", ".", "..", "#", "x.#", "x.#99999999999999999999", "x.", ".f", "a.b.c"]
    texts += ["x.#\u00b2", "C:\\x.f", "api-ms-win-x-l1-1-0.f", "../../x.f", "x" * 9999]
    return build_pe(
        exports=["f"], forwarders={f"to{i}": text for i, text in enumerate(texts)}
    )


def names_with_control_characters() -> bytes:
    return build_pe(
        imports={
            "a\x1b[2J\x07.dll": ["\r\nhelp: x\n"],
            "b\n\nhelp: run this:\n          format c:.dll": ["?\x9b31m@@YAXXZ"],
            "\x85\x9b31m.dll": ["f"],
            "$(calc)`calc`%CMDCMDLINE:~-1%&calc&.dll": ["f"],
            '"&calc&".dll': ["f"],
            "--index-url=x.dll": ["f"],
        }
    )


def names_of_paths() -> bytes:
    names = ["..\\..\\x.dll", "/etc/passwd", "C:\\x.dll", "\\\\host\\x.dll", "NUL"]
    names += ["CON.dll", "x.dll:stream", ".", "..", " ", "a/b.dll", "\\", "//", "a."]
    return build_pe(imports={name: ["f"] for name in names})


def name_without_end() -> bytes:
    head = struct.pack("<I8xII", 0x1028, 0x1030, 0x1028).ljust(40, b"\0")
    return with_table(head + struct.pack("<Q", 1 << 63 | 1) + b"x" * MEGABYTE, 1)


def _truncated() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield the sound image cut off at the edge of each header and field."""
    data = rich()
    (count,) = struct.unpack_from("<H", data, FILE_HEADER + 2)
    edges = [0, 1, 2, 4, _E_LFANEW, _E_LFANEW + 4, HEADER, HEADER + 4, FILE_HEADER + 2]
    edges += [OPTIONAL - 1, OPTIONAL, OPTIONAL + 2, OPTIONAL + 24, DIRECTORIES - 4]
    edges += [DIRECTORIES, *(DIRECTORIES + 8 * i for i in range(1, 17))]
    edges += [SECTIONS + 40 * i for i in range(1, count + 1)]
    for i in range(count):
        size, raw = struct.unpack_from("<2I", data, SECTIONS + 40 * i + 16)
        edges += [raw, raw + 1, raw + size - 0x200, raw + size - 1]
    for edge in sorted(set(edges)):
        yield f"truncated at {edge}", lambda edge=edge: data[:edge]  # type: ignore[misc]


ODD: Final[Mapping[str, Callable[[], bytes]]] = {
    "sound": rich,
    "sound x86": lambda: rich(X86),
    "headers that overlap": headers_that_overlap,
    "section table in the optional header": section_table_in_the_optional_header,
    "sections that overlap": sections_that_overlap,
    "sections of one place": sections_of_one_place,
    "no sections": no_sections,
    "no sections, flat": no_sections_flat,
    "65,535 sections": lambda: patched(rich(), (FILE_HEADER + 2, "<H", 0xFFFF)),
    "all directories": lambda: patched(rich(), (DIRECTORIES - 4, "<I", 0xFFFF_FFFF)),
    "no directories": lambda: patched(rich(), (DIRECTORIES - 4, "<I", 0)),
    "optional header of 65,535 bytes": lambda: patched(
        rich(), (FILE_HEADER + 16, "<H", 0xFFFF)
    ),
    "PE header at the end": lambda: patched(rich(), (_E_LFANEW, "<I", len(rich()) - 2)),
    "PE header nowhere": lambda: patched(rich(), (_E_LFANEW, "<I", 0xFFFF_FFFF)),
    "PE header at 0": lambda: patched(rich(), (_E_LFANEW, "<I", 0)),
    "alignment 0": lambda: patched(rich(), (OPTIONAL + 32, "<Q", 0)),
    "alignment 1": lambda: patched(rich(), (OPTIONAL + 32, "<I", 1)),
    "alignment of 2 GB": lambda: patched(rich(), (OPTIONAL + 32, "<I", 1 << 31)),
    "image size 0": lambda: patched(rich(), (OPTIONAL + 56, "<I", 0)),
    "image size 4 GB": lambda: patched(rich(), (OPTIONAL + 56, "<I", 0xFFFF_FFFF)),
    "100,000 exports": exports_100_000,
    "100,000 ordinals": lambda: build_pe(ordinal_exports=range(1, 100_001)),
    "100,000 imports": imports_100_000,
    "import name of 1 MB": lambda: build_pe(imports={LONG: ["f"]}),
    "imported symbol of 1 MB": lambda: build_pe(imports={"a.dll": [f"?{LONG}@@"]}),
    "export of 1 MB": lambda: build_pe(exports=[LONG]),
    "forwarder of 1 MB": lambda: build_pe(forwarders={"f": f"{LONG}.f"}),
    "own name of 1 MB": lambda: build_pe(exports=["f"], name=LONG),
    "delay import of 1 MB": lambda: build_pe(delay_imports={LONG: ["f"]}),
    "descriptors without end": descriptors_without_end,
    "thunks without end": thunks_without_end,
    "delay descriptors without end": delay_descriptors_without_end,
    "delay imports that lead nowhere": delay_imports_that_lead_nowhere,
    "directories that lead nowhere": directories_that_lead_nowhere,
    "directories without end": directories_without_end,
    "resources in a loop": resources_in_a_loop,
    "resources of one leaf": resources_of_one_leaf,
    "entity bomb": lambda: build_pe(manifest=BOMB),
    "deep manifest": lambda: build_pe(manifest=DEEP),
    "manifest of 2 MB": lambda: build_pe(manifest=BOMB + " " * 2 * MEGABYTE),
    "manifest that is none": lambda: build_pe(manifest="\0\xff<dependentAssembly"),
    "forwarders that lead nowhere": forwarders_that_lead_nowhere,
    "names with control characters": names_with_control_characters,
    "names of paths": names_of_paths,
    "name without end": name_without_end,
    "LF as CRLF": lambda: rich().replace(b"\n", b"\r\n"),
    "CRLF as LF": lambda: rich().replace(b"\r\n", b"\n"),
    "cut off at Ctrl+Z": lambda: rich()[: rich().index(b"\x1a")],
    "as UTF-8": lambda: rich().decode("latin-1").encode(),
    "web page": lambda: b"<!DOCTYPE html><html><body>404</body></html>\n" * 99,
    "git-lfs pointer": lambda: (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    ),
    "zip archive": lambda: b"PK\3\4" + bytes(600),
    "a megabyte of zeros": lambda: bytes(MEGABYTE),
    "MZ alone": lambda: b"MZ" + bytes(MEGABYTE),
    "ELF": lambda: b"\x7fELF\2\1\1" + bytes(600),
    "ff throughout": lambda: b"\xff" * 0x2000,
    "MZ, then ff throughout": lambda: b"MZ" + b"\xff" * 0x2000,
    **dict(_truncated()),
}


def cycle_of_forwarders() -> dict[str, bytes]:
    return {
        "a.dll": build_pe(name="a.dll", exports=["g"], forwarders={"f": "b.f"}),
        "b.dll": build_pe(name="b.dll", exports=["g"], forwarders={"f": "c.f"}),
        "c.dll": build_pe(name="c.dll", exports=["g"], forwarders={"f": "a.f"}),
        "root.pyd": build_pe(imports={"a.dll": ["f"], "b.dll": ["f"], "c.dll": ["f"]}),
    }


def forwarder_to_itself() -> dict[str, bytes]:
    return {
        "a.dll": build_pe(name="a.dll", forwarders={"f": "a.f", "g": "A.DLL.g"}),
        "root.pyd": build_pe(imports={"a.dll": ["f", "g"]}),
    }


def import_of_itself() -> dict[str, bytes]:
    return {"root.pyd": build_pe(imports={"root.pyd": ["f"]}, exports=["f"])}


def cycle_of_imports() -> dict[str, bytes]:
    return {
        "root.pyd": build_pe(imports={"a.dll": ["f"]}, exports=["f"]),
        "a.dll": build_pe(imports={"root.pyd": ["f"], "a.dll": ["f"]}, exports=["f"]),
    }


def long_chain() -> dict[str, bytes]:
    """2,000 files, each of which imports the next."""
    files = {
        f"d{i}.dll": build_pe(imports={f"d{i + 1}.dll": ["f"]}, exports=["f"])
        for i in range(2_000)
    }
    return {**files, "root.pyd": build_pe(imports={"d0.dll": ["f"]})}


def forwarders_in_every_direction() -> dict[str, bytes]:
    """Twenty files with forwarders to all others, half of which lead nowhere."""
    names = [f"d{i}" for i in range(20)]
    files = {
        f"{name}.dll": build_pe(
            exports=["own"],
            forwarders={f"to{i}": f"{o}.to{i + 1}" for i, o in enumerate(names)},
        )
        for name in names
    }
    wanted = {f"{name}.dll": [f"to{i}" for i in range(20)] for name in names}
    return {**files, "root.pyd": build_pe(imports=wanted)}


def all_that_is_lacking() -> dict[str, bytes]:
    """50,000 symbols that a DLL does not export."""
    return {
        "a.dll": build_pe(exports=["f"]),
        "root.pyd": build_pe(imports={"a.dll": [f"?s{i}@@" for i in range(50_000)]}),
    }


TREES: Final[Mapping[str, Callable[[], dict[str, bytes]]]] = {
    "cycle of forwarders": cycle_of_forwarders,
    "forwarder to itself": forwarder_to_itself,
    "import of itself": import_of_itself,
    "cycle of imports": cycle_of_imports,
    "long chain": long_chain,
    "forwarders in every direction": forwarders_in_every_direction,
    "all that is lacking": all_that_is_lacking,
}


def _schema_6(count: int, at: int, *entry: int) -> bytes:
    head = struct.pack("<7I", 6, 0x100, 0, count, at, 0, 31)
    return head + struct.pack("<6I", *entry)


SCHEMAS: Final[Mapping[str, bytes]] = {
    "empty": b"",
    "version alone": struct.pack("<I", 6),
    "version 5": struct.pack("<2I", 5, 0),
    "entries nowhere": _schema_6(1, 0xFFFF_FFF0, 0, 0, 0, 0, 0, 0),
    "4 billion entries": _schema_6(0xFFFF_FFFF, 28, 0, 28, 0, 0, 28, 0),
    "4 billion values": _schema_6(1, 28, 0, 28, 4, 4, 28, 0xFFFF_FFFF),
    "name nowhere": _schema_6(1, 28, 0, 0xFFFF_FF00, 0x100, 4, 28, 0),
    "name of half a text": _schema_6(1, 28, 0, 28, 3, 3, 28, 0),
    "name of 4 GB": _schema_6(1, 28, 0, 0, 0xFFFF_FFFF, 4, 28, 0),
    "entries that overlap": _schema_6(20_000, 28, *[28] * 6) + bytes(24 * 20_000),
    "version 2": struct.pack("<2I", 2, 0xFFFF_FFFF) + bytes(600),
    "version 4": struct.pack("<4I", 4, 0xFFFF_FFFF, 0, 0xFFFF_FFFF) + bytes(600),
    "version 4, values nowhere": struct.pack("<4I", 4, 40, 0, 1)
    + struct.pack("<6I", 0, 0, 0, 0, 0, 0xFFFF_FFF0),
}
