"""Declared parameters: what was sent in, checked values out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mockserver.engine.reply import Api
from mockserver.engine.schema import Validator
from mockserver.engine.spec import Parameter
from mockserver.engine.wire.sent import Raw
from mockserver.engine.wire.styles import MISSING, Decode, decoder
from mockserver.engine.wire.unshown import Unshown
from mockserver.errors import ApiError, Violation

_NOT_PARAMETERS = frozenset(("accept", "content-type", "authorization"))
"""Headers that other parts of a description decide (OpenAPI 3.0.3, Parameter Object)."""


class DeclaredParameter:
    """A declared parameter with its decoder and its validator, both made when first needed.

    ``others`` are the names of the other parameters of its location. With the handlers'
    ``any_case_booleans`` the case of true and false does not matter; a tolerant API that nobody
    wrote takes ``1`` and ``0`` for them, too.
    """

    __slots__ = (
        "_decode",
        "_may_be_empty",
        "_others",
        "_schemas",
        "_shapes",
        "_truths",
        "_validator",
        "default",
        "location",
        "name",
        "parameter",
        "required",
    )

    def __init__(self, parameter: Parameter, api: Api, others: Collection[str] = ()) -> None:
        self._decode: Decode | None = None
        self._shapes, self._others = api.shapes, others
        self.parameter = parameter
        self.name = parameter.name
        self.location = parameter.location
        self.required = parameter.required
        self.default = parameter.schema.get("default")
        self._truths = _truths(parameter, api)
        self._may_be_empty = parameter.allow_empty
        self._schemas = api.schemas
        self._validator: Validator | None = None

    def value(self, raw: Raw) -> Any:
        """The decoded value, :data:`~mockserver.engine.wire.styles.MISSING` when none was sent.

        Raises ApiError 400 when it breaks the parameter's schema.
        """
        decode = self._decode
        if decode is None:
            decode = self._decode = decoder(self.parameter, self._shapes, self._others)
        value = decode(raw)
        if value is MISSING or (self._may_be_empty and value == ""):
            return value
        if self._truths and isinstance(value, str):
            value = self._truths.get(value.lower(), value)
        validator = self._validator
        if validator is None:
            validator = self._validator = self._schemas.validator(self.parameter.schema)
        if validator.is_valid(value):
            return value
        found = self._schemas.refusals(self.parameter.schema, value, self.location)
        if not found:
            return value
        whole = self._with_unshown(value)
        if whole is not MISSING:
            return whole
        named = [
            Violation(v.location, self.name + v.pointer, v.rule, v.expected, v.received)
            for v in found
        ]
        detail = (
            f"The {self.location} parameter {self.name!r} is {named[0].received!r}, "
            f"expected {named[0].expected}."
        )
        raise ApiError(400, detail, violations=named)

    def _with_unshown(self, value: Any) -> Any:
        """A refused object of a query with its empty members, MISSING if it is refused even so."""
        styled = self.location == "query" and not self.parameter.media_type
        if not styled or not isinstance(value, dict):
            return MISSING
        schema = self.parameter.schema
        whole = Unshown(self._shapes).restored(schema, value)
        return MISSING if self._schemas.refusals(schema, whole, self.location) else whole

    def absent(self) -> dict[str, Any]:
        """The empty object that a query without a parameter may mean.

        The members of an exploded object stand in a query by themselves (OpenAPI 3.0.3, Style
        Examples): nobody sees that it is there when it has none. Raises ApiError 400 otherwise.
        """
        declared = self.parameter
        styled = declared.location == "query" and not declared.media_type
        spread = declared.style == "form" and declared.explode
        if styled and spread and self._shapes.kinds(declared.schema) == {"object"}:
            empty: dict[str, Any] = {}
            if self._schemas.validator(declared.schema).is_valid(empty):
                return empty
        violation = Violation(self.location, self.name, "required", "a value", "none")
        detail = f"The {self.location} parameter {self.name!r} is required."
        raise ApiError(400, detail, violations=[violation])


_CASELESS: Mapping[str, bool] = {"true": True, "false": False}
_LOOSE: Mapping[str, bool] = {**_CASELESS, "1": True, "0": False}


def _truths(parameter: Parameter, api: Api) -> Mapping[str, bool]:
    """The texts, in lower case, that a parameter takes for truth values; none for other ones."""
    if api.options.tolerant and api.handlers.negotiates:
        return _LOOSE if api.shapes.kinds(parameter.schema) == {"boolean"} else {}
    caseless = api.handlers.any_case_booleans and parameter.schema.get("type") == "boolean"
    return _CASELESS if caseless else {}


def declared_in(
    location: str, parameters: Iterable[Parameter], api: Api
) -> list[DeclaredParameter]:
    """The parameters of one location, ready to be read."""
    found = [p for p in parameters if p.location == location and not _is_no_parameter(p)]
    names = {parameter.name for parameter in found}
    return [DeclaredParameter(p, api, names - {p.name}) for p in found]


def _is_no_parameter(parameter: Parameter) -> bool:
    return parameter.location == "header" and parameter.name.lower() in _NOT_PARAMETERS


def values_of(declared: Iterable[DeclaredParameter], raw: Raw) -> dict[str, Any]:
    """The values of declared parameters, defaults filled in. Raises ApiError 400."""
    values = {}
    for parameter in declared:
        value = parameter.value(raw)
        if value is not MISSING:
            values[parameter.name] = value
        elif parameter.required:
            values[parameter.name] = parameter.absent()
        elif parameter.default is not None:
            values[parameter.name] = parameter.default
    return values


def raw_headers(
    declared: Iterable[DeclaredParameter], headers: Mapping[bytes, bytes]
) -> dict[str, list[str]]:
    """The headers that are declared, by their declared names."""
    found = ((d.name, headers.get(d.name.lower().encode())) for d in declared)
    return {name: [text.decode("latin-1")] for name, text in found if text is not None}
