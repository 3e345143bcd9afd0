"""Attachments of workspaces, over HTTP; the tables are what Plane 1.3.1 was seen to answer."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.apis.plane.world import (
    ACME,
    ACME_ID,
    ATTACHMENT,
    AVATAR,
    FILE,
    GLOBEX,
    LIMIT,
    NEVER,
    NO_CONSTRAINT,
    NOT_VALID,
    PROJECT,
    USERS,
    Json,
    done,
    fields,
    most,
    name,
    new,
    ok,
    raw,
    refused,
)

NOWHERE = "/api/v1/workspaces/nowhere/assets/"
MISSING = {"error": "Name and size are required fields.", "status": False}
WRONG_TYPE = {"error": "Invalid file type.", "status": False}
GONE = {"error": "The requested resource does not exist."}
NOT_FOUND = {"error": "Asset not found"}
NOT_YET = {"error": "Asset not yet uploaded"}


def _url(key: str, project: str = "None", slug: str = "acme") -> str:
    home = f"/api/assets/v2/workspaces/{slug}/projects/{project}"
    return f"{home}/issues/None/attachments/{key}/"


def test_a_new_attachment_is_kept_under_its_workspace(plane: httpx.Client) -> None:
    made = new(plane, ACME)
    assert list(made) == ["upload_data", "asset_id", "asset_url"]
    assert made["asset_url"] == _url(made["asset_id"])
    assert re.fullmatch(f"{ACME_ID}/[0-9a-f]{{32}}-notes[.]txt", fields(made)["key"])
    assert fields(made)["Content-Type"] == "text/plain"


@pytest.mark.parametrize(("asked", "allowed"), [(1, 1), (-5, -5), ("12", 12), (LIMIT + 1, LIMIT)])
def test_a_size_past_the_limit_is_lowered_to_it(
    plane: httpx.Client, asked: int | str, allowed: int
) -> None:
    assert most(new(plane, ACME, size=asked)) == allowed


def test_without_a_size_the_limit_is_allowed(plane: httpx.Client) -> None:
    made = ok(plane.post(ACME, json={"name": "a.txt", "type": "text/plain"}))
    assert most(made) == LIMIT


@pytest.mark.parametrize("given", [None, "", 5, ["a"], " .. ", "/", "a/", "\u0000"], ids=repr)
def test_something_must_be_left_of_a_name(plane: httpx.Client, given: Any) -> None:
    assert refused(plane.post(ACME, json={**FILE, "name": given}), 400) == MISSING


@pytest.mark.parametrize("given", [0, "0", False, 0.5, -0.5], ids=repr)
def test_a_size_must_not_be_nothing(plane: httpx.Client, given: Any) -> None:
    assert refused(plane.post(ACME, json={**FILE, "size": given}), 400) == MISSING


def test_a_name_has_room_for_730_characters(plane: httpx.Client) -> None:
    assert name(new(plane, ACME, name="n" * 730)) == "n" * 730
    assert refused(plane.post(ACME, json={**FILE, "name": "n" * 731}), 400) == NOT_VALID


@pytest.mark.parametrize(
    "given", ["image/svg+xml", "application/pdf", "application/octet-stream", "text/markdown"]
)
def test_many_types_are_taken(plane: httpx.Client, given: str) -> None:
    assert fields(new(plane, ACME, type=given))["Content-Type"] == given


OTHER_TYPES = [
    None, "", "image/jpg", "IMAGE/JPEG", "image/jpeg ", "text/plain; charset=utf-8", "text/html",
    5, True, False, ["image/jpeg"], {"image/jpeg": 1},
]  # fmt: skip


@pytest.mark.parametrize("given", OTHER_TYPES, ids=repr)
def test_other_types_are_refused(plane: httpx.Client, given: Any) -> None:
    assert refused(plane.post(ACME, json={**FILE, "type": given}), 400) == WRONG_TYPE


def test_a_type_is_needed(plane: httpx.Client) -> None:
    assert refused(plane.post(ACME, json={"name": "a.txt", "size": 1}), 400) == WRONG_TYPE


@pytest.mark.parametrize("slug", ["nowhere", "ACME", "acme%20", "%C3%A9", "acme;x", "a" * 300])
def test_a_workspace_must_be_there(plane: httpx.Client, slug: str) -> None:
    home = f"/api/v1/workspaces/{slug}/assets/"
    assert refused(plane.post(home, json=FILE), 404) == GONE
    found = f"{home}{ATTACHMENT}/"
    assert refused(plane.get(found), 404) == {"error": "Workspace not found"}
    assert refused(plane.patch(found, json={}), 404) == NOT_FOUND


def test_a_slug_with_a_nul_is_refused(plane: httpx.Client) -> None:
    home = "/api/v1/workspaces/a%00b/assets/"
    answers = [
        plane.post(home, json=FILE),
        plane.get(f"{home}{ATTACHMENT}/"),
        plane.patch(f"{home}{ATTACHMENT}/"),
    ]
    assert [refused(answer, 400) for answer in answers] == [NOT_VALID] * 3


@pytest.mark.parametrize(
    ("given", "status", "told"),
    [
        ({"size": "abc", "name": None}, 400, NOT_VALID),
        ({"name": None, "type": "x"}, 400, MISSING),
        ({"size": 0, "type": "x"}, 400, MISSING),
        ({"type": "x"}, 400, WRONG_TYPE),
        ({"project_id": "bad"}, 404, GONE),
    ],
)
def test_name_and_size_are_looked_at_first_then_type_then_the_workspace(
    plane: httpx.Client, given: Json, status: int, told: Json
) -> None:
    assert refused(plane.post(NOWHERE, json={**FILE, **given}), status) == told


@pytest.mark.parametrize(
    "given",
    [
        PROJECT,
        PROJECT.upper(),
        PROJECT.replace("-", ""),
        f"{{{PROJECT}}}",
        f"urn:uuid:{PROJECT}",
        "cccc-cccc000040008000-00000000000c",
        UUID(PROJECT).int,
    ],
    ids=str,
)
def test_a_project_is_a_uuid_as_python_reads_it_and_is_told_as_it_was_sent(
    plane: httpx.Client, given: str | int
) -> None:
    made = new(plane, ACME, project_id=given, external_id="1", external_source="s")
    assert made["asset_url"] == _url(made["asset_id"], str(given))
    again = plane.post(ACME, json={**FILE, "external_id": "1", "external_source": "s"})
    assert refused(again, 409)["asset_url"] == _url(made["asset_id"], PROJECT)


@pytest.mark.parametrize(("given", "told"), [(None, "None"), ("", "")])
def test_there_need_not_be_a_project(plane: httpx.Client, given: Any, told: str) -> None:
    made = new(plane, ACME, project_id=given)
    assert made["asset_url"] == _url(made["asset_id"], told)


@pytest.mark.parametrize(
    "given",
    ["bad", f" {PROJECT} ", f"{PROJECT}\u0000", -1, 2**128, 1.5, [PROJECT], [], {"id": PROJECT}],
    ids=repr,
)
def test_what_is_no_uuid_is_no_project(plane: httpx.Client, given: Any) -> None:
    assert refused(plane.post(ACME, json={**FILE, "project_id": given}), 400) == NOT_VALID


@pytest.mark.parametrize("given", [NEVER, 5, 0, True, False], ids=repr)
def test_a_project_must_be_there(plane: httpx.Client, given: Any) -> None:
    answer = plane.post(ACME, json={**FILE, "project_id": given})
    assert refused(answer, 400) == NO_CONSTRAINT


def test_a_refused_asset_does_not_take_its_external_id(plane: httpx.Client) -> None:
    given = {**FILE, "external_id": "1", "external_source": "s"}
    refused(plane.post(ACME, json={**given, "project_id": NEVER}), 400)
    assert ok(plane.post(ACME, json=given))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("e1", "gh"), ("e1", "gh")),
        ((123, "gh"), ("123", "gh")),
        ((7, 8), ("7", "8")),
        ((True, "gh"), ("True", "gh")),
        ((1.5, "gh"), ("1.5", "gh")),
        ((["a"], "gh"), ("['a']", "gh")),
        (({"a": 1}, "gh"), ("{'a': 1}", "gh")),
        (("x" * 255, "y" * 255), ("x" * 255, "y" * 255)),
        ((0, "gh"), ("0", "gh")),
    ],
    ids=repr,
)
def test_an_external_id_and_source_are_for_one_asset_of_a_workspace(
    plane: httpx.Client, other: httpx.Client, first: tuple[Any, Any], second: tuple[Any, Any]
) -> None:
    made = new(plane, ACME, external_id=first[0], external_source=first[1])
    again = {**FILE, "external_id": second[0], "external_source": second[1], "project_id": "bad"}
    for client in (plane, other):
        assert refused(client.post(ACME, json=again), 409) == {
            "message": "Asset with same external id and source already exists",
            "asset_id": made["asset_id"],
            "asset_url": _url(made["asset_id"]),
        }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("e1", "gh"), ("E1", "gh")),
        (("e1", "gh"), ("e1 ", "gh")),
        (("e1", "gh"), ("e1", "gl")),
        (("a", "b"), ("b", "a")),
        (("e1", None), ("e1", None)),
        (("e1", ""), ("e1", "")),
        ((None, "gh"), (None, "gh")),
        (("", "gh"), ("", "gh")),
        ((0, "gh"), (0, "gh")),
        ((False, "gh"), (False, "gh")),
    ],
    ids=repr,
)
def test_half_an_external_reference_is_none(
    plane: httpx.Client, first: tuple[Any, Any], second: tuple[Any, Any]
) -> None:
    for external_id, source in (first, second):
        new(plane, ACME, external_id=external_id, external_source=source)


def test_an_external_reference_is_free_in_another_workspace(plane: httpx.Client) -> None:
    reference = {"external_id": "e1", "external_source": "gh"}
    new(plane, ACME, **reference)
    new(plane, GLOBEX, **reference)
    assert refused(plane.post(GLOBEX, json={**FILE, **reference}), 409)


def test_assets_of_the_fixtures_have_their_external_references(plane: httpx.Client) -> None:
    reference = {"external_id": "1042", "external_source": "github"}
    told = refused(plane.post(ACME, json={**FILE, **reference}), 409)
    assert told["asset_id"] == "a0000000-0000-4000-8000-000000000003"


@pytest.mark.parametrize("member", ["external_id", "external_source"])
@pytest.mark.parametrize("given", ['"' + "x" * 256 + '"', '"a\\u0000"', '"\\udc00"'])
def test_what_cannot_be_kept_is_no_external_reference(
    plane: httpx.Client, member: str, given: str
) -> None:
    body = f'{{"name": "a", "type": "text/plain", "{member}": {given}}}'
    assert refused(raw(plane, "POST", ACME, body), 400) == NOT_VALID


TRUE = ["true", '"True"', '"t"', '"1"', "1", "1.0"]
FALSE = ["false", '"False"', '"f"', '"0"', "0", "0.0"]
NEITHER = [
    '"true"', '"false"', '"TRUE"', '"T"', '"F"', '"yes"', '"on"', '""', '" "', '" True "',
    '"null"', "2", "-1", "0.5", "1e400", "[]", "[true]", "{}",
]  # fmt: skip


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("given", "after"), [*((t, True) for t in TRUE), *((f, False) for f in FALSE)]
)
def test_an_update_says_whether_an_attachment_is_uploaded(
    plane: httpx.Client, before: bool, given: str, after: bool
) -> None:
    page = f"{ACME}{new(plane, ACME)['asset_id']}/"
    done(plane.patch(page, json={"is_uploaded": before}))
    done(raw(plane, "PATCH", page, f'{{"is_uploaded": {given}}}'))
    assert plane.get(page).status_code == (200 if after else 400)


@pytest.mark.parametrize(
    ("given", "told"), [*((text, NOT_VALID) for text in NEITHER), ("null", NO_CONSTRAINT)]
)
def test_what_is_neither_true_nor_false_changes_nothing(
    plane: httpx.Client, given: str, told: Json
) -> None:
    page = f"{ACME}{ATTACHMENT}/"
    assert refused(raw(plane, "PATCH", page, f'{{"is_uploaded": {given}}}'), 400) == told
    assert ok(plane.get(page))


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("body", ["", "{}", '{"attributes": {"name": "x"}, "size": 1}'])
def test_an_update_that_does_not_say_it_changes_nothing(
    plane: httpx.Client, before: bool, body: str
) -> None:
    page = f"{ACME}{new(plane, ACME)['asset_id']}/"
    done(plane.patch(page, json={"is_uploaded": before}))
    done(raw(plane, "PATCH", page, body))
    assert plane.get(page).status_code == (200 if before else 400)


def test_an_attachment_is_found_by_everybody_in_its_workspace_only(
    plane: httpx.Client, other: httpx.Client
) -> None:
    assert ok(other.get(f"{ACME}{ATTACHMENT}/"))["asset_id"] == ATTACHMENT
    own = new(plane)["asset_id"]
    for page in (f"{GLOBEX}{ATTACHMENT}/", f"{ACME}{NEVER}/", f"{ACME}{AVATAR}/", f"{ACME}{own}/"):
        assert refused(plane.get(page), 404) == NOT_FOUND
        assert refused(plane.patch(page, json={"is_uploaded": False}), 404) == NOT_FOUND


@pytest.mark.parametrize("body", ["{", "[]"])
def test_an_attachment_is_looked_for_before_a_body_is_read(plane: httpx.Client, body: str) -> None:
    assert refused(raw(plane, "PATCH", f"{ACME}{NEVER}/", body), 404) == NOT_FOUND


def test_what_is_not_uploaded_has_no_address(plane: httpx.Client) -> None:
    made = new(plane, ACME)["asset_id"]
    assert refused(plane.get(f"{ACME}{made}/"), 400) == NOT_YET


def test_an_uploaded_attachment_has_a_name_a_type_and_an_address(plane: httpx.Client) -> None:
    odd = "ü \"q\" 100%25 'x' a+b&c=d;e,f.pdf"
    made = new(plane, ACME, name=odd, type="application/pdf")
    page = f"{ACME}{made['asset_id']}/"
    done(plane.patch(page, json={"is_uploaded": True}))
    told = ok(plane.get(page))
    assert list(told) == ["asset_id", "asset_url", "asset_name", "asset_type"]
    assert (told["asset_id"], told["asset_name"]) == (made["asset_id"], odd)
    assert told["asset_type"] == "application/pdf"
    address, _, _ = told["asset_url"].partition("?")
    assert address == (
        f"{plane.base_url}uploads/{ACME_ID}/{fields(made)['key'][37:69]}"
        "-%C3%BC%20%22q%22%20100%2525%20%27x%27%20a%2Bb%26c%3Dd%3Be%2Cf.pdf"
    )


def test_users_cannot_delete_attachments(plane: httpx.Client) -> None:
    made = new(plane, ACME)["asset_id"]
    assert refused(plane.delete(f"{USERS}{made}/"), 404) == GONE
    assert refused(plane.get(f"{ACME}{made}/"), 400) == NOT_YET
