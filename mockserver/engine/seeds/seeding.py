"""What an inferred API begins with, laid out before its first request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.views import Views
from mockserver.engine.inference.words import MAIN_KEYS, normal, words
from mockserver.engine.schema import component_name
from mockserver.engine.seeds.addresses import Addresses
from mockserver.engine.seeds.examples import Examples
from mockserver.engine.seeds.shelves import Shelves
from mockserver.engine.spec import Description, Schema
from mockserver.engine.values.makers import Makers

_SAYING = frozenset(
    ("$ref", "type", "format", "pattern", "enum", "const", "minimum", "maximum", "minLength",
     "maxLength", "anyOf", "oneOf", "allOf")
)  # fmt: skip
"""Keywords of a parameter's schema that say which keys it takes."""


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
    views = Views(schemas.resolved)
    addresses = Addresses(description, inference.roles, views, inferred.makers.is_valid)
    inferred.shelves.address_by(addresses)
    inferred.shelves.name_by(_naming(description, inference))
    for schema, shown in _shown(description):
        inferred.makers.show(schema, next(iter(shown.values())))


def _naming(description: Description, inference: Inference) -> dict[str, list[Schema]]:
    """The schemas of the path parameters that name records, by the names of their resources.

    Those by which a record is known by another property than its key are left out.
    """
    found: dict[str, dict[str, Schema]] = {}
    for operation in description.operations:
        role = inference.roles[operation.id]
        above = (parent for parent in role.scope if parent.resource)
        named = {
            parent.parameter: parent.resource
            for parent in above
            if _means_key(parent.parameter, inference.resources[parent.resource])
        }
        resource = inference.resources.get(role.resource)
        if resource is not None and role.keys and role.keys[-1].property == resource.key:
            named[role.keys[-1].parameter] = resource.name
        for parameter in operation.parameters:
            name = named.get(parameter.name) if parameter.location == "path" else None
            if name and isinstance(parameter.schema, Mapping):
                plain = {key: value for key, value in parameter.schema.items() if key in _SAYING}
                found.setdefault(name, {}).setdefault(repr(plain), parameter.schema)
    return {name: list(schemas.values()) for name, schemas in found.items()}


def _means_key(parameter: str, resource: Resource) -> bool:
    """Whether a parameter names a parent by its key, not as ``projectId`` what has a ``key``."""
    last = "".join(words(parameter)[-1:])
    own = "".join(map(normal, resource.key[-1:]))
    return last not in MAIN_KEYS or own in ("", last, normal(parameter))


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
