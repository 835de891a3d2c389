"""Resources of a PE file: one entry of its resource directory, and its version.

Layouts are those of "PE Format", section `.rsrc`, and of "VS_VERSIONINFO structure".
The directory is a tree of exactly three levels (type, name, language), so a tree that
points back to itself leads nowhere.
"""

from __future__ import annotations

import struct

from .._model import Version
from ._layout import RESOURCES, Layout, MalformedError

VERSION, MANIFEST = 16, 24

_SUBDIRECTORY = 0x8000_0000
_FIXED = struct.Struct("<8x2I")
_KEY = "VS_VERSION_INFO\0".encode("utf-16-le")
_SIGNATURE = 0xFEEF04BD


def resource(layout: Layout, kind: int, identifier: int | None) -> bytes | None:
    """Return the bytes of one resource, in the first of its languages.

    :param layout: the file.
    :param kind: number of the resource type, such as 24 for a manifest.
    :param identifier: its number, or None for the first one of that type.
    :returns: the bytes; None where there is no such resource, or a damaged one.
    """
    root = layout.directory(RESOURCES)
    if root is None:
        return None
    layout.renew_allowance()
    at: int | None = _SUBDIRECTORY
    try:
        for wanted in (kind, identifier, None):
            if at is None or not at & _SUBDIRECTORY:
                return None
            at = _entry(layout, root + (at & ~_SUBDIRECTORY), wanted)
        if at is None or at & _SUBDIRECTORY:
            return None
        rva, size = layout.fields("<2I", root + at)
        found = layout.read(rva, size)
    except MalformedError:
        return None
    return found if len(found) == size else None


def fixed_version(content: bytes) -> Version | None:
    """Return the file version that a version resource holds.

    :param content: the resource.
    :returns: the four numbers of VS_FIXEDFILEINFO, which need no language look-up;
        None where the structure does not stand in its place.
    """
    # Three 16-bit fields and the key precede it, padded to four bytes.
    at = -(-(6 + len(_KEY)) // 4) * 4
    if content[6 : 6 + len(_KEY)] != _KEY or len(content) < at + 52:
        return None
    (signature,) = struct.unpack_from("<I", content, at)
    if signature != _SIGNATURE:
        return None
    high, low = _FIXED.unpack_from(content, at)
    return high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF


def _entry(layout: Layout, rva: int, wanted: int | None) -> int | None:
    """Return where an entry of one directory leads; the first one's for None."""
    named, numbered = layout.fields("<12x2H", rva)
    # Entries with names come first.
    skipped = 0 if wanted is None else named
    count = 1 if wanted is None else numbered
    rows = layout.read(rva + 16 + 8 * skipped, 8 * min(count, named + numbered))
    for number, at in struct.iter_unpack("<2I", rows[: len(rows) // 8 * 8]):
        if wanted in (None, number):
            return int(at)
    return None
