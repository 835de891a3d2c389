"""What a disk was asked, and what it answered: all that a snapshot keeps of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .._model import Image, Unreadable, Version
from ._symbols import Exports, Symbol


class Packing(NamedTuple):
    """What a file shows of UPX."""

    packed: bool = False
    """Its sections have the names that UPX gives."""
    guarded: bool = False
    """It has Control Flow Guard."""


NOT_PACKED: Final = Packing()


@dataclass(frozen=True)
class Known:
    """What is known of one file; what was not asked is as if it had none.

    :param image: None where only the name is known.
    :param size: in bytes.
    :param content: of a manifest that is a file of its own.
    :param manifest: the one inside that makes a DLL an assembly of its own (id 1).
    """

    image: Image | Unreadable | None = None
    version: Version | None = None
    size: int | None = None
    imports: Mapping[str, tuple[Symbol, ...]] | None = None
    exports: Exports | None = None
    content: bytes = b""
    manifest: bytes | None = None
    packing: Packing = NOT_PACKED


@dataclass(frozen=True)
class Memory:
    """What a disk knows.

    :param files: what is known of each file, by folder and name.
    :param folders: folders that exist, besides those of `files`.
    :param matches: folders that fit a pattern, by the folder above and the pattern.
    :param same: pairs of files of which it is known whether they are the same.
    """

    files: Mapping[str, Mapping[str, Known]] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()
    matches: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    same: Mapping[tuple[str, str], bool] = field(default_factory=dict)
