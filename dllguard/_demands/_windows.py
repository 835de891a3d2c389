"""Which Windows files demand: its release, and parts that not every edition has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from .._hosts._release import (
    comes_with_universal_crt,
    first_build,
    is_part_of_windows,
    release_of_dll,
    release_of_function,
    supporting,
)
from .._loader._apisets import is_api_set
from .._tables import _links as links
from .._tables._built_in_hosts import API_SETS_OF_WINDOWS_7, CORE_LACKS
from .._tables._windows_features import (
    CORE_IMAGE,
    FULL_IMAGES,
    MEDIA_FEATURE_PACK,
    MEDIA_FOUNDATION,
    NANO_LACKS,
    SERVER_MEDIA_FOUNDATION,
)
from .._verdict import Remedy
from ._asked import Asked
from ._need import Need, Proof, in_order

UNIVERSAL_CRT: Final = "Universal C Runtime, a part of Windows 10 and later"

_OLDEST: Final = "7"
_CRT: Final = "api-ms-win-crt-"
_SHOWN: Final = 3
# Windows 10 has it as a part of itself.
_WITH_UNIVERSAL_CRT: Final = 10240
# "Operating System Version" (Microsoft), by the first build of each.
_NUMBERS: Final = ((10240, (10, 0)), (9600, (6, 3)), (9200, (6, 2)), (0, (6, 1)))
# Of Windows 7, what is known here is known of Service Pack 1.
_WITH_SERVICE_PACK: Final = {"7": 7601}


def of_windows(
    asked: Collection[Asked], python: tuple[int, int] | None, runtime: str
) -> Iterator[Need]:
    """Yield the oldest Windows that files run on, and the parts of it they need.

    :param asked: what they ask for.
    :param python: the oldest Python that they are for, None where they are for none.
    :param runtime: the first release of Windows for the redistributable that they
        need, "" where any will do.
    """
    for optional in (False, True):
        some = [a for a in asked if a.optional is optional and a.how != "names"]
        releases = list(_releases(some))
        if not optional:
            releases += _of_others(python, runtime)
        if releases or (some and not optional):
            yield _release(releases, list(_unknown(some)), optional=optional)
        lowest = max((first_build(release) for release, _ in releases), default=0)
        if not optional and lowest < _WITH_UNIVERSAL_CRT:
            yield from _universal_crt(some)
        yield from _features(some, optional=optional)


def is_10_or_later(need: Need) -> bool:
    """Tell whether a required Windows is one with the Universal CRT."""
    is_later = first_build(need.lowest) >= _WITH_UNIVERSAL_CRT
    return need.kind == "windows" and not need.optional and is_later


def _releases(asked: Iterable[Asked]) -> Iterator[tuple[str, Proof]]:
    for one in asked:
        path = one.native.path
        release = release_of_dll(one.key)
        crt = comes_with_universal_crt(one.key)
        if release is not None and _is_later(release) and not crt:
            text = f"{one.text}, which came with Windows {release}"
            yield release, Proof(path, text, (first_build(release),))
        for symbol in one.symbols:
            if not isinstance(symbol, str):
                continue
            since = release_of_function(one.key, symbol)
            if since is not None and _is_later(since):
                text = f"calls {symbol} of {one.name}, which came with Windows {since}"
                yield since, Proof(path, text, (first_build(since),))


def _is_later(release: str) -> bool:
    return first_build(release) > first_build(_OLDEST)


def _of_others(
    python: tuple[int, int] | None, runtime: str
) -> Iterator[tuple[str, Proof]]:
    if python is not None:
        release, number = supporting(python), ".".join(map(str, python))
        text = f"runs on Windows {release} or later"
        yield release, Proof(f"Python {number}", text, (first_build(release),))
    if runtime:
        text = f"that is needed is for Windows {runtime} and later"
        yield (
            runtime,
            Proof("the Visual C++ redistributable", text, (first_build(runtime),)),
        )


def _release(
    releases: list[tuple[str, Proof]], unknown: list[str], *, optional: bool
) -> Need:
    lowest = max((release for release, _ in releases), key=first_build, default=_OLDEST)
    notes = []
    if not releases:
        notes.append("nothing that these files import is known to have come later.")
    if unknown:
        names = ", ".join(unknown[:_SHOWN])
        more = len(unknown) - _SHOWN
        names += f" and {more} more" if more > 0 else ""
        which = "them" if len(unknown) > 1 else "it"
        notes.append(
            f"Windows 7 does not have {names}; which later one brought {which} is not "
            "known."
        )
    number = _number(lowest)
    notes.append(f"{'Its' if notes else 'its'} version number is {number}.")
    return Need(
        kind="windows",
        name=f"Windows {lowest} or later",
        lowest=lowest,
        proofs=in_order(proof for _, proof in releases),
        optional=optional,
        note=" ".join(notes),
    )


def _number(release: str) -> str:
    """Return the version number of a release, as installers compare it."""
    build = _WITH_SERVICE_PACK.get(release) or first_build(release)
    major, minor = next(n for first, n in _NUMBERS if build >= first)
    return f"{major}.{minor}.{build}"


def _unknown(asked: Iterable[Asked]) -> Iterator[str]:
    """Yield the API sets of which only that they are later than Windows 7 is known."""
    names = dict.fromkeys(a.key for a in asked if is_api_set(a.key))
    for name in names:
        known = (
            release_of_dll(name) or name.removesuffix(".dll") in API_SETS_OF_WINDOWS_7
        )
        if not known and not comes_with_universal_crt(name):
            yield name


def _universal_crt(asked: Iterable[Asked]) -> Iterator[Need]:
    found = [a for a in asked if a.key.startswith(_CRT) or a.key == "ucrtbase.dll"]
    if found:
        yield Need(
            kind="runtime",
            name=UNIVERSAL_CRT,
            proofs=_proofs({a.native: a for a in reversed(found)}.values()),
            note="on Windows 7 to 8.1 the update KB2999226 brings it, which Python 3.5 "
            f"and later need as well: {links.UNIVERSAL_CRT}",
        )


def _features(asked: Iterable[Asked], *, optional: bool) -> Iterator[Need]:
    asked = [a for a in asked if is_part_of_windows(a.key)]
    media = [a for a in asked if a.key in MEDIA_FOUNDATION]
    desktop = [a for a in asked if a.key in CORE_LACKS - MEDIA_FOUNDATION]
    nano = [a for a in asked if a.key in NANO_LACKS]
    if media:
        yield Need(
            kind="feature",
            name="Media Foundation",
            proofs=_proofs(media),
            optional=optional,
            note="Windows Server and the N and KN editions have it only once it is "
            "added, Server Core and Nano Server not at all.",
            image=FULL_IMAGES[1][1],
            ways=(
                Remedy(
                    "on an N or KN edition of Windows 10 1903 or later (as "
                    "administrator):",
                    (
                        (
                            "DISM /Online /Add-Capability "
                            f"/CapabilityName:{MEDIA_FEATURE_PACK}"
                        ),
                    ),
                ),
                Remedy(
                    "on Windows Server (PowerShell as administrator):",
                    (f"Install-WindowsFeature {SERVER_MEDIA_FOUNDATION}",),
                ),
            ),
        )
    if desktop:
        yield Need(
            kind="feature",
            name="Windows with a desktop (no Server Core, no Nano Server)",
            proofs=_proofs(desktop),
            optional=optional,
            note="the images of Server Core and Nano Server do not have these DLLs.",
            image=FULL_IMAGES[1][1],
        )
    elif nano:
        yield Need(
            kind="feature",
            name="Windows other than Nano Server",
            proofs=_proofs(nano),
            optional=optional,
            note="the image of Nano Server does not have these DLLs.",
            image=CORE_IMAGE,
        )


def _proofs(asked: Iterable[Asked]) -> tuple[Proof, ...]:
    return in_order(Proof(a.native.path, a.text) for a in asked)
