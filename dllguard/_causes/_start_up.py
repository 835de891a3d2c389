"""Start-up code that did not succeed: an old runtime, the processor, the order.

Windows runs the start-up code of each DLL when all files are mapped ("DllMain entry
point"), so that nothing is missing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .._model import Load
from .._verdict import Diagnosis, Remedy
from ._findings import findings
from ._processor import ASK_NAME, OTHER_BUILD, features, is_suspect, missing_feature
from ._scene import Scene

FIRST: Final = Remedy(
    "restart Python and import this package before all others; if that works, another "
    "package is in the way"
)
# What the files show of runtimes and copies, that start-up code can fail from.
_BLAMED: Final = ("vc-runtime-too-old", "conflicting-copies")


def blamed(load: Load, code: int, scene: Scene) -> Diagnosis | None:
    """Return what the files show that start-up code fails from, or None.

    :param load: the load, of whose files none is at fault.
    :param code: the error code.
    :param scene: host, target and distributions.
    """
    for found in findings([load], scene):
        if found.code in _BLAMED:
            return replace(
                found,
                severity="error",
                winerror=code,
                summary=f"{scene.event(code)} {found.summary}",
            )
    return None


def start_up_failed(
    draft: Diagnosis, load: Load, scene: Scene, order: bool | None
) -> Diagnosis:
    """Explain start-up code that did not succeed, with no file to blame.

    :param draft: the diagnosis so far.
    :param load: the load, of whose files none is at fault.
    :param scene: host, target and distributions.
    :param order: whether it is the order of imports, None where that is not known.
    """
    if load.resolved:
        runtime = "No outdated Visual C++ runtime is among them."
        draft = replace(draft, summary=f"{draft.summary} {runtime}")
    if order:
        return replace(draft, help=(FIRST,))
    headline = f"start-up code of {draft.culprit} failed"
    lacking = missing_feature(replace(draft, headline=headline), load, scene)
    return lacking or _suspected(draft, scene, order)


def _suspected(draft: Diagnosis, scene: Scene, order: bool | None) -> Diagnosis:
    reasons, helped = [], []
    if order is None:
        reasons.append("another package has loaded its own, older copy of a DLL before")
        helped.append(FIRST)
    else:
        helped.append(OTHER_BUILD)
    if is_suspect(scene):
        reasons.append(
            "this processor lacks instructions (AVX) that the package was built for"
        )
        helped.append(ASK_NAME)
    if len(reasons) < 2:
        reasons.append("a DLL that the code loads by name is missing")
    note = f"usually {', or '.join(reasons)}. {features(scene)}".rstrip()
    return replace(draft, note=note, help=tuple(helped))
