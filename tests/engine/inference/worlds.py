"""Descriptions of one collection in many styles, generated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.engine.inference.served import answers, api, asked, ref, takes

TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 30}
INSTANT: dict[str, Any] = {"type": "string", "format": "date-time", "readOnly": True}
NAMES = {"pets": "Pet", "companies": "Company", "boxes": "Box", "people": "Person"}
KEY_KINDS: dict[str, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "integer": {"type": "integer", "format": "int64"},
    "pattern": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{6}$"},
    "string": {"type": "string"},
}
LISTS: dict[str, tuple[Callable[[Any, str], Any], Callable[[Any, str], Any]]] = {
    "bare": (lambda items, name: items, lambda body, name: body),
    "data": (lambda items, name: held(data=items, total={"type": "integer"}),
             lambda body, name: body["data"]),
    "named": (lambda items, name: held(**{name: items}, meta=held(count={"type": "integer"})),
              lambda body, name: body[name]),
    "deep": (lambda items, name: held(data=held(items=items, next={"type": "string"})),
             lambda body, name: body["data"]["items"]),
}  # fmt: skip


def held(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


@dataclass(frozen=True)
class World:
    """What a description is made of."""

    version: str
    name: str
    key: str
    kind: str
    listed: str
    wrapped: bool
    nested: bool
    created: str
    own_schemas: bool
    changed: str
    tells_404: bool

    @property
    def one(self) -> str:
        return NAMES[self.name]

    @property
    def above(self) -> str:
        return "/shelves/7" if self.nested else ""

    @property
    def path(self) -> str:
        return f"{self.above}/{self.name}"

    def rows(self, body: Any) -> list[Any]:
        """The records of a list."""
        rows: list[Any] = LISTS[self.listed][1](body, self.name)
        return rows

    def row(self, body: Any) -> Any:
        """The record of an answer."""
        return body["data"] if self.wrapped else body

    def sent(self, value: Any) -> Any:
        return {"data": value} if self.wrapped else value

    def item(self, key: Any) -> str:
        return f"{self.path}/{key}"

    def document(self) -> dict[str, Any]:
        """The description."""
        properties: dict[str, Any] = {
            self.key: {**KEY_KINDS[self.kind], "readOnly": True},
            "title": TEXT,
            "size": {"type": "integer"},
            "status": {"type": "string", "enum": ["free", "sold"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "owner": {"type": "object", "properties": {"name": {"type": "string"}}},
            "created_at": INSTANT,
        }
        required = [self.key, "title"]
        whole = {"type": "object", "required": required, "properties": properties}
        given = {n: s for n, s in properties.items() if n not in (self.key, "created_at")}
        new = {
            "type": "object",
            "required": ["title"],
            "properties": {**given, "password": {"type": "string"}},
        }
        part = {"type": "object", "properties": {**given, "title": TEXT}}
        schemas = {self.one: whole, "New" + self.one: new, "Part" + self.one: part}
        document = api(self._paths(), schemas, self.version)
        return swagger(document) if self.version == "2.0" else document

    def _paths(self) -> dict[str, Any]:
        ref_one = ref(self.one)
        single = held(data=ref_one) if self.wrapped else ref_one
        new = ref("New" + self.one) if self.own_schemas else ref_one
        body = held(data=new) if self.wrapped else new
        error = held(message={"type": "string"})
        missing = {"s404": error} if self.tells_404 else {}
        rows = LISTS[self.listed][0]({"type": "array", "items": ref_one}, self.name)
        created = {"s" + self.created: None if self.created == "204" else single}
        part = ref("Part" + self.one)
        changes = {
            "put": ("put", body),
            "patch": ("patch", held(data=part) if self.wrapped else part),
        }
        above = "/shelves/{shelf}" if self.nested else ""
        up = [asked("shelf", {"type": "integer"}, "path")] if self.nested else []
        parameter = asked(self.one.lower() + "_id", KEY_KINDS[self.kind], "path")
        item: dict[str, Any] = {
            "parameters": [*up, parameter],
            "get": {"responses": answers(s200=single, **missing)},
            "delete": {"responses": answers(s204=None, **missing)},
        }
        for each in self.changed.split("+"):
            method, schema = changes[each]
            item[method] = {
                "requestBody": takes(schema),
                "responses": answers(s200=single, **missing),
            }
        return {
            f"{above}/{self.name}": {
                "parameters": up,
                "get": {"responses": answers(s200=rows)},
                "post": {"requestBody": takes(body), "responses": answers(**created)},
            },
            f"{above}/{self.name}/{{{parameter['name']}}}": item,
        }


def swagger(document: dict[str, Any]) -> dict[str, Any]:
    """A description of OpenAPI 3.0 as Swagger 2.0."""

    def turned(value: Any) -> Any:
        if isinstance(value, list):
            return [turned(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return {"$ref": value["$ref"].replace("#/components/schemas/", "#/definitions/")}
        made = {name: turned(each) for name, each in value.items()}
        if "content" in made and "description" in made:
            made["schema"] = made.pop("content")["application/json"]["schema"]
        if "requestBody" in made:
            schema = made.pop("requestBody")["content"]["application/json"]["schema"]
            sent = {"name": "body", "in": "body", "required": True, "schema": schema}
            made["parameters"] = [*made.get("parameters", ()), sent]
        if made.get("in") == "path":
            made |= made.pop("schema")
        return made

    return {
        "swagger": "2.0",
        "info": document["info"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": turned(document["paths"]),
        "definitions": turned(document["components"]["schemas"]),
    }


WORLDS = st.builds(
    World,
    version=st.sampled_from(("3.0.3", "3.1.0", "2.0")),
    name=st.sampled_from(sorted(NAMES)),
    key=st.sampled_from(("id", "uuid", "code")),
    kind=st.sampled_from(sorted(KEY_KINDS)),
    listed=st.sampled_from(sorted(LISTS)),
    wrapped=st.booleans(),
    nested=st.booleans(),
    created=st.sampled_from(("201", "200", "204")),
    own_schemas=st.booleans(),
    changed=st.sampled_from(("put", "patch", "put+patch")),
    tells_404=st.booleans(),
)

_WORDS = st.text("abcdefghij KLM-ß", min_size=1, max_size=12)
BODIES = st.fixed_dictionaries(
    {"title": _WORDS},
    optional={
        "size": st.integers(-1000, 1000),
        "status": st.sampled_from(("free", "sold")),
        "tags": st.lists(_WORDS, max_size=3),
        "owner": st.fixed_dictionaries({"name": _WORDS}),
    },
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": _WORDS,
        "size": st.integers(-1000, 1000),
        "status": st.sampled_from(("free", "sold")),
        "tags": st.lists(_WORDS, max_size=3),
        "owner": st.fixed_dictionaries({"name": _WORDS}),
    },
)
