"""Keys that never existed in the place of those that a call guesses."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any
from uuid import UUID

from mockserver.contract.pools import plain
from mockserver.contract.values import Form, Json, Key, Part, Sent
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Description, Operation, Schema
from mockserver.engine.templates import template_names

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
"""Methods that are not meant to change anything (RFC 9110, section 9.2.1)."""

INT32 = 1 << 31
LEAST = 1 << 50
"""Integers from here on are nobody's: who counts records never gets there."""

SHOWN = 24
"""Characters kept of a text that is made unguessable."""

_NUMBER = re.compile(r"[+-]?\d+")
LIKE_A_KEY = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{16,}")
_PLAIN = re.compile(r"[\w-]*", re.ASCII)


class Unguessable:
    """Replaces the values that may name somebody's record, each by the same one all the time.

    ``token`` is of this check alone, so that nothing that another check left behind is meant.
    """

    def __init__(self, description: Description, schemas: Schemas, token: str = "") -> None:
        self._token = (token or secrets.token_hex(8)).encode()
        self._schemas = schemas
        operations = description.operations
        self._natural = {plain(name) for o in operations for name in template_names(o.path)} - {""}
        self._parameters = {o.id: self._path_schemas(o) for o in operations}
        self.made: set[str] = set()

    def _path_schemas(self, operation: Operation) -> dict[str, Schema]:
        known = {p.name: p.schema for p in operation.parameters if p.location == "path"}
        names = template_names(operation.path)
        return {name: self._schemas.resolved(known.get(name, {})) for name in names}

    def named(self, operation: str) -> list[str]:
        """The path parameters of an operation that name records, and not one of a few words."""
        return [name for name, s in self._parameters[operation].items() if not _is_listed(s)]

    def call(self, sent: Sent) -> Sent:
        """The call with keys that never existed where it has guessed ones.

        A read keeps what cannot be a key by the description; a write keeps nothing.
        """
        writes = sent.method not in SAFE
        schemas = self._parameters[sent.operation]
        sent = replace(
            sent,
            path_parameters={
                name: self._in_path(value, schemas.get(name, {}), writes=writes)
                for name, value in sent.path_parameters.items()
            },
        )
        if not writes:
            return sent
        query = tuple((name, self._in_data(name, value)) for name, value in sent.query)
        return replace(sent, query=query, body=self._in_body(sent.body))

    def _in_path(self, value: Any, schema: Schema, *, writes: bool) -> Any:
        if isinstance(value, Key) or str(value) in self.made:
            return value
        if _is_listed(schema):
            return value
        text = str(value)
        kind = schema.get("type")
        if kind in {"integer", "number"}:
            return self._integer(text, schema, writes=writes)
        if schema.get("format") == "uuid" and not _is_uuid(text):
            return self._invalid(text) if writes else value
        if not writes and not self._fits(text, schema):
            return value
        return self._text(text, schema)

    def _integer(self, text: str, schema: Schema, *, writes: bool) -> Any:
        if not _NUMBER.fullmatch(text):
            return self._invalid(text) if writes else text
        least = LEAST
        most = schema.get("maximum", INT32 - 1 if schema.get("format") == "int32" else LEAST * 2)
        if most < LEAST:
            least = int(most) // 2
        number = least + int(self._digest(text), 16) % max(1, int(most) - least)
        self.made.add(str(number))
        return number

    def _invalid(self, text: str) -> str:
        """What cannot be a key by the description, and is nobody's where a server takes it."""
        made = f"nobody-{self._digest(text)}"
        self.made.add(made)
        return made

    def _fits(self, text: str, schema: Schema) -> bool:
        length = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
        return length and (not schema.get("pattern") or _matches(schema["pattern"], text))

    def _text(self, text: str, schema: Schema) -> str:
        """A text that nobody has, the shape of which is kept where it says something."""
        digest = self._digest(text)
        if schema.get("format") == "uuid" or _is_uuid(text):
            made = str(UUID(digest, version=4))
        elif LIKE_A_KEY.fullmatch(text):
            made = (digest * 4)[: len(text)]
        else:
            shown = text[:SHOWN] if _PLAIN.fullmatch(text) else ""
            made = f"{shown}-{digest[:12]}".lstrip("-")
        most = schema.get("maxLength", len(made))
        made = made[-most:] if most < len(text) + len(made) else made
        self.made.add(made)
        return made

    def _in_body(self, body: Any) -> Any:
        if isinstance(body, Json):
            return Json(self._in_value("", body.value))
        if isinstance(body, Form):
            return Form(tuple(self._in_part(part) for part in body.parts))
        return body

    def _in_part(self, part: Part) -> Part:
        if part.file_name is not None:
            return part
        return replace(part, content=self._in_data(part.name, part.content))

    def _in_value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {n: self._in_value(str(n), item) for n, item in value.items()}
        if isinstance(value, list):
            return [self._in_value(name, item) for item in value]
        return self._in_data(name, value)

    def _in_data(self, name: str, value: Any) -> Any:
        """What a query or a body says, where it may name a record."""
        if isinstance(value, str):
            likely = plain(name) in self._natural or LIKE_A_KEY.fullmatch(value) is not None
            made = likely and value not in self.made and value != ""
            return self._text(value, {}) if made else value
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and _names_a_record(name) and str(value) not in self.made:
            return self._integer(str(value), {"format": "int32"}, writes=True)
        return value

    def _digest(self, text: str) -> str:
        """16 bytes in hexadecimal that follow from the check and a text."""
        octets = text.encode("utf-8", "surrogatepass")
        return blake2b(octets, digest_size=16, key=self._token).hexdigest()

    def holds(self, value: Any) -> bool:
        """Whether a call's value, or one of its parts, is a key that never existed."""
        return any(str(leaf) in self.made for leaf in _leaves(value))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _is_listed(schema: Schema) -> bool:
    """Whether a parameter is one of a few words that the description has."""
    return "enum" in schema or "const" in schema or schema.get("type") == "boolean"


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and LIKE_A_KEY.fullmatch(text) is not None  # noqa: PLR2004 - RFC 9562


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:  # one of ECMA-262 that Python does not know
        return True


def _names_a_record(name: str) -> bool:
    word = plain(name)
    return word in {"id", "ids", "key"} or word.endswith(("id", "ids"))
