"""A DLL that a frozen program was to bring with it, and does not."""

from __future__ import annotations

import re
from dataclasses import replace

from .._loader._apisets import is_api_set
from .._model import Fault, Load
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._bundled import OF_PYTHON
from .._tables._freezers import FREEZERS, Freezer
from .._tables._redistributables import PRODUCTS
from .._verdict import Diagnosis, Remedy
from ._freezer_cures import takes_along, takes_runtime_along
from ._missing_product import own_ways, product_of
from ._scene import Scene

_PYTHONS = links.PYTHON_DOWNLOADS
_ASK = Remedy(
    "take the newest release of this program, or send this text to its makers"
)


def frozen_omission(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL that a freezer left out.

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None where no program was frozen, and for what no freezer collects: parts
        of Windows, drivers and products with an installer of their own.
    """
    del load
    environment = scene.host.environment
    freezer = FREEZERS.get(environment.kind)
    name = fault.culprit.lower()
    is_runtime = name in PRODUCTS
    if freezer is None or (not environment.is_frozen and not is_runtime):
        return None
    if is_api_set(name) or _is_windows_own(name):
        return None
    product = product_of(name, scene)
    if product is not None and own_ways(product, scene):
        return None
    omitted = replace(diagnosis, code="frozen-app-omission")
    if is_runtime:
        return _runtime(omitted, fault, freezer, scene)
    note = f"{_frozen(fault, freezer)}."
    makers = takes_along(fault.culprit, scene)
    for part in OF_PYTHON:
        if re.fullmatch(part.files, name):
            note += (
                f" It is part of {part.title}, which Python's own modules need. "
                "Usually the freezer was older than the Python, or a conda "
                r"environment was frozen, which has the file in Library\bin."
            )
            tool = freezer.title or "freezer"
            newest = f"its maker: freeze it with the newest {tool} and a Python of "
            newest += f"python.org rather than conda's: {_PYTHONS}"
            others = (m.text.replace("its maker: ", "or ") for m in makers)
            makers = (
                Remedy(newest),
                *(replace(m, text=t) for m, t in zip(makers, others, strict=True)),
            )
    return replace(
        omitted,
        note=note,
        help=(_ASK, *makers),
        will_not_help=(
            "installing Python or its packages: a frozen program has its own",
        ),
    )


def _runtime(
    diagnosis: Diagnosis, fault: Fault, freezer: Freezer, scene: Scene
) -> Diagnosis:
    """Explain a missing runtime of Visual C++, which the user can install as well."""
    product = PRODUCTS[fault.culprit.lower()]
    installed = cures.redistributable(product, scene.host.process.machine)
    told = (replace(r, text=_of_program(r.text)) for r in installed)
    makers = takes_runtime_along(fault.culprit, scene)
    brought = _frozen(fault, freezer)
    if not scene.host.environment.is_frozen:
        brought = (
            f"this Python is {freezer.title}, which leaves it to the installer of the "
            f"program to bring {fault.culprit}"
        )
    return replace(
        diagnosis,
        note=f"{brought}. It is part of the {product.name}: where that is installed, "
        "as usually on the PC of the maker, the program runs without its own copy.",
        wanted=product.name.removeprefix("the "),
        help=(*told, *makers),
        links=(links.REDISTRIBUTABLES,),
    )


def _of_program(text: str) -> str:
    return text.replace("restart Python", "restart the program")


def _frozen(fault: Fault, freezer: Freezer) -> str:
    by = f" with {freezer.title}, which" if freezer.title else ", which"
    return f"this program was frozen{by} left {fault.culprit} out"


def _is_windows_own(name: str) -> bool:
    from .._tables._windows_names import CLEAN_WINDOWS_11_X64

    return name in {own.lower() for own in CLEAN_WINDOWS_11_X64}
