"""What dllguard found out: diagnoses, and reports made of them, as frozen values.

Text and JSON are two renderings of these values (`_report`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ._model import Link


@dataclass(frozen=True)
class Remedy:
    """One way out: a sentence, then commands to paste."""

    text: str
    commands: tuple[str, ...] = ()


Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Diagnosis:
    """One explained fault: what is wrong, the proof, and what to do about it.

    `str()` of a diagnosis is the report text. It holds plain values only, so that
    it survives pickling and can be sent to another process.
    """

    code: str
    headline: str
    summary: str
    severity: Severity = "error"
    target: str | None = None
    winerror: int = 0
    culprit: str | None = None
    chain: tuple[Link, ...] = ()
    chain_end: str = ""
    """What is wrong with the last link: NOT FOUND, WRONG MACHINE, ..."""
    symbols: tuple[str, ...] = ()
    """Lines below the chain that show the symbols which are lacking."""
    missing: tuple[str, ...] = ()
    """All symbols that are lacking, decorated; ordinals as `#7`."""
    also: tuple[str, ...] = ()
    """Chains of other faults that the same cure, or another, must end."""
    wanted: str | None = None
    found: str | None = None
    searched: tuple[str, ...] = ()
    note: str | None = None
    help: tuple[Remedy, ...] = ()
    will_not_help: tuple[str, ...] = ()
    """What people try in such a case in vain, each beginning with a gerund."""
    links: tuple[str, ...] = ()
    interpreter: str = "python"
    site: tuple[str, ...] = ()
    """Folders that a path in the text is shortened against."""

    def __str__(self) -> str:
        from ._report import diagnosis_text

        return diagnosis_text(self)


@dataclass(frozen=True)
class FileResult:
    """One judged file of a target."""

    path: str
    winerror: int
    culprit: str | None = None
    code: str | None = None
    chain: tuple[Link, ...] = ()
    resolved: Mapping[str, str] = field(default_factory=dict)
    tried: int | None = None
    """Code of a real load, -1 where it ended the process, None where none was made."""


@dataclass(frozen=True)
class TargetResult:
    """Everything found out about one target."""

    name: str
    files: tuple[FileResult, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    notes: tuple[str, ...] = ()
    """What is worth knowing and stops no import, one sentence each."""
    site: tuple[str, ...] = ()
    ignored: tuple[Diagnosis, ...] = ()
    """Findings that were left out of the verdict because somebody asked for that."""

    @property
    def ok(self) -> bool:
        """Whether importing or loading the target would succeed."""
        return not any(found.severity == "error" for found in self.diagnoses)


@dataclass(frozen=True)
class Report:
    """The verdict on one or more targets."""

    targets: tuple[TargetResult, ...] = ()
    host: Mapping[str, object] = field(default_factory=dict)
    applicable: bool = True
    """False where there is no Windows to judge: not on Windows, and none given."""

    @property
    def ok(self) -> bool:
        """Whether every target would load."""
        return all(target.ok for target in self.targets)

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Each finding once, the errors first."""
        found = dict.fromkeys(d for target in self.targets for d in target.diagnoses)
        return tuple(sorted(found, key=lambda d: d.severity != "error"))

    def raise_if_failed(self) -> None:
        """Raise `dllguard.DllImportError` for the first error; return if all is well.

        :raises dllguard.DllImportError: with the diagnosis as text and attribute.
        """
        from ._errors import DllImportError

        for diagnosis in self.diagnoses:
            if diagnosis.severity == "error":
                error = DllImportError(diagnosis.headline)
                error.explain(str(diagnosis), diagnosis)
                raise error

    def to_dict(self) -> dict[str, object]:
        """Return the report as JSON-ready values, as `report-schema.json` has them."""
        from ._report import report_dict

        return report_dict(self)

    def __str__(self) -> str:
        from ._report import report_text

        return report_text(self)
