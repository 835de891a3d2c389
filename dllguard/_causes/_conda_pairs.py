"""Packages of conda that are built for each other, and whether those here fit.

Not all of them are Python distributions, so that no METADATA tells, and conda's own
records were too loose in the cases that were met (h5py/h5py#2037).
"""

from __future__ import annotations

from dataclasses import replace

from .._packages._conda import CondaPackage
from .._packages._distribution import Distribution
from .._remedies import _cures as cures
from .._tables._conventions import PAIRED_IN_CONDA
from .._verdict import Diagnosis, Remedy
from ._scene import Scene


def unlike_builds(
    diagnosis: Diagnosis, owner: Distribution, provider: str, scene: Scene
) -> Diagnosis | None:
    """Explain two packages of conda of which nothing says that they do not fit.

    :param diagnosis: of a symbol that is lacking.
    :param owner: whose file wants the symbol.
    :param provider: full path of the DLL that lacks it.
    :param scene: host, target and distributions.
    :returns: None where they are no such pair.
    """
    environment = scene.host.environment
    prefix = environment.prefix
    partners = PAIRED_IN_CONDA.get(owner.key, ())
    importer = next((link.path for link in diagnosis.chain[-2:-1]), None)
    ours = next(iter(environment.conda_owners(prefix, importer or "")), None)
    theirs = next(iter(environment.conda_owners(prefix, provider)), None)
    if ours is None or theirs is None or theirs.name not in partners:
        return None
    note = f"{ours.name} imports a function that this {theirs.name} does not export, "
    note += "so they were not built for each other."
    if ours.version == theirs.version:
        note += " Their releases are the same, their builds are not."
    for text in ours.depends:
        if text.partition(" ")[0] == theirs.name:
            note += f" conda's record of {ours.name} asks for {text}."
    return replace(
        diagnosis,
        code="version-mismatch",
        headline=f"{ours.title} was built with another {theirs.name} than "
        f"{theirs.version}",
        wanted=f"the {theirs.name} that {_described(ours)} was built with",
        found=f"{_described(theirs)} ({provider})",
        note=note,
        help=_ways_out(ours, theirs, partners, scene),
        will_not_help=("installing the Visual C++ runtime",),
    )


def _ways_out(
    ours: CondaPackage, theirs: CondaPackage, partners: tuple[str, ...], scene: Scene
) -> tuple[Remedy, ...]:
    environment = scene.host.environment
    prefix = environment.prefix
    place = f"-p {cures.quoted(prefix)}"
    here = {package.name for package in environment.conda_packages(prefix)}
    names = " ".join([ours.name, *(name for name in partners if name in here)])
    if ours.channel == theirs.channel:
        first = Remedy(
            "let conda choose builds that fit, with one command:",
            (f"conda update {place} {names}",),
        )
    else:
        first = Remedy(
            "take all of them from one channel, with one command:",
            (f"conda install {place} --override-channels -c conda-forge {names}",),
        )
    return (
        first,
        Remedy(
            f"or take another build of {ours.name}; this lists them, each with what it "
            "was built for:",
            (f"conda search {ours.name} --info",),
        ),
    )


def _described(package: CondaPackage) -> str:
    channel = f" from {package.channel}" if package.channel else ""
    return f"{package.title} {package.build}".rstrip() + channel
