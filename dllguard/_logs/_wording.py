"""Windows' own words in a text, of whatever language, and through wrong code pages.

A console writes in the OEM code page, a log file is read in another one: what comes out
has every letter in its place and none that is right. The pages are tried until one
gives words that Windows says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from ._wine_words import WINE_WORDS
from ._words import WORDS

_INSERT = "%1"
_FILLED = 300
_LONGEST = 500
_LETTERS_LEFT = 12
# As what bytes were shown, and what they were: the ANSI and OEM code pages of Windows'
# languages, and UTF-8.
_SHOWN = (
    *("cp1252", "cp1251", "cp866", "cp850", "cp437", "cp936", "cp932", "cp949"),
    *("cp1250", "cp1253", "cp1254"),
)
_MEANT = (
    *("cp1251", "cp866", "cp936", "cp950", "cp932", "cp949", "cp850", "cp852"),
    *("cp737", "cp857", "cp1252", "cp1250", "cp1253", "cp1254", "utf-8"),
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")


@dataclass(frozen=True)
class Wording:
    """Windows' words for an error, found in a text."""

    code: int
    language: str
    """Tag of the language; "wine" for the words of Wine, whatever their language."""
    words: str
    """As Windows says it."""
    garbled: bool = False
    """Whether they stood there in another code page."""


def wording(text: str) -> Wording | None:
    """Return Windows' words in a text; the longest, where there are several.

    :param text: the message of an exception, or some lines of a log.
    """
    return _wording(text[:_LONGEST])


@lru_cache
def _wording(text: str) -> Wording | None:
    found = _spoken(_plain(text))
    if found is not None or not re.search(r"[^\0-\x7f]|[\\?]", text):
        return found
    unescaped = _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)), text)
    if unescaped != text and (found := _spoken(_plain(unescaped))):
        return found
    for other in _other_readings(unescaped):
        found = _spoken(_plain(other))
        if found is not None:
            return Wording(found.code, found.language, found.words, garbled=True)
    return _with_gaps(_plain(unescaped))


def _plain(text: str) -> str:
    """Fold what may differ: case, blanks, line breaks, forms of quotes and of width."""
    text = unicodedata.normalize(
        "NFKC", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    return "".join(text.casefold().split())


@cache
def _table() -> tuple[tuple[Wording, tuple[str, ...]], ...]:
    rows = [(code, language, words) for code, language, words, _ in WORDS]
    rows += [(code, "wine", words) for code in WINE_WORDS for words in WINE_WORDS[code]]
    return tuple(
        (Wording(*row), tuple(_plain(part) for part in row[2].split(_INSERT)))
        for row in rows
    )


def _spoken(text: str) -> Wording | None:
    best, best_rank = None, (False, 0)
    for row, parts in _table():
        rank = row.language != "wine", sum(map(len, parts))
        if rank > best_rank and _has(text, parts):
            best, best_rank = row, rank
    return best


def _has(text: str, parts: Sequence[str]) -> bool:
    """Tell whether the parts stand in a text in this order, not far from each other."""
    at = text.find(parts[0])
    if at < 0:
        return False
    end = at + len(parts[0])
    for part in parts[1:]:
        at = text.find(part, end, end + _FILLED + len(part))
        if at < 0:
            return False
        end = at + len(part)
    return True


def _other_readings(text: str) -> Iterator[str]:
    seen = {text}
    for shown in _SHOWN:
        content = _bytes(text, shown)
        for meant in _MEANT:
            read = content.decode(meant, "ignore")
            if read not in seen:
                seen.add(read)
                yield read


def _bytes(text: str, page: str) -> bytes:
    """Return the bytes that were shown as this text; what no byte is shown as is lost.

    The bytes that a code page does not define are shown as control characters.
    """
    pieces = (c.encode(page, "ignore") or c.encode("latin-1", "ignore") for c in text)
    return b"".join(pieces)


@cache
def _gapped() -> tuple[tuple[Wording, re.Pattern[str]], ...]:
    """Return patterns in which a letter that is not ASCII may be a question mark."""
    rows = []
    for row, parts in _table():
        kept = sum(c.isascii() and c.isalpha() for part in parts for c in part)
        if row.language == "wine" or kept < _LETTERS_LEFT or row.words.isascii():
            continue
        pattern = ".{0,300}?".join("".join(map(_or_lost, part)) for part in parts)
        rows.append((row, re.compile(pattern)))
    return tuple(rows)


def _or_lost(character: str) -> str:
    if character.isascii():
        return re.escape(character)
    return rf"(?:{character}|[?\ufffd]{{1,4}})"


def _with_gaps(text: str) -> Wording | None:
    for row, pattern in _gapped():
        if pattern.search(text):
            return Wording(row.code, row.language, row.words, garbled=True)
    return None
