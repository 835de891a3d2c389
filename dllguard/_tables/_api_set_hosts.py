"""Hosts of the API sets that Windows 11 x64 has, as far as they are known.

Derived 2026-11 by ``tests/derive_api_sets.py``, which holds the corrections, from the
apisetschema.dll of Wine 8.0 and from the schema of a Windows 11 (10.0.22621.2506) as
learn-more/apisets (MIT) shows it. Windows 10 has the same hosts but for a few sets.

All sets that mingw-w64 has import libraries for are here. A set that is not may
still exist: later builds have more, and most of the `ext-` sets are Windows' own
affair. Names stand without their last number, which is not compared.
"""

from collections.abc import Mapping
from typing import Final

# Generated: change the lists in tests/derive_api_sets.py and run it. A set of the
# host "" exists, and loading by its name fails.
SETS_BY_HOST: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset(
        """
        api-ms-win-coremessaging-host-l1-1 api-ms-win-coreui-secruntime-l1-1
        api-ms-win-deprecated-apis-advapi-l1-1 api-ms-win-deprecated-apis-legacy-l1-1
        api-ms-win-deprecated-apis-legacy-l1-2
        api-ms-win-input-ie-interactioncontext-l1-1
        api-ms-win-rtcore-minuser-private-l1-1 api-ms-win-rtcore-navigation-l1-1
        api-ms-win-rtcore-session-l1-1 api-ms-win-shell-shell32legacy-shdirectory-l1-1
        """.split()
    ),
    "aclui.dll": frozenset({"ext-ms-win-shell-aclui-l1-1"}),
    "activeds.dll": frozenset({"ext-ms-win-adsi-activeds-l1-1"}),
    "advapi32.dll": frozenset(
        """
        api-ms-win-base-bootconfig-l1-1 api-ms-win-base-util-l1-1
        api-ms-win-core-registry-l2-1 api-ms-win-core-registry-l2-2
        api-ms-win-core-registry-l2-3 api-ms-win-core-registry-private-l1-1
        api-ms-win-core-shutdown-ansi-l1-1 api-ms-win-core-shutdown-l1-1
        api-ms-win-core-sysinfo-l2-1 api-ms-win-downlevel-advapi32-l4-1
        api-ms-win-eventing-legacy-l1-1 api-ms-win-eventlog-legacy-l1-1
        api-ms-win-eventlog-private-l1-1 api-ms-win-perf-legacy-l1-1
        api-ms-win-security-base-ansi-l1-1 api-ms-win-security-cpwl-l1-1
        api-ms-win-security-logon-l1-1 api-ms-win-security-lsalookup-ansi-l2-1
        api-ms-win-security-lsalookup-l2-1 api-ms-win-security-provider-ansi-l1-1
        api-ms-win-security-sddl-ansi-l1-1 api-ms-win-security-systemfunctions-l1-1
        api-ms-win-security-trustee-l1-1 api-ms-win-service-core-ansi-l1-1
        api-ms-win-service-legacy-l1-1 ext-ms-win-advapi32-auth-l1-1
        ext-ms-win-advapi32-encryptedfile-l1-1 ext-ms-win-advapi32-eventlog-ansi-l1-1
        ext-ms-win-advapi32-eventlog-l1-1 ext-ms-win-advapi32-hwprof-l1-1
        ext-ms-win-advapi32-idletask-l1-1 ext-ms-win-advapi32-lsa-l1-1
        ext-ms-win-advapi32-msi-l1-1 ext-ms-win-advapi32-npusername-l1-1
        ext-ms-win-advapi32-ntmarta-l1-1 ext-ms-win-advapi32-registry-l1-1
        ext-ms-win-advapi32-safer-l1-1 ext-ms-win-advapi32-shutdown-l1-1
        """.split()
    ),
    "apphelp.dll": frozenset({"ext-ms-win-appcompat-apphelp-l1-1"}),
    "authz.dll": frozenset(
        """
        ext-ms-win-authz-claimpolicies-l1-1 ext-ms-win-authz-context-l1-1
        """.split()
    ),
    "avifil32.dll": frozenset({"ext-ms-win-media-avi-l1-1"}),
    "bi.dll": frozenset({"api-ms-win-core-bicltapi-l1-1"}),
    "bluetoothapis.dll": frozenset(
        """
        ext-ms-win-bluetooth-apis-internal-l1-1 ext-ms-win-bluetooth-apis-l1-1
        ext-ms-win-bluetooth-apis-private-l1-1
        """.split()
    ),
    "cfgmgr32.dll": frozenset(
        """
        api-ms-win-devices-config-l1-1 api-ms-win-devices-query-l1-1
        api-ms-win-devices-swdevice-l1-1
        """.split()
    ),
    "clipc.dll": frozenset({"api-ms-win-core-slapi-l1-1"}),
    "clusapi.dll": frozenset({"ext-ms-win-cluster-clusapi-l1-1"}),
    "combase.dll": frozenset(
        """
        api-ms-win-core-com-l1-1 api-ms-win-core-com-midlproxystub-l1-1
        api-ms-win-core-com-private-l1-1 api-ms-win-core-com-private-l1-2
        api-ms-win-core-com-private-l1-3 api-ms-win-core-marshal-l1-1
        api-ms-win-core-winrt-error-l1-1 api-ms-win-core-winrt-errorprivate-l1-1
        api-ms-win-core-winrt-l1-1 api-ms-win-core-winrt-registration-l1-1
        api-ms-win-core-winrt-roparameterizediid-l1-1 api-ms-win-core-winrt-string-l1-1
        api-ms-win-downlevel-ole32-l1-1
        """.split()
    ),
    "comctl32.dll": frozenset(
        """
        ext-ms-win-shell-comctl32-da-l1-1 ext-ms-win-shell-comctl32-init-l1-1
        ext-ms-win-shell-comctl32-l1-1 ext-ms-win-shell-comctl32-window-l1-1
        """.split()
    ),
    "comdlg32.dll": frozenset({"ext-ms-win-shell-comdlg32-l1-1"}),
    "coml2.dll": frozenset({"api-ms-win-core-com-l2-1"}),
    "credui.dll": frozenset({"ext-ms-win-security-credui-l1-1"}),
    "cryptsp.dll": frozenset({"api-ms-win-security-cryptoapi-l1-1"}),
    "cryptui.dll": frozenset({"ext-ms-win-security-cryptui-l1-1"}),
    "d3d9.dll": frozenset({"ext-ms-win-dx-d3d9-l1-1"}),
    "dbgcore.dll": frozenset({"api-ms-win-core-debug-minidump-l1-1"}),
    "dcomp.dll": frozenset({"ext-ms-onecore-dcomp-l1-1"}),
    "ddraw.dll": frozenset({"ext-ms-win-dx-ddraw-l1-1"}),
    "dinput8.dll": frozenset({"ext-ms-win-dx-dinput8-l1-1"}),
    "dwmapi.dll": frozenset(
        """
        api-ms-win-dwmapi-l1-1 ext-ms-win-dwmapi-ext-l1-1 ext-ms-win-dwmapidxgi-ext-l1-1
        """.split()
    ),
    "dwmredir.dll": frozenset({"api-ms-win-composition-redirection-l1-1"}),
    "firewallapi.dll": frozenset({"api-ms-win-net-isolation-l1-1"}),
    "gamemode.dll": frozenset({"api-ms-win-gaming-expandedresources-l1-1"}),
    "gamingtcui.dll": frozenset({"api-ms-win-gaming-tcui-l1-1"}),
    "gdi32.dll": frozenset(
        """
        api-ms-win-dx-d3dkmt-l1-1 api-ms-win-gdi-dpiinfo-l1-1
        ext-ms-win-dx-d3dkmt-gdi-l1-1 ext-ms-win-gdi-render-l1-1
        ext-ms-win-rtcore-gdi-devcaps-l1-1 ext-ms-win-rtcore-gdi-object-l1-1
        ext-ms-win-rtcore-gdi-rgn-l1-1
        """.split()
    ),
    "gdi32full.dll": frozenset(
        """
        api-ms-win-gdi-internal-uap-l1-1 ext-ms-win-gdi-clipping-l1-1
        ext-ms-win-gdi-dc-create-l1-1 ext-ms-win-gdi-dc-l1-2 ext-ms-win-gdi-devcaps-l1-1
        ext-ms-win-gdi-draw-l1-1 ext-ms-win-gdi-font-l1-1 ext-ms-win-gdi-metafile-l1-1
        ext-ms-win-gdi-path-l1-1 ext-ms-win-gdi-print-l1-1 ext-ms-win-gdi-private-l1-1
        ext-ms-win-gdi-rgn-l1-1 ext-ms-win-gdi-wcs-l1-1 ext-ms-win-usp10-l1-1
        """.split()
    ),
    "gdiplus.dll": frozenset({"ext-ms-win-gdi-gdiplus-l1-1"}),
    "hlink.dll": frozenset({"ext-ms-onecore-hlink-l1-1"}),
    "kerberos.dll": frozenset({"ext-ms-win-security-kerberos-l1-1"}),
    "kernel.appcore.dll": frozenset(
        """
        api-ms-win-appmodel-advertisingid-l1-1 api-ms-win-appmodel-identity-l1-2
        api-ms-win-appmodel-runtime-internal-l1-1 api-ms-win-appmodel-runtime-l1-1
        api-ms-win-appmodel-state-l1-1 api-ms-win-appmodel-state-l1-2
        api-ms-win-appmodel-unlock-l1-1 ext-ms-win-kernel32-package-current-l1-1
        ext-ms-win-kernel32-package-l1-1
        """.split()
    ),
    "kernel32.dll": frozenset(
        """
        api-ms-win-core-appinit-l1-1 api-ms-win-core-atoms-l1-1
        api-ms-win-core-calendar-l1-1 api-ms-win-core-console-ansi-l2-1
        api-ms-win-core-file-ansi-l1-1 api-ms-win-core-file-ansi-l2-1
        api-ms-win-core-firmware-l1-1 api-ms-win-core-io-l1-1 api-ms-win-core-job-l2-1
        api-ms-win-core-kernel32-legacy-ansi-l1-1 api-ms-win-core-kernel32-legacy-l1-1
        api-ms-win-core-kernel32-private-l1-1 api-ms-win-core-kernel32-private-l1-2
        api-ms-win-core-localization-ansi-l1-1 api-ms-win-core-namedpipe-ansi-l1-1
        api-ms-win-core-namespace-ansi-l1-1 api-ms-win-core-privateprofile-l1-1
        api-ms-win-core-processenvironment-ansi-l1-1
        api-ms-win-core-processsecurity-l1-1 api-ms-win-core-processthreads-l1-1
        api-ms-win-core-processtopology-obsolete-l1-1
        api-ms-win-core-sidebyside-ansi-l1-1 api-ms-win-core-string-obsolete-l1-1
        api-ms-win-core-synch-ansi-l1-1 api-ms-win-core-toolhelp-l1-1
        api-ms-win-core-ums-l1-1 api-ms-win-core-util-l1-1
        api-ms-win-downlevel-kernel32-l2-1 api-ms-win-mm-time-l1-1
        api-ms-win-oobe-notification-l1-1 ext-ms-win-kernel32-appcompat-l1-1
        ext-ms-win-kernel32-datetime-l1-1 ext-ms-win-kernel32-elevation-l1-1
        ext-ms-win-kernel32-errorhandling-l1-1 ext-ms-win-kernel32-file-l1-1
        ext-ms-win-kernel32-localization-l1-1 ext-ms-win-kernel32-process-l1-1
        ext-ms-win-kernel32-quirks-l1-1 ext-ms-win-kernel32-registry-l1-1
        ext-ms-win-kernel32-sidebyside-l1-1 ext-ms-win-kernel32-transacted-l1-1
        ext-ms-win-kernel32-updateresource-l1-1
        ext-ms-win-kernel32-windowserrorreporting-l1-1
        ext-ms-win-kernelbase-processthread-l1-1
        """.split()
    ),
    "kernelbase.dll": frozenset(
        """
        api-ms-win-core-apiquery-l2-1 api-ms-win-core-appcompat-l1-1
        api-ms-win-core-backgroundtask-l1-1 api-ms-win-core-comm-l1-1
        api-ms-win-core-commandlinetoargv-l1-1 api-ms-win-core-console-internal-l1-1
        api-ms-win-core-console-l1-1 api-ms-win-core-console-l1-2
        api-ms-win-core-console-l2-1 api-ms-win-core-console-l2-2
        api-ms-win-core-console-l3-1 api-ms-win-core-console-l3-2
        api-ms-win-core-crt-l2-1 api-ms-win-core-datetime-l1-1
        api-ms-win-core-debug-l1-1 api-ms-win-core-delayload-l1-1
        api-ms-win-core-enclave-l1-1 api-ms-win-core-errorhandling-l1-1
        api-ms-win-core-fibers-l1-1 api-ms-win-core-fibers-l2-1
        api-ms-win-core-file-fromapp-l1-1 api-ms-win-core-file-l1-1
        api-ms-win-core-file-l1-2 api-ms-win-core-file-l2-1 api-ms-win-core-guard-l1-1
        api-ms-win-core-handle-l1-1 api-ms-win-core-heap-l1-1 api-ms-win-core-heap-l1-2
        api-ms-win-core-heap-l2-1 api-ms-win-core-heap-obsolete-l1-1
        api-ms-win-core-interlocked-l1-1 api-ms-win-core-interlocked-l1-2
        api-ms-win-core-ioring-l1-1 api-ms-win-core-job-l1-1
        api-ms-win-core-largeinteger-l1-1 api-ms-win-core-libraryloader-l1-1
        api-ms-win-core-libraryloader-l1-2 api-ms-win-core-libraryloader-l2-1
        api-ms-win-core-libraryloader-private-l1-1 api-ms-win-core-localization-l1-1
        api-ms-win-core-localization-l1-2 api-ms-win-core-localization-l2-1
        api-ms-win-core-localization-obsolete-l1-1
        api-ms-win-core-localization-obsolete-l1-2
        api-ms-win-core-localization-obsolete-l1-3
        api-ms-win-core-localization-private-l1-1 api-ms-win-core-localregistry-l1-1
        api-ms-win-core-memory-l1-1 api-ms-win-core-misc-l1-1
        api-ms-win-core-namedpipe-l1-1 api-ms-win-core-namedpipe-l1-2
        api-ms-win-core-namespace-l1-1 api-ms-win-core-normalization-l1-1
        api-ms-win-core-path-l1-1 api-ms-win-core-pcw-l1-1
        api-ms-win-core-perfcounters-l1-1 api-ms-win-core-perfcounters-l1-2
        api-ms-win-core-processenvironment-l1-1 api-ms-win-core-processenvironment-l1-2
        api-ms-win-core-processsnapshot-l1-1 api-ms-win-core-processtopology-l1-1
        api-ms-win-core-processtopology-l1-2
        api-ms-win-core-processtopology-private-l1-1 api-ms-win-core-profile-l1-1
        api-ms-win-core-psapi-ansi-l1-1 api-ms-win-core-psapi-l1-1
        api-ms-win-core-psapi-obsolete-l1-1 api-ms-win-core-psapiansi-l1-1
        api-ms-win-core-psm-key-l1-1 api-ms-win-core-quirks-l1-1
        api-ms-win-core-realtime-l1-1 api-ms-win-core-registry-l1-1
        api-ms-win-core-registryuserspecific-l1-1 api-ms-win-core-shlwapi-legacy-l1-1
        api-ms-win-core-shlwapi-obsolete-l1-1 api-ms-win-core-shlwapi-obsolete-l1-2
        api-ms-win-core-sidebyside-l1-1 api-ms-win-core-state-helpers-l1-1
        api-ms-win-core-string-l1-1 api-ms-win-core-string-l2-1
        api-ms-win-core-stringansi-l1-1 api-ms-win-core-stringloader-l1-1
        api-ms-win-core-synch-l1-1 api-ms-win-core-synch-l1-2
        api-ms-win-core-sysinfo-l1-1 api-ms-win-core-sysinfo-l1-2
        api-ms-win-core-systemtopology-l1-1 api-ms-win-core-threadpool-l1-1
        api-ms-win-core-threadpool-l1-2 api-ms-win-core-threadpool-legacy-l1-1
        api-ms-win-core-threadpool-private-l1-1 api-ms-win-core-timezone-l1-1
        api-ms-win-core-timezone-private-l1-1 api-ms-win-core-url-l1-1
        api-ms-win-core-version-l1-1 api-ms-win-core-version-private-l1-1
        api-ms-win-core-versionansi-l1-1 api-ms-win-core-windowsceip-l1-1
        api-ms-win-core-windowserrorreporting-l1-1 api-ms-win-core-wow64-l1-1
        api-ms-win-core-xstate-l2-1 api-ms-win-deprecated-apis-obsolete-l1-1
        api-ms-win-downlevel-advapi32-l1-1 api-ms-win-downlevel-kernel32-l1-1
        api-ms-win-downlevel-normaliz-l1-1 api-ms-win-downlevel-shlwapi-l1-1
        api-ms-win-downlevel-user32-l1-1 api-ms-win-downlevel-version-l1-1
        api-ms-win-eventing-classicprovider-l1-1 api-ms-win-eventing-provider-l1-1
        api-ms-win-gaming-deviceinformation-l1-1 api-ms-win-http-time-l1-1
        api-ms-win-legacy-shlwapi-l1-1 api-ms-win-obsolete-localization-l1-1
        api-ms-win-obsolete-psapi-l1-1 api-ms-win-obsolete-shlwapi-l1-1
        api-ms-win-security-activedirectoryclient-l1-1
        api-ms-win-security-appcontainer-l1-1 api-ms-win-security-base-l1-1
        api-ms-win-security-base-l1-2 api-ms-win-security-base-private-l1-1
        api-ms-win-security-grouppolicy-l1-1 api-ms-win-shell-shellcom-l1-1
        api-ms-win-stateseparation-helpers-l1-1
        """.split()
    ),
    "licenseprotection.dll": frozenset({"api-ms-win-security-licenseprotection-l1-1"}),
    "mapistub.dll": frozenset({"ext-ms-win-mapi-mapi32-l1-1"}),
    "mf.dll": frozenset({"ext-ms-win-mm-pehelper-l1-1"}),
    "mpr.dll": frozenset({"api-ms-win-core-multipleproviderrouter-l1-1"}),
    "msacm32.dll": frozenset({"ext-ms-win-mm-msacm-l1-1"}),
    "msctf.dll": frozenset({"ext-ms-win-tsf-msctf-l1-1"}),
    "msi.dll": frozenset({"ext-ms-win-msi-misc-l1-1"}),
    "msimg32.dll": frozenset({"ext-ms-win-msimg-draw-l1-1"}),
    "newdev.dll": frozenset({"ext-ms-win-drvinst-desktop-l1-1"}),
    "ntdll.dll": frozenset(
        """
        api-ms-win-core-apiquery-l1-1 api-ms-win-core-crt-l1-1
        api-ms-win-core-rtlsupport-l1-1 api-ms-win-core-rtlsupport-l1-2
        api-ms-win-core-xstate-l1-1
        """.split()
    ),
    "ntdsapi.dll": frozenset({"ext-ms-win-ntdsapi-activedirectoryclient-l1-1"}),
    "ntmarta.dll": frozenset(
        """
        api-ms-win-downlevel-advapi32-l3-1 api-ms-win-security-provider-l1-1
        """.split()
    ),
    "odbc32.dll": frozenset({"ext-ms-win-odbc-odbc32-l1-1"}),
    "ole32.dll": frozenset(
        """
        api-ms-win-ole32-ie-l1-1 api-ms-win-rtcore-ole32-clipboard-l1-1
        ext-ms-win-com-ole32-l1-1 ext-ms-win-com-ole32-l1-2 ext-ms-win-com-ole32-l1-3
        ext-ms-win-com-ole32-l1-4 ext-ms-win-com-sta-l1-1 ext-ms-win-core-marshal-l2-1
        ext-ms-win-ole32-bindctx-l1-1 ext-ms-win-ole32-ie-ext-l1-1
        ext-ms-win-ole32-oleautomation-l1-1 ext-ms-win-rtcore-ole32-dragdrop-l1-1
        ext-ms-win-rtcore-ole32-misc-l1-1
        """.split()
    ),
    "oleacc.dll": frozenset({"ext-ms-win-oleacc-l1-1"}),
    "ondemandconnroutehelper.dll": frozenset(
        """
        api-ms-win-networking-interfacecontexts-l1-1
        """.split()
    ),
    "opcservices.dll": frozenset({"ext-ms-win-appmodel-opc-l1-1"}),
    "pdh.dll": frozenset({"ext-ms-win-eventing-pdh-l1-1"}),
    "powrprof.dll": frozenset(
        """
        api-ms-win-power-base-l1-1 api-ms-win-power-limitsmanagement-l1-1
        api-ms-win-power-setting-l1-1
        """.split()
    ),
    "prntvpt.dll": frozenset({"ext-ms-win-printer-prntvpt-l1-1"}),
    "propsys.dll": frozenset({"ext-ms-win-shell-propsys-l1-1"}),
    "psapi.dll": frozenset({"ext-ms-win-base-psapi-l1-1"}),
    "rasapi32.dll": frozenset({"ext-ms-win-ras-rasapi32-l1-1"}),
    "rasdlg.dll": frozenset({"ext-ms-win-ras-rasdlg-l1-1"}),
    "resutils.dll": frozenset({"ext-ms-win-cluster-resutils-l1-1"}),
    "rmclient.dll": frozenset(
        """
        api-ms-win-appmodel-lifecyclepolicy-l1-1 api-ms-win-ham-apphistory-l1-1
        api-ms-win-ham-hamplm-l1-1
        """.split()
    ),
    "rstrtmgr.dll": frozenset({"ext-ms-win-base-rstrtmgr-l1-1"}),
    "sechost.dll": frozenset(
        """
        api-ms-win-downlevel-advapi32-l2-1 api-ms-win-eventing-consumer-l1-1
        api-ms-win-eventing-controller-l1-1 api-ms-win-eventing-obsolete-l1-1
        api-ms-win-security-accesshlpr-l1-1 api-ms-win-security-audit-l1-1
        api-ms-win-security-capability-l1-1 api-ms-win-security-credentials-l1-1
        api-ms-win-security-credentials-l2-1 api-ms-win-security-isolationapi-l1-1
        api-ms-win-security-isolationapi-l1-2 api-ms-win-security-isolationpolicy-l1-1
        api-ms-win-security-isolationpolicy-l1-2 api-ms-win-security-lsalookup-l1-1
        api-ms-win-security-lsapolicy-l1-1 api-ms-win-security-sddl-l1-1
        api-ms-win-security-sddl-private-l1-1 api-ms-win-security-sddlparsecond-l1-1
        api-ms-win-service-core-l1-1 api-ms-win-service-management-l1-1
        api-ms-win-service-management-l2-1 api-ms-win-service-private-l1-1
        api-ms-win-service-private-l1-2 api-ms-win-service-winsvc-l1-1
        api-ms-win-service-winsvc-l1-2
        """.split()
    ),
    "secur32.dll": frozenset({"ext-ms-win-secur32-translatename-l1-1"}),
    "setupapi.dll": frozenset(
        """
        ext-ms-win-setupapi-classinstallers-l1-1 ext-ms-win-setupapi-inf-l1-1
        ext-ms-win-setupapi-logging-l1-1
        """.split()
    ),
    "shcore.dll": frozenset(
        """
        api-ms-win-core-featurestaging-l1-1 api-ms-win-downlevel-shell32-l1-1
        api-ms-win-downlevel-shlwapi-l2-1 api-ms-win-security-isolatedcontainer-l1-1
        api-ms-win-shcore-comhelpers-l1-1 api-ms-win-shcore-obsolete-l1-1
        api-ms-win-shcore-path-l1-1 api-ms-win-shcore-registry-l1-1
        api-ms-win-shcore-scaling-l1-1 api-ms-win-shcore-stream-l1-1
        api-ms-win-shcore-stream-winrt-l1-1 api-ms-win-shcore-sysinfo-l1-1
        api-ms-win-shcore-taskpool-l1-1 api-ms-win-shcore-thread-l1-1
        api-ms-win-shcore-unicodeansi-l1-1 api-ms-win-shell-shdirectory-l1-1
        """.split()
    ),
    "shdocvw.dll": frozenset({"ext-ms-win-shell-shdocvw-l1-1"}),
    "shell32.dll": frozenset(
        """
        ext-ms-win-shell-exports-internal-l1-1 ext-ms-win-shell-shell32-l1-2
        ext-ms-win-shell-shell32-l1-3 ext-ms-win-shell-shell32-l1-4
        ext-ms-win-shell-shell32-l1-5
        """.split()
    ),
    "shlwapi.dll": frozenset(
        """
        api-ms-win-shlwapi-ie-l1-1 api-ms-win-shlwapi-winrt-storage-l1-1
        ext-ms-onecore-shlwapi-l1-1 ext-ms-win-shell-shlwapi-l1-1
        ext-ms-win-shell-shlwapi-l1-2
        """.split()
    ),
    "slc.dll": frozenset({"ext-ms-win-security-slc-l1-1"}),
    "storageusage.dll": frozenset({"api-ms-win-storage-reserve-l1-1"}),
    "sxs.dll": frozenset({"ext-ms-win-sxs-oleautomation-l1-1"}),
    "tapi32.dll": frozenset({"ext-ms-win-ras-tapi32-l1-1"}),
    "tdh.dll": frozenset(
        """
        api-ms-win-eventing-tdh-l1-1 ext-ms-win-eventing-tdh-ext-l1-1
        ext-ms-win-eventing-tdh-priv-l1-1
        """.split()
    ),
    "textinputframework.dll": frozenset(
        """
        api-ms-win-core-textinput-client-l1-1 api-ms-win-core-textinput-client-l1-2
        """.split()
    ),
    "twinapi.appcore.dll": frozenset(
        """
        api-ms-win-core-biplmapi-l1-1 api-ms-win-core-biptcltapi-l1-1
        api-ms-win-core-psm-app-l1-1 api-ms-win-core-psm-appnotify-l1-1
        api-ms-win-core-psm-plm-l1-1 api-ms-win-core-psm-plm-l1-2
        api-ms-win-core-psm-plm-l1-3 api-ms-win-core-psm-rtimer-l1-1
        api-ms-win-core-psm-tc-l1-1
        """.split()
    ),
    "ucrtbase.dll": frozenset(
        """
        api-ms-win-crt-conio-l1-1 api-ms-win-crt-convert-l1-1
        api-ms-win-crt-environment-l1-1 api-ms-win-crt-filesystem-l1-1
        api-ms-win-crt-heap-l1-1 api-ms-win-crt-locale-l1-1 api-ms-win-crt-math-l1-1
        api-ms-win-crt-multibyte-l1-1 api-ms-win-crt-private-l1-1
        api-ms-win-crt-process-l1-1 api-ms-win-crt-runtime-l1-1
        api-ms-win-crt-stdio-l1-1 api-ms-win-crt-string-l1-1 api-ms-win-crt-time-l1-1
        api-ms-win-crt-utility-l1-1
        """.split()
    ),
    "udwm.dll": frozenset({"api-ms-win-composition-windowmanager-l1-1"}),
    "uiautomationcore.dll": frozenset({"ext-ms-win-uiacore-l1-1"}),
    "urlmon.dll": frozenset({"ext-ms-win-core-iuri-l1-1"}),
    "user32.dll": frozenset(
        """
        api-ms-win-ntuser-ie-message-l1-1 api-ms-win-ntuser-ie-window-l1-1
        api-ms-win-ntuser-ie-wmpointer-l1-1 api-ms-win-ntuser-rectangle-l1-1
        api-ms-win-ntuser-sysparams-l1-1 api-ms-win-rtcore-ntuser-clipboard-l1-1
        api-ms-win-rtcore-ntuser-draw-l1-1 api-ms-win-rtcore-ntuser-powermanagement-l1-1
        api-ms-win-rtcore-ntuser-private-l1-1 api-ms-win-rtcore-ntuser-shell-l1-1
        api-ms-win-rtcore-ntuser-synch-l1-1 api-ms-win-rtcore-ntuser-window-l1-1
        api-ms-win-rtcore-ntuser-winevent-l1-1 api-ms-win-rtcore-ntuser-wmpointer-l1-1
        api-ms-win-rtcore-ntuser-wmpointer-l1-2 ext-ms-win-ntuser-caret-l1-1
        ext-ms-win-ntuser-chartranslation-l1-1 ext-ms-win-ntuser-dc-access-ext-l1-1
        ext-ms-win-ntuser-dialogbox-l1-1 ext-ms-win-ntuser-draw-l1-1
        ext-ms-win-ntuser-gui-l1-1 ext-ms-win-ntuser-gui-l1-2 ext-ms-win-ntuser-gui-l1-3
        ext-ms-win-ntuser-keyboard-ansi-l1-1 ext-ms-win-ntuser-keyboard-l1-1
        ext-ms-win-ntuser-keyboard-l1-2 ext-ms-win-ntuser-keyboard-l1-3
        ext-ms-win-ntuser-menu-l1-1 ext-ms-win-ntuser-message-l1-1
        ext-ms-win-ntuser-misc-l1-1 ext-ms-win-ntuser-misc-l1-2
        ext-ms-win-ntuser-misc-l1-3 ext-ms-win-ntuser-misc-l1-5
        ext-ms-win-ntuser-misc-l1-6 ext-ms-win-ntuser-misc-l1-7
        ext-ms-win-ntuser-mit-l1-1 ext-ms-win-ntuser-mouse-l1-1
        ext-ms-win-ntuser-powermanagement-l1-1 ext-ms-win-ntuser-private-l1-1
        ext-ms-win-ntuser-private-l1-2 ext-ms-win-ntuser-private-l1-3
        ext-ms-win-ntuser-private-l1-4 ext-ms-win-ntuser-private-l1-5
        ext-ms-win-ntuser-private-l1-6 ext-ms-win-ntuser-rawinput-l1-1
        ext-ms-win-ntuser-rawinput-l1-2 ext-ms-win-ntuser-rectangle-ext-l1-1
        ext-ms-win-ntuser-rim-l1-1 ext-ms-win-ntuser-rim-l1-2
        ext-ms-win-ntuser-rotationmanager-l1-1 ext-ms-win-ntuser-server-l1-1
        ext-ms-win-ntuser-string-l1-1 ext-ms-win-ntuser-synch-l1-1
        ext-ms-win-ntuser-sysparams-ext-l1-1 ext-ms-win-ntuser-touch-hittest-l1-1
        ext-ms-win-ntuser-uicontext-ext-l1-1 ext-ms-win-ntuser-window-l1-1
        ext-ms-win-ntuser-windowclass-l1-1 ext-ms-win-ntuser-windowstation-ansi-l1-1
        ext-ms-win-ntuser-windowstation-l1-1 ext-ms-win-rtcore-ntuser-cursor-l1-1
        ext-ms-win-rtcore-ntuser-dc-access-l1-1 ext-ms-win-rtcore-ntuser-dpi-l1-1
        ext-ms-win-rtcore-ntuser-dpi-l1-2 ext-ms-win-rtcore-ntuser-iam-l1-1
        ext-ms-win-rtcore-ntuser-inputintercept-l1-1
        ext-ms-win-rtcore-ntuser-integration-l1-1 ext-ms-win-rtcore-ntuser-keyboard-l1-1
        ext-ms-win-rtcore-ntuser-message-ansi-l1-1 ext-ms-win-rtcore-ntuser-message-l1-1
        ext-ms-win-rtcore-ntuser-rawinput-l1-1 ext-ms-win-rtcore-ntuser-synch-ext-l1-1
        ext-ms-win-rtcore-ntuser-syscolors-l1-1 ext-ms-win-rtcore-ntuser-sysparams-l1-1
        ext-ms-win-rtcore-ntuser-usersecurity-l1-1
        ext-ms-win-rtcore-ntuser-window-ansi-l1-1
        ext-ms-win-rtcore-ntuser-window-ext-l1-1 ext-ms-win-rtcore-ntuser-window-l1-1
        ext-ms-win-rtcore-ntuser-winevent-ext-l1-1
        ext-ms-win-rtcore-ntuser-wmpointer-l1-1
        """.split()
    ),
    "userenv.dll": frozenset({"ext-ms-win-profile-extender-l1-1"}),
    "uxtheme.dll": frozenset({"ext-ms-win-uxtheme-themes-l1-1"}),
    "wevtapi.dll": frozenset({"ext-ms-win-wevtapi-eventlog-l1-1"}),
    "windows.media.devices.dll": frozenset(
        """
        api-ms-win-audiocore-spatial-config-l1-1
        """.split()
    ),
    "windows.storage.dll": frozenset(
        """
        api-ms-win-shell-associations-l1-1 api-ms-win-shell-changenotify-l1-1
        api-ms-win-shell-dataobject-l1-1 api-ms-win-shell-namespace-l1-1
        api-ms-win-shell-shellfolders-l1-1 api-ms-win-storage-exports-external-l1-1
        api-ms-win-storage-exports-internal-l1-1
        """.split()
    ),
    "windows.storage.search.dll": frozenset({"api-ms-win-winrt-search-folder-l1-1"}),
    "winmm.dll": frozenset(
        """
        api-ms-win-mm-joystick-l1-1 api-ms-win-mm-mci-l1-1 api-ms-win-mm-misc-l2-1
        api-ms-win-mm-playsound-l1-1
        """.split()
    ),
    "winmmbase.dll": frozenset(
        """
        api-ms-win-mm-misc-l1-1 api-ms-win-mm-mme-l1-1
        """.split()
    ),
    "winscard.dll": frozenset({"ext-ms-win-wlan-scard-l1-1"}),
    "winspool.drv": frozenset(
        """
        ext-ms-win-printer-winspool-core-l1-1 ext-ms-win-printer-winspool-l1-1
        ext-ms-win-printer-winspool-l1-2
        """.split()
    ),
    "winsta.dll": frozenset({"ext-ms-win-session-winsta-l1-1"}),
    "wintypes.dll": frozenset(
        """
        api-ms-win-core-winrt-propertysetprivate-l1-1
        api-ms-win-core-winrt-robuffer-l1-1 api-ms-win-ro-typeresolution-l1-1
        ext-ms-win-ro-typeresolution-l1-1
        """.split()
    ),
    "wmvcore.dll": frozenset({"ext-ms-win-mm-wmvcore-l1-1"}),
    "wslapi.dll": frozenset({"api-ms-win-wsl-api-l1-1"}),
    "wtsapi32.dll": frozenset(
        """
        ext-ms-win-session-usertoken-l1-1 ext-ms-win-session-wtsapi32-l1-1
        """.split()
    ),
    "xinputuap.dll": frozenset({"ext-ms-win-gaming-xinput-l1-1"}),
}

# Other hosts for one importer each: the importer's file name, the host.
HOSTS_FOR_IMPORTERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "api-ms-win-core-appinit-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "api-ms-win-core-io-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "api-ms-win-core-processsecurity-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "api-ms-win-core-processthreads-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "api-ms-win-core-util-l1-1": (("kernel32.dll", "kernelbase.dll"),),
    "ext-ms-win-kernel32-errorhandling-l1-1": (("kernel32.dll", "faultrep.dll"),),
}
