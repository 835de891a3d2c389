"""Distributions that are built for each other, and whether those that are here fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .._packages._distribution import Distribution, normalised
from .._paths import join
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._conventions import ALIKE, PAIRED, PARTNER_RELEASES
from .._verdict import Diagnosis, Remedy
from ._builds import built_for, wheel_page
from ._conda_pairs import unlike_builds
from ._scene import Scene


@dataclass(frozen=True)
class _Wish:
    """What one distribution wants another to be.

    :param release: as people write it: `2.4.0`, `>=6.2`.
    :param requirement: what pip is asked for to get it, "" where pip knows itself.
    :param source: who says so.
    :param certain: the metadata says it.
    """

    release: str
    requirement: str
    source: str
    certain: bool = False


def unmet_pairs(scene: Scene) -> Iterator[Diagnosis]:
    """Yield what the metadata says of distributions that are not made for each other.

    :param scene: host, target and distributions.
    :returns: the warnings to give where the symbols do not prove more.
    """
    by_name = {d.key: d for d in scene.distributions}
    for name, partners in PAIRED.items():
        owner = by_name.get(name)
        for partner in partners if owner else ():
            other = by_name.get(partner)
            if owner is None or other is None:
                continue
            blank = Diagnosis(
                code="version-mismatch",
                severity="warning",
                headline="",
                summary=f"The metadata of {owner.title} rules out {other.title}. Their "
                "files show no proof of it; it may work all the same.",
                culprit=other.name,
            )
            wish = _by_metadata(owner, other, scene)
            if wish is not None:
                yield scene.completed(_mismatch(blank, owner, other, wish, scene))


def not_a_pair(
    diagnosis: Diagnosis, owner: Distribution | None, provider: str, scene: Scene
) -> Diagnosis | None:
    """Turn a diagnosis into that of two distributions that do not fit.

    :param diagnosis: of a symbol that is lacking.
    :param owner: whose file wants the symbol.
    :param provider: full path of the DLL that lacks it.
    :param scene: host, target and distributions.
    :returns: None where neither metadata nor the table of pairs says so.
    """
    other = scene.distribution_of(provider)
    if owner is None:
        return None
    if other is None:
        return unlike_builds(diagnosis, owner, provider, scene)
    if owner.name == other.name:
        return None
    wish = _by_metadata(owner, other, scene)
    if wish is None and other.key in PAIRED.get(owner.key, ()):
        wish = _by_version(owner, other) or _by_table(owner, other)
    return _mismatch(diagnosis, owner, other, wish, scene) if wish else None


def _by_metadata(
    owner: Distribution, other: Distribution, scene: Scene
) -> _Wish | None:
    for requirement in scene.host.environment.requirements(owner):
        if normalised(requirement.name) != other.key or other.version is None:
            continue
        if requirement.specifier.contains(other.version, prereleases=True):
            continue
        wanted = str(requirement.specifier)
        source = f"required by {owner.title}, its METADATA"
        return _Wish(wanted.removeprefix("=="), "", source, certain=True)
    return None


def _by_version(owner: Distribution, other: Distribution) -> _Wish | None:
    """Read `+pt2.0.0cu117`, by which wheels are told that fit one torch each."""
    release = built_for(owner)
    if not release or other.key != "torch" or _alike(release, other.version, 2):
        return None
    exact = release if release.count(".") == 2 else f"{release}.*"
    tag = (owner.version or "").partition("+")[2]
    return _Wish(release, f"torch=={exact}", f"its version says so: +{tag}")


def _by_table(owner: Distribution, other: Distribution) -> _Wish | None:
    first, second, *_ = [*(owner.version or "").split("."), "", ""]
    release = PARTNER_RELEASES.get(owner.key, {}).get(f"{first}.{second}", "")
    count = ALIKE.get(owner.key, 0)
    if count and owner.version:
        release = ".".join(owner.version.split(".")[:count])
    if not release or _alike(release, other.version, max(count, 2)):
        return None
    return _Wish(
        release, f"{other.name}=={release}.*", f"the release for {owner.title}"
    )


def _alike(one: str, other: str | None, count: int) -> bool:
    numbers = re.split(r"[.+]", other or "")
    return other is None or one.split(".")[:count] == numbers[:count]


def _mismatch(
    diagnosis: Diagnosis,
    owner: Distribution,
    other: Distribution,
    wish: _Wish,
    scene: Scene,
) -> Diagnosis:
    verb = f"needs {other.name} {wish.release}, found {other.title}"
    headline = f"{owner.title} {verb}"
    if not wish.certain:
        verb = f"was built for {other.name} {wish.release}, found {_public(other)}"
        headline = f"{_public(owner)} {verb}"
    return replace(
        diagnosis,
        code="version-mismatch",
        headline=headline,
        wanted=f"{other.name} {wish.release} ({wish.source})",
        found=f"{other.title} ({_place(other, scene)})",
        note=_why(owner, other, wish),
        help=tuple(_ways_out(owner, other, wish, scene)),
        links=(links.TORCH_RELEASES,) if other.key == "torch" else (),
    )


def _ways_out(
    owner: Distribution, other: Distribution, wish: _Wish, scene: Scene
) -> Iterator[Remedy]:
    environment = scene.host.environment
    with_other = [
        name
        for name, partners in PAIRED.items()
        if other.key in partners and environment.distribution(name) is not None
    ]
    # pip's resolver finds what fits if the metadata says it.
    known = [n for n in with_other if not _needs_page(n)]
    compiled = owner.key in with_other
    source = cures.index(owner) or cures.index(other)
    first = known if compiled else [owner.name]
    rest = [n for n in known if n != owner.key] if compiled else []
    if not wish.certain and owner.key in ALIKE:
        command = cures.upgrade(environment, owner.name, other.name)
        yield Remedy(f"update both, {owner.name} and {other.name}:", (command,))
        command = cures.upgrade(environment, wish.requirement)
        yield Remedy(f"or keep {owner.title}, install the Qt made for it:", (command,))
        return
    if _needs_page(owner.key):
        yield from _other_wheel(owner, other, wish, rest, scene)
        return
    if not wish.certain:
        # What the metadata does not say, pip does not know either.
        first = _pinned(first, other)
    yield cures.together(environment, other, first, source)
    wanted = [wish.requirement or other.name, *rest]
    keep_owner = cures.together(environment, owner, wanted, source)
    yield replace(keep_owner, text=f"or {keep_owner.text}")


def _needs_page(key: str) -> bool:
    """Tell whether no resolver can choose: the metadata names no release of torch."""
    return "torch" in PAIRED.get(key, ()) and key not in PARTNER_RELEASES


def _pinned(names: list[str], other: Distribution) -> list[str]:
    """Name the releases for a torch, as the table has them."""
    found = []
    for name in names:
        rows = PARTNER_RELEASES.get(normalised(name), {})
        own = [r for r, partner in rows.items() if _alike(partner, other.version, 2)]
        found.append(f"{name}=={own[0]}.*" if own else name)
    return found


def _other_wheel(
    owner: Distribution,
    other: Distribution,
    wish: _Wish,
    rest: list[str],
    scene: Scene,
) -> Iterator[Remedy]:
    """Take the wheel for this torch, or the torch for this wheel."""
    environment = scene.host.environment
    page = wheel_page(owner, other)
    if page:
        command = cures.from_page(environment, owner.name, page)
        text = f"keep {other.title}, install the {owner.name} made for it:"
        yield Remedy(text, (command,))
    tag = re.search(r"cpu|cu\d+", (owner.version or "").partition("+")[2])
    wanted = replace(other, version=f"{wish.release}+{tag[0]}") if tag else other
    where = cures.index_url(wanted)
    command = cures.upgrade(environment, wish.requirement, *rest)
    if where:
        option = f"--upgrade --index-url {where}"
        command = command.replace("--upgrade", option, 1)
    text = f"keep {owner.title}, install the {other.name} that it was built for"
    yield Remedy(f"{'or ' if page else ''}{text}:", (command,))
    if not page:
        yield Remedy(
            f"or take the {owner.name} made for {other.title}, from the place that its "
            "documentation names"
        )


def _why(owner: Distribution, other: Distribution, wish: _Wish) -> str:
    compiled = other.key in PAIRED.get(owner.key, ())
    # torchvision 0.29 asks for torch>=2.14: its functions no longer change.
    if compiled and not re.match(r"[<>~!]", wish.release):
        why = f"this release of {owner.name} is compiled against one release of "
        why += f"{other.name}, whose functions change between releases."
    else:
        why = "its metadata says which releases of "
        why += f"{other.name} {owner.name} fits."
    return f"{why} Installing the Visual C++ runtime does not help."


def _public(distribution: Distribution) -> str:
    return distribution.title.partition("+")[0]


def _place(distribution: Distribution, scene: Scene) -> str:
    folder = join(distribution.site, distribution.name)
    known = scene.host.process.disk.is_folder(folder)
    return folder if known else distribution.site
