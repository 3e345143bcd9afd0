"""With which records a server begins that can be brought back to its seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from mockserver.catalogue import Mock, stems
from mockserver.contract.alike import frozen, key_of
from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import effect
from mockserver.contract.gentle import counting_reads, grown
from mockserver.contract.own_data import emptied
from mockserver.contract.pacing import Paced
from mockserver.contract.reference import Reference
from mockserver.contract.results import Options
from mockserver.contract.schemathesis_cases import Cases
from mockserver.contract.session import with_headers
from mockserver.contract.targets import MockTarget, Target
from mockserver.contract.values import Answered, Outcome
from mockserver.contract.wire import Callers, Writer

KEYS = frozenset(("id",))


def begun(mock: Mock, target: Target, options: Options) -> tuple[Mock, bool]:
    """A mock that begins as the server does, and whether only what the check makes can be judged.

    The records of a mock that was made from a description are invented: a server has them only
    where it is such a mock, begun in the same way. One that begins empty is compared with an empty
    mock; of one that has records of its own, nobody knows them all. Raises OutOfTime, Busy as
    :class:`Paced` does.
    """
    full = Reference(mock)
    api = full.api
    if api.description.stem in stems() or not target.reset():
        return mock, False
    described = api.description
    callers = Callers(described, list(api.identities))
    writer = Writer(described, callers, described.base_path if options.base_path else "")
    drawing = Drawing(api, described.operations, Cases(described), callers, options.seed)
    alone = emptied(mock, frozenset(grown(full, drawing, writer)))
    paced = Paced(target, options.rate)
    invented: set[Any] = set()
    told: set[Any] = set()
    is_alike = True
    for sent in counting_reads(Reference(alone), full, drawing, writer):
        message = writer.message(sent, str)
        expected = effect(full, full.world(0), message, target.base_url).answer
        paced.send(with_headers(message, options.headers, sent.caller))
        outcome = paced.receive()
        invented.update(_keys(expected))
        told.update(_keys(outcome))
        is_alike = is_alike and _has_alike(expected, outcome)
    if isinstance(target, MockTarget):
        return mock, not is_alike
    if not invented or (told and told <= invented):
        return mock, False
    return (mock, True) if told else (alone, False)


def _has_alike(expected: Outcome, outcome: Outcome) -> bool:
    """Whether two answers tell the same: a mock with another seed has other records."""
    if not isinstance(expected, Answered) or not isinstance(outcome, Answered):
        return False
    return expected.body == outcome.body


def _keys(outcome: Outcome) -> Iterator[Any]:
    """The keys of the items of all lists in an answer."""
    if not isinstance(outcome, Answered) or outcome.status >= 400:  # noqa: PLR2004 - refused
        return
    try:
        value = orjson.loads(outcome.body)
    except orjson.JSONDecodeError:
        return
    lists = [value] if isinstance(value, list) else []
    if isinstance(value, dict):
        lists = [member for member in value.values() if isinstance(member, list)]
    for items in lists:
        yield from (frozen(key_of(item, KEYS)) for item in items)
