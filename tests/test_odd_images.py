"""Odd, damaged and hostile files by every route: a verdict, soon, in little memory."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._files._disk import Disk
from dllguard._files._layout import Layout, MalformedError
from dllguard._files._manifest import parse_manifest
from dllguard._files._pe import read_image, read_section, read_version
from dllguard._files._resources import MANIFEST, VERSION, resource
from dllguard._files._symbols import SymbolReader
from dllguard._judge import Rules
from dllguard._loader._apisets import parse_schema
from dllguard._model import Image, Unreadable
from dllguard._preflight import report_on
from tests.limits import within
from tests.odd_images import (
    BOMB,
    DEEP,
    LONG,
    MEGABYTE,
    ODD,
    SCHEMAS,
    TREES,
    rich,
    with_table,
)
from tests.pebuilder import build_pe
from tests.trees import Tree

Make = Callable[[], bytes]

_MOST_SECONDS: Final = 1
_MOST_BYTES: Final = 64 * MEGABYTE

ODDITIES: Final = [pytest.param(make, id=name) for name, make in ODD.items()]


def bounded(most: int = _MOST_BYTES) -> Iterator[None]:
    """Yield twice: to watch the memory takes several times as long."""
    with within(_MOST_SECONDS):
        yield
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Return a machine with one package, whose files each test writes anew."""
    tree = Tree(tmp_path_factory.mktemp("odd"), redistributable=(14, 44, 35211, 0))
    files = {"odd/__init__.py": b"from odd import _core\n", "odd/_core.pyd": b""}
    tree.install("odd", "1.0", files)
    return tree


def looked_at(tree: Tree, target: str | Path, *, symbols: bool | None = None) -> str:
    """Return the text of a report, after its JSON."""
    report = report_on(tree.host(), (str(target),), Rules(symbols=symbols))
    json.dumps(report.to_dict())
    text = str(report)
    assert len(text) < 4 * MEGABYTE
    # Nothing for a console to act on, whatever the files have for names.
    assert all(c == "\n" or c.isprintable() for c in text)
    return text


@pytest.mark.parametrize("make", ODDITIES)
def test_read(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "odd.dll"
    path.write_bytes(make())
    for _ in bounded():
        image = read_image(str(path))
        read_version(str(path))
        read_section(str(path), ".apiset")

    assert isinstance(image, (Image, Unreadable))
    if isinstance(image, Unreadable):
        # It follows the name of the file in a sentence.
        assert re.match(r"(is|cannot be) ", image.reason)
        assert len(image.reason) < 200


@pytest.mark.parametrize("make", ODDITIES)
def test_symbols(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "odd.dll"
    path.write_bytes(make())
    for _ in bounded(96 * MEGABYTE):
        disk = Disk()
        disk.imports(str(path))
        exports = disk.exports(str(path))
        if exports is not None:
            assert "f" in exports or exports.ordinal("f") is None
            assert len(exports.names) <= 100_000
            assert len(exports.forwarders) <= 200_000


@pytest.mark.parametrize("make", ODDITIES)
def test_resources(make: Make) -> None:
    data = make()
    for _ in bounded():
        try:
            layout = Layout(data)
        except MalformedError:
            continue
        for kind in (MANIFEST, VERSION):
            for identifier in (None, 1, 2):
                resource(layout, kind, identifier)


@pytest.mark.parametrize("make", ODDITIES)
def test_judged(shared: Tree, make: Make) -> None:
    path = shared.site / "odd" / "_core.pyd"
    path.write_bytes(make())
    for _ in bounded():
        looked_at(shared, "odd")
        looked_at(shared, path, symbols=True)


@pytest.mark.parametrize("make", ODDITIES)
def test_judged_as_an_import(shared: Tree, make: Make) -> None:
    path = shared.site / "odd" / "_core.pyd"
    path.write_bytes(shared.pe("rich.dll"))
    other = shared.site / "odd" / "rich.dll"
    other.write_bytes(make())
    for _ in bounded():
        looked_at(shared, "odd", symbols=True)
    other.unlink()


@pytest.mark.parametrize("make", ODDITIES)
def test_explained(shared: Tree, make: Make) -> None:
    path = shared.site / "odd" / "_core.pyd"
    path.write_bytes(make())
    for code in (126, None):
        failure = Failure(path=str(path), module="odd._core", winerror=code)
        for _ in bounded():
            assert str(explain_failure(failure, shared.live()))


@pytest.mark.parametrize("name", TREES)
def test_files_that_lead_to_one_another(tmp_path: Path, name: str) -> None:
    tree = Tree(tmp_path, redistributable=(14, 44, 35211, 0))
    folder = tree.site / "odd"
    folder.mkdir()
    for file, data in TREES[name]().items():
        (folder / file).write_bytes(data)
    # The longest has 2,000 files.
    with within(10):
        text = looked_at(tree, folder / "root.pyd", symbols=True)

    assert "root.pyd: " in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("headers that overlap", Image),
        ("sound", Image),
        ("sound x86", Image),
        ("100,000 exports", Image),
        ("no directories", Image),
        ("export of 1 MB", Image),
        ("65,535 sections", "is damaged"),
        ("PE header nowhere", "is damaged"),
        ("image size 0", "is damaged"),
        ("100,000 imports", "is damaged (it imports more than 16,384 DLLs)"),
        ("delay descriptors without end", "more than 16,384 DLLs"),
        ("LF as CRLF", "is damaged"),
        ("web page", "is a web page, not a DLL"),
        ("git-lfs pointer", "is a git-lfs pointer, not the file itself"),
        ("zip archive", "is a zip archive, not a DLL"),
        ("truncated at 0", "is empty"),
        ("truncated at 64", "is damaged (the file ends within the table at"),
        ("ELF", "is not a Windows DLL"),
    ],
)
def test_verdict(tmp_path: Path, name: str, said: type[Image] | str) -> None:
    path = tmp_path / "odd.dll"
    path.write_bytes(ODD[name]())
    found = read_image(str(path))

    if isinstance(said, str):
        assert isinstance(found, Unreadable)
        assert said in found.reason
    else:
        assert isinstance(found, said)


@pytest.mark.parametrize("edge", [n for n in ODD if n.startswith("truncated at ")])
def test_what_is_cut_off_is_unreadable(tmp_path: Path, edge: str) -> None:
    path = tmp_path / "odd.dll"
    path.write_bytes(ODD[edge]())
    # What follows the sections is no part of it, and half a sector is enough of one.
    size = int(edge.rpartition(" ")[2])
    whole = size + 0x200 > len(rich()) - len(rich()) % 0x200

    assert isinstance(read_image(str(path)), Image if whole else Unreadable)


def test_thousands_of_imports_are_followed(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    names = {f"d{i}.dll": ["f"] for i in range(10_000)}
    path = tmp_path / "odd.pyd"
    path.write_bytes(build_pe(imports=names))
    text = looked_at(tree, path)

    assert "FAIL, 1 of 1 native file would not load" in text
    assert "note: further faults were found and not explained: 9,800." in text
    assert text.count("NOT FOUND") <= 200


def test_a_long_chain_is_shown_in_part(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for i in range(60):
        (tree.site / f"d{i}.dll").write_bytes(build_pe(imports={f"d{i + 1}.dll": [1]}))
    text = looked_at(tree, tree.site / "d0.dll")

    assert "-> (21 more)" in text
    assert "-> d60.dll   NOT FOUND" in text
    assert len(text) < 10_000


def test_a_long_name_is_shown_in_part(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = tree.site / "odd.pyd"
    path.write_bytes(build_pe(imports={LONG: ["f"]}))
    text = looked_at(tree, path)

    assert "n... (1,048,5" in text
    assert len(text) < 100_000


def test_names_do_not_write_the_report(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = tree.site / "odd.pyd"
    path.write_bytes(ODD["names with control characters"]())
    lines = looked_at(tree, path).splitlines()

    assert not any(line.lstrip().startswith("help: run this") for line in lines)
    assert any("\\x1b[2J\\x07.dll" in line for line in lines)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema(tmp_path: Path, name: str) -> None:
    data = SCHEMAS[name]
    for _ in bounded():
        with suppress(ValueError):
            parse_schema(data)
    # As it stands in a Windows.
    tree = Tree(tmp_path)
    path = tree.system / "apisetschema.dll"
    path.write_bytes(build_pe(sections={".apiset": data}))
    module = tree.site / "odd.pyd"
    module.write_bytes(tree.pe("api-ms-win-core-file-l1-1-0.dll"))
    for _ in bounded():
        looked_at(tree, module)


@pytest.mark.parametrize("xml", [BOMB, DEEP], ids=["bomb", "deep"])
def test_manifest(xml: str) -> None:
    for _ in bounded():
        with pytest.raises(ValueError, match="manifest"):
            parse_manifest(xml.encode())


def test_table_is_that_of_the_builder() -> None:
    """What is put into an image here is found there, so that the rest is tested."""
    data = ODD["100,000 exports"]()
    exports = SymbolReader(data).exports()

    assert len(exports.addresses) == 100_000
    assert exports.ordinal("n065535") == 65_536
    assert SymbolReader(rich()).delay_imports() == ("late.dll",)
    assert SymbolReader(with_table(b"", 0)).import_names() == ()


def test_a_link_to_nowhere(tmp_path: Path) -> None:
    """It is listed in its folder and has no size."""
    tree = Tree(tmp_path)
    files = {"odd/__init__.py": b"", "odd/_core.pyd": tree.pe(), "odd/a.dll": b"x"}
    tree.install("odd", "1.0", files)
    for name in ("_core.pyd", "a.dll"):
        path = tree.site / "odd" / name
        path.unlink()
        try:
            path.symlink_to(tmp_path / "nowhere")
        except OSError:
            pytest.skip("this account makes no links")

    assert "_core.pyd" in looked_at(tree, "odd")
