"""JSON bodies made from an operation's schema, where Schemathesis would take seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.values import Json, Sent
from mockserver.engine.media import is_json
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation
from mockserver.engine.templates import template_names
from mockserver.engine.values.making import Unsatisfiable, Values

HEAVY = 60
"""Schemas that a body reaches, past which cases are made here."""

MADE = 3


def weight(api: Api, operation: Operation) -> int:
    """How many schemas the body of an operation reaches."""
    if operation.body is None:
        return 0
    bundles = map(api.schemas.annotated, operation.body.content.values())
    return max((len(bundle["$defs"]) for bundle in bundles), default=0)


def made_calls(api: Api, operation: Operation, seed: int) -> Iterator[Sent]:
    """Calls with bodies that satisfy the description, the smallest one first."""
    media_type, schema = json_body(operation)
    if schema is None:
        return
    bundle = api.schemas.annotated(schema)
    large = len(bundle["$defs"]) > HEAVY
    values = Values(bundle, seed=seed)
    for number in range(MADE):
        try:
            body = values.make(
                (operation.id,), number, direction="request", only_required=large or number == 0
            )
        except Unsatisfiable:
            return
        parameters = dict.fromkeys(template_names(operation.path), "0")
        yield Sent(
            operation.id, operation.method, operation.path, parameters,
            body=Json(body), media_type=media_type, why="a body made of the schema",
        )  # fmt: skip


def example_calls(operation: Operation) -> Iterator[Sent]:
    """Calls with the bodies that the description has as examples."""
    if operation.body is None:
        return
    parameters = dict.fromkeys(template_names(operation.path), "0")
    for media_type, examples in operation.body.examples.items():
        if is_json(media_type):
            for body in examples.values():
                yield Sent(
                    operation.id, operation.method, operation.path, parameters,
                    body=Json(body), media_type=media_type, why="an example of the description",
                )  # fmt: skip


def json_body(operation: Operation) -> tuple[str, Any]:
    """The media type and schema of an operation's JSON body; None as the schema without one."""
    content = operation.body.content if operation.body else {}
    return next(((name, schema) for name, schema in content.items() if is_json(name)), ("", None))
