"""An OpenAPI description read from a file and laid out as frozen operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from immutables import Map

from mockserver.engine.media import is_json
from mockserver.engine.reading.documents import read_document
from mockserver.engine.references import References
from mockserver.engine.servers import base_path_of, loopback_port
from mockserver.engine.shown import looking_like
from mockserver.engine.templates import marked, template_names
from mockserver.errors import Problem, StartupError

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Schema = Mapping[str, Any]

NO_EXAMPLES: Mapping[str, Mapping[str, Any]] = Map()


_OK = 200
_SUCCESS = 2
"""The first digit of every success (RFC 9110, section 15)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter: ``location`` is path, query, header or cookie.

    ``media_type`` is that of its ``content``, empty for a parameter with a style.
    """

    name: str
    location: str
    required: bool
    schema: Schema
    style: str
    explode: bool
    allow_reserved: bool = False
    allow_empty: bool = False
    media_type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: a schema for each media type.

    ``examples`` has those of a media type by their names, the one without a name under ``""``;
    ``encodings`` the Encoding Objects of a media type by property.
    """

    required: bool
    content: Mapping[str, Schema]
    examples: Mapping[str, Mapping[str, Any]] = NO_EXAMPLES
    encodings: Mapping[str, Mapping[str, Any]] = NO_EXAMPLES


@dataclass(frozen=True, slots=True)
class Response:
    """A documented answer: a schema for each media type, and the headers it must carry.

    ``examples`` has those of a media type by their names, the one without a name under ``""``;
    ``headers`` the documented headers, required or not, with their schemas. ``media_type`` is
    what an answer without content says it is (the extension ``x-produces``), mostly nothing.
    """

    content: Mapping[str, Schema]
    required_headers: tuple[str, ...]
    examples: Mapping[str, Mapping[str, Any]] = NO_EXAMPLES
    headers: Mapping[str, Schema] = NO_EXAMPLES
    media_type: str = ""


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

    @property
    def success(self) -> tuple[int, Response]:
        """The first documented success, or else whatever is documented first."""
        for status, response in self.responses.items():
            if status.isdecimal() and int(status) // 100 == _SUCCESS:
                return int(status), response
        for status in ("2XX", "default", *self.responses):
            if status in self.responses:
                known = self.responses[status]
                return int(status) if status.isdecimal() else _stands_for(status), known
        return _OK, Response({}, ())


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
        return loopback_port(self.document)


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


def describe(
    stem: str, document: Mapping[str, Any], *, source: str = "", base_path: str | None = None
) -> Description:
    """Lay out a document that was read.

    ``base_path`` is where its paths begin when that is not for its servers to say. Raises
    StartupError naming every bad pointer.
    """
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
    prefixes = _prefixes(document) if base_path is None else (base_path,)
    if base_path is None:
        base_path = base_path_of(document)
    return Description(
        stem=stem,
        source=source or stem,
        document=document,
        base_path=base_path,
        prefixes=prefixes,
        operations=operations,
        security_schemes=schemes,
        collections=collections,
    )


def _prefixes(document: Mapping[str, Any]) -> tuple[str, ...]:
    told = document.get("x-base-paths") or [base_path_of(document)]
    return tuple(str(prefix).rstrip("/") for prefix in ([told] if isinstance(told, str) else told))


class _Reader(References):
    """Walks a document; what is not as it should be becomes a problem."""

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
        for path, declared in _without_extensions(self._document.get("paths", {})):
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
        read = (self._parameter(entry, path) for entry in resolved if entry)
        parameters |= {(parameter.location, parameter.name): parameter for parameter in read}
        return Operation(
            id=value.get("operationId") or f"{method.upper()} {path}",
            method=method.upper(),
            path=path,
            parameters=tuple(parameters.values()),
            body=self._body(self.resolve(value.get("requestBody"))),
            responses={
                str(status): self._response(self.resolve(response))
                for status, response in _without_extensions(value.get("responses", {}))
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

    def _parameter(self, value: Mapping[str, Any], path: str) -> Parameter:
        location = value["in"]
        if location == "path" and value["name"] in marked(path).templated:
            location = "query"
        style = value.get("style") or ("form" if location in ("query", "cookie") else "simple")
        media_type, content = next(iter(value.get("content", {}).items()), ("", value))
        return Parameter(
            name=value["name"],
            location=location,
            required=bool(value.get("required")),
            schema=self._plain(content.get("schema", {})),
            style=style,
            explode=bool(value.get("explode", style == "form")),
            allow_reserved=bool(value.get("allowReserved")),
            allow_empty=bool(value.get("allowEmptyValue")),
            media_type=_bare(media_type),
            description=str(value.get("description", "")),
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
        encodings = {
            _bare(name): entry.get("encoding", {})
            for name, entry in value.get("content", {}).items()
        }
        return Body(
            bool(value.get("required")), self._content(value), self._examples(value), encodings
        )

    def _response(self, value: Mapping[str, Any]) -> Response:
        found = ((name, self.resolve(e)) for name, e in value.get("headers", {}).items())
        headers = {name: entry for name, entry in found if isinstance(entry, Mapping)}
        required = tuple(name for name, entry in headers.items() if entry.get("required"))
        schemas = {name: entry.get("schema", {}) for name, entry in headers.items()}
        told = value.get("x-produces", "")
        content, examples = self._content(value), self._examples(value)
        for media_type in examples:
            if is_json(media_type) and not content[media_type]:
                content[media_type] = looking_like(examples[media_type].values())
        return Response(content, required, examples, schemas, told)

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


def _stands_for(status: str) -> int:
    """A status of a range such as ``4XX``, or of ``default``."""
    return int(status[0]) * 100 if status[0].isdigit() else _OK


def _without_extensions(members: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """The members that are part of a description; what begins with ``x-`` is not."""
    return ((name, item) for name, item in members.items() if not str(name).startswith("x-"))


def _bare(media_type: str) -> str:
    """A media type without parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()
