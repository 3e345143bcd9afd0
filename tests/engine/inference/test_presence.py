from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.engine.inference.served import Client, answers, api, asked, ref, served, takes

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}


def record(*required: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": members}


JOB = record("id", "title", id=INTEGER, title=TEXT)
ERROR = record(message=TEXT)


def collection(
    path: str, one: Any, key: dict[str, Any], *above: dict[str, Any], new: Any = None
) -> dict[str, Any]:
    """A list, a creation, and a record that is read and deleted; unknown ones are refused."""
    parameters = list(above)
    return {
        path: {
            "parameters": parameters,
            "get": {"responses": answers(s200={"type": "array", "items": one}, s404=ERROR)},
            "post": {"requestBody": takes(new or one), "responses": answers(s201=one, s404=ERROR)},
        },
        f"{path}/{{{key['name']}}}": {
            "parameters": [*parameters, key],
            "get": {"responses": answers(s200=one, s404=ERROR)},
            "delete": {"responses": answers(s204=None, s404=ERROR)},
        },
    }


def unlisted() -> dict[str, Any]:
    paths = collection("/jobs", JOB, asked("jobId", INTEGER, "path"))
    del paths["/jobs"]["get"]
    return api(paths)


def apps() -> dict[str, Any]:
    app = asked("app", TEXT, "path")
    groups = collection("/apps/{app}/groups", JOB, asked("groupId", INTEGER, "path"), app)
    group = asked("groupId", INTEGER, "path")
    lines = collection(
        "/apps/{app}/groups/{groupId}/lines", JOB, asked("lineId", INTEGER, "path"), app, group
    )
    return api(groups | lines)


def ids(client: Client, url: str) -> list[Any]:
    told = client("GET", url)
    assert told.status == 200, told
    return [row["id"] for row in told.json]


def test_a_record_that_no_list_shows_is_there_until_it_is_deleted() -> None:
    with served(unlisted()) as client:
        assert client("GET", "/jobs/513").json["id"] == 513
        assert client("DELETE", "/jobs/513").status == 204
        assert client("GET", "/jobs/513").status == 404
        assert client("DELETE", "/jobs/513").status == 404


def test_a_record_is_gone_once_deleted_although_no_404_is_documented() -> None:
    described = unlisted()
    for operation in ("get", "delete"):
        del described["paths"]["/jobs/{jobId}"][operation]["responses"]["404"]
    with served(described) as client:
        made = client("POST", "/jobs", {"id": 513, "title": "new"}).json["id"]
        assert client("GET", "/jobs/77").status == 200
        for job in (made, 77):
            assert client("DELETE", f"/jobs/{job}").status == 204
            assert client("GET", f"/jobs/{job}").status == 404
            assert client("DELETE", f"/jobs/{job}").status == 404


def test_a_key_that_a_list_would_show_is_not_there_when_it_does_not() -> None:
    with served(api(collection("/jobs", JOB, asked("jobId", INTEGER, "path")))) as client:
        assert client("GET", "/jobs/513").status == 404


def test_a_key_that_the_description_lists_is_there_although_no_list_shows_it() -> None:
    names = [f"game-{number}" for number in range(9)]
    key = asked("game", {"type": "string", "enum": names}, "path")
    game = record("game", game={"type": "string", "enum": names}, title=TEXT)
    with served(api(collection("/games", game, key))) as client:
        for name in names:
            assert client("GET", f"/games/{name}").json["game"] == name
            assert client("DELETE", f"/games/{name}").status == 204
            assert client("GET", f"/games/{name}").status == 404


def test_what_a_list_shows_below_an_unknown_parent_is_there_with_what_is_below_it() -> None:
    with served(apps()) as client:
        for group in ids(client, "/apps/mine/groups"):
            assert client("GET", f"/apps/mine/groups/{group}").status == 200
            below = f"/apps/mine/groups/{group}/lines"
            lines = ids(client, below)
            assert lines
            assert all(client("GET", f"{below}/{line}").status == 200 for line in lines)
        assert client("GET", "/apps/mine/groups/0/lines").status == 404


def test_what_is_below_a_parent_stays_when_another_is_deleted() -> None:
    with served(apps()) as client:
        first, second, *_ = ids(client, "/apps/mine/groups")
        before = ids(client, f"/apps/mine/groups/{second}/lines")
        assert before
        assert client("DELETE", f"/apps/mine/groups/{first}").status == 204
        assert client("GET", f"/apps/mine/groups/{first}/lines").status == 404
        assert ids(client, f"/apps/mine/groups/{second}/lines") == before


def test_nothing_is_below_a_parent_that_was_created() -> None:
    with served(apps()) as client:
        made = client("POST", "/apps/mine/groups", {"id": 77, "title": "new"}).json
        assert ids(client, f"/apps/mine/groups/{made['id']}/lines") == []


def test_what_is_sent_plainly_is_read_in_the_envelope_of_the_record() -> None:
    channel = record("arn", arn=TEXT, name=TEXT, mode=TEXT)
    paths = collection("/channels", record(channel=channel), asked("arn", TEXT, "path"))
    paths["/channels"]["get"]["responses"] = answers(
        s200=record(items={"type": "array", "items": record(role=TEXT)})
    )
    sent = record("name", name=TEXT, mode=TEXT, token=TEXT)
    paths["/channels"]["post"] = {
        "requestBody": takes(sent),
        "responses": answers(s201=record("arn", arn=TEXT)),
    }
    with served(api(paths)) as client:
        told = client("POST", "/channels", {"name": "news", "mode": "open"}).json
        shown = client("GET", f"/channels/{told['arn']}").json["channel"]
        assert (shown["arn"], shown["name"], shown["mode"]) == (told["arn"], "news", "open")


def test_a_member_that_the_record_has_inside_an_object_is_read_there() -> None:
    rollout = record("id", id=INTEGER, config=record(version=INTEGER, note=TEXT))
    sent = record("version", version=INTEGER, note=TEXT)
    paths = collection("/rollouts", rollout, asked("rolloutId", INTEGER, "path"), new=sent)
    with served(api(paths)) as client:
        made = client("POST", "/rollouts", {"version": 12, "note": "first"}).json
        shown = client("GET", f"/rollouts/{made['id']}").json
        assert shown["config"] == {"version": 12, "note": "first"}


def test_what_is_created_is_shown_by_a_list_with_a_default() -> None:
    state = {"type": "string", "enum": ["closed", "merged", "open"]}
    pull = record("id", "state", id=INTEGER, title=TEXT, state=state)
    new = record("title", title=TEXT)
    paths = collection("/pulls", pull, asked("pullId", INTEGER, "path"), new=new)
    paths["/pulls"]["get"]["parameters"] = [asked("state", {**state, "default": "open"})]
    with served(api(paths)) as client:
        for _ in range(4):
            made = client("POST", "/pulls", {"title": "x"}).json
            assert made["id"] in ids(client, "/pulls")


def test_a_record_is_reached_by_its_name_alone_whatever_it_was_created_below() -> None:
    thing = record(name=TEXT, topic=TEXT)
    listed = record(things={"type": "array", "items": ref("Thing")}, nextPageToken=TEXT)
    one = ref("Thing")
    paths = {
        "/v1/{parent}/things": {
            "parameters": [asked("parent", TEXT, "path")],
            "get": {"responses": answers(s200=listed)},
            "post": {"requestBody": takes(one), "responses": answers(s200=one)},
        },
        "/v1/{name}": {
            "parameters": [asked("name", TEXT, "path")],
            "get": {"responses": answers(s200=one)},
            "patch": {"requestBody": takes(one), "responses": answers(s200=one)},
            "delete": {"responses": answers(s200=record())},
        },
    }
    with served(api(paths, {"Thing": thing})) as client:
        made = client("POST", "/v1/here/things", {"name": "mine", "topic": "tea"}).json
        assert client("GET", "/v1/mine").json == made
        assert client("DELETE", "/v1/mine").status == 200
        assert client("GET", "/v1/mine").status == 404


def test_keys_are_such_as_a_path_takes() -> None:
    key = asked("deviceId", {"type": "string", "format": "uuid"}, "path")
    paths = collection("/devices", record("id", id=TEXT, title=TEXT), key)
    with served(api(paths)) as client:
        for each in ids(client, "/devices"):
            assert str(UUID(each)) == each
            assert client("GET", f"/devices/{each}").status == 200


def test_a_record_that_is_sent_with_a_key_that_no_path_takes_gets_another() -> None:
    key = asked("deviceId", {"type": "string", "format": "uuid"}, "path")
    paths = collection("/devices", record("id", id=TEXT, title=TEXT), key)
    with served(api(paths)) as client:
        made = client("POST", "/devices", {"id": "mine", "title": "new"}).json
        assert str(UUID(made["id"])) == made["id"]
        assert client("GET", f"/devices/{made['id']}").json["title"] == "new"


def test_a_parent_is_there_under_its_other_name() -> None:
    team = record("id", "slug", id=INTEGER, slug=TEXT)
    org, slug = asked("org", TEXT, "path"), asked("team_slug", TEXT, "path")
    one = ref("Team")
    paths = {
        "/teams": {"get": {"responses": answers(s200={"type": "array", "items": one})}},
        "/teams/{team_id}": {
            "parameters": [asked("team_id", INTEGER, "path")],
            "get": {"responses": answers(s200=one, s404=ERROR)},
        },
        "/orgs/{org}/teams/{team_slug}": {
            "parameters": [org, slug],
            "get": {"responses": answers(s200=one, s404=ERROR)},
        },
        "/orgs/{org}/teams/{team_slug}/seats": {
            "parameters": [org, slug],
            "get": {"responses": answers(s200={"type": "array", "items": JOB}, s404=ERROR)},
        },
    }
    with served(api(paths, {"Team": team})) as client:
        for row in client("GET", "/teams").json:
            assert client("GET", f"/orgs/x/teams/{row['slug']}/seats").status == 200
        assert client("GET", "/orgs/x/teams/nobody/seats").status == 404


@pytest.mark.parametrize(
    ("description", "status"),
    [
        ("ID or name of the job", 200),
        ("The name or ID.", 200),
        ("The id/Title of it", 404),
        ("ID of the job", 404),
        ("The name of the job", 404),
    ],
)
def test_a_parameter_whose_description_says_so_names_a_record_by_its_name_too(
    description: str, status: int
) -> None:
    job = record(id=TEXT, name=TEXT)
    key = asked("id", TEXT, "path", description=description)
    with served(api(collection("/jobs", job, key))) as client:
        made = client("POST", "/jobs", {"name": "nightly"}).json
        assert client("GET", f"/jobs/{made['id']}").json == made
        assert client("GET", "/jobs/nightly").status == status
        assert client("DELETE", "/jobs/nightly").status == (204 if status == 200 else 404)


def test_a_parameter_called_like_the_resource_names_its_id() -> None:
    code = record("id", "code", id=TEXT, code=TEXT)
    paths = collection("/promotion_codes", code, asked("promotion_code", TEXT, "path"))
    with served(api(paths)) as client:
        made = client("POST", "/promotion_codes", {"id": "a", "code": "b"})
        assert made.headers["location"] == "/promotion_codes/a"


def test_an_answer_of_another_kind_tells_the_key_of_what_was_created() -> None:
    new = record("bytes", bytes=INTEGER, kind=TEXT)
    paths = collection("/uploads", JOB, asked("upload_id", INTEGER, "path"), new=new)
    begun = record("upload_id", "url", upload_id=INTEGER, url=TEXT, expires=TEXT)
    paths["/uploads"]["post"]["responses"] = answers(s200=begun)
    with served(api(paths)) as client:
        told = client("POST", "/uploads", {"bytes": 1}).json
        assert client("GET", f"/uploads/{told['upload_id']}").status == 200
        assert told["upload_id"] in ids(client, "/uploads")


def test_a_key_that_a_parameter_cannot_say_is_there() -> None:
    vault = record("id", id={"type": "string", "pattern": "^[a-z]{26}$"})
    key = asked("vaultId", {"type": "string", "format": "uuid"}, "path")
    paths = collection("/vaults", vault, key)
    items = collection("/vaults/{vaultId}/items", JOB, asked("itemId", INTEGER, "path"), key)
    with served(api(paths | items)) as client:
        url = f"/vaults/{UUID(int=5)}"
        assert client("GET", url).status == 200
        assert client("GET", f"{url}/items").status == 200
        assert client("GET", f"{url}/items/7654321").status == 200


def test_a_key_that_the_records_of_a_list_do_not_say_is_there() -> None:
    nested = record(taxRates={"type": "array", "items": record("uuid", uuid=TEXT)})
    with served(api(collection("/taxes", nested, asked("taxRateUuid", TEXT, "path")))) as client:
        assert client("GET", "/taxes/0a1b2c").status == 200


def test_a_key_below_parents_that_no_list_names_is_there() -> None:
    group = asked("group", TEXT, "path")
    machine = asked("machine", INTEGER, "path")
    paths = collection("/groups/{group}/machines", ref("Job"), machine, group)
    paths["/machines"] = {"get": paths["/groups/{group}/machines"].pop("get")}
    with served(api(paths, {"Job": JOB})) as client:
        assert client("GET", "/groups/mine/machines/7654321").status == 200


@pytest.mark.parametrize(("told", "status"), [(["open"], 200), (["open", "done"], 404)])
def test_a_key_is_there_where_a_list_must_be_asked_for_some_of_the_records(
    told: list[str], status: int
) -> None:
    state = {"type": "string", "enum": ["open", "done"]}
    job = record("id", "state", id=INTEGER, state=state)
    paths = collection("/jobs", job, asked("jobId", INTEGER, "path"))
    asks = asked("state", {"type": "string", "enum": told}, required=True)
    paths["/jobs"]["get"]["parameters"] = [asks]
    with served(api(paths)) as client:
        assert client("GET", "/jobs/7654321").status == status


def test_a_page_in_the_path_of_a_list_is_no_record() -> None:
    paths = collection("/jobs", ref("Job"), asked("jobId", INTEGER, "path"))
    listing = {"get": {"responses": paths["/jobs"]["get"]["responses"]}}
    del paths["/jobs/{jobId}"]
    paths["/jobs/{page}"] = {"parameters": [asked("page", INTEGER, "path")], **listing}
    with served(api(paths, {"Job": JOB})) as client:
        assert client("GET", "/jobs/2").status == 200


def test_a_key_is_one_that_each_operation_takes() -> None:
    scheme = record("id", "name", id=TEXT, name=TEXT)
    new = record("name", name=TEXT)
    paths = collection("/schemes", scheme, asked("id", TEXT, "path"), new=new)
    paths["/schemes/{schemeId}/owner"] = {
        "parameters": [asked("schemeId", {"type": "integer", "format": "int64"}, "path")],
        "get": {"responses": answers(s200=record(name=TEXT), s404=ERROR)},
    }
    with served(api(paths)) as client:
        for key in ids(client, "/schemes"):
            assert client("GET", f"/schemes/{key}/owner").status == 200
        made = client("POST", "/schemes", {"name": "x"}).json["id"]
        assert client("GET", f"/schemes/{made}/owner").status == 200
        assert client("GET", "/schemes/99999999/owner").status == 404


def test_a_record_that_is_read_and_asked_for_is_no_membership() -> None:
    here = {"responses": answers(s204=None, s404=None)}
    told = answers(s200=JOB, s404=ERROR)
    put = {"requestBody": takes(JOB), "responses": told}
    item = {"parameters": [asked("id", INTEGER, "path")], "head": here, "put": put}
    with served(api({"/jobs/{id}": {**item, "get": {"responses": told}}})) as client:
        assert client("GET", "/jobs/7654321").status == 200
    with served(api({"/jobs/{id}": item})) as client:
        assert client("HEAD", "/jobs/7654321").status == 404


def test_the_records_right_behind_a_key_are_below_it() -> None:
    system, path = asked("system", TEXT, "path"), asked("path", TEXT, "path")
    file = record("path", path=TEXT, text=TEXT)
    disk = record("name", name=TEXT)
    one = answers(s200=file, s404=ERROR)
    paths = {
        **collection("/disks", disk, asked("name", TEXT, "path")),
        "/disks/{system}/{path}": {
            "parameters": [system, path],
            "get": {"responses": one},
            "put": {"requestBody": takes(file), "responses": answers(s201=file, s404=ERROR)},
            "delete": {"responses": answers(s204=None, s404=ERROR)},
        },
    }
    with served(api(paths)) as client:
        url = f"/disks/{client('GET', '/disks').json[0]['name']}/note"
        assert client("GET", url).status == 200
        assert client("PUT", url, {"path": "note", "text": "x"}).json["text"] == "x"
        assert client("GET", url).json["text"] == "x"
        client("DELETE", url)
        assert client("GET", url).status == 404
