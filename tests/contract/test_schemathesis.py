"""Schemathesis, all phases and default checks, over the mock as users run it.

How much is asked is counted, so that a slow machine asks no less: ``MOCKSERVER_CONTRACT_TIMES`` (1)
times as many examples for a longer look. ``MOCKSERVER_CONTRACT_SEED`` is what the calls are drawn
from (1): the same commit passes or fails each time. Another seed looks elsewhere.
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
TIMES = int(os.environ.get("MOCKSERVER_CONTRACT_TIMES", "1"))
SEED = os.environ.get("MOCKSERVER_CONTRACT_SEED", "1")

MANY, FEW = f"--max-examples={50 * TIMES}", f"--max-examples={4 * TIMES}"
"""Examples of each operation, and sequences. Bodies of assets take a quarter of a second to make,
which is too slow to Hypothesis on some machines.
"""

LOTS = {"assets": [FEW, "--suppress-health-check=too_slow"], "immich": [MANY], "plane": [MANY]}

COVERAGE_SECONDS = 30 * TIMES
"""A bound on the values at the edges of each keyword: for assets they would take ten minutes."""

DEVIATIONS = ROOT / "schemathesis.toml"

SESSION = "--header=Authorization: Bearer session-demo"
UNLOCKED = "--header=Authorization: Bearer elevated-demo"
KEY = "--header=X-API-Key: plane_api_11111111111111111111111111111111"

CREDENTIALS = {"assets": "--header=X-Nobody: asks", "immich": SESSION, "plane": KEY}

PASSED = re.compile("^  ✅ (?:Examples|Coverage|Fuzzing|Stateful)$", re.MULTILINE)
"""A phase in which calls were made and none failed, in the summary."""

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
    url = f"{server.url}/@contract-{stem}/__mock__/apis/{stem}/openapi.json"
    edges = ["--phases=examples,coverage", f"--max-time={COVERAGE_SECONDS}"]
    lots = ["--phases=fuzzing,stateful", *LOTS[stem]]
    for phases in (edges, lots):
        report = run_schemathesis(url, tmp_path, CREDENTIALS[stem], *phases)
        assert told(report) >= 20
        assert len(PASSED.findall(report)) == 2, report


def test_immich_keeps_every_default_for_one_who_knows_its_assets(
    server: Any, tmp_path: Path, told: Told
) -> None:
    url = f"{server.url}/@contract-known/__mock__/apis/immich/openapi.json"
    report = run_schemathesis(
        url,
        tmp_path,
        UNLOCKED,
        MANY,
        # A method that is not described is a path that is not there: 404, never 405.
        "--exclude-checks=unsupported_method",
        config=Path(__file__).with_name("defaults.toml"),
        hooks="tests.contract.immich_hooks",
    )
    assert told(report) >= 500


def test_the_control_api_keeps_its_contract(server: Any, tmp_path: Path, told: Told) -> None:
    description = ROOT / "spec" / "control.yaml"
    url = f"--url={server.url}/@contract-control/__mock__"
    assert told(run_schemathesis(str(description), tmp_path, url, MANY)) >= 100


@pytest.mark.parametrize("phase", ["examples", "coverage", "fuzzing", "stateful"])
def test_no_phase_is_left_out(phase: str) -> None:
    assert f"phases.{phase}" not in (ROOT / "schemathesis.toml").read_text()
