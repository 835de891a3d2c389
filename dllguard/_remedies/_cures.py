"""Remedies as commands for the environment at hand, easiest first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import replace

from .._model import ARM64, X64, X86
from .._packages._distribution import Distribution
from .._packages._environment import Environment
from .._paths import base_name
from .._shell import word
from .._tables import _links as links
from .._tables._conventions import TORCH_INDEX
from .._tables._freezers import FREEZERS
from .._tables._redistributables import V14, WINGET_SINCE, Product
from .._verdict import Remedy

# A path as `literal` writes it.
_ADDED = re.compile(r"""os\.add_dll_directory\((r"[^"]*"|'(?:[^'\\]|\\.)*')\)""")
_BUILD = re.compile(r"cpu|xpu|cu\d+|rocm[\d.]+")
_OF_TORCH = ("torch", "torchvision", "torchaudio")
_WINDOWS_10 = 10240
_ARCHITECTURES = {X86: "x86", X64: "x64", ARM64: "arm64"}


def python(executable: str) -> str:
    """Return an interpreter as it is typed in a Windows shell."""
    return word(executable)


def redistributable(
    product: Product, machine: int, build: int = 0
) -> tuple[Remedy, ...]:
    """Install a Visual C++ redistributable.

    :param product: which one.
    :param machine: machine type of the importer, which decides the architecture.
    :param build: build number of Windows, 0 where that is not known.
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
    if 0 < build < WINGET_SINCE:
        current = "last " if current and build < _WINDOWS_10 else current
        url = product.url_before_10 if build < _WINDOWS_10 else ""
        return (
            Remedy(
                f"install the {current}{product.name}, {arch}, then restart Python: "
                + (url or product.url).format(arch=arch)
            ),
        )
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
        wanted = f"{name}=={version}" if version else name
        command = (
            f"{python(environment.executable)} -m pip install --force-reinstall "
            f"--no-cache-dir --no-deps {word(wanted)}"
        )
    return Remedy(f"reinstall {distribution.title}{index(distribution)}:", (command,))


def earlier(distribution: Distribution, environment: Environment) -> Remedy:
    """Go back to the release before, whose files are others."""
    wanted = f"{distribution.name}<{distribution.version}"
    return Remedy(
        f"or take an earlier release of {distribution.name}, whose files may be known "
        "and allowed:",
        (install(distribution, environment, wanted),),
    )


def install(distribution: Distribution, environment: Environment, *wanted: str) -> str:
    """Return the command that installs requirements as a distribution was installed."""
    wishes = " ".join(map(word, wanted))
    typed = python(environment.executable)
    if distribution.installer == "conda":
        return f"conda install {wishes}"
    if distribution.installer == "uv":
        # Its environments have no pip.
        return f"uv pip install --python {typed} {wishes}"
    return f"{typed} -m pip install {wishes}"


def together(
    environment: Environment, keep: Distribution, others: Iterable[str], source: str
) -> Remedy:
    """Keep one distribution and let the installer choose those that fit it.

    Its resolver reads the metadata of every release; no table of pairs can be as right.

    :param others: requirements.
    :param source: what `index` says of them all.
    """
    others = tuple(others)
    wishes = (f"{keep.name}={keep.version}", *others)
    command = f"conda install {' '.join(map(word, wishes))}"
    if keep.installer != "conda":
        where = index_url(keep)
        source = "" if where else source
        option = f"--index-url {where} " if where else ""
        wishes = (f"{keep.name}=={keep.version}", *others)
        command = (
            f"{python(environment.executable)} -m pip install --upgrade {option}"
            f"{' '.join(map(word, wishes))}"
        )
    names = " and ".join(re.split(r"[=<>~!]", other)[0] for other in others)
    made = f"keep {keep.title}, install the {names} made for it"
    return Remedy(f"{made}{source}:", (command,))


def index_url(distribution: Distribution) -> str:
    """Return the index that a build of torch or a companion came from, or ""."""
    build = (distribution.version or "").partition("+")[2]
    nightly = ".dev" in (distribution.version or "")
    if distribution.key not in _OF_TORCH or nightly or not _BUILD.fullmatch(build):
        return ""
    return TORCH_INDEX.format(build=build)


def from_index(environment: Environment, url: str, *wanted: str) -> str:
    """Return the command that takes releases of an index in place of those here."""
    wishes = " ".join(map(word, wanted))
    options = f"--force-reinstall --no-deps --index-url {url}"
    return f"{python(environment.executable)} -m pip install {options} {wishes}"


def from_page(environment: Environment, wanted: str, page: str) -> str:
    """Return the command that takes a wheel of a page in place of the one here."""
    # Without it pip would build the source of a later release.
    binary = f"--only-binary {wanted.partition('=')[0]}"
    options = f"--force-reinstall --no-deps {binary} -f {page}"
    return f"{python(environment.executable)} -m pip install {options} {word(wanted)}"


def index(distribution: Distribution) -> str:
    """Remind of the index where a local version (`2.9.0+cu128`) came from."""
    if distribution.version is None or "+" not in distribution.version:
        return ""
    return " (repeat the --index-url that it was installed with)"


def upgrade(environment: Environment, *wanted: str) -> str:
    """Return the command that installs the given requirements."""
    wishes = " ".join(map(word, wanted))
    return f"{python(environment.executable)} -m pip install --upgrade {wishes}"


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


def is_msys2(environment: Environment) -> bool:
    """Tell whether the Python is one of MSYS2, whose pacman keeps its records there."""
    return environment.is_of_msys2


def update_of_msys2() -> Remedy:
    """Bring all packages of MSYS2 to one state: it rebuilds what belongs together."""
    return Remedy(
        "update all of MSYS2, in its own shell; if the fault stays, a package was not "
        "rebuilt with the one that it needs, which msys2/MINGW-packages can mend:",
        ("pacman -Syu",),
    )


def is_conda(environment: Environment) -> bool:
    """Tell whether conda made the Python."""
    return environment.is_conda(environment.base_prefix)


def add_folder(folder: str) -> Remedy:
    """Put a folder on the search list of this Python, before the import."""
    return Remedy(
        "before the import, add the folder to the search list:",
        (f"import os; os.add_dll_directory({literal(folder)})",),
    )


def added_by(remedies: Iterable[Remedy]) -> tuple[str, ...]:
    """Return the folders that remedies make a program add."""
    commands = (command for remedy in remedies for command in remedy.commands)
    found = (text for command in commands for text in _ADDED.findall(command))
    return tuple(dict.fromkeys(map(ast.literal_eval, found)))


def check(environment: Environment, target: str, *added: str) -> Remedy:
    """Look again after a cure.

    :param added: folders that the cure makes the program add.
    """
    words = [f"--dll-directory {quoted(folder)}" for folder in added]
    words.append(quoted(target))
    apart = _apart(environment)
    if apart is not None:
        filled = (command.format(target=" ".join(words)) for command in apart.commands)
        return replace(apart, commands=tuple(filled))
    if environment.is_frozen:
        words.insert(0, f"--python {quoted(environment.prefix)}")
    return Remedy(
        "then check:",
        (f"{interpreter(environment)} -m dllguard check {' '.join(words)}",),
    )


def _apart(environment: Environment) -> Remedy | None:
    """Return how a program is checked that is one file, which unpacks itself."""
    freezer = FREEZERS.get(environment.kind)
    if freezer and re.fullmatch(freezer.single, base_name(environment.prefix)):
        return freezer.apart
    return None


def interpreter(environment: Environment) -> str:
    """Return what runs dllguard: a frozen program cannot, so any other Python does."""
    return "python" if environment.is_frozen else python(environment.executable)


def literal(path: str) -> str:
    """Return a path as it stands in Python source."""
    if path.isprintable() and '"' not in path and not path.endswith("\\"):
        return f'r"{path}"'
    # In single quotes, whatever is in it.
    return "'" + repr('"' + path)[2:]


def quoted(target: str) -> str:
    """Return a word of a command as it is typed."""
    return word(target)
