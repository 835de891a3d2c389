"""Failed loads in free text: tracebacks and logs, of any Windows, from any machine.

The first failure of a text decides: what follows in the same process is often its
consequence (h5py/h5py#828).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ._likely import STATUSES
from ._log_shapes import Shape, hits
from ._log_text import cleaned
from ._shapes import (
    EXITS,
    LOADED_BY,
    LOADS_AT_TIMES,
    LOADS_ONLY,
    NOISE,
    STARTED_BY,
)
from ._wording import Wording, wording
from ._words import WORDS

_FAILURES = 50
_NEAR = 1200
_LINE = 400
_TAIL_LINES = 3

_TORCH: Final = re.compile(r'Error loading\s+"(?P<file>[^"]{1,600})"')
_FILE_OPERATION: Final = re.compile(r"\][^\n]{0,300}?: '[^'\n]+'")
# What begins something else than the rest of a message.
_OTHER_LINE: Final = re.compile(
    r"\s*$|\s*(?:Traceback|File |During|The above|Original|\d{4}-\d\d-\d\d"
    r"|[\w.]{0,100}(?:Error|Exception|Warning)\b)"
)
_BREAK: Final = re.compile(r"\s*\n\s*")
_ALONE: Final = (126, 127, 182, 1114)


@dataclass(frozen=True)
class Logged:
    """One failed load, as far as a text tells."""

    kind: str
    """Shape of the text: extension, winerror, ctypes, popup, exit, ..."""
    at: int
    code: int | None = None
    """Windows' error code, or the one that means what a process ended with."""
    status: int | None = None
    """In which a process ended, unsigned."""
    module: str | None = None
    file: str | None = None
    """What was to be loaded, which is seldom what is missing."""
    culprit: str | None = None
    """The DLL that the text names as missing."""
    symbol: str | None = None
    wording: Wording | None = None
    language: str = ""
    line: int = 0
    times: int = 1

    @property
    def key(self) -> int | str:
        """What its causes go by: an error code, an end of a process, or a kind."""
        if self.kind in ("conflict", "openmp", "operator"):
            return self.kind if self.code is None else self.code
        if self.code is None and self.status is not None:
            return self.status
        return self.code or 0


def failures(text: str) -> tuple[Logged, ...]:
    """Return the failed loads in a text, in its order, each once.

    :param text: a traceback or a log, as somebody pasted it.
    """
    return failures_of(cleaned(text))


def failures_of(plain: str) -> tuple[Logged, ...]:
    """Return the failed loads in a text that `cleaned` has made plain."""
    found: dict[tuple[object, ...], Logged] = {}
    end = -1
    for at, shape in hits(plain):
        if at < end:
            continue
        match = shape.match(plain, at)
        read = None if match is None else _read(plain, match, shape)
        if read is None:
            continue
        failure, end = read
        same = (
            *(failure.kind, failure.code, failure.status, failure.module),
            *(failure.file, failure.culprit, failure.symbol),
        )
        if same in found:
            found[same] = replace(found[same], times=found[same].times + 1)
        elif len(found) < _FAILURES:
            found[same] = failure
    every = tuple(found.values()) or tuple(_words_alone(plain))
    return tuple(replace(f, line=plain.count("\n", 0, f.at) + 1) for f in every)


def _read(plain: str, match: re.Match[str], shape: Shape) -> tuple[Logged, int] | None:
    """Return a failure and where its text ends; None where it is none."""
    groups = {
        name.rstrip("23"): _BREAK.sub("", value)
        for name, value in match.groupdict().items()
        if value
    }
    code, status = _numbers(groups, shape)
    end = match.end()
    said = None
    if shape.kind == "winerror":
        if not _is_load(plain, match, code, status):
            return None
        rest = plain[end : end + _NEAR].partition("\n\n")[0]
        torch = _TORCH.search(rest)
        if torch is not None and "\n[WinError" not in rest[: torch.start()]:
            groups["file"] = _BREAK.sub("", torch["file"])
            end += torch.end()
        said = wording(rest.partition("\n")[0][:_LINE])
    elif shape.kind == "exit":
        if not _is_end(plain, match):
            return None
        # The same number often follows in another notation.
        end += len(plain[end : end + _LINE].partition("\n")[0])
    elif shape.kind == "torch":
        said = wording(_line_before(plain, match.start()))
        code = said.code if said else None
    elif shape.tail:
        said, end = _said_after(plain, end)
        if said is not None and groups.get("code") is None:
            code = said.code
    logged = Logged(
        shape.kind,
        match.start(),
        code,
        status,
        groups.get("module"),
        groups.get("file"),
        groups.get("culprit"),
        groups.get("symbol"),
        said,
        said.language if said else shape.language,
    )
    return logged, end


def _numbers(groups: dict[str, str], shape: Shape) -> tuple[int | None, int | None]:
    code, status = shape.code, shape.status
    if "code" in groups:
        code = int(groups["code"])
    elif "hex" in groups:
        code = int(groups["hex"], 16)
    if code is not None and (code < 0 or code >= 2**31):
        # CPython prints an NTSTATUS where Windows has no words for it.
        status = code % 2**32
        code = STATUSES.get(status) or None
    return code, status


def _is_load(
    plain: str, match: re.Match[str], code: int | None, status: int | None
) -> bool:
    """Tell whether an OSError is that of a load: others have the same codes."""
    start = match.start()
    before = plain[max(0, start - _NEAR) : start]
    line = plain[start : start + _LINE].partition("\n")[0]
    if code is None:
        return status in STATUSES
    if _TORCH.search(plain, start, start + _NEAR):
        return True
    if re.search(STARTED_BY, before) or _FILE_OPERATION.search(line):
        return False
    if code in LOADS_AT_TIMES:
        return re.search(LOADED_BY, before + line) is not None
    return code in LOADS_ONLY


def _is_end(plain: str, match: re.Match[str]) -> bool:
    start = plain.rfind("\n", 0, match.start()) + 1
    line = plain[max(start, match.start() - _LINE) : match.end() + _LINE]
    line = line.partition("\n")[0]
    if re.search(NOISE, line):
        return False
    return match[0].startswith("-") or re.search(EXITS, line) is not None


def _line_before(plain: str, at: int) -> str:
    start = plain.rfind("\n", 0, max(0, at - 1)) + 1
    return plain[max(start, at - _LINE) : at]


def _said_after(plain: str, end: int) -> tuple[Wording | None, int]:
    """Return Windows' words behind a place, over several lines, and where they end."""
    lines = plain[end : end + _NEAR].split("\n")[:_TAIL_LINES]
    for count in range(1, len(lines) + 1):
        if count > 1 and _OTHER_LINE.match(lines[count - 1]):
            break
        joined = "\n".join(lines[:count])
        said = wording(joined)
        if said is not None:
            return said, end + len(joined)
    return None, end


def _words_alone(plain: str) -> Iterator[Logged]:
    """Yield the one failure of a text that has Windows' words and nothing else."""
    places = (
        (plain.find(words), code, language, words)
        for code, language, words, _ in WORDS
        if code in _ALONE
    )
    found = min((place for place in places if place[0] >= 0), default=None)
    if found is not None:
        at, code, language, words = found
        said = Wording(code, language, words)
        yield Logged("words", at, code, wording=said, language=language)
