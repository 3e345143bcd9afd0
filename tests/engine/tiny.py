"""Descriptions and APIs of a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.catalogue import assemble
from mockserver.engine.endpoint import Endpoint
from mockserver.engine.handlers import Handler, Handlers
from mockserver.engine.problems import problem_reply
from mockserver.engine.reply import Answer, Api
from mockserver.engine.spec import Description, describe
from mockserver.state.blobs import Blobs
from mockserver.state.sandboxes import Rules, Sandbox
from mockserver.state.store import Record, Snapshot, seed

REFUSED = {"default": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}}
THING = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "n": {"type": "integer"}},
}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def json_content(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": schema}}


def described(
    paths: Mapping[str, Any], schemas: Mapping[str, Any] | None = None, **more: Any
) -> Description:
    """A description of these paths, with the component Thing and others."""
    components = {"schemas": {"Thing": THING, **(schemas or {})}, **more.pop("components", {})}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Tiny", "version": "1"},
        "paths": paths,
        "components": components,
        **more,
    }
    return describe("tiny", document)


def assembled(description: Description, **by_operation: Handler) -> Api:
    handlers = Handlers(problem_reply)
    for name, handler in by_operation.items():
        handlers.operation(name)(handler)
    return assemble(description, handlers, Blobs(1000))


def endpoint(
    handler: Handler,
    *,
    method: str = "post",
    path: str = "/",
    schemas: Mapping[str, Any] | None = None,
    refusals: Mapping[str, Any] = REFUSED,
    **operation: Any,
) -> Endpoint:
    """The endpoint of a description's only operation."""
    responses = {**refusals, **operation.pop("responses", {})}
    item = {method: {"operationId": "only", "responses": responses, **operation}}
    description = described({path: item}, schemas)
    api = assembled(description, only=handler)
    return Endpoint(api, description.operations[0], handler)


def sandbox(*things: tuple[str, Any], history: int = 1000) -> Sandbox:
    return Sandbox("tiny", snapshot(*things), Rules(history=history))


def snapshot(*things: tuple[str, Any]) -> Snapshot:
    return seed([("tiny/things", [Record(key, value) for key, value in things])])


def things(world: Sandbox) -> dict[str, Any]:
    records = world.log.head.collection("tiny/things").records
    return {record.key: record.value for record in records.values()}


def sent(answer: Answer) -> dict[bytes, bytes]:
    """The headers of an answer, none of them twice."""
    headers = dict(answer.headers)
    assert len(headers) == len(answer.headers)
    return headers
