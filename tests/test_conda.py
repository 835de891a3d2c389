"""The records of conda's packages, and those that are none."""

from __future__ import annotations

import json
import os
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._packages._conda import (
    CondaPackage,
    _package,
    conda_owners,
    conda_packages,
)


def write(prefix: Path, name: str, content: Any) -> Path:
    """Write one record below a prefix."""
    path = prefix / "conda-meta" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, "utf-8")
    return path


RECORD = {
    "name": "intel-openmp",
    "version": "2024.2.1",
    "build": "h57928b3_1083",
    "channel": "https://conda.anaconda.org/conda-forge/win-64",
    "subdir": "win-64",
    "files": ["Library/bin/libiomp5md.dll"],
    "depends": ["ucrt >=10.0"],
    "paths_data": {
        "paths": [{"_path": "Library/bin/libiomp5md.dll", "size_in_bytes": 7}]
    },
}


def test_a_record(tmp_path: Path) -> None:
    write(tmp_path, "intel-openmp-2024.2.1-h57928b3_1083", RECORD)

    (found,) = conda_packages(str(tmp_path))

    assert found == CondaPackage(
        name="intel-openmp",
        version="2024.2.1",
        build="h57928b3_1083",
        channel="conda-forge",
        files=("Library/bin/libiomp5md.dll",),
        depends=("ucrt >=10.0",),
    )
    assert found.title == "intel-openmp 2024.2.1"
    assert found.owns(r"library\BIN\libiomp5md.dll")
    assert found.size_of("Library/bin/libiomp5md.dll") == 7
    assert found.size_of("Library/bin/libomp.dll") is None


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        ("conda-forge", "conda-forge"),
        ("https://repo.anaconda.com/pkgs/main/win-64", "main"),
        ("https://repo.anaconda.com/pkgs/main", "main"),
        ("", ""),
        (None, ""),
    ],
    ids=["name", "address", "without-subdir", "empty", "none"],
)
def test_channel(tmp_path: Path, channel: str | None, name: str) -> None:
    write(tmp_path, "x", {"name": "x", "channel": channel, "subdir": "win-64"})

    assert conda_packages(str(tmp_path))[0].channel == name


def test_no_conda(tmp_path: Path) -> None:
    assert conda_packages(str(tmp_path)) == ()
    assert conda_packages("no\0folder") == ()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"version": "1"}', '{"name": 1}', "[" * 100_000],
    ids=["empty", "cut", "list", "null", "nameless", "number", "deep"],
)
def test_a_garbled_record_gives_nothing(tmp_path: Path, content: str) -> None:
    write(tmp_path, "a", content)
    write(tmp_path, "b", {"name": "b"})

    assert [found.name for found in conda_packages(str(tmp_path))] == ["b"]


_VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(
            st.sampled_from(["paths", "_path", "size_in_bytes", "x"]), each, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*RECORD, "other"]), _VALUES))
def test_any_record_is_read(
    tmp_path_factory: pytest.TempPathFactory, record: dict[str, Any]
) -> None:
    path = write(tmp_path_factory.getbasetemp() / "any", "x", record)

    found = _package(str(path))

    name = record.get("name")
    assert (found is not None) == (isinstance(name, str) and _is_name(name))


def _is_name(name: str) -> bool:
    allowed = string.ascii_letters + string.digits + "_.-"
    return bool(name) and set(name) <= set(allowed) and name[0] not in ".-"


def test_a_change_is_seen(tmp_path: Path) -> None:
    write(tmp_path, "a", {"name": "a"})
    assert len(conda_packages(str(tmp_path))) == 1

    write(tmp_path, "b", {"name": "b"})
    os.utime(tmp_path / "conda-meta", ns=(1, 1))

    assert len(conda_packages(str(tmp_path))) == 2


def test_owners(tmp_path: Path) -> None:
    write(tmp_path, "a", {**RECORD, "name": "a"})
    write(tmp_path, "b", {"name": "b", "files": ["Library/bin/other.dll"]})
    write(tmp_path, "c", {**RECORD, "name": "c"})
    path = tmp_path / "Library" / "bin" / "libiomp5md.dll"

    assert [found.name for found in conda_owners(str(tmp_path), str(path))] == [
        "a",
        "c",
    ]
    assert conda_owners(str(tmp_path), "/elsewhere/libiomp5md.dll") == ()
