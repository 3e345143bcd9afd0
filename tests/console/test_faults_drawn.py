"""Rules drawn at random: whatever they say, the mock itself does not fail."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.catalogue import Settings, build
from mockserver.console.control import control_api
from mockserver.engine.faults.delivering import ConnectionDropped
from tests.running import DESCRIPTIONS

TASKS = DESCRIPTIONS / "todo.yaml"
SHORT = st.floats(0, 3)
WHEN = {"when": st.sampled_from(["before", "after"]), "frames": st.integers(0, 3)}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
VISIBLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


def kind(name: str, required: Any = None, **optional: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"kind": st.just(name), **(required or {})}, optional=optional)


def latency(name: str, **members: Any) -> st.SearchStrategy[Any]:
    return kind("latency", {"distribution": st.just(name), **members})


FAULTS = st.one_of(
    latency("fixed", milliseconds=SHORT),
    latency("uniform", lower=st.just(0), upper=SHORT),
    latency("lognormal", median=st.floats(0.001, 2), sigma=st.floats(0, 0.5)),
    kind(
        "status",
        {"status": st.integers(200, 599)},
        body=JSON,
        mediaType=st.sampled_from(["application/json", "text/plain", "application/a+json"]),
        headers=st.dictionaries(st.sampled_from(["Retry-After", "X-A", "ETag"]), VISIBLE),
    ),
    kind("limit", {"requests": st.integers(1, 3), "seconds": st.floats(0.001, 9)}),
    kind("drop", **WHEN),
    kind("reset", **WHEN),
    kind("truncate", bytes=st.integers(0, 999)),
    kind("slow", {"rate": st.floats(10**6, 10**9)}),
    kind("slow", {"milliseconds": SHORT}),
    kind("malformed"),
    kind("break"),
)
RULES = st.lists(
    st.fixed_dictionaries(
        {"fault": FAULTS},
        optional={
            "path": st.sampled_from(["/**", "/todos", "/todos/*", "/*/?", "/nothing"]),
            "method": st.sampled_from(["GET", "POST", "HEAD", "OPTIONS"]),
            "api": st.just("todo"),
            "probability": st.floats(0, 1),
            "count": st.integers(1, 3),
            "skip": st.integers(0, 2),
            "seed": st.integers(-9, 9),
        },
    ),
    max_size=4,
)
ASKED = st.lists(
    st.tuples(
        st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "DELETE"]),
        st.sampled_from(["/todos", "/todos/1", "/nothing", "/", "/todos?__delay=1ms"]),
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def client() -> TestClient:
    mock = build([str(TASKS)], Settings(fixtures=None))
    return TestClient(create_app(mock, control_api(mock)))


@given(rules=RULES, asked=ASKED)
@settings(max_examples=150)
def test_no_rule_makes_the_mock_itself_fail(client: TestClient, rules: Any, asked: Any) -> None:
    complaints: list[logging.LogRecord] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = complaints.append  # type: ignore[method-assign]
    logger = logging.getLogger("mockserver")
    logger.addHandler(handler)
    try:
        client.post("/__mock__/reset", params={"faults": True})
        for rule in rules:
            assert client.post("/__mock__/faults", json=rule).status_code == 201
        for method, path in asked:
            try:
                answer = client.request(method, path)
            except ConnectionDropped:
                continue
            assert answer.headers.get("x-mock-fault") or answer.status_code < 500
        told = client.get("/__mock__/faults").json()
    finally:
        logger.removeHandler(handler)
    assert complaints == []
    assert all(each["hits"] <= min(each["seen"], each.get("count", len(asked))) for each in told)
