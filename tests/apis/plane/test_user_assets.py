"""Avatars and covers, over HTTP; the tables are what Plane 1.3.1 was seen to answer."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from mockserver.catalogue import Mock
from tests.apis.plane.world import (
    ACME,
    ATTACHMENT,
    AVATAR,
    KEY,
    LIMIT,
    NEVER,
    NO_CONSTRAINT,
    NOT_VALID,
    PICTURE,
    STATIC,
    USERS,
    Json,
    done,
    fields,
    is_uploaded,
    most,
    name,
    new,
    ok,
    raw,
    refused,
)

GONE = {"error": "The requested resource does not exist."}
WRONG_ENTITY = {"error": "Invalid entity type.", "status": False}
WRONG_TYPE = {
    "error": "Invalid file type. Only JPEG and PNG files are allowed.",
    "status": False,
}


def test_a_new_asset_comes_with_a_form_and_the_path_of_its_public_page(plane: httpx.Client) -> None:
    made = new(plane)
    assert list(made) == ["upload_data", "asset_id", "asset_url"]
    assert list(made["upload_data"]) == ["url", "fields"]
    assert made["asset_url"] == f"/api/assets/v2/static/{made['asset_id']}/"
    assert re.fullmatch("[0-9a-f]{32}-cat[.]png", fields(made)["key"])
    assert fields(made)["Content-Type"] == "image/png"


def test_a_form_is_posted_to_where_the_client_reaches_the_server(plane: httpx.Client) -> None:
    host = {"Host": "plane.example:8080"}
    made = ok(plane.post(USERS, json=PICTURE, headers=host))
    path = plane.base_url.path.rstrip("/")
    assert made["upload_data"]["url"] == f"http://plane.example:8080{path}/uploads"


def test_an_entity_type_is_all_that_is_needed(plane: httpx.Client) -> None:
    made = ok(plane.post(USERS, json={"entity_type": "USER_COVER"}))
    assert name(made) == "unnamed"
    assert fields(made)["Content-Type"] == "image/jpeg"
    assert most(made) == LIMIT


def test_other_members_and_the_query_are_passed_over(plane: httpx.Client) -> None:
    given = {**PICTURE, "id": NEVER, "is_uploaded": True, "workspace": "acme"}
    made = ok(plane.post(f"{USERS}?name=other.png", json=given))
    assert made["asset_id"] != NEVER
    assert name(made) == "cat.png"
    assert not is_uploaded(plane, made["asset_id"])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        (".env", "env"),
        ("a/b\\c.png", "c.png"),
        ("C:\\x\\y.jpg", "y.jpg"),
        ("a..b.jpg", "ab.jpg"),
        ("a...b", "a.b"),
        ("  my file .jpg  ", "my file .jpg"),
        (" . .x", ".x"),
        ("a\nb\tc.jpg", "a\nb\tc.jpg"),
        ("\u00a0x.jpg\u2003", "x.jpg"),
        ("a\u0000b.jpg", "ab.jpg"),
        ('a"b%20c:d?e&f#g.jpg', 'a"b%20c:d?e&f#g.jpg'),
        ("😀.png", "😀.png"),
        ("${filename}", "${filename}"),
        *[(nothing, "unnamed") for nothing in ("", " .. ", "..", ".", "/", "a/", "\u0000")],
        *[(other, "unnamed") for other in (None, 5, 1.5, True, ["a.jpg"], {"a": 1})],
    ],
)
def test_a_name_loses_its_folders_and_dots(plane: httpx.Client, given: Any, kept: str) -> None:
    assert name(new(plane, name=given)) == kept


@pytest.mark.parametrize("letter", ["n", "é"])
def test_a_name_has_room_for_767_characters(plane: httpx.Client, letter: str) -> None:
    assert name(new(plane, name=letter * 767)) == letter * 767
    longer = plane.post(USERS, json={**PICTURE, "name": letter * 768})
    assert refused(longer, 400) == NOT_VALID


def test_a_name_with_half_a_character_is_refused(plane: httpx.Client) -> None:
    body = '{"entity_type": "USER_AVATAR", "name": "\\ud800.png"}'
    assert refused(raw(plane, "POST", USERS, body), 400) == NOT_VALID


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ("1", 1),
        ('"12"', 12),
        ('" 12\\n"', 12),
        ('"1_000"', 1000),
        ('"+5"', 5),
        ('"-5"', -5),
        ('"00012"', 12),
        ('"\u0661\u0662"', 12),
        ("1.5", 1),
        ("-0.5", 0),
        ("1e3", 1000),
        ("true", 1),
        ("false", 0),
        ("-5", -5),
        ("5242879", LIMIT - 1),
        ("5242881", LIMIT),
        ("1" + "0" * 400, LIMIT),
    ],
)
def test_a_size_is_whatever_python_reads_as_one(
    plane: httpx.Client, given: str, allowed: int
) -> None:
    body = f'{{"entity_type": "USER_AVATAR", "size": {given}}}'
    assert most(ok(raw(plane, "POST", USERS, body))) == allowed


NO_SIZES = [
    "null", '""', '" "', '"abc"', '"1.5"', '"1e3"', '"0x10"', '"NaN"', "[]", "[5]", "{}",
    "1e400", "-1e400", "-1" + "0" * 400, '"' + "9" * 4301 + '"',
]  # fmt: skip


@pytest.mark.parametrize("given", NO_SIZES, ids=lambda text: text[:10])
def test_what_is_no_size_is_refused(plane: httpx.Client, given: str) -> None:
    body = f'{{"entity_type": "USER_AVATAR", "size": {given}}}'
    assert refused(raw(plane, "POST", USERS, body), 400) == NOT_VALID


OTHER_ENTITIES = [
    None, "", "user_avatar", "USER_AVATAR ", "ISSUE_ATTACHMENT", "WORKSPACE_LOGO",
    5, 0, True, ["USER_AVATAR"], [], {"USER_AVATAR": 1},
]  # fmt: skip


@pytest.mark.parametrize("given", OTHER_ENTITIES, ids=repr)
def test_assets_for_anything_else_are_refused(plane: httpx.Client, given: Any) -> None:
    answer = plane.post(USERS, json={**PICTURE, "entity_type": given})
    assert refused(answer, 400) == WRONG_ENTITY


@pytest.mark.parametrize(
    "given", ["image/jpeg", "image/png", "image/webp", "image/jpg", "image/gif"]
)
def test_pictures_are_taken(plane: httpx.Client, given: str) -> None:
    assert fields(new(plane, type=given))["Content-Type"] == given


OTHER_TYPES = [
    None, "", "jpeg", "IMAGE/JPEG", "image/jpeg ", "image/jpeg; charset=utf-8", "image/svg+xml",
    "application/pdf", 5, True, False, ["image/jpeg"], {"image/jpeg": 1},
]  # fmt: skip


@pytest.mark.parametrize("given", OTHER_TYPES, ids=repr)
def test_what_is_no_picture_is_refused(plane: httpx.Client, given: Any) -> None:
    answer = plane.post(USERS, json={**PICTURE, "type": given})
    assert refused(answer, 400) == WRONG_TYPE


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"size": "abc", "entity_type": "x", "type": "x"}, NOT_VALID),
        ({"entity_type": "x", "type": "x"}, WRONG_ENTITY),
        ({"type": "x", "name": "n" * 900}, WRONG_TYPE),
    ],
)
def test_size_is_looked_at_first_then_entity_type_then_type(
    plane: httpx.Client, given: Json, told: Json
) -> None:
    assert refused(plane.post(USERS, json={**PICTURE, **given}), 400) == told


@pytest.mark.parametrize(
    "body",
    [None, {}, {"attributes": {"name": "n"}}, {"is_uploaded": False}, {"entity_type": "x"}],
    ids=repr,
)
def test_an_update_says_that_an_asset_is_uploaded_whatever_else(
    plane: httpx.Client, body: Json | None
) -> None:
    made = new(plane)["asset_id"]
    assert not is_uploaded(plane, made)
    done(plane.patch(f"{USERS}{made}/", json=body) if body else plane.patch(f"{USERS}{made}/"))
    assert is_uploaded(plane, made)


REFUSED_ATTRIBUTES = {
    "null": NO_CONSTRAINT,
    '{"a": 1e400}': NOT_VALID,
    '{"a\\u0000": 1}': NOT_VALID,
    '["\\u0000"]': NOT_VALID,
    '"\\ud800"': NOT_VALID,
    "[" * 250 + "]" * 250: NOT_VALID,
}


@pytest.mark.parametrize(
    ("given", "told"), REFUSED_ATTRIBUTES.items(), ids=[t[:20] for t in REFUSED_ATTRIBUTES]
)
def test_attributes_that_cannot_be_kept_leave_an_asset_as_it_was(
    plane: httpx.Client, given: str, told: Json
) -> None:
    made = new(plane)["asset_id"]
    answer = raw(plane, "PATCH", f"{USERS}{made}/", f'{{"attributes": {given}}}')
    assert refused(answer, 400) == told
    assert not is_uploaded(plane, made)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_only_own_assets_are_found(plane: httpx.Client, other: httpx.Client, method: str) -> None:
    own = new(plane)["asset_id"]
    attachment = new(plane, ACME)["asset_id"]
    assert refused(other.request(method, f"{USERS}{own}/"), 404) == GONE
    for key in (attachment, ATTACHMENT, NEVER):
        assert refused(plane.request(method, f"{USERS}{key}/"), 404) == GONE


@pytest.mark.parametrize(
    ("body", "media_type"), [("{", "application/json"), ("x", "text/plain"), ("[]", "x/y")]
)
def test_an_asset_is_looked_for_before_a_body_is_read(
    plane: httpx.Client, body: str, media_type: str
) -> None:
    headers = {"Content-Type": media_type}
    answer = plane.patch(f"{USERS}{NEVER}/", content=body, headers=headers)
    assert refused(answer, 404) == GONE


def test_a_deleted_asset_is_gone(plane: httpx.Client) -> None:
    made, kept = new(plane)["asset_id"], new(plane)["asset_id"]
    for key in (made, kept):
        done(plane.patch(f"{USERS}{key}/"))
    done(plane.delete(f"{USERS}{made}/"))
    for method in ("PATCH", "DELETE"):
        assert refused(plane.request(method, f"{USERS}{made}/"), 404) == GONE
    told = {"error": "The required object does not exist."}
    assert refused(plane.get(f"{STATIC}{made}/"), 404) == told
    assert is_uploaded(plane, kept)


@pytest.mark.parametrize("body", ["{", "x", '{"a": 1}'])
def test_a_body_of_a_deletion_is_not_read(plane: httpx.Client, body: str) -> None:
    done(raw(plane, "DELETE", f"{USERS}{new(plane)['asset_id']}/", body))


def test_a_public_page_needs_no_key_and_leads_to_the_store(
    plane: httpx.Client, client: httpx.Client
) -> None:
    answer = client.get(f"{STATIC}{AVATAR}/")
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["location"].startswith(f"{client.base_url}uploads/")


def test_a_public_page_shows_a_picture_under_a_new_name_each_time(client: httpx.Client) -> None:
    once, again = (client.get(f"{STATIC}{AVATAR}/").headers["location"] for _ in range(2))
    names = [httpx.URL(url).params["response-content-disposition"] for url in (once, again)]
    assert all(re.fullmatch(r"inline; filename\*=UTF-8''[0-9a-f]{32}", name) for name in names)
    assert names[0] != names[1]


def test_attachments_have_no_public_page(client: httpx.Client) -> None:
    assert refused(client.get(f"{STATIC}{ATTACHMENT}/"), 400) == WRONG_ENTITY


def _users(mock: Mock) -> dict[str, Json]:
    users = mock.sandboxes.default.log.head.collection("plane/users").records
    return {record.key: record.value for record in users.values()}


FIRST = "00000000-0000-4000-8000-000000000001"


def test_a_user_loses_the_avatar_with_any_avatar_that_is_deleted(
    mock: Mock, asgi: httpx.Client
) -> None:
    asgi.headers["X-API-Key"] = KEY
    cover = new(asgi, entity_type="USER_COVER")["asset_id"]
    done(asgi.delete(f"{USERS}{cover}/"))
    assert _users(mock)[FIRST]["avatar_asset"] == AVATAR
    done(asgi.delete(f"{USERS}{new(asgi)['asset_id']}/"))
    assert _users(mock)[FIRST]["avatar_asset"] is None


@pytest.mark.parametrize("given", [{"name": "n", "x": [1, None]}, {}, [1, 2], "text", "", 5, False])
def test_attributes_are_replaced_as_a_whole(mock: Mock, asgi: httpx.Client, given: Any) -> None:
    asgi.headers["X-API-Key"] = KEY
    done(asgi.patch(f"{USERS}{AVATAR}/", json={"attributes": given}))
    done(asgi.patch(f"{USERS}{AVATAR}/", json={}))
    assets = mock.sandboxes.default.log.head.collection("plane/assets").records
    record = assets.get(AVATAR)
    assert record is not None
    assert record.value["attributes"] == given
