"""Windows' words in messages: the English ones here, any text by Hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._hosts._messages import code_of_words

# "System Error Codes", with the line break that FormatMessage appends.
ENGLISH = {
    5: "Access is denied.\r\n",
    8: "Not enough memory resources are available to process this command.\r\n",
    14: "Not enough storage is available to complete this operation.\r\n",
    126: "The specified module could not be found.\r\n",
    127: "The specified procedure could not be found.\r\n",
    182: "The operating system cannot run %1.\r\n",
    193: "%1 is not a valid Win32 application.\r\n",
    225: "Operation did not complete successfully because the file contains a virus "
    "or potentially unwanted software.\r\n",
    577: "Windows cannot verify the digital signature for this file. A recent hardware "
    "or software change might have installed a file that is signed incorrectly or "
    "damaged, or that might be malicious software from an unknown source.\r\n",
    998: "Invalid access to memory location.\r\n",
    1114: "A dynamic link library (DLL) initialization routine failed.\r\n",
    1455: "The paging file is too small for this operation to complete.\r\n",
    4551: "",
}
CHINESE = {
    126: "找不到指定的模块。\r\n",
    127: "找不到指定的程序。\r\n",
    182: "操作系统无法运行 %1。\r\n",
    193: "%1 不是有效的 Win32 应用程序。\r\n",
    1114: "动态链接库(DLL)初始化例程失败。\r\n",
}
PREFIX = "DLL load failed while importing _C: "
TABLES = [
    pytest.param(ENGLISH, id="english"),
    pytest.param(CHINESE, id="chinese"),
]


@pytest.mark.parametrize("words", TABLES)
@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(lambda text: text, id="as-it-is"),
        pytest.param(str.rstrip, id="without-line-break"),
        pytest.param(lambda text: text.rstrip("\r\n ."), id="without-final-dot"),
        pytest.param(lambda text: text.replace(" ", "\r\n"), id="broken-lines"),
        pytest.param(lambda text: text.replace(" ", "\xa0"), id="hard-spaces"),
        pytest.param(lambda text: text.replace("%1", r"C:\a b.pyd"), id="filled-in"),
    ],
)
def test_each_code_is_found_back(words: dict[int, str], cut: object) -> None:
    assert callable(cut)
    for code, said in words.items():
        if said:
            assert code_of_words(PREFIX + cut(said), words) == code


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        pytest.param("", {126: "a"}, None, id="no-text"),
        pytest.param("a", {}, None, id="no-codes"),
        pytest.param("a", {126: "", 127: " .\r\n"}, None, id="no-words"),
        pytest.param("a", {126: "%1"}, None, id="nothing-but-a-place"),
        pytest.param("X: b", {126: "a b"}, None, id="part-of-the-words"),
        pytest.param("X: a b c", {126: "a b"}, None, id="not-at-the-end"),
        pytest.param("X: much memory", {8: "memory", 14: "much memory"}, 14, id="long"),
        pytest.param("X: much memory", {14: "much memory", 8: "memory"}, 14, id="last"),
        pytest.param("X: memory", {8: "memory", 14: "much memory"}, 8, id="short"),
        pytest.param("X: outmemory", {8: "memory"}, None, id="inside-a-word"),
        pytest.param("X: same", {8: "same", 14: "same"}, 8, id="same-words"),
        pytest.param(
            "X: cannot run y: not found",
            {182: "cannot run %1", 126: "not found"},
            126,
            id="literal-before-filled-in",
        ),
        pytest.param("X: a (7) b", {1: "a (%1!d!) b"}, 1, id="with-a-format"),
        pytest.param("X: a 1 b 2 c", {1: "a %1 b %2 c"}, 1, id="two-places"),
        pytest.param("X: b 2 c", {1: "a %1 b %2 c"}, None, id="half-of-two"),
        pytest.param("(.*) [", {1: "(.*) ["}, 1, id="no-pattern"),
    ],
)
def test_words(text: str, words: dict[int, str], expected: int | None) -> None:
    assert code_of_words(text, words) == expected


@given(
    prefix=st.text(),
    words=st.lists(
        st.from_regex(r"[a-zé漢]+( [a-zé漢]+)*", fullmatch=True), min_size=1
    ),
)
def test_words_without_inserts_are_always_found(prefix: str, words: list[str]) -> None:
    table = dict(enumerate(words))
    for said in words:
        text = f"{prefix}: {said}"
        found = code_of_words(text + ".\r\n", table)
        assert found is not None
        assert " ".join(text.split()).endswith(table[found])
        assert len(table[found]) >= len(said)
