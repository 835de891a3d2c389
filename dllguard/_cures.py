"""Remedies as commands for the environment at hand, easiest first."""

from __future__ import annotations

import os
from collections.abc import Iterable

from . import _links as links
from ._distribution import Distribution
from ._environment import Environment
from ._model import ARM64, X64, X86
from ._redistributables import V14, Product
from ._verdict import Remedy

_ARCHITECTURES = {X86: "x86", X64: "x64", ARM64: "arm64"}


def python(executable: str) -> str:
    """Return an interpreter as it is typed in a Windows shell."""
    return f'"{executable}"' if " " in executable else executable


def redistributable(product: Product, machine: int) -> tuple[Remedy, ...]:
    """Install a Visual C++ redistributable.

    :param product: which one.
    :param machine: machine type of the importer, which decides the architecture.
    """
    arch = _ARCHITECTURES.get(machine, "x64")
    if machine == ARM64 and product is not V14:
        return (
            Remedy(
                f"there is no ARM64 build of the {product.name}: use a release of the "
                "package that was built with a later compiler, or an x64 Python"
            ),
        )
    current = "current " if product is V14 else ""
    verb = "run" if product is V14 else "take it from"
    return (
        Remedy(
            f"install the {current}{product.name}, {arch}, then restart Python:",
            (f"winget install --id {product.winget}.{arch} -e",),
        ),
        Remedy(f"or {verb} {product.url.format(arch=arch)}"),
    )


def runtime_wheel(environment: Environment) -> Remedy:
    """Bring the v14 runtime DLLs without administrator rights.

    The wheel puts them into the root of the environment, which is the application
    folder where Python is not a venv.
    """
    return Remedy(
        "or, without administrator rights, for this Python alone:",
        (f"{python(environment.executable)} -m pip install msvc-runtime",),
    )


def reinstall(distribution: Distribution, environment: Environment) -> Remedy:
    """Install the same release again, over what is there."""
    name, version = distribution.name, distribution.version
    if distribution.installer == "conda":
        wanted = f"{name}={version}" if version else name
        command = f"conda install --force-reinstall {wanted}"
    else:
        wanted = f'"{name}=={version}"' if version else name
        command = (
            f"{python(environment.executable)} -m pip install --force-reinstall "
            f"--no-cache-dir --no-deps {wanted}"
        )
    return Remedy(f"reinstall {distribution.title}{index(distribution)}:", (command,))


def together(
    environment: Environment, keep: Distribution, others: Iterable[str], source: str
) -> Remedy:
    """Keep one distribution and let pip choose the others that were made for it.

    The installer's resolver reads the metadata of every release; no table of pairs
    can be as right.

    :param source: what `index` says of them all.
    """
    others = tuple(others)
    command = (
        f"{python(environment.executable)} -m pip install --upgrade "
        f'"{keep.name}=={keep.version}" {" ".join(others)}'
    )
    made = f"keep {keep.title}, install the {' and '.join(others)} made for it"
    return Remedy(f"{made}{source}:", (command,))


def index(distribution: Distribution) -> str:
    """Remind of the index where a local version (`2.9.0+cu128`) came from."""
    if distribution.version is None or "+" not in distribution.version:
        return ""
    return " (repeat the --index-url that it was installed with)"


def upgrade(environment: Environment, *wanted: str) -> str:
    """Return the command that installs the given requirements."""
    quoted = " ".join(f'"{w}"' if "=" in w else w for w in wanted)
    return f"{python(environment.executable)} -m pip install --upgrade {quoted}"


def newer_runtime_of_python(environment: Environment) -> Remedy:
    """Renew the runtime DLLs beside python.exe."""
    if is_conda(environment):
        command = "conda install -c conda-forge vc14_runtime"
        return Remedy("update the runtime of this conda environment:", (command,))
    number = ".".join(map(str, environment.version))
    return Remedy(
        f"install the newest Python {number} over this one; usually it brings a newer "
        f"copy: {links.PYTHON_DOWNLOADS}"
    )


def repaired_runtime_of_python(environment: Environment) -> Remedy:
    """Bring back the runtime DLLs beside python.exe."""
    if is_conda(environment):
        command = "conda install --force-reinstall vc14_runtime"
        return Remedy("reinstall the runtime of this conda environment:", (command,))
    return Remedy("repair this Python: Settings, Apps, Python, Modify, Repair")


def is_conda(environment: Environment) -> bool:
    """Tell whether conda made the Python."""
    return os.path.isdir(os.path.join(environment.base_prefix, "conda-meta"))


def add_folder(folder: str) -> Remedy:
    """Put a folder on the search list of this Python, before the import."""
    return Remedy(
        "before the import, add the folder to the search list:",
        (f"import os; os.add_dll_directory({_literal(folder)})",),
    )


def check(environment: Environment, target: str, *added: str) -> Remedy:
    """Look again after a cure.

    :param added: folders that the cure makes the program add.
    """
    words = [f"--dll-directory {_quoted(folder)}" for folder in added]
    words.append(_quoted(target))
    return Remedy(
        "then check:",
        (f"{python(environment.executable)} -m dllguard check {' '.join(words)}",),
    )


def _literal(path: str) -> str:
    return f'r"{path}"' if '"' not in path and not path.endswith("\\") else repr(path)


def _quoted(target: str) -> str:
    return f'"{target}"' if " " in target else target
