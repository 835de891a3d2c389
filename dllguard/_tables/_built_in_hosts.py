"""The Windows that a host can be named after, and what each is without. Data only.

Builds: "Windows 10 release information", "Windows 11 release information" and "Windows
Server release information" (Microsoft); of Windows 7 and 8, "Operating System Version".
When a DLL, an API set or a function came, `_windows_names` and `_windows_releases` say;
what they do not say counts as present. All sources were read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ._windows_features import MEDIA_FOUNDATION, NANO_LACKS

Kind = Literal["Client", "Server", "Nano Server"]


@dataclass(frozen=True)
class Release:
    """One Windows.

    :param title: what people call it.
    :param build: its build number.
    :param kind: InstallationType of the registry; a client has an N edition besides,
        a server Server Core.
    """

    title: str
    build: int
    kind: Kind = "Client"


_NANO: Final = "Nano Server"

RELEASES: Final[Mapping[str, Release]] = {
    "win7": Release("Windows 7 SP1", 7601),
    "win8": Release("Windows 8", 9200),
    "win8.1": Release("Windows 8.1", 9600),
    # The last one, which most of those that are left have.
    "win10": Release("Windows 10 22H2", 19045),
    "win10-1507": Release("Windows 10 1507", 10240),
    "win10-1511": Release("Windows 10 1511", 10586),
    "win10-1607": Release("Windows 10 1607", 14393),
    "win10-1703": Release("Windows 10 1703", 15063),
    "win10-1709": Release("Windows 10 1709", 16299),
    "win10-1803": Release("Windows 10 1803", 17134),
    "win10-1809": Release("Windows 10 1809", 17763),
    "win10-1903": Release("Windows 10 1903", 18362),
    "win10-1909": Release("Windows 10 1909", 18363),
    "win10-2004": Release("Windows 10 2004", 19041),
    "win10-20h2": Release("Windows 10 20H2", 19042),
    "win10-21h1": Release("Windows 10 21H1", 19043),
    "win10-21h2": Release("Windows 10 21H2", 19044),
    "win10-22h2": Release("Windows 10 22H2", 19045),
    # The one whose DLLs and API sets the tables list.
    "win11": Release("Windows 11 22H2", 22621),
    "win11-21h2": Release("Windows 11 21H2", 22000),
    "win11-22h2": Release("Windows 11 22H2", 22621),
    "win11-23h2": Release("Windows 11 23H2", 22631),
    "win11-24h2": Release("Windows 11 24H2", 26100),
    "server2016": Release("Windows Server 2016", 14393, "Server"),
    "server2019": Release("Windows Server 2019", 17763, "Server"),
    "server2022": Release("Windows Server 2022", 20348, "Server"),
    "server2025": Release("Windows Server 2025", 26100, "Server"),
    "nanoserver": Release("Windows Server 2022", 20348, _NANO),
    "nanoserver-2019": Release("Windows Server 2019", 17763, _NANO),
    "nanoserver-2022": Release("Windows Server 2022", 20348, _NANO),
    "nanoserver-2025": Release("Windows Server 2025", 26100, _NANO),
}
"""By the name that the host has on the command line."""

N_LACKS: Final = MEDIA_FOUNDATION
"""What N editions are sold without. Windows Server with a desktop has it once the
feature is turned on (opencv/opencv-python#261), and a clean one has not."""

CORE_LACKS: Final = MEDIA_FOUNDATION | frozenset(
    #   avicap32, msvfw32      microsoft/containerregistry#122, moby/moby#35608
    #   opengl32               docker-library/python#956
    #   t2embed                microsoft/Windows-Containers#266
    #   oledlg                 microsoft/aspnet-docker#68
    #   Media Foundation       docker-library/python#704
    "avicap32.dll msvfw32.dll oledlg.dll opengl32.dll t2embed.dll".split()
)
"""What is known to be missing from the image of Server Core."""

NANO_SERVER_LACKS: Final = CORE_LACKS | NANO_LACKS
"""What is known to be missing from the image of Nano Server; far more is."""

FIRST_ON_ARM64: Final[Mapping[Kind, int]] = {"Client": 16299, "Server": 26100}
"""The first build for ARM64: Windows 10 1709, Windows Server 2025."""

UNIVERSAL_CRT_FILES: Final = tuple(
    # "Universal CRT deployment"; those of `_windows_releases.UNIVERSAL_CRT` besides.
    f"api-ms-win-crt-{name}-l1-1-0.dll"
    for name in (
        "conio convert environment filesystem heap locale math multibyte private"
        " process runtime stdio string time utility"
    ).split()
)
"""What update KB2999226 puts into System32 before Windows 10, besides ucrtbase.dll.
Python 3.5 and later do not start without it."""

API_SETS_OF_WINDOWS_7: Final = frozenset(
    # learn-more/apisets (MIT), 6.1.7601.23455-AMD64.
    f"api-ms-win-{name}"
    for name in """
    core-console-l1-1-0 core-datetime-l1-1-0 core-debug-l1-1-0 core-delayload-l1-1-0
    core-errorhandling-l1-1-0 core-fibers-l1-1-0 core-file-l1-1-0 core-handle-l1-1-0
    core-heap-l1-1-0 core-interlocked-l1-1-0 core-io-l1-1-0 core-libraryloader-l1-1-0
    core-localization-l1-1-0 core-localregistry-l1-1-0 core-memory-l1-1-0
    core-misc-l1-1-0 core-namedpipe-l1-1-0 core-processenvironment-l1-1-0
    core-processthreads-l1-1-0 core-profile-l1-1-0 core-rtlsupport-l1-1-0
    core-string-l1-1-0 core-synch-l1-1-0 core-sysinfo-l1-1-0 core-threadpool-l1-1-0
    core-ums-l1-1-0 core-util-l1-1-0 core-xstate-l1-1-0 security-base-l1-1-0
    security-lsalookup-l1-1-0 security-sddl-l1-1-0 service-core-l1-1-0
    service-management-l1-1-0 service-management-l2-1-0 service-winsvc-l1-1-0
    """.split()
)
"""All that Windows 7 SP1 has, where the last number counts."""

REDISTRIBUTABLES: Final[Mapping[tuple[int, int], tuple[int, int]]] = {
    # microsoft/winget-pkgs, Microsoft.VCRedist.2015+.x64: the last one of each.
    (14, 0): (24516, 0),
    (14, 16): (27027, 1),
    (14, 20): (27404, 0),
    (14, 24): (28127, 4),
    (14, 26): (28720, 3),
    (14, 27): (29112, 0),
    (14, 28): (29914, 0),
    (14, 29): (30139, 0),
    (14, 30): (30704, 0),
    (14, 31): (31103, 0),
    (14, 32): (31332, 0),
    (14, 34): (31938, 0),
    (14, 36): (32532, 0),
    (14, 38): (33135, 0),
    (14, 40): (33816, 0),
    (14, 42): (34438, 0),
    (14, 44): (35211, 0),
    (14, 50): (35719, 0),
    (14, 51): (36247, 0),
}
"""Build and revision of the v14 redistributables by the first two numbers."""

REDISTRIBUTABLE_OF_10: Final = (14, 50)
"""The first v14 redistributable that is for Windows 10 and later alone ("Microsoft
Visual C++ Redistributable latest supported downloads", Visual Studio 2026)."""

NOT_ON_X86: Final = frozenset({"vcruntime140_1.dll"})
"""Parts of the v14 runtime that the x86 one has not: 32-bit code does without that
form of exception handling (conda-forge/vc-feedstock)."""
