"""Whose machine this is: what must not leave it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

USER_VARIABLES: Final = ("USERNAME", "USER", "LOGNAME", "WINEUSERNAME", "SUDO_USER")
HOST_VARIABLES: Final = ("COMPUTERNAME", "HOSTNAME", "LOGONSERVER", "CLIENTNAME")
DOMAIN_VARIABLES: Final = (
    "USERDOMAIN",
    "USERDNSDOMAIN",
    "USERDOMAIN_ROAMINGPROFILE",
)
_HOME_VARIABLES: Final = ("USERPROFILE", "HOME", "HOMEPATH", "HOMESHARE", "WINEHOMEDIR")
# "Recognized environment variables" (Microsoft): what lies where below a home.
_BELOW_HOME: Final = {
    "APPDATA": ("appdata", "roaming"),
    "LOCALAPPDATA": ("appdata", "local"),
    "TEMP": ("appdata", "local", "temp"),
    "TMP": ("appdata", "local", "temp"),
}


@dataclass(frozen=True)
class Secrets:
    """What tells whose machine it is.

    :param users: account names.
    :param hosts: names of the machine, and of others that it works with.
    :param domains: Windows domains, by either name.
    :param homes: full paths of home folders, whose last part is a name.
    """

    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()


def secrets_of_this_machine() -> Secrets:
    """Return what the environment and the system say at no cost."""
    expanded = os.path.expanduser("~")
    return secrets_of(os.environ, _users(), _hosts(), (expanded,))


def secrets_of(
    environment: Mapping[str, str],
    users: Iterable[str] = (),
    hosts: Iterable[str] = (),
    homes: Iterable[str] = (),
) -> Secrets:
    """Return the secrets that environment variables hold, and the given ones.

    :param environment: variables of a process, of Windows, Wine or another system.
    """

    def values(names: Iterable[str]) -> list[str]:
        return [environment.get(name, "").strip() for name in names]

    return Secrets(
        # The account of a machine is named after it, with a dollar sign.
        users=_distinct(name.rstrip("$") for name in (*values(USER_VARIABLES), *users)),
        hosts=_distinct(name.strip("\\") for name in (*values(HOST_VARIABLES), *hosts)),
        domains=_distinct(values(DOMAIN_VARIABLES)),
        homes=_distinct((*values(_HOME_VARIABLES), *_homes(environment), *homes)),
    )


def _homes(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield homes by what lies below them, which may have the 8.3 name."""
    for name, below in _BELOW_HOME.items():
        path = environment.get(name, "").strip().rstrip("\\/")
        parts = path.replace("\\", "/").lower().split("/")
        if tuple(parts[-len(below) :]) == below:
            yield path[: -len("/".join(below)) - 1]


def _users() -> Iterator[str]:
    try:
        yield os.getlogin()
    except OSError:
        return


def _hosts() -> Iterator[str]:
    # The variable has 15 characters at most, and may be unset; platform.node starts a
    # program of its own on some releases of Windows.
    import socket

    try:
        full = socket.gethostname()
    except OSError:
        return
    yield full
    yield full.partition(".")[0]


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def parts_of_home(home: str) -> tuple[str, ...]:
    r"""Return drive and folders of a home, () where its last folder names nobody.

    `C:\Windows\system32\config\systemprofile` is the home of services.
    """
    plain = home.replace("\\", "/")
    letter = home[:2] if home[1:2] == ":" else ""
    folders = [part for part in plain[len(letter) :].split("/") if part]
    if plain.startswith("//"):
        # The host of a share is told by itself.
        folders = folders[1:]
    lowered = [part.lower() for part in folders]
    if not folders or "windows" in lowered[:-1] or lowered == ["root"]:
        return ()
    if len(folders) == 1 and not letter:
        return ()
    return letter, *folders
