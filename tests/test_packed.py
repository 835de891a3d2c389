"""Which DLLs that UPX has packed are reported."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from dllguard._judge import judge
from tests.pebuilder import build_pe
from tests.texts import obey
from tests.trees import Tree

UPX = {"UPX0": b"\0", "UPX1": b"\0"}


def guarded(image: bytes) -> bytes:
    """Set IMAGE_DLLCHARACTERISTICS_GUARD_CF in the optional header."""
    (header,) = struct.unpack_from("<I", image, 0x3C)
    at = header + 24 + 70
    (flags,) = struct.unpack_from("<H", image, at)
    return image[:at] + struct.pack("<H", flags | 0x4000) + image[at + 2 :]


@pytest.mark.parametrize(
    ("name", "sections", "guard", "reported"),
    [
        ("msvcp140.dll", UPX, False, True),
        ("other.dll", UPX, True, True),
        ("other.dll", UPX, False, False),
        ("other.dll", {"UPX0": b"\0"}, True, False),
        ("other.dll", {}, True, False),
    ],
    ids=["runtime", "guarded", "plain", "one-section", "not-packed"],
)
def test_packed(
    tmp_path: Path, name: str, sections: dict[str, bytes], guard: bool, reported: bool
) -> None:
    tree = Tree(tmp_path)
    dll = build_pe(exports=["function"], sections=sections, file_version=(14, 44, 0, 0))
    files = {
        "shapes/_core.pyd": tree.pe(name),
        f"shapes/{name}": guarded(dll) if guard else dll,
    }
    tree.install("shapes", "1.0", files)

    found = judge(tree.live(), "shapes").diagnoses

    assert [d.code for d in found] == ["packed-file"] * reported
    for diagnosis in found:
        obey(diagnosis)
        assert "product" in diagnosis.help[0].text, "no frozen program"
