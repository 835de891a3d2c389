"""Threads, other processes, other interpreters, and the end of this one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.bench import REPOSITORY
from tests.measure import UNMEASURED
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


# Threads.


@pytest.mark.parametrize("start", ["stage", "real"])
def test_threads_that_fail_at_once(stage: Stage, start: str) -> None:
    """32 of them; every failure has an explanation of its own, and none waits on one.

    `package` holds a lock while it fails that the others wait for.
    """
    stage.write("package/__init__.py", "from . import broken\n")
    code = f"""
    import {start}, sys, threading
    sys.setswitchinterval(1e-6)
    start, results = threading.Barrier(32), []
    def work(number):
        start.wait()
        for name in ("package", "broken", f"broken_{{number}}"):
            try:
                __import__(name)
            except ImportError as error:
                results.append((name[:7], type(error).__name__, id(error), error))
    threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(32)]
    for thread in threads: thread.start()
    for thread in threads: thread.join(60)
    print(sum(thread.is_alive() for thread in threads))
    print(sorted(set(row[:2] for row in results)))
    print(len(set(row[2] for row in results)) == len(results))
    print(all(str(row[3]).count("not found") <= 2 for row in results))
    """
    lines = stage.output(code).splitlines()

    assert lines[0] == "0"
    # CPython lends a module that failed to a thread that has waited for it, and that
    # thread's own statement then fails without an import.
    kinds = [("broken", "DllImportError"), ("broken_", "DllImportError")]
    assert eval(lines[1])[:2] == kinds
    assert {kind for _, kind in eval(lines[1])} == {"DllImportError"}
    assert lines[2:] == ["True", "True"]


def test_lock_of_the_explanation_is_held_by_another_import(stage: Stage) -> None:
    """One thread imports what explains, and waits for what fails in the other."""
    stage.write("first.py", "import time; time.sleep(0.5)\nimport broken\n")
    stage.write("waiting.py", "try: import first\nexcept ImportError: pass\n")
    code = """
    import breaking, dllguard, sys, threading
    from importlib.util import spec_from_file_location
    class Waiting:
        def find_spec(self, name, path=None, target=None):
            if name == "dllguard._failure":
                return spec_from_file_location(name, "waiting.py")
    dllguard.install(force=True)
    sys.meta_path.insert(0, Waiting())
    errors = []
    def work(name):
        try: __import__(name)
        except BaseException as error: errors.append((name, type(error).__name__))
    one = threading.Thread(target=work, args=("first",), daemon=True)
    two = threading.Thread(target=work, args=("dllguard._failure",), daemon=True)
    one.start(); two.start()
    one.join(30); two.join(30)
    print(one.is_alive(), two.is_alive(), errors)
    """

    assert stage.output(code) == "False False [('first', 'ImportError')]\n"


# A stand-in for gevent, whose locks belong to another scheduler.
REPLACED = """
import threading
class Lock:
    def __init__(self, *args): raise RuntimeError("not in this thread")
for name in ("Lock", "RLock", "local", "Event", "Thread"):
    setattr(threading, name, Lock)
"""


@pytest.mark.parametrize("start", ["stage", "real"])
def test_threading_is_replaced(stage: Stage, start: str) -> None:
    code = """
try: import broken
except ImportError as error: print(type(error).__name__, flush=True)
# Python itself ends by locks.
__import__("os")._exit(0)
"""
    printed = stage.output(f"import {start}\n{REPLACED}\n{code}")

    assert printed.split() in (["DllImportError"], ["ImportError"])


# Other processes.

SENT = """
import {start}, sys
def work(_):
    import package
def describe(error):
    return type(error).__mro__[1].__name__, str(error).partition("\\n")[0], error.name
if __name__ == "__main__":
    {main}
"""
MAINS = {
    "multiprocessing": """
    import multiprocessing
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        for _ in range(2):
            try: pool.map(work, range(4))
            except ImportError as error: print(describe(error))
    """,
    "futures": """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    context = multiprocessing.get_context({method!r})
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        for job in [pool.submit(work, n) for n in range(2)]:
            error = job.exception(60)
            assert isinstance(error, ImportError)
            print(describe(error))
    """,
}
METHODS = ["spawn", "forkserver", "fork"] if hasattr(os, "fork") else ["spawn"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("main", MAINS.values(), ids=MAINS.keys())
def test_workers_send_their_errors(stage: Stage, main: str, method: str) -> None:
    stage.write("package/__init__.py", "from . import broken\n")
    main = main.format(method=method).strip()
    printed = [
        stage.output(SENT.format(start=start, main=main))
        for start in ("breaking", "stage")
    ]

    plain, guarded = (text.splitlines() for text in printed)
    words = "DLL load failed while importing broken: words"
    assert plain == [str(("Exception", words, "broken"))] * 2
    text = "absent.dll not found (needed by broken.pyd)"
    assert guarded == [str(("DllguardError", text, "broken"))] * 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_in_the_middle(stage: Stage) -> None:
    """A child that is forked while a thread explains is none of its business."""
    code = """
    import os, stage, sys, threading, time, warnings
    warnings.simplefilter("ignore")
    begun, forked = threading.Event(), threading.Event()
    real = stage.explaining.explain
    def explain(error, module=None):
        begun.set()
        forked.wait(30)
        return real(error, module)
    stage.explaining.explain = explain
    def work():
        try: import broken_one
        except ImportError as error: print(type(error).__name__, flush=True)
    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(30)
    child = os.fork()
    forked.set()
    if not child:
        try: import broken_two
        except ImportError as error: print(type(error).__name__, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    thread.join(30)
    """

    assert stage.output(code) == "DllImportError\n" * 2


# Other interpreters in one process.

INTERPRETERS = """
import sys, textwrap
code = textwrap.dedent('''
    import sys
    sys.path[:0] = {path!r}
    import {start}
    for name in ("broken", "package"):
        try: __import__(name)
        except ImportError as error:
            print(type(error).__name__, str(error).partition(chr(10))[0])
''')
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
{make}
for _ in range(2):
    one = make()
    failed = interpreters.run_string(one, code)
    print(failed or "", end="", flush=True)
    interpreters.destroy(one)
try:
    # What one interpreter has in hand, no other has.
    print("dllguard" in sys.modules)
finally:
    sys.stdout.flush()
"""
OWN_LOCK = {
    "shared": "def make(): return interpreters.create()"
    if sys.version_info < (3, 12)
    else "def make():\n    try: return interpreters.create(isolated=False)\n"
    "    except TypeError: return interpreters.create('legacy')",
    "own": "make = interpreters.create",
}


@pytest.mark.parametrize("start", ["stage", "real"])
@pytest.mark.parametrize("make", OWN_LOCK.values(), ids=OWN_LOCK.keys())
def test_interpreters(stage: Stage, make: str, start: str) -> None:
    """From 3.12 on with a lock of their own (PEP 684)."""
    own = make == OWN_LOCK["own"] and sys.version_info[:2] == (3, 12)
    if own and start == "real":
        # On Windows, ctypes refuses to be imported there before that.
        pytest.skip("CPython 3.12 crashes where two of them import importlib.metadata")
    stage.write("package/__init__.py", "from . import broken\n")
    path = [str(stage.folder), str(REPOSITORY), *filter(None, sys.path)]
    code = INTERPRETERS.format(make=make, start=start, path=path)
    done = stage.python(code, environment=UNMEASURED)
    lines = done.stdout.splitlines()

    assert (done.stderr, done.returncode) == ("", 0)
    assert lines[-1] == "False"
    assert len(lines) == 5
    # An extension module that this needs may refuse such an interpreter.
    explained = "DllImportError absent.dll not found (needed by broken.pyd)"
    plain = "ImportError DLL load failed while importing broken: words"
    assert set(lines[:-1]) <= {explained, plain}
    if start == "stage" or make == OWN_LOCK["shared"]:
        assert set(lines[:-1]) == {explained}


# The end of this one.

AT_EXIT = {
    "atexit": """
    import atexit
    def last():
        try: import broken
        except ImportError as error: print(type(error).__name__)
        import colorsys
        print(type(colorsys.__loader__).__name__)
    atexit.register(last)
    """,
    "atexit before the hook": """
    def last():
        import broken
    """,
    "__del__": """
    class Last:
        def __del__(self):
            try: import broken
            except ImportError as error: print(isinstance(error, ImportError))
            try: import colorsys
            except ImportError as error: print(error)
            else: print(type(colorsys.__loader__).__name__)
    kept = Last()
    """,
    "__del__ of a module": """
    import types
    class Last:
        def __del__(self):
            try: import broken, colorsys
            except ImportError as error: print(isinstance(error, ImportError))
    module = types.ModuleType("module")
    module.kept = module, Last()
    sys.modules["module"] = module
    del module
    """,
    "daemon thread": """
    import threading, time
    begun = threading.Event()
    def work():
        while True:
            try: import broken
            except ImportError: begun.set()
    threading.Thread(target=work, daemon=True).start()
    begun.wait(30)
    """,
    "path set to None": """
    import atexit
    def last():
        finder, sys.meta_path = sys.meta_path[0], None
        try: import broken
        except ImportError as error: print(str(error)[:21])
        try: import colorsys
        except ImportError as error: print(str(error)[:21])
    atexit.register(last)
    """,
    "exit code": "raise SystemExit(5)",
    "uncaught": "import broken",
}


@pytest.mark.parametrize("code", AT_EXIT.values(), ids=AT_EXIT.keys())
def test_end_of_the_interpreter(stage: Stage, code: str) -> None:
    code = "import sys\n" + "\n".join(line[4:] for line in code.splitlines()[1:])
    plain = stage.python(f"import breaking\n{code}")
    for start in ("stage", "real"):
        guarded = stage.python(f"import {start}\n{code}")

        assert guarded.returncode == plain.returncode
        assert guarded.stdout.replace("DllImportError", "ImportError") == plain.stdout
        if "uncaught" not in code:
            assert ("Traceback" in guarded.stderr) == ("Traceback" in plain.stderr)
