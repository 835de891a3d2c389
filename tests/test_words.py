"""Windows' own words: each is found again, as it stands and through a code page."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from dllguard._logs._wine_words import WINE_WORDS
from dllguard._logs._wording import wording
from dllguard._logs._words import (
    ENTRY_POINT,
    LANGUAGES,
    LOGS,
    MICROSOFT,
    MISSING,
    REACTOS,
    WORDS,
)
from dllguard._tables._load_errors import AMBIGUOUS_ERRORS, LOAD_ERRORS

SCRIPT = Path(__file__).with_name("derive_words.py")
# The code page of consoles in a language, and the one of its text files.
PAGES = {
    "cs": ("cp852", "cp1250"),
    "de": ("cp850", "cp1252"),
    "el": ("cp737", "cp1253"),
    "es": ("cp850", "cp1252"),
    "fr": ("cp850", "cp1252"),
    "hu": ("cp852", "cp1250"),
    "it": ("cp850", "cp1252"),
    "ja": ("cp932", "cp1252"),
    "ko": ("cp949", "cp1252"),
    "pl": ("cp852", "cp1250"),
    "pt": ("cp850", "cp1252"),
    "ro": ("cp852", "cp1250"),
    "ru": ("cp866", "cp1251"),
    "sv": ("cp850", "cp1252"),
    "tr": ("cp857", "cp1254"),
    "zh-CN": ("cp936", "cp1252"),
    "zh-TW": ("cp950", "cp1252"),
}
ROWS = [
    pytest.param(*row, id=f"{row[0]}-{row[1]}-{at}") for at, row in enumerate(WORDS)
]


@pytest.mark.parametrize(("code", "language", "words", "source"), ROWS)
class TestRow:
    def test_form(self, code: int, language: str, words: str, source: str) -> None:
        assert code in LOAD_ERRORS + AMBIGUOUS_ERRORS
        assert language in LANGUAGES
        assert words == words.strip(" .")
        assert source in (LOGS, MICROSOFT, REACTOS) or re.fullmatch(
            r"[\w.-]+/[\w.-]+#\d+", source
        )

    def test_is_found(self, code: int, language: str, words: str, source: str) -> None:
        del source
        for text in (
            f"DLL load failed while importing _x: {words}.",
            words.replace("%1", "C:\\a folder\\x.dll"),
            words.replace(" ", "\n      "),
        ):
            found = wording(text)
            assert found is not None
            assert (found.code, found.garbled) == (code, False)
            assert found.language == language or found.words == words

    def test_is_found_in_another_code_page(
        self, code: int, language: str, words: str, source: str
    ) -> None:
        del source
        if words.isascii():
            return
        oem, ansi = PAGES[language]
        shown = words.encode(oem, "ignore")
        for text in (
            _shown(shown, ansi),
            _shown(words.encode(), "cp1252"),
        ):
            found = wording(f"OSError: {text}.")
            assert found is not None
            assert found.code == code


def _shown(content: bytes, page: str) -> str:
    """Return bytes as Windows shows them, undefined ones as control characters."""
    return "".join(bytes([b]).decode(page, "ignore") or chr(b) for b in content)


def test_no_row_stands_twice() -> None:
    assert len(WORDS) == len({row[:3] for row in WORDS})


def test_one_meaning_for_each_wording() -> None:
    said = {
        words: {c for c, _, w, _ in WORDS if w == words} for _, _, words, _ in WORDS
    }

    assert [words for words, codes in said.items() if len(codes) > 1] == []


@pytest.mark.parametrize("code", [126, 127, 193, 1114, 4551])
def test_the_languages_of_the_field(code: int) -> None:
    """Those that most threads are in."""
    languages = {language for c, language, _, _ in WORDS if c == code}

    # In traditional Chinese the words for 127 are those of the simplified one.
    missing = {"en", "zh-CN", "zh-TW", "ja", "ko", "ru", "de", "fr", "es", "pt"}
    assert missing - languages <= {"zh-TW"} & ({"zh-TW"} if code == 127 else set())


@pytest.mark.parametrize(
    ("language", "trigger", "pattern", "source"), [*MISSING, *ENTRY_POINT]
)
def test_pop_ups(language: str, trigger: str, pattern: str, source: str) -> None:
    assert language in LANGUAGES
    assert trigger in pattern
    assert "{file}" in pattern
    assert source
    re.compile(pattern.replace("{file}", "x").replace("{symbol}", "y"))


# Wine's words.


@pytest.mark.parametrize("code", WINE_WORDS)
def test_words_of_wine_are_found(code: int) -> None:
    for words in WINE_WORDS[code]:
        found = wording(f"DLL load failed while importing _x: {words}.")
        assert found is not None
        assert found.code == code
        assert found.language == "wine"


def test_words_of_wine_are_those_of_wine() -> None:
    derive = _derive()
    path = derive.find()
    wine = shutil.which("wine")
    if path is None or wine is None:
        pytest.skip("no Wine on this machine")
    version = subprocess.run(
        [wine, "--version"], check=True, capture_output=True, text=True
    ).stdout
    if not version.startswith("wine-8."):
        pytest.skip(f"the table is of Wine 8, here is {version.strip()}")

    assert derive.words(path) == dict(WINE_WORDS)
    assert derive.module(path) == derive.GENERATED.read_text("utf-8")


def _derive() -> ModuleType:
    spec = importlib.util.spec_from_file_location("derive_words", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# What is none of Windows' words.


@pytest.mark.parametrize(
    "text", ["", " ", "?", "\ufffd" * 50, "The specified", "%1", "Zugriff", "找不到"]
)
def test_other_words(text: str) -> None:
    assert wording(text) is None
