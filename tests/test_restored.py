"""Snapshot files that are none, or damaged ones: one line that says what is wrong."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from dllguard._hosts._facts import host_text
from dllguard._hosts._host import Host
from dllguard._judge import judge
from dllguard._snapshots import _restored
from dllguard._snapshots._restored import SnapshotError, read_snapshot, restored
from tests.snapshots import data_of
from tests.trees import Tree

Change = Callable[[dict[str, Any]], object]


@cache
def _text() -> str:
    """Return the snapshot of a small machine that has something of everything."""
    with TemporaryDirectory() as root:
        tree = Tree(Path(root), redistributable=(14, 44, 35211, 0))
        files = {
            "shapes/_core.pyd": tree.pe("geos.dll", "MSVCP140.dll"),
            "shapes/_bad.pyd": b"<html>",
            "shapes/__init__.py": b"from . import _core\n",
        }
        tree.install("shapes", "1.0", files, requires=["numpy>=2"])
        (tree.python / "conda-meta").mkdir()
        record = {"name": "geos", "version": "3", "files": ["Library/bin/geos.dll"]}
        (tree.python / "conda-meta" / "geos-3.json").write_text(json.dumps(record))
        return json.dumps(data_of(tree.live(path=[tree.root])))


@pytest.fixture
def data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_text())
    return found


def message(file: Path) -> str:
    with pytest.raises(SnapshotError) as caught:
        read_snapshot(str(file))
    text = str(caught.value)
    assert text.startswith(f"{file}: ")
    assert "\n" not in text
    return text[len(f"{file}: ") :]


def test_reads_what_was_written(tmp_path: Path, data: dict[str, Any]) -> None:
    file = tmp_path / "host.json"
    file.write_text(json.dumps(data), "utf-8")

    host = read_snapshot(str(file))

    assert [d.culprit for d in judge(host, "shapes").diagnoses] == [
        "geos.dll",
        "_bad.pyd",
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_that_powershell_writes(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "host.json"
    file.write_text(_text(), encoding)

    assert read_snapshot(str(file)).windows.startswith("Windows 10")


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        pytest.param(b"", "is not JSON", id="empty"),
        pytest.param(b"MZ\x90\0", "is not JSON", id="a program"),
        pytest.param(b"\xff\xfe\xff", "is not JSON", id="no text"),
        pytest.param(b'{"format":', "is not JSON", id="cut off"),
        pytest.param(b'{"a": NaN}', "is not JSON (NaN is no number)", id="nan"),
        pytest.param(b"[" * 100_000, "is not JSON", id="deep"),
        pytest.param(b"[]", "it is not an object", id="a list"),
        pytest.param(b"{}", "is not a snapshot of dllguard", id="an object"),
        pytest.param(b'{"version": 1, "ok": true}', "is not a snapshot", id="a report"),
    ],
)
def test_no_snapshot(tmp_path: Path, content: bytes, wanted: str) -> None:
    file = tmp_path / "host.json"
    file.write_bytes(content)

    assert message(file).startswith(wanted)


def test_absent_file_and_folder(tmp_path: Path) -> None:
    assert message(tmp_path / "absent.json") == "no such file"
    assert message(tmp_path).startswith("cannot be read (")
    with pytest.raises(SnapshotError, match="cannot be read"):
        read_snapshot("no\0file")


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_restored, "_LARGEST", 1 << 20)
    file = tmp_path / "host.json"
    file.write_bytes(b" " * ((1 << 20) + 1))

    assert message(file) == "is larger than 1 MB, so it is no snapshot"


def _set(*places: Any, value: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        node: Any = data
        for place in places[:-1]:
            node = node[place]
        node[places[-1]] = value

    return change


def _drop(*places: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        node: Any = data
        for place in places[:-1]:
            node = node[place]
        del node[places[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (
            _set("version", value=2),
            "is a snapshot of version 2, not 1; use a newer dllguard",
        ),
        (_set("version", value=0), "is a snapshot of version 0, not 1"),
        (_set("version", value="1"), "version is not a whole number"),
        (_set("version", value=True), "version is not a whole number"),
        (_drop("process"), "process is missing"),
        (_set("process", value=[]), "process is not an object"),
        (_drop("process", "system"), "process.system is missing"),
        (
            _set("process", "path", value=["a", 1]),
            "process.path is not a list of texts",
        ),
        (_set("process", "packaged", value=1), "process.packaged is not true or false"),
        (_set("python", "kind", value="pypy"), "python.kind is none of python, venv"),
        (_set("python", "version", value=[3]), "python.version is not a list of two"),
        (_set("windows", "name", value=None), "windows.name is missing"),
        (_set("distributions", 0, "record", 0, "path", value=7), "distributions[0]"),
        (_set("touched", value={}), "touched is not a list"),
        (_set("symbols", value=[1]), "symbols is not a list of texts"),
        (_set("exports", 0, "names", value=[1 << 30]), "exports[0].names has a number"),
        (_set("exports", 0, "names", value=[-70000]), "exports[0].names has a number"),
        (
            _set("exports", 0, "ordinals", value=[[1, 9], [5, 7]]),
            "exports[0].ordinals has a wrong pair",
        ),
        (_set("folders", "x", value={"names": []}), "folders.x.files is missing"),
        (
            _set("folders", "x", value={"names": [], "files": {"a": {"version": "1"}}}),
            "folders.x.files.a.version is not a version of four numbers",
        ),
        (
            _set("folders", "x", value={"names": [], "files": {"a": {"exports": -1}}}),
            "folders.x.files.a.exports is no number of exports",
        ),
    ],
)
def test_damaged(
    tmp_path: Path, data: dict[str, Any], change: Change, wanted: str
) -> None:
    file = tmp_path / "host.json"
    change(data)
    file.write_text(json.dumps(data), "utf-8")

    assert message(file).startswith(wanted)


def test_name_with_a_line_break(tmp_path: Path, data: dict[str, Any]) -> None:
    file = tmp_path / "host.json"
    data["folders"]["a\nb"] = 1
    file.write_text(json.dumps(data), "utf-8")

    assert message(file) == r"folders.'a\nb' is not an object"


def _places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _places(value, (*at, key))
    elif isinstance(node, list):
        for index, value in enumerate(node[:20]):
            yield from _places(value, (*at, index))


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.lists(st.one_of(st.integers(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@hypothesis.settings(max_examples=300)
@hypothesis.given(st.data())
def test_any_value_in_any_place(drawn: st.DataObject) -> None:
    """It is told in one line, or the host can be judged."""
    data = json.loads(_text())
    for _ in range(drawn.draw(st.integers(1, 3))):
        places = [*_places(data)][1:]
        place = drawn.draw(st.sampled_from(places))
        node = data
        for step in place[:-1]:
            node = node[step]
        if drawn.draw(st.booleans()) and isinstance(node, dict):
            del node[place[-1]]
        else:
            node[place[-1]] = drawn.draw(_VALUES)

    host = None
    with contextlib.suppress(SnapshotError):
        host = restored(copy.deepcopy(data))
    if host is not None:
        _use(host)


def _use(host: Host) -> None:
    host_text(host)
    for target in ("shapes", "absent"):
        for diagnosis in judge(host, target).diagnoses:
            assert str(diagnosis)
