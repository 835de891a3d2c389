"""On a real Windows Python: what breaks in dllguard there breaks nothing else."""

from __future__ import annotations

import textwrap

import pytest

from tests.bench import Bench, BenchFactory
from tests.measure import UNMEASURED
from tests.pebuilder import build_pe

pytestmark = pytest.mark.bench
SITE = "Lib/site-packages"
HEADLINE = "absent.dll not found (needed by broken.pyd)"


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python with an extension module that does not load."""
    bench = bench_factory()
    extension = build_pe(
        name="broken.pyd", imports={"absent.dll": ["f"]}, exports=["PyInit_broken"]
    )
    for place in ("", "one/"):
        bench.replace(f"{SITE}/{place}broken.pyd", extension)
    bench.replace(f"{SITE}/one/__init__.py", b"from . import broken\n")
    worker = b"def work(_):\n    import dllguard, one\n"
    bench.replace(f"{SITE}/worker.py", worker)
    return bench


def own_lines(trace: str) -> list[str]:
    return [line.strip() for line in trace.splitlines() if "File" in line]


UNCAUGHT = """
import colorsys
def load():
    import one
load()
"""


@pytest.mark.parametrize(
    "sabotage",
    [
        "sys.modules['dllguard._explain'] = None",
        "import dllguard._hosts._win32 as w; w.system_folder = None",
        "import dllguard._hosts._host as h; h.Disk = None",
        "sys.modules['ctypes'] = None",
    ],
    ids=["no module", "Windows does not answer", "bug", "no ctypes"],
)
def test_python_s_own_error_comes_out(bench: Bench, sabotage: str) -> None:
    start = "import sys, dllguard\n{}\n"
    plain = bench.run_code(start.format("dllguard.uninstall()") + UNCAUGHT)
    guarded = bench.run_code(start.format(sabotage) + UNCAUGHT)

    assert guarded.returncode == plain.returncode == 1
    assert own_lines(guarded.stderr) == own_lines(plain.stderr)
    *rest, note = guarded.stderr.splitlines()
    assert rest == plain.stderr.splitlines()
    assert note.startswith("dllguard could not explain this failure (")


@pytest.mark.parametrize("option", ["-O", "-I", "-Werror", "-Xdev"])
def test_options(bench: Bench, option: str) -> None:
    path = [str(p) for p in bench.run_code("import sys; print(*sys.path, sep='|')")
            .stdout.strip().split("|")]  # fmt: skip
    code = f"import sys; sys.path[:0] = {path!r}\nimport dllguard\n{UNCAUGHT}"
    done = bench.run(option, "-c", code)

    assert f"dllguard.DllImportError: {HEADLINE}" in done.stderr
    assert "could not explain" not in done.stderr
    assert "Warning" not in done.stderr
    assert done.returncode == 1


def test_time_that_is_out(bench: Bench) -> None:
    done = bench.run_code(
        "import dllguard\n" + UNCAUGHT, env={"DLLGUARD_TIME_LIMIT": "0"}
    )
    told = " ".join(done.stderr.split())

    assert "the look for the cause took longer than 0 s" in told
    assert done.returncode == 1


MANY = """
import atexit, dllguard, multiprocessing, pickle, sys, threading
if __name__ == "__main__":
    start, results = threading.Barrier(32), []
    def work(number):
        start.wait()
        for name in ("one", "broken"):
            try: __import__(name)
            except ImportError as error:
                again = pickle.loads(pickle.dumps(error))
                same = str(again) == str(error), type(again) is type(error)
                headline = str(error).partition("\\n")[0]
                results.append((type(error).__name__, headline, *same))
    threads = [threading.Thread(target=work, args=(n,)) for n in range(32)]
    for thread in threads: thread.start()
    for thread in threads: thread.join(120)
    print(any(thread.is_alive() for thread in threads), set(results))

    import worker
    with multiprocessing.Pool(1) as pool:
        try: pool.map(worker.work, [1])
        except ImportError as error: print(type(error).__name__, str(error)[:43])

    import _xxsubinterpreters as interpreters
    one = interpreters.create()
    interpreters.run_string(one, '''if True:
        import sys
        import dllguard
        try: import broken
        except ImportError as error: print(type(error).__name__, str(error)[:43])
        sys.stdout.flush()
    ''')
    interpreters.destroy(one)

    class Last:
        def __del__(self):
            try: import broken
            except ImportError as error: print(isinstance(error, ImportError))
    kept = Last()
    def last():
        try: import broken
        except ImportError as error: print(type(error).__name__)
    atexit.register(last)
"""


def test_threads_processes_interpreters_and_the_end(bench: Bench) -> None:
    bench.replace(f"{SITE}/many.py", textwrap.dedent(MANY).encode())
    done = bench.run("-m", "many", env=UNMEASURED)

    assert done.stderr == ""
    # Another interpreter has a buffer of its own.
    assert sorted(done.stdout.splitlines()) == [
        "DllImportError",
        f"DllImportError {HEADLINE}",
        f"DllImportError {HEADLINE}",
        "False {" + str(("DllImportError", HEADLINE, True, True)) + "}",
        "True",
    ]


NEEDED = """
import dllguard
try: import one
except ImportError as error: print(type(error), error)
import ctypes
"""


def test_what_the_explanation_needs_does_not_load_itself(bench: Bench) -> None:
    """Without libffi, `_ctypes` fails as `broken` does, in the middle of it."""
    (library,) = (bench.python_dir / "DLLs").glob("libffi*.dll")
    content = library.read_bytes()
    bench.remove(f"DLLs/{library.name}")
    try:
        done = bench.run_code(NEEDED)
    finally:
        bench.replace(f"DLLs/{library.name}", content)

    assert done.stdout.startswith("<class 'ImportError'> DLL load failed")
    assert "\nImportError: DLL load failed while importing _ctypes" in done.stderr
    assert "dllguard could not explain this failure (" in done.stderr
    assert done.returncode == 1
