"""What a distribution requires and this Python does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._packages._distribution import Distribution
from ._scene import Scene

if TYPE_CHECKING:
    from packaging.requirements import Requirement


def unmet_requirements(owner: Distribution, scene: Scene) -> dict[str, str]:
    """Return requirements of which nothing is installed, by name.

    :param owner: the distribution whose metadata is read.
    :param scene: host, target and distributions.
    :returns: what an installer takes, without markers. Nothing for what conda
        installed: its packages have names of their own, and records that say what they
        require.
    """
    if owner.installer == "conda":
        return {}
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
