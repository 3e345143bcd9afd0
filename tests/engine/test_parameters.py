from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.catalogue import assemble
from mockserver.engine.handlers import Handlers, Options
from mockserver.engine.parameters import DeclaredParameter
from mockserver.engine.problems import problem_reply
from mockserver.engine.spec import Parameter
from mockserver.errors import ApiError
from mockserver.state.blobs import Blobs
from tests.engine.tiny import described


def declared(
    schema: Any, *, any_case_booleans: bool = False, allow_empty: bool = False
) -> DeclaredParameter:
    parameter = Parameter("p", "query", True, schema, "form", True, allow_empty=allow_empty)
    handlers = Handlers(problem_reply, any_case_booleans=any_case_booleans)
    return DeclaredParameter(parameter, assemble(described({}), handlers, Blobs(0)))


def refusal(made: DeclaredParameter, *texts: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        made.value({"p": list(texts)})
    assert caught.value.status == 400
    return caught.value


@pytest.mark.parametrize(("text", "value"), [("True", True), ("FALSE", False), ("true", True)])
def test_booleans_of_any_case_are_taken_where_that_is_said(text: str, value: bool) -> None:
    assert declared({"type": "boolean"}, any_case_booleans=True).value({"p": [text]}) is value
    if text != text.lower():
        refusal(declared({"type": "boolean"}), text)


@pytest.mark.parametrize(("text", "value"), [("True", True), ("0", False), ("1", True)])
def test_a_tolerant_api_that_nobody_wrote_takes_truth_values_as_clients_write_them(
    text: str, value: bool
) -> None:
    handlers = Handlers(problem_reply)
    handlers.negotiates = True
    api = assemble(described({}), handlers, Blobs(0))
    parameter = Parameter("p", "query", True, {"type": "boolean"}, "form", True)
    tolerant = replace(api, options=Options(tolerant=True))
    assert DeclaredParameter(parameter, tolerant).value({"p": [text]}) is value
    refusal(DeclaredParameter(parameter, api), text)


def test_other_values_keep_their_case() -> None:
    assert declared({"type": "string"}, any_case_booleans=True).value({"p": ["True"]}) == "True"


def test_a_refusal_names_the_parameter_what_was_expected_and_what_came() -> None:
    error = refusal(declared({"type": "integer", "maximum": 9}), "10")
    assert error.detail.startswith("The query parameter 'p' is '10', expected maximum 9")
    [violation] = error.violations
    assert (violation.location, violation.pointer, violation.rule) == ("query", "p", "maximum")


def test_a_missing_parameter() -> None:
    with pytest.raises(ApiError) as refused:
        declared({}).absent()
    error = refused.value
    assert (error.status, error.violations[0].rule) == (400, "required")
    assert "'p'" in error.detail


def test_an_empty_value_is_taken_where_that_is_allowed() -> None:
    assert declared({"type": "integer"}, allow_empty=True).value({"p": [""]}) == ""
    refusal(declared({"type": "integer"}), "")
    refusal(declared({"type": "integer"}, allow_empty=True), "x")
