"""After each write what can be read is read: the records it was about, lists, questions."""

from __future__ import annotations

import itertools
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

from mockserver.contract.calls import keys_in
from mockserver.contract.drawing import Drawing
from mockserver.contract.odds import likely
from mockserver.contract.pools import leaves
from mockserver.contract.session import Foreseen, Run, Session, Stepped, is_success
from mockserver.contract.values import Answered, Key, Outcome, Sent
from mockserver.contract.variations import Variations
from mockserver.engine.spec import Operation
from mockserver.engine.templates import template_names

ANYWAY = 0.02
"""How often something is read that the reference says did not change."""

LOOKED_AT = 6
"""Reads of which one is made after a write, where it has news to tell."""

RECENT = 4
"""Records touched last that are read in the end."""

INNER = 3
"""Identifiers inside of a record that was written which are read, too."""

MOST = 24
"""Reads after one write."""

REMEMBERED = 16
"""Questions that were asked in a run and are asked again when their answer changed."""

AGAIN = 4
"""Of the questions that were asked, how many may be asked again after one write."""

ASKED = 0.9
"""How often one new question is asked after a write, where not all is read."""

QUESTIONS = 4
"""New questions after one write."""

OFTEN = 3
"""Times that one question is asked again in a run."""

WEIGHED = 0.3
"""How often it is seen what each part of a new question tells, which takes long."""

LISTED = 2
"""Lists read after a call that should have changed nothing."""

NEAR = 0.5
"""How often a new question is one that found something, with one thing in it changed."""

EASY = 2_000
"""Bytes of an answer below which it does not matter how large it is."""


class Sweep:
    """Draws the reads that follow writes in one run."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._choice = drawing.choice
        self._known = dict(drawing.at_seed)
        self._wrote = False
        self.due = False
        self._recent: list[Any] = []
        self._asked: OrderedDict[Any, Sent] = OrderedDict()
        self._repeated: Counter[Any] = Counter()
        least = drawing.habits.least
        self._variations = Variations(drawing.pools, drawing.choice, least)
        safe = [o for o in drawing.operations.values() if o.method in {"GET", "HEAD"}]
        self._lists = [o for o in safe if not template_names(o.path)]
        self._items = [o for o in safe if len(template_names(o.path)) >= 1]

    def opening(self, count: int) -> list[Sent]:
        """A few reads of lists with which a run begins."""
        some = self._choice.sample(self._lists, min(count, len(self._lists)))
        return [self._template(operation) for operation in some]

    def remember(self, step: Stepped) -> None:
        """Keep a question that was asked: after a write it may have another answer."""
        if not is_success(step.a) or not isinstance(step.a, Answered):
            return
        sent = step.sent
        place = _place(sent)
        self._known[place] = step.a.body
        if not self._wrote:
            self._drawing.at_seed[place] = step.a.body
        self._drawing.sizes[sent.operation, sent.query] = len(step.a.body)
        if sent.method != "GET" or sent.query or sent.body is not None:
            self._asked[place] = sent
            self._variations.note(sent, step.a)
            if len(self._asked) > REMEMBERED:
                self._asked.popitem(last=False)

    def reads(self, session: Session, *, whole: bool) -> Iterator[tuple[Sent, Foreseen]]:
        """The reads that are worth making after writes, with what they should answer.

        All of them when ``whole``, or else the first one that has news to tell.
        """
        self._wrote, self.due = True, not whole
        touched = self._touched(session)
        self._recent = list(dict.fromkeys((*touched, *self._recent)))[:RECENT]
        asked = [sent for place, sent in self._asked.items() if self._repeated[place] < OFTEN]
        asked = self._choice.sample(asked, min(AGAIN, len(asked)))
        items = self.of_items(self._recent if whole else touched)
        reads = [*items, *asked, *self._of_lists()]
        if not whole:
            reads = self._choice.sample(reads, min(LOOKED_AT, len(reads)))
        count, most = 0, MOST if whole else 1
        for sent in reads:
            if count >= most:
                break
            try:
                foreseen = session.outlook(sent)
            except KeyError:
                continue
            may_tell = foreseen.whole and not foreseen.writes
            if may_tell and self._is_news(session, sent, foreseen.answer):
                count += 1
                self._repeated[_place(sent)] += 1
                yield replace(sent, why="read after a write"), foreseen
        if whole or likely(self._choice, ASKED):
            yield from self.questions(session, QUESTIONS if whole else 2)

    def unchanged(self, session: Session) -> list[Sent]:
        """Some reads of what the last call was about, and of lists."""
        items = self.of_items(self._touched(session))
        some = self._choice.sample(items, min(LOOKED_AT, len(items)))
        found = [sent for sent in some if session.works(sent)][:1]
        lists = itertools.islice(self._of_lists(), LISTED)
        return [replace(sent, why="read after no change") for sent in (*found, *lists)]

    def questions(self, session: Session, most: int) -> Iterator[tuple[Sent, Foreseen]]:
        """New questions, in words that were seen last, or near one that found something."""
        for drawn in self._drawing.asking(most):
            sent = self._question(drawn, session)
            operation = sent.operation
            try:
                foreseen = session.outlook(sent)
            except KeyError:
                continue
            self._variations.note(sent, foreseen.answer)
            beginning = session.setting.first.beginning
            heeded = session.outlook(sent, beginning).answer != foreseen.answer
            self._drawing.habits.note_question(operation, heeded=heeded)
            if foreseen.good and not foreseen.writes:
                self._asked[_place(sent)] = sent
                yield sent, foreseen

    def _question(self, operation: str, session: Session) -> Sent:
        """A question of an operation, or one near another that found something."""
        drawing = self._drawing
        near = self._variations.draw(operation) if likely(self._choice, NEAR) else None
        sent = near or drawing.draw(operation, session)
        if not likely(self._choice, WEIGHED):
            return sent
        return drawing.telling.best(session, [sent, drawing.filled(sent.operation, None)])

    def _is_news(self, session: Session, sent: Sent, answer: Outcome) -> bool:
        """Whether a read has another answer than when it was made last, or before the write."""
        if not isinstance(answer, Answered):
            return False
        place = _place(sent)
        before = self._known.get(place)
        if before is None:
            earlier = session.foresee(sent, session.before).answer
            before = earlier.body if isinstance(earlier, Answered) else b""
        self._drawing.sizes[sent.operation, sent.query] = len(answer.body)
        if before == answer.body:
            self._known[place] = before
            return likely(self._choice, ANYWAY)
        self._known[place] = answer.body
        return True

    def candidates(self, touched: list[Any]) -> list[Sent]:
        """Reads of some records, lists, and questions asked before: what a write may change."""
        return [*self.of_items(touched), *self._asked.values(), *self._of_lists()]

    def _touched(self, session: Session) -> list[Any]:
        """The keys that the last step was about, and that of one other record."""
        step = session.steps[-1]
        number = len(session.steps) - 1
        found: list[Any] = list(dict.fromkeys(keys_in(step.sent)))
        found += [v for v in step.sent.path_parameters.values() if not isinstance(v, Key)]
        names = session.names
        fresh = range(max(0, len(names) - 12), len(names))
        found += [Key(n) for n in fresh if names[n].step == number]
        found = [v for v in found if not isinstance(v, Key) or names[v.number].is_key]
        found = list(dict.fromkeys(found))[:4]
        return [*found, *self.inside(found)]

    def _records(self, keys: list[Any]) -> Iterator[Any]:
        """The records that were read under some keys."""
        for record in reversed(self._drawing.pools.records):
            if record.get("id") in keys:
                yield record
                return

    def of_items(self, touched: list[Any]) -> list[Sent]:
        """Reads of some records, each by all operations that read one."""
        return [sent for each in self._items for sent in self._about(each, touched)]

    def inside(self, keys: list[Any]) -> list[Any]:
        """A few identifiers in records that were read under some keys."""
        inner = [key for record in self._records(keys) for key in _identifiers(record)]
        return self._choice.sample(inner, min(INNER, len(inner)))

    def _about(self, operation: Operation, touched: list[Any]) -> Iterator[Sent]:
        """Reads of one operation: of each record that was touched, and of another one."""
        names = template_names(operation.path)
        template = self._template(operation)
        for value in touched:
            yield _with(template, names[-1], value)
        found = self._drawing.pools.identifier((operation.id, names[-1]), self._choice)
        if found is not None:
            yield _with(template, names[-1], found[0])

    def _template(self, operation: Operation) -> Sent:
        """A read of an operation, one with a small answer more often."""
        drawing, choice = self._drawing, self._choice
        drawing.begin(operation.id)
        taken = drawing.taken[operation.id]
        sent = choice.choice(taken) if taken else drawing.templates[operation.id][0]
        optional = {p.name for p in operation.parameters if not p.required}
        plain = tuple(pair for pair in sent.query if pair[0] not in optional)
        queries = [plain, *((*plain, (name, value)) for name, value in _switches(operation))]
        if likely(choice, 0.2):
            queries = [sent.query]
        weights = [1 / (EASY + drawing.sizes.get((operation.id, q), 0)) for q in queries]
        query = choice.choices(queries, weights)[0]
        return replace(sent, query=query, caller=drawing.caller)

    def _of_lists(self) -> Iterator[Sent]:
        for operation in self._choice.sample(self._lists, len(self._lists)):
            if not self._drawing.is_constant(operation.id) or likely(self._choice, 0.02):
                yield self._template(operation)


class SweptRun(Run, Protocol):
    """What the phases that read after writes need of a check."""

    operations: list[Operation]

    @property
    def requests(self) -> int:
        """The requests that were made so far."""

    @property
    def sweep(self) -> Sweep:
        """What reads after writes."""

    def settle(self) -> None:
        """Read what the writes of this run have changed."""


def _switches(operation: Operation) -> Iterator[tuple[str, bool]]:
    """The optional parameters that are on or off, with the value that is not the default."""
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.schema.get("type") == "boolean":
            yield parameter.name, not parameter.schema.get("default", False)


def _place(sent: Sent) -> Any:
    return (sent.operation, repr(sent.path_parameters), sent.query, repr(sent.body), sent.caller)


def _identifiers(record: Any) -> list[Any]:
    """The identifiers in a record, beside its own."""
    found = [leaf for path, leaf in leaves(record) if path[-1:] == ("id",) and len(path) > 1]
    return list(dict.fromkeys(value for value in found if isinstance(value, str | Key)))


def _with(template: Sent, name: str, value: Any) -> Sent:
    return replace(template, path_parameters={**template.path_parameters, name: value})
