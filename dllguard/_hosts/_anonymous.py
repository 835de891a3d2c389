r"""A snapshot of a machine without its people: names of users, machines and domains.

Each private name has one stand-in wherever it stands, in keys and values alike: below
`\Users\`, `/home/` and the own home, in any case, slash and 8.3 form; as the host of
`\\host\share`; as credentials in a URL. A name that is distinctive is replaced
everywhere, between the borders of words (`D:\alice-tools`). One that is a word of
packages or of Windows (an account called `torch` or `Lib`) is not, or folders would
be renamed that a judgement goes by.

Names of DLLs and of distributions stay, and what lies below site-packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeGuard, TypeVar, cast
from urllib.parse import quote

from ._aliases import Aliases, Kind
from ._private_places import Place, Places
from ._published import Published
from ._secrets import (
    DOMAIN_VARIABLES,
    HOST_VARIABLES,
    USER_VARIABLES,
    Secrets,
    parts_of_home,
    secrets_of_this_machine,
)

__all__ = ["Secrets", "anonymous", "secrets_of_this_machine"]

_T = TypeVar("_T")

_VARIABLES: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(USER_VARIABLES, "user"),
    **dict.fromkeys(HOST_VARIABLES, "host"),
    **dict.fromkeys(DOMAIN_VARIABLES, "domain"),
}
# Functions are as public as the DLLs that export them, and are most of a snapshot.
_PUBLISHED: Final = frozenset(("symbols",))
_BORDERED: Final = r"(?<![^\W_])(?:{})(?![^\W_])"


def anonymous(data: _T, secrets: Secrets) -> _T:
    """Return data with a stand-in for each private name.

    The same text becomes the same text, and no two texts become one.

    :param data: JSON-ready values; what is no text stays. Other users and hosts that it
        names are replaced as well.
    :param secrets: whose machine it is.
    """
    return cast("_T", _Names(data, secrets).put_into(data))


class _Names:
    """The private names of some data, and what stands in for each."""

    def __init__(self, data: object, secrets: Secrets) -> None:
        found = list(dict.fromkeys(_texts(data)))
        homes = [parts for parts in map(parts_of_home, secrets.homes) if parts]
        self._places = Places(homes)
        self._aliases = Aliases(found)
        self._published = Published(data, found)
        self._written: dict[str, str] = {}
        self._kinds: dict[str, Kind] = {}
        own: list[tuple[Kind, str]] = [("user", name) for name in secrets.users]
        own += [("user", parts[-1]) for parts in homes]
        own += [("host", name) for name in secrets.hosts]
        own += [("domain", name) for name in secrets.domains]
        for kind, name in (*own, *_of_variables(data)):
            self._learn(kind, name)
        listed = (self._listed(folder, name) for folder, name in _listings(data))
        self._learn_places([*found, *filter(None, listed)])
        self._pattern = self._of_distinctive()

    def put_into(self, value: object, folder: str = "") -> object:
        """Return a value with the stand-ins.

        :param folder: the folder whose names it holds, "" for others.
        """
        if isinstance(value, str):
            path = self._listed(folder, value)
            return self._text(path).rpartition("\\")[2] if path else self._text(value)
        if isinstance(value, (list, tuple)):
            return [self.put_into(item, folder) for item in value]
        if isinstance(value, Mapping):
            return {
                self._text(key) if isinstance(key, str) else key: self._item(
                    key, item, folder
                )
                for key, item in value.items()
            }
        return value

    def _item(self, key: object, value: object, folder: str) -> object:
        """Return a value whose key says what it holds."""
        kind = _kind_of(key, value)
        if kind is not None and isinstance(value, str):
            name = value.lstrip("\\")
            return value[: len(value) - len(name)] + self._aliases.of(kind, name)
        if key in _PUBLISHED:
            return value
        return self.put_into(value, key if _is_path(key) else folder)

    def _listed(self, folder: str, name: str) -> str | None:
        r"""Return the path of what is named after a user: a name in `C:\Users`."""
        if folder and not _is_path(name) and self._places.hold_users(folder):
            return folder.rstrip("\\/") + "\\" + name
        return None

    def _learn(self, kind: Kind, name: str) -> None:
        if not self._aliases.is_alias(name):
            self._aliases.of(kind, name)
            self._kinds.setdefault(name.lower(), kind)

    def _learn_places(self, texts: Iterable[str]) -> None:
        places = [place for text in texts for place in self._places.of(text)]
        # An 8.3 name goes with its long one, which must be known; and where a sentence
        # goes on, the names that are known tell where one ends.
        places.sort(key=lambda place: (not place.ends, "~" in place.name))
        for place in places:
            if place.ends and place.kind != "login":
                self._learn(place.kind, place.name)
            else:
                self._aliases.of(place.kind, self._name_at(place))

    def _name_at(self, place: Place) -> str:
        """Return the longest known name that a place begins with, or all of it."""
        name = place.name
        borders = [len(name)] if place.ends else [len(name), *_borders(name)]
        starts = (name[:border] for border in borders)
        return next((s for s in starts if self._aliases.knows(place.kind, s)), name)

    def _of_distinctive(self) -> re.Pattern[str] | None:
        for name, kind in tuple(self._kinds.items()):
            self._kinds.setdefault(quote(name).lower(), kind)
        names = [name for name in self._kinds if not self._published.is_word(name)]
        names.sort(key=len, reverse=True)
        self._distinctive = names
        either = "|".join(map(re.escape, names))
        return re.compile(_BORDERED.format(either), re.IGNORECASE) if names else None

    def _text(self, text: str) -> str:
        if not _is_path(text) and not self._mentions(text):
            return text
        if text not in self._written:
            self._written[text] = "".join(self._pieces(text))
        return self._written[text]

    def _pieces(self, text: str) -> Iterator[str]:
        at = 0
        for place in self._places.of(text):
            name = self._name_at(place)
            yield from self._between(text, at, place.start)
            yield self._aliases.of(place.kind, name)
            at = place.start + len(name)
        yield from self._between(text, at, len(text))

    def _mentions(self, text: str) -> bool:
        lowered = text.lower()
        return any(name in lowered for name in self._distinctive)

    def _between(self, text: str, start: int, end: int) -> Iterator[str]:
        """Yield a part of a text with distinctive names replaced."""
        if self._pattern and self._mentions(text):
            for match in self._pattern.finditer(text, start, end):
                if not self._published.keeps(text, match.start(), match.end()):
                    yield text[start : match.start()]
                    kind = self._kinds.get(match[0].lower(), "user")
                    yield self._aliases.of(kind, match[0])
                    start = match.end()
        yield text[start:end]


def _texts(value: object) -> Iterator[str]:
    """Yield every text that may hold a name, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            if key not in _PUBLISHED:
                yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def _items(value: object) -> Iterator[tuple[object, object]]:
    """Yield every key with its value, at any depth."""
    if isinstance(value, Mapping):
        yield from value.items()
        for key, item in value.items():
            if key not in _PUBLISHED:
                yield from _items(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _items(item)


def _listings(data: object) -> Iterator[tuple[str, str]]:
    """Yield each folder that is a key, with each name in it."""
    for key, value in _items(data):
        if _is_path(key):
            yield from ((key, name) for name in _names_in(value))


def _names_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _names_in(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not _is_path(key) and key not in _PUBLISHED:
                yield from _names_in(item)


def _of_variables(data: object) -> Iterator[tuple[Kind, str]]:
    for key, value in _items(data):
        kind = _kind_of(key, value)
        if kind is not None and isinstance(value, str):
            yield kind, value.lstrip("\\")


def _kind_of(key: object, value: object) -> Kind | None:
    """Return what an environment variable holds that names somebody."""
    if not isinstance(key, str) or not isinstance(value, str):
        return None
    name = value.lstrip("\\")
    return _VARIABLES.get(key.upper()) if name and not _is_path(name) else None


def _is_path(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and ("\\" in value or "/" in value)


def _borders(name: str) -> list[int]:
    """Return where a word may have ended, the last one first."""
    return [at for at in range(len(name) - 1, 0, -1) if not name[at].isalnum()]
