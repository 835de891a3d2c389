"""What an issue report needs to know of a host, on one screen."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Final

from .._model import machine_name, version_text
from .._tables._redistributables import PRODUCTS
from ._host import Host

# By `Environment.kind`, for people.
_KINDS: Final[Mapping[str, str]] = {
    "python": "installed",
    "venv": "venv",
    "conda": "conda",
    "store": "Microsoft Store",
    "embeddable": "embeddable package",
    "pyinstaller": "PyInstaller application",
    "cx_freeze": "cx_Freeze application",
    "nuitka": "Nuitka application",
    "frozen": "frozen application",
}


def host_dict(host: Host) -> dict[str, object]:
    """Return a host as JSON-ready values.

    :param host: a live, offline or built-in host.
    """
    environment, process = host.environment, host.process
    return {
        "windows": {
            "name": host.windows,
            "machine": machine_name(host.system_machine),
            "system": process.system,
            "edition": host.circumstances.edition or None,
            "installation": host.circumstances.installation or None,
            "app_control": host.circumstances.app_control or None,
            "processor": _processor(host),
        },
        "python": {
            "version": _python_version(host),
            "executable": environment.executable,
            "machine": machine_name(environment.machine),
            "kind": _KINDS[environment.kind],
            "application": process.application,
            "site": list(environment.site),
        },
        "runtimes": [
            {"name": name, "version": version, "path": path}
            for name, version, path in _runtimes(host)
        ],
        "registered_runtime": registered_runtime_of(host),
        "search": [
            {"path": folder.path, "role": folder.role.value}
            for folder in process.search_list("")
        ],
    }


def host_text(host: Host) -> str:
    """Return a host as text for an issue report."""
    environment, process = host.environment, host.process
    python = f"{_python_version(host)} {machine_name(environment.machine)}"
    lines = [
        f"windows:  {host.windows}, {machine_name(host.system_machine)}",
        *_circumstances(host),
        f"python:   {python}, {_KINDS[environment.kind]}",
        # `python` says nothing of a Python that does not run here; its folder does.
        f"          {environment.executable if host.observed else environment.prefix}",
        "visual c++ runtimes:",
    ]
    rows = [f"    {n:26} {v or '-':16} {p}" for n, v, p in _runtimes(host)]
    lines += rows or ["    none found"]
    registered = registered_runtime_of(host)
    if registered:
        lines.append(f"    registry: v14 redistributable {registered}")
    lines.append("searched for the DLLs of an extension module, in this order:")
    lines.append("    the folder of the extension module itself")
    for folder in process.search_list(""):
        lines.append(f"    {folder.path}   ({folder.role.value})")
    count = f", {len(process.path)} folders" if host.observed else ""
    lines.append(f"not searched: PATH{count}")
    return "\n".join(lines)


def _runtimes(host: Host) -> Iterator[tuple[str, str | None, str]]:
    process = host.process
    for folder in dict.fromkeys((process.application, *process.added, process.system)):
        for name in sorted(PRODUCTS):
            path = process.disk.find(folder, name)
            if path is not None:
                version = process.disk.version(path)
                yield name, version_text(version) if version else None, path


def _python_version(host: Host) -> str:
    return host.release or ".".join(map(str, host.environment.version))


def _circumstances(host: Host) -> Iterator[str]:
    """Yield what is known of the machine besides its name."""
    known = host.circumstances
    if known.edition or known.installation:
        parts = (known.edition, known.installation)
        yield f"          edition {', '.join(filter(None, parts))}"
    if known.app_control:
        yield f"          Smart App Control: {known.app_control}"
    if known.processor is not None:
        yield f"          processor: {', '.join(_processor(host) or ('no AVX',))}"


def _processor(host: Host) -> list[str] | None:
    known = host.circumstances.processor
    return None if known is None else sorted(known)


def registered_runtime_of(host: Host) -> str | None:
    """Return the v14 redistributable that the registry claims is installed."""
    if host.registered:
        return host.registered
    if sys.platform != "win32" or not host.live:
        return None
    from ._win32 import registered_runtime

    return registered_runtime(machine_name(host.environment.machine).lower())
