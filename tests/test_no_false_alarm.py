"""Popular wheels: what imports is let pass, what does not is named as Wine names it.

All of them lie in one environment. A third of them does not import there, each for a
true reason: the Python has no python3.dll, and this Windows is too old for some.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from dllguard._loader._process import import_name
from tests.bench import Bench, BenchFactory
from tests.hearings import ends, lost_imports
from tests.measure import UNMEASURED
from tests.test_verdicts import POPULAR

pytestmark = pytest.mark.bench

NATIVE: Final[Mapping[str, str]] = {
    "PIL": "PIL.Image",
    "PyQt5": "PyQt5.QtCore",
    "PySide6": "PySide6.QtCore",
    "cffi": "_cffi_backend",
    "contourpy": "contourpy",
    "cryptography": "cryptography.hazmat.bindings._rust",
    "cv2": "cv2",
    "duckdb": "duckdb",
    "grpc": "grpc._cython.cygrpc",
    "h5py": "h5py",
    "kiwisolver": "kiwisolver",
    "lxml": "lxml.etree",
    "matplotlib": "matplotlib.pyplot",
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "pandas": "pandas",
    "protobuf": "google._upb._message",
    "pyarrow": "pyarrow",
    "pydantic_core": "pydantic_core",
    "pywin32": "win32api",
    "rasterio": "rasterio",
    "scipy": "scipy.stats",
    "shapely": "shapely",
    "shiboken6": "shiboken6",
    "win32api": "win32api",
    "zmq": "zmq",
}
"""By what dllguard is asked about: a module of it that needs the native part."""

# Their names are those of distributions. Pure Python stands in for protobuf's module.
_NO_MODULES: Final = frozenset({"protobuf", "pywin32"})

# One process for all: no verdict changes it, which is tested.
_PREFLIGHT: Final = """
import json, sys
import dllguard
from dllguard._hosts._win32 import loaded_modules
import pyexpat  # dllguard reads manifests with it
dllguard.preflight("pip")  # all else that judging needs is loaded now
before = sorted(loaded_modules())
report = dllguard.preflight(*sys.argv[1:])
after = sorted(loaded_modules())
print(json.dumps({
    "new": [name for name in after if name not in before],
    "foreseen": {
        target.name: {
            "ok": target.ok,
            "errors": [d.culprit for d in target.diagnoses if d.severity == "error"],
            "named": [d.culprit for d in target.diagnoses],
            "text": "\\n\\n".join(map(str, target.diagnoses)),
        }
        for target in report.targets
    },
}))
"""
_IMPORT: Final = "import importlib, sys; importlib.import_module(sys.argv[1])"


@dataclass(frozen=True)
class Foreseen:
    """What preflight says of a package, and the DLLs that its diagnoses are about."""

    ok: bool
    errors: frozenset[str]
    named: frozenset[str]
    text: str


@dataclass(frozen=True)
class Imported:
    """What an import comes to, and the DLLs that Wine did not find for it."""

    ok: bool
    missing: frozenset[str]
    last_line: str


@dataclass(frozen=True)
class Package:
    """What a package comes to.

    :param native: the import of its native part.
    :param plain: `import` with its name alone, which may leave that part for later.
    """

    native: Imported
    plain: Imported


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return the wheels, installed."""
    return bench_factory(*POPULAR)


@pytest.fixture(scope="module")
def foreseen(bench: Bench) -> Mapping[str, Foreseen]:
    """Return what preflight says of all packages."""
    done = bench.run_code(_PREFLIGHT, *NATIVE)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["new"] == []
    return {
        name: Foreseen(
            one["ok"], _names(one["errors"]), _names(one["named"]), one["text"]
        )
        for name, one in said["foreseen"].items()
    }


@pytest.fixture(scope="module")
def packages(bench: Bench) -> Mapping[str, Package]:
    """Return what each package comes to, each import in a process of its own."""
    modules = {module: _imported(bench, module) for module in NATIVE.values()}
    packages = {}
    for name, module in NATIVE.items():
        native = plain = modules[module]
        if not native.ok and name != module and name not in _NO_MODULES:
            plain = _imported(bench, name)
        packages[name] = Package(native, plain)
    return packages


def _imported(bench: Bench, module: str) -> Imported:
    # Nothing of ours runs in it, so there is nothing to count.
    env = {"WINEDEBUG": "-all,err+module", "DLLGUARD": "off", **UNMEASURED}
    done = bench.run_code(_IMPORT, module, env=env)
    lost = {(name, importer) for _, name, importer in lost_imports(done.stderr)}
    said = [line for line in done.stderr.splitlines() if ":err:module:" not in line]
    missing = _names(name for name, _ in ends(lost))
    return Imported(done.returncode == 0, missing, "".join(said[-1:]))


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(import_name, names))


@pytest.mark.parametrize("name", list(NATIVE))
def test_preflight_foresees_the_import(
    name: str, foreseen: Mapping[str, Foreseen], packages: Mapping[str, Package]
) -> None:
    told, came = foreseen[name], packages[name]
    print(f"{came}\n\n{told.text}")

    # `import PyQt5` alone succeeds where no part of PyQt5 does; who asks about PyQt5
    # is after its native part.
    assert told.ok == came.native.ok
    if not came.native.ok:
        assert came.native.missing
        # Wine names what the first module that fails wants, preflight more than that.
        assert came.native.missing <= told.errors


def test_all_outcomes_are_put_to_the_test(packages: Mapping[str, Package]) -> None:
    outcomes = [(came.native.ok, came.plain.ok) for came in packages.values()]

    assert outcomes.count((True, True)) > 15
    assert outcomes.count((False, False)) > 3
    assert outcomes.count((False, True)) > 0
