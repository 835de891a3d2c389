r"""A folder of modules, and processes of their own that import them, on any system.

import breaking   # a finder whose modules `broken...` fail as Windows' do
import stage      # the same, the hook, and a stand-in for the part that explains
import real       # the same, the hook, and an explanation of files that are there
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.bench import REPOSITORY
from tests.measure import PATIENT

BREAKING: Final = r'''
import sys
from importlib.machinery import ModuleSpec

class Broken:
    """Loads no module whose name starts so."""

    folder = "C:\\site\\"

    def find_spec(self, name, path=None, target=None):
        last = name.rpartition(".")[2]
        if last.startswith("broken"):
            return ModuleSpec(name, self, origin=f"{self.folder}{last}.pyd")

    def create_module(self, spec):
        name = spec.name.rpartition(".")[2]
        text = f"DLL load failed while importing {name}: words"
        raise ImportError(text, name=name, path=spec.origin)

    def exec_module(self, module):
        raise AssertionError

sys.meta_path.append(Broken())
'''

STAGE: Final = r"""
import sys
import dllguard
import dllguard._explain as explaining
from breaking import Broken, ModuleSpec
from dllguard._failure import recognise_chain
from dllguard._model import (Link)
from dllguard._verdict import (Diagnosis)

asked = []

def explain(error, module=None):
    asked.append(module)
    found = recognise_chain(error, module)
    name = (found[1].path or "x").rpartition("\\")[2]
    return Diagnosis(
        code="missing-dll",
        headline=f"absent.dll not found (needed by {name})",
        summary=f"import {module} failed with WinError 126.",
        target=module,
        winerror=126,
        culprit="absent.dll",
        chain=(Link(name, found[1].path), Link("absent.dll")),
        chain_end="NOT FOUND",
    )

explaining.explain = explain
dllguard.install(force=True)
"""

REAL: Final = """
import os, sys
from importlib.machinery import PathFinder
from importlib.util import spec_from_loader
from pathlib import Path
from types import SimpleNamespace

import breaking

machine = Path(__file__).parent / "machine"
site = machine / "Python311" / "Lib" / "site-packages"
breaking.Broken.folder = f"{site}{os.sep}"

def make():
    from tests.trees import Tree
    if not machine.exists():
        tree = Tree(machine)
        # Of an odd file alignment, and with a requirement that is not plain, so that
        # pefile and packaging are asked.
        broken = bytearray(tree.pe("absent.dll"))
        header = int.from_bytes(broken[60:64], "little")
        broken[header + 60 : header + 64] = (0x100).to_bytes(4, "little")
        names = ("broken.pyd", "broken_one.pyd", "package/broken.pyd")
        files = dict.fromkeys(names, bytes(broken))
        requires = ["other~=1.0; python_version>'3'"]
        tree.install("broken", "1.0", files, requires=requires)
    tree = object.__new__(Tree)
    vars(tree).update(root=machine, python=machine / "Python311", site=site)
    vars(tree).update(windows=machine / "Windows")
    return tree.live()

class Explaining:
    # What explains is imported when there is a failure, and asks no Windows here.
    def find_spec(self, name, path=None, target=None):
        if name == "dllguard._explain":
            self.loader = PathFinder.find_spec(name, path).loader
            return spec_from_loader(name, self, origin=self.loader.path)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        self.loader.exec_module(module)
        module.live_host = make
        module.sys = SimpleNamespace(platform="win32")

sys.meta_path.insert(0, Explaining())
import dllguard
dllguard.install(force=True)
"""


class Stage:
    """A folder of modules, and processes that import them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("breaking.py", BREAKING)
        self.write("stage.py", STAGE)
        self.write("real.py", REAL)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def run(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        own = ("PYTHON", "PYTEST")
        inherited = {k: v for k, v in os.environ.items() if k[:6] not in own}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={
                **inherited,
                "PYTHONPATH": os.pathsep.join([str(self.folder), str(REPOSITORY)]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "DLLGUARD": "off",
                **PATIENT,
                **(environment or {}),
            },
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    def python(
        self, code: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run code as a script, so that a warning has a line to point to."""
        self.write("script.py", code)
        return self.run(*options, "script.py", environment=environment)

    def output(
        self, code: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> str:
        """Return what code prints that must end well, and without a word besides."""
        done = self.python(code, *options, environment=environment)
        assert (done.stderr, done.returncode) == ("", 0)
        return done.stdout
