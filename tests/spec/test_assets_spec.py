"""The description in spec/assets.yaml is sound, complete and agrees with itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from connexion.spec import Specification
from jsonschema import Draft202012Validator

SPEC = Path(__file__).resolve().parents[2] / "spec" / "assets.yaml"

ASSETS_OPERATIONS = {
    "assets_create_new_asset": ("post", "/assets/create"),
    "assets_delete_asset": ("post", "/assets/{asset}/delete"),
    "assets_draft": ("post", "/assets/draft"),
    "assets_get_recommended_assets": ("get", "/assets/recommended"),
    "assets_get_related_assets": ("get", "/assets/related"),
    "assets_identifiers_snapshot": ("get", "/assets/identifiers"),
    "assets_pseudo_snapshot": ("get", "/assets/pseudo"),
    "assets_search_assets": ("get", "/assets/search"),
    "assets_search_with_filters": ("post", "/assets/search"),
    "assets_snapshot": ("get", "/assets"),
    "assets_specific_asset_formats_snapshot": ("get", "/assets/{asset}/formats"),
    "assets_specific_asset_snapshot": ("get", "/assets/{asset}"),
    "assets_stream_identifiers": ("get", "/assets/stream/identifiers"),
    "get_assets_stream_transferables": ("get", "/assets/stream/transferables"),
    "stream_assets": ("get", "/assets/stream"),
}
CLIENT_OPERATIONS = {
    "anchors_stream_identifiers": ("get", "/anchors/stream/identifiers"),
    "applications_snapshot": ("get", "/applications"),
    "asset_reclassify": ("post", "/asset/reclassify"),
    "asset_snapshot": ("get", "/asset/{asset}"),
    "asset_snapshot_post": ("post", "/asset/{asset}"),
    "asset_specific_asset_export": ("get", "/asset/{asset}/export"),
    "asset_update": ("post", "/asset/update"),
    "connect": ("post", "/connect"),
    "conversations_stream_identifiers": ("get", "/conversations/stream/identifiers"),
    "format_snapshot": ("get", "/format/{format}"),
    "format_update_value": ("post", "/format/update/value"),
    "formats_snapshot": ("get", "/formats"),
    "full_text_search": ("get", "/search/full_text"),
    "get_well_known_health": ("get", "/.well-known/health"),
    "get_well_known_version": ("get", "/.well-known/version"),
    "head_well_known_health": ("head", "/.well-known/health"),
    "models_snapshot": ("get", "/models"),
    "neural_code_search": ("get", "/search/neural_code"),
    "qgpt_stream": ("get", "/qgpt/stream"),
    "ranges_stream_identifiers": ("get", "/ranges/stream/identifiers"),
    "stream_health": ("get", "/.well-known/stream/health"),
    "user_snapshot": ("get", "/user"),
    "user_stream": ("get", "/user/stream"),
    "workstream_pattern_engine_processors_vision_status": (
        "get",
        "/workstream_pattern_engine/processors/vision/status",
    ),
    "workstream_pattern_engine_processors_vision_status_stream": (
        "get",
        "/workstream_pattern_engine/processors/vision/status/stream",
    ),
}
FEEDS = {
    "anchors_stream_identifiers": {},
    "assets_stream_identifiers": {"collection": "assets"},
    "conversations_stream_identifiers": {},
    "get_assets_stream_transferables": {"collection": "assets"},
    "qgpt_stream": {"first": False},
    "ranges_stream_identifiers": {},
    "stream_assets": {"collection": "assets"},
    "stream_health": {},
    "user_stream": {},
    "workstream_pattern_engine_processors_vision_status_stream": {},
}
STORING = {"assets_create_new_asset", "asset_update", "asset_reclassify", "format_update_value"}
NAMING_IN_THE_BODY = {"asset_update", "asset_reclassify", "format_update_value"}
# Object schemas that allow anything at all. There are none, and there should be none.
FREE_OBJECTS: list[str] = []

MOMENT = {"value": "2024-05-06T07:08:09Z"}
PROGRAM = {
    "id": "program-1",
    "name": "VS_CODE",
    "version": "2.4.0",
    "platform": "MACOS",
    "onboarded": True,
    "privacy": "ANONYMOUS",
}
ASSET = {
    "id": "asset-1",
    "creator": "",
    "created": MOMENT,
    "updated": MOMENT,
    "formats": {"iterable": []},
    "preview": {"base": {"id": "format-1"}},
    "original": {"id": "format-1"},
    "mechanism": "MANUAL",
}
EMBEDDED_ASSET = ASSET | {"preview": {"base": "format-1"}, "original": "format-1"}
FORMAT = {
    "id": "format-1",
    "creator": "",
    "classification": {"generic": "TEXT", "specific": "md"},
    "role": "BOTH",
    "application": PROGRAM,
    "asset": EMBEDDED_ASSET,
    "bytes": {"value": 7, "readable": "7 B"},
    "created": MOMENT,
    "updated": MOMENT,
}
MODEL = {
    "id": "model-1",
    "version": "1",
    "created": MOMENT,
    "name": "A model",
    "cloud": False,
    "type": "BALANCED",
    "usage": "OCR",
}
USER = {"id": "user-1", "aesthetics": {"theme": {"dark": True}, "font": {"size": 14}}}
CONTEXT = {
    "os": "os-1",
    "application": PROGRAM,
    "health": {"os": {"id": "os-1", "version": "12.0.0"}},
}
SEED = {
    "type": "SEEDED_ASSET",
    "asset": {"application": PROGRAM, "format": {"fragment": {"string": {"raw": "# Title"}}}},
}
DEALINGS = {"iterable": [{"interactions": {"viewed": "PT5S"}}]}


def without(value: dict[str, Any], member: str) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if key != member}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(SPEC.read_text(encoding="utf-8"), Loader=loader)


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation | {"method": method, "path": path}
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


@pytest.fixture(scope="module")
def components(document: dict[str, Any]) -> dict[str, Any]:
    """The components as JSON Schema 2020-12 understands them."""
    return json_schema(copy.deepcopy(document["components"]))


def json_schema(node: Any) -> Any:
    if isinstance(node, list):
        return [json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: json_schema(value) for key, value in node.items()}
    if node.pop("nullable", None) is True:
        node["type"] = [node["type"], "null"]
    return node


def errors(schema: dict[str, Any], value: Any, components: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(
        json_schema(schema) | {"components": components},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    return [error.message for error in validator.iter_errors(value)]


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


def resolve(document: dict[str, Any], reference: str) -> Any:
    assert reference.startswith("#/"), f"{reference} leaves the file"
    node = document
    for step in reference[2:].split("/"):
        node = node[step]
    return node


def reachable(document: dict[str, Any], roots: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = set(roots)
    while waiting:
        reference = waiting.pop()
        found.add(reference)
        waiting |= references(resolve(document, reference)) - found
    return found


def test_connexion_takes_it(document: dict[str, Any]) -> None:
    specification = Specification.load(copy.deepcopy(document))
    assert specification.version == (3, 0, 3)


def test_lines_are_short() -> None:
    long = [
        number
        for number, line in enumerate(SPEC.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100 or line != line.rstrip()
    ]
    assert long == []


def test_it_has_the_operations(operations: dict[str, dict[str, Any]]) -> None:
    found = {name: (each["method"], each["path"]) for name, each in operations.items()}
    assert found == ASSETS_OPERATIONS | CLIENT_OPERATIONS


def test_the_assets_operations_reach_249_schemas(
    document: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    bodies = []
    for name in ASSETS_OPERATIONS:
        bodies.append(operations[name].get("requestBody", {}))
        bodies += [
            response
            for status, response in operations[name]["responses"].items()
            if status.startswith("2")
        ]
    found = reachable(document, references(bodies))
    schemas = {reference for reference in found if reference.startswith("#/components/schemas/")}
    assert len(schemas) == 249


def test_no_object_is_free(document: dict[str, Any]) -> None:
    free = [
        place
        for place, node in walk(document["components"]["schemas"])
        if node.get("type") == "object"
        and not node.get("properties")
        and not isinstance(node.get("additionalProperties"), dict)
    ]
    assert free == FREE_OBJECTS


def test_required_members_exist(document: dict[str, Any]) -> None:
    unknown = [
        f"{place}/{member}"
        for place, node in walk(document["components"]["schemas"])
        if node.get("type") == "object"
        for member in node.get("required", [])
        if member not in node["properties"]
    ]
    assert unknown == []


def test_references_resolve_and_nothing_is_left_over(document: dict[str, Any]) -> None:
    found = reachable(document, references(document["paths"]))
    defined = {
        f"#/components/{kind}/{name}"
        for kind, members in document["components"].items()
        for name in members
    }
    assert found == defined


def test_every_schema_says_what_it_is(document: dict[str, Any]) -> None:
    silent = [
        name
        for name, schema in document["components"]["schemas"].items()
        if not schema.get("description")
    ]
    assert silent == []
    assert list(document["components"]["schemas"]) == sorted(document["components"]["schemas"])


def test_every_operation_documents_its_errors(operations: dict[str, dict[str, Any]]) -> None:
    for name, operation in operations.items():
        expected = {"200", "400", "405", "431", "500"}
        if "{" in operation["path"] or name in NAMING_IN_THE_BODY:
            expected |= {"404", "410"}
        if "requestBody" in operation:
            expected |= {"413", "415"}
        if name in STORING:
            expected |= {"507"}
        assert set(operation["responses"]) == expected, name


def test_errors_are_problems_or_plain_text(document: dict[str, Any]) -> None:
    plain = {"NotFound", "Gone", "InternalServerError"}
    for name, response in document["components"]["responses"].items():
        expected = "text/plain" if name in plain else "application/problem+json"
        assert list(response["content"]) == [expected], name
    allow = document["components"]["responses"]["MethodNotAllowed"]["headers"]["Allow"]
    assert allow["required"] is True


def test_bodies_are_optional_where_clients_may_leave_them_out(
    operations: dict[str, dict[str, Any]],
) -> None:
    needed = {
        name for name, each in operations.items() if each.get("requestBody", {}).get("required")
    }
    assert needed == {"asset_reclassify", "asset_update", "connect", "format_update_value"}
    assert sum("requestBody" in each for each in operations.values()) == 10


def test_defaults_are_declared(document: dict[str, Any]) -> None:
    declared = {
        name: parameter["schema"]["default"]
        for name, parameter in document["components"]["parameters"].items()
        if "default" in parameter["schema"]
    }
    assert declared == {
        "pseudo": False,
        "suggested": False,
        "transferable": True,
        "transferables": True,
    }


def test_feeds_and_collections_are_marked(
    document: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    marked = {name: each["x-stream"] for name, each in operations.items() if "x-stream" in each}
    assert marked == FEEDS
    assert document["x-collections"] == {
        "assets": {"schema": "Asset", "key": "id"},
        "users": {"schema": "UserProfile", "key": "id"},
        "models": {"schema": "Model", "key": "id"},
        "applications": {"schema": "Application", "key": "id"},
    }
    for collection in document["x-collections"].values():
        schema = document["components"]["schemas"][collection["schema"]]
        assert collection["key"] in schema["required"]


def test_what_clients_send_is_not_read_only(document: dict[str, Any]) -> None:
    assert [place for place, node in walk(document) if "readOnly" in node] == []
    kinds = document["components"]["schemas"]["ClassificationSpecificEnum"]["enum"]
    assert len(kinds) == len(set(kinds)) == 502
    assert all(isinstance(kind, str) for kind in kinds)


def test_examples_are_valid(document: dict[str, Any], components: dict[str, Any]) -> None:
    wrong = {}
    seen = 0
    for place, node in walk(document):
        for value in examples(document, node):
            seen += 1
            if found := errors(node["schema"], value, components):
                wrong[place] = found
    assert wrong == {}
    assert seen >= 30


def test_schemas_carry_no_examples(components: dict[str, Any]) -> None:
    """Testers that build values from examples inside schemas never come to an end on these."""
    assert [place for place, node in walk(components["schemas"]) if "example" in node] == []


def examples(document: dict[str, Any], node: dict[str, Any]) -> Iterator[Any]:
    """The examples beside a schema: one, or named ones kept among the components."""
    if "schema" not in node:
        return
    if "example" in node:
        yield node["example"]
    for named in node.get("examples", {}).values():
        yield resolve(document, named["$ref"])["value"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("Seed", {}),
        ("Seed", SEED),
        ("Asset", ASSET),
        ("Asset", ASSET | {"deleted": MOMENT, "unheard_of": 1}),
        ("Assets", {"iterable": [ASSET], "indices": {"asset-1": 0, "asset-0": -1}}),
        ("FlattenedAssets", {}),
        ("Format", FORMAT),
        ("Format", FORMAT | {"fragment": {"bytes": {"raw": [104, 105]}}}),
        ("Context", CONTEXT),
        ("Context", CONTEXT | {"user": USER}),
        ("Model", MODEL),
        ("Model", MODEL | {"parameters": None, "maxTokens": {"total": None}}),
        ("UserProfile", USER),
        ("ReturnedUserProfile", {}),
        ("InteractedAssets", DEALINGS),
        ("AssetsSearchWithFiltersInput", {}),
        (
            "AssetsSearchWithFiltersInput",
            {
                "query": "title",
                "space": {"identifers": {"iterable": [{"id": "asset-1"}]}},
                "filters": {
                    "iterable": [
                        {"classification": "md", "operations": {"type": "OR", "iterable": [{}]}}
                    ]
                },
            },
        ),
        ("SearchedAssets", {"iterable": [], "exact": 0, "suggested": 0}),
        ("StreamedIdentifiers", {"iterable": [{"asset": {"id": "asset-1"}, "deleted": True}]}),
    ],
)
def test_valid_values_are_taken(schema: str, value: Any, components: dict[str, Any]) -> None:
    assert errors(components["schemas"][schema], value, components) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("Asset", without(ASSET, "mechanism")),
        ("Asset", ASSET | {"mechanism": "BY_MAGIC"}),
        ("Asset", ASSET | {"name": None}),
        ("Asset", ASSET | {"created": "2024-05-06T07:08:09Z"}),
        ("Assets", {"iterable": [ASSET], "indices": {"asset-1": "first"}}),
        ("Format", FORMAT | {"asset": "asset-1"}),
        ("Format", FORMAT | {"classification": {"generic": "CODE", "specific": "klingon"}}),
        ("Format", without(FORMAT, "bytes")),
        ("Context", without(CONTEXT, "health")),
        ("Model", without(MODEL, "usage")),
        ("UserProfile", {"id": "user-1"}),
        ("Seed", {"type": "SEEDED_FRUIT"}),
        ("Seed", {"asset": without(SEED["asset"], "format")}),
        ("AssetsSearchWithFiltersInput", {"filters": {"type": "XOR", "iterable": []}}),
        ("AssetsSearchWithFiltersInput", {"space": {"identifiers": {"iterable": []}}}),
        ("SearchedAssets", {"iterable": []}),
        ("InteractedAssets", {"iterable": [{"interactions": {"touched": True}}]}),
        ("Problem", {"title": "Bad Request", "status": 400}),
    ],
)
def test_invalid_values_are_refused(schema: str, value: Any, components: dict[str, Any]) -> None:
    assert errors(components["schemas"][schema], value, components) != []
