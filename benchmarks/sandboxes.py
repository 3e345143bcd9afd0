"""What a sandbox costs, and what keeping one in a file costs.

Time and memory of making sandboxes over a seed of few and of many records; microseconds of a
commit in memory, and with each way of keeping it in a file.

python benchmarks/sandboxes.py [--sandboxes 5000] [--commits 5000]
"""

from __future__ import annotations

import argparse
import gc
import time
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

from mockserver.state.blobs import Blobs
from mockserver.state.sandboxes import DEFAULT, Rules, Sandbox, Sandboxes
from mockserver.state.state_file import Grounds, StateFile
from mockserver.state.store import Record, Snapshot, seed

ROUNDS = 5
"""The quickest is told: what others do on this machine only adds to it."""


def seed_of(records: int) -> Snapshot:
    made = (Record(str(n), {"id": str(n), "name": f"record {n}"}) for n in range(records))
    return seed([("api/records", made)])


def each_seconds(sandboxes: Sandboxes, count: int) -> float:
    gc.collect()
    started = time.perf_counter()
    for number in range(count):
        sandboxes.get(f"s{number}")
    return time.perf_counter() - started


def making(records: int, count: int) -> None:
    snapshot = seed_of(records)
    sandboxes = Sandboxes(snapshot, Rules(limit=count + 1))
    seconds = min(each_seconds(Sandboxes(snapshot, sandboxes.rules), count) for _ in range(ROUNDS))
    tracemalloc.start()
    sandboxes = Sandboxes(snapshot, Rules(limit=count + 1))
    before = tracemalloc.get_traced_memory()[0]
    for number in range(count):
        sandboxes.get(f"s{number}")
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    print(
        f"{records:7} records: {seconds / count * 1e6:5.1f} us, {used / count:5.0f} bytes a sandbox"
    )


def committing(name: str, commits: int, file: StateFile | None = None) -> None:
    snapshot = seed_of(1_000)
    sandbox = Sandbox(DEFAULT, snapshot, Rules())
    if file is not None:
        kept = file.load(Grounds(snapshot, {}, 1_000, "1"), Blobs(0))
        file.follow(sandbox.log, kept.head, kept.entries)
    gc.collect()
    gc.freeze()
    seconds = min(commit_seconds(sandbox, commits // ROUNDS) for _ in range(ROUNDS))
    gc.unfreeze()
    print(f"{name:22} {seconds / (commits // ROUNDS) * 1e6:6.1f} us a commit")


def commit_seconds(sandbox: Sandbox, commits: int) -> float:
    started = time.perf_counter()
    for number in range(commits):
        transaction = sandbox.transaction("api")
        transaction.put("records", str(number % 2_000), {"id": str(number), "text": "x" * 300})
        sandbox.commit(transaction, "put")
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandboxes", type=int, default=5_000)
    parser.add_argument("--commits", type=int, default=5_000)
    options = parser.parse_args()
    for records in (10, 100_000):
        making(records, options.sandboxes)
    committing("in memory", options.commits)
    with TemporaryDirectory() as folder:
        for name, sync in (("in a file", False), ("in a file, synced", True)):
            file = StateFile(Path(folder, name), sync=sync)
            committing(name, options.commits, file)
            file.close()


if __name__ == "__main__":
    main()
