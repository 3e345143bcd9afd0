from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jsonschema_rs
import pytest

from mockserver.engine.values import Unsatisfiable, Values, directed

CARD = {"type": "object", "required": ["number"], "properties": {"number": {"type": "string"}}}
TREE = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "parent": {"$ref": "#/$defs/Tree"},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
    },
    "additionalProperties": False,
}
LINKED = {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}
NODE = {"type": "object", "required": ["next"], "properties": {"next": LINKED}}
PET = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"type": "string"}, "name": {"type": "string"}},
    "discriminator": {"propertyName": "kind", "mapping": {"feline": "#/components/schemas/Cat"}},
}
LIVES = {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer"}}}
CAT = {"allOf": [{"$ref": "#/$defs/Pet"}, LIVES]}
DOG = {"allOf": [{"$ref": "#/$defs/Pet"}, {"properties": {"bark": {"type": "boolean"}}}]}
DEFINITIONS = {
    "Card": CARD, "Tree": TREE, "Node": NODE, "Pet": PET, "Cat": CAT, "Dog": DOG,
    "a/b~c": {"type": "integer", "minimum": 7, "maximum": 7},
}  # fmt: skip


def bundle(schema: Any) -> dict[str, Any]:
    return {"allOf": [schema], "$defs": DEFINITIONS}


def made(schema: Any, number: int = 0, *names: str, **options: Any) -> Any:
    return Values(bundle(schema), seed=1).make(names, number, **options)


def properties(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": [*members]}


TRICKY: list[Any] = [
    True,
    {},
    {"type": "null"},
    {"type": ["string", "null"]},
    {"type": "integer", "minimum": 5, "maximum": 5},
    {"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    {"type": "number", "multipleOf": 0.01, "minimum": 0.07, "maximum": 0.07},
    {"type": "number", "multipleOf": 0.1, "minimum": 2},
    {"type": "integer", "multipleOf": 7, "minimum": 50, "maximum": 60},
    {"allOf": [{"multipleOf": 6}, {"multipleOf": 10}, {"type": "integer", "minimum": 31}]},
    {"type": "integer", "maximum": -10},
    {"type": "integer", "minimum": 10**30},
    {"type": "number", "not": {"type": "integer"}},
    {"type": "integer", "not": {"multipleOf": 2}},
    {"type": "integer", "minimum": 1, "maximum": 3, "not": {"enum": [1, 3]}},
    {"type": "boolean", "not": {"const": True}},
    {"type": "string", "maxLength": 0},
    {"type": "string", "minLength": 3000},
    {"type": "string", "minLength": 2, "maxLength": 2},
    {"type": "string", "pattern": "^[A-Z]{3}-\\d+$", "minLength": 20, "maxLength": 20},
    {"type": "string", "pattern": "b$", "minLength": 9},
    {"type": "string", "pattern": "^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d]{8,12}$"},
    {"type": "string", "pattern": "^(?!test)[a-z]{4}$"},
    {"type": "string", "pattern": "^\\p{Lu}\\p{L}+$"},
    {"type": "string", "pattern": "^\\u0041[^\\W_]\\/$"},
    {"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "z$"}]},
    {"type": "string", "format": "email", "minLength": 40},
    {"type": "string", "format": "uri", "maxLength": 14},
    {"type": "string", "format": "hostname", "minLength": 80},
    {"type": "string", "format": "date", "pattern": "^20"},
    {"type": "string", "not": {"format": "uuid"}},
    {"type": "string", "not": {"pattern": "^[a-z ]*$"}},
    {"enum": ["a", 1, None], "type": "integer"},
    {"enum": ["abc", "x"], "maxLength": 2},
    {"const": {"a": [1, None]}},
    {"allOf": [{"enum": [1, 2, 3]}, {"enum": [3, 4]}]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 30},
    {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
    {"type": "array", "items": {"type": ["boolean", "null"]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"type": "string", "maxLength": 1}, "minItems": 20,
     "uniqueItems": True},
    {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": False},
    {"type": "array", "prefixItems": [{"const": 1}], "unevaluatedItems": False, "minItems": 1},
    {"type": "array", "contains": {"const": 5}, "items": {"type": "integer"}, "minContains": 2},
    {"type": "array", "contains": {"const": 5}, "maxContains": 1, "minItems": 3},
    {"allOf": [{"contains": {"const": 1}}, {"contains": {"const": 2}}, {"type": "array"}]},
    {"type": "array", "items": False},
    {"type": "object", "required": ["undeclared"]},
    {"type": "object", "required": ["a"], "additionalProperties": {"type": "integer"}},
    {"type": "object", "patternProperties": {"^x-[a-z]+$": {"type": "integer"}},
     "additionalProperties": False, "minProperties": 2},
    {"type": "object", "propertyNames": {"pattern": "^[A-Z]{3}$"}, "minProperties": 2,
     "additionalProperties": {"type": "string"}},
    {"type": "object", "minProperties": 2, "maxProperties": 2,
     "properties": {name: {} for name in "abcde"}},
    {"type": "object", "required": ["a"], "properties": {"a": {}, "b": {}, "c": {}},
     "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"b": {"required": ["c"]}}},
    {"allOf": [properties(a={"type": "string"})], "unevaluatedProperties": False},
    {"anyOf": [properties(a={"const": 1}), properties(b={"const": 2})],
     "unevaluatedProperties": False},
    {"allOf": [properties(a={"type": "integer", "minimum": 3}),
               properties(a={"maximum": 3}, b={"type": "string"})]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"oneOf": [{"type": "string", "maxLength": 5}, {"type": "string", "maxLength": 9}]},
    {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}},
               {"type": "object", "properties": {"b": {"type": "string"}}}]},
    {"oneOf": [properties(a={}), properties(a={}, b={})]},
    {"oneOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}], "type": "object",
     "properties": {name: {"type": "integer"} for name in "abc"}},
    {"type": "object", "not": {"required": ["a"]}, "properties": {"a": {}, "b": {}}},
    {"type": "object", "not": {"required": ["a", "b"]}, "properties": {"a": {}, "b": {}}},
    {"not": {"type": ["object", "string", "null"]}},
    {"not": {"anyOf": [{"type": "string"}, {"type": "object"}, {"minimum": -1000}]}},
    {"type": "object", "properties": {"country": {"enum": ["US", "NL"]}, "zip": {}},
     "required": ["country", "zip"],
     "if": {"properties": {"country": {"const": "US"}}},
     "then": {"properties": {"zip": {"type": "string", "pattern": "^\\d{5}$"}}},
     "else": {"properties": {"zip": {"type": "string", "pattern": "^\\d{4}[A-Z]{2}$"}}}},
    {"$ref": "#/$defs/Tree"},
    {"$ref": "#/$defs/Node"},
    {"$ref": "#/$defs/Cat"},
    {"$ref": "#/$defs/Tree/properties/children"},
    {"$ref": "#/$defs/a~1b~0c"},
    {"$ref": "#/$defs/a~1b%7E0c"},
    {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]},
    {"$ref": "#/$defs/Card", "properties": {"number": {"pattern": "^\\d{16}$"}}},
]  # fmt: skip


@pytest.mark.parametrize("schema", TRICKY, ids=range(len(TRICKY)))
@pytest.mark.parametrize("only_required", [False, True])
def test_what_is_made_satisfies_the_schema(schema: Any, only_required: bool) -> None:
    judge = jsonschema_rs.Draft202012Validator(bundle(schema), validate_formats=True)
    values = Values(bundle(schema), seed=1)
    for number in range(5):
        value = values.make(("things",), number, only_required=only_required)
        assert judge.is_valid(json.loads(json.dumps(value))), value


FORMATS = """
    uuid date date-time time duration email idn-email hostname idn-hostname ipv4 ipv6 uri
    uri-reference iri iri-reference uri-template json-pointer relative-json-pointer regex byte
    binary password int32 int64 float double phone unheard-of
"""


@pytest.mark.parametrize("name", [*FORMATS.split()])
def test_formats(name: str) -> None:
    schema = {"type": "string", "format": name}
    judge = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    found = {made(schema, number) for number in range(4)}
    assert all(map(judge.is_valid, found))
    assert all(isinstance(value, str) and value for value in found)


@pytest.mark.parametrize(
    ("schema", "pointer", "rule"),
    [
        (False, "", "false"),
        ({"type": "integer", "enum": ["a"]}, "", "enum"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "", "minimum"),
        (properties(a={"type": "string", "pattern": "/^a$/"}), "/a", "pattern"),
        (properties(a={"type": "string", "format": "date", "maxLength": 3}), "/a", "format"),
        (properties(a={"type": "array", "minItems": 10**9}), "/a", "minItems"),
        (properties(a={"type": "string", "minLength": 10**9}), "/a", "minLength"),
        ({"type": "array", "items": {"type": "null"}, "minItems": 2, "uniqueItems": True}, "",
         "uniqueItems"),
        ({**properties(a={}), "additionalProperties": False, "minProperties": 2}, "",
         "minProperties"),
        ({"type": "object", "required": ["b"], "additionalProperties": False}, "", "required"),
        ({"not": {}}, "", "not"),
        ({"$ref": "#/$defs/Missing"}, "", "schema"),
        ({"allOf": [{"type": "object"}, {"type": "array"}]}, "", "type"),
        ({"type": "integer", "multipleOf": 10, "minimum": 1, "maximum": 9}, "", "multipleOf"),
    ],
    ids=range(14),
)  # fmt: skip
def test_where_no_value_exists_it_says_which_rule_and_where(
    schema: Any, pointer: str, rule: str
) -> None:
    with pytest.raises(Unsatisfiable) as caught:
        made(schema)
    assert (caught.value.pointer, caught.value.rule) == (pointer, rule)


def test_what_no_value_satisfies_is_told_each_time() -> None:
    values = Values(bundle(properties(a={"oneOf": [{"type": "string"}, {}]}, b=False)), seed=1)
    told = []
    for number in (0, 1, 2, 1, 0):
        with pytest.raises(Unsatisfiable) as caught:
            values.make((), number)
        told.append((caught.value.pointer, caught.value.rule))
    assert len(set(told)) == 1


COLONLESS = {"type": "string", "format": "date-time",
             "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}$"}  # fmt: skip


def test_rules_for_texts_that_contradict_each_other() -> None:
    with pytest.raises(Unsatisfiable) as caught:
        made(COLONLESS)
    assert caught.value.rule in ("pattern", "format")
    optional = {"type": "object", "properties": {"at": COLONLESS, "name": {"type": "string"}}}
    values = Values(bundle(optional), seed=1)
    assert [set(values.make((), number)) for number in range(3)] == [{"name"}] * 3
    both = {"type": "string", "format": "email", "not": {"format": "email"}}
    with pytest.raises(Unsatisfiable):
        made(both)


def test_an_endless_recursion_is_told() -> None:
    endless = {"type": "object", "required": ["left", "right"],
               "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}  # fmt: skip
    with pytest.raises(Unsatisfiable) as caught:
        Values(endless, seed=1).make()
    assert caught.value.rule == "$ref"


def test_a_search_ends() -> None:
    definitions: dict[str, Any] = {"L0": {"type": "integer", "enum": ["never"]}}
    for level in range(9):
        below = {"$ref": f"#/$defs/L{level}"}
        branches = [properties(**{name: below, "x": {"type": "string"}}) for name in "abcd"]
        definitions[f"L{level + 1}"] = {"oneOf": branches}
    with pytest.raises(Unsatisfiable):
        Values({"allOf": [{"$ref": "#/$defs/L9"}], "$defs": definitions}, seed=1).make()


def test_the_best_value_comes_with_the_refusal() -> None:
    with pytest.raises(Unsatisfiable) as caught:
        made(properties(name={"type": "string"}, a={"type": "string", "pattern": "^a$b"}), 0, "x")
    assert set(caught.value.value) == {"name", "a"}


def test_rules_that_are_none_are_passed_over() -> None:
    schema = properties(a={"type": "string", "pattern": "[", "minLength": 3}, b={"minimum": "x"})
    assert len(made(schema)["a"]) >= 3
    assert made({"type": "integer", "examples": {"one": {"value": 1}}}) >= 1


@pytest.mark.parametrize("form", ["int32", "int64"])
def test_a_number_keeps_to_its_format_whatever_an_example_says(form: str) -> None:
    schema = {"type": "integer", "format": form, "example": 2**70}
    assert all(0 < made(schema, number) < 10_000 for number in range(20))


def test_bounds_of_the_machine_do_not_make_numbers_large() -> None:
    schema = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
    assert all(0 < made(schema, number) < 10_000 for number in range(20))
    assert made({**schema, "minimum": 2**31 - 9}) >= 2**31 - 9


def test_a_listed_null_is_made_only_where_nothing_else_is_listed() -> None:
    schema = {"type": ["string", "null"], "enum": ["open", "closed", None]}
    assert None not in {made(schema, number) for number in range(60)}
    assert made({**schema, "enum": [None]}) is None


RECORD = properties(
    id={"type": "string", "format": "uuid"}, name={"type": "string"}, price={"type": "number"}
)


def test_the_same_call_gives_the_same_value_and_another_number_another_one() -> None:
    values = Values(bundle(RECORD), seed=1)
    records = [values.make(("pets",), number) for number in range(50)]
    again = Values(json.loads(json.dumps(bundle(RECORD))), seed=1)
    assert [again.make(("pets",), number) for number in reversed(range(50))] == records[::-1]
    assert len({record["id"] for record in records}) == 50
    assert Values(bundle(RECORD), seed=2).make(("pets",)) != records[0]
    assert values.make(("shops",)) != records[0]


CODE = """
import json, sys
from mockserver.engine.values import Values
document = json.loads(sys.argv[1])
values = Values(document, seed=5)
print(json.dumps([values.make(("user",), number) for number in range(3)]))
"""


def test_another_process_gives_the_same() -> None:
    schema = {"oneOf": [properties(name={"type": "string"}, tags={"type": "array", "items": {}}),
                        RECORD], "not": {"required": ["x"]}}  # fmt: skip
    command = [sys.executable, "-c", CODE, json.dumps(bundle(schema))]
    texts = {
        subprocess.run(
            command, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, timeout=60
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(texts) == 1


def test_several_threads_may_ask_at_once() -> None:
    values = Values(bundle(TREE), seed=1)
    expected = [Values(bundle(TREE), seed=1).make(("t",), number) for number in range(40)]
    gate = threading.Barrier(4)

    def ask(_: int) -> list[Any]:
        gate.wait(20)
        return [values.make(("t",), number) for number in range(40)]

    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(ask, range(4)))


def test_the_bundle_stays_as_it_was() -> None:
    document = bundle({"$ref": "#/$defs/Tree"})
    before = json.dumps(document)
    Values(document, seed=1).make()
    assert json.dumps(document) == before


# Directions


ACCOUNT = {
    "type": "object",
    "required": ["id", "password", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "password": {"type": "string", "writeOnly": True},
        "name": {"type": "string"},
        "token": {"anyOf": [{"type": "null"}, {"type": "string", "writeOnly": True}]},
    },
}


@pytest.mark.parametrize("number", range(3))
def test_what_is_read_only_is_not_sent_and_what_is_write_only_does_not_come_back(
    number: int,
) -> None:
    reply = made(ACCOUNT, number)
    assert {"id", "name"} == set(reply)
    request = made(ACCOUNT, number, direction="request")
    assert {"password", "name"} <= set(request) <= {"password", "name", "token"}


def test_members_of_the_other_direction_are_not_required() -> None:
    assert directed(ACCOUNT, "reply")["required"] == ["id", "name"]
    assert directed(ACCOUNT, "request")["required"] == ["password", "name"]
    assert directed(TREE, "reply") is TREE


def test_a_property_may_be_called_like_a_keyword() -> None:
    schema = properties(default=ACCOUNT, enum={"type": "integer"}, required={"type": "boolean"})
    value = made({**schema, "x-writeOnly": {"writeOnly": True}})
    assert "password" not in value["default"]
    assert isinstance(value["required"], bool)


# Recursion and size


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0)


def nodes(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(nodes, inner))


def test_a_tree_has_leaves() -> None:
    tree = made({"$ref": "#/$defs/Tree"})
    assert tree["children"]
    assert depth(tree) < 10


def test_a_list_ends() -> None:
    node = made({"$ref": "#/$defs/Node"})
    assert node["next"] is not None
    assert depth(node) < 20


def test_a_wide_and_deep_schema_stays_small() -> None:
    levels: dict[str, Any] = {"L0": {"type": "string"}}
    for level in range(6):
        inner = {f"m{n}": {"$ref": f"#/$defs/L{level}"} for n in range(10)}
        levels[f"L{level + 1}"] = {"type": "object", "properties": inner}
    value = Values({"allOf": [{"$ref": "#/$defs/L6"}], "$defs": levels}, seed=1).make()
    assert nodes(value) < 4000


# Discriminators


def test_a_discriminator_names_the_branch() -> None:
    schema = {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Card"}],
              "discriminator": {"propertyName": "kind",
                                "mapping": {"feline": "#/components/schemas/Cat"}}}  # fmt: skip
    assert made(schema)["kind"] == "feline"
    kinds = {
        (made(schema, number)["kind"], "number" in made(schema, number)) for number in range(9)
    }
    assert kinds == {("feline", False), ("Card", True)}


def test_a_child_of_a_discriminated_parent_names_itself() -> None:
    assert made({"$ref": "#/$defs/Cat"})["kind"] == "feline"
    assert made({"$ref": "#/$defs/Dog"}, 3)["kind"] == "Dog"


def test_a_discriminator_that_no_value_can_satisfy_is_left_out() -> None:
    schema = {"oneOf": [{"$ref": "#/$defs/Track"}, {"$ref": "#/$defs/Card"}],
              "discriminator": {"propertyName": "type"}}  # fmt: skip
    track = {
        "type": "object",
        "properties": {"type": {"enum": ["track"]}, "n": {"type": "integer"}},
    }
    document = {"allOf": [schema], "$defs": {"Track": track, "Card": CARD}}
    value = Values(document, seed=1).make()
    assert "n" in value
    assert "type" not in value
