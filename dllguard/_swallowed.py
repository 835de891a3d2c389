"""Native files whose failed load a package keeps to itself.

Asked after each import of such a package, also of a healthy one: so it imports
nothing that the package has not imported already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from fnmatch import fnmatch

from ._conventions import SWALLOWED


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
    from ._win32 import is_loaded

    yield from (p for p in swallowed_files(package, folder) if not is_loaded(p))
