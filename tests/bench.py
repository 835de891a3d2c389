"""A real Windows CPython under Wine, built from packages alone.

Nothing is mocked: the DLLs are python.org's, the packages are the published Windows
wheels, the loader is Wine's. What is slow to build is kept in a cache folder; a
bench is a copy of it made of hard links, so that a test may take it apart. The one
rule that follows: change a file with :meth:`Bench.replace` and :meth:`Bench.remove`,
never in place, or the cache changes with it.
"""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Protocol

from tests import measure

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Bench", "BenchFactory", "BenchUnavailableError", "cache_root", "make_bench"]

REPOSITORY = Path(__file__).resolve().parent.parent

PYTHON = "3.11"
PANDA3D = "panda3d==1.10.16"
"""Its wheel carries python.org's ``python311.dll`` and extension modules."""
RUNTIME = "msvc-runtime==14.44.35112"
SUPPORT = ("pefile==2024.8.26", "packaging==26.0")

# Part of every cache key: raise it when a build step below changes its result.
_RECIPE = 2

_NOT_IN_LIB = (
    "lib-dynload",
    "config-*",
    "_sysconfigdata*",
    "test",
    "site-packages",
    "dist-packages",
    "__pycache__",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "tkinter",
    "turtledemo",
)

_LAUNCHER = r"""
#include <windows.h>
typedef int (*py_main)(int, wchar_t **);
int wmain(int argc, wchar_t **argv) {
    HMODULE python = LoadLibraryW(L"python311.dll");
    if (!python) return 120;
    py_main run = (py_main)(void *)GetProcAddress(python, "Py_Main");
    return run ? run(argc, argv) : 121;
}
"""

# The compiler must not put in a call of its own to a runtime that is not there.
_NO_RUNTIME = (
    "-nostdlib",
    "-fno-builtin",
    "-fno-stack-protector",
    "-fno-sanitize=all",
    "-Wl,-e,begin",
    "-lkernel32",
)

# Wine rewrites its own text files in place; these it only ever maps.
_SAFE_TO_LINK = frozenset(
    {".acm", ".ax", ".cpl", ".dll", ".drv", ".ds", ".exe", ".nls", ".ocx", ".sys"}
)

# Whatever else the developer has set must not reach the Windows Python.
_INHERITED = ("HOME", "LOGNAME", "PATH", "TMPDIR", "USER", "XDG_RUNTIME_DIR")


class BenchUnavailableError(Exception):
    """The bench cannot be built here; the text is one line that says why."""


@dataclasses.dataclass(frozen=True)
class Bench:
    """One Windows: a Python, its packages, and the Wine prefix they run in."""

    python_dir: Path
    prefix: Path
    cache: Path
    _keepers: list[subprocess.Popen[bytes]] = dataclasses.field(
        default_factory=list, repr=False, compare=False
    )

    @property
    def windows_dir(self) -> Path:
        return self.prefix / "drive_c" / "windows"

    @property
    def system32(self) -> Path:
        return self.windows_dir / "system32"

    @property
    def site_packages(self) -> Path:
        return self.python_dir / "Lib" / "site-packages"

    def run(
        self,
        *args: str,
        env: Mapping[str, str] = {},
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python.exe`` with these arguments; a failing exit is not raised.

        :param env: Added last, so it wins. ``PATH`` means the Windows ``PATH`` here:
            its folders come before those of the prefix.
        """
        return self.run_program("python.exe", *args, env=env, timeout=timeout)

    def run_program(
        self,
        program: str,
        *args: str,
        env: Mapping[str, str] = {},
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program that lies beside ``python.exe``, as :meth:`run` does that."""
        return self._wine([str(self.python_dir / program), *args], env, timeout)

    def add_program(self, source: Path) -> str:
        """Compile a C file and put the program beside ``python.exe``; return its name.

        It has no C runtime, calls kernel32 alone, and starts with ``begin``.
        """
        program = _program_from(self.cache, source)
        (self.python_dir / program.name).unlink(missing_ok=True)
        _link(str(program), self.python_dir / program.name)
        return program.name

    def run_code(
        self,
        code: str,
        *args: str,
        env: Mapping[str, str] = {},
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python.exe -c code``."""
        return self.run("-c", code, *args, env=env, timeout=timeout)

    def windows_path(self, path: Path) -> str:
        """Return the name under which the bench sees a file of this machine."""
        return "Z:" + str(PureWindowsPath(path.absolute()))

    def remove(self, relative: str | Path) -> None:
        """Remove a file or a folder, named from the Python's folder or in full."""
        path = self.python_dir / relative
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

    def replace(self, relative: str | Path, content: bytes) -> Path:
        """Write a file, named from the Python's folder or in full; return its path."""
        path = self.python_dir / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        return path

    def pip_install(self, *words: str) -> None:
        """Do what `python -m pip install` with these words would do in this Python.

        pip does not run here. uv installs for Windows from anywhere; as pip does, it
        leaves alone what was not named and still fits.
        """
        options = {
            "--upgrade": [],
            "--force-reinstall": ["--reinstall"],
            "--no-cache-dir": [],
            "--no-deps": ["--no-deps"],
        }
        named = [word for word in words if word not in options]
        arguments = [o for word in words for o in options.get(word, ())]
        if "--upgrade" in words:
            for word in named:
                arguments += ["--upgrade-package", re.split("[=<>~!]", word)[0]]
        _install(self.site_packages, *arguments, *named)
        # The data of a wheel belongs into the root of the Python.
        for dll in self.site_packages.glob("*.dll"):
            self.replace(dll.name, dll.read_bytes())
            dll.unlink()

    def install_redistributable(self) -> None:
        """Copy Microsoft's runtime DLLs into system32, as the redistributable does."""
        for dll in sorted(_redistributable(self.cache).iterdir()):
            target = self.system32 / dll.name
            target.unlink(missing_ok=True)
            shutil.copyfile(dll, target)

    def kill(self) -> None:
        """End every Wine process of this bench, and of no other."""
        self._wait_for([_program("wineserver"), "-k"])
        while self._keepers:
            keeper = self._keepers.pop()
            keeper.kill()
            keeper.communicate()

    def _keep_awake(self) -> None:
        """Start this prefix's services, and keep them for as long as this process.

        They start with the first program and end two seconds after the last. Until
        then they would hold the pipes of the program that happened to start them,
        and each run would take three seconds instead of a tenth of one.
        """
        if self._keepers and self._keepers[-1].poll() is None:
            return
        self._wait_for([_program("wine"), "wineboot"])
        # It reads commands until the pipe closes, if need be by our own end.
        keeper = subprocess.Popen(
            [_program("wine"), "cmd"],
            env=_wine_environment(self.prefix),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._keepers.append(keeper)

    def _wait_for(self, command: Sequence[str]) -> None:
        subprocess.run(
            command,
            env=_wine_environment(self.prefix),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=120,
        )

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        search = [REPOSITORY, _support(self.cache)]
        environment = {
            **_wine_environment(self.prefix),
            "KMP_AFFINITY": "disabled",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": ";".join(map(self.windows_path, search)),
            **measure.variables(self.windows_path),
            **extra,
        }
        # Wine's debugger may end what crashed before that ends itself, with code 0.
        overrides = [extra.get("WINEDLLOVERRIDES", ""), "winedbg.exe="]
        environment["WINEDLLOVERRIDES"] = ";".join(filter(None, overrides))
        if "PATH" in extra:
            environment["WINEPATH"] = extra["PATH"]
            environment["PATH"] = os.environ.get("PATH", os.defpath)
        return environment

    def _wine(
        self, command: Sequence[str], extra: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        self._keep_awake()
        command = [_program("wine"), *command]
        process = subprocess.Popen(
            command,
            # A busy machine is slower than any that a limit is made for.
            env=self._environment({"DLLGUARD_TIME_LIMIT": "60", **extra}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.python_dir,
        )
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except BaseException:
            # A program that it started may hold the pipes too.
            self.kill()
            process.kill()
            process.communicate()
            raise
        return subprocess.CompletedProcess(
            command, process.returncode, _text(stdout), _text(stderr)
        )


class BenchFactory(Protocol):
    """The type of the fixture ``bench_factory``."""

    def __call__(
        self,
        *requirements: str,
        overlay: Sequence[str] = (),
        redistributable: bool = False,
    ) -> Bench:
        """Make a bench; see :func:`make_bench`."""


def cache_root() -> Path:
    """Return the folder for everything that is downloaded or built."""
    named = os.environ.get("DLLGUARD_BENCH_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "dllguard-bench"


def make_bench(
    *requirements: str,
    into: Path,
    overlay: Sequence[str] = (),
    redistributable: bool = False,
    cache: Path | None = None,
) -> Bench:
    """Make a bench of its own for one test.

    :param requirements: Installed with what they require, resolved for Windows.
    :param into: A new folder; on the cache's file system it costs no space.
    :param overlay: Then installed in their place, whether or not they fit: this makes
        the sets that a resolver refuses.
    :param redistributable: Whether Microsoft's runtime is installed as well.
    :raises BenchUnavailableError: Something that the bench needs is not here.
    """
    _require_wine()
    cache = (cache or cache_root()).absolute()
    _support(cache)
    python = _python(cache)
    packages = _packages(cache, requirements, tuple(overlay))
    prefix = _prefix(cache)

    bench = Bench(into.absolute() / "python", into.absolute() / "prefix", cache)
    into.mkdir(parents=True, exist_ok=True)
    _copy_tree(python, bench.python_dir)
    _copy_tree(packages, bench.site_packages)
    _copy_tree(prefix, bench.prefix, linked=_SAFE_TO_LINK)
    if redistributable:
        bench.install_redistributable()
    if measure.COVERAGE:
        folder = bench.windows_path(_coverage(cache, measure.COVERAGE))
        bench.replace("Lib/sitecustomize.py", measure.start_of(folder))
    return bench


def _require_wine() -> None:
    if sys.platform != "win32":
        _program("wine")
        _program("wineserver")
    else:
        reason = "the bench is a Wine prefix, and this is Windows itself"
        raise BenchUnavailableError(reason)


# The parts of the cache. Each is a folder that is complete if it is there.


def _python(cache: Path) -> Path:
    def build(folder: Path) -> None:
        panda = folder / "panda"
        _install(panda, "--no-deps", PANDA3D)
        _compile_launcher(cache, folder / "python.exe")
        (folder / "DLLs").mkdir()
        for file in sorted((panda / "deploy_libs").iterdir()):
            name = file.name.lower()
            # Wine has the API sets itself, as Windows 10 does.
            if name.startswith("api-ms-"):
                continue
            beside = name.startswith(("python3", "vcruntime140"))
            file.rename((folder if beside else folder / "DLLs") / name)
        shutil.rmtree(panda)
        host, library = _host_python()
        ignore = shutil.ignore_patterns(*_NOT_IN_LIB)
        shutil.copytree(library, folder / "Lib", ignore=ignore)
        (folder / "Lib" / "site-packages").mkdir()
        _compile_bytecode(host, folder / "Lib")

    # Any library of this minor version serves, so which one it was is not in the key.
    return _cached(cache, "python", (PANDA3D, PYTHON, _LAUNCHER), build)


def _packages(
    cache: Path, requirements: tuple[str, ...], overlay: tuple[str, ...]
) -> Path:
    def build(folder: Path) -> None:
        if overlay:
            _copy_tree(_packages(cache, requirements, ()), folder)
            for requirement in overlay:
                _uninstall(folder, requirement)
            _install(folder, "--no-deps", *overlay)
        elif requirements:
            _install(folder, *requirements)
        _compile_bytecode(_host_python()[0], folder)

    name = "-".join(["packages", *(r.partition("=")[0] for r in requirements[:1])])
    return _cached(cache, name, (*requirements, "overlay", *overlay), build)


def _support(cache: Path) -> Path:
    def build(folder: Path) -> None:
        _install(folder, "--no-deps", *SUPPORT)
        _compile_bytecode(_host_python()[0], folder)

    return _cached(cache, "support", SUPPORT, build)


def _coverage(cache: Path, requirement: str) -> Path:
    def build(folder: Path) -> None:
        _install(folder, "--no-deps", requirement)
        _compile_bytecode(_host_python()[0], folder)

    return _cached(cache, "coverage", (requirement,), build)


def _redistributable(cache: Path) -> Path:
    def build(folder: Path) -> None:
        wheel = folder / "wheel"
        _install(wheel, "--no-deps", RUNTIME)
        for pattern in ("msvcp140*", "vcruntime140*", "concrt140*", "vcomp140*"):
            for dll in sorted(wheel.rglob(pattern + ".dll")):
                dll.rename(folder / dll.name.lower())
        shutil.rmtree(wheel)

    return _cached(cache, "redistributable", (RUNTIME,), build)


def _program_from(cache: Path, source: Path) -> Path:
    name = f"{source.stem}.exe"

    def build(folder: Path) -> None:
        _compile(cache, source, folder / name, *_NO_RUNTIME, *_windows_headers())

    inputs = (source.read_text(encoding="utf-8"), *_NO_RUNTIME)
    return _cached(cache, source.stem, inputs, build) / name


def _prefix(cache: Path) -> Path:
    def build(folder: Path) -> None:
        environment = {
            **_wine_environment(folder),
            # No question about Mono or Gecko, no entry in the desktop's menus.
            "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
        }
        for program, *arguments in (["wine", "wineboot", "-i"], ["wineserver", "-w"]):
            command = [_program(program), *arguments]
            _call("make a Wine prefix", command, environment)
        # Debian's Wine notes here where this prefix's server is; a copy with that
        # note would be served by the same one.
        (folder / "wineserver").unlink(missing_ok=True)
        # Wine links the user's folders to those of the real user.
        for link in (folder / "drive_c" / "users").rglob("*"):
            if link.is_symlink():
                link.unlink()
                link.mkdir()
        if not (folder / "system.reg").is_file():
            raise BenchUnavailableError("Wine did not make a prefix")

    return _cached(cache, "prefix", (_wine_version(),), build)


def _cached(
    cache: Path, name: str, inputs: Sequence[str], build: Callable[[Path], None]
) -> Path:
    """Return a folder of the cache, built first if it is not there yet."""
    key = hashlib.sha256("\n".join([str(_RECIPE), *inputs]).encode()).hexdigest()
    folder = cache / f"{name}-{key[:16]}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / f"{folder.name}.lock"):
        # Another process may have built it while this one waited.
        if not folder.is_dir():
            # Under the lock, these can only be what a build left that was cut off.
            for left in cache.glob(f"{folder.name}.*/"):
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(
                prefix=f"{folder.name}.", dir=cache, ignore_cleanup_errors=True
            ) as temporary:
                fresh = Path(temporary) / "new"
                fresh.mkdir()
                build(fresh)
                fresh.replace(folder)
    return folder


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _copy_tree(
    source: Path, target: Path, linked: frozenset[str] | None = None
) -> None:
    """Copy a folder with hard links: of all files, or of those with these suffixes."""
    target.mkdir(exist_ok=True)
    with os.scandir(source) as entries:
        for entry in entries:
            new = target / entry.name
            if entry.is_symlink():
                new.symlink_to(Path(entry.path).readlink())
            elif entry.is_dir():
                _copy_tree(Path(entry.path), new, linked)
            elif linked is None or new.suffix.lower() in linked:
                _link(entry.path, new)
            else:
                shutil.copy2(entry.path, new)


def _link(source: str, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Another file system, or one without hard links.
        shutil.copy2(source, target)


# The tools that build the parts.


def _install(target: Path, *arguments: str) -> None:
    # The wheels are copied out of uv's own cache: a link would let a test that
    # breaks the rule on changing files reach every other project of this user.
    options = ["--target", str(target), "--link-mode", "copy", "--quiet"]
    options += ["--python-platform", "x86_64-pc-windows-msvc"]
    options += ["--python-version", PYTHON, "--only-binary", ":all:"]
    wanted = [argument for argument in arguments if argument != "--no-deps"]
    command = [*_tool("uv"), "pip", "install", *options, *arguments]
    _call(f"install {' '.join(wanted)}", command)
    (target / ".lock").unlink(missing_ok=True)


def _uninstall(folder: Path, requirement: str) -> None:
    name = re.sub(r"[-_.]+", "_", requirement.partition("=")[0])
    for record in folder.glob(f"{name}-*.dist-info/RECORD"):
        with record.open(newline="", encoding="utf-8") as file:
            listed = [Path(row[0]) for row in csv.reader(file) if row]
        for path in listed:
            (folder / path).unlink(missing_ok=True)
        # An empty folder can be imported, and bytecode is in no RECORD.
        parents = {parent for path in listed for parent in path.parents}
        for parent in sorted(parents, reverse=True):
            shutil.rmtree(folder / parent / "__pycache__", ignore_errors=True)
            with contextlib.suppress(OSError):
                (folder / parent).rmdir()


def _compile_launcher(cache: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "python.c")
        source.write_text(_LAUNCHER, encoding="ascii")
        _compile(cache, source, target, "-municode")


def _compile(cache: Path, source: Path, target: Path, *options: str) -> None:
    compiler = [*_tool("ziglang"), "cc", "-target", "x86_64-windows-gnu", "-O1", "-s"]
    with tempfile.TemporaryDirectory() as folder:
        caches = {
            "ZIG_GLOBAL_CACHE_DIR": str(cache / "zig"),
            "ZIG_LOCAL_CACHE_DIR": folder,
        }
        command = [*compiler, "-o", str(target), str(source), *options]
        _call(f"compile {target.name}", command, {**os.environ, **caches})


def _windows_headers() -> list[str]:
    # Without a C runtime the compiler leaves out the folder of its headers as well.
    spec = importlib.util.find_spec("ziglang")
    folders = (spec and spec.submodule_search_locations) or ()
    include = "lib/libc/include/any-windows-any"
    return [f"-isystem{Path(folder, include)}" for folder in folders]


def _compile_bytecode(host: str, folder: Path) -> None:
    """Compile once here what each run under Wine would compile again, slowly."""
    options = ["-I", "-m", "compileall", "-qq", "-j", "0"]
    # Some packages ship files that are no valid Python, which is not our affair.
    subprocess.run(
        [host, *options, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def _host_python() -> tuple[str, Path]:
    """Find a CPython of this machine with the standard library that is wanted."""
    ask = "import sys, sysconfig; print(*sys.version_info[:2], sep='.')"
    ask += "; print(sysconfig.get_path('stdlib'))"
    if sys.version_info[:2] == tuple(map(int, PYTHON.split("."))):
        return sys.executable, Path(sysconfig.get_path("stdlib"))
    for candidate in _host_candidates():
        # What is on PATH may be a version manager's stand-in that only complains.
        answer = _ask([candidate, "-I", "-c", ask])
        if answer[:1] == [PYTHON] and Path(answer[1]).is_dir():
            return candidate, Path(answer[1])
    reason = f"no CPython {PYTHON} on this machine to take the standard library from"
    raise BenchUnavailableError(reason)


def _host_candidates() -> Iterator[str]:
    on_path = shutil.which(f"python{PYTHON}")
    if on_path:
        yield on_path
    with contextlib.suppress(BenchUnavailableError):
        yield from _ask([*_tool("uv"), "python", "find", "--system", PYTHON])


def _ask(command: Sequence[str]) -> list[str]:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return _text(done.stdout).splitlines() if done.returncode == 0 else []


def _tool(module: str) -> list[str]:
    if not importlib.util.find_spec(module):
        raise BenchUnavailableError(f"no {module} in this Python; pip installs it")
    return [sys.executable, "-m", module]


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise BenchUnavailableError(f"no {name} on this machine")
    return found


def _wine_version() -> str:
    return " ".join(_ask([_program("wine"), "--version"]))


def _wine_environment(prefix: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **inherited,
        "LC_ALL": "C.UTF-8",
        "WINEPREFIX": str(prefix),
        "WINEDEBUG": "-all",
    }


def _call(
    task: str, command: Sequence[str], env: Mapping[str, str] | None = None
) -> None:
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        said = " ".join((_text(done.stderr) or _text(done.stdout)).split())
        reason = f"could not {task} (exit code {done.returncode}): {said[-300:]}"
        raise BenchUnavailableError(reason)


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace").replace("\r\n", "\n")
