"""Under Python's own options, and beside what else has a hand in imports."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.bench import REPOSITORY
from tests.stage import Stage

EXPLAINED = "absent.dll not found (needed by broken.pyd)"
WORDS = "DLL load failed while importing broken: words"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write("package/__init__.py", "from . import broken\n")
    return stage


# Options.

OPTIONS = [
    ["-O"],
    ["-OO"],
    ["-W", "error"],
    ["-W", "error", "-X", "dev"],
    ["-b", "-b"],
    ["-I"],
    ["-S"],
    ["-I", "-S"],
    ["-E"],
    ["-B"],
    ["-s"],
    ["-v"],
    ["-X", "importtime"],
    ["-X", "dev"],
    ["-X", "frozen_modules=off"],
    ["-X", "utf8=0"],
    ["-X", "tracemalloc"],
    ["-X", "no_debug_ranges"],
    ["-X", "warn_default_encoding"],
]
if sys.version_info >= (3, 11):
    OPTIONS.append(["-P"])
OPTIONED = """
import sys
sys.path[:0] = {path!r}
import {start}
def load():
    import package
try:
    load()
except ImportError as error:
    print(type(error).__name__, str(error).partition(chr(10))[0], error.name)
    print(str(error).count("needed by"), getattr(error, "__notes__", []))
load()
"""


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
@pytest.mark.parametrize("start", ["stage", "real"])
def test_options(stage: Stage, start: str, options: list[str]) -> None:
    # Without `site`, what dllguard needs is found beside it.
    path = [str(stage.folder), str(REPOSITORY), *filter(None, sys.path)]
    done = stage.python(OPTIONED.format(path=path, start=start), *options)

    first, second, *_ = done.stdout.splitlines()
    assert first == f"DllImportError {EXPLAINED} broken"
    assert second == "1 []"
    assert done.returncode == 1
    # The program's own lines stand in the traceback, and dllguard's do not.
    trace = done.stderr[done.stderr.index("Traceback") :]
    assert trace.count("in load\n") == 1
    assert "_hook.py" not in trace
    assert "_attempt.py" not in trace
    noisy = {"-v", "importtime"}
    if not noisy & set(options):
        assert done.stderr.startswith("Traceback")
        assert "Warning" not in done.stderr


@pytest.mark.parametrize("option", ["-I", "-S"])
def test_packages_that_are_out_of_reach(stage: Stage, option: str) -> None:
    """Without pefile and packaging, which such an option may hide."""
    code = f"""
    import sys
    sys.path[:0] = {[str(stage.folder), str(REPOSITORY)]!r}
    import breaking, dllguard
    dllguard.install(force=True)
    try: import package
    except ImportError as error: print(type(error).__name__, error)
    """
    done = stage.python(code, "-S", option)

    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout == f"ImportError {WORDS}\n"


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONSAFEPATH": "1"},
        {"PYTHONHASHSEED": "0", "PYTHONMALLOC": "debug"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"},
        {"PYTHONPROFILEIMPORTTIME": "1", "PYTHONNODEBUGRANGES": "1"},
        {"DLLGUARD_TIME_LIMIT": "60"},
    ],
    ids=" ".join,
)
def test_environment(stage: Stage, environment: dict[str, str]) -> None:
    done = stage.python("import real\nimport package\n", environment=environment)

    assert f"dllguard.DllImportError: {EXPLAINED}" in done.stderr
    assert done.returncode == 1


# Time.

SLOW = """
import real, sys, time
from dllguard._files._disk import Disk
listed = Disk._list
def slow(self, folder):
    time.sleep(0.2)
    return listed(self, folder)
host = real.make()
import dllguard._explain
dllguard._explain.live_host = real.make
start = time.monotonic()
Disk._list = slow
try: import outer
except ImportError as error:
    print(" ".join(str(error).split()), getattr(error, "__notes__", ""))
print(time.monotonic() - start < 3)
"""


@pytest.mark.parametrize("limit", ["0", "0.3"])
def test_slow_disk_holds_up_no_longer_than_the_limit(stage: Stage, limit: str) -> None:
    """However many imports the failure passes through."""
    stage.write("outer.py", "import inner")
    stage.write("inner.py", "import package")
    lines = stage.output(SLOW, environment={"DLLGUARD_TIME_LIMIT": limit}).splitlines()

    told = f"the look for the cause took longer than {limit} s"
    assert told in lines[0] or (
        lines[0].startswith(WORDS) and sys.version_info < (3, 11)
    )
    assert lines[1] == "True"


# Other kinds of loaders.

LOADERS = {
    "import_module": "import importlib; importlib.import_module('package.broken')",
    "__import__": "__import__('package', fromlist=['broken'])",
    "relative": "import importlib; importlib.import_module('.broken', 'space')",
    "runpy": "import runpy; runpy.run_module('runs')",
    "run_path": "import runpy; runpy.run_path('runs.py')",
    "zipimport": "sys.path.append('zipped.zip'); import zipped",
    "exec": "exec('import package')",
    "lazy": """
        import importlib.util
        spec = importlib.util.find_spec("package")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = importlib.util.module_from_spec(spec)
        sys.modules["package"] = module
        spec.loader.exec_module(module)
        module.broken
        """,
    "module_from_spec": """
        import importlib.util
        spec = importlib.util.find_spec("broken")
        importlib.util.module_from_spec(spec)
        """,
    "frozen program": """
        import marshal
        class FrozenImporter:
            # As PyInstaller has one: code from an archive, and its own path entries.
            code = {"frozen": ("import frozen.inner", True),
                    "frozen.inner": ("import broken", False)}
            def find_spec(self, name, path=None, target=None):
                if name in self.code:
                    package = self.code[name][1]
                    spec = sys.modules["breaking"].ModuleSpec(
                        name, self, is_package=package)
                    spec.loader_state = marshal.dumps(
                        compile(self.code[name][0], f"<frozen>/{name}.py", "exec"))
                    return spec
            def create_module(self, spec): return None
            def get_code(self, name): raise ImportError
            def exec_module(self, module):
                module.__file__ = "<frozen>"
                exec(marshal.loads(module.__spec__.loader_state), vars(module))
        sys.meta_path.insert(0, FrozenImporter())
        sys.frozen = True
        import frozen
        """,
    "editable by a finder": """
        from importlib.machinery import PathFinder
        class __editable___finder:
            @classmethod
            def find_spec(cls, name, path=None, target=None):
                if name == "edited":
                    from importlib.util import spec_from_file_location
                    return spec_from_file_location(name, "elsewhere/edited/__init__.py",
                        submodule_search_locations=["elsewhere/edited"])
        sys.meta_path.append(__editable___finder)
        import edited
        """,
    "editable by a path": """
        import site
        open("site/edited.pth", "w").write("../elsewhere\\n")
        site.addsitedir("site")
        import edited
        """,
    "path hook": """
        from importlib.machinery import FileFinder, SourceFileLoader
        def hook(path):
            if not path.endswith("site"): raise ImportError
            return FileFinder(path, (SourceFileLoader, [".src"]))
        sys.path_hooks.insert(0, hook)
        sys.path.append("site")
        open("site/hooked.src", "w").write("import package")
        import hooked
        """,
    "resource of a namespace": "import space.inner",
    "custom __import__": """
        import builtins
        real = builtins.__import__
        def importing(name, *args, **named):
            return real(name, *args, **named)
        builtins.__import__ = importing
        import package
        """,
}


@pytest.mark.parametrize("code", LOADERS.values(), ids=LOADERS.keys())
def test_loaders(stage: Stage, code: str) -> None:
    stage.write("runs.py", "import package\n")
    stage.write("space/inner.py", "import package\n")
    stage.write("elsewhere/edited/__init__.py", "from . import broken\n")
    stage.write("site/empty.txt", "")
    with ZipFile(stage.folder / "zipped.zip", "w") as archive:
        archive.writestr("zipped.py", "import package\n")
    told, traces = [], []
    for start in ("breaking", "stage"):
        stage.write("body.py", code)
        done = stage.python(f"""
import traceback, sys, {start}
body = open("body.py").read()
import textwrap
try:
    exec(compile(textwrap.dedent(body), "body.py", "exec"), {{"sys": sys}})
except Exception as error:
    print(isinstance(error, ImportError), error.name)
    print(type(error).__name__, str(error).partition(chr(10))[0])
    frames = traceback.extract_tb(error.__traceback__)
    own = [(f.filename[-12:], f.lineno) for f in frames]
    print([row for row in own if "bootstrap" not in row[0] and "reaking" not in row[0]])
""")
        assert done.stderr == ""
        lines = done.stdout.splitlines()
        told.append(lines[:2])
        traces.append(lines[2])

    assert told == [
        ["True broken", f"ImportError {WORDS}"],
        ["True broken", f"DllImportError {EXPLAINED}"],
    ]
    assert traces[0] == traces[1]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups came with 3.11")
def test_exception_groups(stage: Stage) -> None:
    stage.write(
        "grouped.py",
        """
        errors = []
        for name in ("broken_one", "broken_two"):
            try: __import__(name)
            except ImportError as error: errors.append(error)
        raise ExceptionGroup("both", [*errors, ValueError("x")])
        """,
    )
    printed = []
    for start in ("breaking", "stage"):
        code = f"""
import {start}
try:
    import grouped
except ExceptionGroup as group:
    print(type(group).__name__, len(group.exceptions), group.subgroup(ValueError))
    print(group.split(ImportError)[0].message)
try:
    del __import__("sys").modules["grouped"]
except KeyError:
    pass
try:
    import grouped
except* ImportError as caught:
    print(len(caught.exceptions), [e.name for e in caught.exceptions])
except* ValueError:
    print("rest")
"""
        printed.append(stage.output(code))

    assert printed[0] == printed[1]


# Programs that import for others.


def test_pytest(stage: Stage) -> None:
    """With its assertion rewriting, and a test module that cannot be imported."""
    stage.write(
        "test_it.py",
        """
        import pytest
        def test_raises():
            with pytest.raises(ImportError, match="broken") as caught:
                import package
            assert caught.value.name == "broken"
        def test_importorskip():
            with pytest.raises(BaseException) as caught:
                pytest.importorskip("package", exc_type=ImportError)
            assert type(caught.value).__name__ == "Skipped"
        def test_fails():
            import package
        """,
    )
    stage.write("test_cannot.py", "import package\n")
    reports = []
    for start in ("breaking", "stage"):
        stage.write("conftest.py", f"import {start}\n")
        done = stage.run(
            *["-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short"],
            *["--continue-on-collection-errors", "-o", "pythonpath=."],
        )
        assert done.returncode == 1
        reports.append(done.stdout)

    for report in reports:
        assert "1 failed, 2 passed, 1 error" in report
        assert "ERROR test_cannot.py" in report
    assert WORDS in reports[0]
    assert EXPLAINED in reports[1]
    assert "_hook.py" not in reports[1]


QUIETLY = "--no-banner --colors=NoColor --HistoryManager.enabled=False".split()


@pytest.mark.skipif(not find_spec("IPython"), reason="IPython is not installed")
def test_ipython(stage: Stage) -> None:
    """With autoreload, whose finder stands on the path as well."""
    stage.write(
        "session.ipy",
        """
        %load_ext autoreload
        %autoreload 2
        import {start}
        try:
            import package
        except ImportError as error:
            print("caught", type(error).__name__)
        import package
        """,
    )
    session = (stage.folder / "session.ipy").read_text("utf-8")
    shown = []
    for start in ("breaking", "stage"):
        stage.write("session.ipy", session.replace("{start}", start))
        home = {"IPYTHONDIR": str(stage.folder / "home")}
        command = ["-m", "IPython", *QUIETLY, "session.ipy"]
        done = stage.run(*command, environment=home)
        assert done.returncode == 1
        shown.append(done.stdout + done.stderr)

    assert "caught ImportError" in shown[0]
    assert "caught DllImportError" in shown[1]
    assert WORDS in shown[0]
    assert EXPLAINED in shown[1]
    assert "_hook.py" not in shown[1]
