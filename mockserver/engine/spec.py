"""An OpenAPI description read from a file and laid out as frozen operations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from immutables import Map

from mockserver.engine.reading.documents import read_document
from mockserver.errors import Problem, StartupError

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Schema = Mapping[str, Any]

NO_EXAMPLES: Mapping[str, Mapping[str, Any]] = Map()

_EXAMPLES = frozenset(("example", "default", "enum", "const"))
"""Members that hold data, in which ``$ref`` is a word like any other."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter: ``location`` is path, query, header or cookie."""

    name: str
    location: str
    required: bool
    schema: Schema
    style: str
    explode: bool


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: a schema for each media type.

    ``examples`` has those of a media type by their names, the one without a name under ``""``.
    """

    required: bool
    content: Mapping[str, Schema]
    examples: Mapping[str, Mapping[str, Any]] = NO_EXAMPLES


@dataclass(frozen=True, slots=True)
class Response:
    """A documented answer: a schema for each media type, and the headers it must carry.

    ``examples`` has those of a media type by their names, the one without a name under ``""``.
    """

    content: Mapping[str, Schema]
    required_headers: tuple[str, ...]
    examples: Mapping[str, Mapping[str, Any]] = NO_EXAMPLES


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """One way to say who calls: ``kind`` is apiKey, http, oauth2 or openIdConnect.

    ``parameter`` and ``location`` (header, query, cookie) say where an API key stands, ``scheme``
    which HTTP authentication scheme is used.
    """

    name: str
    kind: str
    parameter: str = ""
    location: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a description.

    ``responses`` maps a status, a range such as ``4XX``, or ``default`` to a response.
    ``security`` lists alternatives, each the names of the schemes it needs; none at all let
    everybody in. ``stream`` holds the ``x-stream`` extension of an operation that is also a
    WebSocket feed.
    """

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: Mapping[str, Response]
    security: tuple[tuple[str, ...], ...]
    stream: Mapping[str, Any] | None

    def response(self, status: int) -> Response | None:
        """The response documented for a status (OpenAPI 3.0.3, Responses Object)."""
        known = self.responses
        return known.get(str(status)) or known.get(f"{status // 100}XX") or known.get("default")


@dataclass(frozen=True, slots=True)
class CollectionSchema:
    """What ``x-collections`` says of one collection: the component its records satisfy, its key."""

    schema: str
    key: str


@dataclass(frozen=True, slots=True)
class Description:
    """A description as it was read, and its operations.

    ``stem`` is the file's name without suffix and names the API everywhere; ``base_path`` is
    where its paths begin, without a trailing slash. ``prefixes`` are the paths that are this
    API's: its base path, or what the extension ``x-base-paths`` lists.
    """

    stem: str
    source: str
    document: Mapping[str, Any]
    base_path: str
    prefixes: tuple[str, ...]
    operations: tuple[Operation, ...]
    security_schemes: Mapping[str, SecurityScheme]
    collections: Mapping[str, CollectionSchema]

    @property
    def title(self) -> str:
        """The API's name for people."""
        return str(self.document["info"]["title"])

    @property
    def port(self) -> int | None:
        """The port of the first loopback server that names one."""
        for server in self.document.get("servers", ()):
            parts = urlsplit(server["url"])
            with contextlib.suppress(ValueError):  # a template such as {port}
                if parts.hostname in ("localhost", "127.0.0.1", "::1") and parts.port:
                    return int(parts.port)
        return None


def template_names(path: str) -> list[str]:
    """The names of a path template's parameters, in order."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{") and part.endswith("}")]


def read_description(path: Path) -> Description:
    """Read a description from a YAML or JSON file.

    Raises StartupError when the file cannot be read or is no OpenAPI 3.0 description.
    """
    try:
        document = read_document(path)
    except (OSError, ValueError) as error:
        raise StartupError([Problem(str(path), "", f"cannot be read: {error}")]) from error
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.0"):
        message = "expected an OpenAPI 3.0 description (a mapping with 'openapi: 3.0.x')"
        raise StartupError([Problem(str(path), "/openapi", message)])
    return describe(path.stem, document, source=str(path))


def describe(stem: str, document: Mapping[str, Any], *, source: str = "") -> Description:
    """Lay out a document that was read. Raises StartupError naming every bad pointer."""
    reader = _Reader(document)
    reader.check_references(document)
    operations = reader.laid_out()
    schemes = reader.security_schemes()
    for operation in operations:
        reader.check_security(operation, schemes)
    ids: dict[str, str] = {}
    for operation in operations:
        where = f"{operation.method} {operation.path}"
        if operation.id in ids:
            reader.problem("/paths", f"{where} has the operationId of {ids[operation.id]}")
        ids[operation.id] = where
    if reader.problems:
        named = [Problem(source or stem, p.pointer, p.message) for p in reader.problems]
        raise StartupError(named)
    collections = {
        name: CollectionSchema(entry.get("schema", ""), entry.get("key", "id"))
        for name, entry in document.get("x-collections", {}).items()
    }
    base_path = _base_path(document)
    return Description(
        stem=stem,
        source=source or stem,
        document=document,
        base_path=base_path,
        prefixes=_prefixes(document, base_path),
        operations=operations,
        security_schemes=schemes,
        collections=collections,
    )


def _base_path(document: Mapping[str, Any]) -> str:
    servers = document.get("servers") or [{"url": "/"}]
    path: str = urlsplit(servers[0]["url"]).path
    return path.rstrip("/")


def _prefixes(document: Mapping[str, Any], base_path: str) -> tuple[str, ...]:
    told = document.get("x-base-paths") or [base_path]
    return tuple(str(prefix).rstrip("/") for prefix in ([told] if isinstance(told, str) else told))


class _Reader:
    """Walks a document; unresolvable references become problems."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._targets: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def problem(self, pointer: str, message: str) -> None:
        self.problems.append(Problem("", pointer, message))

    def check_references(self, value: Any, *, named: bool = False) -> None:
        """Record a problem for each reference in a value that leads to nothing.

        ``named`` says that the members of the value are names, as those of ``properties`` are.
        """
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str) and not named:
                self._target(reference)
            for name, item in value.items():
                if named or name not in _EXAMPLES:
                    self.check_references(item, named=name == "properties" and not named)
        elif isinstance(value, list):
            for item in value:
                self.check_references(item)

    def resolve(self, value: Any) -> Any:
        """The value a Reference Object stands for; any other value itself."""
        seen: set[str] = set()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            reference = value["$ref"]
            if reference in seen:
                self.problem(reference, "references that lead to each other and to nothing else")
                return {}
            seen.add(reference)
            value = self._target(reference)
        return value

    def _target(self, reference: str) -> Any:
        known = self._targets.get(reference)
        if known is not None:
            return known
        found: Any = self._document if reference.startswith("#/") else None
        for part in reference.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                self.problem(reference, "a reference to it, and no such place in the document")
                found = {}
                break
            found = found[name]
        self._targets[reference] = found
        return found

    def laid_out(self) -> tuple[Operation, ...]:
        """All operations; what stands where something else should is a problem, not a crash."""
        try:
            return tuple(self.operations())
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            message = f"is not laid out as OpenAPI 3.0 has it: {type(error).__name__} {error}"
            self.problem("/paths", message)
            return ()

    def security_schemes(self) -> dict[str, SecurityScheme]:
        """The declared security schemes by name."""
        declared = self._document.get("components", {}).get("securitySchemes")
        entries = declared.items() if isinstance(declared, Mapping) else ()
        resolved = {name: self.resolve(entry) for name, entry in entries}
        return {
            name: SecurityScheme(
                name,
                kind=entry.get("type", ""),
                parameter=entry.get("name", ""),
                location=entry.get("in", ""),
                scheme=entry.get("scheme", ""),
            )
            for name, entry in resolved.items()
            if isinstance(entry, Mapping)
        }

    def check_security(self, operation: Operation, schemes: Mapping[str, SecurityScheme]) -> None:
        """Record a problem for each scheme that an operation needs and nobody declared."""
        for name in {name for alternative in operation.security for name in alternative}:
            if name not in schemes:
                message = f"{operation.id} needs the security scheme {name!r}: not declared"
                self.problem("/components/securitySchemes", message)

    def operations(self) -> Iterator[Operation]:
        for path, declared in self._document.get("paths", {}).items():
            item = self.resolve(declared)
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item)

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        value = item[method]
        declared = [*item.get("parameters", ()), *value.get("parameters", ())]
        resolved = (self.resolve(entry) for entry in declared)
        parameters = {
            ("path", name): Parameter(name, "path", True, {"type": "string"}, "simple", False)
            for name in template_names(path)
        }
        parameters |= {
            (entry["in"], entry["name"]): self._parameter(entry) for entry in resolved if entry
        }
        return Operation(
            id=value.get("operationId") or f"{method.upper()} {path}",
            method=method.upper(),
            path=path,
            parameters=tuple(parameters.values()),
            body=self._body(self.resolve(value.get("requestBody"))),
            responses={
                str(status): self._response(self.resolve(response))
                for status, response in value.get("responses", {}).items()
            },
            security=tuple(tuple(alternative) for alternative in self._security(value)),
            stream=value.get("x-stream"),
        )

    def _security(self, value: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The operation's own security, or else the document's."""
        found: Sequence[Mapping[str, Any]] = value.get(
            "security", self._document.get("security", ())
        )
        return found

    def _parameter(self, value: Mapping[str, Any]) -> Parameter:
        location = value["in"]
        style = value.get("style") or ("form" if location in ("query", "cookie") else "simple")
        return Parameter(
            name=value["name"],
            location=location,
            required=bool(value.get("required")),
            schema=self._plain(value.get("schema", {})),
            style=style,
            explode=bool(value.get("explode", style == "form")),
        )

    def _plain(self, schema: Any) -> Schema:
        """A parameter's schema with its root and its items resolved: text is read by type."""
        plain = self.resolve(schema)
        if "items" in plain:
            return {**plain, "items": self.resolve(plain["items"])}
        return dict(plain)

    def _body(self, value: Mapping[str, Any] | None) -> Body | None:
        if not value:
            return None
        return Body(bool(value.get("required")), self._content(value), self._examples(value))

    def _response(self, value: Mapping[str, Any]) -> Response:
        headers = value.get("headers", {})
        required = (name for name, entry in headers.items() if self.resolve(entry).get("required"))
        return Response(self._content(value), tuple(required), self._examples(value))

    def _content(self, value: Mapping[str, Any]) -> dict[str, Schema]:
        content = value.get("content", {})
        return {_bare(name): entry.get("schema", {}) for name, entry in content.items()}

    def _examples(self, value: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
        found = {
            _bare(name): dict(self._named_examples(entry))
            for name, entry in value.get("content", {}).items()
        }
        told = {name: examples for name, examples in found.items() if examples}
        return told or NO_EXAMPLES

    def _named_examples(self, media_type: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """The examples of a Media Type Object that stand in the document itself."""
        if "example" in media_type:
            yield "", media_type["example"]
        declared = media_type.get("examples")
        for name, entry in declared.items() if isinstance(declared, Mapping) else ():
            example = self.resolve(entry)
            if isinstance(example, Mapping) and "value" in example:
                yield name, example["value"]


def _bare(media_type: str) -> str:
    """A media type without parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()
