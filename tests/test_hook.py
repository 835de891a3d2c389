"""The hook explains failed loads, and nothing else can tell that it is there.

What imports leave behind is looked at in processes of their own, on any system: a
finder at the end of the stage names loaders that fail as Windows' do, and a stand-in
for the part that asks Windows returns a real diagnosis.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from importlib.machinery import BuiltinImporter, ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from dllguard import _hook
from dllguard._hook import Finder, GuardedLoader, Handle, install, should_guard
from tests.bench import REPOSITORY, Bench, BenchFactory
from tests.pebuilder import build_pe
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


# Installing.


@pytest.fixture
def meta_path(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a `sys.meta_path` of this test, without the hook."""
    path = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    monkeypatch.setattr(sys, "meta_path", path)
    return path


def guards(meta_path: list[Any]) -> int:
    return sum(isinstance(finder, Finder) for finder in meta_path)


def test_install_puts_one_finder_in_front(meta_path: list[Any]) -> None:
    install(force=True)
    install(force=True)

    assert guards(meta_path) == 1
    assert isinstance(meta_path[0], Finder)


@pytest.mark.skipif(sys.platform == "win32", reason="it installs there")
def test_install_does_nothing_beyond_windows(meta_path: list[Any]) -> None:
    handle = install()

    assert guards(meta_path) == 0
    handle.uninstall()


def test_handle_undoes_its_own_call_once(meta_path: list[Any]) -> None:
    before = list(meta_path)
    handle = install(force=True)
    handle.uninstall()
    assert meta_path == before

    install(force=True)
    handle.uninstall()
    assert guards(meta_path) == 1


def test_second_handle_undoes_nothing(meta_path: list[Any]) -> None:
    install(force=True)
    second = install(force=True)

    second.uninstall()
    with second:
        pass

    assert guards(meta_path) == 1


def test_handle_serves_in_with(meta_path: list[Any]) -> None:
    with install(force=True) as handle:
        assert isinstance(handle, Handle)
        assert guards(meta_path) == 1
    assert guards(meta_path) == 0

    with pytest.raises(ZeroDivisionError), install(force=True):
        1 / 0  # noqa: B018  what matters is that it fails
    assert guards(meta_path) == 0


def test_uninstall_takes_all_away_in_place(meta_path: list[Any]) -> None:
    before = list(meta_path)
    install(force=True)
    meta_path.append(Finder())

    _hook.uninstall()
    _hook.uninstall()

    assert sys.meta_path is meta_path
    assert meta_path == before


# What is guarded.


class Loader:
    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to importlib."""

    def exec_module(self, module: object) -> None:
        """Do nothing."""


def test_should_guard() -> None:
    class NoCreate:
        exec_module = None

    class NoExec:
        create_module = None

    assert should_guard(Loader())
    assert should_guard(SourceFileLoader("a", "a.py"))
    assert not should_guard(BuiltinImporter)
    assert not should_guard(None)
    assert not should_guard(NoCreate())
    assert not should_guard(NoExec())
    assert not should_guard(GuardedLoader(Loader(), ModuleSpec("a", None)))


class FoundBy:
    """A finder that answers with one spec, and counts the questions."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked = 0

    def find_spec(self, *_: object) -> Any:
        self.asked += 1
        return self.answer


def test_finders_in_front_are_not_asked_again() -> None:
    front, behind, last = FoundBy(None), FoundBy(None), FoundBy(None)
    finder = Finder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "meta_path", [front, finder, behind, last])
        assert finder.find_spec("a") is None

    assert (front.asked, behind.asked, last.asked) == (0, 1, 1)


def test_finder_out_of_place_asks_no_one() -> None:
    behind = FoundBy(ModuleSpec("a", None))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "meta_path", [behind])
        assert Finder().find_spec("a") is None


@pytest.mark.parametrize("nonsense", [42, "spec", object(), ModuleSpec("a", None)])
def test_nonsense_is_passed_on(nonsense: object) -> None:
    finder = Finder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "meta_path", [finder, FoundBy(nonsense)])
        assert finder.find_spec("a") is nonsense


def test_spec_named_twice_is_guarded_once() -> None:
    loader = Loader()
    spec = ModuleSpec("a", loader)  # type: ignore[arg-type]
    finder = Finder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "meta_path", [finder, FoundBy(spec)])
        finder.find_spec("a")
        finder.find_spec("a")

    guard: Any = spec.loader
    assert type(guard) is GuardedLoader
    assert guard._loader is loader
    guard.create_module(spec)
    guard.exec_module(type(sys)("a"))
    module = type(sys)("a")
    module.__spec__ = spec
    guard.exec_module(module)
    assert spec.loader is loader


def test_class_of_a_guarded_loader_cannot_be_set() -> None:
    guard = GuardedLoader(Loader(), ModuleSpec("a", None))

    with pytest.raises(TypeError):
        guard.__class__ = Loader


# Transparency: the same program with and without the hook.

OFF, ON = "pass", "import dllguard; dllguard.install(force=True)"


def same_with_the_hook(stage: Stage, code: str, *options: str) -> str:
    """Run code without and with the hook; return what both of them printed."""
    code = textwrap.dedent(code)
    runs = [stage.python(f"{first}\n{code}", *options) for first in (OFF, ON)]
    without, guarded = runs
    assert guarded.stderr == without.stderr
    assert guarded.returncode == without.returncode == 0
    printed = [re.sub(" at 0x[0-9a-f]+", "", run.stdout) for run in runs]
    assert printed[1] == printed[0]
    return printed[0]


@pytest.fixture
def library(stage: Stage) -> Stage:
    """Write modules of every kind; each prints its loader while its code runs."""
    code = """
    import sys
    print(__name__, type(__loader__).__name__, __loader__ is __spec__.loader)
    def function():
        return 1
    """
    stage.write("source.py", code)
    stage.write("package/__init__.py", code)
    stage.write("package/inner.py", code)
    stage.write("package/__main__.py", code)
    stage.write("package/data.txt", "data")
    stage.write("space/inner.py", code)
    stage.write("replaced.py", code + "\n    sys.modules[__name__] = sys\n")
    stage.write("speechless.py", code + "\n    del __spec__, __loader__, __name__\n")
    stage.write("script_like.py", code + "\n    print(sys.argv[0][-14:])\n")
    source = textwrap.dedent(code)
    with ZipFile(stage.folder / "zipped.zip", "w") as archive:
        archive.writestr("zipmodule.py", source)
        archive.writestr("zippackage/__init__.py", source)
        archive.writestr("zippackage/data.txt", "zipped data")
    return stage


EXTENSIONS = """
import importlib.machinery, os, sysconfig
folder = sysconfig.get_config_var("DESTSHARED") or ""
suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
wanted = "_ctypes _curses _elementtree _lsprof _multibytecodec _testmultiphase "
wanted += "_testsinglephase _tkinter _xxsubinterpreters readline syslog xxlimited"
extensions = [n for n in wanted.split() if os.path.isfile(f"{folder}/{n}{suffix}")]
"""


def test_what_an_import_leaves_behind(library: Stage) -> None:
    """After the import, no trace; spec and module have the original loader."""
    code = (
        "import importlib, sys, types\n"
        "sys.path.append('zipped.zip')\n"
        + EXTENSIONS
        + """
names = ["source", "package", "package.inner", "space", "space.inner", "replaced"]
names += ["speechless", "zipmodule", "zippackage", "math", "_string", "zipimport"]
names += ["this", "__phello__", "colorsys", *extensions]
for name in names:
    try:
        found = importlib.import_module(name)
    except ImportError as error:
        print(name, type(error), error)
        continue
    spec, loader = getattr(found, "__spec__", 0), getattr(found, "__loader__", 0)
    inner = getattr(spec, "loader", 0)
    print(name, type(found), sorted(vars(found)))
    print(type(inner), inner is loader, inner.__class__, type(loader))
    print(repr(loader)[:40])
    print(spec and (spec.origin, spec.cached, spec.has_location, sorted(vars(spec))))
"""
    )
    seen = same_with_the_hook(library, code)

    assert "source SourceFileLoader True" in seen
    assert "package.inner SourceFileLoader True" in seen
    assert "zipmodule zipimporter True" in seen
    assert "NamespaceLoader" in seen
    assert "ExtensionFileLoader" in seen or sys.platform == "win32"
    assert "GuardedLoader" not in seen


def test_what_find_spec_returns(library: Stage) -> None:
    code = (
        """
import copy, importlib.abc, importlib.machinery, importlib.util, pickle, sys, zipimport
sys.path.append("zipped.zip")
"""
        + EXTENSIONS
        + """
kinds = [importlib.machinery.SourceFileLoader, importlib.machinery.ExtensionFileLoader,
    zipimport.zipimporter, importlib.abc.Loader, importlib.abc.InspectLoader,
    importlib.abc.SourceLoader, importlib.abc.ResourceLoader]
names = ["source", "package", "package.inner", "zipmodule", "space", "colorsys", "math"]
for name in [*names, *extensions]:
    spec, again = importlib.util.find_spec(name), importlib.util.find_spec(name)
    loader = spec.loader
    print(name, spec.origin, loader.__class__, [isinstance(loader, k) for k in kinds])
    print(sorted(dir(loader)) == sorted(dir(loader.__class__)) or "instance attributes")
    print(repr(spec).partition(" at 0x")[0], repr(loader).partition(" at 0x")[0])
    print(spec == again, loader == again.loader, loader != again.loader, loader == 1)
    for other in (copy.copy(spec), copy.deepcopy(spec)):
        print(other == spec, type(other.loader).__name__ == type(spec.loader).__name__)
    print({loader: 1}[loader], bool(loader))
    if hasattr(loader, "path"):
        copied = copy.deepcopy(loader)
        print(copied.path, loader.path, loader.get_filename(name))
        print(type(pickle.loads(pickle.dumps(loader))))
    if hasattr(loader, "get_source"):
        print(loader.get_source(name))
"""
    )
    # A deep copy has the original loader, which does not know the guarded one for its
    # equal; everything else is the same.
    runs = [library.python(f"{first}\n{code}") for first in (OFF, ON)]
    without, guarded = (run.stdout.splitlines() for run in runs)

    assert [run.stderr for run in runs] == ["", ""]
    assert len(guarded) == len(without)
    for line, guarded_line in zip(without, guarded, strict=True):
        if line != guarded_line:
            assert (line, guarded_line) in {
                ("True", "instance attributes"),
                ("True True", "False False"),
                ("False True", "False False"),
            }


def test_find_spec_is_guarded_at_all(library: Stage) -> None:
    """The tests above prove nothing where the hook does nothing."""
    code = """
    import stage, importlib.util
    print(type(importlib.util.find_spec("source").loader).__name__)
    """

    assert library.output(code) == "GuardedLoader\n"


@pytest.mark.parametrize(
    "code",
    {
        "reload": """
            import importlib, source
            print(importlib.reload(source) is source, type(source.__loader__))
            print(type(source.__spec__.loader), source.__spec__.loader.path)
            print(source.__loader__ is source.__spec__.loader)
            """,
        "getsource": """
            import inspect, source, package.inner
            print(inspect.getsource(source), inspect.getsource(package.inner.function))
            print(inspect.getsourcefile(source), inspect.getmodule(source.function))
            """,
        "getsource of a zip": """
            import sys; sys.path.append("zipped.zip")
            import inspect, zipmodule
            print(inspect.getsource(zipmodule.function))
            """,
        "resources": """
            import importlib.resources, pkgutil, sys
            sys.path.append("zipped.zip")
            for name in ("package", "zippackage"):
                print(importlib.resources.files(name).joinpath("data.txt").read_text())
                print(pkgutil.get_data(name, "data.txt"))
            print([m.name for m in pkgutil.iter_modules(["."])])
            print([m.name for m in pkgutil.walk_packages(["package"], "package.")])
            """,
        "resources unseen": """
            import pkgutil
            print(pkgutil.get_data("package", "data.txt"))
            """,
        "module_from_spec": """
            import importlib.util
            spec = importlib.util.find_spec("source")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            print(type(module.__loader__), type(spec.loader), module.__spec__ is spec)
            """,
        "load_module": """
            import importlib.util, warnings
            warnings.simplefilter("ignore")
            module = importlib.util.find_spec("source").loader.load_module("source")
            print(type(module.__loader__), type(module.__spec__.loader))
            """,
        "exec_module without a spec": """
            import importlib.util, types
            module = types.ModuleType("source")
            loader = importlib.util.find_spec("colorsys").loader
            del module.__spec__
            try:
                loader.exec_module(module)
            except ImportError as error:
                print(error, error.name)
            module.__name__ = "colorsys"
            loader.exec_module(module)
            print(sorted(vars(module)), module.hls_to_rgb)
            """,
        "spec_from_loader": """
            import importlib.util
            loader = importlib.util.find_spec("source").loader
            spec = importlib.util.spec_from_loader("source", loader)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            print(spec.origin, type(spec.loader), type(module.__loader__))
            """,
        "LazyLoader": """
            import importlib.util, sys
            spec = importlib.util.find_spec("source")
            spec.loader = importlib.util.LazyLoader(spec.loader)
            module = importlib.util.module_from_spec(spec)
            sys.modules["source"] = module
            spec.loader.exec_module(module)
            print("not yet", object.__getattribute__(module, "__class__"))
            print(module.function(), type(module), type(module.__loader__))
            print(type(module.__spec__.loader))
            """,
        "run_module": """
            import runpy
            for name in ("script_like", "package"):
                space = runpy.run_module(name, run_name="__main__", alter_sys=True)
                print(type(space["__loader__"]), type(space["__spec__"].loader))
                print(space["__loader__"] is space["__spec__"].loader)
            """,
        "run_path": """
            import runpy
            for name in ("package", "zipped.zip"):
                try:
                    space = runpy.run_path(name)
                except ImportError as error:
                    print(error)
                else:
                    print(type(space["__loader__"]))
            """,
        "loader without create_module": """
            import sys
            from importlib.machinery import ModuleSpec
            class Half:
                def find_spec(self, name, path=None, target=None):
                    if name == "half":
                        return ModuleSpec(name, self)
                def exec_module(self, module):
                    print("never")
            sys.meta_path.append(Half())
            try:
                import half
            except ImportError as error:
                print(error)
            """,
        "editable finder": """
            import sys
            from importlib.util import spec_from_file_location
            class Editable:
                @classmethod
                def find_spec(cls, name, path=None, target=None):
                    if name == "renamed":
                        return spec_from_file_location(name, "source.py")
            sys.meta_path.append(Editable)
            import renamed
            print(renamed.__file__, type(renamed.__loader__))
            print(type(renamed.__spec__.loader))
            """,
        "alias finder": """
            import importlib.util, sys
            class Alias:
                def __init__(self, inner):
                    self.inner = inner
                def create_module(self, spec):
                    return self.inner.create_module(spec)
                def exec_module(self, module):
                    print(type(module.__spec__.loader), type(module.__loader__))
                    self.inner.exec_module(module)
            class Aliases:
                def find_spec(self, name, path=None, target=None):
                    if name == "alias":
                        sys.path.append("zipped.zip")
                        loader = importlib.util.find_spec("zipmodule").loader
                        spec = importlib.util.spec_from_loader(name, Alias(loader))
                        return spec
            sys.meta_path.append(Aliases())
            try:
                import alias
            except ImportError as error:
                print(error)
            else:
                print(type(alias.__loader__), type(alias.__spec__.loader))
            """,
        "finder that adds a finder": """
            import sys
            from importlib.util import spec_from_file_location
            class Second:
                def find_spec(self, name, path=None, target=None):
                    print("second", name)
                    if name == "late":
                        return spec_from_file_location(name, "source.py")
            class First:
                def find_spec(self, name, path=None, target=None):
                    print("first", name)
                    sys.meta_path.append(Second())
            sys.meta_path.append(First())
            import late
            print(late.__file__)
            """,
        "one spec for all": """
            import sys, importlib.util
            from importlib.util import spec_from_file_location
            spec = spec_from_file_location("kept", "source.py")
            class Kept:
                def find_spec(self, name, path=None, target=None):
                    if name == "kept":
                        return spec
            sys.meta_path.append(Kept())
            importlib.util.find_spec("kept")
            import kept
            print(type(kept.__loader__), type(spec.loader))
            del sys.modules["kept"]
            import kept
            print(type(kept.__loader__), type(spec.loader))
            """,
        "module that is no module": """
            import sys
            from importlib.machinery import ModuleSpec
            class Slots:
                __slots__ = ()
            class Odd:
                def find_spec(self, name, path=None, target=None):
                    if name == "odd":
                        return ModuleSpec(name, self)
                def create_module(self, spec):
                    print(type(spec.loader))
                    return Slots()
                def exec_module(self, module):
                    print("exec", module.__class__)
            sys.meta_path.append(Odd())
            import odd
            print(odd.__class__)
            """,
        "warning for the caller": """
            import warnings, pathlib
            pathlib.Path("old.py").write_text(
                "import warnings; warnings.warn('old', UserWarning, stacklevel=2)")
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                import old
            print([(w.filename, w.lineno, str(w.message)) for w in caught])
            """,
        "caller by frames": """
            import pathlib
            pathlib.Path("caller.py").write_text(
                "import sys\\nframe = sys._getframe(1)\\n"
                "while 'importlib' in frame.f_code.co_filename:\\n"
                "    frame = frame.f_back\\n"
                "print(frame.f_code.co_filename, frame.f_lineno)")
            import caller
            """,
        "metadata": """
            import importlib, importlib.metadata
            importlib.invalidate_caches()
            found = importlib.metadata.distributions()
            print(sorted({d.metadata["Name"] for d in found}))
            """,
    }.values(),
    ids=lambda code: " ".join(code.split())[:40],
)
def test_nothing_can_tell(library: Stage, code: str) -> None:
    assert same_with_the_hook(library, code)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="gone with 3.12")
def test_finder_of_the_old_kind_is_asked_in_its_turn(library: Stage) -> None:
    code = """
    import sys, types, warnings
    warnings.simplefilter("ignore")
    class Old:
        def find_module(self, name, path=None):
            return self if name in ("source", "old_one") else None
        def load_module(self, name):
            module = sys.modules[name] = types.ModuleType(name)
            module.__loader__ = self
            module.told = "old"
            return module
    sys.meta_path.insert(len(sys.meta_path) - 1, Old())
    import colorsys, source, old_one
    print(source.told, old_one.told, type(source.__loader__), source.__spec__)
    """
    seen = same_with_the_hook(library, code)

    assert seen.startswith("old old")


def test_two_such_hooks_live_together(library: Stage) -> None:
    """As where two packages carry a copy of dllguard each."""
    code = """
    import importlib.util, stage, sys
    from dllguard import _hook
    def copied():
        spec = importlib.util.find_spec("dllguard._hook")
        copy = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(copy)
        return copy
    for _ in "two more".split():
        copy = copied()
        assert copy.Finder is not _hook.Finder
        sys.meta_path.insert(1, copy.Finder())
    import source
    print(type(source.__loader__).__name__, type(source.__spec__.loader).__name__)
    try:
        import broken
    except ImportError as error:
        print(type(error).__name__, error.diagnosis.code, len(stage.asked))
    """

    assert library.output(code).splitlines() == [
        "source SourceFileLoader True",
        "SourceFileLoader SourceFileLoader",
        "DllImportError missing-dll 1",
    ]


@pytest.mark.parametrize("name", ["script_like", "package", "package.inner"])
def test_python_m(library: Stage, name: str) -> None:
    """With the hook installed at start, as a .pth file does."""
    starts = {
        first: library.write(f"{number}/sitecustomize.py", first).parent
        for number, first in enumerate((OFF, ON))
    }
    printed = []
    for folder in starts.values():
        path = os.pathsep.join([str(folder), str(library.folder), str(REPOSITORY)])
        done = subprocess.run(
            [sys.executable, "-m", name],
            cwd=library.folder,
            env={**os.environ, "PYTHONPATH": path, "DLLGUARD": "off"},
            capture_output=True,
            text=True,
            check=True,
        )
        printed.append(done.stdout)

    assert printed[0] == printed[1]
    assert "__main__ SourceFileLoader True" in printed[1]


def test_pytest_rewrites_assertions(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is set for this run is not meant for that one.
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    stage.write("conftest.py", "import dllguard; dllguard.install(force=True)\n")
    stage.write("helper.py", "def check(a):\n    assert a == {1, 2}\n")
    stage.write(
        "test_it.py",
        """
        import sys
        import pytest
        pytest.register_assert_rewrite("helper")
        import helper
        def test_hook():
            assert any(type(f).__name__ == "Finder" for f in sys.meta_path)
            assert type(helper.__loader__).__name__ == "AssertionRewritingHook"
            assert type(sys.modules[__name__].__loader__) is type(helper.__loader__)
        def test_fails():
            helper.check({1, 3})
        """,
    )
    for mode in ("prepend", "importlib"):
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = stage.run(*command, f"--import-mode={mode}", "-o", "pythonpath=.")

        assert "1 failed, 1 passed" in done.stdout
        assert "Extra items in the left set" in done.stdout


# Tracebacks.

RAISED = {
    "ValueError": "raise ValueError('x')",
    "ImportError": "raise ImportError('x')",
    "ModuleNotFoundError": "import nowhere_at_all",
    "no such name": "from json import nowhere_at_all",
    "OSError": "raise OSError(5, 'x')",
    "FileNotFoundError": "open('nowhere/at/all')",
    "RuntimeError subclass": "class Mine(RuntimeError): pass\nraise Mine('x')",
    "AttributeError": "import json\njson.dump_",
    "SyntaxError": "1 +",
    "NameError": "print_",
    "KeyError": "{}['x']",
    "BaseException": "class Mine(BaseException): pass\nraise Mine('x')",
    "SystemExit": "raise SystemExit('x')",
    "cause": (
        "try:\n    import nowhere_at_all\n"
        "except ImportError as e:\n    raise OSError('x') from e"
    ),
    "context": (
        "try:\n    raise OSError('x')\nexcept OSError:\n    raise ImportError('y')"
    ),
    "circle": "from first import name",
    "function": "def f():\n    def g():\n        import nowhere_at_all\n    g()\nf()",
    "reload": "import importlib, json\nimportlib.reload(json).nowhere_at_all",
    "import_module": "import importlib\nimportlib.import_module('nowhere_at_all')",
    "words of a load": "raise ImportError('DLL load failed while importing x: y')",
}


@pytest.mark.parametrize("statement", RAISED.values(), ids=RAISED.keys())
def test_traceback_of_any_other_error_is_the_same(stage: Stage, statement: str) -> None:
    stage.write("first.py", "import second\nname = 1\n")
    stage.write("second/__init__.py", "from . import third\n")
    stage.write("second/third.py", statement)
    done = [stage.run("-c", f"{line}\nimport first\n") for line in (OFF, ON)]

    assert done[0].stderr == done[1].stderr
    assert done[0].stderr
    assert done[0].returncode == done[1].returncode == 1


def test_traceback_of_an_error_in_a_finder_is_the_same(stage: Stage) -> None:
    stage.write(
        "first.py",
        """
        import sys
        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name == "second":
                    raise ImportError(name)
        sys.meta_path.insert(len(sys.meta_path) - 1, Finder())
        import second
        """,
    )
    done = [stage.run("-c", f"{line}\nimport first\n") for line in (OFF, ON)]

    assert done[0].stderr == done[1].stderr
    assert "ImportError: second" in done[1].stderr


def test_traceback_of_an_explained_error(stage: Stage) -> None:
    stage.write("first.py", "import second\n")
    stage.write("second/__init__.py", "from . import broken\n")
    done = stage.run("-c", "import stage\nimport first\n")
    frames = [line for line in done.stderr.splitlines() if "File " in line]
    ours = frames[frames.index('  File "<string>", line 2, in <module>') :]

    assert [line.rpartition(os.sep)[2] for line in ours] == [
        '  File "<string>", line 2, in <module>',
        'first.py", line 1, in <module>',
        '__init__.py", line 1, in <module>',
    ]
    assert "_hook.py" not in done.stderr
    text = done.stderr.partition("\ndllguard.")[2]
    assert text.startswith("DllImportError: absent.dll not found (needed by broken.pyd")
    assert "direct cause of" in done.stderr


# Explained errors.


def test_explains_an_extension_module(stage: Stage) -> None:
    code = r"""
    import sys, stage, dllguard
    try:
        import broken
    except ImportError as error:
        print(type(error).__name__, error.name, error.path, error.diagnosis.code)
        cause = error.__cause__
        print(type(cause).__name__, cause, cause.name, cause.path)
        print(str(error) == str(error.diagnosis), error.msg == cause.msg)
        print(error.args == cause.args, error.__suppress_context__)
    print("broken" in sys.modules, stage.asked)
    """

    words = "DLL load failed while importing broken: words"
    assert stage.output(code).splitlines() == [
        r"DllImportError broken C:\site\broken.pyd missing-dll",
        rf"ImportError {words} broken C:\site\broken.pyd",
        "True True",
        "True True",
        "False ['broken']",
    ]


MODULE_CODE = {
    "torch": (
        """
        text = 'x Error loading "C:/a.dll" or one of its dependencies.'
        error = OSError(22, text)
        error.winerror = 126
        raise error
        """,
        "DllOSError OSError 126 22",
    ),
    "ctypes": (
        """
        raise FileNotFoundError("Could not find module 'a.dll' (or one of its "
            "dependencies). Try using the full path with constructor syntax.")
        """,
        "DllFileNotFoundError FileNotFoundError None None",
    ),
    "operator": (
        "raise RuntimeError('operator torchvision::nms does not exist')",
        "DllRuntimeError RuntimeError None None",
    ),
    "attribute": (
        """
        raise AttributeError(
            "'_OpNamespace' 'torchvision' object has no attribute 'nms'")
        """,
        "DllAttributeError AttributeError None None",
    ),
    "type of its own": (
        """
        class Mine(RuntimeError): pass
        raise Mine("No such operator torchvision::nms")
        """,
        "DllMine Mine None None",
    ),
    "ImportError of its own": (
        """
        class Mine(ImportError): pass
        raise Mine("DLL load failed: x", path="a.pyd")
        """,
        "DllMine Mine None None",
    ),
}


@pytest.mark.parametrize(
    ("statement", "printed"), MODULE_CODE.values(), ids=MODULE_CODE.keys()
)
def test_explains_what_module_code_raises(
    stage: Stage, statement: str, printed: str
) -> None:
    stage.write("failing/__init__.py", "from . import deeper\n")
    stage.write("failing/deeper.py", statement)
    code = """
    import stage
    try:
        import failing
    except Exception as error:
        numbers = getattr(error, "winerror", None), getattr(error, "errno", None)
        print(type(error).__name__, type(error.__cause__).__name__, *numbers)
        print(isinstance(error, type(error.__cause__)), stage.asked)
    """

    # Once, and by the innermost import.
    assert stage.output(code).splitlines() == [printed, "True ['failing.deeper']"]


def test_explains_again_when_tried_again(stage: Stage) -> None:
    code = """
    import stage
    for _ in range(2):
        try:
            import broken
        except ImportError as error:
            print(type(error).__name__)
    """

    assert stage.output(code) == "DllImportError\nDllImportError\n"


def test_module_not_found_costs_nothing(stage: Stage) -> None:
    """It is how a healthy program asks for an optional dependency."""
    stage.write("optional.py", "try: import nowhere\nexcept ImportError: pass\n")
    code = """
    import dllguard, sys
    dllguard.install(force=True)
    import optional
    print([name for name in sys.modules if name.startswith("dllguard.")])
    """

    assert stage.output(code) == "['dllguard._errors', 'dllguard._hook']\n"


# Never worse.

ORIGINAL = """
    import stage, sys
    original = ImportError("DLL load failed: words", name="x", path="x.pyd")
    class Raising:
        def find_spec(self, name, path=None, target=None):
            if name == "x":
                return stage.ModuleSpec(name, self)
        def create_module(self, spec):
            raise original
        def exec_module(self, module):
            pass
    sys.meta_path.append(Raising())
    def attempt():
        try:
            import x
        except Exception as error:
            notes = getattr(error, "__notes__", [])
            print(error is original, type(error).__name__, len(notes), *notes)
"""
NOTES = sys.version_info >= (3, 11)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise ImportError('one\\ntwo')", "ImportError: one"),
        ("raise MemoryError", "MemoryError: "),
        ("return __import__('nowhere_at_all')",
         "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("return explain(error, module)",
         "RecursionError: maximum recursion depth exceeded"),
    ],
    ids="division import memory module recursion".split(),
)  # fmt: skip
def test_problem_of_its_own_lets_the_original_out(
    stage: Stage, problem: str, words: str
) -> None:
    code = (
        textwrap.dedent(ORIGINAL)
        + f"def explain(error, module=None):\n    {problem}\n"
        + "stage.explaining.explain = explain\nattempt()\n"
        + "original = ImportError('DLL load failed: words', path='x.pyd')\n"
        + "stage.explaining.explain = stage.explain\nattempt()\n"
    )
    first, second = stage.output(code).splitlines()

    assert first.startswith(f"True ImportError {int(NOTES)}")
    if NOTES:
        assert f"dllguard could not explain this failure ({words}" in first
        assert first.endswith("the error is Python's own.")
    # The state of the thread is that of before.
    assert second == "False DllImportError 0"


def test_problem_without_words_lets_the_original_out(stage: Stage) -> None:
    code = (
        textwrap.dedent(ORIGINAL)
        + """
class Mute(Exception):
    def __str__(self):
        raise ValueError
def explain(error, module=None):
    raise Mute
stage.explaining.explain = explain
attempt()
"""
    )

    assert stage.output(code) == "True ImportError 0\n"


def test_error_that_takes_no_notes_is_let_out(stage: Stage) -> None:
    code = (
        textwrap.dedent(ORIGINAL)
        + """
original.__notes__ = "no list"
stage.explaining.explain = None
attempt()
"""
    )

    assert stage.output(code).startswith("True ImportError 7")


def test_error_that_cannot_be_derived_from_is_let_out(stage: Stage) -> None:
    code = (
        textwrap.dedent(ORIGINAL)
        + """
class Final(ImportError):
    def __init_subclass__(cls):
        raise TypeError("final")
original = Final("DLL load failed: words", name="x", path="x.pyd")
attempt()
"""
    )

    assert stage.output(code).startswith(f"True Final {int(NOTES)}")


def test_other_errors_have_no_note_even_if_recognition_breaks(stage: Stage) -> None:
    """A `re.py` of the user's beside the script, say."""
    stage.write("failing.py", "from json import nowhere_at_all\n")
    stage.write("dataclasses.py", "raise RuntimeError('not the one you meant')\n")
    code = """
    import sys
    import dllguard
    dllguard.install(force=True)
    try:
        import failing
    except ImportError as error:
        print(type(error).__name__, getattr(error, "__notes__", []))
    """

    assert stage.output(code) == "ImportError []\n"


def test_no_diagnosis_lets_the_original_out(stage: Stage) -> None:
    code = (
        textwrap.dedent(ORIGINAL)
        + "stage.explaining.explain = lambda error, module: None\nattempt()\n"
    )

    assert stage.output(code) == "True ImportError 0\n"


def test_interruption_of_the_explanation_goes_out(stage: Stage) -> None:
    code = (
        textwrap.dedent(ORIGINAL)
        + """
def explain(error, module):
    raise KeyboardInterrupt
stage.explaining.explain = explain
try:
    import x
except KeyboardInterrupt:
    stage.explaining.explain = stage.explain
    attempt()
"""
    )

    assert stage.output(code) == "False DllImportError 0\n"


def test_imports_of_the_explanation_are_not_guarded(stage: Stage) -> None:
    stage.write(
        "helping.py", "try: import broken\nexcept ImportError as e: error = e\n"
    )
    code = """
    import stage, importlib.util
    def explain(error, module=None):
        import helping
        print(type(helping.error).__name__)
        print(type(importlib.util.find_spec("colorsys").loader).__name__)
        return stage.explain(error, module)
    stage.explaining.explain = explain
    try:
        import broken
    except ImportError as error:
        print(type(error).__name__, stage.asked)
    """

    assert stage.output(code).splitlines() == [
        "ImportError",
        "SourceFileLoader",
        "DllImportError ['broken']",
    ]


@pytest.mark.parametrize("answer", ["42", "object()", "'spec'"])
def test_nonsense_of_a_finder_fails_as_without(stage: Stage, answer: str) -> None:
    code = f"""
    import sys
    class Odd:
        def find_spec(self, name, path=None, target=None):
            return {answer} if name == "odd" else None
    sys.meta_path.append(Odd())
    try:
        import odd
    except Exception as error:
        print(type(error), error)
    """

    assert "AttributeError" in same_with_the_hook(stage, code)


# Swallowed failures.


@pytest.fixture
def tolerant(stage: Stage) -> Stage:
    """Write packages that go on without an extension module."""
    stage.write(
        "tolerant/__init__.py",
        """
        for _ in "once more".split():
            try:
                import tolerant.broken
            except ImportError:
                broken = None
        """,
    )
    stage.write("wrapping/__init__.py", "from . import inner\n")
    stage.write("wrapping/inner.py", "import tolerant\n")
    stage.write("doomed/__init__.py", "import tolerant\nraise ValueError('x')\n")
    return stage


CAUGHT = """
import stage, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    {}
for warning in caught:
    print(warning.category.__name__, warning.filename[-9:], warning.lineno)
    print(warning.message)
print(len(caught))
"""


@pytest.mark.parametrize("name", ["tolerant", "wrapping"])
def test_warns_once_where_the_import_stands(tolerant: Stage, name: str) -> None:
    lines = tolerant.output(CAUGHT.format(f"import {name}")).splitlines()

    assert lines[0] == "DllguardWarning script.py 5"
    assert lines[1] == (
        f"broken.pyd -> absent.dll NOT FOUND; import {name} went on without it"
    )
    assert "absent.dll not found (needed by broken.pyd)" in lines
    assert lines[-1] == "1"


def test_warns_of_each_failure(stage: Stage) -> None:
    stage.write(
        "two.py",
        """
        for name in ("broken_one", "broken_two"):
            try: __import__(name)
            except ImportError: pass
        """,
    )
    lines = stage.output(CAUGHT.format("import two")).splitlines()

    assert lines[-1] == "2"
    assert [line.partition(" ")[0] for line in lines if "went on" in line] == [
        "broken_one.pyd",
        "broken_two.pyd",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "try: import doomed\n    except ValueError: pass",
        "try: import broken\n    except ImportError: pass",
        "import colorsys",
    ],
    ids=["outer import fails", "caught at the top", "nothing failed"],
)
def test_does_not_warn(tolerant: Stage, statement: str) -> None:
    after = "import colorsys, json"

    printed = tolerant.output(CAUGHT.format(f"{statement}\n    {after}"))

    assert printed == "0\n"


def test_import_succeeds_where_warnings_are_errors(tolerant: Stage) -> None:
    code = "import stage\nimport wrapping\nprint(wrapping.inner.tolerant.broken)\n"
    done = tolerant.python(code, "-W", "error")

    assert (done.stdout, done.returncode) == ("None\n", 0)
    assert done.stderr.startswith("DllguardWarning: broken.pyd -> absent.dll NOT FOUND")
    assert done.stderr.count("went on without it") == 1


@pytest.mark.parametrize(
    "spoil",
    [
        "def fail(*args, **named): 1 / 0\nwarnings.showwarning = fail",
        "sys.stderr.close()\nwarnings.simplefilter('error')",
        "stage.Diagnosis.__str__ = lambda self: explained.pop() and 1 / 0",
        "sys.modules['dllguard._swallowed'] = None",
    ],
    ids=["showwarning", "stderr", "text", "no module"],
)
def test_import_succeeds_where_the_warning_fails(tolerant: Stage, spoil: str) -> None:
    code = f"import stage, sys, warnings\nexplained = [1]\n{spoil}\nimport tolerant\n"
    # The text is asked for once more, by the warning.
    code = code.replace("explained.pop() and 1 / 0", "explained.pop() and '' or 1 / 0")
    done = tolerant.python(code + "print(tolerant.broken)\n")

    assert (done.stdout, done.returncode) == ("None\n", 0)


def test_swallowed_failure_keeps_no_frames_alive(tolerant: Stage) -> None:
    tolerant.write(
        "holding.py",
        """
        import weakref
        class Big: pass
        def load():
            big = Big()
            kept.append(weakref.ref(big))
            try: import broken
            except ImportError: pass
        kept = []
        load()
        import gc
        gc.collect()
        print(kept[0]())
        """,
    )
    done = tolerant.python("import stage\nimport holding\n")

    assert done.stdout == "None\n"


def test_asks_windows_for_what_torchvision_did_not_load(stage: Stage) -> None:
    stage.write("torchvision/__init__.py", "")
    code = r"""
    import os, stage
    import dllguard._swallowed as swallowed
    def unloaded_files(package, site):
        print(package, os.path.samefile(site, "."))
        return [r"C:\site\torchvision\image.pyd"]
    def explain_unloaded(package, path):
        error = RuntimeError("operator torchvision::x does not exist")
        return stage.explain(error, package)
    swallowed.unloaded_files = unloaded_files
    stage.explaining.explain_unloaded = explain_unloaded
    import warnings
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        import torchvision
    print([(str(w.message).partition("\n")[0], w.lineno) for w in caught])
    stage.explaining.explain_unloaded = None
    del __import__("sys").modules["torchvision"]
    import torchvision
    """

    assert stage.output(code).splitlines() == [
        "torchvision True",
        "[('x -> absent.dll NOT FOUND; import torchvision went on without it', 15)]",
        "torchvision True",
    ]


# Threads.


def test_threads(stage: Stage) -> None:
    stage.write("shared/__init__.py", "from . import broken\n")
    for number in range(16):
        stage.write(f"working{number}.py", "import colorsys, json\nvalue = 1\n")
        stage.write(f"failing{number}/__init__.py", "from . import broken\n")
        stage.write(
            f"going_on{number}/__init__.py",
            "try: from . import broken\nexcept ImportError: pass\n",
        )
    code = """
    import stage, sys, threading, warnings
    sys.setswitchinterval(1e-6)
    warnings.simplefilter("ignore")
    start, results = threading.Barrier(16), []
    def work(number):
        start.wait()
        for name in ("broken", f"failing{number}", f"broken{number}"):
            try:
                __import__(name)
            except ImportError as error:
                results.append((type(error).__name__, error.diagnosis.code))
        __import__(f"working{number}")
        __import__("working0")
        try:
            # CPython hands a module that failed to a thread that has waited for it.
            __import__("shared")
        except ImportError as error:
            assert type(error).__name__ == "DllImportError"
        __import__(f"going_on{number}")
    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads: thread.start()
    for thread in threads: thread.join(60)
    print(len(results), set(results), any(t.is_alive() for t in threads))
    print(sum(f"working{n}" in sys.modules for n in range(16)))
    """

    assert stage.output(code).splitlines() == [
        "48 {('DllImportError', 'missing-dll')} False",
        "16",
    ]


def test_first_explanations_at_once(stage: Stage) -> None:
    """Each thread imports what explains, at the same moment and for the first time."""
    code = """
    import sys, threading
    from importlib.machinery import ModuleSpec
    import dllguard
    dllguard.install(force=True)
    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name.startswith("broken"):
                return ModuleSpec(name, self)
        def create_module(self, spec):
            raise ImportError("DLL load failed: x", name=spec.name, path="x.pyd")
        def exec_module(self, module):
            pass
    sys.meta_path.append(Broken())
    start, results = threading.Barrier(16), []
    def work(number):
        start.wait()
        try:
            __import__(f"broken{number}")
        except ImportError as error:
            results.append((str(error), getattr(error, "__notes__", None)))
    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads: thread.start()
    for thread in threads: thread.join(60)
    print(len(results), set(map(str, results)), any(t.is_alive() for t in threads))
    print("dllguard._explain" in sys.modules)
    """

    # Not on Windows, the explanation is that there is none.
    assert stage.output(code).splitlines() == [
        "16 {\"('DLL load failed: x', None)\"} False",
        "True",
    ]


# On a real Windows Python.


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python with an extension module that does not load."""
    bench = bench_factory()
    extension = build_pe(
        name="broken.pyd", imports={"absent.dll": ["f"]}, exports=["PyInit_broken"]
    )
    site = "Lib/site-packages"
    bench.replace(f"{site}/broken.pyd", extension)
    bench.replace(f"{site}/package/broken.pyd", extension)
    bench.replace(f"{site}/package/__init__.py", b"from . import broken\n")
    bench.replace(
        f"{site}/tolerant/__init__.py",
        b"try:\n    import broken\nexcept ImportError:\n    broken = None\n",
    )
    bench.replace(
        f"{site}/loading.py",
        b"import ctypes, os\n"
        b"ctypes.CDLL(os.path.join(os.path.dirname(__file__), 'broken.pyd'))\n",
    )
    return bench


def on_bench(bench: Bench, code: str) -> Callable[[], list[str]]:
    done = bench.run_code(textwrap.dedent(code))
    assert done.stderr == ""
    return done.stdout.splitlines


PRINT_ERROR = """
import dllguard
try:
    import {}
except Exception as error:
    print(type(error).__name__, error.diagnosis.code, error.diagnosis.culprit)
    print([link.name for link in error.diagnosis.chain], error.diagnosis.winerror)
    cause = error.__cause__
    print(type(cause).__name__, getattr(error, "name", None))
    print(getattr(error, "path", None) == getattr(cause, "path", None))
    print(str(getattr(error, "path", None)).rpartition("site-packages")[2])
    print(str(cause).partition(":")[0], isinstance(error, type(cause)))
"""


@pytest.mark.bench
@pytest.mark.parametrize(
    ("name", "path"),
    [("broken", r"\broken.pyd"), ("package", r"\package\broken.pyd")],
)
def test_explains_a_real_extension_module(bench: Bench, name: str, path: str) -> None:
    lines = on_bench(bench, PRINT_ERROR.format(name))()

    assert lines == [
        "DllImportError missing-dll absent.dll",
        "['broken.pyd', 'absent.dll'] 126",
        "ImportError broken",
        "True",
        path,
        "DLL load failed while importing broken True",
    ]


@pytest.mark.bench
def test_explains_what_ctypes_raised_in_a_module(bench: Bench) -> None:
    lines = on_bench(bench, PRINT_ERROR.format("loading"))()

    assert lines[:3] == [
        "DllFileNotFoundError missing-dll absent.dll",
        "['broken.pyd', 'absent.dll'] 126",
        "FileNotFoundError None",
    ]


@pytest.mark.bench
def test_explains_without_the_hook(bench: Bench) -> None:
    code = """
    import dllguard
    dllguard.uninstall()
    try:
        import package
    except ImportError as error:
        print(type(error).__name__, dllguard.explain(error).code)
        try:
            raise ValueError("later") from error
        except ValueError as later:
            print(dllguard.explain(later).culprit)
    print(dllguard.explain(ImportError("another")))
    """

    assert on_bench(bench, code)() == ["ImportError missing-dll", "absent.dll", "None"]


@pytest.mark.bench
def test_warns_of_a_real_swallowed_failure(bench: Bench) -> None:
    code = """
    import dllguard, warnings
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        import tolerant
    print([(w.filename, w.lineno, str(w.message).partition("\\n")[0]) for w in caught])
    """
    text = "broken.pyd -> absent.dll NOT FOUND; import tolerant went on without it"

    assert on_bench(bench, code)() == [str([("<string>", 5, text)])]


@pytest.mark.bench
def test_extension_modules_of_windows_are_left_as_they_are(bench: Bench) -> None:
    code = """
    import dllguard, sys
    import _bz2, _ctypes, _decimal, _socket, _sqlite3, unicodedata, winsound, winreg
    for name in ("_bz2", "_ctypes", "_socket", "unicodedata", "winreg"):
        module = sys.modules[name]
        print(type(module.__loader__).__name__, type(module.__spec__.loader).__name__)
    print(isinstance(sys.meta_path[0], dllguard._hook.Finder))
    print(sorted(n for n in sys.modules if n.startswith("dllguard.")))
    """

    assert on_bench(bench, code)() == [
        *["ExtensionFileLoader ExtensionFileLoader"] * 4,
        "type type",
        "True",
        "['dllguard._directory', 'dllguard._errors', 'dllguard._hook']",
    ]
