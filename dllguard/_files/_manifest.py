"""Manifests: the XML that names the side-by-side assemblies of a file.

"Manifest File Schema" (Microsoft) has the elements and attributes, "Assembly
Manifests" says that their values have no case. What reads them has to expect any
bytes: a manifest is a resource or a file like others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from .._model import Assembly, Version
from .._paths import base_name

LARGEST: Final = 1 << 20
"""Size from which on a file is no manifest, in bytes; real ones have a few thousand."""

_NAMESPACES: Final = (
    "urn:schemas-microsoft-com:asm.v1",
    "urn:schemas-microsoft-com:asm.v3",
)
_DEEPEST: Final = 4
_VERSION: Final = re.compile(r"\d{1,5}(\.\d{1,5}){3}")


class Manifest(NamedTuple):
    """What a manifest says of DLLs."""

    identity: Assembly | None = None
    assemblies: tuple[Assembly, ...] = ()
    """Those it depends on; without the optional ones, which may be absent."""
    files: tuple[str, ...] = ()
    """The files that stand in the folder of the assembly itself."""


def read_manifest(xml: bytes) -> tuple[Assembly, ...]:
    """Return the assemblies that a manifest depends on.

    :param xml: the manifest, in any encoding that XML allows.
    :raises ValueError: when it is damaged or no manifest.
    """
    return parse_manifest(xml).assemblies


def parse_manifest(xml: bytes) -> Manifest:
    """Read a manifest; it says nothing where Python's own XML parser does not load.

    :param xml: the manifest, in any encoding that XML allows.
    :raises ValueError: when it is damaged or no manifest.
    """
    try:
        from xml.parsers import expat
    except ImportError:
        # Its DLL may be the very one that is missing (conda's libexpat.dll).
        return Manifest()
    if len(xml) > LARGEST:
        raise ValueError(f"the manifest has {len(xml):,} bytes")
    # Resources are padded now and then; the second byte of a UTF-16 `>` is no padding.
    content = xml.rstrip(b"\0")
    content += b"\0" * (len(content) % 2 and b"\0" in content[:4])
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, UnicodeError) as error:
        raise ValueError(f"the manifest is damaged: {error}") from error
    return Manifest(reader.identity, tuple(reader.assemblies), tuple(reader.files))


class _Reader:
    """Takes what expat reports."""

    def __init__(self) -> None:
        self.identity: Assembly | None = None
        self.assemblies: dict[Assembly, None] = {}
        self.files: list[str] = []
        self._open: list[str] = []
        self._depth = 0
        self._optional = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        namespace, _, tag = name.rpartition(" ")
        if self._depth == 1 and (tag != "assembly" or namespace not in _NAMESPACES):
            raise ValueError(f"<{tag}> is not the root of a manifest")
        if self._depth > _DEEPEST:
            return
        self._open.append(tag if namespace in _NAMESPACES else "")
        place = "/".join(self._open[1:])
        if place == "assemblyIdentity" and self.identity is None:
            self.identity = _assembly(attributes)
        elif place == "file" and attributes.get("name"):
            self.files.append(attributes["name"])
        elif place == "dependency":
            self._optional = attributes.get("optional", "").lower() == "yes"
        elif place == "dependency/dependentAssembly/assemblyIdentity":
            assembly = _assembly(attributes)
            if not self._optional:
                self.assemblies[assembly] = None

    def end(self, name: str) -> None:
        del name
        if self._depth <= _DEEPEST:
            self._open.pop()
        self._depth -= 1


def _refuse_doctype(*_: object) -> None:
    # Manifests have none; entities could expand without end.
    raise ValueError("the manifest has a document type")


def _assembly(attributes: Mapping[str, str]) -> Assembly:
    values = {key: value.strip().lower() for key, value in attributes.items()}
    name = values.get("name", "")
    if not name or base_name(name) != name:
        raise ValueError(f"{name!r} is not the name of an assembly")
    return Assembly(
        name=name,
        version=_version(values["version"]) if values.get("version") else (0, 0, 0, 0),
        architecture=values.get("processorArchitecture", "*") or "*",
        token=values.get("publicKeyToken", ""),
        language=values.get("language", "*") or "*",
    )


def _version(text: str) -> Version:
    if not _VERSION.fullmatch(text):
        raise ValueError(f"{text!r} is not the version of an assembly")
    major, minor, build, revision = map(int, text.split("."))
    return major, minor, build, revision
