"""Which drivers, products and other DLLs files demand that are not of Microsoft."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from .._causes._missing_product import own_ways, product_of
from .._causes._scene import Scene
from .._hosts._release import is_part_of_windows
from .._loader._apisets import is_api_set
from .._model import X86
from .._packages._distribution import Distribution
from .._paths import base_name
from .._tables._bundled import OF_PYTHON, PARTS
from .._tables._loaded_by_name import BY_DISTRIBUTION, BY_FILE
from .._tables._products import NativeProduct
from .._tables._redistributables import BUILD_TOOLS_ONLY, DEBUG_RUNTIME, PRODUCTS
from .._verdict import Remedy
from ._asked import Asked, Native
from ._need import Kind, Need, Proof, in_order

_PYTHON = re.compile(r"python\d+t?(_d)?\.dll")


def of_products(
    asked: Collection[Asked],
    natives: Collection[Native],
    distributions: Collection[Distribution],
    scene: Scene,
) -> Iterator[Need]:
    """Yield the drivers, the products and the other files that are needed.

    :param asked: what files ask for.
    :param natives: the files of the target.
    :param distributions: those that they belong to.
    :param scene: the host and the target, for the ways to a product.
    """
    wanted: dict[tuple[str, bool], tuple[NativeProduct, list[Proof]]] = {}
    others: dict[tuple[str, bool], list[Proof]] = {}
    rows = [(a.key, Proof(a.native.path, a.text), a.optional, a.how) for a in asked]
    rows += [(*row, "names") for row in _by_name(natives, distributions, scene)]
    for name, proof, optional, how in rows:
        if _is_known(name):
            continue
        product = product_of(name, scene)
        if product is not None and how == "names" and product.conda:
            # A library, which many files contain whole, its strings among the rest.
            continue
        if product is not None:
            key = product.title or product.wanted, optional
            wanted.setdefault(key, (product, []))[1].append(proof)
        elif how != "names":
            others.setdefault((name, optional), []).append(proof)
    needed = {title for title, optional in wanted if not optional}
    for (title, optional), (product, proofs) in wanted.items():
        if not (optional and title in needed):
            yield _of_product(product, proofs, scene, optional=optional)
    for (name, optional), proofs in others.items():
        yield Need(
            kind="other",
            name=name,
            proofs=in_order(proofs),
            optional=optional,
            note=_of_part(name),
        )


def _is_known(name: str) -> bool:
    """Tell the DLLs of Windows, Python and the compilers, which others tell of."""
    return (
        is_api_set(name)
        or is_part_of_windows(name)
        or name in PRODUCTS
        or name in BUILD_TOOLS_ONLY
        or bool(_PYTHON.fullmatch(name))
        or bool(re.fullmatch(DEBUG_RUNTIME, name))
    )


def _by_name(
    natives: Collection[Native],
    distributions: Collection[Distribution],
    scene: Scene,
) -> Iterator[tuple[str, Proof, bool]]:
    """Yield what no string of a file shows: what is made up, or asked by source."""
    for native in natives:
        for name in BY_FILE.get(base_name(native.path).lower(), ()):
            if name not in native.brought:
                text = f"loads {name} by name once it is used"
                yield name, Proof(native.path, text), True
    installed = scene.host.environment.distribution
    brought = frozenset[str]().union(*(native.brought for native in natives))
    for distribution in distributions:
        wanted = BY_DISTRIBUTION.get(distribution.key)
        if wanted is None or brought & {*wanted.names}:
            continue
        served = any(installed(other) is not None for other in wanted.unless)
        if not served and not _is_past(distribution, wanted.below):
            name = wanted.names[0]
            text = f"loads {name} by name when it is imported"
            yield name, Proof(distribution.title, text), False


def _is_past(distribution: Distribution, release: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return bool(release) and Version(distribution.version or "0") >= Version(
            release
        )
    except InvalidVersion:
        return True


def _of_product(
    product: NativeProduct, proofs: list[Proof], scene: Scene, *, optional: bool
) -> Need:
    kind: Kind = "driver" if product.kind == "driver" else "product"
    bits = "32" if scene.host.process.machine == X86 else "64"
    return Need(
        kind=kind,
        name=product.wanted.replace("{bits}", bits),
        proofs=in_order(proofs),
        optional=optional,
        note=product.note.replace("{bits}", bits),
        ways=tuple(_elsewhere(way, scene) for way in own_ways(product, scene)),
    )


def _elsewhere(way: Remedy, scene: Scene) -> Remedy:
    """Leave out the commands with a folder of this machine, which is not theirs."""
    kept = [c for c in way.commands if not any(site in c for site in scene.site)]
    return replace(way, commands=tuple(kept))


def _of_part(name: str) -> str:
    parts: Mapping[bool, str] = {
        True: "Python itself has it, where its own modules find it; others do not.",
        False: "it is no part of Windows, and nothing that is installed along with "
        "these files brings it.",
    }
    is_pythons = any(re.fullmatch(part.files, name) for part in OF_PYTHON)
    title = next(
        (p.title for p in (*OF_PYTHON, *PARTS) if re.fullmatch(p.files, name)), ""
    )
    return f"{f'it is {title}; ' if title else ''}{parts[is_pythons]}"
