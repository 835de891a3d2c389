"""What of Python source is worth reading for the folders that it adds.

Most files do not name the call. To tell that takes no parser.
"""

from __future__ import annotations

import os
import re
from typing import Final

from .. import _deadline

_MARKS: Final = (b"add_dll_directory", b"AddDllDirectory")
# adang1345/delvewheel, _wheel_repair.py, from 0.0.1 to 1.13.2.
_PATCH: Final = re.compile(
    rb"^[^\n]*# start delvewheel patch[^\n]*\n(.*?)^[^\n]*# end delvewheel patch",
    re.DOTALL | re.MULTILINE,
)
# What stands in it, from 1.1.0 on, for wheels that ask for Python 3.8 or later and have
# no DLLs whose order matters.
_FOLDER: Final = (
    rb"os\.path\.abspath\(os\.path\.join\(os\.path\.dirname\(__file__\), "
    rb"os\.pardir, '([\w.-]+)'\)\)"
)
_USUAL: Final = re.compile(
    rb"def (_delvewheel_\w+)\(\):\n"
    rb"    import os\n"
    rb"    (?:libs_dir = %b\n    if os\.path\.isdir\(libs_dir\)|"
    rb"if os\.path\.isdir\(libs_dir := %b\)):\n"
    rb"        os\.add_dll_directory\(libs_dir\)\n+"
    rb"\1\(\)\n"
    rb"del \1\n" % (_FOLDER, _FOLDER)
)
# "Packaging namespace packages" (Python Packaging User Guide).
_SHARING: Final = re.compile(rb"extend_path|declare_namespace")


def names_the_call(path: str) -> bool:
    """Tell whether a file mentions the call, or holds the patch of delvewheel."""
    return excerpt(content_of(path)) != b""


def patched_folder(path: str) -> str | None:
    """Return the folder that a module adds by delvewheel's usual patch, and no other.

    :param path: the module.
    :returns: None where more has to be read of it.
    """
    found = _USUAL.fullmatch(excerpt(content_of(path)).replace(b"\r\n", b"\n"))
    if found is None:
        return None
    folder = (found[2] or found[3]).decode()
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(path))), folder)


def is_shared(path: str) -> bool:
    """Tell whether a package says that others may put packages into it.

    :param path: its `__init__.py`.
    """
    return _SHARING.search(content_of(path)) is not None


def content_of(path: str) -> bytes:
    """Return the bytes of a file; none of one that cannot be read."""
    _deadline.check()
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def excerpt(content: bytes) -> bytes:
    """Return what has to be read of a file, or nothing."""
    if not any(mark in content for mark in _MARKS):
        return b""
    patches = _PATCH.findall(content)
    if not patches:
        return content
    rest = _PATCH.sub(b"", content)
    if any(mark in rest for mark in _MARKS):
        return content
    return b"\n".join(map(_dedented, patches))


def _dedented(patch: bytes) -> bytes:
    text = patch.decode("utf-8", "replace")
    # `# delvewheel: patch` may stand indented.
    if text[:1].strip():
        return text.encode()
    import textwrap

    return textwrap.dedent(text).encode()
