"""Folders where packages keep the extension modules they compile. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Cache:
    """One such folder.

    :param maker: the package that compiles and keeps the modules.
    :param pattern: regular expression for the path of a module in it, with slashes.
    :param emptied_by: commands of the Command Prompt that remove it, with all others
        that hold modules of the same maker.
    """

    maker: str
    pattern: str
    emptied_by: tuple[str, ...]


_TRITON: Final = (
    r'rmdir /s /q "%USERPROFILE%\.triton\cache"',
    r'rmdir /s /q "%TEMP%\torchinductor_%USERNAME%"',
)

CACHES: Final = (
    # woct0rdho/triton-windows#23 and #90 (read 2026): both folders must go, and a
    # module of another Python, Triton, compiler or CUDA is the usual reason.
    Cache("triton", r"/\.triton/cache/", _TRITON),
    Cache("triton", r"/torchinductor_[^/]+/", _TRITON),
    # torch/utils/cpp_extension.py, _get_build_directory (2.4, read 2026).
    Cache(
        "torch.utils.cpp_extension",
        r"/torch_extensions/torch_extensions/",
        (r'rmdir /s /q "%LOCALAPPDATA%\torch_extensions"',),
    ),
)
