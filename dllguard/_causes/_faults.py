"""From the faults of a load to diagnoses: the cause that the bytes prove, the cure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from .._model import Fault, Load
from .._verdict import Diagnosis
from ._scene import Scene

MOST_EXPLAINED: Final = 200
"""Faults of a target; no real one has a tenth of it, a hostile file has thousands."""


def diagnose(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain one fault of a load.

    :param fault: what stops the load.
    :param load: the load it stops.
    :param scene: host, target and distributions.
    :returns: the diagnosis, with the command that looks again.
    """
    return scene.completed(_cause(fault)(fault, load, scene))


def _cause(fault: Fault) -> Callable[[Fault, Load, Scene], Diagnosis]:
    # Where nothing is wrong, nothing of this is loaded.
    if fault.kind == "missing":
        from ._missing import missing

        return missing
    if fault.kind == "export":
        from ._exports import missing_export

        return missing_export
    from ._misfits import unmet_assembly, unreadable, wrong_machine

    return {
        "machine": wrong_machine,
        "unreadable": unreadable,
        "assembly": unmet_assembly,
    }[fault.kind]


def joined(diagnoses: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Join what one cure ends: the first stays, the others become its `also` lines.

    :param diagnoses: in the order of their loads.
    """
    groups: dict[object, list[Diagnosis]] = {}
    for diagnosis in diagnoses:
        key = diagnosis.code, diagnosis.severity, diagnosis.help
        groups.setdefault(key, []).append(diagnosis)
    return tuple(_absorbed([_join(*group) for group in groups.values()]))


def _absorbed(diagnoses: list[Diagnosis]) -> Iterator[Diagnosis]:
    """Let an error take in the warnings that its cure ends as well."""
    errors = [d for d in diagnoses if d.severity == "error"]
    warnings = [d for d in diagnoses if d.severity == "warning"]
    for error in errors:
        cured = [w for w in warnings if w.help[:1] == error.help[:1]]
        warnings = [w for w in warnings if w not in cured]
        yield with_others(error, *cured)
    yield from warnings


def with_others(first: Diagnosis, *others: Diagnosis) -> Diagnosis:
    """Add the chains of other faults to a diagnosis."""
    lines = (*first.also, *(line for other in others for line in _lines(other)))
    return replace(first, also=tuple(dict.fromkeys(lines)))


def _join(first: Diagnosis, *others: Diagnosis) -> Diagnosis:
    # The newest of several wanted versions serves all; they differ in it alone.
    wanted = max((d.wanted for d in (first, *others) if d.wanted), default=None)
    return replace(with_others(first, *others), wanted=wanted)


def _lines(diagnosis: Diagnosis) -> tuple[str, ...]:
    if not diagnosis.chain:
        return (diagnosis.headline, *diagnosis.also)
    end = " -> ".join(link.name for link in diagnosis.chain[-2:])
    return (f"{end}   {diagnosis.chain_end}".rstrip(), *diagnosis.also)
