"""Manifests as Visual Studio writes them, and as nobody should."""

from __future__ import annotations

import codecs
import sys
from xml import parsers

import hypothesis
import pytest
from hypothesis import strategies as st

from dllguard._files._manifest import LARGEST, parse_manifest, read_manifest
from dllguard._model import Assembly
from tests.limits import within

CRT = Assembly(
    name="microsoft.vc90.crt",
    version=(9, 0, 21022, 8),
    architecture="amd64",
    token="1fc8b3b9a1e18e3b",
)
CRT_XML = """<assemblyIdentity type='win32' name='Microsoft.VC90.CRT'
    version='9.0.21022.8' processorArchitecture='amd64'
    publicKeyToken='1fc8b3b9a1e18e3b'></assemblyIdentity>"""


def manifest(body: str, attributes: str = "") -> str:
    return (
        '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0"'
        f"{attributes}>{body}</assembly>"
    )


def dependency(identity: str, attributes: str = "") -> str:
    return (
        f"<dependency{attributes}><dependentAssembly>{identity}"
        "</dependentAssembly></dependency>"
    )


@pytest.mark.parametrize(
    ("xml", "assemblies"),
    [
        pytest.param(manifest(dependency(CRT_XML)), (CRT,), id="as-visual-studio"),
        pytest.param(manifest(""), (), id="empty"),
        pytest.param(
            manifest(
                '<trustInfo xmlns="urn:schemas-microsoft-com:asm.v3"><security/>'
                "</trustInfo>"
            ),
            (),
            id="trust-only",
        ),
        pytest.param(manifest(dependency(CRT_XML) * 2), (CRT,), id="twice"),
        pytest.param(
            manifest(dependency(CRT_XML, ' optional="yes"')), (), id="optional"
        ),
        pytest.param(
            manifest(dependency(CRT_XML, ' optional="YES"')), (), id="optional-case"
        ),
        pytest.param(
            manifest(dependency(CRT_XML, ' optional="no"')), (CRT,), id="not-optional"
        ),
        pytest.param(
            manifest(
                dependency('<assemblyIdentity name="A"/>', ' optional="yes"')
                + dependency(CRT_XML)
            ),
            (CRT,),
            id="optional-then-not",
        ),
        pytest.param(
            manifest(
                f"<asm:dependency><asm:dependentAssembly>{CRT_XML}"
                "</asm:dependentAssembly></asm:dependency>",
                ' xmlns:asm="urn:schemas-microsoft-com:asm.v1"',
            ),
            (CRT,),
            id="prefix",
        ),
        pytest.param(
            manifest(dependency(CRT_XML)).replace("asm.v1", "asm.v3"),
            (CRT,),
            id="version-3",
        ),
        pytest.param(
            manifest(
                '<dependency xmlns="urn:schemas-microsoft-com:asm.v2">'
                f"<dependentAssembly>{CRT_XML}</dependentAssembly></dependency>"
            ),
            (),
            id="clickonce",
        ),
        pytest.param(
            manifest(CRT_XML + dependency("<x><assemblyIdentity name='a'/></x>")),
            (),
            id="elsewhere",
        ),
        pytest.param(
            manifest(
                dependency(
                    '<assemblyIdentity name=" Microsoft.Windows.Common-Controls "'
                    ' version="6.0.0.0" processorArchitecture="*" language="*"'
                    ' publicKeyToken="6595B64144CCF1DF" type="win32"/>'
                    '<bindingRedirect oldVersion="1.0.0.0" newVersion="1.0.0.1"/>'
                )
            ),
            (
                Assembly(
                    "microsoft.windows.common-controls",
                    (6, 0, 0, 0),
                    token="6595b64144ccf1df",
                ),
            ),
            id="any-architecture",
        ),
        pytest.param(
            manifest(dependency('<assemblyIdentity name="A" language="fr-BE"/>')),
            (Assembly("a", (0, 0, 0, 0), language="fr-be"),),
            id="name-and-language-only",
        ),
    ],
)
def test_assemblies(xml: str, assemblies: tuple[Assembly, ...]) -> None:
    assert read_manifest(xml.encode()) == assemblies


def test_identity_and_files() -> None:
    body = (
        "<noInheritable/>"
        + CRT_XML
        + '<file name="msvcr90.dll" hash="00" hashalg="SHA1"><windowClass>a'
        '</windowClass></file><file name="sub\\MSVCP90.dll"/><file/>'
        "<clrClass name='not-a-file.dll'/>"
    )
    found = parse_manifest(manifest(body).encode())

    assert found.identity == CRT
    assert found.files == ("msvcr90.dll", "sub\\MSVCP90.dll")
    assert found.assemblies == ()


@pytest.mark.parametrize(
    ("encoding", "mark", "declared"),
    [
        ("utf-8", b"", ""),
        ("utf-8", b"", "UTF-8"),
        ("utf-8", codecs.BOM_UTF8, "UTF-8"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16"),
        ("utf-16-le", codecs.BOM_UTF16_LE, ""),
        ("cp1252", b"", "windows-1252"),
        ("latin-1", b"", "ISO-8859-1"),
    ],
)
@pytest.mark.parametrize("padding", [0, 1, 2, 3])
def test_encodings(encoding: str, mark: bytes, declared: str, padding: int) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>\r\n' if declared else ""
    xml = head + manifest(dependency('<assemblyIdentity name="\u00c4.B"/>'))
    content = mark + xml.encode(encoding) + bytes(padding)

    assert read_manifest(content) == (Assembly("\u00e4.b", (0, 0, 0, 0)),)


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0\0\0\0", id="zeros"),
        pytest.param(b"MZ\x90\0", id="not-xml"),
        pytest.param(b"DCM\x01PA30", id="compressed-by-windows"),
        pytest.param(b"<assembly", id="cut-off"),
        pytest.param(b"<assembly/>", id="no-namespace"),
        pytest.param(b"<html/>", id="other-root"),
        pytest.param(
            b'<x xmlns="urn:schemas-microsoft-com:asm.v1"/>', id="other-root-of-ours"
        ),
        pytest.param(manifest("<a></b>").encode(), id="wrong-end"),
        pytest.param(manifest("").encode() + b"<x/>", id="two-roots"),
        pytest.param(manifest("&x;").encode(), id="unknown-entity"),
        pytest.param(manifest("\udcff").encode("utf-8", "surrogateescape"), id="utf-8"),
        pytest.param(
            b'<?xml version="1.0" encoding="klingon"?>' + manifest("").encode(),
            id="unknown-encoding",
        ),
        pytest.param(
            b'<?xml version="1.0" encoding="rot13"?>' + manifest("").encode(),
            id="encoding-that-is-none",
        ),
        pytest.param(
            manifest(dependency('<assemblyIdentity version="1.0.0.0"/>')).encode(),
            id="no-name",
        ),
        pytest.param(
            manifest(dependency('<assemblyIdentity name="..\\a"/>')).encode(),
            id="name-with-folder",
        ),
        *(
            pytest.param(
                manifest(
                    dependency(f'<assemblyIdentity name="a" version="{version}"/>')
                ).encode(),
                id=f"version-{version}",
            )
            for version in ("1", "1.0.0", "1.0.0.0.0", "a.b.c.d", "1.0.0.-1", "1..0.0")
        ),
    ],
)
def test_damaged(xml: bytes) -> None:
    with pytest.raises(ValueError, match=r"manifest|assembly"):
        parse_manifest(xml)


def test_entities_do_not_expand() -> None:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">'
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    xml = f"<!DOCTYPE assembly [{entities}]>" + manifest("&i;")

    with pytest.raises(ValueError, match="document type"):
        parse_manifest(xml.encode())


def test_external_entity_is_not_read() -> None:
    xml = '<!DOCTYPE assembly SYSTEM "file:///etc/passwd">' + manifest("")

    with pytest.raises(ValueError, match="document type"):
        parse_manifest(xml.encode())


def test_size_is_limited() -> None:
    xml = manifest(" " * LARGEST).encode()

    with pytest.raises(ValueError, match="bytes"):
        parse_manifest(xml)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<a>" * 100_000 + "</a>" * 100_000, id="deep"),
        pytest.param(
            "".join(
                dependency(f'<assemblyIdentity name="a{i}"/>') for i in range(9_000)
            ),
            id="many",
        ),
        pytest.param(f'<file name="{"../" * 300_000}x.dll"/>', id="long"),
    ],
)
def test_large_manifest_takes_no_time(body: str) -> None:
    xml = manifest(body).encode()
    assert len(xml) < LARGEST

    with within(2):
        parse_manifest(xml)


@hypothesis.given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    for xml in (content, manifest("").encode() + content):
        try:
            found = parse_manifest(xml)
        except ValueError:
            continue
        assert found.assemblies == ()


@hypothesis.given(draw=st.data())
def test_no_damage_escapes(draw: st.DataObject) -> None:
    xml = bytearray(manifest(CRT_XML + dependency(CRT_XML)).encode())
    places = st.integers(0, len(xml) - 1)
    for at, value in draw.draw(
        st.lists(st.tuples(places, st.integers(0, 255)), max_size=4)
    ):
        xml[at] = value
    try:
        found = read_manifest(bytes(xml))
    except ValueError:
        return
    assert all(assembly.name == assembly.name.lower() for assembly in found)


def test_says_nothing_where_the_parser_does_not_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(parsers, "expat", raising=False)
    monkeypatch.setitem(sys.modules, "xml.parsers.expat", None)

    assert read_manifest(manifest(dependency(CRT_XML)).encode()) == ()
