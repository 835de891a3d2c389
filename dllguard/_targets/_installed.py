"""A host after packages have been installed into its Python, which stays as it is."""

from __future__ import annotations

import os
from dataclasses import replace

from .._files._disk import Disk
from .._hosts._host import Host
from .._hosts._pythons import site_packages
from .._packages._added import start_up_folders
from .._paths import base_name, folder_of


def with_prefix(host: Host, prefix: str) -> Host:
    r"""Return a host whose Python has the packages of a folder, and no others.

    What lies in the folder itself would lie beside python.exe, as the files of
    msvc-runtime do: an installer puts the data of a wheel there.

    :param host: the host before.
    :param prefix: a folder with `Lib\site-packages`.
    """
    found = with_site(host.opened(prefix), *site_packages(prefix))
    environment = replace(found.environment, prefix=prefix, base_prefix=prefix)
    process = found.process
    application = process.application
    if any(os.path.isfile(os.path.join(prefix, name)) for name in os.listdir(prefix)):
        disk = _Beside(process.disk, application, prefix)
        loaded = {
            name: disk.find(application, base_name(path)) or path
            if folder_of(path) == application
            else path
            for name, path in process.loaded.items()
        }
        process = replace(process, disk=disk, loaded=loaded)
    return replace(found, process=process, environment=environment)


def with_site(host: Host, *site: str) -> Host:
    """Return a host whose Python has the packages of some folders, and no others.

    :param host: the host before.
    :param site: folders like site-packages.
    """
    host = host.opened(*site)
    environment = replace(host.environment, site=site)
    started = reversed(start_up_folders(environment))
    added = tuple(dict.fromkeys((*host.process.added, *started)))
    return replace(
        host, process=replace(host.process, added=added), environment=environment
    )


def on_windows_of(host: Host, windows: Host) -> Host:
    """Return a host whose Python runs on the Windows of another.

    :param host: the one with the Python.
    :param windows: the one with the Windows, for a Python of the same machine type.
    """
    environment, python = host.environment, host.process
    folders = (environment.prefix, environment.base_prefix, *environment.site)
    windows = windows.opened(*folders, python.application, *python.added)
    system = windows.process
    loaded = {}
    for name, path in python.loaded.items():
        ours: str | None = path
        if folder_of(path) == python.system:
            ours = system.disk.find(system.system, base_name(path))
        if ours is not None:
            loaded[name] = ours
    process = replace(
        python,
        disk=system.disk,
        system=system.system,
        windows=system.windows,
        native=system.native,
        api_sets=system.api_sets,
        known_dlls=system.known_dlls,
        loaded=loaded,
        path=(*python.path, *(system.path if windows.observed else ())),
    )
    # Of another machine, nothing is known of the packages that lie here.
    own = windows.environment
    environment = replace(environment, disk=own.disk, inventory=own.inventory)
    return replace(
        windows,
        process=process,
        environment=environment,
        live=False,
        was_live=False,
        release=host.release,
    )


class _Beside(Disk):
    """The files of a disk, and in one folder of it those of another folder as well."""

    def __init__(self, disk: Disk, folder: str, other: str) -> None:
        super().__init__()
        # What the other one knows and has read is known here.
        vars(self).update(vars(disk))
        self._disk = disk
        self._folder, self._other = folder, other

    def opened(self, *folders: str) -> Disk:
        """Return a disk that has some folders of this machine as well."""
        return _Beside(self._disk.opened(*folders), self._folder, self._other)

    def find(self, folder: str, name: str) -> str | None:
        """Return the full path of `name` in `folder`, or None."""
        if folder == self._folder:
            found = self._disk.find(self._other, name)
            if found is not None:
                return found
        return self._disk.find(folder, name)

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the file names in a folder, sorted without regard to case."""
        found = super().names(folder)
        if folder != self._folder:
            return found
        both = {name.lower(): name for name in (*found, *super().names(self._other))}
        return tuple(both[key] for key in sorted(both))
