"""The Windows, the Python and the process as JSON-ready values, and back."""

from __future__ import annotations

from typing import Any, Final

from .._files._disk import Disk
from .._hosts._circumstances import Circumstances
from .._hosts._facts import registered_runtime_of
from .._hosts._host import Host
from .._loader._apisets import ApiSets
from .._loader._process import Process
from .._packages._environment import Environment
from .._packages._inventory import Inventory
from ._fields import Fields, SnapshotError

KINDS: Final = (
    *("python", "venv", "conda", "store", "embeddable"),
    *("pyinstaller", "cx_freeze", "nuitka", "frozen"),
)


def written_host(host: Host) -> dict[str, Any]:
    """Return what is known of a host besides its files and packages."""
    return {
        "windows": _windows(host),
        "python": _python(host),
        "process": _process(host),
        "api_sets": _api_sets(host.process.api_sets),
    }


def read_host(fields: Fields, disk: Disk, inventory: Inventory) -> Host:
    """Return a host.

    :param fields: the snapshot.
    :param disk: its files.
    :param inventory: its packages.
    :raises SnapshotError: when it is damaged.
    """
    windows, python = fields.fields("windows"), fields.fields("python")
    return Host(
        process=_read_process(fields, disk),
        environment=_read_environment(python, disk, inventory),
        windows=windows.text("name"),
        system_machine=windows.number("machine"),
        circumstances=_read_circumstances(windows),
        was_live=python.flag("running"),
        release=python.text("release", ""),
        registered=windows.text("registered_runtime", ""),
    )


def _windows(host: Host) -> dict[str, Any]:
    known = host.circumstances
    processor = known.processor
    return {
        "name": host.windows,
        "machine": host.system_machine,
        "build": known.build,
        "edition": known.edition,
        "installation": known.installation,
        "app_control": known.app_control,
        "processor": None if processor is None else sorted(processor),
        "commit": None if known.commit is None else list(known.commit),
        "variables": dict(known.variables),
        "registered_runtime": registered_runtime_of(host),
    }


def _read_circumstances(fields: Fields) -> Circumstances:
    known = "processor" in fields
    return Circumstances(
        build=fields.number("build"),
        edition=fields.text("edition"),
        installation=fields.text("installation"),
        app_control=fields.text("app_control"),
        processor=frozenset(fields.texts("processor")) if known else None,
        commit=fields.pair("commit") if "commit" in fields else None,
        variables=fields.mapped("variables"),
    )


def _python(host: Host) -> dict[str, Any]:
    environment = host.environment
    return {
        "version": list(environment.version),
        "release": host.release or None,
        "kind": environment.kind,
        "machine": environment.machine,
        "free_threaded": environment.free_threaded,
        "executable": environment.executable,
        "prefix": environment.prefix,
        "base_prefix": environment.base_prefix,
        "site": list(environment.site),
        "user": environment.user,
        "running": host.observed,
    }


def _read_environment(fields: Fields, disk: Disk, inventory: Inventory) -> Environment:
    kind = fields.text("kind")
    if kind not in KINDS:
        raise SnapshotError(f"{fields.place('kind')} is none of {', '.join(KINDS)}")
    return Environment(
        executable=fields.text("executable"),
        version=fields.pair("version"),
        machine=fields.number("machine"),
        prefix=fields.text("prefix"),
        base_prefix=fields.text("base_prefix"),
        site=fields.texts("site"),
        user=fields.text("user"),
        free_threaded=fields.flag("free_threaded"),
        kind=kind,
        disk=disk,
        inventory=inventory,
    )


def _process(host: Host) -> dict[str, Any]:
    process = host.process
    return {
        "machine": process.machine,
        "native": process.native,
        "application": process.application,
        "system": process.system,
        "windows": process.windows,
        "added": list(process.added),
        "path": list(process.path),
        "current": process.current,
        "set_directory": process.set_directory,
        "redirection": process.redirection,
        "packaged": process.packaged,
        "extension_flags": process.extension_flags,
        "loaded": dict(process.loaded),
        "known_dlls": sorted(process.known_dlls),
    }


def _read_process(fields: Fields, disk: Disk) -> Process:
    process = fields.fields("process")
    return Process(
        disk=disk,
        machine=process.number("machine"),
        native=process.number("native"),
        application=process.text("application"),
        system=process.text("system"),
        windows=process.text("windows"),
        added=process.texts("added"),
        path=process.texts("path"),
        current=process.text("current"),
        set_directory=process.text("set_directory"),
        redirection=process.text("redirection"),
        packaged=process.flag("packaged"),
        extension_flags=process.number("extension_flags"),
        loaded=process.mapped("loaded"),
        api_sets=_read_api_sets(fields.fields("api_sets")),
        known_dlls=frozenset(process.texts("known_dlls")),
    )


def _api_sets(sets: ApiSets) -> dict[str, Any]:
    """Return API sets by host, those without one by "", and the exceptions."""
    by_host: dict[str, list[str]] = {}
    others: dict[str, dict[str, str]] = {}
    for name, rows in sets.hosts.items():
        plain = [host for importer, host in rows if not importer]
        by_host.setdefault(plain[-1] if plain else "", []).append(name)
        special = {importer: host for importer, host in rows if importer}
        if special:
            others[name] = special
    return {
        "complete": not sets.assumed,
        "exact": sets.exact,
        "hosts": by_host,
        "for_importers": others,
    }


def _read_api_sets(fields: Fields) -> ApiSets:
    hosts: dict[str, tuple[tuple[str, str], ...]] = {
        name: (("", host),) if host else ()
        for host, names in fields.listed("hosts").items()
        for name in names
    }
    others = fields.fields("for_importers")
    for name in others:
        hosts[name] = (*hosts.get(name, ()), *others.mapped(name).items())
    return ApiSets(hosts, complete=fields.flag("complete"), exact=fields.flag("exact"))
