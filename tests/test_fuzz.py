"""Every parser on inputs that were changed at random: no error but its own, soon.

The seed is fixed, so that each run tries the same; `python -m tests.fuzz` tries more.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dllguard._targets._archive import WheelError, opened
from dllguard._targets._unpacked import unpacked
from tests.fuzz.parsers import PARSERS
from tests.limits import within

_MOST_SECONDS: Final = 1

_EDGES: Final = (
    b"\0 \n \r\n , \" ' ( [ { <!-- \\ / . .. \xff \xff\xff\xff \xff\xff\xff\x7f "
    b"\x80 \0\0\0\x80 \xe2\x80\x9d \xed\xb2\x80 999999999999 -1 %s"
).split(b" ")


@cache
def _seeds(name: str) -> list[bytes]:
    parser = PARSERS[name]
    return [seed for seed in parser.seeds() if len(seed) <= parser.largest]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("name", PARSERS)
@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_damage_escapes(tmp_path: Path, name: str, data: st.DataObject) -> None:
    parser = PARSERS[name]
    changed = bytearray(data.draw(st.sampled_from(_seeds(name))))
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(changed)) | st.integers(0, 0x200))
        end = at + data.draw(st.sampled_from([0, 0, 1, 2, 4, 8, 100, 1 << 20]))
        new = data.draw(st.sampled_from(_EDGES) | st.binary(max_size=8))
        # What is longer than the input is put where it was cut off.
        changed[at:end] = new * data.draw(st.sampled_from([1, 1, 1, 2, 1000]))

    with within(_MOST_SECONDS):
        parser.read(bytes(changed), tmp_path)


@pytest.mark.parametrize("name", PARSERS)
@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=600) | st.text(max_size=300).map(_encoded))
def test_any_bytes(tmp_path: Path, name: str, content: bytes) -> None:
    PARSERS[name].read(content, tmp_path)


@pytest.mark.parametrize("name", PARSERS)
def test_seeds_are_read(tmp_path: Path, name: str) -> None:
    """The inputs to start from must not be all refused at the door."""
    count = 0
    for seed in PARSERS[name].seeds():
        PARSERS[name].read(seed, tmp_path)
        count += 1

    assert count


def _cut_before_its_start() -> bytes:
    """Return a wheel whose directory claims to begin far behind the end."""
    data = bytearray(_seeds("wheel")[0])
    at = data.rfind(b"PK\5\6") + 16
    (begin,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, begin + 10_000)
    return bytes(data)


# What raised before it was found here or by `python -m tests.fuzz`.
FOUND: Final[Mapping[str, tuple[str, bytes]]] = {
    "NUL in a path of RECORD": ("metadata", b"--cut--\0.dll,,\n"),
    "field of 200 kB in RECORD": (
        "metadata",
        b'--cut--"' + b"x" * 200_000 + b'.dll",,\n',
    ),
    "size of 5,000 digits in RECORD": ("metadata", b"--cut--x.dll,," + b"9" * 5000),
    "marker that compares nothing": (
        "metadata",
        b'Name: odd\nVersion: 1\nRequires-Dist: x; extra === "y"\n--cut--',
    ),
    "marker without a variable": (
        "metadata",
        b"Name: odd\nVersion: 1\nRequires-Dist: x; 'y' == 'y'\n--cut--",
    ),
    "marker of a thousand brackets": (
        "metadata",
        b"Name: odd\nVersion: 1\nRequires-Dist: x; " + b"(" * 20_000 + b"\n--cut--",
    ),
    "wheel cut before its start": ("wheel", _cut_before_its_start()),
}


@pytest.mark.parametrize("found", FOUND)
def test_what_was_found(tmp_path: Path, found: str) -> None:
    name, content = FOUND[found]

    PARSERS[name].read(content, tmp_path)


# What a name in an archive may be made of to come out elsewhere, or to be no name.
_PARTS: Final = (
    "a A b.dll B.DLL .. . C: C:b \\ \\\\x\\y NUL nul.dll CON COM1.txt a. a\\b a:b "
    "\u00e9 e\u0301 x.pyd __init__.py odd.data odd-1.dist-info odd-1.data data platlib"
).split(" ")
_NAMES: Final = st.lists(st.sampled_from([*_PARTS, ""]), min_size=1, max_size=5)
_LINK: Final = (stat.S_IFLNK | 0o777) << 16


def _below(folder: Path) -> set[str]:
    return {
        os.path.join(parent, name)
        for parent, folders, names in os.walk(folder)
        for name in (*folders, *names)
    }


@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    names=st.lists(_NAMES.map("/".join), max_size=6),
    links=st.booleans(),
    target=st.sampled_from(["../../../x", "/etc", "a", "C:\\x"]),
)
def test_no_wheel_writes_outside_of_the_cache(
    tmp_path_factory: pytest.TempPathFactory,
    names: list[str],
    target: str,
    *,
    links: bool,
) -> None:
    root = tmp_path_factory.mktemp("wheel")
    cache, path = root / "in" / "cache", root / "in" / "odd-1-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive, pytest.MonkeyPatch.context() as patch:
        # Two of one name are what is to be tried too.
        patch.setattr("warnings.warn", lambda *_, **__: None)
        for name in (*names, "odd-1.dist-info/METADATA", "odd-1.dist-info/WHEEL"):
            row = zipfile.ZipInfo("x")
            row.filename = name
            row.external_attr = _LINK if links else 0
            archive.writestr(row, target)
    before = _below(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLLGUARD_CACHE", str(cache))
        with contextlib.suppress(WheelError), opened(str(path)) as found:
            unpacked([found])
    new = _below(root) - before

    assert all(f"{name}/".startswith(f"{cache}/") for name in new)
    # A link comes out as a file with a path in it.
    assert not any(Path(name).is_symlink() for name in new)
