"""What an inferred API begins with, laid out before its first request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.schema import component_name
from mockserver.engine.seeds.examples import Examples
from mockserver.engine.seeds.shelves import Shelves
from mockserver.engine.spec import Description, Schema
from mockserver.engine.values.makers import Makers


class Seeded(Protocol):
    """An inferred API as far as its records are concerned."""

    inference: Inference
    makers: Makers
    shelves: Shelves


def begin(description: Description, inferred: Seeded) -> None:
    """Have the examples of a description be answered, and what it documents judged together."""
    schemas, inference = inferred.makers.schemas, inferred.inference
    answered = [each for each in _answered(description, inference) if isinstance(each, Mapping)]
    # A record that is shown by itself is judged as its component says, without tokens.
    schemas.join([*_sent(description), *(each for each in answered if component_name(each))])
    schemas.join(answered, reply=True)
    examples = Examples(description, schemas, inference.resources, inference.roles)
    inferred.shelves.begin_with(examples)
    for schema, shown in _shown(description):
        inferred.makers.show(schema, next(iter(shown.values())))


def _sent(description: Description) -> Iterator[Schema]:
    """The schemas of all bodies that are taken."""
    for operation in description.operations:
        if operation.body is not None:
            yield from operation.body.content.values()


def _answered(description: Description, inference: Inference) -> Iterator[Schema]:
    """The schemas of all that is answered, and of the records in it."""
    for operation in description.operations:
        for response in operation.responses.values():
            yield from response.content.values()
    for resource in inference.resources.values():
        yield resource.schema
    for role in inference.roles.values():
        yield role.answer.item


def _shown(description: Description) -> Iterator[tuple[Schema, Mapping[str, object]]]:
    """The schemas of answers that have examples."""
    for operation in description.operations:
        for response in operation.responses.values():
            for media_type, examples in response.examples.items():
                yield response.content[media_type], examples
