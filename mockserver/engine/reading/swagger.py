"""A Swagger 2.0 description as an OpenAPI 3.0.3 document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.engine.reading.documents import Tell
from mockserver.engine.reading.grammar import METHODS
from mockserver.engine.reading.swagger_parts import (
    FORM,
    MULTIPART,
    as_list,
    as_object,
    body_of,
    content_of,
    copied,
    extensions,
    kept,
    media_types,
    schema_of,
    security_scheme,
    value_schema,
)
from mockserver.errors import pointer_to

OPENAPI = "3.0.3"

PRODUCES = "x-produces"
"""The media type of a response without content: what Swagger 2.0 says of all of an operation's."""

_MOVED = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
_STYLES = {
    "csv": {"style": "form", "explode": False},
    "multi": {"style": "form", "explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
    "tsv": {"style": "form", "explode": False},
}
"""How a list is written (Swagger 2.0, collectionFormat; OpenAPI 3.0.3, style)."""


def upgraded(document: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """A document of Swagger 2.0 as one of OpenAPI 3.0.3 that says the same.

    References must be within the document, and lead to entries of its sections. What has no
    counterpart is told; what is no valid Swagger stays as invalid as it was.
    """
    return _Upgrade(document, tell).document()


class _Upgrade:
    def __init__(self, document: Mapping[str, Any], tell: Tell) -> None:
        self._old = document
        self._tell = tell
        self._parameters = as_object(document.get("parameters"))
        self._responses = as_object(document.get("responses"))

    def document(self) -> dict[str, Any]:
        old = self._old
        made = {"openapi": OPENAPI, **kept(old, "info", "tags", "externalDocs", "security")}
        servers = self._servers()
        if servers:
            made["servers"] = servers
        if "paths" in old:
            made["paths"] = self._paths()
        made["components"] = self._components()
        return _moved(made)

    def _servers(self) -> list[dict[str, Any]]:
        """``schemes``, ``host`` and ``basePath`` as URLs (relative where there is no host)."""
        host, base = (str(self._old.get(name) or "").strip() for name in ("host", "basePath"))
        path = base if not base or base.startswith("/") else f"/{base}"
        if not host:
            return [{"url": path}] if path else []
        schemes = [s for s in media_types(self._old.get("schemes")) if s in ("http", "https")]
        return [{"url": f"{scheme}://{host}{path}"} for scheme in schemes or ["https"]]

    def _components(self) -> dict[str, Any]:
        old = self._old
        consumes, produces = media_types(old.get("consumes")), media_types(old.get("produces"))
        shared = {name: self._target(entry) for name, entry in self._parameters.items()}
        bodies = {name: entry for name, entry in shared.items() if entry.get("in") == "body"}
        plain = {n: e for n, e in shared.items() if e.get("in") not in ("body", "formData")}
        made: dict[str, Any] = {
            "schemas": {n: schema_of(s) for n, s in as_object(old.get("definitions")).items()},
            "parameters": {
                name: self._parameter(entry, ("parameters", name)) for name, entry in plain.items()
            },
            "requestBodies": {name: body_of(entry, consumes) for name, entry in bodies.items()},
            "responses": {
                name: self._response(entry, produces, ("responses", name))
                for name, entry in self._responses.items()
            },
            "securitySchemes": {
                name: security_scheme(as_object(entry))
                for name, entry in as_object(old.get("securityDefinitions")).items()
            },
        }
        return {name: section for name, section in made.items() if section}

    def _paths(self) -> Any:
        paths = self._old["paths"]
        if not isinstance(paths, dict):
            return paths
        return {
            path: self._item(path, item)
            if isinstance(item, dict) and not path.startswith("x-")
            else item
            for path, item in paths.items()
        }

    def _item(self, path: str, item: Mapping[str, Any]) -> dict[str, Any]:
        shared = as_list(item.get("parameters"))
        plain = [entry for entry in shared if not self._in_body(entry)]
        made = extensions(item)
        if plain:
            where = ("paths", path, "parameters")
            made["parameters"] = [self._referred(entry, where) for entry in plain]
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                inherited = [entry for entry in shared if self._in_body(entry)]
                made[method] = self._operation(operation, inherited, ("paths", path, method))
            elif method in item:
                made[method] = operation
        return made

    def _operation(
        self, old: Mapping[str, Any], inherited: list[Any], where: tuple[str, ...]
    ) -> dict[str, Any]:
        made = kept(
            old, "tags", "summary", "description", "externalDocs", "operationId", "deprecated",
            "security",
        )  # fmt: skip
        own = as_list(old.get("parameters"))
        plain = [entry for entry in own if not self._in_body(entry)]
        if plain:
            made["parameters"] = [self._referred(entry, (*where, "parameters")) for entry in plain]
        body = self._request_body([*inherited, *own], old)
        if body is not None:
            made["requestBody"] = body
        if "responses" in old:
            made["responses"] = self._all_responses(old, (*where, "responses"))
        return made

    # Parameters and bodies.

    def _target(self, entry: Any) -> dict[str, Any]:
        """A parameter, or the shared one that a reference leads to."""
        seen = set()
        while isinstance(entry, dict) and isinstance(entry.get("$ref"), str):
            if entry["$ref"] in seen:
                return {}
            seen.add(entry["$ref"])
            entry = self._parameters.get(_name(entry["$ref"]))
        return as_object(entry)

    def _in_body(self, entry: Any) -> bool:
        return self._target(entry).get("in") in ("body", "formData")

    def _referred(self, entry: Any, where: tuple[str, ...]) -> Any:
        if not isinstance(entry, dict) or "$ref" in entry:
            return entry
        return self._parameter(entry, where)

    def _parameter(self, old: Mapping[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
        if "$ref" in old:
            return dict(old)
        made = kept(old, "name", "in", "description", "required", "allowEmptyValue", "deprecated")
        made.pop("x-nullable", None)
        schema = value_schema(old)
        if schema:
            made["schema"] = schema
        if "x-example" in made:
            made["example"] = made.pop("x-example")
        if old.get("type") == "array":
            made.update(self._style(old, where))
        return made

    def _style(self, old: Mapping[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
        written = str(old.get("collectionFormat", "csv"))
        if old.get("in") not in ("query", "formData") and written != "csv":
            written = "csv" if written in _STYLES else written
            message = "a list in a path or header is written with commas"
            self._tell(pointer_to((*where, old.get("name", ""))), "collection-format", message)
        elif written == "tsv" or written not in _STYLES:
            message = f"{written!r} is written with commas: OpenAPI 3 knows nothing like it"
            self._tell(pointer_to((*where, old.get("name", ""))), "collection-format", message)
        if old.get("in") in ("path", "header"):
            return {"style": "simple"}
        return _STYLES.get(written, _STYLES["csv"])

    def _request_body(self, entries: list[Any], old: Mapping[str, Any]) -> dict[str, Any] | None:
        """The body that ``body`` and ``formData`` parameters describe; the last body is taken."""
        consumes = media_types(old.get("consumes", self._old.get("consumes")))
        bodies = [entry for entry in entries if self._target(entry).get("in") == "body"]
        if bodies:
            last = bodies[-1]
            if "$ref" in last and "consumes" not in old and self._direct(last["$ref"]):
                return {"$ref": "#/components/requestBodies/" + last["$ref"].rsplit("/", 1)[-1]}
            return body_of(self._target(last), consumes)
        fields = {
            str(field.get("name")): field
            for field in map(self._target, entries)
            if field.get("in") == "formData"
        }
        return self._form(fields, consumes) if fields else None

    def _direct(self, reference: str) -> bool:
        return as_object(self._parameters.get(_name(reference))).get("in") == "body"

    def _form(self, fields: Mapping[str, Mapping[str, Any]], consumes: list[str]) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        encoding: dict[str, Any] = {}
        for name, field in fields.items():
            properties[name] = value_schema(field)
            for member in ("description", "x-example"):
                if member in field:
                    properties[name][member.removeprefix("x-")] = field[member]
            if field.get("type") == "array":
                encoding[name] = self._style(field, ("formData",))
        schema = {"type": "object", "properties": properties, "additionalProperties": False}
        required = [name for name, field in fields.items() if field.get("required") is True]
        if required:
            schema["required"] = required
        files = any(field.get("type") == "file" for field in fields.values())
        forms = [entry for entry in consumes if entry.lower() in (FORM, MULTIPART)]
        content = {}
        for media in forms or ([MULTIPART] if files else [FORM]):
            content[media] = {"schema": schema}
            if encoding and media.lower() == FORM:
                content[media]["encoding"] = encoding
        return {"content": copied(content), **({"required": True} if required else {})}

    # Responses.

    def _all_responses(self, old: Mapping[str, Any], where: tuple[str, ...]) -> Any:
        responses = old["responses"]
        if not isinstance(responses, dict):
            return responses
        own = "produces" in old
        produces = media_types(old.get("produces", self._old.get("produces")))
        return {
            status: self._at_status(response, produces, (*where, status), own=own)
            if not status.startswith("x-")
            else response
            for status, response in responses.items()
        }

    def _at_status(
        self, response: Any, produces: list[str], where: tuple[str, ...], *, own: bool
    ) -> Any:
        """A response; a shared one is written out where the operation has media types itself."""
        reference = as_object(response).get("$ref")
        if isinstance(reference, str) and own:
            target = as_object(self._responses.get(_name(reference)))
            response = target or response
        return self._response(response, produces, where)

    def _response(self, old: Any, produces: list[str], where: tuple[str, ...]) -> Any:
        if not isinstance(old, dict) or "$ref" in old:
            return old
        made = kept(old, "description")
        headers = as_object(old.get("headers"))
        if headers:
            made["headers"] = {
                name: self._header(entry, (*where, "headers", name))
                for name, entry in headers.items()
            }
        content = content_of(old, produces)
        if content:
            made["content"] = content
        elif produces:
            made[PRODUCES] = produces[0]
        return made

    def _header(self, old: Any, where: tuple[str, ...]) -> Any:
        if not isinstance(old, dict):
            return old
        made = self._parameter({**old, "in": "header"}, where)
        return {name: item for name, item in made.items() if name not in ("in", "name")}


def _name(reference: Any) -> str:
    return str(reference).rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")


def _moved(value: dict[str, Any]) -> dict[str, Any]:
    """The same with references to where the sections are now, changed in place."""
    for reference, holder in _references(value):
        for old, new in _MOVED.items():
            if reference.startswith(old):
                holder["$ref"] = new + reference.removeprefix(old)
    return value


def _references(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"], part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
