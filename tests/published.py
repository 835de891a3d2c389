"""Published wheels, as files: what somebody has who is about to upload or ship them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.bench import cache_root

TORCHVISION: Final = ("torch==2.15.0", "torchvision==0.29.2")


def torchvision_wheels() -> Path:
    """Return a folder with the Windows wheels of torch and torchvision.

    Where they cannot be fetched, the test is skipped; with DLLGUARD_REQUIRE_BENCH=1 in
    the environment it fails.
    """
    folder = cache_root() / "wheels-torch-2.15.0-torchvision-0.29.2"
    if folder.is_dir():
        return folder
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    command = [sys.executable, "-m", "pip", "download", "-q", "-d", str(fresh)]
    options = ["--no-deps", "--only-binary", ":all:", "--platform", "win_amd64"]
    done = subprocess.run(
        [*command, *options, "--python-version", "3.11", *TORCHVISION],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = f"no wheels: {(done.stderr.strip() or 'pip says nothing')[-200:]}"
        if os.environ.get("DLLGUARD_REQUIRE_BENCH") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    try:
        fresh.rename(folder)
    except OSError:
        # Another process was first, with the same.
        if not folder.is_dir():
            raise
        shutil.rmtree(fresh)
    return folder
