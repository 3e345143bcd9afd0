"""Valid requests, made from a description: values by the product, written by style."""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

from mockserver.engine.forms import is_form
from mockserver.engine.media import is_json
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation, Parameter, Schema
from mockserver.engine.values import Unsatisfiable, Values
from mockserver.engine.wire.serialized import encode
from mockserver.engine.wire.shapes import Shapes
from mockserver.engine.wire.xml import encode_xml, is_xml
from tests.corpus.agreeing import Agreeing
from tests.corpus.raw import Raw
from tests.corpus.talking import Asked

BOUNDARY = "a-boundary-that-is-nowhere-else"
TRIES = 5

MAX_KEPT = 60
"""Makers of values that are kept; one may take two megabytes."""

_NOT_SENT = frozenset(("accept", "content-type", "authorization", "content-length", "cookie"))
"""Header parameters that a description may not declare (OpenAPI 3.0.3, Parameter Object), or that
follow from the rest of the request."""


class NoRequest(Exception):
    """No valid request could be made."""


@dataclass(frozen=True, slots=True)
class Written:
    """A parameter as it is to be written."""

    name: str
    location: str
    schema: Schema
    style: str
    explode: bool
    allow_reserved: bool = False
    media_type: str = ""


@dataclass(slots=True)
class Parts:
    """What stands beside method and path in a request."""

    query: list[tuple[str, str]] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    cookies: list[tuple[str, str]] = field(default_factory=list)

    def of(self, location: str) -> list[tuple[str, str]]:
        """What stands in one location."""
        return {"query": self.query, "header": self.headers, "cookie": self.cookies}[location]


@dataclass(frozen=True, slots=True)
class Valid:
    """A valid request, and the value that its body stands for."""

    asked: Asked
    sent: Any


class Asker:
    """Makes valid requests for the operations of one API."""

    def __init__(self, api: Api, raw: Raw) -> None:
        self._api = api
        self._raw = raw
        self._agreeing = Agreeing(each.path for each in api.description.operations)
        schemas = self._schemas = api.schemas
        self._shapes = Shapes(schemas.resolved, lambda s, v: schemas.validator(s).is_valid(v))
        self._values: OrderedDict[int, tuple[Schema, Values]] = OrderedDict()

    def value(self, schema: Schema, name: str, number: int = 0, *, bare: bool = False) -> Any:
        """A value to be sent. Raises NoRequest."""
        known = self._values.get(id(schema))
        if known is None:
            made = Values(self._api.schemas.annotated(schema), seed=1)
            known = self._values[id(schema)] = (schema, made)
            if len(self._values) > MAX_KEPT:
                self._values.popitem(last=False)
        try:
            return known[1].make((name,), number, direction="request", only_required=bare)
        except Unsatisfiable as error:
            raise NoRequest(f"{name or 'the body'}: {error}") from None

    def text(self, parameter: Parameter) -> str:
        """A path parameter, encoded and never empty."""
        for number in range(TRIES):
            value = self.value(parameter.schema, parameter.name, number)
            try:
                [(_, text)] = encode_parameter(parameter, value) or [("", "")]
            except ValueError:
                continue
            if text not in ("", ".", ".."):
                return text
        raise NoRequest(f"no text for the path parameter {parameter.name}")

    def request(
        self,
        operation: Operation,
        path: Mapping[str, str],
        *,
        bare: bool,
        sandbox: str,
        keys: Mapping[str, Any] | None = None,
    ) -> Valid:
        """A request with encoded path parameters; a ``bare`` one has what is required only.

        ``keys`` name records beside the path, in other parameters or the body, by their names.
        """
        parts = Parts(query=_in_the_template(operation.path))
        for parameter in sorted(operation.parameters, key=lambda each: not each.required):
            if parameter.location != "path" and (parameter.required or not bare):
                self._add(parts, parameter, (keys or {}).get(parameter.name))
        self._credentials(parts, operation)
        body, sent = self._body(parts, operation, (path, keys or {}), bare=bare)
        if parts.cookies:
            told = "; ".join(f"{name}={text}" for name, text in parts.cookies)
            parts.headers.append(("cookie", told))
        target = self.target(operation.path, path, sandbox)
        if parts.query:
            target += "?" + "&".join(f"{name}={text}" for name, text in parts.query)
        return Valid(Asked(operation.method, target, parts.headers, body), sent)

    def target(self, template: str, values: Mapping[str, str], sandbox: str) -> str:
        path = template.partition("?")[0]
        for name, text in values.items():
            path = path.replace("{" + name + "}", text)
        return f"/@{sandbox}{quote(self._api.description.base_path)}{quote(path, safe=_PATH)}"

    def _add(self, parts: Parts, parameter: Parameter, key: Any) -> None:
        if parameter.location == "header" and parameter.name.lower() in _NOT_SENT:
            return
        for number in range(TRIES):
            try:
                made = self.value(parameter.schema, parameter.name, number)
                pairs = encode_parameter(parameter, made if key is None else key)
                _latin(pairs)
            except (ValueError, NoRequest):
                continue
            place = parts.of(parameter.location)
            taken = {name.lower() for name, _ in place} & {name.lower() for name, _ in pairs}
            if taken and not parameter.required:
                return  # Nobody could tell whose it is.
            if pairs or not parameter.required:
                place.extend(pairs)
                return
        if parameter.required:
            raise NoRequest(f"no text for the {parameter.location} parameter {parameter.name}")

    def _credentials(self, parts: Parts, operation: Operation) -> None:
        schemes = self._api.description.security_schemes
        alternatives = [names for names in operation.security if names]
        told: dict[str, str] = {}
        for name in alternatives[0] if alternatives and () not in operation.security else ():
            scheme = schemes[name]
            if scheme.kind == "apiKey":
                place = parts.of(scheme.location)
                place[:] = [pair for pair in place if pair[0].lower() != scheme.parameter.lower()]
                encoded = scheme.parameter
                place.append((quote(encoded) if place is parts.query else encoded, "mock"))
            elif scheme.kind == "http" and scheme.scheme.lower() == "basic":
                told["authorization"] = "Basic " + base64.b64encode(b"mock:mock").decode()
            else:
                kind = scheme.scheme.capitalize() if scheme.kind == "http" else "Bearer"
                told["authorization"] = f"{kind} mock"
        if "authorization" not in {name.lower() for name, _ in parts.headers}:
            parts.headers.extend(told.items())

    def _body(
        self, parts: Parts, operation: Operation,
        known: tuple[Mapping[str, str], Mapping[str, Any]], *, bare: bool,
    ) -> tuple[bytes, Any]:  # fmt: skip
        path, keys = known
        body = operation.body
        if body is None or not body.content or (bare and not body.required):
            return b"", None
        refused = ""
        for media_type in sorted(body.content, key=_liking):
            for number, least in product(range(TRIES), (bare, False)):
                try:
                    schema = body.content[media_type]
                    value = self.value(schema, "", number, bare=least)
                    if isinstance(value, dict):
                        value |= {n: each for n, each in keys.items() if n in value}
                        fits = self._schemas.validator(schema).is_valid
                        value = self._agreeing.agreed(value, operation.path, path, fits)
                    content, told = self._written(operation, media_type, value)
                except (ValueError, NoRequest) as error:
                    refused = refused or str(error)
                    continue
                parts.headers.append(("content-type", told))
                return content, value
        raise NoRequest(refused)

    def _written(self, operation: Operation, media_type: str, value: Any) -> tuple[bytes, str]:
        """The bytes of a body and its Content-Type. Raises ValueError."""
        if is_form(media_type):
            return self._form(operation, media_type, value)
        told = media_type.replace("*/*", "application/json").replace("*", "x-any")
        if isinstance(value, str) and not is_json(told):
            return value.encode(), told
        if is_xml(told):
            schema = operation.body.content[media_type] if operation.body else {}
            return encode_xml(value, schema, self._shapes), told
        return json.dumps(value, allow_nan=False).encode(), told

    def _form(self, operation: Operation, media_type: str, value: Any) -> tuple[bytes, str]:
        schema = operation.body.content[media_type] if operation.body else {}
        form = _Form(self._raw.encodings(operation, media_type), schema, self._api)
        if media_type.startswith("multipart/"):
            return form.multipart(value), f"{media_type}; boundary={BOUNDARY}"
        if isinstance(value, str):
            return quote(value, safe="=&").encode(), media_type
        return form.urlencoded(value), media_type


_PATH = "/%:@!$&'()*+,;=-._~"


def _in_the_template(template: str) -> list[tuple[str, str]]:
    """The pairs of a query that a path template has, but for those that are parameters."""
    query = template.partition("?")[2].partition("#")[0]
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return [(quote(name), quote(text)) for name, _, text in pairs if "{" not in name + text]


def written(parameter: Parameter) -> Written:
    return Written(
        parameter.name,
        parameter.location,
        parameter.schema,
        parameter.style,
        parameter.explode,
        bool(getattr(parameter, "allow_reserved", False)),
        str(getattr(parameter, "media_type", "")),
    )


def encode_parameter(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """The pairs that stand for a value of a parameter. Raises ValueError."""
    whole = parameter.style == "deepObject" or getattr(parameter, "media_type", "")
    return encode(written(parameter), value if whole else nested_as_json(value))


def _latin(pairs: list[tuple[str, str]]) -> None:
    for name, text in pairs:
        (name + text).encode("latin-1")


def _liking(media_type: str) -> int:
    """JSON first, then forms, then the rest in their order."""
    if media_type == "application/json":
        return 0
    return 1 if is_json(media_type) else 2 if is_form(media_type) else 3


class _Form:
    """A form's members written as their encoding says (OpenAPI 3.0.3, Encoding Object)."""

    def __init__(
        self, encodings: Mapping[str, Mapping[str, Any]], schema: Schema, api: Api
    ) -> None:
        self._encodings = encodings
        self._fields = api.schemas.properties(schema)
        self._required = frozenset(api.schemas.resolved(schema).get("required", ()))

    def urlencoded(self, value: Any) -> bytes:
        pairs: list[str] = []
        for name, member in _members(value):
            told = self._encodings.get(name, {})
            style = told.get("style", "form")
            explode = told.get("explode", style == "form")
            if "application/json" in str(told.get("contentType", "")):
                pairs.append(urlencode({name: json.dumps(member)}))
                continue
            plain = member if style == "deepObject" else nested_as_json(member)
            parameter = Written(name, "query", {}, style, bool(explode))
            written = [f"{key}={text}" for key, text in encode(parameter, plain)]
            if not written and name in self._required:
                raise ValueError(f"no form holds {name} as {member!r}")
            pairs += written
        return "&".join(pairs).encode()

    def multipart(self, value: Any) -> bytes:
        lines: list[bytes] = []
        for name, member in _members(value):
            if member == [] and name in self._required:
                raise ValueError(f"no form holds {name} as {member!r}")
            for each in member if isinstance(member, list) else [member]:
                lines += [f"--{BOUNDARY}".encode(), *self._part(name, each)]
        return b"\r\n".join([*lines, f"--{BOUNDARY}--".encode(), b""])

    def _part(self, name: str, member: Any) -> Iterator[bytes]:
        shown = name.replace('"', "%22")
        head = f'content-disposition: form-data; name="{shown}"'
        kind = str(self._encodings.get(name, {}).get("contentType", "")).partition(",")[0]
        if self._is_file(name):
            head += '; filename="file.bin"'
            kind = kind or "application/octet-stream"
        elif isinstance(member, dict | list):
            kind = kind or "application/json"
        yield head.encode()
        if kind and "*" not in kind:
            yield f"content-type: {kind}".encode()
        yield b""
        yield (member if isinstance(member, str) else json.dumps(member)).encode()

    def _is_file(self, name: str) -> bool:
        schema = self._fields.get(name, {})
        items = schema.get("items")
        told = [schema, items] if isinstance(items, Mapping) else [schema]
        return any(
            each.get("format") in ("binary", "base64") or "contentMediaType" in each
            for each in told
        )


def _members(value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise ValueError(f"a form cannot hold {value!r}"[:100])  # noqa: TRY004 - as encode does
    return list(value.items())


def nested_as_json(value: Any) -> Any:
    """A value of which what no style can hold is written as JSON, as most clients do."""
    if isinstance(value, list):
        return [_text(each) for each in value]
    if isinstance(value, dict):
        return {name: _text(each) for name, each in value.items()}
    return value


def _text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
