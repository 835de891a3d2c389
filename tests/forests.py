"""Random forests of small DLLs, planted on a bench, for two loaders to load.

A forest is what one call of LoadLibraryEx meets: files in several folders, what each
imports, exports and forwards, what is loaded already. :func:`planted` writes the files,
:meth:`Planted.job` is the call for the judge, :meth:`Planted.process` the model's view.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from dllguard._apisets import ApiSets
from dllguard._disk import Disk
from dllguard._host import api_sets_of
from dllguard._load_flags import EXTENSION
from dllguard._model import Load
from dllguard._paths import base_name
from dllguard._process import Process
from dllguard._walk import walk
from tests.judge import Job, Judge
from tests.pebuilder import X64, X86, build_pe

FOLDERS: Final = ("own", "newer", "older", "set", "path", "current", "application")
"""Where a file may lie; "application" is the folder of the judge itself."""

_NAMES = "abcdefgh"
_SYMBOLS = ("f", "g", 7)
# Of Windows: loaded from the start, loaded on demand, an API set, an absent one.
_SYSTEM = ("kernel32.dll", "version.dll", "api-ms-win-crt-string-l1-1-0.dll")
# Always with System32: Wine looks for the host of an API set on the search list.
_FLAGS = (0x1100, 0x1100, 0x1100, 0x1000, 0x900, 0xE00, 0xB00, 0x8, 0x0)


@dataclasses.dataclass(frozen=True)
class File:
    """One file of a forest; `content` is given where it is no PE image."""

    folder: str
    name: str
    fields: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    content: bytes | None = None


@dataclasses.dataclass(frozen=True)
class Forest:
    """What one load meets; the first file is the one that is loaded."""

    files: tuple[File, ...]
    flags: int = 0x1100
    first: tuple[File, ...] = ()
    set_directory: bool = False


@st.composite
def forests(draw: st.DrawFn) -> Forest:
    """Draw a forest of up to a dozen files with up to eight names."""
    root = File("own", "a", draw(_fields(0)))
    others = draw(st.lists(_files(), max_size=11, unique_by=_place))
    files = (root, *(file for file in others if _place(file) != _place(root)))
    loadable = [f for f in files[1:] if f.content is None and f.name != "a"]
    first = draw(
        st.lists(st.sampled_from(loadable), max_size=2, unique_by=lambda f: f.name)
        if loadable
        else st.just([])
    )
    return Forest(
        files,
        draw(st.sampled_from(_FLAGS)),
        tuple(first),
        set_directory=draw(st.booleans()),
    )


def _place(file: File) -> tuple[str, str]:
    return file.folder, file.name


@st.composite
def _files(draw: st.DrawFn) -> File:
    folder = draw(st.sampled_from(FOLDERS))
    number = draw(st.integers(0, len(_NAMES) - 1))
    spoilt = draw(st.sampled_from([None] * 18 + [b"", b"<html>"]))
    fields = draw(_fields(number)) if spoilt is None else {}
    return File(folder, _NAMES[number], fields, spoilt)


@st.composite
def _fields(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """Draw the fields of a file; `number` is that of its name.

    A forwarder leads only to names further on: on a circle of them Wine runs out of
    stack.
    """
    names = draw(st.lists(st.sampled_from(_NAMES), max_size=3, unique=True))
    system = draw(st.sampled_from([()] * 3 + [(name,) for name in _SYSTEM]))
    wanted = st.lists(st.sampled_from(_SYMBOLS), max_size=2, unique=True)
    imports = {_spelt(draw, name): draw(wanted) for name in names}
    later = _NAMES[number + 1 :]
    forwarders = {}
    if later and draw(st.booleans()):
        to = draw(st.sampled_from(later))
        forwarders["g"] = f"%{to}.{draw(st.sampled_from(['f', 'g', '#7']))}"
    return {
        "machine": draw(st.sampled_from([X64] * 9 + [X86])),
        "imports": {**imports, **dict.fromkeys(system, ["x"])},
        "exports": ["f"],
        "ordinal_exports": [7],
        "forwarders": forwarders,
        "delay_imports": draw(st.sampled_from([{}, {}, {"absent.dll": ["f"]}])),
    }


def _spelt(draw: st.DrawFn, name: str) -> str:
    return draw(st.sampled_from([f"%{name}.dll"] * 4 + [f"%{name}", f"%{name}.DLL "]))


class Planted:
    """A forest on disk.

    :param forest: what to write.
    :param judge: whose bench it is planted on.
    :param root: a new folder.
    :param prefix: what all names begin with, so that nothing else in the application
        folder has one of them.
    """

    def __init__(self, forest: Forest, judge: Judge, root: Path, prefix: str) -> None:
        self.forest = forest
        self.judge = judge
        self.root = root
        self._prefix = prefix
        for name in FOLDERS:
            self.folder(name).mkdir(parents=True, exist_ok=True)
        for file in forest.files:
            self.path(file).write_bytes(self._content(file))

    def folder(self, name: str) -> Path:
        """Return the folder of that name on this machine."""
        bench = self.judge.bench
        return bench.python_dir if name == "application" else self.root / name

    def path(self, file: File) -> Path:
        """Return where a file lies."""
        return self.folder(file.folder) / f"{self._prefix}{file.name}.dll"

    def remove(self) -> None:
        """Take all files away again."""
        for file in self.forest.files:
            self.path(file).unlink(missing_ok=True)
        shutil.rmtree(self.root)

    def job(self) -> Job:
        """Return the call as the judge makes it."""
        forest = self.forest
        return Job(
            self.path(forest.files[0]),
            folders=(self.folder("older"), self.folder("newer")),
            flags=forest.flags,
            first=tuple((Path(load.path), EXTENSION) for load in self.first()),
            set_directory=self.folder("set") if forest.set_directory else None,
            path=(self.folder("path"),),
            current=self.folder("current"),
        )

    def first(self) -> list[Load]:
        """Return the loads that come first, those that succeed.

        Of one that fails, Wine leaves the imports in the process, and Windows does not.
        """
        process, loads = self.process(), []
        for file in self.forest.first:
            load = walk(str(self.path(file)), process, symbols=False)
            if not load.faults:
                loads.append(load)
                process = with_loaded(process, load)
        return loads

    def load(self) -> tuple[Load, Process]:
        """Return what the model makes of the same call, by modules alone."""
        process = self.process()
        for load in self.first():
            process = with_loaded(process, load)
        path = str(self.path(self.forest.files[0]))
        search = process.search_list(path, self.forest.flags)
        return walk(path, process, search, symbols=False), process

    def process(self) -> Process:
        """Return the process of the judge, before its first load."""
        bench, disk = self.judge.bench, Disk()
        system = str(bench.system32)
        names = "ntdll.dll", "kernel32.dll", "kernelbase.dll"
        return Process(
            disk=disk,
            machine=X64,
            application=str(bench.python_dir),
            system=system,
            windows=str(bench.windows_dir),
            added=(str(self.folder("newer")), str(self.folder("older"))),
            path=(str(self.folder("path")),),
            current=str(self.folder("current")),
            set_directory=str(self.folder("set")) if self.forest.set_directory else "",
            loaded={name: disk.find(system, name) or "" for name in names},
            api_sets=_api_sets(system),
        )

    def _content(self, file: File) -> bytes:
        if file.content is not None:
            return file.content
        fields = dict(file.fields)
        imports = fields["imports"]
        fields["imports"] = {self._named(n): wanted for n, wanted in imports.items()}
        forwarders = fields["forwarders"]
        fields["forwarders"] = {s: self._named(to) for s, to in forwarders.items()}
        return build_pe(name=f"{self._prefix}{file.name}.dll", **fields)

    def _named(self, name: str) -> str:
        return name.replace("%", self._prefix)


_SCHEMAS: dict[str, ApiSets] = {}


def _api_sets(system: str) -> ApiSets:
    if system not in _SCHEMAS:
        _SCHEMAS[system] = api_sets_of(Disk(), system)
    return _SCHEMAS[system]


def with_loaded(process: Process, load: Load) -> Process:
    """Return the process after a load that succeeded."""
    paths = (*process.loaded.values(), load.path, *load.resolved.values())
    loaded: dict[str, str] = {}
    for path in paths:
        loaded.setdefault(base_name(path).lower(), path)
    return dataclasses.replace(process, loaded=loaded)
