"""The description in spec/plane.yaml is sound, and takes and refuses what the server does."""

from __future__ import annotations

import copy
import json
import os
import sys
import unicodedata
import uuid
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from connexion.spec import Specification

from mockserver.engine.schema import Schemas

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec" / "plane.yaml"
FIXTURES = ROOT / "fixtures" / "plane"

USERS = "/api/v1/assets/user-assets/"
WORKSPACES = "/api/v1/workspaces/{slug}/assets/"
KEYED = {
    "create_generic_asset_upload": ("post", WORKSPACES),
    "create_user_asset_upload": ("post", USERS),
    "delete_user_asset": ("delete", USERS + "{asset_id}/"),
    "get_generic_asset": ("get", WORKSPACES + "{asset_id}/"),
    "update_generic_asset": ("patch", WORKSPACES + "{asset_id}/"),
    "update_user_asset": ("patch", USERS + "{asset_id}/"),
}
PUBLIC = {
    "download_user_object": ("get", "/uploads/{key}"),
    "download_workspace_object": ("get", "/uploads/{workspace}/{key}"),
    "get_static_asset": ("get", "/api/assets/v2/static/{asset_id}/"),
    "upload_object": ("post", "/uploads"),
}
ANSWERS = {
    "create_generic_asset_upload": "200 400 401 403 404 405 406 409 413 415 429 431 500 507",
    "create_user_asset_upload": "200 400 401 403 404 405 406 413 415 429 431 500 507",
    "delete_user_asset": "204 400 401 403 404 405 406 413 429 431 500",
    "download_user_object": "200 206 304 400 403 404 405 412 416 431 500",
    "download_workspace_object": "200 206 304 400 403 404 405 412 416 431 500",
    "get_generic_asset": "200 400 401 403 404 405 406 413 429 431 500",
    "get_static_asset": "302 400 404 405 406 413 429 431 500",
    "update_generic_asset": "204 400 401 403 404 405 406 413 415 429 431 500",
    "update_user_asset": "204 400 401 403 404 405 406 413 415 429 431 500 507",
    "upload_object": "204 400 403 405 413 415 431 500 507",
}
LIMITED = {"200", "204", "400", "404", "405", "409", "415", "500", "507"}
"""Statuses that tell how many requests are left."""

FORMS = ["application/x-www-form-urlencoded", "multipart/form-data"]
FIELDS = {
    "Content-Type": "image/png",
    "key": "0f" * 16 + "-cat.png",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": "access-key/20260301/us-east-1/s3/aws4_request",
    "x-amz-date": "20260301T093000Z",
    "policy": "e30=",
    "x-amz-signature": "0f" * 32,
}
ID = "a0000000-0000-4000-8000-000000000001"
PROJECT = "cccccccc-0000-4000-8000-00000000000c"
AVATAR = {"entity_type": "USER_AVATAR"}
PAGE = {"name": "page.pdf", "type": "application/pdf"}
PREPARED = {
    "upload_data": {"url": "http://localhost/uploads", "fields": FIELDS},
    "asset_id": ID,
    "asset_url": f"/api/assets/v2/static/{ID}/",
}
STORED = {
    "id": ID,
    "attributes": {"name": "cat.png", "type": "image/png", "size": 7},
    "asset": FIELDS["key"],
    "size": 7,
    "user": ID,
    "workspace": None,
    "project": None,
    "entity_type": "USER_COVER",
    "external_id": None,
    "external_source": None,
    "is_uploaded": False,
    "created_at": "2026-03-01T09:30:00Z",
    "is_deleted": False,
}


def without(value: dict[str, Any], member: str) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if key != member}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(SPEC.read_text(encoding="utf-8"), Loader=loader)


@pytest.fixture(scope="module")
def schemas(document: dict[str, Any]) -> Schemas:
    return Schemas(document)


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation | {"method": method, "path": path}
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        reference = node["$ref"]
        assert reference.startswith("#/"), f"{reference} leaves the file"
        node = document
        for step in reference[2:].split("/"):
            node = node[step]
    return node


def walk(node: Any, place: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping of the description, without the insides of the examples."""
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            if key != "example" and place != "#/components/examples":
                yield from walk(value, f"{place}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{place}/{index}")


def references(node: Any) -> set[str]:
    return {inner["$ref"] for _, inner in walk(node) if isinstance(inner.get("$ref"), str)}


def is_valid(schemas: Schemas, name: str, value: Any) -> bool:
    return schemas.validator(schemas.component(name)).is_valid(value)


def test_connexion_takes_it(document: dict[str, Any]) -> None:
    assert Specification.load(copy.deepcopy(document)).version == (3, 0, 3)


def test_it_is_sound(document: dict[str, Any], schemas: Schemas) -> None:
    assert schemas.problems() == []
    assert document["info"]["title"] == "Plane Assets"
    assert document["info"]["version"] == "1.3.1"
    assert document["servers"] == [{"url": "/"}]


def test_lines_are_short() -> None:
    long = [
        number
        for number, line in enumerate(SPEC.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100 or line != line.rstrip()
    ]
    assert long == []


def test_it_has_the_operations(operations: dict[str, dict[str, Any]]) -> None:
    found = {name: (each["method"], each["path"]) for name, each in operations.items()}
    assert found == KEYED | PUBLIC


def test_every_path_lies_under_a_base_path(document: dict[str, Any]) -> None:
    prefixes = document["x-base-paths"]
    assert prefixes == ["/api/v1", "/api/assets/v2", "/uploads"]
    for path in document["paths"]:
        assert sum(f"{path}/".startswith(f"{prefix}/") for prefix in prefixes) == 1, path


def test_keys_are_asked_for_where_the_server_does(
    document: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    assert "security" not in document
    for name, operation in operations.items():
        expected = [{"ApiKeyAuthentication": []}] if name in KEYED else []
        assert operation["security"] == expected, name
    scheme = document["components"]["securitySchemes"]["ApiKeyAuthentication"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")


def test_every_answer_is_documented(operations: dict[str, dict[str, Any]]) -> None:
    found = {name: " ".join(sorted(each["responses"])) for name, each in operations.items()}
    assert found == ANSWERS


def test_answers_have_their_media_types_and_headers(
    document: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    for name, operation in operations.items():
        stored = operation["path"].startswith("/uploads")
        for status, reference in operation["responses"].items():
            response = resolved(document, reference)
            expected = "application/xml" if stored else "application/json"
            if status in ("204", "302", "304"):
                expected = None
            elif status in ("200", "206") and stored:
                expected = "*/*"
            elif status == "431":
                expected = "application/problem+json"
            assert list(response.get("content", {})) == ([expected] if expected else []), name
            if name in KEYED and status in LIMITED:
                headers = {"X-RateLimit-Remaining", "X-RateLimit-Reset"}
                assert headers <= set(response["headers"]), (name, status)
            if status == "405":
                assert resolved(document, response["headers"]["Allow"])["required"] is True
            if status == "302":
                assert response["headers"]["Location"]["required"] is True


def test_bodies_come_as_json_and_as_forms(
    document: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    bodies = {
        name: each["requestBody"] for name, each in operations.items() if "requestBody" in each
    }
    assert {name for name, body in bodies.items() if body["required"]} == {
        "create_generic_asset_upload",
        "create_user_asset_upload",
        "upload_object",
    }
    assert list(bodies.pop("upload_object")["content"]) == ["multipart/form-data"]
    assert set(bodies) == {name for name, (method, _) in KEYED.items() if method[0] == "p"}
    for name, body in bodies.items():
        assert list(body["content"]) == ["application/json", *FORMS], name
        for form in FORMS:
            schema = resolved(document, body["content"][form]["schema"])
            types = [resolved(document, each)["type"] for each in schema["properties"].values()]
            assert set(types) == {"string"}, (name, form)


def test_references_resolve_and_nothing_is_left_over(document: dict[str, Any]) -> None:
    kept = {f"#/components/schemas/{each['schema']}" for each in document["x-collections"].values()}
    found, waiting = set(), references(document["paths"]) | kept
    while waiting:
        reference = waiting.pop()
        found.add(reference)
        waiting |= references(resolved(document, {"$ref": reference})) - found
    defined = {
        f"#/components/{kind}/{name}"
        for kind, members in document["components"].items()
        if kind != "securitySchemes"
        for name in members
    }
    assert found == defined


def test_every_schema_says_what_it_is(document: dict[str, Any]) -> None:
    for kind in ("examples", "headers", "parameters", "responses", "schemas"):
        names = list(document["components"][kind])
        assert names == sorted(names), kind
    components = document["components"]["schemas"]
    assert [name for name, schema in components.items() if not schema.get("description")] == []


def test_examples_are_valid_and_stand_beside_the_schemas(
    document: dict[str, Any], schemas: Schemas
) -> None:
    assert [
        place for place, node in walk(document["components"]["schemas"]) if "example" in node
    ] == []
    seen = 0
    for place, node in walk(document):
        if "schema" not in node or place.startswith("#/x-collections"):
            continue
        named = (resolved(document, each)["value"] for each in node.get("examples", {}).values())
        for value in [*named, *([node["example"]] if "example" in node else [])]:
            seen += 1
            assert schemas.validator(node["schema"]).is_valid(value), (place, value)
    assert seen >= 30


def test_collections_are_those_of_the_fixtures(document: dict[str, Any], schemas: Schemas) -> None:
    assert document["x-collections"] == {
        "assets": {
            "schema": "FileAsset",
            "key": "id",
            "references": {"user": "users", "workspace": "workspaces", "project": "projects"},
        },
        "users": {"schema": "User", "key": "id"},
        "workspaces": {"schema": "Workspace", "key": "id"},
        "projects": {
            "schema": "Project",
            "key": "id",
            "references": {"workspace": "workspaces"},
        },
    }
    records = {name: read(name) for name in document["x-collections"]}
    for name, entry in document["x-collections"].items():
        for record in records[name]:
            assert is_valid(schemas, entry["schema"], record), record["id"]
    known = {name: {record["id"] for record in found} for name, found in records.items()}
    for asset in records["assets"]:
        assert {asset["user"]} <= known["users"] | {None}
        assert {asset["workspace"]} <= known["workspaces"] | {None}
        assert {asset["project"]} <= known["projects"] | {None}
        folder = f"{asset['workspace']}/" if asset["workspace"] else ""
        key = asset["asset"].removeprefix(folder)
        assert uuid.UUID(hex=key[:32]).hex + "-" + asset["attributes"]["name"] == key
        assert asset["is_uploaded"] == ("content" in asset)
        if asset["is_uploaded"]:
            data = (FIXTURES / "files" / asset["content"]["$file"]).read_bytes()
            assert len(data) == asset["size"] == asset["attributes"]["size"]
    for user in records["users"]:
        assert {user["avatar_asset"], user["cover_image_asset"]} <= known["assets"] | {None}
    for identity in read("credentials"):
        assert identity["user"] in known["users"]
        key = identity["credentials"]["ApiKeyAuthentication"]
        assert uuid.UUID(hex=key.removeprefix("plane_api_")).hex == key[10:]


def read(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FIXTURES / f"{name}.json").read_bytes())
    return found


def cleaned(name: str) -> str:
    """What is left of a file's name: no folders, no pairs of dots, no dots or blanks in front."""
    last = os.path.basename(name.replace("\0", "").replace("\\", "/"))  # noqa: PTH119 - a text
    return last.replace("..", "").strip().lstrip(".").strip()


def test_names_are_taken_of_which_something_is_left(schemas: Schemas) -> None:
    for length in range(7):
        for characters in product(". \0/\\a", repeat=length):
            name = "".join(characters)
            assert is_valid(schemas, "FileName", name) == bool(cleaned(name)), repr(name)


def integer(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def test_texts_are_taken_that_python_reads_as_integers(schemas: Schemas) -> None:
    for length in range(6):
        for characters in product("+-_05 \n\u0665", repeat=length):
            text = "".join(characters)
            assert is_valid(schemas, "IntegerText", text) == (integer(text) is not None), repr(text)
            assert is_valid(schemas, "NonzeroIntegerText", text) == bool(integer(text)), repr(text)


def test_digits_and_blanks_of_every_script_are_taken(schemas: Schemas) -> None:
    old = unicodedata.unidata_version == "14.0.0"  # the one of Python 3.11
    # Past two planes there are ideographs, private characters and nothing else.
    for code in (*range(0x20000), *range(0x20000, sys.maxunicode + 1, 97)):
        text = f"{chr(code)}1"
        taken = integer(text) is not None
        if not 0xD800 <= code <= 0xDFFF and (old or not taken):
            assert is_valid(schemas, "IntegerText", text) == taken, hex(code)


def test_projects_are_named_as_python_reads_uuids(schemas: Schemas) -> None:
    for text in (
        PROJECT,
        PROJECT.upper(),
        PROJECT.replace("-", ""),
        f"{{{PROJECT}}}",
        f"urn:uuid:{PROJECT}",
        "cccc-cccc000040008000-00000000000c",
        f" {PROJECT}",
        f"{PROJECT}0",
        "web-shop",
        "g" * 32,
    ):
        try:
            taken = bool(uuid.UUID(text))
        except ValueError:
            taken = False
        assert is_valid(schemas, "ProjectText", text) == taken, text
        assert is_valid(schemas, "ProjectReference", text) == taken, text


def test_slugs_are_one_segment(document: dict[str, Any], schemas: Schemas) -> None:
    schema = document["components"]["parameters"]["slug"]["schema"]
    for slug in ("acme", "acme.", " ", "..", "é\n"):
        assert schemas.validator(schema).is_valid(slug), slug
    for slug in ("", "a/b", "a\0"):
        assert not schemas.validator(schema).is_valid(slug), slug


def test_attachments_have_71_types(document: dict[str, Any]) -> None:
    types = document["components"]["schemas"]["AttachmentType"]["enum"]
    assert types == sorted(set(types))
    assert len(types) == 71
    assert {"image/svg+xml", "application/octet-stream"} < set(types)
    assert "image/jpg" not in types


TAKEN = [
    ("AssetId", ID),
    ("AssetId", "00000000-0000-0000-0000-000000000000"),
    ("UserAssetUpload", AVATAR),
    ("UserAssetUpload", {"entity_type": "USER_COVER", "type": "image/jpg", "is_uploaded": 1}),
    *[
        ("UserAssetUpload", AVATAR | {"name": name})
        for name in (None, "", 5, [], {}, "..", "n" * 767)
    ],
    *[
        ("UserAssetUpload", AVATAR | {"size": size})
        for size in (0, -5, 1.5, True, False, "0", 10**18)
    ],
    *[("UserAssetUpload", AVATAR | {"size": size}) for size in ("+5", " 1_0\n", "\u0661\u0662")],
    ("UserAssetUploadForm", AVATAR | {"name": "", "type": "image/gif", "size": "-1"}),
    ("UserAssetUpdate", {}),
    *[("UserAssetUpdate", {"attributes": value}) for value in ({}, [], "", 0, False, {"a": None})],
    ("UserAssetUpdate", {"attributes": [[None, {"a": {}}]]}),
    ("UserAssetUpdateForm", {"attributes": ""}),
    ("GenericAssetUpload", PAGE),
    *[
        ("GenericAssetUpload", PAGE | {"name": name})
        for name in (".env", "/etc/passwd", "a..b", ". .")
    ],
    *[("GenericAssetUpload", PAGE | {"name": name}) for name in ("x/" * 500 + "n", "n" * 730)],
    *[
        ("GenericAssetUpload", PAGE | {"size": size})
        for size in (1, -1, 1.5, True, "-5", "0_1", 10**18)
    ],
    *[("GenericAssetUpload", PAGE | {"project_id": value}) for value in (None, "", PROJECT)],
    *[
        ("GenericAssetUpload", PAGE | {"external_id": value})
        for value in (None, "", 7, True, ["a"])
    ],
    ("GenericAssetUpload", PAGE | {"external_id": "x" * 255, "external_source": "git\nhub"}),
    ("GenericAssetUploadForm", PAGE | {"size": "12", "project_id": "", "external_id": ""}),
    ("GenericAssetUpdate", {}),
    *[
        ("GenericAssetUpdate", {"is_uploaded": value})
        for value in (True, False, 1, 0, 1.0, "t", "0")
    ],
    *[("GenericAssetUpdateForm", {"is_uploaded": value}) for value in ("True", "1", "f", "False")],
    ("ObjectUpload", FIELDS | {"file": "bytes", "success_action_status": "201"}),
    ("PreparedUpload", PREPARED),
    ("Refusal", {"error": "Invalid file type.", "status": False}),
    ("FileAsset", STORED),
    ("FileAsset", STORED | {"attributes": "anything", "content": {"checksum": "0f"}}),
]


@pytest.mark.parametrize(("schema", "value"), TAKEN)
def test_valid_values_are_taken(schema: str, value: Any, schemas: Schemas) -> None:
    assert is_valid(schemas, schema, value)


REFUSED = [
    ("AssetId", ID.upper()),
    ("AssetId", ID.replace("-", "")),
    ("AssetId", f"{ID}\n"),
    ("UserAssetUpload", []),
    ("UserAssetUpload", {"name": "cat.png", "size": 7}),
    *[
        ("UserAssetUpload", {"entity_type": value})
        for value in (None, "", "user_avatar", ["USER_COVER"])
    ],
    *[
        ("UserAssetUpload", AVATAR | {"type": value})
        for value in (None, "", "IMAGE/PNG", "image/tiff")
    ],
    *[
        ("UserAssetUpload", AVATAR | {"size": size})
        for size in (None, "", "abc", "1.5", "1e3", [5], {})
    ],
    *[("UserAssetUpload", AVATAR | {"size": size}) for size in ("1__0", "_1", "1_", "+ 5", "0x10")],
    ("UserAssetUpload", AVATAR | {"name": "n" * 768}),
    ("UserAssetUploadForm", AVATAR | {"size": "many"}),
    *[("UserAssetUpdate", {"attributes": value}) for value in (None, "\0", [{"a": ["\0"]}])],
    ("UserAssetUpdateForm", {"attributes": "\0"}),
    ("UserAssetUpdate", []),
    ("GenericAssetUpload", without(PAGE, "name")),
    ("GenericAssetUpload", without(PAGE, "type")),
    *[
        ("GenericAssetUpload", PAGE | {"name": name})
        for name in (None, "", " ", "..", "a/", "\0", 5)
    ],
    ("GenericAssetUpload", PAGE | {"name": "n" * 731}),
    *[
        ("GenericAssetUpload", PAGE | {"type": value})
        for value in (None, "", "image/jpg", "text/html")
    ],
    *[
        ("GenericAssetUpload", PAGE | {"size": size})
        for size in (None, 0, 0.5, -0.5, False, "0", "-00")
    ],
    *[
        ("GenericAssetUpload", PAGE | {"project_id": value})
        for value in ("x", f" {PROJECT}", [], 1.5)
    ],
    ("GenericAssetUpload", PAGE | {"external_id": "x" * 256}),
    ("GenericAssetUpload", PAGE | {"external_source": "a\0"}),
    ("GenericAssetUploadForm", PAGE | {"size": "0"}),
    *[
        ("GenericAssetUpdate", {"is_uploaded": value})
        for value in (None, 2, "true", "T", "", [], {})
    ],
    ("GenericAssetUpdateForm", {"is_uploaded": "true"}),
    ("ObjectUpload", FIELDS),
    ("ObjectUpload", FIELDS | {"file": "bytes", "x-amz-algorithm": "AWS4-HMAC-SHA1"}),
    *[("ObjectUpload", without(FIELDS, name) | {"file": "bytes"}) for name in FIELDS],
    *[("UploadFields", without(FIELDS, name)) for name in FIELDS],
    ("PreparedUpload", without(PREPARED, "asset_url")),
    ("Refusal", {"error": "Invalid file type.", "status": True}),
    ("Error", {"error": "Asset not found", "error_code": "NOT_FOUND"}),
    ("FileAsset", without(STORED, "external_id")),
    ("FileAsset", STORED | {"attributes": None}),
    ("FileAsset", STORED | {"entity_type": "SPREADSHEET"}),
]


@pytest.mark.parametrize(("schema", "value"), REFUSED)
def test_invalid_values_are_refused(schema: str, value: Any, schemas: Schemas) -> None:
    assert not is_valid(schemas, schema, value)
