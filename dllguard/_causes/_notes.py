"""What is worth knowing of a target's loads and stops none of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._model import Load, Rivals
from .._paths import folder_of
from ._scene import Scene

_SHOWN = 6


def notes(loads: Iterable[Load], scene: Scene) -> Iterator[str]:
    """Yield one sentence for each.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    loads = tuple(loads)
    yield from _delayed(loads)
    told: set[tuple[str, ...]] = set()
    for load in loads:
        for rivals in load.rivals:
            if rivals.paths not in told:
                told.add(rivals.paths)
                yield from _order(rivals, scene)


def _delayed(loads: tuple[Load, ...]) -> Iterator[str]:
    """Tell of delay imports that are not there: no import of a package needs them."""
    importers: dict[str, str] = {}
    for load in loads:
        for chain in load.delayed:
            name, by = chain[-1].name, chain[-2].name
            importers.setdefault(name.lower(), f"{name} ({by})")
    if importers:
        shown = list(importers.values())[:_SHOWN]
        more = len(importers) - len(shown)
        rest = f" and {more} more" if more else ""
        yield (
            f"not found, but loaded only when a function of theirs is called: "
            f"{', '.join(shown)}{rest}."
        )


def _order(rivals: Rivals, scene: Scene) -> Iterator[str]:
    """Tell of an order that Windows does not document ("LoadLibraryEx", 0x400)."""
    first, *others = rivals.paths
    disk = scene.host.process.disk
    different = [other for other in others if not disk.same(first, other)]
    if different:
        folders = " and ".join(folder_of(path) for path in (first, *different))
        yield (
            f"{rivals.name} is in several folders that were added: {folders}. Windows "
            f"documents no order among them; usually the one that was added last is "
            f"taken, here the first."
        )
