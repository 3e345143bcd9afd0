"""The description in spec/immich.yaml is sound, complete and agrees with itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from connexion.spec import Specification

from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Description, Operation, read_description

SPEC = Path(__file__).resolve().parents[2] / "spec" / "immich.yaml"

OPERATIONS = {
    "check_bulk_upload": ("POST", "/assets/bulk-upload-check"),
    "check_existing_assets": ("POST", "/assets/exist"),
    "delete_assets": ("DELETE", "/assets"),
    "download_asset": ("GET", "/assets/{id}/original"),
    "get_all_user_assets_by_device_id": ("GET", "/assets/device/{deviceId}"),
    "get_asset_info": ("GET", "/assets/{id}"),
    "get_asset_statistics": ("GET", "/assets/statistics"),
    "get_random": ("GET", "/assets/random"),
    "play_asset_video": ("GET", "/assets/{id}/video/playback"),
    "replace_asset": ("PUT", "/assets/{id}/original"),
    "run_asset_jobs": ("POST", "/assets/jobs"),
    "update_asset": ("PUT", "/assets/{id}"),
    "update_assets": ("PUT", "/assets"),
    "upload_asset": ("POST", "/assets"),
    "view_asset": ("GET", "/assets/{id}/thumbnail"),
}
SHARED = {
    "download_asset",
    "get_asset_info",
    "play_asset_video",
    "replace_asset",
    "upload_asset",
    "view_asset",
}
MEDIA = {"download_asset", "play_asset_video", "view_asset"}
STORING = {"replace_asset", "update_asset", "update_assets", "upload_asset"}
SUCCESSES = {name: {"200"} for name in OPERATIONS} | {
    "delete_assets": {"204"},
    "download_asset": {"200", "206"},
    "play_asset_video": {"200", "206"},
    "run_asset_jobs": {"204"},
    "update_assets": {"204"},
    "upload_asset": {"200", "201"},
    "view_asset": {"200", "206", "302"},
}
PARAMETERS: dict[str, set[tuple[str, str]]] = {name: set() for name in OPERATIONS} | {
    "download_asset": {("path", "id"), ("header", "Range"), ("header", "If-None-Match")},
    "get_all_user_assets_by_device_id": {("path", "deviceId")},
    "get_asset_info": {("path", "id")},
    "get_asset_statistics": {
        ("query", "isFavorite"),
        ("query", "isTrashed"),
        ("query", "visibility"),
    },
    "get_random": {("query", "count")},
    "play_asset_video": {("path", "id"), ("header", "Range"), ("header", "If-None-Match")},
    "replace_asset": {("path", "id")},
    "update_asset": {("path", "id")},
    "upload_asset": {("header", "x-immich-checksum")},
    "view_asset": {
        ("path", "id"),
        ("query", "size"),
        ("header", "Range"),
        ("header", "If-None-Match"),
    },
}
UPLOADED = {"assetData", "deviceAssetId", "deviceId", "fileCreatedAt", "fileModifiedAt"}
REQUIRED = {
    "AssetBulkDeleteDto": {"ids"},
    "AssetBulkUpdateDto": {"ids"},
    "AssetBulkUploadCheckDto": {"assets"},
    "AssetBulkUploadCheckItem": {"checksum", "id"},
    "AssetBulkUploadCheckResponseDto": {"results"},
    "AssetBulkUploadCheckResult": {"action", "id"},
    "AssetFaceWithoutPersonResponseDto": {
        "boundingBoxX1",
        "boundingBoxX2",
        "boundingBoxY1",
        "boundingBoxY2",
        "id",
        "imageHeight",
        "imageWidth",
    },
    "AssetJobsDto": {"assetIds", "name"},
    "AssetMediaCreateDto": UPLOADED,
    "AssetMediaReplaceDto": UPLOADED,
    "AssetMediaResponseDto": {"id", "status"},
    "AssetResponseDto": {
        "checksum",
        "deviceAssetId",
        "deviceId",
        "duration",
        "fileCreatedAt",
        "fileModifiedAt",
        "hasMetadata",
        "id",
        "isArchived",
        "isFavorite",
        "isOffline",
        "isTrashed",
        "localDateTime",
        "originalFileName",
        "originalPath",
        "ownerId",
        "thumbhash",
        "type",
        "updatedAt",
        "visibility",
    },
    "AssetStackResponseDto": {"assetCount", "id", "primaryAssetId"},
    "AssetStatsResponseDto": {"images", "total", "videos"},
    "CheckExistingAssetsDto": {"deviceAssetIds", "deviceId"},
    "CheckExistingAssetsResponseDto": {"existingIds"},
    "ExifResponseDto": set(),
    "PersonWithFacesResponseDto": {
        "birthDate",
        "faces",
        "id",
        "isHidden",
        "name",
        "thumbnailPath",
    },
    "SanitizedAssetResponse": {
        "duration",
        "hasMetadata",
        "id",
        "localDateTime",
        "thumbhash",
        "type",
    },
    "TagResponseDto": {"createdAt", "id", "name", "updatedAt", "value"},
    "UpdateAssetDto": set(),
    "UserResponseDto": {
        "avatarColor",
        "email",
        "id",
        "name",
        "profileChangedAt",
        "profileImagePath",
    },
}
ENUMS = {
    "AssetJobName": {
        "refresh-faces",
        "refresh-metadata",
        "regenerate-thumbnail",
        "transcode-video",
    },
    "AssetMediaSize": {"fullsize", "preview", "thumbnail"},
    "AssetMediaStatus": {"created", "replaced", "duplicate"},
    "AssetTypeEnum": {"IMAGE", "VIDEO", "AUDIO", "OTHER"},
    "AssetVisibility": {"archive", "timeline", "hidden", "locked"},
    "SourceType": {"machine-learning", "exif", "manual"},
    "UserAvatarColor": {
        "primary",
        "pink",
        "red",
        "yellow",
        "blue",
        "green",
        "purple",
        "orange",
        "gray",
        "amber",
    },
}

ID = "11111111-1111-4111-8111-111111111111"
VERSION_1 = "11111111-1111-1111-8111-111111111111"
MOMENT = "2025-01-01T00:00:00.000Z"
FORM = {
    "assetData": "bytes",
    "deviceAssetId": "x",
    "deviceId": "x",
    "fileCreatedAt": MOMENT,
    "fileModifiedAt": MOMENT,
}
SANITIZED = {
    "id": ID,
    "type": "IMAGE",
    "thumbhash": None,
    "localDateTime": MOMENT,
    "duration": "x",
    "hasMetadata": False,
}
ASSET = SANITIZED | {
    "checksum": "x",
    "deviceAssetId": "x",
    "deviceId": "x",
    "fileCreatedAt": MOMENT,
    "fileModifiedAt": MOMENT,
    "isArchived": False,
    "isFavorite": False,
    "isOffline": False,
    "isTrashed": False,
    "originalFileName": "x",
    "originalPath": "x",
    "ownerId": "x",
    "updatedAt": MOMENT,
    "visibility": "archive",
}
FACE = {
    "id": ID,
    "boundingBoxX1": 0,
    "boundingBoxX2": 0,
    "boundingBoxY1": 0,
    "boundingBoxY2": 0,
    "imageHeight": 0,
    "imageWidth": 0,
}
PERSON = {
    "id": ID,
    "birthDate": None,
    "faces": [FACE],
    "isHidden": False,
    "name": "x",
    "thumbnailPath": "x",
}
TAG = {"id": ID, "createdAt": MOMENT, "updatedAt": MOMENT, "name": "x", "value": "x"}
USER = {
    "id": ID,
    "avatarColor": "primary",
    "email": "x",
    "name": "x",
    "profileChangedAt": MOMENT,
    "profileImagePath": "",
}
LINK = {
    "id": ID,
    "key": "x",
    "userId": ID,
    "assetIds": [ID],
    "allowUpload": False,
    "allowDownload": True,
    "showExif": True,
    "expiresAt": None,
}
ERROR = {"message": "Unauthorized", "statusCode": 401}

VALID = [
    ("AssetBulkDeleteDto", {"ids": [ID]}),
    ("AssetBulkDeleteDto", {"ids": [], "force": "true", "unheard_of": 1}),
    ("AssetBulkUpdateDto", {"ids": [ID]}),
    ("AssetBulkUpdateDto", {"ids": [], "duplicateId": None, "rating": -1}),
    ("AssetBulkUploadCheckDto", {"assets": [{"checksum": "x", "id": ID}]}),
    ("AssetBulkUploadCheckResponseDto", {"results": []}),
    ("AssetBulkUploadCheckResult", {"action": "accept", "id": ID}),
    ("AssetFaceWithoutPersonResponseDto", FACE | {"sourceType": "exif"}),
    ("AssetJobsDto", {"assetIds": [ID], "name": "refresh-faces"}),
    ("AssetMediaCreateDto", FORM),
    ("AssetMediaCreateDto", FORM | {"isFavorite": "false", "livePhotoVideoId": ID}),
    ("AssetMediaCreateDto", FORM | {"fileCreatedAt": "2025-01-02T03:04:05.123456+00:00"}),
    ("AssetMediaReplaceDto", FORM | {"duration": ""}),
    ("AssetMediaResponseDto", {"id": ID, "status": "created"}),
    ("AssetResponseDto", ASSET),
    (
        "AssetResponseDto",
        ASSET | {"owner": USER, "tags": [TAG], "people": [PERSON], "stack": None, "exifInfo": {}},
    ),
    (
        "AssetResponseDto",
        ASSET | {"stack": {"assetCount": 0, "id": ID, "primaryAssetId": "x"}, "libraryId": None},
    ),
    ("AssetStatsResponseDto", {"images": 0, "total": 0, "videos": 0}),
    ("CheckExistingAssetsDto", {"deviceAssetIds": ["x"], "deviceId": "x"}),
    ("CheckExistingAssetsDto", {"deviceAssetIds": ["x"], "deviceId": 5}),
    ("CheckExistingAssetsResponseDto", {"existingIds": []}),
    ("Error", ERROR),
    ("Error", {"message": ["x"], "error": "x", "statusCode": 400, "correlationId": "x"}),
    ("ExifResponseDto", {}),
    ("ExifResponseDto", {"city": None, "fNumber": 2.8, "dateTimeOriginal": MOMENT}),
    ("SanitizedAssetResponse", SANITIZED),
    ("SharedLink", LINK),
    ("UpdateAssetDto", {}),
    ("UpdateAssetDto", {"latitude": 0, "longitude": -180, "livePhotoVideoId": None}),
    ("UpdateAssetDto", {"latitude": "45.5", "longitude": "+7"}),
    ("UpdateAssetDto", {"livePhotoVideoId": "ABCDEFAB-CDEF-4BCD-ABCD-ABCDEFABCDEF"}),
    ("UpdateAssetDto", {"description": "", "rating": 5.0, "isFavorite": True}),
    ("UpdateAssetDto", {"dateTimeOriginal": "2024-02-29"}),
    ("UpdateAssetDto", {"dateTimeOriginal": "2024-02-29 10:11:12.5+0530"}),
    ("UserResponseDto", USER),
]
INVALID = [
    ("AssetBulkDeleteDto", {}),
    ("AssetBulkDeleteDto", {"ids": [VERSION_1]}),
    ("AssetBulkDeleteDto", {"ids": ID}),
    ("AssetBulkDeleteDto", {"ids": [], "force": 1}),
    ("AssetBulkUpdateDto", {"ids": [], "longitude": 7}),
    ("AssetBulkUpdateDto", {"ids": [], "visibility": None}),
    ("AssetBulkUploadCheckDto", {"assets": [{"checksum": "", "id": ID}]}),
    ("AssetBulkUploadCheckDto", {"assets": [{"checksum": "x", "id": 1}]}),
    ("AssetJobsDto", {"assetIds": [ID], "name": "refresh-mind"}),
    ("AssetMediaCreateDto", FORM | {"isFavorite": True}),
    ("AssetMediaCreateDto", FORM | {"deviceId": ""}),
    ("AssetMediaCreateDto", FORM | {"fileCreatedAt": "yesterday"}),
    ("AssetMediaCreateDto", FORM | {"livePhotoVideoId": VERSION_1}),
    ("AssetMediaReplaceDto", {"assetData": "bytes"}),
    ("AssetMediaResponseDto", {"id": ID, "status": "lost"}),
    ("AssetResponseDto", SANITIZED),
    ("AssetResponseDto", ASSET | {"fileCreatedAt": "2025-01-01"}),
    ("AssetResponseDto", ASSET | {"owner": None}),
    ("CheckExistingAssetsDto", {"deviceAssetIds": [], "deviceId": "x"}),
    ("CheckExistingAssetsDto", {"deviceAssetIds": [""], "deviceId": "x"}),
    ("CheckExistingAssetsDto", {"deviceAssetIds": ["x"], "deviceId": ""}),
    ("CheckExistingAssetsDto", {"deviceAssetIds": ["x"], "deviceId": None}),
    ("Error", {"message": "x"}),
    ("SanitizedAssetResponse", SANITIZED | {"hasMetadata": True}),
    ("SharedLink", LINK | {"key": ""}),
    ("UpdateAssetDto", {"latitude": 45}),
    ("UpdateAssetDto", {"latitude": 45, "longitude": None}),
    ("UpdateAssetDto", {"latitude": 90.1, "longitude": 7}),
    ("UpdateAssetDto", {"latitude": "91", "longitude": 7}),
    ("UpdateAssetDto", {"latitude": 45, "longitude": -180.1}),
    ("UpdateAssetDto", {"latitude": 1e-7, "longitude": 7}),
    ("UpdateAssetDto", {"rating": 6}),
    ("UpdateAssetDto", {"rating": 2.5}),
    ("UpdateAssetDto", {"rating": "3"}),
    ("UpdateAssetDto", {"description": None}),
    ("UpdateAssetDto", {"isFavorite": "True"}),
    ("UpdateAssetDto", {"livePhotoVideoId": ""}),
    ("UpdateAssetDto", {"dateTimeOriginal": "2023-02-29"}),
    ("UpdateAssetDto", {"dateTimeOriginal": "2024-02-29T25:00"}),
    ("UserResponseDto", USER | {"avatarColor": "black"}),
]


@pytest.fixture(scope="module")
def description() -> Description:
    """The description as the mock reads it; a reference that leads nowhere would raise."""
    return read_description(SPEC)


@pytest.fixture(scope="module")
def operations(description: Description) -> dict[str, Operation]:
    return {operation.id: operation for operation in description.operations}


@pytest.fixture(scope="module")
def declared(description: Description) -> dict[str, Any]:
    """The operations as they are written."""
    return {
        operation["operationId"]: operation
        for item in description.document["paths"].values()
        for operation in item.values()
    }


@pytest.fixture(scope="module")
def schemas(description: Description) -> Schemas:
    return Schemas(description.document)


def component(description: Description, name: str) -> Any:
    return description.document["components"]["schemas"][name]


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


def resolve(document: Any, reference: str) -> Any:
    assert reference.startswith("#/"), f"{reference} leaves the file"
    node = document
    for step in reference[2:].split("/"):
        node = node[step]
    return node


def reachable(document: Any, roots: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = set(roots)
    while waiting:
        reference = waiting.pop()
        found.add(reference)
        waiting |= references(resolve(document, reference)) - found
    return found


def examples(document: Any, node: dict[str, Any]) -> Iterator[Any]:
    """The examples beside a schema: one, or named ones, here or among the components."""
    if "schema" not in node:
        return
    if "example" in node:
        yield node["example"]
    for named in node.get("examples", {}).values():
        found = resolve(document, named["$ref"]) if "$ref" in named else named
        yield found["value"]


def test_connexion_takes_it(description: Description) -> None:
    specification = Specification.load(copy.deepcopy(dict(description.document)))
    assert specification.version == (3, 0, 3)


def test_lines_are_short() -> None:
    long = [
        number
        for number, line in enumerate(SPEC.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100 or line != line.rstrip()
    ]
    assert long == []


def test_it_says_what_it_describes(description: Description) -> None:
    assert description.title == "Immich Assets"
    assert description.document["info"]["version"] == "1.134.0"
    assert description.base_path == "/api"


def test_it_has_the_operations(operations: dict[str, Operation]) -> None:
    assert {name: (each.method, each.path) for name, each in operations.items()} == OPERATIONS


def test_schemas_are_schemas(schemas: Schemas) -> None:
    assert schemas.problems() == []


def test_references_resolve_and_nothing_is_left_over(description: Description) -> None:
    document = description.document
    kept = {
        f"#/components/schemas/{collection.schema}"
        for collection in description.collections.values()
    }
    found = reachable(document, references(document["paths"]) | kept)
    defined = {
        f"#/components/{kind}/{name}"
        for kind, members in document["components"].items()
        for name in members
        if kind != "securitySchemes"
    }
    assert found == defined


def test_every_schema_says_what_it_is(description: Description) -> None:
    declared = description.document["components"]["schemas"]
    assert [name for name, schema in declared.items() if not schema.get("description")] == []
    assert list(declared) == sorted(declared)


def test_required_members(description: Description) -> None:
    found = {name: set(component(description, name).get("required", ())) for name in REQUIRED}
    assert found == REQUIRED
    for name, members in REQUIRED.items():
        assert members <= set(component(description, name)["properties"]), name


def test_enums(description: Description) -> None:
    found = {name: component(description, name)["enum"] for name in ENUMS}
    assert {name: set(values) for name, values in found.items()} == ENUMS
    assert all(len(values) == len(set(values)) for values in found.values())
    result = component(description, "AssetBulkUploadCheckResult")["properties"]
    assert result["action"]["enum"] == ["accept", "reject"]
    assert result["reason"]["enum"] == ["duplicate", "unsupported-format"]


def test_members_that_are_not_known_are_allowed(description: Description) -> None:
    assert [
        place for place, node in walk(description.document) if "additionalProperties" in node
    ] == []


def test_parameters(operations: dict[str, Operation]) -> None:
    found = {
        name: {(parameter.location, parameter.name) for parameter in each.parameters}
        for name, each in operations.items()
    }
    assert found == PARAMETERS


def test_only_what_stands_in_the_path_is_required(operations: dict[str, Operation]) -> None:
    for operation in operations.values():
        for parameter in operation.parameters:
            assert parameter.required == (parameter.location == "path"), parameter.name


@pytest.mark.parametrize(
    ("operation", "parameter", "valid", "invalid"),
    [
        ("get_asset_info", "id", [ID, ID.upper()], [VERSION_1, "", f"{ID} ", ID.replace("-", "")]),
        ("get_random", "count", [1, 2.0, 1000], [0, -1, 2.5, "two"]),
        ("get_asset_statistics", "isTrashed", [True, False], ["True", "1", 1]),
        ("get_asset_statistics", "visibility", ["locked"], ["Locked", ""]),
        ("view_asset", "size", ["fullsize"], ["original", ""]),
        ("get_all_user_assets_by_device_id", "deviceId", [" "], [""]),
    ],
)
def test_values_of_parameters(  # noqa: PLR0913
    operations: dict[str, Operation],
    schemas: Schemas,
    operation: str,
    parameter: str,
    valid: list[Any],
    invalid: list[Any],
) -> None:
    (schema,) = (p.schema for p in operations[operation].parameters if p.name == parameter)
    judge = schemas.validator(schema)
    assert [value for value in valid if not judge.is_valid(value)] == []
    assert [value for value in invalid if judge.is_valid(value)] == []


def test_every_operation_documents_its_answers(operations: dict[str, Operation]) -> None:
    for name, operation in operations.items():
        expected = SUCCESSES[name] | {"400", "401", "404", "431", "500"}
        if name not in SHARED:
            expected = expected | {"403"}
        if operation.method == "GET":
            expected = expected | {"304"}
        if operation.body:
            expected = expected | {"413"}
        if name in MEDIA:
            expected = expected | {"412", "416"}
        if name in STORING:
            expected = expected | {"507"}
        assert set(operation.responses) == expected, name


def test_refusals_have_one_shape(operations: dict[str, Operation]) -> None:
    for operation in operations.values():
        for status, response in operation.responses.items():
            if status in {"412", "416"}:
                assert not response.content, operation.id
            elif status >= "400":
                kind = "application/problem+json" if status == "431" else "application/json"
                name = "Problem" if status == "431" else "Error"
                expected = {kind: {"$ref": f"#/components/schemas/{name}"}}
                assert response.content == expected, (operation.id, status)


def test_headers_that_must_be_there(operations: dict[str, Operation]) -> None:
    for operation in operations.values():
        for status, response in operation.responses.items():
            needed = {"206": ("Content-Range",), "302": ("Location",)}.get(status, ())
            assert response.required_headers == needed, (operation.id, status)


def test_files_come_as_what_they_are(operations: dict[str, Operation]) -> None:
    kinds = {
        "download_asset": {"image/*", "video/*", "application/octet-stream"},
        "play_asset_video": {"video/*", "application/octet-stream"},
        "view_asset": {"image/*"},
    }
    for name, expected in kinds.items():
        for status in ("200", "206"):
            content = operations[name].responses[status].content
            assert set(content) == expected
            assert all(schema["format"] == "binary" for schema in content.values())
        assert not operations[name].responses["304"].content


def test_everybody_must_say_who_calls(description: Description, declared: dict[str, Any]) -> None:
    assert set(description.document["components"]["securitySchemes"]) == {
        "bearer",
        "cookie",
        "api_key",
        "share_key",
    }
    for name, operation in declared.items():
        expected = ["bearer", "cookie", "api_key"] + ["share_key"] * (name in SHARED)
        assert operation["security"] == [{scheme: []} for scheme in expected], name


def test_bodies(operations: dict[str, Operation]) -> None:
    bodies = {name: each.body for name, each in operations.items() if each.body}
    forms = {name for name, body in bodies.items() if "multipart/form-data" in body.content}
    assert forms == {"replace_asset", "upload_asset"}
    assert {name for name, body in bodies.items() if not body.required} == {"update_asset"}
    assert set(bodies) - forms == {
        "check_bulk_upload",
        "check_existing_assets",
        "delete_assets",
        "run_asset_jobs",
        "update_asset",
        "update_assets",
    }


def test_collections(description: Description) -> None:
    found = {name: (each.schema, each.key) for name, each in description.collections.items()}
    assert found == {
        "assets": ("AssetResponseDto", "id"),
        "users": ("UserResponseDto", "id"),
        "shared_links": ("SharedLink", "id"),
    }
    for schema, key in found.values():
        assert key in component(description, schema)["required"]


def test_examples_are_valid(description: Description, schemas: Schemas) -> None:
    wrong = []
    seen = 0
    for place, node in walk(description.document):
        for value in examples(description.document, node):
            seen += 1
            if not schemas.validator(node["schema"]).is_valid(value):
                wrong.append((place, value))
    assert wrong == []
    assert seen >= 30


def test_every_body_has_an_example(declared: dict[str, Any]) -> None:
    for name, operation in declared.items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert content["examples"], name


def test_schemas_carry_no_examples(description: Description) -> None:
    places = walk(description.document["components"]["schemas"])
    assert [place for place, node in places if "example" in node] == []


def test_an_asset_is_shown_whole_or_sanitized(
    operations: dict[str, Operation], schemas: Schemas
) -> None:
    judge = schemas.validator(
        operations["get_asset_info"].responses["200"].content["application/json"]
    )
    assert judge.is_valid(ASSET | {"hasMetadata": True})
    assert judge.is_valid(SANITIZED)
    assert not judge.is_valid(SANITIZED | {"hasMetadata": True})


@pytest.mark.parametrize(("schema", "value"), VALID)
def test_valid_values_are_taken(schema: str, value: Any, schemas: Schemas) -> None:
    assert schemas.violations(schemas.component(schema), value, "body") == []


@pytest.mark.parametrize(("schema", "value"), INVALID)
def test_invalid_values_are_refused(schema: str, value: Any, schemas: Schemas) -> None:
    assert schemas.violations(schemas.component(schema), value, "body") != []


@pytest.mark.parametrize("member", sorted(REQUIRED["AssetResponseDto"]))
def test_an_asset_lacks_nothing(member: str, schemas: Schemas) -> None:
    value = {key: inner for key, inner in ASSET.items() if key != member}
    assert schemas.violations(schemas.component("AssetResponseDto"), value, "body") != []
