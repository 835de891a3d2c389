"""Wheels laid out in the cache, as an installer would have done it."""

from __future__ import annotations

import csv
import os
import time
import zipfile
from contextlib import ExitStack
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from dllguard._packages._distribution import read_distribution
from dllguard._targets import _unpacked
from dllguard._targets._archive import WheelError, opened
from dllguard._targets._scheme import LARGEST_SOURCE
from dllguard._targets._unpacked import unpacked
from tests.pebuilder import build_pe
from tests.wheel_files import wheel

SITE = "Lib/site-packages"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DLLGUARD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def lay_out(*paths: Path) -> Path:
    with ExitStack() as stack:
        wheels = [stack.enter_context(opened(str(path))) for path in paths]
        return Path(unpacked(wheels).prefix)


def files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in found}


def test_what_is_unpacked(tmp_path: Path, cache: Path) -> None:
    body = build_pe(imports={"c.dll": ["f"]})
    path = wheel(
        tmp_path,
        "shapes",
        "1.0",
        {
            "shapes/__init__.py": b"import os\n",
            "shapes/__pycache__/__init__.cpython-311.pyc": b"",
            "shapes/_core.pyd": body,
            "shapes/data.bin": b"x" * 9999,
            "shapes/include/a.h": b"",
            "shapes.libs/a.dll": b"a",
            "shapes.libs/.load-order-shapes-1.0": b"a.dll",
            "shapes.pth": b"import shapes\n",
            "shapes-1.0.dist-info/licenses/LICENSE": b"",
            "shapes-1.0.dist-info/top_level.txt": b"shapes\n",
        },
    )

    prefix = lay_out(path)

    assert prefix.parent == cache
    assert prefix.name.startswith("wheels_shapes-1.0-")
    assert files(prefix) == {
        f"{SITE}/shapes/__init__.py",
        f"{SITE}/shapes/_core.pyd",
        f"{SITE}/shapes.libs/a.dll",
        f"{SITE}/shapes.libs/.load-order-shapes-1.0",
        f"{SITE}/shapes.pth",
        f"{SITE}/shapes-1.0.dist-info/METADATA",
        f"{SITE}/shapes-1.0.dist-info/RECORD",
        f"{SITE}/shapes-1.0.dist-info/WHEEL",
        f"{SITE}/shapes-1.0.dist-info/top_level.txt",
    }
    assert (prefix / SITE / "shapes" / "_core.pyd").read_bytes() == body


def test_schemes(tmp_path: Path) -> None:
    path = wheel(
        tmp_path,
        "mkl",
        "1.0",
        {
            "{data}/data/Library/bin/mkl_rt.2.dll": b"12345",
            "{data}/data/runtime.dll": b"",
            "{data}/data/share/doc.py": b"",
            "{data}/platlib/mkl/_a.pyd": b"",
            "{data}/purelib/mkl/__init__.py": b"",
            "{data}/scripts/tool.dll": b"",
            "{data}/headers/a.dll": b"",
            "{data}/odd.dll": b"",
        },
    )

    prefix = lay_out(path)

    info = f"{SITE}/mkl-1.0.dist-info"
    assert files(prefix) == {
        "Library/bin/mkl_rt.2.dll",
        "runtime.dll",
        "Scripts/tool.dll",
        f"{SITE}/mkl/_a.pyd",
        f"{SITE}/mkl/__init__.py",
        *(f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL")),
    }
    found = read_distribution(PathDistribution(prefix / info))
    paths = {Path(file.path): file.size for file in found.natives}
    assert paths[prefix / "Library" / "bin" / "mkl_rt.2.dll"] == 5
    assert paths.keys() == {
        prefix / "Library" / "bin" / "mkl_rt.2.dll",
        prefix / "runtime.dll",
        prefix / "Scripts" / "tool.dll",
        prefix / SITE / "mkl" / "_a.pyd",
    }


def test_record_lists_what_was_left_out_too(tmp_path: Path) -> None:
    prefix = lay_out(wheel(tmp_path, "a", "1", {"a/x, y.bin": b"123"}))

    text = (prefix / SITE / "a-1.dist-info" / "RECORD").read_text("utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert ["a/x, y.bin", "", "3"] in rows
    assert ["a-1.dist-info/RECORD", "", "0"] in rows


def test_record_of_an_odd_name(tmp_path: Path) -> None:
    files = {"a, b/c.dll": b"123", "a, b/\u00fc.dll": b""}
    prefix = lay_out(wheel(tmp_path, "a", "1", files))

    found = read_distribution(PathDistribution(prefix / SITE / "a-1.dist-info"))
    names = [Path(file.path).relative_to(prefix / SITE) for file in found.natives]
    assert names == [Path("a, b", "c.dll"), Path("a, b", "\u00fc.dll")]


def test_one_folder_whatever_the_case(tmp_path: Path) -> None:
    one = wheel(tmp_path, "a", "1", {"Nvidia/bin/a.dll": b"1"})
    two = wheel(
        tmp_path, "b", "1", {"nvidia/Bin/b.dll": b"2", "nvidia/bin/A.DLL": b"3"}
    )

    site = lay_out(one, two) / SITE

    assert {f for f in files(site) if "dist-info" not in f} == {
        "Nvidia/bin/a.dll",
        "Nvidia/bin/b.dll",
    }
    assert (site / "Nvidia" / "bin" / "a.dll").read_bytes() == b"3"


def test_source_that_is_too_large_stays_so(tmp_path: Path) -> None:
    path = wheel(tmp_path, "a", "1", {"a.py": b"#" * (LARGEST_SOURCE + 5)})

    assert (lay_out(path) / SITE / "a.py").stat().st_size == LARGEST_SOURCE


# The cache.


def test_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wheel(tmp_path, "a", "1", {"a.pyd": b""})
    first = lay_out(path)
    monkeypatch.setattr(_unpacked, "_lay_out", None)

    assert lay_out(path) == first


@pytest.mark.parametrize("change", ["time", "name", "contents", "company"])
def test_another_wheel_has_a_folder_of_its_own(tmp_path: Path, change: str) -> None:
    path = wheel(tmp_path, "a", "1", {"a.pyd": b"x"}, compression=zipfile.ZIP_STORED)
    status = path.stat()
    first = lay_out(path)
    company = []
    if change == "time":
        os.utime(path, (1, 1))
    elif change == "name":
        path = path.rename(tmp_path / "a-1-py3-none-any.whl")
    elif change == "contents":
        stored = zipfile.ZIP_STORED
        path = wheel(tmp_path, "a", "1", {"a.pyd": b"y"}, compression=stored)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert path.stat().st_size == status.st_size
    else:
        company = [wheel(tmp_path, "b", "1")]

    assert lay_out(path, *company) != first


def test_failure_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    files = {"a": b"", "a/b.dll": b"", "a.py": b"", "a.py/b.dll": b""}
    path = wheel(tmp_path, "a", "1", files)

    with pytest.raises(WheelError) as caught:
        lay_out(path)

    assert "\n" not in str(caught.value)
    assert list(cache.iterdir()) == []


def test_cache_that_cannot_be_made(tmp_path: Path, cache: Path) -> None:
    cache.write_text("a file", "ascii")

    with pytest.raises(WheelError) as caught:
        lay_out(wheel(tmp_path, "a", "1"))

    assert str(caught.value).startswith(str(cache))
    assert "\n" not in str(caught.value)


def test_what_nobody_asks_about_is_swept_after_a_month(
    tmp_path: Path, cache: Path
) -> None:
    one, two = (wheel(tmp_path, name, "1") for name in "ab")
    old, recent = lay_out(one), lay_out(two)
    fetched = cache / "wheels-1.0-cp311-abc"
    fetched.mkdir()
    past = time.time() - 31 * 24 * 60 * 60
    for folder in (old, recent, fetched):
        os.utime(folder, (past, past))
    lay_out(two)

    new = lay_out(wheel(tmp_path, "c", "1"))

    assert set(cache.iterdir()) == {recent, fetched, new}
