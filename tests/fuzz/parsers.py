"""Everything that reads bytes it did not write, as functions of those bytes.

Each may take its input as unreadable, and may not raise anything else. `PARSERS` has
them by name, with inputs to start from.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution as Metadata
from pathlib import Path
from typing import Final

from dllguard._config import ConfigError, read_config
from dllguard._files._disk import Disk
from dllguard._files._layout import Layout, MalformedError
from dllguard._files._manifest import parse_manifest
from dllguard._files._pe import read_image, read_version
from dllguard._files._resources import MANIFEST, VERSION, fixed_version, resource
from dllguard._files._symbols import SymbolReader
from dllguard._hosts._facts import host_text
from dllguard._hosts._host import HostError
from dllguard._hosts._offline import offline_host
from dllguard._judge import Rules
from dllguard._loader._apisets import parse_schema
from dllguard._logs._log_text import decoded
from dllguard._logs._pasted import explain_text
from dllguard._logs._pasted_report import pasted_dict, pasted_text
from dllguard._model import X64
from dllguard._packages._added import added_folders, start_up_folders
from dllguard._packages._conda import conda_packages
from dllguard._packages._distribution import (
    Distribution,
    import_names,
    read_distribution,
)
from dllguard._packages._environment import Environment
from dllguard._packages._outline import Outline, source_text
from dllguard._packages._reach import touched_by
from dllguard._packages._source import Source
from dllguard._packages._source_places import Places
from dllguard._preflight import report_on
from dllguard._snapshots._restored import SnapshotError, read_snapshot
from dllguard._snapshots._snapshot import snapshot
from dllguard._targets._archive import WheelError, opened
from dllguard._targets._unpacked import unpacked
from tests.odd_images import BOMB, DEEP, ODD, SCHEMAS, rich
from tests.pebuilder import build_pe
from tests.test_apisets import VERSIONS, schema
from tests.trees import Tree

_LARGEST_SEED: Final = 1 << 16


@dataclass(frozen=True)
class Parser:
    """One reader.

    :param read: takes the bytes, and a folder of its own that is kept.
    :param seeds: sound inputs and odd ones.
    :param largest: bytes of an input that are worth trying.
    """

    read: Callable[[bytes, Path], None]
    seeds: Callable[[], Iterable[bytes]]
    largest: int = 8192


def _image(data: bytes, folder: Path) -> None:
    path = folder / "odd.dll"
    path.write_bytes(data)
    read_image(str(path))
    read_version(str(path))
    disk = Disk()
    disk.imports(str(path))
    exports = disk.exports(str(path))
    if exports is not None:
        for symbol in ("f", "", "\0", 1, 0, -1, 1 << 40):
            exports.forwarder(symbol)
        for name in exports.names:
            assert name in exports
        for ordinal in exports.ordinals:
            exports.forwarder(ordinal)
        assert isinstance(dict(exports.forwarders), dict)


def _tables(data: bytes, _: Path) -> None:
    try:
        layout = Layout(data)
    except MalformedError:
        return
    reader = SymbolReader(layout)
    for read in (
        layout.require_mappable,
        reader.imports,
        reader.import_names,
        reader.delay_imports,
        reader.exports,
    ):
        with contextlib.suppress(MalformedError):
            read()
    for kind in (MANIFEST, VERSION):
        fixed_version(resource(layout, kind, None) or b"")


def _schema(data: bytes, _: Path) -> None:
    with contextlib.suppress(ValueError):
        sets = parse_schema(data)
        sets.host("api-ms-win-core-file-l1-1-0.dll", "kernel32.dll")
        sets.host("", "")


def _manifest(data: bytes, _: Path) -> None:
    with contextlib.suppress(ValueError):
        parse_manifest(data)


def _environment(folder: Path) -> Environment:
    return Environment(
        executable="python",
        version=(3, 11),
        machine=X64,
        prefix=str(folder),
        base_prefix=str(folder),
        site=(str(folder / "site"),),
    )


def _written(path: Path, data: bytes) -> Path:
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def _metadata(data: bytes, folder: Path) -> None:
    """Read METADATA, and RECORD behind the mark."""
    info = folder / "site" / "odd-1.dist-info"
    first, _, second = data.partition(b"--cut--")
    _written(info / "METADATA", first)
    _written(info / "RECORD", second)
    environment = _environment(folder)
    found = Metadata.at(str(info))
    import_names(found)
    distribution = read_distribution(found)
    list(environment.requirements(distribution))
    environment.extension_modules(distribution)
    environment.closure("odd")
    disk = Disk()
    for file in distribution.natives:
        disk.exists(file.path)
        disk.image(file.path)


def _source(data: bytes, folder: Path) -> None:
    path = _written(folder / "site" / "odd" / "__init__.py", data)
    environment = _environment(folder)
    Source(Places(environment), ["odd"]).read(str(path), "odd", whole=True)
    distribution = Distribution("odd", None, str(folder / "site"))
    added_folders(distribution, environment)


def _outline(data: bytes, folder: Path) -> None:
    path = _written(folder / "site" / "odd" / "__init__.py", data)
    native = _written(folder / "site" / "odd" / "_core.pyd", data)
    text = source_text(str(path))
    outline = Outline("odd", text, is_package=True)
    for part in [*outline.parts]:
        list(outline.imports(part))
        list(outline.calls(part))
        outline.imports_unnamed(part)
    touched_by("odd", [str(native)], _environment(folder))


def _pth(data: bytes, folder: Path) -> None:
    _written(folder / "site" / "odd.pth", data)
    start_up_folders(_environment(folder))


def _config(data: bytes, folder: Path) -> None:
    """Read the three configuration files of a Python, one after the other."""
    base = folder / "base"
    if not base.is_dir():
        _written(base / "python311.dll", build_pe(exports=["f"]))
        _written(base / "python.exe", build_pe(dll=False))
        (base / "Lib" / "site-packages").mkdir(parents=True)
        (folder / "venv" / "Lib" / "site-packages").mkdir(parents=True)
    for path, home in (
        (folder / "venv" / "pyvenv.cfg", folder / "venv"),
        (base / "Lib" / "site-packages" / "odd.pth", base),
        (base / "python311._pth", base),
    ):
        path.write_bytes(data)
        with contextlib.suppress(HostError):
            offline_host(str(home))
        path.unlink()


def _conda(data: bytes, folder: Path) -> None:
    path = _written(folder / "conda-meta" / "odd-1-0.json", data)
    # Which a reader of the folder takes for unchanged else.
    os.utime(path.parent, ns=(0, zlib.crc32(data)))
    for package in conda_packages(str(folder)):
        package.owns("x.dll")


def _wheel(data: bytes, folder: Path) -> None:
    path = folder / "odd-1-py3-none-any.whl"
    path.write_bytes(data)
    cache = folder / "cache"
    before = set(os.listdir(folder)) | {"cache"}
    given = os.environ.get("DLLGUARD_CACHE")
    os.environ["DLLGUARD_CACHE"] = str(cache)
    try:
        with contextlib.suppress(WheelError), opened(str(path)) as found:
            found.text("METADATA")
            unpacked([found])
    finally:
        os.environ.pop("DLLGUARD_CACHE")
        if given is not None:
            os.environ["DLLGUARD_CACHE"] = given
    assert set(os.listdir(folder)) <= before
    if cache.is_dir():
        shutil.rmtree(cache)


def _snapshot(data: bytes, folder: Path) -> None:
    """Restore a machine from a file, and judge on it what the file names."""
    path = _written(folder / "host.json", data)
    host, complaint = None, ""
    try:
        host = read_snapshot(str(path))
    except SnapshotError as error:
        complaint = str(error)
    if host is None:
        assert complaint.startswith(f"{path}: ")
        assert complaint.isprintable()
        return
    host_text(host)
    report = report_on(host, ("odd", "other"), Rules(symbols=True))
    assert _is_plain(str(report))
    json.dumps(report.to_dict())


def _project(data: bytes, folder: Path) -> None:
    path = _written(folder / "pyproject.toml", data)
    with contextlib.suppress(ConfigError):
        read_config(str(path))


def _log(data: bytes, _: Path) -> None:
    found = explain_text(decoded(data))
    assert pasted_text(found).isascii()
    json.dumps(pasted_dict(found))


def _judged(data: bytes, folder: Path) -> None:
    """Judge an extension module, and a DLL that another one imports."""
    tree = _trees.get(folder)
    if tree is None:
        tree = _trees[folder] = Tree(folder / "tree", redistributable=(14, 44, 1, 0))
        tree.install("odd", "1.0", {"odd/__init__.py": b"", "odd/_core.pyd": b""})
        _written(tree.site / "odd" / "_other.pyd", tree.pe("rich.dll"))
    for name in ("_core.pyd", "rich.dll"):
        (tree.site / "odd" / name).write_bytes(data)
    for target in ("odd", str(tree.site / "odd" / "_core.pyd")):
        report = report_on(tree.host(), (target,), Rules(symbols=True))
        assert _is_plain(str(report))
        json.dumps(report.to_dict())


_trees: dict[Path, Tree] = {}


def _is_plain(text: str) -> bool:
    return all(c == "\n" or c.isprintable() for c in text)


def _small(images: Iterable[bytes]) -> Iterable[bytes]:
    return (image for image in images if len(image) <= _LARGEST_SEED)


def _images() -> Iterable[bytes]:
    return _small(make() for make in ODD.values())


def _schemas() -> Iterable[bytes]:
    return [*SCHEMAS.values(), *map(schema, VERSIONS)]


def _archives() -> Iterable[bytes]:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for name in ("odd/a.pyd", "odd/A.PYD", "odd-1.data/data/b.dll"):
                archive.writestr(name, b"MZ")
            archive.writestr("odd-1.dist-info/METADATA", "Name: odd\nVersion: 1\n")
            archive.writestr("odd-1.dist-info/WHEEL", "Tag: py3-none-any\n")
        yield stream.getvalue()


def _snapshots() -> Iterable[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        for runtime in ((14, 44, 1, 0), None):
            tree = Tree(Path(folder) / str(runtime), redistributable=runtime)
            tree.install(
                "odd", "1.0", {"odd/__init__.py": b"", "odd/_core.pyd": rich()}
            )
            yield json.dumps(snapshot(tree.host())).encode()


_METADATA: Final = (
    b"""\
Metadata-Version: 2.1
Name: odd
Version: 1.0
Requires-Dist: numpy>=1; python_version>"3"
Requires-Dist: odd[x] @ https://x/

text
--cut--odd/_core.pyd,sha256=x,12
"odd/a,b.dll",,99
../../c.dll,,
odd-1.dist-info/RECORD,,
""",
    b"""\
Name: a
 b
Version:
Requires-Dist: x; extra == "y" and os_name != "nt"
Requires-Dist: x; (os_name=="nt" or 'a' in extras) and platform_release>="10"
--cut--x.dll,,99999999999999999999
""",
    b'--cut--"x.dll\ny.dll""z,,1\n\0.dll,,\n',
)
_SOURCES: Final = (
    b"""\
import os, sys
from pathlib import Path
d = os.path.join(os.path.dirname(__file__), 'x.libs')
if os.name == 'nt' and hasattr(os, 'add_dll_directory'):
    os.add_dll_directory(d)
try:
    from . import _core
except ImportError as e:
    raise
""",
    b'''\
"""Text."""
# start delvewheel patch
def _delvewheel_patch_1_0_0():
    import os
    up = os.path.join(os.path.dirname(__file__), os.pardir, 'odd.libs')
    if os.path.isdir(libs_dir := os.path.abspath(up)):
        os.add_dll_directory(libs_dir)


_delvewheel_patch_1_0_0()
del _delvewheel_patch_1_0_0
# end delvewheel patch
''',
    b"""\
import glob, ctypes, importlib
for p in glob.glob(os.path.join(os.environ.get('X', ''), '*', 'bin')):
    ctypes.windll.kernel32.AddDllDirectory(p)
class A:
    def __init__(self, *a, **k):
        self.x = [i for i in range(10**9)]
x = 'a' * 10**9
y = f'{x!r:>{9**9}}'
importlib.import_module('.b', __name__)
""",
    b"""\
from pkgutil import extend_path
__path__ = extend_path(__path__, __name__)
def f(a, b=1):
    return a if b else f(b, a)
add = os.add_dll_directory
with open(x) as y: add(f(y.read()))
x = {**{}, 'a': [*()]}['a'][::-1]
""",
)
_LOGS: Final = (
    b"""\
Traceback (most recent call last):
  File "C:\\a\\x.py", line 1, in <module>
ImportError: DLL load failed while importing _core: The specified module could not be \
found.
""",
    b"""\
OSError: [WinError 126] The specified module could not be found. \
Error loading "C:\\a b\\torch\\lib\\shm.dll" or one of its dependencies.
""",
    b"FileNotFoundError: Could not find module 'x.dll' (or one of its dependencies).\n",
    b"\xff\xfeI\0m\0p\0o\0r\0t\0E\0r\0r\0o\0r\0:\0 \0",
    b"Process finished with exit code -1073741515 (0xC0000135)\n\x1b[31mE   \x1b[0m\n",
    b"RuntimeError: operator torchvision::nms does not exist\n",
)
_RECORD: Final = b"""\
{"name": "a", "version": "1", "files": ["x.dll"], "channel": "c/win-64",
 "subdir": "win-64", "depends": ["b >1"],
 "paths_data": {"paths": [{"_path": "x.dll", "size_in_bytes": 1}]}}
"""

_SETTINGS: Final = b"""\
[tool.dllguard]
targets = ["dist/*.whl", "torch"]
hosts = ["win10", "host.json"]
ignore = ["missing-driver:nvcuda.dll"]
fail-on = "warning"
format = "json"
html = "x.html"
"""

PARSERS: Final = {
    "tables": Parser(_tables, _images, _LARGEST_SEED),
    "image": Parser(_image, _images, _LARGEST_SEED),
    "judged": Parser(_judged, lambda: [rich(), build_pe()], _LARGEST_SEED),
    "schema": Parser(_schema, _schemas),
    "manifest": Parser(_manifest, lambda: [BOMB.encode(), DEEP[:400].encode()]),
    "metadata": Parser(_metadata, lambda: _METADATA),
    "source": Parser(_source, lambda: _SOURCES),
    "outline": Parser(_outline, lambda: _SOURCES),
    "pth": Parser(
        _pth, lambda: [b"import os; os.add_dll_directory('x')\n", *_SOURCES[:1]]
    ),
    "config": Parser(
        _config,
        lambda: [
            b"home = C:\\Python311\ninclude-system-site-packages = true\n",
            b"home = ../base\n",
            b"python311.zip\n.\nimport site\n..\\site\n",
        ],
    ),
    "conda": Parser(_conda, lambda: [_RECORD]),
    "wheel": Parser(_wheel, _archives),
    "log": Parser(_log, lambda: _LOGS),
    "snapshot": Parser(_snapshot, _snapshots, 1 << 20),
    "project": Parser(_project, lambda: [_SETTINGS]),
}
