"""Random forests of small DLLs, for two loaders to load.

A forest is a :class:`~tests.planting.Planting` that Hypothesis draws: files of
up to eight names in several folders, which import one another, and forward to names
further on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from dllguard._loader._closure import Closure
from dllguard._loader._walk import walk
from dllguard._paths import base_name
from dllguard._tables._load_flags import (
    DEFAULT_FOLDERS,
    OF_APPLICATION,
    OF_FILE,
    OF_SYSTEM,
    OF_USER,
)
from tests.judge import Judge
from tests.pebuilder import X86, build_pe
from tests.planting import Content, Planted, Planting

_NAMES: Final = "abcdefgh"
_ABSENT: Final = "z"
_PLACES: Final = ("own", "application", "newer", "older", "set", "path", "current")
_WANTED: Final[Sequence[Sequence[str | int]]] = (
    *(["f"], ["f", "g"], ["g"], [7], [2]) * 3,
    [],
)
_SPELLINGS: Final = ("%{}.dll",) * 5 + ("%{}", "%{}.DLL", "%{}.dll ")
_BELOW: Final = ("sub\\%{}.dll", "sub/%{}.dll", "sub\\%{}")
_TARGETS: Final = ("f", "g", "g", "#7", "#2")
# Wine finds the host of an API set on the search list alone.
_SETS: Final = ("api-ms-win-crt-string-l1-1-0.dll", "api-ms-win-nosuch-l1-1-0.dll")
_OF_WINDOWS: Final = ("kernel32.dll", "version.dll", "KERNEL32")
_FLAGS: Final = (
    *(0x1100, 0x1100, 0x1100, 0x1000, 0, 8),
    *(0xB00, 0xE00, 0xF00, 0x100, 0x500, 0x700),
)
_SOUND: Final = build_pe(exports=["f"])
_SPOILT: Final = (b"", b"<html>", _SOUND[: len(_SOUND) // 2], bytes(600))


@st.composite
def forests(draw: st.DrawFn) -> Planting:
    """Draw a forest; about half of them load."""
    return _Draw(draw).forest()


class _Draw:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._flags: int = draw(st.sampled_from(_FLAGS))
        self._set_directory = "set" if self._one_in(3) else ""
        self._names = _NAMES[: draw(st.integers(2, len(_NAMES)))]
        below = [""] * 8 + list(self._names[1:])
        self._below: str = draw(st.sampled_from(below))

    def forest(self) -> Planting:
        bare = self._one_in(8) and self._flags != OF_FILE
        if bare:
            # With a bare name that flag is an error.
            self._flags &= ~OF_FILE
        files: dict[str, Content] = {} if bare else {"own/%a.dll": self._fields(0)}
        for number, name in enumerate(self._names):
            for folder in self._folders(first=bare or number > 0):
                sub = "/sub" if name == self._below and folder != "application" else ""
                files[f"{folder}{sub}/%{name}.dll"] = self._content(number)
        return Planting(
            files,
            "%a.dll" if bare else "own/%a.dll",
            flags=self._flags,
            first=self._first(files),
            set_directory=self._set_directory,
        )

    def _one_in(self, count: int) -> bool:
        # Hypothesis shrinks towards the first.
        return self._draw(st.sampled_from([False] * (count - 1) + [True]))

    def _folders(self, *, first: bool) -> Sequence[str]:
        listed = _listed(self._flags, self._set_directory)
        folders = st.sampled_from(listed * (12 // len(listed)) + _PLACES)
        if not first:
            return self._draw(st.lists(folders, max_size=1))
        least = 0 if self._one_in(40) else 1
        return self._draw(st.lists(folders, min_size=least, max_size=3, unique=True))

    def _first(self, files: Mapping[str, Content]) -> tuple[tuple[str, int], ...]:
        if not files or not self._one_in(3):
            return ()
        chosen = st.lists(st.sampled_from(sorted(files)), max_size=2, unique=True)
        return tuple((file, 0x1100) for file in self._draw(chosen))

    def _content(self, number: int) -> Content:
        if self._one_in(40):
            return self._draw(st.sampled_from(_SPOILT))
        return self._fields(number)

    def _fields(self, number: int) -> dict[str, Any]:
        """Draw the fields of a file; `number` is that of its name.

        A forwarder leads only to names further on: on a circle of them Wine runs out
        of stack.
        """
        fields: dict[str, Any] = {
            "ordinal_exports": [7],
            "imports": self._imports(number),
        }
        later = self._names[number + 1 :]
        if later and self._one_in(2):
            to = self._draw(st.sampled_from(later))
            target = self._draw(st.sampled_from(_TARGETS))
            fields["forwarders"] = {"g": f"{self._module(to)}.{target}"}
        if self._one_in(12):
            fields["delay_imports"] = {f"%{_ABSENT}.dll": ["f"]}
        if self._one_in(16):
            fields["machine"] = X86
        # Without forwarders: in one for x86 Wine sees no exports.
        if self._one_in(40) and "forwarders" not in fields:
            fields["il_only"] = True
        if self._one_in(25):
            fields["dll"] = False
        return fields

    def _imports(self, number: int) -> dict[str, Sequence[str | int]]:
        some = [2, 3, 1, 4] if number == 0 else [1, 0, 2, 2, 3]
        # Mostly names further on, so that trees grow deep; the others make circles.
        later = self._names[number + 1 :]
        names = st.sampled_from(later * (12 // max(len(later), 1)) + self._names)
        chosen = [self._draw(names) for _ in range(self._draw(st.sampled_from(some)))]
        if self._one_in(40):
            chosen.append(_ABSENT)
        wanted = st.sampled_from(_WANTED)
        imports = {self._spelt(name): self._draw(wanted) for name in chosen}
        if self._one_in(12):
            imports[self._draw(st.sampled_from(self._of_windows()))] = ["x"]
        return imports

    def _of_windows(self) -> Sequence[str]:
        with_system = self._flags in (0, 8) or self._flags & (
            OF_SYSTEM | DEFAULT_FOLDERS
        )
        return (*_OF_WINDOWS, *_SETS) if with_system else _OF_WINDOWS

    def _spelt(self, name: str) -> str:
        below = name == self._below and not self._one_in(4)
        spellings = _BELOW if below else _SPELLINGS
        spelling: str = self._draw(st.sampled_from(spellings))
        return spelling.format(name)

    def _module(self, name: str) -> str:
        return f"sub\\%{name}" if name == self._below else f"%{name}"


def _listed(flags: int, set_directory: str) -> tuple[str, ...]:
    """Return the folders of a call, so that not too many files lie there in vain."""
    found = ["set"] if set_directory else []
    if flags in (0, 8):
        found += ["application" if flags == 0 else "own", "path"]
        return (*found, *(() if set_directory else ("current",)))
    if not flags & (OF_USER | DEFAULT_FOLDERS):
        found.clear()
    else:
        found += ["newer", "older"]
    if flags & (OF_APPLICATION | DEFAULT_FOLDERS):
        found.append("application")
    return (*found, *(("own",) if flags & OF_FILE else ()))


def plant(forest: Planting, judge: Judge, root: Path, prefix: str) -> Planted:
    """Plant a forest without the earlier loads of which an import fails.

    What else they imported stays in the process of Wine, and does not on Windows.
    """
    planted = Planted(forest, judge, root, prefix)
    loads = planted.loads(symbols=False)
    kept = tuple(
        call
        for call, (load, _) in zip(forest.first, loads, strict=False)
        if not load.faults or len(load.faults[0].chain) == 1
    )
    planted.planting = dataclasses.replace(forest, first=kept)
    return planted


def doubtful_modules(planted: Planted) -> frozenset[str]:
    """Return the modules that a forwarder which leads nowhere makes doubtful in Wine.

    The load of its target fails, the one that wants it goes on with a stub. Imports of
    the target stay, and answer for later imports, even where they import the target. A
    target that imports itself counts as loaded from then on, and is not.
    """
    doubtful: set[str] = set()
    for load, process in planted.loads(symbols=False):
        closure = Closure(load.path, process, load.search)
        if _leads_nowhere(closure):
            for file in _targets(planted):
                target = walk(file, process, load.search, symbols=False)
                if target.faults:
                    doubtful.update((file, *target.resolved.values()))
    return frozenset(map(planted.label, doubtful))


def _leads_nowhere(closure: Closure) -> bool:
    return any(
        closure.why_lacking(found.answer.path or "", symbol)
        for importer, found in closure.imports()
        for symbol in closure.lacking(importer, found)
    )


def _targets(planted: Planted) -> Iterator[str]:
    """Yield the files to which a forwarder may lead."""
    files = planted.planting.files
    images = (fields for fields in files.values() if not isinstance(fields, bytes))
    texts = [to for x in images for to in x.get("forwarders", {}).values()]
    names = {base_name(to.rpartition(".")[0]) + ".dll" for to in texts}
    yield from (str(planted.path(file)) for file in files if base_name(file) in names)
