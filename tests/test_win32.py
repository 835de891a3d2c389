"""What a running Windows tells, asked of the one under Wine."""

from __future__ import annotations

import json
import sys
import textwrap

import pytest

from tests.bench import BenchFactory

pytestmark = pytest.mark.bench

ASK = """
    import json, os, sys
    import dllguard
    from dllguard import _win32
    first, second = sys.argv[1:]
    before = _win32.added_folders()
    os.add_dll_directory(first)
    handle = os.add_dll_directory(second)
    added = _win32.added_folders()
    handle.close()
    loaded = _win32.loaded_modules()
    print(json.dumps({
        "before": before,
        "added": added,
        "closed": _win32.added_folders(),
        "application": _win32.application_folder(),
        "system": _win32.system_folder(),
        "windows": _win32.windows_folder(),
        "python": loaded["python311.dll"],
        "lower": [name for name in loaded if name != name.lower()],
        "is_loaded": _win32.is_loaded(loaded["python311.dll"]),
        "is_not": _win32.is_loaded(os.path.join(first, "python311.dll")),
        "machine": _win32.native_machine(),
        "name": _win32.windows_name(),
        "registered": _win32.registered_runtime("x64"),
        "plain": _win32.undecorate("?f@A@@YAXXZ"),
        "codes": [_win32.code_of_message("X: " + _win32._message(c), (127, 126, 193))
                  for c in (126, 127, 193, 5)],
    }))
"""


def test_what_it_tells(bench_factory: BenchFactory) -> None:
    bench = bench_factory()
    folders = [bench.windows_path(bench.python_dir / name) for name in ("DLLs", "Lib")]

    done = bench.run_code(textwrap.dedent(ASK), *folders)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    home = bench.windows_path(bench.python_dir).lower()
    assert told["before"] == told["lower"] == []
    # The newest is searched first.
    assert [f.lower() for f in told["added"]] == [f.lower() for f in folders[::-1]]
    assert [f.lower() for f in told["closed"]] == [folders[0].lower()]
    assert told["application"].lower() == home
    assert told["system"].lower() == r"c:\windows\system32"
    assert told["windows"].lower() == r"c:\windows"
    assert told["python"].lower() == home + r"\python311.dll"
    assert (told["is_loaded"], told["is_not"]) == (True, False)
    assert told["machine"] == 0x8664
    assert "Windows" in told["name"]
    assert "build" in told["name"]
    assert told["registered"] is None
    assert told["plain"] == "A::f"
    assert told["codes"] == [126, 127, 193, None]


@pytest.mark.skipif(sys.platform == "win32", reason="it can be imported there")
def test_it_is_for_windows_alone() -> None:
    with pytest.raises(ImportError, match="for Windows alone"):
        import dllguard._win32  # noqa: F401
