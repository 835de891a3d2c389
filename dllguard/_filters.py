"""Which findings count: what is left out of a verdict, and what fails a run.

Nothing is lost: what is left out stays with its target, as `ignored`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from ._paths import base_name, shortened
from ._verdict import Diagnosis, Report, TargetResult

NEVER: Final = "never"
_SEVERITIES: Final = ("error", "warning")
_ANY: Final = "*"


class Ignore(NamedTuple):
    """A kind of finding to leave out of the verdict.

    :param code: of the finding, `*` for any.
    :param name: of the DLL that is at fault, of a file or package that leads to it, or
        of the target; with wildcards. "" for any.
    """

    code: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.code}:{self.name}" if self.name else self.code


def parse_ignore(text: str) -> Ignore:
    """Read `CODE` or `CODE:NAME`.

    :raises ValueError: for a code that there is not.
    """
    code, colon, name = (part.strip() for part in text.partition(":"))
    if code != _ANY:
        _require(code)
    if colon and not name:
        raise ValueError(f"{text}: names nothing after the colon")
    if code == _ANY and name in ("", _ANY):
        raise ValueError(f"{text}: would ignore everything; --fail-on never does not")
    return Ignore(code, name)


def parse_fail_on(texts: Iterable[str]) -> tuple[str, ...]:
    """Read what fails a run: error, warning, never, or codes.

    :raises ValueError: for another word, or never beside others.
    """
    words = tuple(word.strip() for text in texts for word in text.split(","))
    for word in words:
        _require(word, *_SEVERITIES, NEVER)
    if NEVER in words and set(words) != {NEVER}:
        others = ", ".join(word for word in words if word != NEVER)
        raise ValueError(f"never: excludes {others}")
    return words


def fails(report: Report, words: Sequence[str] = ("error",)) -> bool:
    """Tell whether a report fails a run.

    :param report: from which the ignored findings are taken away.
    :param words: as `parse_fail_on` gives them; `warning` means errors too.
    """
    severe = set(_SEVERITIES if "warning" in words else words)
    return any(d.severity in severe or d.code in words for d in report.diagnoses)


def without(
    report: Report, ignores: Sequence[Ignore]
) -> tuple[Report, frozenset[Ignore]]:
    """Take findings out of a verdict.

    :param report: the verdict.
    :param ignores: what to leave out.
    :returns: the verdict without them, and which of the rules have matched.
    """
    matched: set[Ignore] = set()
    targets = []
    for target in report.targets:
        left: list[Diagnosis] = []
        ignored = [*target.ignored]
        for found in target.diagnoses:
            rules = [rule for rule in ignores if _covers(rule, found, target)]
            matched.update(rules)
            (ignored if rules else left).append(found)
        targets.append(replace(target, diagnoses=tuple(left), ignored=tuple(ignored)))
    return replace(report, targets=tuple(targets)), frozenset(matched)


def _covers(rule: Ignore, found: Diagnosis, target: TargetResult) -> bool:
    """Tell whether a rule is about all that a finding tells."""
    if rule.code not in (_ANY, found.code):
        return False
    if not rule.name or _matches(rule.name, (target.name, base_name(target.name))):
        return True
    # One cure may end several faults, which are told as one: each must be meant.
    chains = (line.partition("   ")[0].split(" -> ") for line in found.also)
    return _matches(rule.name, _names(found)) and all(
        _matches(rule.name, (*links, *map(base_name, links))) for links in chains
    )


def _names(found: Diagnosis) -> Iterator[str]:
    for name in (found.culprit, found.target):
        if name:
            yield from (name, base_name(name))
    for link in found.chain:
        short = shortened(link.path or link.name, found.site)
        yield from (link.name, base_name(short), short)
        # The package, where the file is in one.
        yield short.replace("\\", "/").partition("/")[0]


def _matches(pattern: str, names: Iterable[str]) -> bool:
    plain = pattern.replace("\\", "/").lower()
    return any(
        fnmatch.fnmatchcase(name.replace("\\", "/").lower(), plain) for name in names
    )


def _require(word: str, *others: str) -> None:
    """Refuse what is no code, and none of the other words."""
    if word in others:
        return
    from ._help import codes

    known = (*others, *codes())
    if word in known:
        return
    import difflib

    near = difflib.get_close_matches(word, known)
    hint = (
        f"did you mean {' or '.join(near)}?" if near else "`dllguard help` lists them"
    )
    raise ValueError(f"{word or 'nothing'}: no such code; {hint}")
