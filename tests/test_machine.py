"""What no file holds of a machine, asked of the one under Wine."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from dllguard._hosts._circumstances import VARIABLES
from tests.bench import Bench, BenchFactory

pytestmark = pytest.mark.bench

POLICY = r"SYSTEM\CurrentControlSet\Control\CI\Policy"
WINDOWS = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
WRITE = """
    import winreg
    def write(key, name, value, kind=winreg.REG_SZ):
        with winreg.CreateKeyEx(
            winreg.HKEY_LOCAL_MACHINE, key, 0, winreg.KEY_WRITE | 0x100
        ) as handle:
            winreg.SetValueEx(handle, name, 0, kind, value)
"""


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python without packages, that no test here alters."""
    return bench_factory()


def ask(bench: Bench, code: str, *args: str, **env: str) -> Any:
    """Run code that leaves its answer in `told`."""
    head = "import ctypes, json, os, sys\nfrom dllguard._hosts import _host, _machine\n"
    code = f"{head}{textwrap.dedent(code)}\nprint(json.dumps(told))"
    done = bench.run_code(code, *args, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_host_has_the_circumstances(bench: Bench) -> None:
    told = ask(
        bench,
        """
        host = _host.live_host()
        known = host.circumstances
        told = {
            "build": known.build,
            "named": f"(build {known.build})" in host.windows,
            "variables": dict(known.variables),
            "processor": sorted(known.processor),
            "avx": ctypes.WinDLL("kernel32").GetEnabledXStateFeatures() >> 2 & 1,
            "commit": known.commit,
            "unknown": [known.edition, known.installation, known.app_control],
            "kind": host.environment.kind,
        }
        """,
        PYTHONPATH_OF_ANOTHER="x",
        CUDA_PATH_V12_4="C:\\CUDA",
        CUDA_PATH=r"C:\CUDA",
    )

    assert told["build"] > 10000
    assert told["named"]
    products = {"CUDA_PATH": r"C:\CUDA", "CUDA_PATH_V12_4": r"C:\CUDA"}
    others = {n: v for n, v in told["variables"].items() if n not in VARIABLES}
    assert others == products
    assert ("avx" in told["processor"]) == bool(told["avx"])
    committed, limit = told["commit"]
    assert 0 < committed <= limit
    # Wine's registry has none of them.
    assert told["unknown"] == ["", "", ""]
    assert told["kind"] == "python"


def test_registry_tells_edition_and_policy(bench_factory: BenchFactory) -> None:
    told = ask(
        bench_factory(),
        f"""{WRITE}
    write({WINDOWS!r}, "EditionID", "ProfessionalN")
    write({WINDOWS!r}, "InstallationType", "Server Core")
    told = []
    for state in (0, 1, 2, 7):
        write({POLICY!r}, "VerifiedAndReputablePolicyState", state, winreg.REG_DWORD)
        known = _machine.circumstances(0x8664)
        told.append([known.edition, known.installation, known.app_control])
    """,
    )

    assert told == [
        ["ProfessionalN", "Server Core", state]
        for state in ("off", "on", "evaluation", "")
    ]


def test_processor_before_windows_tells(bench: Bench) -> None:
    told = ask(
        bench,
        """
        class Kernel:
            def __init__(self, state, features=()):
                self.features = features
                if state is not None:
                    self.GetEnabledXStateFeatures = type(
                        "Ask", (), {"__call__": lambda _: state})()
            def IsProcessorFeaturePresent(self, number):
                return int(number in self.features)
        def asked(windows, machine, *kernel):
            _machine._kernel32 = Kernel(*kernel)
            found = _machine.processor(windows, machine)
            return found if found is None else sorted(found)
        x64 = 0x8664
        told = [
            asked(19045, x64, None, (37, 39)),
            asked(7601, x64, 3),
            asked(7601, x64, 7),
            asked(7601, x64, None),
            asked(18362, x64, 7, (37, 39, 40)),
            asked(22631, 0xAA64, 7, (39, 40)),
        ]
        """,
    )

    assert told == [
        ["avx", "sse4.1"],
        [],
        None,
        None,
        ["avx", "avx2", "sse4.1"],
        None,
    ]


def test_nobody_answers(bench: Bench) -> None:
    told = ask(
        bench,
        """
        class Kernel:
            def IsProcessorFeaturePresent(self, number):
                return 0
        _machine._kernel32 = Kernel()
        told = [_machine.commit()]
        Kernel.K32GetPerformanceInfo = lambda *_: 0
        told.append(_machine.commit())
        """,
    )

    assert told == [None, None]
