from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.reading import references
from mockserver.engine.reading.library import Library, Unresolvable, document_at
from mockserver.engine.reading.references import bundle
from mockserver.errors import StartupError

ROOT = "file:///api/openapi.yaml"
HEAD = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}}


def bundled(root: Any, **files: Any) -> tuple[Any, list[tuple[str, str, str]]]:
    """A document with files by name beside it, and what was told: file, pointer, rule.

    Two underscores in a name are a slash, and ``.yaml`` is added.
    """
    known = {f"file:///api/{n.replace('__', '/')}.yaml": value for n, value in files.items()}

    def load(uri: str) -> tuple[Any, str]:
        if uri not in known:
            raise FileNotFoundError(2, "No such file or directory")
        return known[uri], uri.rpartition("/")[2]

    remarks: list[tuple[str, str, str]] = []
    resource = document_at(ROOT, "openapi.yaml", {**HEAD, **copy.deepcopy(root)})
    made = bundle(
        resource,
        Library(resource, load),
        lambda remark: remarks.append((remark.source, remark.pointer, remark.rule)),
    )
    return made, remarks


def schemas(entries: Any, version: str = "3.0.3", **files: Any) -> Any:
    """The component schemas of a document; nothing may be told."""
    made, remarks = bundled({"openapi": version, "components": {"schemas": entries}}, **files)
    assert remarks == []
    return made["components"]["schemas"]


def ref(target: str, **more: Any) -> dict[str, Any]:
    return {"$ref": target, **more}


def local(name: str, section: str = "schemas") -> dict[str, Any]:
    return ref(f"#/components/{section}/{name}")


def test_what_is_within_the_document_stays() -> None:
    entries = {"A": {"properties": {"b": local("B")}}, "B": {"items": local("A")}, "C": local("A")}
    assert schemas(entries) == entries


def test_a_schema_of_another_file() -> None:
    made = schemas({"A": {"items": ref("b.yaml#/B")}}, b={"B": {"type": "integer"}})
    assert made == {"A": {"items": local("B")}, "B": {"type": "integer"}}


def test_a_whole_file_has_its_name() -> None:
    made = schemas({"A": {"items": ref("./pet-shop.yaml")}}, **{"pet-shop": {"type": "integer"}})
    assert made == {"A": {"items": local("pet-shop")}, "pet-shop": {"type": "integer"}}


def test_files_are_relative_to_the_file_that_names_them() -> None:
    made = schemas(
        {"A": ref("x/b.yaml#/B")},
        x__b={"B": {"items": ref("y/c.yaml#/C")}},
        x__y__c={"C": {"items": ref("../../d.yaml#/D")}},
        d={"D": {"items": ref("#/E")}, "E": {"not": ref("/api/x/b.yaml#/B")}},
    )
    assert made == {
        "A": local("B"),
        "B": {"items": local("C")},
        "C": {"items": local("D")},
        "D": {"items": local("E")},
        "E": {"not": local("B")},
    }


def test_files_that_refer_to_each_other() -> None:
    made = schemas(
        {"A": {"items": ref("b.yaml")}},
        b={"items": ref("c.yaml"), "not": ref("#")},
        c={"items": ref("b.yaml"), "not": ref("openapi.yaml#/components/schemas/A")},
    )
    assert made == {
        "A": {"items": local("b")},
        "b": {"items": local("c"), "not": local("b")},
        "c": {"items": local("b"), "not": local("A")},
    }


def test_a_name_that_is_taken_gets_that_of_its_file() -> None:
    made = schemas(
        {"A": {"items": ref("b.yaml#/A"), "not": ref("c.yaml#/A")}, "b_A": {}},
        b={"A": {"type": "integer"}},
        c={"A": {"type": "string"}},
    )
    assert made["A"] == {"items": local("b_A_2"), "not": local("c_A")}
    assert (made["b_A_2"], made["c_A"]) == ({"type": "integer"}, {"type": "string"})


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("#/components/schemas/B/properties/c", "B_c"),
        ("#/components/schemas/B/properties/c~1d", "B_c_d"),
        ("#/components/schemas/B/allOf/0", "B_2"),
        ("#/x-schemas/E%20F", "x-schemas_E_F"),
        ("#/x-schemas/E F", "x-schemas_E_F"),
        ("#/components/schemas/D/properties/c", "B_c"),
        ("#components/schemas/B/properties/c", "B_c"),
        ("openapi.yaml#/components/schemas/B/properties/c", "B_c"),
        (" #/components/schemas/B/properties/c", "B_c"),
    ],
)
def test_any_place_in_the_document_is_made_a_component(reference: str, name: str) -> None:
    properties = {"c": {"type": "integer"}, "c/d": {"type": "integer"}}
    entries = {
        "A": {"items": ref(reference)},
        "B": {"properties": properties, "allOf": [{"type": "integer"}]},
        "D": local("B"),
    }
    made, remarks = bundled(
        {"components": {"schemas": entries}, "x-schemas": {"E F": {"type": "integer"}}}
    )
    assert remarks == []
    assert made["components"]["schemas"]["A"] == {"items": local(name)}
    assert made["components"]["schemas"][name] == {"type": "integer"}


def test_what_goes_round_through_a_pointer_is_kept() -> None:
    made = schemas(
        {"A": {"properties": {"b": {"items": ref("#/components/schemas/A/properties/b")}}}}
    )
    assert made["A_b"] == {"items": local("A_b")}
    assert made["A"] == {"properties": {"b": {"items": local("A_b")}}}


def test_each_kind_goes_to_its_section() -> None:
    kinds = {
        "P": {"name": "p", "in": "query"},
        "B": {"content": {"text/plain": {"schema": ref("#/S"), "examples": {"e": ref("#/E")}}}},
        "R": {"description": "", "headers": {"X": ref("#/H")}, "links": {"l": ref("#/L")}},
        "S": {"type": "string"},
        "E": {"value": 1},
        "H": {"schema": ref("#/S")},
        "L": {"operationId": "o"},
        "C": {"{$url}": {}},
        "K": {"type": "http"},
    }
    operation = {
        "parameters": [ref("k.yaml#/P")],
        "requestBody": ref("k.yaml#/B"),
        "responses": {"200": ref("k.yaml#/R")},
        "callbacks": {"c": ref("k.yaml#/C")},
    }
    schemes = {"securitySchemes": {"key": ref("k.yaml#/K")}}
    made, remarks = bundled({"paths": {"/a": {"get": operation}}, "components": schemes}, k=kinds)
    assert remarks == []
    assert {name: list(section) for name, section in made["components"].items()} == {
        "securitySchemes": ["key", "K"],
        "parameters": ["P"],
        "requestBodies": ["B"],
        "responses": ["R"],
        "callbacks": ["C"],
        "headers": ["H"],
        "links": ["L"],
        "schemas": ["S"],
        "examples": ["E"],
    }
    assert made["components"]["requestBodies"]["B"]["content"]["text/plain"] == {
        "schema": local("S"),
        "examples": {"e": local("E", "examples")},
    }


def test_one_place_of_two_kinds_is_two_components() -> None:
    operation = {"responses": {"200": ref("k.yaml")}, "requestBody": ref("k.yaml")}
    made, _ = bundled({"paths": {"/a": {"get": operation}}}, k={"content": {}})
    assert made["components"] == {"responses": {"k": {"content": {}}},
                                  "requestBodies": {"k": {"content": {}}}}  # fmt: skip


def test_what_has_no_section_stands_where_it_was_referred_to() -> None:
    made, remarks = bundled(
        {
            "info": ref("i.yaml"),
            "paths": {"/a": ref("p.yaml#/a", summary="mine"), "/b": ref("#/paths/~1a")},
            "components": {"schemas": ref("s.yaml")},
        },
        i={"title": "I", "version": "2"},
        p={"a": {"summary": "theirs", "get": ref("#/o")}, "o": {"responses": ref("r.yaml")}},
        r={"200": {"description": "ok"}},
        s={"A": {"properties": ref("t.yaml")}},
        t={"b": {"items": ref("s.yaml#/A")}},
    )
    assert remarks == []
    assert made["info"] == {"title": "I", "version": "2"}
    get = {"responses": {"200": {"description": "ok"}}}
    assert made["paths"]["/a"] == {"summary": "mine", "get": get}
    assert made["paths"]["/b"]["get"] == get
    assert made["components"]["schemas"]["A"]["properties"] == {"b": {"items": local("s_A")}}


def test_what_has_no_section_and_holds_itself_is_kept_apart() -> None:
    made, remarks = bundled({"x-a": ref("b.yaml")}, b={"c": [ref("b.yaml")]})
    assert remarks == []
    assert made["x-a"] == ref("#/x-referenced/b")
    assert made["x-referenced"] == {"b": {"c": [ref("#/x-referenced/b")]}}


def test_references_in_extensions() -> None:
    made, remarks = bundled(
        {"x-a": [ref("b.yaml"), ref("#/components/schemas/A"), ref("none.yaml")],
         "components": {"schemas": {"A": {}}}},
        b={"code": "text"},
    )  # fmt: skip
    assert made["x-a"] == [{"code": "text"}, local("A")]
    assert remarks == [("openapi.yaml", "/x-a/2", "unresolvable-reference")]


def test_examples_are_data_unless_they_are_only_a_reference() -> None:
    data = {"a": ref("#/nothing"), "$ref": "b.yaml"}
    entries = {
        "A": {"example": data, "default": data, "enum": [data]},
        "B": {"example": ref("b.yaml")},
        "C": {"example": ref("#/components/examples/E")},
        "D": {"example": ref("#/nothing")},
    }
    shared = {"examples": {"E": {"value": 3}}}
    made, remarks = bundled({"components": {"schemas": entries, **shared}}, b={"c": ref("d")})
    found = made["components"]["schemas"]
    assert remarks == []
    assert found["A"] == entries["A"]
    assert found["B"] == {"example": {"c": ref("d")}}
    assert found["C"] == {"example": 3}
    assert found["D"] == entries["D"]


def test_properties_may_have_any_name() -> None:
    entries = {"A": {"properties": {"$ref": {"type": "string"}, "example": local("A"), "x-a": {}}}}
    assert schemas(entries) == entries


@pytest.mark.parametrize(
    "reference",
    ["#/nothing", "#/components/schemas/B", "none.yaml", "b.yaml#/C", "b.yaml#/B/0/1", "http://[",
     "#nothing", "c.yaml", "#/components/schemas/A/type/1"],
)  # fmt: skip
def test_what_leads_nowhere_is_told_and_empty(reference: str) -> None:
    entries = {"A": {"type": "array", "items": ref(reference, title="t")}}
    made, remarks = bundled({"components": {"schemas": entries}}, b={"B": []}, c="a text")
    assert made["components"]["schemas"] == {"A": {"type": "array", "items": {"title": "t"}}}
    assert remarks == [("openapi.yaml", "/components/schemas/A/items", "unresolvable-reference")]


def test_what_leads_nowhere_in_another_file_is_told_there() -> None:
    _, remarks = bundled(
        {"components": {"schemas": {"A": {"items": ref("b.yaml#/B")}}}},
        b={"B": {"not": ref("#/C")}},
    )
    assert remarks == [("b.yaml", "/B/not", "unresolvable-reference")]


def test_what_is_not_there_leaves_lists_and_maps() -> None:
    operation = {
        "parameters": [ref("#/no"), {"name": "a", "in": "query"}, ref("#/nor")],
        "requestBody": ref("#/no"),
        "responses": {"200": ref("#/no")},
    }
    made, remarks = bundled({"paths": {"/a": {"get": operation}, "/b": ref("#/no")}})
    assert made["paths"] == {
        "/a": {
            "get": {
                "parameters": [{"name": "a", "in": "query"}],
                "responses": {"200": {"description": ""}},
            }
        }
    }
    assert len(remarks) == 5


def test_places_in_lists_are_those_that_were_written() -> None:
    """Although what leads nowhere is taken out of the list before."""
    parameters = [ref("#/no"), {"name": "a", "in": "query"}]
    other = {"parameters": [ref("#/paths/~1a/parameters/1")]}
    made, _ = bundled({"paths": {"/a": {"parameters": parameters}, "/b": other}})
    [reference] = made["paths"]["/b"]["parameters"]
    name = reference["$ref"].rpartition("/")[2]
    assert made["components"]["parameters"][name] == {"name": "a", "in": "query"}


@pytest.mark.parametrize(
    "entries",
    [
        {"A": local("A")},
        {"A": local("B"), "B": local("C"), "C": local("A")},
        {"A": ref("#/components/schemas/A/items")},
        {"A": ref("b.yaml")},
    ],
)
def test_references_that_lead_to_each_other(entries: Any) -> None:
    made, remarks = bundled(
        {"components": {"schemas": entries}}, b=ref("openapi.yaml#/components/schemas/A")
    )
    assert {rule for *_, rule in remarks} == {"unresolvable-reference"}
    assert {} in made["components"]["schemas"].values()


def test_names_of_components_are_made_legal() -> None:
    entries = {"List«A B»": {"items": local("A%20B")}, "A B": {}, "A_B": {}, "«»": {}}
    made, remarks = bundled(
        {"components": {"schemas": entries},
         "x-a": ref("#/components/schemas/A B"),
         "paths": {"/a": {"parameters": [{"schema": local("List«A B»")}]}}}
    )  # fmt: skip
    assert made["components"]["schemas"] == {
        "List_A_B": {"items": local("A_B_2")}, "A_B_2": {}, "A_B": {}, "schemas": {}
    }  # fmt: skip
    assert made["paths"]["/a"]["parameters"] == [{"schema": local("List_A_B")}]
    assert made["x-a"] == local("A_B_2")
    assert [rule for *_, rule in remarks] == ["component-name"] * 3


def mapping(target: str, **files: Any) -> Any:
    entries = {
        "A": {"discriminator": {"propertyName": "p", "mapping": {"b": target}}},
        "B": {},
        "C D": {},
    }
    made, remarks = bundled({"components": {"schemas": entries}}, **files)
    found = made["components"]["schemas"]["A"]["discriminator"]["mapping"]
    return found, [rule for *_, rule in remarks if rule != "component-name"]


@pytest.mark.parametrize(
    ("target", "made"),
    [
        ("B", "B"),
        ("#/components/schemas/B", "#/components/schemas/B"),
        ("C D", "#/components/schemas/C_D"),
        ("e.yaml#/E", "#/components/schemas/E"),
        ("e.yaml", "#/components/schemas/e"),
    ],
)
def test_the_targets_of_a_discriminator(target: str, made: str) -> None:
    assert mapping(target, e={"E": {}}) == ({"b": made}, [])


@pytest.mark.parametrize("target", ["F", "#/components/schemas/F", "f.yaml", "f.yaml#/F"])
def test_a_target_of_a_discriminator_that_is_not_there(target: str) -> None:
    assert mapping(target) == ({}, ["discriminator-mapping"])


def test_a_discriminator_of_another_file_names_its_own_components() -> None:
    inner = {"discriminator": {"propertyName": "p", "mapping": {"x": "X"}}}
    other = {"components": {"schemas": {"B": inner, "X": {"type": "object"}}}}
    made = schemas({"A": ref("b.yaml#/components/schemas/B"), "X": {}}, b=other)
    assert made["B"]["discriminator"]["mapping"] == {"x": "#/components/schemas/b_X"}


def modern(entries: Any, **files: Any) -> Any:
    return schemas(entries, "3.1.0", **files)


def test_definitions_beside_a_schema() -> None:
    made = modern({"A": {"$id": "https://example.com/a", "$defs": {"b": {"type": "integer"}},
                         "items": ref("#/$defs/b"), "not": local("C")}, "C": {}})  # fmt: skip
    assert made["A"]["items"] == local("A_b")
    assert made["A"]["not"] == local("C")
    assert made["A_b"] == {"type": "integer"}


def test_anchors() -> None:
    made = modern({"A": {"items": ref("#here"), "not": ref("#there")},
                   "B": {"$anchor": "here"}, "C": {"$dynamicAnchor": "there"}})  # fmt: skip
    assert made["A"] == {"items": local("B"), "not": local("C")}


def test_an_anchor_belongs_to_its_resource() -> None:
    inner = {"$id": "b", "$anchor": "here", "items": ref("#here"), "not": ref("a#here")}
    made = modern({"A": {"$id": "a", "$anchor": "here", "$defs": {"b": inner}}})
    found = made["A"]["$defs"]["b"]
    assert (found["items"], found["not"]) == (local("A_b"), local("A"))


def test_schemas_are_found_by_their_ids() -> None:
    entries = {
        "A": {"$id": "https://example.com/s/a", "items": ref("b"), "not": ref("b#/items")},
        "B": {"$id": "https://example.com/s/b", "items": {"type": "string"}},
    }
    made = modern(entries)
    assert made["A"]["items"] == local("B")
    assert made["A"]["not"] == local("B_2")
    assert made["B_2"] == {"type": "string"}


def test_a_file_beside_is_found_although_an_id_says_elsewhere() -> None:
    entries = {"A": {"$id": "https://example.com/s/a", "items": ref("b.yaml")}}
    assert modern(entries, b={"type": "string"})["b"] == {"type": "string"}


def test_dynamic_references_are_references() -> None:
    made = modern({"A": {"$dynamicAnchor": "n", "items": {"$dynamicRef": "#n"}}})
    assert made["A"]["items"] == local("A")


def test_what_stands_beside_a_reference_is_kept() -> None:
    made = modern(
        {"A": ref("#/components/schemas/B", properties={"c": ref("c.yaml")}), "B": {}}, c={}
    )
    assert made["A"] == {**local("B"), "properties": {"c": local("c")}}


def test_path_items_among_the_components() -> None:
    made, remarks = bundled(
        {"openapi": "3.1.0", "paths": {"/a": ref("#/components/pathItems/P")},
         "components": {"pathItems": {"P": {"get": {"requestBody": ref("b.yaml")}}}}},
        b={"content": {}},
    )  # fmt: skip
    assert remarks == []
    assert made["paths"]["/a"] == {"get": {"requestBody": local("b", "requestBodies")}}


def test_swagger_has_sections_of_its_own() -> None:
    operation = {
        "parameters": [ref("#/parameters/P"), ref("k.yaml#/P")],
        "responses": {"200": ref("k.yaml#/R"), "201": {"schema": ref("#/paths/~1b/x-a")}},
    }
    root = {
        "swagger": "2.0",
        "parameters": {"P": {}},
        "paths": {"/a": {"get": operation}, "/b": {"x-a": {"type": "string"}}},
    }
    other = {"P": {"name": "p"}, "R": {"schema": ref("#/S")}, "S": {}}
    resource = document_at(ROOT, "root", root)
    made = bundle(resource, Library(resource, lambda _uri: (other, "k")), pytest.fail)
    get = made["paths"]["/a"]["get"]
    assert get["parameters"] == [ref("#/parameters/P"), ref("#/parameters/k_P")]
    assert get["responses"] == {
        "200": ref("#/responses/R"),
        "201": {"schema": ref("#/definitions/b_x-a")},
    }
    assert made["parameters"]["k_P"] == {"name": "p"}
    assert made["responses"]["R"] == {"schema": ref("#/definitions/S")}
    assert made["definitions"] == {"b_x-a": {"type": "string"}, "S": {}}


def test_what_is_brought_in_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MAX_COPIED", 1000)
    levels = {f"e{n}": {"a": ref(f"#/e{n + 1}"), "b": ref(f"#/e{n + 1}")} for n in range(20)}
    with pytest.raises(StartupError, match="refers to more than 1000 values"):
        bundled({"info": ref("e.yaml#/e0")}, e={**levels, "e20": {}})


def test_a_long_chain_of_references_is_no_depth() -> None:
    chain = {f"S{n}": {"items": ref(f"#/S{n + 1}")} for n in range(3000)}
    assert len(schemas({"A": ref("b.yaml#/S0")}, b={**chain, "S3000": {}})) == 3002


def test_a_pointer_says_what_is_missing() -> None:
    resource = document_at(ROOT, "root", {"a": [{}]})
    library = Library(resource, lambda _uri: (None, ""))
    assert library.find("#/a/0", resource).value == {}
    for reference, missing in (("#/a/0/b", "b"), ("#/a/1", "1"), ("#/a/-", "-"), ("#/c", "c")):
        with pytest.raises(Unresolvable, match=f"there is no '{missing}'"):
            library.find(reference, resource)


# One document, and the same cut into files.

NAMES = ("A", "B", "C", "D")
SIMPLE = st.sampled_from([{"type": "string"}, {"type": "integer"}, {"enum": ["a"]}])
SCHEMA = st.recursive(
    SIMPLE | st.sampled_from(NAMES).map(local),
    lambda inner: (
        st.builds(lambda items: {"type": "array", "items": items}, inner)
        | st.builds(lambda listed: {"allOf": listed}, st.lists(inner, min_size=1, max_size=2))
        | st.builds(
            lambda named: {"properties": named},
            st.dictionaries(st.sampled_from(["a", "b/c"]), inner, max_size=2),
        )
    ),
    max_leaves=5,
)


def moved(value: Any, homes: dict[str, str], here: str) -> Any:
    """A schema with its references to components as they are written in one of the files."""
    if isinstance(value, list):
        return [moved(item, homes, here) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        up = "../" * here.count("/")
        same = homes[name] == here
        inside = f"#/components/schemas/{name}" if homes[name] == "openapi" else f"#/{name}"
        return ref(inside if same else f"{up}{homes[name]}.yaml{inside}")
    return {name: moved(item, homes, here) for name, item in value.items()}


def unfolded(value: Any, entries: Any, depth: int) -> Any:
    """A schema with its references followed, some levels deep."""
    if isinstance(value, list):
        return [unfolded(item, entries, depth) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return unfolded(entries[name], entries, depth - 1) if depth else "..."
    return {name: unfolded(item, entries, depth) for name, item in value.items()}


@given(
    st.fixed_dictionaries(dict.fromkeys(NAMES, SCHEMA.filter(lambda made: "$ref" not in made))),
    st.fixed_dictionaries(
        {name: st.sampled_from(["openapi", "b", "x/c", "x/y/d"]) for name in NAMES}
    ),
)
def test_a_document_cut_into_files_is_the_same_document(
    entries: dict[str, Any], homes: dict[str, str]
) -> None:
    response = {"content": {"a/b": {"schema": {"allOf": [local(name) for name in NAMES]}}}}
    paths = {"/a": {"get": {"responses": {"200": response}}}}
    whole, _ = bundled({"paths": paths, "components": {"schemas": entries}})
    files: dict[str, dict[str, Any]] = {home: {} for home in homes.values()}
    for name, schema in entries.items():
        files[homes[name]][name] = moved(schema, homes, homes[name])
    mine = files.pop("openapi", {})
    cut, _ = bundled(
        {"paths": moved(paths, homes, "openapi"), "components": {"schemas": mine}},
        **{home.replace("/", "__"): file for home, file in files.items()},
    )
    found = [unfolded(made["paths"], made["components"]["schemas"], 4) for made in (whole, cut)]
    assert found[0] == found[1]


def test_files_on_a_disk(tmp_path: Path) -> None:
    from mockserver.engine.reading.sources import read_source

    (tmp_path / "parts").mkdir()
    root = {**HEAD, "components": {"schemas": {"A": ref("parts/my%20b.json#/B")}}}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(root), encoding="utf-8")
    (tmp_path / "parts" / "my b.json").write_text(
        json.dumps({"B": {"items": ref("../a.yaml#/components/schemas/A")}}), encoding="utf-8"
    )
    made = read_source(str(tmp_path / "a.yaml"))
    assert made.warnings == ()
    assert made.document["components"]["schemas"] == {"A": local("B"), "B": {"items": local("A")}}
