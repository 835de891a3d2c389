"""What a diagnosis is made from, besides the fault itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ._cures import python
from ._environment import Distribution
from ._host import Host
from ._model import Diagnosis, Fault, Link, Load, SearchList

_COUNTS = "no one two three four five six seven eight nine ten".split()


@dataclass(frozen=True)
class Scene:
    """The host, the target, and what happened or would happen."""

    host: Host
    target: str
    """Import or distribution name, or the path that was given."""
    subject: str = ""
    """What is loaded, where that is not the import of the target."""
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
        is_path = "/" in self.target or "\\" in self.target
        verb = "loading" if is_path else "import"
        subject = self.subject or f"{verb} {self.target}"
        failed = "failed" if self.happened else "would fail"
        code = f" with WinError {winerror}" if winerror else ""
        return f"{subject} {failed}{code}."

    def distribution_of(self, path: str | None) -> Distribution | None:
        """Return the distribution that brought a file, by its RECORD."""
        if path is None:
            return None
        for distribution in self.distributions:
            for file in distribution.natives:
                if file.path.lower() == path.lower():
                    return distribution
        return None

    def short(self, path: str) -> str:
        """Return a path as people read it: relative to site-packages."""
        return shortened(path, self.site)

    def draft(self, code: str, headline: str, fault: Fault, load: Load) -> Diagnosis:
        """Return what every diagnosis of a fault has in common."""
        return Diagnosis(
            code=code,
            headline=headline,
            summary=self.event(fault.winerror),
            target=self.target,
            winerror=fault.winerror,
            culprit=fault.culprit,
            chain=fault.chain,
            searched=searched(load, self.host),
            interpreter=python(self.host.environment.executable),
            site=self.site,
        )


def shortened(path: str, site: Iterable[str]) -> str:
    """Return a path relative to the deepest folder of `site` that holds it."""
    for folder in sorted(site, key=len, reverse=True):
        for separator in "\\/":
            prefix = folder.rstrip("\\/") + separator
            if path.lower().startswith(prefix.lower()):
                return path[len(prefix) :].replace("/", "\\")
    return path


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
        known = f"PATH, {count} folders" if host.live else "PATH, unknown here"
        lines.append(f"{known} (torch tries again with it)")
    return tuple(lines)


def later_copies(name: str, search: SearchList, scene: Scene) -> list[str]:
    """Return all copies of a DLL on a search list, the winning one first."""
    disk = scene.host.process.disk
    paths = (disk.find(folder.path, name) for folder in search)
    return list(dict.fromkeys(path for path in paths if path))
