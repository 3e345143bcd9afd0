"""Writes `docs/kill-table.md` from what `benchmarks/gate.py flask --out FILE` has measured.

python benchmarks/kill_table.py RESULTS ... [--about TEXT] [--out docs/kill-table.md]

Each line of a results file is one check of one server with one fault. Where a fault was checked
with the same seed more than once, the last line counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

PAGE = ROOT / "docs" / "kill-table.md"

Runs = dict[str, list[dict[str, Any]]]


def read(files: Iterable[Path]) -> Runs:
    """The runs of each fault, one for each seed."""
    latest: dict[tuple[str, int], dict[str, Any]] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            run = json.loads(line)
            latest[run["name"], run["seed"]] = run
    runs: Runs = defaultdict(list)
    for (name, _), run in sorted(latest.items()):
        runs[name].append(run)
    return runs


def machine() -> str:
    """On what was measured, in a few words."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def page(runs: Runs, about: str) -> Iterator[str]:
    """The lines of the page."""
    from examples.flask_assets.faults import FAULTS

    known = {name: mine for name, mine in runs.items() if name in FAULTS}
    every = [run for mine in known.values() for run in mine]
    killed = [run for run in every if run["outcome"] == "killed"]
    always = sum(all(run["outcome"] == "killed" for run in mine) for mine in known.values())
    once = sum(any(run["outcome"] == "killed" for run in mine) for mine in known.values())
    seeds = ", ".join(map(str, sorted({run["seed"] for run in every})))
    yield "# What `mockserver check` finds\n"
    yield "Faults of the service in `examples/flask_assets`, one at a time; a check ends"
    yield "with the first finding. The page is written by `benchmarks/kill_table.py` from what"
    yield "`benchmarks/gate.py flask` has measured.\n"
    yield f"- measured: {len(known)} of {len(FAULTS)} faults; seeds: {seeds}"
    most, longest = max(run["requests"] for run in every), max(run["seconds"] for run in every)
    yield f"- at most {most:,} requests and {longest:.0f} seconds for one check"
    yield f"- machine: {machine()}"
    if about:
        yield f"- {about}"
    yield f"- found in each seed: {always} of {len(known)}; in one at least: {once}"
    if killed:
        yield f"- requests to the finding: {ranked([run['requests'] for run in killed])}"
        yield f"- seconds to the finding: {ranked([run['seconds'] for run in killed])}"
        yield f"- calls that show it in the end: {ranked([run['reproducer'] for run in killed])}"
    yield ""
    for kind, names in by_kind(FAULTS).items():
        mine = [name for name in names if name in known]
        if mine:
            yield f"## {kind}\n"
            yield "| fault | what goes wrong | found | requests | where it shows |"
            yield "|---|---|---|---|---|"
            yield from (row(name, FAULTS[name].sentence, known[name]) for name in mine)
            yield ""
    left = [name for name in FAULTS if name not in known]
    if left:
        yield f"Not measured: {', '.join(f'`{name}`' for name in left)}."


def by_kind(faults: Any) -> dict[str, list[str]]:
    """The names of faults by their kinds."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, fault in faults.items():
        found[fault.kind].append(name)
    return found


def row(name: str, sentence: str, mine: list[dict[str, Any]]) -> str:
    """One fault as a row."""
    killed = [run for run in mine if run["outcome"] == "killed"]
    found = f"{len(killed)} of {len(mine)}"
    if not killed:
        most = max(run["requests"] for run in mine)
        why = "seen once, and not again" if mine[0]["outcome"] == "flaky" else "no"
        return f"| `{name}` | {sentence} | {why} | {most:,} | |"
    requests = statistics.median(run["requests"] for run in killed)
    return f"| `{name}` | {sentence} | {found} | {requests:,.0f} | {killed[0]['where']} |"


def ranked(values: list[float]) -> str:
    """The median, and what nine of ten stay below."""
    values = sorted(values)
    ninth = values[min(int(len(values) * 0.9), len(values) - 1)]
    return f"median {statistics.median(values):,.1f}, 90 % {ninth:,.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", nargs="+", type=Path)
    parser.add_argument("--about", default="", help="what else should be known of the runs")
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    lines = page(read(options.results), options.about)
    options.out.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
