"""Hosts by name: what each is without, and what is said of names that are none."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dllguard._hosts._built_in import built_in
from dllguard._hosts._host import Host
from dllguard._hosts._host_name import MODIFIERS, built_in_names
from dllguard._model import ARM64, X64, X86
from dllguard._preflight import report_on
from tests.pebuilder import build_pe
from tests.trees import Tree


def found(host: Host, name: str) -> bool:
    """Tell whether an import of that name would be met."""
    process = host.process
    answer = process.find(name, "any.dll", process.search_list(r"C:\any\any.pyd"))
    return answer.path is not None or answer.provided


def version(host: Host, name: str) -> object:
    path = host.process.disk.find(host.process.system, name)
    return host.process.disk.version(path) if path else "absent"


@pytest.mark.parametrize("name", built_in_names())
def test_every_name_is_a_windows_that_python_starts_on(name: str) -> None:
    host = built_in(name)

    assert host.windows.startswith("clean Windows ")
    assert "what is not known to be missing counts as present" in host.windows
    assert host.windows.isascii()
    assert not host.live
    for dll in ("kernel32.dll", "api-ms-win-crt-runtime-l1-1-0.dll", "ucrtbase.dll"):
        assert found(host, dll), dll
    for dll in ("vcruntime140.dll", f"python{''.join(map(str, version_of(host)))}.dll"):
        assert dll in host.process.loaded


def version_of(host: Host) -> tuple[int, int]:
    return host.environment.version


@pytest.mark.parametrize(
    ("name", "dll", "there"),
    [
        ("win11", "mfplat.dll", True),
        ("win11", "opengl32.dll", True),
        ("win11", "msvcp140.dll", False),
        ("win11", "nvcuda.dll", False),
        ("win11-n", "mfplat.dll", False),
        ("win11-n", "opengl32.dll", True),
        ("win10-n", "MFReadWrite.dll", False),
        ("win10-1703", "icuuc.dll", True),
        ("win10-1607", "icuuc.dll", False),
        ("win10", "dxcore.dll", True),
        ("win10-1909", "dxcore.dll", False),
        ("win10-1507", "d3d12.dll", True),
        ("win8.1", "d3d12.dll", False),
        ("win8.1", "combase.dll", True),
        ("win7", "combase.dll", False),
        ("win7", "api-ms-win-core-path-l1-1-0.dll", False),
        ("win8", "api-ms-win-core-path-l1-1-0.dll", True),
        ("win7", "api-ms-win-core-file-l1-1-0.dll", True),
        ("win7", "api-ms-win-core-file-l1-2-0.dll", True),
        ("server2022", "mfplat.dll", False),
        ("server2022", "avicap32.dll", True),
        ("server2022-core", "avicap32.dll", False),
        ("server2022-core", "gdiplus.dll", True),
        ("server2016", "icu.dll", False),
        ("nanoserver", "gdiplus.dll", False),
        ("nanoserver", "USER32.dll", False),
        ("nanoserver", "ws2_32.dll", True),
    ],
)
def test_what_a_windows_has(name: str, dll: str, there: bool) -> None:
    assert found(built_in(name), dll) is there


@pytest.mark.parametrize(
    ("name", "build", "edition", "installation"),
    [
        ("win7", 7601, "Professional", "Client"),
        ("win10-1809", 17763, "Professional", "Client"),
        ("win11-n", 22621, "ProfessionalN", "Client"),
        ("server2019", 17763, "", "Server"),
        ("server2019-core", 17763, "", "Server Core"),
        ("nanoserver", 20348, "", "Nano Server"),
    ],
)
def test_facts_of_the_machine(
    name: str, build: int, edition: str, installation: str
) -> None:
    facts = built_in(name).circumstances

    assert (facts.build, facts.edition) == (build, edition)
    assert facts.installation == installation


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("14.29", (14, 29, 30139, 0)),
        ("14.44", (14, 44, 35211, 0)),
        ("14.29.30133", (14, 29, 30133, 0)),
        ("14.26.28720.3", (14, 26, 28720, 3)),
        ("14.37", (14, 37, 0, 0)),
    ],
)
def test_version_of_a_redistributable(release: str, expected: object) -> None:
    host = built_in(f"win11+redist={release}")

    assert version(host, "msvcp140.dll") == expected
    assert version(host, "vcruntime140.dll") == expected
    assert version(host, "kernel32.dll") is None
    assert f"Visual C++ redistributable {release}" in host.windows


@pytest.mark.parametrize(
    ("release", "names"),
    [
        ("14.0", set()),
        ("14.16", {"msvcp140_1.dll"}),
        ("14.29", {"msvcp140_1.dll", "vcruntime140_1.dll"}),
        (
            "14.38",
            {"msvcp140_1.dll", "vcruntime140_1.dll", "vcruntime140_threads.dll"},
        ),
    ],
)
def test_redistributable_has_only_what_it_had_then(
    release: str, names: set[str]
) -> None:
    host = built_in(f"win11+redist={release}")
    later = {"msvcp140_1.dll", "vcruntime140_1.dll", "vcruntime140_threads.dll"}

    there = {name for name in later if version(host, name) != "absent"}

    assert there == names


def test_redistributable_of_x86_and_where_it_lies() -> None:
    host = built_in("win10+x86+redist=14.44")

    assert host.process.system == r"C:\Windows\SysWOW64"
    assert host.process.machine == host.environment.machine == X86
    assert host.system_machine == X64
    assert version(host, "msvcp140.dll") == (14, 44, 35211, 0)
    assert version(host, "vcruntime140_1.dll") == "absent"


def test_windows_for_arm64() -> None:
    host = built_in("win11+arm64")

    assert host.process.machine == host.system_machine == ARM64
    assert " ARM64 " in host.windows


@pytest.mark.parametrize(
    ("name", "expected", "threaded"),
    [
        ("win11+python=3.12", (3, 12), False),
        ("win11+python=3.13t", (3, 13), True),
        ("win7", min((3, 8), sys.version_info[:2]), False),
        ("win8.1", min((3, 12), sys.version_info[:2]), False),
        ("win11", sys.version_info[:2], False),
    ],
)
def test_python_of_a_host(
    name: str,
    expected: tuple[int, int],
    threaded: bool,
) -> None:
    environment = built_in(name).environment

    assert environment.version == expected
    assert environment.free_threaded is threaded


@given(st.permutations(["Win10-1809", "redist=14.29", "PYTHON=3.8", "x86"]))
def test_order_and_case_are_free(words: list[str]) -> None:
    host = built_in("+".join(words))

    assert host.windows == built_in("win10-1809+redist=14.29+x86").windows
    assert host.environment.version == (3, 8)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("win12", "win12: win12 is no built-in host: did you mean win"),
        ("server2022-cor", "did you mean server2022-core"),
        ("win11+redits=14.29", "redits=14.29 is no built-in host: did you mean redist"),
        ("win11+arm", "did you mean arm64?"),
        ("", "nothing is no built-in host"),
        ("redist=14.29", "names no Windows: there are win7, "),
        ("win10+win11", "win10 and win11 exclude each other"),
        ("win11+redist=14.29+redist=14.30", "exclude each other"),
        ("win11+machine=x86", "machine=x86 is no built-in host"),
        ("win11+redist=15.0", "no release such as 14.29"),
        ("win11+redist=14", "no release such as 14.29"),
        ("win11+python=2.7", "no Python such as 3.12"),
        ("win11+python=3.12t", "no Python such as 3.12"),
        ("win7+python=3.9", "3.8 is the last Python for Windows 7 SP1"),
        ("win8.1+redist=14.50", "is for Windows 10 and later"),
        ("win7+arm64", "no Windows 7 SP1 for ARM64"),
        ("nanoserver+x86", "Nano Server runs no 32-bit programs"),
    ],
)
def test_name_that_is_none(name: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        built_in(name)


@given(st.text("win10+-.=redistpythonarm64", max_size=30))
def test_any_other_text_is_a_host_or_one_error(name: str) -> None:
    problem = ""
    try:
        built_in(name)
    except ValueError as error:
        problem = str(error)

    assert not problem or problem.startswith(f"{name}: ")


def test_unknown_name_lists_all_names() -> None:
    with pytest.raises(ValueError, match="no built-in host") as caught:
        built_in("beos")

    for name in (*built_in_names(), *MODIFIERS):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "ok", "culprit"),
    [
        ("win11", False, "MSVCP140.dll"),
        ("win11+redist=14.29", False, "VCRUNTIME140_THREADS.dll"),
        ("win11+redist=14.44", True, None),
    ],
)
def test_verdict_hangs_on_the_redistributable(
    name: str,
    ok: bool,
    culprit: str | None,
    tree: Tree,
) -> None:
    core = build_pe(
        imports={"VCRUNTIME140_THREADS.dll": ["thrd_create"]}, exports=["x"]
    )
    module = build_pe(
        imports={"MSVCP140.dll": ["_Mtx_lock"], "core.dll": ["x"]}, linker=(14, 29)
    )
    tree.install("shapes", "1.0", {"shapes/_c.pyd": module, "shapes/core.dll": core})

    report = report_on(built_in(name, [str(tree.site)]), ("shapes",))

    assert report.ok is ok
    errors = [d.culprit for d in report.diagnoses if d.severity == "error"]
    assert errors[:1] == ([culprit] if culprit else [])


@pytest.mark.parametrize(
    ("name", "ok"), [("win8.1", False), ("win10-1507", True), ("server2025", True)]
)
def test_function_that_came_later(
    name: str,
    ok: bool,
    tree: Tree,
) -> None:
    module = build_pe(imports={"bcryptprimitives.dll": ["ProcessPrng"]})
    tree.install("shapes", "1.0", {"shapes/_c.pyd": module})

    report = report_on(built_in(name, [str(tree.site)]), ("shapes",))

    assert report.ok is ok
    assert [d.code for d in report.diagnoses] == ([] if ok else ["windows-too-old"])


def test_start_up_folders_of_the_packages_count(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    line = f"import os; os.add_dll_directory({str(inside)!r})\n"
    (tmp_path / "a.pth").write_text(line, "utf-8")

    host = built_in("win11", [str(tmp_path)], ["/first"])

    assert host.process.added == ("/first", str(inside))
