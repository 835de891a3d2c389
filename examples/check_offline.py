"""Judge a Windows environment from any system, and read the verdict as JSON.

The environment is a folder that was copied or mounted: the one with python.exe and
Lib in it. Give the Windows folder too, if you have it; without, a clean Windows 11
is assumed.

    python examples/check_offline.py /mnt/c/Python312 torchvision
    python examples/check_offline.py /mnt/c/app --windows /mnt/c/Windows numpy ./my.pyd
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys


def main() -> int:
    """Print one line for each finding; return 0 if all targets would load."""
    parser = argparse.ArgumentParser(description="Judge a Windows environment")
    parser.add_argument("python", metavar="DIR")
    parser.add_argument("--windows", metavar="DIR")
    parser.add_argument("targets", nargs="+", metavar="TARGET")
    options = parser.parse_args()

    command = [sys.executable, "-m", "dllguard", "check", "--json"]
    command += ["--python", options.python]
    if options.windows:
        command += ["--windows", options.windows]
    done = subprocess.run(
        [*command, "--", *options.targets], check=False, capture_output=True, text=True
    )
    # 0 and 1 come with a report; 2 means that something given cannot be judged.
    if done.returncode not in (0, 1):
        print(done.stderr, end="", file=sys.stderr)
        return done.returncode

    report = json.loads(done.stdout)
    for target in report["targets"]:
        print(f"{target['name']}: {'ok' if target['ok'] else 'would not load'}")
        for found in target["diagnoses"]:
            print(f"  {found['severity']} {found['code']}: {found['headline']}")
            for remedy in found["help"]:
                for command in remedy["commands"]:
                    print(f"    {command}")
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
