"""Which Pythons a wheel is for, by the tags in its name.

"Platform compatibility tags" (Python Packaging User Guide) has what they mean; which of
them a Python takes, `packaging` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .._model import ARM64, X64, X86, machine_name
from ._archive import Wheel, WheelError

if TYPE_CHECKING:
    from packaging.tags import Tag

PLATFORMS: Final[Mapping[int, str]] = {
    X86: "win32",
    X64: "win_amd64",
    ARM64: "win_arm64",
}
_OTHERS: Final[Mapping[str, str]] = {
    "linux": "Linux",
    "manylinux": "Linux",
    "musllinux": "Linux",
    "macosx": "macOS",
    "android": "Android",
    "ios": "iOS",
    "emscripten": "Emscripten",
    "pyodide": "Emscripten",
    "wasi": "WASI",
}
# What a browser adds to the name of a second download.
_COPY: Final = re.compile(r" ?\(\d+\)(?=\.whl$)", re.IGNORECASE)
_INTERPRETER: Final = re.compile(r"[a-z]+(\d)(\d*)")


@dataclass(frozen=True)
class Python:
    """A Python for Windows, as far as a wheel asks for one."""

    version: tuple[int, int]
    machine: int
    free_threaded: bool = False

    def __str__(self) -> str:
        threads = "free-threaded " if self.free_threaded else ""
        number = ".".join(map(str, self.version))
        return f"{threads}Python {number} {machine_name(self.machine)}"


def tags_of(wheel: Wheel) -> frozenset[Tag]:
    """Return the tags of a wheel: those of its name, or of its WHEEL file.

    :raises WheelError: when it has none, or all are of other systems than Windows.
    """
    from packaging.tags import parse_tag
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        tags = parse_wheel_filename(_COPY.sub("", wheel.name))[3]
    except InvalidWheelFilename:
        lines = wheel.text("WHEEL").splitlines()
        written = [line[4:].strip() for line in lines if line.startswith("Tag:")]
        named = (tag for tag in written if tag.count("-") == 2)
        tags = frozenset(tag for text in named for tag in parse_tag(text))
    if not tags:
        raise WheelError(f"{wheel.path}: does not say which Python it is for")
    platforms = sorted({tag.platform for tag in tags})
    if not any(p == "any" or p.startswith("win") for p in platforms):
        systems = dict.fromkeys(_OTHERS.get(_system(p), _system(p)) for p in platforms)
        text = f"is a wheel for {' and '.join(systems)} ({', '.join(platforms)})"
        raise WheelError(f"{wheel.path}: {text}, not for Windows")
    return tags


def fits(tags: Iterable[Tag], python: Python) -> bool:
    """Tell whether a Python takes a wheel with such tags."""
    from packaging.tags import compatible_tags, cpython_tags

    number = "".join(map(str, python.version))
    abi = f"cp{number}{'t' if python.free_threaded else ''}"
    platforms = [name for m, name in PLATFORMS.items() if m == python.machine]
    ours = {*cpython_tags(python.version, [abi], platforms)}
    ours |= {*compatible_tags(python.version, f"cp{number}", platforms)}
    return not ours.isdisjoint(tags)


def fitting(wheels: Mapping[str, frozenset[Tag]], usual: Python) -> Python:
    """Return a Python that takes all wheels, the usual one if that does.

    :param wheels: their tags, by their paths.
    :raises WheelError: when there is none.
    """
    for python in _candidates(wheels.values(), usual):
        if all(fits(tags, python) for tags in wheels.values()):
            return python
    first, *others = (f"{path} ({_shown(tags)})" for path, tags in wheels.items())
    if others:
        listed = ", ".join((first, *others))
        raise WheelError(f"no Python takes all, so ask one by one: {listed}")
    raise WheelError(f"{first}: no CPython 3 takes it")


def check(wheels: Mapping[str, frozenset[Tag]], python: Python) -> None:
    """Refuse wheels that a Python does not take.

    :raises WheelError: for the first of them.
    """
    for path, tags in wheels.items():
        if not fits(tags, python):
            raise WheelError(f"{path}: is for {_shown(tags)}, not for {python}")


def _candidates(wheels: Iterable[frozenset[Tag]], usual: Python) -> Iterator[Python]:
    versions, machines = {usual.version}, {usual.machine}
    threads = {usual.free_threaded}
    for tag in (tag for tags in wheels for tag in tags):
        named = _INTERPRETER.fullmatch(tag.interpreter)
        if named is not None and named[1] == "3" and named[2]:
            versions.add((3, int(named[2])))
        machines |= {m for m, name in PLATFORMS.items() if name == tag.platform}
        threads |= {tag.abi.startswith("cp") and tag.abi.endswith("t")}
    yield usual
    for threaded in sorted(threads):
        for machine in sorted(machines, key=lambda m: (m != usual.machine, m != X64)):
            for version in (usual.version, *sorted(versions, reverse=True)):
                yield Python(version, machine, threaded)


def _shown(tags: Iterable[Tag]) -> str:
    return ", ".join(sorted(map(str, tags)))


def _system(platform: str) -> str:
    return re.split(r"[\d_]", platform)[0]
