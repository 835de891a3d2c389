"""DLLs of Windows that not every edition and image has, and what brings them.

Data only. All sources were read 2026-11.
"""

from __future__ import annotations

from typing import Final

MEDIA_FOUNDATION: Final = frozenset(
    # opencv/opencv-python#185 and #181, opencv/opencv#23524: mf, mfplat, mfreadwrite,
    # mfcore. The others are their sources, sinks and codecs in the list of a vanilla
    # Windows 11 (delvewheel's repository), and those of "Media Foundation" and
    # "Windows Media Format SDK" (Microsoft). dxgi.dll and d3d11.dll, which one user
    # of #23524 names as well, every edition has.
    """
    evr.dll mf.dll mfasfsrcsnk.dll mfcaptureengine.dll mfcore.dll mfh264enc.dll
    mfmediaengine.dll mfmp4srcsnk.dll mfnetcore.dll mfnetsrc.dll mfplat.dll mfplay.dll
    mfreadwrite.dll mfsrcsnk.dll mfsvr.dll mftranscode.dll msmpeg2vdec.dll wmasf.dll
    wmvcore.dll wmvdecod.dll wmvencod.dll
    """.split()
)

REDUCED: Final = ("Server Core", "Nano Server")
"""InstallationType of what leaves out the desktop, as installation or as image."""

MEDIA_FEATURE_PACK: Final = "Media.MediaFeaturePack~~~~0.0.1.0"
"""The capability, in the form of "Available Features on Demand" (Microsoft)."""

FIRST_CAPABILITY_BUILD: Final = 18362
"""From Windows 10 1903 on the pack is a capability; before, each release has its own
download, which must fit it ("Media Feature Pack list for Windows N editions")."""

SERVER_MEDIA_FOUNDATION: Final = "Server-Media-Foundation"
"""The feature of Windows Server with a desktop (opencv/opencv-python#261; its name:
"Exchange Server prerequisites", Microsoft)."""

NANO_LACKS: Final = frozenset(
    #   gdiplus             dotnet/dotnet-docker#1098
    #   netapi32            docker/for-win#7875
    #   user32 and above    msys2/MSYS2-packages#1493
    "comctl32.dll comdlg32.dll gdi32.dll gdiplus.dll netapi32.dll user32.dll".split()
)
"""What Nano Server lacks and Server Core has. Server Core lacks among others avicap32
and msvfw32 (microsoft/containerregistry#122, moby/moby#35608), opengl32
(docker-library/python#956), t2embed (microsoft/Windows-Containers#266), oledlg
(microsoft/aspnet-docker#68) and Media Foundation (docker-library/python#704)."""

FULL_IMAGES: Final[tuple[tuple[int, str], ...]] = (
    # "Windows container base images" (Microsoft): the fullest one for the Server of a
    # build. docker-library/python#704 took windows/server.
    (26100, "mcr.microsoft.com/windows/server:ltsc2025"),
    (20348, "mcr.microsoft.com/windows/server:ltsc2022"),
    (17763, "mcr.microsoft.com/windows:ltsc2019"),
)
CORE_IMAGE: Final = "mcr.microsoft.com/windows/servercore:ltsc2022"
