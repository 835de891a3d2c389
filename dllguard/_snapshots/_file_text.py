"""What is known of files as JSON-ready values, and back."""

from __future__ import annotations

from typing import Any, Final

from .._files._known import NOT_PACKED, Known, Memory, Packing
from .._model import Assembly, Image, Unreadable
from ._fields import Fields, SnapshotError
from ._symbol_text import SymbolReader, SymbolWriter

_FLAGS: Final = ("hybrid", "il_only", "portable", "program", "wine")


def written_files(memory: Memory) -> dict[str, Any]:
    """Return what is known of files as JSON-ready values."""
    symbols = SymbolWriter()
    folders = {}
    for folder, known in memory.files.items():
        rows = {name: _written(row, symbols) for name, row in known.items()}
        names = [name for name, row in rows.items() if not row]
        folders[folder] = {
            "names": names,
            "files": {name: row for name, row in rows.items() if row},
        }
    return {
        "folders": folders,
        "other_folders": sorted(memory.folders),
        "matches": [
            {"folder": folder, "pattern": pattern, "found": sorted(found)}
            for (folder, pattern), found in memory.matches.items()
        ],
        "compared": [
            {"files": list(pair), "same": same} for pair, same in memory.same.items()
        ],
        "symbols": symbols.names,
        "exports": symbols.exports,
    }


def read_files(fields: Fields) -> Memory:
    """Return what is known of files.

    :param fields: the snapshot.
    :raises SnapshotError: when it is damaged.
    """
    symbols = SymbolReader(fields)
    files: dict[str, dict[str, Known]] = {}
    for folder, row in fields.fields("folders").objects():
        known = files[folder] = dict.fromkeys(row.texts("names"), Known())
        for name, file in row.fields("files").objects():
            known[name] = _read(file, symbols)
    return Memory(
        files,
        frozenset(fields.texts("other_folders")),
        {
            (row.text("folder"), row.text("pattern")): row.texts("found")
            for row in fields.rows("matches")
        },
        dict(_compared(row) for row in fields.rows("compared")),
    )


def _written(known: Known, symbols: SymbolWriter) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(known.image, Unreadable):
        found["unreadable"] = known.image.reason
        found["winerror"] = known.image.winerror
    elif known.image is not None:
        found["image"] = _written_image(known.image)
    if known.version is not None:
        found["version"] = ".".join(map(str, known.version))
    if known.size is not None:
        found["size"] = known.size
    if known.imports is not None:
        found["symbols"] = symbols.imports(known.imports)
    if known.exports is not None:
        found["exports"] = symbols.exported(known.exports)
    if known.content:
        found["content"] = known.content.decode("utf-8", "replace")
    if known.manifest is not None:
        found["manifest"] = known.manifest.decode("utf-8", "replace")
    if known.packing != NOT_PACKED:
        found["packing"] = known.packing._asdict()
    return found


def _written_image(image: Image) -> dict[str, Any]:
    found: dict[str, Any] = {
        "machine": image.machine,
        "imports": list(image.imports),
        "linker": list(image.linker),
    }
    flags = [name for name in _FLAGS if getattr(image, name)]
    optional = {
        "delay_imports": list(image.delay_imports),
        "flags": flags,
        "load_flags": image.load_flags,
    }
    found.update({name: value for name, value in optional.items() if value})
    if image.assemblies is not None:
        found["assemblies"] = [_written_assembly(each) for each in image.assemblies]
    return found


def _read(file: Fields, symbols: SymbolReader) -> Known:
    image: Image | Unreadable | None = None
    if "unreadable" in file:
        image = Unreadable(file.text("unreadable"), file.number("winerror"))
    elif "image" in file:
        image = _read_image(file.fields("image"))
    packing = NOT_PACKED
    if "packing" in file:
        row = file.fields("packing")
        packing = Packing(row.flag("packed"), row.flag("guarded"))
    return Known(
        image=image,
        version=file.version("version") if "version" in file else None,
        size=file.number("size") if "size" in file else None,
        imports=symbols.imports(file.fields("symbols")) if "symbols" in file else None,
        exports=symbols.exported(file, "exports") if "exports" in file else None,
        content=_bytes(file.text("content", "")),
        manifest=_bytes(file.text("manifest")) if "manifest" in file else None,
        packing=packing,
    )


def _read_image(fields: Fields) -> Image:
    flags = fields.texts("flags") if "flags" in fields else ()
    delayed = fields.texts("delay_imports") if "delay_imports" in fields else ()
    assemblies = None
    if "assemblies" in fields:
        assemblies = tuple(map(_read_assembly, fields.rows("assemblies")))
    return Image(
        machine=fields.number("machine"),
        imports=fields.texts("imports"),
        delay_imports=delayed,
        linker=fields.pair("linker"),
        load_flags=fields.number("load_flags", 0),
        assemblies=assemblies,
        hybrid="hybrid" in flags,
        il_only="il_only" in flags,
        portable="portable" in flags,
        program="program" in flags,
        wine="wine" in flags,
    )


def _written_assembly(assembly: Assembly) -> dict[str, Any]:
    return {
        "name": assembly.name,
        "version": ".".join(map(str, assembly.version)),
        "architecture": assembly.architecture,
        "token": assembly.token,
        "language": assembly.language,
    }


def _read_assembly(fields: Fields) -> Assembly:
    return Assembly(
        name=fields.text("name"),
        version=fields.version("version"),
        architecture=fields.text("architecture"),
        token=fields.text("token"),
        language=fields.text("language"),
    )


def _compared(row: Fields) -> tuple[tuple[str, str], bool]:
    pair = row.texts("files")
    if len(pair) != 2:
        raise SnapshotError(f"{row.place('files')} is not a list of two texts")
    return (pair[0], pair[1]), row.flag("same")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
