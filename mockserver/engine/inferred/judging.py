"""Answers of which no valid value can be made, found by making one of each, and told."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from mockserver.engine.reading.remarks import Remark, told
from mockserver.engine.seeds.seeding import Seeded
from mockserver.engine.spec import Description, Schema

_PAUSE = 0.002
"""Seconds between two answers: requests that come meanwhile are not kept waiting."""

logger = logging.getLogger("mockserver")


def judge(description: Description, inferred: Seeded, *, every: bool = False) -> None:
    """Warn of examples and answers that cannot be valid, answers of one reason together.

    Of the examples only the first is told, unless ``every`` one is asked for. Takes seconds for a
    thousand operations, so it is done while requests are served already.
    """
    inferred.shelves.take_examples()
    left_out = tuple(inferred.shelves.left_out)
    remarks = (Remark(description.source, pointer, "example", why) for pointer, why in left_out)
    for line in told(remarks, every=every):
        logger.warning("%s", line)
    makers = inferred.makers
    found: dict[str, list[str]] = {}
    for where, schema, around in _answers(description, inferred):
        time.sleep(_PAUSE)
        problem = makers.problem(schema)
        if problem is not None:
            makers.schemas.accept(around)
            found.setdefault(str(problem), []).append(where)
    for reason, places in found.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        logger.warning(
            "%s: %s%s: %s; the nearest one is answered",
            description.source, places[0], more, reason,
        )  # fmt: skip


def _answers(description: Description, inferred: Seeded) -> Iterator[tuple[str, Schema, Schema]]:
    """All answers, and the records in them: where they stand, their schema, that around it.

    What holds a record that cannot be valid cannot be valid either.
    """
    for operation in description.operations:
        for status, response in operation.responses.items():
            for schema in response.content.values():
                yield f"{operation.id} answers {status}", schema, schema
        answer = inferred.inference.roles[operation.id].answer
        if answer.item and answer.item is not answer.schema:
            where = f"the records that {operation.id} answers {answer.status} with"
            yield where, answer.item, answer.schema
