"""The report on a selection: names in full, and of an environment each file once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .._causes._faults import with_others
from .._hosts._facts import host_dict
from .._judge import AS_USUAL, Rules
from .._packages._distribution import Distribution
from .._packages._environment import Environment
from .._verdict import Diagnosis, Report, TargetResult
from ._scan import scan

if TYPE_CHECKING:
    from ._selection import Selection
    from ._whole import Whole

_MOST_ALSO: Final = 20


def survey(
    selection: Selection,
    rules: Rules = AS_USUAL,
    *,
    begin: Callable[[str], None] = lambda _: None,
    processes: int | None = None,
) -> Report:
    """Judge all that was selected.

    Of a whole environment, a distribution answers for its own files alone. What it
    requires is loaded before them, and has a result of its own. What one cure ends is
    told once, by the first target.

    :param selection: host and targets.
    :param rules: how to judge.
    :param begin: called with each target as its turn comes.
    :param processes: as for `scan`.
    :raises TargetError: for a path that is not there or holds no native file.
    """
    host, names, whole = selection.host, selection.names, selection.whole
    every, sizes = [*names], [0] * len(names)
    if whole is not None:
        every += [*(d.name for d in whole.distributions), *whole.loose]
        sizes += [len(d.natives) for d in whole.distributions]
    results = scan(host, every, rules, sizes, begin=begin, processes=processes)
    found = list(results[: len(names)])
    if whole is not None:
        of_whole = _of_whole(results[len(names) :], whole)
        found += _told_once(of_whole, host.environment, whole)
    known = selection.notes
    noted = [replace(t, notes=(*t.notes, *known.get(t.name, ()))) for t in found]
    if whole is not None and whole.distributions and not whole.loose:
        # Nothing is left, of which to say that it would load.
        noted = [t for t in noted if t.name != whole.label or t.notes]
    return Report(tuple(noted), host_dict(host))


def _of_whole(results: Sequence[TargetResult], whole: Whole) -> list[TargetResult]:
    """Return what is told of each distribution, and of each other target."""
    count = len(whole.distributions)
    pairs = [*zip(whole.distributions, results[:count], strict=True)]
    own = {d.key: _own(result, d) for d, result in pairs}
    warnings = {key: {_key(d) for d in r.diagnoses} for key, r in own.items()}
    names = {d.key: d.name for d in whole.distributions}
    for key, result in own.items():
        required = whole.required[key] & own.keys()
        # Two that require each other both know it, and one of them tells it.
        before = sorted(r for r in required if key not in whole.required[r] or r < key)
        known = {told for r in before for told in warnings[r]}
        left = tuple(d for d in result.diagnoses if d.chain or _key(d) not in known)
        failing = [names[r] for r in before if not own[r].ok]
        notes = result.notes
        if failing:
            notes = (*notes, f"it requires {', '.join(failing)}, which would not load.")
        own[key] = replace(result, diagnoses=left, notes=notes)
    return [*own.values(), *results[count:]]


def _own(result: TargetResult, distribution: Distribution) -> TargetResult:
    """Return what of a result is about the files of the distribution itself."""
    ours = {_plain(file.path) for file in distribution.natives}
    files = tuple(file for file in result.files if _plain(file.path) in ours)
    # A diagnosis shows the first file that it stops, which may be another's.
    codes = {file.code for file in files if file.winerror}
    diagnoses = tuple(
        d
        for d in result.diagnoses
        if not d.chain or d.code in codes or _plain(d.chain[0].path or "") in ours
    )
    return replace(result, files=files, diagnoses=diagnoses)


def _told_once(
    results: Sequence[TargetResult], environment: Environment, whole: Whole
) -> list[TargetResult]:
    """Join what one cure ends, and the results of files that are of no distribution."""
    from .._remedies._cures import check

    groups: dict[object, dict[Diagnosis, None]] = {}
    keys = {}
    for result in results:
        again = check(environment, result.name)
        for d in result.diagnoses:
            cures = tuple(remedy for remedy in d.help if remedy != again)
            keys[d] = (d.code, d.severity, cures or _key(d))
            groups.setdefault(keys[d], {})[d] = None
    one = {key: _joined([*group]) for key, group in groups.items()}
    found = [
        replace(r, diagnoses=tuple(dict.fromkeys(one[keys[d]] for d in r.diagnoses)))
        for r in results
    ]
    count = len(whole.distributions)
    return [*found[:count], _as_one(found[count:], whole.label)]


def _joined(diagnoses: Sequence[Diagnosis]) -> Diagnosis:
    first = with_others(*diagnoses)
    more = len(first.also) - _MOST_ALSO
    if more <= 0:
        return first
    return replace(first, also=(*first.also[:_MOST_ALSO], f"and {more} more"))


def _as_one(results: Iterable[TargetResult], label: str) -> TargetResult:
    results = tuple(results)
    diagnoses = dict.fromkeys(d for r in results for d in r.diagnoses)
    return TargetResult(
        name=label,
        files=tuple({f.path: f for r in results for f in r.files}.values()),
        diagnoses=tuple(sorted(diagnoses, key=lambda d: d.severity != "error")),
        notes=tuple(dict.fromkeys(note for r in results for note in r.notes)),
        site=tuple(dict.fromkeys(folder for r in results for folder in r.site)),
    )


def _key(diagnosis: Diagnosis) -> tuple[object, ...]:
    return diagnosis.code, diagnosis.culprit, diagnosis.headline


def _plain(path: str) -> str:
    return path.replace("\\", "/").lower()
