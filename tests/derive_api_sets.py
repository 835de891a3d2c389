"""Derive the API sets in dllguard/_tables/_api_set_hosts.py.

    python -m tests.derive_api_sets [--schema FILE] [--mingw DIR] [--write]

The sets and hosts are those of Wine's own apisetschema.dll, which Wine's packages
install, corrected by what a Windows 11 has: Wine's hosts are the DLLs that implement
a set in Wine, and it knows no host that depends on the importer. The corrections
are the lists below.

mingw-w64's import libraries are asked for the names of sets alone: a set that one
can link against and that the table lacks is printed and makes the run fail. The
`lib/libc/mingw/lib-common` of PyPI's ziglang has them too, as `.def` files.
"""

from __future__ import annotations

import argparse
import re
import struct
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from dllguard._files._pe import read_section
from dllguard._loader._apisets import is_api_set
from dllguard._tables._windows_names import CLEAN_WINDOWS_11_X64

GENERATED: Final = Path(__file__).parents[1] / "dllguard/_tables/_api_set_hosts.py"
SCHEMA: Final = "lib/*/wine/x86_64-windows/apisetschema.dll"
MINGW: Final = "x86_64-w64-mingw32/lib"

# Read 2026-11 in learn-more/apisets (MIT), apisetschemas/10.0.22621.2506-amd64 at
# 24528ea, which shows the schema of a Windows 11 row by row. Hosts that differ from
# Wine's; all `api-` sets that Wine lacks. A host of "" is one too: the set exists,
# and loading by its name fails.
WINDOWS_11: Final[Mapping[str, str]] = {
    "": """
        api-ms-win-coremessaging-host-l1-1 api-ms-win-coreui-secruntime-l1-1
        api-ms-win-input-ie-interactioncontext-l1-1
        api-ms-win-rtcore-minuser-private-l1-1 api-ms-win-rtcore-navigation-l1-1
        api-ms-win-rtcore-session-l1-1 api-ms-win-shell-shell32legacy-shdirectory-l1-1
    """,
    "appsruprov.dll": "api-ms-win-core-psm-info-l1-1",
    "bi.dll": "api-ms-win-core-bicltapi-l1-1",
    "clipc.dll": "api-ms-win-core-slapi-l1-1",
    "cmclient.dll": """
        api-ms-win-containers-cmclient-l1-1 api-ms-win-containers-cmclient-l1-2
        api-ms-win-containers-cmclient-l1-3 api-ms-win-containers-cmclient-l1-4
        api-ms-win-containers-cmclient-l1-5 api-ms-win-containers-cmdiagclient-l1-1
        api-ms-win-containers-cmservicingclient-l1-1
        api-ms-win-containers-cmservicingclient-l1-2
    """,
    "coml2.dll": "api-ms-win-core-com-l2-1",
    "coreprivacysettingsstore.dll": "api-ms-win-privacy-coreprivacysettingsstore-l1-1",
    "dbgcore.dll": "api-ms-win-core-debug-minidump-l1-1",
    "dwmredir.dll": "api-ms-win-composition-redirection-l1-1",
    "firewallapi.dll": "api-ms-win-net-isolation-l1-1",
    "gamemode.dll": "api-ms-win-gaming-expandedresources-l1-1",
    "gdi32full.dll": """
        api-ms-win-gdi-internal-uap-l1-1
        ext-ms-win-gdi-clipping-l1-1 ext-ms-win-gdi-dc-create-l1-1
        ext-ms-win-gdi-dc-l1-2 ext-ms-win-gdi-devcaps-l1-1 ext-ms-win-gdi-draw-l1-1
        ext-ms-win-gdi-font-l1-1 ext-ms-win-gdi-metafile-l1-1 ext-ms-win-gdi-path-l1-1
        ext-ms-win-gdi-print-l1-1 ext-ms-win-gdi-private-l1-1 ext-ms-win-gdi-rgn-l1-1
        ext-ms-win-gdi-wcs-l1-1 ext-ms-win-usp10-l1-1
    """,
    "ism.dll": "ext-ms-win-compositor-hosting-l1-1",
    "kernel.appcore.dll": """
        api-ms-win-appmodel-advertisingid-l1-1 api-ms-win-appmodel-identity-l1-2
        api-ms-win-appmodel-runtime-internal-l1-1 api-ms-win-appmodel-runtime-l1-1
        api-ms-win-appmodel-state-l1-1 api-ms-win-appmodel-state-l1-2
        api-ms-win-appmodel-unlock-l1-1 ext-ms-win-kernel32-package-current-l1-1
        ext-ms-win-kernel32-package-l1-1
    """,
    "kernel32.dll": "api-ms-win-mm-time-l1-1",
    "kernelbase.dll": """
        api-ms-win-core-commandlinetoargv-l1-1 api-ms-win-core-crt-l2-1
        api-ms-win-core-file-fromapp-l1-1 api-ms-win-core-heap-obsolete-l1-1
        api-ms-win-security-activedirectoryclient-l1-1 api-ms-win-shell-shellcom-l1-1
    """,
    "licenseprotection.dll": "api-ms-win-security-licenseprotection-l1-1",
    "ngckeyenum.dll": "api-ms-win-ngc-serialization-l1-1",
    "ntdll.dll": "api-ms-win-core-crt-l1-1",
    "ntmarta.dll": """
        api-ms-win-downlevel-advapi32-l3-1 api-ms-win-security-provider-l1-1
    """,
    "ondemandconnroutehelper.dll": "api-ms-win-networking-interfacecontexts-l1-1",
    "printrenderapihost.dll": "api-ms-onecoreuap-print-render-l1-1",
    "reguwpapi.dll": "api-ms-win-core-registry-fromapp-l1-1",
    "rmclient.dll": """
        api-ms-win-appmodel-lifecyclepolicy-l1-1 api-ms-win-ham-apphistory-l1-1
        api-ms-win-ham-hamplm-l1-1
    """,
    "storageusage.dll": "api-ms-win-storage-reserve-l1-1",
    "textinputframework.dll": """
        api-ms-win-core-textinput-client-l1-1 api-ms-win-core-textinput-client-l1-2
    """,
    "twinapi.appcore.dll": """
        api-ms-win-core-biplmapi-l1-1 api-ms-win-core-biptcltapi-l1-1
        api-ms-win-core-psm-app-l1-1 api-ms-win-core-psm-appnotify-l1-1
        api-ms-win-core-psm-plm-l1-1 api-ms-win-core-psm-plm-l1-2
        api-ms-win-core-psm-plm-l1-3 api-ms-win-core-psm-rtimer-l1-1
        api-ms-win-core-psm-tc-l1-1
    """,
    "udwm.dll": "api-ms-win-composition-windowmanager-l1-1",
    "windows.media.devices.dll": "api-ms-win-audiocore-spatial-config-l1-1",
    "windows.storage.dll": """
        api-ms-win-shell-associations-l1-1 api-ms-win-shell-changenotify-l1-1
        api-ms-win-shell-dataobject-l1-1 api-ms-win-shell-namespace-l1-1
        api-ms-win-shell-shellfolders-l1-1 api-ms-win-storage-exports-external-l1-1
        api-ms-win-storage-exports-internal-l1-1
    """,
    "windows.storage.search.dll": "api-ms-win-winrt-search-folder-l1-1",
    "winmmbase.dll": "api-ms-win-mm-misc-l1-1 api-ms-win-mm-mme-l1-1",
    "wslapi.dll": "api-ms-win-wsl-api-l1-1",
}

# Of Wine's, those that this Windows 11 has not.
NOT_IN_WINDOWS_11: Final = frozenset(
    """
    api-ms-win-core-perfstm-l1-1 api-ms-win-ntuser-dc-access-l1-1
    ext-ms-win-advapi32-eventingcontroller-l1-1
    """.split()
)

# Column "Special forwarder" of that page: importer and host.
FOR_IMPORTERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "api-ms-win-core-appinit-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "api-ms-win-core-io-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "api-ms-win-core-processsecurity-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "api-ms-win-core-processthreads-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "api-ms-win-core-util-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "ext-ms-win-kernel32-errorhandling-l1-1": (("kernel32.dll", "faultrep.dll"),),
}


def wine_hosts(schema: Path) -> dict[str, str]:
    """Default host by set, as Wine's apisetschema.dll has them (layout 6).

    Read here once more, field by field, so that the table does not rest on the
    reader that it is compared with.
    """
    data = read_section(str(schema), ".apiset")
    if data is None:
        sys.exit(f"{schema}: has no section .apiset")
    version, _, _, count, entries = struct.unpack_from("<5I", data)
    if version != 6:
        sys.exit(f"{schema}: version {version} of the schema")

    def text(at: int, size: int) -> str:
        return data[at : at + size].decode("utf-16-le").lower()

    hosts = {}
    for i in range(count):
        fields = struct.unpack_from("<6I", data, entries + 24 * i)
        _, name_at, _, hashed, values_at, values = fields
        host = ""
        if values:
            host = text(*struct.unpack_from("<2I", data, values_at + 12))
        hosts[text(name_at, hashed)] = host
    return hosts


def windows_11_hosts(wine: Mapping[str, str]) -> dict[str, str]:
    """Correct Wine's hosts, and leave out those that are not in the table of names."""
    hosts = {name: host for name, host in wine.items() if name not in NOT_IN_WINDOWS_11}
    for host, names in WINDOWS_11.items():
        hosts |= dict.fromkeys(names.split(), host)
    known = {*CLEAN_WINDOWS_11_X64, ""}
    return {name: host for name, host in hosts.items() if host in known}


def mingw_sets(folder: Path) -> set[str]:
    """Collect the sets that import libraries name, without their last number."""
    pattern = re.compile(rb"(?:api|ext)-[\w-]+\.dll", re.IGNORECASE)
    found = {path.stem.lower().removeprefix("lib") for path in folder.glob("*.def")}
    for path in folder.glob("*.a"):
        names = set(pattern.findall(path.read_bytes()))
        found |= {name.decode().lower().removesuffix(".dll") for name in names}
    return {name.rpartition("-")[0] for name in found if is_api_set(name)}


def render(hosts: Mapping[str, str], text: str) -> str:
    """Put the sets into the generated file."""
    by_host: dict[str, list[str]] = {}
    for name, host in hosts.items():
        by_host.setdefault(host, []).append(name)
    rows = "".join(_row(host, by_host[host]) for host in sorted(by_host))
    text, tables = re.subn(
        r"(SETS_BY_HOST\b[^{]*\{\n).*?(^\}$)",
        lambda match: f"{match[1]}{rows}{match[2]}",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    others = "".join(
        f'    "{name}": (("{importer}", "{host}"),),\n'
        for name, ((importer, host),) in sorted(FOR_IMPORTERS.items())
    )
    text, importers = re.subn(
        r"(HOSTS_FOR_IMPORTERS\b[^{]*\{\n).*?(^\}$)",
        lambda match: f"{match[1]}{others}{match[2]}",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    if (tables, importers) != (1, 1):
        sys.exit(f"{GENERATED.name}: expected one table of each name")
    return text


def _row(host: str, names: Iterable[str]) -> str:
    first, *others = sorted(names)
    line = f'    "{host}": frozenset({{"{first}"}}),\n'
    if not others and len(line) <= 89:
        return line
    block = textwrap.fill(
        " ".join([first, *others]),
        width=88,
        initial_indent="        ",
        subsequent_indent="        ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    end = '        """.split()\n    ),\n'
    return f'    "{host}": frozenset(\n        """\n{block}\n{end}'


def find(pattern: str) -> Path | None:
    """Find what the distribution's packages install."""
    return next(iter(sorted(Path("/usr").glob(pattern))), None)


def main() -> int:
    """Compare the sources, and write the table when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--schema", type=Path, help="Wine's apisetschema.dll")
    parser.add_argument("--mingw", type=Path, help="folder of mingw-w64's libraries")
    parser.add_argument("--write", action="store_true", help="rewrite the table")
    options = parser.parse_args()
    write = sys.stdout.write

    schema = options.schema or find(SCHEMA)
    if schema is None:
        write("Wine is not installed; give its apisetschema.dll with --schema\n")
        return 2
    wine = wine_hosts(schema)
    hosts = windows_11_hosts(wine)
    corrected = sum(wine.get(name) != host for name, host in hosts.items())
    write(
        f"{len(hosts)} sets; Wine has {len(wine)}, of Windows 11 alone: {corrected}\n"
    )
    left_out = sorted(wine.keys() - hosts.keys())
    write(f"left out of Wine's: {' '.join(left_out)}\n")
    mingw = options.mingw or find(MINGW)
    lacking = sorted(mingw_sets(mingw) - hosts.keys()) if mingw else []
    if mingw:
        write(f"sets that one can link against and the table lacks: {len(lacking)}\n")
        write("".join(f"    {name}\n" for name in lacking))
    else:
        write("mingw-w64: not installed, not checked\n")
    if lacking:
        return 1
    if options.write:
        text = GENERATED.read_text(encoding="utf-8")
        GENERATED.write_bytes(render(hosts, text).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
