"""What the description promises of answers, judged beside the reference's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from mockserver.contract.checks import RULES
from mockserver.contract.codes import CODES
from mockserver.contract.facts import Facts, facts_of
from mockserver.contract.ignoring import Ignored
from mockserver.contract.names import Names
from mockserver.contract.schemathesis_cases import Cases
from mockserver.contract.schemathesis_checks import Conformance
from mockserver.contract.story import Broken, Rule, Seen, Story
from mockserver.contract.values import Answered, Difference, Key, Outcome, Sent
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation

NOT_BODY = frozenset(("status", "media type", "header", "answer"))
"""Aspects of an answer that are judged whatever becomes of its body."""

_FAILED = 400
MOST_NOTES = 200
SHOWN = 5


class Rules:
    """The rules of one description; ``notes`` counts what is worth telling and no finding."""

    def __init__(self, api: Api, cases: Cases) -> None:
        self._api = api
        self.ignored = Ignored(api.description)
        self._conformance = Conformance(cases, api.schemas)
        self.notes: Counter[tuple[str, str, str]] = Counter()

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """What is known of each operation, by its id."""
        return facts_of(self._api)

    def run(self, names: Names, origin: str, *, shared: bool = False) -> Ruling:
        """The rules applied to one run, whose keys are ``names``, on a server of its own or not."""
        return Ruling(self, names, origin, shared=shared)

    def conformance(
        self, operation: Operation, sent: Sent, answers: tuple[Outcome, Outcome]
    ) -> list[Difference]:
        """How an answer is not one that the description allows."""
        return self._conformance.differences(operation, sent, *answers)

    def remarks(self) -> list[str]:
        """What a person should know of what was not judged, or was odd, in lines."""
        lines = [f"not judged, as x-conformance says: {o}" for o in sorted(self.ignored.operations)]
        for (code, operation, told), count in self.notes.most_common(SHOWN):
            lines.append(f"note: {operation}, {CODES[code].title}: {told} ({count}×)")
        left = len(self.notes) - SHOWN
        return [*lines, f"note: {left} more like these"] if left > 0 else lines

    def note(self, code: str, operation: Operation, broken: Broken) -> None:
        """Remember what is odd and breaks no promise."""
        told = f"expected {broken.expected}, got {broken.got}"
        if len(self.notes) < MOST_NOTES:
            self.notes[code, operation.id, told] += 1


class Ruling:
    """The rules applied to one run."""

    def __init__(self, rules: Rules, names: Names, origin: str, *, shared: bool) -> None:
        self._rules = rules
        self._names = names
        self._origin = origin
        self._shared = shared
        self._seen: list[tuple[Sent, Operation, Outcome, Outcome]] = []
        self._of_t: list[Seen] = []
        self._of_a: list[Seen] = []

    def judged(
        self,
        call: tuple[Operation, Sent],
        answers: tuple[Outcome, Outcome],
        differences: list[Difference],
        *,
        explained: bool,
    ) -> list[Difference]:
        """What is wrong with the last answer of a run, in the words that say most.

        ``answers`` are the reference's and the server's, ``differences`` what comparing them
        found. An answer that is ``explained`` by the reference's is as good as that, which was
        judged when it was made.
        """
        operation, sent = call
        a, t = answers
        self._seen.append((sent, operation, a, t))
        if explained and _is_success(t):
            return differences
        breaches = self._rules.conformance(operation, sent, answers)
        broken = [] if explained else list(self._broken(operation))
        if broken:
            places = {each.pointer for each in broken if each.aspect == "body"}
            found = [each for each in breaches if each.pointer in places] or broken
        else:
            found = differences + [each for each in breaches if not _told(each, differences)]
        status = t.status if isinstance(t, Answered) else 0
        return [
            each
            for each in found
            if each.aspect in NOT_BODY
            or not self._rules.ignored(operation.id, status, each.pointer)
        ]

    def _broken(self, operation: Operation) -> Iterator[Difference]:
        """The rules that the server breaks and the reference keeps."""
        story = self._story(self._of_t, 3, self._names.for_t)
        if not story.last.is_safe:
            return
        told: set[str | None] = set()
        for code, rule in RULES:
            broken = rule(story)
            if broken is None or broken.pointer in told or self._excused(rule):
                continue
            told.add(broken.pointer)
            if broken.promised:
                # Not the rule's name: what comparing finds in the same place has the same cause.
                aspect = "status" if broken.pointer is None else "body"
                where = broken.pointer or ""
                yield Difference(code, aspect, where, broken.expected, broken.got)
            else:
                self._rules.note(code, operation, broken)

    def _excused(self, rule: Rule) -> bool:
        """Whether the reference breaks a rule, too: then it is none of this API."""
        return rule(self._story(self._of_a, 2, self._names.for_a)) is not None

    def _story(self, seen: list[Seen], side: int, value_of: Callable[[Key], Any]) -> Story:
        """The run as one side saw it, as far as it was not laid out before."""
        for each in self._seen[len(seen) :]:
            answer: Any = each[side]
            seen.append(Seen(each[0], self._rules.facts[each[1].id], answer))
        return Story(seen, value_of, self._origin, self._shared)


def _is_success(outcome: Outcome) -> bool:
    return isinstance(outcome, Answered) and outcome.status < _FAILED


def _told(breach: Difference, differences: list[Difference]) -> bool:
    """Whether a difference says already what Schemathesis has against an answer."""
    for each in differences:
        if each.aspect in {"status", "answer"}:
            return True
        if each.aspect == "media type" and "Content-Type" in breach.aspect:
            return True
        of_header = each.aspect == "header" and "header" in breach.aspect
        if of_header and breach.pointer in {"", each.pointer}:
            return True
        if each.aspect == "body" and "schema" in breach.aspect:
            return True
    return False
