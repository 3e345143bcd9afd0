from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.engine.dialects import json_schema
from mockserver.engine.schema import (
    MAX_EXPLAINED,
    Schemas,
    component_name,
    pointer_to,
    shown,
)
from tests.engine.tiny import reference

COMPONENTS = {
    "Name": {"type": "string", "minLength": 1},
    "Tree": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": reference("Name"),
            "children": {"type": "array", "items": reference("Tree")},
        },
        "additionalProperties": False,
    },
}


def schemas(**components: Any) -> Schemas:
    return Schemas({"components": {"schemas": {**COMPONENTS, **components}}})


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"type": "string", "nullable": True, "enum": ["a"]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"nullable": True, "allOf": [reference("Name")]},
            {"anyOf": [{"type": "null"}, {"allOf": [{"$ref": "#/$defs/Name"}]}]},
        ),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": True}, {"exclusiveMaximum": 1}),
        ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ({"exclusiveMaximum": True}, {}),
        ({**reference("Name"), "nullable": True, "type": "integer"}, {"$ref": "#/$defs/Name"}),
        ({"description": "x", "example": 1, "x-more": 1, "default": 1, "xml": {}}, {}),
        (
            {"properties": {"title": {"nullable": True}, "$ref": {"type": "string"}}},
            {
                "properties": {
                    "title": {"anyOf": [{"type": "null"}, {}]},
                    "$ref": {"type": "string"},
                }
            },
        ),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        (
            {"items": {"nullable": True, "type": "object"}, "not": {"example": 1}},
            {"items": {"type": ["object", "null"]}, "not": {}},
        ),
    ],
    ids=range(13),
)
def test_translation(written: Any, made: Any) -> None:
    assert json_schema(written) == made


BITS = {"int32": 32, "int64": 64}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("form", BITS)
def test_a_format_of_integers_says_how_large_they_are(version: str, form: str) -> None:
    made = Schemas({"openapi": version})
    schema = {"type": "array", "items": {"type": "integer", "format": form}}
    most = 2 ** (BITS[form] - 1) - 1
    for reply in (False, True):
        validator = made.validator(schema, reply=reply)
        assert validator.is_valid([most, -most - 1])
        assert not validator.is_valid([most + 1])
        assert not validator.is_valid([-most - 2])
    [violation] = made.refusals(schema, [most + 1])
    assert (violation.pointer, violation.rule) == ("/0", "maximum")


def test_a_format_of_integers_says_nothing_of_texts() -> None:
    schema = {"type": "string", "format": "int64"}
    assert schemas().validator(schema).is_valid("9" * 40)


def test_the_tighter_of_a_format_and_a_bound_counts() -> None:
    validator = schemas().validator({"format": "int32", "minimum": 1, "maximum": 2**40})
    assert [validator.is_valid(n) for n in (0, 1, 2**31 - 1, 2**31)] == [False, True, True, False]


def test_a_format_counts_where_something_need_not_be_sent() -> None:
    properties = {"id": {"readOnly": True}, "n": {"type": "integer", "format": "int32"}}
    schema = {"required": ["id", "n"], "properties": properties}
    assert schemas().refusals(schema, {"n": 1}) == []
    assert [v.rule for v in schemas().refusals(schema, {"n": 2**31})] == ["maximum"]


def test_a_bare_reference_names_its_component() -> None:
    assert component_name(reference("Name")) == "Name"
    assert component_name({"type": "string"}) is None
    assert component_name({"$ref": "#/components/parameters/Name"}) is None


def test_a_bundle_holds_just_what_is_reached() -> None:
    made = schemas()
    assert set(made.bundle(reference("Tree"))["$defs"]) == {"Name", "Tree"}
    assert set(made.bundle(reference("Name"))["$defs"]) == {"Name"}
    assert set(made.bundle({"type": "string"})["$defs"]) == set()


def test_recursive_components() -> None:
    tree = {"name": "a", "children": [{"name": "b", "children": []}]}
    assert schemas().violations(reference("Tree"), tree, "body") == []
    tree["children"][0]["name"] = ""  # type: ignore[index]
    [violation] = schemas().violations(reference("Tree"), tree, "body")
    assert violation.pointer == "/children/0/name"


def test_a_reference_to_a_part_of_a_component() -> None:
    part = {"$ref": "#/components/schemas/Tree/properties/name"}
    assert schemas().violations(part, "a", "body") == []
    assert schemas().violations(part, "", "body") != []


@pytest.mark.parametrize(
    ("schema", "value", "pointer", "rule", "expected", "received"),
    [
        ({"type": "string"}, 1, "", "type", "type string", "1"),
        ({"enum": ["a", 1]}, "b", "", "enum", 'one of ["a", 1]', "b"),
        (
            {"required": ["a", "b"], "type": "object"},
            {"b": 1},
            "",
            "required",
            "the property 'a'",
            '{"b": 1}',
        ),
        ({"properties": {"a/b~": {"type": "null"}}}, {"a/b~": 0}, "/a~1b~0", "type", "null", "0"),
        ({"items": {"maximum": 1}}, [1, 2], "/1", "maximum", "maximum 1", "2"),
        ({"type": "string", "format": "uuid"}, "x", "", "format", "format uuid", "x"),
        ({"type": "string", "minLength": 2}, "ż", "", "minLength", "minLength 2", "ż"),
        ({"anyOf": [{"type": "null"}, {"items": {"enum": [1]}}]}, [1, 2], "/1", "enum", "[1]", "2"),
    ],
    ids=["type", "enum", "required", "escaped", "item", "format", "length", "union"],
)
def test_a_violation_says_where_which_rule_what_and_what_came(  # noqa: PLR0913
    schema: Any, value: Any, pointer: str, rule: str, expected: str, received: str
) -> None:
    [violation] = schemas().violations(schema, value, "body")
    assert (violation.location, violation.pointer, violation.rule) == ("body", pointer, rule)
    assert expected in violation.expected
    assert violation.received == received


def test_every_violation_is_told_up_to_a_bound() -> None:
    schema = {"type": "array", "items": {"type": "string"}}
    found = schemas().violations(schema, [1, "a", 2], "body")
    assert sorted(violation.pointer for violation in found) == ["/0", "/2"]
    assert len(schemas().violations(schema, [1] * 1000, "body")) == MAX_EXPLAINED


def test_a_large_value_is_explained_too() -> None:
    schema = {"properties": {"a": {"items": {"type": "string"}}}}
    value = {"a": ["x" * 300_000, 1, "y"]}
    [violation] = schemas().violations(schema, value, "body")
    assert (violation.pointer, violation.rule, violation.received) == ("/a/1", "type", "1")
    [whole] = schemas().violations({"type": "object"}, ["x" * 300_000], "body")
    assert len(whole.received) <= 200


def test_of_a_large_value_only_the_first_broken_rule_is_told() -> None:
    schema = {"items": {"type": "string"}}
    [violation] = schemas().violations(schema, [1] * 100_000, "body")
    assert (violation.pointer, violation.rule) == ("/0", "type")


@given(st.lists(st.text(max_size=4) | st.integers(0, 9), max_size=4))
def test_a_pointer_leads_back(path: list[Any]) -> None:
    steps = pointer_to(path).split("/")[1:]
    back = [step.replace("~1", "/").replace("~0", "~") for step in steps]
    assert back == [str(step) for step in path]


def test_shown_is_short() -> None:
    assert shown({"a": "ż"}) == '{"a": "ż"}'
    assert shown("text") == "text"
    assert shown(b"x") == "b'x'"
    assert len(shown("x" * 1000)) == 200


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from([0.5, 2.0, 10**25, -(10**25)])
    | st.text("ab", max_size=3)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=6,
)
BOUNDS = st.integers(-3, 4)
LENGTHS = st.integers(0, 3)
NAMES = st.sampled_from(["a", "b", "c"])


def flat(kind: str, **keywords: Any) -> Any:
    required = {"type": st.just(kind)}
    return st.fixed_dictionaries(
        required, optional={"nullable": st.booleans(), "description": st.just("-"), **keywords}
    )


def larger(inner: Any) -> Any:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        flat("array", items=inner, minItems=LENGTHS, maxItems=LENGTHS, uniqueItems=st.booleans()),
        flat(
            "object",
            properties=st.dictionaries(NAMES, inner, max_size=2),
            required=st.lists(NAMES, min_size=1, max_size=2, unique=True),
            additionalProperties=st.booleans() | inner,
            minProperties=LENGTHS,
            maxProperties=LENGTHS,
        ),
        *(st.fixed_dictionaries({union: several}) for union in ("allOf", "anyOf", "oneOf")),
        st.fixed_dictionaries({"not": inner}),
    )


SCHEMAS = st.recursive(
    st.one_of(
        flat("boolean"),
        flat("string", minLength=LENGTHS, maxLength=LENGTHS, pattern=st.sampled_from(["^a", "b$"])),
        flat(
            "integer",
            minimum=BOUNDS,
            maximum=BOUNDS,
            exclusiveMinimum=st.booleans(),
            exclusiveMaximum=st.booleans(),
            multipleOf=st.integers(1, 3),
        ),
        flat("number", minimum=BOUNDS, exclusiveMinimum=st.booleans()),
        st.fixed_dictionaries({"enum": st.lists(VALUES, min_size=1, max_size=3)}),
        st.just(reference("Name")),
        st.just({**reference("Tree"), "nullable": True, "type": "integer"}),
        st.just({}),
    ),
    larger,
    max_leaves=6,
)


@settings(max_examples=200)
@given(SCHEMAS, VALUES)
def test_the_judge_and_the_explainer_agree(schema: Any, value: Any) -> None:
    made = schemas()
    explainer = jsonschema.Draft202012Validator(made.bundle(schema))
    found = made.violations(schema, value, "body")
    assert (found == []) == explainer.is_valid(value)
    assert len(found) <= MAX_EXPLAINED
    for violation in found:
        assert violation.rule
        assert violation.expected
        value_at(value, violation.pointer)


def value_at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


@settings(max_examples=400)
@given(SCHEMAS, VALUES)
def test_the_judge_reads_openapi_as_it_is_written(schema: Any, value: Any) -> None:
    assert (schemas().violations(schema, value, "body") == []) == allowed(schema, value)


def allowed(schema: Any, value: Any) -> bool:
    """OpenAPI 3.0.3 read word by word, as far as ``SCHEMAS`` goes."""
    if isinstance(schema, bool):
        return schema
    if "$ref" in schema:
        return allowed(COMPONENTS[schema["$ref"].rpartition("/")[2]], value)
    if value is None and schema.get("nullable"):
        return True
    return all(
        RULES[keyword](argument, value, schema)
        for keyword, argument in schema.items()
        if keyword in RULES
    )


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is 1.0, but not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    return bool(one == other)


def of_type(kind: str, value: Any, schema: Any) -> bool:
    return {
        "boolean": isinstance(value, bool),
        "string": isinstance(value, str),
        "number": is_number(value),
        "integer": is_number(value) and value == int(value),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }[kind]


def additional(rule: Any, value: Any, schema: Any) -> bool:
    known = schema.get("properties", {})
    return not isinstance(value, dict) or all(
        allowed(rule, item) for name, item in value.items() if name not in known
    )


def known_properties(rule: Any, value: Any, schema: Any) -> bool:
    return not isinstance(value, dict) or all(
        allowed(rule[name], item) for name, item in value.items() if name in rule
    )


def unique(rule: bool, value: Any, schema: Any) -> bool:
    if not rule or not isinstance(value, list):
        return True
    return not any(same(a, b) for i, a in enumerate(value) for b in value[:i])


def at_least(rule: int, value: Any, schema: Any) -> bool:
    open_ended = schema.get("exclusiveMinimum")
    return not is_number(value) or (value > rule if open_ended else value >= rule)


def at_most(rule: int, value: Any, schema: Any) -> bool:
    open_ended = schema.get("exclusiveMaximum")
    return not is_number(value) or (value < rule if open_ended else value <= rule)


def sized(kind: type, least: bool) -> Any:
    def judge(rule: int, value: Any, schema: Any) -> bool:
        return not isinstance(value, kind) or (len(value) >= rule if least else len(value) <= rule)

    return judge


def has_pattern(rule: str, value: Any, schema: Any) -> bool:
    if not isinstance(value, str):
        return True
    return value.startswith("a") if rule == "^a" else value.endswith("b")


RULES: dict[str, Any] = {
    "type": of_type,
    "enum": lambda rule, value, _: any(same(value, each) for each in rule),
    "minimum": at_least,
    "maximum": at_most,
    "multipleOf": lambda rule, value, _: not is_number(value) or value % rule == 0,
    "minLength": sized(str, least=True),
    "maxLength": sized(str, least=False),
    "minItems": sized(list, least=True),
    "maxItems": sized(list, least=False),
    "minProperties": sized(dict, least=True),
    "maxProperties": sized(dict, least=False),
    "pattern": has_pattern,
    "uniqueItems": unique,
    "items": lambda rule, value, _: (
        not isinstance(value, list) or all(allowed(rule, item) for item in value)
    ),
    "properties": known_properties,
    "additionalProperties": additional,
    "required": lambda rule, value, _: (
        not isinstance(value, dict) or all(name in value for name in rule)
    ),
    "allOf": lambda rule, value, _: all(allowed(each, value) for each in rule),
    "anyOf": lambda rule, value, _: any(allowed(each, value) for each in rule),
    "oneOf": lambda rule, value, _: sum(allowed(each, value) for each in rule) == 1,
    "not": lambda rule, value, _: not allowed(rule, value),
}


def test_a_token_is_taken_for_its_own_component_only() -> None:
    made = schemas()
    listed = {"type": "array", "items": reference("Tree")}
    reply = made.validator(listed, reply=True)
    assert reply.is_valid([made.token("Tree"), {"name": "a"}])
    assert not reply.is_valid([made.token("Name")])
    assert not made.validator(listed).is_valid([made.token("Tree")])


def test_validators_are_compiled_once() -> None:
    made = schemas()
    assert made.validator(reference("Tree")) is made.validator(
        json.loads(json.dumps(reference("Tree")))
    )
    assert made.validator(reference("Tree")) is not made.validator(reference("Tree"), reply=True)


def test_many_threads_may_compile_overlapping_components_at_once() -> None:
    size, readers = 40, 8
    chain: dict[str, Any] = {
        f"C{n}": {"properties": {"next": reference(f"C{(n + 1) % size}"), "n": {"enum": [n]}}}
        for n in range(size)
    }
    expected = {*chain}

    def compiled(made: Schemas, gate: threading.Barrier, number: int) -> bool:
        gate.wait(20)
        schema = reference(f"C{number % 3}")
        assert made.validator(schema).is_valid({})
        return set(made.bundle(schema)["$defs"]) == expected

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(readers) as pool:
            for _ in range(25):
                made, gate = schemas(**chain), threading.Barrier(readers)
                jobs = [pool.submit(compiled, made, gate, number) for number in range(readers)]
                assert all(job.result(20) for job in jobs)
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize(
    ("schema", "properties"),
    [
        ({}, {}),
        ({"type": "string"}, {}),
        ({"properties": {"a": {"type": "integer"}}}, {"a": {"type": "integer"}}),
        ({"properties": {"a": reference("Alias")}}, {"a": {"type": "string", "minLength": 1}}),
        (reference("Whole"), {"n": {"type": "integer"}, "name": COMPONENTS["Name"]}),
        (
            {"allOf": [reference("Whole"), {"properties": {"b": reference("Name")}}]},
            {"n": {"type": "integer"}, "name": COMPONENTS["Name"], "b": COMPONENTS["Name"]},
        ),
        (
            {"properties": {"a": {}}, "allOf": [{"properties": {"b": {"type": "null"}}}]},
            {"a": {}, "b": {"type": "null"}},
        ),
        (reference("Nowhere"), {}),
    ],
    ids=range(8),
)
def test_the_properties_of_an_object(schema: Any, properties: Any) -> None:
    made = schemas(
        Alias=reference("Name"),
        Whole={"properties": {"n": {"type": "integer"}, "name": reference("Alias")}},
    )
    assert made.properties(schema) == properties


def test_properties_that_refer_to_each_other_for_ever_end() -> None:
    made = schemas(
        One=reference("Other"),
        Other=reference("One"),
        Loop={"properties": {"own": reference("Loop")}},
    )
    assert made.properties(reference("One")) == {}
    assert list(made.properties(reference("Loop"))) == ["own"]
    assert list(made.properties({"properties": {"a": reference("One")}})) == ["a"]


@pytest.mark.parametrize(
    ("pattern", "value", "other"),
    [
        (r"^\p{L}+$", "żółw", "42"),
        (r"^a\/b$", "a/b", "ab"),
        (r"^(?<year>\d{4})$", "2024", "24"),
        (r"^a$", "a", "a\n"),
        (r"^\d$", "1", "१"),
        (r"^[\u{61}-\u{63}]$", "a", "d"),
    ],
)
def test_patterns_are_those_of_ecma_262_for_all_that_is_said(
    pattern: str, value: str, other: str
) -> None:
    schema = {"type": "object", "properties": {"x": {"type": "string", "pattern": pattern}}}
    known = Schemas({"openapi": "3.0.3"})
    assert known.violations(schema, {"x": value}, "body") == []
    [violation] = known.violations(schema, {"x": other}, "body")
    assert (violation.pointer, violation.rule) == ("/x", "pattern")
    assert pattern in violation.expected


def test_only_what_is_broken_is_told_beside_a_pattern_of_ecma_262() -> None:
    properties = {"name": {"pattern": r"^\p{L}+$"}, "age": {"type": "integer"}}
    schema = {"type": "object", "properties": properties}
    known = Schemas({"openapi": "3.0.3"})
    [violation] = known.violations(schema, {"name": "Ż", "age": "old"}, "body")
    assert violation.pointer == "/age"


@pytest.mark.parametrize("more", [{"additionalProperties": False}, {}])
def test_names_by_a_pattern_of_ecma_262_are_judged_and_told(more: Any) -> None:
    schema = {"type": "object", "patternProperties": {r"^\p{L}+$": {"type": "integer"}}, **more}
    known = Schemas({"openapi": "3.1.0"})
    assert known.violations(schema, {"ż": 1}, "body") == []
    [violation] = known.violations(schema, {"ż": "one"}, "body")
    assert violation.pointer == "/ż"


def test_a_pattern_that_python_reads_otherwise_is_told_beside_other_rules() -> None:
    properties = {"digit": {"pattern": r"^\d$"}, "age": {"type": "integer"}}
    schema = {"type": "object", "properties": properties}
    told = Schemas({"openapi": "3.0.3"}).violations(schema, {"digit": "१", "age": "x"}, "body")
    assert {violation.pointer for violation in told} == {"/digit", "/age"}
