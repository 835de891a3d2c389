"""The explanation of a pasted text, as text and as JSON.

Text is ASCII and 80 columns wide but for commands, as in `_report`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from .._report import ascii_only
from .._verdict import Remedy
from ._log import Logged
from ._log_shapes import MANY
from ._pasted import Pasted, meaning_of, name_of

_WIDTH = 80
_NAMED = 8
_OTHERS = 8


def pasted_text(pasted: Pasted) -> str:
    """Write an explanation: what it is, what it is not, likely causes, what to do."""
    parts = _parts(pasted) if pasted.recognised else _nothing(pasted)
    return "\n\n".join("\n".join(part) for part in parts if part)


def pasted_dict(pasted: Pasted) -> dict[str, object]:
    """Return an explanation as JSON-ready values, as `explain-schema.json` has them."""
    return {
        "version": 1,
        "recognised": pasted.recognised,
        "headline": pasted.headline,
        "says": pasted.says or None,
        "not_meant": pasted.not_meant or None,
        "package": pasted.origin.package,
        "interpreter": pasted.origin.interpreter,
        "frozen": pasted.origin.frozen,
        "failures": [_failure_dict(failure) for failure in pasted.failures],
        "causes": [
            {
                "code": cause.code,
                "what": cause.what,
                "told_by": cause.told_by,
                "sources": list(cause.sources),
            }
            for cause in pasted.causes
        ],
        "help": [{"text": r.text, "commands": list(r.commands)} for r in pasted.help],
    }


def _nothing(pasted: Pasted) -> Iterator[list[str]]:
    yield _wrapped(pasted.headline)
    yield _wrapped(pasted.says)


def _parts(pasted: Pasted) -> Iterator[list[str]]:
    first = pasted.failures[0]
    yield _wrapped(pasted.headline, hanging=4)
    often = "many" if first.times >= MANY else first.times
    times = f", {often} times" if first.times > 1 else ""
    read = f"read in line {first.line}{times}"
    if pasted.says:
        yield _wrapped(f"{read}: {pasted.says}")
    elif first.line > 1 or times:
        yield [f"{read}."]
    if pasted.not_meant:
        yield _wrapped(f"this does not mean {pasted.not_meant}")
    yield ["likely causes, the most frequent first:"]
    for number, cause in enumerate(pasted.causes[: pasted.told], 1):
        yield [
            *_wrapped(f"{number}. {cause.what}", "    ", 7),
            *_wrapped(f"told by: {cause.told_by}", " " * 7, 16),
            *_wrapped(f"[{cause.code}] {', '.join(cause.sources)}", " " * 7, 11),
        ]
    if rest := [cause.code for cause in pasted.causes[pasted.told :]]:
        more = ", ..." if len(rest) > _NAMED else ""
        yield _wrapped(f"less often: {', '.join(rest[:_NAMED])}{more}", hanging=12)
    yield _others(pasted.failures[1:])
    yield _helped(pasted.help)


def _others(others: tuple[Logged, ...]) -> list[str]:
    if not others:
        return []
    lines = [
        "also in this text; cure the first one first, it may be the cause of these:"
    ]
    for other in others[:_OTHERS]:
        name = name_of(other)
        told = f"line {other.line}: {name}{': ' if name else ''}{meaning_of(other)}"
        lines += _wrapped(told, "    ", 6)
    if len(others) > _OTHERS:
        lines.append(f"    and {len(others) - _OTHERS} more")
    return lines


def _helped(remedies: tuple[Remedy, ...]) -> list[str]:
    lines: list[str] = []
    for remedy in remedies:
        label = "help: " if not lines else " " * 6
        lines += _wrapped(label + remedy.text, hanging=6)
        lines += [" " * 10 + ascii_only(command) for command in remedy.commands]
    return lines


def _wrapped(text: str, indent: str = "", hanging: int = 0) -> list[str]:
    return textwrap.wrap(
        ascii_only(text),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _failure_dict(failure: Logged) -> dict[str, object]:
    return {
        "kind": failure.kind,
        "line": failure.line,
        "times": failure.times,
        "winerror": failure.code,
        "status": None if failure.status is None else f"0x{failure.status:08X}",
        "module": failure.module,
        "file": failure.file,
        "culprit": failure.culprit,
        "symbol": failure.symbol,
        "language": failure.language or None,
        "garbled": failure.wording is not None and failure.wording.garbled,
    }
