"""Debian's Chromium, installed where it is missing: ``python -m tests.browser.chromium``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

EXECUTABLE = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> str | None:
    """Install what is missing; what stands in the way, where it cannot be installed."""
    if EXECUTABLE.exists():
        return None
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return (
            f"The tests of the console need {EXECUTABLE}, which is installed here only by root and "
            "with apt-get. Elsewhere: sudo apt-get install chromium"
        )
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run([apt, "-qq", *arguments], check=True, env=quiet)
    return None


if __name__ == "__main__":
    sys.exit(main())
