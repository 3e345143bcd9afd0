"""What stands where in a description: the kind of each member of each kind of object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Shape(NamedTuple):
    """The kinds of the members that an object may have by name, and that of all others.

    A kind ``{k}`` is an object whose members have any names and the kind k, ``[k]`` a list of k.
    What is of the kind ``data`` is nobody's business but the API's; ``extension`` is what stands
    under a name that begins with ``x-``, ``unknown`` under one that no specification has.
    """

    members: Mapping[str, str]
    others: str = "unknown"
    extensions: bool = True


Grammar = Mapping[str, Shape]

_SCHEMA = Shape(
    dict.fromkeys(
        ("items", "not", "additionalProperties", "additionalItems", "if", "then", "else",
         "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties",
         "contentSchema"),
        "schema",
    )
    | dict.fromkeys(
        ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"),
        "{schema}",
    )
    | dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]")
    | dict.fromkeys(("example", "examples", "default", "enum", "const", "required"), "data")
    | {"discriminator": "discriminator", "xml": "unknown", "externalDocs": "unknown"}
)  # fmt: skip
_MEDIA = {"schema": "schema", "example": "data", "examples": "{example}"}
_PARAMETER = Shape({**_MEDIA, "content": "{mediaType}"})
_SHARED = {"servers": "[server]", "parameters": "[parameter]"}
_DATA = Shape({}, others="data", extensions=False)
_LOOSE = {
    "schema": _SCHEMA,
    "example": Shape({"value": "data"}),
    "unknown": Shape({}),
    "extension": Shape({}, others="extension", extensions=False),
    "data": _DATA,
    "discriminator": Shape({"mapping": "mapping"}),
    "mapping": _DATA,
    "requirement": _DATA,
    "server": Shape({"variables": "{unknown}"}),
    "paths": Shape({}, others="pathItem"),
    "responses": Shape({}, others="response"),
}


def _complete(shapes: dict[str, Shape]) -> Grammar:
    """The same with the kinds that are maps and lists of others, each with a shape of its own."""
    for shape in list(shapes.values()):
        for kind in (*shape.members.values(), shape.others):
            if kind[0] in "[{":
                inner = kind[1:-1]
                shapes[kind] = Shape({}, others=inner, extensions=False)
    return shapes


SECTIONS: Mapping[str, str] = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "requestBody": "requestBodies",
    "header": "headers",
    "securityScheme": "securitySchemes",
    "link": "links",
    "callback": "callbacks",
}
"""Where in ``components`` what stands that may be referred to (OpenAPI 3.0.3, Components)."""

OPENAPI = _complete(
    {
        **_LOOSE,
        "document": Shape(
            {
                "info": "unknown",
                "servers": "[server]",
                "paths": "paths",
                "webhooks": "{pathItem}",
                "components": "components",
                "security": "[requirement]",
                "tags": "[unknown]",
                "externalDocs": "unknown",
            }
        ),
        "components": Shape(
            {section: f"{{{kind}}}" for kind, section in SECTIONS.items()}
            | {"pathItems": "{pathItem}"}
        ),
        "pathItem": Shape({**_SHARED, **dict.fromkeys(METHODS, "operation")}),
        "operation": Shape(
            {
                **_SHARED,
                "requestBody": "requestBody",
                "responses": "responses",
                "callbacks": "{callback}",
                "security": "[requirement]",
                "externalDocs": "unknown",
            }
        ),
        "parameter": _PARAMETER,
        "header": _PARAMETER,
        "requestBody": Shape({"content": "{mediaType}"}),
        "mediaType": Shape({**_MEDIA, "encoding": "{encoding}"}),
        "encoding": Shape({"headers": "{header}"}),
        "response": Shape({"headers": "{header}", "content": "{mediaType}", "links": "{link}"}),
        "callback": Shape({}, others="pathItem"),
        "link": Shape({"parameters": "data", "requestBody": "data", "server": "server"}),
        "securityScheme": Shape({"flows": "unknown"}),
    }
)
"""OpenAPI 3.0.3 and 3.1.0, section 4.7 and 4.8."""

SWAGGER_SECTIONS: Mapping[str, str] = {
    "schema": "definitions",
    "response": "responses",
    "parameter": "parameters",
}
"""Where what stands that may be referred to (Swagger 2.0, Swagger Object)."""

SWAGGER = _complete(
    {
        **_LOOSE,
        "document": Shape(
            {
                "info": "unknown",
                "paths": "paths",
                "definitions": "{schema}",
                "parameters": "{parameter}",
                "responses": "{response}",
                "securityDefinitions": "{securityScheme}",
                "security": "[requirement]",
                "tags": "[unknown]",
                "externalDocs": "unknown",
            }
        ),
        "pathItem": Shape(
            {"parameters": "[parameter]", **dict.fromkeys(METHODS, "operation")}
        ),
        "operation": Shape(
            {
                "parameters": "[parameter]",
                "responses": "responses",
                "security": "[requirement]",
                "externalDocs": "unknown",
            }
        ),
        "parameter": Shape({"schema": "schema", "items": "schema", "default": "data",
                            "enum": "data"}),
        "response": Shape(
            {"schema": "schema", "headers": "{header}", "examples": "data"}
        ),
        "header": Shape({"items": "schema", "default": "data", "enum": "data"}),
        "securityScheme": Shape({"scopes": "data"}),
    }
)  # fmt: skip
"""Swagger 2.0, section 5.2."""


def member_kind(shape: Shape, name: str) -> str:
    """The kind of a member of an object of some shape."""
    kind = shape.members.get(name)
    if kind is not None:
        return kind
    return "extension" if shape.extensions and name.startswith("x-") else shape.others


def children(grammar: Grammar, value: Any, kind: str) -> list[tuple[Any, Any, str]]:
    """The objects and lists in a value of some kind: name or index, value and kind of each."""
    if isinstance(value, list):
        inner = kind[1:-1] if kind[0] == "[" else kind
        return [(n, item, inner) for n, item in enumerate(value) if isinstance(item, (dict, list))]
    shape = grammar[kind]
    return [
        (name, item, member_kind(shape, name))
        for name, item in value.items()
        if isinstance(item, (dict, list))
    ]
