"""A description as it was published, read with nothing of the product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft4Validator, Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource, Specification

from mockserver.engine.spec import Operation

BASE = "urn:description"


class Unjudged(Exception):
    """The published description does not say, or says what no validator takes."""


class Raw:
    """The published document, and what it says of answers."""

    def __init__(self, document: Any) -> None:
        self.document = document if isinstance(document, dict) else {}
        resource = Resource(contents=self.document, specification=Specification.OPAQUE)
        self._registry: Any = Registry().with_resource(BASE, resource)
        modern = str(self.document.get("openapi", "")).startswith("3.1")
        self._validator: Any = Draft202012Validator if modern else _OPENAPI_30
        self.is_swagger = "swagger" in self.document

    def encodings(self, operation: Operation, media_type: str) -> Mapping[str, Mapping[str, Any]]:
        """How the members of a form are written, by name."""
        found = self._at(self._operation(operation), "requestBody", "content")
        for name, entry in self.items(found):
            if name.partition(";")[0].strip().lower() == media_type:
                told = self.follow(entry)[0].get("encoding")
                return told if isinstance(told, Mapping) else {}
        return {}

    def statuses(self, operation: Operation) -> list[str]:
        """The statuses that the published operation documents."""
        found = self._at(self._operation(operation), "responses")
        return [str(name).upper() for name, _ in self.items(found)]

    def check(self, operation: Operation, status: int, media_type: str, value: Any) -> None:
        """Judge an answer's body. Raises ValidationError, or Unjudged."""
        pointer = self._schema_pointer(operation, status, media_type)
        validator = self._validator({"$ref": BASE + "#" + pointer}, registry=self._registry)
        try:
            errors = [e for e in validator.iter_errors(value) if not _is_excused(e)]
        except Exception as error:  # noqa: BLE001 - published schemas break in every way
            raise Unjudged(f"{type(error).__name__}") from None
        if errors:
            raise errors[0]

    def _schema_pointer(self, operation: Operation, status: int, media_type: str) -> str:
        responses = self._at(self._operation(operation), "responses")
        told = {str(name).upper(): entry for name, entry in self.items(responses)}
        for candidate in (str(status), f"{status // 100}XX", "DEFAULT"):
            if candidate in told:
                response, pointer = self.follow(told[candidate])
                return self._content(response, pointer, media_type)
        raise Unjudged("the published operation has no such status")

    def _content(self, response: Any, pointer: str, media_type: str) -> str:
        if self.is_swagger:
            if "schema" in response:
                return f"{pointer}/schema"
            raise Unjudged("no schema")
        content, pointer = self._at((response, pointer), "content")
        for name, entry in self.items((content, pointer)):
            if name.partition(";")[0].strip().lower() == media_type:
                found, where = self.follow(entry)
                if "schema" in found:
                    return f"{where}/schema"
        raise Unjudged("no schema")

    def _operation(self, operation: Operation) -> tuple[Any, str]:
        item = self._at((self.document, ""), "paths", operation.path)
        return self._at(item, operation.method.lower())

    def _at(self, start: tuple[Any, str], *names: str) -> tuple[Any, str]:
        value, pointer = start
        for name in names:
            if not isinstance(value, dict) or name not in value:
                return {}, pointer
            pointer += "/" + name.replace("~", "~0").replace("/", "~1").replace("%", "%25")
            value, pointer = self.follow((value[name], pointer))
        return value, pointer

    def items(self, start: tuple[Any, str]) -> Iterator[tuple[str, tuple[Any, str]]]:
        value, pointer = start
        for name in value if isinstance(value, dict) else ():
            yield str(name), self._at((value, pointer), name)

    def follow(self, start: tuple[Any, str]) -> tuple[Any, str]:
        """What a Reference Object stands for, and where that is."""
        value, pointer = start
        for _ in range(20):
            reference = value.get("$ref") if isinstance(value, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            value, pointer = self.document, reference[1:]
            for part in reference[2:].split("/"):
                name = unquote(part).replace("~1", "/").replace("~0", "~")
                value = value.get(name) if isinstance(value, dict) else None
        return (value if isinstance(value, dict) else {}), pointer


def _is_excused(error: ValidationError) -> bool:
    """Whether nobody could do better: the schema contradicts itself, or asks for a secret."""
    schema = error.schema
    return isinstance(schema, Mapping) and (
        _is_never_there(error, schema) or _matches_nothing(schema) or _lists_nothing(schema)
    )


def _is_never_there(error: ValidationError, schema: Mapping[str, Any]) -> bool:
    """Whether what is missing is ``writeOnly``, or is a member that no object may have."""
    if error.validator != "required":
        return False
    properties = schema.get("properties", {})
    name = next((name for name in schema["required"] if repr(name) in error.message), "")
    entry = properties.get(name, {})
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    return (isinstance(entry, Mapping) and bool(entry.get("writeOnly"))) or (
        closed and name not in properties
    )


def _matches_nothing(schema: Mapping[str, Any]) -> bool:
    """Whether a pattern stands between slashes, as JavaScript writes them but JSON does not."""
    return str(schema.get("pattern", "")).startswith("/^")


def _lists_nothing(schema: Mapping[str, Any]) -> bool:
    """Whether no listed value is of the type that a schema says."""
    if "enum" not in schema or "type" not in schema:
        return False
    judge = Draft202012Validator({"type": schema["type"]})
    return not any(judge.is_valid(each) for each in schema["enum"])


def _nullable(keyword: Any) -> Any:
    def checked(validator: Any, argument: Any, instance: Any, schema: Any) -> Iterator[Any]:
        allowed = schema.get("nullable") or schema.get("x-nullable")
        if instance is None and allowed:
            return
        yield from keyword(validator, argument, instance, schema) or ()

    return checked


def _but_files(keyword: Any) -> Any:
    def checked(validator: Any, argument: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if argument == "file":
            return
        yield from keyword(validator, argument, instance, schema) or ()

    return checked


_OPENAPI_30 = extend(
    Draft4Validator,
    {
        "type": _nullable(_but_files(Draft4Validator.VALIDATORS["type"])),
        **{
            name: _nullable(Draft4Validator.VALIDATORS[name])
            for name in ("enum", "allOf", "anyOf", "oneOf", "$ref")
        },
    },
)
