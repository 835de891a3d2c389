"""What a target demands of a machine, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .._verdict import Remedy

Kind = Literal[
    "architecture",
    "python",
    "windows",
    "redistributable",
    "runtime",
    "feature",
    "driver",
    "product",
    "other",
]


@dataclass(frozen=True)
class Proof:
    """A file that proves a need.

    :param path: the file, or the name of a distribution.
    :param text: what it does, as it follows its name.
    :param rank: the larger one decides; release numbers of one kind compare.
    """

    path: str
    text: str
    rank: tuple[int, ...] = ()


@dataclass(frozen=True)
class Need:
    """One thing that a target demands.

    :param kind: what sort of thing it is.
    :param name: what it is, with the lowest release if there is one.
    :param lowest: that release as the number alone: 14.40, 10 1607, 3.11.
    :param proofs: the files that prove it, what decides first.
    :param optional: the target loads without it; some of its functions do not work.
    :param ways: how to bring it, with lines to copy.
    :param title: the name without a release, where one is compared.
    :param image: the least container image that has it, "" where all do.
    :param container: lines of a Dockerfile that bring it.
    """

    kind: Kind
    name: str
    lowest: str = ""
    proofs: tuple[Proof, ...] = ()
    optional: bool = False
    note: str = ""
    ways: tuple[Remedy, ...] = ()
    title: str = ""
    image: str = ""
    container: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, ...]:
        """What compares the lowest releases of one thing; () where there are none."""
        return self.proofs[0].rank if self.proofs else ()


def in_order(proofs: Iterable[Proof]) -> tuple[Proof, ...]:
    """Return proofs once each, the one that decides first."""
    return tuple(sorted(dict.fromkeys(proofs), key=lambda p: p.rank, reverse=True))
