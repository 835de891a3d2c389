"""A snapshot of a machine: what a judgement needs of it, and nothing private.

Everything is judged, with one disk that remembers what it was asked. What it knows in
the end is the snapshot: a judgement elsewhere asks the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from .._hosts._anonymous import anonymous, secrets_of_this_machine
from .._hosts._host import Host
from .._judge import judge
from .._packages._distribution import Distribution, import_names, read_distribution
from .._packages._environment import Environment
from .._packages._reach import touched_by
from .._packages._stored import Noting
from .._paths import is_native, join
from .._tables._loaded_by_name import BY_DISTRIBUTION
from .._verdict import TargetResult
from ._file_text import written_files
from ._host_text import written_host
from ._kept import kept
from ._package_text import stored, written_packages
from ._primed import bare_packages, prime

FORMAT: Final = "dllguard snapshot"
VERSION: Final = 1


def snapshot(
    host: Host,
    targets: Sequence[str] = (),
    *,
    begin: Callable[[str], None] = lambda _: None,
) -> dict[str, object]:
    """Return a snapshot of a host as JSON-ready values.

    :param host: a live or an offline one.
    :param targets: names, files and folders that are to be judged, besides what is
        installed.
    :param begin: called with each target as its turn comes.
    :raises TargetError: for a path that is not there or holds no native file.
    """
    return anonymous(taken(host, targets, begin=begin), secrets_of_this_machine())


def taken(
    host: Host, targets: Sequence[str], *, begin: Callable[[str], None]
) -> dict[str, object]:
    """Return a snapshot with all names in it.

    The parameters are those of `snapshot`.
    """
    environment = host.environment
    found = tuple(map(stored, environment.installed()))
    noting = Noting(found, environment.site)
    environment = replace(environment, inventory=noting)
    host = replace(host, environment=environment)
    distributions = [*map(read_distribution, found)]
    native = [d for d in distributions if d.natives]
    native += bare_packages(environment, found)
    begin("files of Windows and Python")
    prime(host, native)
    for target in (*targets, *_folders(host)):
        begin(target)
        judge(host, target)
    faulty: set[str] = set()
    for name in (*(d.name for d in native), *BY_DISTRIBUTION):
        begin(name)
        faulty |= _faulty(judge(host, name), native)
    for one in distributions:
        # What follows from a fault for a package without native files of its own.
        if not one.natives and faulty & _required(one, environment):
            judge(host, one.name)
    _ask_by_import_names(noting, environment)
    return {
        "format": FORMAT,
        "version": VERSION,
        **written_host(host),
        **written_packages(found, noting.answers),
        **written_files(kept(host.process.disk.memory(), host)),
    }


def _folders(host: Host) -> Iterator[str]:
    """Yield folders of which everything is judged: no metadata lists what they hold."""
    environment, disk = host.environment, host.process.disk
    library = join(environment.base_prefix, "DLLs")
    if any(map(is_native, disk.names(library))):
        yield library
    if environment.is_frozen and any(disk.natives(environment.prefix)):
        yield environment.prefix


def _faulty(result: TargetResult, native: Iterable[Distribution]) -> set[str]:
    """Return the keys of the distributions of which a file would not load."""
    failing = {file.path for file in result.files if file.winerror}
    if not failing:
        return set()
    return {d.key for d in native if any(f.path in failing for f in d.natives)}


def _required(distribution: Distribution, environment: Environment) -> set[str]:
    return {found.key for found in environment.closure(distribution.name)}


def _ask_by_import_names(noting: Noting, environment: Environment) -> None:
    """Ask what an import touches by the names of the packages that are asked about."""
    for name, answer in [*noting.answers.touched.items()]:
        packages = set(map(environment.package_of, answer.asked))
        for found in noting.distributions(environment.site, name):
            for other in sorted(packages.intersection(import_names(found))):
                if other not in noting.answers.touched:
                    touched_by(other, sorted(answer.asked), environment)
