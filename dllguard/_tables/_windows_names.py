"""Names of DLLs that a clean Windows 11 x64 finds in System32.

Derived 2026-11 by ``tests/derive_windows_names.py``, which holds the rules, from
delvewheel 1.13.2 (names in every Windows x64 from 7 SP1 to 11) and from a list of a
vanilla Windows 11 x64 in delvewheel's repository (for younger names; both MIT).
Candidates from Wine 8.0, mingw-w64 10.0.0 and Microsoft's win32metadata (as
packaged in win32more 0.8.71) were checked against it one by one.

Desktop editions with Media Foundation are meant, so not N, Server or Nano Server.
A name outside the table may still exist in Windows, as a part that only Windows
itself loads. API sets are not files, and not here.
"""

from typing import Final

# Generated: change the lists in tests/derive_windows_names.py and run it.
CLEAN_WINDOWS_11_X64: Final[frozenset[str]] = frozenset(
    """
    aadtb.dll accessibilitycpl.dll acledit.dll aclui.dll acppage.dll acproxy.dll
    actioncenter.dll actioncentercpl.dll actionqueue.dll activationclient.dll
    activationmanager.dll activeds.dll actxprxy.dll admtmpl.dll adprovider.dll
    adsldp.dll adsldpc.dll adsmsext.dll adsnt.dll advapi32.dll advpack.dll aeinv.dll
    aepic.dll amsi.dll amstream.dll apds.dll apisetschema.dll appextension.dll
    apphelp.dll apphlpdm.dll appidapi.dll appidpolicyengineapi.dll appidsvc.dll
    appinfo.dll appmgmts.dll appmgr.dll appresolver.dll appwiz.cpl appxalluserstore.dll
    appxapplicabilityengine.dll appxdeploymentclient.dll appxpackaging.dll appxsip.dll
    archiveint.dll asycfilt.dll atl.dll atlthunk.dll atmlib.dll audioeng.dll
    audiokse.dll audioses.dll audiosrv.dll auditcse.dll auditnativesnapin.dll
    auditpolicygpinterop.dll authbroker.dll authfwcfg.dll authfwgp.dll authui.dll
    authz.dll autoplay.dll avicap32.dll avifil32.dll avrt.dll axinstsv.dll azroles.dll
    azroleui.dll azsqlext.dll basecsp.dll basesrv.dll batmeter.dll bcd.dll bcdprov.dll
    bcdsrv.dll bcp47langs.dll bcp47mrm.dll bcrypt.dll bcryptprimitives.dll
    bdehdcfglib.dll bderepair.dll bdesvc.dll bdeui.dll bfe.dll bi.dll bidispl.dll
    bindfltapi.dll biocredprov.dll bisrv.dll bitsigd.dll bitsperf.dll biwinrt.dll
    blb_ps.dll bluetoothapis.dll bootvid.dll brokerlib.dll browcli.dll browseui.dll
    bthci.dll bthmtpcontexthandler.dll bthpanapi.dll bthpancontexthandler.dll
    bthprops.cpl bthserv.dll btpanui.dll bwcontexthandler.dll c_g18030.dll c_is2022.dll
    c_iscii.dll cabapi.dll cabinet.dll cabview.dll capabilityaccessmanagerclient.dll
    capauthz.dll capiprovider.dll capisp.dll catsrv.dll catsrvps.dll catsrvut.dll
    cca.dll cdosys.dll cdp.dll certcli.dll certcredprovider.dll certenc.dll
    certenroll.dll certenrollui.dll certmgr.dll certpoleng.dll certprop.dll cewmdm.dll
    cfgbkend.dll cfgmgr32.dll chakra.dll chakradiag.dll chakrathunk.dll
    chxreadingstringime.dll ci.dll cic.dll cimfs.dll circoinst.dll clb.dll clbcatq.dll
    cldapi.dll clfsw32.dll cliconfg.dll clipc.dll clusapi.dll cmcfg32.dll cmdial32.dll
    cmifw.dll cmlua.dll cmpbk32.dll cmstplua.dll cmutil.dll cngprovider.dll cnvfat.dll
    cofiredm.dll colbact.dll colorcnv.dll colorui.dll combase.dll comcat.dll
    comctl32.dll comdlg32.dll coml2.dll compkgsup.dll compstui.dll computecore.dll
    computenetwork.dll computestorage.dll comrepl.dll comres.dll comsnap.dll comsvcs.dll
    comuid.dll configmanager2.dll connect.dll console.dll container.dll
    coreaudiopolicymanagerext.dll coremessaging.dll coreshellapi.dll
    coreuicomponents.dll correngine.dll cpfilters.dll credssp.dll credui.dll crypt32.dll
    cryptbase.dll cryptdlg.dll cryptdll.dll cryptext.dll cryptnet.dll cryptngc.dll
    cryptowinrt.dll cryptsp.dll cryptsvc.dll cryptui.dll cryptxml.dll cscapi.dll
    cscdll.dll cscmig.dll cscobj.dll cscsvc.dll cscui.dll csrsrv.dll d2d1.dll d3d10.dll
    d3d10_1.dll d3d10_1core.dll d3d10core.dll d3d10level9.dll d3d10warp.dll d3d11.dll
    d3d11on12.dll d3d12.dll d3d12core.dll d3d8thk.dll d3d9.dll d3d9on12.dll
    d3dcompiler_47.dll d3dscache.dll dataclen.dll dataexchange.dll davclnt.dll
    davhlpr.dll daxexec.dll dbgcore.dll dbgeng.dll dbghelp.dll dbgmodel.dll dbnetlib.dll
    dbnmpntw.dll dciman32.dll dcomp.dll ddaclsys.dll ddisplay.dll ddoiproxy.dll
    ddores.dll ddraw.dll ddrawex.dll defragproxy.dll defragsvc.dll deskadp.dll
    deskmon.dll devdispitemprovider.dll devenum.dll deviceaccess.dll
    deviceassociation.dll devicecenter.dll devicedisplaystatusmanager.dll
    devicepairing.dll devicepairingfolder.dll devicepairingproxy.dll deviceuxres.dll
    devmgr.dll devobj.dll devrtl.dll dfdts.dll dfscli.dll dfshim.dll dfsshlex.dll
    dhcpcmonitor.dll dhcpcore.dll dhcpcore6.dll dhcpcsvc.dll dhcpcsvc6.dll dhcpsapi.dll
    diagcpl.dll diagnosticdataquery.dll diagperf.dll difxapi.dll dimsjob.dll
    dimsroam.dll dinput.dll dinput8.dll directmanipulation.dll directml.dll
    directxdatabasehelper.dll dismapi.dll dispbroker.dll dispex.dll display.dll
    displaymanager.dll dmcmnutils.dll dmdlgs.dll dmdskmgr.dll dmenrollengine.dll
    dmintf.dll dmloader.dll dmocx.dll dmoleaututils.dll dmprocessxmlfiltered.dll
    dmsynth.dll dmusic.dll dmutil.dll dmvdsitf.dll dmxmlhelputils.dll dnsapi.dll
    dnscmmc.dll dnsext.dll dnshc.dll dnsrslvr.dll docprop.dll domgmt.dll dot3api.dll
    dot3cfg.dll dot3dlg.dll dot3gpclnt.dll dot3gpui.dll dot3hc.dll dot3msm.dll
    dot3svc.dll dot3ui.dll dpapi.dll dpapiprovider.dll dpnaddr.dll dpnathlp.dll
    dpnet.dll dpnhpast.dll dpnhupnp.dll dpnlobby.dll dps.dll dpx.dll drprov.dll drt.dll
    drtprov.dll drttransport.dll drvsetup.dll drvstore.dll dsauth.dll dsclient.dll
    dsdmo.dll dskquota.dll dskquoui.dll dsound.dll dsparse.dll dsprop.dll dsquery.dll
    dsreg.dll dsrole.dll dssec.dll dssenh.dll dsuiext.dll dswave.dll dtsh.dll dui70.dll
    duser.dll dusmapi.dll dwmapi.dll dwmcore.dll dwmghost.dll dwmredir.dll dwmscene.dll
    dwrite.dll dxcore.dll dxdiagn.dll dxgi.dll dxilconv.dll dxmasf.dll dxp.dll dxpps.dll
    dxptasksync.dll dxtmsft.dll dxtrans.dll dxva2.dll eapp3hst.dll eappcfg.dll
    eappgnui.dll eapphost.dll eappprxy.dll eapsvc.dll edgehtml.dll edputil.dll
    efsadu.dll efscore.dll efsext.dll efslsaext.dll efssvc.dll efsutil.dll efswrt.dll
    ehstorapi.dll ehstorpwdmgr.dll ehstorshell.dll els.dll elscore.dll elslad.dll
    elstrans.dll encapi.dll energy.dll enrollmentapi.dll enterpriseresourcemanager.dll
    eqossnap.dll errordetails.dll errordetailscore.dll es.dll esent.dll esentprf.dll
    eventaggregation.dll eventcls.dll evr.dll execmodelclient.dll execmodelproxy.dll
    explorerframe.dll f3ahvoas.dll faultrep.dll fdbth.dll fdbthproxy.dll fde.dll
    fdeploy.dll fdphost.dll fdpnp.dll fdprint.dll fdproxy.dll fdrespub.dll fdssdp.dll
    fdwcn.dll fdwnet.dll fdwsd.dll feclient.dll fhcfg.dll fhsvcctl.dll filemgmt.dll
    findnetprinters.dll firewallapi.dll firewallcontrolpanel.dll flightsettings.dll
    fltlib.dll fmifs.dll fms.dll fntcache.dll fontext.dll fontglyphanimator.dll
    fontgroupsoverride.dll fontprovider.dll fontsub.dll fphc.dll framedyn.dll
    framedynos.dll frameserver.dll frameserverclient.dll fthsvc.dll fundisc.dll
    fveapi.dll fveapibase.dll fvecerts.dll fvecpl.dll fveui.dll fvewiz.dll fwbase.dll
    fwcfg.dll fwpolicyiomgr.dll fwpuclnt.dll fwremotesvr.dll fxsapi.dll fxscom.dll
    fxscomex.dll fxscompose.dll fxsmon.dll fxsroute.dll fxsst.dll fxst30.dll fxstiff.dll
    fxsutility.dll gameinput.dll gamemode.dll gamestreamingext.dll gameux.dll
    gamingtcui.dll gcdef.dll gdi32.dll gdi32full.dll gdiplus.dll geolocation.dll
    getuname.dll glmf32.dll globinputhost.dll glu32.dll gpapi.dll gpedit.dll
    gpprefcl.dll gpprnext.dll gpscript.dll gpsvc.dll gptext.dll graphicscapture.dll
    groupinghc.dll hal.dll hbaapi.dll hcproviders.dll helppaneproxy.dll hgcpl.dll
    hhctrl.ocx hhsetup.dll hid.dll hidserv.dll hlink.dll hnetcfg.dll hnetmon.dll
    hotplug.dll hrtfapo.dll httpapi.dll htui.dll hvsimanagementapi.dll hvsocket.dll
    ia2comproxy.dll ias.dll iasacct.dll iasads.dll iasdatastore.dll iashlpr.dll
    iasmigplugin.dll iasnap.dll iaspolcy.dll iasrad.dll iasrecst.dll iassam.dll
    iassdo.dll iassvcs.dll icfupgd.dll icm32.dll icmp.dll icmui.dll icsigd.dll icu.dll
    icuin.dll icuuc.dll idstore.dll ieapfltr.dll iedkcs32.dll ieframe.dll iepeers.dll
    ieproxy.dll iernonce.dll iertutil.dll iesetup.dll iesysprep.dll ieui.dll ifmon.dll
    ifsutil.dll ifsutilx.dll igddiag.dll ikeext.dll imagehlp.dll imapi.dll imapi2.dll
    imapi2fs.dll imgutil.dll imm32.dll inetcomm.dll inetcpl.cpl inetmib1.dll inetpp.dll
    inetppui.dll inked.dll inkobjcore.dll input.dll inputhost.dll inputswitch.dll
    inseng.dll iphlpapi.dll iphlpsvc.dll ipnathlp.dll iprtprio.dll iprtrmgr.dll
    ipsecsnp.dll ipsecsvc.dll ipsmsnap.dll iri.dll irprops.cpl iscsicpl.dll iscsidsc.dll
    iscsied.dll iscsiexe.dll iscsium.dll iscsiwmi.dll itircl.dll itss.dll iumbase.dll
    iumcrypt.dll iumdll.dll iumsdk.dll iyuv_32.dll joinutil.dll joy.cpl jscript.dll
    jscript9.dll jscript9legacy.dll jsproxy.dll kbd101.dll kbd101a.dll kbd101b.dll
    kbd101c.dll kbd103.dll kbd106.dll kbd106n.dll kbda1.dll kbda2.dll kbda3.dll
    kbdal.dll kbdarme.dll kbdarmw.dll kbdax2.dll kbdaze.dll kbdazel.dll kbdbash.dll
    kbdbe.dll kbdbene.dll kbdbgph.dll kbdbgph1.dll kbdbhc.dll kbdblr.dll kbdbr.dll
    kbdbu.dll kbdbulg.dll kbdca.dll kbdcan.dll kbdcr.dll kbdcz.dll kbdcz1.dll kbdcz2.dll
    kbdda.dll kbddiv1.dll kbddiv2.dll kbddv.dll kbdes.dll kbdest.dll kbdfa.dll kbdfc.dll
    kbdfi.dll kbdfi1.dll kbdfo.dll kbdfr.dll kbdgae.dll kbdgeo.dll kbdgeoer.dll
    kbdgeoqw.dll kbdgkl.dll kbdgr.dll kbdgr1.dll kbdgrlnd.dll kbdhau.dll kbdhe.dll
    kbdhe220.dll kbdhe319.dll kbdheb.dll kbdhela2.dll kbdhela3.dll kbdhept.dll kbdhu.dll
    kbdhu1.dll kbdibm02.dll kbdibo.dll kbdic.dll kbdinasa.dll kbdinbe1.dll kbdinbe2.dll
    kbdinben.dll kbdindev.dll kbdinguj.dll kbdinhin.dll kbdinkan.dll kbdinmal.dll
    kbdinmar.dll kbdinori.dll kbdinpun.dll kbdintam.dll kbdintel.dll kbdinuk2.dll
    kbdir.dll kbdit.dll kbdit142.dll kbdiulat.dll kbdjpn.dll kbdkaz.dll kbdkhmr.dll
    kbdkor.dll kbdkyr.dll kbdla.dll kbdlao.dll kbdlk41a.dll kbdlt.dll kbdlt1.dll
    kbdlt2.dll kbdlv.dll kbdlv1.dll kbdmac.dll kbdmacst.dll kbdmaori.dll kbdmlt47.dll
    kbdmlt48.dll kbdmon.dll kbdmonmo.dll kbdne.dll kbdnec.dll kbdnec95.dll kbdnecat.dll
    kbdnecnt.dll kbdnepr.dll kbdno.dll kbdno1.dll kbdnso.dll kbdpash.dll kbdpl.dll
    kbdpl1.dll kbdpo.dll kbdro.dll kbdropr.dll kbdrost.dll kbdru.dll kbdru1.dll
    kbdsf.dll kbdsg.dll kbdsl.dll kbdsl1.dll kbdsmsfi.dll kbdsmsno.dll kbdsn1.dll
    kbdsorex.dll kbdsors1.dll kbdsorst.dll kbdsp.dll kbdsw.dll kbdsw09.dll kbdsyr1.dll
    kbdsyr2.dll kbdtajik.dll kbdtat.dll kbdth0.dll kbdth1.dll kbdth2.dll kbdth3.dll
    kbdtiprc.dll kbdtuf.dll kbdtuq.dll kbdturme.dll kbdughr.dll kbdughr1.dll kbduk.dll
    kbdukx.dll kbdur.dll kbdur1.dll kbdurdu.dll kbdus.dll kbdusa.dll kbdusl.dll
    kbdusr.dll kbdusx.dll kbduzb.dll kbdvntc.dll kbdwol.dll kbdyak.dll kbdyba.dll
    kbdycc.dll kbdycl.dll kdcom.dll kdusb.dll kerbclientshared.dll kerberos.dll
    kernel.appcore.dll kernel32.dll kernelbase.dll keycredmgr.dll keyiso.dll keymgr.dll
    ksproxy.ax ksuser.dll ktmw32.dll l2gpstore.dll l2nacp.dll l2sechc.dll
    langcleanupsysprepaction.dll languageoverlayutil.dll laprxy.dll
    licensemanagerapi.dll licenseprotection.dll licensingwinrt.dll licmgr10.dll
    linkinfo.dll lltdapi.dll lltdsvc.dll lmhsvc.dll loadperf.dll localsec.dll
    localspl.dll localui.dll locationapi.dll locationframework.dll loghours.dll
    logoncli.dll lpk.dll lpksetupproxyserv.dll lsasrv.dll lsmproxy.dll lz32.dll
    magnification.dll mapi32.dll mapistub.dll mbaeapi.dll mbaeapipublic.dll mciavi32.dll
    mcicda.dll mciqtz32.dll mciseq.dll mciwave.dll mdmcommon.dll mdminst.dll
    mdmlocalmanagement.dll mdmregistration.dll mf.dll mf3216.dll mfaacenc.dll
    mfasfsrcsnk.dll mfaudiocnv.dll mfc42.dll mfc42u.dll mfcaptureengine.dll mfcore.dll
    mfcsubs.dll mfds.dll mfdvdec.dll mferror.dll mfh263enc.dll mfh264enc.dll
    mfksproxy.dll mfmediaengine.dll mfmjpegdec.dll mfmkvsrcsnk.dll mfmp4srcsnk.dll
    mfmpeg2srcsnk.dll mfnetcore.dll mfnetsrc.dll mfperfhelper.dll mfplat.dll mfplay.dll
    mfps.dll mfreadwrite.dll mfsensorgroup.dll mfsrcsnk.dll mfsvr.dll mftranscode.dll
    mfvdsp.dll mfwmaaec.dll mgmtapi.dll mi.dll mibincodec.dll midimap.dll migisol.dll
    miguiresource.dll mimefilt.dll mimofcodec.dll miracastreceiver.dll
    mitigationclient.dll miutils.dll mlang.dll mmcbase.dll mmcndmgr.dll mmcshext.dll
    mmdevapi.dll modemui.dll mp3dmod.dll mp43decd.dll mp4sdecd.dll mpg4decd.dll mpr.dll
    mprapi.dll mprddm.dll mprdim.dll mprmsg.dll mpssvc.dll mrmcorer.dll mrmindexer.dll
    mrt100.dll mrt_map.dll msaatext.dll msac3enc.dll msacm32.dll msacm32.drv msafd.dll
    msajapi.dll msalacdecoder.dll msalacencoder.dll msamrnbdecoder.dll
    msamrnbencoder.dll msamrnbsink.dll msamrnbsource.dll msasn1.dll msauddecmft.dll
    mscandui.dll mscat32.dll msclmd.dll mscms.dll mscoree.dll mscories.dll msctf.dll
    msctfmonitor.dll msctfp.dll msctfui.dll msdadiag.dll msdart.dll msdelta.dll
    msdmo.dll msdrm.dll msdtckrm.dll msdtclog.dll msdtcprx.dll msdtctm.dll msdtcuiu.dll
    msfeeds.dll msfeedsbs.dll msflacdecoder.dll msflacencoder.dll msftedit.dll
    msheif.dll mshtml.dll mshtmled.dll msi.dll msicofire.dll msident.dll msidle.dll
    msieftp.dll msihnd.dll msiltcfg.dll msimg32.dll msimsg.dll msimtf.dll msisip.dll
    mskeyprotcli.dll mskeyprotect.dll msls31.dll msmpeg2adec.dll msmpeg2enc.dll
    msmpeg2vdec.dll msoert2.dll msopusdecoder.dll mspatcha.dll mspatchc.dll
    msphotography.dll msports.dll msrahc.dll msrating.dll msrawimage.dll msrdc.dll
    msrdpwebaccess.dll msrle32.dll msscntrs.dll mssign32.dll mssip32.dll mssitlb.dll
    msspellcheckingfacility.dll mssph.dll mssprxy.dll mssrch.dll mssvp.dll mstask.dll
    mstextprediction.dll mstscax.dll msutb.dll msv1_0.dll msvcirt.dll msvcp110_win.dll
    msvcp60.dll msvcp_win.dll msvcrt.dll msvfw32.dll msvidc32.dll msvidctl.dll
    msvideodsp.dll msvp9dec.dll msvproc.dll msvpxenc.dll mswb7.dll mswebp.dll mswmdm.dll
    mswsock.dll msxml3.dll msxml6.dll msyuv.dll mtf.dll mtxclu.dll mtxdm.dll mtxex.dll
    mtxoci.dll muifontsetup.dll muilanguagecleanup.dll mycomput.dll mydocs.dll
    napcrypt.dll napinsp.dll naturallanguage6.dll ncdprop.dll nci.dll ncobjapi.dll
    ncrypt.dll ncryptprov.dll ncryptsslp.dll ncsi.dll nddeapi.dll ndfapi.dll ndfetw.dll
    ndfhcdiscovery.dll ndishc.dll ndproxystub.dll negoexts.dll netapi32.dll netbios.dll
    netcenter.dll netcfgx.dll netcorehc.dll netdiagfx.dll netfxperf.dll netid.dll
    netiohlp.dll netjoin.dll netlogon.dll netman.dll netplwiz.dll netprofm.dll
    netprovfw.dll netsetupapi.dll netshell.dll nettrace.dll netutils.dll
    networkexplorer.dll networkitemfactory.dll newdev.dll ninput.dll nlaapi.dll
    nlahc.dll nlhtml.dll nlmgp.dll nlmsprep.dll nlsdata0000.dll nlsdata0009.dll
    nlsdl.dll normaliz.dll npmproxy.dll npsm.dll nrpsrv.dll nrtapi.dll nshhttp.dll
    nshipsec.dll nshwfp.dll nsi.dll nsisvc.dll ntasn1.dll ntdll.dll ntdsapi.dll
    ntlanman.dll ntlanui2.dll ntlmshared.dll ntmarta.dll ntprint.dll ntshrui.dll
    ntvdm64.dll objsel.dll occache.dll ocsetapi.dll odbc32.dll odbcbcp.dll odbcconf.dll
    odbccp32.dll odbccr32.dll odbccu32.dll odbctrac.dll offfilt.dll offlinelsa.dll
    offlinesam.dll offreg.dll ole32.dll oleacc.dll oleacchooks.dll oleaut32.dll
    oledlg.dll oleprn.dll ondemandconnroutehelper.dll onex.dll onexui.dll
    opcservices.dll opengl32.dll ortcengine.dll osbaseln.dll osuninst.dll p2p.dll
    p2pgraph.dll p2pnetsh.dll p2psvc.dll p9np.dll packager.dll panmap.dll pautoenr.dll
    pcacli.dll pcadm.dll pcasvc.dll pcaui.dll pcpksp.dll pcwum.dll pcwutl.dll pdh.dll
    pdhui.dll peerdist.dll peerdisthttptrans.dll peerdistsh.dll peerdistsvc.dll
    peerdistwsddiscoprov.dll perceptiondevice.dll perfdisk.dll perfnet.dll perfos.dll
    perfproc.dll perfts.dll photometadatahandler.dll photowiz.dll pickerplatform.dll
    pid.dll pidgenx.dll pktmonapi.dll pku2u.dll pla.dll playsndsrv.dll playtodevice.dll
    playtomanager.dll playtoreceiver.dll pmcsnap.dll pngfilt.dll pnidui.dll pnpts.dll
    pnpui.dll pnpxassoc.dll pnpxassocprx.dll pnrpauto.dll pnrphc.dll pnrpnsp.dll
    pnrpsvc.dll policymanager.dll polstore.dll portabledeviceapi.dll
    portabledeviceclassextension.dll portabledeviceconnectapi.dll
    portabledevicestatus.dll portabledevicesyncprovider.dll portabledevicetypes.dll
    portabledevicewiacompat.dll pots.dll powercpl.dll powrprof.dll ppcsnap.dll
    presentationhostproxy.dll printfilterpipelineprxy.dll printisolationproxy.dll
    printui.dll prncache.dll prnfldr.dll prnntfy.dll prntvpt.dll profapi.dll profext.dll
    profprov.dll profsvc.dll propsys.dll provthrd.dll proximitycommon.dll psapi.dll
    pshed.dll psisdecd.dll pstorec.dll puiapi.dll puiobj.dll pwrshplugin.dll qasf.dll
    qcap.dll qdv.dll qdvd.dll qedit.dll qmgr.dll quartz.dll query.dll qwave.dll
    racengn.dll racpldlg.dll radardt.dll radarrs.dll rasadhlp.dll rasapi32.dll
    rasauto.dll raschap.dll rasctrs.dll rasdiag.dll rasdlg.dll rasgcw.dll rasman.dll
    rasmans.dll rasmbmgr.dll rasmm.dll rasmontr.dll rasplap.dll rasppp.dll rastapi.dll
    rastls.dll rdpbase.dll rdpcfgex.dll rdpcorets.dll rdpendp.dll reagent.dll
    recovery.dll regapi.dll regctrl.dll regidle.dll regsvc.dll reinfo.dll remotepg.dll
    resampledmo.dll resourcepolicyclient.dll resutils.dll rgb9rast.dll riched20.dll
    riched32.dll rmclient.dll rnr20.dll rometadata.dll rpcepmap.dll rpchttp.dll
    rpcns4.dll rpcnsh.dll rpcrt4.dll rpcrtremote.dll rpcss.dll rsaenh.dll rshx32.dll
    rstrtmgr.dll rtffilt.dll rtm.dll rtmcodecs.dll rtmediaframe.dll rtmpal.dll
    rtmpltfm.dll rtutils.dll rtworkq.dll samcli.dll samlib.dll samsrv.dll sas.dll
    sbe.dll sbeio.dll scansetting.dll scarddlg.dll scardsvr.dll scavengeui.dll
    scecli.dll scesrv.dll schannel.dll schedcli.dll schedsvc.dll scksp.dll scripto.dll
    scrobj.dll scrptadm.dll scrrun.dll sdhcinst.dll sdiageng.dll sdiagprv.dll
    sdiagschd.dll sdohlp.dll searchfolder.dll sechost.dll seclogon.dll secproc.dll
    secproc_isv.dll secproc_ssp.dll secproc_ssp_isv.dll secur32.dll security.dll
    sendmail.dll sens.dll sensapi.dll sensorsapi.dll sensorsclassextension.dll
    sensorsnativeapi.dll sensorsnativeapi.v2.dll sensorsutilsv2.dll sensrsvc.dll
    serialui.dll serwvdrv.dll sessenv.dll setbcdlocale.dll setupapi.dll setupcln.dll
    sfc.dll sfc_os.dll shacct.dll sharehost.dll sharemediacpl.dll shcore.dll shdocvw.dll
    shell32.dll shfolder.dll shgina.dll shimeng.dll shimgvw.dll shlwapi.dll shpafact.dll
    shsetup.dll shsvcs.dll shunimpl.dll shwebsvc.dll signdrv.dll simauth.dll simcfg.dll
    slc.dll slcext.dll slwga.dll smartcardcredentialprovider.dll smbhelperclass.dll
    smiengine.dll sndvolsso.dll snmpapi.dll socialapis.dll softkbd.dll softpub.dll
    sortserver2003compat.dll sortwindows6compat.dll spacebridge.dll spatializerapo.dll
    spbcd.dll speechpal.dll spfileq.dll spinf.dll spnet.dll spoolss.dll spopk.dll
    spp.dll sppc.dll sppcext.dll sppcomapi.dll sppcommdlg.dll sppnp.dll sppobjs.dll
    sppwinob.dll sppwmi.dll spwinsat.dll spwizeng.dll spwmp.dll sqlsrv32.dll sqmapi.dll
    srchadmin.dll srclient.dll srcore.dll srhelper.dll srpapi.dll srpuxnativesnapin.dll
    srrstr.dll srumapi.dll srvcli.dll srvsvc.dll srwmi.dll sscore.dll ssdpapi.dll
    ssdpsrv.dll sspicli.dll sspisrv.dll ssshim.dll sstpsvc.dll staterepository.core.dll
    stclient.dll sti.dll sti_ci.dll stobject.dll storagecontexthandler.dll
    storageusage.dll storprop.dll streamci.dll structuredquery.dll sud.dll swprv.dll
    sxproxy.dll sxs.dll sxshared.dll sxssrv.dll sxsstore.dll synccenter.dll
    synchostps.dll syncinfrastructure.dll syncinfrastructureps.dll syncreg.dll
    sysclass.dll sysmain.dll sysntfy.dll syssetup.dll systemcpl.dll
    systemeventsbrokerclient.dll t2embed.dll tabbtn.dll tabbtnex.dll tabsvc.dll
    tapi3.dll tapi32.dll tapilua.dll tapimigplugin.dll tapiperf.dll tapisrv.dll
    tapisysprep.dll taskbarcpl.dll taskcomp.dll taskflowdataengine.dll taskschd.dll
    taskschdps.dll tbauth.dll tbs.dll tcpipcfg.dll tcpmib.dll tcpmon.dll tcpmonui.dll
    tdh.dll termmgr.dll termsrv.dll tetheringclient.dll textinputframework.dll
    textinputmethodformatter.dll textshaping.dll themecpl.dll themeservice.dll
    themeui.dll threadpoolwinrt.dll thumbcache.dll timebrokerclient.dll
    timedatemuicallback.dll tlscsp.dll tokenbinding.dll tokenbroker.dll tpmcompc.dll
    tpmcoreprovisioning.dll tquery.dll traffic.dll trkwks.dll tsbyuv.dll tscfgwmi.dll
    tsgqec.dll tsmf.dll tspkg.dll tsusbgdcoinstaller.dll
    tsusbredirectiongrouppolicyextension.dll tsworkspace.dll ttdrecordcpu.dll
    tvratings.dll twext.dll twinapi.appcore.dll twinapi.dll twinui.appcore.dll
    twinui.dll txflog.dll txfw32.dll tzres.dll ubpm.dll ucmhc.dll ucrtbase.dll
    ucrtbase_enclave.dll udhisapi.dll udwm.dll uexfat.dll ufat.dll uiamanager.dll
    uianimation.dll uiautomationcore.dll uicom.dll uiribbon.dll ulib.dll umb.dll
    umdmxfrm.dll umpdc.dll umpnpmgr.dll umpo.dll umrdp.dll unattend.dll unimdmat.dll
    uniplat.dll unistore.dll untfs.dll updatepolicy.dll upnp.dll upnphost.dll ureg.dll
    url.dll urlmon.dll usbcapi.dll usbceip.dll usbmon.dll usbperf.dll usbpmapi.dll
    usbui.dll user32.dll useraccountcontrolsettings.dll usercpl.dll
    userdataaccountapis.dll userenv.dll usermgrcli.dll usermgrproxy.dll usoapi.dll
    usp10.dll utcapi.dll utcutil.dll utildll.dll uudf.dll uxinit.dll uxlib.dll
    uxtheme.dll van.dll vault.dll vaultcli.dll vaultsvc.dll vbscript.dll vds_ps.dll
    vdsbas.dll vdsdyn.dll vdsutil.dll vdsvd.dll verifier.dll version.dll vertdll.dll
    vfwwdm32.dll vid.dll vidreszr.dll virtdisk.dll vmbuspipe.dll vmdevicehost.dll
    vmictimeprovider.dll vpnike.dll vpnikeapi.dll vss_ps.dll vssapi.dll vsstrace.dll
    w32time.dll w32topl.dll wabsyncprovider.dll wavemsp.dll wbemcomn.dll wbiosrvc.dll
    wci.dll wcimage.dll wcmapi.dll wcnapi.dll wcncsvc.dll wcneapauthproxy.dll
    wcneappeerproxy.dll wcnnetsh.dll wcnwiz.dll wdc.dll wdi.dll wdigest.dll wdmaud.drv
    wdscore.dll webauthn.dll webcamui.dll webcheck.dll webclnt.dll webio.dll
    webruntimemanager.dll webservices.dll websocket.dll wecapi.dll wecsvc.dll wer.dll
    werconcpl.dll wercplsupport.dll werdiagcontroller.dll wersvc.dll werui.dll
    wevtapi.dll wevtfwd.dll wevtsvc.dll wfapigp.dll wfhc.dll whealogr.dll whhelper.dll
    wiaaut.dll wiadefui.dll wiadss.dll wiaextensionhost64.dll wiarpc.dll
    wiascanprofiles.dll wiaservc.dll wiashext.dll wiatrace.dll wifidisplay.dll
    wimgapi.dll win32spl.dll win32u.dll winbio.dll winbioext.dll winbrand.dll
    wincorlib.dll wincredprovider.dll windowmanagement.dll windowmanagementapi.dll
    windows.accountscontrol.dll windows.ai.machinelearning.dll
    windows.ai.machinelearning.preview.dll windows.applicationmodel.core.dll
    windows.applicationmodel.datatransfer.dll windows.applicationmodel.dll
    windows.applicationmodel.lockscreen.dll windows.applicationmodel.store.dll
    windows.applicationmodel.wallet.dll windows.data.activities.dll windows.data.pdf.dll
    windows.devices.alljoyn.dll windows.devices.background.dll
    windows.devices.bluetooth.dll windows.devices.custom.dll
    windows.devices.enumeration.dll windows.devices.haptics.dll
    windows.devices.humaninterfacedevice.dll windows.devices.lights.dll
    windows.devices.lowlevel.dll windows.devices.midi.dll windows.devices.perception.dll
    windows.devices.picker.dll windows.devices.pointofservice.dll
    windows.devices.portable.dll windows.devices.printers.dll
    windows.devices.printers.extensions.dll windows.devices.radios.dll
    windows.devices.scanners.dll windows.devices.sensors.dll
    windows.devices.serialcommunication.dll windows.devices.smartcards.dll
    windows.devices.usb.dll windows.devices.wifi.dll windows.devices.wifidirect.dll
    windows.energy.dll windows.gaming.input.dll windows.gaming.preview.dll
    windows.gaming.ui.gamebar.dll windows.gaming.xboxlive.storage.dll
    windows.globalization.dll windows.globalization.fontgroups.dll
    windows.globalization.phonenumberformatting.dll windows.graphics.dll
    windows.graphics.printing.3d.dll windows.graphics.printing.dll
    windows.graphics.printing.workflow.dll windows.management.workplace.dll
    windows.media.audio.dll windows.media.devices.dll windows.media.dll
    windows.media.editing.dll windows.media.faceanalysis.dll windows.media.import.dll
    windows.media.mediacontrol.dll windows.media.ocr.dll
    windows.media.playback.backgroundmediaplayer.dll
    windows.media.playback.mediaplayer.dll windows.media.protection.playready.dll
    windows.media.renewal.dll windows.media.speech.dll windows.media.streaming.dll
    windows.networking.backgroundtransfer.dll windows.networking.connectivity.dll
    windows.networking.dll windows.networking.hostname.dll
    windows.networking.proximity.dll windows.networking.servicediscovery.dnssd.dll
    windows.networking.vpn.dll windows.payments.dll
    windows.security.authentication.onlineid.dll
    windows.security.authentication.web.core.dll
    windows.security.credentials.ui.credentialpicker.dll
    windows.security.credentials.ui.userconsentverifier.dll
    windows.security.integrity.dll windows.services.targetedcontent.dll
    windows.staterepository.dll windows.staterepositoryclient.dll
    windows.staterepositorycore.dll windows.staterepositoryps.dll
    windows.storage.applicationdata.dll windows.storage.compression.dll
    windows.storage.dll windows.storage.onecore.dll windows.storage.search.dll
    windows.system.diagnostics.dll windows.system.launcher.dll
    windows.system.profile.hardwareid.dll windows.system.profile.retailinfo.dll
    windows.system.profile.systemid.dll windows.system.profile.systemmanufacturers.dll
    windows.system.remotedesktop.dll windows.system.systemmanagement.dll
    windows.system.userdeviceassociation.dll windows.ui.accessibility.dll
    windows.ui.core.textinput.dll windows.ui.dll windows.ui.immersive.dll
    windows.ui.input.inking.analysis.dll windows.ui.input.inking.dll
    windows.ui.search.dll windows.ui.shell.dll windows.ui.xaml.controls.dll
    windows.ui.xaml.dll windows.ui.xaml.inkcontrols.dll windows.ui.xaml.maps.dll
    windows.ui.xaml.phone.dll windows.ui.xamlhost.dll windows.web.diagnostics.dll
    windows.web.dll windows.web.http.dll windowscodecs.dll windowscodecsext.dll
    windowscodecsraw.dll windowsperformancerecordercontrol.dll
    windowsudk.shellcommon.dll winethc.dll winfax.dll winhttp.dll winhttpcom.dll
    winhvemulation.dll winhvplatform.dll wininet.dll winipsec.dll winlangdb.dll
    winml.dll winmm.dll winmmbase.dll winmsipc.dll winnsi.dll winrnr.dll winrscmd.dll
    winrssrv.dll winrttracing.dll winsatapi.dll winscard.dll winshfhc.dll winsockhc.dll
    winspool.drv winsqlite3.dll winsrpc.dll winsrv.dll winsta.dll winsync.dll
    winsyncmetastore.dll winsyncproviders.dll wintrust.dll wintypes.dll winusb.dll
    wkscli.dll wksprtps.dll wkssvc.dll wlanapi.dll wlancfg.dll wlanconn.dll wlandlg.dll
    wlangpui.dll wlanhc.dll wlanhlp.dll wlanmm.dll wlanmsm.dll wlanpref.dll wlansec.dll
    wlansvc.dll wlanui.dll wlanutil.dll wldap32.dll wldp.dll wlgpclnt.dll wlidcli.dll
    wlidprov.dll wmadmod.dll wmadmoe.dll wmasf.dll wmcodecdspps.dll wmdmlog.dll
    wmdmps.dll wmdrmsdk.dll wmi.dll wmidx.dll wmiprop.dll wmnetmgr.dll wmp.dll
    wmpdxm.dll wmpeffects.dll wmphoto.dll wmpps.dll wmpshell.dll wmsgapi.dll
    wmspdmod.dll wmspdmoe.dll wmvcore.dll wmvdecod.dll wmvdspa.dll wmvencod.dll
    wmvsdecd.dll wmvsencd.dll wmvxencd.dll wofutil.dll wow64.dll wow64base.dll
    wow64con.dll wow64cpu.dll wow64win.dll wpc.dll wpcapi.dll wpd_ci.dll wpdbusenum.dll
    wpdshext.dll wpdshserviceobj.dll wpdsp.dll wpnapps.dll wpnclient.dll
    wpprecorderum.dll ws2_32.dll ws2help.dll wscapi.dll wscinterop.dll wscisvif.dll
    wsclient.dll wscproxystub.dll wscsvc.dll wsdapi.dll wsdchngr.dll wsdprintproxy.dll
    wsdscanproxy.dll wsecedit.dll wsepno.dll wshbth.dll wshcon.dll wshelper.dll
    wshext.dll wship6.dll wshom.ocx wshqos.dll wshrm.dll wshtcpip.dll wslapi.dll
    wsmanmigrationplugin.dll wsmauto.dll wsmplpxy.dll wsmsvc.dll wsmwmipl.dll
    wsnmp32.dll wsock32.dll wtsapi32.dll wuapi.dll wuaueng.dll wudfcoinstaller.dll
    wudfplatform.dll wudfx.dll wudfx02000.dll wudriver.dll wups.dll wups2.dll wvc.dll
    wwanapi.dll wwancfg.dll wwanconn.dll wwanhc.dll wwanmm.dll wwanpref.dll
    wwanprotdim.dll wwansvc.dll wwapi.dll xamltilerender.dll xaudio2_8.dll xaudio2_9.dll
    xinput1_4.dll xinput9_1_0.dll xinputuap.dll xmlfilter.dll xmllite.dll xmlprovi.dll
    xolehlp.dll xpsdocumenttargetprint.dll xpsgdiconverter.dll xpsprint.dll
    xpspushlayer.dll xpsrasterservice.dll xpsservices.dll xwizards.dll xwreg.dll
    xwtpdui.dll xwtpw32.dll zipfldr.dll
    """.split()
)

# Value data of the registry key HKLM\SYSTEM\CurrentControlSet\Control\Session
# Manager\KnownDLLs, without the ARM64 emulators (wowarmhw, xtajit, xtajit64) that
# the key names on x64 too. From a report of Windows 11 Enterprise 23H2 x64 (build
# 22631) published on GitHub, read 2026-11. A seed only: Windows adds what these
# import (for instance ntdll, kernelbase, ucrtbase).
KNOWN_DLLS: Final[frozenset[str]] = frozenset(
    """
    advapi32.dll clbcatq.dll combase.dll comdlg32.dll coml2.dll difxapi.dll gdi32.dll
    gdiplus.dll imagehlp.dll imm32.dll kernel32.dll msctf.dll msvcrt.dll normaliz.dll
    nsi.dll ole32.dll oleaut32.dll psapi.dll rpcrt4.dll sechost.dll setupapi.dll
    shcore.dll shell32.dll shlwapi.dll user32.dll wldap32.dll wow64.dll wow64base.dll
    wow64con.dll wow64cpu.dll wow64win.dll ws2_32.dll
    """.split()
)

# First Windows release that has a name of CLEAN_WINDOWS_11_X64, for some that not
# every Windows from 7 on has; a name without a row is not thereby older. Where no
# other source is named: the first of the per-release lists in delvewheel's
# repository (dll_lists, vanilla media of 7 SP1, 8, 8.1, 10 and 11) to have it.
MINIMUM_WINDOWS: Final[dict[str, str]] = {
    "appxpackaging.dll": "8",
    "bcp47langs.dll": "8",
    "combase.dll": "8",
    "dcomp.dll": "8",
    "mfcaptureengine.dll": "8",
    "mfcore.dll": "8",
    "mfmediaengine.dll": "8",
    "mrmcorer.dll": "8",
    "ninput.dll": "8",
    "shcore.dll": "8",
    "threadpoolwinrt.dll": "8",
    "websocket.dll": "8",
    "wintypes.dll": "8",
    "xaudio2_8.dll": "8",  # also Microsoft's page on XAudio2Create
    "xinput1_4.dll": "8",
    "atlthunk.dll": "8.1",
    "d3dcompiler_47.dll": "8.1",
    "kernel.appcore.dll": "8.1",
    "offreg.dll": "8.1",
    "rtworkq.dll": "8.1",  # also Microsoft's page on RtwqStartup
    "twinapi.appcore.dll": "8.1",
    "wincorlib.dll": "8.1",
    "wldp.dll": "8.1",
    "wofutil.dll": "8.1",
    "amsi.dll": "10",  # also Microsoft's page on AmsiInitialize
    "coml2.dll": "10",
    "coremessaging.dll": "10",
    "d3d12.dll": "10",
    "dbgcore.dll": "10",
    "dbgmodel.dll": "10",
    "msvcp110_win.dll": "10",
    "msvcp_win.dll": "10",
    "textinputframework.dll": "10",
    "ucrtbase.dll": "10",  # on older Windows by update KB2999226
    "windows.storage.dll": "10",
    "winsqlite3.dll": "10",
    "xaudio2_9.dll": "10",  # also Microsoft's page on XAudio2Create
    # Microsoft's page on ICU, International Components for Unicode
    "icuin.dll": "10 1703",
    "icuuc.dll": "10 1703",
    "icu.dll": "10 1903",
    # Microsoft's page on CfGetPlatformInfo
    "cldapi.dll": "10 1709",
    # Microsoft's page on DXCore
    "dxcore.dll": "10 2004",
}
