"""What clients call their records: compound keys, keys inside metadata, numbers, taken names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.inference.served import Client, answers, api, asked, ref, served, takes

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
ERROR = {"type": "object", "required": ["message"], "properties": {"message": TEXT}}


def listing(item: Any) -> dict[str, Any]:
    return {"responses": answers(s200={"type": "array", "items": item})}


def creating(body: Any, item: Any, *refused: str) -> dict[str, Any]:
    told = {"s" + status: ERROR for status in refused}
    return {"requestBody": takes(body), "responses": answers(s201=item, **told)}


def reading(item: Any) -> dict[str, Any]:
    return {"responses": answers(s200=item, s404=ERROR)}


REPO = {
    "type": "object",
    "required": ["id", "name", "owner"],
    "properties": {
        "id": INTEGER,
        "name": TEXT,
        "owner": {"type": "object", "required": ["login"], "properties": {"login": TEXT}},
    },
}
NEW_REPO = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}


def repositories(*refused: str) -> dict[str, Any]:
    """Repositories read by owner and name, and created by name."""
    one = ref("Repo")
    org = asked("org", TEXT, "path")
    paths = {
        "/user/repos": {"get": listing(one), "post": creating(NEW_REPO, one, *refused)},
        "/orgs/{org}/repos": {"parameters": [org], "post": creating(NEW_REPO, one)},
        "/repos/{owner}/{repo}": {
            "parameters": [asked("owner", TEXT, "path"), asked("repo", TEXT, "path")],
            "get": reading(one),
            "delete": {"responses": answers(s204=None, s404=ERROR)},
        },
    }
    return api(paths, {"Repo": REPO})


def test_a_name_that_is_sent_is_kept_where_the_key_has_other_parts() -> None:
    with served(repositories()) as client:
        told = client("POST", "/user/repos", {"name": "hello"})
        assert told.json["name"] == "hello"
        assert client("GET", told.headers["location"]).json == told.json


def test_what_one_caller_creates_has_one_owner() -> None:
    with served(repositories()) as client:
        made = [client("POST", "/user/repos", {"name": name}).json for name in ("a", "b")]
        assert made[0]["owner"] == made[1]["owner"]


def test_a_path_gives_the_part_of_a_key_that_nothing_else_tells() -> None:
    with served(repositories()) as client:
        assert client("POST", "/orgs/acme/repos", {"name": "hello"}).status == 201
        assert client("GET", "/repos/acme/hello").json["owner"]["login"] == "acme"


@pytest.mark.parametrize("status", ["409", "422"])
def test_a_name_that_is_taken_is_refused_where_that_is_documented(status: str) -> None:
    with served(repositories(status)) as client:
        made = client("POST", "/user/repos", {"name": "hello"})
        told = client("POST", "/user/repos", {"name": "hello"})
        assert told.status == int(status)
        assert "hello already" in told.json["message"]
        assert client("GET", made.headers["location"]).json == made.json


def test_a_record_that_is_an_example_gives_way_to_the_same_example_sent() -> None:
    code = asked("code", TEXT, "path")
    color = {"type": "object", "required": ["code"], "properties": {"code": TEXT, "hue": TEXT}}
    post = creating(ref("Color"), ref("Color"), "422")
    post["requestBody"]["content"]["application/json"]["example"] = {"code": "red", "hue": "warm"}
    paths = {
        "/colors": {"get": listing(ref("Color")), "post": post},
        "/colors/{code}": {"parameters": [code], "get": reading(ref("Color"))},
    }
    with served(api(paths, {"Color": color})) as client:
        assert "red" in [each["code"] for each in client("GET", "/colors").json]
        assert client("POST", "/colors", {"code": "red", "hue": "cold"}).status == 201
        assert client("GET", "/colors/red").json["hue"] == "cold"
        assert client("POST", "/colors", {"code": "red"}).status == 422


POD = {
    "type": "object",
    "properties": {
        "kind": TEXT,
        "metadata": {
            "type": "object",
            "properties": {
                **dict.fromkeys(("name", "namespace", "generateName", "uid"), TEXT),
                "creationTimestamp": {**TEXT, "format": "date-time"},
            },
        },
        "spec": {"type": "object", "properties": {"image": TEXT}},
    },
}


def pods() -> dict[str, Any]:
    """Records that are known by what their metadata say."""
    namespace, name = asked("namespace", TEXT, "path"), asked("name", TEXT, "path")
    one = ref("Pod")
    listed = {"type": "object", "properties": {"items": {"type": "array", "items": one}}}
    paths = {
        "/namespaces/{namespace}/pods": {
            "parameters": [namespace],
            "get": {"responses": answers(s200=listed)},
            "post": creating(one, one),
        },
        "/namespaces/{namespace}/pods/{name}": {
            "parameters": [namespace, name],
            "get": reading(one),
            "put": {"requestBody": takes(one), "responses": answers(s200=one, s404=ERROR)},
            "delete": {"responses": answers(s200=one, s404=ERROR)},
        },
    }
    return api(paths, {"Pod": POD})


def pod(client: Client, **metadata: str) -> Any:
    sent = {"metadata": metadata, "spec": {"image": "nginx"}}
    return client("POST", "/namespaces/dev/pods", sent).json["metadata"]


def test_a_record_is_known_by_the_name_in_its_metadata() -> None:
    with served(pods()) as client:
        made = pod(client, name="web")
        assert (made["name"], made["namespace"]) == ("web", "dev")
        read = client("GET", "/namespaces/dev/pods/web").json
        assert (read["metadata"]["name"], read["spec"]) == ("web", {"image": "nginx"})
        assert client("GET", "/namespaces/other/pods/web").status == 404
        listed = client("GET", "/namespaces/dev/pods").json["items"]
        assert "web" in [each["metadata"]["name"] for each in listed]
        assert client("DELETE", "/namespaces/dev/pods/web").status == 200
        assert client("GET", "/namespaces/dev/pods/web").status == 404


def test_metadata_tell_when_a_record_was_made() -> None:
    with served(pods()) as client:
        made = pod(client, name="web")
        assert made["uid"]
        assert made["creationTimestamp"]
        assert pod(client, name="other")["uid"] != made["uid"]
        sent = {"metadata": {"name": "web"}, "spec": {"image": "redis"}}
        told = client("PUT", "/namespaces/dev/pods/web", sent).json
        assert (told["metadata"], told["spec"]) == (made, {"image": "redis"})


def test_a_name_is_generated_as_the_client_wants_it_to_begin() -> None:
    with served(pods()) as client:
        names = [pod(client, generateName="job-")["name"] for _ in range(2)]
        assert all(name.startswith("job-") and name != "job-" for name in names)
        assert names[0] != names[1]
        assert client("GET", f"/namespaces/dev/pods/{names[1]}").status == 200


@pytest.mark.parametrize(("key", "numbers"), [("number", [1, 2, 1]), ("id", [1, 2, 3])])
def test_numbers_count_below_each_parent_and_ids_do_not(key: str, numbers: list[int]) -> None:
    repo, number = asked("repo", TEXT, "path"), asked(key, INTEGER, "path")
    issue = {"type": "object", "required": [key], "properties": {key: INTEGER, "title": TEXT}}
    paths = {
        "/repos/{repo}/issues": {
            "parameters": [repo],
            "get": listing(ref("Issue")),
            "post": creating(NEW_REPO, ref("Issue")),
        },
        f"/repos/{{repo}}/issues/{{{key}}}": {
            "parameters": [repo, number],
            "get": reading(ref("Issue")),
        },
    }
    with served(api(paths, {"Issue": issue}), records=0) as client:
        made = [client("POST", f"/repos/{r}/issues", {"name": "x"}).json[key] for r in "aab"]
        assert made == numbers


def test_the_id_that_an_answer_tells_is_that_of_the_record() -> None:
    created = {"type": "object", "required": ["Id"], "properties": {"Id": TEXT, "Warning": TEXT}}
    within = {"type": "object", "properties": {"data": {"type": "object", "properties": {
        "networkId": TEXT, "state": TEXT}}}}  # fmt: skip
    network = {"type": "object", "properties": {"Id": TEXT, "Name": TEXT}}
    named = {"type": "object", "properties": {"Name": TEXT}}
    for answer, path in ((created, ("Id",)), (within, ("data", "networkId"))):
        paths = {
            "/networks": {"get": listing(ref("Network"))},
            "/networks/create": {"post": creating(named, answer)},
            "/networks/{id}": {
                "parameters": [asked("id", TEXT, "path")],
                "get": reading(ref("Network")),
            },
        }
        schema = {**answer, "required": ["data"]} if path[0] == "data" else answer
        if path[0] == "data":
            schema["properties"]["data"]["required"] = ["networkId"]
        with served(api(paths, {"Network": network})) as client:
            told = client("POST", "/networks/create", {"Name": "n1"}).json
            for name in path:
                told = told[name]
            assert client("GET", f"/networks/{told}").json == {"Id": told, "Name": "n1"}


def test_an_answer_tells_a_key_that_records_do_not_have() -> None:
    job = {"type": "object", "properties": {"command": TEXT}}
    paths = {
        "/jobs": {"post": creating(job, {"type": "object", "required": ["id"], "properties": {
            "id": INTEGER}})},
        "/jobs/{jobId}": {"parameters": [asked("jobId", INTEGER, "path")], "get": reading(job)},
    }  # fmt: skip
    with served(api(paths)) as client:
        made = client("POST", "/jobs", {"command": "ls"}).json["id"]
        assert client("GET", f"/jobs/{made}").json == {"command": "ls"}


def test_a_path_that_ends_in_a_format_is_that_of_the_record() -> None:
    box = {"type": "object", "properties": {"Id": TEXT, "Image": TEXT, "Name": TEXT}}
    made = {"type": "object", "required": ["Id"], "properties": {"Id": TEXT}}
    post = creating({"type": "object", "properties": {"Image": TEXT}}, made)
    paths = {
        "/boxes/json": {"get": listing(ref("Box"))},
        "/boxes/create": {"post": {**post, "parameters": [asked("name")]}},
        "/boxes/{id}/json": {"parameters": [asked("id", TEXT, "path")], "get": reading(ref("Box"))},
        "/boxes/{id}": {
            "parameters": [asked("id", TEXT, "path")],
            "delete": {"responses": answers(s204=None, s404=ERROR)},
        },
    }
    with served(api(paths, {"Box": box})) as client:
        key = client("POST", "/boxes/create?name=web", {"Image": "nginx"}).json["Id"]
        whole = {"Id": key, "Image": "nginx", "Name": "web"}
        assert client("GET", f"/boxes/{key}/json").json == whole
        assert whole in client("GET", "/boxes/json").json
        assert client("DELETE", f"/boxes/{key}").status == 204
        assert client("GET", f"/boxes/{key}/json").status == 404


def test_a_key_that_no_record_can_have_is_not_put() -> None:
    sku = {"type": "string", "pattern": "^[A-Z]{3}$"}
    item = {"type": "object", "required": ["sku"], "properties": {"sku": sku, "qty": {
        **INTEGER, "default": 5}}}  # fmt: skip
    put = {"requestBody": takes(ref("Item")), "responses": answers(s200=ref("Item"), s404=ERROR)}
    paths = {
        "/items": {"get": listing(ref("Item"))},
        "/items/{sku}": {
            "parameters": [asked("sku", TEXT, "path")],
            "get": reading(ref("Item")),
            "put": put,
        },
    }
    with served(api(paths, {"Item": item})) as client:
        told = client("PUT", "/items/bad", {"sku": "ABC"})
        assert (told.status, "'bad' cannot be the sku" in told.json["message"]) == (404, True)
        assert client("PUT", "/items/ABC", {"sku": "ABC"}).json == {"sku": "ABC", "qty": 5}


@pytest.mark.parametrize("name", ["--5", "-", "\u00b2", "\u0663", "5" * 5_000])
def test_a_key_that_only_looks_like_a_number_is_a_text(name: str) -> None:
    pet = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
    deleted = {"type": "object", "properties": {"name": TEXT, "deleted": {"type": "boolean"}}}
    paths = {
        "/pets/{name}": {
            "parameters": [asked("name", TEXT, "path")],
            "get": {"responses": answers(s200=pet)},
            "put": {"requestBody": takes(pet), "responses": answers(s200=pet)},
            "delete": {"responses": answers(s200=deleted)},
        },
        "/pets/{name}/toys/{toy}": {
            "parameters": [asked("name", TEXT, "path"), asked("toy", TEXT, "path")],
            "get": {"responses": answers(s200=pet)},
        },
    }
    with served(api(paths)) as client:
        assert client("GET", f"/pets/{name}").json["name"] == name
        assert client("GET", f"/pets/{name}/toys/{name}").status == 200
        assert client("PUT", f"/pets/{name}", {"name": name}).json == {"name": name}
        assert client("DELETE", f"/pets/{name}").json["name"] == name
