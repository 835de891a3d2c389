"""Needs as text and as JSON: what is needed, then why, then lines to copy.

As in a report, paths are relative to site-packages, and of the files that prove one
need the first few stand for the others.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from .._paths import shortened
from .._report import ascii_only
from ._container import dockerfile
from ._need import Kind, Need, Proof

if TYPE_CHECKING:
    from .._needs import Needs

_WIDTH: Final = 80
_SHOWN: Final = 4
_IN_JSON: Final = 20
_ORDER: Final[tuple[Kind, ...]] = (
    "windows",
    "python",
    "architecture",
    "redistributable",
    "runtime",
    "feature",
    "driver",
    "product",
    "other",
)


def needs_text(found: Needs) -> str:
    """Write needs for people.

    :param found: what targets need.
    :returns: a list to copy into a README, then each need with its proof and the way
        to it, then lines for a Dockerfile.
    """
    site = found.site
    ordered = _ordered(found.needs)
    required = [need for need in ordered if not need.optional]
    optional = [need for need in ordered if need.optional]
    parts = [[_head(found)]]
    parts.append([line for item in readme(found.needs) for line in _item(item)])
    parts += [list(_need(need, site)) for need in required]
    if optional:
        parts.append(["for some functions, which load it later or by name:"])
        parts += [list(_need(need, site)) for need in optional]
    if found.unread:
        parts.append(list(_unread(found)))
    lines = dockerfile(found.needs)
    if lines:
        parts.append(["for a Dockerfile:", *(" " * 10 + line for line in lines)])
    return "\n\n".join("\n".join(part) for part in parts if part)


def needs_dict(found: Needs) -> dict[str, object]:
    """Return needs as JSON-ready values, in a stable order."""
    return {
        "version": 1,
        "targets": list(found.targets),
        "files": found.files,
        "unread": [
            {"file": _slashed(path, found.site), "reason": reason}
            for path, reason in found.unread
        ],
        "readme": readme(found.needs),
        "dockerfile": list(dockerfile(found.needs)),
        "needs": [_dict(need, found.site) for need in found.needs],
    }


def readme(needs: Sequence[Need]) -> list[str]:
    """Return what is needed, an item for each, as a README has it."""
    chosen = _ordered(needs)
    required = {need.kind: need for need in chosen if not need.optional}
    items = []
    for need in chosen:
        if need.optional:
            continue
        if need.kind == "python" and "architecture" in required:
            bits = required["architecture"].name.removesuffix(" Python")
            items.append(f"{need.name}, {bits}")
        elif need.kind != "architecture" or "python" not in required:
            items.append(need.name + _address(need))
    return [*items, *(f"for some functions: {n.name}" for n in chosen if n.optional)]


def _ordered(needs: Sequence[Need]) -> list[Need]:
    return sorted(needs, key=lambda need: _ORDER.index(need.kind))


def _head(found: Needs) -> str:
    names = ascii_only(", ".join(found.targets))
    verb = "needs" if len(found.targets) == 1 else "need"
    what = "of a machine" if found.needs else "nothing that is known"
    files = f"{found.files} native file{'s' if found.files != 1 else ''} read"
    return f"{names} {verb} {what} ({files}){':' if found.needs else ''}"


def _address(need: Need) -> str:
    if need.kind != "redistributable":
        return ""
    urls = [word for way in need.ways for word in way.text.split() if "://" in word]
    return f": {urls[0].rstrip(':,')}" if urls else ""


def _item(item: str) -> list[str]:
    return _wrapped(f"- {item}", 0, 2)


def _unread(found: Needs) -> Iterator[str]:
    yield "not known is what these need:"
    for path, reason in found.unread[:_SHOWN]:
        yield f"    {ascii_only(shortened(path, found.site))} {ascii_only(reason)}"
    if len(found.unread) > _SHOWN:
        yield f"    and {len(found.unread) - _SHOWN} more"


def _need(need: Need, site: Sequence[str]) -> Iterator[str]:
    yield ascii_only(f"{need.kind}: {need.name}")
    chosen = _chosen(need.proofs)
    for proof in chosen:
        file = shortened(proof.path, site)
        yield f"    {ascii_only(file)} {ascii_only(proof.text)}"
    more = len(need.proofs) - len(chosen)
    if more > 0:
        yield f"    and {more} more"
    if need.note:
        yield from _wrapped(f"note: {need.note}", 4, 6)
    for way in need.ways:
        yield from _wrapped(way.text, 4, 6)
        yield from (" " * 10 + command for command in way.commands)


def _chosen(proofs: Sequence[Proof]) -> list[Proof]:
    """Return what decides, then the first of each lower rank."""
    first: dict[tuple[int, ...], Proof] = {}
    for proof in proofs:
        first.setdefault(proof.rank, proof)
    chosen = list(first.values())[:_SHOWN]
    others = [p for p in proofs if p not in chosen]
    return chosen if len(first) > 1 else [*chosen, *others][: _SHOWN - 1]


def _dict(need: Need, site: Sequence[str]) -> dict[str, object]:
    return {
        "kind": need.kind,
        "name": need.name,
        "lowest": need.lowest or None,
        "optional": need.optional,
        "proofs": [
            {"file": _slashed(proof.path, site), "text": proof.text}
            for proof in _spread(need.proofs)
        ],
        "proof_count": len(need.proofs),
        "note": need.note or None,
        "help": [{"text": w.text, "commands": list(w.commands)} for w in need.ways],
    }


def _spread(proofs: Sequence[Proof]) -> list[Proof]:
    chosen = _chosen(proofs)
    return [*chosen, *(p for p in proofs if p not in chosen)][:_IN_JSON]


def _slashed(path: str, site: Sequence[str]) -> str:
    return shortened(path, site).replace("\\", "/")


def _wrapped(text: str, indent: int, hanging: int = 4) -> list[str]:
    return textwrap.wrap(
        ascii_only(text),
        _WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
