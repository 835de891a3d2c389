"""Exports that are known without their file: all of them, or those that matter.

A snapshot has them. Addresses and the ordinals of names are not in it; nothing asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ._symbols import Exports, Symbol


@dataclass(frozen=True)
class KnownExports(Exports):
    """Exports of which some are known.

    :param absent: symbols that are not exported; all others count as exported.
    :param led: the text of each known forwarder, by ordinal and by name.
    """

    absent: frozenset[Symbol] = frozenset()
    led: Mapping[Symbol, str] = field(default_factory=dict)

    def __contains__(self, symbol: Symbol) -> bool:
        return symbol not in self.absent

    def ordinal(self, symbol: Symbol) -> int | None:
        """Return an ordinal, which is a mere token of a name that is exported."""
        if symbol not in self:
            return None
        return symbol if isinstance(symbol, int) else self.base

    def forwarder(self, symbol: Symbol) -> str | None:
        """Return the `module.name` text to which a symbol is forwarded, if it is."""
        return self.led.get(symbol)

    # Properties in the place of what is read from the bytes.

    @property
    def forwards(self) -> bool:
        """Whether any symbol is known to be forwarded."""
        return bool(self.led)

    @property
    def names(self) -> frozenset[str]:
        """The names that are known to be exported: those that are forwarded."""
        return frozenset(symbol for symbol in self.led if isinstance(symbol, str))

    @property
    def ordinals(self) -> frozenset[int]:
        """The ordinals that are known to be exported."""
        return frozenset(symbol for symbol in self.led if isinstance(symbol, int))

    @property
    def forwarders(self) -> Mapping[Symbol, str]:
        """The text of each known forwarder, by ordinal and by name."""
        return self.led


@dataclass(frozen=True)
class ListedExports(KnownExports):
    """Exports of which all are known.

    :param present: every name, and every ordinal.
    """

    present: frozenset[Symbol] = frozenset()

    def __contains__(self, symbol: Symbol) -> bool:
        return symbol in self.present

    @property
    def names(self) -> frozenset[str]:
        """All exported names."""
        return frozenset(symbol for symbol in self.present if isinstance(symbol, str))

    @property
    def ordinals(self) -> frozenset[int]:
        """All ordinals, those of names among them."""
        return frozenset(symbol for symbol in self.present if isinstance(symbol, int))


def is_whole(exports: Exports) -> bool:
    """Tell whether all is known of the exports of a file."""
    return isinstance(exports, ListedExports) or not isinstance(exports, KnownExports)
