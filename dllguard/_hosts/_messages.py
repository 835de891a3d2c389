"""Windows' own words for an error, found again at the end of a message.

They are localised, so what is compared is what this Windows would say (`_win32`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# "FormatMessage", on insert sequences.
_INSERT = re.compile(r"%\d(?:![^!]*!)?")
_FINAL = " .\N{IDEOGRAPHIC FULL STOP}"


def code_of_words(text: str, words: Mapping[int, str]) -> int | None:
    """Return the error code whose words end a text.

    CPython leaves `%1` in the words unfilled; others fill it in. The words of one code
    may be the end of those of another, so the longest that fit are the right ones.

    :param text: the message of an exception.
    :param words: what Windows says, by error code; "" for a code it has no words for.
    """
    text = _settled(text)
    best, best_fit = None, (False, 0)
    for code, said in words.items():
        fit = _fit(_settled(said), text)
        if fit > best_fit:
            best, best_fit = code, fit
    return best


def _settled(text: str) -> str:
    # CPython cuts line breaks off one kind of exception, final dots off another.
    return " ".join(text.split()).rstrip(_FINAL)


def _fit(words: str, text: str) -> tuple[bool, int]:
    """Return whether some words end a text as they stand, and their own length.

    The length is 0 where they do not end it even with something filled in.
    """
    parts = _INSERT.split(words)
    length = sum(map(len, parts))
    if not length:
        return False, 0
    start = len(text) - len(words)
    literally = text.endswith(words)
    if not literally:
        if len(parts) == 1 or not text.endswith(parts[-1]):
            return False, 0
        start = len(text) - len(parts[-1])
        for part in reversed(parts[:-1]):
            start = text.rfind(part, 0, start)
            if start < 0:
                return False, 0
    # "xaccess denied" is another word.
    if text[:start][-1:].isalnum() and words[:1].isalnum():
        return False, 0
    return literally, length
