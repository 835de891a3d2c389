"""What the shells of Windows make of a typed line, as far as names can reach.

`command_prompt` and `powershell` return the words that a program is given, and raise
`HeededError` where the shell itself would do something with the line: run a second
command, put in the value of a variable, write into a file.

Rules: "cmd" (Windows commands) and its interactive prompt; "Parsing C command-line
arguments"; about_Parsing, about_Quoting_Rules and about_Variables of PowerShell, and
PowerShell/PowerShell, src/System.Management.Automation/engine/parser/CharTraits.cs,
which has the quotation marks and dashes that count as the plain ones.
"""

from __future__ import annotations

import re
from typing import Final

_PROMPT: Final = frozenset("&|<>()^")
_POWERSHELL: Final = frozenset("&|<>(){};,'`$#@\u2018\u2019\u201a\u201b")
_DOUBLE: Final = frozenset('"\u201c\u201d\u201e')
_EXPANDED: Final = re.compile(r"\$[\w({:?^$]")
_ENDS: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


class HeededError(Exception):
    """A shell does more with a line than to hand on its words."""


def command_prompt(line: str) -> list[str]:
    """Return the words that the Command Prompt hands to a program."""
    _refuse(_ENDS, line)
    if "%" in line:
        raise HeededError("%")
    quoted = False
    for char in line:
        if char == '"':
            quoted = not quoted
        elif char in _PROMPT and not quoted:
            raise HeededError(char)
    if quoted:
        raise HeededError("a quote that is not closed")
    return _arguments(line)


def powershell(line: str) -> list[str]:
    """Return the words that PowerShell hands to a program."""
    _refuse(_ENDS, line)
    quoted = False
    for at, char in enumerate(line):
        if char in _DOUBLE:
            quoted = not quoted
        elif quoted and (char == "`" or _EXPANDED.match(line, at)):
            raise HeededError(line[at : at + 2])
        elif not quoted and char in _POWERSHELL:
            raise HeededError(char)
    if quoted:
        raise HeededError("a quote that is not closed")
    return _arguments("".join('"' if c in _DOUBLE else c for c in line))


def _refuse(pattern: re.Pattern[str], line: str) -> None:
    found = pattern.search(line)
    if found is not None:
        raise HeededError(repr(found[0]))


def _arguments(line: str) -> list[str]:
    """Divide a line as the C runtime of the program does."""
    words: list[str] = []
    word: str | None = None
    quoted = False
    at = 0
    while at < len(line):
        char = line[at]
        slashes = len(line) - at - len(line[at:].lstrip("\\"))
        if slashes:
            at += slashes
            before_quote = line[at : at + 1] == '"'
            word = (word or "") + "\\" * (slashes // 2 if before_quote else slashes)
            if before_quote and slashes % 2:
                word += '"'
                at += 1
            continue
        if char == '"':
            quoted = not quoted
            word = word or ""
        elif char in " \t" and not quoted:
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + char
        at += 1
    return words if word is None else [*words, word]
