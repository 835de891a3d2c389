"""C++ names as they were written, where something at hand can tell."""

from __future__ import annotations

import shutil
import subprocess
import sys

# As UNDNAME_NAME_ONLY on Windows; the arguments stay.
_NAME_ONLY = (
    "--no-access-specifier",
    "--no-calling-convention",
    "--no-member-type",
    "--no-return-type",
    "--no-variable-type",
)


def undecorated(name: str) -> str | None:
    """Return the plain form of a decorated Visual C++ name.

    dbghelp does it on Windows, LLVM's `llvm-undname` elsewhere if it is installed.

    :param name: a name as it stands in an import table.
    :returns: None where the name is not decorated, or nothing can read it.
    """
    if not name.startswith("?"):
        return None
    if sys.platform == "win32":
        from ._win32 import undecorate

        return undecorate(name)
    tool = shutil.which("llvm-undname")
    if tool is None:
        return None
    try:
        done = subprocess.run(
            [tool, *_NAME_ONLY, name],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        # A name that is none, with a NUL for one, is a ValueError.
        return None
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return lines[-1] if len(lines) > 1 and lines[-1] != name else None
