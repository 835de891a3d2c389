"""From one fault to its diagnosis: the cause that the bytes prove, and the cure."""

from __future__ import annotations

from dataclasses import replace

from . import _cures as cures
from ._exports import missing_export
from ._misfits import unreadable, wrong_machine
from ._missing import missing
from ._model import Diagnosis, Fault, Load
from ._scene import Scene

_CAUSES = {
    "missing": missing,
    "machine": wrong_machine,
    "unreadable": unreadable,
    "export": missing_export,
}


def diagnose(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain one fault of a load.

    :param fault: what stops the load.
    :param load: the load it stops.
    :param scene: host, target and distributions.
    :returns: the diagnosis, with the command that looks again.
    """
    diagnosis = _CAUSES[fault.kind](fault, load, scene)
    again = cures.check(scene.host.environment, scene.target)
    return replace(diagnosis, help=(*diagnosis.help, again))
