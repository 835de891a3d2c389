"""The settings of a project: where they are found, and what is wrong with them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from dllguard._arguments import parser
from dllguard._config import _KEYS, ConfigError, find_config, read_config

if sys.version_info < (3, 11):
    pytest.importorskip("tomli", reason="Python 3.10 reads TOML by tomli")


def project(folder: Path, table: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "pyproject.toml"
    file.write_text(table, "utf-8")
    return file


def wrong(file: Path) -> str:
    with pytest.raises(ConfigError) as error:
        read_config(str(file))
    text = str(error.value)
    assert text.startswith(f"{file}: ")
    assert "\n" not in text
    return text.removeprefix(f"{file}: ")


def test_every_key(tmp_path: Path) -> None:
    file = project(
        tmp_path,
        """
        [project]
        name = "x"
        [tool.dllguard]
        targets = ["torch", "dist/*.whl", "x @ https://example.org/x.whl", "lib.pyd"]
        requirement-files = ["requirements/win.txt"]
        hosts = ["win11+redist=14.29", "hosts/lab.json"]
        dll-directories = ["vendor"]
        python = "py"
        windows = "win"
        ignore = ["missing-dll:a.dll"]
        fail-on = "warning"
        format = "json"
        html = "out/report.html"
        """,
    )

    found = read_config(str(file))

    assert found.file == str(file)
    assert found.values == {
        "targets": [
            "torch",
            str(tmp_path / "dist" / "*.whl"),
            "x @ https://example.org/x.whl",
            str(tmp_path / "lib.pyd"),
        ],
        "requirement_files": [str(tmp_path / "requirements" / "win.txt")],
        "hosts": ["win11+redist=14.29", str(tmp_path / "hosts" / "lab.json")],
        "dll_directory": [str(tmp_path / "vendor")],
        "python": str(tmp_path / "py"),
        "windows": str(tmp_path / "win"),
        "ignore": ["missing-dll:a.dll"],
        "fail_on": ["warning"],
        "format": "json",
        "html": str(tmp_path / "out" / "report.html"),
    }
    assert len(found.values) == len(_KEYS)


def test_paths_stay_as_they_are_in_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project(tmp_path, "[tool.dllguard]\ntargets = ['dist/*.whl']")

    assert read_config("pyproject.toml").values == {"targets": ["dist/*.whl"]}


def test_every_key_is_an_option() -> None:
    options = vars(parser().parse_args(["check"]))

    assert {name for _, name in _KEYS.values()} <= set(options)


def test_nearest_table_is_taken(tmp_path: Path) -> None:
    above = project(tmp_path, "[tool.dllguard]\ntargets = ['a']")
    project(tmp_path / "one", "[tool.other]\nx = 1")
    project(tmp_path / "one" / "two", "[project]\nname = 'x'  # no dllguard")
    deep = tmp_path / "one" / "two" / "three"
    deep.mkdir()

    found = find_config(str(deep))

    assert found is not None
    assert found.file == str(above)


def test_no_table(tmp_path: Path) -> None:
    project(tmp_path, "[project]\nname = 'x'")

    found = find_config(str(tmp_path))

    # Above the folder of the tests there may be one; it is none of these.
    assert found is None or not found.file.startswith(str(tmp_path))


def test_what_does_not_speak_of_us_need_not_be_toml(tmp_path: Path) -> None:
    above = project(tmp_path, "[tool.dllguard]")
    project(tmp_path / "one", "this is = = no TOML")

    found = find_config(str(tmp_path / "one"))

    assert found is not None
    assert (found.file, found.values) == (str(above), {})


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[tool.other]", "has no table [tool.dllguard]"),
        ("", "has no table [tool.dllguard]"),
        ("tool = 3", "has no table [tool.dllguard]"),
        ("[tool]\ndllguard = 3", "dllguard in [tool] is no table"),
        (
            "[tool.dllguard]\nfail_on = 'error'",
            "[tool.dllguard] fail_on: no such key; did you mean fail-on?",
        ),
        (
            "[tool.dllguard]\nhost = ['win11']",
            "[tool.dllguard] host: no such key; did you mean hosts?",
        ),
        (
            "[tool.dllguard]\nzzz = 1",
            f"[tool.dllguard] zzz: no such key; there are {', '.join(_KEYS)}",
        ),
        (
            "[tool.dllguard]\ntargets = 'torch'",
            "[tool.dllguard] targets: a list of texts is wanted, not 'torch'",
        ),
        (
            "[tool.dllguard]\nignore = [1]",
            "[tool.dllguard] ignore: a list of texts is wanted, not [1]",
        ),
        (
            "[tool.dllguard]\npython = ['a']",
            "[tool.dllguard] python: a text is wanted, not ['a']",
        ),
        (
            "[tool.dllguard]\nformat = 'html'",
            "[tool.dllguard] format: 'html' is none of text, json, github",
        ),
    ],
)
def test_what_is_wrong(tmp_path: Path, table: str, said: str) -> None:
    assert wrong(project(tmp_path, table)) == said


@pytest.mark.parametrize(
    "content",
    [
        b"[tool.dllguard\n",
        b"[tool.dllguard]\nx = \xff\n",
        b"[tool.dllguard]\nx = " + b"[" * 50_000,
        b"[tool.dllguard]\nx = " + b"9" * 5_000,
    ],
    ids=["toml", "utf-8", "deep", "long-number"],
)
def test_no_toml(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes(content)

    assert wrong(file).startswith("is no TOML: ")
    with pytest.raises(ConfigError):
        find_config(str(tmp_path))


def test_no_file(tmp_path: Path) -> None:
    assert re.match("(No such file|.*cannot find)", wrong(tmp_path / "absent.toml"))
    assert wrong(tmp_path)


def test_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes(b"\xef\xbb\xbf[tool.dllguard]\ntargets = ['a']\n")

    assert read_config(str(file)).values == {"targets": ["a"]}


@pytest.mark.parametrize(
    "table",
    [
        "[tool.dllguard]\ntargets = ['a']",
        "[ tool . 'dllguard' ]\ntargets = ['a']",
        '["tool"."dllguard"]\ntargets = ["a"]',
        "tool.dllguard.targets = ['a']",
        "[tool]\ndllguard.targets = ['a']",
        "[ tool ]\nx = [1]\ndllguard = {targets = ['a']}",
        "tool = {dllguard = {targets = ['a']}}",
        "[project]\nx = 1\n[tool]\nother = 1\n[tool.dllguard]\ntargets = ['a']",
    ],
)
def test_every_way_to_write_the_table(tmp_path: Path, table: str) -> None:
    project(tmp_path, table)

    found = find_config(str(tmp_path))

    assert found is not None
    assert found.values == {"targets": ["a"]}


@pytest.mark.parametrize(
    "content",
    [
        "[project]\ndependencies = ['dllguard>=1']",
        "[tool.poetry.dependencies]\ndllguard = '^1'",
        "[tool.pixi]\n[project]\nname = 'dllguard-plugin'",
    ],
)
def test_a_project_that_requires_dllguard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    for name in ("tomli", "tomllib"):
        monkeypatch.setitem(sys.modules, name, None)
    project(tmp_path, content)

    assert find_config(str(tmp_path)) is None


@pytest.mark.skipif(sys.version_info >= (3, 11), reason="TOML is in the library")
def test_without_tomli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomli", None)
    file = project(tmp_path, "[tool.dllguard]")

    assert "pip install tomli; or give --no-config" in wrong(file)
