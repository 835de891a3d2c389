"""Built-in hosts by name, with the Python that a target asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .._hosts._built_in import built_in
from .._hosts._host import Host
from .._model import ARM64, X64, X86
from ._selection import HostFor
from ._tags import Python

_MACHINES: Final[Mapping[int, str]] = {X86: "x86", X64: "x64", ARM64: "arm64"}


def host_named(name: str, added: Sequence[str] = ()) -> HostFor:
    """Return what makes the host of a name, with any Python that this leaves open.

    :param name: as `built_in` has them; its own `+python=` and `+x86` stay.
    :param added: folders that the program adds with `os.add_dll_directory`.
    """

    def make(python: Python | None) -> Host:
        words = name.lower().split("+")
        if python is not None and not any(w.startswith("python=") for w in words):
            number = ".".join(map(str, python.version))
            words.append(f"python={number}{'t' * python.free_threaded}")
        machine = _MACHINES.get(python.machine) if python is not None else None
        if machine and not any(w in _MACHINES.values() for w in words):
            words.append(machine)
        return built_in("+".join(words), added=added)

    return make
