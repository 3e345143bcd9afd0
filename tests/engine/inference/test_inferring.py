from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Any

import pytest

from mockserver.engine.inference.kinds import KINDS
from mockserver.engine.inference.views import Views
from tests.engine.inference.api_styles import (
    ANY,
    array,
    asked,
    does,
    inferred,
    keyed,
    paged,
    record,
    scoped,
    told,
)
from tests.engine.tiny import reference

INTEGER = {"type": "integer"}
FLAG = {"type": "boolean"}
PET = record("name", "status", id=INTEGER, tags=array(record("name", id=INTEGER)))
PETS = {"Pet": PET}
ONE, MANY = reference("Pet"), array(reference("Pet"))


def test_a_pet_store() -> None:
    found = inferred(
        {
            "/pet": {"post": does(ONE, ONE), "put": does(ONE, ONE)},
            "/pet/findByStatus": {"get": does(MANY, query=["status"])},
            "/pet/findByTags": {"get": does(MANY, query=[{"name": "tags", "schema": array({})}])},
            "/pet/{petId}": {
                "get": does(ONE),
                "post": does(query=["name", "status"]),
                "delete": does(),
            },
            "/pet/{petId}/uploadImage": {"post": does(record("code", "message"))},
            "/store/inventory": {"get": does({"type": "object", "additionalProperties": INTEGER})},
            "/user/login": {"get": does({"type": "string"}, query=["username", "password"])},
            "/user/createWithList": {"post": does(reference("User"), array(reference("User")))},
            "/user/{username}": {
                "get": does(reference("User")),
                "put": does(None, reference("User")),
            },
            "/user": {"post": does(reference("User"), reference("User"))},
        },
        {**PETS, "User": record("username", "email", id=INTEGER)},
    )
    assert told(found) == {
        "POST /pet": "create pet",
        "PUT /pet": "replace pet",
        "GET /pet/findByStatus": "search pet",
        "GET /pet/findByTags": "search pet",
        "GET /pet/{petId}": "read pet",
        "POST /pet/{petId}": "merge pet",
        "DELETE /pet/{petId}": "delete pet",
        "POST /pet/{petId}/uploadImage": "action pet",
        "GET /store/inventory": "singleton-read inventory",
        "GET /user/login": "action user",
        "POST /user/createWithList": "bulk-create user",
        "GET /user/{username}": "read user",
        "PUT /user/{username}": "replace user",
        "POST /user": "create user",
    }
    roles = found.roles
    assert keyed(roles["GET /pet/{petId}"]) == [("petId", "id")]
    assert [(k.parameter, k.location) for k in roles["PUT /pet"].keys] == [("id", "body")]
    assert keyed(roles["GET /user/{username}"]) == [("username", "username")]
    assert asked(roles["GET /pet/findByStatus"]) == {"status": "filter eq status"}
    assert asked(roles["GET /pet/findByTags"]) == {"tags": "filter any tags.name"}
    assert asked(roles["POST /pet/{petId}"]) == {"name": "set  name", "status": "set  status"}
    assert keyed(roles["POST /pet/{petId}/uploadImage"]) == [("petId", "id")]
    assert roles["POST /pet/{petId}/uploadImage"].answer.form == "other"


def test_repositories_have_a_compound_key() -> None:
    repository = record("name", id=INTEGER, owner=record("login", id=INTEGER))
    issue = record("title", "state", number=INTEGER, id=INTEGER)
    text = {"name": "owner", "in": "path", "required": True, "schema": {"type": "string"}}
    names = [text, {**text, "name": "repo"}]
    number = {**text, "name": "issue_number", "schema": INTEGER}
    found = inferred(
        {
            "/repos/{owner}/{repo}": {
                "parameters": names,
                "get": does(reference("Repository")),
                "delete": does(status="204"),
            },
            "/user/repos": {
                "get": does(array(reference("Repository"))),
                "post": does(reference("Repository"), record("name"), status="201"),
            },
            "/repos/{owner}/{repo}/issues": {
                "parameters": names,
                "get": does(array(reference("Issue")), query=["state", "since", "direction"]),
                "post": does(reference("Issue"), record("title"), status="201"),
            },
            "/repos/{owner}/{repo}/issues/{issue_number}": {
                "parameters": [*names, number],
                "get": does(reference("Issue")),
            },
            "/repos/{owner}/{repo}/issues/{issue_number}/lock": {"put": does(status="204")},
            "/repos/{owner}/{repo}/compare/{base}...{head}": {"get": does(record("url", "diff"))},
            "/user/following/{username}": {"get": does(status="204"), "put": does(status="204")},
            "/user": {"get": does(record("login")), "patch": does(record("login"))},
        },
        {"Repository": repository, "Issue": issue},
    )
    assert found.resources["repos"].path == "/repos"
    assert found.resources["repos"].item_path == "/repos/{owner}/{repo}"
    roles = found.roles
    assert keyed(roles["GET /repos/{owner}/{repo}"]) == [("owner", "owner.login"), ("repo", "name")]
    assert told(found)["POST /user/repos"] == "create repos"
    assert told(found)["GET /user/repos"] == "list repos"
    one = roles["GET /repos/{owner}/{repo}/issues/{issue_number}"]
    assert keyed(one) == [("issue_number", "number")]
    assert scoped(one) == [("owner", "repos", ""), ("repo", "repos", "")]
    assert found.resources["issues"].keys[0].kind == "integer"
    lock = roles["PUT /repos/{owner}/{repo}/issues/{issue_number}/lock"]
    assert (lock.kind, lock.resource) == ("action", "issues")
    compared = roles["GET /repos/{owner}/{repo}/compare/{base}...{head}"]
    assert (compared.kind, keyed(compared)) == ("read", [("base", ""), ("head", "")])
    assert told(found)["GET /user/following/{username}"] == "exists following"
    assert told(found)["PUT /user/following/{username}"] == "upsert following"
    assert told(found)["GET /user"] == "singleton-read user"
    assert told(found)["PATCH /user"] == "singleton-merge user"


def test_post_on_a_record_may_be_its_update() -> None:
    customer = record("id", "email", "object", created=INTEGER)
    several = record("object", "url", has_more=FLAG, data=array(reference("C")))
    bounds = {"anyOf": [record("gt", "lt"), INTEGER]}
    found = inferred(
        {
            "/v1/customers": {
                "get": does(
                    several,
                    query=[
                        "limit",
                        "starting_after",
                        "email",
                        {"name": "created", "schema": bounds},
                    ],
                ),
                "post": does(reference("C"), record("email")),
            },
            "/v1/customers/search": {"get": does(several, query=["query"])},
            "/v1/customers/{customer}": {
                "get": does(reference("C")),
                "post": does(reference("C"), record("email")),
                "delete": does(record("id", "deleted")),
            },
            "/v1/charges/{charge}/capture": {"post": does(reference("Ch"), record("amount"))},
            "/v1/charges/{charge}": {"get": does(reference("Ch"))},
        },
        {"C": customer, "Ch": record("id", "amount", "customer")},
    )
    assert told(found) == {
        "GET /v1/customers": "list customers",
        "POST /v1/customers": "create customers",
        "GET /v1/customers/search": "search customers",
        "GET /v1/customers/{customer}": "read customers",
        "POST /v1/customers/{customer}": "merge customers",
        "DELETE /v1/customers/{customer}": "delete customers",
        "POST /v1/charges/{charge}/capture": "action charges",
        "GET /v1/charges/{charge}": "read charges",
    }
    listed = found.roles["GET /v1/customers"]
    assert (listed.answer.form, listed.answer.path) == ("list", ("data",))
    assert paged(listed) == {"more": "has_more", "self": "url"}
    assert asked(listed) == {
        "limit": "limit",
        "starting_after": "cursor",
        "email": "filter eq email",
        "created": "filter range created",
    }
    assert keyed(found.roles["GET /v1/customers/{customer}"]) == [("customer", "id")]
    assert found.roles["POST /v1/charges/{charge}/capture"].answer.form == "item"


def test_resource_names_and_custom_methods() -> None:
    job, operation = reference("Job"), record("done", "error")
    found = inferred(
        {
            "/v1/{parent}/jobs": {
                "get": does(
                    record("nextPageToken", jobs=array(job)), query=["pageSize", "pageToken"]
                ),
                "post": does(operation, job),
            },
            "/v1/{name}": {"get": does(job), "patch": does(job, job), "delete": does(record())},
            "/v1/{name}:cancel": {"post": does(record())},
            "/v1/jobs:purge": {"post": does(operation)},
        },
        {"Job": record("name", "state")},
    )
    assert told(found) == {
        "GET /v1/{parent}/jobs": "list jobs",
        "POST /v1/{parent}/jobs": "create jobs",
        "GET /v1/{name}": "read jobs",
        "PATCH /v1/{name}": "merge jobs",
        "DELETE /v1/{name}": "delete jobs",
        "POST /v1/{name}:cancel": "action jobs",
        "POST /v1/jobs:purge": "action",
    }
    assert keyed(found.roles["POST /v1/{name}:cancel"]) == [("name", "name")]
    assert scoped(found.roles["POST /v1/{parent}/jobs"]) == [("parent", "", "")]
    assert paged(found.roles["GET /v1/{parent}/jobs"]) == {"cursor": "nextPageToken"}


def test_odata() -> None:
    listed = {
        "type": "object",
        "properties": {
            "@odata.context": {"type": "string"},
            "@odata.count": INTEGER,
            "@odata.nextLink": {"type": "string"},
            "value": array(reference("P")),
        },
    }
    found = inferred(
        {
            "/Products": {
                "get": does(listed, query=["$top", "$skip", "$filter", "$orderby", "$expand"]),
                "post": does(reference("P"), reference("P"), status="201"),
            },
            "/Products({Id})": {"get": does(reference("P")), "patch": does(None, reference("P"))},
        },
        {"P": record("Name", Id=INTEGER)},
    )
    assert told(found)["PATCH /Products({Id})"] == "merge Products"
    assert keyed(found.roles["GET /Products({Id})"]) == [("Id", "Id")]
    role = found.roles["GET /Products"]
    assert role.answer.path == ("value",)
    assert paged(role) == {"total": "@odata.count", "next": "@odata.nextLink"}
    meanings = {query.name: query.meaning for query in role.queries}
    assert meanings == {
        "$top": "limit",
        "$skip": "offset",
        "$filter": "",
        "$orderby": "sort",
        "$expand": "ignored",
    }


def test_json_api() -> None:
    article = record("id", "type", attributes=record("title", "state"))
    links = record("next", "prev")
    found = inferred(
        {
            "/articles": {
                "get": does(
                    record(data=array(reference("A")), links=links, included=array(record("id"))),
                    query=["page[number]", "page[size]", "filter[title]", "sort", "include"],
                ),
                "post": does(
                    record(data=reference("A")),
                    record(data=record("type", attributes=record("title"))),
                    status="201",
                ),
            },
            "/articles/{id}": {"get": does(record(data=reference("A")))},
        },
        {"A": article},
    )
    listed, made = found.roles["GET /articles"], found.roles["POST /articles"]
    assert (listed.kind, listed.answer.path) == ("list", ("data",))
    assert paged(listed) == {"next": "links.next", "previous": "links.prev"}
    assert asked(listed) == {
        "page[number]": "page",
        "page[size]": "limit",
        "filter[title]": "filter eq attributes.title",
        "sort": "sort",
        "include": "ignored",
    }
    assert (made.kind, made.body.path, made.answer.path) == ("create", ("data",), ("data",))
    one = found.roles["GET /articles/{id}"]
    assert (one.kind, one.answer.path, keyed(one)) == ("read", ("data",), [("id", "id")])


def test_hal() -> None:
    page = record(size=INTEGER, totalElements=INTEGER, totalPages=INTEGER, number=INTEGER)
    links = record(self=record("href"), next=record("href"))
    embedded = record(orders=array(reference("O")))
    found = inferred(
        {
            "/orders": {"get": does(record(_embedded=embedded, _links=links, page=page))},
            "/orders/{orderId}": {"get": does(reference("O"))},
        },
        {"O": record("orderId", "total", items=array(record("id")))},
    )
    role = found.roles["GET /orders"]
    assert (role.kind, role.answer.path) == ("list", ("_embedded", "orders"))
    assert paged(role) == {
        "count": "page.size",
        "total": "page.totalElements",
        "pages": "page.totalPages",
        "page": "page.number",
        "self": "_links.self",
        "next": "_links.next",
    }
    assert found.roles["GET /orders/{orderId}"].answer.form == "item"


def test_a_paging_object_and_what_is_mine() -> None:
    paging = record("href", "next", limit=INTEGER, offset=INTEGER, total=INTEGER)
    tracks = {"allOf": [paging, record(items=array(reference("T")))]}
    found = inferred(
        {
            "/tracks/{id}": {"get": does(reference("T"))},
            "/tracks": {"get": does(record(tracks=array(reference("T"))), query=["ids"])},
            "/albums/{id}": {"get": does(reference("Al"))},
            "/albums/{id}/tracks": {"get": does(tracks, query=["limit", "offset"])},
            "/browse/new": {"get": does(record(albums=array(reference("Al"))))},
            "/me": {"get": does(record("id", "country"))},
            "/me/tracks": {
                "get": does(tracks),
                "put": does(query=["ids"]),
                "delete": does(query=["ids"]),
            },
            "/me/player/pause": {"put": does(status="204")},
        },
        {"T": record("id", "name", album=reference("Al")), "Al": record("id", "name", "label")},
    )
    assert told(found) == {
        "GET /tracks/{id}": "read tracks",
        "GET /tracks": "list tracks",
        "GET /albums/{id}": "read albums",
        "GET /albums/{id}/tracks": "list tracks",
        "GET /browse/new": "list new",
        "GET /me": "singleton-read me",
        "GET /me/tracks": "list me.tracks",
        "PUT /me/tracks": "upsert me.tracks",
        "DELETE /me/tracks": "bulk-delete me.tracks",
        "PUT /me/player/pause": "action me",
    }
    listed = found.roles["GET /albums/{id}/tracks"]
    assert scoped(listed) == [("id", "albums", "album.id")]
    assert paged(listed)["total"] == "total"
    assert asked(found.roles["GET /tracks"]) == {"ids": "filter any id"}
    assert found.roles["DELETE /me/tracks"].keys[0].location == "query"


def test_remote_procedure_calls_are_actions() -> None:
    call = {"post": does(record("result", "price"), record("card", "amount"))}
    found = inferred({"/getCostEstimate": call, "/authorise": call, "/payments/cancel": call})
    assert set(told(found).values()) == {"action"}


def test_verbs_in_paths() -> None:
    listed = record(pets=array(ONE), page=INTEGER)
    found = inferred(
        {
            "/api/v1/pets/list": {"get": does(listed, query=["page"])},
            "/api/v1/pets/show": {"get": does(ONE, query=["id"])},
            "/api/v1/pets/create": {"post": does(ONE, record("name"))},
            "/api/v1/pets/update/{id}": {"post": does(ONE, record("name"))},
            "/api/v1/pets/delete": {"post": does(None, record("id"))},
            "/api/v1/pets/weigh": {"get": does(record("grams"), query=["scale"])},
        },
        PETS,
    )
    assert told(found) == {
        "GET /api/v1/pets/list": "list pets",
        "GET /api/v1/pets/show": "read pets",
        "POST /api/v1/pets/create": "create pets",
        "POST /api/v1/pets/update/{id}": "merge pets",
        "POST /api/v1/pets/delete": "delete pets",
        "GET /api/v1/pets/weigh": "singleton-read weigh",
    }
    assert [(k.parameter, k.location) for k in found.roles["GET /api/v1/pets/show"].keys] == [
        ("id", "query")
    ]


def test_envelopes_named_after_what_they_hold() -> None:
    lead = record("id", "Company", "Last_Name")
    info = record(page=INTEGER, per_page=INTEGER, count=INTEGER, more_records=FLAG)
    found = inferred(
        {
            "/crm/v2/Leads": {
                "get": does(record(data=array(reference("L")), info=info)),
                "post": does(
                    record(data=array(record("code"))), record(data=array(reference("L")))
                ),
            },
            "/crm/v2/Leads/{id}": {"get": does(record(data=array(reference("L"))))},
            "/products": {
                "post": does(record(product=reference("P")), record(product=record("title")))
            },
            "/products/{product_id}": {"get": does(record(product=reference("P")))},
            "/products/count": {"get": does(record(count=INTEGER))},
        },
        {"L": lead, "P": record("id", "title")},
    )
    assert told(found)["GET /crm/v2/Leads"] == "list Leads"
    assert paged(found.roles["GET /crm/v2/Leads"])["total"] == "info.count"
    assert told(found)["GET /crm/v2/Leads/{id}"] == "read Leads"
    made = found.roles["POST /products"]
    assert (made.kind, made.body.path, made.answer.path) == ("create", ("product",), ("product",))
    assert found.roles["GET /products/{product_id}"].answer.path == ("product",)
    assert told(found)["GET /products/count"] == "singleton-read count"


@pytest.mark.parametrize(
    ("owned", "property_"),
    [
        ({"ownerId": {"type": "string"}}, "ownerId"),
        ({"owner_id": {"type": "string"}}, "owner_id"),
        ({"owner": {"type": "string"}}, "owner"),
        ({"owner": record("id", "name")}, "owner.id"),
        ({"colour": {"type": "string"}}, ""),
    ],
)
def test_one_collection_reached_by_two_paths(owned: object, property_: str) -> None:
    found = inferred(
        {
            "/pets": {"get": does(MANY), "post": does(ONE, ONE)},
            "/pets/{petId}": {"get": does(ONE)},
            "/owners/{ownerId}": {"get": does(record("id", "name"))},
            "/owners/{ownerId}/pets": {"get": does(MANY), "post": does(ONE, ONE)},
        },
        {"Pet": record("id", "name", **owned)},  # type: ignore[arg-type]
    )
    assert sorted(found.resources) == ["owners", "pets"]
    role = found.roles["POST /owners/{ownerId}/pets"]
    assert (role.kind, role.resource) == ("create", "pets")
    assert scoped(role) == [("ownerId", "owners", property_)]


def test_a_list_of_all_whatever_their_parents() -> None:
    found = inferred(
        {
            "/groups/{group}/servers/{server}": {"get": does(reference("Server"))},
            "/servers": {"get": does(record("nextLink", value=array(reference("Server"))))},
            "/me/servers": {"get": does(array(reference("Server")))},
        },
        {"Server": record("name", "size")},
    )
    assert told(found)["GET /servers"] == "list groups.servers"
    assert told(found)["GET /me/servers"] == "list me.servers"
    assert found.resources["groups.servers"].item_path == "/groups/{group}/servers/{server}"


def test_memberships_are_no_second_path_to_records() -> None:
    label = {"get": does(array(reference("Label")))}
    found = inferred(
        {
            "/labels": label,
            "/labels/{name}": {"get": does(reference("Label")), "delete": does()},
            "/issues/{id}/labels": {
                **label,
                "post": does(array(reference("Label")), record("labels")),
            },
            "/issues/{id}/labels/{name}": {"delete": does()},
            "/pulls/{id}/merge": {"get": does(status="204"), "put": does(record("sha"))},
        },
        {"Label": record("name", "colour")},
    )
    assert told(found)["DELETE /issues/{id}/labels/{name}"] == "delete issues.labels"
    assert told(found)["POST /issues/{id}/labels"] == "bulk-create issues.labels"
    assert told(found)["GET /pulls/{id}/merge"] == "exists merge"


def test_where_the_cursor_is() -> None:
    inside = record(results=array(ONE), paging=record(next=record("after", "link")))
    around = record(data=array(ONE), meta=record(cursors=record("next", "previous")))
    found = inferred({"/pets": {"get": does(inside)}, "/dogs": {"get": does(around)}}, PETS)
    assert paged(found.roles["GET /pets"]) == {"cursor": "paging.next.after"}
    assert paged(found.roles["GET /dogs"]) == {
        "cursor": "meta.cursors.next",
        "previous": "meta.cursors.previous",
    }


def test_collections_nested_at_any_depth() -> None:
    found = inferred(
        {
            "/a": {"get": does(array(record("id")))},
            "/a/{aId}": {"get": does(record("id"))},
            "/a/{aId}/b/{bId}": {"get": does(record("id", "aId")), "put": does(None, record("id"))},
            "/a/{aId}/b/{bId}/c": {"post": does(record("id"), record("x"))},
            "/a/{aId}/b/{bId}/c/{cId}": {"get": does(record("id", "bId", "x"))},
            "/a/{aId}/b/{bId}/settings": {"get": does(record("x")), "put": does(None, record("x"))},
        }
    )
    assert [(p.parameter, p.resource, p.property) for p in found.resources["c"].parents] == [
        ("aId", "a", ()),
        ("bId", "b", ("bId",)),
    ]
    assert scoped(found.roles["PUT /a/{aId}/b/{bId}"]) == [("aId", "a", "aId")]
    settings = found.resources["settings"]
    assert (settings.singleton, settings.keys) == (True, ())
    assert [parent.resource for parent in settings.parents] == ["a", "b"]


def test_collections_of_one_name_are_told_apart() -> None:
    listed = {"get": does(array(record("id", "text")))}
    one = {"get": does(record("id", "text"))}
    found = inferred(
        {
            "/v1/posts/{postId}": one,
            "/v1/posts/{postId}/comments": listed,
            "/v1/posts/{postId}/comments/{id}": one,
            "/v1/photos/{photoId}/comments": listed,
            "/v1/photos/{photoId}/comments/{id}": one,
        }
    )
    assert sorted(found.resources) == ["photos.comments", "posts", "posts.comments"]


def test_suffixes_belong_to_no_name() -> None:
    call = record("sid", "to")
    found = inferred(
        {
            "/2010-04-01/Accounts/{AccountSid}/Calls.json": {
                "get": does(record("next_page_uri", page=INTEGER, calls=array(call))),
                "post": does(call, record("to"), status="201"),
            },
            "/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json": {"get": does(call)},
        }
    )
    assert set(told(found).values()) == {"list Calls", "create Calls", "read Calls"}
    assert found.resources["Calls"].key == ("sid",)
    assert found.resources["Calls"].key_parameter == "Sid"


@pytest.mark.parametrize(
    ("parameter", "schema", "item", "key", "kind"),
    [
        ("petId", {}, record(id=INTEGER), "id", "integer"),
        ("id", {}, record("petId", "name"), "petId", "string"),
        ("pet_id", {}, record("PetID"), "PetID", "string"),
        ("slug", {}, record("id", "slug"), "slug", "string"),
        ("uuid", {}, record(uuid={"type": "string", "format": "uuid"}), "uuid", "uuid"),
        ("petSku", {}, record(sku={"type": "string", "pattern": "^a"}), "sku", "pattern"),
        ("pet", {"type": "string"}, record("name", id=INTEGER), "name", "string"),
        ("username", {"type": "string"}, record("login", id=INTEGER), "login", "string"),
        ("kind", {"enum": ["a"]}, record(toes=FLAG), "", "enum"),
        ("petId", {"type": "integer"}, record(toes=FLAG), "", "integer"),
    ],
)
def test_keys(parameter: str, schema: object, item: object, key: str, kind: str) -> None:
    declared = {"name": parameter, "in": "path", "required": True, "schema": schema}
    path = f"/pets/{{{parameter}}}"
    found = inferred({path: {"parameters": [declared], "get": does(item)}})
    assert [(".".join(k.property), k.kind) for k in found.resources["pets"].keys] == [(key, kind)]


@pytest.mark.parametrize(
    ("method", "said", "kind"),
    [
        ("delete", does(), "clear"),
        ("delete", does(query=["ids"]), "bulk-delete"),
        ("delete", does(query=["petId"]), "delete"),
        ("delete", does(None, record("ids")), "bulk-delete"),
        ("put", does(None, MANY), "bulk-replace"),
        ("put", does(None, ONE), "replace"),
        ("put", does(None, record("colour")), "action"),
        ("patch", does(None, MANY), "bulk-merge"),
        ("patch", does(None, ONE), "merge"),
        ("post", does(None, MANY), "bulk-create"),
        ("post", does(record("token"), record("secret")), "action"),
        ("head", does(), "list"),
        ("options", does(), "action"),
    ],
)
def test_what_a_collection_is_asked(method: str, said: object, kind: str) -> None:
    paths = {"/pets": {"get": does(MANY), method: said}, "/pets/{petId}": {"get": does(ONE)}}
    found = inferred(paths, PETS)
    assert told(found)[f"{method.upper()} /pets"] == f"{kind} pets"


@pytest.mark.parametrize(
    ("method", "said", "kind"),
    [
        ("head", does(), "exists"),
        ("put", does(None, ONE), "replace"),
        ("put", does(ONE, ONE, status="201"), "upsert"),
        ("patch", does(None, ONE), "merge"),
        ("delete", does(), "delete"),
        ("post", does(None, record("name")), "merge"),
        ("post", does(record("token"), record("secret")), "action"),
        ("trace", does(), "action"),
    ],
)
def test_what_a_record_is_asked(method: str, said: object, kind: str) -> None:
    paths = {
        "/pets": {"post": does(ONE, ONE)},
        "/pets/{petId}": {"get": does(ONE), method: said},
    }
    found = inferred(paths, PETS)
    assert told(found)[f"{method.upper()} /pets/{{petId}}"] == f"{kind} pets"
    assert keyed(found.roles[f"{method.upper()} /pets/{{petId}}"]) == [("petId", "id")]


def test_a_record_by_another_key_and_lists_below_parameters() -> None:
    release = record("id", "tag_name", "author")
    found = inferred(
        {
            "/releases": {"get": does(array(reference("R")))},
            "/releases/{id}": {"get": does(reference("R"))},
            "/releases/tags/{tag}": {"get": does(reference("R"))},
            "/releases/latest": {"get": does(reference("R"))},
            "/releases/byAuthor/{author}": {"get": does(array(reference("R")))},
        },
        {"R": release},
    )
    assert told(found)["GET /releases/tags/{tag}"] == "read releases"
    assert keyed(found.roles["GET /releases/tags/{tag}"]) == [("tag", "tag_name")]
    assert told(found)["GET /releases/latest"] == "singleton-read latest"
    searched = found.roles["GET /releases/byAuthor/{author}"]
    assert (searched.kind, searched.resource) == ("search", "releases")
    assert scoped(searched) == [("author", "", "author")]


def test_computations_are_no_singletons() -> None:
    required = {"name": "lat", "required": True}
    found = inferred(
        {
            "/cost": {"get": does(record("price"), query=[required])},
            "/search": {"get": does(record("hits"), query=["q"])},
            "/profile": {"get": does(record("name"))},
            "/usage": {"get": does({"type": "string"})},
            "/rides/{id}/destination": {"put": does(record("lat"), record("lat"))},
        }
    )
    assert list(told(found).values()) == [
        "action",
        "action",
        "singleton-read profile",
        "action",
        "singleton-replace destination",
    ]


def test_every_role_has_a_known_kind_and_a_reason() -> None:
    found = inferred({"/": {"get": does()}, "/a": {"get": does(MANY), "trace": does()}}, PETS)
    assert {role.kind for role in found.roles.values()} <= set(KINDS)
    assert all(role.why for role in found.roles.values())
    assert found.problems == ()


def test_a_schema_seen_by_two_threads_at_once_is_seen_whole() -> None:
    begun, go = Event(), Event()
    whole = {"type": "object", "properties": {"a": {}}}

    def resolve(_: Any) -> Any:
        begun.set()
        go.wait(10)
        return whole

    views, schema = Views(resolve), {"$ref": "#/components/schemas/A"}
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(views.view, schema)
        begun.wait(10)
        second = threads.submit(views.view, schema)
        wait([second], timeout=0.05)  # it would be done by now if it did not wait for the first
        go.set()
        assert first.result().properties == second.result().properties == {"a": {}}


def test_a_query_that_names_parts_of_one_thing_does_not_mean_the_whole() -> None:
    followed = record("total", artists=record("items", items=array(ONE)))
    some = {"name": "ids", "in": "query", "required": True, "schema": ANY}
    found = inferred(
        {
            "/me/following": {
                "get": does(followed),
                "put": does(query=[some]),
                "delete": does(query=[some]),
            }
        },
        PETS,
    )
    assert told(found) == {
        "GET /me/following": "singleton-read following",
        "PUT /me/following": "action following",
        "DELETE /me/following": "action following",
    }
