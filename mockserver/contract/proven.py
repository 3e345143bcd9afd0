"""Proven runs: short runs of calls of which each has shown some wrong handler of a built-in API.

What was found once need not be sought again: these runs come first in a check. They are made by
``benchmarks/proving.py``, which changes handlers by machine, and kept as one line of JSON each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from mockserver.contract.replaying import Births, Rekeying
from mockserver.contract.reports.calls import as_json, from_json
from mockserver.contract.session import Run
from mockserver.contract.values import Sent

FOLDER = Path(__file__).with_name("proven_runs")

RUNS = 12
"""Runs made in one turn."""

LONGEST = 24
"""Calls on one state: a run that changes nothing leaves it to the next one."""

ProvenRun = tuple[list[Sent], Births]
"""Calls, and where the keys in them appear first."""

_DEFAULTS: dict[str, Any] = {
    "pathParameters": {},
    "query": [],
    "headers": [],
    "body": None,
    "mediaType": "",
    "caller": "",
    "link": None,
    "why": "",
}


def read(stem: str) -> Iterator[ProvenRun]:
    """The proven runs of an API, those that showed the most first; none where none were made."""
    file = FOLDER / f"{stem}.jsonl"
    if not file.exists():
        return
    for text in file.read_bytes().splitlines():
        told = orjson.loads(text)
        calls = [from_json({**_DEFAULTS, **call}) for call in told["calls"]]
        yield calls, {key: (step, place) for key, step, place in told.get("births", ())}


def line(calls: Sequence[Sent], births: Births) -> bytes:
    """One run as it is kept."""
    told: dict[str, Any] = {"calls": [_short(sent) for sent in calls]}
    if births:
        told["births"] = [[key, step, place] for key, (step, place) in births.items()]
    return orjson.dumps(told)


def write(stem: str, runs: Iterable[ProvenRun]) -> None:
    """Keep the runs of an API."""
    FOLDER.mkdir(exist_ok=True)
    lines = [line(calls, births) + b"\n" for calls, births in runs]
    (FOLDER / f"{stem}.jsonl").write_bytes(b"".join(lines))


class Proven:
    """Makes the proven runs of an API, a few in each turn."""

    def __init__(self, run: Run, stem: str, operations: Collection[str], caller: str) -> None:
        """Those that need an operation which is not checked are left out.

        On a server that others use so are those of others than ``caller``, who can remove all that
        is made.
        """
        self._run = run
        alone = run.setting.gentle is not None
        self._runs = (
            (calls, births)
            for calls, births in read(stem)
            if all(sent.operation in operations for sent in calls)
            and not (alone and any(sent.caller != caller for sent in calls))
        )

    def go(self) -> bool:
        """One turn; False once all runs were made."""
        self._run.phase = "proven runs"
        self._run.fresh()
        some = list(islice(self._runs, RUNS))
        for calls, births in some:
            session = self._run.session
            if len(session.steps) > LONGEST or any(step.wrote for step in session.steps):
                self._run.fresh()
            self._make(calls, births)
        return len(some) == RUNS

    def _make(self, calls: Sequence[Sent], births: Births) -> None:
        session, keys = self._run.session, Rekeying(births)
        for number, sent in enumerate(calls):
            made = len(session.steps)
            try:
                wrong = self._run.do(keys.call(sent), sweep=False)
            except KeyError:  # the server gave no key that is needed
                return
            if wrong or len(session.steps) == made:
                return
            keys.learn(number, session)


def _short(sent: Sent) -> dict[str, Any]:
    told = {**as_json(sent), "why": ""}
    return {name: value for name, value in told.items() if value != _DEFAULTS.get(name, ...)}
