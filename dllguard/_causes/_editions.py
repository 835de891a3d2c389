"""A part of Windows that this edition, installation or image of it is without."""

from __future__ import annotations

from dataclasses import replace

from .._hosts._release import build_of, windows_of
from .._model import Fault
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._windows_features import (
    CORE_IMAGE,
    FIRST_CAPABILITY_BUILD,
    FULL_IMAGES,
    MEDIA_FEATURE_PACK,
    NANO_LACKS,
    REDUCED,
    SERVER_MEDIA_FOUNDATION,
)
from .._verdict import Diagnosis, Remedy
from ._scene import Scene
from ._too_old import NOT_FROM_ELSEWHERE, NOT_THE_RUNTIME, REPAIR

_WINDOWS_11 = 22000


def media_foundation(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    """Explain a DLL of Media Foundation on N and KN editions, or on Windows Server."""
    facts = scene.host.circumstances
    remedies: tuple[Remedy, ...]
    who = f"{fault.culprit} belongs to Media Foundation, a part of Windows"
    if facts.installation == "Server":
        note = f"{who} that Windows Server has once its feature is turned on."
        remedies = (_server_feature(),)
    elif is_n(facts.edition):
        note = f"{who} that N and KN editions are sold without."
        remedies = _feature_pack(scene)
    elif facts.edition:
        note = f"{who} that this edition should have: usually it was taken out of this "
        note += "Windows, or its files are damaged."
        remedies = REPAIR
    else:
        note = f"{who}. N and KN editions, Windows Server and its container images do "
        note += "not have it by themselves; which of these this is, is not known."
        remedies = (
            _where("on an N or KN edition", _feature_pack(scene)[0]),
            _where("on Windows Server", _server_feature()),
            _where("in a container", _image(scene)),
        )
    owner = scene.importing(fault)
    environment = scene.host.environment
    if owner is not None and owner.version and not environment.is_frozen:
        command = cures.upgrade(environment, owner.name)
        text = f"or, without administrator rights, try the newest {owner.name}; it may "
        remedies = (*remedies, Remedy(f"{text}do without it:", (command,)))
    return _told(diagnosis, note, remedies, scene)


def reduced_installation(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    """Explain a DLL that Server Core or Nano Server are without."""
    kind = scene.host.circumstances.installation
    core = kind == "Nano Server" and fault.culprit.lower() in NANO_LACKS
    remedies = [_where("in a container", _image(scene, core=core))]
    if kind != "Nano Server":
        text = "on a computer: install Windows Server with Desktop Experience"
        remedies.append(Remedy(text))
    note = f"{fault.culprit} is a part of Windows that {kind} leaves out, like much of "
    note += "what has to do with media and the desktop."
    return _told(diagnosis, note, tuple(remedies), scene)


def incomplete_windows(diagnosis: Diagnosis, fault: Fault, scene: Scene) -> Diagnosis:
    """Explain a DLL that a clean Windows 11 has, and of which no more is known."""
    remedies: tuple[Remedy, ...] = REPAIR
    if 0 < build_of(scene.host) < _WINDOWS_11:
        note = f"{fault.culprit} is a part of Windows 11. Either this Windows is too "
        note += "old for it, or the file was taken out; the repair shows which."
        remedies = (*remedies, Remedy("or run it on Windows 11"))
    else:
        note = f"{fault.culprit} is a part of Windows: usually somebody took it out, "
        note += "or this edition is a reduced one."
    return _told(diagnosis, note, remedies, scene)


def is_n(edition: str) -> bool:
    """Tell the editions without media, as EditionID names them: ProfessionalN."""
    return edition.removesuffix("Eval").endswith("N")


def _told(
    diagnosis: Diagnosis, note: str, remedies: tuple[Remedy, ...], scene: Scene
) -> Diagnosis:
    facts = scene.host.circumstances
    kind = facts.installation if facts.installation in REDUCED else ""
    told = ", ".join(filter(None, (windows_of(scene.host), facts.edition, kind)))
    return replace(
        diagnosis,
        code="missing-windows-feature",
        found=told,
        note=note,
        help=remedies,
        will_not_help=(NOT_THE_RUNTIME, NOT_FROM_ELSEWHERE),
    )


def _where(place: str, remedy: Remedy) -> Remedy:
    return replace(remedy, text=f"{place}: {remedy.text}")


def _feature_pack(scene: Scene) -> tuple[Remedy, ...]:
    if 0 < build_of(scene.host) < FIRST_CAPABILITY_BUILD:
        return (
            Remedy(
                f"install the Media Feature Pack made for {windows_of(scene.host)}, "
                f"then restart the computer: {links.MEDIA_FEATURE_PACKS}"
            ),
        )
    return (
        Remedy(
            "add the Media Feature Pack (as administrator), then restart the computer:",
            (f"DISM /Online /Add-Capability /CapabilityName:{MEDIA_FEATURE_PACK}",),
        ),
        Remedy(
            "or by hand: Settings, Apps (later Windows 11: System), Optional features, "
            "Add a feature, Media Feature Pack; then restart the computer"
        ),
    )


def _server_feature() -> Remedy:
    return Remedy(
        "turn the feature on (PowerShell as administrator), then restart:",
        (f"Install-WindowsFeature {SERVER_MEDIA_FOUNDATION}",),
    )


def _image(scene: Scene, *, core: bool = False) -> Remedy:
    build = build_of(scene.host)
    fitting = [name for first, name in FULL_IMAGES if first <= build]
    image = CORE_IMAGE if core else "".join(fitting[:1]) or FULL_IMAGES[1][1]
    text = "build on a fuller image, of the release of the container host:"
    return Remedy(text, (f"FROM {image}",))
