"""A pasted log as plain text, without what consoles and mail put around it."""

from __future__ import annotations

import re
from typing import Final

# ECMA-48: control sequences, operating system commands, and other escapes.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[@-Z\\^_]"
)
# Quoted mail, the boxes of rich, the trees of exception groups.
_BEFORE: Final = " \t>|│┃║╭╰❱"
_AFTER: Final = " \t|│┃║╮╯"
_QUOTES: Final = {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"}
# JSON, and Python's repr.
_ESCAPED: Final = re.compile(r"\\([\"'])|(?<=[\w:.)\-])\\\\(?=[\w.(\-])")
_PYTEST = "E   "
_NUL_SHARE = 4


def decoded(content: bytes) -> str:
    """Return the text of a log file.

    PowerShell's redirection writes UTF-16; a line that is not UTF-8 is taken as
    Windows-1252, whatever it was: `_wording` tries the other code pages.

    :param content: the bytes of the file.
    """
    for mark, encoding in (
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xef\xbb\xbf", "utf-8"),
    ):
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if content.count(0) and content[start::2].count(0) * _NUL_SHARE > len(content):
            return content.decode(encoding, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return "".join(map(_line, content.splitlines(keepends=True)))


def _line(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        # Windows shows the five bytes that the page lacks as control characters.
        return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in content)


def cleaned(text: str) -> str:
    """Return a log without colours, quote marks and frames; its lines stay as many.

    :param text: the log.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    text = text.replace("\0", "")
    for typeset, plain in _QUOTES.items():
        text = text.replace(typeset, plain)
    return "\n".join(map(_bare, text.split("\n")))


def _bare(line: str) -> str:
    line = line.lstrip(_BEFORE).rstrip(_AFTER)
    if line.startswith(_PYTEST):
        line = line[len(_PYTEST) :].lstrip()
    if "\\\\" in line or '\\"' in line:
        line = _ESCAPED.sub(lambda m: m[1] or "\\", line)
    return line
