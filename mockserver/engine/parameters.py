"""Declared parameters: text in, checked values out."""

from __future__ import annotations

from typing import Any

from mockserver.engine.media import decode_parameter
from mockserver.engine.schema import Schemas, Validator
from mockserver.engine.spec import Parameter
from mockserver.errors import ApiError, Violation


class DeclaredParameter:
    """A declared parameter with its validator.

    With ``any_case_booleans`` the case of true and false does not matter.
    """

    __slots__ = (
        "_fold",
        "_schemas",
        "_validator",
        "default",
        "location",
        "name",
        "parameter",
        "required",
    )

    def __init__(self, parameter: Parameter, schemas: Schemas, *, any_case_booleans: bool) -> None:
        self.parameter = parameter
        self.name = parameter.name
        self.location = parameter.location
        self.required = parameter.required
        self.default = parameter.schema.get("default")
        self._fold = any_case_booleans and parameter.schema.get("type") == "boolean"
        self._schemas = schemas
        self._validator: Validator | None = None

    def value(self, texts: list[str]) -> Any:
        """The decoded value. Raises ApiError 400 when it breaks the parameter's schema."""
        if self._fold:
            texts = [text.lower() for text in texts]
        value = decode_parameter(self.parameter, texts)
        if self._validator is None:
            self._validator = self._schemas.validator(self.parameter.schema)
        if self._validator.is_valid(value):
            return value
        found = self._schemas.violations(self.parameter.schema, value, self.location)
        named = [
            Violation(v.location, self.name + v.pointer, v.rule, v.expected, v.received)
            for v in found
        ]
        detail = (
            f"The {self.location} parameter {self.name!r} is {named[0].received!r}, "
            f"expected {named[0].expected}."
        )
        raise ApiError(400, detail, violations=named)

    def missing(self) -> ApiError:
        """The refusal of a request without this parameter."""
        violation = Violation(self.location, self.name, "required", "a value", "none")
        detail = f"The {self.location} parameter {self.name!r} is required."
        return ApiError(400, detail, violations=[violation])
