"""Small DLLs planted on a bench, and one call that both loaders make of them.

A :class:`Planting` says what one call of LoadLibraryEx meets. :class:`Planted` is it on
disk: :meth:`Planted.job` is the call for the judge, :meth:`Planted.heard` what came of
it, and :meth:`Planted.told` what dllguard makes of the same call.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from dllguard._files._disk import Disk
from dllguard._hosts._host import api_sets_of
from dllguard._loader._apisets import ApiSets
from dllguard._loader._loads import Call, make
from dllguard._loader._process import Process
from dllguard._model import Load
from dllguard._paths import base_name, folder_of
from dllguard._tables._load_flags import EXTENSION
from tests.judge import Job, Judge, Ruling
from tests.pebuilder import X64, build_pe

Content: TypeAlias = Mapping[str, Any] | bytes

OWN: Final = ("own", "newer", "older", "set", "path", "current", "elsewhere")
"""Folders that each planting has for itself. The last is on no list."""
SHARED: Final = ("application", "system", "windows")
"""Folders of the bench, which all plantings share."""

# Wine's user32.dll and comctl32.dll load them when they start; no file shows that.
_BY_START_UP_CODE = frozenset({"system/imm32.dll", "system/uxtheme.dll"})

_STARTED_WITH = ("ntdll.dll", "kernel32.dll", "kernelbase.dll")

FROM_THE_START: Final = frozenset(f"system/{name}" for name in _STARTED_WITH)
"""The modules of each process before its first load."""


@dataclasses.dataclass(frozen=True)
class Planting:
    """What one call meets.

    A file is named with its folder, as in `own/a.dll`; a name without one is searched.
    In names, in imports and in forwarders `%` is a text that no other planting has,
    so that nothing else in a folder of the bench answers to it, and `<own>` is the full
    path of that folder.

    :param files: by name: the fields of the image as `build_pe` has them, or bytes. A
        name that ends with a slash is that of a folder.
    :param asked: what is loaded.
    :param flags: of that call.
    :param added: folders given to AddDllDirectory, in the order of the calls.
    :param first: what is loaded before, each with the flags of its call.
    :param known: a known DLL of this Windows.
    :param redirection: the folder to which a `.local` file redirects.
    """

    files: Mapping[str, Content]
    asked: str = "own/root.dll"
    flags: int = EXTENSION
    added: tuple[str, ...] = ("older", "newer")
    first: tuple[tuple[str, int], ...] = ()
    set_directory: str = ""
    path: tuple[str, ...] = ("path",)
    current: str = "current"
    known: str = ""
    redirection: str = ""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What one of the two loaders makes of a planting.

    :param code: of the load. Wine has 126 for each failed import.
    :param modules: all that is loaded then, by folder and name, but for what start-up
        code loads. None where the load failed: what Wine leaves then, Windows takes
        back.
    :param first_codes: of the loads before.
    """

    code: int
    modules: frozenset[str] = frozenset()
    first_codes: tuple[int, ...] = ()


class Planted:
    """A planting on disk.

    :param judge: whose bench it is planted on.
    :param root: a folder for this planting alone.
    :param prefix: what `%` stands for.
    """

    def __init__(
        self, planting: Planting, judge: Judge, root: Path, prefix: str
    ) -> None:
        self.planting = planting
        self.root = root
        self._judge = judge
        self._prefix = prefix
        for name in OWN:
            (root / name).mkdir(parents=True, exist_ok=True)
        for file, content in planting.files.items():
            path = self.path(file)
            path.parent.mkdir(parents=True, exist_ok=True)
            if file.endswith("/"):
                path.mkdir()
            else:
                path.write_bytes(self._content(path.name, content))

    def folder(self, name: str) -> Path:
        """Return a folder on this machine."""
        bench = self._judge.bench
        shared = bench.python_dir, bench.system32, bench.windows_dir
        return dict(zip(SHARED, shared, strict=True)).get(name, self.root / name)

    def path(self, file: str) -> Path:
        """Return where a file lies."""
        folder, _, name = file.partition("/")
        if folder in SHARED and "%" not in name:
            raise ValueError(f"{file} could answer in another planting")
        return self.folder(folder) / self._named(name)

    def remove(self) -> None:
        """Take all files away again."""
        for file in self.planting.files:
            if file.partition("/")[0] in SHARED:
                self.path(file).unlink()
        shutil.rmtree(self.root)

    def job(self) -> Job:
        """Return the call as the judge makes it."""
        planting = self.planting
        return Job(
            self.asked(planting.asked),
            folders=tuple(map(self.folder, planting.added)),
            flags=planting.flags,
            first=tuple((self.asked(file), flags) for file, flags in planting.first),
            set_directory=self._optional(planting.set_directory),
            path=tuple(map(self.folder, planting.path)),
            current=self._optional(planting.current),
        )

    def heard(self, ruling: Ruling) -> Outcome:
        """Return what the judge says of the call."""
        modules = (self._judge.path(module) for module in ruling.modules[1:])
        return self._outcome(ruling.code, modules, ruling.first_codes)

    def told(self, *, on_wine: bool) -> Outcome:
        """Return what the model says of the call.

        :param on_wine: by modules alone, and with Wine's codes. Else the symbols are
            compared, too, and the codes are those of Windows.
        """
        loads = [load for load, _ in self.loads(symbols=not on_wine)]
        *first, code = (_wine_code(x) if on_wine else x.winerror for x in loads)
        loaded = (path for load in loads for path in _modules(load))
        modules = (*self.process().loaded.values(), *loaded)
        return self._outcome(code, modules, first)

    def loads(self, *, symbols: bool) -> Iterator[tuple[Load, Process]]:
        """Yield what the model makes of each call, and the process before that."""
        process = self.process()
        calls = (*self.planting.first, (self.planting.asked, self.planting.flags))
        for file, flags in calls:
            call = Call(str(self.asked(file)), flags)
            load = make(call, process, symbols=symbols)
            yield load, process
            process = _after(load, process)

    def process(self) -> Process:
        """Return the process of the judge, before its first load."""
        planting, bench, disk = self.planting, self._judge.bench, Disk()
        system = str(bench.system32)
        found = ((name, disk.find(system, name)) for name in _STARTED_WITH)
        return Process(
            disk=disk,
            machine=X64,
            application=str(bench.python_dir),
            system=system,
            windows=str(bench.windows_dir),
            added=tuple(str(self.folder(name)) for name in reversed(planting.added)),
            path=tuple(str(self.folder(name)) for name in planting.path),
            current=str(self._optional(planting.current) or bench.python_dir),
            set_directory=str(self._optional(planting.set_directory) or ""),
            loaded={name: path for name, path in found if path is not None},
            api_sets=_api_sets(system),
            known_dlls=frozenset(filter(None, [self._named(planting.known)])),
            redirection=str(self._optional(planting.redirection) or ""),
        )

    def asked(self, file: str) -> Path | str:
        """Return what is loaded by that name: a full path, or a bare name."""
        return self.path(file) if "/" in file else self._named(file)

    def _optional(self, folder: str) -> Path | None:
        return self.folder(folder) if folder else None

    def _content(self, name: str, content: Content) -> bytes:
        if isinstance(content, bytes):
            return content
        fields = {"name": name, "exports": ["f"], **content}
        for field in ("imports", "delay_imports"):
            wanted = fields.get(field, {})
            fields[field] = {self._named(dll): wanted[dll] for dll in wanted}
        forwarders = fields.get("forwarders", {})
        fields["forwarders"] = {f: self._named(to) for f, to in forwarders.items()}
        return build_pe(**fields)

    def _named(self, text: str) -> str:
        text = text.replace("%", self._prefix)
        for name in (*OWN, *SHARED):
            text = text.replace(f"<{name}>", str(self.folder(name)))
        return text

    def _outcome(
        self, code: int, modules: Iterable[str], first: Sequence[int]
    ) -> Outcome:
        if code:
            return Outcome(code, frozenset(), tuple(first))
        labels = frozenset(map(self.label, modules)) - _BY_START_UP_CODE
        return Outcome(code, labels, tuple(first))

    def label(self, path: str) -> str:
        """Return a path as `Planting.files` has it."""
        for name in (*OWN, *SHARED):
            if Path(path).is_relative_to(self.folder(name)):
                relative = Path(path).relative_to(self.folder(name)).as_posix()
                return f"{name}/{relative.replace(self._prefix, '%')}"
        return path


@cache
def _api_sets(system: str) -> ApiSets:
    return api_sets_of(Disk(), system)


def _wine_code(load: Load) -> int:
    """Return the code that Wine gives: 126 where an import is at fault."""
    at_root = not load.faults or len(load.faults[0].chain) == 1
    return load.winerror if at_root else 126


def _modules(load: Load) -> Iterator[str]:
    if not load.faults:
        # The disk has the case of what was asked for.
        named = Disk().find(folder_of(load.path), base_name(load.path))
        yield named or load.path
        yield from load.resolved.values()


def _after(load: Load, process: Process) -> Process:
    loaded = dict(process.loaded)
    for path in _modules(load):
        loaded.setdefault(base_name(path).lower(), path)
    return dataclasses.replace(process, loaded=loaded)
