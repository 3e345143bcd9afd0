"""What the gate finds, how soon, and how fast it asks.

Each server is a process of its own on this machine. A table says of each fault in how many seeds
it was found, after how many seconds and requests, and how many requests show it in the end.

python benchmarks/gate.py flask [NAME ...]           the faults of examples/flask_assets
python benchmarks/gate.py mutants STEM [--count 40]  handlers of an API changed by machine
python benchmarks/gate.py mutants FILE [--count 40]  the same for the handlers that are inferred
python benchmarks/gate.py correct STEM|FILE|flask    false alarms: servers without a fault

--seeds 3 --first-seed 0 --seconds 60 --requests 0 (no limit)
--out FILE (a line of JSON for each run)
--in-process calls the Flask service in this process: quicker, without its feeds
--own-data judges only what a check creates, and never brings the server back to its seed
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tests' mutants and the example are no part of the package

SURVIVED, NOT_STARTED = "survived", "did not start"


@dataclass
class Run:
    """What came of checking one server with one seed."""

    name: str
    seed: int
    outcome: str
    seconds: float = 0.0
    cpu: float = 0.0
    requests: int = 0
    reproducer: int = 0
    where: str = ""
    told: str = ""


@contextlib.contextmanager
def process(command: list[str], **environment: str) -> Iterator[str]:
    """A server in a process of its own; its first line is its URL, empty when it did not start."""
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def flask(fault: str) -> Iterator[str]:
    """The Flask service with one fault, on a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "FAULT": fault,
            "DATABASE": f"{folder}/assets.db",
            "SEED": str(ROOT / "fixtures" / "assets"),
            "ALLOW_RESET": "1",
        }
        command = ["-m", "examples.flask_assets", "--port", "0"]
        with process(command, **environment) as url:
            yield url


@contextlib.contextmanager
def flask_here(fault: str) -> Iterator[Any]:
    """The Flask service with one fault in this process, with a function that resets it."""
    from examples.flask_assets.app import create_app
    from examples.flask_assets.config import Settings

    with tempfile.TemporaryDirectory() as folder:
        seed = ROOT / "fixtures" / "assets"
        app = create_app(Settings(Path(folder) / "assets.db", seed, fault, reset=True))
        yield app, partial(app.test_client().post, "/__reset")


def mutant(api: str, module: str, number: int) -> Any:
    """The mock with one place of its handlers changed; no module for the mock as it is."""
    return process([__file__, "serve", api, module, str(number)])


def serve(api: str, module: str, number: int) -> None:
    """Serve the mock in this process, changed."""
    from tests.contract_gate import mutants

    if module:
        mutants.install(mutants.mutants(module)[number])
    from mockserver import server
    from mockserver.app import create_app
    from mockserver.catalogue import build
    from mockserver.console.control import control_api

    mock = build([api])
    listening = server.bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.run(
        create_app(mock, control_api(mock)),
        listening,
        date_header=True,
        ready=lambda: print(url, flush=True),
        stopped=lambda: None,
    )


def judged(name: str, url: Any, description: str, options: Any) -> Run:
    """Check a server, up to the first finding that counts."""
    from mockserver.contract.checking import check

    run = Run(name, options.seed, SURVIVED)
    if not url:
        return Run(name, options.seed, NOT_STARTED)
    server, reset = url if isinstance(url, tuple) else (url, None)
    if options.own_data:
        reset = None
    elif reset is None and name in {*faults(), ""}:
        reset = f"{url}/__reset"
    begun = time.process_time()
    try:
        result = check(server, description, options, reset=reset)
    except Exception as error:  # noqa: BLE001 - one server that cannot be checked is one line
        return Run(name, options.seed, f"{type(error).__name__}: {error}"[:200])
    run.requests, run.cpu = result.requests, time.process_time() - begun
    counting = [finding for finding in result.findings if not finding.flaky]
    run.seconds = result.seconds
    if counting:
        found = counting[0]
        run.outcome, run.seconds = "killed", found.seconds
        run.reproducer = len(found.sequence)
        run.where = f"{found.operation} {found.aspect} {found.pointer}"
        run.told = f"expected {found.expected[:100]}, got {found.got[:100]}"
    elif result.findings:
        run.outcome = "flaky"
    return run


def faults() -> list[str]:
    """The names of the faults of the Flask service."""
    from examples.flask_assets.faults import FAULTS

    return list(FAULTS)


def servers(options: argparse.Namespace) -> Iterator[tuple[str, Any, str]]:
    """Names, servers and descriptions of what is to be checked."""
    if options.what == "flask":
        start = flask_here if options.in_process else flask
        for name in options.names or faults():
            yield name, lambda name=name: start(name), "assets"
    elif options.what == "correct":
        for name in options.names:
            if name == "flask":
                yield "", lambda: flask(""), "assets"
            else:
                yield name, lambda name=name: mutant(name, "", 0), name
    else:
        yield from _mutants(options.names[0], options.count, options.sample)


def _mutants(api: str, count: int, seed: int) -> Iterator[tuple[str, Any, str]]:
    from tests.contract_gate import mutants

    package = ROOT / "mockserver" / "apis" / api
    names = mutants.modules(api) if package.is_dir() else mutants.inferred()
    for each in mutants.sample(names, count, seed):
        name = f"{each.module.removeprefix('mockserver.')}:{each.line} {each.what}"
        yield name, lambda each=each: mutant(api, each.module, each.number), api


def table(runs: list[Run], seeds: int) -> None:
    """The kill table: a line for each server, and what it comes to."""
    by_name: dict[str, list[Run]] = {}
    for run in runs:
        by_name.setdefault(run.name, []).append(run)
    print(f"\n{'server':48} {'found':>6} {'seconds':>8} {'requests':>9} {'shown by':>9}")
    for name, mine in by_name.items():
        killed = [run for run in mine if run.outcome == "killed"]
        text = f"{name or 'without a fault':48.48} {len(killed):3}/{len(mine)}"
        if killed:
            text += f" {statistics.median(run.seconds for run in killed):8.1f}"
            text += f" {statistics.median(run.requests for run in killed):9.0f}"
            text += f" {min(run.reproducer for run in killed):9}  {killed[0].where}"
        else:
            text += f"  {mine[0].outcome}, {max(run.requests for run in mine)} requests"
        print(text)
    started = {n: mine for n, mine in by_name.items() if mine[0].outcome != NOT_STARTED}
    always = sum(all(r.outcome == "killed" for r in mine) for mine in started.values())
    killed = [run for run in runs if run.outcome == "killed"]
    print(f"\nfound in {seeds} of {seeds} seeds: {always} of {len(started)}")
    for what, values in (
        ("seconds to the finding", [run.seconds for run in killed]),
        ("requests that show it", [float(run.reproducer) for run in killed]),
    ):
        if values:
            ranked = sorted(values)
            print(
                f"{what}: median {statistics.median(ranked):.1f}, "
                f"90 % {ranked[min(int(len(ranked) * 0.9), len(ranked) - 1)]:.1f}"
            )
    total, seconds = sum(run.requests for run in runs), sum(run.seconds for run in runs)
    cpu = sum(run.cpu for run in runs)
    print(f"requests in all: {total:,}, {total / max(seconds, 1):.0f} a second", end="")
    print(f", {total / max(cpu, 1):.0f} for each second of this process's own work")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["flask", "mutants", "correct", "serve"])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--requests", type=int, default=0)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--sample", type=int, default=1)
    parser.add_argument("--in-process", action="store_true")
    parser.add_argument("--own-data", action="store_true", default=None)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.what == "serve":
        serve(options.names[0], options.names[1], int(options.names[2]))
        return
    from mockserver.contract.results import Options

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    runs: list[Run] = []
    most = 20 if options.what == "correct" else 1
    for name, server, description in servers(options):
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            how = Options(seconds=options.seconds, seed=seed, requests=options.requests, most=most)
            how = replace(how, own_data=options.own_data)
            with server() as url:
                runs.append(judged(name, url, description, how))
            print(runs[-1].outcome, name, runs[-1].where, runs[-1].told, flush=True)
            if options.out:
                with options.out.open("a") as file:
                    file.write(json.dumps(asdict(runs[-1])) + "\n")
    table(runs, options.seeds)


if __name__ == "__main__":
    main()
