"""Whatever breaks in the explanation, the program fares as it would without dllguard.

One program is run twice, in processes of their own: without dllguard, and with the hook
and something broken in it. What it prints, its traceback and its exit code must be the
same, but for the note that says why there is no explanation.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stage import Stage

NOTE = re.compile(r"^dllguard could not explain this failure \(.*\n", re.MULTILINE)
HAS_NOTES = sys.version_info >= (3, 11)

# Fails inside a package, inside a function, while another exception is handled.
PROGRAM = """
import sys
def load():
    try:
        {}["x"]
    except KeyError:
        import package
try:
    load()
except ImportError as error:
    print(type(error), error, error.name, error.path[-10:])
    print(type(error.__cause__), type(error.__context__), error.__suppress_context__)
print("package" in sys.modules, "colorsys" in sys.modules)
load()
"""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write("package/__init__.py", "import colorsys\nfrom . import broken\n")
    return stage


def both(
    stage: Stage, start: str, *options: str, program: str = PROGRAM
) -> tuple[subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]]:
    """Run a program without the hook, and with the hook and what breaks it.

    Both have as many lines before the program as the other.
    """
    lines = start.strip().splitlines()
    plain = ["import breaking", *["pass"] * (len(lines) - 1)]
    first, second = (
        stage.python("\n".join(begun) + program, *options) for begun in (plain, lines)
    )
    return first, second


def without_note(text: str) -> str:
    return NOTE.sub("", text)


# Each replaces what runs when `package.broken` has failed to load.
EXPLAIN = """import stage, sys
def explain(error, module=None):
    {}
stage.explaining.explain = explain
"""

PROBLEMS = {
    "bug": "return error.nowhere_at_all",
    "MemoryError": "raise MemoryError",
    "recursion": "return explain(error, module)",
    "RecursionError": "raise RecursionError",
    "SystemError": "raise SystemError('x')",
    "StopIteration": "raise StopIteration",
    "UnicodeDecodeError": "b'\\xff'.decode()",
    "OSError": "open('nowhere/at/all')",
    "ImportError": "raise ImportError('DLL load failed while importing y: z')",
    "the same error": "raise error",
    "no module": "import nowhere_at_all",
    "assertion": "assert not error",
    "answer that has no text": (
        "return type('D', (), {'__str__': lambda self: 1 / 0, '__bool__': None})()"
    ),
    "group": "raise getattr(__builtins__, 'ExceptionGroup', ValueError)('a', [error])",
}


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_problem_of_the_explanation(stage: Stage, problem: str) -> None:
    plain, guarded = both(stage, EXPLAIN.format(problem))

    assert guarded.stdout == plain.stdout
    assert without_note(guarded.stderr) == plain.stderr
    assert guarded.returncode == plain.returncode == 1
    assert len(NOTE.findall(guarded.stderr)) == HAS_NOTES


def test_such_a_program_can_tell(stage: Stage) -> None:
    """The tests here prove nothing where the hook does nothing."""
    plain, guarded = both(stage, "import stage\n")

    assert "DllImportError" in guarded.stdout
    assert guarded.stdout != plain.stdout
    assert "DLL load failed while importing broken: words" in plain.stderr
    assert guarded.returncode == plain.returncode == 1


OWN = "_attempt _deadline _failure _explain _verdict _report _judge _loader "
OWN += "_loader._walk _files._disk _hosts._host _tables _paths"
BROKEN: list[tuple[str, str | None]] = [(module, None) for module in OWN.split()]
BROKEN += [(module, "1 / 0") for module in ("_attempt", "_deadline", "_explain")]
BROKEN += [("_explain", "import sys; sys.exit(3)"), ("_failure", "raise GeneratorExit")]
BROKEN += [(module, "value = 1") for module in OWN.split()[:5]]


@pytest.mark.parametrize(("module", "content"), BROKEN)
def test_module_of_its_own_is_broken(
    stage: Stage, module: str, content: str | None
) -> None:
    """As where an installation was cut off, or a file is of another version."""
    if content is None:
        start = f"import breaking, sys\nsys.modules['dllguard.{module}'] = None\n"
    else:
        stage.write("odd.py", content)
        start = (
            "import breaking, sys\n"
            "from importlib.util import spec_from_file_location\n"
            "class Odd:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            f"        if name == 'dllguard.{module}':\n"
            "            return spec_from_file_location(name, 'odd.py')\n"
            "sys.meta_path.insert(0, Odd())\n"
        )
    start += "import dllguard; dllguard.install(force=True)\n"
    plain, guarded = both(stage, start)

    assert guarded.stdout == plain.stdout
    assert without_note(guarded.stderr) == plain.stderr
    assert guarded.returncode == plain.returncode == 1


# pefile and packaging, which are other people's.

FOREIGN = {
    "missing": "raise ModuleNotFoundError(f'No module named {__name__!r}')",
    "broken": "raise ImportError('DLL load failed while importing x: y')",
    "OSError": "raise OSError(13, 'x')",
    "raises": "1 / 0",
    "syntax": "1 +",
    "ends the program": "import sys\nsys.exit(3)",
    "BaseException": "class Odd(BaseException): pass\nraise Odd",
    "GeneratorExit": "raise GeneratorExit",
    "another one": "def parse():\n    return 1",
    "fails on attributes": "def __getattr__(name):\n    raise OSError(name)",
    "no module at all": "import sys\nsys.modules[__name__] = 42",
}


FOREIGN_MODULES = [("pefile", kind) for kind in FOREIGN]
FOREIGN_MODULES += [("packaging", kind) for kind in ("missing", "ends the program")]
FOREIGN_MODULES += [("packaging.requirements", kind) for kind in list(FOREIGN)[1::3]]


def test_pefile_and_packaging_are_asked(stage: Stage) -> None:
    """Or the tests of what is wrong with them prove nothing."""
    code = """
    import real, sys
    print("pefile" in sys.modules, "packaging" in sys.modules)
    try: import broken
    except ImportError as error: print(str(error).partition("\\n")[0])
    print("pefile" in sys.modules, "packaging.requirements" in sys.modules)
    """

    assert stage.output(code).splitlines() == [
        "False False",
        "absent.dll not found (needed by broken.pyd)",
        "True True",
    ]


@pytest.mark.parametrize(("name", "kind"), FOREIGN_MODULES)
def test_pefile_and_packaging(stage: Stage, name: str, kind: str) -> None:
    """A script of that name beside the program is found first."""
    assert stage.run("-c", "import real; real.make()").returncode == 0
    content = FOREIGN[kind]
    folder, _, below = name.partition(".")
    if below:
        stage.write(f"{folder}/__init__.py", "")
        stage.write(f"{folder}/{below}.py", content)
    else:
        stage.write(f"{folder}.py", content)
    # For its folder.
    plain, guarded = both(stage, "import real\n")

    if "dllguard.Dll" not in guarded.stderr:
        # It could do nothing without it.
        assert guarded.stdout == plain.stdout
        assert without_note(guarded.stderr) == plain.stderr
    assert guarded.returncode == plain.returncode == 1


# What is not of the explanation, though it is raised while it runs.

INTERRUPTED = """import stage, signal, sys
class Given(Exception): pass
class Handler:
    def __call__(self, *given):
        raise Given
    def method(self, number, frame):
        self.deeper()
    def deeper(self):
        raise Given
def function(number, frame):
    raise Given
def leave(number, frame):
    sys.exit(7)
signal.signal(signal.SIGTERM, {handler})
def explain(error, module=None):
    {action}
stage.explaining.explain = explain
"""
RAISED = "signal.raise_signal(signal.SIGTERM)"


@pytest.mark.parametrize("handler", ["function", "Handler()", "Handler().method"])
def test_what_a_signal_raises_goes_out(stage: Stage, handler: str) -> None:
    """Python alone would have raised it a moment later."""
    start = INTERRUPTED.format(handler=handler, action=RAISED)
    program = """
try:
    import broken
except Given as error:
    print(type(error.__context__), error.__context__)
def explain(error, module=None):
    raise Given
stage.explaining.explain = explain
try:
    import broken
except ImportError as error:
    print(type(error))
"""

    assert stage.output(start + program).splitlines() == [
        "<class 'ImportError'> DLL load failed while importing broken: words",
        "<class 'ImportError'>",
    ]


@pytest.mark.parametrize(
    ("action", "code"),
    [(RAISED, 7), ("sys.exit(3)", 3), ("raise KeyboardInterrupt", None)],
    ids=["signal", "SystemExit", "KeyboardInterrupt"],
)
def test_program_can_be_ended(stage: Stage, action: str, code: int | None) -> None:
    start = INTERRUPTED.format(handler="leave", action=action)
    done = stage.python(f"{start}\ntry: import broken\nexcept ImportError: print(1)\n")

    assert done.stdout == ""
    if code is None:
        assert done.stderr.endswith("KeyboardInterrupt\n")
        # As Python ends by Ctrl+C: by the signal, where there is one.
        assert done.returncode in (-2, 130, 0xC000013A)
    else:
        assert (done.stderr, done.returncode) == ("", code)


def test_interrupted_while_modules_are_imported(stage: Stage) -> None:
    stage.write("odd.py", "raise KeyboardInterrupt")
    code = """
    import breaking, dllguard, sys
    from importlib.util import spec_from_file_location
    class Odd:
        def find_spec(self, name, path=None, target=None):
            if name == "dllguard._explain":
                return spec_from_file_location(name, "odd.py")
    sys.meta_path.insert(0, Odd())
    dllguard.install(force=True)
    try: import broken
    except KeyboardInterrupt as error: print(type(error.__context__).__name__)
    """

    assert stage.output(code) == "ImportError\n"


def test_next_failure_is_explained_after_an_interruption(stage: Stage) -> None:
    start = INTERRUPTED.format(handler="function", action=RAISED)
    program = """
for _ in range(2):
    try:
        import broken
    except BaseException as error:
        print(type(error).__name__)
    stage.explaining.explain = stage.explain
"""

    assert stage.output(start + program) == "Given\nDllImportError\n"


# No room to begin with an explanation.

DEEP = """
import sys
sys.setrecursionlimit(400)
counts = {}
def at(depth):
    if depth:
        return at(depth - 1)
    try:
        import broken
    except (ImportError, RecursionError) as error:
        return type(error).__name__
for depth in range(60, 400):
    try:
        kind = at(depth)
    except RecursionError:
        kind = "RecursionError"
    counts[kind] = counts.get(kind, 0) + 1
print(counts)
"""


def test_import_near_the_recursion_limit(stage: Stage) -> None:
    """A failed import never ends in RecursionError where Python has room for it.

    The hook has two frames more than importlib: those of finder and loader.
    """
    plain, guarded = both(stage, "import stage\n", program=DEEP)
    without: dict[str, int] = eval(plain.stdout)
    counts: dict[str, int] = eval(guarded.stdout)

    assert guarded.stderr == plain.stderr == ""
    assert counts["DllImportError"] > 50
    # Too deep to explain, and not too deep to fail as Python does.
    assert counts["ImportError"] > 0
    assert 0 <= counts["RecursionError"] - without["RecursionError"] <= 2


def test_memory_is_short(stage: Stage) -> None:
    """Python's own error comes out where every further step ends in MemoryError."""
    start = """import stage, dllguard._hook as hook, dllguard._attempt as attempting
def short(*args, **named):
    raise MemoryError
{place} = short
"""
    for place in ("attempting.attempt", "hook._ask", "hook._raise_explained"):
        plain, guarded = both(stage, start.format(place=place))

        assert guarded.stdout == plain.stdout
        assert guarded.stderr == plain.stderr
        assert guarded.returncode == plain.returncode == 1


# What has been said of it by those who catch it.


def test_words_of_others_are_kept(stage: Stage) -> None:
    stage.write(
        "telling/__init__.py",
        """
        try:
            from . import broken
        except ImportError as error:
            error.args = error.msg, = "telling needs broken",
            raise
        """,
    )
    lines = stage.output(
        "import stage\ntry: import telling\nexcept ImportError as e: print(e)\n"
    ).splitlines()

    assert lines[:3] == [
        "telling needs broken",
        "",
        "absent.dll not found (needed by broken.pyd)",
    ]


def test_each_failure_is_looked_at_once(stage: Stage) -> None:
    """It comes by at each of the imports around it."""
    stage.write("outer.py", "import package\n")
    code = """
    import stage
    asked = []
    def explain(error, module=None):
        asked.append(module)
    stage.explaining.explain = explain
    for _ in range(3):
        try: import outer
        except ImportError as error: print(type(error).__name__)
    print(asked)
    """

    assert stage.output(code).splitlines() == [
        *["ImportError"] * 3,
        str(["package.broken"] * 3),
    ]


def test_explain_raises_nothing(stage: Stage) -> None:
    """It is called where an exception is being handled."""
    code = """
    import dllguard, stage
    dllguard.uninstall()
    def explain(error, module=None):
        raise OSError("x")
    stage.explaining.explain = explain
    try:
        import broken
    except ImportError as error:
        print(dllguard.explain(error), len(getattr(error, "__notes__", [])))
    """

    assert stage.output(code) == f"None {int(HAS_NOTES)}\n"
