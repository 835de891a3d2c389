"""The one place that an environment asks for what is installed in it.

Metadata, records of conda, and what follows from the source of packages are read from
the disk. A snapshot has the answers (`_stored`), for it holds no source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from ._metadata import Metadata, installed

if TYPE_CHECKING:
    from ._conda import CondaPackage
    from ._modules import Modules

Folders = tuple[str, ...]


class Inventory:
    """What is installed on this machine, read each time."""

    def __eq__(self, other: object) -> bool:
        return self is other or type(self) is type(other) is Inventory

    def __hash__(self) -> int:
        return hash(type(self))

    def distributions(
        self, site: Sequence[str], name: str | None = None
    ) -> Iterator[Metadata]:
        """Yield the metadata of installed distributions, in the order of the folders.

        :param site: folders that are searched for packages.
        :param name: only those of that name.
        """
        return installed(site, name)

    def conda_packages(
        self, prefix: str, read: Callable[[], tuple[CondaPackage, ...]]
    ) -> tuple[CondaPackage, ...]:
        """Return the packages that conda has linked into a prefix.

        :param prefix: root of the environment.
        :param read: reads them from the disk.
        """
        del prefix
        return read()

    def added(self, key: str, site: str, read: Callable[[], Folders]) -> Folders:
        """Return the folders that importing a distribution adds.

        :param key: the normalised name of the distribution.
        :param site: the folder that it is installed in.
        :param read: reads them from its source.
        """
        del key, site
        return read()

    def touched(
        self,
        name: str,
        files: Sequence[str],
        site: Sequence[str],
        read: Callable[[], frozenset[str]],
    ) -> frozenset[str]:
        """Return the extension modules that an import may touch; in doubt, it does.

        :param name: import or distribution name.
        :param files: full paths of the extension modules asked about.
        :param site: folders that are searched for packages.
        :param read: reads it from the sources.
        """
        del name, files, site
        return read()

    def modules(self, site: Sequence[str], version: tuple[int, int]) -> Modules:
        """Return the modules on the folders of `sys.path`, as `Modules` has them."""
        from ._modules import Modules

        return Modules(site, version)


INSTALLED: Final = Inventory()
