"""A Python environment on disk: its distributions, and their native files.

Read without importing anything of it, so that it may as well be a copied or mounted
Windows environment on another system. Formats: "Recording installed projects" and
"Core metadata specifications" (Python Packaging User Guide).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from .. import _deadline
from .._files._disk import Disk
from .._files._volume import HERE
from .._model import ARM64, X86
from .._paths import base_name, folder_of, is_native, join, shortened
from .._tables._conventions import PAIRED
from ._distribution import (
    Distribution,
    NativeFile,
    import_names,
    read_distribution,
)
from ._inventory import INSTALLED, Inventory
from ._metadata import Installed, Metadata
from ._requirement import plain_requirement

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from ._conda import CondaPackage

_TAG = re.compile(r"\.cp(\d)(\d+)(t?)-[a-z0-9_]+\.pyd$", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Environment:
    """One Python environment.

    :param executable: the interpreter, as it is to stand in commands.
    :param version: major and minor number of the Python.
    :param machine: PE machine type of the Python.
    :param site: folders that are searched for packages, in order.
    :param user: the user's own folder for packages (`site.getuserbase`), "" without.
    :param kind: what made it: python, venv, conda, store, embeddable, pyinstaller,
        cx_freeze, nuitka, or frozen for a freezer that is not known.
    :param disk: where its files are.
    :param inventory: what tells of the packages.
    """

    executable: str
    version: tuple[int, int]
    machine: int
    prefix: str
    base_prefix: str
    site: tuple[str, ...]
    user: str = ""
    free_threaded: bool = False
    kind: str = "python"
    disk: Disk = field(default_factory=Disk, repr=False, compare=False)
    inventory: Inventory = field(default=INSTALLED, repr=False)

    @property
    def is_frozen(self) -> bool:
        """Whether it is part of a program that was made with a freezer."""
        return self.kind in ("pyinstaller", "cx_freeze", "nuitka", "frozen")

    def distribution(self, name: str) -> Distribution | None:
        """Return an installed distribution by its own or its import name.

        :param name: `opencv-python` or `cv2`.
        :returns: None where neither metadata nor a package of that name is there.
        """
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def _read(self, name: str) -> Distribution | None:
        for found in self.inventory.distributions(self.site, name):
            return self._installed_as(found)
        if not name.isidentifier():
            return None
        for found in self.installed():
            _deadline.check()
            if name in import_names(found):
                return self._installed_as(found)
        return self._bare_package(name)

    def installed(self) -> Iterator[Metadata]:
        """Yield the metadata of all that is installed."""
        return self.inventory.distributions(self.site)

    def distributions(self) -> Iterator[Distribution]:
        """Yield all that is installed, each read once."""
        for found in self.installed():
            _deadline.check()
            yield self._installed_as(found)

    def closure(self, name: str) -> tuple[Distribution, ...]:
        """Return a distribution and all that it requires, required ones first.

        :param name: distribution or import name of the first.
        :returns: what is installed of them; empty where the first is not.
        """
        ordered: list[Distribution] = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            _deadline.check()
            found = self.distribution(name)
            if found is None or found.key in seen:
                return
            seen.add(found.key)
            for required in self.required(found):
                visit(required)
            # torch-scatter imports torch, which its metadata does not tell.
            for partner in PAIRED.get(found.key, ()):
                visit(partner)
            ordered.append(found)

        visit(name)
        return tuple(ordered)

    def requirements(self, distribution: Distribution) -> Iterator[Requirement]:
        """Yield what a distribution requires here, as its metadata says.

        A requirement that cannot be parsed is passed over: pip refuses to install
        such a distribution, so it says nothing of what is there.
        """
        from packaging.requirements import Requirement

        for text in distribution.requires:
            try:
                requirement = Requirement(text)
                marker = requirement.marker
                if marker and not marker.evaluate(self._marker_environment):
                    continue
            except (ValueError, KeyError, RecursionError):
                # Also of a marker that compares what cannot be compared, or nothing
                # that packaging knows.
                continue
            yield requirement

    def required(self, distribution: Distribution) -> Iterator[str]:
        """Yield the names of what a distribution requires here, as `requirements`."""
        for text in distribution.requires:
            plain = plain_requirement(text, self.version)
            if plain is None:
                one = replace(distribution, requires=(text,))
                yield from (found.name for found in self.requirements(one))
            elif not plain.rules_out:
                yield plain.name

    def package_of(self, path: str) -> str:
        """Return the top-level import name that a file belongs to, or "".

        :param path: full path of a file.
        """
        short = shortened(path, self.site)
        first, *rest = short.split("\\")
        if short == path or not first:
            return ""
        return first if rest else first.partition(".")[0]

    def extension_modules(self, distribution: Distribution) -> tuple[str, ...]:
        """Return the extension modules that this Python would find, in path order."""
        return tuple(
            file.path
            for file in distribution.natives
            if file.path.lower().endswith(".pyd") and self._is_for_us(file.path)
        )

    def recorded(self, name: str) -> Iterator[tuple[Distribution, NativeFile]]:
        """Yield each distribution whose RECORD lists a file of that name."""
        yield from self._recorded.get(name.lower(), ())

    @cached_property
    def _recorded(self) -> dict[str, list[tuple[Distribution, NativeFile]]]:
        listed: dict[str, list[tuple[Distribution, NativeFile]]] = {}
        for distribution in self.distributions():
            for file in distribution.natives:
                name = base_name(file.path).lower()
                listed.setdefault(name, []).append((distribution, file))
        return listed

    def _installed_as(self, found: Metadata) -> Distribution:
        """Read the metadata of a distribution, once."""
        if not isinstance(found, Installed):
            return read_distribution(found)
        known = self._read_before.get(found.path)
        if known is None:
            known = self._read_before[found.path] = read_distribution(found)
        return known

    @cached_property
    def _read_before(self) -> dict[str, Distribution]:
        return {}

    @cached_property
    def _found(self) -> dict[str, Distribution | None]:
        return {}

    def is_conda(self, prefix: str) -> bool:
        """Tell whether conda made what lies in a folder."""
        return self.disk.is_folder(join(prefix, "conda-meta"))

    @property
    def is_of_msys2(self) -> bool:
        """Whether it is one of MSYS2, whose pacman keeps its records there."""
        root = folder_of(self.base_prefix)
        for name in ("var", "lib", "pacman", "local"):
            root = join(root, name)
        return self.disk.is_folder(root)

    def conda_packages(self, prefix: str) -> tuple[CondaPackage, ...]:
        """Return the packages that conda has linked into a prefix, by file name."""

        def read() -> tuple[CondaPackage, ...]:
            if not self.is_conda(prefix):
                return ()
            from ._conda import conda_packages

            return conda_packages(prefix)

        return self.inventory.conda_packages(prefix, read)

    def conda_owners(self, prefix: str, path: str) -> tuple[CondaPackage, ...]:
        """Return the packages of a prefix whose records list a file."""
        from ._conda import owners_among

        return owners_among(self.conda_packages(prefix), prefix, path)

    @cached_property
    def _marker_environment(self) -> dict[str, str]:
        version = ".".join(map(str, self.version))
        machine = {X86: "x86", ARM64: "ARM64"}.get(self.machine, "AMD64")
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{version}.0",
            "os_name": "nt",
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_release": "10",
            "platform_system": "Windows",
            "platform_version": "10.0",
            "python_full_version": f"{version}.0",
            "python_version": version,
            "sys_platform": "win32",
            "extra": "",
        }

    def _is_for_us(self, path: str) -> bool:
        tag = _TAG.search(path)
        if tag is None:
            return True
        major, minor, threaded = tag.groups()
        ours = self.version == (int(major), int(minor))
        return ours and bool(threaded) == self.free_threaded

    def _bare_package(self, name: str) -> Distribution | None:
        for site in self.site:
            folder = join(site, name)
            if self.disk.is_folder(folder):
                files = tuple(NativeFile(path) for path in self.disk.natives(folder))
                return Distribution(name, None, site, files)
            with_tag = re.compile(
                rf"{re.escape(name)}(\.[\w-]+)?\.(pyd|py)", re.IGNORECASE
            )
            found = [n for n in self.disk.names(site) if with_tag.fullmatch(n)]
            if found:
                files = tuple(
                    NativeFile(join(site, n)) for n in sorted(found) if is_native(n)
                )
                return Distribution(name, None, site, files)
        return None


def native_files(folder: str) -> Iterator[str]:
    """Yield every `.pyd` and `.dll` below a folder, in path order."""
    return HERE.natives(folder)
