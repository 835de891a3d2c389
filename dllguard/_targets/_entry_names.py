"""Names of files inside an archive, taken only where every system means the same.

"Naming Files, Paths, and Namespaces" (Microsoft) has what Windows makes of a name; a
wheel that an installer would unpack elsewhere, or not at all, is not read further.
"""

from __future__ import annotations

import re
from typing import Final

_RESERVED: Final = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3])\s*(\..*)?",
    re.IGNORECASE | re.DOTALL,
)
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f<>"|?*]')


class UnsafeNameError(ValueError):
    """What is wrong with a name, as a phrase."""


def parts_of(name: str) -> tuple[str, ...]:
    """Return the parts of an entry's name, which then stay below any folder.

    :param name: the name as the archive has it, a folder's with a slash at its end.
    :raises UnsafeNameError: for a name that leaves the folder, or is none on Windows.
    """
    shown = name if len(name) <= 80 else f"{name[:77]}..."
    shown = shown.encode("unicode_escape").decode()
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        raise UnsafeNameError(f"has a file with a full path, {shown}")
    parts = tuple(name.removesuffix("/").split("/"))
    if ".." in parts or "\\" in name:
        raise UnsafeNameError(f"has a file outside of its folder, {shown}")
    for part in parts:
        if not part or part[-1] in ". " or _FORBIDDEN.search(part) or ":" in part:
            raise UnsafeNameError(f"has a file that Windows cannot name, {shown}")
        if _RESERVED.fullmatch(part):
            raise UnsafeNameError(f"has a file with the name of a device, {shown}")
    return parts
