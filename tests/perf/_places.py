"""What is measured on: real Windows environments, laid out from the cache of the bench.

A place is a folder with `python`, a Windows Python with packages, and `windows`, the
System32 of Wine with Microsoft's redistributable. On one file system it costs no space.
"""

from __future__ import annotations

import csv
import os
import shutil
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tests import bench

TORCHVISION: Final = ("torch==2.15.0", "torchvision==0.29.2", "numpy==1.26.4")

# Besides the popular wheels of the tests: 1,559 native files, those of Python included.
MORE: Final = (
    "pyside6-addons==6.12.0",
    "vtk==9.7.2",
    "scikit-learn==1.9.1",
    "scikit-image==0.26.0",
    "numba==0.68.1",
    "torch==2.15.0",
    "torchvision==0.29.2",
)
_LINUX: Final = ("numpy", "scipy", "pandas")


def popular() -> tuple[str, ...]:
    """Return the wheels that the tests judge, as requirements."""
    path = Path(__file__).resolve().parent.parent / "popular_wheels.txt"
    return tuple(path.read_text("utf-8").split())


def lay_out(into: Path, requirements: Sequence[str]) -> Path:
    """Make a place.

    :param into: a new folder.
    :param requirements: the packages, resolved for Windows.
    :raises BenchUnavailableError: when something that it is made of is not here.
    """
    cache = bench.cache_root().absolute()
    into.mkdir(parents=True)
    bench._copy_tree(bench._python(cache), into / "python")
    packages = bench._packages(cache, tuple(requirements), ())
    bench._copy_tree(packages, into / "python" / "Lib" / "site-packages")
    system = into / "windows" / "System32"
    system.parent.mkdir()
    bench._copy_tree(bench._prefix(cache) / "drive_c/windows/system32", system)
    for dll in bench._redistributable(cache).iterdir():
        (system / dll.name).unlink(missing_ok=True)
        bench._link(str(dll), system / dll.name)
    return into


def part_of(place: Path, into: Path, most: int) -> Path:
    """Make a smaller place of whole distributions, up to a number of native files."""
    into.mkdir(parents=True)
    site = place / "python" / "Lib" / "site-packages"
    ours = into / "python" / "Lib" / "site-packages"
    without = shutil.ignore_patterns("site-packages")
    shutil.copytree(
        place / "python", into / "python", ignore=without, copy_function=os.link
    )
    ours.mkdir()
    (into / "windows").symlink_to(place / "windows")
    taken = len(native_files(into / "python"))
    for info in sorted(site.glob("*.dist-info")):
        paths = [site / name for name in _recorded(info)]
        natives = sum(path.suffix.lower() in (".pyd", ".dll") for path in paths)
        if not natives or taken + natives > most:
            continue
        taken += natives
        for path in (*paths, *info.iterdir()):
            target = ours / path.relative_to(site)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, target)
    return into


def native_files(folder: Path) -> list[str]:
    """Return every `.pyd` and `.dll` below a folder."""
    return [
        os.path.join(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith((".pyd", ".dll"))
    ]


def wheels(place: Path, names: Iterable[str], into: Path) -> list[str]:
    """Zip installed distributions into wheels again, without compression.

    :param names: as their folders of metadata begin.
    """
    site = place / "python" / "Lib" / "site-packages"
    into.mkdir(parents=True)
    made = []
    for name in names:
        (info,) = site.glob(f"{name}-*.dist-info")
        stem = info.name.removesuffix(".dist-info")
        made.append(str(into / f"{stem}-cp311-cp311-win_amd64.whl"))
        with zipfile.ZipFile(made[-1], "w", zipfile.ZIP_STORED) as wheel:
            for row in _recorded(info):
                wheel.write(site / row, row)
    return made


def for_this_system() -> str:
    """Return a folder with packages of this system, for imports that succeed."""
    cache = bench.cache_root().absolute()

    def build(folder: Path) -> None:
        command = [*bench._tool("uv"), "pip", "install", "--quiet", "--target"]
        python = ["--python", sys.executable]
        bench._call("install", [*command, str(folder), *python, *_LINUX], os.environ)

    return str(bench._cached(cache, "imports", (*_LINUX, sys.version), build))


def _recorded(info: Path) -> list[str]:
    with (info / "RECORD").open(encoding="utf-8", newline="") as file:
        rows = [row[0] for row in csv.reader(file) if row]
    site = info.parent
    return [r for r in rows if ".." not in r.split("/") and (site / r).is_file()]
