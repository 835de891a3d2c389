"""Start-up code that did not succeed, and the processor."""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from dllguard import _explain
from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._hosts._circumstances import Circumstances
from dllguard._hosts._trial import Trial
from dllguard._tables._load_errors import ILLEGAL_INSTRUCTION
from dllguard._verdict import Diagnosis
from tests.bench import BenchFactory
from tests.pebuilder import ARM64, X64, build_pe
from tests.texts import obey
from tests.trees import Tree

ALL = ("sse4.1", "avx", "avx2")


def explained(
    root: Path,
    processor: Collection[str] | None,
    code: int = 1114,
    *,
    machine: int = X64,
    named: bool = True,
) -> Diagnosis:
    """Return what is said of a package on a machine with such a processor."""
    tree = Tree(root, machine=machine)
    tree.install("shapes", "1.0", {"shapes/_core.pyd": build_pe(machine=machine)})
    known = None if processor is None else frozenset(processor)
    host = replace(tree.live(), circumstances=Circumstances(processor=known))
    path = str(tree.site / "shapes/_core.pyd") if named else None
    found = explain_failure(Failure(path, "shapes", code), host)
    assert found is not None
    found = tree.plain(found)
    obey(found)
    return found


@pytest.mark.parametrize("code", [1114, ILLEGAL_INSTRUCTION])
@pytest.mark.parametrize(
    ("processor", "lacks"),
    [((), "AVX"), (("sse4.1",), "AVX"), (("sse4.1", "avx"), "AVX2")],
    ids=["nothing", "sse4.1", "avx"],
)
def test_processor_lacks_something(
    tmp_path: Path, processor: Collection[str], lacks: str, code: int
) -> None:
    found = explained(tmp_path, processor, code)

    assert found.code == "missing-cpu-feature"
    assert found.headline.endswith(f"; this processor has no {lacks}")
    assert (found.note or "").startswith("usually")


@pytest.mark.parametrize("code", [1114, ILLEGAL_INSTRUCTION])
@pytest.mark.parametrize(
    ("processor", "machine", "asks"),
    [(ALL, X64, False), (None, X64, True), (None, ARM64, False)],
    ids=["has-all", "unknown", "arm64"],
)
def test_processor_is_not_to_blame_or_not_known(
    tmp_path: Path,
    processor: Collection[str] | None,
    machine: int,
    code: int,
    *,
    asks: bool,
) -> None:
    found = explained(tmp_path, processor, code, machine=machine)

    assert found.code == "initialization-failed"
    commands = [command for remedy in found.help for command in remedy.commands]
    assert any("Win32_Processor" in command for command in commands) is asks
    assert ("This processor has AVX and AVX2." in (found.note or "")) is (
        processor is not None
    )


def test_illegal_instruction_of_a_call(tmp_path: Path) -> None:
    found = explained(tmp_path, ALL, ILLEGAL_INSTRUCTION, named=False)

    assert found.headline == "illegal instruction in shapes"
    assert found.summary.startswith("native code of shapes failed with WinError -1073")
    assert "import shapes failed" not in str(found)


@pytest.mark.parametrize(
    ("trial", "code", "proof"),
    [
        (Trial("_core.pyd", 0), "initialization-failed", "the same file loads"),
        (Trial("_core.pyd", 1114), "missing-cpu-feature", "fails with WinError 1114"),
        (Trial("_core.pyd", -1, crashed=0xC000001D), "missing-cpu-feature", "C000001D"),
    ],
    ids=["loads", "fails", "illegal"],
)
def test_trial_beside_a_processor_that_lacks_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trial: Trial, code: str, proof: str
) -> None:
    monkeypatch.setattr(_explain, "try_again", lambda *_: trial)

    found = explained(tmp_path, ("sse4.1",))

    assert found.code == code
    assert proof in (found.note or "")


def test_tensorflow_for_python_3_6_alone(tmp_path: Path) -> None:
    commands = {}
    for version in ((3, 6), (3, 7)):
        tree = Tree(tmp_path / str(version[1]), version=version)
        path = "tensorflow/_pywrap.pyd"
        tree.install("tensorflow", "2.0.0", {path: build_pe()})
        known = Circumstances(processor=frozenset())
        host = replace(tree.live(), circumstances=known)
        failure = Failure(str(tree.site / path), "tensorflow", 1114)
        found = explain_failure(failure, host)
        assert found is not None
        commands[version] = " ".join(c for r in found.help for c in r.commands)

    assert "tensorflow==1.5" in commands[3, 6]
    assert "tensorflow==1.5" not in commands[3, 7]


def with_illegal_start(content: bytes) -> bytes:
    """Return an x64 PE file whose start-up code begins with `ud2`."""
    changed = bytearray(content)
    header = struct.unpack_from("<I", content, 0x3C)[0]
    count, options = struct.unpack_from("<H12xH", content, header + 6)
    entry = struct.unpack_from("<I", content, header + 40)[0]
    for row in range(header + 24 + options, header + 24 + options + 40 * count, 40):
        size, start, _, raw = struct.unpack_from("<4I", content, row + 8)
        if start <= entry < start + size:
            at = raw + entry - start
            changed[at : at + 2] = b"\x0f\x0b"
            return bytes(changed)
    raise AssertionError


@pytest.mark.bench
def test_illegal_instruction_of_start_up_code(
    bench_factory: BenchFactory, tmp_path: Path
) -> None:
    bench = bench_factory()
    content = with_illegal_start(build_pe(dll_main_result=True))
    (tmp_path / "illegal.pyd").write_bytes(content)

    done = bench.run_code(
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import dllguard; dllguard.install()\n"
        "import illegal",
        bench.windows_path(tmp_path),
    )

    # CPython writes the code without its sign, ctypes with it.
    assert "illegal instruction in illegal.pyd or an import" in done.stderr
    assert "import illegal failed with WinError -1073741795" in done.stderr
