"""A DLL of Windows that this Windows is without: too old, or another edition."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dllguard._causes._editions import is_n
from dllguard._hosts._circumstances import Circumstances
from dllguard._judge import judge
from dllguard._loader._apisets import ApiSets
from dllguard._tables._windows_features import MEDIA_FOUNDATION, NANO_LACKS
from dllguard._tables._windows_names import CLEAN_WINDOWS_11_X64
from dllguard._verdict import Diagnosis
from tests.texts import obey
from tests.trees import Tree


def told(tree: Tree, name: str, **facts: object) -> Diagnosis:
    """Return what is said of a package that imports a DLL of Windows."""
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe(name)})
    host = tree.live()
    process = replace(host.process, api_sets=ApiSets({}, exact=True))
    host = replace(host, process=process, circumstances=Circumstances(**facts))  # type: ignore[arg-type]
    found = tree.plain(judge(host, "shapes")).diagnoses[0]
    obey(found)
    return found


def advice(found: Diagnosis) -> str:
    """Return all that is told to do."""
    return "\n".join(
        line for remedy in found.help for line in (remedy.text, *remedy.commands)
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        pytest.param(
            {"build": 22631, "edition": "CoreN", "installation": "Client"},
            "Media.MediaFeaturePack",
            id="n",
        ),
        pytest.param(
            {"build": 14393, "edition": "ProfessionalN"},
            "made for Windows 10 (build 14393)",
            id="n-before-the-capability",
        ),
        pytest.param(
            {"build": 20348, "edition": "ServerStandard", "installation": "Server"},
            "Install-WindowsFeature Server-Media-Foundation",
            id="server",
        ),
        pytest.param(
            {"build": 17763, "installation": "Server Core"},
            "mcr.microsoft.com/windows:ltsc2019",
            id="server-core",
        ),
        pytest.param(
            {"build": 22631, "edition": "Professional", "installation": "Client"},
            "sfc /scannow",
            id="edition-that-has-it",
        ),
    ],
)
def test_media_foundation(tmp_path: Path, facts: dict[str, object], words: str) -> None:
    found = told(Tree(tmp_path), "mfplat.dll", **facts)

    assert found.code == "missing-windows-feature"
    assert words in advice(found)


def test_an_unknown_edition_gets_every_answer(tmp_path: Path) -> None:
    found = told(Tree(tmp_path), "mfplat.dll")

    for words in ("MediaFeaturePack", "Server-Media-Foundation", "FROM mcr."):
        assert words in advice(found)


@pytest.mark.parametrize(
    ("name", "image"),
    [
        pytest.param("gdiplus.dll", "windows/servercore", id="core-has-it"),
        pytest.param("opengl32.dll", "windows/server:ltsc2022", id="core-has-it-not"),
    ],
)
def test_nano_server(tmp_path: Path, name: str, image: str) -> None:
    found = told(Tree(tmp_path), name, build=20348, installation="Nano Server")

    assert image in advice(found)
    assert "Desktop Experience" not in advice(found)


@pytest.mark.parametrize(
    ("name", "build", "code", "words"),
    [
        pytest.param(
            "combase.dll", 7601, "windows-too-old", "Python 3.8", id="dll-of-8"
        ),
        pytest.param(
            "dxcore.dll", 18362, "windows-too-old", "10 2004 or later", id="dll-of-2004"
        ),
        pytest.param(
            "api-ms-win-core-sysinfo-l9-1-0.dll",
            22631,
            "windows-too-old",
            "a later Windows",
            id="unknown-set",
        ),
        pytest.param(
            "ext-ms-win-nobody-l1-1-0.dll",
            22631,
            "missing-windows-feature",
            "a later Windows",
            id="extension-set",
        ),
        pytest.param(
            "api-ms-win-crt-heap-l1-1-0.dll",
            9600,
            "missing-windows-feature",
            "KB2999226",
            id="universal-crt",
        ),
        pytest.param(
            "oledlg.dll", 9600, "missing-windows-feature", "Windows 11", id="old"
        ),
        pytest.param(
            "oledlg.dll", 22631, "missing-windows-feature", "sfc", id="taken-out"
        ),
    ],
)
def test_by_release(
    tmp_path: Path, name: str, build: int, code: str, words: str
) -> None:
    found = told(Tree(tmp_path), name, build=build)

    assert found.code == code
    assert words in advice(found)
    assert "VCRedist" not in advice(found)


def test_a_copy_of_another_product_is_no_part_of_windows(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(tmp_path / "K-Lite" / "mfplat.dll")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("mfplat.dll")})

    found = judge(tree.live(path=[tmp_path / "K-Lite"]), "shapes").diagnoses[0]

    assert found.code == "missing-windows-feature"


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        ("ProfessionalN", True),
        ("EnterpriseSN", True),
        ("EnterpriseNEval", True),
        ("Education", False),
        ("Professional", False),
        ("", False),
    ],
)
def test_n_editions(edition: str, expected: bool) -> None:
    assert is_n(edition) is expected


def test_tables_speak_of_windows() -> None:
    assert MEDIA_FOUNDATION | NANO_LACKS <= CLEAN_WINDOWS_11_X64
