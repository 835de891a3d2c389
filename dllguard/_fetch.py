"""Windows wheels of a requirement, with all that they require.

Resolving for another platform is uv's trade: pip evaluates markers for the running
system.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_PLATFORM = "x86_64-pc-windows-msvc"


class FetchError(RuntimeError):
    """uv is missing, or could not resolve or download a requirement."""


def cache_folder() -> Path:
    """Return the folder of fetched wheels: DLLGUARD_CACHE, or the user's cache."""
    given = os.environ.get("DLLGUARD_CACHE")
    if given:
        return Path(given)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "dllguard"


def fetch(requirements: Sequence[str], version: tuple[int, int]) -> Path:
    """Install the Windows wheels of requirements into a cached folder.

    :param requirements: as in `torchvision==0.29.2`; pinned ones are taken from the
        cache when they are there.
    :param version: major and minor number of the Python they are for.
    :returns: a folder like site-packages, with every `.dist-info`.
    :raises FetchError: with uv's own last words.
    """
    uv = _uv()
    wanted = sorted(requirements)
    key = hashlib.sha256(repr((wanted, version)).encode()).hexdigest()[:16]
    root = cache_folder()
    target = root / f"{_slug(wanted[0])}-cp{version[0]}{version[1]}-{key}"
    pinned = all("==" in requirement for requirement in wanted)
    if pinned and target.is_dir():
        return target
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=root) as folder:
        fresh = Path(folder) / "site"
        command = [uv, "pip", "install", "--target", str(fresh)]
        command += ["--python-platform", _PLATFORM, "--only-binary", ":all:"]
        command += ["--python-version", f"{version[0]}.{version[1]}", *wanted]
        # uv draws its own progress where stderr is a terminal.
        done = subprocess.run(
            command,
            check=False,
            stderr=None if sys.stderr.isatty() else subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        if done.returncode:
            raise FetchError(_complaint(wanted, done.stderr))
        if target.is_dir():
            target.rename(Path(folder) / "before")
        fresh.rename(target)
    return target


def _uv() -> str:
    try:
        from uv import find_uv_bin
    except ImportError:
        found = shutil.which("uv")
        if found is None:
            raise FetchError(
                'fetching wheels needs uv: pip install "dllguard[cli]"'
            ) from None
        return found
    return str(find_uv_bin())


def _slug(requirement: str) -> str:
    kept = (c if c.isalnum() or c in ".-_" else "-" for c in requirement.lower())
    return "".join(kept).strip("-.")[:60]


def _complaint(wanted: Sequence[str], stderr: str | None) -> str:
    lines = [line.strip() for line in (stderr or "").splitlines() if line.strip()]
    words = " ".join(lines) or "see above"
    return f"{', '.join(wanted)}: uv could not fetch the Windows wheels: {words}"
