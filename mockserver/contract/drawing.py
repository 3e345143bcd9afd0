"""Calls drawn for a run: templates that worked, filled with values that were seen."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mockserver.catalogue import stems
from mockserver.contract.bodies import HEAVY, example_calls, json_body, made_calls, weight
from mockserver.contract.calls import lesser, without_keys
from mockserver.contract.filling import Filling, Origins
from mockserver.contract.habits import Habits, asks
from mockserver.contract.odds import likely
from mockserver.contract.pools import Pools, leaves, trimmed
from mockserver.contract.questions import Questions
from mockserver.contract.resolving import Resolving
from mockserver.contract.schemathesis_cases import MAX_BODY, Cases
from mockserver.contract.seeking import Seeking
from mockserver.contract.session import Foreseen, Session, is_success
from mockserver.contract.telling import Telling
from mockserver.contract.values import Answered, Form, Json, Key, Sent
from mockserver.contract.wire import Callers, resolved
from mockserver.engine.media import is_json
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation

TEMPLATES = 40
"""Calls kept of each operation that the reference took."""

DRAWN = 8
"""Bodies drawn for one that satisfies its schema."""

TRIES = 3
"""Calls tried on the reference for one that is sent."""

PATIENT, STUBBORN = 16, 40
"""Calls tried of an operation of which none worked yet, and how often that is done."""

CONDITIONS = {
    "etag": ("If-None-Match", "If-Match", "If-Range"),
    "last-modified": ("If-Modified-Since", "If-Unmodified-Since", "If-Range"),
}

NO_ORIGINS: tuple[None, Origins] = (None, [])
MOST_WAITING = 10_000
"""Calls drawn and not sent whose values are remembered."""

MAX_KEY = 64
MEMBERS = 6
"""Members of a body without each of which a call is tried that does not work."""

CONSTANT = 8
"""Answers after which a read that never changed is taken for constant."""

ALWAYS = 2
"""Different answers of a constant read: what it answers, and a refusal."""

OPENING = 12
"""Templates that an operation begins with: the smallest of the first boundary cases."""

LOOKED_AT = 40

ABOUT_ONE = 0.6
"""How often a question is in the words of one record."""

REPEATED = 0.03
"""How often a parameter is given twice."""


class Drawing:
    """Draws calls; the reference tells which are worth sending."""

    def __init__(
        self,
        api: Api,
        operations: Iterable[Operation],
        cases: Cases,
        callers: Callers,
        run_seed: int,
    ) -> None:
        self._api = api
        self.operations = {operation.id: operation for operation in operations}
        self.choice = random.Random(run_seed)  # noqa: S311 - not for secrets
        self._seed = run_seed
        self._repeats = api.description.stem in stems()  # elsewhere nobody says what it means
        self.heavy = {o.id for o in self.operations.values() if weight(api, o) > HEAVY}
        self._asking = {o.id for o in self.operations.values() if asks(o)}
        self._cases = cases
        self.callers = callers
        self.pools = Pools()
        self.templates: dict[str, list[Sent]] = defaultdict(list)
        self.taken: dict[str, list[Sent]] = defaultdict(list)
        self._shapes: dict[str, set[Any]] = defaultdict(set)
        self._origins: dict[int, tuple[Sent, Origins]] = {}
        self._signatures: Counter[Any] = Counter()
        self.writers: Counter[str] = Counter()
        self.creators: Counter[str] = Counter()
        self._taken_in: set[int] = set()
        self.tried: Counter[str] = Counter()
        self.answers: dict[str, set[int]] = defaultdict(set)
        self.sizes: dict[tuple[str, Any], int] = {}
        schemas = self.schemas = Resolving(api.schemas)
        self.filling = Filling(self.operations, self.pools, self.choice, callers.names, schemas)
        self.filling.writing = self.writers
        self.questions = Questions(schemas, self.pools, self.choice)
        self.telling = Telling(self.choice)
        self.caller = self.filling.caller
        self.unjudged: frozenset[str] = frozenset()
        self.at_seed: dict[Any, bytes] = {}
        self.habits = Habits(api, self.operations)
        self.says = self.habits.says
        self._seeking = Seeking(self)

    def begin(self, operation: str) -> None:
        """Have a few templates of an operation before its first call is drawn."""
        if self.templates[operation]:
            return
        described = self.operations[operation]
        small = list(example_calls(described))
        made = made_calls(self._api, described, self._seed)
        small += [sent for sent in made if _weight(sent) < MAX_BODY]
        if operation not in self.heavy:
            some = itertools.islice(self._cases.coverage(operation, right=True), LOOKED_AT)
            small += sorted(some, key=_weight)[:OPENING]
        self.templates[operation] = small or [Sent(operation, described.method, described.path)]

    def is_constant(self, operation: str) -> bool:
        """Whether a read has been the same every time, and so is hardly worth repeating."""
        return self.tried[operation] >= CONSTANT and len(self.answers[operation]) <= ALWAYS

    def making(self) -> list[str]:
        """The operations that made records, those first whose calls do so most often."""
        made = [name for name, count in self.creators.items() if count]
        return sorted(made, key=lambda name: -self.creators[name] / self.tried[name])

    def is_asking(self, operation: str) -> bool:
        """Whether a call asks for what it wants in its own words, and changes nothing."""
        return operation in self._asking and not self.writers[operation]

    def asking(self, most: int) -> list[str]:
        """Some operations that ask in words, those with a lot to say and judged more often."""
        some = [o for o in self.operations if self.is_asking(o)]
        weights = [self._worth_asking(o) for o in some]
        return self.choice.choices(some, weights, k=most) if some else []

    def _worth_asking(self, operation: str) -> float:
        """How much a question of an operation may tell; little where nothing was new lately."""
        if operation in self.unjudged:
            return 0.1
        return self.habits.worth_asking(operation) * (0.1 + self.telling.worth(operation))

    def add(self, sent: Sent) -> None:
        """Keep a call as a template."""
        self.templates[sent.operation].append(sent)

    def fresh(self) -> None:
        """Forget the values of a run that is over; what was learned of the API stays."""
        self.pools.clear()
        self._taken_in.clear()

    def learn(self, session: Session, sent: Sent) -> None:
        """Learn from the step that was made last."""
        step = session.steps[-1]
        good = is_success(step.a)
        self.tried[sent.operation] += 1
        if isinstance(step.a, Answered):
            self.answers[sent.operation].add(hash(step.a.body))
        if step.wrote:
            self.writers[sent.operation] += 1
            self.habits.note_changes(sent.operation, session.a.log.entries()[-1].changes)
        self.creators[sent.operation] += step.created
        for use, origin in self._origins.pop(id(sent), NO_ORIGINS)[1]:
            self.pools.learn(use, origin, taken=good)
        for name, value in sent.path_parameters.items():
            self.pools.named_one((sent.operation, name), value, good=good)
        if good:
            self.keep(sent)
            self._take_in(session, step.a)
        self._sent_values(sent)

    def keep(self, sent: Sent) -> None:
        """Keep a call that works as one to draw others from, where it is unlike those known."""
        shape = _shape(sent)
        if shape in self._shapes[sent.operation]:
            return
        self._shapes[sent.operation].add(shape)
        kept = self.taken[sent.operation]
        kept.append(without_keys(sent))
        if len(kept) > TEMPLATES:
            del kept[self.choice.randrange(len(kept))]

    def _take_in(self, session: Session, answer: Any) -> None:
        if not isinstance(answer, Answered) or len(answer.body) > 1 << 18:
            return
        self._headers(session, answer)
        link = answer.header("location")
        number = session.names.find(link) if link else None
        if number is not None:
            self.pools.links.append(Key(number))
        if not is_json(answer.media_type):
            text = answer.body[:200].decode("utf-8", "replace")
            found = session.names.find(text)
            if found is not None:
                self.pools.see({"id": text}, session.names, is_identifier)
            return
        known = hash(answer.body)
        if known in self._taken_in:
            return
        self._taken_in.add(known)
        try:
            value = session.setting.bodies.parsed(answer.body)
        except ValueError:
            return
        self.pools.see(value, session.names, is_identifier)
        for index, (_, leaf) in enumerate(leaves(trimmed(value))):
            number = session.names.find(leaf) if isinstance(leaf, str) else None
            if number is not None and "://" in leaf:
                self.pools.links.append(Key(number))
            if index > 100:  # noqa: PLR2004 - enough of one body
                return

    def _headers(self, session: Session, answer: Answered) -> None:
        """Take in the values that conditional requests are made of (RFC 9110, section 13)."""
        for name, asked in CONDITIONS.items():
            value = answer.header(name)
            if value is not None:
                for header in asked:
                    self.pools.sent(header, session.names.symbolic(value))

    def _sent_values(self, sent: Sent) -> None:
        for name, value in sent.query:
            self.pools.sent(name, value)
        if isinstance(sent.body, Json):
            for index, (path, leaf) in enumerate(leaves(sent.body.value)):
                if index > 30:  # noqa: PLR2004 - enough of one body
                    break
                words = [step for step in path if isinstance(step, str)]
                if words:
                    self.pools.sent(words[-1], leaf)

    def draw(self, operation: str, session: Session, focus: list[Key] | None = None) -> Sent:
        """A call of an operation that teaches something, as far as the reference can tell."""
        best: tuple[Sent, Foreseen] | None = None
        rank = -1.0
        self._seeking.seek(operation, session)
        for _ in range(self._tries(operation)):
            sent = self._allowed(operation, session, focus)
            try:
                foreseen = session.outlook(sent)
            except KeyError:
                continue
            value = self._worth(sent, foreseen)
            if not foreseen.good:
                self._taught(sent)
            if value > rank:
                best, rank = (sent, foreseen), value
            if rank > 1:
                break
        if best is None:
            return without_keys(self.filled(operation, None))
        never = not self.taken[operation] and self.tried[operation] < PATIENT
        if not best[1].good and likely(self.choice, 0.8 if never else 0.3):
            best = self._repaired(*best, session)
        self._signatures[_signature(*best)] += 1
        sent = best[0]
        session.expect(*best)
        if self._repeats and sent.query and likely(self.choice, REPEATED):
            return replace(sent, query=(*sent.query, self.choice.choice(sent.query)))
        return sent

    def _tries(self, operation: str) -> int:
        """How many calls are looked at: more of an operation of which none worked yet."""
        if not self.taken[operation] and self.tried[operation] < STUBBORN:
            return PATIENT
        return TRIES if likely(self.choice, 0.88) else 1

    def _allowed(self, operation: str, session: Session, focus: list[Key] | None) -> Sent:
        """A call whose body satisfies the description, more often than not.

        To judge a body is cheap, to tell all that is wrong with it is not.
        """
        _, schema = json_body(self.operations[operation])
        strict = likely(self.choice, 0.9)
        for _ in range(DRAWN):
            sent = self.filled(operation, focus)
            if schema is None or not strict or not isinstance(sent.body, Json):
                return sent
            with contextlib.suppress(KeyError):
                value = resolved(sent.body.value, session.names.for_a)
                if self._api.schemas.validator(schema).is_valid(value):
                    return sent
        return sent

    def _repaired(self, sent: Sent, seen: Foreseen, session: Session) -> tuple[Sent, Foreseen]:
        """A call that does not work without the member for which it does not.

        Of one that never worked two may be in the way.
        """
        candidates = lesser(sent)
        some = self.choice.sample(candidates, min(MEMBERS, len(candidates)))
        if not self.taken[sent.operation]:
            pairs = [two for one in candidates for two in lesser(one)]
            some += self.choice.sample(pairs, min(4 * MEMBERS, len(pairs)))
        for candidate in some:
            foreseen = session.outlook(candidate)
            if foreseen.good:
                return candidate, foreseen
        return sent, seen

    def _taught(self, sent: Sent) -> None:
        for use, origin in self._origins.get(id(sent), NO_ORIGINS)[1]:
            self.pools.learn(use, origin, taken=False)

    def _worth(self, sent: Sent, foreseen: Foreseen) -> float:
        """More for what was not seen yet, for what works, and for what writes."""
        if not isinstance(foreseen.answer, Answered):
            return 0.0
        seen = self._signatures[_signature(sent, foreseen)]
        base = (1.0 if foreseen.good else 0.25) + (0.5 if foreseen.writes else 0.0)
        return base / (1 + 0.05 * seen) + self.choice.random() * 0.6

    def filled(self, operation: str, focus: list[Key] | None) -> Sent:
        """A template of an operation, with values that were seen."""
        self.begin(operation)
        taken = self.taken[operation]
        use_taken = bool(taken) and likely(self.choice, 0.75)
        sent = self.choice.choice(taken if use_taken else self.templates[operation])
        origins: Origins = []
        about_one = self.is_asking(operation) and likely(self.choice, ABOUT_ONE)
        sent = (self._about_one(sent, focus) if about_one else None) or self.filling.filled(
            sent, focus, origins
        )
        if len(self._origins) > MOST_WAITING:
            self._origins.clear()
        self._origins[id(sent)] = (sent, origins)
        return sent

    def _about_one(self, sent: Sent, focus: list[Key] | None) -> Sent | None:
        """A question that asks for one record that was seen, a late one; None without any."""
        record = self.questions.begin(focus)
        if record is None or sent.path_parameters:
            return None
        described = self.operations[sent.operation]
        pairs: list[tuple[str, Any]] = []
        for parameter in described.parameters:
            wanted = parameter.required or likely(self.choice, 0.4)
            if parameter.location != "query" or not wanted:
                continue
            value = self.questions.parameter(parameter.schema, parameter.name, record)
            if value is not None and not isinstance(value, dict):
                values = value if isinstance(value, list) else [value]
                pairs += [(parameter.name, each) for each in values]
        media_type, schema = json_body(described)
        body = None if schema is None else self.questions.body(schema, record)
        if schema is not None and body is None:
            return None
        asked = replace(sent, query=tuple(pairs), caller=self.caller)
        return asked if body is None else replace(asked, body=Json(body), media_type=media_type)


def _signature(sent: Sent, foreseen: Foreseen) -> Any:
    answer = foreseen.answer
    if not isinstance(answer, Answered):
        return (sent.operation, "none")
    return (sent.operation, answer.status, foreseen.writes, len(answer.body).bit_length())


def _weight(sent: Sent) -> int:
    return len(str(sent.body))


def is_identifier(text: str) -> bool:
    """Whether a text that is the same on all sides may be a record's key."""
    return 0 < len(text) <= MAX_KEY and " " not in text and "\n" not in text


def _shape(sent: Sent) -> Any:
    """What makes a template unlike another: names, and which values are empty."""
    body = sent.body
    if isinstance(body, Json):
        shape: Any = frozenset((path, bool(leaf)) for path, leaf in leaves(body.value))
    elif isinstance(body, Form):
        shape = frozenset(part.name for part in body.parts)
    else:
        shape = None
    return (frozenset(name for name, _ in sent.query), shape, sent.media_type)
