"""What is said of a host: the facts that an issue report needs, and no guess."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import jsonschema
import pytest

from dllguard._hosts._circumstances import Circumstances
from dllguard._hosts._facts import host_dict, host_text
from dllguard._hosts._offline import BUILT_IN, built_in_host, offline_host
from tests.pebuilder import ARM64, X86
from tests.texts import SCHEMA
from tests.trees import Tree

if TYPE_CHECKING:
    from pathlib import Path

    from dllguard._hosts._host import Host

BUILT_IN_TEXT = f"""\
windows:  {BUILT_IN}, x64
python:   3.12 x64, installed
          C:\\Python312
visual c++ runtimes:
    vcruntime140.dll           -                C:\\Python312\\vcruntime140.dll
    vcruntime140_1.dll         -                C:\\Python312\\vcruntime140_1.dll
searched for the DLLs of an extension module, in this order:
    the folder of the extension module itself
    C:\\Python312   (application folder)
    C:\\added   (added with os.add_dll_directory)
    C:\\Windows\\System32   (System32)
not searched: PATH"""

OFFLINE_TEXT = r"""windows:  Windows 10.0.22631.4317 (C:\Windows), x64
python:   3.11 x64, installed
          C:\Python311
visual c++ runtimes:
    vcruntime140.dll           14.38.33135      C:\Python311\vcruntime140.dll
    vcruntime140_1.dll         14.38.33135      C:\Python311\vcruntime140_1.dll
    msvcp140.dll               14.29.30139      C:\Windows\System32\msvcp140.dll
    msvcp140_1.dll             14.29.30139      C:\Windows\System32\msvcp140_1.dll
    vcomp140.dll               14.29.30139      C:\Windows\System32\vcomp140.dll
    vcruntime140.dll           14.29.30139      C:\Windows\System32\vcruntime140.dll
    vcruntime140_1.dll         14.29.30139      C:\Windows\System32\vcruntime140_1.dll
searched for the DLLs of an extension module, in this order:
    the folder of the extension module itself
    C:\Python311   (application folder)
    C:\Windows\System32   (System32)
not searched: PATH"""


def validate(host: Host) -> dict[str, object]:
    facts = host_dict(host)
    report = {"version": 1, "ok": True, "host": facts, "targets": []}
    jsonschema.validate(report, SCHEMA)
    return facts


def test_built_in_host() -> None:
    host = built_in_host((), (3, 12), (r"C:\added",))

    assert host_text(host) == BUILT_IN_TEXT
    assert validate(host) == {
        "windows": {
            "name": BUILT_IN,
            "machine": "x64",
            "system": r"C:\Windows\System32",
            "edition": None,
            "installation": None,
            "app_control": None,
            "processor": None,
        },
        "python": {
            "version": "3.12",
            "executable": "python",
            "machine": "x64",
            "kind": "installed",
            "application": r"C:\Python312",
            "site": [],
        },
        "runtimes": [
            {"name": name, "version": None, "path": rf"C:\Python312\{name}"}
            for name in ("vcruntime140.dll", "vcruntime140_1.dll")
        ],
        "registered_runtime": None,
        "search": [
            {"path": r"C:\Python312", "role": "application folder"},
            {"path": r"C:\added", "role": "added with os.add_dll_directory"},
            {"path": r"C:\Windows\System32", "role": "System32"},
        ],
    }


def test_offline_host(tmp_path: Path) -> None:
    tree = Tree(tmp_path, redistributable=(14, 29, 30139, 0))
    host = tree.host()

    assert tree.plain(host_text(host)) == OFFLINE_TEXT
    facts = tree.plain(validate(host))
    assert facts["registered_runtime"] is None
    assert facts["runtimes"] == [
        {"name": name, "version": version, "path": path}
        for name, version, path in (
            line.split() for line in OFFLINE_TEXT.splitlines()[4:11]
        )
    ]


def test_offline_host_without_runtimes(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for file in tree.python.glob("vcruntime*"):
        file.unlink()

    assert "visual c++ runtimes:\n    none found\n" in host_text(tree.host())
    assert validate(tree.host())["runtimes"] == []


def test_folders_on_path_are_counted_where_they_are_known(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    live = tree.live(path=(tmp_path, tmp_path / "more"))

    assert host_text(live).endswith("\nnot searched: PATH, 2 folders")
    assert host_text(tree.host()).endswith("\nnot searched: PATH")


@pytest.mark.parametrize(
    ("machine", "name"), [(X86, "x86"), (ARM64, "ARM64")], ids=["x86", "ARM64"]
)
def test_machine(tmp_path: Path, machine: int, name: str) -> None:
    host = Tree(tmp_path, machine=machine).host()

    assert f"python:   3.11 {name}, installed\n" in host_text(host)


def test_venv(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    venv = tmp_path / "venv"
    (venv / "Lib" / "site-packages").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text(f"home = {tree.python}\n", "utf-8")
    host = offline_host(str(venv))

    assert "python:   3.11 x64, venv\n          C:\\venv\n" in tree.plain(
        host_text(host)
    )
    python = tree.plain(validate(host))["python"]
    assert isinstance(python, dict)
    assert python["kind"] == "venv"
    assert python["application"] == r"C:\Python311"


def test_conda(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.python / "conda-meta").mkdir()
    (tree.python / "conda-meta" / "history").write_text("", "ascii")

    assert "python:   3.11 x64, conda\n" in host_text(tree.host())


def test_microsoft_store(tmp_path: Path) -> None:
    host = Tree(tmp_path).host()
    folder = r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.11_x64"
    store = dataclasses.replace(
        host.environment, kind="store", prefix=folder, base_prefix=folder
    )
    host = dataclasses.replace(host, environment=store)

    assert f"3.11 x64, Microsoft Store\n          {folder}\n" in host_text(host)
    assert validate(host)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("embeddable", "embeddable package"),
        ("pyinstaller", "PyInstaller application"),
        ("cx_freeze", "cx_Freeze application"),
        ("nuitka", "Nuitka application"),
        ("frozen", "frozen application"),
    ],
)
def test_kinds(tmp_path: Path, kind: str, shown: str) -> None:
    host = Tree(tmp_path).host()
    environment = dataclasses.replace(host.environment, kind=kind)
    host = dataclasses.replace(host, environment=environment)

    assert f"3.11 x64, {shown}\n" in host_text(host)
    assert validate(host)


def test_circumstances_are_shown_where_they_are_known(tmp_path: Path) -> None:
    known = Circumstances(
        edition="ProfessionalN",
        installation="Client",
        app_control="evaluation",
        processor=frozenset({"sse4.1", "avx"}),
    )
    host = dataclasses.replace(Tree(tmp_path).host(), circumstances=known)

    assert host_text(host).splitlines()[1:4] == [
        "          edition ProfessionalN, Client",
        "          Smart App Control: evaluation",
        "          processor: avx, sse4.1",
    ]
    windows = validate(host)["windows"]
    assert isinstance(windows, dict)
    assert windows["edition"] == "ProfessionalN"
    assert windows["processor"] == ["avx", "sse4.1"]

    none = dataclasses.replace(known, processor=frozenset())
    host = dataclasses.replace(host, circumstances=none)

    assert "          processor: no AVX\n" in host_text(host)
