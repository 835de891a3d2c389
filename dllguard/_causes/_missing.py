"""A DLL that was found nowhere on the search list: the first cause that fits it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from .._model import Fault, Load
from .._packages._distribution import Distribution
from .._paths import folder_of
from .._remedies import _cures as cures
from .._verdict import Diagnosis, Remedy
from ._abi import missing_python
from ._builds import cpu_build
from ._conda_python import conda_python
from ._elsewhere import elsewhere
from ._frozen import frozen_omission
from ._missing_feature import missing_feature
from ._missing_part import missing_part
from ._missing_product import missing_product
from ._missing_runtime import (
    build_tools_runtime,
    debug_runtime,
    redistributable_runtime,
)
from ._plug_in import plug_in
from ._process_state import unset_directory
from ._scene import Scene, steps
from ._stale import stale_module
from ._unmet_requirements import unmet_requirements
from ._variants import wrong_variant
from ._wrong_copies import wrong_copy_alone

_MOST_NAMED: Final = 5


def missing(fault: Fault, load: Load, scene: Scene) -> Diagnosis:
    """Explain a DLL that was found nowhere on the search list."""
    diagnosis = replace(
        scene.draft(
            "missing-dll",
            f"{fault.culprit} not found{scene.needed_by(fault)}",
            fault,
            load,
        ),
        summary=_summary(fault, scene),
        chain_end="NOT FOUND",
    )
    for cause in _CAUSES:
        found = cause(diagnosis, fault, load, scene)
        if found is not None:
            return found
    return _nowhere(diagnosis, fault, scene)


def _summary(fault: Fault, scene: Scene) -> str:
    event = scene.event(fault.winerror)
    if fault.importer is None:
        return f"{event} The file itself is not there."
    if fault.importer.path is None:
        return f"{event} No folder of the search list holds a file of that name."
    if len(fault.chain) == 2:
        return f"{event} {fault.chain[0].name} is there; a DLL that it imports is not."
    return (
        f"{event} {fault.chain[0].name} is there; the missing file is "
        f"{steps(fault.chain)}."
    )


def _recorded(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain a file that a distribution once brought."""
    owner = _recorded_owner(fault, load, scene)
    if owner is None:
        return None
    return replace(
        diagnosis,
        code="incomplete-installation",
        note=f"RECORD of {owner.title} lists this file: it was installed, and is "
        "gone. Usually an antivirus program, an interrupted upgrade or a copied "
        "folder is the reason.",
        help=(cures.reinstall(owner, scene.host.environment),),
    )


def _recorded_owner(fault: Fault, load: Load, scene: Scene) -> Distribution | None:
    """Return the distribution whose RECORD lists the file that is not there.

    One that would have put it into a folder which is not searched is no help, unless
    it is the importer's own and finds its folders in a way that is not known here.
    """
    disk = scene.host.process.disk
    importer = scene.importing(fault)
    folders = {folder.path.lower() for folder in load.search}
    for owner, file in scene.host.environment.recorded(fault.culprit):
        searched = folder_of(file.path).lower() in folders
        own = importer is not None and importer.name == owner.name
        if (searched or own or not load.search) and not disk.exists(file.path):
            return owner
    return None


def _nowhere(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    importer = fault.importer
    owner = scene.importing(fault)
    if owner is None:
        who, verb = fault.culprit, "install"
        if importer and importer.path:
            who, verb = importer.name, "reinstall"
        return replace(
            diagnosis,
            note="dllguard does not know which product brings this file.",
            help=(Remedy(f"{verb} the product that {who} belongs to"),),
        )
    unmet = unmet_requirements(owner, scene)
    return replace(
        diagnosis,
        note=_origin(fault, owner, unmet),
        help=tuple(_ways(fault, owner, unmet, scene)),
    )


def _origin(fault: Fault, owner: Distribution, unmet: Mapping[str, str]) -> str:
    origin = "usually it belongs to another product, or the release forgot it."
    record = ""
    if owner.is_without(fault.culprit):
        record = f"RECORD of {owner.title} does not list {fault.culprit}"
    if not unmet:
        if record:
            record += f", so reinstalling {owner.name} does not bring it: "
        return record + origin
    names, rest = [*unmet][:_MOST_NAMED], len(unmet) - _MOST_NAMED
    last = f"{rest} more" if rest > 0 else names.pop()
    listed = " and ".join(filter(None, (", ".join(names), last)))
    # What is not there cannot tell what it brings.
    return (
        f"{record}{'. ' if record else ''}{owner.name} requires {listed}, not "
        f"installed here, which may bring it; otherwise {origin}"
    )


def _ways(
    fault: Fault, owner: Distribution, unmet: Mapping[str, str], scene: Scene
) -> Iterator[Remedy]:
    environment = scene.host.environment
    lead = ""
    if unmet:
        yield Remedy(
            f"install what {owner.name} requires{cures.index(owner)}:",
            (cures.install(owner, environment, *unmet.values()),),
        )
        lead = "or "
    yield Remedy(
        f"{lead}try another release of {owner.name}:",
        (cures.upgrade(environment, owner.name),),
    )
    yield Remedy(
        f"or install the product that brings {fault.culprit}; usually the "
        f"documentation of {owner.name} names it"
    )


_CAUSES: Final = (
    # Nothing is installed into a frozen program.
    frozen_omission,
    _recorded,
    cpu_build,
    # What a cache holds is compiled anew, whatever it lacks.
    stale_module,
    wrong_variant,
    debug_runtime,
    build_tools_runtime,
    redistributable_runtime,
    plug_in,
    conda_python,
    # The DLL of another Python, wherever it is, is of no use to this one.
    missing_python,
    # What is part of Windows is not to be taken from another product's folder.
    missing_feature,
    unset_directory,
    elsewhere,
    wrong_copy_alone,
    # A copy on this machine goes before one that is to be installed.
    missing_product,
    missing_part,
)
"""Each says what it knows of a missing DLL, or None; the first one is right."""
