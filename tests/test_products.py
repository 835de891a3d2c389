"""Rows of the table of products: each name finds its row, each row can be followed."""

from __future__ import annotations

import re

import pytest

from dllguard._tables._products import PRODUCTS, NativeProduct

NAMES = {
    "libvlc.dll": "VLC",
    "libvlccore.dll": "VLC",
    "libmagic.dll": "libmagic, {bits}-bit",
    "msys-magic-1.dll": "libmagic, {bits}-bit",
    "zlibwapi.dll": "zlibwapi.dll, {bits}-bit",
    "nvinfer_10.dll": "TensorRT",
    "nvonnxparser_10.dll": "TensorRT",
    "oci.dll": "the Oracle client",
    "libpq.dll": "the PostgreSQL client",
    "db2cli64.dll": "the Db2 client",
    "libgobject-2.0-0.dll": "Pango and GTK",
    "libpangocairo-1.0-0.dll": "Pango and GTK",
    "gobject-2.0-0.dll": "Pango and GTK",
    "libcairo-2.dll": "Pango and GTK",
    "mkl_intel_thread.2.dll": "Intel MKL",
    "mkl_core.dll": "Intel MKL",
    "libiomp5md.dll": "Intel OpenMP",
    "tbb12.dll": "Intel TBB",
    "libifcoremd.dll": "Intel's compilers",
    "nvcuda.dll": "the NVIDIA driver",
    "nvml.dll": "the NVIDIA driver",
    "vulkan-1.dll": "the graphics driver",
    "opencl.dll": "the graphics driver",
}


def row_of(name: str) -> NativeProduct | None:
    """Return the row that a DLL falls under."""
    return next((row for row in PRODUCTS if re.fullmatch(row.files, name)), None)


@pytest.mark.parametrize(("name", "title"), NAMES.items(), ids=NAMES)
def test_name(name: str, title: str) -> None:
    row = row_of(name)

    assert row is not None
    assert title in (row.title, row.wanted)


@pytest.mark.parametrize(
    "name",
    ["kernel32.dll", "vcruntime140.dll", "python311.dll", "hdf5.dll", "mkl.dll"],
)
def test_other_names(name: str) -> None:
    assert row_of(name) is None


@pytest.mark.parametrize("row", PRODUCTS, ids=[row.wanted for row in PRODUCTS])
class TestRow:
    def test_is_named_by_a_test(self, row: NativeProduct) -> None:
        assert any(row_of(name) is row for name in NAMES)

    def test_says_how_to_get_it(self, row: NativeProduct) -> None:
        assert row.ways
        texts = [row.note, row.wanted, *row.in_vain]
        texts += [text for way in row.ways for text in (way.text, *way.commands)]
        fields = {field for text in texts for field in re.findall(r"{(\w+)}", text)}
        assert fields <= {"bits", "arch", "python"}
        assert all(way.text.endswith(":") for way in row.ways if way.commands)
        assert all(text.split()[0].endswith("ing") for text in row.in_vain)
        assert not any(";" in text for text in row.in_vain)
