"""A report as one page: no network, and nothing that needs a script to be read.

The page may be sent on and opened anywhere. Its policy ("Content Security Policy Level
3", W3C) allows the style sheet and the script that are in it, known by their hashes,
and nothing else: a name out of a file could not do harm even if it were not escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping

from .._help import page
from .._loader._process import Process
from .._verdict import Diagnosis, Report, TargetResult
from ._html_diagnosis import article
from ._html_forest import forest_of
from ._html_markup import details, element, items, text_of
from ._html_style import SCRIPT, STYLE
from ._standing import counted, failing_first, judged_for, part, standing, summed_up


def html_page(report: Report, process: Process | None = None) -> str:
    """Write a report as a self-contained HTML page.

    :param report: the verdict on the targets.
    :param process: the process of the host that was judged for: its disk has the
        import tables. Without it the page does not say which file imports what.
    :returns: the page, to be written as UTF-8.
    """
    head = "".join(
        (
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{text_of(summed_up(report))} - dllguard</title>",
            f"<style>{STYLE}</style>",
        )
    )
    body = "\n".join(_body(report, process))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>{head}</head>\n'
        f"<body>\n{body}\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _policy() -> str:
    style, script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (STYLE, SCRIPT)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; "
        f"script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )


def _body(report: Report, process: Process | None) -> Iterator[str]:
    anchors = {found: f"d{i}" for i, found in enumerate(report.diagnoses, 1)}
    yield element("header", "".join(_top(report)), class_="top")
    yield "<main>"
    yield element("ul", "".join(_targets(report, anchors)), class_="targets")
    yield from _chapter("What is wrong", "error", anchors)
    yield from _chapter("Warnings", "warning", anchors)
    if report.targets:
        yield "<h2>What each file loads</h2>"
        yield forest_of(report, process)
    yield from _host(report)
    yield from _pages(report.diagnoses)
    yield "</main>"
    yield (
        "<footer>Written by dllguard. This page holds all that it shows: opening it "
        "asks nothing of the network.</footer>"
    )


def _top(report: Report) -> Iterator[str]:
    yield '<p class="product">dllguard: would it load on Windows?</p>'
    kind = "good" if report.ok else "bad"
    yield element("h1", text_of(summed_up(report)), class_=kind)
    host = judged_for(report)
    if host:
        yield element("p", f"Judged for {text_of(host)}.")


def _targets(report: Report, anchors: Mapping[Diagnosis, str]) -> Iterator[str]:
    for target in failing_first(report):
        yield element("li", "".join(_target(target, anchors)))


def _target(target: TargetResult, anchors: Mapping[Diagnosis, str]) -> Iterator[str]:
    kind, word = ("good", "ok") if target.ok else ("bad", "FAIL")
    yield element("span", word, class_=f"mark {kind}")
    rest = standing(target).partition(", ")[2]
    yield f"<b>{text_of(target.name)}</b>" + (f": {text_of(rest)}" if rest else "")
    yield items(
        element("a", text_of(found.headline), href=f"#{anchors[found]}")
        for found in target.diagnoses
    )
    yield items(f"Note: {text_of(note)}" for note in target.notes)


def _chapter(
    title: str, severity: str, anchors: Mapping[Diagnosis, str]
) -> Iterator[str]:
    found = [(d, anchor) for d, anchor in anchors.items() if d.severity == severity]
    if found:
        yield element("h2", title)
        yield from (article(diagnosis, anchor) for diagnosis, anchor in found)


def _host(report: Report) -> Iterator[str]:
    windows, python = part(report, "windows"), part(report, "python")
    rows = [
        ("Windows", windows.get("name")),
        ("edition", windows.get("edition")),
        ("installation", windows.get("installation")),
        ("Smart App Control", windows.get("app_control")),
        ("System32", windows.get("system")),
        ("Python", python.get("version")),
        ("executable", python.get("executable")),
        ("application folder", python.get("application")),
        ("redistributable registered", report.host.get("registered_runtime")),
    ]
    known = ((name, text_of(str(value))) for name, value in rows if value)
    facts = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in known)
    tables = (
        _table("Visual C++ runtimes", report.host.get("runtimes")),
        _table("Folders searched, in order", report.host.get("search")),
    )
    if facts or any(tables):
        yield "<h2>The machine it was judged for</h2>"
        content = element("dl", facts, class_="facts") + "".join(tables)
        yield details("Windows, Python, runtimes, folders", content)


def _table(title: str, rows: object) -> str:
    if not isinstance(rows, list) or not rows:
        return ""
    lines = (
        "".join(element("td", text_of(str(v or "-"))) for v in row.values())
        for row in rows
        if isinstance(row, Mapping)
    )
    content = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<h4>{title}</h4><table>{content}</table>"


def _pages(diagnoses: Iterable[Diagnosis]) -> Iterator[str]:
    codes = sorted({found.code for found in diagnoses})
    texts = [(code, page(code)) for code in codes]
    if texts:
        yield f"<h2>About {counted(len(texts), 'code')}</h2>"
    for code, text in texts:
        content = element("pre", text_of_lines(text or ""), class_="page")
        yield element("div", details(text_of(code), content), id=f"code-{code}")


def text_of_lines(text: str) -> str:
    """Return lines as HTML."""
    return "\n".join(map(text_of, text.split("\n")))
