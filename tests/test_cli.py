"""The command line: every command and option, in this process and in one of its own."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import dllguard
from dllguard import _fetch, _hook
from dllguard._cli import main
from dllguard._help import codes, page
from tests.command_runs import program
from tests.texts import SCHEMA
from tests.trees import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Run = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(dllguard.__file__).parent.parent
ON_WINDOWS = sys.platform == "win32"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine without a redistributable, and two packages."""
    tree = Tree(tmp_path / "C")
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("vcruntime140.dll")})
    tree.install("solids", "2.0", {"solids/_core.pyd": tree.pe("MSVCP140.dll")})
    return tree


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command here."""

    def run(*args: object) -> tuple[int, str, str]:
        try:
            code = main(list(map(str, args)))
        except SystemExit as end:
            code = int(str(end.code))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch, tree: Tree) -> list[tuple[Any, ...]]:
    """Let every requirement be one that the tree's site-packages fulfil."""
    calls: list[tuple[Any, ...]] = []

    def fetch(wheels: Sequence[str], version: tuple[int, int], machine: int) -> Path:
        calls.append((*wheels, version, machine))
        return tree.site

    monkeypatch.setattr(_fetch, "fetch", fetch)
    return calls


def assert_one_line(outcome: tuple[int, str, str], said: str) -> None:
    assert outcome == (2, "", f"dllguard: {said}\n")


# check: verdicts.


def test_check_ok(run: Run, tree: Tree) -> None:
    code, out, err = run("check", "shapes", "--python", tree.python)

    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "shapes: ok, 1 native file would load"
    assert "judged for: clean Windows 11" in out


def test_check_fail(run: Run, tree: Tree) -> None:
    code, out, err = run("check", "shapes", "solids", "--python", tree.python)

    assert (code, err) == (1, "")
    assert out.splitlines()[:2] == [
        "shapes: ok, 1 native file would load",
        "solids: FAIL, 1 of 1 native file would not load",
    ]
    assert "error: MSVCP140.dll not found (needed by _core.pyd)" in out


@pytest.mark.parametrize(
    ("target", "expected", "ok"), [("shapes", 0, True), ("solids", 1, False)]
)
def test_check_json(
    run: Run, tree: Tree, target: str, expected: int, *, ok: bool
) -> None:
    code, out, err = run("check", target, "--json", "--python", tree.python)
    report = json.loads(out)

    assert (code, err) == (expected, "")
    assert out.isascii()
    jsonschema.validate(report, SCHEMA)
    assert next(iter(report)) == "version"
    assert report["ok"] is ok


def test_check_of_what_is_not_installed_is_a_verdict(run: Run, tree: Tree) -> None:
    code, out, err = run("check", "cubes", "--json", "--python", tree.python)
    report = json.loads(out)

    assert (code, err) == (1, "")
    jsonschema.validate(report, SCHEMA)
    assert report["targets"][0]["diagnoses"][0]["code"] == "package-not-installed"


def test_check_of_files_and_folders(run: Run, tree: Tree) -> None:
    python = "--python", tree.python
    good, bad = tree.site / "shapes", tree.site / "solids" / "_core.pyd"

    assert run("check", good, *python)[0] == 0
    assert run("check", bad, *python)[0] == 1
    assert run("check", good, bad, *python)[0] == 1


def test_check_on_a_given_windows(run: Run, tree: Tree) -> None:
    tree.write(tree.system / "msvcp140.dll", file_version=(14, 44, 0, 0))
    given = "--python", tree.python, "--windows", tree.windows

    code, out, _ = run("check", "solids", *given)

    assert code == 0
    assert f"judged for: Windows 10.0.22631.4317 ({tree.windows})" in out


def test_check_with_added_folders(run: Run, tree: Tree, tmp_path: Path) -> None:
    tree.write(tmp_path / "one" / "msvcp140.dll", file_version=(14, 44, 0, 0))
    (tmp_path / "two").mkdir()
    added = [f"--dll-directory={tmp_path / name}" for name in ("one", "two")]

    assert run("check", "solids", "--python", tree.python, *added)[0] == 0


def test_check_symbols(run: Run, tree: Tree) -> None:
    files = {
        "cubes/_core.pyd": tree.pe(imports={"cubes.dll": ["volume"]}),
        "cubes/cubes.dll": tree.pe(exports=["edges"]),
    }
    tree.install("cubes", "1.0", files)
    given = "check", "cubes", "--python", tree.python

    code, out, _ = run(*given)
    assert code == 1
    assert "volume" in out
    assert run(*given, "--symbols")[0] == 1
    assert run(*given, "--no-symbols")[0] == 0


def test_check_without_the_folders_of_packages(run: Run, tree: Tree) -> None:
    files = {
        "PySide6/QtCore.pyd": tree.pe("shiboken6.abi3.dll"),
        "shiboken6/shiboken6.abi3.dll": tree.pe(),
    }
    tree.install("PySide6_Essentials", "6.12.0", files)
    given = "check", "PySide6", "--python", tree.python

    assert run(*given)[0] == 0
    assert run(*given, "--no-package-directories")[0] == 1
    added = f"--dll-directory={tree.site / 'shiboken6'}"
    assert run(*given, "--no-package-directories", added)[0] == 0


def test_check_without_targets_takes_those_installed(run: Run, tree: Tree) -> None:
    content = tree.pe("vcruntime140.dll")
    tree.install("torchaudio", "2.0", {"torchaudio/_x.pyd": content})

    code, out, _ = run("check", "--python", tree.python)

    assert code == 0
    assert out.splitlines()[0] == "torchaudio: ok, 1 native file would load"


def test_check_without_targets_and_without_any_installed(run: Run, tree: Tree) -> None:
    assert_one_line(
        run("check", "--json", "--python", tree.python),
        "none of torch, torchvision, torchaudio is installed; name a target",
    )


# check: requirements.


def test_check_of_a_requirement(
    run: Run, tree: Tree, fetched: list[tuple[Any, ...]]
) -> None:
    code, out, err = run("check", "solids[extra]==2.0", "--python", tree.python)

    assert fetched == [("solids[extra]==2.0", (3, 11), 0x8664)]
    assert (code, err) == (1, "")
    assert out.startswith("solids: FAIL")


def test_check_of_a_requirement_on_the_built_in_windows(
    run: Run, fetched: list[tuple[Any, ...]]
) -> None:
    code, out, _ = run("check", "shapes==1.0")

    assert fetched == [("shapes==1.0", sys.version_info[:2], 0x8664)]
    assert code == 0
    assert "judged for: clean Windows 11" in out


def test_check_of_a_requirement_on_a_given_windows(
    run: Run, tree: Tree, fetched: list[tuple[Any, ...]]
) -> None:
    code, out, _ = run("check", "shapes==1.0", "--windows", tree.windows)

    assert (code, len(fetched)) == (0, 1)
    assert f"judged for: Windows 10.0.22631.4317 ({tree.windows})" in out


def test_check_of_a_requirement_takes_wheels_for_the_machine_of_the_python(
    run: Run, tmp_path: Path, fetched: list[tuple[Any, ...]]
) -> None:
    small = Tree(tmp_path / "small", machine=0x014C, version=(3, 10))

    run("check", "shapes==1.0", "--python", small.python)

    assert fetched == [("shapes==1.0", (3, 10), 0x014C)]


def test_check_of_an_address_is_a_requirement(
    run: Run, fetched: list[tuple[Any, ...]]
) -> None:
    target = "shapes @ https://example.org/shapes-1.0-py3-none-any.whl"

    assert run("check", target)[0] == 0
    assert fetched[0][0] == target


@pytest.mark.skipif(ON_WINDOWS, reason="a bare name is a package here")
def test_check_of_a_name_is_a_requirement_where_nothing_is_installed(
    run: Run,
    tmp_path: Path,
    fetched: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    # A folder of that name does not make it a path: a path has a slash.
    (tmp_path / "shapes").mkdir()

    assert run("check", "shapes")[0] == 0
    assert fetched[0][0] == "shapes"


def test_check_says_why_nothing_was_fetched(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(*_: object) -> Path:
        raise _fetch.FetchError("cubes==1: there is no such thing")

    monkeypatch.setattr(_fetch, "fetch", fetch)

    assert_one_line(run("check", "cubes==1"), "cubes==1: there is no such thing")


def test_check_of_a_requirement_for_a_free_threaded_python(
    run: Run, tree: Tree, fetched: list[tuple[Any, ...]]
) -> None:
    (tree.python / "python311.dll").rename(tree.python / "python313t.dll")

    outcome = run("check", "shapes==1.0", "--python", tree.python)

    assert_one_line(outcome, "shapes==1.0: uv resolves for no free-threaded Python")
    assert fetched == []


def test_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(*_: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(_fetch, "fetch", fetch)

    assert run("check", "cubes==1") == (130, "", "dllguard: interrupted\n")


# Bad input: exit code 2, and one line that names it.


@pytest.mark.parametrize("command", [["check", "shapes"], ["host"]])
@pytest.mark.parametrize("option", ["--python", "--windows", "--dll-directory"])
def test_no_such_folder(
    run: Run, tmp_path: Path, command: list[str], option: str
) -> None:
    absent = tmp_path / "absent"

    assert_one_line(run(*command, option, absent), f"{absent}: no such folder")


def test_no_such_folder_is_noticed_before_anything_is_fetched(
    run: Run, tmp_path: Path, fetched: list[tuple[Any, ...]]
) -> None:
    absent = tmp_path / "absent"

    for option in ("--windows", "--dll-directory"):
        outcome = run("check", "shapes==1.0", option, absent)
        assert_one_line(outcome, f"{absent}: no such folder")
    assert fetched == []


def test_no_system32(run: Run, tree: Tree, tmp_path: Path) -> None:
    given = "--python", tree.python, "--windows", tmp_path

    for command in (["check", "shapes"], ["host"]):
        outcome = run(*command, *given)
        assert_one_line(outcome, f"{tmp_path}: holds no System32 folder")


def test_no_python(run: Run, tmp_path: Path) -> None:
    said = f"{tmp_path}: holds no python3XX.dll, so it is no Windows Python"

    assert_one_line(run("check", "shapes", "--python", tmp_path), said)
    assert_one_line(run("host", "--python", tmp_path), said)


def test_venv_of_a_python_that_is_not_here(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = Q:\\Python311\n", "utf-8")

    assert_one_line(
        run("check", "shapes", "--python", tmp_path),
        f"{tmp_path}: is a venv of Q:\\Python311, which is not here; give the folder "
        "of that Python",
    )


def test_no_such_path(run: Run, tree: Tree) -> None:
    absent = tree.root / "absent.dll"
    outcome = run("check", absent, "--python", tree.python)

    assert_one_line(outcome, f"{absent}: no such file or folder")


def test_folder_without_native_files(run: Run, tree: Tree, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    outcome = run("check", empty, "--python", tree.python)

    assert_one_line(outcome, f"{empty}: holds no .pyd or .dll file")


def test_unreadable_file_is_a_verdict(
    run: Run, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = str(tree.site / "shapes" / "_core.pyd")

    def refuse(file: str, mode: str) -> object:
        if file == locked:
            raise PermissionError(13, "Permission denied", file)
        return open(file, mode)

    monkeypatch.setattr("dllguard._files._pe.open", refuse, raising=False)
    code, out, err = run("check", "shapes", "--python", tree.python)

    assert (code, err) == (1, "")
    assert "_core.pyd" in out
    assert "Permission denied" in out


def test_error_of_the_system_names_the_file(
    run: Run, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "x.dll")

    monkeypatch.setattr("dllguard._targets._survey.survey", refuse)
    outcome = run("check", "shapes", "--python", tree.python)

    assert_one_line(outcome, "x.dll: Permission denied")


def test_bad_requirement(run: Run) -> None:
    code, out, err = run("check", "torch=2")

    assert (code, out) == (2, "")
    assert err.startswith("dllguard: torch=2: not a requirement: ")
    assert err.count("\n") == 1


def test_requirement_with_a_marker_nested_too_deep(run: Run) -> None:
    requirement = f"torch; {'(' * 3000}os_name == 'nt'{')' * 3000}"
    outcome = run("check", requirement)

    assert_one_line(outcome, f"{requirement}: its marker is nested too deep")


def test_requirements_and_files_do_not_mix(run: Run, tree: Tree) -> None:
    assert_one_line(
        run("check", "shapes==1.0", "x.dll", "--python", tree.python),
        "requirements and installed targets do not mix: x.dll",
    )


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "the following arguments are required: COMMAND; see dllguard --help"),
        (["check", "--sym"], "unrecognized arguments: --sym; see dllguard --help"),
        (["host", "-x"], "unrecognized arguments: -x; see dllguard --help"),
        (
            ["check", "--python"],
            "argument --python: expected one argument; see dllguard check --help",
        ),
        (["help", "no-such"], "no-such: no such code; `dllguard help` lists them"),
        (["run", "absent.py"], "absent.py: no such script"),
    ],
    ids=["nothing", "abbreviated", "unknown", "no-value", "code", "file"],
)
def test_wrong_usage(run: Run, args: list[str], said: str) -> None:
    assert_one_line(run(*args), said)


@pytest.mark.parametrize(
    ("command", "named"), [("chekc", "'chekc'"), ("run", "SCRIPT")]
)
def test_wrong_usage_in_the_words_of_this_python(
    run: Run, command: str, named: str
) -> None:
    code, out, err = run(command)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert named in err


@pytest.mark.skipif(not ON_WINDOWS, reason="elsewhere there is a built-in Python")
def test_windows_without_python(run: Run, tree: Tree) -> None:
    assert_one_line(
        run("check", "shapes", "--windows", tree.windows),
        "--windows: needs --python, or a requirement to fetch",
    )


# host, help, --version.


def test_host(run: Run, tree: Tree) -> None:
    code, out, err = run("host", "--python", tree.python, "--windows", tree.windows)

    assert (code, err) == (0, "")
    assert out.startswith("windows:  Windows 10.0.22631.4317")


def test_host_json_is_that_of_a_report(run: Run, tree: Tree) -> None:
    code, out, _ = run("host", "--json", "--python", tree.python)
    host = json.loads(out)
    checked = json.loads(run("check", "shapes", "--json", "--python", tree.python)[1])

    assert code == 0
    jsonschema.validate({"version": 1, "ok": True, "host": host, "targets": []}, SCHEMA)
    assert host == checked["host"]


def test_host_of_this_machine(run: Run) -> None:
    code, out, _ = run("host")

    assert code == 0
    assert ON_WINDOWS or "built in" in out


def test_help_lists_the_codes(run: Run) -> None:
    code, out, _ = run("help")

    assert (code, tuple(out.split())) == (0, codes())


@pytest.mark.parametrize("name", codes())
def test_help_explains_a_code(run: Run, name: str) -> None:
    code, out, err = run("help", name)

    assert (code, err) == (0, "")
    assert out == page(name)


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"{dllguard.__version__}\n", "")


@pytest.mark.parametrize("command", [[], ["check"], ["host"], ["help"], ["run"]])
def test_usage(run: Run, command: list[str]) -> None:
    code, out, err = run(*command, "--help")

    assert (code, err) == (0, "")
    assert out.startswith(f"usage: {' '.join(['dllguard', *command])} ")


# Output.


def test_python_dash_m(tree: Tree) -> None:
    done = program("check", "solids", "--python", tree.python)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("solids: FAIL")


def test_output_that_the_console_cannot_show(tree: Tree, tmp_path: Path) -> None:
    odd = tmp_path / "\u5f62"
    tree.root.rename(odd)
    python = odd / tree.python.name

    done = program("host", "--python", python, PYTHONIOENCODING="cp1252")

    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u5f62" in done.stdout


@pytest.mark.parametrize("args", [["help"], ["check", "solids"]], ids=str)
def test_output_that_nobody_reads(tree: Tree, args: list[str]) -> None:
    python = ["--python", str(tree.python)] if args[0] == "check" else []
    process = subprocess.Popen(
        [sys.executable, "-m", "dllguard", *args, *python],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        said = process.stderr.read()

    # The verdict is the same, whoever reads it.
    assert (process.wait(), said) == (1 if python else 0, b"")


def test_commands_import_what_they_need(tree: Tree) -> None:
    code = (
        "import sys; from dllguard._cli import main; main(sys.argv[1:]);"
        "print({'rich', 'uv', 'jsonschema', 'ctypes'} & set(sys.modules))"
    )
    args = "check", "shapes", "--python", str(tree.python)
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )

    assert done.stdout.splitlines()[-1] == "set()"


# run.


def script(folder: Path, code: str) -> Path:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(code), "utf-8")
    return path


def as_python_does(
    path: Path, *args: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script under `dllguard run`, and see that Python alone does the same."""
    alone = subprocess.run(
        [sys.executable, str(path), *args],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    done = program("run", path, *args, cwd=cwd)
    assert done.returncode == alone.returncode
    assert done.stdout == alone.stdout
    assert done.stderr == alone.stderr
    return done


def test_run_passes_arguments(tmp_path: Path) -> None:
    path = script(tmp_path, "import sys; print(sys.argv[1:], __name__, __file__)")

    done = as_python_does(path, "--json", "-h", "--", "--version", "a b", "")

    assert "'--json', '-h', '--', '--version', 'a b', ''" in done.stdout


def test_run_finds_modules_beside_the_script(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "beside.py").write_text("word = 'found'", "ascii")
    script(tmp_path / "app", "import beside; print(beside.word, __file__)")

    done = as_python_does(Path("app", "script.py"), cwd=tmp_path)

    assert done.stdout.startswith("found ")


@pytest.mark.parametrize("value", ["", "0", "3", "None", "'a last word'", "True"])
def test_run_ends_as_the_script_does(tmp_path: Path, value: str) -> None:
    as_python_does(script(tmp_path, f"import sys; sys.exit({value})"))


def test_run_shows_the_traceback_of_the_script_alone(tmp_path: Path) -> None:
    code = """
        def divide(n):
            return 1 / n

        try:
            divide(0)
        except ZeroDivisionError as error:
            raise ValueError("no") from error
    """

    done = as_python_does(script(tmp_path, code))

    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 2
    assert "dllguard" not in done.stderr.replace(str(tmp_path), "")


def test_run_of_a_script_that_cannot_be_compiled(tmp_path: Path) -> None:
    done = as_python_does(script(tmp_path, "if"))

    assert "SyntaxError" in done.stderr


def test_run_leaves_a_closed_pipe_to_the_script(tmp_path: Path) -> None:
    done = as_python_does(script(tmp_path, "raise BrokenPipeError(32, 'mine')"))

    assert "mine" in done.stderr


def test_run_lets_the_script_pickle_its_own(tmp_path: Path) -> None:
    code = """
        import pickle, sys

        class Point:
            pass

        sys.stdout.write(type(pickle.loads(pickle.dumps(Point()))).__qualname__)
    """

    assert as_python_does(script(tmp_path, code)).stdout == "Point"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="-P is new in 3.11")
def test_run_keeps_a_safe_path_safe(tmp_path: Path) -> None:
    path = script(tmp_path, "import sys; print(sys.path)")
    command = [sys.executable, "-P", "-m", "dllguard", "run", str(path)]
    done = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )

    assert str(tmp_path) not in done.stdout
    assert str(REPOSITORY) in done.stdout


@pytest.mark.skipif(not ON_WINDOWS, reason="the hook installs itself on Windows")
def test_run_installs_the_hook(tmp_path: Path) -> None:
    code = "import sys; print(type(sys.meta_path[0]).__module__)"

    assert program("run", script(tmp_path, code)).stdout == "dllguard._hook\n"


def test_run_asks_for_the_hook(
    monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(_hook, "install", lambda: asked.append(True))
    monkeypatch.setattr(sys, "argv", ["dllguard"])
    monkeypatch.setattr(sys, "path", ["here", *sys.path])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    code, out, err = run("run", script(tmp_path, "print('ran')"))

    assert (code, out, err, asked) == (0, "ran\n", "", [True])


def test_installed_program(tree: Tree) -> None:
    command = shutil.which("dllguard", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("dllguard is not installed in this Python, so it has no program")
    done = subprocess.run(
        [command, "check", "solids", "--python", str(tree.python)],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (1, "")


def test_main_module_that_is_imported_runs_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As by what lists or documents the modules of a package."""
    importlib.import_module("dllguard.__main__")

    assert capsys.readouterr() == ("", "")
