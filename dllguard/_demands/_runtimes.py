"""Which runtimes of Microsoft's compilers files demand, and how new ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from .._model import ARM64, X64, X86, Assembly, machine_name, version_text
from .._tables._redistributables import (
    ASSEMBLIES,
    BUILD_TOOLS_ONLY,
    CONSTEXPR_MUTEX,
    DEBUG_RUNTIME,
    PRODUCTS,
    RELEASES,
    SINCE,
    V14,
    Product,
)
from .._verdict import Remedy
from ._asked import Asked, Native
from ._need import Need, Proof, in_order

_ARCHITECTURES: Final = {X86: "x86", X64: "x64", ARM64: "arm64"}
_FIRST: Final = (14, 0)
_RUNTIMES: Final = r"SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes"
_SILENTLY: Final = "/install /quiet /norestart"
# python.org's installer brings them (delvewheel 1.13.2, ignore_by_abi_platform).
_OF_PYTHON: Final = {"vcruntime140.dll": (3, 5), "vcruntime140_1.dll": (3, 9)}


def of_runtimes(
    asked: Collection[Asked],
    assemblies: Iterable[tuple[Native, Assembly]],
    python: tuple[int, int] | None,
    machine: int,
) -> Iterator[Need]:
    """Yield the redistributables that files need, and what is in none.

    :param asked: what they ask for.
    :param assemblies: the side-by-side assemblies of their manifests.
    :param python: the oldest Python that they are for, None where they are for none.
    :param machine: their machine type, which is that of the redistributable.
    """
    asked = [a for a in asked if a.how != "names" and not _is_of_python(a.key, python)]
    for optional in (False, True):
        some = [a for a in asked if a.optional is optional]
        v14 = [a for a in some if PRODUCTS.get(a.key) is V14]
        if v14:
            yield _v14(v14, machine, optional=optional)
        older: dict[Product, list[Proof]] = {}
        for one in some:
            product = PRODUCTS.get(one.key, V14)
            if product is not V14:
                proof = Proof(one.native.path, one.text)
                older.setdefault(product, []).append(proof)
        for native, assembly in assemblies:
            if native.optional is optional:
                for product, proof in _of_assembly(native, assembly):
                    older.setdefault(product, []).append(proof)
        for product, proofs in older.items():
            yield _older(product, proofs, machine, optional=optional)
        yield from _in_none(some, optional=optional)


def with_last_for_older(runtimes: Iterable[Need], machine: int) -> Iterator[Need]:
    """Yield runtimes with the last redistributable for Windows 7 to 8.1 named.

    :param runtimes: those that files need which run on such a Windows.
    """
    url = V14.url_before_10.format(arch=_ARCHITECTURES.get(machine, "x64"))
    note = f"the current one is for Windows 10 and later; for 7 to 8.1 take {url}"
    for need in runtimes:
        # Windows for ARM64 began with 10.
        is_v14 = need.title == V14.name and machine != ARM64
        yield replace(need, note=note) if is_v14 else need


def _is_of_python(name: str, python: tuple[int, int] | None) -> bool:
    first = _OF_PYTHON.get(name)
    return first is not None and python is not None and python >= first


def _v14(asked: Collection[Asked], machine: int, *, optional: bool) -> Need:
    proofs = in_order(p for one in asked for p in _reasons(one))
    lowest = proofs[0].rank[:2]
    architecture = machine_name(machine)
    name = f"{V14.name}, {architecture}"
    number = ""
    if lowest > _FIRST:
        number = f"{lowest[0]}.{lowest[1]:02}"
        name += f", {number} or newer"
    return Need(
        kind="redistributable",
        name=name,
        lowest=number,
        proofs=proofs,
        optional=optional,
        ways=_ways(V14, machine),
        title=V14.name,
        container=_container(machine),
    )


def _reasons(one: Asked) -> Iterator[Proof]:
    """Yield what an import of the v14 runtime says of its age.

    "C++ binary compatibility": a runtime must be at least as new as the toolset of
    those that use it. The linker's version counts by its tens: 14.51 runtime files
    carry linker version 14.50.
    """
    path = one.native.path
    since = SINCE.get(one.key)
    came = ""
    if since is not None:
        came = f", which came with {since[0]}.{since[1]} ({RELEASES[since]})"
    yield Proof(path, one.text + came, since or _FIRST)
    if one.key.startswith("vcruntime140"):
        # A process gets Python's own copy, mostly an older one, which serves.
        return
    major, minor = one.image.linker
    if one.key == "msvcp140.dll" and _has_constexpr_mutex(one):
        text = "locks std::mutex in the form of toolset 14.40, which crashes with an "
        text += "older msvcp140.dll (microsoft/STL#4730)"
        yield Proof(path, text, (*CONSTEXPR_MUTEX, 1))
    if major == _FIRST[0] and minor >= 10:
        text = f"was built with toolset 14.{minor}, and uses {one.name}"
        yield Proof(path, text, (14, minor // 10 * 10))


def _has_constexpr_mutex(one: Asked) -> bool:
    # As in `_causes._runtime`: the constructor is not called, the lock is.
    return "_Mtx_lock" in one.symbols and "_Mtx_init_in_situ" not in one.symbols


def _of_assembly(native: Native, assembly: Assembly) -> Iterator[tuple[Product, Proof]]:
    for part, product in ASSEMBLIES.items():
        if part in assembly.name:
            number = version_text(assembly.version)
            text = f"depends on the assembly {assembly.name} {number}"
            yield product, Proof(native.path, text)


def _older(
    product: Product, proofs: Iterable[Proof], machine: int, *, optional: bool
) -> Need:
    return Need(
        kind="redistributable",
        name=f"{product.name}, {machine_name(machine)}",
        proofs=in_order(proofs),
        optional=optional,
        note="there is none for ARM64." if machine == ARM64 else "",
        ways=_ways(product, machine),
    )


def _ways(product: Product, machine: int) -> tuple[Remedy, ...]:
    """Return the lines for one machine, and those for an installer."""
    arch = _ARCHITECTURES.get(machine, "x64")
    if machine == ARM64 and product is not V14:
        return ()
    winget = f"winget install --id {product.winget}.{arch} -e"
    url = product.url.format(arch=arch)
    if product is not V14:
        return (Remedy("on one machine:", (winget,)), Remedy(f"by hand, from {url}"))
    return (
        Remedy("on one machine:", (winget,)),
        Remedy(
            # "Windows Installer error messages" (Microsoft): 1638 and 3010.
            f"in an installer, with {url} (exit code 0: done; 1638: another one is "
            "there, usually a newer one; 3010: done, Windows asks for a restart):",
            (f"vc_redist.{arch}.exe {_SILENTLY}",),
        ),
        Remedy(
            # "Redistribute Visual C++ Files" (Microsoft).
            "to see which one a machine has, before that:",
            (rf"reg query HKLM\{_RUNTIMES}\{arch} /v Version",),
        ),
    )


def _container(machine: int) -> tuple[str, ...]:
    """Return the lines of a Dockerfile that install the v14 redistributable.

    "Install Build Tools into a container" (Microsoft): 3010 asks for a restart, which
    a container does without.
    """
    arch = _ARCHITECTURES.get(machine, "x64")
    file = f"vc_redist.{arch}.exe"
    return (
        f"ADD {V14.url.format(arch=arch)} C:/{file}",
        f'RUN start /wait C:\\{file} {_SILENTLY} || IF "%ERRORLEVEL%"=="3010" EXIT 0',
    )


def _in_none(asked: Iterable[Asked], *, optional: bool) -> Iterator[Need]:
    tools = [a for a in asked if a.key in BUILD_TOOLS_ONLY]
    debug = [a for a in asked if re.fullmatch(DEBUG_RUNTIME, a.key)]
    rows = (
        (tools, "the C++ build tools of Visual Studio", "bring it along"),
        (debug, "a debug runtime, which may not be passed on", "build for release"),
    )
    for found, name, way in rows:
        if found:
            yield Need(
                kind="runtime",
                name=name,
                proofs=in_order(Proof(a.native.path, a.text) for a in found),
                optional=optional,
                note=f"no redistributable has it; {way}.",
            )
