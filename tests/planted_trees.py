"""Small trees of DLLs, one for each rule of the loader that Wine can judge.

Nothing here says what comes of them: dllguard's model and Wine's loader tell each other
(`test_against_wine`). Where Wine is no judge, `wine_differences` has the tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.pebuilder import ARM64, ARM64EC, ARM64X, X86, build_pe
from tests.planting import Planting

CRT: Final = "api-ms-win-crt-runtime-l1-1-0"
WITHOUT_HOST: Final = "api-ms-win-deprecated-apis-legacy-l1-1-0.dll"
UNKNOWN_SET: Final = "api-ms-win-nosuch-l1-1-0.dll"
HTML: Final = b"<!DOCTYPE html><html>"

_SCHEMA = 'xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0"'


def dll(*imports: str, **fields: Any) -> dict[str, Any]:
    """Return the fields of a DLL that exports `f`.

    :param imports: names of DLLs; the symbol wanted follows a `!`, `f` without one.
    """
    wanted: dict[str, list[str | int]] = {}
    for one in imports:
        name, _, symbol = one.partition("!")
        by_ordinal = symbol.startswith("#")
        wanted.setdefault(name, []).append(
            int(symbol[1:]) if by_ordinal else symbol or "f"
        )
    return {"imports": {**wanted, **fields.pop("imports", {})}, **fields}


def forwarding(to: str, *imports: str, **fields: Any) -> dict[str, Any]:
    """Return the fields of a DLL whose `f` is a forwarder."""
    return dll(*imports, exports=["other"], forwarders={"f": to}, **fields)


def wanting(name: str, version: str, **attributes: str) -> str:
    """Return a manifest that depends on one assembly."""
    given = {"type": "win32", "name": name, "version": version, **attributes}
    given.setdefault("processorArchitecture", "amd64")
    identity = " ".join(f'{key}="{value}"' for key, value in given.items())
    return (
        f"<assembly {_SCHEMA}><dependency><dependentAssembly>"
        f"<assemblyIdentity {identity}/>"
        "</dependentAssembly></dependency></assembly>"
    )


def assembly(version: str, *files: str) -> bytes:
    """Return the manifest of the assembly `My.Private`."""
    identity = f'type="win32" name="My.Private" version="{version}"'
    listed = "".join(f'<file name="{file}"/>' for file in files)
    return (
        f"<assembly {_SCHEMA}><assemblyIdentity {identity} "
        f'processorArchitecture="amd64"/>{listed}</assembly>'
    ).encode()


VC90: Final = {"publicKeyToken": "1fc8b3b9a1e18e3b"}
_PRIVATE = wanting("My.Private", "1.0.0.0")


def _importing(name: str, *files: str, **call: Any) -> Planting:
    """Return a tree whose root imports one name, with plain DLLs beside it."""
    beside = {file if "/" in file else f"own/{file}": dll() for file in files}
    return Planting({"own/root.dll": dll(name), **beside}, **call)


def _with(fields: Mapping[str, Any] | bytes, **call: Any) -> Planting:
    """Return a tree whose root imports a leaf that is made so."""
    return Planting({"own/root.dll": dll("leaf.dll"), "own/leaf.dll": fields}, **call)


NAMES: Final[Mapping[str, Planting]] = {
    "no extension means .dll": _importing("foo", "foo", "foo.dll"),
    "no extension is no file without one": _importing("foo", "foo"),
    "a trailing dot means no extension": _importing("foo.", "foo", "foo.dll"),
    "a trailing dot is not .dll": _importing("foo.", "foo.dll"),
    "a trailing dot after an extension": _importing("foo.dll.", "foo.dll"),
    "trailing spaces": _importing("foo.dll  ", "foo.dll"),
    "a trailing space without extension": _importing("foo ", "foo.dll"),
    "a trailing dot and space": _importing("foo. ", "foo", "foo.dll"),
    "a leading space counts": _importing(" foo.dll", " foo.dll", "foo.dll"),
    "a leading space is not dropped": _importing(" foo.dll", "foo.dll"),
    "another extension": _importing("foo.pyd", "foo.pyd"),
    "another extension gets no .dll": _importing("foo.pyd", "foo.pyd.dll"),
    "several dots": _importing("foo.1.2", "foo.1.2"),
    "several dots get no .dll": _importing("foo.1.2", "foo.1.2.dll"),
    "upper case in the import": _importing("FOO.DLL", "foo.dll"),
    "upper case on disk": _importing("foo.dll", "FOO.Dll"),
    "nothing but an extension": _importing(".dll", ".dll"),
    "an empty name": _importing("", "foo.dll"),
    "a name of one space": _importing(" ", "foo.dll"),
    "a name of one dot": _importing(".", "foo.dll"),
    "a stream of a file": _importing("foo.dll:x", "foo.dll"),
    "a question mark": _importing("foo?.dll", "foox.dll"),
    "a star": _importing("*.dll", "foo.dll"),
    "a byte of Latin-1": _importing("f\udcf6.dll", "fö.dll"),
    "a name in UTF-8": _importing("fö.dll", "fö.dll"),
    "a name of 200 characters": _importing(f"{'n' * 200}.dll", f"{'n' * 200}.dll"),
    "a root that is not ASCII": Planting(
        {"own/fö 中.dll": dll("foo.dll"), "own/foo.dll": dll()}, "own/fö 中.dll"
    ),
    "a root with a space at its end": Planting(
        {"own/root.dll": dll()}, "own/root.dll "
    ),
    "a root without its extension": Planting({"own/root.dll": dll()}, "own/root"),
    "a root with a trailing dot": Planting({"own/root": dll()}, "own/root."),
    "a bare root without extension": Planting(
        {"newer/root.dll": dll()}, "root", flags=0x400
    ),
    "a bare root with a trailing dot": Planting(
        {"newer/root": dll(), "newer/root.dll": dll()}, "root.", flags=0x400
    ),
    "a folder in the name": _importing(r"sub\foo.dll", "own/sub/foo.dll"),
    "a folder and a slash": _importing("sub/foo.dll", "own/sub/foo.dll"),
    "a folder and no extension": _importing(r"sub\foo", "own/sub/foo.dll"),
    "a folder is looked for below each of the list": _importing(
        r"sub\foo.dll", "older/sub/foo.dll", "elsewhere/sub/foo.dll"
    ),
    "a folder is not left out": _importing(r"sub\foo.dll", "foo.dll"),
    "a dot for a folder": _importing(r".\foo.dll", "foo.dll"),
    "a loaded base name does not answer for a name with a folder": _importing(
        r"sub\foo.dll",
        "own/sub/foo.dll",
        "elsewhere/foo.dll",
        first=(("elsewhere/foo.dll", 0x1100),),
    ),
    "a full path": _importing("<elsewhere>/foo.dll", "elsewhere/foo.dll", "foo.dll"),
    "a full path, then its base name": Planting(
        {
            "own/root.dll": dll("<elsewhere>/foo.dll", "foo.dll"),
            "elsewhere/foo.dll": dll(),
            "own/foo.dll": dll(),
        }
    ),
    "a base name, then a full path": Planting(
        {
            "own/root.dll": dll("foo.dll", "<elsewhere>/foo.dll"),
            "elsewhere/foo.dll": dll(),
            "own/foo.dll": dll(),
        }
    ),
}

# Which copies there are of one DLL. Each list loses its winner once in the tree.
_EVERYWHERE = "own application older newer set current path windows elsewhere"
_SEARCHES: Sequence[tuple[str, int, str]] = (
    *((_EVERYWHERE, flags, "") for flags in (0x1100, 0x1000, 0x400, 0x2000, 8, 0)),
    *((_EVERYWHERE, flags, "set") for flags in (0x1100, 0x400, 8, 0)),
    ("application older newer path", 0x1100, ""),
    ("older newer system path", 0x1100, ""),
    ("older system path", 0x1100, ""),
    ("set system path", 0x1100, "set"),
    ("set system path", 0x1100, ""),
    ("system windows current path", 0x1100, ""),
    ("windows current path elsewhere", 0x1100, ""),
    ("own older", 0x1000, ""),
    ("own elsewhere", 0x1000, ""),
    ("own older system", 0x200, ""),
    ("own application", 0x200, ""),
    ("own application older", 0x800, ""),
    ("application newer system", 0x100, ""),
    ("application older newer", 0x900, ""),
    ("application older system", 0x500, ""),
    ("older own set", 0xA00, "set"),
    ("older system", 0xC00, ""),
    ("own older newer", 0x3000, ""),
    ("own older newer", 0x2100, ""),
    ("system windows current path", 0, ""),
    ("windows current path", 0, ""),
    ("current path", 0, ""),
    ("current path", 0, "set"),
    ("path", 0, ""),
    ("own older newer", 0, ""),
    ("set system", 8, "set"),
    ("application system path", 8, ""),
    ("application path", 8, ""),
    ("application older newer", 8, ""),
)


def _searched() -> Iterator[tuple[str, Planting]]:
    for copies, flags, set_directory in _SEARCHES:
        everywhere = "everywhere" if copies == _EVERYWHERE else copies
        after = " after SetDllDirectory" if set_directory else ""
        files = {f"{place}/%leaf.dll": dll() for place in copies.split()}
        yield (
            f"{flags:#x} finds it in {everywhere}{after}",
            Planting(
                {"own/root.dll": dll("%leaf.dll"), **files},
                flags=flags,
                set_directory=set_directory,
            ),
        )


SEARCHES: Final[Mapping[str, Planting]] = {
    **dict(_searched()),
    "a folder added again is the newest": _importing(
        "leaf.dll",
        "older/leaf.dll",
        "newer/leaf.dll",
        added=("older", "newer", "older"),
    ),
    "PATH is searched in order": _importing(
        "leaf.dll",
        "path/leaf.dll",
        "elsewhere/leaf.dll",
        flags=0,
        path=("elsewhere", "path"),
    ),
    "without a current folder of its own": _importing(
        "%leaf.dll", "application/%leaf.dll", "path/%leaf.dll", flags=8, current=""
    ),
    "one list serves imports of imports": Planting(
        {
            "own/root.dll": dll("mid.dll"),
            "newer/mid.dll": dll("leaf.dll"),
            "newer/leaf.dll": dll(),
            "own/leaf.dll": dll(),
        }
    ),
    "the folder of an import is not searched": Planting(
        {
            "own/root.dll": dll("<elsewhere>/mid.dll"),
            "elsewhere/mid.dll": dll("leaf.dll"),
            "elsewhere/leaf.dll": dll(),
        }
    ),
    "the folder of an import on PATH is not searched first": Planting(
        {
            "own/root.dll": dll("mid.dll"),
            "path/mid.dll": dll("leaf.dll"),
            "path/leaf.dll": dll(),
            "current/leaf.dll": dll(),
        },
        flags=0,
    ),
    **{
        f"a bare root by {flags:#x}": Planting(
            {
                f"{place}/%root.dll": dll("%leaf.dll")
                for place in "application older newer current path system".split()
            }
            | {"older/%leaf.dll": dll(), "current/%leaf.dll": dll()},
            "%root.dll",
            flags=flags,
        )
        for flags in (0, 8, 0x200, 0x400, 0x800, 0xC00, 0x1000)
    },
    "a bare root that is nowhere": Planting(
        {"own/root.dll": dll(), "elsewhere/root.dll": dll()}, "root.dll", flags=0x1000
    ),
    "a bare root on PATH with its import beside it": Planting(
        {"path/root.dll": dll("leaf.dll"), "path/leaf.dll": dll()}, "root.dll", flags=8
    ),
    "a bare root, its import only beside it in an added folder": Planting(
        {"newer/root.dll": dll("leaf.dll"), "elsewhere/leaf.dll": dll()},
        "root.dll",
        flags=0x400,
    ),
    "an absent root": Planting({"own/other.dll": dll()}),
    "DLLs of Windows": Planting({"own/root.dll": dll("version.dll", "ws2_32.dll")}),
    "a DLL named as one of Windows": Planting(
        {"own/root.dll": dll("kernel32.dll"), "own/kernel32.dll": dll()}
    ),
}

_LEAF_ELSEWHERE: Final = (("elsewhere/leaf.dll", 0x1100),)

LOADED: Final[Mapping[str, Planting]] = {
    "a loaded base name answers": _importing(
        "leaf.dll", "leaf.dll", "elsewhere/leaf.dll", first=_LEAF_ELSEWHERE
    ),
    "the first loaded of a name answers": _importing(
        "leaf.dll",
        "newer/leaf.dll",
        "elsewhere/leaf.dll",
        first=(("newer/leaf.dll", 0x1100), *_LEAF_ELSEWHERE),
    ),
    "a loaded base name without extension": _importing(
        "leaf", "elsewhere/leaf.dll", first=_LEAF_ELSEWHERE
    ),
    "a loaded base name in upper case": _importing(
        "LEAF.DLL", "elsewhere/leaf.dll", first=_LEAF_ELSEWHERE
    ),
    "a loaded base name with a space": _importing(
        "leaf.dll ", "elsewhere/leaf.dll", first=_LEAF_ELSEWHERE
    ),
    "an import of a loaded file answers": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(),
            "elsewhere/top.dll": dll("leaf.dll"),
            "elsewhere/leaf.dll": dll(),
        },
        first=(("elsewhere/top.dll", 0x1100),),
    ),
    "the list of an earlier call decides": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(),
            "elsewhere/top.dll": dll("leaf.dll"),
            "path/leaf.dll": dll(),
        },
        first=(("elsewhere/top.dll", 0),),
    ),
    "a file of another machine is not loaded": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "elsewhere/leaf.dll": dll(machine=X86),
        },
        first=_LEAF_ELSEWHERE,
    ),
    "what failed to load does not answer": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(),
            "elsewhere/leaf.dll": dll("absent.dll"),
        },
        first=_LEAF_ELSEWHERE,
    ),
    "the name in the export table does not answer": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "elsewhere/renamed.dll": dll(name="leaf.dll"),
        },
        first=(("elsewhere/renamed.dll", 0x1100),),
    ),
    "a bare root that is loaded": Planting(
        {"newer/leaf.dll": dll(), "elsewhere/leaf.dll": dll()},
        "leaf.dll",
        flags=0x400,
        first=_LEAF_ELSEWHERE,
    ),
    "a root whose base name is loaded": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(),
            "elsewhere/root.dll": dll(),
        },
        first=(("elsewhere/root.dll", 0x1100),),
    ),
    "an import of the root's base name gets the loaded one": Planting(
        {
            "own/root.dll": dll("mid.dll"),
            "own/mid.dll": dll("root.dll"),
            "elsewhere/root.dll": dll(),
        },
        first=(("elsewhere/root.dll", 0x1100),),
    ),
    "the same file twice": Planting(
        {"own/root.dll": dll("leaf.dll"), "own/leaf.dll": dll()},
        first=(("own/root.dll", 0x1100),),
    ),
    "the same file by path, then by name": Planting(
        {"newer/root.dll": dll("leaf.dll"), "newer/leaf.dll": dll()},
        "root.dll",
        flags=0x1000,
        first=(("newer/root.dll", 0x1100),),
    ),
    "a loaded DLL named as one of Windows": Planting(
        {"own/root.dll": dll("version.dll"), "elsewhere/version.dll": dll()},
        first=(("elsewhere/version.dll", 0x1100),),
    ),
    "two equal files": Planting(
        {
            "own/root.dll": dll("one.dll", "two.dll"),
            "own/one.dll": dll(name="one.dll"),
            "own/two.dll": dll(name="one.dll"),
        }
    ),
}

_GOOD = build_pe(exports=["f"])
_OPTIONAL_SIZE = 64 + 20
_MAGIC = 64 + 24


def _patched(at: int, value: bytes) -> bytes:
    return _GOOD[:at] + value + _GOOD[at + len(value) :]


DAMAGES: Final[Mapping[str, bytes]] = {
    "empty": b"",
    "one byte": b"M",
    "HTML": HTML,
    "a git-lfs pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "gzip": b"\x1f\x8b\x08\0" + bytes(1000),
    "ELF": b"\x7fELF\2\1\1\0" + bytes(1000),
    "zeros": bytes(4096),
    "cut in half": _GOOD[: len(_GOOD) // 2],
    "cut after its headers": _GOOD[:512],
    "cut by its last byte": _GOOD[:-1],
    "cut by its last sector": _GOOD[:-512],
    "cut in its headers": _GOOD[:200],
    "cut after the DOS header": _GOOD[:64],
    "a header beyond its end": _patched(60, b"\0\0\1\0"),
    "a wrong signature": _patched(64, b"PX"),
    "a program for 16 bits": _patched(64, b"NE"),
    "no optional header": _patched(_OPTIONAL_SIZE, b"\0\0"),
    "a wrong magic": _patched(_MAGIC, b"\x07\x01"),
    "the magic of 32 bits": _patched(_MAGIC, b"\x0b\x01"),
    "bytes after its end": _GOOD + b"junk" * 100,
}

MISFITS: Final[Mapping[str, Planting]] = {
    **{
        f"a root that is {damage}": Planting({"own/root.dll": content})
        for damage, content in DAMAGES.items()
    },
    "an import that is HTML": _with(HTML),
    "an import that is empty": _with(b""),
    "an import that is cut": _with(_GOOD[: len(_GOOD) // 2]),
    "no PE file stops the search": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "own/leaf.dll": HTML,
            "newer/leaf.dll": dll(),
        }
    ),
    "no PE file stops the search for a root": Planting(
        {"newer/root.dll": HTML, "older/root.dll": dll()}, "root.dll", flags=0x400
    ),
    "a root for x86": Planting({"own/root.dll": dll(machine=X86)}),
    "an import for x86": _with(dll(machine=X86)),
    "a file for x86 is passed over": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(machine=X86),
            "newer/leaf.dll": dll(),
        }
    ),
    "two files for x86, then no PE file": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(machine=X86),
            "newer/leaf.dll": dll(machine=X86),
            "older/leaf.dll": HTML,
        }
    ),
    "a bare root for x86 is passed over": Planting(
        {"newer/root.dll": dll(machine=X86), "older/root.dll": dll()},
        "root.dll",
        flags=0x400,
    ),
    "a bare root for x86 alone": Planting(
        {"newer/root.dll": dll(machine=X86)}, "root.dll", flags=0x400
    ),
    "what only a file for x86 imports is not wanted": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "own/leaf.dll": dll("absent.dll", machine=X86),
            "newer/leaf.dll": dll(),
        }
    ),
    **{
        f"a {what} for {machine:#x}": planting
        for machine in (ARM64, ARM64EC, ARM64X, 0x1C4, 0x200, 0)
        for what, planting in (
            ("root", Planting({"own/root.dll": dll(machine=machine)})),
            ("leaf", _with(dll(machine=machine))),
        )
    },
    "a root for ARM64X": Planting({"own/root.dll": dll(machine=ARM64, chpe=True)}),
    "an x64 import with CHPE metadata": _with(dll(chpe=True)),
    "an assembly of .NET for x86": Planting(
        {"own/root.dll": dll(machine=X86, il_only=True)}
    ),
    "an import of .NET for x86": _with(dll(machine=X86, il_only=True)),
    "an import of .NET for x86 is not passed over": Planting(
        {
            "own/root.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(machine=X86, il_only=True),
            "newer/leaf.dll": dll(),
        }
    ),
    "imports of .NET for x64 are not resolved": Planting(
        {"own/root.dll": dll("absent.dll", il_only=True)}
    ),
    "imports of .NET for x86 are not resolved": _with(
        dll("absent.dll", machine=X86, il_only=True)
    ),
    "an assembly of .NET for ARM64": Planting(
        {"own/root.dll": dll(machine=ARM64, il_only=True)}
    ),
    "an assembly of .NET for x64": Planting({"own/root.dll": dll(il_only=True)}),
    "no loader of .NET on the list": Planting(
        {"own/root.dll": dll(machine=X86, il_only=True)}, flags=0x100
    ),
    "a loader of .NET for x64 that is on no list": Planting(
        {"own/root.dll": dll(il_only=True)}, flags=0x100
    ),
}

API_SETS: Final[Mapping[str, Planting]] = {
    "a known set": _importing(f"{CRT}.dll"),
    "a file of a known set is not looked at": _importing(f"{CRT}.dll", f"{CRT}.dll"),
    "a set without extension": _importing(CRT),
    "a set in upper case": _importing(f"{CRT}.DLL".upper()),
    "a set with a space": _importing(f"{CRT}.dll "),
    "a set with a trailing dot": _importing(f"{CRT}."),
    "a set with another extension": _importing(f"{CRT}.foo", f"{CRT}.foo"),
    "a higher last number": _importing(f"{CRT[:-1]}9.dll", f"{CRT[:-1]}9.dll"),
    "a last number of two digits": _importing(f"{CRT[:-1]}10.dll"),
    "a last part that is no number": _importing(f"{CRT[:-1]}x.dll"),
    "a higher middle number": _importing(f"{CRT[:-3]}2-0.dll"),
    "a higher first number": _importing(CRT.replace("l1", "l2")),
    "no last number": _importing(f"{CRT[:-2]}.dll"),
    "an unknown set": _importing(UNKNOWN_SET),
    "a file of an unknown set": _importing(UNKNOWN_SET, UNKNOWN_SET),
    "an unknown ext- set": _importing(UNKNOWN_SET.replace("api", "ext")),
    "a file of an unknown ext- set": _importing(
        "ext-ms-win-nosuch-l1-1-0.dll", "ext-ms-win-nosuch-l1-1-0.dll"
    ),
    "a set without a host": _importing(WITHOUT_HOST),
    "a file of a set without a host": _importing(WITHOUT_HOST, WITHOUT_HOST),
    "a name that only begins like a set": _importing("api-foo.dll", "api-foo.dll"),
    "a set with a folder is a file": _importing(rf".\{CRT}.dll", f"{CRT}.dll"),
    "a set with a folder is no set": _importing(rf".\{CRT}.dll"),
    "a root named as a set": Planting({f"own/{CRT}.dll": dll()}, f"own/{CRT}.dll"),
    "a bare set": Planting({}, f"{CRT}.dll", flags=0x1000),
    "a bare set without extension": Planting({}, CRT, flags=0),
    "a bare unknown set": Planting({}, UNKNOWN_SET, flags=0x1000),
    "a bare set without a host": Planting({}, WITHOUT_HOST, flags=0x1000),
    "a loaded file of a set does not answer": _importing(
        f"{CRT}.dll",
        f"elsewhere/{CRT}.dll",
        first=((f"elsewhere/{CRT}.dll", 0x1100),),
    ),
    "a loaded host answers": _importing(
        f"{CRT}.dll",
        "elsewhere/ucrtbase.dll",
        first=(("elsewhere/ucrtbase.dll", 0x1100),),
    ),
}


def _forwarded(to: str, *names: str, **call: Any) -> Planting:
    """Return a tree in which `fwd.dll` forwards to what else lies beside the root."""
    beside = {f"own/{name}": dll() for name in names}
    files = {"own/root.dll": dll("fwd.dll"), "own/fwd.dll": forwarding(to)}
    return Planting({**files, **beside}, **call)


FORWARDERS: Final[Mapping[str, Planting]] = {
    "a forwarder loads its target": _forwarded("tgt.f", "tgt.dll"),
    "a forwarder that is not imported": Planting(
        {
            "own/root.dll": dll("fwd.dll!other"),
            "own/fwd.dll": forwarding("tgt.f"),
            "own/tgt.dll": dll(),
        }
    ),
    "a forwarder imported by ordinal": Planting(
        {
            "own/root.dll": dll("fwd.dll!#1"),
            "own/fwd.dll": forwarding("tgt.f"),
            "own/tgt.dll": dll(),
        }
    ),
    "a forwarder to an ordinal": _forwarded("tgt.#1", "tgt.dll"),
    "a target with imports": Planting(
        {
            "own/root.dll": dll("fwd.dll"),
            "own/fwd.dll": forwarding("tgt.f"),
            "own/tgt.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(),
        }
    ),
    "a chain of forwarders": Planting(
        {
            "own/root.dll": dll("fwd.dll"),
            "own/fwd.dll": forwarding("second.f"),
            "own/second.dll": forwarding("third.f"),
            "own/third.dll": dll(),
        }
    ),
    "a chain of forwarders that ends in nothing": Planting(
        {
            "own/root.dll": dll("fwd.dll"),
            "own/fwd.dll": forwarding("second.f"),
            "own/second.dll": forwarding("absent.f"),
        }
    ),
    "a target that is absent": _forwarded("tgt.f"),
    "a target without the symbol": _forwarded("tgt.g", "tgt.dll"),
    "a target for x86": Planting(
        {
            "own/root.dll": dll("fwd.dll"),
            "own/fwd.dll": forwarding("tgt.f"),
            "own/tgt.dll": dll(machine=X86),
        }
    ),
    "a target that lacks an import": Planting(
        {
            "own/root.dll": dll("fwd.dll"),
            "own/fwd.dll": forwarding("tgt.f"),
            "own/tgt.dll": dll("absent.dll"),
        }
    ),
    "the list of the call finds the target": Planting(
        {
            "own/root.dll": dll("fwd.dll"),
            "newer/fwd.dll": forwarding("tgt.f"),
            "newer/tgt.dll": dll(),
            "own/tgt.dll": dll(),
        }
    ),
    "a target beside a loaded forwarder only": Planting(
        {
            "own/root.dll": dll("fwd.dll"),
            "elsewhere/fwd.dll": forwarding("tgt.f"),
            "elsewhere/tgt.dll": dll(),
        },
        first=(("elsewhere/fwd.dll", 0x1100),),
    ),
    "a loaded target": Planting(
        {
            "own/root.dll": dll("fwd.dll"),
            "own/fwd.dll": forwarding("tgt.f"),
            "own/tgt.dll": dll(),
            "elsewhere/tgt.dll": dll(),
        },
        first=(("elsewhere/tgt.dll", 0x1100),),
    ),
    "a forwarder through an API set": _forwarded(f"{CRT}.abort"),
    "a forwarder through an unknown set": _forwarded("api-ms-win-no-l1-1-0.abort"),
    "a forwarder to its own file": _forwarded("fwd.other"),
    "a forwarder back to the root": Planting(
        {
            "own/root.dll": dll("fwd.dll", exports=["h"]),
            "own/fwd.dll": forwarding("root.h"),
        }
    ),
    "a target with a dot": _forwarded("tgt.ext.f", "tgt.ext", "tgt.ext.dll"),
    "a target with a dot gets no .dll": _forwarded("tgt.ext.f", "tgt.ext.dll"),
    "a target with .dll": _forwarded("tgt.dll.f", "tgt.dll"),
    "a target without a symbol": _forwarded("nodot", "nodot.dll"),
    "a target with a folder": _forwarded(r"sub\tgt.f", "sub/tgt.dll"),
    "a root that forwards": Planting(
        {"own/root.dll": forwarding("tgt.f"), "own/tgt.dll": dll()}
    ),
}

IMPORTS: Final[Mapping[str, Planting]] = {
    "a diamond": Planting(
        {
            "own/root.dll": dll("left.dll", "right.dll"),
            "own/left.dll": dll("bottom.dll"),
            "own/right.dll": dll("BOTTOM.dll"),
            "own/bottom.dll": dll(),
        }
    ),
    "a diamond without its bottom": Planting(
        {
            "own/root.dll": dll("left.dll", "right.dll"),
            "own/left.dll": dll("bottom.dll"),
            "own/right.dll": dll("bottom.dll"),
        }
    ),
    "a cycle": Planting(
        {"own/root.dll": dll("mid.dll"), "own/mid.dll": dll("root.dll")}
    ),
    "a cycle that lacks an import": Planting(
        {"own/root.dll": dll("mid.dll"), "own/mid.dll": dll("root.dll", "absent.dll")}
    ),
    "a cycle below the root": Planting(
        {
            "own/root.dll": dll("one.dll"),
            "own/one.dll": dll("two.dll"),
            "own/two.dll": dll("one.dll", "leaf.dll"),
            "own/leaf.dll": dll(),
        }
    ),
    "an import of itself": Planting({"own/root.dll": dll("root.dll")}),
    "an import of a root that is on no list": Planting(
        {
            "own/root.dll": dll("mid.dll"),
            "path/mid.dll": dll("root.dll"),
            "path/root.dll": dll(),
        },
        flags=0,
    ),
    "an import of a root with another extension": Planting(
        {"own/root.pyd": dll("mid.dll"), "own/mid.dll": dll("root.pyd")}, "own/root.pyd"
    ),
    "an absent import": _importing("absent.dll"),
    "a good import, then an absent one": Planting(
        {"own/root.dll": dll("good.dll", "absent.dll"), "own/good.dll": dll()}
    ),
    "an absent import three files down": Planting(
        {
            "own/root.dll": dll("one.dll"),
            "own/one.dll": dll("two.dll"),
            "own/two.dll": dll("absent.dll"),
        }
    ),
    "an absent delay import": Planting(
        {"own/root.dll": dll(delay_imports={"absent.dll": ["f"]})}
    ),
    "a delay import is not loaded": Planting(
        {
            "own/root.dll": dll(delay_imports={"leaf.dll": ["f"]}),
            "own/leaf.dll": dll(),
        }
    ),
    "no symbol is wanted of an absent import": Planting(
        {"own/root.dll": dll(imports={"absent.dll": []})}
    ),
    "no symbol is wanted of an import": Planting(
        {"own/root.dll": dll(imports={"leaf.dll": []}), "own/leaf.dll": dll()}
    ),
    "an import after one of which nothing is wanted": Planting(
        {
            "own/root.dll": dll(imports={"absent.dll": [], "leaf.dll": ["f"]}),
            "own/leaf.dll": dll(),
        }
    ),
    "one import in two descriptors": Planting(
        {"own/root.dll": dll("leaf.dll", "LEAF.dll"), "own/leaf.dll": dll()}
    ),
    "an import by ordinal": Planting(
        {"own/root.dll": dll("leaf.dll!#7"), "own/leaf.dll": dll(ordinal_exports=[7])}
    ),
    "the first import decides which copy": Planting(
        {
            "own/root.dll": dll("<elsewhere>/leaf.dll", "mid.dll"),
            "own/mid.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(),
            "elsewhere/leaf.dll": dll(),
        }
    ),
    "an import decides which copy before its sibling does": Planting(
        {
            "own/root.dll": dll("mid.dll", "<elsewhere>/leaf.dll"),
            "own/mid.dll": dll("leaf.dll"),
            "own/leaf.dll": dll(),
            "elsewhere/leaf.dll": dll(),
        }
    ),
    "a program": Planting({"own/tool.exe": dll(dll=False)}, "own/tool.exe"),
    "an import of a program": Planting(
        {"own/root.dll": dll("tool.exe"), "own/tool.exe": dll(dll=False)}
    ),
    "imports of a program": Planting(
        {
            "own/root.dll": dll("tool.exe"),
            "own/tool.exe": dll("absent.dll", dll=False),
        }
    ),
    "imports of a root without the DLL flag": Planting(
        {"own/root.dll": dll("absent.dll", dll=False)}
    ),
    "present imports of a root without the DLL flag": Planting(
        {"own/root.dll": dll("leaf.dll", dll=False), "own/leaf.dll": dll()}
    ),
}

_MSVCR90 = "msvcr90.dll!abort"


def _vc90(version: str = "9.0.21022.8", **attributes: str) -> Planting:
    manifest = wanting("Microsoft.VC90.CRT", version, **{**VC90, **attributes})
    return Planting(
        {"own/root.dll": dll(_MSVCR90, manifest=manifest), "own/msvcr90.dll": dll()}
    )


_WANTS_VC90: Final = wanting("Microsoft.VC90.CRT", "9.0.21022.8", **VC90)
_WANTS_VC80: Final = wanting("Microsoft.VC80.CRT", "8.0.50727.762", **VC90)
_COMCTL: Final = wanting(
    "Microsoft.Windows.Common-Controls",
    "6.0.0.0",
    processorArchitecture="*",
    publicKeyToken="6595b64144ccf1df",
    language="*",
)


def _private(files: Mapping[str, Mapping[str, Any] | bytes]) -> Planting:
    return Planting({"own/root.dll": dll("priv.dll", manifest=_PRIVATE), **files})


MANIFESTS: Final[Mapping[str, Planting]] = {
    "a shared assembly": _vc90(),
    "a shared assembly of that very version": _vc90("9.0.30729.6161"),
    "a shared assembly for any machine": _vc90(processorArchitecture="*"),
    "a shared assembly in any language": _vc90(language="*"),
    "no manifest": _importing(_MSVCR90, "msvcr90.dll"),
    "a shared assembly, and a loaded base name": Planting(
        {
            "own/root.dll": dll(_MSVCR90, manifest=_WANTS_VC90),
            "elsewhere/msvcr90.dll": dll(),
        },
        first=(("elsewhere/msvcr90.dll", 0x1100),),
    ),
    "a shared assembly, and no extension": Planting(
        {"own/root.dll": dll("msvcr90!abort", manifest=_WANTS_VC90)}
    ),
    "a manifest serves imports without one": Planting(
        {
            "own/root.dll": dll("mid.dll", manifest=_WANTS_VC90),
            "own/mid.dll": dll(_MSVCR90),
            "own/msvcr90.dll": dll(),
        }
    ),
    "a manifest serves no import with its own": Planting(
        {
            "own/root.dll": dll("mid.dll", manifest=_WANTS_VC90),
            "own/mid.dll": dll(_MSVCR90, manifest=_WANTS_VC80),
            "own/msvcr90.dll": dll(),
        }
    ),
    "a manifest that wants nothing": Planting(
        {
            "own/root.dll": dll("mid.dll", manifest=_WANTS_VC90),
            "own/mid.dll": dll(_MSVCR90, manifest=f"<assembly {_SCHEMA}></assembly>"),
            "own/msvcr90.dll": dll(),
        }
    ),
    "a manifest of an import does not serve the root": Planting(
        {
            "own/root.dll": dll("mid.dll", _MSVCR90),
            "own/mid.dll": dll(manifest=_WANTS_VC90),
            "own/msvcr90.dll": dll(),
        }
    ),
    "a manifest serves forwarders": Planting(
        {
            "own/root.dll": dll("fwd.dll", manifest=_WANTS_VC90),
            "own/fwd.dll": forwarding("msvcr90.abort"),
            "own/msvcr90.dll": dll(),
        }
    ),
    "a manifest with the number of a program's": Planting(
        {
            "own/root.dll": dll(_MSVCR90, manifest=_WANTS_VC90, manifest_id=1),
            "own/msvcr90.dll": dll(),
        }
    ),
    "a manifest that is no XML": Planting(
        {"own/root.dll": dll("leaf.dll", manifest="hello"), "own/leaf.dll": dll()}
    ),
    "a manifest beside the root is not read": Planting(
        {
            "own/root.dll": dll(_MSVCR90),
            "own/root.dll.2.manifest": _WANTS_VC90.encode(),
            "own/msvcr90.dll": dll(),
        }
    ),
    "an assembly in a folder of its name": _private(
        {
            "own/My.Private/My.Private.manifest": assembly("1.0.0.0", "priv.dll"),
            "own/My.Private/priv.dll": dll(),
            "own/priv.dll": dll(),
        }
    ),
    "an assembly beside the root": _private(
        {
            "own/My.Private.manifest": assembly("1.0.0.0", "priv.dll"),
            "own/priv.dll": dll(),
        }
    ),
    "an assembly in a DLL of its name": _private(
        {
            "own/My.Private/My.Private.dll": dll(
                manifest=assembly("1.0.0.0", "priv.dll").decode(), manifest_id=1
            ),
            "own/My.Private/priv.dll": dll(),
        }
    ),
    "an assembly does not have the file": _private(
        {
            "own/My.Private/My.Private.manifest": assembly("1.0.0.0", "other.dll"),
            "own/My.Private/priv.dll": dll(),
        }
    ),
    "an assembly that does not list the file which the list has": _private(
        {
            "own/My.Private/My.Private.manifest": assembly("1.0.0.0", "other.dll"),
            "own/My.Private/other.dll": dll(),
            "own/My.Private/priv.dll": dll(),
            "newer/priv.dll": dll(),
        }
    ),
    "Common-Controls 6": Planting(
        {"own/root.dll": dll("comctl32.dll!InitCommonControls", manifest=_COMCTL)}
    ),
    "Common-Controls without a manifest": Planting(
        {"own/root.dll": dll("comctl32.dll!InitCommonControls")}
    ),
}

TREES: Final[Mapping[str, Planting]] = {
    **NAMES,
    **SEARCHES,
    **LOADED,
    **MISFITS,
    **API_SETS,
    **FORWARDERS,
    **IMPORTS,
    **MANIFESTS,
}
"""All of them, by what each is about."""

_ODD_SET = "only a name of the documented form is taken for an API set"

MODEL_IS_WRONG: Final[Mapping[str, str]] = {
    "a set with another extension": _ODD_SET,
    "a last part that is no number": _ODD_SET,
}
"""Trees of which Wine tells the truth, and the model does not yet."""
