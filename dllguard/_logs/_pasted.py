"""What the text of a failed load means, told without the machine where it happened.

Nothing is proved here: likely causes are ranked by cases that were read (`_likely`),
and `dllguard check`, on that machine, finds out which of them it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .._paths import base_name, folder_of
from .._shell import word
from .._verdict import Remedy
from ._likely import (
    FILES,
    FROZEN_ROW,
    GROUPS,
    LAST,
    LIKELY,
    LOOK_ALIKES,
    MEANINGS,
    NOT_MEANT,
)
from ._log import Logged, failures_of
from ._log_origin import Origin, origin_of
from ._log_text import cleaned
from ._words import LANGUAGES, WORDS

_TOLD = 5
_TOLD_OF_A_CULPRIT = 2


@dataclass(frozen=True)
class Cause:
    """One likely cause."""

    code: str
    """Of its help page."""
    what: str
    told_by: str
    """How it is told from the others."""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pasted:
    """What a text says of a failed load."""

    headline: str
    failures: tuple[Logged, ...] = ()
    """In the order of the text; the first one decides."""
    origin: Origin = field(default_factory=Origin)
    says: str = ""
    """What the text proves, besides the headline."""
    not_meant: str = ""
    causes: tuple[Cause, ...] = ()
    told: int = 0
    """How many of the causes are worth more than their name."""
    help: tuple[Remedy, ...] = ()

    @property
    def recognised(self) -> bool:
        """Whether there is a failed load in the text."""
        return bool(self.failures)


def explain_text(text: str) -> Pasted:
    """Explain a traceback or a log.

    :param text: as somebody pasted it.
    """
    plain = cleaned(text)
    found = failures_of(plain)
    if not found:
        return _none(plain)
    first = found[0]
    origin = origin_of(first, plain)
    causes, of_file = likely(first, frozen=origin.frozen)
    told = of_file + _TOLD_OF_A_CULPRIT if of_file and _is_exact(first) else _TOLD
    told = min(told, sum(cause.told_by != LAST for cause in causes))
    return Pasted(
        _headline(first, origin),
        found,
        origin,
        _says(first),
        _not_meant(first),
        causes,
        told,
        _help(origin, causes),
    )


def likely(logged: Logged, *, frozen: bool = False) -> tuple[tuple[Cause, ...], int]:
    """Return the causes of a failure that were met in the field, the likely ones first.

    :param logged: the failure.
    :param frozen: whether it happened in a frozen program.
    :returns: the causes, and how many of them go by the name of the file.
    """
    key = logged.key
    named = (logged.culprit, logged.file, logged.module)
    names = [base_name(name).lower() for name in named if name]
    groups = GROUPS.get(key, (key if key in LIKELY else "unknown",))
    rows = [
        row
        for pattern, keys, row in FILES
        if groups[0] in keys and any(re.fullmatch(pattern, name) for name in names)
    ]
    if frozen:
        # The Python's own DLL is there, or was left out like any other.
        rows = [row for row in rows if row[0] != "python-abi-mismatch"] + [FROZEN_ROW]
    of_file = len(rows)
    for group in groups:
        rows += LIKELY[group]
    rows.sort(key=lambda row: row[2] == LAST)
    found: dict[str, Cause] = {}
    for code, what, told_by, sources in rows:
        cause = Cause(code, what, told_by, tuple(sources.split(", ")))
        found.setdefault(code, cause)
    return tuple(found.values()), of_file


def meaning_of(logged: Logged) -> str:
    """Return what a failure says for certain, in a few words, with its number."""
    numbers = []
    if logged.status is not None:
        numbers.append(f"0x{logged.status:08X}")
    if logged.code is not None:
        numbers.append(f"WinError {logged.code}")
    number = f" ({', '.join(numbers)})" if numbers else ""
    ended = "the process ended: " if logged.kind == "exit" and logged.code else ""
    return f"{ended}{MEANINGS.get(logged.key, MEANINGS['unknown'])}{number}"


def name_of(logged: Logged) -> str:
    """Return the file or module that a failure names, without its folder, or ""."""
    named = logged.culprit or logged.file or logged.module
    return base_name(named) if named else ""


def _is_exact(logged: Logged) -> bool:
    return logged.culprit is not None and logged.key in (126, 127)


def _headline(first: Logged, origin: Origin) -> str:
    name = name_of(first) or origin.package or ""
    meaning = meaning_of(first)
    if first.kind == "popup" and first.culprit:
        return f"{name} is not there, or not where Windows looks for it"
    if first.key == 0:
        return f"{name or 'an extension module or DLL'} does not load"
    if not name:
        return meaning
    if first.kind in ("popup", "exit", "conflict", "openmp"):
        return f"{meaning}: {name}"
    if first.kind == "operator":
        return f"{origin.package or name}: {meaning}"
    return f"{name} does not load: {meaning}"


def _says(first: Logged) -> str:
    """Return what the text proves."""
    said = []
    language = LANGUAGES.get(first.language, "")
    if first.wording is not None and first.language != "en":
        words = _english(first.wording.code)
        of = "Wine's" if first.language == "wine" else language
        garbled = ", shown in a wrong code page" if first.wording.garbled else ""
        said.append(f'the words are {of} for "{words}"{garbled}.')
    elif first.kind == "extension" and first.code is None:
        said.append(
            "Windows' own words are cut off, or in a language that dllguard does not "
            "know; most often they mean WinError 126."
        )
    if first.symbol is not None:
        named = base_name(first.file or "")
        asks = (
            f"{named}, with its folder, is usually the file that asks for it"
            if folder_of(first.file or "")
            else f"{named} is the DLL that lacks it"
        )
        what = "ordinal" if first.symbol.isdigit() else "function"
        said.append(f"the {what} that is lacking is {first.symbol}; {asks}.")
    elif first.culprit is not None and first.kind in ("popup", "by_name", "native"):
        said.append(
            f"this message names the culprit itself: {base_name(first.culprit)}."
        )
    return " ".join(said)


def _not_meant(first: Logged) -> str:
    key = "popup" if first.kind == "popup" else first.key
    if _is_exact(first) or key not in NOT_MEANT:
        return ""
    name = name_of(first)
    if first.kind == "extension":
        name = f"the extension module {name}".rstrip()
    return NOT_MEANT[key].format(file=name or "the file")


def _help(origin: Origin, causes: tuple[Cause, ...]) -> tuple[Remedy, ...]:
    python = origin.interpreter
    pages = tuple(f"python -m dllguard help {cause.code}" for cause in causes[:1])
    more = Remedy("more on the first of these causes, here and offline:", pages)
    if origin.frozen:
        look = Remedy(
            "let dllguard read the files of the program, which needs nothing of that "
            "machine; of a single .exe, those of the same build made with --onedir:",
            ('python -m dllguard check "FOLDER OF THE PROGRAM"',),
        )
        return look, more
    if origin.file is None and origin.package is None:
        look = Remedy(
            "let dllguard look, on the machine where it happened and with the Python "
            "that failed; PACKAGE is what was imported:",
            (f"{python} -m dllguard check PACKAGE",),
        )
        return look, more
    target = origin.file or origin.package or ""
    look = Remedy(
        "let dllguard look, on the machine where it happened and with the Python that "
        "failed; it names the DLL, and what brings it:",
        (f"{python} -m dllguard check {word(target)}",),
    )
    return look, more


def _none(plain: str) -> Pasted:
    for pattern, what, _ in LOOK_ALIKES:
        found = re.search(pattern, plain)
        if found is not None:
            line = plain.count("\n", 0, found.start()) + 1
            return Pasted(
                "no failed load of a DLL in this text",
                says=f'line {line}, "{found[0]}", is something else: {what}',
            )
    return Pasted(
        "no failed load of a DLL in this text",
        says="paste the whole of it, from the first line on: the traceback, what stood "
        "before it, and the words of a pop-up window if there was one.",
    )


def _english(code: int) -> str:
    return next((words for c, lang, words, _ in WORDS if (c, lang) == (code, "en")), "")
