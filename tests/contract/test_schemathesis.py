"""Schemathesis, all phases and default checks, over the mock as users run it.

``MOCKSERVER_CONTRACT_SECONDS`` is the time given to each description (120).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = os.environ.get("MOCKSERVER_CONTRACT_SECONDS", "120")


def run_schemathesis(url: str, folder: Path, *options: str) -> str:
    """Run the command line in an empty folder, with the deviations that the project commits."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(ROOT / "schemathesis.toml"),
        "run",
        url,
        "--generation-database=none",
        "--no-color",
        *options,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def generated(report: str) -> int:
    found = re.search(r"([\d,]+) generated", report)
    assert found, report
    return int(found.group(1).replace(",", ""))


def test_the_assets_api_keeps_its_contract(server: Any, tmp_path: Path) -> None:
    url = f"{server.url}/@contract/__mock__/apis/assets/openapi.json"
    report = run_schemathesis(url, tmp_path, f"--max-time={SECONDS}")
    assert generated(report) >= 1_000
    print(report)


def test_the_control_api_keeps_its_contract(server: Any, tmp_path: Path) -> None:
    description = ROOT / "spec" / "control.yaml"
    url = f"--url={server.url}/@contract-control/__mock__"
    report = run_schemathesis(str(description), tmp_path, url)
    print(report)


@pytest.mark.parametrize("phase", ["examples", "coverage", "fuzzing", "stateful"])
def test_no_phase_is_left_out(phase: str) -> None:
    assert f"phases.{phase}" not in (ROOT / "schemathesis.toml").read_text()
