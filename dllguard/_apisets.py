"""API sets: names that stand for a system DLL and are never searched as files.

"Windows API sets" (Microsoft) says what the names mean. The schema that maps them
is the `.apiset` section of System32's apisetschema.dll; its three layouts (2:
Windows 7 and 8, 4: 8.1, 6: 10 and 11) are undocumented and were read from the files.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from typing import Final

# "Windows API sets", section "API set contract names".
_PATTERN: Final = re.compile(
    r"(api|ext)-[a-z0-9-]+-l\d+-\d+-\d+(\.dll)?", re.IGNORECASE
)


def is_api_set(name: str) -> bool:
    """Tell whether an imported name is that of an API set."""
    return _PATTERN.fullmatch(name) is not None


class ApiSets:
    """The API sets of one Windows.

    :param hosts: importer and host names by set, without its last number. None where
        the schema is not at hand: every set then counts as present, which `api-` sets
        are by definition on the Windows that has them.
    """

    def __init__(
        self, hosts: Mapping[str, tuple[tuple[str, str], ...]] | None = None
    ) -> None:
        self._hosts = hosts

    @property
    def assumed(self) -> bool:
        """Whether the schema is unknown and sets are taken for present."""
        return self._hosts is None

    def host(self, name: str, importer: str) -> str | None:
        """Return the DLL that answers for a set.

        :param name: the imported name, with or without `.dll`.
        :param importer: file name of the importing module: some sets have another
            host for one importer.
        :returns: the host's file name, "" where the set exists without a host or
            the schema is not at hand, None where this Windows has no such set.
        """
        if self._hosts is None:
            return ""
        values = self._hosts.get(_key(name.lower().removesuffix(".dll")))
        if values is None:
            return None
        default = ""
        for wanted_by, host in values:
            if wanted_by == importer.lower():
                return host
            if not wanted_by:
                default = host
        return default


def parse_schema(section: bytes) -> ApiSets:
    """Read the `.apiset` section of apisetschema.dll.

    :param section: the bytes of the section.
    :returns: the sets with their hosts.
    :raises ValueError: when the version is unknown or an offset leads outside.
    """
    try:
        (version,) = struct.unpack_from("<I", section)
        readers = {2: _version_2, 4: _version_4, 6: _version_6}
        if version not in readers:
            raise ValueError(f"API set schema version {version} is unknown")
        return ApiSets(
            {_key(name): values for name, values in readers[version](section)}
        )
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError(f"the API set schema is damaged: {error}") from error


_Hosts = tuple[tuple[str, str], ...]
_Entry = tuple[str, _Hosts]


def _version_2(data: bytes) -> Iterator[_Entry]:
    (count,) = struct.unpack_from("<I", data, 4)
    for i in range(count):
        name_at, size, values_at = struct.unpack_from("<3I", data, 8 + 12 * i)
        (values,) = struct.unpack_from("<I", data, values_at)
        rows = (values_at + 4 + 16 * k for k in range(values))
        hosts = tuple(_row(data, at) for at in rows)
        yield from _both(_text(data, name_at, size), hosts)


def _version_4(data: bytes) -> Iterator[_Entry]:
    (count,) = struct.unpack_from("<I", data, 12)
    for i in range(count):
        fields = struct.unpack_from("<6I", data, 16 + 24 * i)
        _, name_at, size, _, _, values_at = fields
        (values,) = struct.unpack_from("<I", data, values_at + 4)
        rows = (values_at + 8 + 20 * k for k in range(values))
        hosts = tuple(_row(data, at + 4) for at in rows)
        yield from _both(_text(data, name_at, size), hosts)


def _version_6(data: bytes) -> Iterator[_Entry]:
    count, entries_at = struct.unpack_from("<2I", data, 12)
    for i in range(count):
        fields = struct.unpack_from("<6I", data, entries_at + 24 * i)
        _, name_at, size, _, values_at, values = fields
        rows = (values_at + 20 * k for k in range(values))
        name = _text(data, name_at, size)
        yield name, tuple(_row(data, at + 4) for at in rows)


def _both(name: str, hosts: _Hosts) -> Iterator[_Entry]:
    # Versions 2 and 4 leave out the first four characters, be they api- or ext-.
    yield "api-" + name, hosts
    yield "ext-" + name, hosts


def _row(data: bytes, at: int) -> tuple[str, str]:
    name_at, name_size, value_at, value_size = struct.unpack_from("<4I", data, at)
    return _text(data, name_at, name_size), _text(data, value_at, value_size)


def _text(data: bytes, at: int, size: int) -> str:
    if at + size > len(data):
        raise ValueError(f"the API set schema ends before offset 0x{at + size:x}")
    return data[at : at + size].decode("utf-16-le").lower()


def _key(name: str) -> str:
    # The last number is not compared, so that -l1-1-9 finds -l1-1-0 (Wine,
    # dlls/ntdll/loader.c, get_apiset_entry).
    return name.rpartition("-")[0]
