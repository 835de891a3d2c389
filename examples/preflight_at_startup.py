"""An application that tells at start-up why torchvision would not load.

Nothing is loaded for the verdict, so the application can still say it in its own way.
Run it, and add --report to write the whole report to a file and go on:

    python examples/preflight_at_startup.py
    python examples/preflight_at_startup.py --report dllguard.txt
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import dllguard


def main() -> int:
    """Start the application, or say why it cannot start."""
    parser = argparse.ArgumentParser(description="An application that uses torchvision")
    parser.add_argument("--report", type=Path, metavar="FILE")
    options = parser.parse_args()

    report = dllguard.preflight("torchvision")
    if options.report:
        options.report.write_text(str(report), encoding="utf-8")
    if not report.applicable:
        print(report)
        return 0
    if not options.report:
        # Ends the program with the explanation in place of a traceback of torch.
        report.raise_if_failed()
    if not report.ok:
        print(f"images are shown without detection; see {options.report}")
        return 1

    # Imported here, after the check: at the top of the file it would fail first.
    import torchvision

    print(f"torchvision {torchvision.__version__} is ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
