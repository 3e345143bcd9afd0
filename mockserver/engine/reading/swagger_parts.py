"""The parts of Swagger 2.0 that become parts of OpenAPI 3.0.3 by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SCHEMA_KEYWORDS = (
    "type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum",
    "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
    "uniqueItems", "enum", "multipleOf", "x-nullable", "nullable",
)  # fmt: skip
"""What a parameter or header says of its value itself (Swagger 2.0, Parameter Object)."""

_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
_JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_DATA = frozenset(("example", "examples", "default", "enum"))
_NAMED = frozenset(("properties", "patternProperties", "definitions", "$defs"))


def as_object(value: Any) -> dict[str, Any]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def media_types(value: Any) -> list[str]:
    """Media types as they are listed."""
    listed = [value] if isinstance(value, str) else as_list(value)
    return [entry for entry in listed if isinstance(entry, str)]


def extensions(value: Mapping[str, Any]) -> dict[str, Any]:
    """The members whose names begin with ``x-``."""
    return {name: item for name, item in value.items() if name.startswith("x-")}


def kept(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The members that are the same in both versions, and the extensions."""
    return {name: value[name] for name in names if name in value} | extensions(value)


def content_of(old: Mapping[str, Any], produces: list[str]) -> dict[str, Any]:
    """A media type object for each media type that a response may have."""
    examples = as_object(old.get("examples"))
    if "schema" not in old and not examples:
        return {}
    schema = old.get("schema")
    file = as_object(schema).get("type") == "file"
    listed = produces or (["application/octet-stream"] if file else [] if examples else [_JSON])
    content: dict[str, Any] = {}
    for media in dict.fromkeys((*listed, *(m for m in examples if "/" in m))):
        content[media] = {}
        if "schema" in old:
            content[media]["schema"] = copied(schema_of(schema))
        if media in examples:
            content[media]["example"] = examples[media]
    return content


def body_of(old: Mapping[str, Any], consumes: list[str]) -> dict[str, Any]:
    """A request body of a ``body`` parameter."""
    made = kept(old, "description", "required")
    made["x-body-name"] = old.get("name", "body")
    schema = schema_of(old.get("schema", {}))
    forms = (FORM, MULTIPART)
    kinds = [media for media in consumes if media.lower() not in forms] or consumes or [_JSON]
    made["content"] = {media: {"schema": copied(schema)} for media in kinds}
    return made


def value_schema(old: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a parameter or header that says its type itself."""
    schema = old.get("schema")
    if isinstance(schema, dict):
        return as_object(schema_of(schema))
    return as_object(schema_of({name: old[name] for name in _SCHEMA_KEYWORDS if name in old}))


def schema_of(schema: Any) -> Any:
    """A schema of Swagger 2.0 as one of OpenAPI 3.0.3."""
    if isinstance(schema, list):
        return [schema_of(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _keyword(name, value) for name, value in schema.items()}
    if made.get("type") == "file":
        made.update(type="string", format="binary")
    if "x-nullable" in made:
        made["nullable"] = made.pop("x-nullable")
    if isinstance(made.get("discriminator"), str):
        made["discriminator"] = {"propertyName": made["discriminator"]}
    made.pop("collectionFormat", None)
    return made


def _keyword(name: str, value: Any) -> Any:
    if name in _NAMED and isinstance(value, dict):
        return {key: schema_of(entry) for key, entry in value.items()}
    if name in _DATA or name.startswith("x-") or name in ("xml", "externalDocs", "required"):
        return value
    return schema_of(value)


def security_scheme(old: Mapping[str, Any]) -> dict[str, Any]:
    """A security scheme; ``basic`` is an HTTP scheme now, and OAuth flows have other names."""
    kind = old.get("type")
    if kind == "basic":
        return {"type": "http", "scheme": "basic", **kept(old, "description")}
    if kind != "oauth2":
        return dict(old)
    flow = {name: old[name] for name in ("authorizationUrl", "tokenUrl") if name in old}
    scopes = as_object(old.get("scopes"))
    name = _FLOWS.get(str(old.get("flow")), "implicit")
    made = {"type": "oauth2", "flows": {name: {**flow, "scopes": scopes}}}
    return {**made, **kept(old, "description")}


def copied(value: Any) -> Any:
    """A copy, so that no two places of a document are one object."""
    if isinstance(value, dict):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value
