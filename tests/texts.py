"""Golden texts, and the rules that every text for a user keeps.

``DLLGUARD_UPDATE_GOLDEN=1`` writes the golden files anew instead of comparing.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

import dllguard
from dllguard._help import page
from dllguard._verdict import Diagnosis, FileResult, Report, TargetResult

GOLDEN: Final = Path(__file__).parent / "golden"
SCHEMA: Final[dict[str, Any]] = json.loads(
    Path(dllguard.__file__).with_name("report-schema.json").read_text("utf-8")
)

_RUDE: Final = re.compile(r"\b(please|sorry|oops|simply|just)\b|!", re.IGNORECASE)
# Advice that does harm, where it is a command or follows `help:`.
_BANNED: Final = re.compile(
    r"KMP_DUPLICATE_LIB_OK|dll-?files|\b(copy|move|ren|rename|del)\b.*\.dll"
    r"|\b(copy|put|move)\b.*System32|regsvr32",
    re.IGNORECASE,
)
_FILE: Final = re.compile(r"[^\s:]+\.(dll|pyd)", re.IGNORECASE)
_LONG_LINE: Final = re.compile(
    r"^ {4}.*[\\/]"  # a path, or a chain of them
    r"|^ {10}\S"  # a command
    r"|https?://"
    r"|^\[[a-z-]+\] more: "
    r"|^ {4}(wanted|found):"
    r"|^ *\S*[\\/]\S*$"  # a path that leaves room for nothing else
)


def golden(name: str, diagnosis: Diagnosis) -> str:
    """Compare the text of a diagnosis with its golden file, and with the rules.

    :returns: the text, for what else a test wants to see in it.
    """
    text = str(diagnosis)
    compare(name, text)
    obey(diagnosis)
    return text


def compare(name: str, text: str) -> None:
    """Compare a text with a golden file, whole."""
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("DLLGUARD_UPDATE_GOLDEN") == "1":
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(f"{text}\n", "ascii", newline="\n")
    if not file.is_file():
        pytest.fail(f"no golden/{name}.txt; the text is:\n{text}", pytrace=False)
    assert f"{text}\n" == file.read_text("ascii")


def obey(diagnosis: Diagnosis) -> None:
    """Hold a diagnosis to the rules of its text and to the schema of its JSON."""
    text = str(diagnosis)
    lines = text.splitlines()
    assert text.isascii()
    assert not any(line != line.rstrip() for line in lines)
    assert len(_FILE.sub("x.dll", lines[0])) <= 72, lines[0]
    wide = [line for line in lines[1:] if len(line) > 80]
    assert [line for line in wide if not _LONG_LINE.search(line)] == []
    assert not _RUDE.search(text)
    advice = [remedy.text for remedy in diagnosis.help]
    advice += [command for remedy in diagnosis.help for command in remedy.commands]
    assert [line for line in advice if _BANNED.search(line)] == []
    assert diagnosis.help, "a text without a way out"
    assert page(diagnosis.code) is not None
    target = TargetResult(
        name=diagnosis.target or "",
        files=(FileResult(path="x.dll", winerror=diagnosis.winerror),),
        diagnoses=(diagnosis,),
    )
    validate(Report(targets=(target,)))


def validate(report: Report) -> None:
    """Hold the JSON of a report to the shipped schema."""
    jsonschema.validate(json.loads(json.dumps(report.to_dict())), SCHEMA)
