"""Label and field selectors, in lists and in what deletes a whole collection."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from mockserver.engine.inferred.selectors import field_selector, label_selector
from tests.engine.inference.served import answers, api, asked, ref, served, takes

SHOP = {"metadata": {"name": "a", "labels": {"app": "shop", "tier": "web"}}, "phase": "Running"}


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("app=shop", True),
        ("app==shop", True),
        ("app!=shop", False),
        ("app=shop,tier=api", False),
        ("tier in (web, api)", True),
        ("tier notin (web,api)", False),
        ("app=shop, tier in (api,web), !canary", True),
        ("tier", True),
        ("!tier", False),
        ("canary", False),
        ("canary!=yes", True),
        ("canary notin (yes)", True),
        ("", True),
        ("((tier", False),
        ("tier in (web", False),
    ],
)
def test_labels_meet_all_requirements(selector: str, selected: bool) -> None:
    assert label_selector(selector)(SHOP) is selected


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("metadata.name=a", True),
        ("metadata.name=b", False),
        ("phase!=Pending,metadata.name=a", True),
        ("phase=Running,metadata.name!=a", False),
    ],
)
def test_fields_meet_all_requirements(selector: str, selected: bool) -> None:
    assert field_selector(selector)(SHOP) is selected


@pytest.mark.parametrize("value", [None, 3, [], {"metadata": None}, {"metadata": {"labels": 1}}])
def test_what_has_no_labels_meets_no_requirement_of_them(value: Any) -> None:
    assert not label_selector("app=shop")(value)
    assert label_selector("!app")(value)


def pods() -> dict[str, Any]:
    text = {"type": "string"}
    labels = {"type": "object", "additionalProperties": text}
    about = {"type": "object", "properties": {"name": text, "labels": labels}}
    pod = {"type": "object", "required": ["metadata"], "properties": {"metadata": about}}
    paging = {"continue": text, "remainingItemCount": {"type": "integer"}}
    several = {
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {"type": "array", "items": ref("Pod")},
            "metadata": {"type": "object", "properties": paging},
        },
    }
    query = [asked("labelSelector"), asked("fieldSelector")]
    pages = [asked("limit", {"type": "integer"}), asked("continue")]
    paths = {
        "/pods": {
            "get": {"parameters": [*query, *pages], "responses": answers(s200=several)},
            "post": {"requestBody": takes(ref("Pod")), "responses": answers(s201=ref("Pod"))},
            "delete": {"parameters": query, "responses": answers(s200={"type": "object"})},
        },
        "/pods/{name}": {
            "parameters": [asked("name", text, "path")],
            "get": {"responses": answers(s200=ref("Pod"))},
        },
    }
    return api(paths, {"Pod": pod})


def test_a_collection_is_listed_in_parts_and_deleted_in_part() -> None:
    def names(url: str) -> list[str]:
        return [each["metadata"]["name"] for each in client("GET", url).json["items"]]

    with served(pods(), records=0) as client:
        for name, app in (("a", "shop"), ("b", "shop"), ("c", "api")):
            client("POST", "/pods", {"metadata": {"name": name, "labels": {"app": app}}})
        assert names(f"/pods?labelSelector={quote('app=shop')}") == ["a", "b"]
        assert names(f"/pods?fieldSelector={quote('metadata.name!=a')}") == ["b", "c"]
        first = client("GET", "/pods?limit=2").json
        assert first["metadata"]["remainingItemCount"] == 1
        assert names(f"/pods?limit=2&continue={first['metadata']['continue']}") == ["c"]
        client("DELETE", f"/pods?labelSelector={quote('app=shop')}")
        assert names("/pods") == ["c"]
        client("DELETE", "/pods")
        assert names("/pods") == []
