"""A missing DLL of a product of its own, or of a driver: what to install."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .._model import ARM64, X64, X86, Fault, Load
from .._packages._distribution import Distribution
from .._remedies import _cures as cures
from .._tables._products import PRODUCTS, NativeProduct
from .._verdict import Diagnosis, Remedy
from ._cuda_cures import cuda_product
from ._scene import Scene

_ARCHITECTURES = {X86: "x86", X64: "x64", ARM64: "arm64"}


def missing_product(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a DLL by the product that brings it.

    :param diagnosis: what is said of any missing file.
    :param fault: the file that is missing.
    :param load: the load that it stops.
    :param scene: host, target and distributions.
    :returns: None for a DLL of no product that is known.
    """
    owner = scene.importing(fault)
    product = product_of(fault.culprit, scene, owner, _bundler(load, scene))
    if product is None:
        return None
    environment = scene.host.environment
    notes = [_filled(product.note, scene)]
    if owner is not None and owner.is_without(fault.culprit):
        notes.append(
            f"RECORD of {owner.title} does not list {fault.culprit}, so reinstalling "
            f"{owner.name} does not bring it."
        )
    helped = own_ways(product, scene)
    if environment.is_frozen and product.kind == "product":
        notes.append(
            "A message that blames the freezing of the program misleads: usually the "
            "product is not installed on this PC."
        )
    elif product.conda and cures.is_conda(environment):
        helped = _with_conda(product.conda, helped)
    of = f" of {product.title}" if product.title else ""
    return replace(
        diagnosis,
        code=f"missing-{product.kind}",
        headline=f"{fault.culprit}{of} not found{scene.needed_by(fault)}",
        wanted=_filled(product.wanted, scene),
        note=" ".join(filter(None, notes)) or None,
        help=helped,
        will_not_help=product.in_vain,
    )


def product_of(
    name: str,
    scene: Scene,
    owner: Distribution | None = None,
    bundler: Distribution | None = None,
) -> NativeProduct | None:
    """Return the product that brings a DLL.

    :param name: name of the DLL.
    :param scene: host, target and distributions.
    :param owner: the distribution of the file that needs it.
    :param bundler: the distribution that brings other DLLs of CUDA.
    """
    lowered = name.lower()
    for product in PRODUCTS:
        if re.fullmatch(product.files, lowered):
            return product
    return cuda_product(lowered, scene, owner, bundler)


def own_ways(product: NativeProduct, scene: Scene) -> tuple[Remedy, ...]:
    """Return how to get a product here; what pip installs reaches no frozen program."""
    return tuple(_own_ways(product, scene))


def _own_ways(product: NativeProduct, scene: Scene) -> Iterator[Remedy]:
    frozen = scene.host.environment.is_frozen
    lead = "or "
    for way in product.ways:
        if frozen and any("{python}" in command for command in way.commands):
            continue
        text = _filled(way.text, scene).removeprefix(lead)
        yield Remedy(text, tuple(_filled(c, scene) for c in way.commands))
        # Only the first one stands alone.
        lead = ""


def _with_conda(package: str, ways: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
    first = Remedy("install it with conda:", (f"conda install {package}",))
    others = (replace(w, text=f"or {w.text.removeprefix('or ')}") for w in ways)
    return (first, *others)


def _filled(text: str, scene: Scene) -> str:
    machine = scene.host.process.machine
    fields = {
        "{bits}": "32" if machine == X86 else "64",
        "{arch}": _ARCHITECTURES.get(machine, "x64"),
        "{python}": cures.python(scene.host.environment.executable),
    }
    for field, value in fields.items():
        text = text.replace(field, value)
    if scene.host.environment.is_frozen:
        text = text.replace("this Python", "this program")
        text = text.replace("restart Python", "restart the program")
    return text


def _bundler(load: Load, scene: Scene) -> Distribution | None:
    """Return the distribution that brings the other DLLs of CUDA for a load."""
    for name, path in load.resolved.items():
        if cuda_product(name, scene, None, None) is not None:
            owner = scene.owner_of(path)
            if owner is not None:
                return owner
    return None
