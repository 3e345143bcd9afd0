from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.engine.schema import Schemas
from mockserver.engine.wire.sent import Raw, raw_cookies, raw_query
from mockserver.engine.wire.serialized import encode
from mockserver.engine.wire.shapes import Shapes
from mockserver.engine.wire.styles import MAX_BRACKETS, MISSING, decoder
from mockserver.errors import ApiError

LOCATIONS = {"matrix": "path", "label": "path", "simple": "path"}


@dataclass(frozen=True)
class Parameter:
    schema: Any
    style: str = "form"
    explode: bool = True
    location: str = "query"
    name: str = "color"
    allow_reserved: bool = False
    media_type: str = ""


COMPONENTS: dict[str, Any] = {
    "Name": {"type": "string"},
    "Count": {"type": "integer", "minimum": 0},
    "Tree": {
        "type": "object",
        "properties": {
            "size": {"$ref": "#/components/schemas/Count"},
            "inner": {"$ref": "#/components/schemas/Tree"},
            "all": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
        "additionalProperties": False,
    },
}
SCHEMAS = Schemas({"openapi": "3.0.3", "components": {"schemas": COMPONENTS}})


def resolve(schema: Any) -> Any:
    while "$ref" in schema:
        schema = COMPONENTS[schema["$ref"].rpartition("/")[2]]
    return schema


def shapes() -> Shapes:
    return Shapes(resolve, lambda schema, value: SCHEMAS.validator(schema).is_valid(value))


def raw(parameter: Parameter, text: str) -> Raw:
    if parameter.location == "query":
        return raw_query(text.encode())
    if parameter.location == "cookie":
        return raw_cookies(text)
    return {parameter.name: [text]}


def decoded(parameter: Parameter, text: str, *others: str) -> Any:
    return decoder(parameter, shapes(), others)(raw(parameter, text))


def sent(parameter: Parameter, value: Any) -> str:
    pairs = encode(parameter, value)
    if parameter.location in ("query", "cookie"):
        between = "&" if parameter.location == "query" else "; "
        return between.join(f"{name}={text}" for name, text in pairs)
    [(name, text)] = pairs
    assert name == parameter.name
    return text


def refusal(parameter: Parameter, text: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        decoded(parameter, text)
    assert caught.value.status == 400
    [violation] = caught.value.violations
    assert violation.location == parameter.location
    return caught.value


STRING = {"type": "string"}
STRINGS = {"type": "array", "items": STRING}
INTEGER = {"type": "integer"}
INTEGERS = {"type": "array", "items": INTEGER}
COLOR = {"type": "object", "properties": dict.fromkeys("RGB", INTEGER)}
EMPTY, BLUE, ALL = "", "blue", ["blue", "black", "brown"]
RGB = {"R": 100, "G": 200, "B": 150}

# OpenAPI 3.0.3, Style Examples; the second text of a row is that of 3.0.4 and 3.1.1.
TABLE: list[tuple[str, bool, Any, Any, tuple[str, ...]]] = [
    ("matrix", False, STRING, EMPTY, (";color",)),
    ("matrix", False, STRING, BLUE, (";color=blue",)),
    ("matrix", False, STRINGS, ALL, (";color=blue,black,brown",)),
    ("matrix", False, COLOR, RGB, (";color=R,100,G,200,B,150",)),
    ("matrix", True, STRING, EMPTY, (";color",)),
    ("matrix", True, STRING, BLUE, (";color=blue",)),
    ("matrix", True, STRINGS, ALL, (";color=blue;color=black;color=brown",)),
    ("matrix", True, COLOR, RGB, (";R=100;G=200;B=150",)),
    ("label", False, STRING, EMPTY, (".",)),
    ("label", False, STRING, BLUE, (".blue",)),
    ("label", False, STRINGS, ALL, (".blue.black.brown", ".blue,black,brown")),
    ("label", False, COLOR, RGB, (".R.100.G.200.B.150", ".R,100,G,200,B,150")),
    ("label", True, STRING, EMPTY, (".",)),
    ("label", True, STRING, BLUE, (".blue",)),
    ("label", True, STRINGS, ALL, (".blue.black.brown",)),
    ("label", True, COLOR, RGB, (".R=100.G=200.B=150",)),
    ("form", False, STRING, EMPTY, ("color=",)),
    ("form", False, STRING, BLUE, ("color=blue",)),
    ("form", False, STRINGS, ALL, ("color=blue,black,brown",)),
    ("form", False, COLOR, RGB, ("color=R,100,G,200,B,150",)),
    ("form", True, STRING, EMPTY, ("color=",)),
    ("form", True, STRING, BLUE, ("color=blue",)),
    ("form", True, STRINGS, ALL, ("color=blue&color=black&color=brown",)),
    ("form", True, COLOR, RGB, ("R=100&G=200&B=150",)),
    ("simple", False, STRING, EMPTY, ("",)),
    ("simple", False, STRING, BLUE, ("blue",)),
    ("simple", False, STRINGS, ALL, ("blue,black,brown",)),
    ("simple", False, COLOR, RGB, ("R,100,G,200,B,150",)),
    ("simple", True, STRINGS, ALL, ("blue,black,brown",)),
    ("simple", True, COLOR, RGB, ("R=100,G=200,B=150",)),
    ("spaceDelimited", False, STRINGS, ALL, ("color=blue%20black%20brown",)),
    ("spaceDelimited", False, COLOR, RGB, ("color=R%20100%20G%20200%20B%20150",)),
    (
        "pipeDelimited",
        False,
        STRINGS,
        ALL,
        ("color=blue|black|brown", "color=blue%7Cblack%7Cbrown"),
    ),
    (
        "pipeDelimited",
        False,
        COLOR,
        RGB,
        ("color=R|100|G|200|B|150", "color=R%7C100%7CG%7C200%7CB%7C150"),
    ),
    (
        "deepObject",
        True,
        COLOR,
        RGB,
        (
            "color[R]=100&color[G]=200&color[B]=150",
            "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
        ),
    ),
]


@pytest.mark.parametrize(("style", "explode", "schema", "value", "texts"), TABLE)
def test_the_style_examples_of_the_specification(
    style: str, explode: bool, schema: Any, value: Any, texts: tuple[str, ...]
) -> None:
    parameter = Parameter(schema, style, explode, LOCATIONS.get(style, "query"))
    for text in texts:
        assert decoded(parameter, text) == value
    assert sent(parameter, value) == texts[-1]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
WORDS = st.text(st.characters(codec="ascii", exclude_characters=",=;|[] \t\r\n\0"), max_size=5)
NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS: dict[str, tuple[Any, Any]] = {
    "string": (STRING, TEXTS),
    "word": (STRING, WORDS),
    "integer": (INTEGER, st.integers()),
    "number": ({"type": "number"}, NUMBERS.filter(lambda n: n == float(n))),
    "boolean": ({"type": "boolean"}, st.booleans()),
    "reference": ({"$ref": "#/components/schemas/Count"}, st.integers(0)),
    "nullable": ({"type": "integer", "nullable": True}, st.integers()),
    "types": ({"type": ["boolean", "integer"]}, st.booleans() | st.integers()),
    "union": ({"anyOf": [{"type": "boolean"}, {"maxLength": 0, "type": "string"}]}, st.booleans()),
}
DEFINED = [
    *(("path", style, explode) for style in LOCATIONS for explode in (True, False)),
    *(("header", "simple", explode) for explode in (True, False)),
    *((location, "form", explode) for location in ("query", "cookie") for explode in (True, False)),
    ("query", "spaceDelimited", False),
    ("query", "pipeDelimited", False),
    ("query", "deepObject", True),
]
PLAIN = [row for row in DEFINED if row[1] in ("matrix", "label", "simple", "form")]
NAMES = st.sampled_from(["color", "a.b", "ą ę", "x[]", "a%20+b"])


def kinds(location: str, style: str) -> list[str]:
    """Headers, and what separates with what it cannot encode, hold words only."""
    limited = location == "header" or style in ("spaceDelimited", "pipeDelimited")
    return [kind for kind in SCALARS if kind != "string"] if limited else list(SCALARS)


@st.composite
def scalars(draw: st.DrawFn) -> tuple[Parameter, Any]:
    location, style, explode = draw(st.sampled_from(PLAIN))
    schema, values = SCALARS[draw(st.sampled_from(kinds(location, style)))]
    name = draw(NAMES)
    return Parameter(schema, style, explode, location, name), draw(values)


@st.composite
def arrays(draw: st.DrawFn) -> tuple[Parameter, Any]:
    location, style, explode = draw(st.sampled_from(DEFINED).filter(lambda r: r[1] != "deepObject"))
    schema, values = SCALARS[draw(st.sampled_from(kinds(location, style)))]
    value = draw(st.lists(values, min_size=1, max_size=4))
    name = draw(NAMES)
    return Parameter({"type": "array", "items": schema}, style, explode, location, name), value


@st.composite
def objects(draw: st.DrawFn) -> tuple[Parameter, Any]:
    location, style, explode = draw(st.sampled_from(DEFINED))
    allowed = st.sampled_from([SCALARS[kind] for kind in kinds(location, style)])
    names = WORDS if location == "header" or style == "spaceDelimited" else TEXTS
    names = names.filter(lambda name: not set("[]|").intersection(name))
    members = draw(st.dictionaries(names, allowed, min_size=1, max_size=4))
    value = {name: draw(values) for name, (_, values) in members.items()}
    properties = {name: schema for name, (schema, _) in members.items()}
    if style in ("matrix", "form") and location != "query":
        assume("" not in value)
    return Parameter({"type": "object", "properties": properties}, style, explode, location), value


@given(scalars() | arrays() | objects())
def test_what_is_written_is_read(case: tuple[Parameter, Any]) -> None:
    parameter, value = case
    found = decoded(parameter, sent(parameter, value))
    assert found == value
    assert repr(found) == repr(value) or "number" in repr(parameter.schema)


def nested(depth: int) -> st.SearchStrategy[Any]:
    size = {"size": st.integers(0)}
    if depth == 0:
        return st.fixed_dictionaries(size)
    inner = nested(depth - 1)
    more = {"inner": inner, "all": st.lists(inner, min_size=1, max_size=12)}
    return st.fixed_dictionaries(size, optional=more)


@given(nested(3))
def test_deep_objects_nest(value: Any) -> None:
    parameter = Parameter({"$ref": "#/components/schemas/Tree"}, "deepObject")
    assert decoded(parameter, sent(parameter, value)) == value


@given(TEXTS, st.sampled_from(["form", "simple"]), st.booleans())
def test_reserved_characters_may_stand_where_they_are_allowed(
    text: str, style: str, explode: bool
) -> None:
    parameter = Parameter(STRINGS, "form", explode, allow_reserved=True)
    assert decoded(parameter, sent(parameter, [text, text])) == [text, text]


def test_what_allow_reserved_leaves_alone() -> None:
    text = ":/?#[]@!$&'()*+,;=%ą "
    parameter = Parameter(STRING, allow_reserved=True)
    assert sent(parameter, text) == "color=:/?%23[]@!$%26'()*%2B%2C;%3D%25%C4%85%20"
    assert sent(Parameter(STRING), ":/?") == "color=%3A%2F%3F"
    assert decoded(parameter, "color=:/?[]@!$'()*+,;=%2B%20") == ":/?[]@!$'()*+,;=+ "


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer", "nullable": True}, "null", None),
        ({"type": "integer", "nullable": True}, "", None),
        ({"type": "integer", "nullable": True}, "x", "x"),
        ({"type": "string", "nullable": True}, "null", "null"),
        ({"type": ["string", "null"]}, "", ""),
        ({"type": "string", "nullable": True, "minLength": 1}, "", ""),
        ({"type": ["string", "null"], "enum": ["land", None]}, "", ""),
        ({"type": ["string", "null"], "enum": ["land", None]}, "null", None),
        ({"type": ["integer", "string"]}, "5", 5),
        ({"type": ["integer", "string"]}, "five", "five"),
        ({"type": ["integer", "string"], "maximum": 3}, "5", "5"),
        ({"oneOf": [INTEGER, {"type": "boolean"}]}, "true", True),
        ({"oneOf": [{"type": "string", "format": "date"}, INTEGER]}, "2020", 2020),
        ({"oneOf": [{"type": "string", "format": "date"}, INTEGER]}, "2020-02-02", "2020-02-02"),
        ({"anyOf": [{"$ref": "#/components/schemas/Count"}, STRING]}, "-1", "-1"),
        ({"anyOf": [{"$ref": "#/components/schemas/Count"}, STRING]}, "1", 1),
        ({"allOf": [{"$ref": "#/components/schemas/Count"}, {"maximum": 9}]}, "5", 5),
        ({"allOf": [{"type": ["integer", "string"]}, {"type": ["integer", "null"]}]}, "5", 5),
        ({"nullable": True, "allOf": [{"$ref": "#/components/schemas/Count"}]}, "null", None),
        ({"$ref": "#/components/schemas/Name"}, "5", "5"),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": ["1", "2"]}, "2", "2"),
        ({"const": True}, "true", True),
        ({"type": "number"}, "1", 1),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "number", "enum": [1.5, 2]}, "2", 2),
        ({}, "5", "5"),
        ({"minimum": 3}, "5", "5"),
    ],
)
def test_a_text_is_the_value_that_the_schema_accepts(schema: Any, text: str, value: Any) -> None:
    found = decoded(Parameter(schema), f"color={text}")
    assert found == value
    assert type(found) is type(value)


RANGE = {"type": "object", "properties": {"gt": INTEGER, "lt": INTEGER}}


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (Parameter({"anyOf": [RANGE, INTEGER]}, "deepObject"), "color=5", 5),
        (Parameter({"anyOf": [RANGE, INTEGER]}, "deepObject"), "color[gt]=5", {"gt": 5}),
        (Parameter({"anyOf": [RANGE, INTEGER]}), "color=5", 5),
        (Parameter({"anyOf": [RANGE, INTEGER]}), "gt=5&lt=6", {"gt": 5, "lt": 6}),
        (Parameter({"oneOf": [STRING, STRINGS]}), "color=a", "a"),
        (Parameter({"oneOf": [STRING, STRINGS]}), "color=a&color=b", ["a", "b"]),
        (Parameter({"oneOf": [INTEGER, INTEGERS]}, explode=False), "color=1", 1),
        (Parameter({"oneOf": [INTEGER, INTEGERS]}, explode=False), "color=1,2", [1, 2]),
        (Parameter({"oneOf": [INTEGERS, STRINGS]}, explode=False), "color=1,b", ["1", "b"]),
        (Parameter({"oneOf": [INTEGERS, STRING]}, explode=False), "color=1,b", "1,b"),
        (
            Parameter({"type": "array", "items": {"type": ["integer", "null"]}}),
            "color=1&color=",
            [1, None],
        ),
        (
            Parameter({"type": "array", "prefixItems": [INTEGER], "items": STRING}),
            "color=1&color=1",
            [1, "1"],
        ),
        (Parameter({"items": INTEGER}), "color=1", [1]),
        (Parameter({"allOf": [INTEGERS, {"items": {"maximum": 3}}]}), "color=1", [1]),
        (
            Parameter({"oneOf": [COLOR, {"type": "object", "properties": {"name": STRING}}]}),
            "name=5",
            {"name": "5"},
        ),
        (
            Parameter({"allOf": [COLOR, {"properties": {"name": STRING}}]}, explode=False),
            "color=R,5,name,5",
            {"R": 5, "name": "5"},
        ),
    ],
)
def test_shapes_are_told_apart(parameter: Parameter, text: str, value: Any) -> None:
    assert decoded(parameter, text) == value


DEEP = {
    "type": "object",
    "properties": {
        "b": {"type": "object", "properties": {"c": INTEGER}},
        "tags": INTEGERS,
        "points": {"type": "array", "items": {"type": "object", "properties": {"x": INTEGER}}},
    },
}


@pytest.mark.parametrize(
    ("schema", "query", "value"),
    [
        (DEEP, "a[b][c]=1", {"b": {"c": 1}}),
        (DEEP, "a%5Bb%5D%5Bc%5D=1", {"b": {"c": 1}}),
        (DEEP, "a[tags]=1&a[tags]=2", {"tags": [1, 2]}),
        (DEEP, "a[tags][]=1&a[tags][]=2", {"tags": [1, 2]}),
        (DEEP, "a[tags][10]=3&a[tags][0]=1&a[tags][2]=2", {"tags": [1, 2, 3]}),
        (DEEP, "a[points][0][x]=1&a[points][1][x]=2", {"points": [{"x": 1}, {"x": 2}]}),
        (DEEP, "a[points][][x]=1", {"points": [{"x": 1}]}),
        (DEEP, "a[other]=1&a[more][x]=2", {"other": "1", "more": {"x": "2"}}),
        (DEEP, "a[b]=1", {"b": "1"}),
        (DEEP, "a[tags][x]=1", {"tags": {"x": "1"}}),
        (DEEP, "a[b][c]=1&a[b][c]=2", {"b": {"c": ["1", "2"]}}),
        (DEEP, "ab[b][c]=1&[b]=1&a[b=1&ab]=1&a[b]c=1", MISSING),
        (INTEGERS, "a[]=1&a[]=2", [1, 2]),
        (INTEGERS, "a[1]=2&a[0]=1", [1, 2]),
        (INTEGERS, "a=1&a=2", [1, 2]),
        (INTEGER, "a=1", 1),
        (
            {"type": "object", "additionalProperties": INTEGER},
            "a[x]=1&a[]=2&a[0]=3",
            {"x": 1, "": 2, "0": 3},
        ),
    ],
)
def test_deep_objects_as_they_are_sent(schema: Any, query: str, value: Any) -> None:
    assert decoded(Parameter(schema, "deepObject", name="a"), query) == value


@pytest.mark.parametrize(
    "query",
    [
        "a[b]=1&a=2",
        "a[b]=1&a[b][c]=2",
        "a[b][c]=2&a[b]=1",
        "a" + "[b]" * (MAX_BRACKETS + 1) + "=1",
        "a" + "[b]" * 10_000 + "=1",
    ],
    ids=range(5),
)
def test_deep_objects_that_contradict_themselves(query: str) -> None:
    assert "'a'" in refusal(Parameter(DEEP, "deepObject", name="a"), query).detail


def test_unions_that_nest_are_read_in_bounded_time() -> None:
    node: dict[str, Any] = {"$ref": "#/components/schemas/Node"}
    branch = {"type": "object", "properties": {"a": node, "n": INTEGER}, "required": ["n"]}
    COMPONENTS["Node"] = {"oneOf": [{**branch, "title": str(i)} for i in range(8)]}
    made = Shapes(resolve, lambda schema, value: False)
    query = "p" + "[a]" * (MAX_BRACKETS - 1) + "[n]=1"
    value = decoder(Parameter(node, "deepObject", name="p"), made)(raw_query(query.encode()))
    for _ in range(MAX_BRACKETS - 1):
        value = value["a"]
    assert value == {"n": 1}


OPEN = {**COLOR, "additionalProperties": INTEGER}


@pytest.mark.parametrize(
    ("schema", "query", "value"),
    [
        (COLOR, "R=1&other=2", {"R": 1}),
        (COLOR, "other=2", MISSING),
        (COLOR, "color=2", MISSING),
        (OPEN, "R=1&other=2&limit=3", {"R": 1, "other": 2}),
        ({**COLOR, "additionalProperties": True}, "x=1", {"x": "1"}),
        ({**COLOR, "additionalProperties": False}, "x=1", MISSING),
        ({**COLOR, "patternProperties": {"^x-": INTEGER}}, "x-a=1&y-a=1", {"x-a": 1}),
        ({"type": "object", "patternProperties": {"\\p{Lu}(": INTEGER}}, "A(=1", MISSING),
        ({"type": "object"}, "x=1&limit=2", {"x": "1"}),
        ({**COLOR, "properties": {"limit": INTEGER}}, "limit=3", {"limit": 3}),
        ({"type": "object", "properties": {"tags": INTEGERS}}, "tags=1&tags=2", {"tags": [1, 2]}),
        ({"type": "object", "properties": {"one": INTEGER}}, "one=1&one=2", {"one": ["1", "2"]}),
    ],
)
def test_an_exploded_object_takes_what_is_its_own(schema: Any, query: str, value: Any) -> None:
    assert decoded(Parameter(schema), query, "limit", "color") == value


@pytest.mark.parametrize(
    ("schema", "explode", "query", "value"),
    [
        (STRING, True, "color", ""),
        (STRING, True, "color=", ""),
        ({"type": "boolean"}, True, "color", ""),
        (STRINGS, True, "color=", [""]),
        (STRINGS, False, "color=", [""]),
        (STRINGS, False, "color=,", ["", ""]),
        ({**STRINGS, "maxItems": 0}, False, "color=", []),
        (INTEGERS, True, "color", [""]),
        ({**STRINGS, "items": {"enum": ["a"]}}, True, "color=", [""]),
        (INTEGERS, False, "color=", []),
        (COLOR, False, "color=", {}),
        (STRING, True, "", MISSING),
        (STRINGS, True, "colour=1", MISSING),
    ],
)
def test_empty_values(schema: Any, explode: bool, query: str, value: Any) -> None:
    assert decoded(Parameter(schema, explode=explode), query) == value


@given(st.lists(st.sampled_from(["%41", "%c3%A9", "%", "%4", "+", "é", "a", "%C3", "%zz", "%25"])))
def test_what_is_percent_encoded_is_decoded_as_by_everybody_else(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        value = unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(ApiError):
            decoded(Parameter(STRING), f"color={text}")
    else:
        assert decoded(Parameter(STRING), f"color={text}") == value


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (Parameter(STRING), "color=a%2Bb+c%2520", "a+b c%20"),
        (Parameter(STRING), "c%6Flor=%zz%2", "%zz%2"),
        (Parameter(STRING, name="a b"), "a+b=1", "1"),
        (Parameter(STRINGS, explode=False), "color=a%2Cb,c", ["a,b", "c"]),
        (Parameter(STRINGS, explode=False), "color=a%2Cb", ["a,b"]),
        (Parameter({**STRINGS, "minItems": 2}, explode=False), "color=a%2Cb", ["a", "b"]),
        (Parameter(INTEGERS, explode=False), "color=1%2c2", [1, 2]),
        (Parameter(COLOR, explode=False), "color=R%2C1%2CG%2C2", {"R": 1, "G": 2}),
        (Parameter(INTEGERS, explode=False), "color=1,2&color=3", [1, 2, 3]),
        (Parameter(STRINGS, "simple", False, "path"), "a%2Cb,c%2Fd+e", ["a,b", "c/d+e"]),
        (Parameter(INTEGERS, "simple", False, "path"), "1%2C2", [1, 2]),
        (Parameter(STRINGS, "spaceDelimited", False), "color=a+b%20c%2Bd", ["a", "b", "c+d"]),
        (Parameter(STRINGS, "pipeDelimited", False), "color=a|b%7cc%2520", ["a", "b", "c%20"]),
        (Parameter(INTEGERS, "spaceDelimited"), "color=1&color=2", [1, 2]),
        (Parameter(INTEGERS, "pipeDelimited"), "color=1&color=2", [1, 2]),
        (Parameter(STRING, "pipeDelimited", False), "color=a|b", "a|b"),
        (Parameter(COLOR, "simple", True, "path"), "R%3D=1,G=2", {"R=": "1", "G": 2}),
        (Parameter({"type": "number"}, "label", False, "path"), ".1.5", 1.5),
        (Parameter({**STRINGS, "maxItems": 1}, "label", False, "path"), ".10.0.0.1", ["10.0.0.1"]),
        (Parameter(STRINGS, "label", True, "path"), ".a%2Eb.c", ["a.b", "c"]),
        (
            Parameter(
                {"type": "object", "additionalProperties": {"type": "number"}},
                "label",
                True,
                "path",
            ),
            ".R=1.5.G=2",
            {"R": 1.5, "G": 2},
        ),
        (Parameter(STRINGS, "matrix", True, "path"), ";c%6Flor=a%3Bb;color", ["a;b", ""]),
        (Parameter(STRINGS, "simple", False, "header"), "a, b%20 ,c", ["a", "b%20", "c"]),
        (Parameter(STRING, "simple", False, "header"), " a, b+ ", "a, b+"),
        (Parameter(INTEGER, "form", True, "cookie"), 'x=1; color="2"; y', 2),
        (Parameter(STRING, "form", True, "cookie"), "color=a+b%2B%3B=c", "a+b+;=c"),
        (Parameter(INTEGERS, "form", True, "cookie"), "color=1; color=2", [1, 2]),
        (Parameter(INTEGERS, "form", False, "cookie"), "color=1,2", [1, 2]),
        (Parameter(COLOR, "form", True, "cookie"), "R=1; G=2; session=x", {"R": 1, "G": 2}),
    ],
)
def test_texts_are_split_first_and_decoded_once(
    parameter: Parameter, text: str, value: Any
) -> None:
    assert decoded(parameter, text) == value


JSON = "application/json"


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (Parameter(COLOR, media_type=JSON), "color=%7B%22R%22:%5B1,2%5D%7D", {"R": [1, 2]}),
        (Parameter(COLOR, media_type=JSON), "color=%22+%2B%22", " +"),
        (
            Parameter(STRING, location="header", media_type=JSON),
            ' "ż" '.encode().decode("latin-1"),
            "ż",
        ),
        (Parameter(STRING, location="path", media_type=JSON), "%22%2F%22", "/"),
        (Parameter(STRING, media_type="text/plain"), "color=a,b%2C", "a,b,"),
        (Parameter(STRING, media_type=JSON), "x=1", MISSING),
    ],
)
def test_parameters_with_content(parameter: Parameter, text: str, value: Any) -> None:
    assert decoded(parameter, text) == value


@given(
    st.recursive(
        st.none() | st.booleans() | TEXTS,
        lambda each: st.lists(each) | st.dictionaries(TEXTS, each),
    )
)
def test_content_is_read_as_it_was_written(value: Any) -> None:
    for location in ("query", "path", "header", "cookie"):
        parameter = Parameter({}, location=location, media_type=JSON)
        assert decoded(parameter, sent(parameter, value)) == value


@pytest.mark.parametrize(
    ("parameter", "text", "rule"),
    [
        (Parameter(STRING), "color=1&color=2", "once"),
        (Parameter(STRING, media_type=JSON), "color=1&color=2", "once"),
        (Parameter({"type": ["string", "integer"]}), "color=1&color=2", "once"),
        (Parameter(COLOR, explode=False), "color=R,1&color=G", "once"),
        (Parameter(STRING), "color=%FF", "encoding"),
        (Parameter(STRINGS), "color=a&color=%C3%28", "encoding"),
        (Parameter(STRING), "%FF=1", "encoding"),
        (Parameter(STRING, "simple", False, "path"), "%ED%A0%80", "encoding"),
        (Parameter(COLOR, explode=False), "color=R,1,G", "style"),
        (Parameter(COLOR, "simple", True, "path"), "R,1", "style"),
        (Parameter(STRING, "label", False, "path"), "blue", "style"),
        (Parameter(STRING, "matrix", False, "path"), "color=blue", "style"),
        (Parameter(STRING, "matrix", False, "path"), ";colour=blue", "style"),
        (Parameter(STRINGS, "matrix", True, "path"), ";color=a;colour=b", "style"),
        (Parameter(COLOR, media_type=JSON), "color={", "media type"),
        (Parameter(COLOR, media_type=JSON), "color=", "media type"),
        (Parameter(COLOR, media_type=JSON), "color=" + "[" * 300, "media type"),
        (Parameter(STRING, location="header", media_type=JSON), '"\xff"', "media type"),
    ],
)
def test_what_is_refused(parameter: Parameter, text: str, rule: str) -> None:
    error = refusal(parameter, text)
    [violation] = error.violations
    assert violation.rule == rule
    assert error.detail


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (Parameter(STRINGS, "spaceDelimited", False), ["a b"]),
        (Parameter(STRINGS, "pipeDelimited", False), ["a|b"]),
        (Parameter(STRINGS, "simple", False, "header"), ["a,b"]),
        (Parameter(COLOR, "simple", True, "header"), {"a=b": "1"}),
        (Parameter(STRING, "simple", False, "header"), "a\r\nb"),
        (Parameter(STRING, "simple", False, "header"), " a"),
        (Parameter(COLOR, "deepObject"), {"a[b]": "1"}),
        (Parameter(STRINGS), [["a"]]),
        (Parameter(COLOR), {"a": {"b": 1}}),
        (Parameter(COLOR, "label", False, "path"), {"a": [1]}),
    ],
)
def test_what_a_style_cannot_hold(parameter: Parameter, value: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        encode(parameter, value)


@pytest.mark.parametrize("value", [None, [], {}])
def test_what_is_undefined_is_not_sent(value: Any) -> None:
    for style in ("form", "deepObject", "pipeDelimited"):
        assert encode(Parameter({}, style), value) == []
    assert encode(Parameter({}, explode=True), {"a": None, "b": 1}) == [("b", "1")]


@given(st.binary(max_size=40), st.sampled_from([STRING, INTEGERS, COLOR, OPEN, DEEP, {}]))
def test_no_bytes_crash_a_decoder(data: bytes, schema: Any) -> None:
    for location, style, explode in DEFINED:
        parameter = Parameter(schema, style, explode, location)
        with contextlib.suppress(ApiError):
            decoded(parameter, data.decode("latin-1"))


@given(st.lists(st.tuples(TEXTS, TEXTS)))
def test_a_query_is_taken_apart_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    found = raw_query(urlencode(pairs).encode())
    wanted: dict[str, int] = {}
    for name, _ in pairs:
        wanted[name] = wanted.get(name, 0) + 1
    assert {name: len(values) for name, values in found.items()} == wanted
