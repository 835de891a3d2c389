"""Which folders of a machine others than its user may write into, by where they lie.

Rights are not asked for: they cannot be of a folder that was copied or mounted. What
Windows grants by default: below the root of a drive every signed-in user may create
and change files, outside of Program Files, Windows and the users' own folders.
"""

from __future__ import annotations

import ntpath
from dataclasses import replace

from .._hosts._host import Host
from .._paths import folder_of
from .._remedies._folder_cures import proposed_by
from .._tables._known_folders import OPEN_FOLDERS, PRIVATE_FOLDERS
from .._verdict import Diagnosis


def warned(diagnosis: Diagnosis, host: Host) -> Diagnosis:
    """Return a diagnosis that tells what it means to search a folder it proposes.

    :param diagnosis: one with its remedies.
    :param host: as for `is_open`.
    """
    warnings = [
        f"Beware: {folder} lies outside of Program Files, of Windows and of your own "
        "folders. Usually every user of this machine may put files there, and a DLL "
        "from there runs in your program."
        for folder in proposed_by(diagnosis.help)
        if is_open(folder, host)
    ]
    if not warnings:
        return diagnosis
    return replace(diagnosis, note=" ".join(filter(None, [diagnosis.note, *warnings])))


def is_open(folder: str, host: Host) -> bool:
    """Tell whether usually every user of the machine may put files into a folder.

    :param folder: full path.
    :param host: its Windows, and the environment, which is as open as it is.
    """
    environment, windows = host.environment, host.process.windows
    own = (
        environment.prefix,
        environment.base_prefix,
        environment.user,
        host.process.application,
        *environment.site,
    )
    if any(_below(folder, root) is not None for root in filter(None, own)):
        return False
    parts = _below(folder, folder_of(windows))
    if parts is None:
        return bool(ntpath.splitdrive(folder)[0])
    if any("/".join(parts[: o.count("/") + 1]) == o for o in OPEN_FOLDERS):
        return True
    first = parts[0] if parts else ""
    return first not in PRIVATE_FOLDERS and not (first == "users" and len(parts) > 1)


def _below(path: str, root: str) -> list[str] | None:
    """Return the parts of a path below another one in lower case, None outside."""
    plain, above = (_plain(text) for text in (path, root))
    if plain != above and not plain.startswith(above.rstrip("/") + "/"):
        return None
    return [part for part in plain[len(above) :].split("/") if part]


def _plain(path: str) -> str:
    lowered = path.replace("\\", "/").lower()
    return lowered.rstrip("/") or "/"
