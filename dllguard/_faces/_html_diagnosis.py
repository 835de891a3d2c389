"""One diagnosis as a part of the page: what is wrong, the proof, the way out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .._loader._process import import_name
from .._model import Link
from .._paths import base_name, shortened
from .._verdict import Diagnosis, Remedy
from ._html_markup import command, details, element, file_of, items, text_of
from ._standing import counted

# The sites that our own texts name. A name out of a file may look like an address too.
_ADDRESS: Final = re.compile(
    r"https://(?:aka\.ms|(?:[\w-]+\.)*(?:microsoft\.com|python\.org|pytorch\.org"
    r"|nvidia\.com))(?:/[\w./?=#%+-]*\w)?/?"
)
# More than that are folded.
_FEW: Final = 10
_WEB: Final = ("https://", "http://")


def article(found: Diagnosis, anchor: str) -> str:
    """Return a diagnosis as HTML.

    :param anchor: the id by which the page refers to it.
    """
    kind = "bad" if found.severity == "error" else "warn"
    content = "".join(_parts(found))
    return element("article", content, class_=kind, id=anchor)


def _parts(d: Diagnosis) -> Iterator[str]:
    kind = "bad" if d.severity == "error" else "warn"
    mark = element("span", d.severity, class_=f"mark {kind}")
    yield f"{mark}{element('code', text_of(d.code))}"
    yield element("h3", text_of(d.headline))
    if d.summary:
        yield element("p", text_of(d.summary))
    yield _chain(d)
    rows = [(name, v) for name, v in (("wanted", d.wanted), ("found", d.found)) if v]
    if rows:
        yield element("dl", "".join(_pair(name, value) for name, value in rows))
    if d.also:
        others = items(element("code", text_of(line)) for line in d.also)
        count = f"The same holds for {counted(len(d.also), 'other fault')}"
        yield details(count, others, is_open=len(d.also) <= _FEW)
    if d.note:
        yield element("p", f"<b>Note:</b> {text_of(d.note)}")
    if d.help:
        yield element("div", _cure(d.help), class_="cure")
    if d.will_not_help:
        vain = items(map(text_of, d.will_not_help))
        yield element("div", f"<h4>This will not help</h4>{vain}", class_="vain")
    if d.searched:
        order = " in loader order" if d.chain else ""
        folders = items((element("code", text_of(f)) for f in d.searched), "ol")
        yield details(f"Searched{order}", folders)
    if d.links:
        yield element("h4", "See")
        yield items(map(_link, d.links), class_="links")
    code = element("a", f"what {text_of(d.code)} means", href=f"#code-{d.code}")
    yield element("p", f"More: {code}", class_="soft")


def _pair(name: str, value: str) -> str:
    return f"<dt>{name}</dt><dd>{text_of(value)}</dd>"


def _chain(d: Diagnosis) -> str:
    rows = []
    for depth, link in enumerate(d.chain, 1):
        is_last = depth == len(d.chain)
        row = _file(link, d.site)
        if is_last and d.chain_end:
            row += f' <span class="end">{text_of(d.chain_end)}</span>'
        if is_last:
            symbols = (element("code", text_of(line)) for line in d.symbols)
            row += items(symbols, class_="symbols")
        kind = "" if d.severity == "error" else " warn"
        rows.append(element("li", row, class_=f"broken{kind}" if is_last else ""))
    if not rows:
        return items(map(text_of, d.symbols), class_="symbols")
    return element("ol", "".join(rows), class_="chain")


def _file(link: Link, site: Iterable[str]) -> str:
    if link.path is None:
        return file_of(link.name)
    text = file_of(shortened(link.path, site))
    if import_name(link.name) == base_name(link.path).lower():
        return text
    return f"{element('code', text_of(link.name))} = {text}"


def _cure(remedies: Iterable[Remedy]) -> str:
    steps = (
        element("p", _with_links(remedy.text)) + "".join(map(command, remedy.commands))
        for remedy in remedies
    )
    return f"<h4>What to do</h4>{items(steps, class_='steps')}"


def _with_links(text: str) -> str:
    parts, end = [], 0
    for match in _ADDRESS.finditer(text):
        parts += [text_of(text[end : match.start()]), _link(match[0])]
        end = match.end()
    return "".join((*parts, text_of(text[end:])))


def _link(address: str) -> str:
    if not address.startswith(_WEB):
        return text_of(address)
    return element("a", text_of(address), href=address, rel="noreferrer noopener")
