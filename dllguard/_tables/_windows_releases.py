"""Which Windows brought which DLL function and API set. Data only.

When a DLL came, `_windows_names.MINIMUM_WINDOWS` says. All sources were read 2026-11:
Microsoft's pages on the functions, section "Requirements", "Minimum supported client",
as far as no other source stands beside a row; the schemas of apisetschema.dll of
Windows 7 SP1 and Windows 8 as learn-more/apisets (MIT) shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RELEASES: Final[tuple[tuple[int, str], ...]] = (
    # The first build of each; "Operating System Version" and "Windows 10 release
    # information" (Microsoft).
    (2600, "XP"),
    (6000, "Vista"),
    (7600, "7"),
    (9200, "8"),
    (9600, "8.1"),
    (10240, "10"),
    (10586, "10 1511"),
    (14393, "10 1607"),
    (15063, "10 1703"),
    (16299, "10 1709"),
    (17134, "10 1803"),
    (17763, "10 1809"),
    (18362, "10 1903"),
    (19041, "10 2004"),
    (22000, "11"),
)

SERVERS: Final[tuple[tuple[int, str], ...]] = (
    # "Windows Server release information" (Microsoft).
    (7600, "Server 2008 R2"),
    (9200, "Server 2012"),
    (9600, "Server 2012 R2"),
    (14393, "Server 2016"),
    (17763, "Server 2019"),
    (20348, "Server 2022"),
    (26100, "Server 2025"),
)

LAST_PYTHON: Final[Mapping[str, tuple[int, int]]] = {
    # "Using Python on Windows" (Python documentation), as python/cpython#124822 has it;
    # XP: PEP 11.
    "XP": (3, 4),
    "Vista": (3, 6),
    "7": (3, 8),
    "8": (3, 8),
    "8.1": (3, 12),
}
"""The last Python that supports a Windows which later ones do not."""

FUNCTIONS_SINCE: Final[Mapping[tuple[str, str], str]] = {
    # Also zeromq/pyzmq#521.
    ("iphlpapi.dll", "ConvertLengthToIpv4Mask"): "Vista",
    # Also zeromq/libzmq#3693, zeromq/libzmq#1880.
    ("iphlpapi.dll", "if_indextoname"): "Vista",
    ("iphlpapi.dll", "if_nametoindex"): "Vista",
    ("kernel32.dll", "InitializeConditionVariable"): "Vista",
    ("kernel32.dll", "GetTickCount64"): "Vista",
    ("ws2_32.dll", "inet_ntop"): "Vista",
    ("ws2_32.dll", "inet_pton"): "Vista",
    ("kernel32.dll", "GetSystemTimePreciseAsFileTime"): "8",
    ("kernel32.dll", "CreateFile2"): "8",
    ("kernel32.dll", "GetProcessMitigationPolicy"): "8",
    # crystalidea/qt6windows7#38.
    ("user32.dll", "RegisterSuspendResumeNotification"): "8",
    # "Compatibility Notes" of Rust 1.78, whose programs import it:
    # pydantic/pydantic-core#1418, rust-random/getrandom#415. aws/aws-lc#2940 says that
    # Windows 8 has it already; Windows 7 has not.
    ("bcryptprimitives.dll", "ProcessPrng"): "10",
    # Qt 6 imports these: qbittorrent/qBittorrent#17777, martinrotter/rssguard#1364,
    # PrismLauncher/PrismLauncher#842, deskflow/deskflow#9211.
    ("user32.dll", "SystemParametersInfoForDpi"): "10 1607",
    ("user32.dll", "GetSystemMetricsForDpi"): "10 1607",
    ("user32.dll", "AdjustWindowRectExForDpi"): "10 1607",
    ("user32.dll", "GetDpiForSystem"): "10 1607",
    ("user32.dll", "GetDpiForWindow"): "10 1607",
    ("user32.dll", "SetThreadDpiAwarenessContext"): "10 1607",
    # In 1607 and Server 2016 only kernelbase.dll has it (alire-project/alire#2122).
    ("kernel32.dll", "SetThreadDescription"): "10 1703",
    ("user32.dll", "SetProcessDpiAwarenessContext"): "10 1703",
}
"""By DLL and function, some that packages import and users of older releases met."""

UNIVERSAL_CRT: Final = frozenset(
    """
    file-l1-2-0 file-l2-1-0 localization-l1-2-0 processthreads-l1-1-1 synch-l1-2-0
    timezone-l1-1-0
    """.split()
)
"""Sets besides the `api-ms-win-crt-` ones that its update brings to older Windows, as
files; without their `api-ms-win-core-` ("Universal CRT deployment")."""

CORE_SETS_OF_WINDOWS_8: Final = frozenset(
    """
    apiquery-l1-1-0 appcompat-l1-1-0 appinit-l1-1-0 atoms-l1-1-0 bem-l1-1-0
    bicltapi-l1-1-0 biplmapi-l1-1-0 biptcltapi-l1-1-0 com-l1-1-0 com-private-l1-1-0
    comm-l1-1-0 console-l2-1-0 crt-l1-1-0 crt-l2-1-0 datetime-l1-1-1 debug-l1-1-1
    delayload-l1-1-1 errorhandling-l1-1-1 fibers-l1-1-1 fibers-l2-1-0 file-l1-1-1
    file-l1-2-0 file-l2-1-0 firmware-l1-1-0 heap-l1-2-0 heap-obsolete-l1-1-0
    interlocked-l1-1-1 interlocked-l1-2-0 io-l1-1-1 job-l1-1-0 job-l2-1-0
    kernel32-legacy-l1-1-0 kernel32-private-l1-1-0 libraryloader-l1-1-1
    localization-l1-2-0 localization-l2-1-0 localization-obsolete-l1-1-0
    localization-private-l1-1-0 memory-l1-1-1 multipleproviderrouter-l1-1-0
    namedpipe-l1-2-0 namespace-l1-1-0 normalization-l1-1-0 path-l1-1-0
    privateprofile-l1-1-0 processenvironment-l1-1-1 processenvironment-l1-2-0
    processsecurity-l1-1-0 processthreads-l1-1-1 processtopology-l1-1-0
    processtopology-obsolete-l1-1-0 psapi-ansi-l1-1-0 psapi-l1-1-0 psapi-obsolete-l1-1-0
    psapiansi-l1-1-0 psm-app-l1-1-0 psm-info-l1-1-0 psm-plm-l1-1-0 realtime-l1-1-0
    registry-l1-1-0 registry-l2-1-0 registry-private-l1-1-0 registryuserspecific-l1-1-0
    rtlsupport-l1-1-1 rtlsupport-l1-2-0 shlwapi-legacy-l1-1-0 shlwapi-obsolete-l1-1-0
    shutdown-l1-1-0 sidebyside-l1-1-0 string-l2-1-0 string-obsolete-l1-1-0
    stringansi-l1-1-0 stringloader-l1-1-0 synch-l1-1-1 synch-l1-2-0 sysinfo-l1-1-1
    sysinfo-l1-2-0 systemtopology-l1-1-0 threadpool-l1-2-0 threadpool-legacy-l1-1-0
    threadpool-private-l1-1-0 timezone-l1-1-0 timezone-private-l1-1-0 toolhelp-l1-1-0
    url-l1-1-0 version-l1-1-0 version-private-l1-1-0 versionansi-l1-1-0
    windowserrorreporting-l1-1-0 winrt-error-l1-1-0 winrt-errorprivate-l1-1-0
    winrt-l1-1-0 winrt-propertysetprivate-l1-1-0 winrt-registration-l1-1-0
    winrt-robuffer-l1-1-0 winrt-roparameterizediid-l1-1-0 winrt-string-l1-1-0
    wow64-l1-1-0
    """.split()
)
"""The sets of Windows 8 that Windows 7 lacks, without their `api-ms-win-core-`.
Before Windows 10 the last number counts."""
