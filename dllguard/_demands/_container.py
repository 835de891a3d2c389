"""The lines of a Dockerfile for what files demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .._hosts._release import first_build
from .._model import ARM64, machine_name
from .._tables._windows_features import CORE_IMAGE, FULL_IMAGES
from ._need import Kind, Need
from ._windows import UNIVERSAL_CRT

_OF_IMAGE: Final[tuple[Kind, ...]] = ("architecture", "windows")


def dockerfile(needs: Sequence[Need]) -> tuple[str, ...]:
    """Return lines for a Dockerfile, () where no line is to be said of these needs.

    What no line brings stands as a comment: nothing that is needed is left out.

    :param needs: what was found; only what is required counts.
    """
    required = [need for need in needs if not need.optional]
    machines = [need.lowest for need in required if need.kind == "architecture"]
    # "Windows container base images" (Microsoft): those with a desktop are for x64.
    if machine_name(ARM64) in machines:
        return ()
    if not any(need.container or need.image for need in required):
        return ()
    return tuple(_lines(required))


def _lines(required: Sequence[Need]) -> Iterator[str]:
    yield f"FROM {_image(required)}"
    for need in required:
        yield from need.container
    for need in required:
        in_image = need.kind in _OF_IMAGE or need.name == UNIVERSAL_CRT
        if not (need.container or need.image or in_image):
            yield f"# not in these lines: {need.name}"


def _image(required: Sequence[Need]) -> str:
    """Return the smallest image of the usual release that has what is needed."""
    builds = [first_build(n.lowest) for n in required if n.kind == "windows"]
    usual, image = FULL_IMAGES[1]
    if max(builds, default=0) > usual:
        return FULL_IMAGES[0][1]
    return image if any(n.image == image for n in required) else CORE_IMAGE
