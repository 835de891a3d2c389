"""Windows wheels of a requirement, with all that they require.

Resolving for another platform is uv's trade: pip evaluates markers for the running
system. What is fetched once is never changed: a folder of the cache is complete if
it is there, so that any number of processes may fetch and read at the same time.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ._model import ARM64, X64, X86, machine_name

_PLATFORMS: Final[Mapping[int, str]] = {
    X86: "i686-pc-windows-msvc",
    X64: "x86_64-pc-windows-msvc",
    ARM64: "aarch64-pc-windows-msvc",
}

_DAY = 24 * 60 * 60
_FETCHING = "fetching-"

# uv 0.13 writes "error: A", then "  cause: B"; before, it wrote "Caused by: B", and
# earlier drew a cross and an arrow. What follows "hint:" advises on options of uv.
_MARKED = re.compile(r"(error:|cause:|Caused by:|\u00d7|\u2570\u2500\u25b6)\s*")
_ADVICE = ("hint:", "help:", "For more information")


class FetchError(RuntimeError):
    """uv is missing, or could not resolve or download a requirement."""


class _UvError(Exception):
    """Why uv did not do what it was asked for."""


def cache_folder() -> Path:
    """Return the folder of fetched wheels: DLLGUARD_CACHE, or the user's cache."""
    given = os.environ.get("DLLGUARD_CACHE")
    if given:
        return Path(given).absolute()
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "dllguard"


def require_private(folder: Path) -> None:
    """Make the cache where it is not there yet, and refuse one that others can change.

    What is in it is taken for what was fetched: it is read, and with `--try` loaded.

    :param folder: what `cache_folder` returns.
    :raises OSError: when it cannot be made, or is not the user's alone to write into.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        status = folder.stat()
        reason = ""
        if status.st_uid != os.getuid():
            reason = "belongs to another user, so it is no cache of yours"
        elif status.st_mode & 0o022:
            reason = "others may write into it, so it is no safe cache; chmod go-w it"
        if reason:
            raise PermissionError(errno.EPERM, reason, str(folder))


def filled(target: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder of the cache: it is whole or not there.

    :param target: the folder.
    :param fill: given the path of a folder that is not there yet, makes it. It comes to
        its place once that has returned.
    :raises OSError: when the cache cannot be written.
    """
    root = target.parent
    require_private(root)
    _sweep(root)
    with tempfile.TemporaryDirectory(
        prefix=_FETCHING, dir=root, ignore_cleanup_errors=True
    ) as folder:
        fresh = Path(folder) / "site"
        fill(fresh)
        try:
            fresh.rename(target)
        except OSError:
            # Another process was first, with the same.
            if not target.is_dir():
                raise


def fetch(
    requirements: Sequence[str], version: tuple[int, int], machine: int = X64
) -> Path:
    """Install the Windows wheels of requirements into a cached folder.

    :param requirements: as in `torchvision==0.29.2`; pinned ones are taken from the
        cache when they are there, which needs neither uv nor a network.
    :param version: major and minor number of the Python they are for.
    :param machine: PE machine type of that Python.
    :returns: a folder like site-packages, with every `.dist-info`.
    :raises FetchError: with uv's own words, on one line.
    """
    options = _options(version, machine)
    wanted = sorted(map(_normalised, requirements))
    root, first = cache_folder(), wanted[0]
    try:
        require_private(root)
        if not all(map(_is_pinned, wanted)):
            # What comes back is the whole set, pinned: it may be in the cache.
            wanted = _resolved(wanted, options)
            options.append("--no-deps")
        target = root / _folder_name(first, wanted, version, machine)
        if not target.is_dir():
            filled(target, lambda fresh: _install(wanted, options, fresh))
    except _UvError as error:
        named = ", ".join(requirements)
        raise FetchError(f"{named}: no Windows wheels fetched: {error}") from None
    except OSError as error:
        where = error.filename or root
        raise FetchError(f"{where}: {error.strerror or error}") from None
    return target


def fetch_file(file: str, version: tuple[int, int], machine: int = X64) -> Path:
    """Install the Windows wheels of a requirement file into a cached folder.

    :param file: a requirement file, with whatever uv understands in it.
    :param version: major and minor number of the Python they are for.
    :param machine: PE machine type of that Python.
    :returns: a folder like site-packages, with every `.dist-info`.
    :raises FetchError: with uv's own words, on one line.
    """
    options = _options(version, machine)
    root = cache_folder()
    # The options of the file say where its wheels are.
    kept = ["--no-header", "--no-annotate", "--emit-index-url", "--emit-find-links"]
    try:
        require_private(root)
        resolved = _uv(["compile", file, *kept, *options]).strip()
        name = os.path.splitext(os.path.basename(file))[0]
        target = root / _folder_name(name, [resolved], version, machine)
        if not target.is_dir():
            wanted = ["--no-deps", "-r", "-"] if resolved else []
            filled(target, lambda fresh: _install(wanted, options, fresh, resolved))
    except _UvError as error:
        raise FetchError(f"{file}: no Windows wheels fetched: {error}") from None
    except OSError as error:
        where = error.filename or root
        raise FetchError(f"{where}: {error.strerror or error}") from None
    return target


def _options(version: tuple[int, int], machine: int) -> list[str]:
    platform = _PLATFORMS.get(machine)
    if platform is None:
        raise FetchError(f"uv resolves for no Python on {machine_name(machine)}")
    options = ["--python-platform", platform, "--only-binary", ":all:"]
    return [*options, "--python-version", ".".join(map(str, version))]


def _resolved(wanted: Sequence[str], options: Sequence[str]) -> list[str]:
    bare = ["--no-header", "--no-annotate"]
    # Written to stdin: cmd.exe, if uv is a batch file, would read ">=" its own way.
    output = _uv(["compile", "-", *bare, *options], "\n".join(wanted))
    lines = (line.partition("#")[0].strip() for line in output.splitlines())
    return sorted(line for line in lines if line and not line.startswith("-"))


def _install(
    wanted: Sequence[str], options: Sequence[str], fresh: Path, given: str = ""
) -> None:
    if wanted:
        _uv(["install", "--target", str(fresh), *options, *wanted], given)
    if not any(fresh.glob("*.dist-info")):
        raise _UvError("nothing is required on Windows")
    (fresh / ".lock").unlink(missing_ok=True)


def _uv(arguments: Sequence[str], given: str = "") -> str:
    # uv draws its own progress, and says what went wrong, where stderr is a terminal.
    seen = sys.stderr is not None and sys.stderr.isatty()
    done = subprocess.run(
        [_uv_program(), "pip", *arguments, "--python", sys.executable],
        check=False,
        input=given,
        stdout=subprocess.PIPE,
        stderr=None if seen else subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise _UvError("uv says why above" if seen else _reason(done.stderr))
    return done.stdout


def _uv_program() -> str:
    with contextlib.suppress(ImportError, FileNotFoundError):
        from uv import find_uv_bin

        return str(find_uv_bin())
    found = shutil.which("uv")
    if found is None:
        raise FetchError('fetching wheels needs uv: pip install "dllguard[cli]"')
    return found


def _normalised(requirement: str) -> str:
    from packaging.requirements import Requirement

    return str(Requirement(requirement))


def _is_pinned(requirement: str) -> bool:
    from packaging.requirements import Requirement

    parsed = Requirement(requirement)
    exact = (
        s.operator in ("==", "===") and "*" not in s.version for s in parsed.specifier
    )
    return parsed.url is None and any(exact)


def _folder_name(
    first: str, wanted: Sequence[str], version: tuple[int, int], machine: int
) -> str:
    key = hashlib.sha256(repr((list(wanted), version, machine)).encode()).hexdigest()
    # Short, since Windows ends most paths at 260 characters.
    name = re.sub(r"[^a-z0-9.]+", "-", first.lower()).strip("-.")[:32]
    return f"{name}-cp{version[0]}{version[1]}-{key[:12]}"


def _sweep(root: Path) -> None:
    """Remove what fetches left that were ended without a chance to clean up."""
    for left in root.glob(f"{_FETCHING}*"):
        with contextlib.suppress(OSError):
            if left.stat().st_mtime < time.time() - _DAY:
                shutil.rmtree(left)


def _reason(stderr: str) -> str:
    """Return uv's complaint as one line of ASCII: what failed, and the last cause."""
    said: list[str] = []
    for line in stderr.splitlines():
        text = line.strip()
        if said and text.startswith(_ADVICE):
            break
        found = _MARKED.match(text)
        if found:
            said.append(text[found.end() :].rstrip(":"))
        elif said and text:
            said[-1] += " " + text
    if not said:
        said = [" ".join(stderr.split()) or "it gave no reason"]
    parts = said if len(said) < 4 else [*said[:2], said[-1]]
    return ": ".join(parts).encode("ascii", "replace").decode()
