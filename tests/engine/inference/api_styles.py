"""Small descriptions of many styles, and what is inferred from them in short words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.engine.inference.inferring import Inference, infer
from mockserver.engine.inference.model import Role
from mockserver.engine.spec import Description, Schema
from tests.engine.tiny import described, json_content

ANY = {"type": "string"}


def resolver(description: Description) -> Any:
    """Resolves references within a description, each by one step."""

    def resolve(schema: Schema) -> Any:
        found: Any = description.document
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found.get(step, {}) if isinstance(found, Mapping) else {}
        return found

    return resolve


def inferred(paths: Mapping[str, Any], schemas: Mapping[str, Any] | None = None) -> Inference:
    description = described(paths, schemas)
    return infer(description, resolver(description))


def record(*names: str, **typed: Any) -> dict[str, Any]:
    """A schema of an object: members that are strings, and members of other schemas."""
    plain = dict.fromkeys(names, ANY)
    return {"type": "object", "properties": {**plain, **typed}}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def does(
    answer: Any = None,
    body: Any = None,
    *,
    status: str = "200",
    query: Sequence[Any] = (),
    **more: Any,
) -> dict[str, Any]:
    """An operation by the schemas of its answer and body, and its query parameters."""
    response = {"description": "-", **({"content": json_content(answer)} if answer else {})}
    said = {"responses": {status: response}, **more}
    if body is not None:
        said["requestBody"] = {"content": json_content(body)}
    if query:
        said["parameters"] = [
            {"in": "query", "schema": ANY, **({"name": entry} if isinstance(entry, str) else entry)}
            for entry in query
        ]
    return said


def told(found: Inference) -> dict[str, str]:
    """Each operation's kind and resource."""
    return {name: f"{role.kind} {role.resource}".strip() for name, role in found.roles.items()}


def keyed(role: Role) -> list[tuple[str, str]]:
    return [(key.parameter, ".".join(key.property)) for key in role.keys]


def scoped(role: Role) -> list[tuple[str, str, str]]:
    return [(p.parameter, p.resource, ".".join(p.property)) for p in role.scope]


def paged(role: Role) -> dict[str, str]:
    return {entry.meaning: ".".join(entry.path) for entry in role.answer.paging}


def asked(role: Role) -> dict[str, str]:
    """What each query parameter asks for."""
    return {
        query.name: " ".join((query.meaning, query.operator, ".".join(query.property))).strip()
        for query in role.queries
    }
