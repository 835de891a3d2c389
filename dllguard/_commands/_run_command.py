"""`dllguard run`: a script under the hook, which need not import dllguard itself."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ._usage import UsageError

if TYPE_CHECKING:
    import argparse
    from types import TracebackType


def run(options: argparse.Namespace) -> int:
    """Run a script as Python would; it ends as the script does."""
    import runpy

    from .._hook import install

    if not os.path.isfile(options.script):
        raise UsageError(f"{options.script}: no such script")
    script = os.path.abspath(options.script)
    show = sys.excepthook

    def show_without_us(
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType | None,
    ) -> None:
        # A traceback starts in the script, as if Python itself ran it.
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename.startswith(script):
                break
            traceback = traceback.tb_next
        show(kind, error.with_traceback(traceback), traceback)

    install()
    sys.excepthook = show_without_us
    sys.argv = [script, *options.args]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(script)
    runpy.run_path(script, run_name="__main__")
    return 0
