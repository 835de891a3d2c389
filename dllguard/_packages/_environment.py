"""A Python environment on disk: its distributions, and their native files.

Read without importing anything of it, so that it may as well be a copied or mounted
Windows environment on another system. Formats: "Recording installed projects" and
"Core metadata specifications" (Python Packaging User Guide).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from typing import TYPE_CHECKING

from .._files._disk import Disk
from .._files._volume import HERE
from .._model import ARM64, X86
from .._paths import base_name, folder_of, is_native, join, shortened
from .._tables._conventions import PAIRED
from ._conda import CondaPackage, conda_packages, owners_among
from ._distribution import (
    Distribution,
    NativeFile,
    import_names,
    read_distribution,
    text_of,
)
from ._inventory import INSTALLED, Inventory

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_TAG = re.compile(r"\.cp(\d)(\d+)(t?)-[a-z0-9_]+\.pyd$", re.IGNORECASE)


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
        for found in self.inventory.distributions(self.site, name):
            return read_distribution(found)
        if not name.isidentifier():
            return None
        for found in self.installed():
            if name in import_names(found):
                return read_distribution(found)
        return self._bare_package(name)

    def installed(self) -> Iterator[metadata.Distribution]:
        """Yield the metadata of all that is installed."""
        return self.inventory.distributions(self.site)

    def closure(self, name: str) -> tuple[Distribution, ...]:
        """Return a distribution and all that it requires, required ones first.

        :param name: distribution or import name of the first.
        :returns: what is installed of them; empty where the first is not.
        """
        ordered: list[Distribution] = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            found = self.distribution(name)
            if found is None or found.key in seen:
                return
            seen.add(found.key)
            for requirement in self.requirements(found):
                visit(requirement.name)
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
        from packaging.requirements import InvalidRequirement, Requirement

        for text in distribution.requires:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            marker = requirement.marker
            if marker is None or marker.evaluate(self._marker_environment):
                yield requirement

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
        for found in self.installed():
            record = text_of(found, "RECORD")
            if name.lower() in record.lower():
                distribution = read_distribution(found)
                for file in distribution.natives:
                    if base_name(file.path).lower() == name.lower():
                        yield distribution, file

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
            return conda_packages(prefix) if self.is_conda(prefix) else ()

        return self.inventory.conda_packages(prefix, read)

    def conda_owners(self, prefix: str, path: str) -> tuple[CondaPackage, ...]:
        """Return the packages of a prefix whose records list a file."""
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
