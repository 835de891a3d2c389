"""One file in, one `Image` out.

The only module that imports pefile, and not for each file. Of headers such as all
linkers write there is one reading, which the own reader does in a tenth of the time.
Headers that are odd, and not refused, pefile reads too: it knows such files by the
thousand, and what it refuses is not taken for an image.

A file is mapped, read and unmapped again: pefile's own `close()` runs a full garbage
collection (erocarrera/pefile#420), which takes seconds in a process with a large heap.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator, Mapping

from .._model import Assembly, Image, Unreadable, Version
from ._known import NOT_PACKED, Known, Packing
from ._layout import CLR, LOAD_CONFIG, Layout, MalformedError
from ._resources import MANIFEST, VERSION, fixed_version, resource
from ._symbols import Exports, Symbol, SymbolReader

_DLL = 0x2000  # IMAGE_FILE_DLL, "PE Format", Characteristics
_IL_ONLY = 1  # COMIMAGE_FLAGS_ILONLY, "ECMA-335" II.25.3.3.1
_GUARD_CF = 0x4000  # IMAGE_DLLCHARACTERISTICS_GUARD_CF, "PE Format"
# UPX's own names of the two sections that hold the unpacked and the packed bytes.
_UPX_SECTIONS = (b"UPX0", b"UPX1")
_WINE = (b"Wine builtin DLL\0", b"Wine placeholder DLL\0")

# What is found in place of a DLL when a download or a checkout went wrong.
_IMPOSTORS = (
    (b"version https://git-lfs", "is a git-lfs pointer, not the file itself"),
    (b"<!DOCTYPE", "is a web page, not a DLL"),
    (b"<html", "is a web page, not a DLL"),
    (b"PK\x03\x04", "is a zip archive, not a DLL"),
)


class PeFile:
    """One file, whose headers are read once; between two questions it is not mapped.

    :param path: the file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._layout: Layout | None = None

    def image(self) -> Image | Unreadable:
        """Return the image, or why the file is none."""
        try:
            with self._mapped() as layout:
                return _image(layout)
        except OSError as error:
            code = getattr(error, "winerror", None) or 5
            reason = f"cannot be opened ({error.strerror or error})"
            return Unreadable(reason, code)
        except MalformedError as error:
            return Unreadable(_why(self._path, str(error)))

    def version(self) -> Version | None:
        """Return the four numbers of VS_FIXEDFILEINFO; they need no language look-up.

        :returns: None where there are none.
        """
        try:
            with self._mapped() as layout:
                content = resource(layout, VERSION, 1)
        except (OSError, MalformedError):
            return None
        return fixed_version(content) if content is not None else None

    def symbols(
        self, known: dict[str, str] | None = None
    ) -> tuple[Mapping[str, tuple[Symbol, ...]] | None, Exports | None]:
        """Return the imported symbols by DLL, and the exports.

        :param known: as for `SymbolReader`.
        :returns: None for what cannot be read: that proves nothing about a symbol.
        """
        with contextlib.suppress(OSError, ValueError), self._mapped() as layout:
            return _symbols(layout, known)
        return None, None

    def manifest(self) -> bytes | None:
        """Return the manifest inside a DLL that is an assembly of its own (id 1)."""
        with contextlib.suppress(OSError, ValueError), self._mapped() as layout:
            return resource(layout, MANIFEST, 1)
        return None

    def packing(self) -> Packing:
        """Return what the file shows of UPX."""
        if self._layout is None:
            with contextlib.suppress(OSError, MalformedError), self._mapped():
                pass
        return NOT_PACKED if self._layout is None else _packing(self._layout)

    def known(self, names: dict[str, str] | None = None) -> Known:
        """Return version, symbols and packing; the file is opened once.

        :param names: as for `SymbolReader`.
        """
        with contextlib.suppress(OSError, ValueError), self._mapped() as layout:
            content = resource(layout, VERSION, 1)
            imports, exports = _symbols(layout, names)
            return Known(
                version=fixed_version(content) if content is not None else None,
                imports=imports,
                exports=exports,
                packing=_packing(layout),
            )
        return Known()

    @contextlib.contextmanager
    def _mapped(self) -> Iterator[Layout]:
        with mapped(self._path) as data:
            if self._layout is None or self._layout.size != len(data):
                self._layout = Layout(data)
            self._layout.data = data
            try:
                yield self._layout
            finally:
                self._layout.data = b""


def read_image(path: str) -> Image | Unreadable:
    """Read what the loader needs to know of one PE file.

    :param path: the file.
    :returns: the image, or why the file is none.
    """
    return PeFile(path).image()


def read_version(path: str) -> Version | None:
    """Return the four numbers of the file version, or None where there are none.

    :param path: the file.
    """
    return PeFile(path).version()


def read_section(path: str, name: str) -> bytes | None:
    """Return the bytes of one section, or None where there is no such section.

    :param path: the file.
    :param name: the section's name with its dot.
    """
    try:
        with mapped(path) as data:
            for section in Layout(data).sections:
                if section.name.rstrip(b"\0") == name.encode():
                    return data[section.raw : section.raw + section.raw_size]
    except (OSError, MalformedError):
        return None
    return None


@contextlib.contextmanager
def mapped(path: str) -> Iterator[mmap.mmap]:
    """Map a file for reading; an empty one is MalformedError."""
    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise MalformedError("the file is empty")
        with contextlib.closing(
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        ) as data:
            yield data


def _image(layout: Layout) -> Image:
    layout.require_mappable()
    if layout.is_odd:
        _ask_pefile(layout.data)
    symbols = SymbolReader(layout)
    load_flags, hybrid = _load_config(layout)
    il_only = _is_il_only(layout)
    return Image(
        machine=layout.machine,
        # pefile cuts long names, puts *invalid* for one with a space, and keeps
        # descriptors that Windows skips.
        imports=symbols.import_names(),
        delay_imports=symbols.delay_imports(),
        linker=layout.linker,
        hybrid=hybrid,
        il_only=il_only,
        # A 64-bit assembly has the machine type that it needs (Wine,
        # dlls/ntdll/loader.c, is_com_ilonly).
        portable=(il_only and not layout.wide) or not layout.contains_code,
        program=not layout.characteristics & _DLL,
        load_flags=load_flags,
        assemblies=_assemblies(layout),
        wine=layout.data[64:96].startswith(_WINE),
    )


def _ask_pefile(data: mmap.mmap | bytes) -> None:
    try:
        import pefile

        refused = pefile.PEFormatError
    except Exception:  # noqa: BLE001  what is installed may be damaged in any way
        # The own reader has found nothing to refuse.
        return
    try:
        pefile.PE(data=data, fast_load=True)
    except refused as error:
        raise MalformedError(str(error)) from error


def _symbols(
    layout: Layout, known: dict[str, str] | None
) -> tuple[Mapping[str, tuple[Symbol, ...]] | None, Exports | None]:
    reader, imports = SymbolReader(layout, known), None
    # An unreadable table proves nothing about a symbol.
    with contextlib.suppress(ValueError):
        imports = reader.imports()
        return imports, reader.exports()
    return imports, None


def _packing(layout: Layout) -> Packing:
    names = {section.name.rstrip(b"\0") for section in layout.sections}
    if not names.issuperset(_UPX_SECTIONS):
        return NOT_PACKED
    return Packing(packed=True, guarded=bool(layout.dll_characteristics & _GUARD_CF))


def _load_config(layout: Layout) -> tuple[int, bool]:
    """Return DependentLoadFlags, and whether there is a CHPEMetadataPointer.

    A field counts where the structure's own size reaches beyond it (Wine,
    dlls/ntdll/loader.c, has_chpe_metadata).
    """
    rva = layout.directory(LOAD_CONFIG)
    if rva is None:
        return 0, False
    flags_at, metadata_at, pointer = (0x4E, 0xC8, 8) if layout.wide else (0x36, 0x7C, 4)
    try:
        (size,) = layout.fields("<I", rva)
        config = layout.read(rva, min(size, metadata_at + pointer))
    except MalformedError:
        return 0, False
    flags = int.from_bytes(config[flags_at : flags_at + 2], "little")
    return flags, any(config[metadata_at:])


def _is_il_only(layout: Layout) -> bool:
    rva = layout.directory(CLR)
    if rva is None:
        return False
    try:
        (flags,) = layout.fields("<16xI52x", rva)
    except MalformedError:
        return False
    return bool(flags & _IL_ONLY)


def _assemblies(layout: Layout) -> tuple[Assembly, ...] | None:
    # "Using Side-by-Side Assemblies as a Resource": id 2 governs a DLL's imports.
    manifest = resource(layout, MANIFEST, 2)
    if manifest is None:
        return None
    # It may be UTF-16 as well.
    if b"dependentAssembly" not in manifest.replace(b"\0", b""):
        return ()
    from ._manifest import read_manifest

    try:
        return read_manifest(manifest)
    except ValueError:
        return None


def _why(path: str, problem: str) -> str:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        start = file.read(64)
        if not start:
            return "is empty"
        # A web page may begin with a byte order mark or with empty lines.
        text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        for magic, reason in _IMPOSTORS:
            if text.startswith(magic.lower()):
                return reason
        if start.startswith(b"MZ"):
            return f"is damaged ({problem})"
    return "is not a Windows DLL"
