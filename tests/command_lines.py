"""Every command that dllguard prints, read as the program that it is for would.

pip's, dllguard's and Python's own parsers read what is theirs; for conda, winget, DISM
and the like, which are not here, their documented options stand in an argparse parser.
A line that no parser takes is an AssertionError, which says why.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from packaging.requirements import InvalidRequirement, Requirement

from dllguard._arguments import parser as dllguard_parser

# What cmd and PowerShell take for something else, outside of double quotes.
_SPECIAL: Final = re.compile(r"[<>|&^;]")
_CONDA_SPEC: Final = re.compile(
    r"(?:[\w-]+::)?[\w.-]+(?:(?:=|==|>=|<=|<|>)[\w.*+!-]+)*(?:=[\w*]+)?"
)
_CMDLETS: Final = {
    "Get-WinEvent": "MaxEvents LogName FilterHashtable",
    "Get-FileHash": "Path Algorithm",
    "Get-CimInstance": "ClassName",
    "Get-Item": "Path",
    "Install-WindowsFeature": "Name",
    "Remove-Item": "Path",
    "Select-Object": "Property",
    "Set-ItemProperty": "Path Name Value",
}
_SETTINGS: Final = (
    "SystemPropertiesAdvanced.exe",
    "SystemPropertiesPerformance.exe",
    "winver",
)
_PYTHON_LINE: Final = re.compile(
    r"(?:import|from|if|os|ctypes|sys)\b|[A-Z]\w+\(|\w+ = |\w+\.\w+\("
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise AssertionError(f"{self.prog}: {message}")


def words_of(line: str) -> list[str]:
    """Split a line as Windows does: double quotes hold together, nothing escapes."""
    assert line.count('"') % 2 == 0, f"a quote is open: {line}"
    bare = re.sub(r'"[^"]*"', '""', line)
    assert not _SPECIAL.search(bare), f"the shell takes a character: {line}"
    words = re.findall(r'(?:"[^"]*"|[^\s"])+', line)
    return [word.replace('"', "") for word in words]


def parse(line: str) -> None:
    """Read a command line, or a line of Python.

    :raises AssertionError: where no program takes it.
    """
    line = line.strip()
    url = re.match(r"https://\S+", line)
    if url is not None or line in _SETTINGS:
        return
    if re.match(r"[A-Z][a-z]+-[A-Z]\w+ |\(Get-", line):
        _powershell(line)
        return
    if line.startswith("$env:"):
        assert re.fullmatch(r"\$env:[A-Z]\w* = (?:\d+|'[^']*'|\"[^\"]*\")", line), line
        return
    if _PYTHON_LINE.match(line):
        _python_code(line)
        return
    head = line.split()[0].strip('"')
    if head == "set":
        _set(line)
        return
    words = words_of(line)
    name = words[0].replace("\\", "/").rpartition("/")[2].lower()
    if re.fullmatch(r"(?:python(?:\.exe)?|\{python\})", name):
        _python(words[1:], line)
        return
    read = _PROGRAMS.get(name)
    assert read is not None, f"no known program: {line}"
    read(words[1:])


def _python_code(code: str) -> None:
    body = f"{code}\n    pass" if code.endswith(":") else code
    try:
        ast.parse(body)
    except SyntaxError as error:
        raise AssertionError(f"{error}: {code}") from None


def _python(words: Sequence[str], line: str) -> None:
    words = list(words)
    while words and re.fullmatch(r"-[IsvE]|-X", words[0]):
        if words.pop(0) == "-X":
            assert words.pop(0) == "faulthandler"
    assert words, f"nothing to run: {line}"
    first = words.pop(0)
    if first == "-c":
        assert len(words) == 1, f"the code is not held together: {line}"
        # In a shell of Windows, a quote of Python's own must be a single one.
        _python_code(words[0].replace("; ", "\n"))
    elif first == "-m":
        read = _MODULES.get(words[0])
        assert read is not None, f"no known module: {line}"
        read(words[1:])
    else:
        assert first.endswith(".py"), f"no script: {line}"


def _requirement(text: str) -> None:
    known = re.sub(r"(?<=[=<>])(?:OTHER_)?(?:VERSION|X)\b", "1.0", text)
    try:
        Requirement(known)
    except InvalidRequirement as error:
        raise AssertionError(f"{text}: {error}") from None


def _pip(words: Sequence[str]) -> None:
    from pip._internal.commands import create_command

    command, *given = words
    try:
        _, rest = create_command(command).parser.parse_args(given)
    except SystemExit:
        raise AssertionError(f"pip {' '.join(words)}") from None
    if command in ("install", "uninstall", "index", "show"):
        wanted = rest[1:] if command == "index" else rest
        assert wanted, f"pip {command}: of what?"
        for text in wanted:
            _requirement(text)


def _uv(words: Sequence[str]) -> None:
    assert words[:2] == ["pip", "install"] or words[:2] == ["pip", "uninstall"]
    parser = _Parser(prog="uv pip", allow_abbrev=False)
    for option in ("--python", "--index-url"):
        parser.add_argument(option)
    for flag in ("--reinstall", "--upgrade", "--no-deps", "--no-cache"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("packages", nargs="+")
    for text in parser.parse_args(list(words[2:])).packages:
        _requirement(text)


def _dllguard(words: Sequence[str]) -> None:
    from dllguard._help import codes

    try:
        found = dllguard_parser().parse_args(list(words))
    except SystemExit:
        raise AssertionError(f"dllguard {' '.join(words)}") from None
    if found.command == "help" and found.code not in (None, "X", "CODE"):
        assert found.code in codes(), found.code


def _nuitka(words: Sequence[str]) -> None:
    parser = _Parser(prog="nuitka", allow_abbrev=False)
    parser.add_argument("--standalone", action="store_true")
    parser.add_argument("--user-package-configuration-file")
    parser.add_argument("--include-windows-runtime-dlls", choices=("yes", "no", "auto"))
    parser.add_argument("script")
    parser.parse_args(list(words))


def _venv(words: Sequence[str]) -> None:
    assert len(words) == 1
    assert not words[0].startswith("-")


def _nothing(words: Sequence[str]) -> None:
    assert list(words) == []


def _conda(words: Sequence[str]) -> None:
    """Read `conda COMMAND ...` ("conda, Command reference")."""
    parser = _Parser(prog="conda", allow_abbrev=False)
    commands = parser.add_subparsers(required=True, dest="command")
    for name in ("install", "update", "remove", "create", "search"):
        command = commands.add_parser(name, allow_abbrev=False)
        where = command.add_mutually_exclusive_group()
        where.add_argument("-n", "--name")
        where.add_argument("-p", "--prefix")
        command.add_argument("-c", "--channel", action="append")
        command.add_argument("--override-channels", action="store_true")
        command.add_argument("-y", "--yes", action="store_true")
        command.add_argument("packages", nargs="+")
        if name == "search":
            command.add_argument("--info", action="store_true")
        if name in ("install", "update"):
            command.add_argument("--force-reinstall", action="store_true")
            command.add_argument("--no-deps", action="store_true")
        if name == "remove":
            command.add_argument("--force", action="store_true")
    for name in ("activate", "deactivate"):
        command = commands.add_parser(name)
        command.add_argument("environment", nargs="?")
    found, rest = parser.parse_known_args(list(words))
    assert not any(word.startswith("-") for word in rest), f"conda: {rest}"
    for spec in (*(getattr(found, "packages", None) or ()), *rest):
        assert _CONDA_SPEC.fullmatch(spec), f"conda takes no {spec}"


def _winget(words: Sequence[str]) -> None:
    """Read `winget install ...` ("The winget install command")."""
    parser = _Parser(prog="winget", allow_abbrev=False)
    parser.add_argument("command", choices=("install", "upgrade"))
    parser.add_argument("--id", required=True)
    parser.add_argument("-e", "--exact", action="store_true", required=True)
    parser.add_argument("-v", "--version")
    parser.add_argument("--scope", choices=("user", "machine"))
    parser.add_argument("-a", "--architecture")
    parser.add_argument("--override")
    parser.add_argument("--force", action="store_true")
    found = parser.parse_args(list(words))
    assert re.fullmatch(r"[\w+-]+(\.[\w+-]+)+", found.id), found.id
    if found.architecture:
        assert found.architecture in ("x86", "x64", "arm64", "X", "{arch}")


def _dism(words: Sequence[str]) -> None:
    """Read `DISM /Online ...` ("DISM Operating System Package Servicing Options")."""
    given = [word.partition(":")[0].lower() for word in words]
    assert given in (
        ["/online", "/add-capability", "/capabilityname"],
        ["/online", "/enable-feature", "/featurename", "/all"],
        ["/online", "/enable-feature", "/featurename"],
        ["/online", "/cleanup-image", "/restorehealth"],
    ), words


def _powershell(line: str) -> None:
    """Read a pipe of cmdlets, or a property of what one gives."""
    assert line.count('"') % 2 == 0
    assert line.count("'") % 2 == 0
    for pair in ("()", "{}", "[]"):
        assert line.count(pair[0]) == line.count(pair[1]), line
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "Q", line)
    inner = re.fullmatch(r"\((.*)\)((?:\.\w+)*)", bare)
    for part in (inner[1] if inner else bare).split(" | "):
        name, _, rest = part.partition(" ")
        assert name in _CMDLETS, f"no known cmdlet: {line}"
        rest = re.sub(r"@\{[^}]*\}", "Q", rest)
        assert not re.search(r"[<>&;|]", rest), line
        for option in re.findall(r"(?:^| )-(\w+)", rest):
            assert option in _CMDLETS[name].split(), f"-{option}: {line}"


def _set(line: str) -> None:
    r"""Read `set NAME=VALUE` of cmd, the value or the whole held together by quotes."""
    whole = line[len("set ") :]
    if whole.startswith('"'):
        assert whole.endswith('"'), line
        whole = whole[1:-1]
    assert '"' not in whole, line
    name, equals, value = whole.partition("=")
    assert equals, line
    assert re.fullmatch(r"[A-Z]\w*", name), line
    assert not _SPECIAL.search(value) or ";" in value, line
    assert value == value.strip(), line


def _options(*allowed: str) -> Callable[[Sequence[str]], None]:
    """Return a reader of a program with few words, each of which is one of these."""

    def read(words: Sequence[str]) -> None:
        for word in words:
            assert any(re.fullmatch(pattern, word) for pattern in allowed), word

    return read


def _pyinstaller(words: Sequence[str]) -> None:
    parser = _Parser(prog="pyinstaller", allow_abbrev=False)
    for flag in ("--noupx", "--onedir", "--onefile", "--clean"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--upx-exclude", action="append")
    parser.add_argument("--add-binary", action="append", default=[])
    parser.add_argument("script", nargs="+")
    for pair in parser.parse_args(list(words)).add_binary:
        # On Windows, a semicolon parts the file from the folder it goes to.
        assert pair.count(";") == 1, pair


_MODULES: Final[dict[str, Callable[[Sequence[str]], None]]] = {
    "pip": _pip,
    "dllguard": _dllguard,
    "venv": _venv,
    "site": _nothing,
    "nuitka": _nuitka,
}
_PROGRAMS: Final[dict[str, Callable[[Sequence[str]], None]]] = {
    "cmake": _options("--build", "build", "--config", "Release"),
    "conda": _conda,
    "dism": _dism,
    "from": _options(r"[\w./-]+:[\w.-]+|X"),
    "git": _options("lfs", "install", "pull"),
    "icacls": _options(r"[^<>|]+"),
    "pacman": _options("-Syu"),
    "py": _options("-0p"),
    "pyinstaller": _pyinstaller,
    "reg": _options("query", r"HK\w+\\.*", "/v", r"\w+"),
    "rmdir": _options("/s", "/q", r"%\w+%\\.*|[A-Z]:\\.*"),
    "sfc": _options("/scannow"),
    "sxstrace": _options("trace", "parse", r"-(?:logfile|outfile):\w+\.\w+"),
    "uv": _uv,
    "vc_redist.x64.exe": _options("/install", "/quiet", "/norestart", "/repair"),
    "winget": _winget,
    "activate": _nothing,
}
