from __future__ import annotations

from http import HTTPStatus

import pytest

from mockserver.engine.problems import problem_reply, text_reply
from mockserver.errors import ApiError, Violation


@pytest.mark.parametrize("status", [400, 404, 405, 410, 413, 415, 431, 500, 507])
def test_a_problem_says_its_status_three_times(status: int) -> None:
    reply = problem_reply(ApiError(status, "Why."))
    assert (reply.status, reply.media_type) == (status, "application/problem+json")
    assert reply.body == {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": "Why.",
    }


def test_a_problem_lists_every_violation() -> None:
    one = Violation("body", "/a", "type", 'type "string"', "1")
    two = Violation("query", "q", "required", "a value", "none")
    body = problem_reply(ApiError(400, "Why.", violations=[one, two])).body
    assert body["errors"] == [
        {
            "location": "body",
            "pointer": "/a",
            "rule": "type",
            "expected": 'type "string"',
            "received": "1",
        },
        {
            "location": "query",
            "pointer": "q",
            "rule": "required",
            "expected": "a value",
            "received": "none",
        },
    ]


@pytest.mark.parametrize("shape", [problem_reply, text_reply])
def test_headers_of_a_refusal_are_sent(shape: object) -> None:
    reply = shape(ApiError(405, "Why.", headers={"Allow": "GET"}))  # type: ignore[operator]
    assert reply.headers == {"Allow": "GET"}


def test_text_is_the_sentence_itself() -> None:
    reply = text_reply(ApiError(404, "Why."))
    assert (reply.status, reply.media_type, reply.body) == (404, "text/plain", "Why.")


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ("The body is wrong.", "The body is wrong. body /name: expected a text"),
        ("At /name: expected a text.", "At /name: expected a text."),
    ],
)
def test_the_reason_for_a_log_says_once_what_was_expected_and_never_what_came(
    detail: str, reason: str
) -> None:
    violation = Violation("body", "/name", "type", "a text", "secret")
    assert ApiError(400, detail, violations=[violation]).reason == reason
    assert ApiError(404, "None.").reason == "None."
