"""Remedies for a DLL in a folder that is not searched."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

from .._packages._distribution import Distribution
from .._packages._environment import Environment
from .._paths import folder_of, is_native
from .._tables._known_folders import FROM_CONDA
from .._verdict import Remedy
from ._cures import literal, python, quoted, upgrade

# Python source as the functions here and in `_cures` write it, and `_order_cures`.
_LITERAL: Final = re.compile(r"""(?<![\w"'])(r"[^"]*"|'(?:[^'\\]|\\.)*')""")
_FOUND: Final = ("os.add_dll_directory(", 'os.environ["PATH"] =', "ctypes.")
_SET: Final = re.compile(r'\bset "PATH=([^"%;]+);%PATH%"')


def proposed_by(remedies: Iterable[Remedy]) -> tuple[str, ...]:
    """Return the folders that DLLs would be loaded from, if remedies were followed."""
    found: dict[str, None] = {}
    for command in (command for remedy in remedies for command in remedy.commands):
        first = _SET.fullmatch(command)
        texts = [first[1]] if first else []
        if any(call in command for call in _FOUND):
            texts = list(map(ast.literal_eval, _LITERAL.findall(command)))
        for text in texts:
            found[folder_of(text) if is_native(text) else text] = None
    return tuple(found)


def add_folders(folders: Iterable[str]) -> Remedy:
    """Put folders on the search list of this Python, before the import."""
    calls = "; ".join(f"os.add_dll_directory({literal(f)})" for f in folders)
    plural = "s" if "; " in calls else ""
    return Remedy(
        f"or before the import, add the folder{plural} to the search list:",
        (f"import os; {calls}",),
    )


def extend_path(folders: Iterable[str]) -> Remedy:
    """Put folders before PATH in a Python that searches it for DLLs."""
    value = " + os.pathsep + ".join(map(literal, dict.fromkeys(folders)))
    command = f'import os; os.environ["PATH"] = {value} + os.pathsep + '
    return Remedy(
        "or before the import, put the folder on PATH:",
        (f'{command}os.environ["PATH"]',),
    )


def load_before(paths: Iterable[str]) -> Remedy:
    """Load the DLLs themselves: what is loaded answers for its name afterwards."""
    loads = "; ".join(f"ctypes.WinDLL({literal(path)})" for path in paths)
    return Remedy(
        "or before the import, load the DLL itself:", (f"import ctypes; {loads}",)
    )


def load_by_full_path(path: str) -> Remedy:
    """Pass the full path where a bare name was passed to ctypes."""
    return Remedy(
        "or in the code that loads it, give the full path:",
        (f"ctypes.CDLL({literal(path)})",),
    )


def activate(prefix: str) -> Remedy:
    """Start Python as conda means it to be started."""
    return Remedy(
        "activate the environment, then start Python from the same prompt:",
        (f"conda activate {quoted(prefix)}",),
    )


def newer_python_of_conda(prefix: str) -> Remedy:
    """Take a build of Python that searches conda's folders by itself."""
    return Remedy(
        "or update the Python of this environment: usually a later build searches the "
        "folder by itself:",
        (f"conda update --prefix {quoted(prefix)} python",),
    )


def environment_of_conda(environment: Environment) -> Remedy:
    """Make an environment with conda, rather than a venv of conda's Python."""
    number = ".".join(map(str, environment.version))
    return Remedy(
        "or make the environment with conda rather than as a venv:",
        (f"conda create --name ENVIRONMENT python={number}",),
    )


def another_release(owner: Distribution, environment: Environment) -> Remedy:
    """Update a distribution with what installed it."""
    command = upgrade(environment, owner.name)
    if owner.installer == "conda":
        command = f"conda update {owner.name.lower()}"
    return Remedy(f"or try another release of {owner.name}:", (command,))


def taken_from_conda(
    owner: Distribution | None, environment: Environment
) -> Iterator[Remedy]:
    """Replace pip's wheel by conda's package, where that is known as a cure."""
    package = FROM_CONDA.get(owner.key) if owner else None
    if owner is not None and package is not None and owner.installer != "conda":
        yield Remedy(
            f"take {owner.name} from conda, which made this environment:",
            (
                f"{python(environment.executable)} -m pip uninstall -y {owner.name}",
                f"conda install {package}",
            ),
        )
