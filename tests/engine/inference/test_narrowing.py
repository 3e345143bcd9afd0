from __future__ import annotations

from typing import Any

from tests.engine.inference.served import Client, answers, api, asked, ref, served, takes

TEXT = {"type": "string"}
ERROR = {"type": "object", "properties": {"message": TEXT}}


def record(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["id"], "properties": {"id": TEXT, **members}}


SCHEMAS = {
    "Plan": record(title=TEXT),
    "Bucket": record(name=TEXT, planId=TEXT),
    "Task": record(name=TEXT, bucketId=TEXT),
    "Term": record(label=TEXT, set=ref("Set")),
    "Set": record(name=TEXT),
    "School": record(name=TEXT, classes={"type": "array", "items": ref("Class")}),
    "Class": record(title=TEXT),
}


def listed(schema: str) -> dict[str, Any]:
    return {"get": {"responses": answers(s200={"type": "array", "items": ref(schema)}, s404=ERROR)}}


def kept(schema: str) -> dict[str, Any]:
    return {
        "get": {"responses": answers(s200=ref(schema), s404=ERROR)},
        "delete": {"responses": answers(s204=None, s404=ERROR)},
    }


def made(schema: str) -> dict[str, Any]:
    created = answers(s201=ref(schema), s404=ERROR)
    return {**listed(schema), "post": {"requestBody": takes(ref(schema)), "responses": created}}


def described(places: dict[str, dict[str, Any]]) -> dict[str, Any]:
    paths = {}
    for path, operations in places.items():
        names = [part.partition("}")[0] for part in path.split("{")[1:]]
        paths[path] = {"parameters": [asked(name, TEXT, "path") for name in names], **operations}
    return api(paths, SCHEMAS)


def ids(client: Client, url: str) -> list[str]:
    told = client("GET", url)
    assert told.status == 200, told
    return [row["id"] for row in told.json]


def test_a_list_below_another_record_shows_some_and_each_is_answered_there() -> None:
    places = {
        "/mine/plans": made("Plan"),  # what a planId alone would be taken for
        "/mine/plans/{planId}": kept("Plan"),
        "/plans": made("Plan"),
        "/plans/{planId}": kept("Plan"),
        "/buckets": made("Bucket"),
        "/buckets/{bucketId}": kept("Bucket"),
        "/plans/{planId}/buckets": listed("Bucket"),
        "/plans/{planId}/buckets/{bucketId}": kept("Bucket"),
    }
    with served(described(places)) as client:
        for plan in ids(client, "/plans"):
            shown = ids(client, f"/plans/{plan}/buckets")
            assert shown
            for bucket in shown:
                answered = client("GET", f"/plans/{plan}/buckets/{bucket}").json
                assert (answered["id"], answered["planId"]) == (bucket, plan)


def test_a_record_that_lists_its_parents_is_below_each_of_them() -> None:
    places = {
        "/classes": made("Class"),
        "/classes/{classId}": kept("Class"),
        "/schools": made("School"),
        "/schools/{schoolId}": kept("School"),
        "/classes/{classId}/schools": listed("School"),
        "/classes/{classId}/schools/{schoolId}": kept("School"),
    }
    with served(described(places)) as client:
        one, two, other = ids(client, "/classes")
        school = {"id": "s", "name": "North", "classes": [{"id": one}, {"id": two}]}
        assert client("POST", "/schools", school).status == 201
        assert "s" in ids(client, f"/classes/{one}/schools")
        assert "s" in ids(client, f"/classes/{two}/schools")
        assert "s" not in ids(client, f"/classes/{other}/schools")
        assert client("GET", f"/classes/{two}/schools/s").json == school
        assert client("GET", f"/classes/{other}/schools/s").status == 404


def test_what_begins_below_any_parent_is_listed_on_every_path_to_it() -> None:
    """A term has one set, so the second set of a path narrows nothing."""
    places = {
        "/sites/{siteId}/sets": made("Set"),
        "/sites/{siteId}/sets/{setId}": kept("Set"),
        "/sites/{siteId}/sets/{setId}/terms": made("Term"),
        "/sites/{siteId}/sets/{setId}/terms/{termId}": kept("Term"),
        "/sites/{siteId}/sets/{setId}/group/sets/{otherId}": kept("Set"),
        "/sites/{siteId}/sets/{setId}/group/sets/{otherId}/terms": listed("Term"),
        "/sites/{siteId}/sets/{setId}/group/sets/{otherId}/terms/{termId}": kept("Term"),
    }
    with served(described(places)) as client:
        one = ids(client, "/sites/a/sets")[0]
        shown = ids(client, f"/sites/a/sets/{one}/terms")
        around = f"/sites/a/sets/{one}/group/sets/x/terms"
        assert shown
        assert ids(client, around) == shown
        assert client("GET", f"{around}/{shown[0]}").json["id"] == shown[0]
        assert client("DELETE", f"{around}/{shown[0]}").status == 204
        assert shown[0] not in ids(client, f"/sites/a/sets/{one}/terms")


def test_where_nothing_is_below_what_a_call_names_any_key_is_one_until_it_is_deleted() -> None:
    places = {
        "/apps/{app}/buckets": made("Bucket"),
        "/apps/{app}/buckets/{bucketId}": kept("Bucket"),
        "/apps/{app}/tasks": made("Task"),
        "/apps/{app}/tasks/{taskId}": kept("Task"),
        "/apps/{app}/buckets/{bucketId}/tasks": listed("Task"),
        "/apps/{app}/buckets/{bucketId}/tasks/{taskId}": kept("Task"),
    }
    with served(described(places)) as client:
        bucket = ids(client, "/apps/a/buckets")[0]
        below = f"/apps/a/buckets/{bucket}/tasks"
        assert ids(client, below) == []
        shown = client("GET", f"{below}/t").json
        assert (shown["id"], shown["bucketId"]) == ("t", bucket)
        assert client("DELETE", f"{below}/t").status == 204
        assert client("GET", f"{below}/t").status == 404
        assert client("GET", "/apps/a/tasks/never").status == 404


def test_what_only_a_search_with_a_body_shows_nobody_can_know() -> None:
    query = {"type": "object", "required": ["title"], "properties": {"title": TEXT}}
    found = answers(s200={"type": "array", "items": ref("Plan")})
    places = {
        "/plans/search": {"post": {"requestBody": takes(query), "responses": found}},
        "/plans/{planId}": kept("Plan"),
    }
    with served(described(places)) as client:
        assert client("GET", "/plans/any").json["id"] == "any"
        assert client("DELETE", "/plans/any").status == 204
        assert client("GET", "/plans/any").status == 404
