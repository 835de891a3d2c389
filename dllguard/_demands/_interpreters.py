"""Which Python files demand: its release, the kind of its ABI, its architecture."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Final

from .._model import ARM64, X64, X86, Image, machine_name
from .._packages._distribution import Distribution, text_of
from .._paths import base_name
from ._asked import Asked, Native
from ._need import Need, Proof, in_order

_TAG: Final = re.compile(r"\.cp(\d)(\d+)(t?)-[a-z0-9_]+\.pyd$", re.IGNORECASE)
_DLL: Final = re.compile(r"python(\d)(\d+)(t?)\.dll")
_STABLE: Final = re.compile(r"python3(t?)\.dll")
_WHEEL_TAG: Final = re.compile(r"^Tag: cp(\d)(\d+)-abi3", re.MULTILINE)
_BITS: Final = {X86: "32-bit (x86)", X64: "64-bit (x64)", ARM64: "ARM64"}

_Version = tuple[int, int, bool]


@dataclass(frozen=True)
class PythonNeed:
    """What is known of the Python.

    :param lowest: the oldest that serves, None where nothing asks for one.
    """

    needs: tuple[Need, ...] = ()
    lowest: tuple[int, int] | None = None


def of_python(
    files: Collection[tuple[Native, Image]],
    asked: Collection[Asked],
    distributions: Sequence[Distribution],
) -> PythonNeed:
    """Return the Python that files are for.

    :param files: the native files of a target.
    :param asked: what they ask for.
    :param distributions: those that the files belong to.
    """
    exact = _exact(files, asked)
    stable = [a for a in asked if _STABLE.fullmatch(a.key)]
    lowest = _lowest_stable(distributions)
    if exact:
        return _of_one_release(exact, stable)
    if not stable:
        return PythonNeed()
    threaded = any(a.key == "python3t.dll" for a in stable)
    first = (3, 15) if threaded else lowest
    name = "CPython with the stable ABI"
    number = ""
    if first is not None:
        number = ".".join(map(str, first))
        name = f"CPython {number} or later"
    need = Need(
        kind="python",
        name=name,
        lowest=number,
        proofs=_stable_proofs(stable),
        note=""
        if threaded
        else "the stable ABI serves all later releases, but no free-threaded one.",
    )
    return PythonNeed((need,), first)


def of_architecture(
    files: Collection[tuple[Native, Image]], machine: int | None
) -> Iterator[Need]:
    """Yield the architecture that the program which loads files must have."""
    fitting = [n for n, image in files if image.machine == machine]
    if machine is None or not fitting:
        return
    fitting.sort(key=lambda n: not n.path.lower().endswith(".pyd"))
    text = f"is a file for {machine_name(machine)}"
    notes = {
        X64: "on Windows 11 for ARM64 an x64 Python runs as well.",
        X86: "on 64-bit Windows a 32-bit Python is needed.",
    }
    yield Need(
        kind="architecture",
        name=f"{_BITS.get(machine, machine_name(machine))} Python",
        lowest=machine_name(machine),
        proofs=tuple(Proof(native.path, text) for native in fitting),
        note=" ".join(
            filter(None, (notes.get(machine, ""), _left_out(files, machine)))
        ),
    )


def _left_out(files: Iterable[tuple[Native, Image]], machine: int) -> str:
    others = [i.machine for _, i in files if i.machine != machine and not i.il_only]
    if not others:
        return ""
    names = " and ".join(sorted({machine_name(other) for other in others}))
    count = f"{len(others)} file{'s' if len(others) > 1 else ''}"
    return f"{count} for {names} {'are' if len(others) > 1 else 'is'} not counted."


def _exact(
    files: Iterable[tuple[Native, Image]], asked: Iterable[Asked]
) -> dict[_Version, list[Proof]]:
    found: dict[_Version, list[Proof]] = {}
    for native, _ in files:
        tag = _TAG.search(native.path)
        if tag is not None:
            proof = Proof(
                native.path, f"has {tag[0][1:].partition('-')[0]} in its name"
            )
            found.setdefault(_version(tag), []).append(proof)
    for one in asked:
        dll = _DLL.fullmatch(one.key)
        if dll is not None and one.how == "imports":
            proof = Proof(one.native.path, one.text)
            found.setdefault(_version(dll), []).append(proof)
    return found


def _of_one_release(
    exact: dict[_Version, list[Proof]], stable: Iterable[Asked]
) -> PythonNeed:
    ordered = sorted(exact)
    names = [f"{a}.{b}{'t' if t else ''}" for a, b, t in ordered]
    name = f"CPython {' or '.join(names)}"
    note = "each file is for one of these releases."
    if len(names) == 1:
        note = "another release of Python needs another build of these files."
    if any(threaded for _, _, threaded in ordered):
        note += " A t marks the free-threaded builds."
    proofs = [proof for version in ordered for proof in exact[version][:1]]
    proofs += [proof for version in ordered for proof in exact[version][1:]]
    need = Need(
        kind="python",
        name=name,
        lowest=names[0].removesuffix("t"),
        proofs=tuple(dict.fromkeys((*proofs, *_stable_proofs(stable)))),
        note=note,
    )
    return PythonNeed((need,), ordered[0][:2])


def _stable_proofs(stable: Iterable[Asked]) -> tuple[Proof, ...]:
    return in_order(Proof(a.native.path, a.text) for a in stable)


def _version(match: re.Match[str]) -> _Version:
    return int(match[1]), int(match[2]), bool(match[3])


def _lowest_stable(distributions: Iterable[Distribution]) -> tuple[int, int] | None:
    """Return the highest of the lowest releases that wheels for the stable ABI name."""
    found = []
    for distribution in distributions:
        if not any(
            base_name(f.path).lower().endswith(".pyd") for f in distribution.natives
        ):
            continue
        installed = metadata.distributions(
            name=distribution.name, path=[distribution.site]
        )
        tags = [
            t for one in installed for t in _WHEEL_TAG.findall(text_of(one, "WHEEL"))
        ]
        found += (
            [min((int(major), int(minor)) for major, minor in tags)] if tags else []
        )
    return max(found, default=None)
