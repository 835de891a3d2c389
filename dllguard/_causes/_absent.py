"""A target that is not installed."""

from __future__ import annotations

from collections.abc import Iterator

from .._model import X86, machine_name
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._conventions import DEFAULT_TARGETS
from .._verdict import Diagnosis, Remedy
from ._scene import Scene


def not_installed(scene: Scene) -> Iterator[Diagnosis]:
    """Yield what can be said of a package that is not there.

    :param scene: host and target.
    """
    host, name = scene.host, scene.target
    environment = host.environment
    python = cures.python(environment.executable)
    absent = Diagnosis(
        code="package-not-installed",
        headline=f"{name} is not installed in this Python",
        summary=f"No distribution and no package of the name {name} was found.",
        searched=environment.site,
        culprit=name,
        help=(
            Remedy(
                "install it into this Python (pip may know it by another name):",
                (f"{python} -m pip install {cures.quoted(name)}",),
            ),
            cures.check(environment, name),
        ),
        links=(links.TORCH,) if name.lower() in DEFAULT_TARGETS else (),
    )
    yield scene.placed(absent)
    ours, theirs = machine_name(environment.machine), machine_name(host.system_machine)
    if environment.machine == X86 != host.system_machine:
        mixed = Diagnosis(
            code="python-wrong-architecture",
            severity="warning",
            headline=f"this Python is {ours} (32-bit), Windows is {theirs}",
            summary=f"Many packages have no build for {ours} any more, torch for one: "
            "pip then finds no fitting release.",
            culprit=ours,
            help=(
                Remedy(
                    f"install the {theirs} build of Python, and {name} with it; it can "
                    "stay beside this one"
                ),
            ),
            links=(links.PYTHON_DOWNLOADS,),
        )
        yield scene.placed(mixed)
