"""What was installed on another machine, as a snapshot has it.

It holds no source: what the sources showed there was noted. A distribution in a folder
that is none of the snapshot's, as an unpacked wheel is, is read from the disk as ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Any

from .._paths import join, plain
from ._conda import CondaPackage
from ._inventory import INSTALLED, Folders, Inventory
from ._metadata import Metadata

if TYPE_CHECKING:
    from ._modules import Modules


class StoredMetadata(metadata.Distribution):
    """The metadata of one distribution, kept in memory.

    :param folder: name of its `.dist-info` or `.egg-info`.
    :param site: the folder that it is installed in.
    :param texts: contents of its files, by their names.
    """

    def __init__(self, folder: str, site: str, texts: Mapping[str, str]) -> None:
        self.folder = folder
        self.site = site
        self.texts = texts

    @property
    def key(self) -> str:
        """The name that it is searched by, as `importlib.metadata` does."""
        return _searched(self.folder.rpartition(".")[0].partition("-")[0])

    def read_text(self, filename: str) -> str | None:
        """Return the content of a file, None for one that is not kept."""
        return self.texts.get(filename)

    def locate_file(self, path: Any) -> Any:
        """Return the full path of a file, in the notation of its machine."""
        return join(self.site, str(path)) if str(path) else self.site


@dataclass(frozen=True)
class Touched:
    """What an import was found to touch.

    :param asked: the extension modules that were asked about.
    :param touched: those of them that it may touch.
    """

    asked: frozenset[str]
    touched: frozenset[str]


@dataclass(frozen=True)
class Answers:
    """What was noted of the packages of an environment.

    :param conda: the packages by prefix.
    :param added: the folders that an import adds, by folder and normalised name of the
        distribution.
    :param touched: what an import touches, by import or distribution name.
    """

    conda: Mapping[str, tuple[CondaPackage, ...]] = field(default_factory=dict)
    added: Mapping[tuple[str, str], Folders] = field(default_factory=dict)
    touched: Mapping[str, Touched] = field(default_factory=dict)


class Stored(Inventory):
    """What a snapshot knows to be installed.

    :param found: the metadata, in the order in which they were found.
    :param site: the folders that were searched for packages there.
    :param answers: what was noted of the packages.
    """

    def __init__(
        self, found: Sequence[StoredMetadata], site: Sequence[str], answers: Answers
    ) -> None:
        self.found = tuple(found)
        self._sites = frozenset(map(plain, (*site, *(one.site for one in found))))
        self._conda = {plain(prefix): row for prefix, row in answers.conda.items()}
        self._added = {(plain(s), key): row for (s, key), row in answers.added.items()}
        # A distribution may be asked for in another spelling.
        spelled = {_searched(name): row for name, row in answers.touched.items()}
        self._touched = {**spelled, **answers.touched}

    def distributions(
        self, site: Sequence[str], name: str | None = None
    ) -> Iterator[Metadata]:
        """Yield the metadata of what is installed, in the order of the folders."""
        key = None if name is None else _searched(name)
        for folder in site:
            if plain(folder) not in self._sites:
                yield from INSTALLED.distributions([folder], name)
                continue
            for one in self.found:
                if plain(one.site) == plain(folder) and key in (None, one.key):
                    yield one

    def conda_packages(
        self, prefix: str, read: Callable[[], tuple[CondaPackage, ...]]
    ) -> tuple[CondaPackage, ...]:
        """Return the packages that conda has linked into a prefix."""
        known = self._conda.get(plain(prefix))
        return read() if known is None else known

    def added(self, key: str, site: str, read: Callable[[], Folders]) -> Folders:
        """Return the folders that importing a distribution adds."""
        if plain(site) not in self._sites:
            return read()
        return self._added.get((plain(site), key), ())

    def touched(
        self,
        name: str,
        files: Sequence[str],
        site: Sequence[str],
        read: Callable[[], frozenset[str]],
    ) -> frozenset[str]:
        """Return the extension modules that an import may touch; in doubt, it does."""
        if not any(plain(folder) in self._sites for folder in site):
            return read()
        known = self._touched.get(name) or self._touched.get(_searched(name))
        if known is None:
            return frozenset(files)
        return frozenset(files) - (known.asked - known.touched)


class Noting(Stored):
    """What is installed here, with a note of every answer.

    :param found: the metadata, which are read no more.
    :param site: the folders that are searched for packages.
    """

    def __init__(self, found: Sequence[StoredMetadata], site: Sequence[str]) -> None:
        super().__init__(found, site, Answers())
        self._noted_conda: dict[str, tuple[CondaPackage, ...]] = {}
        self._noted_added: dict[tuple[str, str], Folders] = {}
        self._noted_touched: dict[str, Touched] = {}
        self._modules: Modules | None = None

    @property
    def answers(self) -> Answers:
        """All that was noted."""
        conda = {prefix: row for prefix, row in self._noted_conda.items() if row}
        return Answers(conda, self._noted_added, self._noted_touched)

    def conda_packages(
        self, prefix: str, read: Callable[[], tuple[CondaPackage, ...]]
    ) -> tuple[CondaPackage, ...]:
        """Return the packages that conda has linked into a prefix."""
        if prefix not in self._noted_conda:
            self._noted_conda[prefix] = read()
        return self._noted_conda[prefix]

    def added(self, key: str, site: str, read: Callable[[], Folders]) -> Folders:
        """Return the folders that importing a distribution adds."""
        if (site, key) not in self._noted_added:
            self._noted_added[site, key] = read()
        return self._noted_added[site, key]

    def touched(
        self,
        name: str,
        files: Sequence[str],
        site: Sequence[str],
        read: Callable[[], frozenset[str]],
    ) -> frozenset[str]:
        """Return the extension modules that an import may touch; in doubt, it does."""
        del site
        found = read()
        before = self._noted_touched.get(name, Touched(frozenset(), frozenset()))
        self._noted_touched[name] = Touched(
            before.asked | frozenset(files), before.touched | found
        )
        return found

    def modules(self, site: Sequence[str], version: tuple[int, int]) -> Modules:
        """Return the modules of this environment, of which each is read once."""
        if self._modules is None:
            self._modules = super().modules(site, version)
        return self._modules


def _searched(name: str) -> str:
    # importlib.metadata, Prepared.normalize and Lookup.
    return re.sub(r"[-_.]+", "-", name).lower()
