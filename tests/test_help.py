"""The long pages, and that every code has one and a golden text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dllguard
from dllguard._help import codes, page
from tests.texts import GOLDEN

PACKAGE = Path(dllguard.__file__).parent
PARTS = [
    "what it means:",
    "how dllguard knows:",
    "what to do:",
    "what does not help:",
    "sources:",
]
_COMMAND = re.compile(r"^ {10,}\S")


def text_of(code: str) -> str:
    """Return a page that must be there."""
    text = page(code)
    assert text is not None
    return text


def parts_of(code: str) -> dict[str, list[str]]:
    """Return the lines of a page by their heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in text_of(code).splitlines():
        if line.endswith(":") and not line.startswith(" "):
            heading = line
        found.setdefault(heading, []).append(line)
    return found


def test_every_code_has_a_golden_text() -> None:
    last = [file.read_text("ascii").splitlines()[-1] for file in GOLDEN.rglob("*.txt")]
    shown = {found[1] for line in last if (found := re.match(r"\[([a-z-]+)\] ", line))}

    assert shown == set(codes())


def test_no_such_page() -> None:
    assert page("no-such-code") is None
    assert page("../_model") is None


@pytest.mark.parametrize("code", codes())
class TestPage:
    def test_form(self, code: str) -> None:
        text = text_of(code)
        lines = text.splitlines()

        assert lines[:2] == [code, ""]
        assert text.isascii()
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert [heading for heading in parts_of(code) if heading] == PARTS
        assert not any(line != line.rstrip() for line in lines)
        assert [line for line in lines if len(line) > 80 and not _is_wide(line)] == []

    def test_tone(self, code: str) -> None:
        words = re.compile(
            r"\b(please|sorry|oops|simply|obviously)\b|!(?!=)", re.IGNORECASE
        )

        assert [line for line in text_of(code).splitlines() if words.search(line)] == []

    def test_nothing_harmful_is_recommended(self, code: str) -> None:
        advised = "\n".join(parts_of(code)["what to do:"])
        commands = [line for line in advised.splitlines() if _COMMAND.match(line)]

        assert "KMP_DUPLICATE_LIB_OK" not in advised
        assert not re.search(r"DLL (download )?site", advised, re.IGNORECASE)
        assert not re.search(
            r"(copy|put|move) [^.]{0,80} (in)?to\s+System32", advised, re.IGNORECASE
        )
        assert not re.search(r"\brenam", advised, re.IGNORECASE)
        assert not any(re.search(r"^\s*(ren|copy|move|del) ", c) for c in commands)

    def test_commands_name_codes_that_exist(self, code: str) -> None:
        named = re.findall(r"dllguard help ([a-z-]+)", text_of(code))

        assert set(named) <= set(codes())

    def test_links_are_official(self, code: str) -> None:
        hosts = set(re.findall(r"https?://([^/\s]+)", text_of(code)))

        assert hosts <= {
            "aka.ms",
            "docs.python.org",
            "learn.microsoft.com",
            "packaging.python.org",
            "pytorch.org",
            "www.python.org",
        }


def _is_wide(line: str) -> bool:
    return "://" in line or _COMMAND.match(line) is not None
