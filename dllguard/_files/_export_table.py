"""Exported symbols of a PE file, as they stand in its tables.

Layouts are those of "PE Format", section `.edata`.
"""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing_extensions import Self

# An import by ordinal is kept in the same list as names, as dumpbin's readers know it.
Symbol = str | int

NO_HINT: Final = 0x10000
"""In place of the hint of an import that has none."""

# So many names are listed in the time that it takes to look for one.
_FEW: Final = 8


class Imported(tuple[Symbol, ...]):  # noqa: SLOT001  a tuple of any length has none
    """The symbols imported from one DLL, with the hints where it may export them."""

    hints: Sequence[int] = ()

    @classmethod
    def of(cls, symbols: Sequence[Symbol], hints: Sequence[int]) -> Self:
        """Return symbols with their hints, `NO_HINT` for one without."""
        found = cls(symbols)
        found.hints = hints
        return found


@dataclass(frozen=True)
class Exports:
    """What a DLL exports, as it stands in the file: names are read when asked for.

    torch_cpu.dll exports 59,529 symbols with 10 MB of names, of which one importer
    wants a few hundred.
    """

    base: int = 1
    addresses: array[int] = field(default_factory=lambda: array("I"))
    _names: array[int] = field(default_factory=lambda: array("I"))
    _indices: array[int] = field(default_factory=lambda: array("H"))
    _names_at: int = 0
    _text: bytes = b""
    _directory_at: int = 0
    _directory: bytes = b""

    def __contains__(self, symbol: Symbol) -> bool:
        return self.ordinal(symbol) is not None

    def ordinal(self, symbol: Symbol) -> int | None:
        """Return the ordinal of an exported symbol, or None where it is not exported.

        :param symbol: a name, whole and in the same case, or an ordinal.
        """
        # Every load of a scan asks for the same few of kernel32.
        if symbol not in self._asked:
            self._asked[symbol] = self._find(symbol)
        return self._asked[symbol]

    def forwarder(self, symbol: Symbol) -> str | None:
        """Return the `module.name` text to which a symbol is forwarded, if it is."""
        ordinal = self.ordinal(symbol)
        if ordinal is None:
            return None
        at = self._address(ordinal - self.base) - self._directory_at
        # A forwarder is known by its address, which lies inside the directory.
        if not 0 <= at < len(self._directory):
            return None
        return _text_at(self._directory, at).decode("latin-1")

    def lacking(self, symbols: Sequence[Symbol]) -> list[Symbol]:
        """Return those of an importer's symbols that are not exported, in order.

        :param symbols: what it imports. Those of `Imported` come with the hints of the
            linker, and are found where these lead to, as the loader does it.
        """
        hints = symbols.hints if isinstance(symbols, Imported) else ()
        names, indices, addresses = self._names, self._indices, self.addresses
        text, low, count = self._text, self._names_at, len(self._names)
        left = []
        for symbol, hint in zip_longest(symbols, hints, fillvalue=NO_HINT):
            if hint < count and isinstance(symbol, str):
                at = names[hint] - low
                if at >= 0 and text.startswith(symbol.encode("latin-1") + b"\0", at):
                    index = indices[hint]
                    if index < len(addresses) and addresses[index]:
                        continue
            left.append(symbol)
        if _FEW * len(left) > count:
            # To list all of them is cheaper than to look for so many.
            self._listed  # noqa: B018
        return [symbol for symbol in left if self.ordinal(symbol) is None]

    @cached_property
    def forwards(self) -> bool:
        """Whether any symbol is forwarded."""
        low = self._directory_at
        high = low + len(self._directory)
        # A DLL may have 60,000 addresses, which a plain loop looks through in half the
        # time of `any`, and in a fifth of that of `filter`.
        for at in self.addresses:  # noqa: SIM110  as above
            if low <= at < high:
                return True
        return False

    @cached_property
    def names(self) -> frozenset[str]:
        """All exported names."""
        names = (n for n, i in self._listed.items() if self._address(i))
        return frozenset(name.decode("latin-1") for name in names)

    @cached_property
    def ordinals(self) -> frozenset[int]:
        """All ordinals, those of names among them."""
        return frozenset(self.base + i for i, at in enumerate(self.addresses) if at)

    @cached_property
    def forwarders(self) -> Mapping[Symbol, str]:
        """The text of each forwarder, by ordinal and by name."""
        low = self._directory_at
        high = low + len(self._directory)
        places = {i: at for i, at in enumerate(self.addresses) if low <= at < high}
        texts = {
            i: _text_at(self._directory, at - low).decode("latin-1")
            for i, at in places.items()
        }
        found: dict[Symbol, str] = {self.base + i: text for i, text in texts.items()}
        if texts:
            for position, index in enumerate(self._indices):
                if index in texts:
                    found[self._name(position).decode("latin-1")] = texts[index]
        return found

    @cached_property
    def _listed(self) -> dict[bytes, int]:
        names = (self._name(i) for i in range(len(self._names)))
        # Of names that are repeated, the first counts.
        listed: dict[bytes, int] = {}
        for name, index in zip(names, self._indices, strict=True):
            listed.setdefault(name, index)
        return listed

    @cached_property
    def _asked(self) -> dict[Symbol, int | None]:
        return {}

    def _find(self, symbol: Symbol) -> int | None:
        index = symbol - self.base if isinstance(symbol, int) else self._index(symbol)
        # What has no address is absent (Wine, dlls/ntdll/loader.c,
        # find_ordinal_export).
        if index is None or not self._address(index):
            return None
        return self.base + index

    def _index(self, name: str) -> int | None:
        try:
            wanted = name.encode("latin-1")
        except UnicodeEncodeError:
            return None
        if b"\0" in wanted:
            return None
        if "_listed" not in vars(self):
            # As the loader does it, in the table that is sorted by name.
            key, size = wanted + b"\0", len(wanted) + 1
            text, low, places = self._text, self._names_at, self._names
            at = bisect.bisect_left(
                places, key, key=lambda rva: text[rva - low : rva - low + size]
            )
            if at < len(places) and text.startswith(key, places[at] - low):
                return self._indices[at]
        # In a table that is not sorted the loader finds what the importer's hint
        # leads to, so every name counts.
        return self._listed.get(wanted)

    def _name(self, position: int) -> bytes:
        return _text_at(self._text, self._names[position] - self._names_at)

    def _address(self, index: int) -> int:
        return self.addresses[index] if 0 <= index < len(self.addresses) else 0


def _text_at(data: bytes, at: int) -> bytes:
    end = data.find(b"\0", at)
    return data[at : end if end >= 0 else len(data)]
