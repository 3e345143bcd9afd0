from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from mockserver.contract.comparing import Comparison
from mockserver.contract.moments import Moments
from mockserver.contract.names import Names
from mockserver.contract.promises import Policy, Wording
from mockserver.contract.values import Answered, Failed
from mockserver.engine.spec import Operation, Response

A1, A2 = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
B1, B2 = "bbbbbbbb-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
OPERATION = Operation("read", "GET", "/things", (), None, {"200": Response({}, ())}, (), None)


def answer(value: Any, status: int = 200, **headers: str) -> Answered:
    told = [("content-type", "application/json"), *headers.items()]
    return Answered(status, tuple(told), json.dumps(value).encode())


class Run:
    """A comparison whose references gave out the identifiers above."""

    def __init__(self, **policy: Any) -> None:
        self.noise: Counter[tuple[str, str]] = Counter()
        self.comparison = Comparison(
            Names(), Policy(**policy), self.noise, {A1: 1, A2: 2}, {B1: 1, B2: 2}, Wording()
        )
        self._step = 0

    def codes(self, a: Any, b: Any, t: Any) -> list[tuple[str, str]]:
        answers = [x if isinstance(x, Answered | Failed) else answer(x) for x in (a, b, t)]
        found = self.comparison.compare(OPERATION, (answers[0], answers[1], answers[2]), self._step)
        self._step += 1
        return [(difference.code, difference.pointer) for difference in found]


def same(value: Any, got: Any, **policy: Any) -> list[tuple[str, str]]:
    return Run(**policy).codes(value, value, got)


@pytest.mark.parametrize(
    ("value", "got", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 0.6}, {"a": 0.6000000000000001}, []),
        ({"a": 1}, {"a": True}, [("MS204", "/a")]),
        ({"a": 1}, {"a": "1"}, [("MS204", "/a")]),
        ({"a": None}, {}, [("MS205", "/a")]),
        ({}, {"a": None}, [("MS206", "/a")]),
        ([1, 2], [1], [("MS207", "")]),
        ([1, 2], [2, 1], [("MS208", "")]),
        ({"x": [{"id": "p"}, {"id": "q"}]}, {"x": [{"id": "q"}, {"id": "p"}]}, [("MS208", "/x")]),
        ({"a/b": 1}, {"a/b": 2}, [("MS204", "/a~1b")]),
    ],
)
def test_what_both_references_say_the_server_must_say(value, got, found) -> None:
    assert same(value, got) == found


def test_an_order_that_is_not_promised_is_not_compared() -> None:
    assert same([1, 2], [2, 1], ordered=False, strict=False) == []


def test_records_in_another_order_are_not_compared_with_one_another(monkeypatch) -> None:
    compared = []
    monkeypatch.setattr(Moments, "expected", lambda _, *told: compared.append(told))
    run = Run()
    for key, other, its in ((A1, B1, "s1"), (A2, B2, "s2")):
        assert run.codes({"id": key}, {"id": other}, {"id": its}) == []

    def listed(*told: tuple[str, str]) -> Any:
        return [{"id": key, "at": at} for key, at in told]

    mine, second = listed((A1, "x"), (A2, "y")), listed((B1, "x"), (B2, "y"))
    assert run.codes(mine, second, listed(("s2", "b"), ("s1", "a"))) == [("MS208", "")]
    assert compared == []


def test_a_key_is_matched_by_creation_whatever_its_form() -> None:
    run = Run()
    assert run.codes({"id": A1}, {"id": B1}, {"id": 17}) == []
    assert run.codes({"of": A1}, {"of": B1}, {"of": 17}) == []
    assert run.codes({"of": A1}, {"of": B1}, {"of": 18}) == [("MS209", "/of")]


def test_a_key_that_was_used_before_is_none() -> None:
    run = Run()
    assert run.codes({"id": A1}, {"id": B1}, {"id": 17}) == []
    assert run.codes({"id": A2}, {"id": B2}, {"id": 17}) == [("MS209", "/id")]


def test_a_key_keeps_its_name_when_the_references_have_different_ones_in_between() -> None:
    run, its = Run(), "cccccccc-0000-4000-8000-000000000001"
    assert run.codes({"id": A1}, {"id": B1}, {"id": its}) == []
    assert run.codes({"x": A1}, {"x": B2}, {"x": its}) == []
    assert run.codes({"of": A1}, {"of": B1}, {"of": its}) == []


def test_keys_are_matched_in_texts_and_in_names_of_members() -> None:
    run = Run()
    assert run.codes({"url": f"/x/{A1}/y"}, {"url": f"/x/{B1}/y"}, {"url": "/x/17/y"}) == []
    assert run.codes({"url": f"/x/{A1}/y"}, {"url": f"/x/{B1}/y"}, {"url": "/x/18/y"}) != []
    assert run.codes({"at": {A2: 0}}, {"at": {B2: 0}}, {"at": {"18": 0}}) == []
    assert run.codes({"at": {A2: 0}}, {"at": {B2: 0}}, {"at": {"19": 0}}) != []


def test_what_the_references_differ_in_is_masked_and_counted() -> None:
    run = Run()
    assert run.codes({"x": "p"}, {"x": "q"}, {"x": "r"}) == []
    assert run.noise == {("read", "/x"): 1}


def test_a_masked_value_is_still_of_its_kind() -> None:
    assert Run().codes({"x": "p"}, {"x": "q"}, {"x": None}) == [("MS204", "/x")]


def test_a_refusal_in_other_words_is_none_where_a_server_has_words_of_its_own() -> None:
    run = Run()
    told = [
        run.codes(*[answer({"detail": d}, 400) for d in (w, w, "No!")]) for w in "abcdefghijklmnop"
    ]
    assert told == [[]] * 16


def test_a_refusal_in_other_words_is_one_where_a_server_has_the_references() -> None:
    run = Run()
    for word in "abcdefghijklmnop":
        assert run.codes(*[answer({"detail": word}, 400)] * 3) == []
    assert run.codes(
        answer({"detail": "q"}, 400), answer({"detail": "q"}, 400), answer({"detail": "x"}, 400)
    ) == [("MS204", "/detail")]


@pytest.mark.parametrize(
    ("kind", "code"), [("timeout", "MS101"), ("garbage", "MS102"), ("too large", "MS103")]
)
def test_no_answer_is_a_difference_of_its_kind(kind, code) -> None:
    assert Run().codes(answer({}), answer({}), Failed(kind, "told")) == [(code, "")]


def test_an_inferred_reference_promises_the_class_of_a_status_only() -> None:
    assert Run(strict=False).codes(answer({}, 404), answer({}, 404), answer({}, 410)) == []
    assert Run(strict=True).codes(answer({}, 404), answer({}, 404), answer({}, 410)) == [
        ("MS201", "")
    ]
