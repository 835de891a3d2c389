"""API sets: names that stand for a system DLL and are never searched as files.

"Windows API sets" (Microsoft) says what the names mean. The schema that maps them
is the `.apiset` section of System32's apisetschema.dll; its three layouts (2:
Windows 7 and 8, 4: 8.1, 6: 10 and 11) are undocumented and were read from the files.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

# "Windows API sets", section "API set contract names".
_PATTERN: Final = re.compile(
    r"(api|ext)-[a-z0-9-]+-l\d+-\d+-\d+(\.dll)?", re.IGNORECASE | re.ASCII
)

# The header of layout 6 is followed by one of layout 7, which takes precedence.
_FLAG_VERSION_7: Final = 4

# Room for any file name, in bytes. Windows 11 has sets of 59 characters.
_LONGEST_TEXT: Final = 0x200


@lru_cache(maxsize=1 << 13)
def is_api_set(name: str) -> bool:
    """Tell whether an imported name is that of an API set."""
    return _PATTERN.fullmatch(name) is not None


class ApiSets:
    """The API sets of one Windows.

    :param hosts: importer and host names by set, without its last number. None where
        nothing is known of them: every set then counts as present, which `api-` sets
        are by definition on the Windows that has them.
    :param complete: a set that is not in `hosts` does not exist; else it counts as
        present too.
    :param exact: the last number of a name counts, and is in `hosts`.
    """

    def __init__(
        self,
        hosts: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
        *,
        complete: bool = True,
        exact: bool = False,
    ) -> None:
        self._hosts = {} if hosts is None else hosts
        self._complete = complete and hosts is not None
        self._exact = exact
        self._asked: dict[tuple[str, str], str | None] = {}

    @property
    def hosts(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Importer and host names by set."""
        return self._hosts

    @property
    def exact(self) -> bool:
        """Whether the last number of a name counts."""
        return self._exact

    @property
    def assumed(self) -> bool:
        """Whether sets that are not known are taken for present."""
        return not self._complete

    def assumes(self, name: str) -> bool:
        """Tell whether a set is not known, and only taken for present.

        :param name: the imported name, with or without `.dll`.
        """
        return not self._complete and self._key(name) not in self._hosts

    def host(self, name: str, importer: str) -> str | None:
        """Return the DLL that answers for a set.

        :param name: the imported name, with or without `.dll`.
        :param importer: file name of the importing module: some sets have another
            host for one importer.
        :returns: the host's file name, "" where the set exists without a host or
            is taken for present, None where this Windows has no such set.
        """
        key = name, importer
        if key not in self._asked:
            self._asked[key] = self._find(name, importer)
        return self._asked[key]

    def _find(self, name: str, importer: str) -> str | None:
        values = self._hosts.get(self._key(name))
        if values is None:
            return None if self._complete else ""
        default = ""
        for wanted_by, host in values:
            if wanted_by == importer.lower():
                return host
            if not wanted_by:
                default = host
        return default

    def _key(self, name: str) -> str:
        name = name.lower().removesuffix(".dll")
        return name if self._exact else _without_last_number(name)


def built_in_api_sets() -> ApiSets:
    """Return what is known of the API sets of Windows 11."""
    from .._tables._api_set_hosts import HOSTS_FOR_IMPORTERS, SETS_BY_HOST

    hosts: dict[str, tuple[tuple[str, str], ...]] = {
        name: (("", host),) for host, names in SETS_BY_HOST.items() for name in names
    }
    for name, others in HOSTS_FOR_IMPORTERS.items():
        hosts[name] = (*hosts[name], *others)
    return ApiSets(hosts, complete=False)


def parse_schema(section: bytes) -> ApiSets:
    """Read the `.apiset` section of apisetschema.dll.

    :param section: the bytes of the section; what follows the schema is not read.
    :returns: the sets with their hosts.
    :raises ValueError: when the version is unknown or an offset leads outside.
    """
    try:
        (version,) = struct.unpack_from("<I", section)
        readers = {2: _version_2, 4: _version_4, 6: _version_6}
        if version not in readers:
            raise ValueError(f"API set schema version {version} is unknown")
        sets = dict(readers[version](section))
    except (struct.error, UnicodeDecodeError, OverflowError) as error:
        raise ValueError(f"the API set schema is damaged: {error}") from error
    if version < 6:
        return ApiSets(sets, exact=True)
    # The last number is not compared, so that -l1-1-9 finds -l1-1-0 (Wine,
    # dlls/ntdll/loader.c, get_apiset_entry). Before Windows 10 it was, and the
    # schema lists each number (ajkhoury/ApiSet, apiset.c, ApiSetResolveToHostV4).
    return ApiSets({_without_last_number(name): hosts for name, hosts in sets.items()})


_Hosts = tuple[tuple[str, str], ...]
_Entry = tuple[str, _Hosts]


def _version_2(data: bytes) -> Iterator[_Entry]:
    (count,) = struct.unpack_from("<I", data, 4)
    rows = _Rows(data, 16)
    for i in range(count):
        name_at, size, values_at = struct.unpack_from("<3I", data, 8 + 12 * i)
        (values,) = struct.unpack_from("<I", data, values_at)
        # Without the prefix, which is api- throughout: ext- came with version 4.
        yield "api-" + _text(data, name_at, size), rows.read(values_at + 4, values)


def _version_4(data: bytes) -> Iterator[_Entry]:
    (count,) = struct.unpack_from("<I", data, 12)
    rows = _Rows(data, 20)
    for i in range(count):
        fields = struct.unpack_from("<6I", data, 16 + 24 * i)
        # Behind the name comes an alias, which no look-up compares.
        _, name_at, size, _, _, values_at = fields
        (values,) = struct.unpack_from("<I", data, values_at + 4)
        hosts = rows.read(values_at + 8, values)
        # Without the prefix too, and either one finds it.
        name = _text(data, name_at, size)
        yield "api-" + name, hosts
        yield "ext-" + name, hosts


def _version_6(data: bytes) -> Iterator[_Entry]:
    flags, count, entries_at = struct.unpack_from("<3I", data, 8)
    if flags & _FLAG_VERSION_7 and not count:
        raise ValueError("API set schema version 7 is unknown")
    rows = _Rows(data, 20)
    for i in range(count):
        fields = struct.unpack_from("<6I", data, entries_at + 24 * i)
        _, name_at, size, _, values_at, values = fields
        yield _text(data, name_at, size), rows.read(values_at, values)


class _Rows:
    """The arrays of importers and hosts, whose rows are of one size.

    Those of a sound schema share few bytes, if any. Without a limit, arrays that
    overlap let a schema of some kilobytes take hours.
    """

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size
        self._allowance = len(data) // 4

    def read(self, at: int, count: int) -> _Hosts:
        self._allowance -= count
        if self._allowance < 0:
            raise ValueError("the arrays of the API set schema overlap")
        return tuple(self._row(at + self._size * i) for i in range(count))

    def _row(self, at: int) -> tuple[str, str]:
        # Layouts 4 and 6 begin with flags.
        fields = struct.unpack_from("<4I", self._data, at + self._size - 16)
        name_at, name_size, host_at, host_size = fields
        importer = _text(self._data, name_at, name_size)
        return importer, _text(self._data, host_at, host_size)


def _text(data: bytes, at: int, size: int) -> str:
    if size > _LONGEST_TEXT:
        raise ValueError(f"the API set schema has a name of {size:,} bytes")
    if at + size > len(data):
        raise ValueError(f"the API set schema ends before offset 0x{at + size:x}")
    return data[at : at + size].decode("utf-16-le").lower()


def _without_last_number(name: str) -> str:
    return name.rpartition("-")[0]
