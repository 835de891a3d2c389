"""Instructions that the processor does not have, as far as Windows tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from .._model import X64, X86, Load
from .._remedies import _cures as cures
from .._tables._instruction_sets import DECISIVE, IN_VAIN, NAMES, WITHOUT
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

OTHER_BUILD: Final = Remedy(
    "try another release of the package, or its build for older processors"
)
ASK_NAME: Final = Remedy(
    "to see whether it is the processor, ask for its name, in PowerShell; its maker's "
    "page says whether it has AVX and AVX2:",
    ("(Get-CimInstance Win32_Processor).Name",),
)


def is_suspect(scene: Scene) -> bool:
    """Tell whether a processor may lack AVX or AVX2, because nobody says otherwise."""
    machine = scene.host.environment.machine
    return scene.host.circumstances.processor is None and machine in (X86, X64)


def missing_feature(draft: Diagnosis, load: Load, scene: Scene) -> Diagnosis | None:
    """Blame a processor that has no AVX, or no AVX2.

    :param draft: the diagnosis so far; its headline says what happened.
    :param load: the load, of whose files none is at fault.
    :param scene: host, target and distributions.
    :returns: None where it has both, or that is not known.
    """
    has = scene.host.circumstances.processor
    lacking = [] if has is None else [name for name in DECISIVE if name not in has]
    if has is None or not lacking:
        return None
    first = NAMES[lacking[0]]
    return replace(
        draft,
        code="missing-cpu-feature",
        headline=f"{draft.headline}; this processor has no {first}",
        note=f"usually the package was built for processors with {first}; its files "
        "do not say for which.",
        help=tuple(_builds(lacking, load, scene)),
        will_not_help=IN_VAIN,
    )


def illegal_instruction(draft: Diagnosis, load: Load, scene: Scene) -> Diagnosis:
    """Explain code that was stopped at an instruction unknown to the processor.

    :param draft: the diagnosis so far.
    :param load: the load, of whose files none is at fault.
    :param scene: host, target and distributions.
    """
    where = f"{draft.culprit} or an import" if draft.chain else scene.target
    draft = replace(
        draft,
        headline=f"illegal instruction in {where}",
        summary=f"{draft.summary} The code is 0xC000001D: the processor does not have "
        "an instruction that it was given. No file is missing.",
        will_not_help=IN_VAIN,
    )
    found = missing_feature(draft, load, scene)
    if found is not None:
        return found
    note = "usually the package was built for a later processor than this one."
    helped = [OTHER_BUILD]
    if is_suspect(scene):
        helped.append(ASK_NAME)
    else:
        note = f"{note} {features(scene)}".rstrip()
    return replace(draft, note=note, help=tuple(helped))


def features(scene: Scene) -> str:
    """Say which of the instruction sets this processor is known to have."""
    has = scene.host.circumstances.processor or ()
    names = " and ".join(NAMES[name] for name in NAMES if name in has)
    return f"This processor has {names}." if names else ""


def _builds(lacking: list[str], load: Load, scene: Scene) -> Iterator[Remedy]:
    """Yield where builds for older processors are to be had."""
    environment = scene.host.environment
    owner = scene.distribution_of(load.path)
    known = (owner,) if owner else scene.distributions
    rows = [WITHOUT[d.key] for d in known if d.key in WITHOUT]
    fitting = [
        row for row in rows if row[0] in lacking and environment.version <= row[1]
    ]
    for _, _, text, wanted in fitting:
        command = (cures.upgrade(environment, wanted),) if wanted else ()
        yield Remedy(text, command)
    either = "or take" if fitting else "take"
    yield Remedy(
        f"{either} a build of the package that does without; at times its name says "
        "so (noavx, basic), else its documentation"
    )
    yield Remedy(
        "or use another machine; a virtual one needs to be given all features of the "
        "real processor (in QEMU: the processor type host)"
    )
