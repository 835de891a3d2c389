"""HTML written safely: names come out of files, and may hold anything."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from html import escape
from typing import Final

# What is not seen, or turns the order of what follows it: control and format
# characters (bidirectional ones among them), surrogates, private and unassigned ones,
# separators of lines and paragraphs ("Unicode Standard Annex #44", General_Category).
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def seen(text: str) -> str:
    """Return text with an escape in place of each character that is not seen."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_seen, text))


def text_of(text: str) -> str:
    """Return text as HTML, in elements and in quoted attributes."""
    return escape(seen(text))


def element(name: str, content: str, **attributes: str) -> str:
    """Return an element.

    :param content: its HTML.
    :param attributes: their text; `class_` for `class`. Those that are empty are left
        out.
    """
    written = "".join(
        f' {key.rstrip("_")}="{text_of(value)}"'
        for key, value in attributes.items()
        if value
    )
    return f"<{name}{written}>{content}</{name}>"


def items(rows: Iterable[str], name: str = "ul", **attributes: str) -> str:
    """Return a list of HTML rows, "" for none."""
    content = "".join(f"<li>{row}</li>" for row in rows)
    return element(name, content, **attributes) if content else ""


def details(
    summary: str, content: str, *, is_open: bool = False, bulk: bool = False
) -> str:
    """Return what opens and closes without a script.

    :param summary: the HTML of the line that is always shown.
    :param bulk: on paper it stays as it is; everything else is opened there.
    """
    start = f"<details{' class=bulk' * bulk}{' open' * is_open}>"
    return f"{start}<summary>{summary}</summary>{content}</details>"


def file_of(path: str) -> str:
    """Return a path with its folder less prominent than its name."""
    end = max(path.rfind("\\"), path.rfind("/")) + 1
    folder = f"<i>{text_of(path[:end])}</i>" if end else ""
    return f"<code>{folder}{text_of(path[end:])}</code>"


def command(line: str) -> str:
    """Return a command to copy; the page's script puts a button beside it."""
    return f'<div class="command"><code>{text_of(line)}</code></div>'


def _seen(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
