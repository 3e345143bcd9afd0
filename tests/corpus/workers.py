"""Descriptions tried in processes of their own, so that a crash or a hang is told, not fatal."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import Any

from tests.corpus.trial import try_out

SECONDS = 60.0
SECONDS_PER_MIB = 60.0
MEMORY = 8 * 1024**3
"""Bytes of address space that one description may take."""


@dataclass(slots=True)
class Found:
    """What was found of one description: each step that its process told of."""

    path: Path
    steps: list[dict[str, Any]] = field(default_factory=list)

    def of(self, step: str) -> list[dict[str, Any]]:
        return [told for told in self.steps if told["step"] == step]

    def one(self, step: str) -> dict[str, Any]:
        return next(iter(self.of(step)), {})


class _Running:
    """A description that is being tried."""

    def __init__(self, path: Path, memory: int, seconds: float) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.corpus.trial"])
        self.found = Found(path)
        self.reader, writer = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(path, memory, writer), daemon=True)
        self._process.start()
        writer.close()
        self._deadline = monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._deadline - monotonic())

    def read(self) -> bool:
        """Take what was told; whether there is more to come."""
        try:
            while self.reader.poll():
                self.found.steps.append(self.reader.recv())
        except (EOFError, OSError):
            self._process.join()
            if not (self.found.of("done") or self.found.of("refused")):
                self._lost(f"the process ended with {self._process.exitcode}")
            return False
        return True

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._lost("out of time")

    def _lost(self, why: str) -> None:
        started = self.found.of("started")
        told = f"{why} after {len(self.found.of('operation'))} operations" if started else why
        self.found.steps.append({"step": "lost" if started else "refused", "cause": why,
                                 "detail": told})  # fmt: skip


def _work(path: Path, memory: int, writer: Connection) -> None:
    try_out(path, memory, writer.send)
    writer.close()


def seconds_for(path: Path) -> float:
    return SECONDS + SECONDS_PER_MIB * path.stat().st_size / 2**20


def tried(
    paths: Iterable[Path],
    *,
    jobs: int = 2,
    memory: int = MEMORY,
    seconds: Callable[[Path], float] = seconds_for,
) -> Iterator[Found]:
    """Try descriptions, ``jobs`` at a time, each bounded; found as they end."""
    waiting = list(paths)[::-1]
    running: list[_Running] = []
    while waiting or running:
        while waiting and len(running) < jobs:
            path = waiting.pop()
            running.append(_Running(path, memory, seconds(path)))
        wait([each.reader for each in running], min(each.left for each in running))
        for each in [*running]:
            over = not each.read()
            if not over and not each.left:
                each.stop()
                over = True
            if over:
                running.remove(each)
                each.reader.close()
                yield each.found
