"""Needs as text, and as JSON-ready values.

Text is ASCII and 80 columns wide but for paths, commands and what files do.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from .._paths import shortened
from .._report import ascii_only
from ._need import Kind, Need, Proof

_WIDTH: Final = 80
_SHOWN: Final = 4
_IN_JSON: Final = 20
_IN_README: Final[tuple[Kind, ...]] = (
    "windows",
    "architecture",
    "python",
    "redistributable",
    "feature",
    "driver",
    "product",
    "other",
)


def needs_text(
    targets: Sequence[str], files: int, needs: Sequence[Need], site: Sequence[str]
) -> str:
    """Write needs for people: each with its proof, then the lines to copy.

    :param targets: what was asked about.
    :param files: how many native files were read.
    :param needs: what was found.
    :param site: folders that paths are shortened against.
    """
    count = f"{files} native file{'s' if files != 1 else ''}"
    parts = [[ascii_only(f"{', '.join(targets)}: {count} read")]]
    parts += [list(_need(need, site)) for need in needs if not need.optional]
    optional = [need for need in needs if need.optional]
    if optional:
        parts.append(["loaded later, or by name; without these it still starts:"])
        parts += [list(_need(need, site)) for need in optional]
    sentence = readme(needs)
    if sentence:
        parts.append(["for a README:", *_wrapped(sentence, 4)])
    return "\n\n".join("\n".join(part) for part in parts)


def needs_dict(
    targets: Sequence[str], files: int, needs: Sequence[Need], site: Sequence[str]
) -> dict[str, object]:
    """Return needs as JSON-ready values, in a stable order; as `needs_text`."""
    return {
        "version": 1,
        "targets": list(targets),
        "files": files,
        "readme": readme(needs),
        "needs": [_dict(need, site) for need in needs],
    }


def readme(needs: Sequence[Need]) -> str:
    """Return one sentence of what is required, "" where that is nothing."""
    required = [n for n in needs if not n.optional and n.kind in _IN_README]
    required.sort(key=lambda need: _IN_README.index(need.kind))
    names = [_in_sentence(need) for need in required]
    if not names:
        return ""
    *most, last = names
    return f"Needs {', '.join(most)}{' and ' if most else ''}{last}."


def _in_sentence(need: Need) -> str:
    if need.kind == "redistributable":
        urls = [word for way in need.ways for word in way.text.split() if "://" in word]
        return f"the {need.name} ({urls[0].rstrip(':,')})" if urls else need.name
    return f"a {need.name}" if need.kind == "architecture" else need.name


def _need(need: Need, site: Sequence[str]) -> Iterator[str]:
    yield ascii_only(f"{need.kind}: {need.name}")
    for proof in _chosen(need.proofs):
        yield f"    {ascii_only(_file(proof, site))} {ascii_only(proof.text)}"
    more = len(need.proofs) - len(_chosen(need.proofs))
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
            {"file": _file(proof, site).replace("\\", "/"), "text": proof.text}
            for proof in _spread(need.proofs)
        ],
        "proof_count": len(need.proofs),
        "note": need.note or None,
        "help": [{"text": w.text, "commands": list(w.commands)} for w in need.ways],
    }


def _spread(proofs: Sequence[Proof]) -> list[Proof]:
    chosen = _chosen(proofs)
    return [*chosen, *(p for p in proofs if p not in chosen)][:_IN_JSON]


def _file(proof: Proof, site: Sequence[str]) -> str:
    return shortened(proof.path, site)


def _wrapped(text: str, indent: int, hanging: int = 4) -> list[str]:
    return textwrap.wrap(
        ascii_only(text),
        _WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
