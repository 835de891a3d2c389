"""dllguard opens no door: nothing is run, sent, trusted or proposed unawares."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest

from dllguard._causes._open_folders import is_open
from dllguard._explain import explain_failure
from dllguard._fetch import FetchError, fetch, fetch_file, require_private
from dllguard._hosts._host import HostError
from dllguard._judge import TargetError, judge
from dllguard._logs._pasted import explain_text
from dllguard._packages._conda import conda_packages
from dllguard._preflight import report_on
from dllguard._remedies._folder_cures import proposed_by
from dllguard._targets._archive import opened
from dllguard._targets._unpacked import unpacked
from dllguard._verdict import Diagnosis, Remedy
from tests.field_case import Case, Machine, cases
from tests.measure import UNMEASURED
from tests.pebuilder import build_pe
from tests.shells import HeededError, command_prompt, powershell
from tests.trees import Tree
from tests.wheel_files import wheel

CASES: Final = cases()
REPOSITORY: Final = Path(__file__).parent.parent

# Both systems that a Windows folder may be looked at from have such names.
HOSTILE: Final = (
    "a&calc&",
    "a b&calc",
    "a;calc;",
    "a $(calc)",
    "a`calc`",
    "%CMDCMDLINE,~-1%&calc",
    "a'b",
    "a^b",
    "(a)",
    "a\u201d;calc;\u201c",
    "a{b}",
    "a,b",
    "a=b",
    "a#b",
    "@a",
)
POSIX_HOSTILE: Final = ('a"&calc&"', "a\ncalc\n", "a|calc", "a>b", "\x1b[2J")

# Commands for the one shell that the sentence before them names.
_FOR_ONE: Final = re.compile(r"\$env:|set [A-Z_]+=\d?$|Remove-Item Env:[A-Z_]+$")
_SOURCE: Final = re.compile(r"import |os\.|ctypes\.|from ")
_TYPED_SOURCE: Final = re.compile(r' -c "([^"]*)"$')


def heeded(command: str) -> str:
    """Return why a shell would do more than start a program, or ""."""
    if _SOURCE.match(command):
        return _run_by_python(command)
    if _FOR_ONE.match(command):
        return ""
    shells = [command_prompt, powershell]
    if command.startswith("set "):
        command, shells = re.sub(r"%PATH[%:]|%(?=\")", "", command), [command_prompt]
    source = _TYPED_SOURCE.search(command)
    if source is not None:
        found = _run_by_python(source[1])
        if found:
            return found
    try:
        for shell in shells:
            assert shell(command)
    except HeededError as error:
        return str(error)
    return ""


def _run_by_python(source: str) -> str:
    """Return what Python source calls besides what a cure consists of, or ""."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        # Lines to put into a program, with `...` or a name to be filled in.
        return "" if source.isprintable() else "a broken line"
    allowed = re.compile(
        r"os\.(add_dll_directory|path\.join)|ctypes\.(WinDLL|CDLL|cdll\.LoadLibrary)"
        r"|ctypes\.windll\.kernel32\.SetDllDirectoryW"
        r"|print|sys\._MEIPASS|collect_dynamic_libs|[\w.]*\.(exists|isdir)"
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not allowed.fullmatch(ast.unparse(node.func)):
            return ast.unparse(node)
    return ""


def commands(remedies: Iterable[Remedy]) -> Iterator[str]:
    for remedy in remedies:
        yield from remedy.commands


def found_in(case: Case, machine: Machine) -> list[Diagnosis]:
    found = []
    if case.failure is not None:
        failure = machine.failure(case.failure)
        explained = explain_failure(failure, machine.host()) if failure else None
        found += [explained] if explained is not None else []
    if "target" in case.check:
        target = case.check["target"]
        target = str(machine.path(target)) if "/" in target else target
        found += judge(machine.host(), target).diagnoses
    return found


FOLDERS: Final = HOSTILE if sys.platform == "win32" else (*HOSTILE, *POSIX_HOSTILE)


@pytest.mark.parametrize("folder", FOLDERS, ids=ascii)
def test_a_folder_cannot_inject(tmp_path: Path, folder: str) -> None:
    """Every field case, as if its machine lay in a folder of that name."""
    # All of them for one name take their time; each is met with two names and more.
    seen = 0
    for case in CASES[FOLDERS.index(folder) % 5 :: 5]:
        root = tmp_path / case.name / folder
        root.mkdir(parents=True)
        try:
            found = found_in(case, Machine(root, case.content))
        except HostError:
            # What pyvenv.cfg cannot name.
            assert not folder.isprintable()
            continue
        for diagnosis in found:
            for command in (*commands(diagnosis.help), f"{diagnosis.interpreter} -V"):
                # Others have no name in them, and are for one shell each.
                if str(tmp_path) in command:
                    assert not heeded(command), (case.name, command)
                    seen += 1
            assert all(c == "\n" or c.isprintable() for c in str(diagnosis))
    assert seen > 20


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_no_open_folder_is_proposed_without_a_word(case: Case, tmp_path: Path) -> None:
    machine = Machine(tmp_path, case.content)
    for diagnosis in found_in(case, machine):
        for folder in proposed_by(diagnosis.help):
            said = f"Beware: {folder} lies outside of Program Files"
            is_said = said in (diagnosis.note or "")
            assert is_said is is_open(folder, machine.host())


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ('a" & calc & "', "1"),
        ("a", '1" & calc & "'),
        ("--index-url=https://x.example", "1"),
        ("a\n b", "1"),
        ("$(calc)", "1"),
        ("a", "1\n 2"),
        ("a" * 10_000, "1"),
        ("a", "1" * 10_000),
        ("a;calc", "$(calc)"),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_metadata_cannot_inject(tmp_path: Path, name: str, version: str) -> None:
    tree = Tree(tmp_path)
    files = {"odd/__init__.py": b"", "odd/_core.pyd": tree.pe("absent.dll")}
    info = tree.install("odd", "1.0", files)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n"
    (info / "METADATA").write_text(metadata, "utf-8")
    (result,) = report_on(tree.host(), ("odd",)).targets

    assert not result.ok
    for diagnosis in result.diagnoses:
        for command in commands(diagnosis.help):
            assert not heeded(command), command
            assert "https://x.example" not in command
            assert len(command) < 1000


@pytest.mark.parametrize("name", ["-c evil", "a & calc", "$(calc)", "--file=x", "a\nb"])
def test_conda_records_cannot_inject(tmp_path: Path, name: str) -> None:
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "a.json").write_text(json.dumps({"name": name}))

    assert conda_packages(str(tmp_path)) == ()


@pytest.mark.parametrize(
    "root",
    [
        r"C:\x&calc&\Python312",
        r"C:\x$(calc)\Python312",
        r"C:\x y;calc;\Python312",
        "C:\\x`calc`\\Python312",
        "C:\\x\u201d;calc;\u201c\\Python312",
        r"C:\x^&calc\Python312",
        r"C:\x(calc)\Python312",
    ],
)
def test_a_pasted_log_cannot_inject(root: str) -> None:
    text = textwrap.dedent(
        rf"""
        Traceback (most recent call last):
          File "{root}\Lib\site-packages\odd\__init__.py", line 1, in <module>
            from . import _core
        ImportError: DLL load failed while importing _ssl: not found
        """
    )
    found = explain_text(text)

    assert found.recognised
    for command in commands(found.help):
        assert not heeded(command), command


@pytest.mark.parametrize(
    "command",
    [
        r"C:\x&calc&\python.exe -m pip install torch",
        'python -m pip install "a$(calc)"',
        "python -m pip install %x%",
        'set "PATH=C:\\a"&calc&";%PATH%"',
        "import os; os.system('calc')",
        "python -c \"import a;__import__('os')\"",
    ],
)
def test_what_injects_is_found(command: str) -> None:
    assert heeded(command)


# What a process does, as Python itself tells: "Audit events table".
_WATCHED: Final = """
import json, sys
FORBIDDEN = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn",
    "os.startfile", "ctypes.dlopen", "urllib.", "http.", "ftplib.", "smtplib.",
)
CHANGING = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink",
    "os.truncate", "os.chmod", "os.chown", "shutil.")
inside, *argv = sys.argv[1:]
def heard(event, arguments):
    if event.startswith(FORBIDDEN):
        print("DOOR", event, arguments, file=sys.stderr)
    written = event == "open" and isinstance(arguments[1], str) and (
        set(arguments[1]) & set("wax+"))
    if written or event.startswith(CHANGING):
        if not str(arguments[0]).startswith(inside):
            print("DOOR", event, arguments, file=sys.stderr)
    if event == "import" and arguments[0].partition(".")[0] in ("odd", "shapes"):
        print("DOOR", event, arguments, file=sys.stderr)
import dllguard._cli
sys.addaudithook(heard)
sys.exit(dllguard._cli.main(argv))
"""


def watched(cache: Path, *argv: str | Path, code: str = _WATCHED) -> str:
    """Return what a command did that it must not do, after its output."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, str(cache), *map(str, argv)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "DLLGUARD_CACHE": str(cache),
            # No tool that knows C++ names.
            "PATH": str(cache),
            "PYTHONPATH": str(REPOSITORY),
            # Its data would be files that are written.
            **UNMEASURED,
        },
    )
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout
    return "\n".join(line for line in done.stderr.splitlines() if "DOOR" in line)


@pytest.fixture
def odd(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path / "machine")
    code = b"import os\nos.system('calc')\nopen('marker', 'w').close()\n"
    files = {
        "odd/__init__.py": code,
        "odd/_core.pyd": tree.pe("?absent@@.dll"),
        "odd/_other.pyd": build_pe(imports={"kernel32.dll": ["?f@@YAXXZ"]}),
        "odd.pth": b"import os; os.system('calc')\n",
    }
    tree.install("odd", "1.0", files, requires=["shapes"])
    return tree


def test_check_runs_and_sends_nothing(odd: Tree, tmp_path: Path) -> None:
    on = "--python", odd.python, "--windows", odd.windows
    cache = tmp_path / "cache"
    for target in ("odd", odd.site / "odd", odd.site / "odd" / "_core.pyd"):
        assert watched(cache, "check", target, *on) == ""
        assert watched(cache, "check", target, *on, "--symbols", "--json") == ""
    assert watched(cache, "host", *on) == ""
    assert not cache.exists()


def test_explain_runs_and_sends_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("ImportError: DLL load failed while importing _core: \n")

    assert watched(tmp_path / "cache", "explain", log) == ""


def test_a_wheel_is_read_and_not_run(tmp_path: Path) -> None:
    """The library alone: what the command line calls."""
    path = wheel(
        tmp_path,
        "odd",
        "1",
        {"odd/__init__.py": b"import os; os.system('calc')", "odd/a.pyd": build_pe()},
    )
    code = _WATCHED.rpartition("sys.exit(")[0] + (
        "from dllguard._hosts._offline import built_in_host\n"
        "from dllguard._targets._selection import selected\n"
        "from dllguard._targets._survey import survey\n"
        "chosen = selected(argv, lambda python: built_in_host((), (3, 11)))\n"
        "print(survey(chosen, processes=1))\n"
    )
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)

    assert watched(cache, path, code=code) == ""
    assert any(cache.iterdir())


def test_what_is_forbidden_is_heard(tmp_path: Path) -> None:
    code = _WATCHED.rpartition("sys.exit(")[0] + (
        "import socket, os\n"
        "socket.socket().close()\n"
        "os.system('')\n"
        "open(argv[0], 'w').close()\n"
        "print('done')\n"
    )
    said = watched(tmp_path / "cache", tmp_path / "marker", code=code)

    assert len(said.splitlines()) == 3


needs_rights = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no permission bits"
)


def _uses(cache: Path, folder: Path) -> Iterator[str]:
    """Yield what each user of the cache says of it."""
    wanted = folder / "wanted.txt"
    wanted.write_text("odd==1\n")
    path = wheel(folder, "odd", "1", {"odd/a.pyd": build_pe()})
    with pytest.raises(FetchError) as told:
        fetch(["odd==1"], (3, 11))
    yield str(told.value)
    with pytest.raises(FetchError) as told:
        fetch_file(str(wanted), (3, 11))
    yield str(told.value)
    with pytest.raises(TargetError) as refused, opened(str(path)) as found:
        unpacked([found])
    yield str(refused.value)
    assert not any(cache.glob("wheels_*"))


@needs_rights
@pytest.mark.parametrize("mode", [0o770, 0o720, 0o702, 0o1777])
def test_a_cache_that_others_may_write_into_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(mode)
    monkeypatch.setenv("DLLGUARD_CACHE", str(cache))

    for said in _uses(cache, tmp_path):
        assert said == (
            f"{cache}: others may write into it, so it is no safe cache; chmod go-w it"
        )


@needs_rights
def test_a_cache_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    monkeypatch.setenv("DLLGUARD_CACHE", str(cache))
    monkeypatch.setattr(os, "getuid", lambda: cache.stat().st_uid + 1)

    for said in _uses(cache, tmp_path):
        assert said == (f"{cache}: belongs to another user, so it is no cache of yours")


@needs_rights
@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022])
def test_a_cache_is_made_private(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        require_private(tmp_path / "above" / "cache")
    finally:
        os.umask(before)

    assert (tmp_path / "above" / "cache").stat().st_mode & 0o777 == 0o700
