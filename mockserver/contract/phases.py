"""What a check does: a first look, and in turns boundary cases, short runs, long ones, and more."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

from mockserver.contract.drawing import Drawing
from mockserver.contract.exploring import Exploring, linked
from mockserver.contract.featuring import Featuring
from mockserver.contract.feeds import Feeding
from mockserver.contract.folding import Folding
from mockserver.contract.growing import Growing
from mockserver.contract.guessing import Guessing
from mockserver.contract.hardening import Hardening
from mockserver.contract.inquiring import Inquiring
from mockserver.contract.lives import Lives
from mockserver.contract.odds import likely
from mockserver.contract.proven import Proven
from mockserver.contract.racing import Racing
from mockserver.contract.rounds import Rounds
from mockserver.contract.saying import Saying
from mockserver.contract.schemathesis_cases import Cases
from mockserver.contract.session import Session
from mockserver.contract.sweeping import SweptRun
from mockserver.contract.turns import Activity, Turns
from mockserver.contract.values import Key, Sent
from mockserver.engine.spec import Operation

AT_FIRST = 6
"""Turns of proven runs before anything else."""

LATER = 10.0
"""How many times their shares others have before what takes longer begins."""

RUNS = 3
"""Short runs in one turn."""

AGAIN = 0.3
"""How often an operation has another boundary case in a round after the first."""

HEAVY_EVERY = 6
GROWN = 30
"""Calls made in a long run once it has many records."""

RUN = 60
"""Calls of a run of boundary cases before the state is made fresh again."""

REWORDED = 0.2
"""How often a write has some of the texts that programs get wrong."""

WRITES = 16
"""Writes in one turn of those with something new in them."""

FEATURED = 0.3
"""How often a write has something in it that none had, or few."""

ENDED = 0.14
"""How often a record is led to its end."""

EMPTIED = 0.04
"""How often records of one list are deleted, all of them where they are few."""

AROUND = 0.12
"""How often what a write changes is read before it, too."""

ASKED = 3
"""Questions after such a write."""

OPENING = 3
"""Questions with which a short run begins, and asked once there are many records."""

LONGEST = 8
"""Calls drawn in a short run."""


class Phases:
    """The phases of one check, in turns until something ends it."""

    def __init__(self, run: SweptRun, drawing: Drawing, cases: Cases) -> None:
        self._run = run
        self._drawing = drawing
        self._choice = drawing.choice
        self._feeding = Feeding(run, drawing)
        self._racing = Racing(run, drawing)
        self._exploring = Exploring(run, drawing)
        self._guessing = Guessing(run, drawing)
        self._folding = Folding(run, drawing)
        self._inquiring = Inquiring(run, drawing)
        stem = run.setting.first.api.description.stem
        self._proven = Proven(run, stem, {o.id for o in run.operations}, drawing.caller)
        self._lives = Lives(drawing)
        self._hardening = Hardening(drawing)
        self._growing = Growing(run, drawing, self._hardening)
        self._featuring = Featuring(drawing)
        self._rounds = Rounds(run, drawing, self._lives, Saying(drawing, self._featuring))
        self._subjects: list[Any] = []
        self._lanes = [
            (operation.id, right, cases.coverage(operation.id, right=right))
            for operation in sorted(run.operations, key=lambda each: each.method != "GET")
            for right in (True, False)
        ]

    def run(self) -> None:
        """Go on for ever; whoever runs this raises an exception to end it."""
        for _ in range(AT_FIRST):
            self._proven.go()
        self._look()
        covering, growing = itertools.count(1), itertools.count(1)
        turns = Turns(
            (
                Activity(self._rounds.live, 8.0),
                Activity(self._rounds.say, 8.0),
                Activity(self._rounds.refuse, 4.0),
                Activity(self._rounds.empty, 2.0),
                Activity(self._rounds.ask, 2.0),
                Activity(self._proven.go, 16.0),
                Activity(lambda: self._cover(next(covering)), 0.7),
                Activity(self._write_news, 2.0),
                Activity(self._feeding.go, 0.5, LATER),
                Activity(self._inquiring.go, 0.6, LATER),
                Activity(self._sequences, 3.0, LATER),
                Activity(self._write, 1.0, LATER),
                Activity(self._racing.go, 1.5, LATER),
                Activity(self._explore, 3.0, LATER),
                Activity(self._guess, 1.0, LATER),
                Activity(self._folding.go, 0.5, LATER),
                Activity(lambda: self._grow(next(growing)), 2.0, LATER),
            ),
            lambda: self._run.requests,
        )
        while True:
            turns.take()

    def close(self) -> None:
        """Let go of the cases that were not made."""
        for _, _, cases in self._lanes:
            cases.close()

    def _fresh(self) -> None:
        self._run.fresh()
        self._subjects = []

    def _look(self) -> None:
        """Each read once, to see what there is, and then each other operation."""
        self._run.phase = "a first look"
        self._fresh()
        for operation in sorted(self._run.operations, key=_by_method):
            if operation.method == "GET":
                self._run.do(self._drawing.filled(operation.id, None))
            elif operation.stream is None:
                sent = self._drawing.draw(operation.id, self._run.session)
                self._run.do(sent, sweep=False)
                if operation.body is not None and operation.body.required:
                    bare = replace(sent, body=None, media_type="", why="without its body")
                    self._run.do(bare, sweep=False)

    def _cover(self, cycle: int) -> None:
        """A boundary case of each operation, right and wrong; later of some: they are costly."""
        heavy = cycle % HEAVY_EVERY == 0
        self._run.phase = "boundary cases"
        self._fresh()
        left = []
        for lane in self._lanes:
            operation, right, cases = lane
            late = cycle > 1 and not likely(self._choice, AGAIN)
            if late or (operation in self._drawing.heavy and not heavy):
                left.append(lane)
                continue
            sent = next(cases, None)
            if sent is not None:
                self._covered(sent, right=right)
                left.append(lane)
        self._lanes = left

    def _covered(self, sent: Sent, *, right: bool) -> None:
        if right:
            self._drawing.add(sent)
        if len(self._run.session.steps) > RUN:
            self._fresh()
        drawing = self._drawing
        live = likely(drawing.choice, (0.9 if right else 0.5))
        origins: list[Any] = []
        parameters = drawing.filling.path(sent, None, origins) if live else sent.path_parameters
        self._run.do(replace(sent, path_parameters=parameters, caller=drawing.caller))

    def _write(self) -> None:
        """Writes of which each has something in it that none had, or few."""
        self._run.phase = "writes"
        self._fresh()
        self._look_around()
        for _ in range(WRITES):
            sent = self._writing(self._run.session)
            changed = self._featuring.featured(sent, self._run.session) if sent else None
            make = self._with_reads if likely(self._choice, AROUND) else self._run.do
            if changed is not None and make(changed):
                return
        self._run.settle()

    def _writing(self, session: Session) -> Sent | None:
        """A call of an operation that writes; None where none did so far."""
        drawing = self._drawing
        writers = [o for o, count in drawing.writers.items() if count]
        if not writers:
            return None
        writer = drawing.habits.telling(writers, self._choice)
        return drawing.draw(writer, session, self._focus(session))

    def _write_news(self) -> bool:
        """Writes until nothing is new in them."""
        known = self._featuring.new
        self._write()
        return self._featuring.new > known

    def _explore(self) -> None:
        """Calls of which the reference makes something new; others' handlers say too little."""
        if self._run.setting.policy.strict:
            self._fresh()
            self._exploring.go()
            self._run.settle()

    def _guess(self) -> bool:
        """Values that the reference compares with; others compare with others."""
        return self._run.setting.policy.strict and self._guessing.go()

    def _sequences(self) -> None:
        """Short runs from a fresh state, each about a few records."""
        self._run.phase = "sequences"
        for _ in range(RUNS):
            self._fresh()
            self._look_around()
            self._ask(self._run.session)
            subjects = (self._drawing.pools.subject(self._choice) for _ in range(2))
            self._subjects = [subject for subject in subjects if subject is not None]
            for _ in range(self._choice.randint(3, LONGEST)):
                self._any_call()
            self._run.settle()

    def _look_around(self) -> None:
        """Read the lists, so that there is something to be about."""
        if self._run.setting.gentle is not None:
            return  # what the lists have there is others'
        for sent in self._run.sweep.opening(2):
            self._run.do(sent, sweep=False)

    def _any_call(self) -> None:
        session = self._run.session
        if self._drawing.pools.links and likely(self._choice, 0.08):
            self.follow(self._choice.choice(list(self._drawing.pools.links)))
            return
        for odds, several in (
            (REWORDED, self._reword),
            (ENDED, self._end),
            (EMPTIED, self._empty),
            (AROUND, self._read_around),
        ):
            if likely(self._choice, odds):
                several(session)
                return
        operation = self._pick()
        sent = self._drawing.draw(operation.id, session, self._focus(session))
        if self._drawing.writers[operation.id] and likely(self._choice, FEATURED):
            sent = self._featuring.featured(sent, session) or sent
        times = self._choice.choice((1, 1, 1, 1, 1, 2, 3, 4))
        for count in range(times if self._drawing.writers[operation.id] else 1):
            if self._run.do(sent):
                return
            if count and likely(self._choice, 0.5):
                sent = self._drawing.draw(operation.id, session, self._focus(session))

    def _ask(self, session: Session) -> None:
        """A few questions."""
        for sent, _ in self._run.sweep.questions(session, OPENING):
            if self._run.do(sent, sweep=False):
                return

    def _end(self, session: Session) -> None:
        """A record deleted, and what may be done to it afterwards."""
        focus = self._focus(session) or self._subjects
        for sent in self._lives.ending(session, self._run.sweep, focus):
            if self._run.do(sent):
                return

    def _empty(self, session: Session) -> None:
        """Records of a list deleted, and the list read each time."""
        if self._run.setting.gentle is not None:
            return  # what the lists have there is others'
        for sent in self._lives.emptying(session, self._run.sweep):
            if self._run.do(sent, sweep=False):
                return

    def _read_around(self, session: Session) -> None:
        """What a write changes read before it and after it."""
        sent = self._writing(session)
        if sent is not None:
            self._with_reads(sent)

    def _with_reads(self, sent: Sent) -> bool:
        """Make a write, with the same reads before and after it."""
        calls = self._lives.between(self._run.session, self._run.sweep, sent)
        return any(self._run.do(each, sweep=False) for each in calls)

    def _reword(self, session: Session) -> None:
        """A write with hard texts or long lists, and questions after it."""
        drawing = self._drawing
        sent = self._writing(session)
        changed = self._hardening.hardened(sent, session) if sent else None
        if changed is None or self._run.do(changed):
            return
        for operation in drawing.asking(ASKED):
            if self._run.do(drawing.draw(operation, session, self._focus(session))):
                return

    def follow(self, link: Any) -> bool:
        """Ask for a URL that the server gave; True when something was wrong."""
        sent = linked(self._run, link, self._drawing.caller)
        return sent is not None and self._run.do(sent)

    def _focus(self, session: Session) -> list[Any] | None:
        """What the run is about: a record or two, and what it made last."""
        if likely(self._choice, 0.3):
            return None
        keys = [n for n in range(len(session.names)) if session.names[n].is_key]
        return [*self._subjects, *(Key(n) for n in keys[-2:])] or None

    def _pick(self) -> Operation:
        """An operation to call: one that writes more often than not."""
        drawing = self._drawing
        weights = []
        for operation in self._run.operations:
            tried, says = drawing.tried[operation.id], drawing.says[operation.id]
            if drawing.writers[operation.id]:
                wrote = (drawing.writers[operation.id] + 2) / (tried + 2)
                weight = (7 + 10 * says) * max(wrote, 0.2)
                weight *= 1.5 if drawing.creators[operation.id] else 1
            elif operation.method != "GET" and tried < UNKNOWN:
                weight = 2 + 4 * says
            elif drawing.is_constant(operation.id):
                weight = 0.03
            elif drawing.is_asking(operation.id):
                weight = 0.7 + says
            else:
                weight = 0.4
            weight *= 0.3 if operation.id in drawing.unjudged else 1
            weights.append(weight / math.sqrt(1 + tried / 25))
        return self._choice.choices(self._run.operations, weights)[0]

    def _grow(self, cycle: int) -> None:
        """One long run whose state accumulates: many records, then everything else."""
        self._run.phase = "one long run"
        self._fresh()
        self._look_around()
        self._growing.grow(cycle)
        self._run.settle()
        self._ask(self._run.session)
        for _ in range(GROWN):
            self._any_call()
        self._run.settle()


UNKNOWN = 12
"""Calls after which an operation that never wrote is taken for one that does not."""


def _by_method(operation: Operation) -> int:
    """Reads first, then what may create something, and deletions at last."""
    return {"GET": 0, "DELETE": 2}.get(operation.method, 1)
