"""The page: what is on it, what a hostile name can do, how large it grows."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dllguard._faces._html import html_page
from dllguard._faces._html_markup import seen
from dllguard._faces._html_style import SCRIPT, STYLE
from dllguard._help import codes
from dllguard._model import Link
from dllguard._preflight import report_on
from dllguard._verdict import Diagnosis, FileResult, Remedy, Report, TargetResult
from tests.browser import Browser
from tests.limits import within
from tests.reports import PYTHON, RUNTIME_SET, broken_torch
from tests.texts import compare
from tests.trees import Tree

VOID = {"meta", "br"}
FULL = Diagnosis(
    code="missing-dll",
    headline="x.dll not found (needed by a.pyd)",
    summary="import a would fail with WinError 126.",
    target="a",
    winerror=126,
    culprit="x.dll",
    chain=(Link("a.pyd", r"C:\site\a\a.pyd"), Link("x.dll")),
    chain_end="NOT FOUND",
    symbols=("?f@@YAXXZ",),
    also=("a.pyd -> y.dll   NOT FOUND",),
    wanted="x 2",
    found="x 1",
    searched=(r"C:\site\a",),
    note="a note.",
    help=(Remedy("install it:", ("install x",)), Remedy("or run https://aka.ms/x")),
    will_not_help=("hoping",),
    links=("https://learn.microsoft.com/x",),
    site=(r"C:\site",),
)
HOSTILE = (
    "<script>alert(1)</script>.dll",
    '"><img src=x onerror=alert(1)>.dll',
    "'onmouseover='alert(1).dll",
    "</style><svg onload=alert(1)>.dll",
    "javascript:alert(1).dll",
    "https://evil.example/x.dll",
    "&lt;b&gt;&#0;.dll",
    "]]><!--x.dll",
    "a\u202egnp.dll",
    "\x1b[31m\x00\n\u2028\ufeff\udcff.dll",
    "caf\xe9 \u6f22\u5b57 \u05d0.dll",
)


class Outline(HTMLParser):
    """Reads a page, and complains where elements are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "script"}:
            self.text.append(data)

    def values(self, attribute: str) -> list[str]:
        """Return the values of an attribute, wherever it stands."""
        return [e[attribute] or "" for _, e in self.elements if attribute in e]


def page_of(*diagnoses: Diagnosis, files: tuple[FileResult, ...] = ()) -> str:
    return html_page(Report((TargetResult("a", files, diagnoses),)))


def hostile(name: str) -> Report:
    """Return a report with a name in every place that a name can come to."""
    odd = replace(
        FULL,
        headline=f"{name} not found",
        summary=f"{name} is gone.",
        target=name,
        culprit=name,
        chain=(Link(name, f"C:\\site\\{name}"), Link(name)),
        chain_end=name,
        symbols=(name,),
        also=(name,),
        wanted=name,
        found=name,
        searched=(name,),
        note=name,
        help=(Remedy(name, (name,)),),
        will_not_help=(name,),
        links=(name,),
    )
    file = FileResult(
        f"C:\\site\\{name}", 126, name, "missing-dll", odd.chain, {name: name}
    )
    host: dict[str, object] = {
        "windows": {"name": name, "machine": name},
        "python": {"version": name, "kind": name},
        "runtimes": [{"name": name, "version": None, "path": name}],
        "search": [{"path": name, "role": name}],
    }
    return Report((TargetResult(name, (file,), (odd,), (name,)),), host)


def environment(tree: Tree, packages: int, files: int) -> list[str]:
    """Install packages with extension modules and DLLs of their own."""
    names = [f"package{i}" for i in range(packages)]
    for package in names:
        content = {
            f"{package}/_core/_module_{i}.cp311-win_amd64.pyd": tree.pe(
                PYTHON,
                "KERNEL32.dll",
                f"{package}_{i % 3}.dll",
                *[RUNTIME_SET] * (i % 2),
            )
            for i in range(files - 3)
        }
        for i in range(3):
            below = [f"{package}_{i + 1}.dll"] if i < 2 else []
            content[f"{package}/_core/{package}_{i}.dll"] = tree.pe(
                "msvcp140.dll", "KERNEL32.dll", *below
            )
        tree.install(package, "1.0", content)
    return names


def test_a_page(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    report, host = broken_torch(tree)

    page = html_page(report, host.process)
    below = re.escape(str(tree.root)) + r"([^\s\"',<)]*)"
    page = re.sub(below, lambda at: "C:" + at[1].replace("/", "\\"), page)
    body = page[page.index("<body>") : page.index("<script>")]

    Outline(page)
    compare("page", re.sub(r"(?s)<pre.*?</pre>", "<pre/>", body).rstrip("\n"))


def test_a_page_without_import_tables(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    report, _ = broken_torch(tree)

    text = "".join(Outline(html_page(report)).text)

    assert "torch\\lib\\c10.dll" in text
    assert text.count("WOULD NOT LOAD (WinError 126)") == 3


def test_the_verdict_comes_first(tmp_path: Path) -> None:
    report, host = broken_torch(Tree(tmp_path))
    text = "".join(Outline(html_page(report, host.process)).text)
    order = ("1 of 2 targets would not load", "What is wrong", "Warnings", "What each")

    assert [text.index(words) for words in order] == sorted(map(text.index, order))


@pytest.mark.parametrize(
    "words",
    [
        FULL.headline,
        FULL.summary,
        "a\\a.pyd",
        "NOT FOUND",
        "?f@@YAXXZ",
        "a.pyd -> y.dll   NOT FOUND",
        "x 2",
        "x 1",
        r"C:\site\a",
        "a note.",
        "install x",
        "or run https://aka.ms/x",
        "hoping",
        "what missing-dll means",
    ],
)
def test_nothing_of_a_diagnosis_is_left_out(words: str) -> None:
    assert words in "".join(Outline(page_of(FULL)).text)


def test_addresses_of_ours_can_be_followed() -> None:
    hrefs = Outline(page_of(FULL)).values("href")

    assert "https://aka.ms/x" in hrefs
    assert "https://learn.microsoft.com/x" in hrefs


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_wherever_it_stands(name: str) -> None:
    plain = Outline(html_page(hostile("plain.dll")))
    page = html_page(hostile(name))
    odd = Outline(page)

    # No element and no attribute that a plain name has not: all that it adds is text.
    assert {tag for tag, _ in odd.elements} <= {tag for tag, _ in plain.elements}
    assert sum(tag in {"script", "style"} for tag, _ in odd.elements) == 2
    assert {k for _, e in odd.elements for k in e} <= {
        k for _, e in plain.elements for k in e
    } | {"href", "rel"}
    assert not [h for h in odd.values("href") if h.startswith("javascript")]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\u2028\ufeff]", page)
    page.encode("utf-8")
    assert seen(name) in "".join(odd.text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain.dll", "plain.dll"),
        ("caf\xe9 \u6f22.dll", "caf\xe9 \u6f22.dll"),
        ("a\u202eb", r"a\u202eb"),
        ("\x1b\x7f\n", r"\x1b\x7f\x0a"),
        ("\udc80\U000e0001\ue000\u2066\u200b", r"\udc80\U000e0001\ue000\u2066\u200b"),
    ],
)
def test_what_is_not_seen_is_escaped(text: str, shown: str) -> None:
    assert seen(text) == shown


def test_the_policy_allows_what_is_in_the_page_and_nothing_else() -> None:
    page = page_of(FULL)
    outline = Outline(page)
    (policy,) = (v for v in outline.values("content") if "default-src" in v)
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (STYLE, SCRIPT)
    ]

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; "
        f"script-src 'sha256-{hashes[1]}'; base-uri 'none'; form-action 'none'"
    )
    assert page.count("<style>") == page.count("<script>") == 1
    assert not outline.values("src") + outline.values("style")
    assert "url(" not in STYLE
    assert not [k for _, e in outline.elements for k in e if k.startswith("on")]


def test_every_reference_leads_somewhere(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    names = environment(tree, 4, 8)
    host = tree.host()
    outline = Outline(html_page(report_on(host, tuple(names)), host.process))
    ids = outline.values("id")
    inside = {h[1:] for h in outline.values("href") if h.startswith("#")}

    assert len(ids) == len(set(ids))
    assert inside <= set(ids)
    assert any(h.startswith("n") for h in inside)


@pytest.mark.parametrize("code", codes())
def test_each_code_has_its_page_below(code: str) -> None:
    page = page_of(replace(FULL, code=code))

    assert f'id="code-{code}"' in page
    assert "what it means:" in page


def test_no_windows() -> None:
    text = "".join(Outline(html_page(Report(applicable=False))).text)

    assert "Nothing to check: this is not Windows" in text


@pytest.fixture(scope="module", params=[(14, 44, 35211, 0), None], ids=["ok", "FAIL"])
def large(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Write the page on an environment with 2,000 native files."""
    folder = tmp_path_factory.mktemp("large")
    tree = Tree(folder / "c", redistributable=request.param)
    names = environment(tree, 118, 20)
    host = tree.host()
    report = report_on(host, tuple(names))
    assert sum(len(target.files) for target in report.targets) >= 2000
    assert report.ok == (request.param is not None)
    with within(10):
        page = html_page(report, host.process)
    path = folder / "report.html"
    path.write_text(page, "utf-8", newline="\n")
    return path


def test_a_page_on_two_thousand_files_is_small(large: Path) -> None:
    assert large.stat().st_size < 3_000_000


def test_only_a_long_page_is_laid_out_as_it_is_scrolled(
    large: Path, written: Path
) -> None:
    # What is laid out late is blank in a picture of the whole page.
    assert "tree long" in large.read_text("utf-8")
    assert "tree long" not in written.read_text("utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as one:
        yield one


@pytest.fixture
def written(tmp_path: Path) -> Path:
    tree = Tree(tmp_path / "c", redistributable=(14, 29, 30139, 0))
    report, host = broken_torch(tree)
    odd = hostile("<img src=https://evil.example/x.png>" + "w" * 300 + ".dll").targets
    path = tmp_path / "report.html"
    report = replace(report, targets=(*report.targets, *odd))
    path.write_text(html_page(report, host.process), "utf-8", newline="\n")
    return path


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
def test_in_a_browser(browser: Browser, written: Path, width: int, dark: bool) -> None:
    page = browser.open(written, width=width, height=844, dark=dark)

    assert page.requested == [written.as_uri()]
    assert page.complaints == []
    assert page.value("document.documentElement.scrollWidth") == width
    red, green, blue = page.value(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert (red + green + blue < 200) == dark
    page.screenshot(written.with_name("page.png"))
    assert written.with_name("page.png").stat().st_size > 20_000


def test_expand_and_copy_in_a_browser(browser: Browser, written: Path) -> None:
    page = browser.open(written, width=1280, height=844)
    browser.call(
        "Browser.grantPermissions",
        permissions=["clipboardReadWrite", "clipboardSanitizedWrite"],
    )
    closed = "document.querySelectorAll('details:not([open])').length"
    before = page.value(closed)
    page.click("details:not([open]) > summary")
    page.click(".command button")
    button = "document.querySelector('.command button').textContent"
    page.wait(f"{button} != 'Copy'")
    copied = page.value(button)
    line = page.value("document.querySelector('.command code').textContent")

    assert page.value(closed) == before - 1
    assert copied == "Copied"
    assert page.value("navigator.clipboard.readText()") == line


def test_paper_shows_what_is_folded(browser: Browser, written: Path) -> None:
    page = browser.open(written, width=1280, height=844)
    # Without the script: the style sheet alone opens what is folded.
    page.call("Emulation.setEmulatedMedia", media="print")
    below = "details:not(.bulk):not([open]) > :not(summary)"
    folded = f"[...document.querySelectorAll('{below}')]"

    assert page.value(f"{folded}.length") > 0
    assert page.value(f"{folded}.every(e => e.checkVisibility())")
    assert page.value("getComputedStyle(document.querySelector('button')).display") == (
        "none"
    )


def test_two_thousand_files_open_in_a_moment(browser: Browser, large: Path) -> None:
    # A second or two is what a person waits for; the limit leaves room for a busy CPU.
    assert browser.open(large, width=1280, height=844).seconds < 8
