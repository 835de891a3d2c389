"""A missing DLL of a package that requires others which are not installed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .._model import Fault, Load
from .._packages._distribution import Distribution
from .._remedies import _cures as cures
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_MOST_NAMED: Final = 5


def unmet_requirement(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL by what its importer's metadata requires and is not installed.

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None where all is installed, and of what conda installed: its packages
        have names of their own, and records that say what they require.
    """
    del load
    owner = scene.importing(fault)
    if owner is None or owner.installer == "conda":
        return None
    absent = _absent(owner, scene)
    if not absent:
        return None
    names = [*absent]
    first, rest = names[:_MOST_NAMED], len(names) - _MOST_NAMED
    last = f"{rest} more" if rest > 0 else first.pop()
    listed = " and ".join(filter(None, (", ".join(first), last)))
    one = "that one" if len(names) == 1 else "one of them"
    verb = "is" if len(names) == 1 else "are"
    return replace(
        diagnosis,
        note=f"{owner.title} requires {listed}, which {verb} not installed. Usually "
        f"{one} brings {fault.culprit}.",
        help=(
            Remedy(
                f"install what {owner.name} requires{cures.index(owner)}:",
                (cures.install(owner, scene.host.environment, *absent.values()),),
            ),
        ),
    )


def _absent(owner: Distribution, scene: Scene) -> dict[str, str]:
    """Return requirements that are not installed, by name."""
    environment = scene.host.environment
    names = {
        name
        for name in environment.required(owner)
        if environment.distribution(name) is None
    }
    found: dict[str, Requirement] = {}
    # Whole requirements take packaging's parser, for which only a command is a reason.
    for requirement in environment.requirements(owner) if names else ():
        if requirement.name in names:
            # opencv-python asks for a numpy once for each Python from some release on.
            earlier = found.setdefault(requirement.name, requirement)
            earlier.specifier &= requirement.specifier
            earlier.marker = None
    return {name: str(requirement) for name, requirement in found.items()}
