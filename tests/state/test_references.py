"""Members of fixtures that name records which are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.state.fixtures import Fixtures
from mockserver.state.references import dangling, misnamed
from mockserver.state.store import Record

USERS = (Record("u1", {"id": "u1"}), Record("u2", {"id": "u2"}))
REFERENCES = {"assets": {"owner": "users", "friends": "users", "album": "albums"}}


def fixtures(*identities: dict[str, Any], **asset: Any) -> Fixtures:
    collections = {"users": USERS, "assets": (Record("a", asset),)}
    return Fixtures(collections, identities, (), {("assets", "a"): ("assets.json", "/0")})


def found(**asset: Any) -> list[tuple[str, str, str]]:
    problems = dangling(fixtures(**asset), REFERENCES)
    return [(p.source, p.pointer, p.message) for p in problems]


def test_a_key_that_no_record_has_is_told_with_the_nearest() -> None:
    message = "no record 'u22' in users; there are: u1, u2; the nearest is 'u2'"
    assert found(owner="u22") == [("assets.json", "/0/owner", message)]


def test_each_key_of_a_list_is_judged() -> None:
    assert [pointer for _, pointer, _ in found(friends=["u1", "x", "u2", "y"])] == [
        "/0/friends",
        "/0/friends",
    ]


@pytest.mark.parametrize("asset", [{}, {"owner": None}, {"owner": "u1"}, {"friends": []}])
def test_what_names_nothing_or_what_is_there_is_right(asset: dict[str, Any]) -> None:
    assert found(**asset) == []


def test_a_collection_without_fixtures_is_not_judged() -> None:
    assert found(album="x") == []


def test_an_unknown_security_scheme_is_told_with_the_nearest() -> None:
    identity = {"identity": "bo", "credentials": {"barer": "x", "cookie": "y"}}
    [problem] = misnamed(fixtures(identity), Path("here"), ["bearer", "cookie"])
    assert (problem.source, problem.pointer) == ("here/credentials.json", "/0/credentials/barer")
    assert problem.message == (
        "no such security scheme; there are: bearer, cookie; the nearest is 'bearer'"
    )


def test_an_unknown_user_is_told() -> None:
    told = misnamed(fixtures({"user": "u1"}, {"user": "u9"}), Path("here"), [])
    assert [problem.pointer for problem in told] == ["/1/user"]
