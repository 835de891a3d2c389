"""Finders that misbehave, and a `sys.meta_path` that others change."""

from __future__ import annotations

import sys
import textwrap
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dllguard import _hook
from dllguard._hook import Finder, GuardedLoader, install
from tests.stage import Stage

IMPORTS = """
import importlib, importlib.util, pkgutil, traceback
for name in ("odd", "colorsys", "json", "nowhere_at_all", "package", "package.odd"):
    for work in (importlib.util.find_spec, importlib.import_module):
        try:
            found = work(name)
        except BaseException as error:
            own = [f.lineno for f in traceback.extract_tb(error.__traceback__)
                   if f.filename.endswith("script.py")]
            print(name, type(error), str(error)[:60], own)
        else:
            print(name, type(found), type(getattr(found, "__loader__", None)))
importlib.invalidate_caches()
print([m.name for m in pkgutil.iter_modules(["package"])])
"""

# `odd` is what the finder below has to do with.
FINDERS = {
    "raises": "def find_spec(self, name, path, target): 1 / 0",
    "raises ImportError": "def find_spec(self, *_): raise ImportError('x', name='odd')",
    "raises SystemExit": "def find_spec(self, *_): raise SystemExit(3)",
    "takes other arguments": "def find_spec(self): pass",
    "has no find_spec": "pass",
    "find_spec is None": "find_spec = None",
    "find_spec is a property that raises": ("find_spec = property(lambda self: 1 / 0)"),
    "answers with a number": "def find_spec(self, *_): return 42",
    "answers with a text": "def find_spec(self, *_): return 'spec'",
    "answers with false": "def find_spec(self, *_): return False",
    "answers with its name": "def find_spec(self, name, *_): return name",
    "loader is a number": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return ModuleSpec(name, 42)
    """,
    "no loader": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return ModuleSpec(name, None)
    """,
    "loader raises on attributes": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return ModuleSpec(name, self)
    def __getattr__(self, name):
        raise OSError(name)
    """,
    "loader raises when asked for its class": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return ModuleSpec(name, self)
    __class__ = property(lambda self: 1 / 0)
    def create_module(self, spec): return None
    def exec_module(self, module): module.told = 1
    """,
    "loader of slots": """
    __slots__ = ()
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return ModuleSpec(name, self)
    def create_module(self, spec): return None
    def exec_module(self, module): module.told = 1
    """,
    "loader of the old kind": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return ModuleSpec(name, self)
    def load_module(self, name):
        sys.modules[name] = type(sys)(name)
        return sys.modules[name]
    """,
    "loader answers with a number": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return ModuleSpec(name, self)
    def create_module(self, spec): return 42
    def exec_module(self, module): pass
    """,
    "loader takes other arguments": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return ModuleSpec(name, self)
    def create_module(self): return None
    def exec_module(self): pass
    """,
    "spec cannot be changed": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return Fixed(name, self)
    def create_module(self, spec): return None
    def exec_module(self, module): module.told = 1
    """,
    "spec raises on its loader": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return Raising()
    """,
    "spec without a name": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            spec = ModuleSpec(name, self)
            del spec.name
            return spec
    def create_module(self, spec): raise OSError("no")
    def exec_module(self, module): pass
    """,
    "spec with a name that is none": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            spec = ModuleSpec(name, self)
            spec.name = [name]
            return spec
    def create_module(self, spec): return type(sys)("odd")
    def exec_module(self, module): pass
    """,
    "module without a spec": """
    def find_spec(self, name, path=None, target=None):
        if name.endswith("odd"):
            return ModuleSpec(name, self)
    def create_module(self, spec): return sys
    def exec_module(self, module): module.__spec__ = None
    """,
    "replaces the path": """
    def find_spec(self, name, path=None, target=None):
        sys.meta_path = [f for f in sys.meta_path if f is not self]
    """,
    "empties the path": """
    def find_spec(self, name, path=None, target=None):
        if name == "nowhere_at_all":
            sys.meta_path.clear()
    """,
    "equal to nothing": """
    def __eq__(self, other): raise ValueError
    __hash__ = None
    def find_spec(self, *_): return None
    """,
}

PRELUDE = """
import sys
from importlib.machinery import ModuleSpec
class Fixed(ModuleSpec):
    def __setattr__(self, name, value):
        if name == "loader" and name in vars(self):
            raise AttributeError(name)
        super().__setattr__(name, value)
class Raising:
    name = "odd"
    @property
    def loader(self):
        raise KeyError("loader")
class Odd:
{body}
import dllguard, json.decoder, colorsys
{hook}
sys.meta_path.insert({place}, Odd())
{imports}
{undo}
"""
HOOKED = (
    "dllguard.install(force=True)",
    "sys.meta_path = [*sys.meta_path]; dllguard.uninstall()",
)


@pytest.mark.parametrize("body", FINDERS.values(), ids=FINDERS.keys())
@pytest.mark.parametrize("place", ["0", "len(sys.meta_path)"], ids=["front", "back"])
def test_finder_that_misbehaves(stage: Stage, body: str, place: str) -> None:
    stage.write("package/__init__.py", "")
    parts = {
        "body": textwrap.indent(textwrap.dedent(body), "    "),
        "place": place,
        "imports": IMPORTS,
    }
    plain, guarded = (
        stage.python(PRELUDE.format(**parts, hook=hook, undo=undo))
        for hook, undo in [("pass", "pass"), HOOKED]
    )

    assert guarded.stdout == plain.stdout
    assert own_lines(guarded.stderr) == own_lines(plain.stderr)
    assert guarded.returncode == plain.returncode


def own_lines(trace: str) -> list[str]:
    """Return a traceback without importlib's frames, of which the hook has some cut."""
    return [line for line in trace.splitlines() if "<frozen importlib" not in line]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


# The path itself.


@pytest.fixture
def meta_path(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a `sys.meta_path` of this test, without the hook."""
    path = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    monkeypatch.setattr(sys, "meta_path", path)
    return path


class Unequal:
    def __eq__(self, other: object) -> bool:
        raise ValueError

    __hash__ = None  # type: ignore[assignment]

    def find_spec(self, *_: object) -> None:
        """Find nothing."""


def test_other_finders_are_not_compared(meta_path: list[Any]) -> None:
    meta_path.insert(0, Unequal())
    with install(force=True):
        assert type(sys.meta_path[0]) is Finder
    install(force=True)
    _hook.uninstall()

    assert [type(finder) for finder in meta_path[:1]] == [Unequal]
    assert not any(type(finder) is Finder for finder in meta_path)


@pytest.mark.parametrize(
    "path",
    [None, (), (Unequal(),), iter(())],
    ids=["none", "empty", "unequal", "iterator"],
)
def test_path_that_is_no_list_is_let_alone(
    monkeypatch: pytest.MonkeyPatch, path: object
) -> None:
    monkeypatch.setattr(sys, "meta_path", path)
    with install(force=True):
        assert sys.meta_path is path
    _hook.uninstall()

    assert Finder().find_spec("a") is None


def test_path_that_was_replaced_keeps_the_handle_harmless(
    monkeypatch: pytest.MonkeyPatch, meta_path: list[Any]
) -> None:
    handle = install(force=True)
    monkeypatch.setattr(sys, "meta_path", [*meta_path])
    handle.uninstall()
    handle.uninstall()

    assert not any(type(finder) is Finder for finder in sys.meta_path)
    assert type(meta_path[0]) is Finder


def test_failure_is_explained_once_by_a_hook_that_is_there_twice(stage: Stage) -> None:
    code = """
    import stage, sys
    for place in (0, 2, len(sys.meta_path)):
        sys.meta_path.insert(place, sys.meta_path[0])
    sys.meta_path.insert(1, type(sys.meta_path[0])())
    try:
        import broken
    except ImportError as error:
        print(type(error).__name__, type(error.__cause__).__name__, stage.asked)
    import colorsys
    print(type(colorsys.__loader__).__name__, type(colorsys.__spec__.loader).__name__)
    stage.dllguard.uninstall()
    print(sum(type(f).__name__ == "Finder" for f in sys.meta_path))
    """

    assert stage.output(code).splitlines() == [
        "DllImportError ImportError ['broken']",
        "SourceFileLoader SourceFileLoader",
        "0",
    ]


@pytest.mark.parametrize(
    "again",
    [
        "importlib.reload(dllguard._hook); importlib.reload(dllguard)",
        "importlib.reload(dllguard); importlib.reload(dllguard._hook)",
        "forget(); import dllguard; dllguard.install(force=True)",
        "forget(); import dllguard._hook; dllguard.install(force=True)",
    ],
    ids=["hook first", "hook last", "anew", "anew from below"],
)
def test_reload(stage: Stage, again: str) -> None:
    """As autoreload does, or a test that wants a module anew."""
    code = f"""
    import importlib, os, sys
    import stage, dllguard
    def forget():
        for name in [*sys.modules]:
            if name.partition(".")[0] == "dllguard":
                del sys.modules[name]
    {again}
    dllguard.install(force=True)
    import dllguard._explain
    dllguard._explain.explain = stage.explain
    print(sum(type(f).__name__ == "Finder" for f in sys.meta_path))
    try:
        import broken
    except dllguard.DllImportError as error:
        print(len(stage.asked), type(error.__cause__).__name__)
    dllguard.uninstall()
    print(sum(type(f).__name__ == "Finder" for f in sys.meta_path))
    import colorsys
    """

    assert stage.output(code).splitlines() == ["1", "1 ImportError", "0"]


@pytest.mark.parametrize(
    "name",
    [["torchvision"], None, 42, object()],
    ids=["list", "none", "number", "object"],
)
def test_name_that_is_none(name: object) -> None:
    class Loader:
        create_module = None

        def exec_module(self, module: Any) -> None:
            module.told = 1

    spec, module = SimpleNamespace(name=name), type(sys)("a")
    module.__spec__ = spec  # type: ignore[assignment]
    GuardedLoader(Loader(), spec).exec_module(module)  # type: ignore[arg-type]

    assert module.told == 1


def test_guard_is_put_where_it_can_be() -> None:
    class Fixed:
        loader = property(lambda _: 1 / 0)

    class Loader:
        create_module = exec_module = None

    class Named:
        __slots__ = ("loader",)

    _hook._guard(Fixed())
    _hook._guard(42)
    spec: Any = ModuleSpec("a", Loader())  # type: ignore[arg-type]
    _hook._guard(spec)
    assert type(spec.loader) is GuardedLoader
    named: Any = Named()
    named.loader = Loader()
    _hook._guard(named)
    assert type(named.loader) is GuardedLoader
