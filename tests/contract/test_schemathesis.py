"""Schemathesis, all phases and default checks, over the mock as users run it.

``MOCKSERVER_CONTRACT_SECONDS`` is the time given to each run (30). A machine too slow for the cases
that are asked for within it gets more runs. ``MOCKSERVER_CONTRACT_SEED`` is what the calls are
drawn from (1): the same commit passes or fails each time. Another seed looks elsewhere.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = os.environ.get("MOCKSERVER_CONTRACT_SECONDS", "30")
SEED = os.environ.get("MOCKSERVER_CONTRACT_SEED", "1")

ENOUGH, RUNS = 500, 6
"""Cases that are asked for of each built-in API, and runs at most in which they are."""

DEVIATIONS = ROOT / "schemathesis.toml"

SESSION = "--header=Authorization: Bearer session-demo"
UNLOCKED = "--header=Authorization: Bearer elevated-demo"
KEY = "--header=X-API-Key: plane_api_11111111111111111111111111111111"

CREDENTIALS = {"assets": "--header=X-Nobody: asks", "immich": SESSION, "plane": KEY}

Told = Callable[[str], int]


def run_schemathesis(
    location: str, folder: Path, *options: str, config: Path = DEVIATIONS, hooks: str = ""
) -> str:
    """Run the command line in an empty folder, with the deviations that the project commits."""
    program = str(Path(sys.executable).with_name("schemathesis"))
    command = [program, "--config-file", str(config), "run", location]
    command += ["--generation-database=none", f"--seed={SEED}", "--no-color", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": hooks}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def generated(report: str) -> int:
    found = re.search(r"([\d,]+) generated", report)
    assert found, report
    return int(found.group(1).replace(",", ""))


@pytest.mark.parametrize("stem", CREDENTIALS)
def test_an_api_keeps_its_contract(server: Any, tmp_path: Path, told: Told, stem: str) -> None:
    cases = 0
    for run in range(RUNS):
        url = f"{server.url}/@contract-{stem}-{run}/__mock__/apis/{stem}/openapi.json"
        seed = f"--seed={int(SEED) + run}"
        report = run_schemathesis(url, tmp_path, CREDENTIALS[stem], f"--max-time={SECONDS}", seed)
        cases += told(report)
        if cases >= ENOUGH:
            break
    assert cases >= ENOUGH


def test_immich_keeps_every_default_for_one_who_knows_its_assets(
    server: Any, tmp_path: Path, told: Told
) -> None:
    url = f"{server.url}/@contract-known/__mock__/apis/immich/openapi.json"
    report = run_schemathesis(
        url,
        tmp_path,
        UNLOCKED,
        # A method that is not described is a path that is not there: 404, never 405.
        "--exclude-checks=unsupported_method",
        config=Path(__file__).with_name("defaults.toml"),
        hooks="tests.contract.immich_hooks",
    )
    assert told(report) >= 500


def test_the_control_api_keeps_its_contract(server: Any, tmp_path: Path, told: Told) -> None:
    description = ROOT / "spec" / "control.yaml"
    url = f"--url={server.url}/@contract-control/__mock__"
    assert told(run_schemathesis(str(description), tmp_path, url)) >= 100


@pytest.mark.parametrize("phase", ["examples", "coverage", "fuzzing", "stateful"])
def test_no_phase_is_left_out(phase: str) -> None:
    assert f"phases.{phase}" not in (ROOT / "schemathesis.toml").read_text()
