"""A diagnosis as text, a report as text, a report as JSON.

Text is ASCII and 80 columns wide but for paths and commands: a legacy console shows
anything else as escapes, and the text is what people paste into an issue.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ._model import Link
from ._paths import shortened
from ._verdict import Diagnosis, FileResult, Remedy, Report, TargetResult

_WIDTH = 80
_INDENT = " " * 4
_MOST_IGNORED = 5
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
# What only a hostile file has more of. The longest name of a function in torch has
# 3,199 characters, the longest chain there some ten links.
_LONGEST = 8_000
_MOST_LINKS, _LAST_LINKS, _MOST_LINES = 40, 5, 40


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """Write a diagnosis as the text of its exception.

    :param diagnosis: what was found.
    :returns: the headline, then the proof, then what to do.
    """
    return "\n\n".join("\n".join(part) for part in map(list, _parts(diagnosis)) if part)


def report_text(report: Report) -> str:
    """Write a report: a line for each target, then each diagnosis once."""
    if not report.applicable:
        return "dllguard: nothing to check, this is not Windows"
    lines = [line for target in report.targets for line in _verdict(target)]
    texts = [_marked(diagnosis) for diagnosis in report.diagnoses]
    windows = report.host.get("windows")
    name = windows.get("name") if isinstance(windows, Mapping) else None
    judged = "\n".join(_judged_for(str(name))) if name else ""
    return "\n\n".join(part for part in ("\n".join(lines), judged, *texts) if part)


def _judged_for(name: str) -> list[str]:
    line = f"judged for: {ascii_only(name)}"
    # A path may have blanks, and stays whole.
    return [line] if re.search(r"[\\/]", name) else _wrapped(line, 6)


def report_dict(report: Report) -> dict[str, object]:
    """Return a report as JSON-ready values, in a stable order."""
    return {
        "version": 1,
        "ok": report.ok,
        "host": dict(report.host),
        "targets": [_target_dict(target) for target in report.targets],
    }


def chain_texts(chain: Iterable[Link], site: Iterable[str]) -> list[str]:
    """Return a chain as people read it, found files relative to site-packages."""
    site = tuple(site)
    return [shortened(link.path, site) if link.path else link.name for link in chain]


def _parts(d: Diagnosis) -> Iterator[Iterable[str]]:
    yield [ascii_only(d.headline)]
    yield _wrapped(d.summary)
    yield _chain(d)
    yield _versions(d)
    if d.also:
        yield ["also:", *(_INDENT + line for line in _some(d.also))]
    if d.searched:
        order = ", in loader order" if d.chain else ""
        yield [f"searched{order}:", *(_INDENT + printable(s) for s in d.searched)]
    if d.note:
        yield _wrapped("note: " + d.note, 6)
    if d.help:
        yield _help(d.help)
    if d.will_not_help:
        yield _wrapped(f"this will not help: {'; '.join(d.will_not_help)}", 6)
    if d.links:
        yield ["see:", *(_INDENT + link for link in d.links)]
    yield [f"[{d.code}] more: {printable(d.interpreter)} -m dllguard help {d.code}"]


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from map(ascii_only, lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"and {len(lines) - _MOST_LINES} more"


def _chain(d: Diagnosis) -> list[str]:
    lines = []
    texts = chain_texts(d.chain, d.site)
    if len(texts) > _MOST_LINKS:
        between = len(texts) - _MOST_LINKS
        first = texts[: _MOST_LINKS - _LAST_LINKS]
        texts = [*first, f"({between:,} more)", *texts[-_LAST_LINKS:]]
    for depth, text in enumerate(texts):
        arrow = "   " * (depth - 1) + "-> " if depth else ""
        lines.append(f"{_INDENT}{arrow}{ascii_only(text)}")
    if lines and d.chain_end:
        lines[-1] += f"   {d.chain_end}"
    below = _INDENT + "   " * len(lines)
    lines += [below + line for line in _some(d.symbols)]
    return lines


def _versions(d: Diagnosis) -> list[str]:
    rows = (("wanted:", d.wanted), ("found: ", d.found))
    return [f"{_INDENT}{label} {printable(value)}" for label, value in rows if value]


def _help(remedies: Iterable[Remedy]) -> list[str]:
    lines: list[str] = []
    for remedy in remedies:
        label = "help: " if not lines else " " * 6
        lines += _wrapped(label + remedy.text, 6)
        lines += [" " * 10 + printable(command) for command in remedy.commands]
    return lines


def _wrapped(text: str, hanging: int = 0, width: int = _WIDTH) -> list[str]:
    import textwrap

    return textwrap.wrap(
        ascii_only(text),
        width,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def ascii_only(text: str) -> str:
    """Escape what a legacy console cannot show; names come out of files."""
    return printable(text).encode("ascii", "backslashreplace").decode()


def printable(text: str) -> str:
    """Escape what a console would act on, and cut off what nobody reads.

    Paths and commands keep their letters, of whatever script.
    """
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}... ({len(text):,} characters)"
    return text.translate(_CONTROL)


def _verdict(target: TargetResult) -> list[str]:
    left = [f"ignored: {d.headline} [{d.code}]" for d in target.ignored[:_MOST_IGNORED]]
    more = len(target.ignored) - len(left)
    left += [f"ignored: {counted(more, 'more finding')}"] if more else []
    notes = [f"note: {note}" for note in target.notes]
    lines = (_wrapped(text, 6, _WIDTH - 2) for text in (*left, *notes))
    return [
        f"{ascii_only(target.name)}: {standing(target)}",
        *("  " + line for wrapped in lines for line in wrapped),
    ]


def standing(target: TargetResult) -> str:
    """Return the verdict on a target as words that follow its name."""
    failing = sum(1 for file in target.files if file.winerror)
    files = counted(len(target.files), "native file")
    parts = ["ok" if target.ok else "FAIL", *_counts(target.ignored, " ignored")]
    if failing:
        # What nothing imports by itself is a warning, and stops no import.
        parts.append(f"{failing:,} of {files} would not load")
    elif target.ok:
        parts.append(f"{files} would load")
    if target.ok:
        parts += _counts(target.diagnoses)
    line = ", ".join(parts)
    tried = [file for file in target.files if file.tried is not None]
    if tried:
        agreed = sum(file.tried == file.winerror for file in tried)
        line += f"; tried {len(tried)}, the loader agrees on {agreed}"
    return line


def _counts(diagnoses: Iterable[Diagnosis], what: str = "") -> list[str]:
    found = Counter(d.severity for d in diagnoses)
    return [counted(found[s], s) + what for s in ("error", "warning") if found[s]]


def counted(count: int, what: str) -> str:
    """Return a number with what it counts, in the singular or the plural."""
    return f"{count:,} {what}{'s' if count != 1 else ''}"


def _marked(diagnosis: Diagnosis) -> str:
    text = diagnosis_text(diagnosis)
    return f"{diagnosis.severity}: {text}"


def _target_dict(target: TargetResult) -> dict[str, object]:
    return {
        "name": target.name,
        "ok": target.ok,
        "files": [_file_dict(file, target.site) for file in target.files],
        "diagnoses": [diagnosis_dict(diagnosis) for diagnosis in target.diagnoses],
        "ignored": [diagnosis_dict(diagnosis) for diagnosis in target.ignored],
        "notes": list(target.notes),
    }


def _file_dict(file: FileResult, site: tuple[str, ...]) -> dict[str, object]:
    return {
        "path": file.path,
        "winerror": file.winerror,
        "culprit": file.culprit,
        "code": file.code,
        "chain": _chain_json(file.chain, site),
        "resolved": dict(sorted(file.resolved.items())),
        "tried": file.tried,
    }


def diagnosis_dict(d: Diagnosis) -> dict[str, object]:
    """Return one diagnosis as JSON-ready values."""
    return {
        "code": d.code,
        "severity": d.severity,
        "headline": d.headline,
        "summary": d.summary,
        "target": d.target,
        "winerror": d.winerror,
        "culprit": d.culprit,
        "chain": _chain_json(d.chain, d.site),
        "symbols": list(d.missing),
        "also": list(d.also),
        "wanted": d.wanted,
        "found": d.found,
        "searched": list(d.searched),
        "note": d.note,
        "help": [{"text": r.text, "commands": list(r.commands)} for r in d.help],
        "will_not_help": list(d.will_not_help),
        "links": list(d.links),
    }


def _chain_json(chain: Iterable[Link], site: Iterable[str]) -> list[str]:
    return [text.replace("\\", "/") for text in chain_texts(chain, site)]
