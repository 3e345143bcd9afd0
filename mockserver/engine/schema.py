"""OpenAPI schemas as JSON Schema 2020-12 validators: one rule-checker, one explainer."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import jsonschema_rs

from mockserver.engine.briefly import is_brief
from mockserver.engine.dialects import (
    COMPONENT,
    COMPOSED,
    definition_name,
    json_schema,
    modern_schema,
    names_used,
    referenced,
)
from mockserver.engine.joint import Joint
from mockserver.engine.spec import Schema
from mockserver.engine.unions import most_telling
from mockserver.errors import Violation, pointer_to

if TYPE_CHECKING:
    from mockserver.engine.values.leniency import Leniency

VIEW = "\u0000view"
"""The one property of the token that stands for a checked view in an assembled reply."""

MAX_EXPLAINED = 10
"""Violations told of one value."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SHOWN = 200
_LARGE = 256 * 1024


class Validator(Protocol):
    """Decides whether a value satisfies one schema."""

    def is_valid(self, instance: Any) -> bool:
        """Whether the value satisfies the schema."""
        ...


class _Anything:
    """Decides that every value will do."""

    def is_valid(self, instance: Any) -> bool:
        """True."""
        return True


_ANYTHING = _Anything()


def component_name(schema: Schema) -> str | None:
    """The component a schema is a bare reference to, or None."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return None
    name = definition_name(reference)
    return None if name.startswith("#/") else name


class Schemas:
    """The schemas of one description, compiled on first use.

    A *plain* validator judges whole values. A *reply* validator judges an assembled reply in
    which every part that was judged on its own is replaced by :meth:`token`: there, a reference
    to a component accepts the token of that component, and no other schema accepts any.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._components = document.get("components", {}).get("schemas", {})
        self._translate = (
            json_schema if str(document.get("openapi", "3.0")).startswith("3.0") else modern_schema
        )
        self._translated: dict[str, Any] = {}
        self._annotated: dict[str, Any] = {}
        self._uses: dict[str, frozenset[str]] = {}
        self._validators: dict[tuple[str, bool], Validator] = {}
        self._met: dict[tuple[int, bool], tuple[Schema, Validator]] = {}
        self._leniency: Leniency | None = None
        self._bare: dict[str, Schema] = {}
        self._tokens: dict[str, dict[str, str]] = {}
        self._joined: dict[bool, dict[str, Schema]] = {False: {}, True: {}}
        self._lock = threading.Lock()

    def join(self, schemas: Iterable[Schema], *, reply: bool = False) -> None:
        """Have these schemas judged together: what they share is then compiled once.

        For descriptions whose schemas all reach each other; done with the first of them.
        """
        self._joined[reply].update({_text(schema): schema for schema in schemas})

    def component(self, name: str) -> Schema:
        """A bare reference to a component, the same object each time."""
        return self._bare.setdefault(name, {"$ref": COMPONENT + name})

    def accept(self, schema: Schema) -> None:
        """Let replies of a schema pass that no value satisfies; whoever says so tells it."""
        name = component_name(schema)
        for each in (schema, self.component(name)) if name else (schema,):
            self._met[id(each), True] = (each, _ANYTHING)

    def has(self, name: str) -> bool:
        """Whether there is a component of that name."""
        return name in self._components

    def properties(self, schema: Schema) -> dict[str, Schema]:
        """The properties of an object schema by name, each with its references resolved."""
        root = self.resolved(schema)
        parts = [root, *(self.resolved(entry) for entry in root.get("allOf", ()))]
        return {
            name: self._with_items(self.resolved(entry))
            for part in parts
            for name, entry in part.get("properties", {}).items()
        }

    def _with_items(self, schema: Schema) -> Schema:
        items = schema.get("items")
        return {**schema, "items": self.resolved(items)} if isinstance(items, Mapping) else schema

    def resolved(self, schema: Schema) -> Schema:
        """The schema that a reference leads to; any other schema itself, true and false as {}."""
        if not isinstance(schema, Mapping):
            return {}
        seen: set[str] = set()
        while isinstance(schema.get("$ref"), str) and schema["$ref"] not in seen:
            seen.add(schema["$ref"])
            found = referenced(self._document, definition_name(schema["$ref"]))
            schema = found if isinstance(found, Mapping) else {}
        return schema

    def token(self, name: str) -> dict[str, str]:
        """What stands for a checked value of a component in an assembled reply."""
        return self._tokens.setdefault(name, {VIEW: name})

    def validator(self, schema: Schema, *, reply: bool = False) -> Validator:
        """The validator of a schema, one per distinct schema.

        A schema met before is recognised by its identity, which is why it is kept.
        """
        met = self._met.get((id(schema), reply))
        if met is not None:
            return met[1]
        key = (_text(schema), reply)
        if key not in self._validators and key[0] in self._joined[reply]:
            self._compile_joined(reply=reply)
        known = self._validators.get(key)
        if known is None:
            known = self._validators[key] = _compile(self.bundle(schema, reply=reply))
        self._met[id(schema), reply] = (schema, known)
        return known

    def bundle(self, schema: Schema, *, reply: bool = False) -> dict[str, Any]:
        """A self-contained JSON Schema 2020-12 document of just what a schema reaches."""
        return self._bundled([schema], reply=reply)

    def _bundled(self, schemas: Iterable[Schema], *, reply: bool) -> dict[str, Any]:
        roots = [self._translate(schema) for schema in schemas]
        names = self._reach(name for root in roots for name in names_used(root))
        definitions = {name: self._component(name) for name in sorted(names)}
        if not reply:
            return {"allOf": roots, "$defs": definitions}
        from mockserver.engine.values.directions import directed  # noqa: PLC0415 - seldom needed

        # What is writeOnly is in no reply, required or not (OpenAPI 3.0.3, Schema Object).
        relaxed = directed({"allOf": roots, "$defs": definitions}, "reply")
        return {
            "allOf": [_no_token(root) for root in relaxed["allOf"]],
            "$defs": {name: _or_token(name, entry) for name, entry in relaxed["$defs"].items()},
        }

    def _compile_joined(self, *, reply: bool) -> None:
        """Compile what was joined; where that fails, each schema is compiled when it is met."""
        with self._lock:
            joined = self._joined[reply]
            bundle = self._bundled(joined.values(), reply=reply)
            with contextlib.suppress(ValueError):
                joint = Joint(bundle["allOf"], bundle["$defs"])
                for number, text in enumerate(joined):
                    self._validators[text, reply] = joint.part(number)
            self._joined[reply] = {}

    def annotated(self, schema: Schema) -> dict[str, Any]:
        """The document of :meth:`bundle` with all that says more than what is valid."""
        root = self._translate(schema, annotated=True)
        names = self._reach(names_used(root))
        for name in names.difference(self._annotated):
            found = referenced(self._document, name)
            self._annotated[name] = self._translate(found, annotated=True)
        return {"allOf": [root], "$defs": {name: self._annotated[name] for name in sorted(names)}}

    def _component(self, name: str) -> Any:
        if name not in self._translated:
            translated = self._translate(referenced(self._document, name))
            # Another thread may ask at any time: what is published last makes it complete.
            self._uses[name] = frozenset(names_used(translated))
            self._translated[name] = translated
        return self._translated[name]

    def _reach(self, names: Iterable[str]) -> set[str]:
        reached: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                self._component(name)
                waiting.extend(self._uses[name])
        return reached

    def problems(self) -> list[tuple[str, str]]:
        """The component schemas that are none: a pointer into the document, and why."""
        found = []
        for name in self._components:
            schema = {"$schema": _DIALECT, **as_mapping(self._component(name))}
            try:
                jsonschema_rs.meta.validate(schema)
                _check_patterns(schema)
            except ValueError as error:
                message = str(error).partition("\n")[0]
                found.append((f"/components/schemas/{name}", f"no JSON schema: {message}"))
        return found

    def violations(
        self, schema: Schema, value: Any, location: str, *, most: int = MAX_EXPLAINED
    ) -> list[Violation]:
        """The rules a value breaks, ``most`` of them at most, in the order of the schema."""
        validator = self.validator(schema)
        if validator.is_valid(value):
            return []
        return explain(self.bundle(schema), value, location, most)

    def refusals(self, schema: Schema, value: Any, location: str = "body") -> list[Violation]:
        """The rules that the body of a request breaks, or another part of it.

        A request may be more than its schema says; see :mod:`mockserver.engine.values.leniency`.
        """
        if self.validator(schema).is_valid(value):
            return []
        if self._leniency is None:
            from mockserver.engine.values.leniency import Leniency  # noqa: PLC0415 - seldom needed

            self._leniency = Leniency(self.bundle)
        reading = self._leniency.reading(schema)
        if reading is None:
            return explain(self.bundle(schema), value, location)
        relaxed, validator = reading
        return [] if validator.is_valid(value) else explain(dict(relaxed), value, location)


def _text(schema: Schema) -> str:
    """What is the same for schemas that say the same."""
    return json.dumps(schema, sort_keys=True, default=str)


def as_mapping(schema: Any) -> Mapping[str, Any]:
    """A schema that is a boolean, or nothing sensible, as an object that says the same."""
    return schema if isinstance(schema, Mapping) else {"allOf": [schema]}


def _check_patterns(schema: Any) -> None:
    """Raise ValueError for a pattern that is no regular expression."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            _compile({"pattern": schema["pattern"]})
        for value in schema.values():
            _check_patterns(value)
    elif isinstance(schema, list):
        for value in schema:
            _check_patterns(value)


def _or_token(name: str, schema: Any) -> dict[str, Any]:
    token = {"properties": {VIEW: {"const": name}}, "required": [VIEW]}
    holds_one = {"type": "object", "required": [VIEW]}
    return {"if": holds_one, "then": token, "else": _no_token(schema)}


def _no_token(schema: Any) -> Any:
    """A translated schema that accepts tokens at its references only."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return schema
    made = dict(schema)
    for keyword in ("items", "additionalProperties"):
        if keyword in made:
            made[keyword] = _no_token(made[keyword])
    for keyword in COMPOSED.intersection(made):
        made[keyword] = [_no_token(entry) for entry in made[keyword]]
    properties = {name: _no_token(entry) for name, entry in made.get("properties", {}).items()}
    if properties or not COMPOSED.intersection(made):
        made["properties"] = {**properties, VIEW: False}
    return made


def _compile(schema: dict[str, Any]) -> Validator:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def explain(
    schema: dict[str, Any], value: Any, location: str, most: int = MAX_EXPLAINED
) -> list[Violation]:
    """Why a value that was judged invalid is so, in words.

    ``jsonschema`` finds the most telling error in a union; of a value too large for it only the
    first broken rule is told, by the validator that judged it.
    """
    if is_brief():
        return [Violation(location, "", "schema", "a value that the schema allows", "")]
    if len(repr(value)) > _LARGE:
        return _first_broken(_compile(schema), value, location)
    try:
        errors = list(_first(_explainer(schema), value, most))
        told = [_violation(most_telling(error), location) for error in errors]
    except re.error:  # some keywords ask Python, which does not read what ECMA-262 has
        told = []
    return told or [_native(error, location) for error in _first(_compile(schema), value, most)]


@cache
def _explainers() -> Any:
    """Validators of ``jsonschema`` that read patterns as the one that decides does."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only a refusal needs it
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415

    def pattern(validator: Any, wanted: str, value: Any, schema: Any) -> Iterator[Any]:
        if isinstance(value, str) and not _compile({"pattern": wanted}).is_valid(value):
            yield ValidationError(f"{value!r} does not match {wanted!r}")

    return extend(Draft202012Validator, {"pattern": pattern})


def _explainer(schema: dict[str, Any]) -> Any:
    kind = _explainers()
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def _first(validator: Any, value: Any, most: int) -> Iterator[Any]:
    return islice(validator.iter_errors(value), most)


def _first_broken(validator: Any, value: Any, location: str) -> list[Violation]:
    """The first rule that a value breaks: to find all of a million would take half a minute."""
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return [_native(error, location)]
    return []


def _native(error: Any, location: str) -> Violation:
    rule = str(error.schema_path[-1]) if error.schema_path else "schema"
    pointer = pointer_to(error.instance_path)
    return Violation(location, pointer, rule, shown(error.message), shown(error.instance))


def _violation(error: Any, location: str) -> Violation:
    rule = str(error.validator)
    pointer = pointer_to(error.absolute_path)
    received = shown(error.instance)
    if rule == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        expected = "the property " + ", ".join(repr(name) for name in missing)
    elif rule == "enum":
        expected = "one of " + shown(error.validator_value)
    elif rule in ("type", "format", "const"):
        expected = f"{rule} {shown(error.validator_value)}"
    else:
        expected = f"{rule} {shown(error.validator_value)} ({shown(error.message)})"
    return Violation(location, pointer, rule, expected, received)


def shown(value: Any) -> str:
    """A value as short text for a message, shortened where it is long."""
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
