"""A snapshot taken by a Windows Python, judged here: the same verdicts as there.

The environments are real wheels, healthy and broken. What is compared is all: codes,
culprits, chains, each file with its WinError and every module that comes along.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from dllguard._causes import _exports
from dllguard._snapshots._restored import read_snapshot
from tests.bench import Bench, BenchFactory
from tests.pebuilder import X86, build_pe
from tests.snapshots import told
from tests.test_snapshot import SCHEMA

pytestmark = pytest.mark.bench

TORCH_215: Final = ("torch==2.15.0", "torchvision==0.29.2", "numpy==1.26.4")
TORCH_29: Final = ("torch==2.9.0", "torchvision==0.24.0", "numpy==1.26.4")
TORCH_24: Final = ("torch==2.4.0", "torchvision==0.19.0", "numpy==1.26.4")
NUMBA: Final = ("numba==0.60.0", "tbb==2021.13.0", "numpy==1.26.4")
SHAPELY: Final = ("shapely==2.1.2", "numpy==1.26.4")
OPTREE: Final = ("optree==0.19.0", "pyarrow==17.0.0", "numpy==1.26.4")
_ALL: Final = ("torch", "torchvision", "numpy")

# Both see the same process: what judging itself loads comes too late for either.
_CODE: Final = """
import json, sys, time
from dllguard._causes import _exports
from dllguard._hosts._anonymous import anonymous, secrets_of_this_machine
from dllguard._hosts._host import live_host
from dllguard._snapshots._snapshot import taken
from tests.snapshots import told

_exports.undecorated = {}.get
asked, judged = live_host(), live_host()
started = time.process_time()
data = taken(asked, (), begin=lambda _: None)
seconds = time.process_time() - started
want = {name: told(judged, name) for name in TARGETS}
both = anonymous({"data": data, "want": want}, secrets_of_this_machine())
with open(FOLDER + r"\\host.json", "w") as file:
    json.dump(both["data"], file, separators=(",", ":"))
with open(FOLDER + r"\\want.json", "w") as file:
    json.dump(both["want"], file)
print(seconds)
"""


def _nothing(bench: Bench) -> None:
    del bench


@dataclass(frozen=True)
class Machine:
    """One environment, and the code that is expected of its last target.

    :param change: what is done to it.
    """

    packages: tuple[str, ...]
    targets: tuple[str, ...]
    code: str = ""
    change: Callable[[Bench], object] = _nothing
    overlay: tuple[str, ...] = ()
    redistributable: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


def _site(name: str) -> str:
    return f"Lib/site-packages/{name}"


def _old_runtime(bench: Bench) -> None:
    for name in ("msvcp140.dll", "vcruntime140.dll", "vcruntime140_1.dll"):
        old = build_pe(name=name, exports=["memcpy"], file_version=(14, 0, 24215, 1))
        bench.replace(bench.system32 / name, old)


def _wrong_geos(bench: Bench) -> None:
    [geos] = bench.site_packages.glob("shapely.libs/geos_c-*.dll")
    bench.replace(geos.name, build_pe(name=geos.name, exports=["another"]))


def _x86_kernel(bench: Bench) -> None:
    [module] = bench.site_packages.glob("numpy/core/_multiarray_umath*.pyd")
    imports = {"kernel32.dll": ["Sleep"]}
    bench.replace(module, build_pe(machine=X86, imports=imports))


def _without_geos(bench: Bench) -> None:
    [geos] = bench.site_packages.glob("shapely.libs/geos_c-*.dll")
    bench.remove(geos)


MACHINES: Final[Mapping[str, Machine]] = {
    "healthy": Machine(TORCH_215, _ALL, redistributable=True),
    "no redistributable": Machine(TORCH_215, _ALL[:2], "missing-vc-runtime"),
    "old redistributable": Machine(
        TORCH_29, _ALL[:2], "vc-runtime-too-old", _old_runtime
    ),
    "torchvision of another torch": Machine(
        TORCH_29, _ALL[:2], "version-mismatch", overlay=("torchvision==0.19.0",)
    ),
    "a DLL of torch deleted": Machine(
        TORCH_29,
        _ALL[:2],
        "incomplete-installation",
        lambda bench: bench.remove(_site("torch/lib/c10.dll")),
    ),
    "a package folder deleted": Machine(
        TORCH_29,
        _ALL[:2],
        "incomplete-installation",
        lambda bench: bench.remove(_site("torch/lib")),
    ),
    "a web page in place of a DLL": Machine(
        TORCH_29,
        _ALL[:2],
        "unreadable-dll",
        lambda bench: bench.replace(_site("torch/lib/shm.dll"), b"<html>"),
    ),
    "a DLL that no runtime brings": Machine(
        TORCH_24, _ALL[:2], "missing-build-tools-runtime", redistributable=True
    ),
    "a wrong copy first on the list": Machine(
        SHAPELY, ("numpy", "shapely"), "shadowed-dll", _wrong_geos
    ),
    "shapely without its geos_c": Machine(
        SHAPELY, ("numpy", "shapely"), "incomplete-installation", _without_geos
    ),
    "a file for another architecture": Machine(
        SHAPELY, ("numpy", "shapely"), "package-wrong-architecture", _x86_kernel
    ),
    "a DLL in a folder that is not searched": Machine(
        NUMBA, ("tbb", "llvmlite", "numba"), "not-on-search-path"
    ),
    "old runtimes in packages": Machine(OPTREE, ("optree", "pyarrow")),
}


@pytest.fixture(autouse=True)
def names_stay_decorated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do without the tools that know C++ names, which not every machine has."""
    monkeypatch.setattr(_exports, "undecorated", {}.get)


@pytest.mark.parametrize("title", list(MACHINES))
def test_same_verdicts_here_as_there(
    title: str, bench_factory: BenchFactory, tmp_path: Path
) -> None:
    machine = MACHINES[title]
    bench = bench_factory(
        *machine.packages,
        overlay=machine.overlay,
        redistributable=machine.redistributable,
    )
    machine.change(bench)
    folder = bench.windows_path(tmp_path)
    code = f"TARGETS, FOLDER = {machine.targets!r}, {folder!r}\n{_CODE}"

    done = bench.run_code(code)

    bench.kill()
    assert done.returncode == 0, done.stderr
    want = json.loads((tmp_path / "want.json").read_text("utf-8"))
    host = read_snapshot(str(tmp_path / "host.json"))
    for target in machine.targets:
        assert told(host, target) == want[target]
    codes = [d["code"] for d in want[machine.targets[-1]]["diagnoses"]]
    if machine.code:
        assert machine.code in codes
    data: dict[str, Any] = json.loads((tmp_path / "host.json").read_text("utf-8"))
    jsonschema.validate(data, SCHEMA)
    assert (tmp_path / "host.json").stat().st_size < 4 << 20


def test_nothing_private_of_a_windows_machine(
    bench_factory: BenchFactory, tmp_path: Path
) -> None:
    bench = bench_factory(*SHAPELY)
    home = tmp_path / "users" / "rumpelstiltskin"
    (home / "tools").mkdir(parents=True)
    (home / "tools" / "helper.dll").write_bytes(build_pe())
    (home / "tools" / "unpublished.docx").touch()
    seen = bench.windows_path(home)
    code = """
import json, sys
from dllguard._hosts._host import live_host
from dllguard._snapshots._snapshot import snapshot
with open(sys.argv[1], "w") as file:
    json.dump(snapshot(live_host()), file)
"""
    done = bench.run_code(
        code,
        bench.windows_path(tmp_path / "host.json"),
        env={
            "USERNAME": "rumpelstiltskin",
            "USERPROFILE": seen,
            "APPDATA": rf"{seen}\AppData\Roaming",
            "COMPUTERNAME": "SPINNINGWHEEL",
            "USERDOMAIN": "STRAWTOGOLD",
            "PATH": rf"{seen}\tools",
            "CUDA_PATH": r"\\SPINNINGWHEEL\cuda",
            "VIRTUAL_ENV": rf"{seen}\venv",
        },
    )

    assert done.returncode == 0, done.stderr
    text = (tmp_path / "host.json").read_text("utf-8").lower()
    assert "helper.dll" in text
    for secret in ("rumpelstiltskin", "spinningwheel", "strawtogold", "unpublished"):
        assert secret not in text
    assert "users\\\\root\\\\" not in text
