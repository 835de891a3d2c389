r"""Where names of people and machines stand by the form of a path or a URL.

`\Users\x`, `/home/x`, the own home, `\\host\share`, `OneDrive - firm`, credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .._paths import is_native
from ._aliases import Kind
from ._published import is_below_site

# An apostrophe ends a quoted path, and is a part of O'Brien.
_PART: Final = r"""(?:[^\\/:*?"<>|;\r\n\t']|'(?=\w))+"""
_END: Final = r"""(?=$|[\\/:*?"<>|;\r\n\t,')\]])"""
_APART: Final = r"""(?<![^\s;"'=(<,|])"""
_USERS: Final = r"[\\/]+(?:users|documents and settings|docume~\d)"
# Wine: \\?\unix is the root of the system below it. WSL: "File system" (Microsoft).
_HOME: Final = (
    r"""(?:(?<![^\s;"'=(<,|:])|(?<=[\\/]unix)|[\\/]{2,4}wsl(?:\$|\.localhost)[\\/]+"""
    r"[^\\/]+)[\\/]+(?:(?:export|var)[\\/]+)?home"
)
_SHARE: Final = rf"(?:(?<=file:)|{_APART})(?:\\{{4}}|\\{{2}}|/{{4}}|/{{2}})"
_WORD: Final = r"""[^\\/:*?"<>|;,\s]+"""
_FIELDS: Final = (
    "access_token|api_?key|auth|credential|key|pass|passwd|password|private_token|pwd"
    "|secret|sig|signature|token"
)
_PLACES: Final = (
    r"""(?<=://)(?P<login>[^\s/\\@"'<>]+)(?=@)""",
    # A conda channel may have a token in its path ("Using tokens", Anaconda).
    r"""(?<=://)[^\s/@]+/t/(?P<channel>[^\s/"'<>]+)(?=/)""",
    rf"""(?<=[?&])(?:{_FIELDS})=(?P<field>[^&\s"'#;]+)""",
    rf"{_HOME}[\\/]+(?P<home>{_PART})",
    rf"{_USERS}[\\/]+(?P<user>{_PART})",
    rf"{_SHARE}(?:[?.][\\/]+UNC[\\/]+)?(?P<host>{_WORD})(?=[\\/])",
    rf"(?<=[\\/]OneDrive - )(?P<firm>{_PART})",
)
_OWN: Final = "(?P<own_{}>{}){}"
_PARENT: Final = re.compile(rf"(?:{_USERS}|{_HOME})[\\/]*", re.IGNORECASE)
_KINDS: Final[Mapping[str, Kind]] = {
    "login": "login",
    "field": "login",
    "channel": "login",
    "host": "host",
    "firm": "domain",
}
# Profiles that every Windows has, hosts that are this machine, the account of git.
_NOBODY: Final[Mapping[Kind, frozenset[str]]] = {
    "user": frozenset(
        (
            *("public", "default", "default user", "all users"),
            *("desktop.ini", "site-packages", "dist-packages", ".", ".."),
        )
    ),
    "host": frozenset(
        (
            *("?", ".", "localhost", "127.0.0.1", "wsl$", "wsl.localhost"),
            *("tsclient", "vboxsvr", "vmware-host"),
        )
    ),
    "domain": frozenset(),
    "login": frozenset(("git",)),
}


@dataclass(frozen=True)
class Place:
    """A private name in a text.

    :param ends: whether it is known where the name ends; in a sentence it is not.
    """

    start: int
    end: int
    kind: Kind
    name: str
    ends: bool = True


class Places:
    """Finds private names by where they stand.

    :param homes: the parts of home folders that lie elsewhere than below `Users`.
    """

    def __init__(self, homes: Iterable[tuple[str, ...]]) -> None:
        homes = dict.fromkeys(homes)
        own = [
            _above(parts) + _OWN.format(number, re.escape(parts[-1]), _END)
            for number, parts in enumerate(homes)
        ]
        self._pattern = re.compile("|".join((*own, *_PLACES)), re.IGNORECASE)
        # Of folders that were asked about.
        self._holding: dict[str, bool] = {}
        self._parents = [
            re.compile(f"(?s:.*){_above(parts)}", re.IGNORECASE) for parts in homes
        ]

    def of(self, text: str) -> Iterator[Place]:
        """Yield the places of a text from left to right."""
        if "/" not in text and "\\" not in text:
            return
        for match in self._pattern.finditer(text):
            group = match.lastgroup or ""
            kind = _KINDS.get(group, "user")
            name = match[group]
            closed = text[match.end() : match.end() + 1] in ("\\", "/")
            if name.lower() in _NOBODY[kind] or (not closed and is_native(name)):
                continue
            if kind == "user" and is_below_site(text, match.start(group)):
                continue
            start = match.start(group)
            path = text[: match.start()].rpartition(";")[2]
            ends = closed or group not in ("home", "user") or not re.search(r"\s", path)
            yield Place(start, match.end(group), kind, name, ends)

    def hold_users(self, folder: str) -> bool:
        """Tell whether what a folder holds is named after users."""
        found = self._holding.get(folder)
        if found is None:
            found = self._holding[folder] = self._hold(folder.rstrip("\\/") + "\\")
        return found

    def _hold(self, folder: str) -> bool:
        found = [match.end() for match in _PARENT.finditer(folder)]
        at_end = bool(found) and found[-1] == len(folder)
        at_end = at_end and not is_below_site(folder, len(folder))
        return at_end or any(above.fullmatch(folder) for above in self._parents)


def _above(parts: tuple[str, ...]) -> str:
    """Return the pattern of what stands before the last part of a home."""
    drive, *folders = parts[:-1]
    separator = r"[\\/]+"
    start = rf"(?<![^\W_]){re.escape(drive)}" if drive and not folders else ""
    return start + separator + "".join(re.escape(f) + separator for f in folders)
