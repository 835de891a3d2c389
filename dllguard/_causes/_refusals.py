"""A file that somebody did not allow to be loaded: who, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from .._model import Load
from .._packages._distribution import Distribution
from .._remedies import _cures as cures
from .._shell import harmless
from .._tables import _load_errors as codes
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

_ACCESS_DENIED: Final = 5
_VIRUS: Final = (225, 226)
_APP_CONTROL: Final = 4551

_WHO: Final = {
    "on": "Smart App Control is on here: usually it is the one. It refuses unsigned "
    "files that are little known, and has no exceptions for single files.",
    "evaluation": "Smart App Control only watches here (evaluation) and refuses "
    "nothing: it is another policy, usually that of an employer or a school.",
    "off": "Smart App Control is off here: it is another policy, usually that of an "
    "employer or a school.",
    "": "Usually it is Smart App Control (Windows 11), or the policy of an employer "
    "or a school.",
}
_TURN_OFF = Remedy(
    "or, on a machine of your own, turn Smart App Control off (administrator rights; "
    "older releases of Windows 11 turn it on again only after a reset): Windows "
    "Security, App & browser control, Smart App Control settings"
)
_ALLOW = Remedy(
    "look into the history of the antivirus program (Windows Security, Virus & threat "
    "protection, Protection history); if you trust where the file came from, allow it "
    "there, and report the false alarm to the maker of the program"
)
_ADMINISTRATORS = Remedy(
    "or, where others look after the machine, send them the path and the event, and "
    "ask for a rule"
)


def refused(draft: Diagnosis, load: Load, scene: Scene) -> Diagnosis:
    """Say who refused a file, as far as the code and the host tell.

    :param draft: the diagnosis so far.
    :param load: the load, of whose files none is at fault.
    :param scene: host, target and distributions.
    """
    code = draft.winerror
    known = scene.host.circumstances.app_control
    note = codes.REFUSALS[code]
    headline = codes.REFUSAL_HEADLINES[code].format(name=draft.culprit)
    draft = replace(draft, headline=f"{headline} (WinError {code})")
    if code == _ACCESS_DENIED and load.path and not load.faults:
        note = f"{note} {codes.READABLE}"
    if code == _APP_CONTROL:
        note = f"{note} {_WHO[known]}"
    gone = next(
        (f for f in load.faults if f.kind == "missing" and not f.importer), None
    )
    if gone is not None:
        event = scene.event(code)
        draft = replace(
            draft,
            summary=f"{event} The file itself is gone since.",
            chain_end=codes.GONE,
        )
        note = f"{note} Usually it was put into quarantine."
        draft = replace(draft, will_not_help=codes.IN_VAIN_GONE)
    owner = scene.owner_of(load.path) if load.path else None
    helped = tuple(_helped(draft, owner, scene, gone=gone is not None))
    return replace(draft, note=note, help=helped)


def _helped(
    draft: Diagnosis, owner: Distribution | None, scene: Scene, *, gone: bool
) -> Iterator[Remedy]:
    code = draft.winerror
    if code in _VIRUS:
        yield _ALLOW
        if gone and owner is not None:
            again = cures.reinstall(owner, scene.host.environment)
            yield replace(again, text=f"then {again.text}")
    yield Remedy(codes.LOG_SAYS[code], codes.LOGS[code])
    if code == _ACCESS_DENIED and draft.chain and draft.chain[0].path:
        yield Remedy(
            "or see whether your account may read and execute (RX) the file:",
            (f'icacls "{harmless(draft.chain[0].path)}"',),
        )
    if owner is not None and owner.version is not None:
        yield cures.earlier(owner, scene.host.environment)
    if code == _APP_CONTROL and scene.host.circumstances.app_control in ("on", ""):
        yield _TURN_OFF
    yield _ADMINISTRATORS
