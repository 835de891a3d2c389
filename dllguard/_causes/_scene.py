"""What a diagnosis is made from, besides the fault itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._hosts._host import Host
from .._model import Fault, Image, Link, Load, SearchList
from .._packages._distribution import Distribution
from .._paths import base_name, join, shortened
from .._verdict import Diagnosis, Remedy

_COUNTS = "no one two three four five six seven eight nine ten".split()


@dataclass(frozen=True)
class Scene:
    """The host, the target, and what happened or would happen."""

    host: Host
    target: str
    """Import or distribution name, or the path that was given."""
    subject: str = ""
    """What is loaded, where that is not the import of the target."""
    checkable: bool = True
    """`dllguard check` makes the same load; of a bare name for ctypes it cannot."""
    happened: bool = False
    """The load has failed in a running process, rather than: would fail."""
    distributions: tuple[Distribution, ...] = ()
    """What the target and its requirements are installed as."""

    @property
    def site(self) -> tuple[str, ...]:
        """Folders against which paths are shortened for reading."""
        folders = (d.site for d in self.distributions)
        return tuple(dict.fromkeys((*folders, *self.host.environment.site)))

    def event(self, winerror: int) -> str:
        """Say in one sentence what failed, or would fail, and with which code."""
        # What failed was an import, unless it has a subject of its own.
        verb = "import" if self.happened or self._is_importable() else "loading"
        subject = self.subject or f"{verb} {self.target}"
        failed = "failed" if self.happened else "would fail"
        code = f" with WinError {winerror}" if winerror else ""
        return f"{subject} {failed}{code}."

    def check(self, *added: str) -> tuple[Remedy, ...]:
        """Look again after a cure, where that is possible.

        :param added: folders that the cure makes the program add.
        """
        from .._remedies._cures import check

        if not self.checkable:
            return ()
        return (check(self.host.environment, self.target, *added),)

    def _is_importable(self) -> bool:
        """Tell paths and names of distributions (opencv-python) from modules."""
        name, disk = self.target, self.host.process.disk
        return any(
            disk.is_folder(join(site, name))
            or any(file.startswith(f"{name}.") for file in disk.names(site))
            for site in (self.site if name.isidentifier() else ())
        )

    def distribution_of(self, path: str | None) -> Distribution | None:
        """Return the distribution that brought a file, by its RECORD."""
        if path is None:
            return None
        for distribution in self.distributions:
            for file in distribution.natives:
                if file.path.lower() == path.lower():
                    return distribution
        return None

    def owner_of(self, path: str) -> Distribution | None:
        """Return the distribution that brought a file, be it any of this Python's."""
        owner = self.distribution_of(path)
        if owner is not None:
            return owner
        for candidate, file in self.host.environment.recorded(base_name(path)):
            if file.path.lower() == path.lower():
                return candidate
        return None

    def importing(self, fault: Fault) -> Distribution | None:
        """Return the distribution of the file whose import fails."""
        return self.distribution_of(fault.importer.path if fault.importer else None)

    def needed_by(self, fault: Fault) -> str:
        """Say for a headline who asks for the file at fault."""
        importer = fault.importer
        if importer is None:
            # The file that was asked for is at fault itself.
            return f" (needed by {self.target})" if self.target.isidentifier() else ""
        return f" ({'needed by' if importer.path else 'asked of'} {importer.name})"

    def short(self, path: str) -> str:
        """Return a path as people read it: relative to site-packages."""
        return shortened(path, self.site)

    def placed(self, diagnosis: Diagnosis) -> Diagnosis:
        """Return a diagnosis with what all of one scene have in common."""
        from .._remedies._cures import interpreter
        from ._open_folders import warned

        return replace(
            warned(diagnosis, self.host),
            target=self.target,
            interpreter=interpreter(self.host.environment),
            site=self.site,
        )

    def completed(self, diagnosis: Diagnosis, *added: str) -> Diagnosis:
        """Return a diagnosis placed in the scene, with the command that looks again.

        :param added: folders that the cure makes the program add.
        """
        from .._remedies._cures import added_by

        if diagnosis.code == "not-on-search-path":
            # The check does not run the program, which is to add the folders.
            added = added_by(diagnosis.help)
        helped = (*diagnosis.help, *self.check(*added))
        return self.placed(replace(diagnosis, help=helped))

    def draft(self, code: str, headline: str, fault: Fault, load: Load) -> Diagnosis:
        """Return what every diagnosis of a fault begins with."""
        return Diagnosis(
            code=code,
            headline=headline,
            summary=self.event(fault.winerror),
            winerror=fault.winerror,
            culprit=fault.culprit,
            chain=fault.chain,
            searched=searched(load, self.host),
        )


def steps(chain: tuple[Link, ...]) -> str:
    """Say how far the end of a chain is from its start: `two imports further down`."""
    count = len(chain) - 1
    word = _COUNTS[count] if count < len(_COUNTS) else str(count)
    return f"{word} import{'s' if count != 1 else ''} further down"


def searched(load: Load, host: Host) -> tuple[str, ...]:
    """Return the folders of a load as lines, in loader order."""
    lines = list(dict.fromkeys(folder.path for folder in load.search))
    if load.retried_with_path:
        count = len(host.process.path)
        folders = f"{count} folder{'s' if count != 1 else ''}"
        known = f"PATH, {folders}" if host.observed else "PATH, unknown here"
        lines.append(f"{known} (torch tries again with it)")
    return tuple(lines)


def fitting_copies(name: str, search: SearchList, scene: Scene) -> list[str]:
    """Return the copies of a DLL on a search list that can be loaded, in order."""
    process = scene.host.process
    paths = (process.disk.find(folder.path, name) for folder in search)
    found = dict.fromkeys(path for path in paths if path)
    images = ((path, process.disk.image(path)) for path in found)
    return [p for p, i in images if isinstance(i, Image) and process.accepts(i)]
