"""Words of a command as they are typed, in the Command Prompt and in PowerShell.

Names come out of files, and those who wrote them may not mean well: no name may end a
command and begin another. Both shells take double quotes. What either of them heeds
even there is replaced by a question mark, which no file of Windows has in its name, so
that such a command finds nothing: it cannot be typed for both ("about_Quoting_Rules"
and "about_Special_Characters" of PowerShell; "cmd", on special characters).
"""

from __future__ import annotations

import re
from typing import Final

# Letters of any script, but nothing that a shell heeds outside of quotes.
_PLAIN: Final = re.compile(r"[\w.\\/:+~-]+")
# The Command Prompt replaces what stands between two percent signs; PowerShell takes
# typographic quotes for its own, and a dollar sign where a name or a bracket follows.
_HEEDED: Final = re.compile('["%`\u201c-\u201e]|\\$(?=[^\\\\/. -])')


def word(text: str) -> str:
    """Return a text as one word of a command.

    :param text: a path, a name or a requirement.
    """
    if _PLAIN.fullmatch(text):
        return text
    shown = harmless(text)
    # A backslash before a quote would be taken for a mark that the quote is meant.
    return f'"{shown.rstrip(chr(92)) or shown}"'


def harmless(text: str) -> str:
    """Return a text as it can stand between double quotes.

    :param text: the same, which comes back as it is but for what the shells heed.
    """
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return _HEEDED.sub("?", shown)
