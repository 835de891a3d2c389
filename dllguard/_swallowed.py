"""Native files whose failed load a package keeps to itself, and the warning of it.

Asked after each import of such a package, also of a healthy one: so it imports
nothing that the package has not imported already.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

from ._errors import DllguardWarning
from ._tables._conventions import SWALLOWED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._verdict import Diagnosis


def swallowed_files(package: str, folder: str) -> Iterator[str]:
    """Yield the files of a package whose failed load does not show.

    :param package: import name of the package.
    :param folder: the folder that holds the package's folder.
    """
    for row in SWALLOWED.get(package, ()):
        below, _, pattern = row.rpartition("/")
        place = os.path.join(folder, *below.split("/"))
        try:
            names = sorted(os.listdir(place), key=str.lower)
        except OSError:
            continue
        for name in names:
            if fnmatch(name.lower(), pattern.lower()):
                yield os.path.join(place, name)


def unloaded_files(package: str, folder: str) -> Iterator[str]:
    """Yield those of them that this process does not hold, though it imported all."""
    if sys.platform != "win32":
        return
    from ._hosts._win32 import is_loaded

    yield from (p for p in swallowed_files(package, folder) if not is_loaded(p))


def warn_of(diagnoses: Iterable[Diagnosis], module: str) -> None:
    """Warn of failed loads inside an import that succeeded; called by the hook alone.

    :param diagnoses: one a failed load.
    :param module: what was imported, by the line that the warning points to.
    """
    for diagnosis in diagnoses:
        chain = " -> ".join(link.name for link in diagnosis.chain)
        ending = f" {diagnosis.chain_end}" if diagnosis.chain_end else ""
        text = f"{chain}{ending}; import {module} went on without it\n\n{diagnosis}"
        try:
            # This frame, that of `_attempt` and the hook's; importlib's do not count.
            warnings.warn(DllguardWarning(text), stacklevel=4)
        except DllguardWarning:
            # -W error: the import succeeds without dllguard, so it must with it.
            print(f"DllguardWarning: {text}", file=sys.stderr)
