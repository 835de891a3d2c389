"""Official pages that the explanations point to. Data only."""

from __future__ import annotations

from typing import Final

REDISTRIBUTABLES: Final = (
    "https://learn.microsoft.com/en-us/cpp/windows/latest-supported-vc-redist"
)
SEARCH_ORDER: Final = (
    "https://learn.microsoft.com/en-us/windows/win32/dlls/"
    "dynamic-link-library-search-order"
)
ADD_FOLDER: Final = "https://docs.python.org/3/library/os.html#os.add_dll_directory"
PYTHON_DOWNLOADS: Final = "https://www.python.org/downloads/windows/"
MEDIA_FEATURE_PACKS: Final = "https://support.microsoft.com/help/3145500"
FUNCTIONS: Final = "https://learn.microsoft.com/windows/win32/api/"
UNIVERSAL_CRT: Final = "https://support.microsoft.com/help/2999226"
TORCH: Final = "https://pytorch.org/get-started/locally/"
TORCH_RELEASES: Final = "https://pytorch.org/get-started/previous-versions/"
