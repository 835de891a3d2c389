"""A load repeated in a child process, to read the code that Windows gives.

The only part of dllguard that runs code of the files it is asked about, and only where
somebody asked for a trial. The child is the same executable, so that its application
folder and its manifest are those of the real load.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final

from .._paths import base_name

if TYPE_CHECKING:
    import subprocess

NO_CODE: Final = -1
_MOST_AT_ONCE = 4
_PAUSE = 0.01
_CREATE_NO_WINDOW = 0x0800_0000
_ACCESS_VIOLATION = 0xC000_0005

# Start-up code may print, so each line of ours bears a mark. That ctypes is imported
# has python3.dll loaded, as CPython does before any extension module.
_MARK = "dllguard-trial: "
_CHILD = """
import ctypes, json, os, sys
from ctypes import wintypes as w
say = lambda **facts: os.write(1, ("\\n%s" + json.dumps(facts) + "\\n").encode())
asked = json.loads(os.read(0, 1 << 24))
k = ctypes.WinDLL("kernel32", use_last_error=True)
k.GetCurrentProcess.restype = w.HANDLE
k.LoadLibraryExW.argtypes = w.LPCWSTR, w.HANDLE, w.DWORD
k.LoadLibraryExW.restype = w.HMODULE
k.GetModuleFileNameW.argtypes = w.HMODULE, w.LPWSTR, w.DWORD
k.K32EnumProcessModules.argtypes = w.HANDLE, w.LPVOID, w.DWORD, w.LPDWORD
k.TerminateProcess.argtypes = w.HANDLE, w.UINT
this, name = k.GetCurrentProcess(), ctypes.create_unicode_buffer(32768)
def modules():
    found, needed = (w.HMODULE * 8192)(), w.DWORD()
    k.K32EnumProcessModules(this, found, ctypes.sizeof(found), ctypes.byref(needed))
    for module in found[:needed.value // ctypes.sizeof(w.HMODULE)]:
        k.GetModuleFileNameW(module, name, len(name))
        yield module, name.value
k.SetErrorMode(0x8003)
for folder in reversed(asked["added"]):
    k.AddDllDirectory(w.LPCWSTR(folder))
if asked["set_directory"]:
    k.SetDllDirectoryW(w.LPCWSTR(asked["set_directory"]))
if asked["path"]:
    os.environ["PATH"] = ";".join(asked["path"])
say(begun=True)
def load(file):
    loaded = k.LoadLibraryExW(file, None, asked["flags"])
    return 0 if loaded else ctypes.get_last_error() & 0xFFFFFFFF
for file in asked["first"]:
    try:
        load(file)
    except OSError:
        pass
before = dict(modules())
try:
    code = load(asked["file"])
    new = [file for module, file in modules() if module not in before]
    say(code=code, modules=[] if code else new)
except OSError as error:
    say(crashed=error.winerror)
k.TerminateProcess(this, 0)
"""
_SCRIPT = _CHILD.replace("%s", _MARK)


class TrialUnavailableError(RuntimeError):
    """No trial can be made here; the text is one line that says why."""


@dataclass(frozen=True)
class Trial:
    """How one load ended in a child process."""

    path: str
    code: int = NO_CODE
    """Error code, 0 for a load that succeeded, -1 for one that came to no end."""
    crashed: int | None = None
    """Exit code of a child that the load ended, such as 0xC0000005."""
    timed_out: bool = False
    modules: tuple[str, ...] = ()
    """Paths of the modules that a successful load brought, in the order of loading."""


def own_python() -> str:
    """Return the executable of this process, for the trials of its own loads.

    :raises TrialUnavailableError: when that is no Python.
    """
    # That of a venv only starts the base one, which is the process.
    python = getattr(sys, "_base_executable", "") or sys.executable
    if getattr(sys, "frozen", False):
        raise TrialUnavailableError(f"{base_name(sys.executable)} is a frozen program")
    if sys.platform == "win32":
        from ._win32 import application_folder

        folder = application_folder()
        try:
            same = os.path.samefile(folder, os.path.dirname(python))
        except OSError:
            same = False
        if not same:
            raise TrialUnavailableError(
                f"this Python runs inside another program, that of {folder}"
            )
    return python


def try_load(
    paths: Sequence[str],
    *,
    python: str,
    added: Sequence[str] = (),
    set_directory: str = "",
    path: Sequence[str] = (),
    flags: int = 0x1100,
    first: Sequence[str] = (),
    timeout: float = 30.0,
) -> tuple[Trial, ...]:
    """Load each file in a child process of its own. This runs their start-up code.

    :param paths: full paths of the files, in backslashes.
    :param python: the executable of the process that is asked about, or of its venv.
    :param added: folders as given to `os.add_dll_directory`, newest first.
    :param set_directory: the folder given to SetDllDirectory, "" without.
    :param path: folders of PATH, for flags that search it; those of this process
        where none is given.
    :param flags: those of LoadLibraryEx; 0 for a plain LoadLibrary.
    :param first: files that each child loads before, in order; whether that works is
        not looked at.
    :param timeout: seconds for one child, from its start.
    :returns: one trial for each file, in their order.
    :raises TrialUnavailableError: when the executable is no Python, or does not run.
    """
    if not base_name(python).lower().startswith("python"):
        raise TrialUnavailableError(f"{base_name(python)} is no Python interpreter")
    asked = {
        "added": list(added),
        "set_directory": set_directory,
        "path": list(path),
        "flags": flags,
        "first": list(first),
    }
    most = min(_MOST_AT_ONCE, os.cpu_count() or 1)
    trials: dict[int, Trial] = {}
    waiting = list(enumerate(paths))[::-1]
    running: dict[int, _Child] = {}
    try:
        while waiting or running:
            while waiting and len(running) < most:
                index, file = waiting.pop()
                running[index] = _Child.start(python, {**asked, "file": file}, timeout)
            for index, child in list(running.items()):
                trial = child.trial()
                if trial is not None:
                    trials[index] = trial
                    running.pop(index).end()
            if running:
                time.sleep(_PAUSE)
    finally:
        # Ctrl+C reaches this process alone: the children have no console.
        for child in running.values():
            child.end()
    return tuple(trials[index] for index in range(len(paths)))


@dataclass
class _Child:
    file: str
    process: subprocess.Popen[bytes]
    answer: IO[bytes]
    deadline: float
    files: ExitStack

    @classmethod
    def start(cls, python: str, asked: Mapping[str, Any], timeout: float) -> _Child:
        import json
        import subprocess
        import tempfile

        deadline = time.monotonic() + timeout
        try:
            with ExitStack() as stack:
                # Not pipes: a process that the load leaves behind may hold those.
                question = stack.enter_context(tempfile.TemporaryFile())
                answer = stack.enter_context(tempfile.TemporaryFile())
                question.write(json.dumps(asked).encode())
                question.seek(0)
                process = subprocess.Popen(
                    [python, "-I", "-S", "-c", _SCRIPT],
                    stdin=question,
                    stdout=answer,
                    stderr=subprocess.DEVNULL,
                    creationflags=_CREATE_NO_WINDOW if os.name == "nt" else 0,
                )
                return cls(asked["file"], process, answer, deadline, stack.pop_all())
        except OSError as error:
            reason = f"{python} could not be started ({error.strerror or error})"
            raise TrialUnavailableError(reason) from None

    def trial(self) -> Trial | None:
        """Return how the load ended, or None while it goes on."""
        exit_code = self.process.poll()
        if exit_code is None:
            late = time.monotonic() > self.deadline
            return Trial(self.file, timed_out=True) if late else None
        facts = self._facts()
        if not facts:
            raise TrialUnavailableError(
                f"the child process ended before the load (exit code {exit_code})"
            )
        if "code" in facts:
            return Trial(self.file, facts["code"], modules=tuple(facts["modules"]))
        crashed = facts.get("crashed", exit_code)
        # ctypes catches an exception of the system; of this one it gives no number.
        crashed = _ACCESS_VIOLATION if crashed is None else crashed & 0xFFFF_FFFF
        return Trial(self.file, crashed=crashed)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.files.close()

    def _facts(self) -> dict[str, Any]:
        import json

        self.answer.seek(0)
        facts: dict[str, Any] = {}
        for line in self.answer.read().decode(errors="replace").splitlines():
            if line.startswith(_MARK):
                facts.update(json.loads(line[len(_MARK) :]))
        return facts
