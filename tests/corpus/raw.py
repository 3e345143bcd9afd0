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
            errors = [e for e in validator.iter_errors(value) if not _of_write_only(e)]
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


def _of_write_only(error: ValidationError) -> bool:
    """Whether what is missing is not to be there (OpenAPI 3.0.3, Schema Object, writeOnly)."""
    if error.validator != "required" or not isinstance(error.schema, Mapping):
        return False
    properties = error.schema.get("properties", {})
    return any(
        isinstance(entry, Mapping) and entry.get("writeOnly") and repr(name) in error.message
        for name, entry in properties.items()
    )


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
            for name in ("enum", "allOf", "anyOf", "oneOf")
        },
    },
)
