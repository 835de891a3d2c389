"""Who put a file where it is: a pip distribution, a conda package, or neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._packages._conda import CondaPackage
from .._packages._distribution import Distribution
from .._paths import base_name, folder_of
from .._remedies import _cures as cures
from .._tables._redistributables import PRODUCTS
from ._scene import Scene

# Library\mingw-w64\bin, the deepest folder of DLLs, is three below its prefix.
_DEPTH = 4


@dataclass(frozen=True)
class Owner:
    """One package whose records list a file."""

    name: str
    version: str
    prefix: str = ""
    """Root of the conda environment that it is part of, "" for a pip distribution."""
    here: bool = True
    """It is part of the environment of the verdict."""
    size: int | None = None
    """Size of the file as recorded."""

    @property
    def title(self) -> str:
        """Name and version, as in `intel-openmp 2021.4.0`."""
        return f"{self.name} {self.version}".rstrip()

    @property
    def place(self) -> str:
        """Name, version and where it is, for a sentence."""
        if self.here:
            return self.title
        return f"{self.title} of the conda environment {self.prefix}"

    def update(self, scene: Scene) -> str:
        """Return the command that brings its newest release."""
        if self.prefix:
            return f"conda update -p {cures.python(self.prefix)} {self.name}"
        return cures.upgrade(scene.host.environment, self.name)

    def reinstallation(self, scene: Scene) -> str:
        """Return the command that brings the same release again."""
        if self.prefix:
            place = cures.python(self.prefix)
            wanted = f"{self.name}={self.version}"
            return f"conda install -p {place} --force-reinstall {wanted}"
        distribution = Distribution(self.name, self.version or None, "")
        remedy = cures.reinstall(distribution, scene.host.environment)
        return remedy.commands[0]

    def removal(self, scene: Scene) -> str:
        """Return the command that removes it."""
        if self.prefix:
            return f"conda remove -p {cures.python(self.prefix)} {self.name}"
        executable = cures.python(scene.host.environment.executable)
        return f"{executable} -m pip uninstall {self.name}"


def owners_of(path: str, scene: Scene) -> tuple[Owner, ...]:
    """Return every package that lists a file as its own.

    :param path: full path of the file.
    """
    by_conda = tuple(_of_conda(path, scene))
    named = {owner.name.lower() for owner in by_conda}
    by_pip = []
    for distribution, file in scene.host.environment.recorded(base_name(path)):
        # conda's package of torch is called pytorch, and brings a RECORD too.
        again = bool(by_conda) and distribution.installer == "conda"
        if file.path.lower() != path.lower() or again:
            continue
        if distribution.name.lower() not in named:
            version = distribution.version or ""
            by_pip.append(Owner(distribution.name, version, size=file.size))
    return tuple(dict.fromkeys((*by_conda, *by_pip)))


def is_foreign_to_windows(path: str, scene: Scene) -> bool:
    """Tell whether a file in System32 is one that Windows does not bring.

    What a Visual C++ redistributable brings belongs there.
    """
    if folder_of(path).lower() != scene.host.process.system.lower():
        return False
    name = base_name(path).lower()
    if name in PRODUCTS:
        return False
    from .._tables._windows_names import CLEAN_WINDOWS_11_X64

    return all(name != known.lower() for known in CLEAN_WINDOWS_11_X64)


def _of_conda(path: str, scene: Scene) -> Iterator[Owner]:
    environment = scene.host.environment
    own = {environment.prefix.lower(), environment.base_prefix.lower()}
    prefix = folder_of(path)
    for _ in range(_DEPTH):
        found = environment.conda_owners(prefix, path) if prefix else ()
        for package in found:
            yield _owner(package, prefix, path, here=prefix.lower() in own)
        if found or folder_of(prefix) == prefix:
            return
        prefix = folder_of(prefix)
    # A Python package lies deeper: Lib\site-packages\...
    for prefix in dict.fromkeys((environment.prefix, environment.base_prefix)):
        for package in environment.conda_owners(prefix, path):
            yield _owner(package, prefix, path, here=True)


def _owner(package: CondaPackage, prefix: str, path: str, *, here: bool) -> Owner:
    inside = path[len(prefix.rstrip("\\/")) + 1 :]
    return Owner(package.name, package.version, prefix, here, package.size_of(inside))


def required(path: str, scene: Scene) -> frozenset[str]:
    """Return the names of what a file's own package requires, and its own name.

    :param path: full path of the file.
    """
    names = {owner.name.lower() for owner in owners_of(path, scene)}
    environment = scene.host.environment
    for name in tuple(names):
        names.update(d.name.lower() for d in environment.closure(name))
    for prefix in dict.fromkeys((environment.prefix, environment.base_prefix)):
        packages = environment.conda_packages(prefix)
        by_name = {package.name: package for package in packages}
        waiting = [name for name in names if name in by_name]
        while waiting:
            package = by_name.get(waiting.pop())
            for text in package.depends if package else ():
                name = text.partition(" ")[0]
                if name and name not in names:
                    names.add(name)
                    waiting.append(name)
    return frozenset(names)
