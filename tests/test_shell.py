"""Words of commands: whatever a name is, both shells take it for one harmless word."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dllguard._remedies._cures import literal
from dllguard._remedies._folder_cures import add_folders, load_before, proposed_by
from dllguard._remedies._order_cures import first_on_path, off_path
from dllguard._shell import harmless, word
from tests.shells import HeededError, command_prompt, powershell

HOSTILE = st.lists(
    st.sampled_from(
        [
            *"&|<>()^%!\"'`$;,#@{}[]*?=+~- \\/.:ax1_\t\n\r\0\x1a\x7f\x85",
            *"\u201c\u201d\u201e\u2018\u2019\u2013\u2028\u202e\u00e9\u5b57\udc80",
            *("$(calc)", "${x}", "$env:x", "%CMDCMDLINE:~-1%", "&&", '\\"', "`n"),
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("torch", "torch"),
        (r"C:\Python312\python.exe", r"C:\Python312\python.exe"),
        ("/mnt/c/Python312", "/mnt/c/Python312"),
        ("C:\\Users\\\u00e9\u5b57", "C:\\Users\\\u00e9\u5b57"),
        (r"C:\Program Files\x", r'"C:\Program Files\x"'),
        ("C:\\Program Files\\", '"C:\\Program Files"'),
        ("C:\\", "C:\\"),
        (r"\\host\C$\x", r'"\\host\C$\x"'),
        ("torch==2.1+cu118", '"torch==2.1+cu118"'),
        ("torch<2", '"torch<2"'),
        (r"C:\R&D\x", r'"C:\R&D\x"'),
        (r"C:\it's\x", r'''"C:\it's\x"'''),
        ("", '""'),
        ("a%PATH%b", '"a?PATH?b"'),
        ("a$(calc)b", '"a?(calc)b"'),
        ("a`b", '"a?b"'),
        ('a"b', '"a?b"'),
        ("a\u201db", '"a?b"'),
        ("a\nb\x1b[2J", '"a?b?[2J"'),
    ],
)
def test_word(text: str, typed: str) -> None:
    assert word(text) == typed


@settings(max_examples=1500, derandomize=True)
@given(HOSTILE)
def test_a_word_is_one_word(text: str) -> None:
    typed = word(text)
    for shell in (command_prompt, powershell):
        given = shell(f"program {typed} after")

        assert len(given) == 3
        # But for a backslash at its end, which names the same folder.
        assert given[1] in (harmless(text), harmless(text).rstrip("\\"))


@settings(max_examples=500, derandomize=True)
@given(HOSTILE)
def test_harmless_changes_what_is_heeded_alone(text: str) -> None:
    shown = harmless(text)

    assert len(shown) == len(text)
    assert all(b in (a, "?") for a, b in zip(text, shown, strict=True))
    assert harmless(shown) == shown
    command_prompt(f'program "{shown}" after')


@pytest.mark.parametrize(
    "line",
    ["a & b", "a | b", "a > b", 'a "b" & "c', 'a "b', "a %x%", "a\nb", 'a "%x%"'],
)
def test_model_of_the_command_prompt(line: str) -> None:
    with pytest.raises(HeededError):
        command_prompt(line)


@pytest.mark.parametrize(
    "line",
    ["a; b", "a & b", 'a "$(b)"', 'a "$b"', 'a "`b"', "a 'b", 'a "b\u201d;c "', "a\nb"],
)
def test_model_of_powershell(line: str) -> None:
    with pytest.raises(HeededError):
        powershell(line)


@settings(max_examples=1000, derandomize=True)
@given(HOSTILE)
def test_a_literal_is_its_text(text: str) -> None:
    source = literal(text)

    assert ast.literal_eval(source) == text
    assert len(source.splitlines()) == 1
    (call,) = add_folders([text]).commands
    (_, parsed) = ast.parse(call).body
    assert isinstance(parsed, ast.Expr)
    assert isinstance(parsed.value, ast.Call)
    assert [ast.literal_eval(a) for a in parsed.value.args] == [text]
    assert proposed_by([add_folders([text])]) in ((text,), (text.rstrip("/\\"),))


@settings(max_examples=500, derandomize=True)
@given(HOSTILE)
def test_path_in_the_command_prompt(folder: str) -> None:
    for remedy in (first_on_path(folder), off_path(folder)):
        for command in remedy.commands:
            # The variable itself is meant to be replaced.
            rest = command.replace("%PATH%", "").replace("%PATH:", "").replace("%", "")
            assert command.count("%") == 2
            assert len(command_prompt(rest)) == 2


def test_folders_that_remedies_propose() -> None:
    remedies = [
        first_on_path(r"D:\a b"),
        off_path(r"D:\not"),
        load_before([r"D:\b\x.dll"]),
        add_folders([r"D:\c", "D:\\d\\"]),
    ]

    assert proposed_by(remedies) == (r"D:\a b", r"D:\b", r"D:\c", "D:\\d\\")
