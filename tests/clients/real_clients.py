"""Real clients from PyPI: which, where they look, and how a script is run with one."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "fixtures"

GENERATED = ("1.2.7", "2.2.0", "4.4.1", "5.0.1")
"""Versions of pieces_os_client that differ in names, in imports, or in how strict they are."""

CLI = "pieces-cli==1.20.1"
IMMICH = "immich_python_sdk==1.134.0"

PLANE = ("0.1.0", "0.1.5", "0.1.10")
"""Versions of plane-sdk; the last one is of another generator."""

CLIENTS = (
    *(f"pieces_os_client=={version}" for version in GENERATED),
    CLI,
    IMMICH,
    *(f"plane-sdk=={version}" for version in PLANE),
)

PORTS = range(39300, 39334)
"""Where clients look for Pieces OS."""

CLIENT_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    # Reports of crashes go nowhere: nothing listens on the discard port.
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1,localhost",
}


@dataclass(frozen=True)
class Mock:
    """A running mock server."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def sandbox(self, name: str) -> str:
        return f"{self.url}/@{name}"

    def get(self, path: str) -> Any:
        """The JSON answer of the default sandbox."""
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            return json.load(answer)

    def reset(self) -> None:
        """Return the default sandbox to its fixtures."""
        request = urllib.request.Request(f"{self.url}/__mock__/reset", method="POST")
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == 204


def journey(programs: Path, script: str, *arguments: str, seconds: float = 120) -> dict[str, Any]:
    """Run a script of the folder journeys with a client's interpreter; it prints one object."""
    done = subprocess.run(
        [str(programs / "python"), str(HERE / "journeys" / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        env=CLIENT_ENVIRONMENT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *said, told = done.stdout.splitlines()
    assert not said, done.stdout  # a client prints what goes wrong in its threads
    made: dict[str, Any] = json.loads(told)
    return made


def passed(told: dict[str, Any], chapter: str) -> None:
    """Fail as a chapter of a journey has failed, if it has."""
    failure = told["chapters"][chapter]
    if failure is not None:
        pytest.fail(failure, pytrace=False)
