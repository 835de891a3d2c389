"""The main job on a real Windows Python: real wheels, real failures, real cures."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from typing import Any

import pytest

from tests.bench import Bench, BenchFactory

pytestmark = pytest.mark.bench

MISSING_RUNTIME = ("torch==2.15.0", "torchvision==0.29.2", "numpy==1.26.4")
MISSING_OPENMP = ("torch==2.4.0", "torchvision==0.19.0", "numpy==1.26.4")
HEALTHY = ("torch==2.9.0", "torchvision==0.24.0", "numpy==1.26.4")


@dataclass(frozen=True)
class Verdict:
    """What one way of asking says, reduced to what must agree."""

    code: str
    culprit: str
    chain: tuple[str, ...]


def in_bench(bench: Bench, code: str, **env: str) -> Any:
    """Run code that prints one JSON value as its last line, and return the value."""
    done = bench.run_code(textwrap.dedent(code), env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def check(bench: Bench, target: str, *options: str) -> tuple[int, dict[str, Any]]:
    """Run `dllguard check` here, against the bench's Python and Windows."""
    command = [sys.executable, "-m", "dllguard", "check", target, "--json"]
    command += ["--python", str(bench.python_dir)]
    command += ["--windows", str(bench.windows_dir), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode, json.loads(done.stdout)


def errors(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the errors of a report, in its order."""
    found = [d for target in report["targets"] for d in target["diagnoses"]]
    return [d for d in found if d["severity"] == "error"]


def verdict(diagnosis: dict[str, Any]) -> Verdict:
    """Reduce a diagnosis to what every way of asking must agree on."""
    return Verdict(diagnosis["code"], diagnosis["culprit"], tuple(diagnosis["chain"]))


IMPORT_FAILS = """
    import json, sys
    import dllguard
    from dllguard._report import diagnosis_dict
    try:
        import torchvision
    except OSError as error:
        caught = error
    print(json.dumps({
        "type": type(caught).__name__,
        "text": str(caught),
        "winerror": caught.winerror,
        "cause": type(caught.__cause__).__name__,
        "diagnosis": diagnosis_dict(caught.diagnosis),
    }))
"""
PREFLIGHT = """
    import json, sys
    import pyexpat  # Python's own; reads the first manifest
    import dllguard
    from dllguard._hosts._win32 import loaded_modules
    dllguard.preflight("pip")  # everything that judging needs is loaded now
    before = sorted(loaded_modules())
    report = dllguard.preflight("torchvision")
    after = sorted(loaded_modules())
    print(json.dumps({
        "ok": report.ok,
        "report": report.to_dict(),
        "new_modules": [name for name in after if name not in before],
        "imported": "torch" in sys.modules,
    }))
"""
IMPORT_WORKS = """
    import json, sys, warnings
    warnings.simplefilter("ignore", UserWarning)
    warnings.filterwarnings("error", module="dllguard")
    import dllguard
    import torchvision
    print(json.dumps(torchvision.extension._has_ops()))
"""


def test_missing_runtime_is_named_alike_by_all_three_and_cured(
    bench_factory: BenchFactory,
) -> None:
    bench = bench_factory(*MISSING_RUNTIME)
    expected = Verdict(
        "missing-vc-runtime",
        "VCRUNTIME140_THREADS.dll",
        (
            "torch/lib/shm.dll",
            "torch/lib/torch_cpu.dll",
            "VCRUNTIME140_THREADS.dll",
        ),
    )

    raised = in_bench(bench, IMPORT_FAILS)
    first_line = raised["text"].splitlines()[0]
    assert raised["type"] == "DllOSError"
    assert raised["cause"] == "OSError"
    assert raised["winerror"] == 126
    assert first_line == "VCRUNTIME140_THREADS.dll not found (needed by torch_cpu.dll)"
    assert verdict(raised["diagnosis"]) == expected
    assert raised["diagnosis"]["wanted"].endswith("14.40 or newer")
    assert raised["diagnosis"]["found"].startswith("14.0.24247.2 (")
    commands = [c for h in raised["diagnosis"]["help"] for c in h["commands"]]
    assert "winget install --id Microsoft.VCRedist.2015+.x64 -e" in commands

    foreseen = in_bench(bench, PREFLIGHT)
    assert not foreseen["ok"]
    assert verdict(errors(foreseen["report"])[0]) == expected
    assert foreseen["new_modules"] == []
    assert not foreseen["imported"]

    code, offline = check(bench, "torchvision")
    assert code == 1
    assert verdict(errors(offline)[0]) == expected

    bench.install_redistributable()

    assert in_bench(bench, IMPORT_WORKS) is True
    assert in_bench(bench, PREFLIGHT)["ok"]
    code, offline = check(bench, "torchvision")
    assert code == 0
    assert offline["ok"]


def test_build_tools_runtime_is_not_sought_in_the_redistributable(
    bench_factory: BenchFactory,
) -> None:
    bench = bench_factory(*MISSING_OPENMP)
    raised = in_bench(bench, IMPORT_FAILS)
    assert verdict(raised["diagnosis"]) == Verdict(
        "missing-build-tools-runtime",
        "libomp140.x86_64.dll",
        ("torch/lib/fbgemm.dll", "libomp140.x86_64.dll"),
    )
    help_text = json.dumps(raised["diagnosis"]["help"])
    assert "vc_redist" not in help_text
    assert "VCRedist" not in help_text
    assert "torch==2.4.1" in help_text


def test_healthy_torchvision_is_met_with_silence(bench_factory: BenchFactory) -> None:
    bench = bench_factory(*HEALTHY)
    listing = "import torchvision, sys, json; print(json.dumps(sorted(sys.modules)))"
    without = in_bench(bench, listing)
    done = bench.run_code(
        f"import dllguard; {listing}", env={"PYTHONWARNINGS": "error"}
    )
    quiet = bench.run_code(listing, env={"PYTHONWARNINGS": "error"})
    assert (done.returncode, done.stderr) == (quiet.returncode, quiet.stderr)
    modules = json.loads(done.stdout.splitlines()[-1])
    assert [m for m in modules if m.partition(".")[0] != "dllguard"] == without

    report = in_bench(
        bench,
        "import dllguard, json; print(json.dumps(dllguard.preflight().to_dict()))",
    )
    assert report["ok"]
    assert [target["name"] for target in report["targets"]] == ["torch", "torchvision"]
    assert not any(target["diagnoses"] for target in report["targets"])


def test_swallowed_failure_is_one_warning(bench_factory: BenchFactory) -> None:
    bench = bench_factory(*HEALTHY)
    bench.remove("Lib/site-packages/torchvision/jpeg8.dll")
    caught = in_bench(
        bench,
        """
        import json, warnings
        import dllguard
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import torchvision
        print(json.dumps({
            "has_ops": torchvision.extension._has_ops(),
            "texts": [
                [str(w.message), w.filename]
                for w in caught if w.category is dllguard.DllguardWarning
            ],
        }))
        """,
    )
    assert caught["has_ops"] is True
    [(text, filename)] = caught["texts"]
    assert text.startswith(
        "image.pyd -> jpeg8.dll NOT FOUND; import torchvision went on"
    )
    assert "RECORD of torchvision 0.24.0 lists this file" in text
    assert '--force-reinstall --no-cache-dir --no-deps "torchvision==0.24.0"' in text
    assert filename == "<string>"


def test_torchvision_of_another_torch_is_told_by_symbols_and_metadata(
    bench_factory: BenchFactory,
) -> None:
    bench = bench_factory(*HEALTHY, overlay=("torchvision==0.19.0",))
    code, offline = check(bench, "torchvision", "--symbols")
    assert code == 1
    live = in_bench(
        bench,
        "import dllguard, json;"
        "print(json.dumps(dllguard.preflight('torchvision').to_dict()))",
    )
    for report in (offline, live):
        mismatch = errors(report)[0]
        assert mismatch["code"] == "version-mismatch"
        assert mismatch["winerror"] == 127
        assert mismatch["headline"] == (
            "torchvision 0.19.0 needs torch 2.4.0, found torch 2.9.0"
        )
        assert mismatch["symbols"][0].startswith("?toScalarType@TypeMeta@caffe2@@")
        commands = [c for h in mismatch["help"] for c in h["commands"]]
        assert any(
            c.endswith('-m pip install --upgrade "torch==2.9.0" torchvision')
            for c in commands
        )
    text = bench.run_code(
        "import dllguard; print(dllguard.preflight('torchvision'))"
    ).stdout
    assert "caffe2::TypeMeta::toScalarType" in text
