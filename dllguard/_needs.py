"""What targets demand of a machine: of Windows, of redistributables, of a Python.

For installers, Dockerfiles and READMEs. Files are read, nothing is executed. What the
packages bring themselves counts as no need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ._causes._scene import Scene
from ._demands._asked import (
    Native,
    asked_of,
    assemblies_of,
    machine_of,
    readable,
)
from ._demands._external import of_products
from ._demands._interpreters import of_architecture, of_python
from ._demands._natives import natives_of, with_optional
from ._demands._need import Need
from ._demands._runtimes import of_runtimes, with_last_for_older
from ._demands._windows import is_10_or_later, of_windows
from ._hosts._host import Host
from ._packages._distribution import Distribution
from ._tables._built_in_hosts import REDISTRIBUTABLE_OF_10


@dataclass(frozen=True)
class Needs:
    """What targets demand of a machine. `str()` of it is the text for people.

    :param files: how many native files were read.
    :param unread: native files that are none, each with the reason.
    :param needs: what is required first, then what only some functions need.
    :param site: folders that a path in the text is shortened against.
    """

    targets: tuple[str, ...]
    files: int = 0
    needs: tuple[Need, ...] = ()
    site: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        from ._demands._text import needs_text

        return needs_text(self)

    def to_dict(self) -> dict[str, object]:
        """Return the needs as JSON-ready values, as `needs-schema.json` has them."""
        from ._demands._text import needs_dict

        return needs_dict(self)


def needs(host: Host, targets: Sequence[str]) -> Needs:
    """Tell what targets demand of a machine.

    :param host: in whose environment packages are looked up, and whose architecture
        decides where the files have none; what else it has plays no part.
    :param targets: distribution or import names, files, folders.
    :raises TargetError: for what is not there or holds no native file.
    """
    found: dict[str, Native] = {}
    distributions: dict[Distribution, None] = {}
    for target in targets:
        own, natives = natives_of(target, host)
        distributions |= dict.fromkeys(own)
        for native in natives:
            found.setdefault(native.path, native)
    disk = host.process.disk
    read, unread = readable(found.values(), disk)
    machine = machine_of(read)
    # What is for another architecture is there for other programs.
    files = with_optional([(n, image) for n, image in read if image.machine == machine])
    asked = tuple(asked_of(files, disk))
    own = tuple(distributions)
    python = of_python(files, asked, own)
    scene = _scene(host, targets, own, machine)
    at_least = scene.host.process.machine
    runtimes = tuple(
        of_runtimes(asked, tuple(assemblies_of(files)), python.lowest, at_least)
    )
    windows = tuple(of_windows(asked, python.lowest, _windows_of(runtimes)))
    if not any(is_10_or_later(need) for need in windows):
        runtimes = tuple(with_last_for_older(runtimes, at_least))
    every = (
        *of_architecture(read, machine),
        *python.needs,
        *windows,
        *runtimes,
        *of_products(asked, [native for native, _ in files], own, scene),
    )
    ordered = tuple(_in_order(every))
    return Needs(tuple(targets), len(files), ordered, scene.site, tuple(unread))


def _scene(
    host: Host,
    targets: Sequence[str],
    distributions: tuple[Distribution, ...],
    machine: int | None,
) -> Scene:
    process = replace(host.process, machine=machine or host.process.machine)
    fitting = replace(host, process=process)
    return Scene(fitting, ", ".join(targets), distributions=distributions)


def _in_order(needs: Iterable[Need]) -> Iterator[Need]:
    """Yield what is required, then what is optional and goes beyond that."""
    needs = tuple(needs)
    required = [need for need in needs if not need.optional]
    yield from required
    for need in needs:
        if need.optional and not any(_covers(other, need) for other in required):
            yield need


def _covers(required: Need, optional: Need) -> bool:
    if required.kind != optional.kind:
        return False
    if required.rank and optional.rank:
        return required.rank >= optional.rank and required.title == optional.title
    return required.name == optional.name


def _windows_of(runtimes: Sequence[Need]) -> str:
    """Return the first Windows for the redistributable that is needed, "" for any."""
    first = ".".join(map(str, REDISTRIBUTABLE_OF_10))
    required = [n.lowest for n in runtimes if n.lowest and not n.optional]
    return "10" if max(required, default="") >= first else ""
